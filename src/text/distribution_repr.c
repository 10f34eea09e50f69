/* SPDX-License-Identifier: MIT */
/* Distributions as PyTorch prints them. */
#include "distributions/distribution.h"
#include "facula/text.h"
#include "base/scope_text.h"

const char *fac_dist_repr(const fac_distribution *distribution)
{
    fac_text text = {0};
    if (fac_dist_alive(distribution, "dist_repr"))
        return NULL;
    fac_dist_describe(&text, distribution, fac_repr);
    return fac_scope_text(&text);
}
