/* SPDX-License-Identifier: MIT */
#define BLOCKS 3
#include "tutorial_program.h"
