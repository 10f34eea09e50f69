/* SPDX-License-Identifier: MIT */
#include "draw/plot_script.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "draw/thin.h"

/* Sizes are in points, 1/72 inch, as matplotlib's. */
static const double font_size = 10, frame_width = 0.8, ring_width = 0.48, bar_edge = 1.0;
enum { RINGS_MAX = 20000 }; /* points beyond which nobody could see their white rings */

typedef struct {
    fac_text *script;
    fac_picture kind;
    double width, height; /* of the whole, in points */
    double line, marker;  /* gnuplot's linewidth of 1 point, its pointsize of a disc 1 point across */
} writer;

typedef struct {
    const fac_axes *ax;
    const fac_layer *cells;             /* or NULL */
    double left, bottom, width, height; /* shares of the whole */
    fac_span span[2];
} panel;

/* ---- words ---- */

static void add(writer *w, const char *words)
{
    fac_text_append(w->script, words, strlen(words));
}

static void add_number(writer *w, double value)
{
    char number[FAC_NUMBER_MAX];
    fac_text_append(w->script, number, fac_repr_double(number, value));
}

/* words, with each @ replaced by the next number. */
static void add_with(writer *w, const char *words, const double *numbers)
{
    for (const char *at; (at = strchr(words, '@')); words = at + 1) {
        fac_text_append(w->script, words, (size_t)(at - words));
        add_number(w, *numbers++);
    }
    add(w, words);
}
#define ADD(w, words, ...) add_with(w, words, (const double[]){__VA_ARGS__})

static void add_color(writer *w, uint32_t color, uint32_t alpha)
{
    static const char digits[] = "0123456789abcdef";
    char text[] = "lc rgb '#aarrggbb'";
    uint32_t value = (255 - alpha) << 24 | color;
    for (int i = 0; i < 8; i++)
        text[9 + i] = digits[value >> (28 - 4 * i) & 15];
    add(w, text);
}

static bool is_control(const char *text, size_t size)
{
    unsigned char first = (unsigned char)text[0], second = (unsigned char)(size > 1 ? text[1] : 0);
    bool not_xml = size == 3 && first == 0xef && second == 0xbf && (unsigned char)text[2] >= 0xbe; /* U+FFFE, U+FFFF */
    return not_xml || (size == 1 ? first < 0x20 || first == 0x7f : size == 2 && first == 0xc2 && second < 0xa0);
}

/* Letters, digits and blanks stand for themselves, every other byte goes as \ooo: nothing is left that could end the
 * string, or that gnuplot would run. */
static void quote_byte(fac_text *script, char byte)
{
    unsigned char c = (unsigned char)byte;
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ';
    char octal[] = {'\\', (char)('0' + (c >> 6)), (char)('0' + (c >> 3 & 7)), (char)('0' + (c & 7))};
    fac_text_append(script, plain ? &byte : octal, plain ? 1 : 4);
}

static void quote(fac_text *script, const char *text, bool one_line)
{
    size_t length = strlen(text);
    fac_text_append(script, "\"", 1);
    for (size_t n; length; text += n, length -= n) {
        n = fac_utf8_next(text, length);
        const char *shown = NULL; /* instead of the character */
        if (*text == '\n')
            shown = one_line ? " " : "\n";
        else if (!n || is_control(text, n))
            shown = "\xef\xbf\xbd"; /* the replacement character */
        n = n ? n : 1;
        size_t size = shown ? strlen(shown) : n;
        for (size_t i = 0; i < size; i++)
            quote_byte(script, (shown ? shown : text)[i]);
    }
    fac_text_append(script, "\"", 1);
}

void fac_plot_quote(fac_text *script, const char *text)
{
    quote(script, text, false);
}

static void add_text(writer *w, const char *command, const char *text, const char *options)
{
    add(w, command);
    if (text) {
        fac_plot_quote(w->script, text);
        add(w, options);
    }
    add(w, "\n");
}

/* ---- the terminal ---- */

/* What a size in points is in each terminal's units was measured (gnuplot 5.4): pngcairo and svg count pixels, pdfcairo
 * half points; a circle of pointsize 1 has a radius of 3 pixels, 3.75 pixels and 3 points; a font of 10 is 13.33
 * pixels, 10 pixels and 13.33 points high. */
static void begin_picture(writer *w, const fac_figure *figure)
{
    double inch = w->kind == FAC_PICTURE_PNG ? figure->dpi : 100, pixel = inch / 72;
    if (w->kind == FAC_PICTURE_PDF) {
        ADD(w, "set terminal pdfcairo enhanced size @in,@in font 'DejaVu Sans,10' fontscale 0.75\n", figure->width,
            figure->height);
        w->line = 2;
        w->marker = 1.0 / 6;
        return;
    }
    bool svg = w->kind == FAC_PICTURE_SVG;
    add(w, svg ? "set terminal svg dashlength 0.5" : "set terminal pngcairo");
    ADD(w, " enhanced size @,@ font 'DejaVu Sans,10' fontscale @ background rgb 'white'\n", round(figure->width * inch),
        round(figure->height * inch), svg ? pixel : 0.75 * pixel);
    w->line = pixel;
    w->marker = svg ? pixel / 7.5 : pixel / 6;
}

static void begin(writer *w, const fac_figure *figure, int64_t columns, int64_t rows)
{
    add(w, "set encoding utf8\n");
    if (w->kind == FAC_PICTURE_TEXT)
        ADD(w, "set terminal dumb noenhanced size @,@\n", (double)columns, (double)rows);
    else
        begin_picture(w, figure);
    if (figure->rows * figure->cols > 1)
        add(w, "set multiplot\n");
}

/* ---- the frame ---- */

static void put_place(writer *w, const panel *p)
{
    if (w->kind == FAC_PICTURE_TEXT) {
        ADD(w, "set origin @,@\nset size @,@\n", p->left, p->bottom, p->width, p->height);
        return;
    }
    ADD(w, "set lmargin at screen @\nset rmargin at screen @\nset bmargin at screen @\nset tmargin at screen @\n",
        p->left, p->left + p->width, p->bottom, p->bottom + p->height);
}

static void put_tick(writer *w, const fac_tick *tick, bool powers)
{
    char text[3 * FAC_NUMBER_MAX] = "";
    size_t n = 0;
    bool plain = w->kind == FAC_PICTURE_TEXT;
    for (const char *c = tick->label; *c; c++) {
        const char *as = (char[]){*c, '\0'};
        if (!plain && *c == '-')
            as = "\xe2\x88\x92"; /* the minus sign */
        else if (!plain && powers && *c == ' ')
            as = "\xc3\x97"; /* the multiplication sign */
        else if (!plain && *c == '^')
            as = "^{";
        memcpy(text + n, as, strlen(as));
        n += strlen(as);
    }
    if (!plain && powers && n)
        text[n++] = '}';
    fac_text_append(w->script, "'", 1);
    fac_text_append(w->script, text, n);
    add(w, "' ");
    add_number(w, tick->at);
    add(w, n ? "" : " 1");
}

static void put_ticks(writer *w, const panel *p, int axis, const char *name)
{
    fac_ticks ticks;
    double length = axis ? p->height * w->height : p->width * w->width, glyph = font_size * (axis ? 2 : 3);
    if (p->cells)
        fac_view_cell_ticks(&ticks, axis ? p->cells->count : p->cells->width, length, font_size * 1.6);
    else
        fac_view_ticks(&ticks, &p->span[axis], length, glyph);
    add(w, name);
    static const char *const places[] = {" offset 0,0.35 (", " offset 0.4,0 ("}; /* as near as matplotlib's labels */
    if (w->kind == FAC_PICTURE_TEXT)
        add(w, " nomirror (");
    else {
        add(w, " out nomirror scale 0.65,0.37");
        add(w, axis && p->cells ? " (" : places[axis]);
    }
    for (int i = 0; i < ticks.count; i++) {
        add(w, i ? ", " : "");
        put_tick(w, &ticks.tick[i], ticks.powers);
    }
    add(w, p->cells && axis && w->kind != FAC_PICTURE_TEXT ? ") rotate by 90 center\n" : ") norotate\n");
    if (ticks.exponent) { /* matplotlib's offset text, at the axis's end */
        char exponent[FAC_NUMBER_MAX];
        fac_format_fixed(exponent, sizeof exponent, ticks.exponent, 0);
        add(w, "set label '1e");
        add(w, exponent);
        add(w, axis ? "' at graph 0, graph 1 left offset 0,0.5\n" : "' at graph 1, graph 0 right offset 0,-2\n");
    }
}

static void put_span(writer *w, const panel *p, int axis)
{
    const fac_span *span = &p->span[axis];
    ADD(w, axis ? "set yrange [@:@]\n" : "set xrange [@:@]\n", span->low, span->high);
    add(w, span->log ? "set logscale " : "unset logscale ");
    add(w, axis ? "y\n" : "x\n");
}

static void put_frame(writer *w, const panel *p)
{
    add(w, w->kind == FAC_PICTURE_TEXT ? "unset label\nset tmargin 3\n" : "unset label\n");
    put_place(w, p);
    put_span(w, p, 0);
    put_span(w, p, 1);
    put_ticks(w, p, 0, "set xtics");
    put_ticks(w, p, 1, "set ytics");
    bool text = w->kind == FAC_PICTURE_TEXT;
    add_text(w, "set title ", p->ax->text[FAC_TITLE] ? p->ax->text[FAC_TITLE] : "",
             text ? "" : " font ',12' offset 0,-0.7 noenhanced");
    add_text(w, "set xlabel ", p->ax->text[FAC_XLABEL] ? p->ax->text[FAC_XLABEL] : "",
             text ? "" : " offset 0,0.6 noenhanced");
    if (!text)
        add_text(w, "set ylabel ", p->ax->text[FAC_YLABEL] ? p->ax->text[FAC_YLABEL] : "", " offset 0.4,0 noenhanced");
    else if (p->ax->text[FAC_YLABEL]) /* upright it would want a margin as wide as it is */
        add_text(w, "set label ", p->ax->text[FAC_YLABEL], " at graph 0, graph 1 left offset 0,1");
    ADD(w, "set border @ lw @ lc rgb 'black'\n", p->cells && !text ? 0 : 31, text ? 1 : frame_width * w->line);
}

/* ---- heat maps ---- */

static void put_palette(writer *w, const panel *p)
{
    const fac_layer *cells = p->cells;
    double low = cells->vmin, high = cells->vmax > low ? cells->vmax : low + 1;
    fac_ticks ticks;
    fac_span span = {low, high, false};
    add(w, "set palette defined (");
    add(w, cells->cmap);
    ADD(w, ")\nset cbrange [@:@]\n", low, high);
    if (!cells->cbar) {
        add(w, "unset colorbox\n");
        return;
    }
    ADD(w, "set colorbox user origin screen @,@ size screen @,@ noborder\n", p->left + p->width * 1.0625, p->bottom,
        p->height * w->height / w->width * 0.05, p->height);
    fac_view_ticks(&ticks, &span, p->height * w->height, font_size * 2);
    add(w, "set cbtics out nomirror scale 0.65 (");
    for (int i = 0; i < ticks.count; i++) {
        add(w, i ? ", " : "");
        put_tick(w, &ticks.tick[i], ticks.powers);
    }
    add(w, ")\n");
}

/* ---- the legend ---- */

static size_t count_letters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static void legend_size(const fac_axes *ax, double *width, double *height)
{
    size_t letters = ax->text[FAC_LEGEND_TITLE] ? count_letters(ax->text[FAC_LEGEND_TITLE]) : 0, lines = letters > 0;
    for (const fac_entry *entry = ax->entries; entry; entry = entry->next, lines++) {
        size_t n = count_letters(entry->label);
        letters = n > letters ? n : letters;
    }
    *width = 40 + 0.62 * font_size * (double)letters;
    *height = 10 + 1.55 * font_size * (double)lines;
}

static void put_legend(writer *w, const panel *p)
{
    static const char *const anchors[FAC_LOCS] = {"",
                                                  "right top",
                                                  "left top",
                                                  "left bottom",
                                                  "right bottom",
                                                  "right center",
                                                  "left center",
                                                  "right center",
                                                  "center bottom",
                                                  "center top",
                                                  "center center"};
    bool text = w->kind == FAC_PICTURE_TEXT; /* there a row is 12 points high */
    double width, height, x = (text ? 10 : 5) / (p->width * w->width), y = (text ? 24 : 5) / (p->height * w->height);
    if (!p->ax->entries || p->ax->loc < 0) {
        add(w, "unset key\n");
        return;
    }
    legend_size(p->ax, &width, &height);
    int loc = fac_view_legend(p->ax, p->span, width / (p->width * w->width), height / (p->height * w->height));
    const char *anchor = anchors[loc];
    x = strstr(anchor, "left") ? x : strstr(anchor, "right") ? 1 - x : 0.5;
    y = strstr(anchor, "bottom") ? y : strstr(anchor, "top") ? 1 - y : 0.5;
    ADD(w, "set key at graph @, graph @ ", x, y);
    add(w, anchor);
    if (w->kind == FAC_PICTURE_TEXT)
        add(w, " nobox Left reverse samplen 2\n");
    else
        ADD(w,
            " vertical Left reverse samplen 2 spacing 1.32 width @ height 0.35 opaque fillcolor rgb '#33ffffff' box "
            "lw @ lc rgb '#cccccc'\n",
            w->kind == FAC_PICTURE_SVG ? 2.5 : -0.4, /* there gnuplot takes letters for narrower than they are */
            frame_width * w->line);
}

/* ---- layers ---- */

static const char *dash_of(fac_dash dash)
{
    static const char *const dashes[] = {"", " dt (14.8,6.4)", " dt (4,6.6)", " dt (25.6,6.4,4,6.4)"};
    return dashes[dash];
}

/* In texts letters and signs tell the palette's colours apart: gnuplot's types of points and lines from 1. */
static int type_of(const panel *p, uint32_t color)
{
    for (int i = 0; i < FAC_PALETTE; i++)
        if (p->ax->figure->palette[i] == color)
            return i + 1;
    return 1;
}

static void style_line(writer *w, const panel *p, const fac_look *look)
{
    if (w->kind == FAC_PICTURE_TEXT) {
        ADD(w, " with lines lt @", type_of(p, look->color));
        return;
    }
    ADD(w, " with lines lw @ ", look->size * w->line);
    add_color(w, look->color, look->alpha);
    add(w, dash_of(look->dash));
}

/* bin: the bar's width in points. */
static void style_bars(writer *w, const panel *p, const fac_look *look, double bin)
{
    if (w->kind == FAC_PICTURE_TEXT) {
        ADD(w, " with boxes lt @", type_of(p, look->color));
        return;
    }
    ADD(w, " with boxes fs solid 1 border lc rgb 'black' lw @ ", fmin(bar_edge, 0.1 * bin) * w->line);
    add_color(w, look->color, look->alpha);
}

static void style_points(writer *w, const panel *p, const fac_look *look)
{
    if (w->kind == FAC_PICTURE_TEXT) {
        ADD(w, " with points pt @", type_of(p, look->color));
        return;
    }
    ADD(w, " with points pt 7 lw 0.1 ps @ ", fmax(look->size - ring_width, 0) * w->marker);
    add_color(w, look->color, look->alpha);
}

static bool has_rings(const writer *w, const fac_layer *layer)
{
    return w->kind != FAC_PICTURE_TEXT && layer->count <= RINGS_MAX;
}

static void plot_points(writer *w, const fac_layer *layer)
{
    if (w->kind == FAC_PICTURE_TEXT)
        ADD(w, "'-' binary record=(@) format='%double%double%double' using 1:2:3 with points pt variable",
            (double)layer->count);
    else if (has_rings(w, layer)) /* a disc and its ring, point for point, so that later ones lie on earlier ones */
        ADD(w,
            "'-' binary record=(@) format='%double%double%double%double%double' using 1:2:3:4:5 with points pt "
            "variable "
            "ps variable lw @ lc rgb variable",
            2 * (double)layer->count, ring_width * w->line);
    else
        ADD(w,
            "'-' binary record=(@) format='%double%double%double' using 1:2:3 with points pt 7 ps @ lw 0.1 lc rgb "
            "variable",
            (double)layer->count, layer->look.size * w->marker);
}

static void plot_cells(writer *w, const fac_layer *layer)
{
    ADD(w, "'-' binary array=(@,@) dx=1 dy=1 origin=(0.5,0.5) format='%double' using 1 with image",
        (double)layer->width, (double)layer->count);
    add(w, w->kind == FAC_PICTURE_SVG ? " pixels" : "");
}

static void plot_layer(writer *w, const panel *p, const fac_layer *layer)
{
    const fac_look *look = &layer->look;
    if (look->mark == FAC_MARK_POINTS)
        plot_points(w, layer);
    else if (look->mark == FAC_MARK_CELLS)
        plot_cells(w, layer);
    else if (look->mark == FAC_MARK_LINE) {
        ADD(w, "'-' binary record=(@) format='%double%double' using 1:2",
            (double)fac_thin_line(layer, &p->span[0], NULL, NULL));
        style_line(w, p, look);
    } else {
        double bin = layer->values[2] / fabs(p->span[0].high - p->span[0].low) * p->width * w->width;
        ADD(w, "'-' binary record=(@) format='%double%double%double' using 1:2:3", (double)layer->count);
        style_bars(w, p, look, p->span[0].log ? bar_edge * 10 : bin);
    }
    add(w, " notitle, ");
}

/* ---- numbers ---- */

static void put_numbers(writer *w, const double *numbers, size_t count)
{
    fac_text_append(w->script, (const char *)numbers, count * sizeof *numbers);
}

static double color_number(uint32_t color, uint32_t alpha)
{
    return (double)((255 - alpha) << 24 | color);
}

static double disc_size(const writer *w, const fac_layer *layer)
{
    return fmax(layer->look.size - ring_width, 0) * w->marker;
}

static void put_point(writer *w, const panel *p, const fac_layer *layer, const double *row)
{
    uint32_t color = (uint32_t)row[2], alpha = layer->look.alpha;
    if (w->kind == FAC_PICTURE_TEXT)
        put_numbers(w, (const double[]){row[0], row[1], type_of(p, color)}, 3);
    else if (has_rings(w, layer)) /* gnuplot strokes the disc, too: it is to end where the ring is thickest */
        put_numbers(w,
                    (const double[]){row[0], row[1], disc_size(w, layer), 7, color_number(color, alpha), row[0], row[1],
                                     (layer->look.size + ring_width) * w->marker, 6, color_number(0xffffff, alpha)},
                    10);
    else
        put_numbers(w, (const double[]){row[0], row[1], color_number(color, alpha)}, 3);
}

static void put_line_point(void *ctx, const double *point)
{
    put_numbers(ctx, point, 2);
}

static void put_layer(writer *w, const panel *p, const fac_layer *layer)
{
    if (layer->look.mark == FAC_MARK_LINE) {
        fac_thin_line(layer, &p->span[0], put_line_point, w);
        return;
    }
    if (layer->look.mark != FAC_MARK_POINTS) {
        put_numbers(w, layer->values, (size_t)(layer->count * layer->width));
        return;
    }
    for (int64_t i = 0; i < layer->count; i++)
        put_point(w, p, layer, layer->values + i * layer->width);
}

/* ---- the plot ---- */

static void plot_entry(writer *w, const panel *p, const fac_entry *entry)
{
    add(w, "keyentry");
    if (entry->look.mark == FAC_MARK_LINE)
        style_line(w, p, &entry->look);
    else if (entry->look.mark == FAC_MARK_BARS)
        style_bars(w, p, &entry->look, bar_edge * 10);
    else
        style_points(w, p, &entry->look);
    add(w, " title ");
    quote(w->script, entry->label, true);
    add(w, " noenhanced, ");
}

/* matplotlib draws lines over everything else; in a text they would hide it. */
static bool is_drawn_in(const writer *w, const fac_layer *layer, int round)
{
    bool line = layer->look.mark == FAC_MARK_LINE;
    return layer->count > 0 && layer->width > 0 &&
           round == (line ? w->kind != FAC_PICTURE_TEXT : w->kind == FAC_PICTURE_TEXT);
}

static void put_plot(writer *w, const panel *p)
{
    const fac_axes *ax = p->ax;
    add(w, "plot ");
    for (int round = 0; round < 2; round++)
        for (const fac_layer *layer = ax->layers; layer; layer = layer->next)
            if (is_drawn_in(w, layer, round))
                plot_layer(w, p, layer);
    if (ax->entries && ax->text[FAC_LEGEND_TITLE] && *ax->text[FAC_LEGEND_TITLE]) {
        add(w, w->kind == FAC_PICTURE_TEXT ? "keyentry with points pt ' '" : "keyentry with lines lc rgb '#ff000000'");
        add(w, " title ");
        quote(w->script, ax->text[FAC_LEGEND_TITLE], true);
        add(w, " noenhanced, ");
    }
    for (const fac_entry *entry = ax->entries; entry; entry = entry->next)
        plot_entry(w, p, entry);
    add(w, "NaN notitle\n");
    for (int round = 0; round < 2; round++)
        for (const fac_layer *layer = ax->layers; layer; layer = layer->next)
            if (is_drawn_in(w, layer, round))
                put_layer(w, p, layer);
}

/* The gap between panels, as a share of one: matplotlib's 0.2, or what their labels want (in points). */
static double gap_of(double room, int panels, double labels)
{
    double least = panels > 1 ? (room - labels * (panels - 1)) / panels : 0;
    return least > labels / 2 ? fmax(0.2, labels / least) : 0.2;
}

/* matplotlib's subplots: margins of 12.5, 10, 11 and 12 %. */
static panel panel_at(const writer *w, const fac_figure *figure, int row, int col)
{
    double column_gap = gap_of(0.775 * w->width, figure->cols, 62);
    double row_gap = gap_of(0.77 * w->height, figure->rows, 60);
    panel p = {.ax = &figure->axes[row * figure->cols + col]};
    if (p.ax->layers && p.ax->layers->look.mark == FAC_MARK_CELLS)
        p.cells = p.ax->layers;
    if (w->kind == FAC_PICTURE_TEXT) {
        p.width = 1.0 / figure->cols;
        p.height = 1.0 / figure->rows;
        p.left = col * p.width;
        p.bottom = 1 - (row + 1) * p.height;
    } else {
        p.width = 0.775 / (figure->cols + column_gap * (figure->cols - 1));
        p.height = 0.77 / (figure->rows + row_gap * (figure->rows - 1));
        p.left = 0.125 + col * p.width * (1 + column_gap);
        p.bottom = 0.88 - p.height - row * p.height * (1 + row_gap);
        if (p.cells && p.cells->cbar)
            p.width *= 0.8;
    }
    p.span[0] = fac_view_span(p.ax, 0);
    p.span[1] = fac_view_span(p.ax, 1);
    return p;
}

static fac_status put_panel(writer *w, const panel *p)
{
    if (p->cells && w->kind == FAC_PICTURE_TEXT)
        return fac_fail(FAC_ERR_UNSUPPORTED, "figure_text: a heat map cannot be drawn as text");
    put_frame(w, p);
    if (p->cells)
        put_palette(w, p);
    put_legend(w, p);
    put_plot(w, p);
    return w->script->failed ? fac_pending() : FAC_OK;
}

fac_status fac_plot_script(fac_text *script, const fac_figure *figure, fac_picture kind, int64_t columns, int64_t rows)
{
    writer w = {.script = script, .kind = kind, .width = 72 * figure->width, .height = 72 * figure->height};
    if (kind == FAC_PICTURE_TEXT) { /* a character is about as wide and half as high as the font is */
        w.width = 6.0 * (double)columns;
        w.height = 12.0 * (double)rows;
    }
    begin(&w, figure, columns, rows);
    for (int i = 0; i < figure->rows * figure->cols; i++) {
        panel p = panel_at(&w, figure, i / figure->cols, i % figure->cols);
        FAC_TRY(put_panel(&w, &p));
    }
    if (figure->rows * figure->cols > 1)
        add(&w, "unset multiplot\n");
    return script->failed ? fac_pending() : FAC_OK;
}
