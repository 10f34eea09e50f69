/* SPDX-License-Identifier: MIT */
/* Elementwise operations on float32 for v4, in its own vectors: the words of elementwise.def here take and give vf,
 * comparisons give masks. */
#include "tensor/kernels/isa.h"

#ifdef __AVX512DQ__
#include "base/processor.h"
#include "tensor/elementwise.h"
#include "tensor/kernels/elementwise_power.h"
#include "tensor/kernels/vector_math_v4.h"
#include "tensor/strips.h"

#define COMPARE(a, b, how) _mm512_cmp_ps_mask(a, b, how)
#define NEG(a)             (-(a))
#define ADD(a, b)          ((a) + (b))
#define SUB(a, b)          ((a) - (b))
#define MUL(a, b)          ((a) * (b))
#define DIV(a, b)          ((a) / (b))
#define LT(a, b)           COMPARE(a, b, _CMP_LT_OQ)
#define LE(a, b)           COMPARE(a, b, _CMP_LE_OQ)
#define GT(a, b)           COMPARE(a, b, _CMP_GT_OQ)
#define EQ(a, b)           COMPARE(a, b, _CMP_EQ_OQ)
#define NE(a, b)           COMPARE(a, b, _CMP_NEQ_UQ)
#define OR(a, b)           ((__mmask16)((a) | (b)))
#define SEL(c, a, b)       vf_select(c, a, b)
#define K(c)               vf_all((float)(c))
#define ZERO(a)            vf_all(0)
#define A(op, i, name)     vf_all((float)((const double *)ctx)[1 + (i)])
#define LIMIT              A
#define ABS(a)             vf_magnitude(a)
#define SIGN(a)            (_mm512_maskz_mov_ps(GT(a, K(0)), K(1)) - _mm512_maskz_mov_ps(LT(a, K(0)), K(1)))
#define FLOOR(a)           _mm512_roundscale_ps(a, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)
#define CEIL(a)            _mm512_roundscale_ps(a, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC)
#define TRUNC(a)           _mm512_roundscale_ps(a, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC)
#define SQRT(a)            vf_sqrt(a)
#define EXP(a)             vf_exp(a)
#define EXPM1(a)           vf_expm1(a)
#define LOG(a)             vf_log(a)
#define LOG1P(a)           vf_log1p(a)
#define SIN(a)             vf_sin(a)
#define COS(a)             vf_cos(a)
#define TANH(a)            vf_tanh(a)
#define SIGMOID(a)         vf_sigmoid(a)
#define POW(a, b)          power(a, b)

/* One by one, but for squares: as in the other instruction sets. */
FAC_OUTLINE vf power(vf x, vf exponent)
{
    float base[VF_LANES], e[VF_LANES];
    if (EQ(exponent, K(2)) == 0xffff)
        return x * x;
    vf_store(base, x), vf_store(e, exponent);
    for (int i = 0; i < VF_LANES; i++)
        base[i] = pow_float(base[i], e[i]);
    return vf_load(base);
}

/* Whole vectors of operands without gaps; of a single value there is one vector, read again and again: its step is 0.
 */
typedef struct flat {
    int64_t vectors;
    float *result;
    const float *a, *b;
    int64_t a_step, b_step; /* floats */
    const void *ctx;
    bool past; /* the result goes past the cache */
} flat;

/* The last n of an operand; the other lanes have its first's value: one that raises no new exception. */
FAC_INLINE vf load_rest(const float *p, int64_t n)
{
    return _mm512_mask_loadu_ps(vf_all(*p), fac_first(n), p);
}

static void run_rest(flat *f, int64_t n, void (*body)(const flat *f))
{
    float a[VF_LANES], b[VF_LANES], result[VF_LANES];
    float *const to = f->result + f->vectors * VF_LANES;
    vf_store(a, load_rest(f->a + f->vectors * f->a_step, n));
    vf_store(b, load_rest(f->b + f->vectors * f->b_step, n));
    f->vectors = 1;
    f->a = a, f->b = b, f->result = result;
    f->past = false;
    body(f);
    vf_store_n(to, n, vf_load(result));
}

/* Large results go past the cache where that is faster; not those written over an operand. */
static bool goes_past(int64_t n, char *const *p, int inputs)
{
    return n * (int64_t)sizeof(float) >= fac_cpu.streams && (uintptr_t)p[0] % FAC_VECTOR_BYTES == 0 && p[0] != p[1] &&
           p[0] != p[inputs];
}

static bool is_flat(int64_t step)
{
    return step == 0 || step == (int64_t)sizeof(float);
}

static void run(int64_t n, char *const *p, const int64_t *s, const void *ctx, int inputs, fac_inner_fn *kernel,
                void (*body)(const flat *f))
{
    float one[2][VF_LANES];
    if (s[0] != (int64_t)sizeof(float) || !is_flat(s[1]) || !is_flat(s[inputs])) {
        fac_through_strips(n, p, s, ctx, kernel, FAC_STRIP_SIZES(inputs, sizeof(float), sizeof(float)));
        return;
    }
    const float *a = (const float *)(const void *)p[1], *b = (const float *)(const void *)p[inputs];
    if (s[1] == 0)
        vf_store(one[0], vf_all(*a)), a = one[0];
    if (s[inputs] == 0)
        vf_store(one[1], vf_all(*b)), b = one[1];
    flat f = {.vectors = n / VF_LANES, .result = (float *)(void *)p[0], .a = a, .b = b, .ctx = ctx};
    f.a_step = s[1] ? VF_LANES : 0, f.b_step = s[inputs] ? VF_LANES : 0;
    f.past = fac_cpu.streams && goes_past(n, p, inputs);
    const bool past = f.past;
    if (f.vectors)
        body(&f);
    if (n % VF_LANES)
        run_rest(&f, n % VF_LANES, body);
    if (past)
        _mm_sfence(); /* for other threads */
}

#define NAME(name, way) fac_ew_##name##_##way##_f32_v4
#define BODY(name, way) name##_##way
#define KERNEL(name, way, inputs, v1, v2, F)                                           \
    static void BODY(name, way)(const flat *f)                                         \
    {                                                                                  \
        const void *const ctx = f->ctx;                                                \
        const int64_t a_step = f->a_step, b_step = f->b_step;                          \
        const bool past = f->past;                                                     \
        const float *a = f->a, *b = f->b;                                              \
        float *r = f->result;                                                          \
        (void)ctx;                                                                     \
        for (int64_t i = f->vectors; i > 0; i--) {                                     \
            const vf v1 = vf_load(a), v2 = vf_load(b), made = ((void)v1, (void)v2, F); \
            if (past)                                                                  \
                _mm512_stream_ps(r, made);                                             \
            else                                                                       \
                vf_store(r, made);                                                     \
            r += VF_LANES, a += a_step, b += b_step;                                   \
        }                                                                              \
    }                                                                                  \
    fac_inner_fn NAME(name, way);                                                      \
    void NAME(name, way)(int64_t n, char *const *p, const int64_t *s, const void *ctx) \
    {                                                                                  \
        run(n, p, s, ctx, inputs, NAME(name, way), BODY(name, way));                   \
    }

/* The third operand of a derivative is x or y, by what the row saves; of a row that saves nothing it is g again. */
#define BACK_IN(name, B)   KERNEL(name, backward, 2, g, x, B)
#define BACK_OUT(name, B)  KERNEL(name, backward, 2, g, y, B)
#define BACK_NONE(name, B) KERNEL(name, backward, 2, g, unused, B)

#define ROW1_ARITH(name, F, B, saves) KERNEL(name, forward, 1, x, unused, F) BACK_##saves(name, B)
#define ROW1_NUMBER                   ROW1_ARITH
#define ROW1_ANY                      ROW1_ARITH
#define ROW1_FLOAT                    ROW1_ARITH
#define ROW1_REAL                     ROW1_ARITH
#define ROW2_ARITH(name, F)           KERNEL(name, forward, 2, x, o, F)
#define ROW2_FLOAT                    ROW2_ARITH
#define ROW2_ANY                      ROW2_ARITH
#define ROW1_COMPARE(name, F, B, saves)
#define ROW2_COMPARE(name, F)
#define ROW1_LOGIC                                   ROW1_COMPARE
#define ROW2_LOGIC                                   ROW2_COMPARE
#define FAC_EW1(name, types, args, F, B, saves, doc) ROW1_##types(name, F, B, saves)
#define FAC_EW2(name, types, args, F, ...)           ROW2_##types(name, F)
#include "tensor/elementwise.def"
#endif
