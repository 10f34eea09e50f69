/* SPDX-License-Identifier: MIT */
/* The header of a safetensors file: what its reader and its writer share. */
#ifndef FAC_IO_SAFETENSORS_HEADER_H
#define FAC_IO_SAFETENSORS_HEADER_H

#include "io/safetensors.h"

enum { FAC_ST_HEADER_MAX = 100000000 }; /* as in the reference reader */
#define FAC_ST_METADATA "__metadata__"  /* the one name that is not a tensor's */

typedef struct fac_st_dtype {
    const char *name;
    fac_dtype dtype; /* FAC_DEFAULT_DTYPE if Facula has none */
} fac_st_dtype;
/* Every dtype of the format, in the order in which the reference writer lays tensors down (Dtype in its tensor.rs,
 * backwards); ends with a NULL name. */
extern const fac_st_dtype fac_st_dtypes[];

/* *bytes = the size of such a tensor. False if a dim is negative or the size overflows, even if another dim is 0:
 * strides are products, too. */
bool fac_st_bytes(fac_dtype dtype, int ndim, const int64_t *shape, int64_t *bytes);

/* Reads file->header (one byte longer than header_size says) and checks it against file->data_size. Sets count, entries
 * (but for their data), metadata and by_name. Names and texts are decoded where they lie in the header. `source` is the
 * file's name for messages. */
fac_status fac_st_parse_header(fac_st_file *file, const char *source);

#endif
