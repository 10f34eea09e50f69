/* SPDX-License-Identifier: MIT */
/* The reader. */
#include "io/csv.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/file.h"
#include "base/sort.h"
#include "base/text.h"
#include "base/utf8.h"

typedef struct reader {
    const char *at, *end; /* what is still to be read */
    const char *name;     /* of the file */
    size_t line;          /* that of `at`, from 1 */
    size_t column;        /* fields of this record behind us */
    bool record_ended;
    const fac_csv *csv;
} reader;

/* What lies between the quotes, doubled ones still doubled; or a plain field without the blanks around it. */
typedef struct field {
    const char *start, *end;
    bool quoted;
} field;

/* `FILE:LINE: column 'y_obs': ` is what a message begins with. */
typedef struct place {
    char text[FAC_SHOWN_MAX + 32];
} place;

static place column_at(const reader *r, size_t column)
{
    place made;
    char shown[FAC_SHOWN_MAX];
    fac_text text = {.data = made.text, .capacity = sizeof made.text};
    const char *name = r->csv->names ? r->csv->names[column] : "";
    (void)text, (void)shown, (void)name;
    return made;
}
