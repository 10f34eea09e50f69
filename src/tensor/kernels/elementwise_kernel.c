/* SPDX-License-Identifier: MIT */
/* Elementwise operations on float32, and the table of all kernels. */
#include "tensor/kernels/elementwise_loops.h"

#ifndef __AVX512DQ__ /* elementwise_vector_kernel.c has them */
#define LIMIT     A
#define IF_SINGLE SINGLE2
#define T         float
#define SUFFIX    f32
#define M(w)      w##f
#define V(w)      fac_##w##_f32
#define POW       pow_float
#include "tensor/elementwise.def"
#endif
#undef FAC_EW1
#undef FAC_EW2

#define ISA_F64_base base
#define ISA_F64_v3   v3
#define ISA_F64_v4   v3
#define ISA_F64      FAC_ISA_NAME(ISA_F64)

/* The table: each row's kernels, of this instruction set or an earlier one. */
#define FLOATS(K, name, way) K(name, way, f32, FAC_ISA, FAC_FLOAT32) K(name, way, f64, ISA_F64, FAC_FLOAT64)
#define WHOLES(K, name)                    \
    K(name, forward, i64, base, FAC_INT64) \
    K(name, forward, i32, base, FAC_INT32) \
    K(name, forward, u8, base, FAC_UINT8)
#define BOOLS(K, name)                       \
    K(name, forward, f32, base, FAC_FLOAT32) \
    K(name, forward, f64, base, FAC_FLOAT64) \
    WHOLES(K, name)
#define FORWARD_FLOAT(K, name)   FLOATS(K, name, forward)
#define FORWARD_REAL             FORWARD_FLOAT
#define FORWARD_ARITH(K, name)   FLOATS(K, name, forward) WHOLES(K, name)
#define FORWARD_NUMBER           FORWARD_ARITH
#define FORWARD_ANY(K, name)     FORWARD_ARITH(K, name) K(name, forward, b8, base, FAC_BOOL)
#define FORWARD_COMPARE(K, name) BOOLS(K, name) K(name, forward, u8, base, FAC_BOOL)
#define FORWARD_LOGIC            FORWARD_COMPARE
#define BACK_IN(K, name)         FLOATS(K, name, backward)
#define BACK_OUT                 BACK_IN
#define BACK_NONE                BACK_IN
#define BACK_NO_GRAD(K, name)

#define DECLARED(name, way, suffix, isa, dtype)      DECLARE(name, way, suffix, isa)
#define FAC_EW1(name, types, args, F, B, saves, doc) FORWARD_##types(DECLARED, name) BACK_##saves(DECLARED, name)
#define FAC_EW2(name, types, ...)                    FORWARD_##types(DECLARED, name)
#include "tensor/elementwise.def"
#undef FAC_EW1
#undef FAC_EW2

#define ENTRY(name, way, suffix, isa, dtype) [dtype] = NAME_2(name, way, suffix, isa),
extern const fac_ew_kernels FAC_ISA_NAME(fac_ew_table);
const fac_ew_kernels FAC_ISA_NAME(fac_ew_table) = {
    .forward =
        {
#define FAC_EW1(name, types, ...) [FAC_EW_##name] = {FORWARD_##types(ENTRY, name)},
#define FAC_EW2(name, types, ...) [FAC_EW_##name] = {FORWARD_##types(ENTRY, name)},
#include "tensor/elementwise.def"
#undef FAC_EW1
#undef FAC_EW2
        },
    .backward =
        {
#define FAC_EW1(name, types, args, F, B, saves, doc) \
    [FAC_EW_##name] = {[FAC_DEFAULT_DTYPE] = NULL, BACK_##saves(ENTRY, name)},
#define FAC_EW2(name, ...)
#include "tensor/elementwise.def"
        },
};
