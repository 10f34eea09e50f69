/* SPDX-License-Identifier: MIT */
/* Sheet 2.3: non-linear regression with a multi-layer perceptron, in C. Block for block what the sheet does in Python,
 * under its names. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <facula/facula.h>

#include "sheet_graphs.h"
#include "sheet_observations.h"
#include "sheet_options.h"
#include "sheet_pictures.h"
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
    if (*y_obs && fac_len(*y_obs) == 0)
        fac_raise(FAC_ERR_VALUE, "%s: there are no observations", path);
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

static const fac_class MLPexplicit_class =
    FAC_CLASS("MLPexplicit", sizeof(MLPexplicit), .forward = MLPexplicit_forward);

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
        const char *text = fac_numpy_repr(fac_round(fac_detach(parameters->items[i]), .decimals = 4));
        puts("---------------------------------------------------------------------------");
        puts(text ? text : "");
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

static int64_t data_len(fac_dataset *d) /* def __len__(self): */
{
    return fac_len(((NonLinearRegressionData *)d)->x_obs);
}

static fac_status data_getitem(fac_dataset *d, int64_t idx, fac_row *row) /* def __getitem__(self, idx): */
{
    NonLinearRegressionData *self = (NonLinearRegressionData *)d;
    row->x[0] = ((float *)fac_data(self->x_obs))[idx];
    row->y[0] = ((float *)fac_data(self->y_obs))[idx];
    return FAC_OK;
}

static const fac_dataset_class NonLinearRegressionData_class =
    FAC_DATASET_CLASS("NonLinearRegressionData", sizeof(NonLinearRegressionData), .len = data_len, .get = data_getitem);

static fac_dataset *NonLinearRegressionData_new(fac_tensor *x_obs, fac_tensor *y_obs) /* def __init__(self, ...): */
{
    NonLinearRegressionData *self = fac_Dataset(&NonLinearRegressionData_class);
    FAC_FIELD(self, x_obs, x_obs);
    FAC_FIELD(self, y_obs, y_obs);
    return fac_dataset_done(self);
}

static fac_status print_batches(fac_loader *train_dataloader)
{
    for (fac_batch data; fac_loader_next(train_dataloader, &data);) {
        FAC_SCOPE;
        const char *input = fac_repr(data.x), *target = fac_repr(data.y);
        if (input && target)
            printf("In: %s\nOut:%s\n\n", input, target);
    }
    return fac_loader_status(train_dataloader);
}

/* ---- training the model ---- */

/* Where a loss that is not finite comes from: the batch itself, or what became of it. */
static void explain_loss(int64_t epoch, int64_t batch, const fac_batch *data)
{
    const char *why = "x_obs and y_obs are finite, but became too large for float32";
    if (!fac_item_int(fac_all(fac_isfinite(data->x))))
        why = "there is a NaN or infinity in x_obs";
    else if (!fac_item_int(fac_all(fac_isfinite(data->y))))
        why = "there is a NaN or infinity in y_obs";
    fac_raise(FAC_ERR_VALUE, "epoch %lld, batch %lld: the loss is not finite: %s", (long long)epoch + 1,
              (long long)batch, why);
}

/* What a step needs. */
typedef struct {
    fac_module *model, *loss_function;
    fac_optim *optimizer;
} training;

/* One step on one batch; its loss, NULL if something failed. */
static fac_tensor *train_step(void *ctx, const fac_batch *data)
{
    training *t = ctx;
    /* Get inputs */
    fac_tensor *inputs = data->x, *targets = data->y;
    /* Zero the gradients */
    fac_status failed = fac_optim_zero_grad(t->optimizer);
    /* Perform forward pass (make sure to supply the input in the right way) */
    fac_tensor *outputs = fac_squeeze(fac_forward(t->model, fac_reshape(inputs, FAC_LIST(fac_len(inputs), 1))));
    /* Compute loss */
    fac_tensor *loss = fac_forward(t->loss_function, outputs, targets);
    /* Perform backward pass */
    failed = failed || fac_backward(loss);
    /* Perform optimization */
    failed = failed || fac_optim_step(t->optimizer);
    return failed ? NULL : loss;
}

/* One epoch; the sum of its losses, NaN after an error. A step runs by its plan, or, where there is none, as it is. */
static double train_epoch(training *t, fac_plan *step, fac_loader *train_dataloader, int64_t epoch)
{
    double current_loss = 0.0;
    int64_t batch = 0;
    for (fac_batch data; isfinite(current_loss) && fac_loader_next(train_dataloader, &data);) {
        FAC_SCOPE; /* what is made from here on dies with the block */
        fac_tensor *loss = step ? fac_run(step, &data) : train_step(t, &data);
        current_loss += loss ? fac_item(loss) : (double)NAN;
        batch++;
        if (loss && !isfinite(current_loss))
            explain_loss(epoch, batch, &data);
    }
    return isfinite(current_loss) && fac_loader_status(train_dataloader) ? (double)NAN : current_loss;
}

/* Trains until n_train_steps, Ctrl-C or an error; false after an error. */
static bool train(fac_module *model, fac_loader *train_dataloader, int64_t n_train_steps, bool eager,
                  sheet_losses *losses)
{
    /* Define the loss function and optimizer */
    fac_module *loss_function = fac_MSELoss();
    fac_optim *optimizer = fac_Adam(fac_parameters(model), .lr = 1e-4);
    training t = {model, loss_function, optimizer};
    fac_plan *step = eager ? NULL : fac_compile(train_step, &t);
    bool fine = loss_function && optimizer && (eager || step);

    /* Run the training loop */
    sheet_losses_begin(losses, n_train_steps);
    for (int64_t epoch = 0; epoch < n_train_steps && fine && !sheet_interrupted(); epoch++) {
        double current_loss = train_epoch(&t, step, train_dataloader, epoch);
        fine = isfinite(current_loss);
        sheet_losses_add(losses, epoch + 1, current_loss);
        sheet_show_progress(epoch + 1, n_train_steps, current_loss);
        if (fine && (epoch + 1) % 2500 == 0) {
            sheet_clear_progress();
            printf("Loss after epoch %5lld: %.3f\n", (long long)epoch + 1, current_loss);
            fine = sheet_flush();
        }
    }
    sheet_clear_progress();
    if (fine && !sheet_interrupted())
        puts("Training process has finished.");
    fac_plan_free(step);
    fac_optim_free(optimizer);
    fac_module_free(loss_function);
    return fine;
}

/* ---- prediction ---- */

static fac_status write_predictions(fac_module *model, fac_tensor *x_obs, fac_tensor *y_obs, const char *path)
{
    FAC_SCOPE;
    FAC_NO_GRAD;
    fac_tensor *y_pred = fac_flatten(fac_forward(model, fac_reshape(x_obs, FAC_LIST(-1, 1))));
    static const char *const names[] = {"x_obs", "y_obs", "y_pred"};
    return fac_write_csv(path, names, FAC_TENSORS(x_obs, y_obs, y_pred));
}

/* ---- exercise 2.3.1: the model's parameters and their initial values ---- */

static void print_summary(const char *name, fac_tensor *param, double fan_in)
{
    FAC_SCOPE;
    FAC_NO_GRAD;
    printf("%-15s %6lld  %7.4f  %7.4f  %7.4f  %7.4f   +-%.4f\n", name, (long long)fac_numel(param),
           fac_item(fac_min(param)), fac_item(fac_max(param)), fac_item(fac_mean(param)),
           fac_numel(param) > 1 ? fac_item(fac_std(param)) : 0.0, 1 / sqrt(fan_in));
}

static fac_status exercise_2_3_1(fac_module *mlp_explicit)
{
    FAC_SCOPE;
    puts("---------------------------------------------------------------------------\n"
         "Exercise 2.3.1: the parameters come in the order of the forward pass. A slope matrix has a row for each\n"
         "node of a layer and a column for each node of the layer before; an intercept vector has an entry for each\n"
         "node. All are drawn uniformly from +-1/sqrt(n), n the nodes of the layer before: +-1 where that is the one\n"
         "input, +-0.3162 where it is a hidden layer of 10.\n");
    puts("parameter        count      min      max     mean      std   bounds");
    const fac_named_tensors *p = fac_named_parameters(mlp_explicit);
    for (int64_t i = 0; p && i + 1 < p->count; i += 2) { /* weight and bias of a layer */
        double fan_in = (double)fac_size(p->items[i], 1);
        print_summary(p->names[i], p->items[i], fan_in);
        print_summary(p->names[i + 1], p->items[i + 1], fan_in);
    }
    return fac_error_status();
}

/* ---- the sheet, from top to bottom ---- */

typedef struct {
    fac_tensor *x_obs, *y_obs;
    fac_module *mlp_explicit, *mlp_condensed, *mlp_condensed_2;
    fac_loader *train_dataloader, *whole_dataloader;
    sheet_losses losses, losses_2;
    sheet_pictures pictures;
} sheet;

static int report(void)
{
    sheet_clear_progress();
    fprintf(stderr, "sheet: %s\n", fac_last_error());
    return EXIT_FAILURE;
}

static fac_status explicit_version(sheet *s)
{
    s->mlp_explicit = MLPexplicit_new();
    print_parameters(s->mlp_explicit);
    return fac_error_status();
}

static fac_status condensed_version_and_loader(sheet *s)
{
    FAC_SCOPE;
    const char *text = fac_module_repr(s->mlp_explicit);
    if (text)
        puts(text);
    s->mlp_condensed = MLPcondensed_new();
    if ((text = fac_module_repr(s->mlp_condensed)))
        puts(text);
    fac_dataset *d = NonLinearRegressionData_new(s->x_obs, s->y_obs);
    s->train_dataloader = fac_DataLoader(d, .batch_size = 25, .shuffle = true);
    fac_status failed = fac_error_status();
    return failed ? failed : print_batches(s->train_dataloader);
}

/* ---- exercise 2.3.2: one batch of all the data, not shuffled, and a fresh model ---- */

static bool exercise_2_3_2(sheet *s, int64_t n_train_steps, bool eager)
{
    fac_dataset *d = NonLinearRegressionData_new(s->x_obs, s->y_obs);
    s->whole_dataloader = fac_DataLoader(d, .batch_size = fac_len(s->x_obs), .shuffle = false);
    s->mlp_condensed_2 = MLPcondensed_new();
    return train(s->mlp_condensed_2, s->whole_dataloader, n_train_steps, eager, &s->losses_2);
}

static fac_status write_files(const sheet *s, fac_module *model, const sheet_options *options)
{
    fac_status failed = FAC_OK;
    if (options->predictions)
        failed = write_predictions(model, s->x_obs, s->y_obs, options->predictions);
    if (!failed && options->save)
        failed = fac_save(model, options->save);
    if (!failed && options->out)
        failed = sheet_draw_training(&s->pictures, &s->losses, model);
    if (!failed && options->out && s->mlp_condensed_2)
        failed = sheet_draw_both(&s->pictures, model, s->mlp_condensed_2);
    return failed;
}

/* What can be drawn before training, so that a missing program is told at once. */
static fac_status draw_first(sheet *s, const sheet_options *options)
{
    s->pictures = (sheet_pictures){options->out, goal_fun, s->x_obs, s->y_obs};
    if (!options->out)
        return FAC_OK;
    fac_status failed = sheet_draw_data(&s->pictures);
    failed = failed ? failed : sheet_draw_parameters(&s->pictures, s->mlp_explicit);
    return failed ? failed : sheet_draw_graphs(options->out);
}

/* On a terminal the fit is shown; without gnuplot there, it is not. */
static void show_fit(const sheet *s, fac_module *model)
{
    FAC_SCOPE;
    const char *text = sheet_is_terminal() ? sheet_fit_text(&s->pictures, model, 80, 24) : NULL;
    if (!fac_error_status() && text)
        fputs(text, stdout);
}

static int run_sheet(sheet *s, const sheet_options *options)
{
    if (options->exercise == EXERCISE_2_3_4)
        return sheet_print_graphs() || (options->out && sheet_draw_graphs(options->out)) ? report() : EXIT_SUCCESS;
    fac_manual_seed(options->seed);
    if (get_data(options, &s->x_obs, &s->y_obs) || explicit_version(s) || draw_first(s, options))
        return report();
    if (options->exercise == EXERCISE_2_3_1)
        return exercise_2_3_1(s->mlp_explicit) ? report() : EXIT_SUCCESS;
    if (condensed_version_and_loader(s))
        return report();
    if (!sheet_flush())
        return EXIT_FAILURE;

    /* which model to use from here onwards */
    fac_module *model = options->explicit_model ? s->mlp_explicit : s->mlp_condensed;
    bool fine = train(model, s->train_dataloader, options->epochs, options->eager, &s->losses);
    if (fine && options->exercise == EXERCISE_2_3_2 && !sheet_interrupted())
        fine = exercise_2_3_2(s, options->epochs, options->eager);
    if (!fine)
        return *fac_last_error() ? report() : EXIT_FAILURE;
    if (write_files(s, model, options))
        return report();
    if (!options->out)
        show_fit(s, model);
    if (sheet_interrupted())
        fprintf(stderr, "sheet: interrupted%s\n",
                options->predictions || options->save || options->out ? ": the files are made from the model as it is"
                                                                      : "");
    return sheet_interrupted() ? 130 : EXIT_SUCCESS;
}

static void print_warning(const char *message, void *ctx)
{
    (void)ctx;
    sheet_clear_progress();
    fprintf(stderr, "sheet: warning: %s\n", message);
}

int main(int argc, char **argv)
{
    sheet s = {0};
    sheet_options options;
    int status;
    fac_on_warning(print_warning, NULL);
    sheet_catch_interrupt();
    if (sheet_read_options(&options, argc, argv, &status))
        status = run_sheet(&s, &options);
    fac_loader_free(s.train_dataloader), fac_loader_free(s.whole_dataloader);
    fac_module_free(s.mlp_explicit), fac_module_free(s.mlp_condensed), fac_module_free(s.mlp_condensed_2);
    fac_scope_reset();
    fac_trim(); /* caches too, for the eyes of a leak checker */
    return sheet_flush() ? status : EXIT_FAILURE;
}
