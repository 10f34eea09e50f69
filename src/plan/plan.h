/* SPDX-License-Identifier: MIT */
/* Plans from inside.
 *
 * A recording is the calls of one run of the step, in order: their operations, arguments, and which values go in and
 * come out. A program is made of it: a tensor a value, memory for all of them, and steps, functions that do the work of
 * one call or of several. While the step's function runs again its calls are compared with the recording; nothing is
 * done yet, the calls are given the program's tensors. At the end, or where somebody looks at a value, the steps run.
 */
#ifndef FAC_PLAN_PLAN_H
#define FAC_PLAN_PLAN_H

#include "facula/plan.h"
#include "graph/args.h"
#include "graph/node.h"
#include "graph/recorder.h"
#include "tensor/storage.h"

#define FAC_NONE_ID UINT32_MAX

typedef enum fac_pkind {
    FAC_PVALUE_RESULT,  /* of a call */
    FAC_PVALUE_OUTSIDE, /* a tensor that was there before: a parameter */
    FAC_PVALUE_BATCH,   /* an item of the batch */
    FAC_PVALUE_FRESH,   /* made by the step, but by no operation: another tensor each time */
    FAC_PVALUE_NUMBER,  /* a Python number among the operands */
    FAC_PVALUE_BUFFER   /* a lowering's own: bytes of memory, no tensor */
} fac_pkind;

typedef struct fac_pvalue {
    fac_tensor *tensor; /* what calls are given; a batch's is lent */
    void *data;         /* its first element */
    fac_meta m;
    uint8_t kind;
    bool requires_grad;
    uint32_t own_refs;    /* references that the program has of the tensor */
    uint32_t own_storage; /* and of its memory */
    bool visible;         /* the step's function is given it */
    bool kept;            /* it outlives the run: memory of its own */
    bool is_grad;         /* it becomes a leaf's .grad */
    uint32_t call;        /* of a result: the call that made it */
    uint32_t root;        /* whose memory it is in: its own, or what it is a view of or written over */
    int64_t offset;       /* bytes from the root's first element */
    uint32_t uses;        /* calls that it goes into, actions too */
    uint32_t born, dies;  /* of a root in the arena: the steps that first and last touch it; FAC_NONE_ID: none does */
    size_t bytes, at;     /* of such a root: its size and place */
} fac_pvalue;

/* A leaf that an action gives a gradient, or that a step of the optimiser takes it from. */
typedef struct fac_pgrad {
    uint32_t leaf;          /* value */
    uint32_t before, after; /* values of leaf.grad, FAC_NONE_ID for None */
    uint32_t own_refs;      /* of the tensor after, as in its value */
    uint32_t own_storage;   /* of its memory where that is its own, else 0 */
    bool cleared;           /* while calls are done again: the function had dropped it since */
    struct {
        fac_tensor *leaf, *before, *after; /* the values' tensors, NULL for none */
    } now;
} fac_pgrad;

typedef struct fac_pcall {
    const fac_op *op; /* NULL: an action */
    fac_tensor **in;  /* n_in tensors of the program, NULL for None */
    uint32_t *in_id;  /* which values they are, FAC_NONE_ID for None */
    uint32_t n_in;
    uint32_t out; /* the first of its values */
    uint8_t n_out;
    bool inplace, no_grad;
    uint32_t n_visible; /* how many the function is given: the first, or an action's results */
    uint32_t *results;  /* of an action: values, FAC_NONE_ID for None */
    bool inside;        /* made by an action, not by the step's function */
    bool numbers_free;  /* floating numbers among the arguments are data */
    bool args_plain;    /* its arguments' bytes tell whether they are the same */
    bool grads_given;   /* an action reads just gradients that the program gives */
    uint32_t next;      /* the next call to compare: an action's own are skipped */
    uint32_t origin;    /* a derivative's: the call that is derived */
    uint32_t args_of;   /* it has that call's arguments, or FAC_NONE_ID */
    void *args;
    size_t args_bytes;
    fac_action action;
    fac_pgrad *grads; /* of an action */
    size_t n_grads, grads_capacity;
} fac_pcall;

struct fac_program;
struct fac_text;
typedef struct fac_pstep fac_pstep;
struct fac_pstep {
    fac_status (*run)(struct fac_program *program, const fac_pstep *step);
    const char *what; /* for fac_plan_explain */
    uint32_t call;    /* the first that it does the work of */
    uint32_t n_touched;
    uint32_t *touched; /* the values it reads and writes */
    void *ctx;         /* the lowering's own, ctx_bytes of memory */
    size_t ctx_bytes;
    void (*tell)(struct fac_text *text, const fac_pstep *step);   /* more of it, for fac_plan_explain; or NULL */
    void (*set_up)(struct fac_program *program, fac_pstep *step); /* once memory has its place; NULL: nothing to do */
};

/* A tensor that is known again: no other has had its handle since. */
typedef struct fac_pbound {
    const fac_tensor *tensor;
    uint32_t serial;
} fac_pbound;

/* A call's input that is another tensor from run to run: an item of the batch, or one that no operation made. */
typedef struct fac_puse {
    uint32_t value;
    fac_tensor **slot;
} fac_puse;

/* Of a value, what is asked at the end of each run. */
typedef struct fac_pvisible {
    fac_tensor *now; /* its tensor */
    uint32_t id, own_refs;
    bool kept;
} fac_pvisible;

typedef struct fac_program {
    fac_pcall *calls;
    size_t n_calls, calls_capacity;
    fac_pvalue *values;
    size_t n_values, values_capacity;
    fac_expected *expected; /* the calls to compare, and one that nothing is like */
    fac_whole *wholes;      /* one for each of them */
    fac_tensor **handles;   /* every value's tensor, as calls are given them */
    fac_pvisible *visible;  /* values that the function sees, but for gradients and the result */
    uint32_t n_visible, n_given;
    fac_pgrad *given; /* gradients that leaves are given which have none, in a row */
    size_t n_handles; /* room for */
    uint32_t *cuts;   /* calls before which somebody looked at values */
    size_t n_cuts, cuts_capacity;
    fac_puse *uses;  /* of values that may be another tensor in each run */
    uint32_t *views; /* values within the memory of such */
    size_t n_uses, n_views;
    uint32_t result;                  /* value, or FAC_NONE_ID for None */
    fac_tensor *made;                 /* the result, if a call makes it */
    uint32_t made_refs, made_storage; /* as a gradient's own_refs and own_storage */
    int64_t n_batch;
    fac_meta batch_meta[FAC_MAX_ITEMS];
    uint32_t batch_value[FAC_MAX_ITEMS]; /* FAC_NONE_ID: not looked at */
    fac_pbound bound[FAC_MAX_ITEMS];     /* the items that the program has now */
    bool is_bound, stays_bound;          /* it has some; they are this run's, too */
    bool no_grad;                        /* the grad mode it begins in */
    uint32_t structure;                  /* fac_structure_changes when last checked */
    const char *refused;                 /* why it is no plan: it only tells not to record again */
    bool keeps_all;                      /* nothing visible is fused away or overwritten */

    fac_pstep *steps;
    size_t n_steps, steps_capacity;
    uint32_t *piece_end; /* a piece, up to each cut and to the end: the step behind its last */
    fac_storage *arena;
    fac_storage *nowhere; /* whose values are views of the batch */
    uint64_t replays;
    bool placed;       /* its gradients have just been put in place */
    uint32_t renewals; /* how often a value has got another tensor or place, */
    uint32_t rebinds;  /* and how often only one that may change from run to run */
    uint32_t serial;   /* its number in the plan */
    uint32_t follows;  /* the number of the one that was replayed after it the last time */
    uint32_t left_in;  /* the run that has gone over from it to another */
    bool awake;        /* its tensors count as alive: a frozen plan's */
} fac_program;

typedef enum { FAC_PLAN_OFF, FAC_PLAN_RECORDS, FAC_PLAN_REPLAYS } fac_pmode;
enum { FAC_PLAN_PROGRAMS = 8 }; /* plan.h tells the user */

struct fac_plan {
    fac_recorder recorder; /* first */
    fac_step_fn *fn;
    void *ctx;
    bool frozen;
    fac_pmode mode;
    const fac_batch *batch;
    fac_program *programs[FAC_PLAN_PROGRAMS];
    size_t n_programs;
    uint64_t runs, recordings, replays;
    int64_t rest;    /* runs to go without recording, after many recordings in vain */
    const char *why; /* the last run that could not be replayed: why */
    size_t why_call;
    const char *why_name; /* the call there */

    fac_program *now;   /* that is recorded or replayed */
    fac_program *gone;  /* that the run has left */
    bool gone_for_good; /* and that is of no more use */
    uint32_t before;    /* serial of the program that was replayed last */
    uint32_t serials;
    uint32_t run_id;
    bool failed;         /* memory was short while recording */
    uint32_t action;     /* the action that is running, while recording */
    uint32_t done;       /* the next call whose work is not done yet */
    fac_whole entered;   /* the module that is being called, as far as it is known; module NULL: none */
    uint32_t entered_at; /* its first call */
    size_t step;         /* the next step */
    size_t cut;          /* the next cut */
    fac_tensor **strays; /* tensors that were handed out and are nobody's, freed with the run */
    size_t n_strays, strays_capacity;
    uint32_t *keep; /* values that the next recording is to keep */
    size_t n_keep, keep_capacity;
};

extern const fac_handle_type fac_plan_type;

/* plan_record.c */
fac_status fac_record_begin(fac_plan *plan);
void fac_record_call(fac_plan *plan, const fac_call *call, fac_tensor **result);
void fac_record_action(fac_plan *plan, const fac_action *action);
void fac_record_action_end(fac_plan *plan, const fac_action *action);
void fac_record_grad(fac_plan *plan, fac_tensor *leaf, const fac_tensor *before);
void fac_record_cut(fac_plan *plan);
/* The recording is whole: result is what the function gave. */
void fac_record_end(fac_plan *plan, fac_tensor *result);
bool fac_program_is_pure(const fac_program *program, uint32_t end);

/* plan_build.c: memory, steps, what is compared. */
fac_status fac_program_build(fac_program *program);
void fac_program_free(fac_program *program);
/* plan_tensors.c: the tensor of a value: input 0's where the call wrote over it. */
fac_status fac_program_make_tensor(fac_program *program, uint32_t value);
/* Counts each value's own_refs and own_storage. */
void fac_program_count_own(fac_program *program);
/* The root's own_storage if its memory is its own, else 0. */
uint32_t fac_program_own_storage(const fac_pvalue *root);
/* Of tensors that were handed out the mark is off; others may still hold them. */
void fac_program_release(fac_tensor *tensor);
/* The batch's values where they lie this time, and a result that nobody holds. */
fac_status fac_program_bind(fac_program *program, const fac_batch *batch);
/* The result with one reference more. */
fac_tensor *fac_program_hand_out(const fac_program *program);
/* Whether somebody else holds a value's tensor or memory; then another one, with memory of its own, in its place. */
bool fac_program_holds_alone(const fac_program *program, uint32_t value);
/* The same of a gradient after an action, of whose tensor others have so many references. */
static inline bool fac_has_just(const fac_tensor *tensor, uint32_t refs, uint32_t storage)
{
    return fac_header_of(tensor)->refs == refs && (!storage || tensor->storage->refs == storage);
}
static inline bool fac_holds_grad(const fac_pgrad *grad, uint32_t others)
{
    return fac_has_just(grad->now.after, grad->own_refs + others, grad->own_storage);
}
fac_status fac_program_renew(fac_program *program, uint32_t value);
/* Whether another tensor may be in the value's place in each run. */
static inline bool fac_program_changes(const fac_program *program, uint32_t value)
{
    const uint8_t kind = value == FAC_NONE_ID ? FAC_PVALUE_OUTSIDE : program->values[value].kind;
    return kind == FAC_PVALUE_BATCH || kind == FAC_PVALUE_FRESH;
}
/* Another outside tensor in the place of such a value; of a fresh one it takes a reference. */
void fac_program_replace(fac_program *program, uint32_t value, fac_tensor *tensor);
/* Calls are given the values' tensors as they are now. */
void fac_program_give_inputs(fac_program *program);
/* plan_build.c: new tensors in the place of those that a run has taken with it. */
fac_status fac_program_restore(fac_program *program);

/* Lowering, plan_lower.c: a rule takes call `at` if it can, with others if it likes (done[]), and adds steps for it. */
typedef struct fac_builder {
    fac_program *program;
    bool *done; /* per call */
} fac_builder;
typedef struct fac_prule {
    const char *name;
    bool (*lower)(fac_builder *builder, uint32_t at, fac_status *status);
} fac_prule;
extern const fac_prule fac_prules[];
enum { FAC_PRULE_ONE = 2 }; /* from this rule on they take one call, or what only goes on with its result */
bool fac_lower_dense(fac_builder *builder, uint32_t at, fac_status *status);   /* plan_dense.c */
bool fac_lower_strips(fac_builder *builder, uint32_t at, fac_status *status);  /* plan_strips.c */
bool fac_lower_product(fac_builder *builder, uint32_t at, fac_status *status); /* plan_product.c */
/* Whether somebody looked at values before this call. */
bool fac_program_cut_at(const fac_program *program, uint32_t at);
/* Whether somebody besides the calls may look at the value. */
static inline bool fac_program_shows(const fac_program *program, uint32_t value)
{
    return program->values[value].kept || (program->keeps_all && program->values[value].visible);
}
/* Nobody sees the value but one call, so that it need not be stored. */
static inline bool fac_program_only_passes(const fac_program *program, uint32_t value)
{
    const fac_pvalue *v = program->values + value;
    return v->uses == 1 && v->root == value && !fac_program_shows(program, value);
}
/* Adds a step; touched is copied, ctx taken over if it succeeds. */
fac_status fac_program_add_step(fac_program *program, const fac_pstep *step, const uint32_t *touched, size_t n);
/* plan_action.c: does an action such as the optimiser's step, with .grad of the leaves as it was when the action was
 * called; as a step of a program; and the rule for that. */
fac_status fac_program_act(const fac_pcall *call);
fac_status fac_act_run(fac_program *program, const fac_pstep *step);
bool fac_lower_action(fac_builder *builder, uint32_t at, fac_status *status);
/* For the step before it, which has the gradients: the learning rate of each leaf, if all that the action does in this
 * run is to take so much of the gradient from the leaf. It is then taken to be done. NULL: it does that itself. */
typedef struct fac_prates {
    uint64_t since; /* another number whenever they change, not 0 */
    double *of;
} fac_prates;
const fac_prates *fac_act_rates(const fac_program *program, const fac_pstep *step);
/* A buffer of the lowering's own: its value. FAC_NONE_ID with the error set. */
uint32_t fac_program_add_buffer(fac_program *program, size_t bytes);

/* plan_replay.c */
extern const fac_recorder_class fac_plan_recorder;
const char *fac_program_name(const fac_program *program, uint32_t call);
bool fac_replay_fits(fac_program *program, const fac_batch *batch);
fac_tensor *fac_replay_end(fac_plan *plan, fac_tensor *result);
/* Floating numbers among the arguments, for the call and its derivatives. */
void fac_program_take_numbers(fac_program *program, fac_pcall *call, const void *args);
/* plan_switch.c: goes over to another program that has been in step so far and goes on with `what`, an operation or the
 * name of an action. False: there is none. */
typedef enum { FAC_PNEXT_CALL, FAC_PNEXT_ACTION, FAC_PNEXT_LOOK, FAC_PNEXT_END } fac_pnext;
bool fac_replay_switch(fac_plan *plan, fac_pnext next, const void *what);
/* Programs stand in the order of their last use. */
void fac_plan_make_newest(fac_plan *plan, size_t i);
/* plan_leave.c: the run goes its own way from here on; it is recorded anew if all of it can be. The program has lost
 * its tensors to the run: plan->gone. */
fac_status fac_replay_leave(fac_plan *plan, const char *why);
/* Marks the results of the calls before `to` as alive: those within a module's call have not been handed out. */
void fac_program_hand_out_all(const fac_program *program, uint32_t to);
/* plan_freeze.c: the program alone, without the function. */
static inline bool fac_frozen_runs(const fac_program *program)
{
    return !program->refused && !program->n_cuts;
}
fac_tensor *fac_frozen_run(fac_plan *plan, fac_program *program, const fac_batch *batch);
fac_status fac_program_run(fac_program *program, size_t from, size_t to);

/* Contiguous ones may differ in strides that no address depends on. */
static inline bool fac_same_dims(const fac_meta *a, const fac_meta *b)
{
    const bool strided = !a->contiguous;
    if (a->dtype != b->dtype || a->ndim != b->ndim || a->contiguous != b->contiguous)
        return false;
    for (int d = 0; d < a->ndim; d++)
        if (a->shape[d] != b->shape[d] || (strided && a->stride[d] != b->stride[d]))
            return false;
    return true;
}

/* The value that the function is given as the call's result i. */
static inline uint32_t fac_result_of(const fac_pcall *call, uint32_t i)
{
    return call->op ? call->out + i : call->results[i];
}

/* The call that is to come next. */
static inline uint32_t fac_plan_position(const fac_plan *plan)
{
    return plan->recorder.expected->call;
}

static inline const fac_pvalue *fac_root_of(const fac_program *program, uint32_t value)
{
    return program->values + program->values[value].root;
}

#endif
