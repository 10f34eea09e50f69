/* SPDX-License-Identifier: MIT */
#include "base/scope_text.h"

#include <string.h>

#include "base/thread.h"

static const fac_handle_type text_type = {"text", fac_handle_dealloc};

const char *fac_scope_text(fac_text *text)
{
    char *handle = text->failed ? NULL : fac_handle_new(&text_type, text->length + 1); /* zeroed: a NUL at the end */
    if (handle && text->length)
        memcpy(handle, text->data, text->length);
    fac_text_free(text);
    return handle && fac_scope_adopt(handle) ? handle : NULL;
}
