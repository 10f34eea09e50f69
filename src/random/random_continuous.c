/* SPDX-License-Identifier: MIT */
/* Distributions made of one float64 uniform u an element by their quantile function, computed in double. */
#include <math.h>

#include "random/random.h"

#define PI 3.14159265358979323846

enum { PIECE = 256 };

/* Fills out with `value`, an expression of u. */
#define FOR_UNIFORMS(type, value)                            \
    double uniforms[PIECE];                                  \
    for (int64_t done = 0; done < n; done += PIECE) {        \
        int64_t count = n - done < PIECE ? n - done : PIECE; \
        fac_random_uniform_f64(g, uniforms, count, 0, 1);    \
        for (int64_t i = 0; i < count; i++) {                \
            double u = uniforms[i];                          \
            out[done + i] = (type)(value);                   \
        }                                                    \
    }

#define EXPONENTIAL(suffix, type)                                                               \
    void fac_random_exponential_##suffix(fac_generator *g, type *out, int64_t n, double lambda) \
    {                                                                                           \
        const double scale = -1 / lambda;                                                       \
        FOR_UNIFORMS(type, scale *log1p(-u))                                                    \
    }
FAC_RANDOM_FLOATS(EXPONENTIAL)

#define CAUCHY(suffix, type)                                                                             \
    void fac_random_cauchy_##suffix(fac_generator *g, type *out, int64_t n, double median, double sigma) \
    {                                                                                                    \
        FOR_UNIFORMS(type, fma(sigma, tan(PI *(u - 0.5)), median))                                       \
    }
FAC_RANDOM_FLOATS(CAUCHY)

#define LOG_NORMAL(suffix, type)                                                                         \
    void fac_random_log_normal_##suffix(fac_generator *g, type *out, int64_t n, double mean, double std) \
    {                                                                                                    \
        for (int64_t i = 0; i < n; i++)                                                                  \
            out[i] = (type)exp(fac_random_normal_one(g, mean, std));                                     \
    }
FAC_RANDOM_FLOATS(LOG_NORMAL)

/* u = 0 gives infinity, which no integer type holds: int64 as the processor converts it, then cut. */
static int64_t to_integer(double value)
{
    return value < 0x1p63 ? (int64_t)value : INT64_MIN;
}
#define AS_f32(value) (float)(value)
#define AS_f64(value) (value)
#define AS_i64(value) to_integer(value)
#define AS_i32(value) (int32_t) to_integer(value)
#define AS_u8(value)  (uint8_t) to_integer(value)

/* The number of trials up to the first success */
#define GEOMETRIC(suffix, type)                                                          \
    void fac_random_geometric_##suffix(fac_generator *g, type *out, int64_t n, double p) \
    {                                                                                    \
        const double scale = log1p(-p);                                                  \
        FOR_UNIFORMS(type, AS_##suffix(ceil(log(u) / scale)))                            \
    }
FAC_RANDOM_NUMBERS(GEOMETRIC)
