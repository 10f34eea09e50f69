/* SPDX-License-Identifier: MIT */
#define BLOCKS 4
#include "tutorial_program.h"
