/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "draw/child_process.h"
#include "draw/plot_script.h"
#include "base/scope_text.h"

/* -d: without the user's or the system's start-up files. */
static fac_status draw(const fac_text *script, double timeout, const char *who, fac_text *picture)
{
    static const char *const argv[] = {"gnuplot", "-d", NULL};
    int ms = (int)fmin(fmax(timeout, 0) * 1000, 1e9);
    FAC_TRY(fac_child_run(argv, script->data, script->length, picture, who, ms));
    return picture->length ? FAC_OK : fac_fail(FAC_ERR_IO, "%s: gnuplot drew nothing", who);
}

static fac_status kind_of(const char *path, fac_picture *kind)
{
    static const char *const suffixes[] = {".png", ".svg", ".pdf"};
    size_t length = strlen(path);
    for (int i = 0; i < 3; i++)
        if (length > 4 && !strcmp(path + length - 4, suffixes[i])) {
            *kind = (fac_picture)i;
            return FAC_OK;
        }
    return fac_fail(FAC_ERR_VALUE, "savefig: expected a name ending in .png, .svg or .pdf, got '%s'", path);
}

static fac_status write_picture(const char *path, const fac_text *picture)
{
    fac_atomic_file *file;
    FAC_TRY(fac_atomic_begin(path, &file));
    fac_status status = fac_atomic_write(file, picture->data, picture->length);
    if (!status)
        return fac_atomic_commit(file);
    fac_atomic_abandon(file);
    return status;
}

/* The first bytes of each kind: a gnuplot that is built without a terminal, say, writes something else. */
static bool is_whole(fac_picture kind, const fac_text *picture)
{
    static const char *const begins[] = {"\x89PNG", "<?xml", "%PDF-"};
    static const char *const ends[] = {"IEND\256B`\202", "</svg>", "%%EOF"};
    const char *begin = begins[kind], *end = ends[kind];
    size_t length = picture->length, trailing = strlen(end);
    while (length && strchr("\r\n", picture->data[length - 1]))
        length--;
    return length > 16 && !memcmp(picture->data, begin, strlen(begin)) &&
           !memcmp(picture->data + length - trailing, end, trailing);
}

static fac_status save(fac_figure *figure, const char *path, double timeout)
{
    fac_picture kind = FAC_PICTURE_PNG;
    fac_text script = {0}, picture = {0};
    FAC_TRY(fac_handle_check(figure, &fac_figure_type, "savefig", "figure"));
    if (!path)
        return fac_fail(FAC_ERR_VALUE, "savefig: path is NULL");
    FAC_TRY(kind_of(path, &kind));
    fac_status status = fac_plot_script(&script, figure, kind, 0, 0);
    if (!status)
        status = draw(&script, timeout, "savefig", &picture);
    fac_text_free(&script);
    if (!status && !is_whole(kind, &picture))
        status = fac_fail(FAC_ERR_IO, "savefig: what gnuplot drew is not a whole picture");
    if (!status)
        status = write_picture(path, &picture);
    fac_text_free(&picture);
    return status;
}

fac_savefig_args fac_savefig_defaults(void)
{
    return (fac_savefig_args){FAC_DEFAULTS_savefig, .size_ = sizeof(fac_savefig_args)};
}

fac_status fac_savefig_with(fac_figure *figure, const char *path, const fac_savefig_args *args)
{
    const fac_savefig_args defaults = fac_savefig_defaults();
    if (fac_pending())
        return fac_error_status();
    return fac_returned(save(figure, path, args ? args->timeout : defaults.timeout));
}

/* gnuplot begins with a form feed and pads lines with blanks. */
static void tidy(const fac_text *raw, fac_text *text)
{
    const char *at = raw->data, *end = raw->data + raw->length;
    while (end > at && strchr(" \f\n", end[-1]))
        end--;
    for (const char *c = at; c < end && strchr(" \f\n", *c); c++)
        at = *c == '\n' ? c + 1 : at;
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end ? line_end : end;
        size_t length = (size_t)(line_end - at);
        while (length && (at[length - 1] == ' ' || at[length - 1] == '\f'))
            length--;
        fac_text_append(text, at, length);
        fac_text_append(text, "\n", 1);
        at = line_end + 1;
    }
}

const char *fac_figure_text(fac_figure *figure, int64_t columns, int64_t rows)
{
    fac_text raw = {0}, text = {0};
    if (fac_pending() || fac_handle_check(figure, &fac_figure_type, "figure_text", "figure"))
        return NULL;
    if (columns < 20 || columns > 1000 || rows < 8 || rows > 1000) {
        fac_fail(FAC_ERR_VALUE, "figure_text: expected 20 to 1000 columns and 8 to 1000 rows, got %lld and %lld",
                 (long long)columns, (long long)rows);
        return NULL;
    }
    const char *result = NULL;
    fac_text script = {0};
    if (!fac_plot_script(&script, figure, FAC_PICTURE_TEXT, columns, rows) &&
        !draw(&script, fac_savefig_defaults().timeout, "figure_text", &raw)) {
        tidy(&raw, &text);
        result = fac_scope_text(&text);
    }
    fac_text_free(&script);
    fac_text_free(&raw);
    return result;
}
