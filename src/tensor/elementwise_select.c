/* SPDX-License-Identifier: MIT */
#include "tensor/elementwise.h"

#include <string.h>

#include "tensor/kernels.h"

extern const fac_ew_kernels fac_ew_table_base;
#ifdef __x86_64__
extern const fac_ew_kernels fac_ew_table_v3, fac_ew_table_v4;
#endif

const fac_ew_kernels *fac_ew = &fac_ew_table_base;

const fac_ew_kernels *fac_ew_for(const char *isa)
{
#ifdef __x86_64__
    if (!strcmp(isa, "v3"))
        return &fac_ew_table_v3;
    if (!strcmp(isa, "v4"))
        return &fac_ew_table_v4;
#endif
    return &fac_ew_table_base;
}

__attribute__((constructor)) static void select_table(void)
{
    fac_kernels_init();
    fac_ew = fac_ew_for(fac_k->isa);
}
