/* SPDX-License-Identifier: MIT */
#include "tensor/storage.h"

#include "base/error.h"

/* The data follow the header at the next aligned address. */
enum { DATA_AT = (sizeof(fac_storage) + FAC_ALIGN - 1) / FAC_ALIGN * FAC_ALIGN };

fac_storage *fac_storage_new(size_t bytes)
{
    if (bytes > PTRDIFF_MAX - DATA_AT) {
        fac_fail_memory(bytes);
        return NULL;
    }
    fac_storage *storage = fac_block_new(DATA_AT + bytes);
    if (!storage)
        return NULL;
    *storage = (fac_storage){.refs = 1, .bytes = bytes, .block = DATA_AT + bytes, .data = (char *)storage + DATA_AT};
    return storage;
}

fac_storage *fac_storage_foreign(void *data, size_t bytes, fac_deleter *deleter, void *ctx)
{
    fac_storage *storage = fac_block_new(DATA_AT);
    if (storage)
        *storage = (fac_storage){
            .refs = 1, .bytes = bytes, .block = DATA_AT, .data = data, .deleter = deleter, .ctx = ctx};
    return storage;
}

void fac_storage_release(fac_storage *storage)
{
    if (!fac_count_down(&storage->refs))
        return;
    if (storage->deleter)
        storage->deleter(storage->data, storage->ctx);
    fac_block_free(storage, storage->block);
}
