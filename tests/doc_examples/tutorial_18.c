/* SPDX-License-Identifier: MIT */
#define BLOCKS 18
#include "tutorial_program.h"
