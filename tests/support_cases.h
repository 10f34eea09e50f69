/* SPDX-License-Identifier: MIT */
/* Operations against PyTorch, a case a line of a golden file's metadata: "function dtype grad t2x3 c3": the function of
 * the test's table, the dtype, grad or forward, and for each input a letter for how it lies in memory and its shape
 * (a 0-d one: the letter alone). golden_cases.py has the same rules.
 *
 * Inputs are computed, not stored. c: row-major. t: a permuted view with all dims reversed. s: every second element of
 * the last dim, from the second on. e: the first dim expanded. The leaf is what lies in memory, so gradients check the
 * view, too. Stored are case.out0, case.grad_in<i> and case.gg: the derivative of the gradients (probed with fixed
 * values) for the gradient that came in. */
#ifndef TESTS_SUPPORT_CASES_H
#define TESTS_SUPPORT_CASES_H

#include <stdlib.h>

#include "facula/autograd.h"
#include "facula/ops.h"
#include "support_golden.h"

enum { CASE_INPUTS = 4 };

typedef struct case_function {
    const char *name;
    fac_tensor *(*apply)(fac_tensor **x);
} case_function;

typedef struct op_case {
    char function[40], dtype[16], mode[16];
    int n;
    char layout[CASE_INPUTS];
    fac_ints shape[CASE_INPUTS];
} op_case;

/* Element i of a computed tensor: exact in every dtype, both signs, no order. */
static inline double case_value(int64_t i, int64_t a, int64_t b, int64_t m, double scale)
{
    return (double)((i * a + b) % m - m / 2) / scale;
}

static inline fac_tensor *case_fill(const fac_ints *shape, fac_dtype dtype, int64_t a, int64_t b, int64_t m,
                                    double scale)
{
    static const double zeros[4096];
    fac_tensor *t = fac_from_data(zeros, shape, dtype);
    for (int64_t i = 0; t && i < t->m.numel; i++)
        fac_store_double(fac_element(t, i), (int)dtype, case_value(i, a, b, m, scale));
    assert_non_null(t);
    return t;
}

static inline fac_dtype case_dtype(const char *name)
{
    for (int d = 1; d < FAC_DTYPES; d++)
        if (!strcmp(fac_dtype_name((fac_dtype)d), name))
            return (fac_dtype)d;
    fail_msg("no dtype %s", name);
    return FAC_DEFAULT_DTYPE;
}

static inline op_case case_parse(const char *text)
{
    op_case c = {.n = 0};
    int at = 0;
    assert_int_equal(sscanf(text, "%39s %15s %15s %n", c.function, c.dtype, c.mode, &at), 3);
    for (char *p = (char *)(uintptr_t)text + at; *p; p += *p == ' ') {
        fac_ints *shape = &c.shape[c.n];
        c.layout[c.n++] = *p++;
        while (*p && *p != ' ') {
            shape->values[shape->count++] = strtoll(p, &p, 10);
            p += *p == 'x';
        }
    }
    return c;
}

/* What lies in memory for an input of that layout. */
static inline fac_tensor *case_base(const op_case *c, int i)
{
    const fac_ints *shape = &c->shape[i];
    fac_ints base = *shape;
    for (int64_t d = 0; c->layout[i] == 't' && d < shape->count; d++)
        base.values[d] = shape->values[shape->count - 1 - d];
    if (c->layout[i] == 's')
        base.values[base.count - 1] *= 2;
    if (c->layout[i] == 'e')
        base.values[0] = 1;
    fac_dtype dtype = case_dtype(c->dtype);
    return case_fill(&base, dtype, 37, 11 + i, 101, fac_is_float((int)dtype) ? 8 : 1);
}

static inline fac_tensor *case_view(const op_case *c, int i, fac_tensor *base)
{
    fac_ints reversed = {.count = c->shape[i].count};
    for (int64_t d = 0; d < reversed.count; d++)
        reversed.values[d] = reversed.count - 1 - d;
    switch (c->layout[i]) {
    case 't':
        return fac_permute(base, &reversed);
    case 's':
        return fac_slice(base, -1, 1, .step = 2);
    case 'e':
        return fac_expand(base, &c->shape[i]);
    default:
        return base;
    }
}

static inline bool case_check(fac_tensor *got, const golden *file, const char *name, const char *part, int i)
{
    char what[100];
    snprintf(what, sizeof what, "%s.%s%d", name, part, i);
    return golden_close_to(got, golden_part(file, name, part, i), 1, what);
}

static inline fac_tensor *case_fill_like(const fac_tensor *t, int64_t a, int64_t b, int64_t m)
{
    fac_ints shape = {.count = t->m.ndim};
    memcpy(shape.values, t->m.shape, t->m.ndim * sizeof *shape.values);
    return case_fill(&shape, (fac_dtype)t->m.dtype, a, b, m, 4);
}

/* The derivative for g of those gradients that depend on it. */
static inline bool case_second(const golden *file, const char *name, fac_tensor *g, fac_tensor **gx, int n)
{
    fac_tensor *moving[CASE_INPUTS], *probe[CASE_INPUTS], *gg = NULL;
    int64_t count = 0;
    for (int i = 0; i < n; i++)
        if (fac_requires_grad(gx[i])) {
            moving[count] = gx[i];
            probe[count++] = case_fill_like(gx[i], 17, 3 + i, 53);
        }
    fac_tensor *want = golden_part(file, name, "gg", -1);
    if (!want && !count)
        return true;
    const fac_tensors ys = {count, moving}, xs = {1, &g}, gs = {count, probe};
    if (fac_grad(&ys, &xs, &gg, .grad_outputs = &gs)) {
        print_error("%s: derivative of the gradient: %s\n", name, fac_last_error());
        return false;
    }
    char what[100];
    snprintf(what, sizeof what, "%s.gg", name);
    return golden_close_to(gg, want, 1, what);
}

/* Gradients of the bases for a computed g; then those for g. */
static inline bool case_gradients(const golden *file, const char *name, fac_tensor **base, int n, fac_tensor *y)
{
    fac_tensor *g = fac_requires_grad_(case_fill_like(y, 23, 5, 61), true), *gx[CASE_INPUTS];
    const fac_tensors ys = {1, &y}, gs = {1, &g}, xs = {n, base};
    if (fac_grad(&ys, &xs, gx, .grad_outputs = &gs, .create_graph = true)) {
        print_error("%s: %s\n", name, fac_last_error());
        return false;
    }
    for (int i = 0; i < n; i++)
        if (!case_check(gx[i], file, name, "grad_in", i))
            return false;
    return case_second(file, name, g, gx, n);
}

static inline bool case_run(const golden *file, const char *name, const op_case *c, const case_function *function)
{
    FAC_SCOPE;
    bool grad = !strcmp(c->mode, "grad");
    fac_tensor *base[CASE_INPUTS], *x[CASE_INPUTS];
    for (int i = 0; i < c->n; i++) {
        base[i] = case_base(c, i);
        if (grad)
            fac_requires_grad_(base[i], true);
        x[i] = case_view(c, i, base[i]);
    }
    fac_tensor *y = function->apply(x);
    if (!y)
        print_error("%s: %s\n", name, fac_last_error());
    return y && case_check(y, file, name, "out", 0) && (!grad || case_gradients(file, name, base, c->n, y));
}

/* Every case of tests/golden/<name>.safetensors; every function of the table must be in one. */
static inline void cases_run(const char *name, const case_function *functions, size_t n)
{
    golden *file = golden_open(name);
    size_t failed = 0, cases = 0;
    bool used[256] = {false};
    assert_true(n <= sizeof used);
    for (const char *key; (key = golden_case(file, cases)); cases++) {
        if (*key == '_')
            continue;
        op_case c = case_parse(golden_text(file, key));
        size_t f = 0;
        while (f < n && strcmp(functions[f].name, c.function))
            f++;
        if (f == n)
            fail_msg("no function %s", c.function);
        used[f] = true;
        if (!case_run(file, key, &c, functions + f)) {
            print_error("in case %s: %s\n", key, golden_text(file, key));
            failed++;
        }
    }
    for (size_t f = 0; f < n; f++)
        if (!used[f])
            fail_msg("no golden case for %s", functions[f].name);
    golden_close(file);
    assert_true(cases > n);
    assert_int_equal(failed, 0);
}

#endif
