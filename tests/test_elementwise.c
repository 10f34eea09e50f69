/* SPDX-License-Identifier: MIT */
/* Every row of src/tensor/elementwise.def against PyTorch (tests/golden/golden_elementwise.py): values, dtypes, errors,
 * derivatives, however the operands lie in memory. A row without samples fails. */
#include <stdlib.h>

#include "facula/autograd.h"
#include "ops/op_table.h"
#include "support_alloc.h"
#include "support_golden.h"
#include "tensor/kernels.h"
#include "tensor/elementwise.h"

typedef struct {
    const char *name;
    const fac_op *op;
    uint32_t n;
} row;

#define FAC_EW1(name, ...) {#name, &fac_op_##name, 1},
#define FAC_EW2(name, ...) {#name, &fac_op_##name, 2},
static const row rows[] = {
#include "tensor/elementwise.def"
};
#undef FAC_EW1
#undef FAC_EW2
enum { ROWS = sizeof rows / sizeof *rows };

/* All rows' argument structs are doubles behind the size. */
typedef struct {
    size_t size_;
    double values[2];
} arguments;

typedef struct {
    const row *row;
    arguments args;
    char dtype[16];
    bool refused;
} sample;

static const row *row_named(const char *name)
{
    for (int i = 0; i < ROWS; i++)
        if (!strcmp(rows[i].name, name))
            return rows + i;
    return NULL;
}

/* "op operands argument argument dtype refused" */
static sample parse(const char *line)
{
    char name[32], first[32], second[32], refused[16];
    unsigned n;
    sample s = {.args.size_ = sizeof(arguments)};
    assert_int_equal(sscanf(line, "%31s %u %31s %31s %15s %15s", name, &n, first, second, s.dtype, refused), 6);
    s.row = row_named(name);
    if (!s.row)
        fail_msg("no operation %s", name);
    assert_int_equal(s.row->n, n);
    s.args.values[0] = strtod(first, NULL);
    s.args.values[1] = strtod(second, NULL);
    s.refused = !strcmp(refused, "refused");
    return s;
}

static fac_tensor *apply(const row *r, fac_tensor *x, fac_tensor *o, const arguments *args)
{
    fac_tensor *in[] = {x, o};
    return fac_apply_one(r->op, in, r->n, args);
}

static fac_tensor *apply_in_place(const row *r, fac_tensor *x, fac_tensor *o, const arguments *args)
{
    fac_tensor *in[] = {x, o};
    return fac_apply_inplace(r->op, in, r->n, args);
}

static fac_tensor *input(const golden *file, const char *which, const char *dtype)
{
    char name[32];
    snprintf(name, sizeof name, "%s.%s", which, dtype);
    return golden_tensor(file, name);
}

static fac_tensor *probe(const fac_tensor *like, double a, double b)
{
    fac_meta meta = like->m;
    fac_meta_pack(&meta);
    fac_tensor *t = fac_tensor_adopt(fac_tensor_new(&meta));
    assert_non_null(t);
    for (int64_t i = 0; i < meta.numel; i++)
        fac_store_double(fac_element(t, i), meta.dtype, i % 2 ? b : a);
    return t;
}

/* Whether a tensor is the file's case.part<i>; -1: none is there and none must be. */
static bool same(const golden *file, const char *name, const char *part, int i, fac_tensor *got)
{
    fac_tensor *want = golden_part(file, name, part, i);
    char what[80];
    snprintf(what, sizeof what, "%s.%s%d", name, part, i);
    return golden_close_to(got, want, 1, what);
}

static bool check_second(const golden *file, const char *name, fac_tensor **g, fac_tensor **x, uint32_t n)
{
    if (!golden_part(file, name, "gg", 0))
        return true;
    fac_tensor *total = fac_sum(fac_mul(g[0], probe(g[0], 1, 2))), *gg[2];
    if (n == 2)
        total = fac_add(total, fac_sum(fac_mul(g[1], probe(g[1], 1, 2))));
    const fac_tensors inputs = {n, x};
    if (!fac_requires_grad(total)) /* piecewise linear: PyTorch's graph goes on, to zeros */
        return same(file, name, "gg", 0, fac_zeros_like(x[0]));
    if (fac_grad(FAC_TENSORS(total), &inputs, gg, .allow_unused = true)) {
        print_error("%s: %s\n", name, fac_last_error());
        return false;
    }
    bool good = true;
    for (uint32_t i = 0; i < n; i++)
        good &= same(file, name, "gg", (int)i, gg[i] ? gg[i] : fac_zeros_like(x[i]));
    return good;
}

static bool check_gradients(const golden *file, const char *name, const sample *s)
{
    fac_tensor *x[2] = {input(file, "x", s->dtype), input(file, "o", s->dtype)}, *g[2];
    for (uint32_t i = 0; i < s->row->n; i++)
        assert_non_null(fac_requires_grad_(x[i], true));
    fac_tensor *y = apply(s->row, x[0], x[1], &s->args);
    assert_non_null(y);
    if (!golden_part(file, name, "grad_in", 0))
        return !fac_requires_grad(y);
    const fac_tensors inputs = {s->row->n, x};
    if (fac_grad(FAC_TENSORS(y), &inputs, g, .grad_outputs = FAC_TENSORS(probe(y, 1, -0.5)), .create_graph = true)) {
        print_error("%s: %s\n", name, fac_last_error());
        return false;
    }
    bool good = true;
    for (uint32_t i = 0; i < s->row->n; i++)
        good &= same(file, name, "grad_in", (int)i, g[i]);
    return good && check_second(file, name, g, x, s->row->n);
}

/* In place the same values, or the error that the result has another dtype. */
static bool check_in_place(const char *name, const sample *s, fac_tensor *x, fac_tensor *o, fac_tensor *y)
{
    FAC_SCOPE;
    fac_tensor *before = fac_clone(x);
    fac_dtype from = fac_dtype_of(y), to = fac_dtype_of(x);
    bool fits = fac_is_float((int)to) || (!fac_is_float((int)from) && (to != FAC_BOOL || from == FAC_BOOL));
    int64_t version = fac_version_of(x);
    fac_tensor *z = apply_in_place(s->row, x, o, &s->args);
    if (!fits) {
        bool good = !z && fac_error_status() == FAC_ERR_TYPE && strstr(fac_last_error(), "can't be cast");
        return golden_close_to(x, before, 0, name) && good;
    }
    assert_ptr_equal(z, x);
    assert_int_equal(fac_version_of(x), version + 1);
    return golden_close_to(x, fac_to(y, to), 0, name);
}

/* -0 is told from 0 where PyTorch's kernel surely does. */
static bool check_zeros(const char *name, const row *r, fac_tensor *y, fac_tensor *want)
{
    static const char *const exact[] = {"neg", "abs", "sqrt", "add", "sub", "mul", "div", "floor", "ceil", "trunc"};
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++)
        for (int64_t j = 0; !strcmp(exact[i], r->name) && fac_is_float(y->m.dtype) && j < y->m.numel; j++) {
            double a = fac_load_double(fac_element(y, j), y->m.dtype);
            double b = fac_load_double(fac_element(want, j), y->m.dtype);
            if (a == 0 && signbit(a) != signbit(b)) {
                print_error("%s: element %d: the sign of zero\n", name, (int)j);
                return false;
            }
        }
    return true;
}

static bool check_case(const golden *file, const char *name, const sample *s)
{
    FAC_SCOPE;
    fac_tensor *x = input(file, "x", s->dtype), *o = input(file, "o", s->dtype);
    fac_tensor *y = apply(s->row, x, o, &s->args);
    if (s->refused) {
        fac_status status = fac_error_status();
        if (y || !status || strncmp(fac_last_error(), s->row->name, strlen(s->row->name)) != 0)
            print_error("%s: refused by PyTorch; here: %s\n", name, y ? "done" : fac_last_error());
        return !y && status;
    }
    if (!y) {
        fac_status status = fac_error_status();
        print_error("%s: %s: %s\n", name, fac_status_name(status), fac_last_error());
        return false;
    }
    bool good = same(file, name, "out", 0, y) && check_zeros(name, s->row, y, golden_part(file, name, "out", 0));
    if (good && fac_is_float((int)fac_dtype_of(x)))
        good = check_gradients(file, name, s);
    return good && check_in_place(name, s, x, o, y);
}

static void check_all(void)
{
    golden *file = golden_open("elementwise");
    bool seen[ROWS] = {false};
    int failed = 0;
    const char *name;
    for (size_t i = 0; (name = golden_case(file, i)); i++) {
        if (*name == '_')
            continue;
        sample s = parse(golden_text(file, name));
        seen[s.row - rows] = true;
        failed += !check_case(file, name, &s);
    }
    for (int i = 0; i < ROWS; i++)
        if (!seen[i])
            fail_msg("%s has no sample in golden_elementwise.py", rows[i].name);
    golden_close(file);
    assert_int_equal(failed, 0);
}

static void against_pytorch(void **state)
{
    (void)state;
    static const char *const isas[] = {"base", "v3", "v4"};
    const fac_ew_kernels *chosen = fac_ew;
    for (int i = 0; i < 3; i++) {
        if (!fac_kernels_for(isas[i]))
            continue; /* not on this processor */
        fac_ew = fac_ew_for(isas[i]);
        check_all();
    }
    fac_ew = chosen;
}

/* A number of that dtype is NULL where Python has none. */
static fac_tensor *promote_operand(int kind, fac_dtype dtype)
{
    if (kind == 0)
        return fac_ones(2, .dtype = dtype);
    if (kind == 1)
        return fac_ones(.size = FAC_EMPTY_LIST, .dtype = dtype);
    return dtype == FAC_FLOAT64 ? fac_number(1) : dtype == FAC_INT64 ? fac_number_int(1) : fac_number_bool(true);
}

static void promotion(void **state)
{
    (void)state;
    FAC_SCOPE;
    golden *file = golden_open("elementwise");
    fac_tensor *table = golden_tensor(file, "promote");
    const uint8_t *want = fac_data(table);
    int known = 0;
    for (int d = 0; d < 2; d++) {
        assert_int_equal(fac_set_default_dtype(d ? FAC_FLOAT64 : FAC_FLOAT32), FAC_OK);
        for (int i = 0; i < 18 * 18; i++, want++) {
            FAC_SCOPE;
            if (!*want)
                continue;
            known++;
            fac_tensor *in[] = {promote_operand(i / 18 / 6, (fac_dtype)(i / 18 % 6 + 1)),
                                promote_operand(i % 18 / 6, (fac_dtype)(i % 6 + 1))};
            assert_int_equal(fac_result_type(in, 2), *want);
            fac_tensor *y = fac_mul(in[0], in[1]);
            assert_non_null(y);
            assert_int_equal(fac_dtype_of(y), *want);
            assert_true(fac_item(fac_max(y)) == 1);
            assert_int_equal(fac_dtype_of(fac_div(in[0], in[1])),
                             fac_is_float(*want) ? *want : fac_get_default_dtype());
            assert_int_equal(fac_dtype_of(fac_lt(in[0], in[1])), FAC_BOOL);
        }
    }
    assert_int_equal(fac_set_default_dtype(FAC_FLOAT32), FAC_OK);
    assert_int_equal(known, 2 * 15 * 15);
    golden_close(file);
}

/* The same values in another place: reversed dims, every second element, the first dim expanded. */
static fac_tensor *laid_out(fac_tensor *t, int how)
{
    fac_tensor *base;
    switch (how) {
    case 1:
        return fac_transpose(fac_contiguous(fac_transpose(t, 0, 1)), 0, 1);
    case 2:
        base = fac_stack(FAC_TENSORS(t, t), -1);
        return fac_select(base, -1, 1);
    case 3:
        return fac_expand(fac_narrow(t, 0, 1, 1), FAC_LIST(-1, fac_size(t, 1)));
    case 4:
        return fac_select(t, 0, 1); /* (columns): broadcast over the rows */
    case 5:
        return fac_narrow(t, 1, 2, 1); /* (rows, 1) */
    case 6:
        return fac_select(fac_select(t, 0, 1), 0, 2); /* a 0-d view */
    default:
        return t;
    }
}

enum { LAYOUTS = 7 };

static fac_tensor *same_result(const row *r, fac_tensor *x, fac_tensor *o, const arguments *args)
{
    fac_tensor *y = apply(r, x, o, args);
    if (!y) /* no dtype of this row's */
        assert_int_not_equal(fac_error_status(), FAC_OK);
    return y;
}

static fac_tensor *plain(fac_tensor *t, int64_t rows_, int64_t columns)
{
    return fac_clone(fac_ndim(t) ? fac_expand(t, FAC_LIST(rows_, columns)) : t);
}

/* However the operands lie, the result is that of contiguous ones. */
static void layouts(void **state)
{
    (void)state;
    const arguments args = {sizeof args, {0.25, 0.75}}, whole = {sizeof args, {1, 3}};
    golden *file = golden_open("elementwise");
    for (int i = 0; i < ROWS; i++)
        for (fac_dtype dtype = FAC_FLOAT32; dtype <= FAC_BOOL; dtype++)
            for (int how = 0; how < LAYOUTS * LAYOUTS; how++) {
                FAC_SCOPE;
                if (rows[i].n == 1 && how >= LAYOUTS)
                    break;
                fac_tensor *x = fac_narrow(input(file, "x", fac_dtype_name(dtype)), 0, 0, 12);
                fac_tensor *o = fac_narrow(input(file, "o", fac_dtype_name(dtype)), 0, 0, 12);
                x = laid_out(fac_view(x, FAC_LIST(3, 4)), how % LAYOUTS);
                o = laid_out(fac_view(o, FAC_LIST(3, 4)), how / LAYOUTS);
                const arguments *a = fac_is_float((int)dtype) ? &args : &whole;
                fac_tensor *y = same_result(rows + i, x, o, a);
                if (!y)
                    continue;
                assert_true(fac_is_contiguous(y));
                fac_tensor *px = plain(x, 3, 4), *po = plain(o, 3, 4), *want = same_result(rows + i, px, po, a);
                assert_non_null(want);
                bool grown = !fac_same_shape(&y->m, &want->m);
                char what[64];
                snprintf(what, sizeof what, "%s %s %d", rows[i].name, fac_dtype_name(dtype), how);
                assert_close_as(grown ? fac_expand(y, FAC_LIST(3, 4)) : y, want, 0, what);
            }
    golden_close(file);
}

/* Operands of two dtypes: as if cast before. */
static void mixed_dtypes(void **state)
{
    (void)state;
    const arguments whole = {sizeof whole, {1, 1}};
    golden *file = golden_open("elementwise");
    for (int i = 0; i < ROWS; i++)
        for (int d = 0; d < 36 && rows[i].n == 2; d++) {
            FAC_SCOPE;
            fac_tensor *x = fac_narrow(input(file, "x", fac_dtype_name((fac_dtype)(d / 6 + 1))), 0, 6, 6);
            fac_tensor *o = fac_narrow(input(file, "o", fac_dtype_name((fac_dtype)(d % 6 + 1))), 0, 6, 6);
            fac_dtype both = fac_promote_types(fac_dtype_of(x), fac_dtype_of(o));
            if (!strcmp(rows[i].name, "sub") && (d / 6 == 5) != (d % 6 == 5))
                continue; /* refused for one bool operand */
            fac_tensor *y = same_result(rows + i, x, o, &whole);
            fac_tensor *want = same_result(rows + i, fac_to(x, both), fac_to(o, both), &whole);
            assert_int_equal(!y, !want);
            if (y)
                assert_close_as(y, want, 0, rows[i].name);
        }
    golden_close(file);
}

static void empty_tensors(void **state)
{
    (void)state;
    const arguments whole = {sizeof whole, {1, 1}};
    for (int i = 0; i < ROWS; i++) {
        FAC_SCOPE;
        fac_tensor *x = fac_requires_grad_(fac_zeros(2, 0), true), *o = fac_ones(1, 1);
        fac_tensor *y = apply(rows + i, x, o, &whole);
        assert_non_null(y);
        assert_int_equal(fac_numel(y), 0);
        assert_int_equal(fac_size(y, 0), 2);
        if (fac_requires_grad(y))
            assert_int_equal(fac_backward(y, fac_zeros(2, 0)), FAC_OK);
        if (rows[i].n == 2) {
            y = apply(rows + i, o, x, &whole);
            assert_int_equal(fac_numel(y), 0);
        }
    }
}

static void errors(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *a = fac_zeros(2, 3), *b = fac_zeros(4, 3), *i = fac_ones(2, .dtype = FAC_INT64);
#define refused(call, status, words)                         \
    do {                                                     \
        assert_null(call);                                   \
        assert_int_equal(fac_error_status(), status);        \
        if (!strstr(fac_last_error(), words))                \
            fail_msg("%s, not %s", fac_last_error(), words); \
    } while (0)
    refused(fac_add(a, b), FAC_ERR_VALUE, "add: shapes (2, 3) and (4, 3) cannot be broadcast together");
    refused(fac_add_(fac_zeros(3), a), FAC_ERR_VALUE,
            "add_: output with shape (3,) doesn't match the broadcast shape (2, 3)");
    refused(fac_mul_(i, 0.5), FAC_ERR_TYPE, "mul_: result type float32 can't be cast to the desired output type int64");
    refused(fac_sqrt_(i), FAC_ERR_TYPE, "can't be cast");
    refused(fac_add(i, i, .alpha = 0.5), FAC_ERR_RUNTIME, "argument alpha must not be a floating point number");
    refused(fac_pow(i, -1), FAC_ERR_RUNTIME, "Integers to negative integer powers are not allowed.");
    refused(fac_clamp(a), FAC_ERR_RUNTIME, "At least one of 'min' or 'max' must not be None");
    refused(fac_neg(fac_gt(a, 0)), FAC_ERR_RUNTIME, "neg: Negation, the `-` operator");
    refused(fac_sub(fac_gt(a, 0), 1), FAC_ERR_RUNTIME, "sub: Subtraction, the `-` operator");
    refused(fac_add(NULL, a), FAC_ERR_VALUE, "add: input is NULL");
    refused(fac_add(a, (fac_tensor *)NULL), FAC_ERR_VALUE, "add: other is NULL");
    refused(fac_add(a, fac_none), FAC_ERR_TYPE, "add: other is None");
    refused(fac_relu(fac_sqrt(NULL)), FAC_ERR_VALUE, "sqrt: input is NULL"); /* the root cause */
    /* Shapes that only memory without elements has. */
    fac_tensor *tall = fac_expand(a, FAC_LIST(1LL << 40, 2, 3)), *wide = fac_expand(a, FAC_LIST(1LL << 40, 1, 2, 3));
    assert_non_null(tall);
    refused(fac_add(tall, wide), FAC_ERR_VALUE, "is too large");
    refused(fac_exp(fac_expand(fac_zeros(1, .dtype = FAC_UINT8), FAC_LIST(1LL << 61))), FAC_ERR_MEMORY, "memory");
#undef refused
}

static void numbers(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *f = fac_from_data((const float[]){0.1f, 2}, FAC_LIST(2), FAC_FLOAT32);
    fac_tensor *u = fac_from_data((const uint8_t[]){1, 44}, FAC_LIST(2), FAC_UINT8);
    assert_true(fac_item(fac_all(fac_eq(fac_narrow(f, 0, 0, 1), 0.1)))); /* 0.1 is rounded to float32 first */
    assert_int_equal(fac_item_int(fac_select(fac_add(u, -1), 0, 0)), 0);
    assert_int_equal(fac_item_int(fac_select(fac_add(u, -2), 0, 0)), 255);
    assert_int_equal(fac_item_int(fac_select(fac_add(u, 300), 0, 0)), 45);
    assert_int_equal(fac_dtype_of(fac_add(u, 1.5)), FAC_FLOAT32);
    assert_true(fac_item(fac_sub(5, fac_scalar(2))) == 3);
    fac_tensor *large = fac_scalar_int((1LL << 53) + 1);
    assert_int_equal(fac_item_int(fac_add(large, 1)), (1LL << 53) + 2); /* int64 throughout */
    assert_int_equal(fac_item_int(fac_mul(large, 3)), 3 * ((1LL << 53) + 1));
    fac_tensor *whole = fac_from_data((const int64_t[]){-3, 0, 5}, FAC_LIST(3), FAC_INT64);
    assert_int_equal(fac_dtype_of(fac_clamp(whole, -1, 1)), FAC_INT64);
    assert_int_equal(fac_dtype_of(fac_clamp(whole, -1.5)), FAC_FLOAT32);
}

/* d/dx at 2 of functions with a number as one operand, the first derivative and the second. */
static void derivatives_beside_numbers(void **state)
{
    (void)state;
    const double l = log(3.0);
    const struct {
        int which;
        double first, second;
    } cases[] = {{0, 12, 12},      {1, 9 * l, 9 * l * l},
                 {2, -0.25, 0.25}, {3, 0.25, 0},
                 {4, -3, 0},       {5, 7, 0},
                 {6, 0, 0},        {7, 0.1 * pow(2, -0.9), -0.09 * pow(2, -1.9)}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        FAC_SCOPE;
        fac_tensor *x = fac_requires_grad_(fac_from_data(&(double){2}, FAC_LIST(1), FAC_FLOAT64), true), *g, *gg;
        fac_tensor *y[] = {fac_pow(x, 3), fac_pow(3, x), fac_div(1, x),  fac_div(x, 4), fac_sub(1, x, .alpha = 3),
                           fac_mul(7, x), fac_pow(x, 0), fac_pow(x, 0.1)};
        assert_int_equal(fac_grad(FAC_TENSORS(y[i]), FAC_TENSORS(x), &g, .create_graph = true), FAC_OK);
        assert_true(golden_near(fac_item(g), cases[i].first, 1e-14, 0));
        if (!fac_requires_grad(g))
            assert_true(cases[i].second == 0);
        else
            assert_int_equal(fac_grad(FAC_TENSORS(g), FAC_TENSORS(x), &gg, .allow_unused = true), FAC_OK);
        if (fac_requires_grad(g) && gg)
            assert_true(golden_near(fac_item(gg), cases[i].second, 1e-14, 0));
    }
}

static void names(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_requires_grad_(fac_ones(2), true), *o = fac_ones(2);
    const struct {
        fac_tensor *y;
        const char *name;
    } nodes[] = {
        {fac_log1p(x), "Log1PBackward0"},
        {fac_square(x), "PowBackward0"},
        {fac_pow(x, 2), "PowBackward0"},
        {fac_pow(x, o), "PowBackward1"},
        {fac_pow(2, x), "PowBackward2"},
        {fac_clamp(x, 0), "ClampBackward1"},
        {fac_expm1(x), "Expm1Backward0"},
        {fac_leaky_relu(x), "LeakyReluBackward0"},
        {fac_relu(x), "ReluBackward0"},
        {fac_sub(x, 1), "SubBackward0"},
        {fac_sub(1, x), "RsubBackward1"},
        {fac_maximum(x, o), "MaximumBackward0"},
        {fac_softplus(x), "SoftplusBackward0"},
        {fac_rsqrt(x), "RsqrtBackward0"},
        {fac_reciprocal(x), "ReciprocalBackward0"},
    };
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
        assert_string_equal(fac_grad_fn_name(nodes[i].y), nodes[i].name);
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_pytorch), cmocka_unit_test(promotion),
        cmocka_unit_test(layouts),         cmocka_unit_test(mixed_dtypes),
        cmocka_unit_test(empty_tensors),   cmocka_unit_test(errors),
        cmocka_unit_test(numbers),         cmocka_unit_test(derivatives_beside_numbers),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
