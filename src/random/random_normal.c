/* SPDX-License-Identifier: MIT */
/* Normals by Box and Muller's transform: r = sqrt(-2 ln(1 - u)), theta = 2 pi u'; r cos(theta), r sin(theta). */
#include <math.h>

#include "random/random.h"
#include "random/random_kernels.h"

#define TWO_PI 6.283185307179586

static double standard(fac_generator *g)
{
    if (g->has_normal) {
        g->has_normal = false;
        return g->normal;
    }
    double u[2];
    fac_random_uniform_f64(g, u, 2, 0, 1);
    double r = sqrt(-2 * log1p(-u[1])), theta = TWO_PI * u[0];
    g->normal = r * sin(theta);
    g->has_normal = true;
    return r * cos(theta);
}

double fac_random_normal_one(fac_generator *g, double mean, double std)
{
    return fma(standard(g), std, mean);
}

void fac_random_normal_each_f32(fac_generator *g, float *out, int64_t n, double mean, double std)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = (float)fac_random_normal_one(g, mean, std);
}

void fac_random_normal_each_f64(fac_generator *g, double *out, int64_t n, double mean, double std)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = fac_random_normal_one(g, mean, std);
}

static void blocks_f32(fac_generator *g, float *data, int64_t n, double mean, double std)
{
    fac_random_uniform_f32(g, data, n, 0, 1);
    fac_random_kernels_best()->normal_f32(data, n / 16, (float)mean, (float)std);
}

static void blocks_f64(fac_generator *g, double *data, int64_t n, double mean, double std)
{
    fac_random_uniform_f64(g, data, n, 0, 1);
    for (int64_t b = 0; b < n / 16; b++, data += 16) {
        for (int i = 0; i < 8; i++) {
            double r = sqrt(-2 * log(1 - data[i])), theta = TWO_PI * data[i + 8];
            data[i] = fma(r * cos(theta), std, mean);
            data[i + 8] = fma(r * sin(theta), std, mean);
        }
    }
}

/* Pieces small enough for the cache, whole blocks each; a rest of less than 16 takes 16 fresh uniforms for the last 16
 * elements, over values that were finished. */
#define FILL(suffix, type)                                                                           \
    void fac_random_normal_##suffix(fac_generator *g, type *out, int64_t n, double mean, double std) \
    {                                                                                                \
        const int64_t piece = 2048;                                                                  \
        if (n < 16) {                                                                                \
            fac_random_normal_each_##suffix(g, out, n, mean, std);                                   \
            return;                                                                                  \
        }                                                                                            \
        for (int64_t i = 0; i < n; i += piece)                                                       \
            blocks_##suffix(g, out + i, n - i < piece ? n - i : piece, mean, std);                   \
        if (n % 16 != 0)                                                                             \
            blocks_##suffix(g, out + n - 16, 16, mean, std);                                         \
    }
FAC_RANDOM_FLOATS(FILL)
