/* SPDX-License-Identifier: MIT */
/* The API as C++ has it, without the keyword macros: fac_X_defaults and fac_X_with. Fits 2 x + 1 with a small network. */
#include <cstdio>
#include <facula/facula.h>

static int failures;

static void check(bool holds, const char *what)
{
    if (holds)
        return;
    std::fprintf(stderr, "failed: %s (last error: %s)\n", what, fac_last_error());
    failures++;
}

static fac_module *linear(int64_t in, int64_t out)
{
    fac_Linear_args args = fac_Linear_defaults();
    args.in_features = in;
    args.out_features = out;
    return fac_Linear_with(&args);
}

static fac_tensor *column(double from, double to, int64_t steps) /* (steps, 1) */
{
    fac_linspace_args line = fac_linspace_defaults();
    line.start = from;
    line.end = to;
    line.steps = steps;
    fac_unsqueeze_args at = fac_unsqueeze_defaults();
    at.dim = 1;
    return fac_unsqueeze_with(fac_linspace_with(&line), &at);
}

static double train_step(fac_module *model, fac_optim *opt, fac_tensor *x, fac_tensor *y)
{
    FAC_SCOPE;
    if (fac_optim_zero_grad_with(opt, nullptr))
        return -1;
    fac_tensor *loss = fac_mse_loss_with(fac_forward_with(model, x), y, nullptr);
    if (fac_backward_with(loss, nullptr) || fac_optim_step(opt))
        return -1;
    return fac_item(loss);
}

static void fit()
{
    FAC_SCOPE;
    fac_manual_seed(0);
    fac_tensor *x = column(-1, 1, 20);
    fac_tensor *y = fac_add_with(fac_mul_with(x, fac_scalar(2)), fac_scalar(1), nullptr);
    fac_module *parts[] = {linear(1, 8), fac_Tanh(), linear(8, 1)};
    fac_module *model = fac_Sequential_of(parts, 3);
    fac_Adam_args options = fac_Adam_defaults();
    options.lr = 0.05;
    fac_optim *opt = fac_Adam_with(fac_parameters(model), &options);

    double first = train_step(model, opt, x, y), last = first;
    for (int step = 1; step < 300 && last >= 0; step++)
        last = train_step(model, opt, x, y);
    check(first > 0.5, "the first loss is that of an untrained network");
    check(last >= 0 && last < 1e-3, "the network has learnt the line");

    fac_module *kept = fac_keep(model);
    check(kept == model, "fac_keep gives its own type back");
    fac_module_free(kept);
    fac_optim_free(opt);
    fac_module_free(model);
}

int main()
{
    fit();
    check(fac_live_tensors() == 0, "no tensor is left");
    check(linear(0, -1) == nullptr && fac_error_status() != FAC_OK, "a bad width is an error");
    fac_trim();
    return failures != 0;
}
