/* SPDX-License-Identifier: MIT */
/* The tutorial's program as far as its block number BLOCKS. Only block 10 itself and the whole train. */
#ifndef DOC_EXAMPLES_TUTORIAL_PROGRAM_H
#define DOC_EXAMPLES_TUTORIAL_PROGRAM_H

#include <string.h>

#include "../tutorial_1/block.inc"
#if BLOCKS >= 4
#include "../tutorial_4/block.inc"
#endif
#if BLOCKS >= 6
#include "../tutorial_6/block.inc"
#endif
#if BLOCKS >= 8
#include "../tutorial_8/block.inc"
#endif
#if BLOCKS >= 11
#include "../tutorial_11/block.inc"
#endif

/* The pictures are there but where gnuplot is not. */
static bool without_gnuplot(void)
{
    return strstr(fac_last_error(), "not installed") != NULL;
}

int main(void)
{
    (void)goal_fun, (void)without_gnuplot;
#if BLOCKS == 1
    fac_tensor *at_2 = goal_fun(fac_scalar(2));
    double off = at_2 ? fac_item(at_2) - -14.9200624 : 1; /* 8 - 4 + 25 sin 4 */
    return !(off < 1e-5 && off > -1e-5);
#endif
#if BLOCKS == 4
    fac_module *first = MLPexplicit_new();
    bool right = first && fac_parameters(first)->count == 8;
    fac_module_free(first);
    return !right;
#endif
#if BLOCKS == 6
    fac_module *second = MLPcondensed_new();
    bool same = second && fac_parameters(second)->count == 8;
    fac_module_free(second);
    (void)MLPexplicit_new;
    return !same;
#endif
#if BLOCKS == 8
    (void)MLPexplicit_new, (void)MLPcondensed_new;
    fac_dataset *ten = NonLinearRegressionData_new(fac_ones(10), fac_ones(10));
    int64_t count = fac_dataset_len(ten);
    fac_dataset_free(ten);
    return count != 10;
#endif
#if BLOCKS == 11
    (void)MLPexplicit_new, (void)MLPcondensed_new, (void)NonLinearRegressionData_new, (void)train_step;
    training nothing = {NULL, NULL, NULL};
    return fac_compile(train_step, &nothing) == NULL;
#endif
#if BLOCKS != 1 && BLOCKS != 4 && BLOCKS != 6 && BLOCKS != 8 && BLOCKS != 11
#include "../tutorial_2/block.inc"
    (void)y_obs;
#if BLOCKS >= 3
#include "../tutorial_3/block.inc"
    if ((remove("ground_truth.png") || remove("observations.png")) && !without_gnuplot())
        return 1;
#endif
#if BLOCKS >= 5
#include "../tutorial_5/block.inc"
#endif
#if BLOCKS >= 7
#include "../tutorial_7/block.inc"
    if (!model)
        return 1;
#endif
#if BLOCKS >= 9
#include "../tutorial_9/block.inc"
#endif
#if BLOCKS == 10 || BLOCKS == 18
#include "../tutorial_10/block.inc"
    double error = fac_item(fac_mse_loss(fac_flatten(fac_forward(model, fac_reshape(x_obs, FAC_LIST(-1, 1)))), y_obs));
    if (failed || !(error < 130))
        return 1;
#endif
#if BLOCKS >= 12
#include "../tutorial_12/block.inc"
    if (!(sum > 0 && sum < 4000))
        return 1;
#endif
#if BLOCKS >= 13
#include "../tutorial_13/block.inc"
    if (!fitted)
        return 1;
#endif
#if BLOCKS >= 14
    remove("predictions.csv"), remove("mlp.safetensors");
#include "../tutorial_14/block.inc"
    if (remove("fit.png") && !without_gnuplot())
        return 1;
    if (remove("predictions.csv") || remove("mlp.safetensors"))
        return 1;
#endif
#if BLOCKS >= 15
#include "../tutorial_15/block.inc"
    if (remove("graph_forward.dot") || remove("graph_backward.dot"))
        return 1;
#endif
#if BLOCKS >= 16
#include "../tutorial_16/block.inc"
#endif
#if BLOCKS >= 17
#include "../tutorial_17/block.inc"
    if (fac_item(fac_grad_of(x)) != 8)
        return 1;
#endif
#if BLOCKS >= 18
#include "../tutorial_18/block.inc"
    return fac_live_tensors() != 0;
#elif BLOCKS >= 5
    fac_module_free(mlp_explicit);
#endif
#endif
}

#endif
