/* SPDX-License-Identifier: MIT */
/* Times the kernels of each instruction set: products as GFLOP/s and as a share of the peak that a chain-free loop of
 * multiply-adds reaches in the same run; short kernels in ns. Best of several rounds: this is about the code, not the
 * machine's other guests. At the end what it takes to share work with a second thread. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "bench_peak.h"
#include "tensor/kernels.h"

typedef struct bench {
    const fac_kernels *k;
    float *x, *y, *z; /* 2^21 numbers each */
    void *workspace;
    double peak;
} bench;
enum { NUMBERS = 1 << 21 };

/* best = the best time of one call, in ns. */
#define TIME(best, calls, rounds, expression)                      \
    do {                                                           \
        best = 1e30;                                               \
        for (int round_ = 0; round_ < (rounds); round_++) {        \
            double start_ = bench_now();                           \
            for (int64_t call_ = 0; call_ < (calls); call_++)      \
                expression;                                        \
            double ns_ = (bench_now() - start_) / (double)(calls); \
            best = ns_ < best ? ns_ : best;                        \
        }                                                          \
    } while (0)

typedef struct shape {
    const char *what;
    int64_t m, n, k;
    bool a_transposed, b_transposed, bias;
} shape;
static const shape shapes[] = {
    {"x w^T (first layer)", 25, 10, 1, false, true, true},
    {"x w^T", 25, 10, 10, false, true, true},
    {"x w^T (last layer)", 25, 1, 10, false, true, true},
    {"g w", 25, 10, 10, false, false, false},
    {"g w (last layer)", 25, 10, 1, false, false, false},
    {"g^T x", 10, 10, 25, true, false, false},
    {"g^T x (first layer)", 10, 1, 25, true, false, false},
    {"g^T x (last layer)", 1, 10, 25, true, false, false},
    {"x w^T (one row)", 1, 128, 784, false, true, true},
    {"x w^T", 32, 64, 64, false, true, true},
    {"g^T x", 64, 784, 64, true, false, false},
    {"x w^T", 128, 512, 784, false, true, true},
    {"g^T x", 512, 784, 128, true, false, false},
    {"g w", 128, 784, 512, false, false, false},
    {"x w^T", 1024, 1024, 1024, false, true, true},
    {"g^T x", 1024, 1024, 1024, true, false, false},
    {"g w", 1024, 1024, 1024, false, false, false},
};

static void time_gemm(const bench *b, const shape *s, bool f64)
{
    fac_gemm g = {.m = s->m, .n = s->n, .k = s->k, .a = b->x, .b = b->y, .c = b->z, .c_row = s->n};
    g.a_row = s->a_transposed ? 1 : s->k, g.a_col = s->a_transposed ? s->m : 1;
    g.b_row = s->b_transposed ? 1 : s->n, g.b_col = s->b_transposed ? s->k : 1;
    g.bias = s->bias ? b->x : NULL;
    void (*gemm)(const fac_gemm *) = f64 ? b->k->gemm_f64 : b->k->gemm_f32;
    size_t workspace = (f64 ? b->k->gemm_workspace_f64 : b->k->gemm_workspace_f32)(s->m, s->n, s->k);
    double flops = 2.0 * (double)(s->m * s->n * s->k), peak = f64 ? b->peak / 2 : b->peak;
    int64_t calls = 1 + (int64_t)(1e6 / flops);
    int rounds = flops > 1e8 ? 3 : 30;
    double plain, packed = 0;
    TIME(plain, calls, rounds, gemm(&g));
    g.workspace = b->workspace;
    if (workspace)
        TIME(packed, calls, rounds, gemm(&g));
    printf("%-4s gemm_%s %4d x %4d x %4d %-20s %12.1f ns %6.1f GFLOP/s %3.0f %%", b->k->isa, f64 ? "f64" : "f32",
           (int)s->m, (int)s->n, (int)s->k, s->what, plain, flops / plain, 100 * flops / plain / peak);
    if (workspace)
        printf("; with workspace %6.1f GFLOP/s %3.0f %%", flops / packed, 100 * flops / packed / peak);
    putchar('\n');
}

/* The eight tensors of a 1-10-10-10-1 MLP, and one large one. */
static void time_optimisers(const bench *b)
{
    static const int64_t sizes[] = {10, 10, 100, 10, 100, 10, 10, 1};
    fac_adam_step adam = {.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .step_size = 1e-9, .denom_scale = 0.1, .decay = 1};
    fac_sgd_step sgd = {.lr = 1e-9, .momentum = 0.9};
    float *p = b->x, *g = b->y, *m = b->z, *v = b->z + NUMBERS / 2;
#define EIGHT(call)                        \
    for (int t = 0; t < 8; t++) {          \
        int64_t n = sizes[t], o = t * 128; \
        call;                              \
    }
    for (int i = 0; i < NUMBERS; i++)
        b->z[i] = 0.5F;
    double few, many;
    TIME(few, 1000, 30, EIGHT(b->k->adam_f32(n, p + o, g + o, m + o, v + o, NULL, &adam)));
    TIME(many, 10, 30, b->k->adam_f32(16384, p, g, m, v, NULL, &adam));
    printf("%-4s adam_f32 251 parameters in 8 tensors %8.1f ns; 16384: %6.3f ns each\n", b->k->isa, few, many / 16384);
    TIME(few, 1000, 30, EIGHT(b->k->sgd_f32(n, p + o, g + o, m + o, &sgd)));
    TIME(many, 10, 30, b->k->sgd_f32(16384, p, g, m, &sgd));
    printf("%-4s sgd_f32  251 parameters in 8 tensors %8.1f ns; 16384: %6.3f ns each\n", b->k->isa, few, many / 16384);
}

/* The kernels of one training step of an MLP as a planner would call them, weights in place. */
typedef struct mlp {
    const fac_kernels *k;
    int layers;
    int64_t n, ldb, size[5];
    float *w[4], *bias[4], *gw[4], *gb[4], *value[5], *gradient[5], *target;
    fac_adam_segment segment[8];
    fac_dense forward[4], backward[4]; /* as a planner keeps them: to clear one takes as long as a small layer */
} mlp;

static mlp new_mlp(const bench *b, int layers, const int64_t *size, int64_t n)
{
    mlp m = {.k = b->k, .layers = layers, .n = n, .ldb = (n + 15) / 16 * 16, .target = b->y + NUMBERS / 2};
    float *p = b->x, *q = b->y;
    for (int l = 0; l <= layers; l++) {
        m.size[l] = size[l];
        int64_t rows = (size[l] + FAC_DENSE_ROWS) / FAC_DENSE_ROWS * FAC_DENSE_ROWS;
        m.value[l] = q, m.gradient[l] = q + rows * m.ldb, q += 2 * rows * m.ldb;
    }
    for (int l = 0; l < layers; l++) {
        int64_t weights = size[l] * size[l + 1], biases = size[l + 1];
        m.w[l] = p, m.gw[l] = p + NUMBERS / 2, m.bias[l] = p + weights, m.gb[l] = p + NUMBERS / 2 + weights;
        float *moment = b->z + (p - b->x);
        m.segment[2 * l] = (fac_adam_segment){weights, p, m.gw[l], moment, moment + NUMBERS / 2, NULL};
        p += weights, moment += weights;
        m.segment[2 * l + 1] = (fac_adam_segment){biases, p, m.gb[l], moment, moment + NUMBERS / 2, NULL};
        p += biases;
        fac_dense d = {
            .n = n, .ldb = m.ldb, .in = size[l], .out = size[l + 1], .w = m.w[l], .w_row = size[l], .w_col = 1};
        m.forward[l] = m.backward[l] = d;
        m.forward[l].bias = m.bias[l], m.forward[l].x = m.value[l], m.forward[l].y = m.value[l + 1];
        m.forward[l].relu = l + 1 < layers;
        m.backward[l].x = m.gradient[l + 1], m.backward[l].y = m.gradient[l], m.backward[l].mask = m.value[l];
    }
    return m;
}

static void mlp_forward(const mlp *m)
{
    for (int l = 0; l < m->layers; l++)
        m->k->dense_forward_f32(&m->forward[l]);
}

static void mlp_weight_grads(const mlp *m)
{
    for (int l = m->layers - 1; l >= 0; l--)
        m->k->dense_weight_grad_f32(m->n, m->ldb, m->size[l], m->size[l + 1], m->gradient[l + 1], m->value[l], m->gw[l],
                                    m->size[l], m->gb[l], false);
}

static void mlp_input_grads(const mlp *m)
{
    for (int l = m->layers - 1; l > 0; l--)
        m->k->dense_input_grad_f32(&m->backward[l]);
}

static float mlp_loss(const mlp *m)
{
    return m->k->mse_f32(m->n, m->value[m->layers], m->target, 1e-3F, m->gradient[m->layers]);
}

static void time_dense(const bench *b, int layers, const int64_t *size, int64_t n)
{
    for (int i = 0; i < NUMBERS; i++)
        b->z[i] = 0.5F;
    mlp m = new_mlp(b, layers, size, n);
    fac_adam_step adam = {.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .step_size = 1e-9, .denom_scale = 0.1, .decay = 1};
    volatile float sink;
    double forward, loss, weights, inputs, step, all, products = 0, inner = 0;
    for (int l = 0; l < layers; l++)
        products += 2.0 * (double)(n * size[l] * size[l + 1]),
            inner += l ? 2.0 * (double)(n * size[l] * size[l + 1]) : 0;
    int64_t calls = 1 + (int64_t)(1e7 / products);
    TIME(forward, calls, 20, mlp_forward(&m));
    TIME(loss, calls, 20, sink = mlp_loss(&m));
    TIME(weights, calls, 20, mlp_weight_grads(&m));
    TIME(inputs, calls, 20, mlp_input_grads(&m));
    TIME(step, calls, 20, b->k->adam_list_f32(2 * layers, m.segment, &adam));
    TIME(all, calls, 20,
         (mlp_forward(&m), sink = mlp_loss(&m), mlp_weight_grads(&m), mlp_input_grads(&m),
          b->k->adam_list_f32(2 * layers, m.segment, &adam)));
    (void)sink;
    printf("%-4s MLP ", b->k->isa);
    for (int l = 0; l <= layers; l++)
        printf("%s%d", l ? "-" : "", (int)size[l]);
    printf(", batch %d: step %.0f ns; forward %.0f ns %.1f GFLOP/s, loss %.0f, weight gradients %.0f %.1f, input "
           "gradients %.0f %.1f, adam_list %.0f\n",
           (int)n, all, forward, products / forward, loss, weights, products / weights, inputs, inner / inputs, step);
}

static void vec_forward(const mlp *m)
{
    for (int l = 0; l < m->layers; l++)
        m->k->vec_forward_f32(&m->forward[l]);
}

static void vec_forward_packed(const mlp *m, float *const *packed)
{
    for (int l = 0; l < m->layers; l++)
        m->k->vec_forward_packed_f32(m->size[l], m->size[l + 1], packed[l], m->value[l], m->value[l + 1],
                                     l + 1 < m->layers);
}

static void vec_backward(const mlp *m)
{
    for (int l = m->layers - 1; l >= 0; l--) {
        const fac_dense *d = &m->backward[l];
        const fac_outer outer = {
            .out = d->out, .in = d->in, .g = m->gradient[l + 1], .x = m->value[l], .gw = m->gw[l], .gb = m->gb[l]};
        m->k->vec_outer_f32(&outer);
        if (l > 0)
            m->k->vec_input_grad_f32(d);
    }
}

/* One sample through 1-10-10-10-1 and 8-16-16-1: rows of weights in place, or packed columns. */
static void time_vec(const bench *b, int layers, const int64_t *size)
{
    mlp m = new_mlp(b, layers, size, 1);
    float *packed[4], *p = b->z;
    for (int l = 0; l < layers; l++) {
        packed[l] = p;
        b->k->vec_pack_f32(size[l], size[l + 1], m.w[l], size[l], 1, m.bias[l], p);
        p += (size[l] + 1) * ((size[l + 1] + 15) / 16 * 16);
    }
    double plain, columns, back;
    TIME(plain, 20000, 20, vec_forward(&m));
    TIME(columns, 20000, 20, vec_forward_packed(&m, packed));
    TIME(back, 20000, 20, vec_backward(&m));
    printf("%-4s one sample through %d layers from %d: forward %.1f ns, packed %.1f ns, backward %.1f ns\n", b->k->isa,
           layers, (int)size[0], plain, columns, back);
}

static void time_reductions(const bench *b)
{
    volatile float sink;
    static const int64_t sizes[] = {25, 1000, 16384, 1 << 20};
    for (int i = 0; i < 4; i++) {
        int64_t n = sizes[i], calls = 1 + 100000 / n, index;
        double sum, dot, max, argmax;
        TIME(sum, calls, 20, sink = b->k->sum_f32(n, b->x, 1));
        TIME(dot, calls, 20, sink = b->k->dot_f32(n, b->x, 1, b->y, 1));
        TIME(max, calls, 20, sink = b->k->max_f32(n, b->x, 1, NULL));
        TIME(argmax, calls, 20, sink = b->k->max_f32(n, b->x, 1, &index));
        printf("%-4s n = %7d  sum_f32 %10.1f ns  dot_f32 %10.1f ns  max_f32 %10.1f ns, with index %10.1f ns\n",
               b->k->isa, (int)n, sum, dot, max, argmax);
    }
    (void)sink;
    double few, many;
    TIME(few, 1000, 30, b->k->sum_rows_f32(25, 10, b->x, 10, b->z, false));
    TIME(many, 10, 30, b->k->sum_rows_f32(256, 512, b->x, 512, b->z, false));
    printf("%-4s sum_rows_f32 25 x 10 %6.1f ns; 256 x 512 %6.3f ns an element\n", b->k->isa, few, many / (256 * 512));
}

static void time_casts(const bench *b)
{
    static const char *const names[] = {"", "f32", "f64", "i64", "i32", "u8", "bool"};
    static const int64_t size[] = {0, 4, 8, 8, 4, 1, 1};
    memset(b->z, 0, NUMBERS * sizeof *b->z);
    for (int from = FAC_FLOAT32; from < FAC_DTYPES; from++) {
        printf("%-4s ns an element from %-4s", b->k->isa, names[from]);
        for (int to = FAC_FLOAT32; to < FAC_DTYPES; to++) {
            fac_cast_fn *cast = b->k->casts->to[from][to];
            double best;
            TIME(best, 10, 20, cast(8192, b->x, size[to], b->z, size[from]));
            printf("  %s %.3f", names[to], best / 8192);
        }
        putchar('\n');
    }
}

static void wait_for(double ns)
{
    for (double end = bench_now() + ns; bench_now() < end;) {
    }
}

/* A piece of work: when it began, and then 20 us, that each thread takes one. */
static void note_begin(void *begin, int64_t piece)
{
    ((double *)begin)[piece] = bench_now();
    wait_for(20000);
}

/* Fork and join of two threads: until the second has begun, and what the whole takes longer than the work. */
static void time_threads(void)
{
    static const double idle[] = {0, 50e3, 2e6};
    enum { ROUNDS = 200 };
    if (fac_set_num_threads(2))
        return;
    for (int i = 0; i < 3; i++) {
        double late[ROUNDS], more[ROUNDS], begin[2];
        for (int r = 0; r < ROUNDS; r++) {
            wait_for(idle[i]);
            const double start = bench_now();
            fac_parallel(2, note_begin, begin);
            more[r] = bench_now() - start - 20000;
            late[r] = (begin[0] > begin[1] ? begin[0] : begin[1]) - start;
        }
        printf(
            "two threads after %6.0f ns without work: the second begins after %6.0f ns, fork and join take %6.0f ns\n",
            idle[i], bench_median(late, ROUNDS), bench_median(more, ROUNDS));
    }
}

int main(int count, char **argument)
{
    static const char *const isas[] = {"base", "v3", "v4"};
    float *memory = aligned_alloc(64, 3 * NUMBERS * sizeof *memory);
    void *workspace = aligned_alloc(64, 1 << 22);
    if (!memory || !workspace)
        return 1;
    for (int i = 0; i < 3; i++) {
        const fac_kernels *k = fac_kernels_for(isas[i]);
        if (!k || (count > 1 && strcmp(argument[1], isas[i])))
            continue;
        bench b = {k, memory, memory + NUMBERS, memory + 2 * NUMBERS, workspace, bench_peak(isas[i])};
        for (int j = 0; j < 3 * NUMBERS; j++)
            memory[j] = (float)(j % 1000) * 1e-3F;
        printf("%-4s peak %.1f GFLOP/s (float32, one thread)\n", isas[i], b.peak);
        for (int f64 = 0; f64 < 2; f64++)
            for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
                time_gemm(&b, &shapes[s], f64);
        time_optimisers(&b);
        time_dense(&b, 4, (const int64_t[]){1, 10, 10, 10, 1}, 25);
        time_dense(&b, 3, (const int64_t[]){4, 32, 16, 4}, 256);
        time_dense(&b, 3, (const int64_t[]){64, 64, 64, 64}, 2000);
        time_vec(&b, 4, (const int64_t[]){1, 10, 10, 10, 1});
        time_vec(&b, 3, (const int64_t[]){8, 16, 16, 1});
        time_reductions(&b);
        time_casts(&b);
    }
    time_threads();
    free(memory), free(workspace);
    return 0;
}
