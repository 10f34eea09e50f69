/* SPDX-License-Identifier: MIT */
/* The float32 rows of many instructions for v4, in its own vectors: the words of elementwise.def here take and give
 * vf, comparisons give masks. */
#include "tensor/kernels/isa.h"

#ifdef __AVX512DQ__
#include "tensor/elementwise.h"
#include "tensor/kernels/vector_math_v4.h"
#include "tensor/strips.h"

#define NEG(a)         (-(a))
#define ADD(a, b)      ((a) + (b))
#define SUB(a, b)      ((a) - (b))
#define MUL(a, b)      ((a) * (b))
#define DIV(a, b)      ((a) / (b))
#define GT(a, b)       _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ)
#define SEL(c, a, b)   vf_select(c, a, b)
#define K(c)           vf_all((float)(c))
#define A(op, i, name) vf_all((float)((const double *)ctx)[1 + (i)])
#define SQRT(a)        vf_sqrt(a)
#define EXP(a)         vf_exp(a)
#define EXPM1(a)       vf_expm1(a)
#define LOG(a)         vf_log(a)
#define LOG1P(a)       vf_log1p(a)
#define SIN(a)         vf_sin(a)
#define COS(a)         vf_cos(a)
#define TANH(a)        vf_tanh(a)
#define SIGMOID(a)     vf_sigmoid(a)

#define NAME(name, way) fac_ew_##name##_##way##_f32_v4
#define PARAMETERS      (int64_t n, char *const *p, const int64_t *s, const void *ctx)

/* Whole vectors only; the rest is filled up. */
#define KERNEL(name, way, inputs, IS_FLAT, VALUES, F)                                                                 \
    void NAME(name, way) PARAMETERS;                                                                                  \
    void NAME(name, way) PARAMETERS                                                                                   \
    {                                                                                                                 \
        (void)ctx;                                                                                                    \
        const int64_t whole = AT_STEP(0) && IS_FLAT ? n & -(int64_t)FAC_STRIP_WHOLE : 0;                              \
        for (int64_t i = 0; i < whole; i += VF_LANES) {                                                               \
            VALUES                                                                                                    \
            vf_store((float *)(void *)p[0] + i, F);                                                                   \
        }                                                                                                             \
        if (whole < n)                                                                                                \
            fac_through_strips(n, p, s, ctx, NAME(name, way), FAC_STRIP_SIZES(inputs, sizeof(float), sizeof(float))); \
    }
#define AT_STEP(k)      (s[k] == (int64_t)sizeof(float))
#define VALUE(v, k)     const vf v = vf_load((const float *)(const void *)p[k] + i);
#define VALUES2(v1, v2) VALUE(v1, 1) VALUE(v2, 2)
#define BACKWARD(name, v2, B) \
    KERNEL(name, backward, 2, AT_STEP(1) && AT_STEP(2), VALUES2(g, v2), ((void)g, (void)v2, B))
#define BACK_IN(name, B)  BACKWARD(name, x, B)
#define BACK_OUT(name, B) BACKWARD(name, y, B)

#define ROW_FLOAT(name, F, B, saves) KERNEL(name, forward, 1, AT_STEP(1), VALUE(x, 1), F) BACK_##saves(name, B)
#define ROW_REAL                     ROW_FLOAT
#define ROW_ARITH(name, F, B, saves)
#define ROW_NUMBER                                   ROW_ARITH
#define ROW_ANY                                      ROW_ARITH
#define ROW_COMPARE                                  ROW_ARITH
#define ROW_LOGIC                                    ROW_ARITH
#define FAC_EW1(name, types, args, F, B, saves, doc) ROW_##types(name, F, B, saves)
#define FAC_EW2(...)
#include "tensor/elementwise.def"
#endif
