/* SPDX-License-Identifier: MIT */
/* Modules: how they are made, called, listed, changed, loaded and freed. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <pthread.h>

#include "support_alloc.h"
#include "support_golden.h"
#include "support_net.h"
#include "support_sections.h"

/* An error is pending: its status, and a message that holds the words. */
#define assert_pending(status, words)                         \
    do {                                                      \
        assert_int_equal(fac_error_status(), status);         \
        if (!strstr(fac_last_error(), words))                 \
            fail_msg("the message is: %s", fac_last_error()); \
    } while (0)
/* The action fails so, leaving nothing pending. */
#define assert_fails(action, status, words)                   \
    do {                                                      \
        assert_int_equal(action, status);                     \
        if (!strstr(fac_last_error(), words))                 \
            fail_msg("the message is: %s", fac_last_error()); \
        assert_int_equal(fac_error_status(), FAC_OK);         \
    } while (0)

/* Every test ends as it began: nothing alive, nothing pending. */
static int set_up(void **state)
{
    (void)state;
    fac_manual_seed(0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fac_scope_reset();
    if (fac_error_status() || fac_live_tensors() != 0) {
        print_error("an error is pending (%s), or %lld tensors live\n", fac_last_error(),
                    (long long)fac_live_tensors());
        return 1;
    }
    fac_trim();
    if (support_memory.live_blocks > 2) /* the default generator, the table of warnings */
        print_error("%lld blocks, %lld bytes left\n", (long long)support_memory.live_blocks,
                    (long long)support_memory.live_bytes);
    return support_memory.live_blocks > 2;
}

static fac_tensor *column(double a, double b)
{
    return fac_reshape(fac_vector(a, b), FAC_LIST(2, 1));
}

static void assert_names(const char *title, int64_t count, const char *const *names)
{
    char text[1024] = "";
    for (int64_t i = 0; i < count; i++) {
        strcat(text, i ? "\n" : "");
        strcat(text, names[i]);
    }
    assert_string_equal(text, section(title));
}

static void lists_are_pytorchs(void **state)
{
    (void)state;
    fac_module *m = net_new();
    assert_non_null(m);
    const fac_named_tensors *named = fac_named_parameters(m), *buffers = fac_named_buffers(m), *all = fac_state_dict(m);
    const fac_module_list *children = fac_named_children(m), *modules = fac_named_modules(m);
    assert_names("named_parameters", named->count, named->names);
    assert_names("named_buffers", buffers->count, buffers->names);
    assert_names("named_children", children->count, children->names);
    assert_names("named_modules", modules->count, modules->names);
    assert_names("state_dict", all->count, all->names);
    const fac_tensors *parameters = fac_parameters(m), *plain = fac_buffers(m);
    assert_int_equal(parameters->count, named->count);
    for (int64_t i = 0; i < named->count; i++)
        assert_ptr_equal(parameters->items[i], named->items[i]);
    assert_int_equal(plain->count, buffers->count);
    assert_ptr_equal(plain->items[1], buffers->items[1]);
    assert_int_equal(fac_modules(m)->count, modules->count);
    assert_ptr_equal(fac_modules(m)->items[0], m);
    assert_int_equal(fac_children(m)->count, children->count);
    fac_module_free(m);
}

static void paths_lead_to_parts(void **state)
{
    (void)state;
    fac_module *m = net_new();
    net *self = (net *)m;
    assert_ptr_equal(fac_get_submodule(m, ""), m);
    assert_ptr_equal(fac_get_submodule(m, "encoder"), self->encoder);
    assert_ptr_equal(fac_get_submodule(m, "encoder.0"), self->again);
    assert_ptr_equal(fac_get_parameter(m, "scale"), self->scale);
    assert_ptr_equal(fac_get_parameter(m, "decoder.weight"), fac_get_parameter(m, "encoder.0.weight"));
    assert_ptr_equal(fac_get_buffer(m, "count"), self->count);
    assert_null(fac_get_parameter(m, "count"));
    assert_pending(FAC_ERR_KEY, "Net has no attribute `count`");
    assert_null(fac_get_parameter(m, "encoder.7.weight"));
    assert_pending(FAC_ERR_KEY, "Sequential has no attribute `7`");
    assert_null(fac_get_submodule(m, "absent"));
    assert_pending(FAC_ERR_KEY, "absent");
    assert_null(fac_get_parameter(m, "encoder.1.bias"));
    assert_pending(FAC_ERR_KEY, "Block has no attribute `bias`");
    assert_null(fac_get_buffer(m, NULL));
    assert_pending(FAC_ERR_VALUE, "NULL");
    fac_module_free(m);
}

static void parameters_are_leaves(void **state)
{
    (void)state;
    net *self = (net *)net_new();
    assert_true(fac_requires_grad(self->scale) && fac_is_leaf(self->scale));
    fac_tensor *x = fac_ones(2, .requires_grad = true), *y = fac_mul(x, 2.0);
    assert_int_equal(fac_register_parameter(&self->base, "scale", y), FAC_OK);
    assert_ptr_not_equal(self->scale, y); /* detached, over the same memory */
    assert_true(fac_is_leaf(self->scale) && fac_requires_grad(self->scale));
    assert_ptr_equal(fac_data(self->scale), fac_data(y));
    assert_fails(fac_register_parameter(&self->base, "scale", self->count), FAC_ERR_TYPE, "floating point");
    assert_ptr_equal(fac_get_parameter(&self->base, "scale"), self->scale);
    fac_module_free(&self->base);
}

static void names_are_checked(void **state)
{
    (void)state;
    net *self = (net *)net_new();
    fac_module *m = &self->base;
    assert_fails(fac_register_module(m, "", fac_ReLU()), FAC_ERR_KEY, "empty string");
    assert_fails(fac_register_module(m, "a.b", fac_ReLU()), FAC_ERR_KEY, "can't contain \".\", got: a.b");
    assert_fails(fac_register_module(m, "scale", fac_ReLU()), FAC_ERR_KEY, "attribute 'scale' already exists");
    assert_fails(fac_register_parameter(m, "encoder", fac_ones(1)), FAC_ERR_KEY, "it is a module");
    assert_fails(fac_register_buffer(m, NULL, fac_ones(1), true), FAC_ERR_KEY, "empty string");
    assert_fails(fac_register_buffer(m, "x", NULL, true), FAC_ERR_VALUE, "Net: x is NULL");
    assert_fails(fac_register_module(m, "x", NULL), FAC_ERR_VALUE, "Net: x is NULL");
    assert_fails(fac_register_module(NULL, "x", fac_ReLU()), FAC_ERR_VALUE, "module is NULL");
    assert_fails(fac_register_module(m, "x", (fac_module *)fac_ones(1)), FAC_ERR_TYPE, "not a live module");
    assert_int_equal(fac_register_module(m, "late", fac_Tanh()), FAC_OK);
    assert_ptr_equal(fac_get_submodule(m, "late"), fac_named_children(m)->items[3]);
    fac_module_free(m);
}

static void a_part_takes_anothers_place(void **state)
{
    (void)state;
    net *self = (net *)net_new();
    fac_module *old = self->decoder;
    fac_keep(old);
    FAC_CHILD(self, decoder, fac_Tanh());
    assert_ptr_not_equal(self->decoder, old);
    assert_ptr_equal(fac_named_children(&self->base)->items[2], self->decoder); /* where the old one was */
    assert_int_equal(fac_register_module(&self->base, "decoder", old), FAC_OK);
    assert_ptr_equal(self->decoder, old); /* the field follows */
    FAC_CHILD(self, absent, fac_Identity());
    assert_int_equal(fac_named_children(&self->base)->count, 4);
    FAC_CHILD(self, absent, fac_none);
    assert_ptr_equal(self->absent, fac_none);
    assert_int_equal(fac_named_children(&self->base)->count, 3);
    fac_module_free(&self->base);
}

static void no_module_contains_itself(void **state)
{
    (void)state;
    fac_module *inner = fac_Sequential(fac_ReLU()), *outer = fac_Sequential(fac_Sequential(fac_keep(inner)));
    assert_fails(fac_sequential_append(inner, fac_keep(inner)), FAC_ERR_VALUE, "contains it");
    assert_fails(fac_sequential_append(inner, fac_keep(outer)), FAC_ERR_VALUE, "contains it");
    assert_int_equal(fac_sequential_len(inner), 1);
    fac_module_free(outer);
    assert_int_equal(fac_sequential_len(inner), 1);
    fac_module_free(inner);
}

static void failures_free_all_parts(void **state)
{
    (void)state;
    net *none = NULL;
    FAC_CHILD(none, encoder, fac_Sequential(fac_Linear(2, 2), fac_ReLU()));
    FAC_PARAM(none, scale, fac_ones(3));
    FAC_BUFFER(none, count, fac_ones(3));
    assert_null(fac_done(none));
    assert_pending(FAC_ERR_VALUE, "FAC_CHILD: module is NULL");

    net *self = fac_new(&net_class);
    FAC_CHILD(self, encoder, fac_Linear(2, -2)); /* the root cause */
    FAC_CHILD(self, decoder, fac_Linear(2, 2));
    FAC_PARAM(self, scale, fac_add(NULL, 1.0));
    assert_null(fac_done(self));
    assert_pending(FAC_ERR_VALUE, "must not be negative");

    self = fac_new(&net_class);
    FAC_CHILD(self, encoder, NULL);
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE); /* taken note of, but the module has failed */
    assert_null(fac_done(self));
    assert_pending(FAC_ERR_VALUE, "Net: a part of it could not be made");

    assert_null(fac_Sequential(fac_Linear(1, 2), fac_Sequential(fac_Linear(1), fac_ReLU()), fac_Tanh()));
    assert_pending(FAC_ERR_TYPE, "Linear: missing required argument 'out_features'");
    assert_null(fac_Sequential(fac_ReLU(), NULL));
    assert_pending(FAC_ERR_VALUE, "Sequential: 1 is NULL");
}

static void classes_are_checked(void **state)
{
    (void)state;
    static const fac_class nameless = {sizeof(fac_class), .size = sizeof(fac_module)};
    static const fac_class small = FAC_CLASS("Small", 8);
    static const fac_class by_hand = {.name = "ByHand", .size = sizeof(fac_module)};
    assert_null(fac_new(NULL));
    assert_pending(FAC_ERR_VALUE, "no name");
    assert_null(fac_new(&nameless));
    assert_pending(FAC_ERR_VALUE, "no name");
    assert_null(fac_new(&small));
    assert_pending(FAC_ERR_VALUE, "must begin with a fac_module");
    assert_null(fac_new(&by_hand));
    assert_pending(FAC_ERR_VALUE, "FAC_CLASS");
}

static int destroyed;

static void count_destroy(fac_module *self)
{
    destroyed++;
    assert_true(self->impl != NULL);
}

static const fac_class bare_class = FAC_CLASS("Bare", sizeof(fac_module), .destroy = count_destroy);

static void destroy_runs_once_each(void **state)
{
    (void)state;
    destroyed = 0;
    fac_module *leaf = fac_done(fac_new(&bare_class));
    fac_module *tree = fac_Sequential(fac_keep(leaf), fac_Sequential(leaf, fac_done(fac_new(&bare_class))));
    fac_module_free(fac_keep(tree));
    assert_int_equal(destroyed, 0);
    fac_module_free(tree);
    assert_int_equal(destroyed, 2);
    fac_module *failed = fac_new(&bare_class);
    fac_attach_module(failed, "x", NULL, NULL);
    assert_null(fac_done(failed));
    assert_pending(FAC_ERR_VALUE, "Bare: x is NULL");
    assert_int_equal(destroyed, 3);
}

static void deep_nesting_is_freed_and_refused(void **state)
{
    (void)state;
    fac_module *outer = fac_Sequential(), *inner = outer;
    for (int i = 0; i < 100000; i++) { /* from outside in: never a deep part */
        fac_module *next = fac_Sequential();
        assert_int_equal(fac_sequential_append(inner, next), FAC_OK);
        inner = next;
    }
    assert_null(fac_parameters(outer));
    assert_pending(FAC_ERR_VALUE, "nested more than 1000 deep");
    assert_null(fac_module_repr(outer));
    assert_pending(FAC_ERR_VALUE, "nested more than 1000 deep");
    assert_null(fac_train(outer, true));
    assert_pending(FAC_ERR_VALUE, "nested more than 1000 deep");
    fac_module_free(outer);
}

static void frees_in_any_order(void **state)
{
    (void)state;
    fac_module *m = net_new();
    fac_scope scope = fac_scope_open();
    const fac_named_tensors *named = fac_named_parameters(m), *all = fac_state_dict(m);
    const fac_module_list *modules = fac_keep(fac_named_modules(m));
    const fac_tensors *kept = fac_keep(fac_parameters(m));
    fac_module *encoder = fac_keep(((net *)m)->encoder);
    fac_module_free(m);
    assert_int_equal(fac_size(named->items[1], 0), 2);
    assert_int_equal(fac_item_int(all->items[1]), 3);
    fac_scope_close(&scope);
    assert_string_equal(modules->names[2], "encoder.0");
    fac_free_handle((void *)(uintptr_t)modules);
    assert_int_equal(fac_sequential_len(encoder), 2);
    fac_module_free(encoder);
    assert_int_equal(fac_size(kept->items[3], 1), 3);
    fac_free_handle((void *)(uintptr_t)kept);
    fac_module_free(NULL);
    fac_module_free(fac_none);
}

static void sequential_is_a_list(void **state)
{
    (void)state;
    fac_module *s = fac_Sequential(fac_Tanh(), fac_ReLU());
    assert_int_equal(fac_sequential_len(s), 2);
    assert_int_equal(fac_sequential_append(s, fac_Sigmoid()), FAC_OK);
    assert_string_equal(fac_sequential_get(s, -1)->cls->name, "Sigmoid");
    assert_string_equal(fac_sequential_get(s, 0)->cls->name, "Tanh");
    assert_string_equal(fac_named_children(s)->names[2], "2");
    assert_null(fac_sequential_get(s, 3));
    assert_pending(FAC_ERR_INDEX, "index 3 is out of range");
    assert_null(fac_sequential_get(s, -4));
    assert_pending(FAC_ERR_INDEX, "index -4 is out of range");
    assert_int_equal(fac_sequential_len(fac_sequential_get(s, 0)), -1);
    assert_pending(FAC_ERR_TYPE, "expected a Sequential, got Tanh");
    assert_fails(fac_sequential_append(NULL, fac_ReLU()), FAC_ERR_VALUE, "module is NULL");
    assert_fails(fac_sequential_append(s, NULL), FAC_ERR_VALUE, "Sequential: 3 is NULL");
    assert_int_equal(fac_sequential_len(s), 3);
    fac_module_free(s);
}

static void sequential_passes_on(void **state)
{
    (void)state;
    fac_module *s = fac_Sequential(fac_ReLU(), fac_Sequential(), fac_Sequential(fac_Tanh(), fac_Identity()));
    fac_tensor *x = column(-1, 0.5);
    assert_same(fac_forward(s, x), fac_tanh(fac_relu(x)));
    fac_module *empty = fac_Sequential();
    assert_ptr_equal(fac_forward(empty, x), x);
    assert_int_equal(fac_sequential_append(s, fac_none), FAC_OK);
    assert_null(fac_forward(s, x));
    assert_pending(FAC_ERR_TYPE, "Sequential: its module '3' is None");
    fac_module_free(s), fac_module_free(empty);
}

static void linear_checks_its_input(void **state)
{
    (void)state;
    fac_module *linear = fac_Linear(10, 1);
    assert_null(fac_forward(linear, fac_ones(25, 1)));
    assert_pending(FAC_ERR_VALUE, "Linear: expected input (*, 10), got (25, 1)");
    assert_null(fac_forward(linear, fac_scalar(1)));
    assert_pending(FAC_ERR_VALUE, "Linear: expected input (*, 10), got ()");
    assert_null(fac_forward(linear, NULL));
    assert_pending(FAC_ERR_VALUE, "Linear: input is NULL");
    fac_scope scope = fac_scope_open();
    fac_tensor *gone = fac_ones(1, 10);
    fac_scope_close(&scope);
    assert_null(fac_forward(linear, gone));
    assert_pending(FAC_ERR_RUNTIME, "Linear: input's scope has ended");
    fac_module_free(linear);
    assert_null(fac_forward(linear = NULL, fac_ones(1)));
    assert_pending(FAC_ERR_VALUE, "module is NULL");
}

static void layers_are_their_functions(void **state)
{
    (void)state;
    fac_tensor *x = fac_reshape(fac_vector(-2, -0.5, 0, 0.5, 1, 3), FAC_LIST(2, 3)), *y = fac_ones(2, 3);
    fac_module *m[] = {fac_Linear(3, 2),
                       fac_Linear(3, 2, .bias = false),
                       fac_Tanh(),
                       fac_Sigmoid(),
                       fac_Flatten(0),
                       fac_MSELoss(),
                       fac_L1Loss("sum"),
                       fac_ReLU(),
                       fac_ReLU(.inplace = true)};
    fac_tensor *weight = fac_get_parameter(m[0], "weight"), *bias = fac_get_parameter(m[0], "bias");
    assert_same(fac_forward(m[0], x), fac_linear(x, weight, bias));
    assert_same(fac_forward(m[1], x), fac_linear(x, fac_get_parameter(m[1], "weight")));
    assert_same(fac_forward(m[2], x), fac_tanh(x));
    assert_same(fac_forward(m[3], x), fac_sigmoid(x));
    assert_int_equal(fac_ndim(fac_forward(m[4], x)), 1);
    assert_same(fac_forward(m[5], x, y), fac_mse_loss(x, y));
    assert_same(fac_forward(m[6], x, y), fac_l1_loss(x, y, "sum"));
    assert_same(fac_forward(m[7], x), fac_relu(x));
    assert_true(fac_at(x, FAC_LIST(0, 0)) == -2);
    assert_ptr_equal(fac_forward(m[8], x), x);
    assert_true(fac_at(x, FAC_LIST(0, 0)) == 0);
    assert_null(fac_forward(m[5], x));
    assert_pending(FAC_ERR_TYPE, "MSELoss: expected 2 arguments, got 1");
    assert_null(fac_forward(m[2], x, y));
    assert_pending(FAC_ERR_TYPE, "Tanh: expected 1 argument, got 2");
    assert_null(fac_MSELoss("average"));
    assert_pending(FAC_ERR_VALUE, "average is not a valid value for reduction");
    for (size_t i = 0; i < sizeof m / sizeof *m; i++)
        fac_module_free(m[i]);
}

/* def forward(self, x, state=None, scale=1): two results, the second a tuple. */
static fac_status pair_call(fac_module *self, const fac_values *in, fac_values *out)
{
    (void)self;
    fac_tensor *x = fac_values_tensor(in, 0);
    double scale = in->count > 2 ? in->items[2].real : 1;
    if (in->count > 1 && in->items[1].kind == FAC_VALUE_TUPLE)
        x = fac_add(x, fac_values_tensor(in->items[1].tuple, 1));
    *out = FAC_VALUES(fac_mul(x, scale), FAC_TUPLE(3, x, "text", (bool)true, fac_none));
    return FAC_OK;
}

/* Takes what pair gives as one value. */
static fac_tensor *second_of_tuple(const fac_values *in)
{
    return fac_values_tensor(in->items[0].tuple->items[1].tuple, 1);
}

static fac_status unpair_call(fac_module *self, const fac_values *in, fac_values *out)
{
    (void)self;
    *out = FAC_VALUES(second_of_tuple(in));
    return FAC_OK;
}

static const fac_class pair_class = FAC_CLASS("Pair", sizeof(fac_module), .call = pair_call);
static const fac_class unpair_class = FAC_CLASS("Unpair", sizeof(fac_module), .call = unpair_call);

static void call_takes_and_gives_values(void **state)
{
    (void)state;
    fac_module *pair = fac_done(fac_new(&pair_class)), *tanh_module = fac_Tanh();
    fac_values out;
    fac_tensor *x = column(1, 2);
    assert_int_equal(fac_call(pair, &FAC_VALUES(x, FAC_TUPLE(fac_none, x), 3.0f), &out), FAC_OK);
    assert_int_equal(out.count, 2);
    assert_same(out.items[0].tensor, fac_mul(x, 6.0));
    const fac_values *tuple = out.items[1].tuple;
    assert_int_equal(tuple->count, 5);
    assert_true(tuple->items[0].kind == FAC_VALUE_INT && tuple->items[0].integer == 3);
    assert_same(tuple->items[1].tensor, fac_mul(x, 2.0));
    assert_string_equal(tuple->items[2].string, "text");
    assert_true(tuple->items[3].kind == FAC_VALUE_BOOL && tuple->items[3].boolean);
    assert_true(tuple->items[4].kind == FAC_VALUE_NONE);
    assert_same(fac_forward(pair, x), x); /* the first result */
    assert_same(fac_forward(pair, x, fac_none), x);
    assert_int_equal(fac_call(tanh_module, &FAC_VALUES(x), &out), FAC_OK);
    assert_true(out.count == 1 && out.items[0].kind == FAC_VALUE_TENSOR);
    assert_fails(fac_call(tanh_module, &FAC_VALUES(1.5), &out), FAC_ERR_TYPE,
                 "expected a tensor as value 0, got a float");
    assert_fails(fac_call(tanh_module, &FAC_VALUES(x, x), &out), FAC_ERR_TYPE, "Tanh: expected 1 argument, got 2");
    assert_fails(fac_call(pair, &FAC_VALUES((fac_tensor *)NULL), &out), FAC_ERR_VALUE, "Pair: argument 1 is NULL");
    assert_fails(fac_call(pair, &FAC_VALUES(2), &out), FAC_ERR_TYPE, "got an int");
    assert_fails(fac_call(NULL, &FAC_VALUES(x), &out), FAC_ERR_VALUE, "module is NULL");
    fac_module_free(pair), fac_module_free(tanh_module);
}

static void sequential_passes_tuples_on(void **state)
{
    (void)state;
    fac_module *s =
        fac_Sequential(fac_Tanh(), fac_done(fac_new(&pair_class)), fac_done(fac_new(&unpair_class)), fac_ReLU());
    fac_tensor *x = column(-1, 2);
    fac_values out;
    assert_same(fac_forward(s, x), fac_relu(fac_tanh(x)));
    assert_int_equal(fac_call(s, &FAC_VALUES(x), &out), FAC_OK);
    assert_same(out.items[0].tensor, fac_relu(fac_tanh(x)));
    assert_fails(fac_call(s, &FAC_VALUES(x, x), &out), FAC_ERR_TYPE, "Sequential: expected 1 argument, got 2");
    fac_module_free(s);
}

static void tuples_outlive_what_made_them(void **state)
{
    (void)state;
    fac_scope scope = fac_scope_open();
    const fac_values *tuple = fac_keep(FAC_TUPLE(fac_ones(2), FAC_TUPLE(fac_ones(3))));
    fac_scope_close(&scope);
    assert_int_equal(fac_len(fac_values_tensor(tuple, 0)), 2);
    assert_int_equal(fac_len(fac_values_tensor(tuple->items[1].tuple, 0)), 3);
    assert_null(fac_values_tensor(tuple, 2));
    assert_pending(FAC_ERR_INDEX, "no value 2");
    fac_free_handle((void *)(uintptr_t)tuple);
    assert_null(FAC_TUPLE((fac_tensor *)NULL));
    assert_pending(FAC_ERR_VALUE, "NULL");
}

static fac_tensor *silent_forward(fac_module *self, fac_tensor *x)
{
    (void)self;
    (void)x;
    return NULL;
}

static fac_tensor *swallowing_forward(fac_module *self, fac_tensor *x)
{
    (void)self;
    return fac_register_module(NULL, "x", fac_ReLU()) ? NULL : x; /* an action: it clears the mark */
}

static fac_status swallowing_call(fac_module *self, const fac_values *in, fac_values *out)
{
    (void)self;
    fac_values more;
    out->count = 0;
    return fac_call(NULL, in, &more);
}

static void errors_reach_the_caller(void **state)
{
    (void)state;
    static const fac_class silent = FAC_CLASS("Silent", sizeof(fac_module), .forward = silent_forward);
    static const fac_class swallowing = FAC_CLASS("Swallowing", sizeof(fac_module), .forward = swallowing_forward);
    static const fac_class calling = FAC_CLASS("Calling", sizeof(fac_module), .call = swallowing_call);
    fac_module *m[] = {fac_done(fac_new(&silent)), fac_done(fac_new(&swallowing)), fac_done(fac_new(&calling)),
                       fac_done(fac_new(&bare_class))};
    fac_tensor *x = fac_ones(1);
    fac_values out;
    assert_null(fac_forward(m[0], x));
    assert_pending(FAC_ERR_RUNTIME, "Silent: forward failed without an error");
    assert_null(fac_forward(m[1], x));
    assert_pending(FAC_ERR_RUNTIME, "register_module: module is NULL");
    assert_null(fac_forward(m[2], x));
    assert_pending(FAC_ERR_VALUE, "call: module is NULL");
    assert_fails(fac_call(m[2], &FAC_VALUES(x), &out), FAC_ERR_VALUE, "call: module is NULL");
    assert_null(fac_forward(m[3], x));
    assert_pending(FAC_ERR_UNSUPPORTED, "Module [Bare] is missing the required \"forward\" function");
    for (size_t i = 0; i < sizeof m / sizeof *m; i++)
        fac_module_free(m[i]);
}

static void modes_reach_all_modules(void **state)
{
    (void)state;
    fac_module *m = net_new();
    const fac_module_list *all = fac_modules(m);
    assert_ptr_equal(fac_eval(m), m);
    for (int64_t i = 0; i < all->count; i++)
        assert_false(fac_is_training(all->items[i]));
    assert_ptr_equal(fac_train(m, true), m);
    for (int64_t i = 0; i < all->count; i++)
        assert_true(fac_is_training(all->items[i]));
    assert_ptr_equal(fac_module_requires_grad_(m, false), m);
    assert_false(fac_requires_grad(fac_get_parameter(m, "encoder.1.weight")));
    fac_module_requires_grad_(m, true);
    assert_true(fac_requires_grad(fac_get_parameter(m, "encoder.1.weight")));
    assert_null(fac_eval(NULL));
    assert_pending(FAC_ERR_VALUE, "module is NULL");
    assert_false(fac_is_training(NULL));
    assert_pending(FAC_ERR_VALUE, "module is NULL");
    fac_module_free(m);
}

static void gradients_are_dropped_or_zeroed(void **state)
{
    (void)state;
    fac_module *m = fac_Sequential(fac_Linear(1, 2), fac_Tanh(), fac_Linear(2, 1));
    fac_tensor *weight = fac_get_parameter(m, "0.weight");
    assert_int_equal(fac_backward(fac_sum(fac_forward(m, column(1, 2)))), FAC_OK);
    fac_tensor *grad = fac_grad_of(weight);
    assert_non_null(grad);
    assert_int_equal(fac_zero_grad(m, .set_to_none = false), FAC_OK);
    assert_ptr_equal(fac_grad_of(weight), grad);
    assert_same(grad, fac_zeros_like(grad));
    assert_int_equal(fac_zero_grad(m), FAC_OK);
    assert_null(fac_grad_of(weight));
    assert_fails(fac_zero_grad(NULL), FAC_ERR_VALUE, "module is NULL");
    fac_module_free(m);
}

static fac_status note_name(fac_module *module, void *ctx)
{
    strcat(ctx, module->cls->name);
    return strcmp(module->cls->name, "Tanh") ? FAC_OK : fac_raise(FAC_ERR_STOPPED, "no Tanh here");
}

static void apply_meets_children_first(void **state)
{
    (void)state;
    char text[256] = "";
    fac_module *m = net_new(), *tanh_module = fac_Sequential(fac_Tanh());
    assert_ptr_equal(fac_module_apply(m, note_name, text), m);
    assert_string_equal(text, "LinearReLUBlockSequentialLinearLinearNet");
    assert_null(fac_module_apply(tanh_module, note_name, text));
    assert_pending(FAC_ERR_STOPPED, "no Tanh here");
    assert_null(fac_module_apply(m, NULL, NULL));
    assert_pending(FAC_ERR_VALUE, "fn is NULL");
    fac_module_free(m), fac_module_free(tanh_module);
}

static void to_changes_values_not_handles(void **state)
{
    (void)state;
    net *self = (net *)net_new();
    fac_module *m = &self->base;
    fac_tensor *scale = self->scale, *weight = fac_get_parameter(m, "encoder.0.weight");
    assert_int_equal(fac_set_grad(scale, fac_ones(1)), FAC_OK);
    fac_tensor *before = fac_clone(weight), *used = fac_mul(scale, 3.0), *graph = fac_mul(used, scale);
    assert_ptr_equal(fac_module_to(m, FAC_FLOAT64), m);
    assert_ptr_equal(self->scale, scale);
    assert_int_equal(fac_dtype_of(scale), FAC_FLOAT64);
    assert_int_equal(fac_dtype_of(fac_grad_of(scale)), FAC_FLOAT64);
    assert_int_equal(fac_dtype_of(fac_get_buffer(m, "encoder.1.running")), FAC_FLOAT64);
    assert_int_equal(fac_dtype_of(self->count), FAC_INT64);
    assert_same(fac_to(weight, FAC_FLOAT32), fac_detach(before));
    assert_ptr_equal(fac_get_parameter(m, "decoder.weight"), weight);
    assert_int_equal(fac_backward(fac_sum(graph)), FAC_ERR_RUNTIME); /* what it saved is no longer there */
    fac_tensor *x = fac_ones(2, 3, .dtype = FAC_FLOAT64);
    assert_int_equal(fac_dtype_of(fac_forward(m, x)), FAC_FLOAT64);
    assert_null(fac_module_to(m, FAC_INT64));
    assert_pending(FAC_ERR_TYPE, "must be float32 or float64, got int64");
    fac_module_free(m);
}

static void a_tied_weight_is_one(void **state)
{
    (void)state;
    fac_module *m = net_new();
    fac_tensor *x = fac_ones(4, 3), *weight = fac_get_parameter(m, "decoder.weight");
    net *self = (net *)m;
    fac_tensor *loss = fac_add(fac_sum(fac_forward(self->encoder, x)), fac_sum(fac_forward(self->decoder, x)));
    assert_int_equal(fac_backward(fac_sum(fac_forward(self->decoder, x))), FAC_OK);
    assert_same(fac_grad_of(weight), fac_full(FAC_LIST(2, 3), 4));
    assert_int_equal(fac_backward(loss), FAC_OK);
    assert_true(fac_at(fac_grad_of(weight), FAC_LIST(0, 0)) >= 8);
    fac_module_free(m);
}

static fac_module *small(void)
{
    return fac_Sequential(fac_Linear(2, 3), fac_ReLU(), fac_Sequential(fac_Linear(3, 1)));
}

/* state with one tensor more, changed or (NULL) less. */
static fac_named_tensors *edit(fac_named_tensors *state, const char *name, fac_tensor *value)
{
    fac_tensor **items = (fac_tensor **)(uintptr_t)state->items;
    const char **names = (const char **)(uintptr_t)state->names;
    int64_t i = 0;
    while (i < state->count && strcmp(names[i], name) != 0)
        i++;
    if (!value) {
        for (state->count--; i < state->count; i++) {
            items[i] = items[i + 1];
            names[i] = names[i + 1];
        }
        return state;
    }
    items[i] = value;
    names[i] = name;
    state->count += i == state->count;
    return state;
}

static fac_named_tensors *copy_state(fac_module *module, fac_named_tensors *copy, fac_tensor **items,
                                     const char **names)
{
    const fac_named_tensors *all = fac_state_dict(module);
    *copy = (fac_named_tensors){all->count, items, names};
    for (int64_t i = 0; i < all->count; i++) {
        items[i] = fac_clone(all->items[i]);
        names[i] = all->names[i];
    }
    return copy;
}

static void loading_copies_values(void **state)
{
    (void)state;
    fac_module *a = small(), *b = small();
    fac_tensor *weight = fac_get_parameter(b, "0.weight");
    assert_int_equal(fac_load_state_dict(b, fac_state_dict(a)), FAC_OK);
    assert_ptr_equal(fac_get_parameter(b, "0.weight"), weight);
    assert_same(fac_detach(weight), fac_state_dict(a)->items[0]);
    assert_int_equal(fac_load_state_dict(b, fac_state_dict(b)), FAC_OK); /* onto itself */
    fac_tensor *doubles = fac_full(FAC_LIST(3, 2), 0.5, .dtype = FAC_FLOAT64);
    const fac_named_tensors one = {1, &doubles, (const char *const[]){"0.weight"}};
    assert_int_equal(fac_load_state_dict(b, &one, .strict = false), FAC_OK);
    assert_same(fac_detach(weight), fac_full(FAC_LIST(3, 2), 0.5));
    assert_true(fac_requires_grad(weight));
    fac_module_free(a), fac_module_free(b);
}

static void assert_load_fails(const char *title, fac_module *m, const fac_named_tensors *state, bool strict)
{
    fac_scope scope = fac_scope_open();
    fac_tensor *items[16];
    const char *names[16];
    fac_named_tensors before;
    copy_state(m, &before, items, names);
    assert_int_equal(fac_load_state_dict(m, state, .strict = strict), FAC_ERR_RUNTIME);
    assert_string_equal(fac_last_error(), section(title));
    const fac_named_tensors *after = fac_state_dict(m);
    for (int64_t i = 0; i < after->count; i++)
        assert_same(after->items[i], before.items[i]);
    fac_scope_close(&scope);
}

static void loading_complains_as_pytorch(void **state)
{
    (void)state;
    fac_module *good = small(), *m = small();
    fac_tensor *items[16], *one = fac_ones(1);
    const char *names[16];
    fac_named_tensors s;
    copy_state(good, &s, items, names);
    assert_load_fails("load missing", m, edit(edit(&s, "0.bias", NULL), "2.0.weight", NULL), true);
    copy_state(good, &s, items, names);
    edit(edit(edit(&s, "1.weight", one), "extra", one), "2.0.z", one);
    assert_load_fails("load unexpected", m, edit(edit(&s, "2.7.x", one), "2", one), true);
    copy_state(good, &s, items, names);
    assert_load_fails("load mismatch", m, edit(edit(&s, "0.weight", fac_ones(2, 3)), "2.0.bias", fac_scalar(1)), true);
    s.count = 0;
    edit(edit(edit(&s, "0.weight", fac_ones(2, 3, 1)), "0.bias", fac_ones(3)), "nope.weight", one);
    assert_load_fails("load all", m, &s, true);
    s.count = 0;
    assert_load_fails("load not strict", m, edit(edit(&s, "0.weight", fac_ones(3, 3)), "nope", one), false);
    fac_module *whole = net_new();
    copy_state(whole, &s, items, names);
    edit(edit(edit(&s, "decoder.weight", NULL), "encoder.1.mask", fac_ones(2)), "encoder.1.bias", fac_ones(2));
    assert_load_fails("load net", whole, edit(&s, "absent.x", one), true);
    assert_fails(fac_load_state_dict(m, NULL), FAC_ERR_VALUE, "state is NULL");
    assert_fails(fac_load_state_dict(NULL, &s), FAC_ERR_VALUE, "module is NULL");
    fac_module_free(good), fac_module_free(m), fac_module_free(whole);
}

static void many_modules_are_listed(void **state)
{
    (void)state;
    fac_module *m = fac_Sequential(), *shared = fac_Linear(1, 1);
    for (int i = 0; i < 300; i++) {
        assert_int_equal(fac_sequential_append(m, fac_Linear(1, 1)), FAC_OK);
        assert_int_equal(fac_sequential_append(m, fac_keep(shared)), FAC_OK);
    }
    assert_int_equal(fac_parameters(m)->count, 602);
    assert_int_equal(fac_modules(m)->count, 302);
    assert_int_equal(fac_state_dict(m)->count, 1200);
    assert_string_equal(fac_named_parameters(m)->names[601], "598.bias");
    fac_module_free(shared), fac_module_free(m);
}

static void defaults_are_pytorchs(void **state)
{
    (void)state;
    fac_Linear_args linear = fac_Linear_defaults();
    assert_true(linear.size_ == sizeof linear && linear.bias && linear.dtype == FAC_DEFAULT_DTYPE);
    linear.in_features = 3, linear.out_features = 2;
    fac_module *m = fac_Linear_with(&linear);
    assert_int_equal(fac_parameters(m)->count, 2);
    fac_module_free(m);
    assert_null(fac_Linear_with(NULL));
    assert_pending(FAC_ERR_TYPE, "Linear: missing required argument 'in_features'");
    assert_false(fac_ReLU_defaults().inplace);
    assert_true(fac_Flatten_defaults().start_dim == 1 && fac_Flatten_defaults().end_dim == -1);
    assert_string_equal(fac_MSELoss_defaults().reduction, "mean");
    assert_string_equal(fac_L1Loss_defaults().reduction, "mean");
    assert_true(fac_zero_grad_defaults().set_to_none && fac_load_state_dict_defaults().strict);
    fac_module *flatten = fac_Flatten_with(NULL);
    assert_int_equal(fac_ndim(fac_forward(flatten, fac_ones(2, 3, 4))), 2);
    fac_module_free(flatten);
}

typedef struct {
    fac_module *model;
    float x;
    float results[100];
} runner;

static void *run_model(void *ctx)
{
    runner *r = ctx;
    fac_set_grad_enabled(false);
    for (int i = 0; i < 100; i++) {
        FAC_SCOPE;
        fac_tensor *x = fac_from_data((const float[]){r->x, (float)i, 1}, FAC_LIST(1, 3), FAC_FLOAT32);
        r->results[i] = (float)fac_item(fac_forward(r->model, x));
    }
    return NULL;
}

/* Forward in eval mode without gradients only reads. */
static void threads_share_a_model(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    fac_module *m = fac_Sequential(fac_Linear(3, 20), fac_Tanh(), fac_Linear(20, 20), fac_ReLU(), fac_Linear(20, 1));
    fac_eval(m);
    pthread_t threads[THREADS];
    static runner runners[THREADS], alone;
    for (int i = 0; i < THREADS; i++) {
        runners[i] = (runner){.model = m, .x = (float)(i / 2)};
        assert_int_equal(pthread_create(&threads[i], NULL, run_model, &runners[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    alone = (runner){.model = m, .x = 1};
    run_model(&alone);
    fac_set_grad_enabled(true);
    assert_memory_equal(runners[2].results, alone.results, sizeof alone.results);
    assert_memory_equal(runners[3].results, alone.results, sizeof alone.results);
    assert_memory_equal(runners[0].results, runners[1].results, sizeof alone.results);
    assert_memory_not_equal(runners[0].results, runners[2].results, sizeof alone.results);
    fac_module_free(m);
}

/* What a program does with a model, each call's memory failing in turn. */
static fac_status use_model(void *ctx)
{
    (void)ctx;
    fac_manual_seed(1);
    fac_module *m = net_new(), *other = m ? net_new() : NULL;
    fac_status status = m && other ? FAC_OK : fac_error_status();
    if (!status) {
        FAC_SCOPE;
        fac_tensor *y = fac_forward(m, fac_ones(2, 3));
        status = y ? fac_backward(fac_sum(y)) : fac_error_status();
        if (!status && !(fac_parameters(m) && fac_named_buffers(m) && fac_named_modules(m) && fac_children(m)))
            status = fac_error_status();
        if (!status)
            status = fac_load_state_dict(other, fac_state_dict(m));
        if (!status && !(fac_module_to(other, FAC_FLOAT64) && fac_module_repr(other) && fac_eval(other)))
            status = fac_error_status();
        if (!status && fac_load_state_dict(other, fac_state_dict(m->impl ? ((net *)m)->encoder : m)) != FAC_ERR_RUNTIME)
            status = FAC_ERR_MEMORY;
    }
    fac_module_free(m), fac_module_free(other);
    fac_scope_reset();
    return status;
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    int64_t n = support_alloc_fail_each(use_model, NULL);
    assert_true(n > 50);
}

int main(void)
{
    support_alloc_install();
    sections_read("nn");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lists_are_pytorchs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(paths_lead_to_parts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(parameters_are_leaves, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_are_checked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_part_takes_anothers_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_module_contains_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failures_free_all_parts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(classes_are_checked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(destroy_runs_once_each, set_up, tear_down),
        cmocka_unit_test_setup_teardown(deep_nesting_is_freed_and_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(frees_in_any_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sequential_is_a_list, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sequential_passes_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(linear_checks_its_input, set_up, tear_down),
        cmocka_unit_test_setup_teardown(layers_are_their_functions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(call_takes_and_gives_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sequential_passes_tuples_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tuples_outlive_what_made_them, set_up, tear_down),
        cmocka_unit_test_setup_teardown(errors_reach_the_caller, set_up, tear_down),
        cmocka_unit_test_setup_teardown(modes_reach_all_modules, set_up, tear_down),
        cmocka_unit_test_setup_teardown(gradients_are_dropped_or_zeroed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(apply_meets_children_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(to_changes_values_not_handles, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_tied_weight_is_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(loading_copies_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(loading_complains_as_pytorch, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_modules_are_listed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(defaults_are_pytorchs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(threads_share_a_model, set_up, tear_down),
        cmocka_unit_test_setup_teardown(memory_may_fail_anywhere, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
