/* SPDX-License-Identifier: MIT */
#define BLOCKS 6
#include "tutorial_program.h"
