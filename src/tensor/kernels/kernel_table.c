/* SPDX-License-Identifier: MIT */
#include "tensor/kernels/isa.h"

const fac_kernels FAC_ISA_NAME(fac_kernels_table) = {.isa = FAC_ISA_TEXT,
                                                     .casts = &FAC_ISA_NAME(fac_cast_table),
#define FAC_ENTRY(result, name, arguments) .name = FAC_ISA_NAME(fac_##name),
                                                     FAC_KERNELS(FAC_ENTRY)
#undef FAC_ENTRY
};
