/* SPDX-License-Identifier: MIT */
/* The greatest and the least; included by extreme_kernel.c for each type: E, IS_NAN(x), TYPED(x) for x_f32 and so on.
 */

typedef E TYPED(lanes) __attribute__((vector_size(FAC_VECTOR_BYTES)));
typedef __typeof__((TYPED(lanes)){0} > (TYPED(lanes)){0}) TYPED(mask);

/* Is a before b? A NaN is before all others. */
FAC_INLINE bool TYPED(beats)(const bool max, E a, E b)
{
    return (max ? a > b : a < b) | (IS_NAN(a) & !IS_NAN(b));
}

FAC_INLINE TYPED(lanes) TYPED(better)(const bool max, TYPED(lanes) a, TYPED(lanes) b)
{
    TYPED(mask) first = max ? a > b : a < b;
    first |= LANES_NAN(a) & ~LANES_NAN(b);
    return (TYPED(lanes))((first & (TYPED(mask))a) | (~first & (TYPED(mask))b));
}

FAC_INLINE TYPED(lanes) TYPED(load_lanes)(const E *x)
{
    TYPED(lanes) v;
    memcpy(&v, x, sizeof v);
    return v;
}

static int64_t TYPED(find_extreme)(const bool max, int64_t n, const E *x, int64_t stride)
{
    int64_t best = 0;
    for (int64_t i = 1; i < n; i++)
        if (TYPED(beats)(max, x[i * stride], x[best * stride]))
            best = i;
    return best;
}

/* Where `best`, or a NaN if it is one, first occurs; it does. */
static int64_t TYPED(find_first)(int64_t n, const E *x, E best)
{
    enum { STEP = FAC_VECTOR_BYTES / sizeof(E) };
    const TYPED(lanes) all = best - (TYPED(lanes)){0}; /* -0 becomes 0, which is equal */
    int64_t i = 0;
    for (; i + STEP <= n; i += STEP) {
        TYPED(lanes) v = TYPED(load_lanes)(x + i);
        TYPED(mask) here = (v == all) | (LANES_NAN(v) & LANES_NAN(all));
        uint64_t words[FAC_VECTOR_BYTES / 8], any = 0;
        memcpy(words, &here, sizeof words);
        for (size_t w = 0; w < FAC_VECTOR_BYTES / 8; w++)
            any |= words[w];
        if (any)
            break;
    }
    while (x[i] != best && !(IS_NAN(best) & IS_NAN(x[i])))
        i++;
    return i;
}

/* The winner of n >= 4 vectors' worth of x: four runs of vectors side by side, then the winner among theirs. */
FAC_INLINE E TYPED(contiguous_extreme)(const bool max, int64_t n, const E *x)
{
    enum { STEP = FAC_VECTOR_BYTES / sizeof(E) };
    TYPED(lanes) run[4];
    E last[STEP];
    FAC_UNROLL
    for (int r = 0; r < 4; r++)
        run[r] = TYPED(load_lanes)(x + r * STEP);
    for (int64_t i = 4 * STEP; i < n; i += 4 * STEP) {
        const E *from = x + (i + 4 * STEP <= n ? i : n - 4 * STEP); /* the last may see some again */
        FAC_UNROLL
        for (int r = 0; r < 4; r++)
            run[r] = TYPED(better)(max, TYPED(load_lanes)(from + r * STEP), run[r]);
    }
    run[0] = TYPED(better)(max, run[0], run[1]);
    run[2] = TYPED(better)(max, run[2], run[3]);
    run[0] = TYPED(better)(max, run[0], run[2]);
    memcpy(last, &run[0], sizeof last);
    return last[TYPED(find_extreme)(max, STEP, last, 1)];
}

FAC_INLINE E TYPED(extreme)(const bool max, int64_t n, const E *x, int64_t stride, int64_t *index)
{
    int64_t at;
    if (stride != 1 || n < 4 * FAC_VECTOR_BYTES / (int64_t)sizeof(E)) {
        at = TYPED(find_extreme)(max, n, x, stride);
    } else {
        E best = TYPED(contiguous_extreme)(max, n, x);
        if (!index && best != 0)
            return best;
        at = TYPED(find_first)(n, x, best); /* for a zero too: which of 0 and -0 */
    }
    if (index)
        *index = at;
    return x[at * stride];
}

FAC_INLINE void TYPED(extreme_rows)(const bool max, int64_t m, int64_t n, const E *x, int64_t row, E *restrict out,
                                    int64_t *restrict index)
{
    for (int64_t j = 0; j < n; j++)
        out[j] = x[j];
    for (int64_t j = 0; index && j < n; j++)
        index[j] = 0;
    for (int64_t i = 1; i < m; i++) {
        const E *from = x + i * row;
        for (int64_t j = 0; index && j < n; j++)
            index[j] = TYPED(beats)(max, from[j], out[j]) ? i : index[j];
        for (int64_t j = 0; j < n; j++)
            out[j] = TYPED(beats)(max, from[j], out[j]) ? from[j] : out[j];
    }
}

E FAC_ISA_NAME(TYPED(fac_max))(int64_t n, const E *x, int64_t stride, int64_t *index)
{
    return TYPED(extreme)(true, n, x, stride, index);
}
E FAC_ISA_NAME(TYPED(fac_min))(int64_t n, const E *x, int64_t stride, int64_t *index)
{
    return TYPED(extreme)(false, n, x, stride, index);
}
void FAC_ISA_NAME(TYPED(fac_max_rows))(int64_t m, int64_t n, const E *x, int64_t row, E *out, int64_t *index)
{
    TYPED(extreme_rows)(true, m, n, x, row, out, index);
}
void FAC_ISA_NAME(TYPED(fac_min_rows))(int64_t m, int64_t n, const E *x, int64_t row, E *out, int64_t *index)
{
    TYPED(extreme_rows)(false, m, n, x, row, out, index);
}

#undef E
#undef TYPED
