/* SPDX-License-Identifier: MIT */
/* Pictures of computational graphs: the DOT text to the letter, names from hostile files, `dot` that is there, missing,
 * hanging or dying, graphs too deep for recursion. */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <facula/facula.h>

#include "draw/dot_text.h"
#include "support_alloc.h"

static char folder[] = "/tmp/facula_graph_XXXXXX";
static char path[256], fake[256];

static const char *in_folder(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static char *read_whole(const char *name, size_t *size)
{
    FILE *file = fopen(in_folder(name), "rb");
    assert_non_null(file);
    char *text = test_calloc(1 << 20, 1);
    *size = fread(text, 1, (1 << 20) - 1, file);
    fclose(file);
    return text;
}

static bool exists(const char *name)
{
    return access(in_folder(name), F_OK) == 0;
}

/* Without strstr, which under the address sanitizer measures the rest of the text each time. */
static size_t count(const char *text, const char *word)
{
    size_t n = 0, length = strlen(word);
    for (; *text; text++)
        n += *text == *word && !strncmp(text, word, length);
    return n;
}

static fac_tensor *leaf(double value)
{
    return fac_requires_grad_(fac_scalar(value), true);
}

static void expect_dot(const char *dot, const char *expected)
{
    if (!dot)
        fail_msg("%s", fac_last_error());
    assert_string_equal(dot, expected);
}

static void expect_has(const char *dot, const char *part)
{
    if (!dot)
        fail_msg("%s", fac_last_error());
    else if (!strstr(dot, part))
        fail_msg("no %s in %s", part, dot);
}

/* ---- the sheet's exercise 2.3.4: x^3 - x^2 ---- */

static fac_tensor *cubic(void)
{
    fac_tensor *x = leaf(2);
    return fac_sub(fac_pow(x, 3), fac_pow(x, 2));
}

static void test_forward(void **state)
{
    (void)state;
    FAC_SCOPE;
    expect_dot(fac_graph_dot(cubic(), .of = "z"),
               "digraph {\n\tv0 [label=\"x\" shape=box]\n"
               "\to0 [label=\"x^3\"]\n\tv1 [label=\"v\"]\n\to1 [label=\"x^2\"]\n\tv2 [label=\"w\"]\n"
               "\to2 [label=\"v - w\"]\n\tv3 [label=\"y\"]\n"
               "\tv0 -> o0\n\to0 -> v1\n\tv0 -> o1\n\to1 -> v2\n\tv1 -> o2\n\tv2 -> o2\n\to2 -> v3\n"
               "\tof [label=\"z\"]\n\tv3 -> of\n}\n");
}

static void test_backward(void **state)
{
    (void)state;
    FAC_SCOPE;
    expect_dot(fac_graph_dot(cubic(), .backward = true),
               "digraph {\n\tv3 [label=\"dz/dy\"]\n\to2 [label=\"Subtraction Derivative\"]\n"
               "\tv1 [label=\"dz/dv\"]\n\to0 [label=\"Power Derivative\"]\n"
               "\tv2 [label=\"dz/dw\"]\n\to1 [label=\"Power Derivative\"]\n"
               "\tv3 -> o2\n\to2 -> v1\n\to2 -> v2\n\tv1 -> o0\n\tg0 [label=\"dz/dx\"]\n\to0 -> g0\n"
               "\tv2 -> o1\n\tg1 [label=\"dz/dx\"]\n\to1 -> g1\n}\n");
}

static void test_after_backward(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *y = cubic();
    assert_int_equal(fac_backward(y), FAC_OK); /* frees what was saved, the exponents too */
    expect_has(fac_graph_dot(y), "\"x^3\"");
}

/* ---- what is written, and under which names ---- */

static void test_operations(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *a = leaf(2), *b = leaf(3);
    const fac_named_tensors *names = FAC_NAMED(a, b);
    const struct {
        fac_tensor *result;
        const char *label;
    } cases[] = {
        {fac_add(a, b), "[label=\"a + b\"]"},
        {fac_add(a, b, .alpha = 2), "[label=\"add(a, b, alpha=2)\"]"},
        {fac_add(a, 0.1), "[label=\"a + 0.1\"]"},
        {fac_sub(25, a), "[label=\"25 - a\"]"},
        {fac_mul(a, -1e-5), "[label=\"a * (-1e-05)\"]"},
        {fac_div(a, b), "[label=\"a / b\"]"},
        {fac_pow(2, a), "[label=\"2^a\"]"},
        {fac_pow(a, b), "[label=\"a^b\"]"},
        {fac_neg(a), "[label=\"-a\"]"},
        {fac_abs(a), "[label=\"|a|\"]"},
        {fac_relu(a), "[label=\"relu(a)\"]"},
        {fac_leaky_relu(a), "[label=\"leaky_relu(a)\"]"},
        {fac_leaky_relu(a, 0.2), "[label=\"leaky_relu(a, negative_slope=0.2)\"]"},
        {fac_clamp(a, .max = 1), "[label=\"clamp(a, max=1)\"]"},
        {fac_softmax(a, 0), "[label=\"softmax(a, dim=0)\"]"},
        {fac_sum(fac_unsqueeze(a, 0), 0, .keepdim = true), "[label=\"sum(v, dim=0, keepdim=True)\"]"},
        {fac_reshape(a, FAC_LIST(1, 1)), "(a, shape=(1, 1))\"]"},
        {fac_stack(FAC_TENSORS(a, b, a)), "[label=\"stack(a, b, a)\"]"},
        {fac_mse_loss(a, b), "[label=\"mse_loss(a, b)\"]"},
        {fac_mse_loss(a, b, "sum"), "[label=\"mse_loss(a, b, reduction=sum)\"]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_has(fac_graph_dot(cases[i].result, .names = names), cases[i].label);
}

static void test_derivatives(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *a = leaf(2), *b = leaf(3);
    expect_has(fac_graph_dot(fac_log_softmax(a, 0), .backward = true), "[label=\"Log Softmax Derivative\"]");
    expect_has(fac_graph_dot(fac_mse_loss(a, b), .backward = true), "[label=\"MSE Loss Derivative\"]");
    const char *dot = fac_graph_dot(fac_mul(fac_detach(a), b), .names = FAC_NAMED(a, b), .backward = true);
    expect_has(dot, "[label=\"dz/db\"]");
    assert_null(strstr(dot, "dz/da")); /* a detached tensor gets no gradient */
}

/* A result used twice is one node of either graph; of a product with itself there are two ways back. */
static void test_used_twice(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *h = fac_exp(leaf(1)), *y = fac_mul(h, h);
    const char *forward = fac_graph_dot(y), *backward = fac_graph_dot(y, .backward = true);
    assert_int_equal(count(forward, "v1 -> o1"), 1);
    assert_int_equal(count(backward, "[label=\"dz/dv\"]"), 1);
    assert_int_equal(count(backward, "o1 -> v1"), 2);
}

static void test_several_results(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_requires_grad_(fac_ones(2, 3), true), *parts[2] = {fac_select(x, 0, 0), fac_select(x, 0, 1)};
    const char *dot = fac_graph_dot(fac_sum(fac_mul(parts[0], parts[1])), .shapes = true);
    expect_has(dot, "[label=\"x\\n(2, 3)\" shape=box]");
    expect_has(dot, "[label=\"select(x, dim=0, index=1)\"]");
    expect_has(dot, "[label=\"v * w\"]");
    expect_has(dot, "[label=\"u\\n(3,)\"]");
    expect_has(dot, "[label=\"y\\n()\"]");
}

static void test_module(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_module *model = fac_Sequential(fac_Linear(1, 10), fac_ReLU(), fac_Linear(10, 1, .bias = false));
    fac_tensor *inputs = fac_ones(5, 1), *targets = fac_ones(5, 1);
    fac_tensor *outputs = fac_forward(model, inputs), *loss = fac_mse_loss(outputs, targets);
    const fac_named_tensors *names = FAC_NAMED(inputs, targets, outputs, loss);
    const char *dot = fac_graph_dot(loss, .module = model, .names = names, .shapes = true);
    expect_has(dot, "[label=\"inputs\\n(5, 1)\" shape=box]");
    expect_has(dot, "[label=\"0.weight\\n(10, 1)\" shape=box]");
    expect_has(dot, "[label=\"0.bias\\n(10,)\" shape=box]");
    expect_has(dot, "[label=\"linear(inputs)\"]");
    expect_has(dot, "[label=\"relu(v)\"]");
    expect_has(dot, "[label=\"mse_loss(outputs, targets)\"]");
    assert_null(strstr(dot, "2.bias"));
    dot = fac_graph_dot(loss, .module = model, .names = names, .backward = true, .of = "loss");
    expect_has(dot, "[label=\"dloss/d(2.weight)\"]");
    dot = fac_graph_dot(loss); /* nothing is known */
    expect_has(dot, "[label=\"p1\" shape=box]");
    expect_has(dot, "[label=\"mse_loss(u, x2)\"]");
    fac_module_free(model);
}

/* Letters that somebody uses as names are not given to others. */
static void test_names_do_not_clash(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *v = leaf(1), *y = leaf(2), *z = leaf(3), *x = leaf(4), *other = leaf(5);
    fac_tensor *sum = fac_add(fac_add(fac_add(fac_add(v, y), z), x), other);
    const char *dot = fac_graph_dot(sum, .names = FAC_NAMED(v, y, z, x));
    expect_has(dot, "[label=\"v + y\"]");
    expect_has(dot, "[label=\"w + z\"]");
    expect_has(dot, "[label=\"out\"]");
    expect_has(dot, "[label=\"x1\" shape=box]");
    expect_has(fac_graph_dot(sum, .names = FAC_NAMED(v, y, z, x), .backward = true), "[label=\"dL/d(out)\"]");
}

static void test_constant(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = leaf(1), *known = fac_scalar(2), *unknown = fac_scalar(3);
    const char *dot = fac_graph_dot(fac_add(fac_mul(x, known), unknown), .names = FAC_NAMED(x, known, unknown));
    expect_has(dot, "[label=\"x * known\"]");
    expect_has(dot, "[label=\"v + c\"]");
}

static void test_leaves(void **state)
{
    (void)state;
    FAC_SCOPE;
    expect_dot(fac_graph_dot(leaf(1)), "digraph {\n\tv0 [label=\"x\" shape=box]\n}\n");
    expect_dot(fac_graph_dot(leaf(1), .backward = true), "digraph {\n\tv0 [label=\"dz/dx\"]\n}\n");
    expect_dot(fac_graph_dot(fac_ones(2)), "digraph {\n\tv0 [label=\"x\" shape=box]\n}\n");
}

static void expect_error(fac_status expected, fac_status status, const char *message)
{
    assert_int_equal(status, expected);
    assert_string_equal(fac_last_error(), message);
}

static void test_errors(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = leaf(1);
    assert_null(fac_graph_dot(fac_ones(2), .backward = true));
    expect_error(FAC_ERR_RUNTIME, fac_error_status(),
                 "graph_dot: the tensor does not require grad and does not have a grad_fn: there is no backward graph");
    assert_null(fac_graph_dot(NULL));
    expect_error(FAC_ERR_VALUE, fac_error_status(), "graph_dot: tensor is NULL");
    const fac_named_tensors nameless = {1, (fac_tensor *[]){x}, (const char *const[]){NULL}};
    assert_null(fac_graph_dot(x, .names = &nameless));
    expect_error(FAC_ERR_VALUE, fac_error_status(), "draw_graph: name 0 is NULL");
    assert_null(fac_graph_dot(x, .module = NULL));
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    expect_error(FAC_ERR_VALUE, fac_draw_graph(x, NULL), "draw_graph: path is NULL");
    expect_error(FAC_ERR_VALUE, fac_draw_graph(x, "/tmp/graph.jpg"),
                 "draw_graph: '/tmp/graph.jpg' ends in none of .svg, .png, .pdf, .dot and .gv");
    expect_error(FAC_ERR_VALUE, fac_draw_graph(x, "svg"),
                 "draw_graph: 'svg' ends in none of .svg, .png, .pdf, .dot and .gv");
    expect_error(FAC_ERR_VALUE, fac_draw_graph(x, "/tmp/graph.svg", .timeout = -1),
                 "draw_graph: timeout must be a positive number of seconds");
    assert_int_equal(fac_draw_graph(x, "/no/such/folder/graph.dot"), FAC_ERR_IO);
    assert_non_null(fac_sub(x, fac_ones(2, 3)));
    assert_null(fac_mm(x, x)); /* the pending error is what drawing reports */
    assert_int_not_equal(fac_draw_graph(x, in_folder("never.dot")), FAC_OK);
    assert_false(exists("never.dot"));
}

/* ---- hostile names ---- */

static void expect_quoted(const char *text, size_t length, const char *expected)
{
    fac_text dot = {0};
    fac_dot_quote(&dot, text, length);
    assert_string_equal(dot.data, expected);
    fac_text_free(&dot);
}

static void test_quoting(void **state)
{
    (void)state;
    expect_quoted("x", 1, "\"x\"");
    expect_quoted("", 0, "\"\"");
    expect_quoted("\"]; a -> b [label=\"", 19, "\"\\\"]; a -> b [label=\\\"\"");
    expect_quoted("\\", 1, "\"\\\\\"");
    expect_quoted("\\N\\\"", 4, "\"\\\\N\\\\\\\"\"");
    expect_quoted("a\nb\r\t", 5, "\"a\\nb\\\\x0d\\\\x09\"");
    expect_quoted("a\0b", 3, "\"a\\\\x00b\"");
    expect_quoted("\xff\xc3(\xed\xa0\x80", 6, "\"\\\\xff\\\\xc3(\\\\xed\\\\xa0\\\\x80\"");
    expect_quoted("\xc2\x85", 2, "\"\\\\xc2\\\\x85\"");
    expect_quoted("\xce\xb1\xf0\x9f\x98\x80", 6, "\"\xce\xb1\xf0\x9f\x98\x80\"");
    expect_quoted("<b>&lt;</b>", 11, "\"<b>&amp;lt;</b>\"");
}

static bool has_dot(void)
{
    return system("dot -V >/dev/null 2>&1") == 0;
}

/* Names as a hostile file has them, and how SVG, which is XML, must show each. */
static const char *const hostile[][2] = {
    {"\"]; evil [label=\"", "&quot;]; evil [label=&quot;"},
    {"}\ndigraph { evil", NULL},
    {"\\", "\\"},
    {"ends in \\", "ends in \\"},
    {"\\N\\G\\L", "\\N\\G\\L"},
    {"<b>bold</b>", "&lt;b&gt;bold&lt;/b&gt;"},
    {"&lt;&#65;", "&amp;lt;&amp;#65;"},
    {"`id` $(id) ${PATH}", "`id` $(id) ${PATH}"},
    {"/* \" // # ", NULL},
    {"\x01\x7f\xff", "\\x01\\x7f\\xff"},
    {"", NULL},
    {"\xce\xb1", "\xce\xb1"},
};

static void test_hostile_names_in_a_picture(void **state)
{
    (void)state;
    if (!has_dot())
        skip();
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        FAC_SCOPE;
        fac_tensor *x = leaf(1), *y = fac_relu(x);
        size_t size;
        const fac_named_tensors names = {1, (fac_tensor *[]){x}, &hostile[i][0]};
        if (fac_draw_graph(y, in_folder("hostile.svg"), .names = &names))
            fail_msg("%s: %s", hostile[i][0], fac_last_error());
        char *svg = read_whole("hostile.svg", &size);
        assert_int_equal(count(svg, "class=\"node\""), 3);
        assert_int_equal(count(svg, "class=\"edge\""), 2);
        if (hostile[i][1])
            expect_has(svg, hostile[i][1]);
        test_free(svg);
    }
}

static void test_long_name(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = leaf(1);
    char *name = test_malloc(1000001);
    memset(name, 'a', 1000000);
    name[1000000] = '\0';
    const fac_named_tensors names = {1, (fac_tensor *[]){x}, (const char *const[]){name}};
    const char *dot = fac_graph_dot(fac_relu(x), .names = &names);
    expect_has(dot, "aaa...");
    assert_true(strlen(dot) < 400);
    test_free(name);
}

/* ---- large graphs ---- */

static void test_deep(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    FAC_SCOPE;
    fac_tensor *y = leaf(1);
    for (int i = 0; i < DEPTH; i++)
        y = fac_add(y, 1);
    const char *forward = fac_graph_dot(y), *backward = fac_graph_dot(y, .backward = true);
    assert_int_equal(count(forward, "->"), 2 * DEPTH);
    expect_has(forward, "[label=\"v99999 + 1\"]");
    assert_int_equal(count(backward, "[label=\"Addition Derivative\"]"), DEPTH);
    assert_int_equal(count(backward, "->"), 2 * DEPTH);
}

/* Each result twice: 2^60 ways through it. */
static void test_many_ways(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *y = leaf(1);
    for (int i = 0; i < 60; i++)
        y = fac_mul(y, y);
    assert_int_equal(count(fac_graph_dot(y), "->"), 120);
    assert_int_equal(count(fac_graph_dot(y, .backward = true), "[label=\"Multiplication Derivative\"]"), 60);
}

static void test_wide(void **state)
{
    (void)state;
    enum { WIDTH = 5000 };
    FAC_SCOPE;
    static fac_tensor *items[WIDTH];
    for (int i = 0; i < WIDTH; i++)
        items[i] = leaf(i);
    const fac_tensors list = {WIDTH, items};
    const char *dot = fac_graph_dot(fac_stack(&list));
    expect_has(dot, "[label=\"stack(x1, x2, x3, x4, x5, x6, ...)\"]");
    assert_int_equal(count(dot, "->"), WIDTH + 1);
}

/* ---- files, and the program `dot` ---- */

static void test_dot_file(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *y = cubic();
    size_t size;
    assert_int_equal(fac_draw_graph(y, in_folder("graph.GV")), FAC_OK);
    char *text = read_whole("graph.GV", &size);
    assert_string_equal(text, fac_graph_dot(y));
    test_free(text);
}

static void test_pictures(void **state)
{
    (void)state;
    if (!has_dot())
        skip();
    FAC_SCOPE;
    fac_tensor *y = cubic();
    size_t size;
    assert_int_equal(fac_draw_graph(y, in_folder("graph.svg"), .backward = true), FAC_OK);
    char *text = read_whole("graph.svg", &size);
    static const char *const labels[] = {"dz/dy", "Subtraction Derivative", "dz/dv", "dz/dw"};
    for (int i = 0; i < 4; i++)
        expect_has(text, labels[i]);
    assert_int_equal(count(text, ">Power Derivative<"), 2);
    assert_int_equal(count(text, ">dz/dx<"), 2);
    test_free(text);
    assert_int_equal(fac_draw_graph(y, in_folder("graph.png")), FAC_OK);
    text = read_whole("graph.png", &size);
    assert_memory_equal(text, "\x89PNG\r\n\x1a\n", 8);
    unsigned width = (unsigned)(unsigned char)text[18] << 8 | (unsigned char)text[19]; /* of IHDR */
    assert_in_range(width, 150, 300);
    assert_true(size > 10000); /* not blank */
    test_free(text);
    assert_int_equal(fac_draw_graph(y, in_folder("graph.pdf")), FAC_OK);
    text = read_whole("graph.pdf", &size);
    assert_memory_equal(text, "%PDF-", 5);
    test_free(text);
}

/* A `dot` of our own, alone in PATH but for the system's folders. */
static void use_fake_dot(const char *script)
{
    snprintf(fake, sizeof fake, "%s/bin/dot", folder);
    FILE *file = fopen(fake, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", script);
    fclose(file);
    chmod(fake, 0755);
}

static void expect_fake(const char *script, const char *message)
{
    FAC_SCOPE;
    fac_tensor *y = cubic();
    use_fake_dot(script);
    FILE *old = fopen(in_folder("old.svg"), "w");
    fputs("old", old);
    fclose(old);
    expect_error(FAC_ERR_IO, fac_draw_graph(y, in_folder("old.svg"), .timeout = 0.5), message);
    size_t size;
    char *text = read_whole("old.svg", &size);
    assert_string_equal(text, "old"); /* what was there stays */
    test_free(text);
}

static void test_broken_dot(void **state)
{
    (void)state;
    const char *before = getenv("PATH");
    char *saved = test_malloc(strlen(before) + 1), changed[4096];
    strcpy(saved, before);
    snprintf(changed, sizeof changed, "%s/bin:%s", folder, before);
    mkdir(in_folder("bin"), 0755);
    setenv("PATH", changed, 1);
    expect_fake("cat >/dev/null; echo 'Error: out of ideas' >&2; exit 1",
                "draw_graph: dot failed with exit status 1: Error: out of ideas");
    expect_fake("exit 0", "draw_graph: dot made no svg file");
    expect_fake("cat >/dev/null; echo '<?xml version=\"1.0\"?><svg>'; printf %100s",
                "draw_graph: dot made no svg file");
    expect_fake("kill -KILL $$", "draw_graph: dot was killed by signal 9");
    expect_fake("echo '<?xml'; kill -TERM $$", "draw_graph: dot was killed by signal 15");
    expect_fake("sleep 60; true", "draw_graph: dot was not done after 500 ms and has been stopped");
    setenv("PATH", in_folder("nothing"), 1);
    FAC_SCOPE;
    fac_tensor *y = cubic();
    expect_error(FAC_ERR_IO, fac_draw_graph(y, in_folder("new.svg")),
                 "draw_graph: the program dot is not installed, or not in PATH");
    assert_false(exists("new.svg"));
    assert_int_equal(fac_draw_graph(y, in_folder("new.dot")), FAC_OK); /* needs no dot */
    setenv("PATH", saved, 1);
    test_free(saved);
}

/* ---- without memory ---- */

static fac_status draw_everything(void *ctx)
{
    (void)ctx;
    FAC_SCOPE;
    fac_module *model = fac_Sequential(fac_Linear(1, 2), fac_ReLU());
    fac_tensor *x = fac_ones(3, 1), *y = fac_sum(fac_pow(fac_forward(model, x), 2), 0);
    const char *forward = fac_graph_dot(y, .module = model, .names = FAC_NAMED(x), .shapes = true);
    const char *backward = fac_graph_dot(y, .module = model, .backward = true);
    fac_status status = fac_error_status();
    if (!status && forward && backward)
        status = fac_draw_graph(y, in_folder("memory.dot"));
    fac_module_free(model);
    return status;
}

static void test_without_memory(void **state)
{
    (void)state;
    assert_true(support_alloc_fail_each(draw_everything, NULL) > 20);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const made[] = {"graph.GV", "graph.svg", "graph.png", "graph.pdf",   "old.svg",
                                       "new.dot",  "bin/dot",   "bin",       "hostile.svg", "memory.dot"};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        remove(in_folder(made[i]));
    return rmdir(folder);
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forward),
        cmocka_unit_test(test_backward),
        cmocka_unit_test(test_after_backward),
        cmocka_unit_test(test_operations),
        cmocka_unit_test(test_derivatives),
        cmocka_unit_test(test_used_twice),
        cmocka_unit_test(test_several_results),
        cmocka_unit_test(test_module),
        cmocka_unit_test(test_names_do_not_clash),
        cmocka_unit_test(test_constant),
        cmocka_unit_test(test_leaves),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_quoting),
        cmocka_unit_test(test_hostile_names_in_a_picture),
        cmocka_unit_test(test_long_name),
        cmocka_unit_test(test_deep),
        cmocka_unit_test(test_many_ways),
        cmocka_unit_test(test_wide),
        cmocka_unit_test(test_dot_file),
        cmocka_unit_test(test_pictures),
        cmocka_unit_test(test_broken_dot),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
