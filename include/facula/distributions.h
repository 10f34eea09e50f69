/* SPDX-License-Identifier: MIT */
/* Probability distributions: torch.distributions.X is fac_X, its methods are fac_dist_f.
 *
 *     fac_distribution *noise = fac_Normal(0.0, 10);
 *     fac_tensor *y_noise = fac_dist_sample(noise, FAC_LIST(100));
 *     fac_dist_free(noise);
 *
 * Parameters are tensors or numbers; they are broadcast with each other to the batch shape, kept as long as the
 * distribution lives, and gradients flow to them. A number takes the dtype of the other parameter, or the default one.
 * Constructors check the parameters, fac_dist_log_prob its value, unless .validate_args is false: FAC_ERR_VALUE.
 * Results belong to the scope. Formulas and draws are those of torch.distributions 2.13. */
#ifndef FACULA_DISTRIBUTIONS_H
#define FACULA_DISTRIBUTIONS_H

#include "facula/call.h"

#ifdef __cplusplus
extern "C" {
#endif

/* torch.distributions.Distribution. A counted handle: constructors return one that you own, or NULL. */
typedef struct fac_distribution fac_distribution;
/* Drops one reference; NULL and fac_none are accepted. */
FAC_API void fac_dist_free(fac_distribution *distribution);

/* Normal(loc, scale): density exp(-((x - loc) / scale)^2 / 2) / (scale sqrt(2 pi)); scale > 0. */
typedef struct fac_Normal_args {
    size_t size_;
    bool validate_args;
} fac_Normal_args;
#define FAC_DEFAULTS_Normal .validate_args = true
FAC_API fac_Normal_args fac_Normal_defaults(void);
FAC_API fac_distribution *fac_Normal_with(fac_tensor *loc, fac_tensor *scale, const fac_Normal_args *args);

/* Uniform(low, high): density 1 / (high - low) on [low, high); low < high. */
typedef struct fac_Uniform_args {
    size_t size_;
    bool validate_args;
} fac_Uniform_args;
#define FAC_DEFAULTS_Uniform .validate_args = true
FAC_API fac_Uniform_args fac_Uniform_defaults(void);
FAC_API fac_distribution *fac_Uniform_with(fac_tensor *low, fac_tensor *high, const fac_Uniform_args *args);

/* Bernoulli(probs) or Bernoulli(logits=...): 1 with probability probs = sigmoid(logits), else 0; one of the two is
 * given. Both are tensors: write a number as fac_Bernoulli(fac_number(0.3)). */
typedef struct fac_Bernoulli_args {
    size_t size_;
    fac_tensor *probs;
    fac_tensor *logits;
    bool validate_args;
} fac_Bernoulli_args;
#define FAC_DEFAULTS_Bernoulli .probs = (fac_tensor *)fac_none, .logits = (fac_tensor *)fac_none, .validate_args = true
FAC_API fac_Bernoulli_args fac_Bernoulli_defaults(void);
FAC_API fac_distribution *fac_Bernoulli_with(const fac_Bernoulli_args *args);

/* Categorical(probs) or Categorical(logits=...): an index 0 .. n - 1, of shape (*, n): the last dim has the weights of
 * a distribution, the dims before it are the batch. probs need not sum to 1, logits need not be normalised. */
typedef struct fac_Categorical_args {
    size_t size_;
    fac_tensor *probs;
    fac_tensor *logits;
    bool validate_args;
} fac_Categorical_args;
#define FAC_DEFAULTS_Categorical \
    .probs = (fac_tensor *)fac_none, .logits = (fac_tensor *)fac_none, .validate_args = true
FAC_API fac_Categorical_args fac_Categorical_defaults(void);
FAC_API fac_distribution *fac_Categorical_with(const fac_Categorical_args *args);

/* d.sample(sample_shape=()): values of shape sample_shape + batch shape, without history; drawn from the default
 * generator. */
typedef struct fac_dist_sample_args {
    size_t size_;
    fac_list sample_shape;
} fac_dist_sample_args;
#define FAC_DEFAULTS_dist_sample .sample_shape = NULL
FAC_API fac_dist_sample_args fac_dist_sample_defaults(void);
FAC_API fac_tensor *fac_dist_sample_with(fac_distribution *distribution, const fac_dist_sample_args *args);

/* d.rsample(sample_shape=()): the same with gradients to the parameters; of Normal and Uniform, FAC_ERR_UNSUPPORTED of
 * the others. */
typedef fac_dist_sample_args fac_dist_rsample_args;
#define FAC_DEFAULTS_dist_rsample FAC_DEFAULTS_dist_sample
FAC_API fac_tensor *fac_dist_rsample_with(fac_distribution *distribution, const fac_dist_rsample_args *args);

#ifndef __cplusplus
#define fac_Normal(...)       FAC_CALL2_(Normal, FAC_OPERAND, __VA_ARGS__)
#define fac_Uniform(...)      FAC_CALL2_(Uniform, FAC_OPERAND, __VA_ARGS__)
#define fac_Bernoulli(...)    FAC_KEYWORDS_(Bernoulli, __VA_ARGS__)
#define fac_Categorical(...)  FAC_KEYWORDS_(Categorical, __VA_ARGS__)
#define fac_dist_sample(...)  FAC_CALL1_(dist_sample, FAC_TENSOR_, __VA_ARGS__)
#define fac_dist_rsample(...) FAC_CALL1_(dist_rsample, FAC_TENSOR_, __VA_ARGS__)
#endif

/* d.log_prob(value): the logarithm of the density or probability at value, which is broadcast with the batch. */
FAC_API fac_tensor *fac_dist_log_prob(fac_distribution *distribution, fac_tensor *value);
/* d.mean, d.variance, d.stddev, d.entropy(), of the batch shape; NaN where there is none, as for Categorical's mean. */
FAC_API fac_tensor *fac_dist_mean(fac_distribution *distribution);
FAC_API fac_tensor *fac_dist_variance(fac_distribution *distribution);
FAC_API fac_tensor *fac_dist_stddev(fac_distribution *distribution);
FAC_API fac_tensor *fac_dist_entropy(fac_distribution *distribution);
/* d.loc, d.scale, d.low, d.high, d.probs, d.logits by name, broadcast; Categorical's are normalised. FAC_ERR_KEY if the
 * distribution has none of that name. */
FAC_API fac_tensor *fac_dist_param(fac_distribution *distribution, const char *name);

/* d.batch_shape, d.event_shape: lent, valid while the distribution lives. */
FAC_API fac_list fac_dist_batch_shape(const fac_distribution *distribution);
FAC_API fac_list fac_dist_event_shape(const fac_distribution *distribution);

/* repr(d), which print(d) shows: `Normal(loc: 0.0, scale: 10.0)`. The text belongs to the scope; NULL on error. */
FAC_API const char *fac_dist_repr(const fac_distribution *distribution);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif
