/* SPDX-License-Identifier: MIT */
/* Type promotion, by the rules of torch.result_type. */
#include "graph/op.h"

/* bool < uint8 < int32 < int64 < float32 < float64; the kinds are bool, integer, floating. */
static int width(fac_dtype dtype)
{
    static const int order[FAC_DTYPES] = {[FAC_BOOL] = 1,  [FAC_UINT8] = 2,   [FAC_INT32] = 3,
                                          [FAC_INT64] = 4, [FAC_FLOAT32] = 5, [FAC_FLOAT64] = 6};
    return order[dtype];
}

static int kind(fac_dtype dtype)
{
    return fac_is_float((int)dtype) ? 3 : dtype == FAC_BOOL ? 1 : dtype == FAC_DEFAULT_DTYPE ? 0 : 2;
}

fac_dtype fac_promote_types(fac_dtype a, fac_dtype b)
{
    return width(a) > width(b) ? a : b;
}

/* A lower rank counts only if its kind is higher: float number * int tensor is the default float dtype. */
static fac_dtype outrank(fac_dtype high, fac_dtype low)
{
    return kind(low) > kind(high) ? fac_promote_types(high, low) : high;
}

fac_dtype fac_result_type(fac_tensor *const *in, uint32_t n_in)
{
    fac_dtype rank[3] = {FAC_DEFAULT_DTYPE, FAC_DEFAULT_DTYPE, FAC_DEFAULT_DTYPE};
    for (uint32_t i = 0; i < n_in; i++) {
        const fac_tensor *t = in[i];
        if (!t)
            continue;
        int r = t->wrapped_number ? 2 : t->m.ndim == 0 ? 1 : 0;
        fac_dtype dtype = (fac_dtype)t->m.dtype;
        if (r == 2 && dtype == FAC_FLOAT64)
            dtype = fac_get_default_dtype();
        rank[r] = rank[r] == FAC_DEFAULT_DTYPE ? dtype : fac_promote_types(rank[r], dtype);
    }
    return outrank(rank[0], outrank(rank[1], rank[2]));
}

int fac_dims_unpack(fac_dims dims, int64_t out[3])
{
    int count = (int)((uint64_t)dims >> 60);
    if (count != 2 && count != 3) {
        out[0] = dims;
        return 1;
    }
    for (int i = 0; i < count; i++)
        out[i] = (int64_t)((uint64_t)dims << (44 - 20 * i)) >> 44; /* the sign of a 20-bit lane */
    return count;
}

void fac_missing(const char *op, const char *argument)
{
    fac_fail(FAC_ERR_TYPE, "%s: missing required argument '%s'", op, argument);
}
