/* SPDX-License-Identifier: MIT */
#define BLOCKS 1
#include "tutorial_program.h"
