/* SPDX-License-Identifier: MIT */
/* The model that tests/golden/golden_nn.py calls Net: nested, tied, with None among its parts. */
#ifndef TESTS_SUPPORT_NET_H
#define TESTS_SUPPORT_NET_H

#include "facula/autograd.h"
#include "facula/nn_modules.h"
#include "facula/ops.h"
#include "facula/text.h"

static inline fac_tensor *net_values(const double *values, fac_list shape)
{
    float data[16];
    int64_t count = 1;
    for (int64_t d = 0; d < shape->count; d++)
        count *= shape->values[d];
    for (int64_t i = 0; i < count; i++)
        data[i] = (float)values[i];
    return fac_from_data(data, shape, FAC_FLOAT32);
}

typedef struct {
    fac_module base;
    fac_tensor *weight, *bias, *running, *mask;
    fac_module *act;
} net_block;

static fac_tensor *net_block_forward(fac_module *module, fac_tensor *x)
{
    net_block *self = (net_block *)module;
    return fac_mul(fac_forward(self->act, x), fac_add(self->running, 1.0));
}

static const fac_class net_block_class = FAC_CLASS("Block", sizeof(net_block), .forward = net_block_forward);

static inline fac_module *net_block_new(void)
{
    FAC_SCOPE;
    net_block *self = fac_new(&net_block_class);
    FAC_PARAM(self, weight, net_values((const double[]){0, 1, 2, 3, 4, 5}, FAC_LIST(2, 3)));
    FAC_PARAM(self, bias, fac_none);
    FAC_BUFFER(self, running, net_values((const double[]){0, 0}, FAC_LIST(2)));
    FAC_BUFFER_NONPERSISTENT(self, mask, net_values((const double[]){1, 1}, FAC_LIST(2)));
    FAC_CHILD(self, act, fac_ReLU());
    return fac_done(self);
}

typedef struct {
    fac_module base;
    fac_tensor *scale, *count;
    fac_module *encoder, *absent, *again, *decoder;
} net;

static fac_tensor *net_forward(fac_module *module, fac_tensor *x)
{
    net *self = (net *)module;
    return fac_mul(fac_forward(self->encoder, x), self->scale);
}

static const fac_class net_class = FAC_CLASS("Net", sizeof(net), .forward = net_forward);

static inline fac_module *net_new(void)
{
    FAC_SCOPE;
    net *self = fac_new(&net_class);
    FAC_PARAM(self, scale, net_values((const double[]){1}, FAC_LIST(1)));
    FAC_CHILD(self, encoder, fac_Sequential(fac_Linear(3, 2), net_block_new()));
    FAC_CHILD(self, absent, fac_none);
    FAC_CHILD(self, again, self ? fac_keep(fac_get_submodule(self->encoder, "0")) : NULL);
    FAC_CHILD(self, decoder, fac_Linear(3, 2, .bias = false));
    FAC_BUFFER(self, count, fac_from_data(&(int64_t){3}, FAC_EMPTY_LIST, FAC_INT64));
    if (self)
        fac_attach_parameter(self->decoder, "weight", fac_get_parameter(self->encoder, "0.weight"), NULL);
    return fac_done(self);
}

#endif
