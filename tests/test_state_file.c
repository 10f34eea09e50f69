/* SPDX-License-Identifier: MIT */
/* Models saved and loaded. */
#define _DEFAULT_SOURCE
#define _POSIX_C_SOURCE 200809L
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "facula/io.h"
#include "support_alloc.h"
#include "support_files.h"
#include "support_golden.h"
#include "support_net.h"

#define assert_fails(action, status, words)                   \
    do {                                                      \
        assert_int_equal(action, status);                     \
        if (!strstr(fac_last_error(), words))                 \
            fail_msg("the message is: %s", fac_last_error()); \
        assert_int_equal(fac_error_status(), FAC_OK);         \
    } while (0)

static void fill(fac_tensor *tensor, double step, double start)
{
    float *data = fac_data(tensor);
    for (int64_t i = 0; i < fac_numel(tensor); i++)
        data[i] = (float)((double)i * step + start);
    assert_int_equal(fac_touched(tensor), FAC_OK);
}

/* golden_nn.py's saved model. */
static fac_module *plain_model(void)
{
    fac_module *m = fac_Sequential(fac_Linear(2, 3), fac_Tanh(), fac_Linear(3, 1, .bias = false));
    const fac_tensors *p = fac_parameters(m);
    for (int64_t i = 0; i < p->count; i++)
        fill(p->items[i], 0.5, -1);
    return m;
}

static const char *golden_path(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s.safetensors", FAC_GOLDEN_DIR, name);
    return path;
}

static void files_are_those_of_the_package(void **state)
{
    (void)state;
    fac_module *m = plain_model();
    assert_int_equal(fac_save(m, "plain.safetensors"), FAC_OK);
    size_t size, golden_size;
    char *got = support_get("plain.safetensors", &size), *want = support_get(golden_path("nn_state"), &golden_size);
    assert_int_equal(size, golden_size);
    assert_memory_equal(got, want, size);
    free(got), free(want);
    fac_module *other = fac_Sequential(fac_Linear(2, 3), fac_Tanh(), fac_Linear(3, 1, .bias = false));
    assert_int_equal(fac_load(other, golden_path("nn_state")), FAC_OK);
    for (int64_t i = 0; i < 3; i++)
        assert_same(fac_detach(fac_parameters(other)->items[i]), fac_detach(fac_parameters(m)->items[i]));
    fac_module_free(m), fac_module_free(other);
}

static const char *const tied_names[] = {"first", "second"};

static fac_module *tied_model(void)
{
    static const fac_class Tied_class = FAC_CLASS("Tied", sizeof(fac_module));
    fac_module *m = fac_new(&Tied_class);
    for (int i = 0; i < 2; i++)
        fac_attach_module(m, tied_names[i], fac_Linear(2, 2), NULL);
    fac_attach_parameter(fac_get_submodule(m, "second"), "weight", fac_get_parameter(m, "first.weight"), NULL);
    return fac_done(m);
}

static void tied_tensors_keep_their_names(void **state)
{
    (void)state;
    fac_module *m = tied_model();
    assert_int_equal(fac_load(m, golden_path("nn_tied")), FAC_OK); /* save_model wrote one of the two */
    fac_tensor *weight = fac_get_parameter(m, "second.weight");
    assert_ptr_equal(weight, fac_get_parameter(m, "first.weight"));
    assert_true(fac_at(weight, FAC_LIST(1, 1)) == 3.25);
    assert_int_equal(fac_save(m, "tied.safetensors"), FAC_OK);
    const fac_named_tensors *all = fac_load_tensors("tied.safetensors");
    assert_int_equal(all->count, 4);
    assert_string_equal(all->names[1], "first.weight");
    assert_string_equal(all->names[3], "second.weight");
    assert_same(all->items[1], all->items[3]);
    assert_int_equal(fac_load(m, "tied.safetensors"), FAC_OK);
    assert_fails(fac_load_state_dict(m, fac_load_tensors(golden_path("nn_tied"))), FAC_ERR_RUNTIME, "second.weight");
    fac_module_free(m);
}

static void all_kinds_come_back(void **state)
{
    (void)state;
    fac_tensor *items[] = {fac_arange(5),
                           fac_t(fac_reshape(fac_arange(6, .dtype = FAC_FLOAT64), FAC_LIST(2, 3))),
                           fac_scalar(2.5),
                           fac_zeros(0, 3),
                           fac_gt(fac_vector(-1, 1), 0),
                           fac_expand(fac_ones(1, 2), FAC_LIST(3, 2))};
    const char *const names[] = {"whole", "turned", "one", "nothing", "bool", "wide"};
    const fac_named_tensors list = {6, items, names};
    assert_int_equal(fac_save_tensors(&list, "kinds.safetensors"), FAC_OK);
    const fac_named_tensors *back = fac_load_tensors("kinds.safetensors");
    assert_int_equal(back->count, 6);
    for (int64_t i = 0; i < 6; i++) {
        int64_t at = 0;
        while (strcmp(back->names[at], names[i]) != 0)
            at++;
        assert_close_as(back->items[at], items[i], 0, names[i]);
    }
    fac_module *m = net_new(); /* a list of one's own loads into modules as well */
    assert_int_equal(fac_save_tensors(fac_state_dict(m), "net.safetensors"), FAC_OK);
    assert_int_equal(fac_load_state_dict(m, fac_load_tensors("net.safetensors")), FAC_OK);
    fac_module_free(m);
}

static void what_fails_changes_nothing(void **state)
{
    (void)state;
    fac_module *m = plain_model(), *narrow = fac_Sequential(fac_Linear(2, 2));
    fac_tensor *weight = fac_get_parameter(narrow, "0.weight"), *before = fac_clone(fac_detach(weight));
    assert_int_equal(fac_save(m, "plain.safetensors"), FAC_OK);
    assert_fails(fac_load(narrow, "plain.safetensors"), FAC_ERR_RUNTIME,
                 "Unexpected key(s) in state_dict: \"2.weight\"");
    assert_fails(fac_load(narrow, "none.safetensors"), FAC_ERR_IO, "cannot open 'none.safetensors'");
    support_put("broken.safetensors", "not a file of ours", 18);
    assert_fails(fac_load(narrow, "broken.safetensors"), FAC_ERR_VALUE, "is not a safetensors file");
    assert_same(fac_detach(weight), before);
    assert_fails(fac_load(narrow, NULL), FAC_ERR_VALUE, "the path is NULL");
    assert_fails(fac_load(NULL, "plain.safetensors"), FAC_ERR_VALUE, "module is NULL");
    assert_fails(fac_save(NULL, "x.safetensors"), FAC_ERR_VALUE, "module is NULL");
    assert_fails(fac_save(m, NULL), FAC_ERR_VALUE, "the path is NULL");
    assert_fails(fac_save(m, "no/such/folder.safetensors"), FAC_ERR_IO, "no/such/folder.safetensors");
    assert_fails(fac_save_tensors(NULL, "x.safetensors"), FAC_ERR_VALUE, "the list of tensors is NULL");
    fac_tensor *dead = NULL;
    const fac_named_tensors list = {1, &dead, (const char *const[]){"dead"}};
    assert_fails(fac_save_tensors(&list, "x.safetensors"), FAC_ERR_VALUE, "save: dead is NULL");
    assert_null(fac_load_tensors("none.safetensors"));
    assert_int_equal(fac_error_status(), FAC_ERR_IO);
    assert_int_not_equal(access("x.safetensors", F_OK), 0);
    fac_module_free(m), fac_module_free(narrow);
}

/* Every system call of a saving fails in turn: the old file stays, whole. */
static void a_full_disk_keeps_the_old_file(void **state)
{
    (void)state;
    fac_module *m = plain_model();
    assert_int_equal(fac_save(m, "old.safetensors"), FAC_OK);
    fill(fac_get_parameter(m, "0.weight"), 1, 7);
    size_t size, now;
    char *old = support_get("old.safetensors", &size);
    bool reached = true;
    for (int n = 1; reached; n++) {
        support_files_fail_at(n, true, ENOSPC, "write");
        fac_status status = fac_save(m, "old.safetensors");
        reached = support_files.count >= n;
        support_files_fail_at(0, false, 0, NULL);
        assert_int_equal(status, reached ? FAC_ERR_IO : FAC_OK);
        if (reached) {
            char *data = support_get("old.safetensors", &now);
            assert_int_equal(now, size);
            assert_memory_equal(data, old, size);
            free(data);
        }
    }
    free(old);
    fac_module_free(m);
    assert_int_equal(support_folder_empty(), 1);
}

static fac_status save_and_load(void *ctx)
{
    (void)ctx;
    fac_scope scope = fac_scope_open();
    fac_module *m = net_new();
    fac_status status = m ? fac_save(m, "failing.safetensors") : fac_error_status();
    if (!status)
        status = fac_load(m, "failing.safetensors");
    if (!status && !fac_load_tensors("failing.safetensors"))
        status = fac_error_status();
    fac_scope_close(&scope);
    fac_module_free(m);
    return status;
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    fac_manual_seed(0);
    assert_true(support_alloc_fail_each(save_and_load, NULL) > 50);
    assert_int_equal(support_files.open_files, 0);
}

static int set_up(void **state)
{
    (void)state;
    support_folder_make();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fac_scope_reset();
    support_folder_remove();
    return fac_error_status() || fac_live_tensors() != 0;
}

int main(void)
{
    support_alloc_install();
    support_files_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_are_those_of_the_package, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tied_tensors_keep_their_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_kinds_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_fails_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_disk_keeps_the_old_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(memory_may_fail_anywhere, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
