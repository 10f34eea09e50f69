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
}
#endif
