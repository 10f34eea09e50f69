/* SPDX-License-Identifier: MIT */
/* adam_step and sgd_step without the engine, on memory that is known to fit. */
#ifndef FAC_OPS_OPTIMISER_STEPS_H
#define FAC_OPS_OPTIMISER_STEPS_H

#include "ops/op_table.h"
#include "tensor/kernels.h"

/* beta_powers: each beta to the power of args->step. */
void fac_adam_list(int dtype, int64_t count, const fac_adam_segment *segments, const fac_adam_step_args *args,
                   const double beta_powers[2]);
void fac_sgd_list(int dtype, int64_t count, const fac_sgd_segment *segments, const fac_sgd_step_args *args);

#endif
