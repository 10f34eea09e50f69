/* SPDX-License-Identifier: MIT */
#include "tensor/kernels.h"

#include <stdlib.h>
#include <string.h>

#include "base/processor.h"

extern const fac_kernels fac_kernels_table_base;

const fac_kernels *fac_k = &fac_kernels_table_base;

#ifdef __x86_64__
extern const fac_kernels fac_kernels_table_v3, fac_kernels_table_v4;
#endif

const fac_kernels *fac_kernels_for(const char *isa)
{
    if (!strcmp(isa, "base"))
        return &fac_kernels_table_base;
#ifdef __x86_64__
    if (!strcmp(isa, "v3") && fac_cpu.v3)
        return &fac_kernels_table_v3;
    if (!strcmp(isa, "v4") && fac_cpu.v4)
        return &fac_kernels_table_v4;
#endif
    return NULL;
}

static const fac_kernels *pick(void)
{
    const char *wish = getenv("FACULA_ISA");
    const char *wishes[] = {wish ? wish : "v4", "v4", "v3", "base"};
    const fac_kernels *table = NULL;
    for (int i = 0; !table; i++)
        table = fac_kernels_for(wishes[i]);
    return table;
}

/* Threads that come at the same time pick the same table. */
void fac_kernels_init(void)
{
    static bool done;
    if (__atomic_load_n(&done, __ATOMIC_ACQUIRE))
        return;
    __atomic_store_n(&fac_k, pick(), __ATOMIC_RELEASE);
    __atomic_store_n(&done, true, __ATOMIC_RELEASE);
}
