/* SPDX-License-Identifier: MIT */
/* Walking operands together: every element of the shape once, at the right place of each, in few runs. */
#include "tensor/iterate.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/error.h"

static uint32_t random_state = 1;
static int64_t below(int64_t n)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (int64_t)(random_state >> 8) % n;
}

static fac_meta meta_of(int ndim, const int64_t *shape)
{
    fac_meta m;
    assert_int_equal(fac_meta_init(&m, FAC_INT32, ndim, shape, "test"), FAC_OK);
    return m;
}
#define META(...) meta_of((int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (const int64_t[]){__VA_ARGS__})

/* What the inner function sees: how often, and the bytes of each operand's elements in order. */
enum { SEEN_MAX = 5000 };
static struct {
    int64_t runs, count;
    intptr_t at[SEEN_MAX][FAC_ITER_MAX];
    const char *base[FAC_ITER_MAX];
    int operands;
} seen;

static void note(int64_t n, char *const *p, const int64_t *s, const void *ctx)
{
    assert_ptr_equal(ctx, &seen);
    seen.runs++;
    for (int64_t i = 0; i < n; i++, seen.count++) {
        assert_true(seen.count < SEEN_MAX);
        for (int k = 0; k < seen.operands; k++)
            seen.at[seen.count][k] = p[k] - seen.base[k] + i * s[k];
    }
}

static void walk(const fac_meta *shape, const fac_meta *metas, int n)
{
    static char memory[FAC_ITER_MAX][1]; /* addresses only: nothing is read */
    fac_iter iter;
    memset(&iter, 0x5a, sizeof iter);
    seen.runs = seen.count = 0;
    seen.operands = n;
    fac_iter_begin(&iter, shape);
    for (int k = 0; k < n; k++) {
        seen.base[k] = memory[k];
        fac_iter_add(&iter, memory[k], metas + k);
    }
    fac_iter_run(&iter, note, &seen);
}

/* The byte offset of element i of the shape in an operand that is broadcast to it. */
static intptr_t offset_of(const fac_meta *shape, const fac_meta *m, int64_t i)
{
    intptr_t at = 0;
    for (int d = shape->ndim; d-- > 0; i /= shape->shape[d]) {
        int own = d - (shape->ndim - m->ndim);
        if (own >= 0 && m->shape[own] != 1)
            at += i % shape->shape[d] * m->stride[own] * fac_dtype_sizes[m->dtype];
    }
    return at;
}

static int compare(const void *a, const void *b)
{
    const intptr_t x = *(const intptr_t *)a, y = *(const intptr_t *)b;
    return (x > y) - (x < y);
}

/* Row-major order is what copies and draws count on. */
static void check(const fac_meta *shape, const fac_meta *metas, int n)
{
    walk(shape, metas, n);
    assert_int_equal(seen.count, shape->numel);
    for (int64_t i = 0; i < shape->numel; i++)
        for (int k = 0; k < n; k++)
            assert_int_equal(seen.at[i][k], offset_of(shape, metas + k, i));
}

static void shuffle_strides(fac_meta *m)
{
    int order[FAC_MAX_DIMS];
    for (int d = 0; d < m->ndim; d++)
        order[d] = d;
    for (int d = m->ndim; d-- > 1;) {
        int64_t other = below(d + 1);
        int t = order[d];
        order[d] = order[other];
        order[other] = t;
    }
    int64_t stride = 1 + below(2);
    for (int d = 0; d < m->ndim; d++) {
        m->stride[order[d]] = below(6) ? stride : 0;
        stride *= m->shape[order[d]] ? m->shape[order[d]] : 1;
        stride += below(4) == 0;
    }
    fac_meta_view_done(m);
}

static fac_meta random_operand(const fac_meta *shape, bool contiguous)
{
    int64_t sizes[FAC_MAX_DIMS];
    int drop = (int)below(shape->ndim + 1);
    drop = below(3) ? 0 : drop;
    for (int d = drop; d < shape->ndim; d++)
        sizes[d - drop] = below(4) ? shape->shape[d] : 1;
    fac_meta m = meta_of(shape->ndim - drop, sizes);
    m.dtype = (uint8_t)(1 + below(FAC_DTYPES - 1));
    if (!contiguous)
        shuffle_strides(&m);
    return m;
}

static void random_walks(void **state)
{
    (void)state;
    for (int round = 0; round < 20000; round++) {
        int64_t sizes[FAC_MAX_DIMS];
        int ndim = (int)below(round % 10 ? 5 : FAC_MAX_DIMS + 1), n = 1 + (int)below(FAC_ITER_MAX);
        for (int d = 0; d < ndim; d++)
            sizes[d] = ndim > 5 ? 1 + below(2) : below(12) ? 1 + below(5) : 0;
        fac_meta shape = meta_of(ndim, sizes), metas[FAC_ITER_MAX];
        for (int k = 0; k < n; k++)
            metas[k] = random_operand(&shape, round % 3 == 0);
        check(&shape, metas, n);
    }
}

static void few_runs(void **state)
{
    (void)state;
    fac_meta shape = META(3, 4, 5), row = META(5), column = META(3, 1, 1), scalar = meta_of(0, NULL);
    walk(&shape, (const fac_meta[]){shape, shape, scalar}, 3);
    assert_int_equal(seen.runs, 1);
    walk(&shape, (const fac_meta[]){shape, row}, 2);
    assert_int_equal(seen.runs, 12);
    walk(&shape, (const fac_meta[]){shape, column}, 2);
    assert_int_equal(seen.runs, 3);
    fac_meta ones = META(1, 7, 1, 1), more = META(1, 7, 1, 1);
    more.stride[0] = 99, more.stride[2] = 5;
    walk(&ones, (const fac_meta[]){ones, more}, 2); /* strides of size 1 mean nothing */
    assert_int_equal(seen.runs, 1);
    assert_int_equal(seen.count, 7);
    walk(&scalar, (const fac_meta[]){scalar, scalar}, 2);
    assert_int_equal(seen.runs, 1);
    assert_int_equal(seen.count, 1);
    fac_meta empty = META(2, 0, 3);
    walk(&empty, (const fac_meta[]){empty, scalar}, 2);
    assert_int_equal(seen.runs, 0);
}

static void broadcasting(void **state)
{
    (void)state;
    fac_meta out, a = META(3, 1, 5), b = META(4, 1), c = meta_of(0, NULL), d = META(2, 1, 1, 1);
    assert_int_equal(fac_broadcast(&out, (const fac_meta *[]){&a, &b, &c, &d}, 4, "f"), FAC_OK);
    const fac_meta want = META(2, 3, 4, 5);
    assert_true(fac_same_shape(&out, &want));
    assert_int_equal(out.numel, 120);
    assert_true(out.contiguous);
    assert_int_equal(out.stride[0], 60);
    fac_meta zero = META(0), one = META(1), two = META(2);
    assert_int_equal(fac_broadcast(&out, (const fac_meta *[]){&one, &zero}, 2, "f"), FAC_OK);
    assert_int_equal(out.numel, 0); /* 1 gives way to 0 ... */
    assert_int_equal(fac_broadcast(&out, (const fac_meta *[]){&two, &zero}, 2, "f"), FAC_ERR_VALUE);
    fac_clear_pending(); /* ... 2 does not */
    fac_meta e = META(3, 2, 5);
    assert_int_equal(fac_broadcast(&out, (const fac_meta *[]){&a, &e, &b}, 3, "add"), FAC_ERR_VALUE);
    assert_string_equal(fac_last_error(),
                        "add: shapes (3, 2, 5) and (4, 1) cannot be broadcast together: the sizes must "
                        "match at dimension 1");
    fac_clear_pending();
    fac_meta tall = META(1, 1), wide = META(1, 1);
    tall.shape[0] = wide.shape[1] = 1LL << 40;
    assert_int_equal(fac_broadcast(&out, (const fac_meta *[]){&tall, &wide}, 2, "mul"), FAC_ERR_VALUE);
    assert_string_equal(fac_last_error(), "mul: shape (1099511627776, 1099511627776) is too large");
    fac_clear_pending();
}

/* The walk of two tensors of one shape touches all of both: each byte offset once where nothing is broadcast. */
static void each_place_once(void **state)
{
    (void)state;
    fac_meta shape = META(4, 3, 5), turned = shape;
    turned.stride[0] = 1, turned.stride[1] = 20, turned.stride[2] = 4;
    walk(&shape, &turned, 1);
    intptr_t places[60];
    for (int i = 0; i < 60; i++)
        places[i] = seen.at[i][0];
    qsort(places, 60, sizeof *places, compare);
    for (int i = 0; i < 60; i++)
        assert_int_equal(places[i], 4 * i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_walks),
        cmocka_unit_test(few_runs),
        cmocka_unit_test(broadcasting),
        cmocka_unit_test(each_place_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
