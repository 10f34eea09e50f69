/* SPDX-License-Identifier: MIT */
#include "base/processor.h"

fac_processor fac_cpu;

#ifdef __x86_64__
#include <cpuid.h>

enum { XMM_YMM = 0x06, ZMM = 0xe0 }; /* of XCR0: the registers that are saved when threads take turns */

static bool has_all(unsigned bits, unsigned wanted)
{
    return (bits & wanted) == wanted;
}

static unsigned saved_registers(void)
{
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

enum { UNIFIED = 3, LEVEL_2 = 2 };

/* The bytes of the second level's cache, 0 if there is no telling. */
static unsigned second_cache(void)
{
    unsigned eax, ebx, ecx, edx;
    for (unsigned i = 0; i < 8 && __get_cpuid_count(4, i, &eax, &ebx, &ecx, &edx) && eax & 31; i++)
        if ((eax & 31) == UNIFIED && (eax >> 5 & 7) == LEVEL_2)
            return ((ebx >> 22) + 1) * ((ebx >> 12 & 0x3ff) + 1) * ((ebx & 0xfff) + 1) * (ecx + 1);
    return 0;
}

/* Intel's servers have a large second cache, and a third that answers little faster than memory: what does not fit the
 * second had better not be read before it is written. Elsewhere the third is quick and a result may be used from it. */
static unsigned stream_bytes(void)
{
    unsigned eax, ebx, ecx, edx;
    const bool intel =
        __get_cpuid(0, &eax, &ebx, &ecx, &edx) && ebx == signature_INTEL_ebx && ecx == signature_INTEL_ecx;
    const unsigned second = intel && fac_cpu.v4 ? second_cache() : 0;
    return second >= 1u << 20 ? second : 0;
}

__attribute__((constructor(101))) static void look(void)
{
    unsigned eax, ebx, ecx = 0, edx, more = 0;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !has_all(ecx, bit_OSXSAVE | bit_AVX))
        return;
    const unsigned saved = saved_registers();
    if (!has_all(saved, XMM_YMM))
        return;
    fac_cpu.fma = has_all(ecx, bit_FMA);
    if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx))
        more = ebx;
    fac_cpu.v3 = fac_cpu.fma && has_all(more, bit_AVX2 | bit_BMI2);
    fac_cpu.v4 =
        fac_cpu.v3 && has_all(saved, ZMM) && has_all(more, bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL);
    fac_cpu.streams = stream_bytes();
}
#endif
