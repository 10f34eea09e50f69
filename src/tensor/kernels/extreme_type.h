/* SPDX-License-Identifier: MIT */
/* The greatest and the least; included by extreme_kernel.c for each type: E, IS_NAN(x), TYPED(x) for x_f32 and so on.
 */

/* Is a before b? A NaN is before all others. No short cuts: this is to be done in vectors. */
FAC_INLINE bool TYPED(beats)(const bool max, E a, E b)
{
    return (max ? a > b : a < b) | (IS_NAN(a) & !IS_NAN(b));
}

FAC_INLINE int64_t TYPED(find_extreme)(const bool max, int64_t n, const E *x, int64_t stride)
{
    int64_t best = 0;
    for (int64_t i = 1; i < n; i++)
        if (TYPED(beats)(max, x[i * stride], x[best * stride]))
            best = i;
    return best;
}

/* Where `best`, or a NaN if it is one, first occurs; it does. */
FAC_OUTLINE int64_t TYPED(find_first)(int64_t n, const E *x, E best)
{
    int64_t i = 0;
    for (; i + EXTREME_LANES <= n; i += EXTREME_LANES) {
        int here = 0;
        for (int l = 0; l < EXTREME_LANES; l++)
            here |= (x[i + l] == best) | (IS_NAN(best) & IS_NAN(x[i + l]));
        if (here)
            break;
    }
    while (x[i] != best && !(IS_NAN(best) & IS_NAN(x[i])))
        i++;
    return i;
}

/* EXTREME_LANES runs side by side, then the winner among theirs. */
FAC_INLINE E TYPED(extreme)(const bool max, int64_t n, const E *x, int64_t stride, int64_t *index)
{
    int64_t at;
    if (stride != 1 || n < EXTREME_LANES) {
        at = TYPED(find_extreme)(max, n, x, stride);
    } else {
        E lane[EXTREME_LANES];
        for (int l = 0; l < EXTREME_LANES; l++)
            lane[l] = x[l];
        for (int64_t i = EXTREME_LANES; i < n; i += EXTREME_LANES) {
            const E *from = x + (i + EXTREME_LANES <= n ? i : n - EXTREME_LANES); /* the last may see some again */
            for (int l = 0; l < EXTREME_LANES; l++)
                lane[l] = TYPED(beats)(max, from[l], lane[l]) ? from[l] : lane[l];
        }
        E best = lane[TYPED(find_extreme)(max, EXTREME_LANES, lane, 1)];
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
