/* SPDX-License-Identifier: MIT */
#include "io/safetensors_header.h"

#include <jansson.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/sort.h"
#include "base/utf8.h"

/* A tensor's description is at most three deep, and longer than this only if it is made to be. */
enum { MAX_DEPTH = 3, MAX_DESCRIPTION = 4096 };

/* The shortest that describes a tensor: there cannot be more tensors than a header has room for of these. */
#define SHORTEST_MEMBER "\"w\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,0]}"

const fac_st_dtype fac_st_dtypes[] = {
    {"U64", 0},
    {"I64", FAC_INT64},
    {"F64", FAC_FLOAT64},
    {"C64", 0},
    {"F32", FAC_FLOAT32},
    {"U32", 0},
    {"I32", FAC_INT32},
    {"BF16", 0},
    {"F16", 0},
    {"U16", 0},
    {"I16", 0},
    {"F8_E8M0", 0},
    {"F8_E4M3", 0},
    {"F8_E5M2", 0},
    {"F8_E5M2FNUZ", 0},
    {"F8_E4M3FNUZ", 0},
    {"I8", 0},
    {"U8", FAC_UINT8},
    {"F6_E3M2", 0},
    {"F6_E2M3", 0},
    {"F4", 0},
    {"BOOL", FAC_BOOL},
    {NULL, 0},
};

bool fac_st_bytes(fac_dtype dtype, int ndim, const int64_t *shape, int64_t *bytes)
{
    int64_t size = (int64_t)fac_dtype_size(dtype);
    bool empty = false;
    for (int i = 0; i < ndim; i++) {
        empty = empty || shape[i] == 0;
        if (shape[i] && !fac_size_mul(size, shape[i], &size))
            return false;
    }
    *bytes = empty ? 0 : size;
    return true;
}

/* The text between at and end, as it is walked through. The walk finds where names and values begin and end; jansson
 * decodes them one at a time, so that the trees it builds stay small whatever the file. */
typedef struct walk {
    char *at, *end;
    const char *source;
} walk;

typedef struct span {
    char *start, *end;
} span;

typedef struct member {
    span key, value;
} member;

/* A tensor as described, with its offsets. */
typedef struct described {
    fac_st_entry entry;
    int64_t begin, end;
} described;

static fac_status broken(const walk *w, const char *problem)
{
    return fac_fail(FAC_ERR_VALUE, "'%s' is not a valid safetensors file: %s", w->source, problem);
}

static fac_status broken_tensor(const walk *w, const char *name, const char *problem)
{
    char shown[FAC_SHOWN_MAX];
    return fac_fail(FAC_ERR_VALUE, "'%s' is not a valid safetensors file: tensor '%s': %s", w->source,
                    fac_shown(shown, name, strlen(name)), problem);
}

static void skip_space(walk *w)
{
    while (w->at < w->end && (*w->at == ' ' || *w->at == '\t' || *w->at == '\n' || *w->at == '\r'))
        w->at++;
}

static bool skip_char(walk *w, char c)
{
    skip_space(w);
    if (w->at == w->end || *w->at != c)
        return false;
    w->at++;
    return true;
}

static bool skip_string(walk *w)
{
    if (!skip_char(w, '"'))
        return false;
    for (; w->at < w->end; w->at++) {
        if (*w->at == '"') {
            w->at++;
            return true;
        }
        if (*w->at == '\\' && w->end - w->at > 1)
            w->at++;
    }
    return false;
}

/* To the end of a string, object or array; what is inside is jansson's business. */
static bool skip_value(walk *w)
{
    int depth = 0;
    do {
        skip_space(w);
        if (w->at == w->end)
            return false;
        if (*w->at == '"') {
            if (!skip_string(w))
                return false;
            continue;
        }
        depth += (*w->at == '{' || *w->at == '[') - (*w->at == '}' || *w->at == ']');
        if (depth < 0 || depth >= MAX_DEPTH)
            return false;
        w->at++;
    } while (depth > 0);
    return true;
}

static bool take_span(walk *w, span *taken, bool (*skip)(walk *))
{
    skip_space(w);
    taken->start = w->at;
    bool ok = skip(w);
    taken->end = w->at;
    return ok;
}

/* Behind an object's '{', or behind a member. Sets *found, and *next if there is one. */
static fac_status next_member(walk *w, bool first, member *next, bool *found)
{
    *found = !skip_char(w, '}');
    if (!*found)
        return FAC_OK;
    if (!first && !skip_char(w, ','))
        return broken(w, "its header lacks a ',' or '}'");
    if (!take_span(w, &next->key, skip_string))
        return broken(w, "its header lacks a name, or ends within it");
    if (!skip_char(w, ':'))
        return broken(w, "its header lacks a ':'");
    skip_space(w);
    if (w->at < w->end && !memchr("{[\"", *w->at, 3))
        return broken(w, "its header has something else where an object or a text must be");
    if (!take_span(w, &next->value, skip_value))
        return broken(w, "its header is nested too deeply, or ends within a value");
    return FAC_OK;
}

/* The members of an object that begins at w. */
static fac_status count_members(walk w, size_t *count)
{
    member next;
    bool found = skip_char(&w, '{');
    if (!found)
        return broken(&w, "its header has something else where an object must be");
    for (*count = 0;; ++*count) {
        FAC_TRY(next_member(&w, *count == 0, &next, &found));
        if (!found)
            return FAC_OK;
    }
}

static fac_status parse_span(const walk *w, span text, json_t **out)
{
    json_error_t error;
    *out = json_loadb(text.start, (size_t)(text.end - text.start), JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    if (*out)
        return FAC_OK;
    if (json_error_code(&error) == json_error_out_of_memory)
        return fac_fail(FAC_ERR_MEMORY, "out of memory while the header of '%s' was read", w->source);
    char shown[FAC_SHOWN_MAX];
    return broken(w, fac_shown(shown, error.text, strlen(error.text)));
}

/* JSON is never shorter than what it stands for: a string is decoded into its own place, quotes making room for a NUL.
 */
static fac_status decode_string(const walk *w, span text, const char **out)
{
    json_t *value;
    FAC_TRY(parse_span(w, text, &value));
    size_t length = json_string_length(value);
    bool fits = json_is_string(value) && length + 2 <= (size_t)(text.end - text.start);
    if (fits) {
        memcpy(text.start, json_string_value(value), length);
        text.start[length] = '\0';
        *out = text.start;
    }
    json_decref(value);
    return fits ? FAC_OK : broken(w, "its header has something else where a text must be");
}

static fac_status set_dtype(const walk *w, fac_st_entry *entry, const json_t *value)
{
    char shown[2][FAC_SHOWN_MAX];
    const char *text = json_string_value(value);
    if (!text)
        return broken_tensor(w, entry->name, "dtype is not a text");
    const fac_st_dtype *row = fac_st_dtypes;
    while (row->name && strcmp(row->name, text))
        row++;
    if (!row->name)
        return broken_tensor(w, entry->name, "unknown dtype");
    entry->dtype = row->dtype;
    if (row->dtype == FAC_DEFAULT_DTYPE)
        return fac_fail(FAC_ERR_UNSUPPORTED, "'%s': tensor '%s' has dtype %s, which Facula does not have", w->source,
                        fac_shown(shown[0], entry->name, strlen(entry->name)), fac_shown(shown[1], text, strlen(text)));
    return FAC_OK;
}

static bool get_integers(const json_t *array, size_t count, int64_t *out)
{
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(array, i);
        if (!json_is_integer(value) || json_integer_value(value) < 0)
            return false;
        out[i] = json_integer_value(value);
    }
    return true;
}

static fac_status set_shape(const walk *w, fac_st_entry *entry, const json_t *value)
{
    size_t ndim = json_array_size(value);
    if (!json_is_array(value))
        return broken_tensor(w, entry->name, "shape is not a list");
    if (ndim > FAC_MAX_DIMS) {
        char shown[FAC_SHOWN_MAX];
        return fac_fail(FAC_ERR_UNSUPPORTED, "'%s': tensor '%s' has %zu dims; Facula has at most %d", w->source,
                        fac_shown(shown, entry->name, strlen(entry->name)), ndim, (int)FAC_MAX_DIMS);
    }
    entry->ndim = (int)ndim;
    if (!get_integers(value, ndim, entry->shape))
        return broken_tensor(w, entry->name, "shape has something else than counts");
    return FAC_OK;
}

static fac_status set_offsets(const walk *w, described *tensor, const json_t *value, size_t data_size)
{
    const char *name = tensor->entry.name;
    int64_t offsets[2], bytes;
    if (json_array_size(value) != 2 || !get_integers(value, 2, offsets))
        return broken_tensor(w, name, "data_offsets is not a list of two counts");
    tensor->begin = offsets[0];
    tensor->end = offsets[1];
    if (tensor->begin > tensor->end || (uint64_t)tensor->end > data_size)
        return broken_tensor(w, name, "data_offsets lie outside the file's data");
    if (!fac_st_bytes(tensor->entry.dtype, tensor->entry.ndim, tensor->entry.shape, &bytes))
        return broken_tensor(w, name, "shape is too large");
    if (bytes != tensor->end - tensor->begin)
        return broken_tensor(w, name, "shape and dtype do not give the size that data_offsets give");
    tensor->entry.bytes = (size_t)bytes;
    return FAC_OK;
}

static fac_status describe_from(const walk *w, described *tensor, const json_t *object, size_t data_size)
{
    const char *name = tensor->entry.name;
    const json_t *dtype = json_object_get(object, "dtype"), *shape = json_object_get(object, "shape");
    const json_t *offsets = json_object_get(object, "data_offsets");
    if (!dtype || !shape || !offsets || json_object_size(object) != 3)
        return broken_tensor(w, name, "needs dtype, shape, data_offsets and nothing else");
    FAC_TRY(set_dtype(w, &tensor->entry, dtype));
    FAC_TRY(set_shape(w, &tensor->entry, shape));
    return set_offsets(w, tensor, offsets, data_size);
}

static fac_status describe(const walk *w, described *tensor, const char *name, span text, size_t data_size)
{
    json_t *object;
    *tensor = (described){.entry.name = name};
    if (!*name)
        return broken(w, "a tensor has an empty name");
    if (text.end - text.start > MAX_DESCRIPTION)
        return broken_tensor(w, name, "its description is too long");
    FAC_TRY(parse_span(w, text, &object));
    fac_status status = describe_from(w, tensor, object, data_size);
    json_decref(object);
    return status;
}

static fac_status read_pairs(walk w, fac_st_file *file)
{
    member next;
    bool found;
    skip_char(&w, '{');
    for (size_t i = 0; i < file->metadata_count; i++) {
        FAC_TRY(next_member(&w, i == 0, &next, &found));
        FAC_TRY(decode_string(&w, next.key, &file->metadata[2 * i]));
        FAC_TRY(decode_string(&w, next.value, &file->metadata[2 * i + 1]));
    }
    return FAC_OK;
}

static fac_status check_keys(const walk *w, const fac_st_file *file)
{
    size_t size = file->metadata_count * sizeof(void *);
    const void **keys = fac_alloc(size);
    if (!keys)
        return fac_pending();
    for (size_t i = 0; i < file->metadata_count; i++)
        keys[i] = file->metadata[2 * i];
    const char *twice = fac_sort_strings(keys, file->metadata_count);
    fac_dealloc(keys, size);
    return twice ? broken(w, "its metadata has a key twice") : FAC_OK;
}

static fac_status read_metadata(const walk *w, fac_st_file *file, span text)
{
    walk inner = {text.start, text.end, w->source};
    if (file->metadata)
        return broken(w, "it has metadata twice");
    FAC_TRY(count_members(inner, &file->metadata_count));
    file->metadata = fac_alloc_zeroed((2 * file->metadata_count + 1) * sizeof(char *));
    if (!file->metadata)
        return fac_pending();
    FAC_TRY(read_pairs(inner, file));
    return check_keys(w, file);
}

static fac_status read_member(const walk *w, fac_st_file *file, const member *from, described *tensors, size_t room)
{
    const char *name;
    FAC_TRY(decode_string(w, from->key, &name));
    if (!strcmp(name, FAC_ST_METADATA))
        return read_metadata(w, file, from->value);
    if (file->count == room)
        return broken(w, "its header is too short for its tensors");
    return describe(w, &tensors[file->count++], name, from->value, file->data_size);
}

static fac_status read_members(walk w, fac_st_file *file, described *tensors, size_t room)
{
    member next;
    bool found = skip_char(&w, '{');
    if (!found)
        return broken(&w, "its header does not begin with '{'");
    for (bool first = true;; first = false) {
        FAC_TRY(next_member(&w, first, &next, &found));
        if (!found)
            break;
        FAC_TRY(read_member(&w, file, &next, tensors, room));
    }
    skip_space(&w);
    return w.at == w.end ? FAC_OK : broken(&w, "its header goes on behind the last '}'");
}

/* By offset. Empty tensors lie before what begins where they do, in the header's order. */
static int compare_places(const void *a, const void *b)
{
    const described *left = a, *right = b;
    if (left->begin != right->begin)
        return left->begin < right->begin ? -1 : 1;
    if (left->end != right->end)
        return left->end < right->end ? -1 : 1;
    return left < right ? -1 : left > right;
}

static fac_status check_places(const walk *w, const fac_st_file *file, const void *const *sorted)
{
    int64_t end = 0;
    for (size_t i = 0; i < file->count; i++) {
        const described *tensor = sorted[i];
        if (tensor->begin != end)
            return broken_tensor(w, tensor->entry.name,
                                 tensor->begin < end ? "its data overlap those of the one before"
                                                     : "there is a hole before its data");
        end = tensor->end;
    }
    if ((uint64_t)end != file->data_size)
        return broken(w, "there are bytes behind the last tensor's data");
    return FAC_OK;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const fac_st_entry *)a)->name, ((const fac_st_entry *)b)->name);
}

static fac_status sort_names(const walk *w, fac_st_file *file)
{
    for (size_t i = 0; i < file->count; i++)
        file->by_name[i] = &file->entries[i];
    fac_sort_pointers(file->by_name, file->count, compare_names);
    for (size_t i = 1; i < file->count; i++)
        if (!compare_names(file->by_name[i - 1], file->by_name[i]))
            return broken_tensor(w, ((const fac_st_entry *)file->by_name[i])->name, "the name is there twice");
    return FAC_OK;
}

/* by_name serves first to sort by place. */
static fac_status arrange(const walk *w, fac_st_file *file, const described *tensors)
{
    file->entries = fac_alloc(file->count * sizeof *file->entries);
    file->by_name = fac_alloc(file->count * sizeof *file->by_name);
    if (!file->entries || !file->by_name)
        return fac_pending();
    for (size_t i = 0; i < file->count; i++)
        file->by_name[i] = &tensors[i];
    fac_sort_pointers(file->by_name, file->count, compare_places);
    FAC_TRY(check_places(w, file, file->by_name));
    for (size_t i = 0; i < file->count; i++)
        file->entries[i] = ((const described *)file->by_name[i])->entry;
    return sort_names(w, file);
}

fac_status fac_st_parse_header(fac_st_file *file, const char *source)
{
    walk w = {file->header, file->header + file->header_size, source};
    size_t room = file->header_size / (sizeof SHORTEST_MEMBER - 1) + 1, size = room * sizeof(described);
    described *tensors = fac_alloc(size);
    if (!tensors)
        return fac_pending();
    fac_status status = read_members(w, file, tensors, room);
    if (!status)
        status = arrange(&w, file, tensors);
    fac_dealloc(tensors, size);
    return status;
}
