/* SPDX-License-Identifier: MIT */
/* Modules: torch.nn.Module. The layers and losses are in nn_modules.h, nn.init in nn_init.h, clipping in nn_utils.h.
 *
 * A module of your own is a struct that begins with fac_module, a class and a constructor:
 *
 *     typedef struct { fac_module base; fac_module *linear1, *linear2; fac_tensor *scale; } net;
 *
 *     static fac_tensor *net_forward(fac_module *m, fac_tensor *x)
 *     {
 *         net *self = (net *)m;
 *         fac_tensor *h = fac_relu(fac_forward(self->linear1, x));
 *         return fac_mul(fac_forward(self->linear2, h), self->scale);
 *     }
 *     static const fac_class net_class = FAC_CLASS("Net", sizeof(net), .forward = net_forward);
 *
 *     fac_module *net_new(int n)
 *     {
 *         net *self = fac_new(&net_class);
 *         FAC_CHILD(self, linear1, fac_Linear(1, n));
 *         FAC_CHILD(self, linear2, fac_Linear(n, 1));
 *         FAC_PARAM(self, scale, fac_ones(1));
 *         return fac_done(self);
 *     }
 *
 * Every function takes a module that is NULL for the error it is: the first error in a chain is the one reported. */
#ifndef FACULA_NN_H
#define FACULA_NN_H

#include "facula/call.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fac_class fac_class;

/* torch.nn.Module: a counted handle. Two pointers for ever; your struct begins with it. */
typedef struct fac_module {
    const fac_class *cls;
    struct fac_module_parts *impl; /* parameters, buffers, children, training: the library's */
} fac_module;

/* What goes into a module and comes out where one tensor is not enough: None, tensors, numbers, strings, tuples. */
typedef enum fac_value_kind {
    FAC_VALUE_NONE,
    FAC_VALUE_TENSOR,
    FAC_VALUE_REAL,
    FAC_VALUE_INT,
    FAC_VALUE_BOOL,
    FAC_VALUE_STRING,
    FAC_VALUE_TUPLE
} fac_value_kind;
typedef struct fac_value {
    fac_value_kind kind;
    union {
        fac_tensor *tensor; /* lent, or the scope's */
        double real;
        int64_t integer;
        bool boolean;
        const char *string;
        const struct fac_values *tuple;
    };
} fac_value;
enum { FAC_MAX_VALUES = 8 };
typedef struct fac_values {
    int64_t count; /* items behind it are not set */
    fac_value items[FAC_MAX_VALUES];
} fac_values;

static inline fac_value fac_value_tensor(fac_tensor *tensor)
{
    fac_value value;
    value.kind = (void *)tensor == fac_none ? FAC_VALUE_NONE : FAC_VALUE_TENSOR;
    value.tensor = tensor;
    return value;
}
static inline fac_value fac_value_any(void *tensor_or_none)
{
    return fac_value_tensor((fac_tensor *)tensor_or_none);
}
static inline fac_value fac_value_real(double real)
{
    fac_value value;
    value.kind = FAC_VALUE_REAL;
    value.real = real;
    return value;
}
static inline fac_value fac_value_int(int64_t integer)
{
    fac_value value;
    value.kind = FAC_VALUE_INT;
    value.integer = integer;
    return value;
}
static inline fac_value fac_value_bool(bool boolean)
{
    fac_value value;
    value.kind = FAC_VALUE_BOOL;
    value.boolean = boolean;
    return value;
}
static inline fac_value fac_value_string(const char *string)
{
    fac_value value;
    value.kind = FAC_VALUE_STRING;
    value.string = string;
    return value;
}
static inline fac_value fac_value_tuple(const fac_values *tuple)
{
    fac_value value;
    value.kind = FAC_VALUE_TUPLE;
    value.tuple = tuple;
    return value;
}

/* A tuple with these values, owned by the scope: to put one inside another. NULL on error. */
FAC_API const fac_values *fac_tuple(const fac_values *values);
/* The tensor at position i; a tuple's items count as one position. NULL, with the error pending, if there is none. */
FAC_API fac_tensor *fac_values_tensor(const fac_values *values, int64_t i);

#ifndef __cplusplus
/* FAC_VALUES(x, 0.5, "mean"), for fac_call: &FAC_VALUES(x, h); for results: *out = FAC_VALUES(y, FAC_TUPLE(h, c)). */
#define FAC_VALUE(x) \
    _Generic((x),                                                                                                      \
        fac_tensor *: fac_value_tensor,                                                                                \
        void *: fac_value_any,                                                                                         \
        float: fac_value_real,                                                                                         \
        double: fac_value_real,                                                                                        \
        bool: fac_value_bool,                                                                                          \
        char *: fac_value_string,                                                                                      \
        const char *: fac_value_string,                                                                                \
        fac_values *: fac_value_tuple,                                                                                 \
        const fac_values *: fac_value_tuple,                                                                           \
        default: fac_value_int)(x)
#define FAC_VALUES(...) \
    ((fac_values){FAC_VALUES_N_(__VA_ARGS__), {FAC_CAT(FAC_VALUES_, FAC_VALUES_N_(__VA_ARGS__))(__VA_ARGS__)}})
#define FAC_TUPLE(...)                                 fac_tuple(&FAC_VALUES(__VA_ARGS__))
#define FAC_VALUES_N_(...)                             FAC_VALUES_AT_(__VA_ARGS__, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define FAC_VALUES_AT_(a, b, c, d, e, f, g, h, n, ...) n
#define FAC_VALUES_1(a)                                FAC_VALUE(a)
#define FAC_VALUES_2(a, ...)                           FAC_VALUE(a), FAC_VALUES_1(__VA_ARGS__)
#define FAC_VALUES_3(a, ...)                           FAC_VALUE(a), FAC_VALUES_2(__VA_ARGS__)
#define FAC_VALUES_4(a, ...)                           FAC_VALUE(a), FAC_VALUES_3(__VA_ARGS__)
#define FAC_VALUES_5(a, ...)                           FAC_VALUE(a), FAC_VALUES_4(__VA_ARGS__)
#define FAC_VALUES_6(a, ...)                           FAC_VALUE(a), FAC_VALUES_5(__VA_ARGS__)
#define FAC_VALUES_7(a, ...)                           FAC_VALUE(a), FAC_VALUES_6(__VA_ARGS__)
#define FAC_VALUES_8(a, ...)                           FAC_VALUE(a), FAC_VALUES_7(__VA_ARGS__)
#endif

/* What a kind of module is. Of forward and call one is enough; each serves fac_forward and fac_call. */
struct fac_class {
    size_t size_;     /* of this struct: FAC_CLASS sets it */
    const char *name; /* as print(module) names it: "Linear" */
    size_t size;      /* of the struct that begins with fac_module */
    /* def forward(self, x): one tensor in, one out. NULL on error. */
    fac_tensor *(*forward)(fac_module *self, fac_tensor *x);
    /* def forward(self, *in): anything in, anything out. */
    fac_status (*call)(fac_module *self, const fac_values *in, fac_values *out);
    /* Module.extra_repr(): what stands between the parentheses, written as snprintf does: returns the length needed. */
    int (*extra_repr)(const fac_module *self, char *out, size_t size);
    /* Frees what the struct owns beyond its parts; also of a module whose construction failed, with fields still 0. */
    void (*destroy)(fac_module *self);
    void *reserved_;
};
/* FAC_CLASS("MLP", sizeof(MLP), .forward = MLP_forward). Classes are static or outlive their modules. */
#define FAC_CLASS(...)                                    \
    {                                                     \
        sizeof(fac_class), __VA_ARGS__, .reserved_ = NULL \
    }

/* Begins a module (super().__init__()): a zeroed struct of cls->size, in training mode, with one reference, yours. NULL
 * on error: FAC_ERR_MEMORY, FAC_ERR_VALUE for a class without a name or a size too small. What follows, to fac_done,
 * accepts a NULL self. */
FAC_API void *fac_new(const fac_class *cls);
/* Ends it: the module; NULL, with all its parts freed and the error pending, if one of them failed or an error is
 * pending. */
FAC_API fac_module *fac_done(void *self);

/* self->field = part as a child (Module.__setattr__ of a module), a parameter (nn.Parameter(part)) or a buffer
 * (Module.register_buffer), named as the field. A child is taken over, whatever happens; a tensor is shared. A second
 * time under one name it takes the other's place. fac_none registers None. A NULL part fails the module: see fac_done.
 * A parameter comes to require a gradient; one that was computed is detached first, so the field may be another handle
 * than part. A tensor that is a parameter already is tied: the same one in both places. */
#ifndef __cplusplus
#define FAC_CHILD(self, field, part)  fac_attach_module((self), #field, (part), (self) ? &(self)->field : NULL)
#define FAC_PARAM(self, field, part)  fac_attach_parameter((self), #field, (part), (self) ? &(self)->field : NULL)
#define FAC_BUFFER(self, field, part) fac_attach_buffer((self), #field, (part), (self) ? &(self)->field : NULL, true)
/* register_buffer(..., persistent=False): not in state_dict. */
#define FAC_BUFFER_NONPERSISTENT(self, field, part) \
    fac_attach_buffer((self), #field, (part), (self) ? &(self)->field : NULL, false)
#endif
/* What the macros call: *slot, if not NULL, is set now and whenever the name is registered anew. In a constructor also for
 * parts of parts, as a failure reaches fac_done: fac_attach_parameter(self->decoder, "weight", weight, NULL). */
FAC_API void fac_attach_module(void *self, const char *name, fac_module *child, fac_module **slot);
FAC_API void fac_attach_parameter(void *self, const char *name, fac_tensor *tensor, fac_tensor **slot);
FAC_API void fac_attach_buffer(void *self, const char *name, fac_tensor *tensor, fac_tensor **slot, bool persistent);

/* The same by name, at any time: Module.register_module, register_parameter, register_buffer. The fields of the module
 * follow: fac_register_parameter(decoder, "weight", fac_get_parameter(encoder, "weight")) ties two layers.
 * Errors: FAC_ERR_KEY for a name that is empty, has a dot or is another kind of part; FAC_ERR_VALUE for a child that
 * contains the module. The child is taken over also then. */
FAC_API fac_status fac_register_module(fac_module *module, const char *name, fac_module *child) FAC_WARN_UNUSED;
FAC_API fac_status fac_register_parameter(fac_module *module, const char *name, fac_tensor *tensor) FAC_WARN_UNUSED;
FAC_API fac_status fac_register_buffer(fac_module *module, const char *name, fac_tensor *tensor,
                                       bool persistent) FAC_WARN_UNUSED;

/* Drops one reference; with the last one the parts lose theirs. NULL and fac_none are accepted. */
FAC_API void fac_module_free(fac_module *module);

/* module(x, ...): fac_forward(model, x), fac_forward(loss, output, target). Takes tensors (fac_none for None), gives
 * the first result, owned by the scope as every result of an operation, or NULL with the error pending. Errors are
 * those of the module's own operations; FAC_ERR_UNSUPPORTED for a class with neither forward nor call; FAC_ERR_TYPE for
 * a number of arguments it does not take, a first result that is no tensor. */
FAC_API fac_tensor *fac_forward_with(fac_module *module, fac_tensor *x);
FAC_API fac_tensor *fac_forward_list(fac_module *module, const fac_tensors *inputs);
#ifndef __cplusplus
#define fac_forward(module, ...)   FAC_CAT(FAC_FORWARD_, FAC_COUNT(__VA_ARGS__))(module, __VA_ARGS__)
#define FAC_FORWARD_1(module, x)   fac_forward_with(module, x)
#define FAC_FORWARD_2(module, ...) FAC_FORWARD_N(module, __VA_ARGS__)
#define FAC_FORWARD_N(module, ...) \
    fac_forward_list(module, &(const fac_tensors){FAC_VALUES_N_(__VA_ARGS__), (fac_tensor *[]){__VA_ARGS__}})
#endif
/* module(*in): all arguments and all results. out's tensors belong to the scope.
 * fac_call(lstm, &FAC_VALUES(x, FAC_TUPLE(h, c)), &out). */
FAC_API fac_status fac_call_with(fac_module *module, const fac_values *in, fac_values *out) FAC_WARN_UNUSED;
#ifndef __cplusplus
#define fac_call(module, in, out) fac_call_with(module, in, out)
#endif

/* nn.Sequential(*modules): each module's result is the next one's input. fac_Sequential(fac_Linear(1, 10), fac_ReLU());
 * the modules are made from left to right, taken over also on failure, and named "0", "1", ... Returns a module that
 * you own, or NULL. Further ones by name: fac_register_module(sequential, "head", fac_Linear(10, 1)). */
FAC_API fac_module *fac_Sequential_of(fac_module *const *modules, int64_t count);
#ifndef __cplusplus
#define fac_Sequential(...) FAC_SEQUENTIAL_AS_(FAC_CAT(parts_, __COUNTER__), __VA_ARGS__)
#define FAC_SEQUENTIAL_AS_(parts, ...)                                             \
    __extension__({                                                                \
        fac_module *parts[] = {NULL, __VA_ARGS__};                                 \
        fac_Sequential_of(parts + 1, (int64_t)(sizeof parts / sizeof *parts) - 1); \
    })
#endif
/* Sequential.append(child): takes the child over, also on failure. len(sequential): -1 on error. sequential[i], lent;
 * i may be negative; NULL, with the error pending, out of range. */
FAC_API fac_status fac_sequential_append(fac_module *sequential, fac_module *child) FAC_WARN_UNUSED;
FAC_API int64_t fac_sequential_len(const fac_module *sequential);
FAC_API fac_module *fac_sequential_get(const fac_module *sequential, int64_t i);

/* Tensors with names, as fac_named_parameters and fac_state_dict give them. Begins as fac_tensors does. */
typedef struct fac_named_tensors {
    int64_t count;
    fac_tensor *const *items;
    const char *const *names; /* "layers.0.weight" */
} fac_named_tensors;
/* Modules with their paths; the module itself has the path "". */
typedef struct fac_module_list {
    int64_t count;
    fac_module *const *items;
    const char *const *names;
} fac_module_list;

/* Module.parameters(), named_parameters(), buffers(), named_buffers(), children(), named_children(), modules(),
 * named_modules(): in PyTorch's order, each tensor and module once, however often it is used. The list belongs to the
 * scope (fac_keep keeps it) and holds references of its items. NULL on error. */
FAC_API const fac_tensors *fac_parameters(fac_module *module);
FAC_API const fac_named_tensors *fac_named_parameters(fac_module *module);
FAC_API const fac_tensors *fac_buffers(fac_module *module);
FAC_API const fac_named_tensors *fac_named_buffers(fac_module *module);
FAC_API const fac_module_list *fac_children(fac_module *module);
FAC_API const fac_module_list *fac_named_children(fac_module *module);
FAC_API const fac_module_list *fac_modules(fac_module *module);
FAC_API const fac_module_list *fac_named_modules(fac_module *module);

/* Module.get_parameter("layers.0.weight"), get_buffer, get_submodule("layers.0"; "" is the module itself): lent. NULL
 * with FAC_ERR_KEY pending if there is none. */
FAC_API fac_tensor *fac_get_parameter(fac_module *module, const char *path);
FAC_API fac_tensor *fac_get_buffer(fac_module *module, const char *path);
FAC_API fac_module *fac_get_submodule(fac_module *module, const char *path);

/* Module.train(mode), Module.eval(), of the module and all within; they give the module back, lent, or NULL.
 * Module.training; false, with the error pending, for no module. */
FAC_API fac_module *fac_train(fac_module *module, bool mode);
FAC_API fac_module *fac_eval(fac_module *module);
FAC_API bool fac_is_training(const fac_module *module);

/* Module.zero_grad(set_to_none=True): drops the gradients of all parameters, or fills them with 0. */
typedef struct fac_zero_grad_args {
    size_t size_;
    bool set_to_none;
} fac_zero_grad_args;
#define FAC_DEFAULTS_zero_grad .set_to_none = true
FAC_API fac_zero_grad_args fac_zero_grad_defaults(void);
FAC_API fac_status fac_zero_grad_with(fac_module *module, const fac_zero_grad_args *args) FAC_WARN_UNUSED;
#ifndef __cplusplus
#define fac_zero_grad(...) FAC_CALL1_(zero_grad, FAC_TENSOR_, __VA_ARGS__)
#endif

/* Module.requires_grad_(requires_grad) of all parameters. The module, lent, or NULL. */
FAC_API fac_module *fac_module_requires_grad_(fac_module *module, bool requires_grad);
/* Module.apply(fn): fn on every module within, children first; a module used twice is met twice, as in PyTorch. fn's
 * first error ends it. The module, lent, or NULL. */
FAC_API fac_module *fac_module_apply(fac_module *module, fac_status (*fn)(fac_module *module, void *ctx), void *ctx);
/* Module.to(dtype): all floating parameters, their gradients and buffers become that floating dtype; the handles stay
 * the same. The module, lent, or NULL with nothing changed. */
FAC_API fac_module *fac_module_to(fac_module *module, fac_dtype dtype);

/* Module.state_dict(): every parameter and persistent buffer under every name it has (tied ones more than once),
 * detached, sharing the module's memory. The list belongs to the scope. NULL on error. */
FAC_API const fac_named_tensors *fac_state_dict(fac_module *module);
/* Module.load_state_dict(state_dict, strict=True): copies the values into the module's own tensors, cast to their
 * dtypes. strict: the names must be the module's, all of them. Errors: FAC_ERR_RUNTIME with PyTorch's message, which
 * lists missing and unexpected keys and mismatched shapes; nothing is changed then. */
typedef struct fac_load_state_dict_args {
    size_t size_;
    bool strict;
} fac_load_state_dict_args;
#define FAC_DEFAULTS_load_state_dict .strict = true
FAC_API fac_load_state_dict_args fac_load_state_dict_defaults(void);
FAC_API fac_status fac_load_state_dict_with(fac_module *module, const fac_named_tensors *state,
                                            const fac_load_state_dict_args *args) FAC_WARN_UNUSED;
#ifndef __cplusplus
#define fac_load_state_dict(...) FAC_CALL2_(load_state_dict, FAC_TENSOR_, __VA_ARGS__)
#endif

#ifdef __cplusplus
}
#endif
#endif
