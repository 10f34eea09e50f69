/* SPDX-License-Identifier: MIT */
#define BLOCKS 2
#include "tutorial_program.h"
