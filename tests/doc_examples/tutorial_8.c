/* SPDX-License-Identifier: MIT */
#define BLOCKS 8
#include "tutorial_program.h"
