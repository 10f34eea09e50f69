/* SPDX-License-Identifier: MIT */
#define BLOCKS 7
#include "tutorial_program.h"
