/* SPDX-License-Identifier: MIT */
/* adam_step and sgd_step without the engine, on memory that is known to fit. */
#ifndef FAC_OPS_OPTIMISER_STEPS_H
#define FAC_OPS_OPTIMISER_STEPS_H

#include "ops/op_table.h"
#include "tensor/kernels.h"

/* Segments in a row, fac_adam_segment or fac_sgd_segment, with `total` elements in all. */
typedef struct fac_step_list {
    void *segments;
    int64_t count, total;
    int dtype;
} fac_step_list;

/* beta_powers: each beta to the power of args->step. */
void fac_adam_list(const fac_step_list *list, const fac_adam_step_args *args, const double beta_powers[2]);
void fac_sgd_list(const fac_step_list *list, const fac_sgd_step_args *args);

#endif
