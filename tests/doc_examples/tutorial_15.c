/* SPDX-License-Identifier: MIT */
#define BLOCKS 15
#include "tutorial_program.h"
