/* SPDX-License-Identifier: MIT */
#define BLOCKS 11
#include "tutorial_program.h"
