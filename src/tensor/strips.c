/* SPDX-License-Identifier: MIT */
#include "tensor/strips.h"

#include <string.h>

#define DEFINE_MOVE(T)                                                                                                \
    static void move_##T(int64_t n, char *restrict to, int64_t to_step, const char *restrict from, int64_t from_step) \
    {                                                                                                                 \
        for (int64_t i = 0; i < n; i++)                                                                               \
            *(T *)(void *)(to + i * to_step) = *(const T *)(const void *)(from + i * from_step);                      \
    }
DEFINE_MOVE(uint8_t)
DEFINE_MOVE(uint32_t)
DEFINE_MOVE(uint64_t)

static void move(int size, int64_t n, char *to, int64_t to_step, const char *from, int64_t from_step)
{
    if (to_step == size && from_step == size)
        memcpy(to, from, (size_t)(n * size));
    else
        (size == 4 ? move_uint32_t : size == 8 ? move_uint64_t : move_uint8_t)(n, to, to_step, from, from_step);
}

/* An operand's n values from `from` on, and the last again up to `whole`: one that raises no new exception. */
static char *gathered(char *buffer, int size, int64_t n, int64_t whole, char *from, int64_t step)
{
    if (step == size && n == whole)
        return from;
    move(size, n, buffer, size, from, step);
    move(size, whole - n, buffer + n * size, size, from + (n - 1) * step, 0);
    return buffer;
}

void fac_through_strips(int64_t n, char *const *p, const int64_t *s, const void *ctx, fac_inner_fn *fn, unsigned sizes)
{
    _Alignas(64) char buffers[3][FAC_STRIP * sizeof(double)];
    const int inputs = sizes & 0xff, result = sizes >> 8 & 0xff, input = (int)(sizes >> 16);
    const int64_t steps[3] = {result, input, input};
    const bool flat = s[0] == result && s[1] == input && (inputs == 1 || s[2] == input);
    for (int64_t i = flat ? n & -(int64_t)FAC_STRIP_WHOLE : 0; i < n; i += FAC_STRIP) {
        const int64_t count = n - i < FAC_STRIP ? n - i : FAC_STRIP;
        const int64_t whole = (count + FAC_STRIP_WHOLE - 1) & -(int64_t)FAC_STRIP_WHOLE;
        const bool straight = s[0] == result && count == whole;
        char *q[3] = {straight ? p[0] + i * s[0] : buffers[0]};
        for (int k = 1; k <= inputs; k++) /* a single value is read once, before the result may overwrite it */
            q[k] = s[k] == 0 && i > 0 ? buffers[k] : gathered(buffers[k], input, count, whole, p[k] + i * s[k], s[k]);
        fn(whole, q, steps, ctx);
        if (!straight)
            move(result, count, p[0] + i * s[0], s[0], q[0], result);
    }
}
