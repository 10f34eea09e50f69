/* SPDX-License-Identifier: MIT */
/* The reader. */
#include "io/safetensors.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/file.h"
#include "io/safetensors_header.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the file's numbers are used as they lie there");

enum { LENGTH_SIZE = 8 }; /* of the header's length, at the file's beginning */

/* A file, or memory that stands for one. */
typedef struct source {
    fac_file file;     /* unless bytes are given */
    const char *bytes; /* those still to be read */
    const char *name;
    uint64_t size; /* of the whole */
} source;

static fac_status take(source *from, void *to, size_t size)
{
    if (!from->bytes)
        return fac_file_read(&from->file, to, size);
    memcpy(to, from->bytes, size);
    from->bytes += size;
    return FAC_OK;
}

/* What a file that is none of ours begins with. */
static const struct {
    const char *kind;
    size_t length;
    const char *bytes;
} other_kinds[] = {
    {"a zip archive (.npz, .pt)", 4, "PK\3\4"},
    {"an empty zip archive", 4, "PK\5\6"},
    {"a NumPy array (.npy)", 6, "\x93NUMPY"},
    {"an HDF5 file", 8, "\x89HDF\r\n\x1a\n"},
    {"a GGUF file", 4, "GGUF"},
    {"a gzip archive", 3, "\x1f\x8b\x08"},
    {"a Git LFS pointer in the file's stead", 8, "version "},
    {"a web page", 5, "<html"},
    {"a web page", 5, "<!DOC"},
    {"XML", 5, "<?xml"},
    {"JSON text", 2, "{\""},
};

/* The third byte is an opcode, never 0, as it is in the length of a short header. */
static bool is_pickle(const char *start, size_t length)
{
    return length > 2 && start[0] == '\x80' && start[1] >= 2 && start[1] <= 5 && start[2];
}

/* What the file is, as far as its first bytes tell. */
static fac_status not_ours(const source *from, const char *start, size_t length, const char *problem)
{
    for (size_t i = 0; i < sizeof other_kinds / sizeof *other_kinds; i++)
        if (length >= other_kinds[i].length && !memcmp(start, other_kinds[i].bytes, other_kinds[i].length))
            return fac_fail(FAC_ERR_VALUE, "'%s' is not a safetensors file: it looks like %s", from->name,
                            other_kinds[i].kind);
    if (is_pickle(start, length))
        problem = "it looks like a pickle";
    return fac_fail(FAC_ERR_VALUE, "'%s' is not a safetensors file: %s", from->name, problem);
}

static fac_status read_header(source *from, fac_st_file *file)
{
    char start[LENGTH_SIZE];
    uint64_t length;
    size_t present = from->size < LENGTH_SIZE ? (size_t)from->size : LENGTH_SIZE;
    FAC_TRY(take(from, start, present));
    if (present < LENGTH_SIZE)
        return not_ours(from, start, present, "it is shorter than 8 bytes");
    memcpy(&length, start, LENGTH_SIZE);
    if (length > FAC_ST_HEADER_MAX)
        return not_ours(from, start, LENGTH_SIZE, "its header would be longer than 100 MB");
    if (length > from->size - LENGTH_SIZE)
        return not_ours(from, start, LENGTH_SIZE, "it is shorter than its header would be");
    file->header = fac_alloc((size_t)length + 1);
    if (!file->header)
        return fac_pending();
    file->header_size = (size_t)length;
    file->header[length] = '\0';
    FAC_TRY(take(from, file->header, file->header_size));
    if (!length || file->header[0] != '{')
        return not_ours(from, start, LENGTH_SIZE, "its header does not begin with '{'");
    return FAC_OK;
}

/* A byte other than 0 and 1 is no bool to C. */
static void make_bools(char *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        data[i] = data[i] != 0;
}

static fac_status read_data(source *from, fac_st_file *file)
{
    file->data = fac_alloc(file->data_size);
    if (!file->data)
        return fac_pending();
    FAC_TRY(take(from, file->data, file->data_size));
    char *at = file->data;
    for (size_t i = 0; i < file->count; i++) { /* no holes: checked */
        fac_st_entry *entry = &file->entries[i];
        if (entry->dtype == FAC_BOOL)
            make_bools(at, entry->bytes);
        entry->data = at;
        at += entry->bytes;
    }
    return FAC_OK;
}

static fac_status read_into(source *from, fac_st_file *file)
{
    FAC_TRY(read_header(from, file));
    uint64_t size = from->size - LENGTH_SIZE - file->header_size;
    if (size > PTRDIFF_MAX)
        return fac_fail_memory(SIZE_MAX);
    file->data_size = (size_t)size;
    FAC_TRY(fac_st_parse_header(file, from->name));
    return read_data(from, file);
}

static fac_status read_from(source *from, fac_st_file **out)
{
    fac_st_file *file = fac_alloc_zeroed(sizeof *file);
    if (!file)
        return fac_pending();
    fac_status status = read_into(from, file);
    if (status)
        fac_st_free(file);
    else
        *out = file;
    return status;
}

fac_status fac_st_read(const char *path, fac_st_file **out)
{
    source from = {.name = path};
    FAC_TRY(fac_file_open(&from.file, path));
    from.size = (uint64_t)from.file.size;
    fac_status status = read_from(&from, out);
    fac_file_close(&from.file);
    return status;
}

fac_status fac_st_parse(const void *bytes, size_t size, const char *name, fac_st_file **out)
{
    return read_from(&(source){.bytes = size ? bytes : "", .name = name, .size = size}, out);
}

const fac_st_entry *fac_st_find(const fac_st_file *file, const char *name)
{
    size_t low = 0, high = file->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const fac_st_entry *entry = file->by_name[middle];
        int order = strcmp(name, entry->name);
        if (order == 0)
            return entry;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

void fac_st_free(fac_st_file *file)
{
    if (!file)
        return;
    fac_dealloc(file->entries, file->count * sizeof *file->entries);
    fac_dealloc(file->by_name, file->count * sizeof *file->by_name);
    fac_dealloc(file->metadata, (2 * file->metadata_count + 1) * sizeof(char *));
    fac_dealloc(file->header, file->header_size + 1);
    fac_dealloc(file->data, file->data_size);
    fac_dealloc(file, sizeof *file);
}
