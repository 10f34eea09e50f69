/* SPDX-License-Identifier: MIT */
/* What is done to a whole module: train, eval, zero_grad, requires_grad_, apply. */
#include "facula/autograd.h"
#include "facula/ops.h"
#include "graph/recorder.h"
#include "nn/module.h"

static fac_status visit_mode(fac_walk *walk, fac_module *module)
{
    const bool mode = *(const bool *)walk->ctx;
    if (module->impl->training != mode)
        fac_structure_changed();
    module->impl->training = mode;
    return FAC_OK;
}

fac_module *fac_train(fac_module *module, bool mode)
{
    fac_walk walk = {.visit = visit_mode, .ctx = &mode};
    return fac_module_check(module, "train") || fac_walk_module(&walk, module) ? NULL : module;
}

fac_module *fac_eval(fac_module *module)
{
    return fac_train(module, false);
}

bool fac_is_training(const fac_module *module)
{
    return fac_module_check(module, "is_training") == FAC_OK && module->impl->training;
}

fac_zero_grad_args fac_zero_grad_defaults(void)
{
    return (fac_zero_grad_args){FAC_DEFAULTS_zero_grad, .size_ = sizeof(fac_zero_grad_args)};
}

static fac_status fill_grad(fac_tensor *parameter)
{
    FAC_NO_GRAD;
    return fac_zero_(parameter->grad) ? FAC_OK : fac_pending();
}

static fac_status zero_grads(const fac_part_list *parameters, bool set_to_none)
{
    for (size_t i = 0; i < parameters->count; i++) {
        fac_tensor *parameter = parameters->items[i].handle;
        if (!parameter || !parameter->grad)
            continue;
        if (!set_to_none) {
            FAC_TRY(fill_grad(parameter));
            continue;
        }
        fac_tensor *grad = parameter->grad;
        parameter->grad = NULL;
        fac_tensor_free(grad);
    }
    return FAC_OK;
}

static fac_status visit_zero_grad(fac_walk *walk, fac_module *module)
{
    return zero_grads(fac_parts_of(module, FAC_PART_PARAMETER), *(const bool *)walk->ctx);
}

fac_status fac_zero_grad_with(fac_module *module, const fac_zero_grad_args *args)
{
    bool set_to_none = !args || args->set_to_none;
    fac_walk walk = {.visit = visit_zero_grad, .ctx = &set_to_none};
    if (fac_pending() || fac_module_check(module, "zero_grad"))
        return fac_error_status();
    return fac_returned(fac_walk_module(&walk, module));
}

static fac_status visit_requires_grad(fac_walk *walk, fac_module *module)
{
    const fac_part_list *parameters = fac_parts_of(module, FAC_PART_PARAMETER);
    for (size_t i = 0; i < parameters->count; i++)
        if (parameters->items[i].handle)
            ((fac_tensor *)parameters->items[i].handle)->requires_grad = *(const bool *)walk->ctx;
    return FAC_OK;
}

fac_module *fac_module_requires_grad_(fac_module *module, bool requires_grad)
{
    fac_walk walk = {.visit = visit_requires_grad, .ctx = &requires_grad};
    fac_refuse_plan("requires_grad_: parameters come to require a gradient, or no longer do");
    if (fac_settle())
        return NULL;
    fac_structure_changed();
    return fac_module_check(module, "requires_grad_") || fac_walk_module(&walk, module) ? NULL : module;
}

typedef struct {
    fac_status (*fn)(fac_module *module, void *ctx);
    void *ctx;
} application;

static fac_status apply_into(fac_module *module, const application *a, int depth)
{
    if (depth == FAC_MODULE_DEPTH)
        return fac_fail(FAC_ERR_VALUE, "%s: modules are nested more than %d deep", module->cls->name, FAC_MODULE_DEPTH);
    const fac_module_list *children = fac_named_children(module);
    if (!children)
        return fac_pending();
    for (int64_t i = 0; i < children->count; i++)
        FAC_TRY(apply_into(children->items[i], a, depth + 1));
    return a->fn(module, a->ctx);
}

fac_module *fac_module_apply(fac_module *module, fac_status (*fn)(fac_module *module, void *ctx), void *ctx)
{
    FAC_SCOPE;
    if (fac_module_check(module, "apply"))
        return NULL;
    if (!fn) {
        fac_fail(FAC_ERR_VALUE, "apply: fn is NULL");
        return NULL;
    }
    fac_status status = apply_into(module, &(application){fn, ctx}, 0);
    if (!status)
        return module;
    fac_module_raise(status, module);
    return NULL;
}
