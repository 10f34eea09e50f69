/* SPDX-License-Identifier: MIT */
/* A graph as a picture, laid out by Graphviz. */
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "draw/child_process.h"
#include "draw/graph_dot.h"

/* How a whole file of the kind begins and what it holds near its end: `dot` may say all is well on a full disk. */
static const struct format {
    const char *ending, *option, *begin, *end;
} formats[] = {
    {".svg", "-Tsvg", "<?xml", "</svg>"},
    {".png", "-Tpng", "\x89PNG\r\n\x1a\n", "IEND"},
    {".pdf", "-Tpdf", "%PDF-", "%%EOF"},
    {".dot", NULL, NULL, NULL},
    {".gv", NULL, NULL, NULL},
};

static bool ends_with(const char *path, const char *ending)
{
    size_t length = strlen(path), n = strlen(ending);
    if (length < n)
        return false;
    for (path += length - n; *path; path++, ending++)
        if ((*path >= 'A' && *path <= 'Z' ? *path - 'A' + 'a' : *path) != *ending)
            return false;
    return true;
}

static const struct format *format_of(const char *path)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (ends_with(path, formats[i].ending))
            return formats + i;
    return NULL;
}

static bool is_whole(const struct format *format, const fac_text *picture)
{
    enum { TAIL = 32 };
    size_t begin = strlen(format->begin), end = strlen(format->end);
    if (picture->length < begin + TAIL || memcmp(picture->data, format->begin, begin))
        return false;
    for (size_t i = picture->length - TAIL; i + end <= picture->length; i++)
        if (!memcmp(picture->data + i, format->end, end))
            return true;
    return false;
}

static fac_status lay_out(fac_text *picture, const fac_text *dot, const struct format *format, double timeout)
{
    const char *argv[] = {"dot", format->option, NULL};
    if (!(timeout > 0 && timeout < 1e6))
        return fac_fail(FAC_ERR_VALUE, "draw_graph: timeout must be a positive number of seconds");
    FAC_TRY(fac_child_run(argv, dot->data, dot->length, picture, "draw_graph", (int)(timeout * 1000)));
    if (!is_whole(format, picture))
        return fac_fail(FAC_ERR_IO, "draw_graph: dot made no %s file", format->ending + 1);
    return FAC_OK;
}

static fac_status write_file(const char *path, const fac_text *content)
{
    fac_atomic_file *file;
    FAC_TRY(fac_atomic_begin(path, &file));
    fac_status status = fac_atomic_write(file, content->data, content->length);
    if (!status)
        return fac_atomic_commit(file);
    fac_atomic_abandon(file);
    return status;
}

static fac_status draw(fac_tensor *tensor, const char *path, const fac_graph_dot_args *args)
{
    fac_text dot = {0}, picture = {0};
    const struct format *format = path ? format_of(path) : NULL;
    if (!path)
        return fac_fail(FAC_ERR_VALUE, "draw_graph: path is NULL");
    if (!format)
        return fac_fail(FAC_ERR_VALUE, "draw_graph: '%s' ends in none of .svg, .png, .pdf, .dot and .gv", path);
    fac_status status = fac_graph_write(&dot, tensor, args, "draw_graph");
    if (!status && format->option)
        status = lay_out(&picture, &dot, format, args->timeout);
    if (!status)
        status = write_file(path, format->option ? &picture : &dot);
    fac_text_free(&dot);
    fac_text_free(&picture);
    return status;
}

fac_status fac_draw_graph_with(fac_tensor *tensor, const char *path, const fac_draw_graph_args *args)
{
    fac_graph_dot_args defaults = fac_graph_dot_defaults();
    if (fac_pending())
        return fac_error_status();
    return fac_returned(draw(tensor, path, args ? args : &defaults));
}
