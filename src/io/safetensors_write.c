/* SPDX-License-Identifier: MIT */
#include "io/safetensors.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/file.h"
#include "base/sort.h"
#include "base/text.h"
#include "base/utf8.h"
#include "io/safetensors_header.h"

enum { HEADER_ALIGN = 8 };

/* The row of a dtype; its place is its rank in the file. */
static const fac_st_dtype *row_of(fac_dtype dtype)
{
    const fac_st_dtype *row = fac_st_dtypes;
    while (row->name && (row->dtype != dtype || dtype == FAC_DEFAULT_DTYPE))
        row++;
    return row;
}

static fac_status refuse(const char *path, const fac_st_entry *entry, const char *problem)
{
    char shown[FAC_SHOWN_MAX];
    return fac_fail(FAC_ERR_VALUE, "cannot write '%s': tensor '%s': %s", path,
                    fac_shown(shown, entry->name, strlen(entry->name)), problem);
}

static fac_status check_entry(const char *path, const fac_st_entry *entry)
{
    int64_t bytes;
    if (!entry->name || !*entry->name)
        return fac_fail(FAC_ERR_VALUE, "cannot write '%s': a tensor has no name", path);
    if (!strcmp(entry->name, FAC_ST_METADATA))
        return refuse(path, entry, "the name is the metadata's");
    if (!fac_utf8_valid(entry->name, strlen(entry->name)))
        return refuse(path, entry, "the name is not UTF-8");
    if (!row_of(entry->dtype)->name)
        return refuse(path, entry, "no dtype");
    if (entry->ndim < 0 || entry->ndim > FAC_MAX_DIMS || !fac_st_bytes(entry->dtype, entry->ndim, entry->shape, &bytes))
        return refuse(path, entry, "the shape is not one");
    if ((uint64_t)bytes != entry->bytes || (bytes && !entry->data))
        return refuse(path, entry, "the data do not fit the shape");
    return FAC_OK;
}

/* By rank of dtype, then by name, as the reference writer. */
static int compare_entries(const void *a, const void *b)
{
    const fac_st_entry *left = a, *right = b;
    const fac_st_dtype *left_row = row_of(left->dtype), *right_row = row_of(right->dtype);
    if (left_row != right_row)
        return left_row < right_row ? -1 : 1;
    return strcmp(left->name, right->name);
}

static fac_status check_twice(const char *path, const char *what, const void **strings, size_t count)
{
    const char *twice = fac_sort_strings(strings, count);
    char shown[FAC_SHOWN_MAX];
    if (!twice)
        return FAC_OK;
    return fac_fail(FAC_ERR_VALUE, "cannot write '%s': the %s '%s' is there twice", path, what,
                    fac_shown(shown, twice, strlen(twice)));
}

static fac_status check_entries(const char *path, const fac_st_entry *entries, size_t count, const void **names)
{
    for (size_t i = 0; i < count; i++) {
        FAC_TRY(check_entry(path, &entries[i]));
        names[i] = entries[i].name;
    }
    return check_twice(path, "tensor name", names, count);
}

static fac_status check_metadata(const char *path, const char *const *metadata, size_t pairs, const void **keys)
{
    for (size_t i = 0; i < pairs; i++) {
        const char *key = metadata[2 * i], *value = metadata[2 * i + 1];
        if (!value)
            return fac_fail(FAC_ERR_VALUE, "cannot write '%s': a metadata key without a value", path);
        if (!fac_utf8_valid(key, strlen(key)) || !fac_utf8_valid(value, strlen(value)))
            return fac_fail(FAC_ERR_VALUE, "cannot write '%s': metadata that are not UTF-8", path);
        keys[i] = key;
    }
    return check_twice(path, "metadata key", keys, pairs);
}

/* What JSON must escape, in the form serde_json gives it. */
static void add_escaped(fac_text *text, unsigned char c)
{
    static const char short_forms[] = "\bb\ff\nn\rr\tt\"\"\\\\";
    for (const char *form = short_forms; *form; form += 2)
        if ((unsigned char)*form == c) {
            fac_text_add(text, "\\%c", form[1]);
            return;
        }
    fac_text_add(text, "\\u%04x", c);
}

static void add_string(fac_text *text, const char *string)
{
    fac_text_append(text, "\"", 1);
    for (const char *at = string; *at; at++) {
        const char *plain = at;
        while ((unsigned char)*at >= 0x20 && *at != '"' && *at != '\\')
            at++;
        fac_text_append(text, plain, (size_t)(at - plain));
        if (!*at)
            break;
        add_escaped(text, (unsigned char)*at);
    }
    fac_text_append(text, "\"", 1);
}

static void add_metadata(fac_text *text, const char *const *metadata, size_t pairs)
{
    fac_text_add(text, "\"" FAC_ST_METADATA "\":{");
    for (size_t i = 0; i < pairs; i++) {
        fac_text_append(text, ",", i > 0);
        add_string(text, metadata[2 * i]);
        fac_text_append(text, ":", 1);
        add_string(text, metadata[2 * i + 1]);
    }
    fac_text_append(text, "}", 1);
}

static void add_entry(fac_text *text, const fac_st_entry *entry, uint64_t begin)
{
    add_string(text, entry->name);
    fac_text_add(text, ":{\"dtype\":\"%s\",\"shape\":[", row_of(entry->dtype)->name);
    for (int i = 0; i < entry->ndim; i++)
        fac_text_add(text, i ? ",%lld" : "%lld", (long long)entry->shape[i]);
    fac_text_add(text, "],\"data_offsets\":[%llu,%llu]}", (unsigned long long)begin,
                 (unsigned long long)(begin + entry->bytes));
}

static fac_status add_header(fac_text *text, const char *path, const void *const *sorted, size_t count,
                             const char *const *metadata, size_t pairs)
{
    uint64_t end = 0;
    fac_text_append(text, "{", 1);
    if (metadata)
        add_metadata(text, metadata, pairs);
    for (size_t i = 0; i < count; i++) {
        fac_text_append(text, ",", metadata || i > 0);
        const fac_st_entry *entry = sorted[i];
        add_entry(text, entry, end);
        if (__builtin_add_overflow(end, entry->bytes, &end))
            return fac_fail(FAC_ERR_VALUE, "cannot write '%s': the tensors are too large together", path);
    }
    fac_text_append(text, "}", 1);
    fac_text_pad(text, ' ', (HEADER_ALIGN - text->length % HEADER_ALIGN) % HEADER_ALIGN);
    if (text->failed)
        return fac_pending();
    if (text->length > FAC_ST_HEADER_MAX)
        return fac_fail(FAC_ERR_VALUE, "cannot write '%s': names and metadata are longer than 100 MB", path);
    return FAC_OK;
}

static fac_status write_parts(fac_atomic_file *file, const fac_text *header, const void *const *sorted, size_t count)
{
    uint64_t length = header->length;
    FAC_TRY(fac_atomic_write(file, &length, sizeof length));
    FAC_TRY(fac_atomic_write(file, header->data, header->length));
    for (size_t i = 0; i < count; i++) {
        const fac_st_entry *entry = sorted[i];
        FAC_TRY(fac_atomic_write(file, entry->data, entry->bytes));
    }
    return FAC_OK;
}

static fac_status write_file(const char *path, const fac_text *header, const void *const *sorted, size_t count)
{
    fac_atomic_file *file;
    FAC_TRY(fac_atomic_begin(path, &file));
    fac_status status = write_parts(file, header, sorted, count);
    if (!status)
        return fac_atomic_commit(file);
    fac_atomic_abandon(file);
    return status;
}

/* room: for the larger of count and pairs pointers; it holds names, then keys, then the entries in order. */
static fac_status write_with(const char *path, const fac_st_entry *entries, size_t count, const char *const *metadata,
                             size_t pairs, const void **room)
{
    fac_text header = {0};
    FAC_TRY(check_entries(path, entries, count, room));
    FAC_TRY(check_metadata(path, metadata, pairs, room));
    for (size_t i = 0; i < count; i++)
        room[i] = &entries[i];
    fac_sort_pointers(room, count, compare_entries);
    fac_status status = add_header(&header, path, room, count, metadata, pairs);
    if (!status)
        status = write_file(path, &header, room, count);
    fac_text_free(&header);
    return status;
}

fac_status fac_st_write(const char *path, const fac_st_entry *entries, size_t count, const char *const *metadata)
{
    size_t pairs = 0;
    while (metadata && metadata[2 * pairs])
        if (!metadata[2 * pairs++ + 1])
            break;
    size_t size = (count > pairs ? count : pairs) * sizeof(void *);
    const void **room = fac_alloc(size);
    if (!room)
        return fac_pending();
    fac_status status = write_with(path, entries, count, metadata, pairs, room);
    fac_dealloc(room, size);
    return status;
}
