/* SPDX-License-Identifier: MIT */
/* Modules as PyTorch prints them: Module.__repr__. */
#include <string.h>

#include "base/alloc.h"
#include "facula/text.h"
#include "nn/module.h"
#include "base/scope_text.h"

typedef struct {
    fac_text text;
    int depth;
} printer;

static fac_status print_module(printer *p, const fac_module *module);

/* Lines of extra_repr, each indented like the children. Of a module within another one blank lines are emptied. */
static void print_lines(printer *p, const char *lines, size_t indent)
{
    bool more = *lines;
    while (more) {
        size_t length = strcspn(lines, "\n");
        if (p->depth == 1 || strspn(lines, " \t\r\f\v") < length) {
            fac_text_pad(&p->text, ' ', indent);
            fac_text_append(&p->text, lines, length);
        }
        fac_text_append(&p->text, "\n", 1);
        more = lines[length] == '\n';
        lines += length + 1;
    }
}

static fac_status print_children(printer *p, const fac_module *module, size_t indent)
{
    const fac_part_list *children = fac_parts_of(module, FAC_PART_MODULE);
    for (size_t i = 0; i < children->count; i++) {
        const fac_part *child = &children->items[i];
        fac_text_pad(&p->text, ' ', indent);
        fac_text_add(&p->text, "(%s): ", child->name);
        if (child->handle)
            FAC_TRY(print_module(p, child->handle));
        else
            fac_text_append(&p->text, "None", 4);
        fac_text_append(&p->text, "\n", 1);
    }
    return FAC_OK;
}

static fac_status print_body(printer *p, const fac_module *module, const char *extra)
{
    bool has_children = fac_parts_of(module, FAC_PART_MODULE)->count > 0;
    if (!has_children && !strchr(extra, '\n')) {
        fac_text_append(&p->text, extra, strlen(extra));
        return FAC_OK;
    }
    size_t indent = 2 * (size_t)++p->depth;
    fac_text_append(&p->text, "\n", 1);
    print_lines(p, extra, indent);
    FAC_TRY(print_children(p, module, indent));
    fac_text_pad(&p->text, ' ', indent - 2);
    p->depth--;
    return FAC_OK;
}

/* What extra_repr says, in *room bytes of fresh memory where the buffer is too small for it. */
static const char *get_extra(const fac_module *module, char *few, size_t few_size, size_t *room)
{
    *few = '\0';
    *room = 0;
    int length = module->cls->extra_repr ? module->cls->extra_repr(module, few, few_size) : 0;
    if (length < 0 || (size_t)length < few_size)
        return few;
    char *more = fac_alloc_zeroed((size_t)length + 1);
    if (!more)
        return NULL;
    module->cls->extra_repr(module, more, (size_t)length + 1);
    *room = (size_t)length + 1;
    return more;
}

static fac_status print_module(printer *p, const fac_module *module)
{
    char few[256];
    size_t room;
    if (p->depth > FAC_MODULE_DEPTH)
        return fac_fail(FAC_ERR_VALUE, "repr: modules are nested more than %d deep", FAC_MODULE_DEPTH);
    fac_text_add(&p->text, "%s(", module->cls->name);
    const char *extra = get_extra(module, few, sizeof few, &room);
    if (!extra)
        return fac_pending();
    fac_status status = print_body(p, module, extra);
    if (room)
        fac_dealloc((void *)(uintptr_t)extra, room);
    fac_text_append(&p->text, ")", 1);
    return p->text.failed ? fac_pending() : status;
}

const char *fac_module_repr(const fac_module *module)
{
    printer p = {0};
    if (fac_module_check(module, "repr"))
        return NULL;
    if (print_module(&p, module)) {
        fac_text_free(&p.text);
        return NULL;
    }
    return fac_scope_text(&p.text);
}
