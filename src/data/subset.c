/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/alloc.h"
#include "data/dataset.h"

typedef struct subset {
    fac_dataset base;
    fac_dataset *whole;
    int64_t *indices, count;
} subset;

static int64_t len(fac_dataset *dataset)
{
    return ((subset *)dataset)->count;
}

static fac_status getitems(fac_dataset *dataset, const int64_t *indices, int64_t n, fac_row *rows)
{
    enum { PIECE = 64 };
    const subset *self = (subset *)dataset;
    int64_t mapped[PIECE];
    fac_row row = *rows;
    for (int64_t at = 0; at < n; at += PIECE) {
        int64_t m = n - at < PIECE ? n - at : PIECE;
        for (int64_t i = 0; i < m; i++)
            mapped[i] = self->indices[indices[at + i]];
        FAC_TRY(fac_dataset_fill(self->whole, mapped, m, &row));
        for (int k = 0; k < dataset->impl->n_fields; k++)
            row.item[k] = (char *)row.item[k] + (size_t)m * dataset->impl->bytes[k];
    }
    return FAC_OK;
}

static fac_status get_tensors(fac_dataset *dataset, int64_t idx, fac_batch *sample)
{
    const subset *self = (subset *)dataset;
    return fac_dataset_tensors(self->whole, self->indices[idx], sample);
}

static void destroy(fac_dataset *dataset)
{
    subset *self = (subset *)dataset;
    fac_dataset_free(self->whole);
    fac_dealloc(self->indices, (size_t)self->count * sizeof *self->indices);
}

/* Copies the indices, counted from the end where negative. */
static fac_status take_indices(subset *self, const int64_t *indices, int64_t count)
{
    int64_t n = fac_dataset_length(self->whole);
    self->indices = n < 0 ? NULL : fac_alloc((size_t)count * sizeof *indices);
    if (!self->indices)
        return fac_pending();
    self->count = count;
    for (int64_t i = 0; i < count; i++) {
        self->indices[i] = indices[i] < 0 ? indices[i] + n : indices[i];
        if (self->indices[i] < 0 || self->indices[i] >= n)
            return fac_fail(FAC_ERR_INDEX, "Subset: index %lld is out of range for %lld samples of %s",
                            (long long)indices[i], (long long)n, self->whole->cls->name);
    }
    return FAC_OK;
}

static fac_status set_up(subset *self, const int64_t *indices, int64_t count)
{
    const struct fac_dataset_parts *whole = self->whole->impl;
    struct fac_dataset_parts *impl = self->base.impl;
    impl->wraps = true;
    if (fac_dataset_gives_tensors(self->whole))
        impl->cls.getitems = NULL;
    impl->n_fields = whole->n_fields;
    memcpy(impl->fields, whole->fields, sizeof impl->fields);
    memcpy(impl->bytes, whole->bytes, sizeof impl->bytes);
    if (count < 0 || (count > 0 && !indices))
        return fac_fail(FAC_ERR_VALUE, "Subset: no indices");
    return take_indices(self, indices, count);
}

fac_dataset *fac_Subset(fac_dataset *dataset, const int64_t *indices, int64_t count)
{
    static const fac_dataset_class cls = FAC_DATASET_CLASS("Subset", sizeof(subset), .len = len, .getitems = getitems,
                                                           .get_tensors = get_tensors, .destroy = destroy);
    if (fac_handle_check(dataset, &fac_dataset_type, "Subset", "dataset"))
        return NULL;
    subset *self = fac_Dataset(&cls);
    if (!self) {
        fac_dataset_free(dataset);
        return NULL;
    }
    self->whole = dataset;
    if (!set_up(self, indices, count))
        return &self->base;
    fac_dataset_free(&self->base);
    return NULL;
}
