/* SPDX-License-Identifier: MIT */
#ifndef FAC_BASE_SCOPE_TEXT_H
#define FAC_BASE_SCOPE_TEXT_H

#include "base/text.h"

/* The text as a handle that the innermost scope owns; frees *text. NULL with the error set. */
const char *fac_scope_text(fac_text *text);

#endif
