/* SPDX-License-Identifier: MIT */
/* What the processor, and the system's saving of registers, allow: of x86-64 only. __builtin_cpu_supports would tell as
 * well, but brings 5 KB of names of processors along. */
#ifndef FAC_BASE_PROCESSOR_H
#define FAC_BASE_PROCESSOR_H

#include <stdbool.h>

typedef struct fac_processor {
    bool fma;
    bool v3;          /* AVX2, FMA and BMI2 */
    bool v4;          /* these, and AVX-512 F, BW, DQ and VL */
    unsigned streams; /* results of that many bytes had better go past the cache; 0: none */
} fac_processor;

/* Set before any constructor without a priority runs. */
extern fac_processor fac_cpu;

#endif
