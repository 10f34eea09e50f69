/* SPDX-License-Identifier: MIT */
#define BLOCKS 17
#include "tutorial_program.h"
