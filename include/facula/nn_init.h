/* SPDX-License-Identifier: MIT */
/* Initial values: torch.nn.init. With the same seed the same numbers as PyTorch, bit for bit.
 *
 * Each function fills the tensor in place, without a gradient being recorded, and gives it back (lent), or NULL with
 * the error pending: FAC_ERR_VALUE for a tensor with fewer than two dims where fans are needed, an unknown mode or
 * nonlinearity; FAC_ERR_TYPE where it can't hold random reals. fan_in is the number of inputs of one output, fan_out
 * the number of outputs one input goes to: of a weight (out, in, kernel...) in * kernel elements and out * kernel
 * elements. */
#ifndef FACULA_NN_INIT_H
#define FACULA_NN_INIT_H

#include "facula/call.h"
#include "facula/random.h"

#ifdef __cplusplus
extern "C" {
#endif

/* nn.init.uniform_(tensor, a=0.0, b=1.0, generator=None): U(a, b). */
typedef struct fac_init_uniform__args {
    size_t size_;
    double a, b;
    fac_generator *generator;
} fac_init_uniform__args;
#define FAC_DEFAULTS_init_uniform_ .a = 0, .b = 1, .generator = (fac_generator *)fac_none
FAC_API fac_init_uniform__args fac_init_uniform__defaults(void);
FAC_API fac_tensor *fac_init_uniform__with(fac_tensor *tensor, const fac_init_uniform__args *args);

/* nn.init.normal_(tensor, mean=0.0, std=1.0, generator=None): N(mean, std^2). */
typedef struct fac_init_normal__args {
    size_t size_;
    double mean, std;
    fac_generator *generator;
} fac_init_normal__args;
#define FAC_DEFAULTS_init_normal_ .mean = 0, .std = 1, .generator = (fac_generator *)fac_none
FAC_API fac_init_normal__args fac_init_normal__defaults(void);
FAC_API fac_tensor *fac_init_normal__with(fac_tensor *tensor, const fac_init_normal__args *args);

/* nn.init.xavier_uniform_, xavier_normal_(tensor, gain=1.0, generator=None): U(-b, b) with b = gain * sqrt(6 / (fan_in
 * + fan_out)); N(0, std^2) with std = gain * sqrt(2 / (fan_in + fan_out)). Glorot and Bengio, AISTATS 2010. */
typedef struct fac_init_xavier_uniform__args {
    size_t size_;
    double gain;
    fac_generator *generator;
} fac_init_xavier_uniform__args;
typedef fac_init_xavier_uniform__args fac_init_xavier_normal__args;
#define FAC_DEFAULTS_init_xavier_uniform_ .gain = 1, .generator = (fac_generator *)fac_none
#define FAC_DEFAULTS_init_xavier_normal_  FAC_DEFAULTS_init_xavier_uniform_
FAC_API fac_init_xavier_uniform__args fac_init_xavier_uniform__defaults(void);
FAC_API fac_init_xavier_normal__args fac_init_xavier_normal__defaults(void);
FAC_API fac_tensor *fac_init_xavier_uniform__with(fac_tensor *tensor, const fac_init_xavier_uniform__args *args);
FAC_API fac_tensor *fac_init_xavier_normal__with(fac_tensor *tensor, const fac_init_xavier_normal__args *args);

/* nn.init.kaiming_uniform_, kaiming_normal_(tensor, a=0, mode='fan_in', nonlinearity='leaky_relu', generator=None):
 * U(-b, b) with b = gain * sqrt(3 / fan); N(0, std^2) with std = gain / sqrt(fan); fan by mode, "fan_in" or "fan_out";
 * gain is that of the nonlinearity, a the negative slope of "leaky_relu". He et al., ICCV 2015. */
typedef struct fac_init_kaiming_uniform__args {
    size_t size_;
    double a;
    const char *mode, *nonlinearity;
    fac_generator *generator;
} fac_init_kaiming_uniform__args;
typedef fac_init_kaiming_uniform__args fac_init_kaiming_normal__args;
#define FAC_DEFAULTS_init_kaiming_uniform_ \
    .a = 0, .mode = "fan_in", .nonlinearity = "leaky_relu", .generator = (fac_generator *)fac_none
#define FAC_DEFAULTS_init_kaiming_normal_ FAC_DEFAULTS_init_kaiming_uniform_
FAC_API fac_init_kaiming_uniform__args fac_init_kaiming_uniform__defaults(void);
FAC_API fac_init_kaiming_normal__args fac_init_kaiming_normal__defaults(void);
FAC_API fac_tensor *fac_init_kaiming_uniform__with(fac_tensor *tensor, const fac_init_kaiming_uniform__args *args);
FAC_API fac_tensor *fac_init_kaiming_normal__with(fac_tensor *tensor, const fac_init_kaiming_normal__args *args);

/* nn.init.constant_(tensor, val), ones_(tensor), zeros_(tensor), eye_(tensor): eye_ takes a matrix. */
FAC_API fac_tensor *fac_init_constant_(fac_tensor *tensor, double val);
FAC_API fac_tensor *fac_init_ones_(fac_tensor *tensor);
FAC_API fac_tensor *fac_init_zeros_(fac_tensor *tensor);
FAC_API fac_tensor *fac_init_eye_(fac_tensor *tensor);

/* nn.init.calculate_gain(nonlinearity, param=None): the factor by which a nonlinearity ("linear", "relu", "tanh", ...)
 * wants larger weights; param is the negative slope of "leaky_relu", 0.01 if None. NaN with FAC_ERR_VALUE pending for
 * an unknown one. */
typedef struct fac_init_calculate_gain_args {
    size_t size_;
    double param;
} fac_init_calculate_gain_args;
#define FAC_DEFAULTS_init_calculate_gain .param = FAC_NONE_REAL
FAC_API fac_init_calculate_gain_args fac_init_calculate_gain_defaults(void);
FAC_API double fac_init_calculate_gain_with(const char *nonlinearity, const fac_init_calculate_gain_args *args);

#ifndef __cplusplus
#define fac_init_uniform_(...)         FAC_CALL1_(init_uniform_, FAC_TENSOR_, __VA_ARGS__)
#define fac_init_normal_(...)          FAC_CALL1_(init_normal_, FAC_TENSOR_, __VA_ARGS__)
#define fac_init_xavier_uniform_(...)  FAC_CALL1_(init_xavier_uniform_, FAC_TENSOR_, __VA_ARGS__)
#define fac_init_xavier_normal_(...)   FAC_CALL1_(init_xavier_normal_, FAC_TENSOR_, __VA_ARGS__)
#define fac_init_kaiming_uniform_(...) FAC_CALL1_(init_kaiming_uniform_, FAC_TENSOR_, __VA_ARGS__)
#define fac_init_kaiming_normal_(...)  FAC_CALL1_(init_kaiming_normal_, FAC_TENSOR_, __VA_ARGS__)
#define fac_init_calculate_gain(...)   FAC_CALL1_(init_calculate_gain, FAC_TENSOR_, __VA_ARGS__)
#endif

#ifdef __cplusplus
}
#endif
#endif
