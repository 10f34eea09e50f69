/* SPDX-License-Identifier: MIT */
#define BLOCKS 5
#include "tutorial_program.h"
