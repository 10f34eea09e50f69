/* SPDX-License-Identifier: MIT */
#define BLOCKS 14
#include "tutorial_program.h"
