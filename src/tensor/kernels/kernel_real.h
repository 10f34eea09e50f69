/* SPDX-License-Identifier: MIT */
/* Names for code that is included twice, with FAC_REAL 32 and 64: T, its vector VT of LANES, NAME(x) for x_f32 or
 * x_f64, V(x) for the vector operation. No include guard: every inclusion sets them anew. */
#undef T
#undef VT
#undef V
#undef LANES
#undef COLUMNS
#undef NAME
#undef KERNEL
#undef scalar_fma

#if FAC_REAL == 32
#define T          float
#define VT         vf
#define V(x)       vf_##x
#define LANES      VF_LANES
#define COLUMNS    VF_COLUMNS
#define NAME(x)    x##_f32
#define scalar_fma fac_fmaf
#define KERNEL(x)  FAC_ISA_NAME(fac_##x##_f32)
#else
#define T          double
#define VT         vd
#define V(x)       vd_##x
#define LANES      VD_LANES
#define COLUMNS    VD_COLUMNS
#define NAME(x)    x##_f64
#define scalar_fma fac_fma
#define KERNEL(x)  FAC_ISA_NAME(fac_##x##_f64)
#endif
