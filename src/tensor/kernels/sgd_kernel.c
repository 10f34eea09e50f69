/* SPDX-License-Identifier: MIT */
#include "tensor/kernels/isa.h"

#define FAC_REAL 32
#include "tensor/kernels/sgd_real.h"
#undef FAC_REAL
#define FAC_REAL 64
#include "tensor/kernels/sgd_real.h"
