/* SPDX-License-Identifier: MIT */
/* Plots: their numbers against NumPy's and matplotlib's, the pictures themselves, names that mean harm, a gnuplot that
 * is missing, hangs or dies, a disk that is full. What needs gnuplot is skipped where there is none. */
#define _DEFAULT_SOURCE
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "draw/plot_script.h"
#include "draw/thin.h"
#include "facula/facula.h"
#include "support_alloc.h"
#include "support_files.h"

static bool have_gnuplot;
#define NEEDS_GNUPLOT      \
    do {                   \
        (void)state;       \
        if (!have_gnuplot) \
            skip();        \
    } while (0)

static void expect_pending(fac_status status, const char *message)
{
    assert_int_equal(fac_error_status(), status);
    assert_string_equal(fac_last_error(), message);
}

static void save(fac_figure *figure, const char *path)
{
    if (fac_savefig(figure, path))
        fail_msg("%s: %s", path, fac_last_error());
}

static int count_of(const char *text, const char *part)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        n++;
    return n;
}

/* ---- numbers ---- */

static void check_bins(int n, double (*value)(int), bool whole, int64_t bins, double first, double second, double last)
{
    double values[512];
    int64_t count = 0;
    for (int i = 0; i < n; i++)
        values[i] = value(i);
    double *edges = fac_bin_edges(values, n, whole, &count);
    assert_non_null(edges);
    assert_int_equal(count, bins);
    assert_true(fabs(edges[0] - first) < 1e-12 && fabs(edges[1] - second) < 1e-9 && edges[count] == last);
    fac_dealloc(edges, (size_t)(count + 1) * sizeof *edges);
}

static double sine(int i)
{
    return sin(i);
}
static double square(int i)
{
    return (double)((i * 37 % 101) * (i * 37 % 101));
}
static double two(int i)
{
    (void)i;
    return 2;
}
static double seldom(int i)
{
    return i % 7 == 0;
}
static double quarter(int i)
{
    return i % 4;
}

/* numpy 2: np.histogram_bin_edges(values, "auto") */
static void test_bins(void **state)
{
    (void)state;
    check_bins(300, sine, false, 10, -0.9999902065507035, -0.7999999998849063, 0.9999118601072672);
    check_bins(100, square, false, 8, 0, 1250, 10000);
    check_bins(1, two, false, 1, 1.5, 2.5, 2.5);
    check_bins(50, two, false, 1, 1.5, 2.5, 2.5);
    check_bins(40, seldom, false, 13, 0, 0.07692307692307693, 1);
    check_bins(100, quarter, true, 3, 0, 1, 3);
    check_bins(0, two, false, 1, 0, 1, 1);
}

static void labels_of(const fac_ticks *ticks, char *out)
{
    *out = '\0';
    for (int i = 0; i < ticks->count; i++)
        if (*ticks->tick[i].label)
            strcat(strcat(out, *out ? "," : ""), ticks->tick[i].label);
}

/* matplotlib 3.11's limits and tick labels of plt.plot([low, high]) */
static const struct {
    double low, high;
    bool log;
    double from, to;
    const char *labels;
    int exponent;
} axes[] = {
    {-5, 5, false, -5.5, 5.5, "-4,-2,0,2,4", 0},
    {-147, 104, false, -159.55, 116.55, "-150,-100,-50,0,50,100", 0},
    {0, 1, false, -0.05, 1.05, "0.0,0.2,0.4,0.6,0.8,1.0", 0},
    {0, 0.001, false, -5e-05, 0.00105, "0.0000,0.0002,0.0004,0.0006,0.0008,0.0010", 0},
    {1e6, 3e7, false, -450000, 31450000, "0.0,0.5,1.0,1.5,2.0,2.5,3.0", 7},
    {-3e-7, 2e-7, false, -3.25e-07, 2.25e-07, "-3,-2,-1,0,1,2", -7},
    {100, 101, false, 99.95, 101.05, "100.0,100.2,100.4,100.6,100.8,101.0", 0},
    {2500, 50000, false, 125, 52375, "10000,20000,30000,40000,50000", 0},
    {7, 7, false, 6.615, 7.385, "6.7,6.8,6.9,7.0,7.1,7.2,7.3", 0},
    {0, 0, false, -0.055, 0.055, "-0.04,-0.02,0.00,0.02,0.04", 0},
    {1, 1000, true, 0.7079457843841379, 1412.5375446227545, "10^0,10^1,10^2,10^3", 0},
    {410, 4000, true, 365.86431319104497, 4482.536123012461, "4 10^2,6 10^2,10^3,2 10^3,3 10^3,4 10^3", 0},
    {1e-20, 1e20, true, 1e-22, 1e22, "10^-20,10^-15,10^-10,10^-5,10^0,10^5,10^10,10^15,10^20", 0},
    {2, 3, true, 1.9598617306251156, 3.0614404609483583, "2 10^0,3 10^0", 0},
};

static void test_ticks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof axes / sizeof *axes; i++) {
        FAC_SCOPE;
        fac_ticks ticks;
        char labels[512];
        fac_figure *figure = fac_Figure();
        fac_tensor *ends = fac_from_data((double[]){axes[i].low, axes[i].high}, FAC_LIST(2), FAC_FLOAT64);
        fac_axes *ax = fac_lineplot(ends, ends);
        fac_axes_set(ax, .yscale = axes[i].log ? "log" : "linear");
        fac_span span = fac_view_span(ax, 1);
        assert_true(fabs(span.low - axes[i].from) <= 1e-9 * fabs(axes[i].from));
        assert_true(fabs(span.high - axes[i].to) <= 1e-9 * fabs(axes[i].to));
        fac_view_ticks(&ticks, &span, 266, 20);
        labels_of(&ticks, labels);
        assert_string_equal(labels, axes[i].labels);
        assert_int_equal(ticks.exponent, axes[i].exponent);
        fac_figure_free(figure);
    }
}

static void gather(void *ctx, const double *point)
{
    double *extreme = ctx;
    extreme[0] = fmin(extreme[0], point[1]);
    extreme[1] = fmax(extreme[1], point[1]);
    extreme[2] += point[0] == 500000 || point[0] == 0 || point[0] == 999999;
}

static void test_long_lines_keep_their_shape(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_figure *figure = fac_Figure();
    fac_tensor *x = fac_arange(0, 1000000, .dtype = FAC_FLOAT64), *y = fac_sin(x);
    ((double *)fac_data(y))[500000] = 7; /* one spike */
    fac_axes *ax = fac_lineplot(x, y);
    fac_span span = fac_view_span(ax, 0);
    double extreme[3] = {0};
    int64_t kept = fac_thin_line(ax->layers, &span, gather, extreme);
    assert_int_equal(kept, fac_thin_line(ax->layers, &span, NULL, NULL));
    assert_in_range(kept, 4000, 10000);
    assert_true(extreme[0] < -0.999999 && extreme[1] == 7 && extreme[2] == 3);
    fac_figure_free(figure);
}

static void test_lines_are_sorted(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_figure *figure = fac_Figure();
    fac_tensor *x = fac_vector(3, NAN, 1, 2, 1), *y = fac_vector(30, 0, 11, INFINITY, 10);
    fac_axes *ax = fac_lineplot(x, y);
    fac_lineplot(x, y, .sort = false);
    static const double sorted[] = {1, 10, 1, 11, 3, 30}, as_given[] = {3, 30, 1, 11, 1, 10};
    assert_int_equal(ax->layers->count, 3);
    assert_memory_equal(ax->layers->values, sorted, sizeof sorted);
    assert_memory_equal(ax->layers->next->values, as_given, sizeof as_given);
    fac_figure_free(figure);
}

static void test_histogram_counts(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_figure *figure = fac_Figure();
    fac_tensor *x = fac_vector(0, 0.5, 1, 1, 2.5, 4, NAN);
    fac_axes *ax = fac_histplot(x, .bins = 4);
    static const double rows[] = {0.5, 2, 1, 1.5, 2, 1, 2.5, 1, 1, 3.5, 1, 1}; /* centre, height, width */
    assert_int_equal(ax->layers->count, 4);
    assert_memory_equal(ax->layers->values, rows, sizeof rows);
    assert_string_equal(ax->text[FAC_YLABEL], "Count");
    fac_figure *second = fac_Figure();
    ax = fac_histplot(x, .bins = 2, .stat = "density");
    static const double dense[] = {1, 4 / 6.0 / 2, 2, 3, 2 / 6.0 / 2, 2};
    for (int i = 0; i < 6; i++)
        assert_true(fabs(ax->layers->values[i] - dense[i]) < 1e-15);
    fac_figure_free(second);
    fac_figure_free(figure);
}

/* ---- misuse ---- */

static void test_errors(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_zeros(3), *one = fac_zeros(1), *wide = fac_zeros(3, 2);
    assert_null(fac_lineplot(x, x));
    expect_pending(FAC_ERR_RUNTIME, "lineplot: there is no figure to draw on: make one with fac_Figure()");
    assert_null(fac_Figure(.palette = "loud"));
    expect_pending(FAC_ERR_VALUE, "Figure: expected palette \"tab10\" or \"deep\", got loud");
    assert_null(fac_Figure(.width = NAN));
    expect_pending(FAC_ERR_VALUE, "Figure: width and height must be over 0 and up to 100 inches");
    assert_null(fac_Figure(100, 100, 2400));
    expect_pending(FAC_ERR_VALUE, "Figure: expected 10 to 16384 pixels a side, got 240000 and 240000");
    fac_figure *figure = fac_Figure();
    assert_null(fac_lineplot(x, one));
    expect_pending(FAC_ERR_VALUE, "lineplot: expected x and y of one length, got 3 and 1");
    assert_null(fac_scatterplot(wide, wide));
    expect_pending(FAC_ERR_VALUE, "scatterplot: expected x of shape (N), got (3, 2)");
    assert_null(fac_scatterplot(NULL, x));
    expect_pending(FAC_ERR_VALUE, "scatterplot: x is NULL");
    assert_null(fac_scatterplot(x, x, .hue = x));
    expect_pending(FAC_ERR_TYPE, "scatterplot: expected hue of integers (categories 0, 1, ...), got float32");
    assert_null(fac_scatterplot(x, x, .hue = fac_zeros(2, .dtype = FAC_INT64)));
    expect_pending(FAC_ERR_VALUE, "scatterplot: expected hue of 3 elements, got (2,)");
    assert_null(fac_histplot(x, .hue = fac_full(FAC_LIST(3), -1, .dtype = FAC_INT64)));
    expect_pending(FAC_ERR_VALUE, "histplot: expected hue from 0 to 255, got -1");
    assert_null(
        fac_scatterplot(x, x, .hue = fac_full(FAC_LIST(3), 2, .dtype = FAC_INT64), .hue_names = FAC_NAMES("a", "b")));
    expect_pending(FAC_ERR_VALUE, "scatterplot: there are 2 hue_names for the hue 2");
    assert_null(fac_lineplot(x, x, .color = "#12345"));
    expect_pending(FAC_ERR_VALUE,
                   "lineplot: expected a color such as \"g\", \"C0\", \"tab:blue\" or \"#1f77b4\", got \"#12345\"");
    assert_null(fac_lineplot(x, x, .linestyle = "wavy"));
    expect_pending(FAC_ERR_VALUE, "lineplot: expected linestyle \"-\", \"--\", \":\" or \"-.\", got \"wavy\"");
    assert_null(fac_lineplot(x, x, .alpha = 1.5));
    expect_pending(FAC_ERR_VALUE, "lineplot: alpha must be between 0 and 1");
    assert_null(fac_histplot(x, .bins = -1));
    expect_pending(FAC_ERR_VALUE, "histplot: bins must be 1 to 1048576, or 0 for \"auto\", got -1");
    assert_null(fac_heatmap(x));
    expect_pending(FAC_ERR_VALUE, "heatmap: expected data of shape (rows, cols), got (3,)");
    assert_null(fac_axes_set(fac_figure_axes(figure, 0, 0), .xscale = "sqrt"));
    expect_pending(FAC_ERR_VALUE, "axes_set: expected xscale \"linear\" or \"log\", got \"sqrt\"");
    assert_null(fac_figure_axes(figure, 0, 1));
    expect_pending(FAC_ERR_INDEX, "figure_axes: (0, 1) is outside of 1 rows and 1 cols");
    assert_int_equal(fac_savefig(figure, "fit.gif"), FAC_ERR_VALUE);
    assert_string_equal(fac_last_error(), "savefig: expected a name ending in .png, .svg or .pdf, got 'fit.gif'");
    assert_null(fac_figure_text(figure, 10, 10));
    expect_pending(FAC_ERR_VALUE, "figure_text: expected 20 to 1000 columns and 8 to 1000 rows, got 10 and 10");
    fac_axes *ax = fac_figure_axes(figure, 0, 0);
    fac_figure_free(figure);
    assert_null(fac_lineplot(x, x, .ax = ax));
    expect_pending(FAC_ERR_RUNTIME, "lineplot: the axes are no figure's, or their figure has been freed");
    assert_null(fac_lineplot(x, x));
    expect_pending(FAC_ERR_RUNTIME, "lineplot: there is no figure to draw on: make one with fac_Figure()");
}

/* An error in a plot is told by savefig, which then draws nothing. */
static void test_errors_stay_pending(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_figure *figure = fac_Figure();
    fac_axes_set(fac_lineplot(fac_zeros(3), fac_zeros(4)), .title = "never");
    assert_int_equal(fac_savefig(figure, "never.png"), FAC_ERR_VALUE);
    assert_string_equal(fac_last_error(), "lineplot: expected x and y of one length, got 3 and 4");
    assert_int_equal(access("never.png", F_OK), -1);
    fac_figure_free(figure);
}

/* ---- pictures ---- */

static size_t file_size(const char *path)
{
    size_t size;
    free(support_get(path, &size));
    return size;
}

static void check_png(const char *path, unsigned width, unsigned height)
{
    size_t size;
    unsigned char *png = (unsigned char *)support_get(path, &size);
    assert_memory_equal(png, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
    assert_int_equal(png[16] << 24 | png[17] << 16 | png[18] << 8 | png[19], width);
    assert_int_equal(png[20] << 24 | png[21] << 16 | png[22] << 8 | png[23], height);
    free(png);
}

static void test_sizes(void **state)
{
    NEEDS_GNUPLOT;
    FAC_SCOPE;
    fac_figure *figure = fac_Figure();
    save(figure, "empty.png");
    check_png("empty.png", 640, 480);
    fac_tensor *x = fac_linspace(-5, 5, 200);
    fac_scatterplot(x, fac_sin(x));
    save(figure, "full.png");
    check_png("full.png", 640, 480);
    assert_true(file_size("full.png") > file_size("empty.png") + 2000); /* not blank */
    save(figure, "full.pdf");
    size_t size;
    char *text = support_get("full.pdf", &size);
    assert_memory_equal(text, "%PDF-", 5);
    assert_true(size > 4000);
    free(text);
    save(figure, "full.svg");
    text = support_get("full.svg", &size);
    assert_non_null(strstr(text, "width=\"640\" height=\"480\""));
    free(text);
    fac_figure_free(figure);
    figure = fac_Figure(.width = 12, .height = 3, .dpi = 50, .rows = 1, .cols = 3);
    for (int i = 0; i < 3; i++)
        fac_lineplot(x, x, .ax = fac_figure_axes(figure, 0, i));
    save(figure, "panels.png");
    check_png("panels.png", 600, 150);
    fac_figure_free(figure);
    support_folder_empty();
}

/* Tags that close in order, quoted attributes, known entities, no stray < or control character. */
static bool is_well_formed(const char *at)
{
    char open[64][32];
    int depth = 0;
    for (; *at; at++) {
        if ((unsigned char)*at < 0x20 && !strchr("\t\r\n", *at))
            return false;
        if (*at == '&' && strncmp(at, "&amp;", 5) && strncmp(at, "&lt;", 4) && strncmp(at, "&gt;", 4) &&
            strncmp(at, "&quot;", 6) && strncmp(at, "&#", 2))
            return false;
        if (*at != '<')
            continue;
        const char *name = at + 1 + (at[1] == '/'), *end;
        size_t length = strcspn(name, " \t\r\n/>");
        if (!strncmp(at, "<!--", 4)) {
            if (!(at = strstr(at, "-->")))
                return false;
            continue;
        }
        if (!strncmp(at, "<![CDATA[", 9)) {
            if (!(at = strstr(at, "]]>")))
                return false;
            continue;
        }
        for (end = name; *end && *end != '>'; end++)
            if (*end == '"' || *end == '\'') {
                if (!(end = strchr(end + 1, *end)))
                    return false;
            } else if (*end == '<' && at[1] != '!') {
                return false;
            }
        if (!*end || length >= sizeof open[0])
            return false;
        if (at[1] == '/') {
            if (!depth-- || strlen(open[depth]) != length || strncmp(open[depth], name, length))
                return false;
        } else if (at[1] != '?' && at[1] != '!' && end[-1] != '/') {
            if (depth == 64)
                return false;
            memcpy(open[depth], name, length);
            open[depth++][length] = '\0';
        }
        at = end;
    }
    return depth == 0;
}

static char *save_svg(fac_figure *figure)
{
    size_t size;
    save(figure, "picture.svg");
    char *text = support_get("picture.svg", &size);
    assert_int_equal(strlen(text), size);
    assert_true(is_well_formed(text));
    return text;
}

#define DISC "<use xlink:href='#gpPt6' transform"
#define RING "<use xlink:href='#gpPt5' transform"

static void test_marks_and_labels(void **state)
{
    NEEDS_GNUPLOT;
    FAC_SCOPE;
    fac_figure *figure = fac_Figure();
    fac_tensor *x = fac_linspace(0, 1, 100), *y = fac_sin(x), *hue = fac_gt(x, 0.5);
    ((float *)fac_data(y))[3] = NAN;
    ((float *)fac_data(y))[4] = INFINITY;
    ((float *)fac_data(y))[5] = -INFINITY;
    fac_axes *ax = fac_scatterplot(x, y, .hue = hue, .hue_names = FAC_NAMES("y_obs", "y_pred"), .hue_title = "variable",
                                   .alpha = 0.7);
    fac_lineplot(x, x, .color = "g", .label = "truth");
    fac_axes_set(ax, .title = "The fit", .xlabel = "x (input)", .ylabel = "y (output)");
    char *svg = save_svg(figure);
    assert_int_equal(count_of(svg, RING), 97);
    assert_int_equal(count_of(svg, DISC), 97 + 2); /* and two in the legend */
    static const char *const labels[] = {"The fit", "x (input)", "y (output)", "variable",
                                         "y_obs",   "y_pred",    "truth",      "0.2"};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (!strstr(svg, labels[i]))
            fail_msg("'%s' is not in the picture", labels[i]);
    assert_non_null(strstr(svg, "rgb( 31, 119, 180)"));
    assert_non_null(strstr(svg, "rgb(255, 127,  14)"));
    free(svg);
    fac_figure_free(figure);
    support_folder_empty();
}

static void test_no_one_many_points(void **state)
{
    NEEDS_GNUPLOT;
    static const int64_t counts[] = {0, 1, 2, 20001};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        FAC_SCOPE;
        fac_figure *figure = fac_Figure();
        fac_tensor *x = fac_rand(counts[i]);
        fac_scatterplot(x, x);
        fac_lineplot(x, x);
        char *svg = save_svg(figure);
        assert_int_equal(count_of(svg, DISC), counts[i]);
        free(svg);
        save(figure, "picture.png");
        fac_figure_free(figure);
        figure = fac_Figure(.rows = 1, .cols = 2);
        fac_histplot(x);
        fac_heatmap(fac_reshape(x, FAC_LIST(counts[i], 1)), .ax = fac_figure_axes(figure, 0, 1));
        save(figure, "picture.png");
        fac_figure_free(figure);
    }
    support_folder_empty();
}

static void test_numbers_that_are_none(void **state)
{
    NEEDS_GNUPLOT;
    FAC_SCOPE;
    fac_tensor *none = fac_full(FAC_LIST(5), NAN),
               *far = fac_from_data((double[]){-1e308, 1e308, 5e-324}, FAC_LIST(3), FAC_FLOAT64);
    for (int log = 0; log < 2; log++) {
        fac_figure *figure = fac_Figure(.rows = 2, .cols = 2);
        fac_axes *ax[] = {fac_scatterplot(none, none), fac_lineplot(far, far, .ax = fac_figure_axes(figure, 0, 1)),
                          fac_histplot(none, .ax = fac_figure_axes(figure, 1, 0)),
                          fac_lineplot(fac_vector(-1, -2), fac_vector(-1, 0), .ax = fac_figure_axes(figure, 1, 1))};
        for (int i = 0; i < 4; i++)
            fac_axes_set(ax[i], .xscale = log ? "log" : "linear", .yscale = log ? "log" : "linear");
        free(save_svg(figure));
        fac_figure_free(figure);
    }
    fac_figure *figure = fac_Figure();
    fac_heatmap(fac_full(FAC_LIST(2, 3), NAN));
    free(save_svg(figure));
    fac_figure_free(figure);
    support_folder_empty();
}

static void test_a_million_points(void **state)
{
    NEEDS_GNUPLOT;
    FAC_SCOPE;
    fac_figure *figure = fac_Figure();
    fac_tensor *x = fac_randn(1000000);
    fac_lineplot(fac_arange(1000000), x);
    save(figure, "line.png");
    fac_histplot(x, .ax = fac_figure_axes(figure, 0, 0));
    save(figure, "bars.png");
    fac_figure_free(figure);
    figure = fac_Figure();
    fac_scatterplot(x, x);
    const char *text = fac_figure_text(figure, 80, 24);
    assert_non_null(text);
    assert_true(count_of(text, "A") >= 15);
    fac_figure_free(figure);
    support_folder_empty();
}

static void test_text(void **state)
{
    NEEDS_GNUPLOT;
    FAC_SCOPE;
    fac_figure *figure = fac_Figure();
    fac_tensor *x = fac_linspace(-5, 5, 50);
    fac_axes *ax = fac_scatterplot(x, fac_pow(x, 2), .label = "`points`");
    fac_lineplot(x, fac_pow(x, 2), .color = "r");
    fac_axes_set(ax, .xlabel = "x", .ylabel = "a long label of y", .title = "Title");
    const char *text = fac_figure_text(figure, 60, 20);
    assert_non_null(text);
    size_t lines = 0;
    for (const char *line = text; *line; lines++) {
        size_t length = strcspn(line, "\n");
        assert_true(length <= 60);
        line += length + (line[length] == '\n');
    }
    assert_in_range(lines, 15, 20);
    assert_non_null(strstr(text, "a long label of y"));
    assert_non_null(strstr(text, "`points`"));
    assert_non_null(strstr(text, "Title"));
    assert_true(count_of(text, "A") > 5);
    assert_null(strchr(text, '\f'));
    fac_figure_free(figure);
}

static void test_deep_palette(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_figure *figure = fac_Figure(.palette = "deep");
    fac_axes *ax = fac_lineplot(fac_zeros(2), fac_zeros(2));
    fac_lineplot(fac_zeros(2), fac_zeros(2));
    assert_int_equal(ax->layers->look.color, 0x4c72b0);
    assert_int_equal(ax->layers->next->look.color, 0xdd8452);
    fac_figure_free(figure);
}

/* ---- names that mean harm ---- */

static const char *const hostile[] = {"it's",
                                      "a\"b",
                                      "`touch owned`",
                                      "$(touch owned)",
                                      "system(\"touch owned\")",
                                      "'; system('touch owned'); '",
                                      "\"; system(\"touch owned\"); \"",
                                      "x\nset output 'owned'\nplot x",
                                      "\\",
                                      "\\\"",
                                      "\\n",
                                      "%s%n%g",
                                      "@x",
                                      "{/Symbol a}_b^c",
                                      "<script>&amp;</script>",
                                      "]]>",
                                      "-->",
                                      "caf\xc3\xa9 \xe2\x88\x92",
                                      "\xff\xfe",
                                      "\x01\x1b[31m",
                                      "\xef\xbf\xbf",
                                      "e",
                                      "! touch owned",
                                      "\xf0\x9f\x98\x80",
                                      "",
                                      "#",
                                      "a\rb"};

/* Letters, digits and blanks, \ooo, and the quotes around: nothing that gnuplot could act on. */
static void test_quoting(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        fac_text script = {0};
        fac_plot_quote(&script, hostile[i]);
        assert_true(script.length >= 2 && script.data[0] == '"' && script.data[script.length - 1] == '"');
        for (size_t k = 1; k + 1 < script.length; k++) {
            char c = script.data[k];
            if (c == '\\') {
                for (int digit = 1; digit <= 3; digit++)
                    assert_in_range(script.data[k + (size_t)digit], '0', '7');
                k += 3;
            } else
                assert_true(c == ' ' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
        }
        fac_text_free(&script);
    }
}

/* What the picture shows: the text between its tags. */
static void text_of(const char *svg, char *out)
{
    static const char *const entities[][2] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}};
    bool inside = false;
    for (; *svg; svg++) {
        if (*svg == '<' || (inside && *svg == '>')) {
            inside = *svg == '<';
            continue;
        }
        if (inside)
            continue;
        size_t skipped = 0;
        for (int i = 0; i < 4; i++)
            if (!strncmp(svg, entities[i][0], strlen(entities[i][0]))) {
                *out++ = *entities[i][1];
                skipped = strlen(entities[i][0]);
            }
        if (skipped)
            svg += skipped - 1;
        else if (*svg != '\n')
            *out++ = *svg;
    }
    *out = '\0';
}

static bool shown_as_it_is(const char *name)
{
    for (; *name; name++)
        if ((unsigned char)*name < 0x20 || (unsigned char)*name >= 0xef)
            return false;
    return true;
}

static void test_hostile_names(void **state)
{
    NEEDS_GNUPLOT;
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        FAC_SCOPE;
        const char *name = hostile[i];
        fac_figure *figure = fac_Figure();
        fac_tensor *x = fac_linspace(0, 1, 3);
        fac_axes *ax = fac_scatterplot(x, x, .hue = fac_zeros(3, .dtype = FAC_UINT8), .hue_names = FAC_NAMES(name),
                                       .hue_title = name);
        fac_lineplot(x, x, .label = name);
        fac_axes_set(ax, .title = name, .xlabel = name, .ylabel = name);
        char *svg = save_svg(figure), *shown = malloc(strlen(svg) + 1);
        text_of(svg, shown);
        if (shown_as_it_is(name) && *name && count_of(shown, name) < 6)
            fail_msg("'%s' is shown %d times, not 6", name, count_of(shown, name));
        free(shown);
        free(svg);
        save(figure, "picture.png");
        assert_non_null(fac_figure_text(figure, 80, 24));
        fac_figure_free(figure);
        assert_int_equal(support_folder_empty(), 2); /* the two pictures and nothing else */
    }
}

/* ---- a gnuplot that does not do its work ---- */

static void with_gnuplot(const char *script, const char *expected)
{
    FAC_SCOPE;
    char bin[sizeof support_folder + 8], path[sizeof bin + 4096];
    snprintf(bin, sizeof bin, "%s/bin", support_folder);
    const char *before = getenv("PATH");
    snprintf(path, sizeof path, script ? "%s:%s" : "%s", bin, before);
    char *saved = strdup(before);
    assert_int_equal(mkdir(bin, 0755), 0);
    if (script) {
        support_put("bin/gnuplot", script, strlen(script));
        assert_int_equal(chmod("bin/gnuplot", 0755), 0);
    }
    assert_int_equal(setenv("PATH", path, 1), 0);
    support_put("old.png", "old", 3);
    fac_figure *figure = fac_Figure();
    fac_tensor *x = fac_rand(100000);
    fac_scatterplot(x, x);
    assert_int_equal(fac_savefig(figure, "old.png", .timeout = strstr(expected, "500 ms") ? 0.5 : 60), FAC_ERR_IO);
    assert_string_equal(fac_last_error(), expected);
    assert_null(script ? NULL : fac_figure_text(figure, 80, 24));
    if (!script)
        expect_pending(FAC_ERR_IO, "figure_text: the program gnuplot is not installed, or not in PATH");
    fac_figure_free(figure);
    assert_int_equal(setenv("PATH", saved, 1), 0);
    free(saved);
    assert_int_equal(file_size("old.png"), 3);
    if (script)
        assert_int_equal(unlink("bin/gnuplot"), 0);
    assert_int_equal(support_folder_empty(), 2);
}

static void test_bad_gnuplot(void **state)
{
    (void)state;
    const char *preload = getenv("LD_PRELOAD");
    if (!preload || !strstr(preload, "vgpreload")) /* under valgrind a program that is missing seems to start */
        with_gnuplot(NULL, "savefig: the program gnuplot is not installed, or not in PATH");
    with_gnuplot("#!/bin/sh\nexec sleep 60\n", "savefig: gnuplot was not done after 500 ms and has been stopped");
    with_gnuplot("#!/bin/sh\nexit 3\n", "savefig: gnuplot failed with exit status 3");
    with_gnuplot("#!/bin/sh\necho >&2; echo '  unknown or ambiguous terminal type' >&2; exit 1\n",
                 "savefig: gnuplot failed with exit status 1: unknown or ambiguous terminal type");
    with_gnuplot("#!/bin/sh\nhead -c 1000 >/dev/null\nprintf '\\211PNG\\r\\n'\nkill -KILL $$\n",
                 "savefig: gnuplot was killed by signal 9");
    with_gnuplot("#!/bin/sh\ncat >/dev/null\n", "savefig: gnuplot drew nothing");
    with_gnuplot("#!/bin/sh\ncat >/dev/null\nprintf '\\211PNG\\r\\nand half of the picture'\n",
                 "savefig: what gnuplot drew is not a whole picture");
}

/* ---- a disk that is full ---- */

static void test_full_disk(void **state)
{
    NEEDS_GNUPLOT;
    FAC_SCOPE;
    fac_figure *figure = fac_Figure(.width = 2, .height = 2);
    support_put("old.png", "old", 3);
    for (int n = 1, failed = 1; failed; n++) {
        support_files_fail_at(n, true, ENOSPC, "write");
        failed = fac_savefig(figure, "old.png") != FAC_OK;
        support_files_fail_at(0, false, 0, NULL);
        if (failed) {
            assert_non_null(strstr(fac_last_error(), "old.png"));
            assert_non_null(strstr(fac_last_error(), "No space left on device"));
            assert_int_equal(file_size("old.png"), 3);
        }
        assert_true(n < 100);
    }
    assert_true(file_size("old.png") > 1000);
    assert_int_equal(support_folder_empty(), 1);
    fac_figure_free(figure);
}

/* ---- memory ---- */

static fac_status draw_everything(void *ctx)
{
    (void)ctx;
    FAC_SCOPE;
    fac_text script = {0};
    fac_figure *figure = fac_Figure(.rows = 2, .cols = 2);
    fac_tensor *x = fac_vector(3, 1, 2);
    fac_axes *ax = fac_lineplot(x, x, .label = "line");
    fac_axes_set(ax, .title = "title", .xlabel = "x", .ylabel = "y", .legend_title = "legend");
    if (figure)
        fac_scatterplot(x, x, .hue = fac_zeros(3, .dtype = FAC_INT64), .ax = fac_figure_axes(figure, 0, 1));
    if (figure)
        fac_histplot(x, .ax = fac_figure_axes(figure, 1, 0));
    if (figure)
        fac_heatmap(fac_reshape(x, FAC_LIST(3, 1)), .ax = fac_figure_axes(figure, 1, 1));
    fac_status status = fac_error_status();
    if (!status)
        status = fac_returned(fac_plot_script(&script, figure, FAC_PICTURE_SVG, 0, 0));
    fac_text_free(&script);
    fac_figure_free(figure);
    return status;
}

static void test_without_memory(void **state)
{
    (void)state;
    fac_scope_reset();
    assert_true(support_alloc_fail_each(draw_everything, NULL) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bins),
        cmocka_unit_test(test_ticks),
        cmocka_unit_test(test_long_lines_keep_their_shape),
        cmocka_unit_test(test_lines_are_sorted),
        cmocka_unit_test(test_histogram_counts),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_errors_stay_pending),
        cmocka_unit_test(test_deep_palette),
        cmocka_unit_test(test_quoting),
        cmocka_unit_test(test_without_memory),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_marks_and_labels),
        cmocka_unit_test(test_no_one_many_points),
        cmocka_unit_test(test_numbers_that_are_none),
        cmocka_unit_test(test_a_million_points),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_bad_gnuplot),
        cmocka_unit_test(test_full_disk),
    };
    support_alloc_install();
    support_files_install();
    support_folder_make();
    have_gnuplot = !system("command -v gnuplot >/dev/null 2>&1");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_folder_remove();
    fac_scope_reset();
    return failed;
}
