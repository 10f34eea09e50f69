/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tensor/kernels/isa.h"

#define IS_NAN(x)    ((x) != (x))
#define LANES_NAN(x) ((x) != (x))
#define E            float
#define TYPED(x)     x##_f32
#include "tensor/kernels/extreme_type.h"
#define E        double
#define TYPED(x) x##_f64
#include "tensor/kernels/extreme_type.h"
#undef IS_NAN
#undef LANES_NAN

#if FAC_IS_BASE
#define IS_NAN(x)    false
#define LANES_NAN(x) ((x) ^ (x)) /* 0 in all lanes */
#define E            int64_t
#define TYPED(x)     x##_i64
#include "tensor/kernels/extreme_type.h"
#define E        int32_t
#define TYPED(x) x##_i32
#include "tensor/kernels/extreme_type.h"
#define E        uint8_t
#define TYPED(x) x##_u8
#include "tensor/kernels/extreme_type.h"
#endif
