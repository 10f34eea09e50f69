/* SPDX-License-Identifier: MIT */
/* The tests of the kernels of floats or doubles; included twice by test_kernels.c. */
#undef T
#undef NAME
#undef K
#undef TINY
#undef EPS
#if REAL == 32
#define T            float
#define NAME(x)      x##_f32
#define FMA(x, y, z) fmaf(x, y, z)
#define SQRT(x)      sqrtf(x)
#define TINY         FLT_MIN
#define EPS          ((double)FLT_EPSILON)
#else
#undef FMA
#undef SQRT
#define T            double
#define NAME(x)      x##_f64
#define FMA(x, y, z) fma(x, y, z)
#define SQRT(x)      sqrt(x)
#define TINY         DBL_MIN
#define EPS          DBL_EPSILON
#endif

static bool NAME(same)(T a, T b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}
static void NAME(assert_same)(const T *x, const T *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        assert_true(NAME(same)(x[i], y[i]));
}
static T *NAME(random_block)(int64_t n, bool odd)
{
    T *x = NEW_BLOCK(T, n, 0);
    for (int64_t i = 0; i < n; i++)
        x[i] = (T)random_number(odd);
    return x;
}
/* The fused operation where the instruction set has it. */
static T NAME(isa_fma)(const fac_kernels *k, T a, T b, T c)
{
    return strcmp(k->isa, "base") ? FMA(a, b, c) : a * b + c;
}

static T NAME(reference_element)(const fac_kernels *k, const fac_gemm *g, int64_t i, int64_t j)
{
    const T *a = g->a, *b = g->b, *bias = g->bias, *c = g->c;
    T x = 0;
    int64_t p = 0;
    do {
        T sum = 0;
        for (int64_t end = p + FAC_GEMM_BLOCK; p < end && p < g->k; p++)
            sum = NAME(isa_fma)(k, a[i * g->a_row + p * g->a_col], b[p * g->b_row + j * g->b_col], sum);
        if (p <= FAC_GEMM_BLOCK) {
            x = bias ? sum + bias[j] : sum;
            x = g->accumulate ? c[i * g->c_row + j] + x : x;
        } else {
            x += sum;
        }
    } while (p < g->k);
    return x;
}

/* Random strides of a matrix of that shape: rows or columns contiguous, or neither; or each row begins where a page
 * does. Returns its extent. */
static int64_t NAME(random_layout)(int64_t rows, int64_t columns, bool pages, int64_t *row, int64_t *column)
{
    enum { PAGE = 4096 / sizeof(T) };
    int64_t kind = pages ? 0 : random_below(3);
    *row = kind == 0 ? columns + random_below(3) : kind == 1 ? 1 : columns * 2 + 1;
    *column = kind == 0 ? 1 : kind == 1 ? rows + random_below(3) : 2;
    if (pages)
        *row = (columns + PAGE - 1) / PAGE * PAGE;
    return rows > 0 && columns > 0 ? (rows - 1) * *row + (columns - 1) * *column + 1 : 0;
}

/* Each element is finished when the epilogue sees it, and seen once: negated. */
static void NAME(negate)(void *ctx, int64_t i, int64_t j, int64_t rows, int64_t columns, void *c, int64_t c_row)
{
    const fac_gemm *g = ctx;
    assert_ptr_equal(c, (T *)g->c + i * g->c_row + j);
    assert_true(i >= 0 && j >= 0 && i + rows <= g->m && j + columns <= g->n && c_row == g->c_row);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t x = 0; x < columns; x++)
            ((T *)c)[r * c_row + x] = -((T *)c)[r * c_row + x];
}

static void NAME(check_gemm)(const fac_kernels *k, int64_t m, int64_t n, int64_t depth, bool pages)
{
    fac_gemm g = {.m = m, .n = n, .k = depth, .accumulate = random_below(2)};
    bool odd = random_below(2);
    T *a = NAME(random_block)(NAME(random_layout)(m, depth, pages, &g.a_row, &g.a_col), odd);
    T *b = NAME(random_block)(NAME(random_layout)(depth, n, pages, &g.b_row, &g.b_col), odd);
    T *bias = NAME(random_block)(n, odd);
    g.c_row = n + random_below(2) * 3;
    int64_t extent = (m - 1) * g.c_row + n;
    T *c = NAME(random_block)(extent, odd), *want = NEW_BLOCK(T, extent, 0);
    g.a = a, g.b = b, g.c = c, g.bias = random_below(2) ? bias : NULL;
    memcpy(want, c, (size_t)extent * sizeof(T));
    if (random_below(2))
        g.epilogue = NAME(negate), g.epilogue_ctx = &g;
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            T x = NAME(reference_element)(k, &g, i, j);
            want[i * g.c_row + j] = g.epilogue ? -x : x;
        }
    size_t size = k->NAME(gemm_workspace)(m, n, depth);
    if (size && random_below(2))
        g.workspace = must(aligned_alloc(64, (size + 63) & ~(size_t)63));
    k->NAME(gemm)(&g);
    NAME(assert_same)(c, want, extent);
    free(a), free(b), free(bias), free(c), free(want), free(g.workspace);
}

static void NAME(gemm_bits)(void **state)
{
    (void)state;
    FOR_EACH_ISA(k)
    for (int round = 0; round < 1200; round++)
        NAME(check_gemm)
    (k, 1 + random_below(round % 7 ? 35 : 3), 1 + random_below(round % 5 ? 70 : 5), random_below(30), false);
}

static void NAME(gemm_large)(void **state)
{
    (void)state;
    FOR_EACH_ISA(k)
    for (int round = 0; round < 30; round++)
        NAME(check_gemm)(k, 1 + random_below(90), 1 + random_below(100), 1 + random_below(800), false);
    FOR_EACH_ISA(k)
    for (int round = 0; round < 4; round++)
        NAME(check_gemm)(k, 31 + 48 * (round % 2), 200, 520, round > 1);
    FOR_EACH_ISA(k)
    for (int round = 0; round < 8; round++) /* much to write, little to sum */
        NAME(check_gemm)(k, 180, 200, random_below(8), false);
}

/* The same numbers however rows and columns are cut, and wherever the operands lie. */
static void NAME(gemm_cut_in_pieces)(void **state)
{
    (void)state;
    enum { M = 61, N = 83, D = 600 };
    T *a = NAME(random_block)(M * D, false), *b = NAME(random_block)(N * D, false);
    T *whole = NEW_BLOCK(T, M * N, 0), *parts = NEW_BLOCK(T, M * N, 1), *moved = NEW_BLOCK(T, M * D, 1);
    memcpy(moved + 1, a, M * D * sizeof(T));
    FOR_EACH_ISA(k)
    {
        void *workspace = must(aligned_alloc(64, (k->NAME(gemm_workspace)(M, N, D) + 63) & ~(size_t)63));
        fac_gemm g = {M, N, D, a, D, 1, b, 1, D, whole, N, NULL, false, workspace, NULL, NULL, 0, 0};
        k->NAME(gemm)(&g);
        for (int64_t i = 0, rows; i < M; i += rows)
            for (int64_t j = 0, columns = rows = 1 + random_below(M - i); j < N; j += columns) {
                columns = 1 + random_below(N - j);
                fac_gemm part = {rows,      columns,
                                 D,         moved + 1 + i * D,
                                 D,         1,
                                 b + j * D, 1,
                                 D,         parts + 1 + i * N + j,
                                 N,         NULL,
                                 false,     NULL,
                                 NULL,      NULL,
                                 0,         0};
                k->NAME(gemm)(&part);
            }
        assert_memory_equal(whole, parts + 1, M * N * sizeof(T));
        free(workspace);
    }
    free(a), free(b), free(whole), free(parts), free(moved);
}

static void NAME(gemm_without_k)(void **state)
{
    (void)state;
    const T bias[3] = {1, 2, 3};
    FOR_EACH_ISA(k)
    {
        T c[6] = {9, 9, 9, 9, 9, 9};
        fac_gemm g = {2, 3, 0, NULL, 0, 1, NULL, 3, 1, c, 3, bias, true, NULL, NULL, NULL, 0, 0};
        k->NAME(gemm)(&g);
        NAME(assert_same)(c, (const T[]){10, 11, 12, 10, 11, 12}, 6);
        g.bias = NULL, g.accumulate = false;
        k->NAME(gemm)(&g);
        NAME(assert_same)(c, (const T[]){0, 0, 0, 0, 0, 0}, 6);
        c[0] = 7, g.n = 0;
        k->NAME(gemm)(&g);
        assert_true(c[0] == 7);
    }
}

static T NAME(no_tiny)(T x)
{
    return x > -TINY && x < TINY ? 0 : x;
}
static T NAME(greater)(T a, T b)
{
    return isnan(a) ? a : isnan(b) ? b : a > b ? a : b;
}

/* torch/optim/adam.py, _single_tensor_adam, element by element. */
static void NAME(reference_adam)(const fac_kernels *k, T *p, T g, T *m, T *v, T *max_v, const fac_adam_step *s)
{
    T w = (T)(1 - s->beta1);
    g = s->maximize ? -g : g;
    *p = s->decay != 1 ? *p * (T)s->decay : *p;
    g = s->weight_decay != 0 ? NAME(isa_fma)(k, *p, (T)s->weight_decay, g) : g;
    *m = NAME(no_tiny)(w < (T)0.5 ? NAME(isa_fma)(k, w, g - *m, *m) : NAME(isa_fma)(k, *m - g, 1 - w, g));
    *v = NAME(no_tiny)(NAME(isa_fma)(k, (T)(1 - s->beta2) * g, g, *v * (T)s->beta2));
    T second = *v;
    if (max_v)
        second = *max_v = NAME(greater)(*max_v, *v);
    *p += (T)-s->step_size * *m / (SQRT(second) / (T)s->denom_scale + (T)s->eps);
}

static fac_adam_step NAME(random_adam)(int round)
{
    fac_adam_step s = {
        .beta1 = round % 5 ? 0.9 : 0.3, .beta2 = 0.999, .eps = 1e-8, .step_size = 0.01, .denom_scale = 0.3, .decay = 1};
    if (round & 1)
        s.maximize = random_below(2), s.decay = random_below(2) ? 0.99 : 1, s.weight_decay = random_below(2) ? 0.1 : 0;
    return s;
}

static void NAME(adam_bits)(void **state)
{
    (void)state;
    FOR_EACH_ISA(k)
    for (int round = 0; round < 200; round++) {
        int64_t n = random_below(70);
        T *x[5], *y[5]; /* p, g, m, v, max_v */
        for (int i = 0; i < 5; i++) {
            x[i] = NAME(random_block)(n, i < 2);
            for (int64_t j = 0; i > 2 && j < n; j++)
                x[i][j] = x[i][j] < 0 ? -x[i][j] : x[i][j];
            y[i] = NEW_BLOCK(T, n, 0);
            memcpy(y[i], x[i], (size_t)n * sizeof(T));
        }
        fac_adam_step s = NAME(random_adam)(round);
        bool amsgrad = round & 1 && random_below(2);
        k->NAME(adam)(n, x[0], x[1], x[2], x[3], amsgrad ? x[4] : NULL, &s);
        for (int64_t j = 0; j < n; j++)
            NAME(reference_adam)(k, &y[0][j], y[1][j], &y[2][j], &y[3][j], amsgrad ? &y[4][j] : NULL, &s);
        for (int i = 0; i < 5; i++) {
            NAME(assert_same)(x[i], y[i], n);
            free(x[i]), free(y[i]);
        }
    }
}

static void NAME(sgd_bits)(void **state)
{
    (void)state;
    FOR_EACH_ISA(k)
    for (int round = 0; round < 128; round++) {
        int64_t n = random_below(50);
        fac_sgd_step s = {.lr = 0.1,
                          .momentum = round & 1 ? 0.9 : 0,
                          .dampening = round & 2 ? 0.25 : 0,
                          .weight_decay = round & 4 ? 0.01 : 0,
                          .nesterov = round & 8,
                          .maximize = round & 16,
                          .first = round & 32};
        T *p = NAME(random_block)(n, true), *g = NAME(random_block)(n, true), *b = NAME(random_block)(n, true);
        T *want = NEW_BLOCK(T, n, 0), *want_b = NEW_BLOCK(T, n, 0);
        for (int64_t i = 0; i < n; i++) {
            T grad = s.maximize ? -g[i] : g[i];
            grad = s.weight_decay != 0 ? NAME(isa_fma)(k, p[i], (T)s.weight_decay, grad) : grad;
            want_b[i] = b[i];
            if (s.momentum != 0) {
                T next = s.first ? grad : NAME(isa_fma)(k, grad, (T)(1 - s.dampening), b[i] * (T)s.momentum);
                want_b[i] = NAME(no_tiny)(next);
                grad = s.nesterov ? NAME(isa_fma)(k, want_b[i], (T)s.momentum, grad) : want_b[i];
            }
            want[i] = NAME(isa_fma)(k, grad, (T)-s.lr, p[i]);
        }
        k->NAME(sgd)(n, p, g, s.momentum != 0 ? b : NULL, &s);
        NAME(assert_same)(p, want, n);
        NAME(assert_same)(b, want_b, n);
        free(p), free(g), free(b), free(want), free(want_b);
    }
}

/* A moment that would become denormal is 0; the smallest normal one stays. */
static void NAME(tiny_moments)(void **state)
{
    (void)state;
    FOR_EACH_ISA(k)
    {
        T p[2] = {1, 1}, g[2] = {0, 0}, m[2] = {TINY, -4 * TINY}, v[2] = {TINY, 4 * TINY}, b[2] = {TINY, -4 * TINY};
        fac_adam_step s = {.beta1 = 0.75, .beta2 = 0.75, .eps = 1e-8, .step_size = 0.1, .denom_scale = 1, .decay = 1};
        k->NAME(adam)(2, p, g, m, v, NULL, &s);
        NAME(assert_same)(m, (const T[]){0, -3 * TINY}, 2);
        NAME(assert_same)(v, (const T[]){0, 3 * TINY}, 2);
        k->NAME(sgd)(2, p, g, b, &(fac_sgd_step){.lr = 0.1, .momentum = 0.75});
        NAME(assert_same)(b, (const T[]){0, -3 * TINY}, 2);
    }
}

static void NAME(check_sum)(const fac_kernels *k, int64_t n)
{
    T *x = NAME(random_block)(n, false), *y = NAME(random_block)(n, false);
    exact sum = {0, 0}, dot = {0, 0};
    double size = 0;
    for (int64_t i = 0; i < n; i++) {
        x[i] += 2; /* all of one sign: errors add up */
        exact_add(&sum, (double)x[i]);
        exact_add_product(&dot, (double)x[i], (double)y[i]);
        size += fabs((double)x[i] * (double)y[i]);
    }
    assert_true(exact_error(&sum, (double)k->NAME(sum)(n, x, 1)) <= 2.5 * EPS * sum.high);
    assert_true(exact_error(&dot, (double)k->NAME(dot)(n, x, 1, y, 1)) <= 2.5 * EPS * size);
    free(x), free(y);
}

static void NAME(sum_is_accurate)(void **state)
{
    (void)state;
    static const int64_t sizes[] = {0, 1, 2, 25, 1000, 2049, 100000, 1234567};
    FOR_EACH_ISA(k)
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        NAME(check_sum)(k, sizes[i]);
}

/* The same bits at any stride and alignment; NaN and infinity come through. */
static void NAME(sum_bits)(void **state)
{
    (void)state;
    FOR_EACH_ISA(k)
    for (int round = 0; round < 60; round++) {
        int64_t n = random_below(round % 4 ? 200 : 9000);
        T *x = NAME(random_block)(n, false), *y = NEW_BLOCK(T, n, 1), *z = NEW_BLOCK(T, 3 * n, 0);
        for (int64_t i = 0; i < n; i++)
            y[i + 1] = z[3 * i] = x[i];
        T sum = k->NAME(sum)(n, x, 1), dot = k->NAME(dot)(n, x, 1, x, 1);
        assert_true(NAME(same)(sum, k->NAME(sum)(n, y + 1, 1)));
        assert_true(NAME(same)(sum, k->NAME(sum)(n, z, 3)));
        assert_true(NAME(same)(dot, k->NAME(dot)(n, y + 1, 1, z, 3)));
        if (n > 0) {
            x[random_below(n)] = (T)INFINITY;
            assert_true(isinf(k->NAME(sum)(n, x, 1)));
            x[random_below(n)] = (T)NAN;
            assert_true(isnan(k->NAME(sum)(n, x, 1)) && isnan(k->NAME(dot)(n, x, 1, x, 1)));
        }
        free(x), free(y), free(z);
    }
}

/* Each column's sum is accurate, and has the same bits whatever columns are beside it. */
static void NAME(check_sum_rows)(const fac_kernels *k, int64_t m, int64_t n)
{
    T *x = NAME(random_block)(m * n, false), *out = NEW_BLOCK(T, n, 0), *alone = NEW_BLOCK(T, n, 0);
    k->NAME(sum_rows)(m, n, x, n, out, false);
    for (int64_t j = 0; j < n; j++) {
        exact sum = {0, 0};
        double size = 0;
        for (int64_t i = 0; i < m; i++) {
            exact_add(&sum, (double)x[i * n + j]);
            size += fabs((double)x[i * n + j]);
        }
        assert_true(exact_error(&sum, (double)out[j]) <= 3 * EPS * size);
        k->NAME(sum_rows)(m, 1, x + j, n, alone + j, false);
    }
    NAME(assert_same)(out, alone, n);
    k->NAME(sum_rows)(m, n, x, n, out, true);
    for (int64_t j = 0; j < n; j++)
        alone[j] *= 2;
    NAME(assert_same)(out, alone, n);
    free(x), free(out), free(alone);
}

static void NAME(sum_rows_bits)(void **state)
{
    (void)state;
    FOR_EACH_ISA(k)
    {
        for (int round = 0; round < 60; round++)
            NAME(check_sum_rows)(k, random_below(round % 4 ? 40 : 700), 1 + random_below(150));
        NAME(check_sum_rows)(k, 100003, 3);
    }
}
