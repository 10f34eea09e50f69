/* SPDX-License-Identifier: MIT */
/* Tensors: dtype, shape, storage, views of foreign memory, values. The operations are in ops.h. */
#ifndef FACULA_TENSOR_H
#define FACULA_TENSOR_H

#include "facula/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* torch.float32 and so on. FAC_DEFAULT_DTYPE stands for "not given" in keyword arguments. */
typedef enum fac_dtype {
    FAC_DEFAULT_DTYPE = 0,
    FAC_FLOAT32,
    FAC_FLOAT64,
    FAC_INT64,
    FAC_INT32,
    FAC_UINT8,
    FAC_BOOL
} fac_dtype;
enum { FAC_DTYPES = 7 }; /* one more than the last */

enum { FAC_MAX_DIMS = 8 };

/* A list of int64: a shape, dims, sizes. FAC_LIST(25, 1) lives to the end of the enclosing block. */
typedef struct fac_ints {
    int64_t count;
    int64_t values[16];
} fac_ints;
typedef const fac_ints *fac_list;
#define FAC_LIST(...)                                                                                                  \
    ((fac_list) & (const fac_ints){(int64_t)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), {__VA_ARGS__}})
/* The empty list: the shape of a 0-d tensor. */
#define FAC_EMPTY_LIST ((fac_list) & (const fac_ints){0, {0}})

/* torch.Tensor. A counted handle: see base.h for scopes, fac_keep and ownership. */
typedef struct fac_tensor fac_tensor;

/* A list of tensors, as torch.cat and torch.stack take it: FAC_TENSORS(a, b, c). */
typedef struct fac_tensors {
    int64_t count;
    fac_tensor *const *items;
} fac_tensors;
#define FAC_TENSORS(...)                                                                                               \
    ((const fac_tensors *)&(const fac_tensors){                                                                        \
        (int64_t)(sizeof((fac_tensor *[]){__VA_ARGS__}) / sizeof(fac_tensor *)), (fac_tensor *[]){__VA_ARGS__}})

/* Tensor.dtype, .ndim, .shape, .stride(), .numel(), .element_size(). dim may be negative. On an error (dead handle, dim
 * out of range) FAC_DEFAULT_DTYPE or -1, with the error pending. Strides count elements. */
FAC_API fac_dtype fac_dtype_of(const fac_tensor *tensor);
FAC_API int fac_ndim(const fac_tensor *tensor);
FAC_API int64_t fac_size(const fac_tensor *tensor, int dim);
FAC_API int64_t fac_stride(const fac_tensor *tensor, int dim);
FAC_API int64_t fac_numel(const fac_tensor *tensor);
FAC_API int64_t fac_element_size(const fac_tensor *tensor);
/* len(tensor): the size of dim 0; -1 and an error for a 0-d tensor. */
FAC_API int64_t fac_len(const fac_tensor *tensor);
FAC_API bool fac_is_contiguous(const fac_tensor *tensor);
/* "float32" for FAC_FLOAT32; NULL if dtype is none. */
FAC_API const char *fac_dtype_name(fac_dtype dtype);
/* Bytes of one element; 0 if dtype is none. */
FAC_API size_t fac_dtype_size(fac_dtype dtype);

/* torch.get_default_dtype, set_default_dtype: FAC_FLOAT32 (at first) or FAC_FLOAT64; the process's. */
FAC_API fac_dtype fac_get_default_dtype(void);
FAC_API fac_status fac_set_default_dtype(fac_dtype dtype) FAC_WARN_UNUSED;

/* Tensor.item(): the one element as a double (exact but for int64 beyond 2^53: fac_item_int). NaN or 0 with an error
 * pending if there is not exactly one. */
FAC_API double fac_item(fac_tensor *tensor);
FAC_API int64_t fac_item_int(fac_tensor *tensor);
/* One element by its indices, as tensor[1, 2].item(); negative indices count from the end. */
FAC_API double fac_at(fac_tensor *tensor, fac_list indices);

/* Tensor.data_ptr(): the address of the first element; lent, valid while the tensor lives. After writing through it
 * call fac_touched, so that what was saved for backward is known to be stale. NULL with an error pending for a dead
 * handle; NULL without one for an empty tensor of size 0 may not be read. */
FAC_API void *fac_data(fac_tensor *tensor);
FAC_API fac_status fac_touched(fac_tensor *tensor) FAC_WARN_UNUSED;
/* Copies all elements, in row-major order, to `out`, which has room for `count` of them; count must be numel. */
FAC_API fac_status fac_copy_out(fac_tensor *tensor, void *out, int64_t count) FAC_WARN_UNUSED;

/* New tensors, owned by the innermost open scope; NULL with an error pending: FAC_ERR_VALUE for no data or a shape with a
 * negative size, FAC_ERR_TYPE for no dtype, FAC_ERR_MEMORY.
 * torch.tensor(data).reshape(shape): with a copy of the values (row-major, of dtype). */
FAC_API fac_tensor *fac_from_data(const void *data, fac_list shape, fac_dtype dtype);
/* torch.from_blob: a tensor over the caller's memory, not copied. deleter(data, ctx), which may be NULL, runs when the
 * last view of it is gone, from whichever thread frees that; also when this function fails. data must be aligned to its
 * element. */
typedef void fac_deleter(void *data, void *ctx);
FAC_API fac_tensor *fac_from_blob(void *data, fac_list shape, fac_dtype dtype, fac_deleter *deleter, void *ctx);
/* torch.tensor(value): 0-d, of the default dtype, int64 or bool. */
FAC_API fac_tensor *fac_scalar(double value);
FAC_API fac_tensor *fac_scalar_int(int64_t value);
FAC_API fac_tensor *fac_scalar_bool(bool value);
/* torch.tensor([1., 2., 3.]) in the default dtype: fac_vector(1, 2, 3). */
#define fac_vector(...)                                                                                                \
    fac_from_doubles((const double[]){__VA_ARGS__}, (int64_t)(sizeof((const double[]){__VA_ARGS__}) / sizeof(double)))
FAC_API fac_tensor *fac_from_doubles(const double *values, int64_t count);

/* A Python number as operand of an operation: it takes part in type promotion by its kind only. The keyword macros of
 * ops.h make these; in C++ write fac_add_with(x, fac_number(2.0), NULL). */
FAC_API fac_tensor *fac_number(double value);
FAC_API fac_tensor *fac_number_int(int64_t value);
FAC_API fac_tensor *fac_number_bool(bool value);
FAC_API fac_tensor *fac_as_operand(void *none_or_tensor);

/* Drops one reference. Results of operations belong to their scope and need this only after fac_keep. */
FAC_API void fac_tensor_free(fac_tensor *tensor);
/* *slot = value kept, what was there released: hidden states carried over steps. A NULL value changes nothing. */
FAC_API fac_status fac_set(fac_tensor **slot, fac_tensor *value) FAC_WARN_UNUSED;

#ifndef __cplusplus
/* A tensor or a C number as fac_tensor *. The argument is named once more by every macro around it: bind it first. */
#define FAC_OPERAND(x)                                                                                                 \
    _Generic((x),                                                                                                      \
        fac_tensor *: fac_as_operand,                                                                                 \
        void *: fac_as_operand,                                                                                       \
        float: fac_number,                                                                                             \
        double: fac_number,                                                                                            \
        long double: fac_number,                                                                                       \
        bool: fac_number_bool,                                                                                         \
        default: fac_number_int)(x)
#endif

#ifdef __cplusplus
}
#endif
#endif
