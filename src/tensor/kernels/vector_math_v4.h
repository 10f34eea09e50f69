/* SPDX-License-Identifier: MIT */
/* vector_math.h's functions of float32 for AVX-512, whose own instructions do in one step what takes several there:
 * vscalefps, vgetexpps, vgetmantps, and vrcp14ps in place of a division, which takes 16 cycles. Whole vectors; the same
 * operations in every lane. The same bounds. */
#ifndef FAC_KERNELS_VECTOR_MATH_V4_H
#define FAC_KERNELS_VECTOR_MATH_V4_H

#include "tensor/kernels/vector_math.h"

FAC_INLINE vf vf_magnitude(vf x)
{
    return _mm512_abs_ps(x);
}
FAC_INLINE __mmask16 vf_below(vf x, float bound)
{
    return _mm512_cmp_ps_mask(x, vf_all(bound), _CMP_LT_OQ);
}
FAC_INLINE vf vf_select(__mmask16 which, vf yes, vf no)
{
    return _mm512_mask_mov_ps(no, which, yes);
}
FAC_INLINE __m512i vf_bits(vf x)
{
    return _mm512_castps_si512(x);
}
FAC_INLINE vf vf_of_bits(__m512i bits)
{
    return _mm512_castsi512_ps(bits);
}
/* NaN stays, as with vf_at_least: of two operands the instruction takes the second if one is NaN. */
FAC_INLINE vf vf_at_most(vf x, float high)
{
    return _mm512_min_ps(vf_all(high), x);
}

/* a / d for normal d whose reciprocal is normal: the estimate is good to 14 bits, the step after it makes them 28
 * before the last rounding. */
FAC_INLINE vf vf_quotient(vf a, vf d)
{
    const vf r = _mm512_rcp14_ps(d), q = a * r;
    return vf_fma(_mm512_fnmadd_ps(d, q, a), r, q);
}

/* e^r, |r| <= ln 2 / 2, of fac_exp_short_f32's polynomial. */
FAC_INLINE vf vf_exp_near(vf r)
{
    vf p = vf_all(0x1.6db64cp-10f);
    p = vf_fma(p, r, vf_all(0x1.123cep-7f));
    p = vf_fma(p, r, vf_all(0x1.55545cp-5f));
    p = vf_fma(p, r, vf_all(0x1.55548cp-3f));
    p = vf_fma(p, r, vf_all(0.5f));
    p = vf_fma(p, r, vf_all(1));
    return vf_fma(p, r, vf_all(1));
}
/* x = n ln 2 + r; gives r, and n + FAC_ROUND. */
FAC_INLINE vf vf_exp_reduce(vf x, vf *n_rounded)
{
    *n_rounded = vf_fma(x, vf_all(0x1.715476p+0f), vf_all(FAC_ROUND_F32));
    const vf n = *n_rounded - vf_all(FAC_ROUND_F32);
    return vf_fma(n, vf_all(0x1.bd0106p-13f), vf_fma(n, vf_all(-0x1.63p-1f), x));
}
FAC_INLINE vf vf_power(vf n_rounded)
{
    return vf_of_bits(_mm512_add_epi32(_mm512_slli_epi32(vf_bits(n_rounded), 23), _mm512_set1_epi32(0x3f800000)));
}

/* For x <= 89; what is below -104 gives 0. */
FAC_INLINE vf vf_exp_bounded(vf x)
{
    vf n_rounded;
    const vf r = vf_exp_reduce(x, &n_rounded);
    return _mm512_scalef_ps(vf_exp_near(r), n_rounded - vf_all(FAC_ROUND_F32));
}
FAC_INLINE vf vf_exp(vf x)
{
    return vf_exp_bounded(vf_at_most(vf_at_least(vf_all(-104), x), 89));
}

FAC_INLINE vf vf_expm1(vf x)
{
    vf n_rounded;
    const vf r = vf_exp_reduce(vf_at_most(vf_at_least(vf_all(-20), x), 89), &n_rounded);
    const vf power = vf_power(n_rounded - vf_all(1));
    vf p = vf_all(0x1.a1a368p-13f);
    p = vf_fma(p, r, vf_all(0x1.6d7654p-10f));
    p = vf_fma(p, r, vf_all(0x1.11108ep-7f));
    p = vf_fma(p, r, vf_all(0x1.5554acp-5f));
    p = vf_fma(p, r, vf_all(0x1.555556p-3f));
    p = vf_fma(p, r, vf_all(0.5f));
    const vf y = vf_fma(power, vf_fma(r * r, p, r), power - vf_all(0.5f));
    return vf_select(vf_below(vf_magnitude(x), 0x1p-60f), x, y + y);
}

/* tanh by the magnitude's exponent and first two bits, from 2^-4 to 16 (so that the low five bits of these are the
 * entry): a polynomial in the distance from a centre, which is chosen where tanh is a float but for a hundredth of its
 * last bit. Fitted by least squares in the relative error at Chebyshev's nodes. Near 0 it is x + a x^3 + b x^5. */
static const float vf_tanh_table[7][32] = {
    {0x1.1ff226p+1f,
     0x1.60790ap+1f,
     0x1.a01c78p+1f,
     0x1.e0081cp+1f,
     0x1.1fe142p+2f,
     0x1.5fe8bep+2f,
     0x1.9fef28p+2f,
     0x1.e0d5c4p+2f,
     0x1.154246p+3f,
     0x1.400000p+3f,
     0x1.800000p+3f,
     0x1.c00000p+3f,
     0,
     0x1.5ffee6p-4f,
     0x1.9ffde6p-4f,
     0x1.e00434p-4f,
     0x1.1ff876p-3f,
     0x1.6006a0p-3f,
     0x1.a009b8p-3f,
     0x1.e0087ap-3f,
     0x1.1ff652p-2f,
     0x1.600068p-2f,
     0x1.a0044cp-2f,
     0x1.dff4c6p-2f,
     0x1.1ff3a2p-1f,
     0x1.5ffc7cp-1f,
     0x1.9fef8ap-1f,
     0x1.dff95ap-1f,
     0x1.2008dep+0f,
     0x1.5fef1ep+0f,
     0x1.a01248p+0f,
     0x1.dfe980p+0f},
    {0x1.f4bd6ep-1f,
     0x1.fbdcdcp-1f,
     0x1.fe7728p-1f,
     0x1.ff6f2ap-1f,
     0x1.ffdf88p-1f,
     0x1.fffb9cp-1f,
     0x1.ffff68p-1f,
     0x1.ffffecp-1f,
     0x1.fffffep-1f,
     1,
     1,
     1,
     0,
     0x1.5f21bap-4f,
     0x1.9e9142p-4f,
     0x1.ddd4b8p-4f,
     0x1.1e166cp-3f,
     0x1.5c9976p-3f,
     0x1.9a6870p-3f,
     0x1.d76e64p-3f,
     0x1.189aa6p-2f,
     0x1.52c322p-2f,
     0x1.8a8b8ap-2f,
     0x1.bfa556p-2f,
     0x1.04ff48p-1f,
     0x1.31559cp-1f,
     0x1.577ff2p-1f,
     0x1.77d528p-1f,
     0x1.9e62d4p-1f,
     0x1.c27104p-1f,
     0x1.d9cc3cp-1f,
     0x1.e87494p-1f},
    {0x1.645bf0p-5f,
     0x1.07b730p-6f,
     0x1.884156p-8f,
     0x1.21830ep-9f,
     0x1.03b8c2p-11f,
     0x1.190002p-14f,
     0x1.300142p-17f,
     0x1.4005dep-20f,
     0x1.fd4e46p-24f,
     0,
     0,
     0,
     1,
     0x1.fc3cc4p-1f,
     0x1.fac14cp-1f,
     0x1.f9083cp-1f,
     0x1.f60250p-1f,
     0x1.f12a74p-1f,
     0x1.eb706ap-1f,
     0x1.e4dec4p-1f,
     0x1.d98daap-1f,
     0x1.c7f704p-1f,
     0x1.b3fdc6p-1f,
     0x1.9e27a6p-1f,
     0x1.7af43cp-1f,
     0x1.49e972p-1f,
     0x1.198bf2p-1f,
     0x1.d83dd4p-2f,
     0x1.613c34p-2f,
     0x1.cedcf8p-3f,
     0x1.26374ep-3f,
     0x1.700d5ap-4f},
    {-0x1.5c830ap-5f,
     -0x1.0591b8p-6f,
     -0x1.870d5ep-8f,
     -0x1.212ba8p-9f,
     -0x1.03551ap-11f,
     -0x1.18a2c8p-14f,
     -0x1.2f9e6ep-17f,
     -0x1.3f9a16p-20f,
     -0x1.009166p-23f,
     0,
     0,
     0,
     0,
     -0x1.5c8d00p-4f,
     -0x1.9a5204p-4f,
     -0x1.d753f2p-4f,
     -0x1.188142p-3f,
     -0x1.527fdep-3f,
     -0x1.89ed48p-3f,
     -0x1.be7382p-3f,
     -0x1.038880p-2f,
     -0x1.2dafd6p-2f,
     -0x1.4ff91cp-2f,
     -0x1.6a195ap-2f,
     -0x1.8259e0p-2f,
     -0x1.897d70p-2f,
     -0x1.79c73cp-2f,
     -0x1.5aa5eap-2f,
     -0x1.1de462p-2f,
     -0x1.9736fep-3f,
     -0x1.1043b0p-3f,
     -0x1.5f209ap-4f},
    {0x1.bc25e4p-6f,
     0x1.5716e2p-7f,
     0x1.0322a2p-8f,
     0x1.80b5dep-10f,
     0x1.59bf4ap-12f,
     0x1.7649ccp-15f,
     0x1.94f1f8p-18f,
     0x1.a98758p-21f,
     0x1.67fc88p-24f,
     0,
     0,
     0,
     -0x1.55551cp-2f,
     -0x1.4b5a14p-2f,
     -0x1.47740ap-2f,
     -0x1.42f0f6p-2f,
     -0x1.3b1486p-2f,
     -0x1.2ea298p-2f,
     -0x1.2027f0p-2f,
     -0x1.0fdceap-2f,
     -0x1.e92a9cp-3f,
     -0x1.985806p-3f,
     -0x1.426c38p-3f,
     -0x1.d73daep-4f,
     -0x1.bd8648p-5f,
     0x1.d6fdb6p-7f,
     0x1.0702c4p-4f,
     0x1.842b86p-4f,
     0x1.c69170p-4f,
     0x1.97ef6ep-4f,
     0x1.33c1e6p-4f,
     0x1.a8982ep-5f},
    {-0x1.962288p-7f,
     -0x1.4f0afep-8f,
     -0x1.02d196p-9f,
     -0x1.83678cp-11f,
     -0x1.6a085ep-13f,
     -0x1.88621ap-16f,
     -0x1.a89be6p-19f,
     -0x1.bee5acp-22f,
     -0x1.6141e2p-25f,
     0,
     0,
     0,
     0,
     0x1.bd5b4ap-5f,
     0x1.0a8a50p-4f,
     0x1.3165f2p-4f,
     0x1.6a8846p-4f,
     0x1.afa39ep-4f,
     0x1.ede2a0p-4f,
     0x1.126a76p-3f,
     0x1.32de7cp-3f,
     0x1.4fffe8p-3f,
     0x1.5c0d70p-3f,
     0x1.583c18p-3f,
     0x1.39eca0p-3f,
     0x1.e948dap-4f,
     0x1.476a9ep-4f,
     0x1.634a82p-5f,
     0x1.de67aap-9f,
     -0x1.59b3a0p-6f,
     -0x1.9ba8fcp-6f,
     -0x1.55bbd8p-6f},
    {0x1.04b2eep-8f,
     0x1.f69600p-10f,
     0x1.941ae6p-11f,
     0x1.32e59ep-12f,
     0x1.1e5256p-14f,
     0x1.373beep-17f,
     0x1.512fa4p-20f,
     0x1.6eba02p-23f,
     0x1.4f67f8p-27f,
     0,
     0,
     0,
     0x1.102346p-3f,
     0x1.5d8c32p-4f,
     0x1.bdf404p-4f,
     0x1.ba9afep-4f,
     0x1.c4a27cp-4f,
     0x1.a29918p-4f,
     0x1.78ba66p-4f,
     0x1.4b59bep-4f,
     0x1.e531d2p-5f,
     0x1.069218p-5f,
     0x1.8f20a4p-8f,
     -0x1.183cc8p-6f,
     -0x1.6300e8p-5f,
     -0x1.f814a8p-5f,
     -0x1.00bf98p-4f,
     -0x1.b2e452p-5f,
     -0x1.073124p-5f,
     -0x1.38ae14p-7f,
     0x1.6b8810p-10f,
     0x1.2d802cp-8f},
};
FAC_INLINE vf vf_entry(const float *table, __m512i at)
{
    return _mm512_permutex2var_ps(vf_load(table), at, vf_load(table + VF_LANES));
}
FAC_INLINE vf vf_tanh(vf x)
{
    const vf size = vf_at_most(vf_magnitude(x), 15);
    const __m512i at = _mm512_srli_epi32(_mm512_max_epi32(vf_bits(size), vf_bits(vf_all(0x1p-4f))), 21);
    const vf d = size - vf_entry(vf_tanh_table[0], at);
    vf p = vf_entry(vf_tanh_table[6], at);
    FAC_UNROLL
    for (int k = 5; k > 0; k--)
        p = vf_fma(p, d, vf_entry(vf_tanh_table[k], at));
    return vf_of_bits(_mm512_ternarylogic_epi32(_mm512_set1_epi32(0x7fffffff), vf_bits(p), vf_bits(x), 0xca));
}

/* 1 / (1 + e^-|x|), below 0 e^-|x| / (1 + e^-|x|): no overflow */
FAC_INLINE vf vf_sigmoid(vf x)
{
    const __mmask16 negative = _mm512_movepi32_mask(vf_bits(x));
    const vf e = vf_exp_bounded(vf_at_least(vf_all(-104), _mm512_or_ps(x, vf_all(-0.0f))));
    return vf_quotient(vf_select(negative, e, vf_all(1)), e + vf_all(1));
}

/* k ln 2 + log(1 + f), of fac_log_parts_f32's polynomial. ln 2 as a float is good to 28 bits. */
FAC_INLINE vf vf_log_parts(vf k, vf f)
{
    vf p = vf_all(-0x1.7a3432p-5f);
    p = vf_fma(p, f, vf_all(0x1.b17878p-4f));
    p = vf_fma(p, f, vf_all(-0x1.0e114cp-3f));
    p = vf_fma(p, f, vf_all(0x1.284c7p-3f));
    p = vf_fma(p, f, vf_all(-0x1.54dd26p-3f));
    p = vf_fma(p, f, vf_all(0x1.996ae4p-3f));
    p = vf_fma(p, f, vf_all(-0x1.000082p-2f));
    p = vf_fma(p, f, vf_all(0x1.5555a2p-2f));
    p = vf_fma(p, f, vf_all(-0.5f));
    return vf_fma(k, vf_all(0x1.62e43p-1f), vf_fma(f * f, p, f));
}
/* The mantissa in [3/4, 3/2), NaN below 0, 1 for 0 and infinity, whose exponents -inf and inf make the result. */
FAC_INLINE vf vf_log(vf x)
{
    const vf mantissa = _mm512_getmant_ps(x, _MM_MANT_NORM_p75_1p5, (_MM_MANTISSA_SIGN_ENUM)3);
    const vf k = _mm512_getexp_ps(x) - _mm512_getexp_ps(mantissa);
    return vf_log_parts(k, mantissa - vf_all(1));
}

/* As fac_log1p_f32. */
FAC_INLINE vf vf_log1p(vf x)
{
    const __m512i shifted = _mm512_sub_epi32(vf_bits(x + vf_all(1)), _mm512_set1_epi32(0x3f400000));
    const __m512i exponent = _mm512_and_si512(shifted, _mm512_set1_epi32((int)0xff800000u));
    const vf k = _mm512_cvtepi32_ps(exponent) * vf_all(0x1p-23f);
    const vf part = vf_of_bits(_mm512_sub_epi32(vf_bits(x), exponent));
    const vf scale = vf_of_bits(_mm512_sub_epi32(_mm512_set1_epi32(0x40800000), exponent));
    vf y = vf_log_parts(k, part + vf_fma(vf_all(0.25f), scale, vf_all(-1)));
    y = vf_select(vf_below(vf_magnitude(x), 0x1p-30f), x, y);
    y = vf_select(_mm512_cmp_ps_mask(x, vf_all(INFINITY), _CMP_NLT_UQ), x, y);
    y = vf_select(vf_below(x, -1), vf_all(NAN), y);
    return vf_select(_mm512_cmp_ps_mask(x, vf_all(-1), _CMP_EQ_OQ), vf_all(-INFINITY), y);
}

/* As fac_turn_f32, in floats: pi/2 in three parts. n times the first, less x, is exact, so that of the rest two
 * roundings remain. */
FAC_INLINE vf vf_turn(vf x, int turns)
{
    const vf n_rounded = vf_fma(x, vf_all(0x1.45f306p-1f), vf_all(FAC_ROUND_F32));
    const vf n = n_rounded - vf_all(FAC_ROUND_F32);
    vf r = vf_fma(n, vf_all(-0x1.921fb6p+0f), x);
    r = vf_fma(n, vf_all(0x1.777a5cp-25f), r);
    r = vf_fma(n, vf_all(0x1.ee59dap-50f), r);
    const __m512i quarter = _mm512_add_epi32(vf_bits(n_rounded), _mm512_set1_epi32(turns));
    const vf z = r * r;
    vf s = vf_fma(vf_all(-0x1.994b7cp-13f), z, vf_all(0x1.110758p-7f));
    s = vf_fma(r * z, vf_fma(s, z, vf_all(-0x1.555546p-3f)), r);
    vf c = vf_fma(vf_all(0x1.99ff76p-16f), z, vf_all(-0x1.6c0c82p-10f));
    c = vf_fma(z * z, vf_fma(c, z, vf_all(0x1.55554ap-5f)), vf_fma(z, vf_all(-0.5f), vf_all(1)));
    const vf y = vf_select(_mm512_test_epi32_mask(quarter, _mm512_set1_epi32(1)), c, s);
    return vf_of_bits(_mm512_ternarylogic_epi32(vf_bits(y), _mm512_slli_epi32(quarter, 30),
                                                _mm512_set1_epi32((int)0x80000000u),
                                                0x78)); /* y ^ (quarter & 2) << 30 */
}

/* Of the lanes too far for that the C library's. */
FAC_OUTLINE vf vf_far(vf x, vf y, __mmask16 far, float (*f)(float))
{
    float in[VF_LANES], out[VF_LANES];
    vf_store(in, x), vf_store(out, y);
    for (int i = 0; i < VF_LANES; i++)
        if (far >> i & 1)
            out[i] = f(in[i]);
    return vf_load(out);
}
FAC_INLINE vf vf_unless_far(vf x, vf y, float (*f)(float))
{
    const __mmask16 far = _mm512_cmp_ps_mask(vf_magnitude(x), vf_all((float)FAC_TURNS_MAX), _CMP_GT_OQ);
    return __builtin_expect(far != 0, 0) ? vf_far(x, y, far, f) : y;
}
FAC_INLINE vf vf_sin(vf x)
{
    const vf y = vf_select(vf_below(vf_magnitude(x), 0x1p-12f), x, vf_turn(x, 0));
    return vf_unless_far(x, y, sinf);
}
FAC_INLINE vf vf_cos(vf x)
{
    return vf_unless_far(x, vf_turn(x, 1), cosf);
}

#endif
