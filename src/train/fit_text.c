/* SPDX-License-Identifier: MIT */
/* The progress of a training as a line. */
#include <math.h>

#include "base/error.h"
#include "facula/train.h"
#include "base/scope_text.h"

static void add_number(fac_text *text, const char *before, double value, int precision, const char *after)
{
    char number[400]; /* 1e308 in full */
    fac_format_fixed(number, sizeof number, value, precision);
    fac_text_add(text, "%s%s%s", before, number, after);
}

/* How much of the training is done. */
static double share(const fac_fit_info *info)
{
    double batches = info->batches > 0 ? (double)info->batches : 1;
    double epochs = (double)(info->epoch - 1) + (double)info->batch / batches;
    return info->epochs > 0 && epochs > 0 ? fmin(epochs / (double)info->epochs, 1) : 0;
}

const char *fac_fit_text(const fac_fit_info *info)
{
    enum { WIDTH = 30 };
    if (!info) {
        fac_fail(FAC_ERR_VALUE, "fit_text: info is NULL");
        return NULL;
    }
    fac_text text = {0};
    size_t done = (size_t)(WIDTH * share(info));
    fac_text_add(&text, "[");
    fac_text_pad(&text, '#', done);
    fac_text_pad(&text, '.', WIDTH - done);
    fac_text_add(&text, "] epoch %lld/%lld", (long long)info->epoch, (long long)info->epochs);
    add_number(&text, ", loss ", info->loss, 3, "");
    if (!isnan(info->val_loss))
        add_number(&text, ", val_loss ", info->val_loss, 3, "");
    add_number(&text, ", ", info->seconds, 1, " s");
    return fac_scope_text(&text);
}
