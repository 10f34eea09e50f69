/* SPDX-License-Identifier: MIT */
/* Safetensors files (github.com/huggingface/safetensors): eight bytes with the length of a JSON header, the header
 *     {"__metadata__": {"format": "pt"}, "weight": {"dtype": "F32", "shape": [10, 1], "data_offsets": [0, 40]}, ...}
 * and the tensors' bytes, row-major, little-endian, end to end. Here they are buffers; tensors are made elsewhere. */
#ifndef FAC_IO_SAFETENSORS_H
#define FAC_IO_SAFETENSORS_H

#include "facula/tensor.h"

typedef struct fac_st_entry {
    const char *name;
    fac_dtype dtype;
    int ndim;
    int64_t shape[FAC_MAX_DIMS];
    const void *data; /* copy from it by memcpy: nothing makes a file's data lie aligned */
    size_t bytes;
} fac_st_entry;

typedef struct fac_st_file {
    size_t count;
    fac_st_entry *entries; /* in the order of their data */
    size_t metadata_count; /* pairs */
    const char **metadata; /* key, value, key, value, ..., NULL in the file's order; NULL if it has none */
    const void **by_name;  /* the entries, sorted */
    char *header, *data;   /* names and texts lie in the header */
    size_t header_size, data_size;
} fac_st_file;

/* Reads a file whole, or gives an error that names it and the tensor. Everything the header claims is checked against
 * the file's size before memory is taken for it: no overlaps, no holes, nothing behind the last tensor, no empty names,
 * none there twice, at most FAC_MAX_DIMS dims. Takes memory of the file's size and a few times the header's.
 * FAC_ERR_IO: the file cannot be read. FAC_ERR_VALUE: it is not a safetensors file, or a broken one.
 * FAC_ERR_UNSUPPORTED: it has a dtype or a number of dims that Facula does not have. */
fac_status fac_st_read(const char *path, fac_st_file **out);
/* The same from memory, which is copied; messages call it `name`. */
fac_status fac_st_parse(const void *bytes, size_t size, const char *name, fac_st_file **out);
/* The entry of that name, or NULL. */
const fac_st_entry *fac_st_find(const fac_st_file *file, const char *name);
/* NULL is accepted. */
void fac_st_free(fac_st_file *file);

/* Writes the very bytes that the Python package writes for the same tensors, and replaces the file whole or not at all.
 * metadata is key, value, ..., NULL (written in that order), or NULL for none. What could not be read back is refused:
 * names that are empty, there twice or not UTF-8, bytes that do not fit the shape. */
fac_status fac_st_write(const char *path, const fac_st_entry *entries, size_t count, const char *const *metadata);

#endif
