/* SPDX-License-Identifier: MIT */
/* Walking the graph from results to leaves. */
#include "base/alloc.h"
#include "autograd/accumulate.h"
#include "autograd/mark.h"
#include "autograd/queue.h"
#include "facula/autograd.h"
#include "graph/recorder.h"
#include "ops/op_list.h"

typedef struct walk {
    fac_node_queue queue;
    bool retain, create;
    const fac_tensors *inputs; /* of fac_grad: the gradients for these, into grads, and none into .grad */
    fac_tensor **grads;
} walk;

/* The sum of what has arrived for one place, with a reference. */
static fac_status add_to(fac_tensor **sum, fac_tensor *grad)
{
    fac_tensor *both = *sum ? fac_add_with(*sum, grad, NULL) : grad;
    if (!both)
        return fac_pending();
    fac_ref(both);
    fac_free_handle(*sum);
    *sum = both;
    return FAC_OK;
}

static fac_status to_leaf(walk *w, fac_tensor *leaf, fac_tensor *grad)
{
    if (!w->inputs)
        return fac_accumulate_grad(leaf, grad);
    for (int64_t i = 0; i < w->inputs->count; i++)
        if (w->inputs->items[i] == leaf)
            FAC_TRY(add_to(w->grads + i, grad));
    return FAC_OK;
}

static fac_status pass_on(walk *w, fac_node *node, uint32_t i, fac_tensor *grad)
{
    const fac_edge *edge = node->edges + i;
    if (__builtin_expect(!fac_node_in_fits(node, i, grad), 0)) {
        fac_shape shape;
        fac_node_in_shape(node, i, &shape);
        if (!(grad = fac_sum_to(grad, &shape)))
            return fac_pending();
    }
    if (edge->leaf)
        return to_leaf(w, edge->leaf, grad);
    FAC_TRY(fac_queue_push(&w->queue, edge->node)); /* first: what waits there is dropped if the walk ends early */
    return add_to(edge->node->grads + edge->output_nr, grad);
}

/* fac_grad of a result in the middle of the graph: what has arrived at its node is all of it. */
static fac_status capture(walk *w, const fac_node *node)
{
    for (int64_t i = 0; w->inputs && i < w->inputs->count; i++) {
        const fac_tensor *t = w->inputs->items[i];
        if (t->node == node && node->grads[t->output_nr])
            FAC_TRY(add_to(w->grads + i, node->grads[t->output_nr]));
    }
    return FAC_OK;
}

static fac_status derive(walk *w, fac_node *node)
{
    enum { FEW = 8 };
    fac_tensor *few[FEW] = {NULL}, **gx = few;
    size_t bytes = node->n_in * sizeof *gx;
    if (node->n_in > FEW && !(gx = fac_alloc_zeroed(bytes)))
        return fac_pending();
    fac_status status = node->op->grad(node, node->grads, gx);
    for (uint32_t i = 0; i < node->n_in && !status; i++)
        if (gx[i] && fac_node_needs(node, i))
            status = pass_on(w, node, i, gx[i]);
    if (gx != few)
        fac_dealloc(gx, bytes);
    return status;
}

static fac_status visit(walk *w, fac_node *node)
{
    fac_scope scope = fac_scope_open();
    bool runs = !w->inputs || node->runs;
    fac_recorder *recorder = fac_self.recorder;
    if (recorder)
        recorder->deriving = node;
    fac_status status = capture(w, node);
    if (!status && runs)
        status = derive(w, node);
    if (recorder)
        recorder->deriving = NULL;
    fac_node_drop_grads(node);
    if (!w->retain && !status && runs)
        fac_node_free_saved(node);
    fac_scope_close(&scope);
    return status;
}

static fac_status walk_all(walk *w)
{
    fac_status status = FAC_OK;
    for (fac_node *node; !status && (node = fac_queue_pop(&w->queue));) {
        status = visit(w, node);
        fac_node_release(node);
    }
    return status;
}

static fac_tensor *implicit_gradient(fac_tensor *root, const char *who)
{
    if (root->m.numel == 1)
        return fac_ones_like_with(root, NULL);
    fac_fail(FAC_ERR_RUNTIME, "%s: grad can be implicitly created only for scalar outputs, got shape %s", who,
             fac_shape_text(&root->m));
    return NULL;
}

static fac_status check_gradient(const fac_tensor *root, const fac_tensor *gradient, const char *who)
{
    FAC_TRY(fac_tensor_check_alive(gradient, who, "gradient"));
    if (!fac_same_shape(&gradient->m, &root->m))
        return fac_fail(FAC_ERR_RUNTIME,
                        "%s: Mismatch in shape: gradient has a shape of %s and output has a shape of %s", who,
                        fac_shape_text(&gradient->m), fac_shape_text(&root->m));
    return FAC_OK;
}

/* A leaf itself is derived: the gradient is the caller's, with a reference that tells so. */
static fac_status at_leaf(walk *w, fac_tensor *leaf, fac_tensor *gradient)
{
    fac_ref(gradient);
    fac_status status = to_leaf(w, leaf, gradient);
    fac_free_handle(gradient);
    return status;
}

static fac_status start_at(walk *w, fac_tensor *root, fac_tensor *gradient, const char *who)
{
    FAC_TRY(fac_tensor_check_alive(root, who, "tensor"));
    if (!root->requires_grad)
        return fac_fail(FAC_ERR_RUNTIME, "%s: tensor does not require grad and does not have a grad_fn", who);
    if ((void *)gradient == fac_none)
        gradient = implicit_gradient(root, who);
    FAC_TRY(check_gradient(root, gradient, who));
    if (gradient->m.dtype != root->m.dtype && !(gradient = fac_to(gradient, (fac_dtype)root->m.dtype)))
        return fac_pending();
    if (!root->node)
        return at_leaf(w, root, gradient);
    if (w->inputs && !root->node->wanted)
        return FAC_OK;
    FAC_TRY(fac_queue_push(&w->queue, root->node));
    return add_to(root->node->grads + root->output_nr, gradient);
}

static fac_status run_walk(walk *w, const fac_tensors *roots, const fac_tensors *gradients, const char *who)
{
    fac_scope scope = fac_scope_open();
    bool before = fac_set_grad_enabled(w->create);
    uint32_t skip_before = fac_self.skip;
    fac_status status = FAC_OK;
    fac_self.skip = 0;
    if (w->inputs)
        status = fac_mark_wanted(roots, w->inputs);
    for (int64_t i = 0; i < roots->count && !status; i++)
        status = start_at(w, roots->items[i], gradients ? gradients->items[i] : fac_none, who);
    if (!status)
        status = walk_all(w);
    fac_queue_clear(&w->queue);
    fac_self.skip = skip_before;
    fac_set_grad_enabled(before);
    fac_scope_close(&scope);
    return status;
}

fac_backward_args fac_backward_defaults(void)
{
    return (fac_backward_args){FAC_DEFAULTS_backward, .size_ = sizeof(fac_backward_args)};
}

fac_grad_args fac_grad_defaults(void)
{
    return (fac_grad_args){FAC_DEFAULTS_grad, .size_ = sizeof(fac_grad_args)};
}

static fac_status backward_again(const fac_action *action)
{
    const bool *flags = action->args;
    fac_tensor *gradient = action->in[1] ? action->in[1] : fac_none;
    return fac_backward(action->in[0], .gradient = gradient, .retain_graph = flags[0], .create_graph = flags[1]);
}

static void warn_of_cycles(void)
{
    FAC_WARN_ONCE("Using backward() with create_graph=True will create a reference cycle between the parameter and "
                  "its gradient which can cause a memory leak. We recommend using fac_grad when creating the graph "
                  "to avoid this. If you have to use this function, make sure to reset the .grad fields of your "
                  "parameters to None after use to break the cycle and avoid the leak.");
}

fac_status fac_backward_with(fac_tensor *tensor, const fac_backward_args *args)
{
    if (fac_pending())
        return fac_error_status();
    const fac_backward_args defaults = fac_backward_defaults();
    if (!args)
        args = &defaults;
    const bool flags[] = {args->retain_graph, args->create_graph};
    fac_tensor *in[] = {tensor, args->gradient};
    const fac_action action = {
        .name = "backward", .args = flags, .args_size = sizeof flags, .in = in, .n_in = 2, .redo = backward_again};
    fac_status taken;
    if (args->gradient && fac_action_taken(&action, &taken))
        return fac_returned(taken);
    if (args->create_graph)
        fac_refuse_plan("backward: create_graph is asked for");
    walk w = {.retain = args->retain_graph || args->create_graph, .create = args->create_graph};
    if (w.create)
        warn_of_cycles();
    const fac_tensors roots = {1, in}, gradients = {1, in + 1};
    fac_status status = run_walk(&w, &roots, &gradients, "backward");
    fac_action_end(&action);
    return fac_returned(status);
}

static fac_status check_lists(const fac_tensors *outputs, const fac_tensors *inputs, const fac_tensors *gradients)
{
    if (!outputs || !inputs)
        return fac_fail(FAC_ERR_VALUE, "grad: outputs or inputs is NULL");
    if (gradients && gradients->count != outputs->count)
        return fac_fail(FAC_ERR_VALUE, "grad: %lld outputs, but %lld grad_outputs", (long long)outputs->count,
                        (long long)gradients->count);
    for (int64_t i = 0; i < inputs->count; i++) {
        FAC_TRY(fac_tensor_check_alive(inputs->items[i], "grad", "an input"));
        if (!inputs->items[i]->requires_grad)
            return fac_fail(FAC_ERR_RUNTIME, "grad: One of the differentiated Tensors does not require grad");
    }
    return FAC_OK;
}

/* The gradients go to the scope, or all away. */
static fac_status hand_out(fac_tensor **grads, int64_t n, bool allow_unused, fac_status status)
{
    for (int64_t i = 0; i < n && !status; i++)
        if (!grads[i] && !allow_unused)
            status = fac_fail(FAC_ERR_RUNTIME, "grad: One of the differentiated Tensors appears to not have been used "
                                               "in the graph. Set allow_unused=True if this is the desired behavior.");
    for (int64_t i = 0; i < n; i++) {
        if (status)
            fac_free_handle(grads[i]);
        else if (grads[i] && !fac_scope_adopt(grads[i]))
            status = fac_pending();
        if (status)
            grads[i] = NULL;
    }
    return status;
}

static fac_status grad(const fac_tensors *outputs, const fac_tensors *inputs, fac_tensor **grads,
                       const fac_grad_args *args)
{
    FAC_TRY(check_lists(outputs, inputs, args->grad_outputs));
    for (int64_t i = 0; i < inputs->count; i++)
        grads[i] = NULL;
    walk w = {.retain = args->retain_graph || args->create_graph,
              .create = args->create_graph,
              .inputs = inputs,
              .grads = grads};
    fac_status status = run_walk(&w, outputs, args->grad_outputs, "grad");
    return hand_out(grads, inputs->count, args->allow_unused, status);
}

/* How its tensors lie in an action's: outputs, their gradients, inputs. */
typedef struct {
    int64_t outputs;
    bool retain_graph, create_graph, allow_unused, gradients, zero_[4];
} grad_call;

static fac_status grad_again(const fac_action *action)
{
    const grad_call *call = action->args;
    const int64_t n = call->outputs, given = call->gradients ? 2 * n : n;
    const fac_tensors outputs = {n, action->in}, gradients = {n, action->in + n};
    const fac_tensors inputs = {action->n_in - given, action->in + given};
    return fac_grad(&outputs, &inputs, action->out, .grad_outputs = call->gradients ? &gradients : NULL,
                    .retain_graph = call->retain_graph, .create_graph = call->create_graph,
                    .allow_unused = call->allow_unused);
}

static void put_list(fac_tensor **in, uint32_t *n_in, const fac_tensors *list)
{
    for (int64_t i = 0; list && i < list->count; i++)
        in[(*n_in)++] = list->items[i];
}

/* With a plan listening. */
static fac_status grad_recorded(const fac_tensors *outputs, const fac_tensors *inputs, fac_tensor **grads,
                                const fac_grad_args *args)
{
    const grad_call call = {.outputs = outputs->count,
                            .retain_graph = args->retain_graph,
                            .create_graph = args->create_graph,
                            .allow_unused = args->allow_unused,
                            .gradients = args->grad_outputs != NULL};
    const size_t bytes = (size_t)(2 * outputs->count + inputs->count) * sizeof(fac_tensor *);
    fac_action action = {.name = "grad", .args = &call, .args_size = sizeof call, .redo = grad_again};
    if (!(action.in = fac_alloc(bytes)))
        return fac_pending();
    put_list(action.in, &action.n_in, outputs);
    put_list(action.in, &action.n_in, args->grad_outputs);
    put_list(action.in, &action.n_in, inputs);
    action.out = grads;
    action.n_out = (uint32_t)inputs->count;
    fac_status status;
    if (!fac_action_taken(&action, &status)) {
        if (args->create_graph)
            fac_refuse_plan("grad: create_graph is asked for");
        status = grad(outputs, inputs, grads, args);
        fac_action_end(&action);
    }
    fac_dealloc(action.in, bytes);
    return status;
}

fac_status fac_grad_with(const fac_tensors *outputs, const fac_tensors *inputs, fac_tensor **grads,
                         const fac_grad_args *args)
{
    if (fac_pending())
        return fac_error_status();
    const fac_grad_args defaults = fac_grad_defaults();
    if (!args)
        args = &defaults;
    const bool listed = outputs && inputs && outputs->count > 0 && inputs->count > 0 &&
                        (!args->grad_outputs || args->grad_outputs->count == outputs->count);
    if (fac_self.recorder && listed)
        return fac_returned(grad_recorded(outputs, inputs, grads, args));
    return fac_returned(grad(outputs, inputs, grads, args));
}
