/* SPDX-License-Identifier: MIT */
/* The library as a guest in a host's process: what is the host's is the same before and after a whole program, and the
 * host's locale changes no number. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <fenv.h>
#include <signal.h>
#include <stdio_ext.h>
#include <wchar.h>

#include "facula/facula.h"
#include "support_alloc.h"
#include "support_files.h"
#include "support_locale.h"

extern char **environ;

/* A dataset as a host writes it. */
typedef struct {
    fac_dataset base;
    fac_tensor *x, *y;
} pairs;

static int64_t pairs_len(fac_dataset *d)
{
    return fac_len(((pairs *)d)->x);
}

static fac_status pairs_get(fac_dataset *d, int64_t i, fac_row *row)
{
    pairs *self = (pairs *)d;
    row->x[0] = ((float *)fac_data(self->x))[i];
    row->y[0] = ((float *)fac_data(self->y))[i];
    return FAC_OK;
}

static const fac_dataset_class pairs_class =
    FAC_DATASET_CLASS("Pairs", sizeof(pairs), .len = pairs_len, .get = pairs_get);

static fac_dataset *pairs_new(fac_tensor *x, fac_tensor *y)
{
    pairs *self = fac_Dataset(&pairs_class);
    FAC_FIELD(self, x, x);
    FAC_FIELD(self, y, y);
    return fac_dataset_done(self);
}

static fac_module *model_new(void)
{
    return fac_Sequential(fac_Linear(1, 10), fac_ReLU(), fac_Linear(10, 10), fac_Tanh(), fac_Linear(10, 1));
}

static void train(fac_module *model, fac_optim *opt, fac_loader *data, int epochs)
{
    for (int epoch = 0; epoch < epochs; epoch++)
        for (fac_batch b; fac_loader_next(data, &b);) {
            FAC_SCOPE;
            assert_int_equal(fac_optim_zero_grad(opt), FAC_OK);
            assert_int_equal(fac_backward(fac_mse_loss(fac_forward(model, b.x), b.y)), FAC_OK);
            assert_non_null(fac_clip_grad_norm_(fac_parameters(model), 1.0));
            assert_int_equal(fac_optim_step(opt), FAC_OK);
        }
    assert_int_equal(fac_loader_status(data), FAC_OK);
}

static void write_predictions(fac_module *model, fac_tensor *x, const char *path)
{
    FAC_NO_GRAD;
    fac_tensor *y = fac_squeeze(fac_forward(model, x));
    assert_int_equal(fac_write_csv(path, (const char *const[]){"x_obs", "y_pred"}, FAC_TENSORS(fac_squeeze(x), y)),
                     FAC_OK);
}

/* Data, training, saving, loading, tables, printing, distributions, errors: all that the library does. */
static void whole_program(void)
{
    FAC_SCOPE;
    fac_manual_seed(3);
    fac_distribution *noise = fac_Normal(0.0, 0.1);
    fac_tensor *x = fac_reshape(fac_linspace(-2, 2, 40), FAC_LIST(40, 1));
    fac_tensor *y = fac_add(fac_sin(x), fac_dist_sample(noise, FAC_LIST(40, 1)));
    fac_module *model = model_new(), *again = model_new();
    fac_optim *opt = fac_Adam(fac_parameters(model), .lr = 1e-3);
    fac_loader *data = fac_DataLoader(pairs_new(x, y), .batch_size = 8, .shuffle = true);
    train(model, opt, data, 10);
    assert_int_equal(fac_save(model, "model.safetensors"), FAC_OK);
    assert_int_equal(fac_load(again, "model.safetensors"), FAC_OK);
    write_predictions(again, x, "predictions.csv");
    fac_table *table = fac_read_csv("predictions.csv");
    assert_int_equal(fac_table_len(table), 40);
    assert_non_null(fac_repr(fac_table_column(table, "y_pred")));
    assert_non_null(fac_module_repr(model));
    assert_null(fac_Adam(fac_parameters(model), .lr = -1.5));
    assert_int_equal(fac_load(again, "no such file"), FAC_ERR_VALUE);
    fac_table_free(table), fac_loader_free(data), fac_optim_free(opt), fac_dist_free(noise);
    fac_module_free(model), fac_module_free(again);
}

/* What is the host's. */
enum { MAX_FILES = 64 };
typedef struct {
    struct {
        void *handler;
        int flags;
        bool masked[65], blocked;
    } signals[65];
    unsigned mxcsr;
    int rounding, wide_out, wide_err;
    char locale[512], folder[256];
    locale_t thread_locale;
    char **environment, *first_variable;
    char variables[16384];
    mode_t mask;
    size_t pending_out, pending_err;
    int files, file_numbers[MAX_FILES];
    off_t written[2];
} host;

static void look_at_signals(host *h)
{
    sigset_t blocked;
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    for (int s = 1; s < 65; s++) {
        struct sigaction action;
        if (sigaction(s, NULL, &action))
            continue;
        memcpy(&h->signals[s].handler, &action.sa_sigaction, sizeof(void *));
        h->signals[s].flags = action.sa_flags;
        h->signals[s].blocked = sigismember(&blocked, s);
        for (int other = 1; other < 65; other++)
            h->signals[s].masked[other] = sigismember(&action.sa_mask, other);
    }
}

/* The control bits: exceptions that occurred (the low six) are every computation's. */
static void look_at_floating_point(host *h)
{
#ifdef __x86_64__
    h->mxcsr = __builtin_ia32_stmxcsr() & ~0x3fu;
#endif
    h->rounding = fegetround();
}

static void look_at_environment(host *h)
{
    h->environment = environ;
    h->first_variable = environ[0];
    for (char **v = environ; *v; v++) {
        strncat(h->variables, *v, sizeof h->variables - strlen(h->variables) - 1);
        strncat(h->variables, "\n", sizeof h->variables - strlen(h->variables) - 1);
    }
}

static int compare_ints(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void look_at_files(host *h)
{
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));)
        if (entry->d_name[0] != '.' && h->files < MAX_FILES)
            h->file_numbers[h->files++] = atoi(entry->d_name);
    closedir(folder);
    qsort(h->file_numbers, (size_t)h->files, sizeof(int), compare_ints);
}

static void look_at_stdio(host *h)
{
    h->pending_out = __fpending(stdout);
    h->pending_err = __fpending(stderr);
    h->wide_out = fwide(stdout, 0);
    h->wide_err = fwide(stderr, 0);
    for (int fd = 1; fd <= 2; fd++)
        h->written[fd - 1] = lseek(fd, 0, SEEK_CUR);
}

static host *look_at_host(void)
{
    host *h = calloc(1, sizeof *h); /* zeros between the members, too: two are compared by memcmp */
    assert_non_null(h);
    look_at_signals(h);
    look_at_floating_point(h);
    look_at_environment(h);
    look_at_files(h);
    look_at_stdio(h);
    strncat(h->locale, setlocale(LC_ALL, NULL), sizeof h->locale - 1);
    h->thread_locale = uselocale((locale_t)0);
    assert_non_null(getcwd(h->folder, sizeof h->folder));
    h->mask = umask(0);
    umask(h->mask);
    return h;
}

static void on_signal(int number)
{
    (void)number;
}

/* Output goes to a file, so that a single byte of the library's would show. */
static int redirected[2];

static void redirect_output(void)
{
    fflush(stdout), fflush(stderr);
    for (int fd = 1; fd <= 2; fd++) {
        redirected[fd - 1] = dup(fd);
        int file = open("output", O_RDWR | O_CREAT | O_APPEND, 0600);
        assert_true(file >= 0 && dup2(file, fd) == fd);
        close(file);
    }
}

/* Also where an assertion failed in between: its message is told by then. */
static int restore_output(void **state)
{
    (void)state;
    fflush(stdout), fflush(stderr);
    for (int fd = 1; fd <= 2 && redirected[fd - 1]; fd++) {
        dup2(redirected[fd - 1], fd);
        close(redirected[fd - 1]);
        redirected[fd - 1] = 0;
    }
    unlink("output");
    return 0;
}

static void set_up_host(void)
{
    signal(SIGPIPE, on_signal), signal(SIGINT, on_signal), signal(SIGCHLD, SIG_IGN), signal(SIGFPE, on_signal);
    setenv("OMP_NUM_THREADS", "7", 1);
    umask(027);
    srand(11);
}

static void test_host_is_left_alone(void **state)
{
    (void)state;
    set_up_host();
    redirect_output();
    fputs("half a line", stdout); /* stays in the host's buffer */
    host *before = look_at_host();
    whole_program();
    host *after = look_at_host();
    restore_output(NULL);
    int drawn = rand();
    srand(11);
    assert_int_equal(drawn, rand());
    assert_memory_equal(before->signals, after->signals, sizeof before->signals);
    assert_string_equal(before->locale, after->locale);
    assert_string_equal(before->folder, after->folder);
    assert_string_equal(before->variables, after->variables);
    assert_int_equal(before->files, after->files);
    assert_int_equal(before->mxcsr, after->mxcsr);
    assert_int_equal(before->pending_out, strlen("half a line"));
    assert_int_equal(after->pending_out, before->pending_out);
    assert_memory_equal(before, after, sizeof *before);
    free(before), free(after);
}

static void test_rounding_and_flushing_stay_the_hosts(void **state)
{
    (void)state;
#ifdef __x86_64__
    unsigned usual = __builtin_ia32_stmxcsr(), flushing = usual | 0x8040; /* FTZ, DAZ */
    __builtin_ia32_ldmxcsr(flushing);
    if ((__builtin_ia32_stmxcsr() & 0x8040) != 0x8040)
        skip(); /* valgrind has no such modes */
    whole_program();
    unsigned after = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(usual);
    assert_int_equal(after & ~0x3fu, flushing & ~0x3fu);
#else
    skip();
#endif
}

/* Everything that has a number in it as one text. */
typedef struct {
    char text[65536];
} record;

static void note(record *r, const char *text)
{
    assert_non_null(text);
    assert_true(strlen(r->text) + strlen(text) + 2 < sizeof r->text);
    strcat(strcat(r->text, text), "\n");
}

static void note_file(record *r, const char *path)
{
    size_t size;
    char *data = support_get(path, &size), byte[4];
    for (size_t i = 0; i < size; i++) {
        snprintf(byte, sizeof byte, "%02x", (unsigned char)data[i]);
        strcat(r->text, byte);
    }
    note(r, "");
    free(data);
}

static void note_error(record *r)
{
    assert_int_not_equal(fac_error_status(), FAC_OK);
    note(r, fac_last_error());
}

static void note_errors(record *r)
{
    fac_tensor *x = fac_ones(2, 3);
    fac_module *model = fac_Linear(3, 2);
    assert_null(fac_Adam(fac_parameters(model), .lr = -1.5));
    note_error(r);
    assert_null(fac_SGD(fac_parameters(model), .lr = 1e-3, .momentum = -0.25));
    note_error(r);
    assert_null(fac_Normal(0.5, -2.5));
    note_error(r);
    fac_dataset *parts[2];
    assert_int_equal(fac_random_split_fractions(fac_TensorDataset(x), FAC_FRACTIONS(0.5, 0.25), parts), FAC_ERR_VALUE);
    note(r, fac_last_error());
    assert_null(fac_arange(0, 10, -0.5));
    note_error(r);
    support_put("bad.csv", "x\n1.5\n2,5\n", 10);
    assert_null(fac_read_csv("bad.csv"));
    note_error(r);
    fac_module_free(model);
}

static void note_tables(record *r)
{
    static const char csv[] = "x,y\n-0.5,1e-3\n1234.25,\"2.5\"\n.5,7\n";
    support_put("table.csv", csv, sizeof csv - 1);
    fac_table *table = fac_read_csv("table.csv");
    fac_tensor *x = fac_table_column(table, "x"), *y = fac_table_column(table, "y");
    assert_true(fac_at(x, FAC_LIST(0)) == -0.5 && fac_at(x, FAC_LIST(1)) == 1234.25);
    note(r, fac_repr(y));
    assert_int_equal(fac_write_csv("out.csv", (const char *const[]){"x", "y"}, FAC_TENSORS(x, y)), FAC_OK);
    size_t size;
    char *written = support_get("out.csv", &size);
    note(r, written);
    free(written);
    fac_table_free(table);
}

static void note_texts(record *r)
{
    fac_distribution *normal = fac_Normal(0.25, 10.5);
    note(r, fac_repr(fac_vector(0.5, -1.25, 1e-8, 3e20)));
    note(r, fac_repr(fac_scalar(2.5)));
    note(r, fac_numpy_repr(fac_round(fac_randn(3, 2), .decimals = 4)));
    note(r, fac_dist_repr(normal));
    fac_dist_free(normal);
}

static void note_all(record *r)
{
    FAC_SCOPE;
    fac_manual_seed(5);
    r->text[0] = '\0';
    whole_program();
    note_file(r, "model.safetensors");
    note_texts(r);
    note_tables(r);
    note_errors(r);
}

static record plain, with_comma;

static void test_comma_changes_no_number(void **state)
{
    (void)state;
    note_all(&plain);
    if (!support_locale_set(","))
        skip(); /* not glibc */
    note_all(&with_comma);
    assert_string_equal(localeconv()->decimal_point, ",");
    setlocale(LC_ALL, "C");
    assert_string_equal(with_comma.text, plain.text);
    static const char *const wanted[] = {
        "Invalid learning rate: -1.5",    "Invalid momentum value: -0.25",       "tensor(2.5000)",
        "Normal(loc: 0.25, scale: 10.5)", "x,y\n-0.5,0.001\n1234.25,2.5\n0.5,7",
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!strstr(plain.text, wanted[i]))
            fail_msg("'%s' is not in the text: %s", wanted[i], strstr(plain.text, "tensor("));
}

int main(void)
{
    support_alloc_install();
    support_folder_make();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_host_is_left_alone, restore_output),
        cmocka_unit_test(test_rounding_and_flushing_stay_the_hosts),
        cmocka_unit_test(test_comma_changes_no_number),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_folder_remove();
    return failed;
}
