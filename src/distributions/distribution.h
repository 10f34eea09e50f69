/* SPDX-License-Identifier: MIT */
/* What distributions share. A distribution is a file with its class, its constructor and a formula a method. */
#ifndef FAC_DISTRIBUTIONS_DISTRIBUTION_H
#define FAC_DISTRIBUTIONS_DISTRIBUTION_H

#include "base/error.h"
#include "base/text.h"
#include "facula/distributions.h"
#include "facula/ops.h"
#include "tensor/tensor.h"

typedef struct fac_dist_class {
    const char *name;
    const char *params[2];
    bool either; /* one of the params is given, the other one follows from it */
    /* shape is the sample's: sample_shape + batch_shape. */
    fac_tensor *(*sample)(fac_distribution *d, fac_list shape);
    fac_tensor *(*rsample)(fac_distribution *d, fac_list shape); /* or NULL */
    fac_tensor *(*log_prob)(fac_distribution *d, fac_tensor *value);
    fac_tensor *(*mean)(fac_distribution *d);
    fac_tensor *(*variance)(fac_distribution *d);
    fac_tensor *(*stddev)(fac_distribution *d); /* NULL: the root of the variance */
    fac_tensor *(*entropy)(fac_distribution *d);
    fac_tensor *(*other)(fac_distribution *d); /* of either: the param that is not given */
    fac_status (*check)(fac_distribution *d);  /* the params */
    fac_status (*check_value)(fac_distribution *d, fac_tensor *value);
} fac_dist_class;

struct fac_distribution {
    const fac_dist_class *class;
    fac_tensor *param[2]; /* each kept; of either, the one that is not given is NULL */
    bool validate;
    fac_ints batch_shape;
};

/* A distribution over params (kept; NULL where there is none), checked if asked to: owned by the caller. NULL if a
 * param that it has is NULL or fails the check. */
fac_distribution *fac_dist_new(const fac_dist_class *class, fac_tensor *first, fac_tensor *second, int event_dims,
                               bool validate);

/* Params as torch's broadcast_all makes them: numbers to tensors of the first tensor's dtype or the default one, both
 * to one shape. FAC_OK or the error, `Normal: loc is NULL`. */
fac_status fac_dist_operands(const fac_dist_class *class, fac_tensor **first, fac_tensor **second);
/* For classes of either: which of probs and logits is given, made a tensor; NULL with the error if both or none are. */
fac_tensor *fac_dist_one_of(const fac_dist_class *class, fac_tensor *probs, fac_tensor *logits);
/* A param, made of the other one if need be. */
fac_tensor *fac_dist_either(fac_distribution *d, int which);
/* probs held away from 0 and 1, where the logarithm is not finite. */
fac_tensor *fac_dist_clamp_probs(fac_tensor *probs);

/* Whether every element of tensor passes the test, together with a and b where given, which are broadcast with it; else
 * *found is one that does not. */
typedef bool fac_dist_test(double value, double a, double b);
bool fac_dist_all(const fac_tensor *tensor, const fac_tensor *a, const fac_tensor *b, fac_dist_test *test,
                  double *found);
bool fac_dist_is_real(double value, double a, double b);
/* `Expected parameter scale (Tensor of shape ()) of distribution Normal(loc: 0.0, scale: -1.0) to satisfy the
 * constraint GreaterThan(lower_bound=0.0), but found -1.0` */
fac_status fac_dist_bad_param(const fac_distribution *d, int which, const char *constraint, double found);
fac_status fac_dist_bad_value(const fac_distribution *d, const fac_tensor *value, const char *support, double found);

/* Appends `Normal(loc: 0.0, scale: 10.0)`, and of a param: its value if it has no dims, what `one` makes of it if it
 * has one element (and `one` is not NULL), else its shape: torch.Size([3]). */
typedef const char *fac_dist_print(const fac_tensor *tensor);
void fac_dist_describe(fac_text *text, const fac_distribution *d, fac_dist_print *one);
void fac_dist_describe_param(fac_text *text, const fac_tensor *param, fac_dist_print *one);

fac_status fac_dist_alive(const fac_distribution *d, const char *who);

#endif
