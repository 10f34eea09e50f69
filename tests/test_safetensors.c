/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1
#define _POSIX_C_SOURCE 200809L
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <time.h>

#include "base/error.h"
#include "base/utf8.h"
#include "io/safetensors.h"
#include "support_alloc.h"
#include "support_files.h"

#define GOLDEN(name) FAC_GOLDEN_DIR "/safetensors_" name ".safetensors"

/* A file in memory. */
typedef struct blob {
    char *data;
    size_t size;
} blob;

static blob make_blob(const char *header, size_t length, size_t data_size)
{
    blob made = {calloc(1, 8 + length + data_size + 1), 8 + length + data_size};
    uint64_t count = length;
    memcpy(made.data, &count, 8);
    memcpy(made.data + 8, header, length);
    return made;
}

/* A copy that ends where its memory ends, so that the sanitizer sees a step too far. */
static fac_status parse_exactly(const char *data, size_t size, fac_st_file **out)
{
    char *copy = malloc(size ? size : 1);
    memcpy(copy, data, size);
    fac_status status = fac_st_parse(copy, size, "t.safetensors", out);
    free(copy);
    return status;
}

static void assert_refused(const char *data, size_t size, fac_status expected, const char *message)
{
    fac_st_file *file;
    int64_t bytes = support_memory.live_bytes;
    fac_status status = parse_exactly(data, size, &file);
    assert_int_equal(fac_error_status(), status);
    if (status != expected || !strstr(fac_last_error(), message))
        fail_msg("expected %s with '%s', got %s with '%s'", fac_status_name(expected), message, fac_status_name(status),
                 status ? fac_last_error() : "");
    assert_non_null(strstr(fac_last_error(), "'t.safetensors'"));
    assert_true(support_memory.live_bytes - bytes <= 1024); /* the message's buffer, once */
}

static void assert_accepted(const char *header, size_t data_size, size_t count)
{
    fac_st_file *file;
    blob made = make_blob(header, strlen(header), data_size);
    fac_status status = parse_exactly(made.data, made.size, &file);
    if (status)
        fail_msg("%s", fac_last_error());
    assert_int_equal(file->count, count);
    fac_st_free(file);
    free(made.data);
}

/* The tensors of the golden files, as golden_safetensors.py makes them. */
typedef struct expected {
    const char *name;
    fac_dtype dtype;
    int ndim;
    int64_t shape[FAC_MAX_DIMS];
} expected;

static const expected dtypes[] = {
    {"a.u8", FAC_UINT8, 1, {3}},
    {"b.bool", FAC_BOOL, 1, {5}},
    {"c.int32", FAC_INT32, 2, {2, 3}},
    {"d.int64", FAC_INT64, 2, {3, 1}},
    {"e.float32", FAC_FLOAT32, 3, {2, 2, 2}},
    {"f.float64", FAC_FLOAT64, 1, {4}},
    {"scalar", FAC_FLOAT32, 0, {0}},
    {"none", FAC_FLOAT32, 1, {0}},
    {"none.of.many", FAC_INT64, 3, {3, 0, 2}},
    {"eight", FAC_FLOAT32, 8, {1, 2, 1, 2, 1, 2, 1, 2}},
    {"layers.10.weight", FAC_FLOAT32, 2, {1, 2}},
    {"layers.2.weight", FAC_FLOAT32, 2, {2, 1}},
};

static const expected names[] = {
    {"quote \" backslash \\ slash /", FAC_FLOAT32, 1, {1}},
    {"controls \x01\x08\t\n\x0b\x0c\r\x1f\x7f", FAC_FLOAT32, 1, {2}},
    {"Gr\xc3\xb6\xc3\x9f"
     "e \xe4\xb8\xad\xe6\x96\x87 \xf0\x9f\x94\xa5 \xe2\x80\xa8",
     FAC_FLOAT32,
     1,
     {3}},
    {"../../etc/passwd", FAC_FLOAT32, 1, {4}},
    {" ", FAC_FLOAT32, 1, {5}},
};

static const expected one[] = {{"w", FAC_FLOAT32, 1, {1}}};

static const char *const dtypes_metadata[] = {"format", "pt", NULL};
static const char *const names_metadata[] = {"key \"\n\xc3\xa9", "value \\ \x02", NULL};
static const char *const no_pairs[] = {NULL};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static int64_t numel(const expected *tensor)
{
    int64_t n = 1;
    for (int i = 0; i < tensor->ndim; i++)
        n *= tensor->shape[i];
    return n;
}

/* Element i is i - 2; of a uint8 i; of a bool whether i is odd. */
static void put_value(char *data, fac_dtype dtype, int64_t i)
{
    const int64_t value = i - 2;
    switch (dtype) {
    case FAC_FLOAT32:
        memcpy(data + 4 * i, &(float){(float)value}, 4);
        break;
    case FAC_FLOAT64:
        memcpy(data + 8 * i, &(double){(double)value}, 8);
        break;
    case FAC_INT64:
        memcpy(data + 8 * i, &value, 8);
        break;
    case FAC_INT32:
        memcpy(data + 4 * i, &(int32_t){(int32_t)value}, 4);
        break;
    default:
        data[i] = (char)(dtype == FAC_BOOL ? i % 2 : i);
        break;
    }
}

/* The tensors as entries, backwards: the writer's order is its own. Freed by free_entries. */
static fac_st_entry *make_entries(const expected *tensors, size_t count)
{
    fac_st_entry *entries = calloc(count + 1, sizeof *entries);
    for (size_t i = 0; i < count; i++) {
        const expected *tensor = &tensors[count - 1 - i];
        entries[i] = (fac_st_entry){.name = tensor->name, .dtype = tensor->dtype, .ndim = tensor->ndim};
        memcpy(entries[i].shape, tensor->shape, sizeof tensor->shape);
        entries[i].bytes = (size_t)numel(tensor) * fac_dtype_size(tensor->dtype);
        char *data = malloc(entries[i].bytes + 1);
        for (int64_t j = 0; j < numel(tensor); j++)
            put_value(data, tensor->dtype, j);
        entries[i].data = data;
    }
    return entries;
}

static void free_entries(fac_st_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)entries[i].data);
    free(entries);
}

static void assert_entry(const fac_st_entry *entry, const fac_st_entry *right)
{
    assert_string_equal(entry->name, right->name);
    assert_int_equal(entry->dtype, right->dtype);
    assert_int_equal(entry->ndim, right->ndim);
    assert_memory_equal(entry->shape, right->shape, sizeof *entry->shape * (size_t)right->ndim);
    assert_int_equal(entry->bytes, right->bytes);
    if (right->bytes)
        assert_memory_equal(entry->data, right->data, right->bytes);
}

static void assert_golden_read(const char *path, const expected *tensors, size_t count, const char *const *metadata)
{
    fac_st_file *file;
    fac_st_entry *entries = make_entries(tensors, count);
    if (fac_st_read(path, &file))
        fail_msg("%s", fac_last_error());
    assert_int_equal(file->count, count);
    const char *end = file->data;
    for (size_t i = 0; i < count; i++) {
        const fac_st_entry *found = fac_st_find(file, entries[i].name);
        assert_non_null(found);
        assert_entry(found, &entries[i]);
        assert_ptr_equal(file->entries[i].data, end); /* end to end */
        end += file->entries[i].bytes;
    }
    assert_ptr_equal(end, file->data + file->data_size);
    assert_null(fac_st_find(file, "another"));
    assert_int_equal(!metadata, !file->metadata);
    size_t pairs = 0;
    for (; metadata && metadata[2 * pairs]; pairs++) {
        assert_string_equal(file->metadata[2 * pairs], metadata[2 * pairs]);
        assert_string_equal(file->metadata[2 * pairs + 1], metadata[2 * pairs + 1]);
    }
    assert_int_equal(file->metadata_count, pairs);
    assert_true(!file->metadata || !file->metadata[2 * pairs]);
    fac_st_free(file);
    free_entries(entries, count);
}

static void assert_golden_written(const char *path, const expected *tensors, size_t count, const char *const *metadata)
{
    fac_st_entry *entries = make_entries(tensors, count);
    blob golden, ours;
    if (fac_st_write("ours", entries, count, metadata))
        fail_msg("%s", fac_last_error());
    golden.data = support_get(path, &golden.size);
    ours.data = support_get("ours", &ours.size);
    assert_int_equal(golden.size, ours.size);
    assert_memory_equal(golden.data, ours.data, ours.size);
    free(golden.data);
    free(ours.data);
    free_entries(entries, count);
}

static void reads_what_python_wrote(void **state)
{
    (void)state;
    assert_golden_read(GOLDEN("dtypes"), dtypes, COUNT(dtypes), dtypes_metadata);
    assert_golden_read(GOLDEN("names"), names, COUNT(names), names_metadata);
    assert_golden_read(GOLDEN("empty"), NULL, 0, NULL);
    assert_golden_read(GOLDEN("no_pairs"), one, 1, no_pairs);
}

static void writes_what_python_wrote(void **state)
{
    (void)state;
    assert_golden_written(GOLDEN("dtypes"), dtypes, COUNT(dtypes), dtypes_metadata);
    assert_golden_written(GOLDEN("names"), names, COUNT(names), names_metadata);
    assert_golden_written(GOLDEN("empty"), NULL, 0, NULL);
    assert_golden_written(GOLDEN("no_pairs"), one, 1, no_pairs);
}

/* Cut anywhere, or with bytes behind, a good file is no good file. */
static void every_truncation_is_refused(void **state)
{
    (void)state;
    const char *const paths[] = {GOLDEN("dtypes"), GOLDEN("names"), GOLDEN("empty"), GOLDEN("no_pairs")};
    for (size_t i = 0; i < COUNT(paths); i++) {
        fac_st_file *file;
        blob good;
        good.data = support_get(paths[i], &good.size);
        for (size_t size = 0; size < good.size; size++)
            assert_refused(good.data, size, FAC_ERR_VALUE, " safetensors file: ");
        assert_int_equal(parse_exactly(good.data, good.size, &file), FAC_OK);
        fac_st_free(file);
        char *longer = calloc(1, good.size + 9);
        memcpy(longer, good.data, good.size);
        for (size_t more = 1; more <= 9; more++)
            assert_refused(longer, good.size + more, FAC_ERR_VALUE, "bytes behind the last tensor's data");
        free(longer);
        free(good.data);
    }
}

/* Whatever a byte is changed to, the file is refused or still of one piece. */
static void every_changed_byte_is_borne(void **state)
{
    (void)state;
    blob good;
    fac_st_file *file;
    good.data = support_get(GOLDEN("dtypes"), &good.size);
    static const char changes[] = "\0\x01 \"\\,:{}[]09-\x7f\x80\xff";
    int refused = 0;
    for (size_t at = 0; at < good.size; at++)
        for (size_t i = 0; i < sizeof changes - 1; i++) {
            char before = good.data[at];
            good.data[at] = changes[i];
            fac_status status = parse_exactly(good.data, good.size, &file);
            good.data[at] = before;
            refused += status != FAC_OK;
            assert_int_equal(fac_error_status(), status);
            if (status)
                continue;
            size_t total = 0;
            for (size_t j = 0; j < file->count; j++)
                total += file->entries[j].bytes;
            assert_int_equal(total, file->data_size);
            fac_st_free(file);
        }
    assert_true(refused > 5000);
    free(good.data);
}

typedef struct hostile {
    const char *header;
    size_t data_size;
    fac_status status;
    const char *message;
} hostile;

/* A tensor of that description, under the name w. */
#define W(dtype, shape, offsets) "{\"w\":{\"dtype\":" dtype ",\"shape\":" shape ",\"data_offsets\":" offsets "}}"
#define U8(name, begin, end, n) \
    "\"" name "\":{\"dtype\":\"U8\",\"shape\":[" #n "],\"data_offsets\":[" #begin "," #end "]}"

static const hostile hostile_headers[] = {
    /* sizes that overflow, or are not those of the bytes there */
    {W("\"F32\"", "[4194305,4194305,211106198978564]", "[0,16]"), 16, FAC_ERR_VALUE, "'w': shape is too large"},
    {W("\"F32\"", "[0,4194305,4194305,211106198978564]", "[0,0]"), 0, FAC_ERR_VALUE, "'w': shape is too large"},
    {W("\"F32\"", "[4194305,4194305,211106198978564,0]", "[0,0]"), 0, FAC_ERR_VALUE, "'w': shape is too large"},
    {W("\"F64\"", "[1152921504606846976]", "[0,0]"), 0, FAC_ERR_VALUE, "'w': shape is too large"},
    {W("\"F32\"", "[4]", "[0,15]"), 15, FAC_ERR_VALUE, "'w': shape and dtype do not give the size"},
    {W("\"F32\"", "[4]", "[0,17]"), 17, FAC_ERR_VALUE, "'w': shape and dtype do not give the size"},
    {W("\"F32\"", "[4]", "[0,16]"), 15, FAC_ERR_VALUE, "'w': data_offsets lie outside the file's data"},
    {W("\"F32\"", "[]", "[0,0]"), 0, FAC_ERR_VALUE, "'w': shape and dtype do not give the size"},
    {W("\"U8\"", "[1099511627776]", "[0,1099511627776]"), 8, FAC_ERR_VALUE, "outside the file's data"},
    {W("\"U8\"", "[8]", "[8,0]"), 8, FAC_ERR_VALUE, "outside the file's data"},
    /* odd numbers */
    {W("\"U8\"", "[-1]", "[0,8]"), 8, FAC_ERR_VALUE, "'w': shape has something else than counts"},
    {W("\"U8\"", "[-9223372036854775808]", "[0,8]"), 8, FAC_ERR_VALUE, "shape has something else"},
    {W("\"U8\"", "[2147483648]", "[0,8]"), 8, FAC_ERR_VALUE, "do not give the size"},
    {W("\"U8\"", "[9223372036854775807]", "[0,8]"), 8, FAC_ERR_VALUE, "do not give the size"},
    {W("\"U8\"", "[9223372036854775808]", "[0,8]"), 8, FAC_ERR_VALUE, "too big integer"},
    {W("\"U8\"", "[18446744073709551624]", "[0,8]"), 8, FAC_ERR_VALUE, "too big integer"},
    {W("\"U8\"", "[8]", "[-8,0]"), 8, FAC_ERR_VALUE, "data_offsets is not a list of two counts"},
    {W("\"U8\"", "[8]", "[0,-8]"), 8, FAC_ERR_VALUE, "data_offsets is not a list of two counts"},
    {W("\"U8\"", "[8]", "[9223372036854775800,9223372036854775807]"), 8, FAC_ERR_VALUE, "outside"},
    {W("\"U8\"", "[8]", "[0,9223372036854775808]"), 8, FAC_ERR_VALUE, "too big integer"},
    {W("\"U8\"", "[8.0]", "[0,8]"), 8, FAC_ERR_VALUE, "shape has something else than counts"},
    {W("\"U8\"", "[8e0]", "[0,8]"), 8, FAC_ERR_VALUE, "shape has something else than counts"},
    {W("\"U8\"", "[1e999]", "[0,8]"), 8, FAC_ERR_VALUE, "real number overflow"},
    {W("\"U8\"", "[08]", "[0,8]"), 8, FAC_ERR_VALUE, ""},
    /* the wrong type of each known key */
    {W("3", "[8]", "[0,8]"), 8, FAC_ERR_VALUE, "'w': dtype is not a text"},
    {W("null", "[8]", "[0,8]"), 8, FAC_ERR_VALUE, "'w': dtype is not a text"},
    {W("[\"U8\"]", "[8]", "[0,8]"), 8, FAC_ERR_VALUE, "'w': dtype is not a text"},
    {W("\"u8\"", "[8]", "[0,8]"), 8, FAC_ERR_VALUE, "'w': unknown dtype"},
    {W("\"\"", "[8]", "[0,8]"), 8, FAC_ERR_VALUE, "'w': unknown dtype"},
    {W("\"U8\"", "8", "[0,8]"), 8, FAC_ERR_VALUE, "'w': shape is not a list"},
    {W("\"U8\"", "\"8\"", "[0,8]"), 8, FAC_ERR_VALUE, "'w': shape is not a list"},
    {W("\"U8\"", "null", "[0,8]"), 8, FAC_ERR_VALUE, "'w': shape is not a list"},
    {W("\"U8\"", "{}", "[0,8]"), 8, FAC_ERR_VALUE, "'w': shape is not a list"},
    {W("\"U8\"", "[[8]]", "[0,8]"), 8, FAC_ERR_VALUE, "nested too deeply"},
    {W("\"U8\"", "[\"8\"]", "[0,8]"), 8, FAC_ERR_VALUE, "shape has something else than counts"},
    {W("\"U8\"", "[true]", "[0,1]"), 1, FAC_ERR_VALUE, "shape has something else than counts"},
    {W("\"U8\"", "[8]", "8"), 8, FAC_ERR_VALUE, "data_offsets is not a list of two counts"},
    {W("\"U8\"", "[8]", "[8]"), 8, FAC_ERR_VALUE, "data_offsets is not a list of two counts"},
    {W("\"U8\"", "[8]", "[0,8,8]"), 8, FAC_ERR_VALUE, "data_offsets is not a list of two counts"},
    {W("\"U8\"", "[8]", "[0,\"8\"]"), 8, FAC_ERR_VALUE, "data_offsets is not a list of two counts"},
    {W("\"U8\"", "[8]", "[0,8],\"x\":1"), 8, FAC_ERR_VALUE, "needs dtype, shape, data_offsets and nothing else"},
    {"{\"w\":{}}", 0, FAC_ERR_VALUE, "'w': needs dtype, shape, data_offsets and nothing else"},
    {"{\"w\":{\"dtype\":\"U8\",\"shape\":[0]}}", 0, FAC_ERR_VALUE, "needs dtype, shape, data_offsets"},
    {"{\"w\":[]}", 0, FAC_ERR_VALUE, "'w': needs dtype, shape, data_offsets"},
    {"{\"w\":\"U8\"}", 0, FAC_ERR_VALUE, "'w': needs dtype, shape, data_offsets"},
    {"{\"w\":1}", 0, FAC_ERR_VALUE, "where an object or a text must be"},
    {"{\"w\":null}", 0, FAC_ERR_VALUE, "where an object or a text must be"},
    /* what Facula does not have */
    {W("\"BF16\"", "[4]", "[0,8]"), 8, FAC_ERR_UNSUPPORTED, "tensor 'w' has dtype BF16, which Facula does not have"},
    {W("\"F16\"", "[4]", "[0,8]"), 8, FAC_ERR_UNSUPPORTED, "tensor 'w' has dtype F16"},
    {W("\"F4\"", "[16]", "[0,8]"), 8, FAC_ERR_UNSUPPORTED, "tensor 'w' has dtype F4"},
    {W("\"U8\"", "[1,1,1,1,1,1,1,1,1]", "[0,1]"), 1, FAC_ERR_UNSUPPORTED,
     "tensor 'w' has 9 dims; Facula has at most 8"},
    /* names */
    {"{" U8("w", 0, 4, 4) "," U8("w", 4, 8, 4) "}", 8, FAC_ERR_VALUE, "tensor 'w': the name is there twice"},
    {"{" U8("w", 0, 4, 4) "," U8("\\u0077", 4, 8, 4) "}", 8, FAC_ERR_VALUE, "tensor 'w': the name is there twice"},
    {"{" U8("", 0, 4, 4) "}", 4, FAC_ERR_VALUE, "a tensor has an empty name"},
    {"{" U8("a\\u0000b", 0, 4, 4) "}", 4, FAC_ERR_VALUE, "\\u0000 is not allowed"},
    {"{" U8("a\xff", 0, 4, 4) "}", 4, FAC_ERR_VALUE, "unable to decode byte 0xff"},
    {"{" U8("a\xc0\xaf", 0, 4, 4) "}", 4, FAC_ERR_VALUE, "unable to decode byte 0xc0"},
    {"{" U8("a\xed\xa0\x80", 0, 4, 4) "}", 4, FAC_ERR_VALUE, "unable to decode byte 0xed"},
    {"{" U8("\\ud800", 0, 4, 4) "}", 4, FAC_ERR_VALUE, "invalid Unicode"},
    {"{" U8("a\nb", 0, 4, 4) "}", 4, FAC_ERR_VALUE, "unexpected newline"},
    {"{" U8("a\\qb", 0, 4, 4) "}", 4, FAC_ERR_VALUE, "invalid escape"},
    {"{" U8("\x1b[31m", 0, 4, 4) "}", 4, FAC_ERR_VALUE, "control character 0x1b"},
    {"{" U8("\\u001b[31m", 0, 5, 4) "}", 5, FAC_ERR_VALUE, "tensor '\\x1b[31m': shape"},
    /* keys that are there twice */
    {W("\"U8\"", "[8],\"shape\":[8]", "[0,8]"), 8, FAC_ERR_VALUE, "duplicate object key"},
    {W("\"U8\"", "[8]", "[0,8],\"data_offsets\":[0,8]"), 8, FAC_ERR_VALUE, "duplicate object key"},
    /* places */
    {"{" U8("a", 0, 4, 4) "," U8("b", 3, 8, 5) "}", 8, FAC_ERR_VALUE, "tensor 'b': its data overlap"},
    {"{" U8("a", 0, 8, 8) "," U8("b", 0, 8, 8) "}", 8, FAC_ERR_VALUE, "tensor 'b': its data overlap"},
    {"{" U8("a", 0, 8, 8) "," U8("b", 4, 4, 0) "}", 8, FAC_ERR_VALUE, "tensor 'b': its data overlap"},
    {"{" U8("a", 0, 4, 4) "," U8("b", 5, 8, 3) "}", 8, FAC_ERR_VALUE, "tensor 'b': there is a hole"},
    {"{" U8("a", 1, 8, 7) "}", 8, FAC_ERR_VALUE, "tensor 'a': there is a hole"},
    {"{" U8("a", 0, 7, 7) "}", 8, FAC_ERR_VALUE, "bytes behind the last tensor's data"},
    {"{}", 1, FAC_ERR_VALUE, "bytes behind the last tensor's data"},
    /* metadata */
    {"{\"__metadata__\":null}", 0, FAC_ERR_VALUE, "where an object or a text must be"},
    {"{\"__metadata__\":[]}", 0, FAC_ERR_VALUE, "where an object must be"},
    {"{\"__metadata__\":\"a\"}", 0, FAC_ERR_VALUE, "where an object must be"},
    {"{\"__metadata__\":{\"a\":1}}", 0, FAC_ERR_VALUE, "where an object or a text must be"},
    {"{\"__metadata__\":{\"a\":{}}}", 0, FAC_ERR_VALUE, "where a text must be"},
    {"{\"__metadata__\":{\"a\":[\"b\"]}}", 0, FAC_ERR_VALUE, "where a text must be"},
    {"{\"__metadata__\":{\"a\":\"b\",\"a\":\"c\"}}", 0, FAC_ERR_VALUE, "its metadata has a key twice"},
    {"{\"__metadata__\":{\"a\":\"b\"},\"__metadata__\":{\"a\":\"c\"}}", 0, FAC_ERR_VALUE, "it has metadata twice"},
    {"{\"__metadata__\":{\"a\":\"\\u0000\"}}", 0, FAC_ERR_VALUE, "\\u0000 is not allowed"},
    {"{\"__metadata__\":{\"a\":\"b\",}}", 0, FAC_ERR_VALUE, "lacks a name"},
    {"{" U8("__metadata__", 0, 1, 1) "}", 1, FAC_ERR_VALUE, "where a text must be"},
    /* JSON that is none */
    {"", 0, FAC_ERR_VALUE, "does not begin with '{'"},
    {" {}", 0, FAC_ERR_VALUE, "does not begin with '{'"},
    {"[]", 0, FAC_ERR_VALUE, "does not begin with '{'"},
    {"\xef\xbb\xbf{}", 0, FAC_ERR_VALUE, "does not begin with '{'"},
    {"{", 0, FAC_ERR_VALUE, "lacks a name"},
    {"{\"", 0, FAC_ERR_VALUE, "lacks a name, or ends within it"},
    {"{\"\\", 0, FAC_ERR_VALUE, "lacks a name, or ends within it"},
    {"{\"a\"", 0, FAC_ERR_VALUE, "lacks a ':'"},
    {"{\"a\":", 0, FAC_ERR_VALUE, "ends within a value"},
    {"{\"a\":{", 0, FAC_ERR_VALUE, "ends within a value"},
    {"{\"a\":{\"", 0, FAC_ERR_VALUE, "ends within a value"},
    {"{\"a\":]}", 0, FAC_ERR_VALUE, "where an object or a text must be"},
    {"{,}", 0, FAC_ERR_VALUE, "lacks a name"},
    {"{" U8("a", 0, 0, 0) ",}", 0, FAC_ERR_VALUE, "lacks a name"},
    {"{" U8("a", 0, 0, 0) " " U8("b", 0, 0, 0) "}", 0, FAC_ERR_VALUE, "lacks a ',' or '}'"},
    {"{}{}", 0, FAC_ERR_VALUE, "goes on behind the last '}'"},
    {"{}\v", 0, FAC_ERR_VALUE, "goes on behind the last '}'"},
    {"{\"w\":{\"dtype\":\"U8\",\"shape\":[0}],\"data_offsets\":[0,0]}", 0, FAC_ERR_VALUE, "expected near"},
    {"{\"w\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]]}", 0, FAC_ERR_VALUE, "file: "},
    {"{'w':1}", 0, FAC_ERR_VALUE, "lacks a name"},
    {"{\"w\":{\"dtype\":\"U8\",\"shape\":[0,],\"data_offsets\":[0,0]}}", 0, FAC_ERR_VALUE, "file: "},
    {"{/**/}", 0, FAC_ERR_VALUE, "lacks a name"},
};

static void hostile_headers_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(hostile_headers); i++) {
        const hostile *row = &hostile_headers[i];
        blob made = make_blob(row->header, strlen(row->header), row->data_size);
        assert_refused(made.data, made.size, row->status, row->message);
        free(made.data);
    }
}

static void odd_but_valid_headers_are_read(void **state)
{
    (void)state;
    assert_accepted("{}", 0, 0);
    assert_accepted("{\n\t}  \r\n", 0, 0);
    assert_accepted("{ \"__metadata__\" : { } }", 0, 0);
    assert_accepted("{ \"a\" : { \"shape\" : [ 3 ] , \"data_offsets\" : [ 0 , 3 ] ,\n\"dtype\" : \"\\u00558\" } }", 3,
                    1);
    assert_accepted("{" U8("b", 4, 8, 4) "," U8("a", 0, 4, 4) "}", 8, 2);
    assert_accepted("{" U8("z", 4, 4, 0) "," U8("b", 4, 8, 4) "," U8("a", 0, 4, 4) "," U8("y", 8, 8, 0) "}", 8, 4);
    assert_accepted(W("\"U8\"", "[0,4611686018427387904]", "[0,0]"), 0, 1);
}

static void lengths_of_headers(void **state)
{
    (void)state;
    const struct {
        uint64_t length;
        const char *message;
    } rows[] = {
        {0, "does not begin with '{'"},
        {1, "lacks a name"},
        {7, "goes on behind the last '}'"},
        {17, "shorter than its header would be"},
        {100000000, "shorter than its header would be"},
        {100000001, "longer than 100 MB"},
        {UINT64_C(1) << 31, "longer than 100 MB"},
        {INT64_MAX, "longer than 100 MB"},
        {UINT64_MAX, "longer than 100 MB"},
        {UINT64_MAX - 7, "longer than 100 MB"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        blob made = make_blob("{}    zzzzzzzzzz", 16, 0);
        memcpy(made.data, &rows[i].length, 8);
        assert_refused(made.data, made.size, FAC_ERR_VALUE, rows[i].message);
        free(made.data);
    }
}

/* What a file is is seen by its content, whatever its name. */
static void other_kinds_are_named(void **state)
{
    (void)state;
    const struct {
        const char *bytes;
        size_t size;
        const char *message;
    } rows[] = {
        {"PK\3\4\x14\0\0\0\0\0\0\0archive/data.pkl", 28, "it looks like a zip archive (.npz, .pt)"},
        {"PK\3\4", 4, "it looks like a zip archive"},
        {"\x80\2ccollections\nOrderedDict\n", 27, "it looks like a pickle"},
        {"\x80\4\x95\x1a\0\0\0\0\0\0\0\x8c\5posix", 18, "it looks like a pickle"},
        {"\x80\2\0\0\0\0\0\0", 8, "it is shorter than its header would be"},
        {"\x93NUMPY\1\0v\0{'descr': '<f4'", 24, "it looks like a NumPy array (.npy)"},
        {"\x89HDF\r\n\x1a\n\0\0\0\0", 12, "it looks like an HDF5 file"},
        {"GGUF\3\0\0\0\0\0\0\0", 12, "it looks like a GGUF file"},
        {"\x1f\x8b\x08\0\0\0\0\0\0\0", 10, "it looks like a gzip archive"},
        {"version https://git-lfs.github.com/spec/v1\n", 43, "it looks like a Git LFS pointer"},
        {"{\"w\":{\"dtype\":\"F32\"}}", 21, "it looks like JSON text"},
        {"<!DOCTYPE html>", 15, "it looks like a web page"},
        {"x,y\n1,2\n", 8, "longer than 100 MB"},
        {"", 0, "it is shorter than 8 bytes"},
        {"\0\0\0", 3, "it is shorter than 8 bytes"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_refused(rows[i].bytes, rows[i].size, FAC_ERR_VALUE, rows[i].message);
}

/* Text that grows: repeat(text, n) n times, then the end. */
static blob repeat(const char *start, const char *piece, size_t count, const char *end)
{
    size_t length = strlen(piece), total = strlen(start) + count * length + strlen(end);
    char *text = malloc(total + 1), *at = text + strlen(start);
    memcpy(text, start, strlen(start));
    for (size_t i = 0; i < count; i++, at += length)
        memcpy(at, piece, length);
    memcpy(at, end, strlen(end));
    blob made = make_blob(text, total, 0);
    free(text);
    return made;
}

/* No memory or time beyond what the file's own size justifies. */
static void bombs_are_harmless(void **state)
{
    (void)state;
    const struct {
        const char *start, *piece, *end, *message;
    } rows[] = {
        {"{\"a\":", "[", "", "nested too deeply"},
        {"{\"a\":", "{\"a\":", "", "nested too deeply"},
        {"{\"a\":", "[", "]}", "nested too deeply"},
        {"", "{", "", "lacks a name"},
        {"{\"w\":{\"dtype\":\"U8\",\"data_offsets\":[0,0],\"shape\":[1", ",1", "]}}", "its description is too long"},
        {"{\"w\":{\"dtype\":\"U8\",\"data_offsets\":[0,0],\"shape\":[1", " ", "]}}", "its description is too long"},
        {"{\"__metadata__\":{\"a\":\"\"", ",\"a\":\"\"", "}}", "a key twice"},
        {"{\"w\":\"\"", ",\"w\":\"\"", "}", "needs dtype, shape"},
        {"{", " ", "", "lacks a name"},
        {"{\"a", "\\u00e9", "", "lacks a name"},
        {"{\"", "\\\\", "\":{}}", "tensor '\\\\"},
        {"{" U8("w", 0, 0, 0), "," U8("w", 0, 0, 0), "}", "the name is there twice"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        blob made = repeat(rows[i].start, rows[i].piece, 1000000 / strlen(rows[i].piece), rows[i].end);
        support_memory.peak_bytes = support_memory.live_bytes;
        int64_t before = support_memory.live_bytes;
        assert_refused(made.data, made.size, FAC_ERR_VALUE, rows[i].message);
        assert_true(support_memory.peak_bytes - before <= 4096 + 8 * (int64_t)made.size);
        free(made.data);
    }
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Writes a file of that many tensors and reads it. Returns the seconds that reading took. */
static double read_many(int count)
{
    static char all_names[100000][16];
    static float value = 3;
    fac_st_entry *entries = calloc((size_t)count, sizeof *entries);
    for (int i = 0; i < count; i++) {
        snprintf(all_names[i], sizeof all_names[i], "w%d", (int)((int64_t)i * 7919 % count));
        entries[i] = (fac_st_entry){.name = all_names[i], .dtype = FAC_FLOAT32, .data = &value, .bytes = sizeof value};
    }
    assert_int_equal(fac_st_write("many", entries, (size_t)count, NULL), FAC_OK);
    struct stat status;
    assert_int_equal(stat("many", &status), 0);
    fac_st_file *file;
    int64_t before = support_memory.peak_bytes = support_memory.live_bytes;
    double start = seconds();
    assert_int_equal(fac_st_read("many", &file), FAC_OK);
    double taken = seconds() - start;
    assert_int_equal(file->count, count);
    for (int i = 0; i < count; i += 97)
        assert_non_null(fac_st_find(file, all_names[i]));
    assert_true(support_memory.peak_bytes - before <= 4096 + 8 * (int64_t)status.st_size);
    fac_st_free(file);
    free(entries);
    return taken;
}

/* Ten times the tensors take ten times the time, not a hundred times. */
static void a_hundred_thousand_tensors(void **state)
{
    (void)state;
    double few = read_many(10000), many = read_many(100000);
    assert_true(many < 40 * few + 0.1);
}

/* Names are keys; whatever they look like, no other file is opened. */
static void no_other_file_is_opened(void **state)
{
    (void)state;
    fac_st_file *file;
    support_files_fail_at(INT32_MAX, false, EIO, "openat");
    assert_int_equal(fac_st_read(GOLDEN("names"), &file), FAC_OK);
    assert_non_null(fac_st_find(file, "../../etc/passwd"));
    assert_int_equal(support_files.count, 1);
    fac_st_free(file);
}

static void a_name_of_a_megabyte(void **state)
{
    (void)state;
    enum { LENGTH = 1000000 };
    char *name = malloc(LENGTH + 1);
    memset(name, 'n', LENGTH);
    name[LENGTH] = '\0';
    float value = 3;
    fac_st_file *file;
    fac_st_entry entry = {.name = name, .dtype = FAC_FLOAT32, .data = &value, .bytes = sizeof value};
    const char *const metadata[] = {name, name, NULL};
    assert_int_equal(fac_st_write("long", &entry, 1, metadata), FAC_OK);
    assert_int_equal(fac_st_read("long", &file), FAC_OK);
    assert_entry(file->entries, &entry);
    assert_string_equal(file->metadata[1], name);
    fac_st_free(file);
    entry.bytes = 5;
    assert_int_equal(fac_st_write("long", &entry, 1, metadata), FAC_ERR_VALUE);
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_non_null(strstr(fac_last_error(), "nnn...': the data do not fit the shape"));
    free(name);
}

/* C's bool is 0 or 1; a file's byte may be anything. */
static void bools_are_made_bools(void **state)
{
    (void)state;
    const char header[] = "{" U8("a", 0, 2, 2) ",\"b\":{\"dtype\":\"BOOL\",\"shape\":[4],\"data_offsets\":[2,6]}}";
    blob made = make_blob(header, sizeof header - 1, 6);
    memcpy(made.data + made.size - 6, "\x02\xff\x00\x01\x02\xff", 6);
    fac_st_file *file;
    assert_int_equal(parse_exactly(made.data, made.size, &file), FAC_OK);
    assert_memory_equal(file->data, "\x02\xff\x00\x01\x01\x01", 6);
    fac_st_free(file);
    free(made.data);
}

/* A header that is not padded leaves the data at an odd place in the file. */
static void data_need_not_be_aligned_in_the_file(void **state)
{
    (void)state;
    for (size_t pad = 0; pad < 8; pad++) {
        char header[128];
        int length = snprintf(header, sizeof header, "%s%*s", W("\"F64\"", "[1]", "[0,8]"), (int)pad, "");
        blob made = make_blob(header, (size_t)length, 8);
        double value = 1.5, got;
        memcpy(made.data + made.size - 8, &value, 8);
        fac_st_file *file;
        assert_int_equal(parse_exactly(made.data, made.size, &file), FAC_OK);
        memcpy(&got, file->entries[0].data, 8);
        assert_true(got == value);
        fac_st_free(file);
        free(made.data);
    }
}

static void assert_unwritable(const fac_st_entry *entries, size_t count, const char *const *metadata,
                              const char *message)
{
    assert_int_equal(fac_st_write("refused", entries, count, metadata), FAC_ERR_VALUE);
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    if (!strstr(fac_last_error(), message))
        fail_msg("expected '%s', got '%s'", message, fac_last_error());
    assert_int_equal(access("refused", F_OK), -1);
}

static void what_could_not_be_read_is_not_written(void **state)
{
    (void)state;
    static const float value[2] = {1, 2};
    const fac_st_entry good = {.name = "w", .dtype = FAC_FLOAT32, .ndim = 1, .shape = {2}, .data = value, .bytes = 8};
    fac_st_entry bad[2] = {good, good};
    assert_unwritable(bad, 2, NULL, "the tensor name 'w' is there twice");
    const char *const bad_names[][2] = {{"", "a tensor has no name"},
                                        {NULL, "a tensor has no name"},
                                        {"a\xff", "tensor 'a\\xff': the name is not UTF-8"},
                                        {"__metadata__", "the name is the metadata's"}};
    for (size_t i = 0; i < COUNT(bad_names); i++) {
        bad[0].name = bad_names[i][0];
        assert_unwritable(bad, 1, NULL, bad_names[i][1]);
    }
    bad[0] = good;
    bad[0].bytes = 7, assert_unwritable(bad, 1, NULL, "tensor 'w': the data do not fit the shape");
    bad[0] = good;
    bad[0].data = NULL, assert_unwritable(bad, 1, NULL, "the data do not fit the shape");
    bad[0] = good;
    bad[0].shape[0] = -2, assert_unwritable(bad, 1, NULL, "the shape is not one");
    bad[0] = good;
    bad[0].ndim = 9, assert_unwritable(bad, 1, NULL, "the shape is not one");
    bad[0].ndim = -1, assert_unwritable(bad, 1, NULL, "the shape is not one");
    bad[0] = good;
    bad[0].dtype = FAC_DEFAULT_DTYPE, assert_unwritable(bad, 1, NULL, "no dtype");
    bad[0].dtype = (fac_dtype)99, assert_unwritable(bad, 1, NULL, "no dtype");
    const char *const twice[] = {"a", "1", "b", "2", "a", "3", NULL};
    const char *const half[] = {"a", "1", "b", NULL};
    const char *const latin[] = {"a", "\xe9", NULL};
    assert_unwritable(&good, 1, twice, "the metadata key 'a' is there twice");
    assert_unwritable(&good, 1, half, "a metadata key without a value");
    assert_unwritable(&good, 1, latin, "metadata that are not UTF-8");
}

/* Every code point's UTF-8 in a name comes back. */
static void every_character_comes_back(void **state)
{
    (void)state;
    enum { PER_NAME = 0x4000 };
    static char name[4 * PER_NAME + 1];
    char value = 1;
    for (uint32_t first = 1; first < 0x110000; first += PER_NAME) {
        size_t length = 0;
        for (uint32_t c = first; c < first + PER_NAME && c < 0x110000; c++) {
            if (c >= 0xd800 && c < 0xe000)
                continue;
            if (c < 0x80)
                name[length++] = (char)c;
            else if (c < 0x800)
                length += (size_t)snprintf(name + length, 3, "%c%c", (int)(0xc0 | c >> 6), (int)(0x80 | (c & 63)));
            else if (c < 0x10000)
                length += (size_t)snprintf(name + length, 4, "%c%c%c", (int)(0xe0 | c >> 12),
                                           (int)(0x80 | (c >> 6 & 63)), (int)(0x80 | (c & 63)));
            else
                length +=
                    (size_t)snprintf(name + length, 5, "%c%c%c%c", (int)(0xf0 | c >> 18), (int)(0x80 | (c >> 12 & 63)),
                                     (int)(0x80 | (c >> 6 & 63)), (int)(0x80 | (c & 63)));
        }
        name[length] = '\0';
        if (!length)
            continue;
        assert_true(fac_utf8_valid(name, length));
        fac_st_file *file;
        fac_st_entry entry = {.name = name, .dtype = FAC_UINT8, .data = &value, .bytes = 1};
        assert_int_equal(fac_st_write("chars", &entry, 1, NULL), FAC_OK);
        assert_int_equal(fac_st_read("chars", &file), FAC_OK);
        assert_entry(file->entries, &entry);
        fac_st_free(file);
    }
}

static void errors_of_the_file_are_told(void **state)
{
    (void)state;
    fac_st_file *file;
    assert_int_equal(fac_st_read("none", &file), FAC_ERR_IO);
    assert_int_equal(fac_error_status(), FAC_ERR_IO);
    assert_string_equal(fac_last_error(), "cannot open 'none': No such file or directory");
    assert_int_equal(fac_st_read(".", &file), FAC_ERR_IO);
    assert_int_equal(fac_error_status(), FAC_ERR_IO);
    support_put("pickle.safetensors", "\x80\x04\x95.", 4);
    assert_int_equal(fac_st_read("pickle.safetensors", &file), FAC_ERR_VALUE);
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_string_equal(fac_last_error(), "'pickle.safetensors' is not a safetensors file: it looks like a pickle");
    fac_st_free(NULL);
}

/* A file of a terabyte, all holes: refused before memory is taken for it. */
static void a_sparse_file_takes_no_memory(void **state)
{
    (void)state;
    support_put("sparse", "\x02\0\0\0\0\0\0\0{}", 10);
    if (truncate("sparse", (off_t)1 << 40))
        skip(); /* this file system has no such files */
    fac_st_file *file;
    int64_t before = support_memory.peak_bytes = support_memory.live_bytes;
    assert_int_equal(fac_st_read("sparse", &file), FAC_ERR_VALUE);
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_true(support_memory.peak_bytes - before < 4096);
}

static fac_status read_program(void *ctx)
{
    fac_st_file *file;
    FAC_TRY(fac_st_read(ctx, &file));
    fac_st_free(file);
    return FAC_OK;
}

static fac_status write_program(void *ctx)
{
    return fac_st_write("written", ctx, COUNT(names), names_metadata);
}

static void every_allocation_fails_in_turn(void **state)
{
    (void)state;
    char path[] = GOLDEN("names");
    fac_st_entry *entries = make_entries(names, COUNT(names));
    assert_true(support_alloc_fail_each(read_program, path) >= 6);
    assert_true(support_alloc_fail_each(write_program, entries) >= 3);
    assert_golden_read("written", names, COUNT(names), names_metadata);
    free_entries(entries, COUNT(names));
    assert_int_equal(support_folder_empty(), 1);
}

static void check_written(fac_status status)
{
    size_t size;
    bool renamed = support_files.renamed;
    assert_int_equal(fac_error_status(), status);
    support_files_fail_at(0, false, 0, NULL);
    if (renamed) {
        assert_golden_read("written", names, COUNT(names), names_metadata);
        return;
    }
    char *text = support_get("written", &size);
    assert_string_equal(text, "old");
    assert_int_equal(status, FAC_ERR_IO);
    free(text);
}

static void every_call_fails_in_turn(void **state)
{
    (void)state;
    char path[] = GOLDEN("names");
    fac_st_entry *entries = make_entries(names, COUNT(names));
    bool reached = true;
    for (int n = 1; reached; n++)
        for (int forever = 0; forever < 2; forever++) {
            support_put("written", "old", 3);
            support_files_fail_at(n, forever, ENOSPC, NULL);
            fac_status status = write_program(entries);
            reached = support_files.count >= n;
            check_written(status);
            support_files_fail_at(n, forever, EIO, NULL);
            status = read_program(path);
            reached = reached || support_files.count >= n;
            assert_int_equal(fac_error_status(), status);
            assert_int_equal(support_files.open_files, 0);
        }
    support_files_fail_at(0, false, 0, NULL);
    free_entries(entries, COUNT(names));
}

static int setup(void **state)
{
    (void)state;
    support_folder_make();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    support_files_fail_at(0, false, 0, NULL);
    support_folder_remove();
    assert_int_equal(support_files.open_files, 0);
    return (int)fac_error_status();
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    support_alloc_install();
    support_files_install();
    const struct CMUnitTest tests[] = {
        CASE(reads_what_python_wrote),
        CASE(writes_what_python_wrote),
        CASE(every_truncation_is_refused),
        CASE(every_changed_byte_is_borne),
        CASE(hostile_headers_are_refused),
        CASE(odd_but_valid_headers_are_read),
        CASE(lengths_of_headers),
        CASE(other_kinds_are_named),
        CASE(bombs_are_harmless),
        CASE(a_hundred_thousand_tensors),
        CASE(no_other_file_is_opened),
        CASE(a_name_of_a_megabyte),
        CASE(bools_are_made_bools),
        CASE(data_need_not_be_aligned_in_the_file),
        CASE(what_could_not_be_read_is_not_written),
        CASE(every_character_comes_back),
        CASE(errors_of_the_file_are_told),
        CASE(a_sparse_file_takes_no_memory),
        CASE(every_allocation_fails_in_turn),
        CASE(every_call_fails_in_turn),
    };
    return cmocka_run_group_tests_name("safetensors", tests, NULL, NULL);
}
