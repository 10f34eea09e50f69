/* SPDX-License-Identifier: MIT */
/* The tensor and its storage from inside. */
#ifndef FAC_TENSOR_TENSOR_H
#define FAC_TENSOR_TENSOR_H

#include "base/thread.h"
#include "facula/tensor.h"

/* Shape, strides (in elements), dtype; where it starts in its storage. Only the first ndim entries are set. */
typedef struct fac_meta {
    int64_t numel;
    int64_t offset; /* elements from the storage's start; only of views */
    uint8_t dtype, ndim;
    bool contiguous;
    int64_t shape[FAC_MAX_DIMS];
    int64_t stride[FAC_MAX_DIMS];
} fac_meta;

typedef struct fac_storage {
    uint32_t refs;
    uint32_t version;       /* counts in-place changes */
    uint32_t graph_version; /* counts those that a graph records */
    size_t bytes, block;    /* block: what the pool gave, 0 for foreign memory */
    void *data;
    fac_deleter *deleter;
    void *ctx;
} fac_storage;

struct fac_node;

struct fac_tensor {
    void *data; /* of the first element */
    fac_storage *storage;
    bool requires_grad;  /* a leaf that asks for a gradient, or the result of a node */
    bool wrapped_number; /* a Python number: takes part in promotion by its kind only */
    bool retains_grad;
    bool is_view;
    bool is_parameter;          /* registered with a module as one */
    uint16_t output_nr;         /* which result of its node */
    uint32_t run_id, run_value; /* the recorded run that made it, and which of its values it is */
    uint32_t graph_version;     /* of the storage when a view was taken in grad mode */
    struct fac_node *node;      /* NULL for leaves */
    fac_tensor *grad;
    struct fac_hooks *hooks; /* reserved */
    fac_meta m;              /* last: only the dims in use are ever touched */
};

enum { FAC_NO_VALUE = -1 }; /* as run_value: of the run, but no result of an operation */

extern const fac_handle_type fac_tensor_type;
extern const uint8_t fac_dtype_sizes[FAC_DTYPES];

static inline bool fac_is_float(int dtype)
{
    return dtype == FAC_FLOAT32 || dtype == FAC_FLOAT64;
}

static inline bool fac_tensor_alive(const fac_tensor *tensor)
{
    return fac_header_of(tensor)->type == &fac_tensor_type;
}

/* Sizes or strides of n dims. Up to four go as one vector, whatever n is: a call of memcpy would cost more. */
static inline void fac_copy_dims(int64_t *to, const int64_t *from, int n)
{
    __builtin_memcpy(to, from, 4 * sizeof *to);
    if (__builtin_expect(n > 4, 0))
        __builtin_memcpy(to + 4, from + 4, 4 * sizeof *to);
}

/* FAC_OK or the error `who: input is NULL`, `who: input's scope has ended`. Whoever looks at or changes the values of a
 * tensor by another way than an operation asks this first: what a plan has put off is done then. */
fac_status fac_tensor_check(const fac_tensor *tensor, const char *who, const char *what);
/* The same for those who do not look at the values. */
fac_status fac_tensor_check_alive(const fac_tensor *tensor, const char *who, const char *what);
/* Counts what changes tensors but not their values: who requires a gradient, another dtype; as long as it stays, a tensor
 * has the same shape, address and flags. Plans look at it. */
extern uint32_t fac_structure_changes;
static inline void fac_structure_changed(void)
{
    __atomic_fetch_add(&fac_structure_changes, 1, __ATOMIC_RELAXED);
}
static inline uint32_t fac_structure_now(void)
{
    return __atomic_load_n(&fac_structure_changes, __ATOMIC_RELAXED);
}

/* A row-major meta of that shape; FAC_ERR_VALUE for a negative size, over 8 dims or a product over int64. */
fac_status fac_meta_init(fac_meta *meta, int dtype, int ndim, const int64_t *shape, const char *who);
/* Row-major strides, numel and the contiguous flag from shape (known to multiply without overflow). */
void fac_meta_pack(fac_meta *meta);
/* numel and the contiguous flag of a strided view. */
void fac_meta_view_done(fac_meta *meta);
bool fac_same_shape(const fac_meta *a, const fac_meta *b);
/* `(25, 1)` as Python writes a shape; into a ring of buffers of the thread, good for one message. */
const char *fac_shape_text(const fac_meta *meta);
const char *fac_list_text(int64_t count, const int64_t *values);

/* A fresh tensor with its own uninitialised memory, one reference, no scope. NULL with the error set. */
fac_tensor *fac_tensor_new(const fac_meta *meta);
/* The same over a storage, of which it takes a reference: data starts at meta->offset elements. */
fac_tensor *fac_tensor_view(fac_storage *storage, const fac_meta *meta);
/* A second handle to the same values, leaf, without history. */
fac_tensor *fac_tensor_alias(const fac_tensor *tensor);
/* Frees a fresh tensor that nobody else has seen. */
void fac_tensor_drop(fac_tensor *tensor);
/* to[i] = from[i], cast to to's dtype; same shapes, any strides. */
fac_status fac_copy_cast(fac_tensor *to, const fac_tensor *from);
/* Hands a fresh tensor to the innermost scope: the tensor, or NULL with the error set. NULL gives NULL. */
fac_tensor *fac_tensor_adopt(fac_tensor *tensor);

/* What freeing a tensor has to do beyond its memory: set by the graph (L2), called when a node hangs on the tensor. */
extern void (*fac_release_node)(struct fac_node *node);

/* dim in [-n, n) to [0, n); FAC_ERR_INDEX names the range, as PyTorch does. n = 0 counts as 1. */
fac_status fac_wrap_dim(int64_t dim, int ndim, int *wrapped, const char *who);

/* The value of element i of a contiguous run of that dtype, as double or int64. */
double fac_load_double(const void *data, int dtype);
int64_t fac_load_int(const void *data, int dtype);
void fac_store_double(void *data, int dtype, double value);
void fac_store_int(void *data, int dtype, int64_t value);
/* Address of the element at flat row-major position i. */
void *fac_element(const fac_tensor *tensor, int64_t i);

#endif
