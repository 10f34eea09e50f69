/* SPDX-License-Identifier: MIT */
/* Golden files: PyTorch's tensors in tests/golden/<name>.safetensors. An entry is "case.in0", "case.out0",
 * "case.grad_in0", "case.g" (the gradient that comes in); the metadata has a key "case" with one line about it (the
 * Python expression, or whatever the test makes of it). And comparisons with the tolerances of the library. */
#ifndef TESTS_SUPPORT_GOLDEN_H
#define TESTS_SUPPORT_GOLDEN_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "io/safetensors.h"
#include "tensor/tensor.h"

typedef fac_st_file golden;

/* tests/golden/<name>.safetensors; a file that cannot be read fails the test. */
static inline golden *golden_open(const char *name)
{
    char path[512];
    golden *file = NULL;
    snprintf(path, sizeof path, "%s/%s.safetensors", FAC_GOLDEN_DIR, name);
    if (fac_st_read(path, &file))
        fail_msg("%s", fac_last_error());
    return file;
}

static inline void golden_close(golden *file)
{
    fac_st_free(file);
}

static inline bool golden_has(const golden *file, const char *name)
{
    return fac_st_find(file, name) != NULL;
}

/* A copy owned by the scope; a name that is not there fails the test. */
static inline fac_tensor *golden_tensor(const golden *file, const char *name)
{
    const fac_st_entry *entry = fac_st_find(file, name);
    if (!entry)
        fail_msg("the golden file has no %s", name);
    fac_ints shape = {.count = entry->ndim};
    memcpy(shape.values, entry->shape, (size_t)entry->ndim * sizeof *shape.values);
    static const double nothing;
    fac_tensor *tensor = fac_from_data(entry->bytes ? entry->data : &nothing, &shape, entry->dtype);
    if (!tensor)
        fail_msg("%s: %s", name, fac_last_error());
    return tensor;
}

/* The tensor "case.in0" for (file, "case", "in", 0); a part without a number has i = -1: "case.g". NULL if there is
 * none of that name. */
static inline fac_tensor *golden_part(const golden *file, const char *name, const char *part, int i)
{
    char whole[256], number[16] = "";
    if (i >= 0)
        snprintf(number, sizeof number, "%d", i);
    snprintf(whole, sizeof whole, "%s.%s%s", name, part, number);
    return golden_has(file, whole) ? golden_tensor(file, whole) : NULL;
}

/* The metadata's line about a case, NULL if there is none. */
static inline const char *golden_text(const golden *file, const char *key)
{
    for (size_t i = 0; i < file->metadata_count; i++)
        if (!strcmp(file->metadata[2 * i], key))
            return file->metadata[2 * i + 1];
    return NULL;
}

/* All cases: for (size_t i = 0; (name = golden_case(file, i)); i++); the order is the file's. */
static inline const char *golden_case(const golden *file, size_t i)
{
    return i < file->metadata_count ? file->metadata[2 * i] : NULL;
}

static inline bool golden_near(double got, double want, double rtol, double atol)
{
    if (isnan(want) || isnan(got))
        return isnan(want) && isnan(got);
    return got == want || (isfinite(want) && fabs(got - want) <= atol + rtol * fabs(want));
}

/* float32: rtol 1e-5, atol 1e-6 sqrt(K); float64: 1e-12 sqrt(K), K the longest reduction (0: exact). NaN equals NaN.
 * Integers and bools must be equal. */
static inline bool golden_element_near(const fac_tensor *got, const fac_tensor *want, int64_t i, int64_t k)
{
    const void *a = fac_element(got, i), *b = fac_element(want, i);
    if (!fac_is_float(want->m.dtype))
        return fac_load_int(a, got->m.dtype) == fac_load_int(b, want->m.dtype);
    bool single = want->m.dtype == FAC_FLOAT32;
    double root = sqrt((double)k), atol = root * (single ? 1e-6 : 1e-12);
    double rtol = k == 0 ? 0 : single ? 1e-5 : 1e-12 * root;
    return golden_near(fac_load_double(a, got->m.dtype), fac_load_double(b, want->m.dtype), rtol, atol);
}

static inline void golden_mismatch(const fac_tensor *got, const fac_tensor *want, int64_t i, const char *what)
{
    int64_t at[FAC_MAX_DIMS] = {0};
    for (int64_t d = want->m.ndim, rest = i; d-- > 0; rest /= want->m.shape[d])
        at[d] = rest % want->m.shape[d];
    const void *a = fac_element(got, i), *b = fac_element(want, i);
    if (fac_is_float(want->m.dtype))
        print_error("%s: element %s is %.17g, expected %.17g\n", what, fac_list_text(want->m.ndim, at),
                    fac_load_double(a, got->m.dtype), fac_load_double(b, want->m.dtype));
    else
        print_error("%s: element %s is %lld, expected %lld\n", what, fac_list_text(want->m.ndim, at),
                    (long long)fac_load_int(a, got->m.dtype), (long long)fac_load_int(b, want->m.dtype));
}

static inline bool golden_close_to(fac_tensor *got, fac_tensor *want, int64_t k, const char *what)
{
    if (!got || !want) {
        print_error("%s: no tensor to compare: %s\n", what, fac_last_error());
        return false;
    }
    if (got->m.dtype != want->m.dtype || !fac_same_shape(&got->m, &want->m)) {
        print_error("%s: is %s %s, expected %s %s\n", what, fac_dtype_name((fac_dtype)got->m.dtype),
                    fac_shape_text(&got->m), fac_dtype_name((fac_dtype)want->m.dtype), fac_shape_text(&want->m));
        return false;
    }
    for (int64_t i = 0; i < want->m.numel; i++)
        if (!golden_element_near(got, want, i, k)) {
            golden_mismatch(got, want, i, what);
            return false;
        }
    return true;
}

static inline void golden_assert(fac_tensor *got, fac_tensor *want, int64_t k, const char *what, const char *file,
                                 int line)
{
    if (!golden_close_to(got, want, k, what))
        _fail(file, line);
}

/* Shape, dtype and every element within the tolerance for a longest reduction of k; the first mismatch is printed. */
#define assert_close(tensor, expected, k) golden_assert(tensor, expected, k, #tensor, __FILE__, __LINE__)
/* The same, with what to call it in the message: the case's name. */
#define assert_close_as(tensor, expected, k, name) golden_assert(tensor, expected, k, name, __FILE__, __LINE__)
/* Equal values: NaN equals NaN, 0 equals -0. */
#define assert_same(tensor, expected) golden_assert(tensor, expected, 0, #tensor, __FILE__, __LINE__)

#endif
