/* SPDX-License-Identifier: MIT */
/* What every kernel file starts with. A kernel file is compiled once an ISA with -DFAC_ISA=base, v3 or v4; here the ISA
 * gets its name and its vectors: vf of VF_LANES floats, vd of VD_LANES doubles, and the same operations on both. */
#ifndef FAC_KERNELS_ISA_H
#define FAC_KERNELS_ISA_H

#ifdef __SSE2__
#include <immintrin.h>
#else
#include <string.h>
#endif

#include "tensor/kernels.h"

#define FAC_ISA_NAME_(x, isa)  x##_##isa
#define FAC_ISA_NAME_2(x, isa) FAC_ISA_NAME_(x, isa)
#define FAC_ISA_NAME(x)        FAC_ISA_NAME_2(x, FAC_ISA)
#define FAC_ISA_TEXT_(isa)     #isa
#define FAC_ISA_TEXT_2(isa)    FAC_ISA_TEXT_(isa)
#define FAC_ISA_TEXT           FAC_ISA_TEXT_2(FAC_ISA)

/* For #if: what is compiled for the baseline only. */
#define FAC_IS_BASE_base 1
#define FAC_IS_BASE_v3   0
#define FAC_IS_BASE_v4   0
#define FAC_IS_BASE      FAC_ISA_NAME(FAC_IS_BASE)

/* The kernels of this ISA, as the table and the definitions need them. */
#define FAC_PROTOTYPE(result, name, arguments)      result FAC_ISA_NAME(fac_##name) arguments;
#define FAC_PROTOTYPE_BASE(result, name, arguments) result fac_##name##_base arguments;
FAC_KERNELS_EACH(FAC_PROTOTYPE)
FAC_KERNELS_ONCE(FAC_PROTOTYPE_BASE)
#undef FAC_PROTOTYPE
#undef FAC_PROTOTYPE_BASE
extern const fac_casts fac_cast_table_base;
extern const fac_kernels FAC_ISA_NAME(fac_kernels_table);

#define FAC_INLINE  static inline __attribute__((always_inline, unused))
#define FAC_OUTLINE static __attribute__((noinline, unused))
#ifdef __clang__
#define FAC_UNROLL _Pragma("clang loop unroll(full)")
#else
#define FAC_UNROLL _Pragma("GCC unroll 32")
#endif

/* Dozens of unrolled tiles, each address of each checked by itself, took clang 14 ten minutes. */
#ifdef __clang__
#define FAC_TILE __attribute__((no_sanitize("undefined"))) FAC_INLINE
#else
#define FAC_TILE FAC_INLINE
#endif

/* a * b + c: one rounding from x86-64-v3 up, two below. */
FAC_INLINE float fac_fmaf(float a, float b, float c)
{
#ifdef __FMA__
    return __builtin_fmaf(a, b, c);
#else
    return a * b + c;
#endif
}
FAC_INLINE double fac_fma(double a, double b, double c)
{
#ifdef __FMA__
    return __builtin_fma(a, b, c);
#else
    return a * b + c;
#endif
}

/* Of each vector type: load, store; load_n, store_n of the first n lanes, which touch no memory behind them (load_n
 * gives 0 in the others); all (every lane x), add, sub, mul, div, fma, sqrt, neg; tiny_to_zero (0 where |x| is below
 * the smallest normal, NaN stays); at_least (the second, or the first where that is greater; NaN of the second stays);
 * nan_max (the greater, NaN if one is, as torch.maximum); lanes_4 or lanes_2, one 128-bit lane from each of the given
 * places; transpose, within each 128-bit lane; of floats with AVX-512 spread (128 bits to every lane) and without (0 in the first
 * n elements of each 128-bit lane); unless_le0 (0 where the first is <= 0, else the second: for NaN the
 * second); join (sums over 128-bit lanes, each group's in one lane); fold (in each 128-bit lane the sum of them);
 * lane_sums; sums; sum. */
#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512VL__)

typedef __m512 vf;
typedef __m512d vd;
enum { VF_LANES = 16, VD_LANES = 8 };
#define FAC_REGISTERS      32
#define FAC_VECTOR_BYTES   64
#define FAC_MASKS_ARE_FREE 1

FAC_INLINE __mmask16 fac_first(int64_t n)
{
    return (__mmask16)((1u << n) - 1);
}
FAC_INLINE vf vf_load(const float *p)
{
    return _mm512_loadu_ps(p);
}
FAC_INLINE vf vf_load_n(const float *p, int64_t n)
{
    return _mm512_maskz_loadu_ps(fac_first(n), p);
}
FAC_INLINE void vf_store(float *p, vf x)
{
    _mm512_storeu_ps(p, x);
}
FAC_INLINE void vf_store_n(float *p, int64_t n, vf x)
{
    _mm512_mask_storeu_ps(p, fac_first(n), x);
}
FAC_INLINE vf vf_all(float x)
{
    return _mm512_set1_ps(x);
}
FAC_INLINE vf vf_fma(vf a, vf b, vf c)
{
    return _mm512_fmadd_ps(a, b, c);
}
FAC_INLINE vf vf_sqrt(vf a)
{
    return _mm512_sqrt_ps(a);
}
FAC_INLINE vf vf_tiny_to_zero(vf a)
{
    __mmask16 tiny = _mm512_cmp_ps_mask(_mm512_abs_ps(a), _mm512_set1_ps(__FLT_MIN__), _CMP_LT_OQ);
    return _mm512_maskz_mov_ps((__mmask16)~tiny, a);
}
FAC_INLINE vf vf_nan_max(vf a, vf b)
{
    __mmask16 nan = _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q);
    return _mm512_mask_mov_ps(_mm512_max_ps(a, b), nan, a); /* vmaxps gives b if one is NaN */
}
FAC_INLINE vf vf_lanes(const float *p, const int64_t *at)
{
    vf x = _mm512_castps128_ps512(_mm_loadu_ps(p + at[0]));
    x = _mm512_mask_broadcast_f32x4(x, 0x00f0, _mm_loadu_ps(p + at[4]));
    x = _mm512_mask_broadcast_f32x4(x, 0x0f00, _mm_loadu_ps(p + at[8]));
    return _mm512_mask_broadcast_f32x4(x, 0xf000, _mm_loadu_ps(p + at[12]));
}
FAC_INLINE vf vf_spread(const float *p)
{
    return _mm512_broadcast_f32x4(_mm_loadu_ps(p));
}
FAC_INLINE vf vf_without(vf a, int64_t n)
{
    return _mm512_maskz_mov_ps((__mmask16)(0x1111U * (0xfU & 0xfU << n)), a);
}
#define VF_UNPACK_LOW  _mm512_unpacklo_ps
#define VF_UNPACK_HIGH _mm512_unpackhi_ps
#define VF_SHUFFLE     _mm512_shuffle_ps
FAC_INLINE vf vf_at_least(vf least, vf x)
{
    return _mm512_max_ps(least, x); /* x if one is NaN */
}
FAC_INLINE vf vf_unless_le0(vf c, vf a)
{
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(_mm512_setzero_ps(), c, _CMP_NGE_UQ), a);
}
FAC_INLINE vf vf_join(const vf *group)
{
    vf low = _mm512_shuffle_f32x4(group[0], group[1], 0x44) + _mm512_shuffle_f32x4(group[0], group[1], 0xee);
    vf high = _mm512_shuffle_f32x4(group[2], group[3], 0x44) + _mm512_shuffle_f32x4(group[2], group[3], 0xee);
    return _mm512_shuffle_f32x4(low, high, 0x88) + _mm512_shuffle_f32x4(low, high, 0xdd);
}

FAC_INLINE vf vf_fold(vf x)
{
    x += _mm512_shuffle_f32x4(x, x, 0x4e);
    return x + _mm512_shuffle_f32x4(x, x, 0xb1);
}

FAC_INLINE vd vd_load(const double *p)
{
    return _mm512_loadu_pd(p);
}
FAC_INLINE vd vd_load_n(const double *p, int64_t n)
{
    return _mm512_maskz_loadu_pd((__mmask8)fac_first(n), p);
}
FAC_INLINE void vd_store(double *p, vd x)
{
    _mm512_storeu_pd(p, x);
}
FAC_INLINE void vd_store_n(double *p, int64_t n, vd x)
{
    _mm512_mask_storeu_pd(p, (__mmask8)fac_first(n), x);
}
FAC_INLINE vd vd_all(double x)
{
    return _mm512_set1_pd(x);
}
FAC_INLINE vd vd_fma(vd a, vd b, vd c)
{
    return _mm512_fmadd_pd(a, b, c);
}
FAC_INLINE vd vd_sqrt(vd a)
{
    return _mm512_sqrt_pd(a);
}
FAC_INLINE vd vd_tiny_to_zero(vd a)
{
    __mmask8 tiny = _mm512_cmp_pd_mask(_mm512_abs_pd(a), _mm512_set1_pd(__DBL_MIN__), _CMP_LT_OQ);
    return _mm512_maskz_mov_pd((__mmask8)~tiny, a);
}
FAC_INLINE vd vd_nan_max(vd a, vd b)
{
    __mmask8 nan = _mm512_cmp_pd_mask(a, a, _CMP_UNORD_Q);
    return _mm512_mask_mov_pd(_mm512_max_pd(a, b), nan, a);
}
FAC_INLINE vd vd_lanes(const double *p, const int64_t *at)
{
    vd x = _mm512_castpd128_pd512(_mm_loadu_pd(p + at[0]));
    x = _mm512_mask_broadcast_f64x2(x, 0x0c, _mm_loadu_pd(p + at[2]));
    x = _mm512_mask_broadcast_f64x2(x, 0x30, _mm_loadu_pd(p + at[4]));
    return _mm512_mask_broadcast_f64x2(x, 0xc0, _mm_loadu_pd(p + at[6]));
}
#define VD_UNPACK_LOW  _mm512_unpacklo_pd
#define VD_UNPACK_HIGH _mm512_unpackhi_pd
FAC_INLINE vd vd_at_least(vd least, vd x)
{
    return _mm512_max_pd(least, x); /* x if one is NaN */
}
FAC_INLINE vd vd_unless_le0(vd c, vd a)
{
    return _mm512_maskz_mov_pd(_mm512_cmp_pd_mask(_mm512_setzero_pd(), c, _CMP_NGE_UQ), a);
}
FAC_INLINE vd vd_join(const vd *group)
{
    vd low = _mm512_shuffle_f64x2(group[0], group[1], 0x44) + _mm512_shuffle_f64x2(group[0], group[1], 0xee);
    vd high = _mm512_shuffle_f64x2(group[2], group[3], 0x44) + _mm512_shuffle_f64x2(group[2], group[3], 0xee);
    return _mm512_shuffle_f64x2(low, high, 0x88) + _mm512_shuffle_f64x2(low, high, 0xdd);
}
FAC_INLINE vd vd_fold(vd x)
{
    x += _mm512_shuffle_f64x2(x, x, 0x4e);
    return x + _mm512_shuffle_f64x2(x, x, 0xb1);
}

#elif defined(__AVX2__) && defined(__FMA__)

typedef __m256 vf;
typedef __m256d vd;
enum { VF_LANES = 8, VD_LANES = 4 };
#define FAC_REGISTERS      16
#define FAC_VECTOR_BYTES   32
#define FAC_MASKS_ARE_FREE 0

/* n lanes of ones, read from the middle of a run of ones and zeros. */
FAC_INLINE __m256i fac_first_32(int64_t n)
{
    static const int32_t ones[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
    return _mm256_loadu_si256((const __m256i_u *)(const void *)(ones + 8 - n));
}
FAC_INLINE __m256i fac_first_64(int64_t n)
{
    static const int64_t ones[8] = {-1, -1, -1, -1};
    return _mm256_loadu_si256((const __m256i_u *)(const void *)(ones + 4 - n));
}
FAC_INLINE vf vf_load(const float *p)
{
    return _mm256_loadu_ps(p);
}
FAC_INLINE vf vf_load_n(const float *p, int64_t n)
{
    return _mm256_maskload_ps(p, fac_first_32(n));
}
FAC_INLINE void vf_store(float *p, vf x)
{
    _mm256_storeu_ps(p, x);
}
/* In pieces: AMD's vmaskmovps to memory takes a dozen cycles. */
FAC_INLINE void vf_store_n(float *p, int64_t n, vf x)
{
    if (n >= 8) {
        _mm256_storeu_ps(p, x);
        return;
    }
    __m128 rest = _mm256_castps256_ps128(x);
    if (n & 4) {
        _mm_storeu_ps(p, rest);
        rest = _mm256_extractf128_ps(x, 1);
        p += 4;
    }
    if (n & 2) {
        _mm_storel_pi((__m64 *)(void *)p, rest);
        rest = _mm_movehl_ps(rest, rest);
        p += 2;
    }
    if (n & 1)
        _mm_store_ss(p, rest);
}
FAC_INLINE vf vf_all(float x)
{
    return _mm256_set1_ps(x);
}
FAC_INLINE vf vf_fma(vf a, vf b, vf c)
{
    return _mm256_fmadd_ps(a, b, c);
}
FAC_INLINE vf vf_sqrt(vf a)
{
    return _mm256_sqrt_ps(a);
}
FAC_INLINE vf vf_tiny_to_zero(vf a)
{
    vf magnitude = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a);
    return _mm256_andnot_ps(_mm256_cmp_ps(magnitude, _mm256_set1_ps(__FLT_MIN__), _CMP_LT_OQ), a);
}
FAC_INLINE vf vf_nan_max(vf a, vf b)
{
    return _mm256_blendv_ps(_mm256_max_ps(a, b), a, _mm256_cmp_ps(a, a, _CMP_UNORD_Q));
}
FAC_INLINE vf vf_lanes(const float *p, const int64_t *at)
{
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p + at[0])), _mm_loadu_ps(p + at[4]), 1);
}
#define VF_UNPACK_LOW      _mm256_unpacklo_ps
#define VF_UNPACK_HIGH     _mm256_unpackhi_ps
#define VF_SHUFFLE         _mm256_shuffle_ps
FAC_INLINE vf vf_at_least(vf least, vf x)
{
    return _mm256_max_ps(least, x); /* x if one is NaN */
}
FAC_INLINE vf vf_unless_le0(vf c, vf a)
{
    return _mm256_andnot_ps(_mm256_cmp_ps(_mm256_setzero_ps(), c, _CMP_GE_OQ), a);
}
FAC_INLINE vf vf_join(const vf *group)
{
    return _mm256_permute2f128_ps(group[0], group[1], 0x20) + _mm256_permute2f128_ps(group[0], group[1], 0x31);
}

FAC_INLINE vf vf_fold(vf x)
{
    return x + _mm256_permute2f128_ps(x, x, 0x01);
}

FAC_INLINE vd vd_load(const double *p)
{
    return _mm256_loadu_pd(p);
}
FAC_INLINE vd vd_load_n(const double *p, int64_t n)
{
    return _mm256_maskload_pd(p, fac_first_64(n));
}
FAC_INLINE void vd_store(double *p, vd x)
{
    _mm256_storeu_pd(p, x);
}
FAC_INLINE void vd_store_n(double *p, int64_t n, vd x)
{
    if (n >= 4) {
        _mm256_storeu_pd(p, x);
        return;
    }
    __m128d rest = _mm256_castpd256_pd128(x);
    if (n & 2) {
        _mm_storeu_pd(p, rest);
        rest = _mm256_extractf128_pd(x, 1);
        p += 2;
    }
    if (n & 1)
        _mm_store_sd(p, rest);
}
FAC_INLINE vd vd_all(double x)
{
    return _mm256_set1_pd(x);
}
FAC_INLINE vd vd_fma(vd a, vd b, vd c)
{
    return _mm256_fmadd_pd(a, b, c);
}
FAC_INLINE vd vd_sqrt(vd a)
{
    return _mm256_sqrt_pd(a);
}
FAC_INLINE vd vd_tiny_to_zero(vd a)
{
    vd magnitude = _mm256_andnot_pd(_mm256_set1_pd(-0.0), a);
    return _mm256_andnot_pd(_mm256_cmp_pd(magnitude, _mm256_set1_pd(__DBL_MIN__), _CMP_LT_OQ), a);
}
FAC_INLINE vd vd_nan_max(vd a, vd b)
{
    return _mm256_blendv_pd(_mm256_max_pd(a, b), a, _mm256_cmp_pd(a, a, _CMP_UNORD_Q));
}
FAC_INLINE vd vd_lanes(const double *p, const int64_t *at)
{
    return _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(p + at[0])), _mm_loadu_pd(p + at[2]), 1);
}
#define VD_UNPACK_LOW      _mm256_unpacklo_pd
#define VD_UNPACK_HIGH     _mm256_unpackhi_pd
FAC_INLINE vd vd_at_least(vd least, vd x)
{
    return _mm256_max_pd(least, x); /* x if one is NaN */
}
FAC_INLINE vd vd_unless_le0(vd c, vd a)
{
    return _mm256_andnot_pd(_mm256_cmp_pd(_mm256_setzero_pd(), c, _CMP_GE_OQ), a);
}
FAC_INLINE vd vd_join(const vd *group)
{
    return _mm256_permute2f128_pd(group[0], group[1], 0x20) + _mm256_permute2f128_pd(group[0], group[1], 0x31);
}
FAC_INLINE vd vd_fold(vd x)
{
    return x + _mm256_permute2f128_pd(x, x, 0x01);
}

#elif defined(__SSE2__)

typedef __m128 vf;
typedef __m128d vd;
enum { VF_LANES = 4, VD_LANES = 2 };
#define FAC_REGISTERS      16
#define FAC_VECTOR_BYTES   16
#define FAC_MASKS_ARE_FREE 0

FAC_INLINE vf vf_load(const float *p)
{
    return _mm_loadu_ps(p);
}
FAC_INLINE vf vf_load_n(const float *p, int64_t n)
{
    if (n >= 4)
        return _mm_loadu_ps(p);
    if (n <= 0)
        return _mm_setzero_ps();
    if (n == 1)
        return _mm_load_ss(p);
    vf low = _mm_loadl_pi(_mm_setzero_ps(), (const __m64 *)(const void *)p);
    return n == 2 ? low : _mm_movelh_ps(low, _mm_load_ss(p + 2));
}
FAC_INLINE void vf_store(float *p, vf x)
{
    _mm_storeu_ps(p, x);
}
FAC_INLINE void vf_store_n(float *p, int64_t n, vf x)
{
    if (n >= 4) {
        _mm_storeu_ps(p, x);
        return;
    }
    if (n & 2) {
        _mm_storel_pi((__m64 *)(void *)p, x);
        x = _mm_movehl_ps(x, x);
        p += 2;
    }
    if (n & 1)
        _mm_store_ss(p, x);
}
FAC_INLINE vf vf_all(float x)
{
    return _mm_set1_ps(x);
}
FAC_INLINE vf vf_fma(vf a, vf b, vf c)
{
    return _mm_add_ps(_mm_mul_ps(a, b), c);
}
FAC_INLINE vf vf_sqrt(vf a)
{
    return _mm_sqrt_ps(a);
}
FAC_INLINE vf vf_tiny_to_zero(vf a)
{
    vf magnitude = _mm_andnot_ps(_mm_set1_ps(-0.0f), a);
    return _mm_andnot_ps(_mm_cmplt_ps(magnitude, _mm_set1_ps(__FLT_MIN__)), a);
}
FAC_INLINE vf vf_nan_max(vf a, vf b)
{
    vf nan = _mm_cmpunord_ps(a, a);
    return _mm_or_ps(_mm_and_ps(nan, a), _mm_andnot_ps(nan, _mm_max_ps(a, b)));
}
FAC_INLINE vf vf_lanes(const float *p, const int64_t *at)
{
    return _mm_loadu_ps(p + at[0]);
}
#define VF_UNPACK_LOW      _mm_unpacklo_ps
#define VF_UNPACK_HIGH     _mm_unpackhi_ps
#define VF_SHUFFLE         _mm_shuffle_ps
FAC_INLINE vf vf_at_least(vf least, vf x)
{
    return _mm_max_ps(least, x); /* x if one is NaN */
}
FAC_INLINE vf vf_unless_le0(vf c, vf a)
{
    return _mm_andnot_ps(_mm_cmple_ps(c, _mm_setzero_ps()), a);
}
FAC_INLINE vf vf_join(const vf *group)
{
    return group[0];
}

FAC_INLINE vf vf_fold(vf x)
{
    return x;
}

FAC_INLINE vd vd_load(const double *p)
{
    return _mm_loadu_pd(p);
}
FAC_INLINE vd vd_load_n(const double *p, int64_t n)
{
    return n >= 2 ? _mm_loadu_pd(p) : n == 1 ? _mm_load_sd(p) : _mm_setzero_pd();
}
FAC_INLINE void vd_store(double *p, vd x)
{
    _mm_storeu_pd(p, x);
}
FAC_INLINE void vd_store_n(double *p, int64_t n, vd x)
{
    if (n >= 2)
        _mm_storeu_pd(p, x);
    else if (n == 1)
        _mm_store_sd(p, x);
}
FAC_INLINE vd vd_all(double x)
{
    return _mm_set1_pd(x);
}
FAC_INLINE vd vd_fma(vd a, vd b, vd c)
{
    return _mm_add_pd(_mm_mul_pd(a, b), c);
}
FAC_INLINE vd vd_sqrt(vd a)
{
    return _mm_sqrt_pd(a);
}
FAC_INLINE vd vd_tiny_to_zero(vd a)
{
    vd magnitude = _mm_andnot_pd(_mm_set1_pd(-0.0), a);
    return _mm_andnot_pd(_mm_cmplt_pd(magnitude, _mm_set1_pd(__DBL_MIN__)), a);
}
FAC_INLINE vd vd_nan_max(vd a, vd b)
{
    vd nan = _mm_cmpunord_pd(a, a);
    return _mm_or_pd(_mm_and_pd(nan, a), _mm_andnot_pd(nan, _mm_max_pd(a, b)));
}
FAC_INLINE vd vd_lanes(const double *p, const int64_t *at)
{
    return _mm_loadu_pd(p + at[0]);
}
#define VD_UNPACK_LOW      _mm_unpacklo_pd
#define VD_UNPACK_HIGH     _mm_unpackhi_pd
FAC_INLINE vd vd_at_least(vd least, vd x)
{
    return _mm_max_pd(least, x); /* x if one is NaN */
}
FAC_INLINE vd vd_unless_le0(vd c, vd a)
{
    return _mm_andnot_pd(_mm_cmple_pd(c, _mm_setzero_pd()), a);
}
FAC_INLINE vd vd_join(const vd *group)
{
    return group[0];
}
FAC_INLINE vd vd_fold(vd x)
{
    return x;
}

#else /* any other processor: what the compiler makes of vectors of 16 bytes */

typedef float vf __attribute__((vector_size(16)));
typedef double vd __attribute__((vector_size(16)));
enum { VF_LANES = 4, VD_LANES = 2 };
#define FAC_REGISTERS      16
#define FAC_VECTOR_BYTES   16
#define FAC_MASKS_ARE_FREE 0

#define FAC_GENERIC_VECTOR(T, v, lanes, tiny, root)           \
    FAC_INLINE v v##_load(const T *p)                         \
    {                                                         \
        v x;                                                  \
        memcpy(&x, p, sizeof x);                              \
        return x;                                             \
    }                                                         \
    FAC_INLINE v v##_load_n(const T *p, int64_t n)            \
    {                                                         \
        v x = {0};                                            \
        memcpy(&x, p, (size_t)n * sizeof(T));                 \
        return x;                                             \
    }                                                         \
    FAC_INLINE void v##_store(T *p, v x)                      \
    {                                                         \
        memcpy(p, &x, sizeof x);                              \
    }                                                         \
    FAC_INLINE void v##_store_n(T *p, int64_t n, v x)         \
    {                                                         \
        memcpy(p, &x, (size_t)n * sizeof(T));                 \
    }                                                         \
    FAC_INLINE v v##_all(T x)                                 \
    {                                                         \
        return x - (v){0};                                    \
    }                                                         \
    FAC_INLINE v v##_fma(v a, v b, v c)                       \
    {                                                         \
        return a * b + c;                                     \
    }                                                         \
    FAC_INLINE v v##_sqrt(v a)                                \
    {                                                         \
        for (int l = 0; l < lanes; l++)                       \
            a[l] = root(a[l]);                                \
        return a;                                             \
    }                                                         \
    FAC_INLINE v v##_tiny_to_zero(v a)                        \
    {                                                         \
        for (int l = 0; l < lanes; l++)                       \
            a[l] = a[l] > -tiny && a[l] < tiny ? 0 : a[l];    \
        return a;                                             \
    }                                                         \
    FAC_INLINE v v##_nan_max(v a, v b)                        \
    {                                                         \
        for (int l = 0; l < lanes; l++)                       \
            a[l] = a[l] > b[l] || a[l] != a[l] ? a[l] : b[l]; \
        return a;                                             \
    }                                                         \
    FAC_INLINE v v##_lanes(const T *p, const int64_t *at)     \
    {                                                         \
        return v##_load(p + at[0]);                           \
    }                                                         \
    FAC_INLINE v v##_at_least(v least, v x)                   \
    {                                                         \
        for (int l = 0; l < lanes; l++)                       \
            x[l] = x[l] < least[l] ? least[l] : x[l];         \
        return x;                                             \
    }                                                         \
    FAC_INLINE v v##_unless_le0(v c, v a)                     \
    {                                                         \
        for (int l = 0; l < lanes; l++)                       \
            a[l] = c[l] <= 0 ? 0 : a[l];                      \
        return a;                                             \
    }                                                         \
    FAC_INLINE v v##_join(const v *group)                     \
    {                                                         \
        return group[0];                                      \
    }                                                         \
    FAC_INLINE v v##_fold(v x)                                \
    {                                                         \
        return x;                                             \
    }
FAC_GENERIC_VECTOR(float, vf, 4, __FLT_MIN__, __builtin_sqrtf)
FAC_GENERIC_VECTOR(double, vd, 2, __DBL_MIN__, __builtin_sqrt)
#define VF_UNPACK_LOW(a, b)  __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define VF_UNPACK_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#define VF_SHUFFLE(a, b, i)  __builtin_shufflevector(a, b, (i)&3, (i) >> 2 & 3, ((i) >> 4 & 3) + 4, ((i) >> 6) + 4)
#define VD_UNPACK_LOW(a, b)  __builtin_shufflevector(a, b, 0, 2)
#define VD_UNPACK_HIGH(a, b) __builtin_shufflevector(a, b, 1, 3)

#endif

/* VF_LANES rows of 4 (VD_LANES rows of 2), row i at p + at[i], to 4 (2) columns. */
enum { VF_COLUMNS = 4, VD_COLUMNS = 2 };
FAC_INLINE void vf_transpose(const float *p, const int64_t *at, vf column[VF_COLUMNS])
{
    vf r0 = vf_lanes(p, at), r1 = vf_lanes(p, at + 1), r2 = vf_lanes(p, at + 2), r3 = vf_lanes(p, at + 3);
    vf low01 = VF_UNPACK_LOW(r0, r1), high01 = VF_UNPACK_HIGH(r0, r1);
    vf low23 = VF_UNPACK_LOW(r2, r3), high23 = VF_UNPACK_HIGH(r2, r3);
    column[0] = VF_SHUFFLE(low01, low23, 0x44);
    column[1] = VF_SHUFFLE(low01, low23, 0xee);
    column[2] = VF_SHUFFLE(high01, high23, 0x44);
    column[3] = VF_SHUFFLE(high01, high23, 0xee);
}
FAC_INLINE void vd_transpose(const double *p, const int64_t *at, vd column[VD_COLUMNS])
{
    vd r0 = vd_lanes(p, at), r1 = vd_lanes(p, at + 1);
    column[0] = VD_UNPACK_LOW(r0, r1);
    column[1] = VD_UNPACK_HIGH(r0, r1);
}

/* In each 128-bit lane the sums over that lane of as many vectors as it has room for. */
FAC_INLINE vf vf_lane_sums(const vf x[VF_COLUMNS])
{
    vf a = VF_UNPACK_LOW(x[0], x[1]) + VF_UNPACK_HIGH(x[0], x[1]);
    vf b = VF_UNPACK_LOW(x[2], x[3]) + VF_UNPACK_HIGH(x[2], x[3]);
    return VF_SHUFFLE(a, b, 0x44) + VF_SHUFFLE(a, b, 0xee);
}
FAC_INLINE vd vd_lane_sums(const vd x[VD_COLUMNS])
{
    return VD_UNPACK_LOW(x[0], x[1]) + VD_UNPACK_HIGH(x[0], x[1]);
}

/* Lane i is the sum of the lanes of x[i]: of each 128-bit lane first, then of these. The same order for every i. */
FAC_INLINE vf vf_sums(const vf x[VF_LANES])
{
    vf group[VF_LANES / VF_COLUMNS];
    FAC_UNROLL
    for (int g = 0; g < VF_LANES / VF_COLUMNS; g++)
        group[g] = vf_lane_sums(x + g * VF_COLUMNS);
    return vf_join(group);
}
FAC_INLINE vd vd_sums(const vd x[VD_LANES])
{
    vd group[VD_LANES / VD_COLUMNS];
    FAC_UNROLL
    for (int g = 0; g < VD_LANES / VD_COLUMNS; g++)
        group[g] = vd_lane_sums(x + g * VD_COLUMNS);
    return vd_join(group);
}

/* The sum of the lanes. */
FAC_INLINE float vf_sum(vf x)
{
    x = vf_fold(x);
    x += VF_SHUFFLE(x, x, 0x4e);
    return (x + VF_SHUFFLE(x, x, 0xb1))[0];
}
FAC_INLINE double vd_sum(vd x)
{
    x = vd_fold(x);
    return (x + VD_UNPACK_HIGH(x, x))[0];
}

#endif
