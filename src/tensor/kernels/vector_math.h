/* SPDX-License-Identifier: MIT */
/* exp, log and kin, written so that the compiler makes vectors of them: no branches, no calls, selects only. The same
 * operations in every lane, so an element's bits depend on the element alone.
 *
 * Within 2 ulp in float32, 3 in float64, over the whole range, subnormal results included; NaN stays NaN, exact at 0
 * (and its sign where the function keeps it), at 1 for log, and where the result overflows, vanishes or saturates.
 * tests/test_vector_math.c holds them to that. float32 polynomials are minimax in the relative error of the function
 * (Remez's exchange, coefficients rounded to float); the float64 ones of log, log1p, sin and cos are fdlibm's (Sun
 * Microsystems, 1993: e_log.c, s_log1p.c, k_sin.c, k_cos.c, e_rem_pio2.c). */
#ifndef FAC_KERNELS_VECTOR_MATH_H
#define FAC_KERNELS_VECTOR_MATH_H

#include <math.h>
#include <string.h>

#include "tensor/kernels/isa.h"

FAC_INLINE uint32_t fac_bits_f32(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}
FAC_INLINE float fac_of_bits_f32(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}
FAC_INLINE uint64_t fac_bits_f64(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}
FAC_INLINE double fac_of_bits_f64(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* x + FAC_ROUND is x rounded to a whole number, in the low bits; what is shifted out of them is the rest. */
#define FAC_ROUND_F32 0x1.8p23f
#define FAC_ROUND_F64 0x1.8p52

/* 2^n from n + FAC_ROUND, n a normal number's exponent. */
FAC_INLINE float fac_power_f32(float n_rounded)
{
    return fac_of_bits_f32((fac_bits_f32(n_rounded) << 23) + 0x3f800000u);
}
FAC_INLINE double fac_power_f64(double n_rounded)
{
    return fac_of_bits_f64((fac_bits_f64(n_rounded) << 52) + 0x3ff0000000000000u);
}

/* x = n ln 2 + r, |r| <= ln 2 / 2; gives r, and n + FAC_ROUND. ln 2 in two parts: n times the first is exact. */
FAC_INLINE float fac_exp_reduce_f32(float x, float *n_rounded)
{
    *n_rounded = fac_fmaf(x, 0x1.715476p+0f, FAC_ROUND_F32);
    const float n = *n_rounded - FAC_ROUND_F32;
    return fac_fmaf(n, 0x1.bd0106p-13f, fac_fmaf(n, -0x1.63p-1f, x));
}
FAC_INLINE double fac_exp_reduce_f64(double x, double *n_rounded)
{
    *n_rounded = fac_fma(x, 0x1.71547652b82fep+0, FAC_ROUND_F64);
    const double n = *n_rounded - FAC_ROUND_F64;
    return fac_fma(n, -0x1.a39ef35793c76p-33, fac_fma(n, -0x1.62e42feep-1, x));
}

/* e^r - 1 for |r| <= ln 2 / 2: r + r^2 P(r). The shorter one is for where 1 is added. */
FAC_INLINE float fac_exp_short_f32(float r)
{
    float p = 0x1.6db64cp-10f;
    p = fac_fmaf(p, r, 0x1.123cep-7f);
    p = fac_fmaf(p, r, 0x1.55545cp-5f);
    p = fac_fmaf(p, r, 0x1.55548cp-3f);
    p = fac_fmaf(p, r, 0.5f);
    return fac_fmaf(r * r, p, r);
}
FAC_INLINE float fac_exp_rest_f32(float r)
{
    float p = 0x1.a1a368p-13f;
    p = fac_fmaf(p, r, 0x1.6d7654p-10f);
    p = fac_fmaf(p, r, 0x1.11108ep-7f);
    p = fac_fmaf(p, r, 0x1.5554acp-5f);
    p = fac_fmaf(p, r, 0x1.555556p-3f);
    p = fac_fmaf(p, r, 0.5f);
    return fac_fmaf(r * r, p, r);
}
FAC_INLINE double fac_exp_rest_f64(double r)
{
    double p = 0x1.1f957043d9936p-29;
    p = fac_fma(p, r, 0x1.af5ee1602af5cp-26);
    p = fac_fma(p, r, 0x1.27e4c5988ed3dp-22);
    p = fac_fma(p, r, 0x1.71ddf8417c349p-19);
    p = fac_fma(p, r, 0x1.a01a01b0bae43p-16);
    p = fac_fma(p, r, 0x1.a01a01afebac5p-13);
    p = fac_fma(p, r, 0x1.6c16c16c14444p-10);
    p = fac_fma(p, r, 0x1.111111110f6a0p-7);
    p = fac_fma(p, r, 0x1.555555555555ap-5);
    p = fac_fma(p, r, 0x1.5555555555559p-3);
    p = fac_fma(p, r, 0.5);
    return fac_fma(r * r, p, r);
}

/* e^x = 2^n e^r. 2^n in two factors: the first product is exact, the second rounds to a subnormal or overflows. */
FAC_INLINE float fac_exp_f32(float x)
{
    float n_rounded;
    x = x < -104.0f ? -104.0f : x;
    x = x > 89.0f ? 89.0f : x;
    const float r = fac_exp_reduce_f32(x, &n_rounded);
    const int32_t n = (int32_t)(fac_bits_f32(n_rounded) - fac_bits_f32(FAC_ROUND_F32)), half = n >> 1;
    const float first = fac_of_bits_f32(((uint32_t)half << 23) + 0x3f800000u);
    const float second = fac_of_bits_f32(((uint32_t)(n - half) << 23) + 0x3f800000u);
    return (1 + fac_exp_short_f32(r)) * first * second;
}
/* There is no arithmetic shift of 64 bits before AVX-512. */
FAC_INLINE double fac_exp_f64(double x)
{
    double n_rounded;
    x = x < -746.0 ? -746.0 : x;
    x = x > 710.0 ? 710.0 : x;
    const double r = fac_exp_reduce_f64(x, &n_rounded), n = n_rounded - FAC_ROUND_F64;
    const double half = fac_fma(n, 0.5, FAC_ROUND_F64), other = n - (half - FAC_ROUND_F64);
    return (1 + fac_exp_rest_f64(r)) * fac_power_f64(half) * fac_power_f64(other + FAC_ROUND_F64);
}

/* e^x - 1 = 2 (2^(n-1) (e^r - 1) + (2^(n-1) - 1/2)) */
FAC_INLINE float fac_expm1_f32(float x)
{
    float n_rounded;
    float in = x < -20.0f ? -20.0f : x;
    in = in > 89.0f ? 89.0f : in;
    const float r = fac_exp_reduce_f32(in, &n_rounded), power = fac_power_f32(n_rounded - 1);
    const float y = 2 * fac_fmaf(power, fac_exp_rest_f32(r), power - 0.5f);
    return fabsf(x) < 0x1p-60f ? x : y;
}
FAC_INLINE double fac_expm1_f64(double x)
{
    double n_rounded;
    double in = x < -40.0 ? -40.0 : x;
    in = in > 710.0 ? 710.0 : in;
    const double r = fac_exp_reduce_f64(in, &n_rounded), power = fac_power_f64(n_rounded - 1);
    const double y = 2 * fac_fma(power, fac_exp_rest_f64(r), power - 0.5);
    return fabs(x) < 0x1p-60 ? x : y;
}

/* x + x^3 P(x^2) near 0, else 1 - 2 / (e^2x + 1), as Cephes' tanhf.c (Moshier, 1984). */
FAC_INLINE float fac_tanh_f32(float x)
{
    float n_rounded;
    const float size = fabsf(x), z = size * size;
    float p = -0x1.76a482p-8f;
    p = fac_fmaf(p, z, 0x1.525538p-6f);
    p = fac_fmaf(p, z, -0x1.b8440cp-5f);
    p = fac_fmaf(p, z, 0x1.110768p-3f);
    p = fac_fmaf(p, z, -0x1.555534p-2f);
    const float near = fac_fmaf(size * z, p, size);
    const float r = fac_exp_reduce_f32(size > 20.0f ? 40.0f : 2 * size, &n_rounded), power = fac_power_f32(n_rounded);
    const float far = 1 - 2 / (fac_fmaf(power, fac_exp_short_f32(r), power) + 1);
    return copysignf(size < 0.625f ? near : far, x);
}
/* t / (t + 2), t = e^2x - 1 */
FAC_INLINE double fac_tanh_f64(double x)
{
    double n_rounded;
    const double size = fabs(x), r = fac_exp_reduce_f64(size > 20.0 ? 40.0 : 2 * size, &n_rounded);
    const double power = fac_power_f64(n_rounded), t = fac_fma(power, fac_exp_rest_f64(r), power - 1);
    return copysign(t / (t + 2), x);
}

/* 1 / (1 + e^-x), below 0 e^x / (1 + e^x): no overflow */
FAC_INLINE float fac_sigmoid_f32(float x)
{
    const float e = fac_exp_f32(-fabsf(x));
    return (x < 0 ? e : 1.0f) / (1 + e);
}
FAC_INLINE double fac_sigmoid_f64(double x)
{
    const double e = fac_exp_f64(-fabs(x));
    return (x < 0 ? e : 1.0) / (1 + e);
}

/* k ln 2 + log(1 + f), -1/4 <= f <= 1/2: f - f^2/2 + f^3 P(f) */
FAC_INLINE float fac_log_parts_f32(float k, float f)
{
    float p = -0x1.7a3432p-5f;
    p = fac_fmaf(p, f, 0x1.b17878p-4f);
    p = fac_fmaf(p, f, -0x1.0e114cp-3f);
    p = fac_fmaf(p, f, 0x1.284c7p-3f);
    p = fac_fmaf(p, f, -0x1.54dd26p-3f);
    p = fac_fmaf(p, f, 0x1.996ae4p-3f);
    p = fac_fmaf(p, f, -0x1.000082p-2f);
    p = fac_fmaf(p, f, 0x1.5555a2p-2f);
    p = fac_fmaf(p, f, -0.5f);
    const float rest = fac_fmaf(f * f, p, k * -0x1.bd0106p-13f);
    return fac_fmaf(k, 0x1.63p-1f, f + rest);
}
/* The same for sqrt(1/2) <= 1 + f < sqrt(2), fdlibm's; c: log's argument was larger by the part c. */
FAC_INLINE double fac_log_parts_f64(double k, double f, double c)
{
    const double s = f / (2 + f), z = s * s, w = z * z, half_square = 0.5 * f * f;
    const double even =
        w * fac_fma(w, fac_fma(w, 1.531383769920937332e-01, 2.222219843214978396e-01), 3.999999999940941908e-01);
    double odd = fac_fma(w, 1.479819860511658591e-01, 1.818357216161805012e-01);
    odd = z * fac_fma(w, fac_fma(w, odd, 2.857142874366239149e-01), 6.666666666666735130e-01);
    const double rest = fac_fma(s, half_square + (odd + even), fac_fma(k, 0x1.a39ef35793c76p-33, c));
    return k * 0x1.62e42feep-1 - ((half_square - rest) - f);
}

/* x = 2^k (1 + f), for normal x > 0: takes off the exponent. */
FAC_INLINE float fac_log_reduce_f32(float x, float *k)
{
    const uint32_t exponent = (fac_bits_f32(x) - 0x3f400000u) & 0xff800000u;
    *k = (float)(int32_t)exponent * 0x1p-23f;
    return fac_of_bits_f32(fac_bits_f32(x) - exponent) - 1;
}
/* An exponent below the bits of 2^52 is a double, less 2^52. */
FAC_INLINE double fac_log_reduce_f64(double x, double *k)
{
    const uint64_t bits = fac_bits_f64(x) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
    *k = fac_of_bits_f64((bits >> 52) | 0x4330000000000000u) - (0x1p52 + 1023);
    return fac_of_bits_f64((bits & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu) - 1;
}

FAC_INLINE float fac_log_f32(float x)
{
    float k;
    const bool tiny = x < 0x1p-126f;
    const float f = fac_log_reduce_f32(tiny ? x * 0x1p23f : x, &k);
    const float y = fac_log_parts_f32(k - (tiny ? 23.0f : 0.0f), f);
    return x > 0 ? (x < INFINITY ? y : x) : x == 0 ? -INFINITY : NAN;
}
FAC_INLINE double fac_log_f64(double x)
{
    double k;
    const bool tiny = x < 0x1p-1022;
    const double f = fac_log_reduce_f64(tiny ? x * 0x1p54 : x, &k);
    const double y = fac_log_parts_f64(k - (tiny ? 54.0 : 0.0), f, 0);
    return x > 0 ? (x < (double)INFINITY ? y : x) : x == 0 ? -(double)INFINITY : (double)NAN;
}

/* 1 + x = 2^k (1 + f): f is 2^-k x + (2^-k - 1), and so keeps the bits of x that 1 + x loses. 4 2^-k stays normal. */
FAC_INLINE float fac_log1p_f32(float x)
{
    const uint32_t exponent = (fac_bits_f32(1 + x) - 0x3f400000u) & 0xff800000u;
    const float k = (float)(int32_t)exponent * 0x1p-23f;
    const float part = fac_of_bits_f32(fac_bits_f32(x) - exponent);
    const float f = part + fac_fmaf(0.25f, fac_of_bits_f32(0x40800000u - exponent), -1.0f);
    const float y = fabsf(x) < 0x1p-30f ? x : fac_log_parts_f32(k, f);
    return x > -1 ? (x < INFINITY ? y : x) : x == -1 ? -INFINITY : NAN;
}
/* log(u) + c / u, u = 1 + x rounded, c what was rounded off */
FAC_INLINE double fac_log1p_f64(double x)
{
    double k;
    const double u = 1 + x, c = x >= 1 ? 1 - (u - x) : x - (u - 1), f = fac_log_reduce_f64(u, &k);
    const double y = fabs(x) < 0x1p-60 ? x : fac_log_parts_f64(k, f, c / u);
    return x > -1 ? (x < (double)INFINITY ? y : x) : x == -1 ? -(double)INFINITY : (double)NAN;
}

/* Up to here in magnitude the multiples of pi/2 are taken off exactly enough; beyond it is for the C library. */
#define FAC_TURNS_MAX 0x1p17

/* sin(x) for turns = 0, cos(x) for turns = 1: x = n pi/2 + r, and by n + turns the sine or cosine of r, or minus it. In
 * double, pi/2 in two parts of which n times the first is exact (fdlibm's), r is good to a float's last bit. */
FAC_INLINE float fac_turn_f32(float x, uint32_t turns)
{
    const float n_rounded = fac_fmaf(x, 0x1.45f306p-1f, FAC_ROUND_F32);
    const double n = (double)(n_rounded - FAC_ROUND_F32);
    const float r = (float)fac_fma(-n, 6.07710050650619224932e-11, fac_fma(-n, 1.57079632673412561417e+00, (double)x));
    const uint32_t quarter = fac_bits_f32(n_rounded) + turns;
    const float z = r * r;
    float s = fac_fmaf(-0x1.994b7cp-13f, z, 0x1.110758p-7f);
    s = fac_fmaf(r * z, fac_fmaf(s, z, -0x1.555546p-3f), r);
    float c = fac_fmaf(0x1.99ff76p-16f, z, -0x1.6c0c82p-10f);
    c = fac_fmaf(z * z, fac_fmaf(c, z, 0x1.55554ap-5f), fac_fmaf(z, -0.5f, 1.0f));
    const uint32_t bits = fac_bits_f32(quarter & 1 ? c : s);
    return fac_of_bits_f32(bits ^ (quarter & 2) << 30);
}
/* r in two parts, r and its rest, fdlibm's second iteration of e_rem_pio2.c. */
FAC_INLINE double fac_turn_f64(double x, uint64_t turns)
{
    const double n_rounded = fac_fma(x, 0x1.45f306dc9c883p-1, FAC_ROUND_F64), n = n_rounded - FAC_ROUND_F64;
    const double first = x - n * 1.57079632673412561417e+00, second = n * 6.07710050630396597660e-11;
    const double left = first - second, w = n * 2.02226624879595063154e-21 - ((first - left) - second);
    const double r = left - w, rest = (left - r) - w;
    const uint64_t quarter = fac_bits_f64(n_rounded) + turns;
    const double z = r * r, v = z * r;
    double s = fac_fma(1.58969099521155010221e-10, z, -2.50507602534068634195e-08);
    s = fac_fma(fac_fma(s, z, 2.75573137070700676789e-06), z, -1.98412698298579493134e-04);
    s = fac_fma(s, z, 8.33333333332248946124e-03);
    s = r - ((z * (0.5 * rest - v * s) - rest) - v * -1.66666666666666324348e-01);
    double c = fac_fma(-1.13596475577881948265e-11, z, 2.08757232129817482790e-09);
    c = fac_fma(fac_fma(c, z, -2.75573143513906633035e-07), z, 2.48015872894767294178e-05);
    c = z * fac_fma(fac_fma(c, z, -1.38888888888741095749e-03), z, 4.16666666666666019037e-02);
    const double w1 = 1 - 0.5 * z;
    c = w1 + (((1 - w1) - 0.5 * z) + (z * c - r * rest));
    const uint64_t bits = fac_bits_f64(quarter & 1 ? c : s);
    return fac_of_bits_f64(bits ^ (quarter & 2) << 62);
}

/* With `any` the C library's for large x; else the result of these is nonsense, and *far tells that one came by. */
FAC_INLINE float fac_sin_f32(float x, bool any, int *far)
{
    *far |= fabsf(x) > (float)FAC_TURNS_MAX;
    if (any && fabsf(x) > (float)FAC_TURNS_MAX)
        return sinf(x);
    const float y = fac_turn_f32(x, 0);
    return fabsf(x) < 0x1p-12f ? x : y;
}
FAC_INLINE float fac_cos_f32(float x, bool any, int *far)
{
    *far |= fabsf(x) > (float)FAC_TURNS_MAX;
    return any && fabsf(x) > (float)FAC_TURNS_MAX ? cosf(x) : fac_turn_f32(x, 1);
}
FAC_INLINE double fac_sin_f64(double x, bool any, int *far)
{
    *far |= fabs(x) > FAC_TURNS_MAX;
    if (any && fabs(x) > FAC_TURNS_MAX)
        return sin(x);
    const double y = fac_turn_f64(x, 0);
    return fabs(x) < 0x1p-27 ? x : y;
}
FAC_INLINE double fac_cos_f64(double x, bool any, int *far)
{
    *far |= fabs(x) > FAC_TURNS_MAX;
    return any && fabs(x) > FAC_TURNS_MAX ? cos(x) : fac_turn_f64(x, 1);
}

#endif
