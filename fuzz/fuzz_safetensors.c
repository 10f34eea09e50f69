/* SPDX-License-Identifier: MIT */
/* The first byte: bit 0 says that a header follows, to which its length and data of zeros are added (two bytes say how
 * much), else a whole file follows; the other bits say which allocation fails. */
#define _POSIX_C_SOURCE 200809L
#include "fuzz.h"

#include <jansson.h>

#include "io/safetensors.h"

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    fuzz_install();
    return 0;
}

static char *make_file(const uint8_t *data, size_t size, size_t *file_size)
{
    bool is_header = size >= 3 && data[0] & 1;
    size_t skipped = is_header ? 3 : 1, zeros = is_header ? (size_t)(data[1] | data[2] << 8) : 0;
    uint64_t length = size - skipped;
    *file_size = (is_header ? 8 : 0) + (size_t)length + zeros;
    char *file = calloc(1, *file_size + !*file_size), *at = file;
    FUZZ_CHECK(file);
    if (is_header) {
        memcpy(at, &length, 8);
        at += 8;
    }
    memcpy(at, data + skipped, (size_t)length);
    return file;
}

/* The whole header is JSON to jansson, too: our walk through it has not taken it for what it is not. */
static void check_header(const char *file)
{
    uint64_t length;
    memcpy(&length, file, 8);
    json_error_t error;
    json_t *header = json_loadb(file + 8, (size_t)length, JSON_REJECT_DUPLICATES, &error);
    FUZZ_CHECK(json_is_object(header));
    json_decref(header);
}

static void check_entries(const fac_st_file *read)
{
    const char *at = read->data;
    for (size_t i = 0; i < read->count; i++) {
        const fac_st_entry *entry = &read->entries[i];
        int64_t numel = 1;
        for (int j = 0; j < entry->ndim; j++)
            numel *= entry->shape[j] ? entry->shape[j] : 0;
        FUZZ_CHECK((size_t)numel * fac_dtype_size(entry->dtype) == entry->bytes);
        FUZZ_CHECK(entry->data == at);
        FUZZ_CHECK(fac_st_find(read, entry->name) == entry);
        at += entry->bytes;
    }
    FUZZ_CHECK(at == read->data + read->data_size);
}

static void check_same(const fac_st_file *read, const fac_st_file *again)
{
    FUZZ_CHECK(read->count == again->count && read->metadata_count == again->metadata_count);
    for (size_t i = 0; i < read->count; i++) {
        const fac_st_entry *left = &read->entries[i], *right = fac_st_find(again, left->name);
        FUZZ_CHECK(right && left->dtype == right->dtype && left->ndim == right->ndim && left->bytes == right->bytes);
        FUZZ_CHECK(!memcmp(left->shape, right->shape, sizeof *left->shape * (size_t)left->ndim));
        FUZZ_CHECK(!memcmp(left->data, right->data, left->bytes));
    }
    for (size_t i = 0; i < 2 * read->metadata_count; i++)
        FUZZ_CHECK(!strcmp(read->metadata[i], again->metadata[i]));
}

/* What was read can be written and read again. */
static void check_round_trip(const fac_st_file *read)
{
    fac_st_file *again;
    FUZZ_CHECK(fac_st_write("out", read->entries, read->count, read->metadata) == FAC_OK);
    FUZZ_CHECK(fac_st_parse(fuzz_file.data, fuzz_file.size, "out", &again) == FAC_OK);
    check_entries(again);
    check_same(read, again);
    fac_st_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    fac_st_file *read;
    size_t file_size;
    char *file = make_file(data, size, &file_size);
    support_alloc_fail_at(data[0] >> 1, data[0] >> 7);
    fac_status status = fac_st_parse(file, file_size, "in", &read);
    support_alloc_fail_at(0, false);
    if (!status) {
        check_header(file);
        check_entries(read);
        check_round_trip(read);
        fac_st_free(read);
    }
    free(file);
    fuzz_end(status);
    return 0;
}
