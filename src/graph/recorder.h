/* SPDX-License-Identifier: MIT */
/* Who listens to a thread's calls: plans. fac_apply offers each call before it is done; one that is taken is not done,
 * the recorder has its results. Of the others it is told. */
#ifndef FAC_GRAPH_RECORDER_H
#define FAC_GRAPH_RECORDER_H

#include "base/pool.h"
#include "graph/op.h"

/* A public function that is made of calls and is taken as a whole: backward, grad, an optimiser's step. */
typedef struct fac_action {
    const char *name;
    void *object;     /* the optimiser, or NULL */
    const void *args; /* args_size bytes, compared and copied */
    size_t args_size;
    fac_tensor **in; /* what it is given, fac_none or NULL for None */
    uint32_t n_in, n_out;
    fac_tensor **out; /* what it gives, once it has ended or was taken; NULL for None */
    fac_status (*redo)(const struct fac_action *action); /* the function itself */
    /* For those that read .grad: hands over each parameter. While params_version stays they are the same ones. */
    void (*params)(void *object, void (*each)(void *ctx, fac_tensor *param), void *ctx);
    uint32_t params_version;
    /* Does it once more where nothing it works on has moved since: *stamp, the structure and each .grad are as the last
     * time left them. False: not done. NULL: there is no such way. */
    bool (*repeat)(void *object);
    const uint64_t *stamp;
    /* The same, where all it would do is param -= rate*param.grad: the rates of its n parameters, for somebody who does
     * it in its place and says so. False: it does something else. NULL: it always does. */
    bool (*rates)(void *object, double *rates, size_t n);
    const uint64_t *options; /* these stay the same while *options and *stamp do, but for the steps themselves */
    void (*taken)(void *object);
} fac_action;

typedef struct fac_recorder fac_recorder;
typedef struct fac_recorder_class {
    /* True: taken, with *status and, of a success, out. */
    bool (*offer)(fac_recorder *, const fac_call *call, fac_tensor **out, fac_status *status);
    /* A call was done; result has the hidden ones, too. */
    void (*note)(fac_recorder *, const fac_call *call, fac_tensor **result);
    /* True: the action was taken. Else it is done now, and ended. */
    bool (*begin)(fac_recorder *, const fac_action *action, fac_status *status);
    void (*end)(fac_recorder *, const fac_action *action);
    /* backward has given leaf its gradient; before: what was in its place, or NULL. */
    void (*gave_grad)(fac_recorder *, fac_tensor *leaf, const fac_tensor *before);
    /* Values are looked at, or about to be changed, by another way than a call: what was put off is done now. */
    fac_status (*settle)(fac_recorder *, const fac_tensor *tensor);
    /* Something happens that no plan can do again. */
    void (*refuse)(fac_recorder *, const char *why);
    /* A module that only makes calls (nn/module.h) is called, and has given its result. */
    void (*enter)(fac_recorder *, const void *module, fac_tensor *const *in, uint32_t n);
    void (*leave)(fac_recorder *, const fac_tensor *result);
} fac_recorder_class;

struct fac_expected;
enum { FAC_WHOLE_INPUTS = 3 };

/* A module's calls as one: it is known to make just these as long as the structure stays as it is. */
typedef struct fac_whole {
    const void *module; /* NULL: none begins here */
    fac_tensor **in[FAC_WHOLE_INPUTS], **out;
    const struct fac_expected *next; /* what is expected behind them */
    uint32_t structure;              /* fac_structure_changes */
    uint8_t n_in;
    bool no_grad;
} fac_whole;

/* The next call that is expected: one that is just so is taken without asking further. */
typedef struct fac_expected {
    const fac_op *op;       /* NULL: none is */
    fac_tensor **in, **out; /* what it is given, and what it gives */
    const void *args;       /* args_size bytes, a multiple of 8; if deep, compared field by field */
    uint32_t args_size, n_in, call;
    uint8_t n_out;
    bool no_grad, deep; /* deep: the arguments have pointers or gaps */
    fac_whole *whole;   /* the module whose first call it is */
} fac_expected;         /* the one after it lies behind it */

struct fac_recorder {
    const fac_recorder_class *cls;
    const fac_expected *expected; /* or NULL */
    const fac_node *deriving;     /* whose derivative is being made */
    bool entered;                 /* within a module that only makes calls */
};

/* The result of a module's call that was expected, without the call; else NULL. */
static inline fac_tensor *fac_take_whole(fac_recorder *recorder, const void *module, fac_tensor *const *in, uint32_t n)
{
    const fac_whole *whole = recorder->expected ? recorder->expected->whole : NULL;
    if (!whole || whole->module != module || whole->n_in != n || whole->no_grad != fac_self.no_grad ||
        whole->structure != fac_structure_now())
        return NULL;
    for (uint32_t i = 0; i < n; i++)
        if (*whole->in[i] != in[i])
            return NULL;
    fac_tensor *out = *whole->out;
    fac_slot_mark(fac_header_of(out), &fac_tensor_type);
    recorder->expected = whole->next;
    return out;
}

/* Takes the action, or begins it: false where it is still to be done, between this and fac_action_end. */
bool fac_action_taken_slow(const fac_action *action, fac_status *status);
void fac_action_end_slow(const fac_action *action);
static inline bool fac_action_taken(const fac_action *action, fac_status *status)
{
    return __builtin_expect(fac_self.recorder != NULL, 0) && fac_action_taken_slow(action, status);
}
static inline void fac_action_end(const fac_action *action)
{
    if (__builtin_expect(fac_self.recorder != NULL, 0))
        fac_action_end_slow(action);
}

/* For what changes values or structure behind the operations' back. */
static inline fac_status fac_settle(void)
{
    return __builtin_expect(fac_self.recorder != NULL, 0) ? fac_settle_values(NULL) : FAC_OK;
}
void fac_refuse_plan(const char *why);

#endif
