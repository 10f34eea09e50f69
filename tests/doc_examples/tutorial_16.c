/* SPDX-License-Identifier: MIT */
#define BLOCKS 16
#include "tutorial_program.h"
