/* SPDX-License-Identifier: MIT */
#include "tensor/kernels/isa.h"

const fac_kernels FAC_ISA_NAME(fac_kernels_table) = {.isa = FAC_ISA_TEXT,
                                                     .casts = &fac_cast_table_base,
#define FAC_ENTRY(result, name, arguments)      .name = FAC_ISA_NAME(fac_##name),
#define FAC_ENTRY_BASE(result, name, arguments) .name = fac_##name##_base,
                                                     FAC_KERNELS_EACH(FAC_ENTRY) FAC_KERNELS_ONCE(FAC_ENTRY_BASE)
#undef FAC_ENTRY
#undef FAC_ENTRY_BASE
};
