/* SPDX-License-Identifier: MIT */
#define BLOCKS 10
#include "tutorial_program.h"
