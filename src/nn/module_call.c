/* SPDX-License-Identifier: MIT */
/* Calling modules: fac_forward, fac_call and the values that go in and come out. */
#include <string.h>

#include "graph/recorder.h"
#include "nn/module.h"

const char fac_only_calls;

__attribute__((noinline)) fac_status fac_module_raise(fac_status status, const fac_module *module)
{
    if (fac_pending())
        return fac_pending();
    char message[FAC_MESSAGE_MAX] = "";
    strncat(message, fac_last_error(), sizeof message - 1);
    if (status && status == fac_self.last && *message)
        return fac_fail(status, "%s", message);
    return fac_fail(status ? status : FAC_ERR_RUNTIME, "%s: forward failed without an error%s%s", module->cls->name,
                    *message ? "; the last one was: " : "", message);
}

static __attribute__((noinline)) fac_tensor *forward_by_call(fac_module *module, const fac_values *in)
{
    fac_values out;
    if (fac_module_check(module, "forward") || fac_module_call(module, in, &out))
        return NULL;
    if (out.count > 0 && out.items[0].kind == FAC_VALUE_TENSOR)
        return out.items[0].tensor;
    fac_fail(FAC_ERR_TYPE, "%s: the first result is not a tensor: use fac_call", module->cls->name);
    return NULL;
}

static bool only_calls(const fac_module *module, int depth)
{
    if (!fac_module_alive(module) || module->cls->reserved_ != &fac_only_calls || depth == FAC_MODULE_DEPTH)
        return false;
    const fac_part_list *children = fac_parts_of(module, FAC_PART_MODULE);
    for (size_t i = 0; i < children->count; i++)
        if (!only_calls(children->items[i].handle, depth + 1))
            return false;
    return true;
}

bool fac_module_only_calls(const fac_module *module)
{
    return only_calls(module, 0);
}

static fac_tensor *forward_one(fac_module *module, fac_tensor *x)
{
    if (__builtin_expect(!fac_module_alive(module) || !module->cls->forward, 0)) {
        fac_values in;
        in.count = 1;
        in.items[0] = fac_value_tensor(x);
        return forward_by_call(module, &in);
    }
    fac_tensor *result = module->cls->forward(module, x);
    if (__builtin_expect(!result, 0))
        fac_module_raise(FAC_OK, module);
    return result;
}

static fac_tensor *forward_list(fac_module *module, const fac_tensors *inputs)
{
    if (inputs->count == 1)
        return forward_one(module, inputs->items[0]);
    if (inputs->count < 0 || inputs->count > FAC_MAX_VALUES) {
        fac_fail(FAC_ERR_VALUE, "forward: at most %d arguments, got %lld", FAC_MAX_VALUES, (long long)inputs->count);
        return NULL;
    }
    fac_values in;
    in.count = inputs->count;
    for (int64_t i = 0; i < inputs->count; i++)
        in.items[i] = fac_value_tensor(inputs->items[i]);
    return forward_by_call(module, &in);
}

/* Under a plan. What the outermost module that only makes calls holds is its own affair. */
static __attribute__((noinline)) fac_tensor *forward_recorded(fac_module *module, const fac_tensors *inputs)
{
    fac_recorder *recorder = fac_self.recorder;
    const bool few = inputs->count > 0 && inputs->count <= FAC_WHOLE_INPUTS;
    if (recorder->entered || !few)
        return forward_list(module, inputs);
    fac_tensor *result = fac_take_whole(recorder, module, inputs->items, (uint32_t)inputs->count);
    if (result)
        return result;
    if (!fac_module_only_calls(module))
        return forward_list(module, inputs);
    recorder->cls->enter(recorder, module, inputs->items, (uint32_t)inputs->count);
    recorder->entered = true;
    result = forward_list(module, inputs);
    recorder->entered = false;
    recorder->cls->leave(recorder, result);
    return result;
}

fac_tensor *fac_forward_with(fac_module *module, fac_tensor *x)
{
    if (__builtin_expect(fac_self.recorder != NULL, 0))
        return forward_recorded(module, &(fac_tensors){1, &x});
    return forward_one(module, x);
}

fac_tensor *fac_forward_list(fac_module *module, const fac_tensors *inputs)
{
    return __builtin_expect(fac_self.recorder != NULL, 0) ? forward_recorded(module, inputs)
                                                          : forward_list(module, inputs);
}

/* No tensor may be NULL: that is an error of the call that should have made it. */
static fac_status check_values(const fac_module *module, const fac_values *values, const char *what)
{
    if (values->count < 0 || values->count > FAC_MAX_VALUES)
        return fac_fail(FAC_ERR_VALUE, "%s: at most %d values, got %lld", module->cls->name, FAC_MAX_VALUES,
                        (long long)values->count);
    for (int64_t i = 0; i < values->count; i++) {
        const fac_value *value = &values->items[i];
        bool missing =
            (value->kind == FAC_VALUE_TENSOR && !value->tensor) || (value->kind == FAC_VALUE_TUPLE && !value->tuple);
        if (missing)
            return fac_fail(FAC_ERR_VALUE, "%s: %s %lld is NULL", module->cls->name, what, (long long)i + 1);
    }
    return FAC_OK;
}

static fac_status call_forward(fac_module *module, const fac_values *in, fac_values *out)
{
    FAC_TRY(fac_values_expect(module, in, 1));
    fac_tensor *x = in->items[0].kind == FAC_VALUE_NONE ? fac_none : fac_values_tensor(in, 0);
    fac_tensor *result = x ? module->cls->forward(module, x) : NULL;
    return result ? fac_values_give(out, result) : fac_module_raise(FAC_OK, module);
}

fac_status fac_module_call(fac_module *module, const fac_values *in, fac_values *out)
{
    FAC_TRY(fac_module_check(module, "call"));
    FAC_TRY(check_values(module, in, "argument"));
    if (!module->cls->call && !module->cls->forward)
        return fac_fail(FAC_ERR_UNSUPPORTED, "Module [%s] is missing the required \"forward\" function",
                        module->cls->name);
    if (!module->cls->call)
        return call_forward(module, in, out);
    out->count = 0;
    fac_status status = module->cls->call(module, in, out);
    if (status)
        return fac_module_raise(status, module);
    return check_values(module, out, "result");
}

fac_status fac_call_with(fac_module *module, const fac_values *in, fac_values *out)
{
    if (fac_pending())
        return fac_error_status();
    return fac_returned(fac_module_call(module, in, out));
}

fac_status fac_values_expect(const fac_module *module, const fac_values *in, int64_t count)
{
    if (in->count == count)
        return FAC_OK;
    return fac_fail(FAC_ERR_TYPE, "%s: expected %lld argument%s, got %lld", module->cls->name, (long long)count,
                    count == 1 ? "" : "s", (long long)in->count);
}

fac_status fac_values_give(fac_values *out, fac_tensor *result)
{
    out->count = 1;
    out->items[0] = fac_value_tensor(result);
    return result ? FAC_OK : fac_pending();
}

fac_tensor *fac_values_tensor(const fac_values *values, int64_t i)
{
    if (i < 0 || i >= values->count) {
        fac_fail(FAC_ERR_INDEX, "values_tensor: there is no value %lld: there are %lld", (long long)i,
                 (long long)values->count);
        return NULL;
    }
    if (values->items[i].kind == FAC_VALUE_TENSOR)
        return values->items[i].tensor;
    static const char *const kinds[] = {"None", "a tensor", "a float", "an int", "a bool", "a string", "a tuple"};
    fac_fail(FAC_ERR_TYPE, "values_tensor: expected a tensor as value %lld, got %s", (long long)i,
             kinds[values->items[i].kind]);
    return NULL;
}

static void free_values(fac_values *values)
{
    for (int64_t i = 0; i < values->count; i++) {
        if (values->items[i].kind == FAC_VALUE_TENSOR)
            fac_tensor_free(values->items[i].tensor);
        else if (values->items[i].kind == FAC_VALUE_TUPLE)
            fac_free_handle((void *)(uintptr_t)values->items[i].tuple);
    }
}

static void destroy_tuple(void *handle)
{
    free_values(handle);
    fac_handle_dealloc(handle);
}

static const fac_handle_type tuple_type = {"tuple", destroy_tuple};

/* Of handles among the values the tuple holds references; an inner tuple must be one of ours. */
static fac_status keep_value(const fac_value *value)
{
    if (value->kind == FAC_VALUE_TENSOR) {
        FAC_TRY(fac_tensor_check_alive(value->tensor, "tuple", "a value"));
        fac_ref(value->tensor);
    } else if (value->kind == FAC_VALUE_TUPLE) {
        FAC_TRY(fac_handle_check(value->tuple, &tuple_type, "tuple", "a value"));
        fac_ref(value->tuple);
    }
    return FAC_OK;
}

const fac_values *fac_tuple(const fac_values *values)
{
    fac_values *tuple = fac_handle_new(&tuple_type, sizeof *tuple);
    if (!tuple)
        return NULL;
    for (int64_t i = 0; i < values->count && i < FAC_MAX_VALUES; i++) {
        if (keep_value(&values->items[i])) {
            fac_free_handle(tuple);
            return NULL;
        }
        tuple->items[tuple->count++] = values->items[i];
    }
    return fac_scope_adopt(tuple) ? tuple : NULL;
}
