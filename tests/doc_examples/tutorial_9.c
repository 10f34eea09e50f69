/* SPDX-License-Identifier: MIT */
#define BLOCKS 9
#include "tutorial_program.h"
