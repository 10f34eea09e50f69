/* SPDX-License-Identifier: MIT */
#define BLOCKS 12
#include "tutorial_program.h"
