/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "nn/module.h"

/* sequential[i] while it is called: never None. */
static fac_module *child_at(fac_module *sequential, size_t i)
{
    const fac_part *part = &fac_parts_of(sequential, FAC_PART_MODULE)->items[i];
    if (!part->handle)
        fac_fail(FAC_ERR_TYPE, "%s: its module '%s' is None", sequential->cls->name, part->name);
    return part->handle;
}

/* From child `from` on, whatever the children give: several results go on as one tuple. */
static fac_status pass_on(fac_module *self, size_t from, fac_value value, fac_values *out)
{
    out->count = 1;
    out->items[0] = value;
    for (size_t i = from; i < fac_parts_of(self, FAC_PART_MODULE)->count; i++) {
        fac_values in = {.count = 1};
        if (out->count == 1)
            in.items[0] = out->items[0];
        else
            in.items[0] = fac_value_tuple(fac_tuple(out));
        fac_module *child = child_at(self, i);
        if (!child)
            return fac_pending();
        FAC_TRY(fac_module_call(child, &in, out));
    }
    return FAC_OK;
}

static fac_status Sequential_call(fac_module *self, const fac_values *in, fac_values *out)
{
    FAC_TRY(fac_values_expect(self, in, 1));
    return pass_on(self, 0, in->items[0], out);
}

static fac_tensor *first_result(fac_module *self, size_t from, fac_tensor *x)
{
    fac_values out;
    if (pass_on(self, from, fac_value_tensor(x), &out))
        return NULL;
    if (out.count && out.items[0].kind == FAC_VALUE_TENSOR)
        return out.items[0].tensor;
    fac_fail(FAC_ERR_TYPE, "%s: the first result is not a tensor: use fac_call", self->cls->name);
    return NULL;
}

static fac_tensor *Sequential_forward(fac_module *self, fac_tensor *x)
{
    const fac_part_list *children = fac_parts_of(self, FAC_PART_MODULE);
    for (size_t i = 0; x && i < children->count; i++) {
        fac_module *child = child_at(self, i);
        if (!child)
            return NULL;
        if (!child->cls->forward)
            return first_result(self, i, x);
        x = fac_forward_with(child, x);
    }
    return x;
}

static const fac_class Sequential_class =
    FAC_CALLS_CLASS("Sequential", sizeof(fac_module), .forward = Sequential_forward, .call = Sequential_call);

static fac_status append(fac_module *sequential, fac_module *child)
{
    char name[24];
    snprintf(name, sizeof name, "%zu", fac_parts_of(sequential, FAC_PART_MODULE)->count);
    return fac_module_add(sequential, name, child);
}

fac_module *fac_Sequential_of(fac_module *const *modules, int64_t count)
{
    fac_module *self = fac_new(&Sequential_class);
    fac_status status = self ? FAC_OK : fac_pending();
    for (int64_t i = 0; i < count; i++) {
        if (status)
            fac_free_handle(modules[i]);
        else
            status = append(self, modules[i]);
    }
    if (!status)
        return fac_done(self);
    fac_free_handle(self);
    return NULL;
}

static fac_status check_sequential(const fac_module *module, const char *who)
{
    FAC_TRY(fac_module_check(module, who));
    if (module->cls == &Sequential_class)
        return FAC_OK;
    return fac_fail(FAC_ERR_TYPE, "%s: expected a Sequential, got %s", who, module->cls->name);
}

fac_status fac_sequential_append(fac_module *sequential, fac_module *child)
{
    if (fac_pending() || check_sequential(sequential, "sequential_append")) {
        fac_free_handle(child);
        return fac_error_status();
    }
    return fac_returned(append(sequential, child));
}

int64_t fac_sequential_len(const fac_module *sequential)
{
    if (check_sequential(sequential, "sequential_len"))
        return -1;
    return (int64_t)fac_parts_of(sequential, FAC_PART_MODULE)->count;
}

fac_module *fac_sequential_get(const fac_module *sequential, int64_t i)
{
    if (check_sequential(sequential, "sequential_get"))
        return NULL;
    const fac_part_list *children = fac_parts_of(sequential, FAC_PART_MODULE);
    int64_t count = (int64_t)children->count, at = i < 0 ? i + count : i;
    if (at >= 0 && at < count)
        return children->items[at].handle;
    fac_fail(FAC_ERR_INDEX, "sequential_get: index %lld is out of range: there are %lld modules", (long long)i,
             (long long)count);
    return NULL;
}
