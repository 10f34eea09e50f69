/* SPDX-License-Identifier: MIT */
/* An optimiser from inside: a class says which options and state it has and how a step is done; groups hold parameters,
 * their state and the options' values. */
#ifndef FAC_OPTIM_OPTIMISER_H
#define FAC_OPTIM_OPTIMISER_H

#include "facula/optim.h"
#include "graph/op.h"
#include "ops/optimiser_steps.h"
#include "optim/power.h"

enum { FAC_OPTIM_OPTIONS = 8, FAC_OPTIM_BUFFERS = 3, FAC_OPTIM_POWERS = 2 };

typedef struct fac_optim_option {
    const char *name; /* fac_optim_get's */
    const char *path; /* in the state_dict */
    bool is_bool;
} fac_optim_option;

typedef struct fac_optim_class {
    const char *name;
    int n_options, n_buffers;
    const fac_optim_option *options;
    const char *const *buffers; /* names in the state_dict */
    int required_buffers;       /* that a saved state must have */
    bool counts_steps;          /* its state has a "step"; else it is 1 once the buffers hold something */
    /* FAC_OK or the error in PyTorch's words. */
    fac_status (*check)(const char *who, const double *options);
    /* How many of the buffers these options want. */
    int (*buffers_wanted)(const double *options);
    /* One call of the operation: n parameters, n gradients, n of each buffer. step: 0 at a parameter's first one. */
    fac_status (*apply)(const double *options, fac_tensor **in, uint32_t n_in, int64_t step);
    /* The same on bare memory (segments: see fac_optim_segment). */
    void (*apply_list)(const double *options, const fac_step_list *list, int64_t step, fac_power *powers);
    size_t segment_bytes;
    /* The learning rate, if a step is nothing but param -= rate*grad; else a NaN. NULL: it never is. */
    double (*plain_rate)(const double *options);
} fac_optim_class;

/* How each of the kernels' segments begins; behind it the buffers. */
typedef struct fac_optim_segment {
    int64_t n;
    void *p;
    const void *g;
    void *buffers[];
} fac_optim_segment;

/* What is kept of one parameter. */
typedef struct fac_param_state {
    int64_t step; /* steps taken; see counts_steps */
    fac_tensor *buffers[FAC_OPTIM_BUFFERS];
    uint64_t pass; /* the last pass that stepped it: a parameter that is in the group twice waits for the next */
} fac_param_state;

typedef struct fac_optim_group {
    double options[FAC_OPTIM_OPTIONS];
    fac_tensors params; /* items: params_ */
    fac_tensor **params_;
    fac_param_state **states; /* per parameter; a second mention of one has the first one's */
    fac_param_state *own;     /* what states point to */
    bool *done;               /* per parameter, while a step is in several passes */
    fac_tensor **in;          /* the operation's inputs: room for (2 + n_buffers) n */
    /* All parameters had the same dtype and count after the last step, and in[] is filled for that many buffers but for
     * the gradients; else -1. */
    int ready_buffers;
    bool has_duplicates;
    fac_power powers[FAC_OPTIM_POWERS]; /* for the class */
    fac_step_list list; /* the same as bare memory, where all of it is contiguous; else without segments */
    bool filled;        /* with the gradients of the last step, too */
} fac_optim_group;

struct fac_optim {
    const fac_optim_class *cls;
    double defaults[FAC_OPTIM_OPTIONS]; /* the constructor's options */
    fac_optim_group **groups;
    size_t count, capacity;
    uint64_t pass;
    uint64_t stamp;   /* another one after each step and whenever state is replaced */
    uint64_t changes; /* of options */
};

extern const fac_handle_type fac_optim_type;

/* The body of a constructor: options[cls->n_options]. */
fac_optim *fac_optim_new(const fac_optim_class *cls, const fac_tensors *params, const double *options);

/* `Adam: Invalid learning rate: -1.0` unless 0 <= value (NaN is not). */
fac_status fac_optim_check_not_negative(const char *who, const char *what, double value);

/* groups[group], counted from the end if negative; NULL with the error set. */
fac_optim_group *fac_optim_group_at(const fac_optim *opt, int64_t group);

/* Makes the first n buffers of a parameter, of zeros, where they are missing. */
fac_status fac_param_state_fill(fac_param_state *state, const fac_tensor *param, int n);
void fac_param_state_clear(fac_param_state *state);

#endif
