/* SPDX-License-Identifier: MIT */
/* Sheet 2.3: non-linear regression with a multi-layer perceptron, in C. Block for block what the sheet does in Python,
 * under its names. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <facula/facula.h>

#include "sheet_observations.h"
#include "sheet_options.h"
#include "sheet_progress.h"

/* ---- ground-truth model: a non-linear function ---- */

static fac_tensor *goal_fun(fac_tensor *x) /* x**3 - x**2 + 25 * np.sin(2 * x) */
{
    return fac_add(fac_sub(fac_pow(x, 3), fac_pow(x, 2)), fac_mul(25, fac_sin(fac_mul(2, x))));
}

/* ---- training data (with noise) ---- */

enum { n_obs = 100 }; /* number of observations */

static fac_status generate_data(fac_tensor **x_obs, fac_tensor **y_obs)
{
    /* get noise around y observations */
    fac_distribution *y_normal = fac_Normal(0.0, 10);
    fac_tensor *y_noise = fac_dist_sample(y_normal, FAC_LIST(n_obs));
    fac_dist_free(y_normal);

    /* get observations */
    *x_obs = fac_sub(fac_mul(10, fac_rand(n_obs)), 5); /* uniform from [-5,5] */
    *y_obs = fac_add(goal_fun(*x_obs), y_noise);
    return fac_error_status();
}

static fac_status read_data(const char *path, fac_tensor **x_obs, fac_tensor **y_obs)
{
    fac_table *table = fac_read_csv(path);
    *x_obs = fac_table_column(table, "x_obs");
    *y_obs = fac_table_column(table, "y_obs");
    fac_table_free(table);
    return fac_error_status();
}

static fac_status get_data(const sheet_options *options, fac_tensor **x_obs, fac_tensor **y_obs)
{
    if (options->generate)
        return generate_data(x_obs, y_obs);
    if (options->data)
        return read_data(options->data, x_obs, y_obs);
    *x_obs = fac_from_data(sheet_x, FAC_LIST(n_obs), FAC_FLOAT32);
    *y_obs = fac_from_data(sheet_y, FAC_LIST(n_obs), FAC_FLOAT32);
    return fac_error_status();
}

/* ---- network dimension parameters ---- */

enum { n_input = 1, n_hidden = 10, n_output = 1 };

/* ---- set up multi-layer perceptron: explicit version ---- */

typedef struct {
    fac_module base;
    fac_module *linear1, *linear2, *linear3, *linear4, *relu;
} MLPexplicit;

static fac_tensor *MLPexplicit_forward(fac_module *m, fac_tensor *x) /* def forward(self, x): */
{
    MLPexplicit *self = (MLPexplicit *)m;
    fac_tensor *h1 = fac_forward(self->relu, fac_forward(self->linear1, x));
    fac_tensor *h2 = fac_forward(self->relu, fac_forward(self->linear2, h1));
    fac_tensor *h3 = fac_forward(self->relu, fac_forward(self->linear3, h2));
    fac_tensor *output = fac_forward(self->linear4, h3);
    return output;
}

static const fac_class MLPexplicit_class = FAC_CLASS("MLPexplicit", sizeof(MLPexplicit), .forward = MLPexplicit_forward);

static fac_module *MLPexplicit_new(void) /* def __init__(self, n_input, n_hidden, n_output): */
{
    MLPexplicit *self = fac_new(&MLPexplicit_class);
    FAC_CHILD(self, linear1, fac_Linear(n_input, n_hidden));
    FAC_CHILD(self, linear2, fac_Linear(n_hidden, n_hidden));
    FAC_CHILD(self, linear3, fac_Linear(n_hidden, n_hidden));
    FAC_CHILD(self, linear4, fac_Linear(n_hidden, n_output));
    FAC_CHILD(self, relu, fac_ReLU());
    return fac_done(self);
}

static void print_parameters(fac_module *mlp_explicit)
{
    FAC_SCOPE;
    const fac_tensors *parameters = fac_parameters(mlp_explicit);
    for (int64_t i = 0; parameters && i < parameters->count; i++) {
        puts("---------------------------------------------------------------------------");
        puts(fac_numpy_repr(fac_round(fac_detach(parameters->items[i]), .decimals = 4)));
    }
}

/* ---- set up multi-layer perceptron: condensed version ---- */

typedef struct {
    fac_module base;
    fac_module *layers;
} MLPcondensed;

static fac_tensor *MLPcondensed_forward(fac_module *m, fac_tensor *x)
{
    return fac_forward(((MLPcondensed *)m)->layers, x);
}

static const fac_class MLPcondensed_class =
    FAC_CLASS("MLPcondensed", sizeof(MLPcondensed), .forward = MLPcondensed_forward);

static fac_module *MLPcondensed_new(void)
{
    MLPcondensed *self = fac_new(&MLPcondensed_class);
    FAC_CHILD(self, layers,
              fac_Sequential(fac_Linear(n_input, n_hidden), fac_ReLU(), fac_Linear(n_hidden, n_hidden), fac_ReLU(),
                             fac_Linear(n_hidden, n_hidden), fac_ReLU(), fac_Linear(n_hidden, n_output)));
    return fac_done(self);
}

/* ---- representing train data as a Dataset object ---- */

typedef struct {
    fac_dataset base;
    fac_tensor *x_obs, *y_obs;
} NonLinearRegressionData;

static int64_t data_len(fac_dataset *d)
{
    return fac_len(((NonLinearRegressionData *)d)->x_obs);
}

static fac_status data_get(fac_dataset *d, int64_t idx, void *const *row)
{
    NonLinearRegressionData *self = (NonLinearRegressionData *)d;
    *(float *)row[0] = ((float *)fac_data(self->x_obs))[idx];
    *(float *)row[1] = ((float *)fac_data(self->y_obs))[idx];
    return FAC_OK;
}

/* ---- training the model ---- */

/* One pass over the data; the sum of the batches' losses. */
static fac_status run_epoch(fac_module *model, fac_module *loss_function, fac_optim *optimizer, fac_loader *loader,
                            double *current_loss)
{
    *current_loss = 0.0;
    for (fac_batch data; fac_loader_next(loader, &data);) {
        FAC_SCOPE; /* what is made from here on dies with the block */
        fac_tensor *inputs = data.x, *targets = data.y;
        /* Zero the gradients */
        if (fac_optim_zero_grad(optimizer))
            return FAC_ERR_RUNTIME;
        /* Perform forward pass (make sure to supply the input in the right way) */
        fac_tensor *outputs = fac_squeeze(fac_forward(model, fac_reshape(inputs, FAC_LIST(fac_len(inputs), 1))));
        /* Compute loss */
        fac_tensor *loss = fac_forward(loss_function, outputs, targets);
        /* Perform backward pass, perform optimization */
        if (fac_backward(loss) || fac_optim_step(optimizer))
            return FAC_ERR_RUNTIME;
        *current_loss += fac_item(loss);
    }
    return fac_loader_status(loader);
}
