/* SPDX-License-Identifier: MIT */
#define BLOCKS 13
#include "tutorial_program.h"
