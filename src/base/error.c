/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/thread.h"

char fac_none_object;

static const char out_of_memory[] = "out of memory";

static struct {
    pthread_mutex_t lock;
    fac_warning_fn *fn;
    void *ctx;
} warnings = {.lock = PTHREAD_MUTEX_INITIALIZER};

static fac_status start_error(fac_status status, const char *format, va_list arguments)
{
    if (fac_self.pending)
        return fac_self.pending;
    fac_self.pending = fac_self.last = status;
    fac_self.errors++;
    fac_self.fixed_message = NULL;
    char *buffer = fac_thread_buffer(&fac_self.message, FAC_MESSAGE_MAX);
    if (!buffer) {
        fac_self.fixed_message = out_of_memory;
        return fac_self.pending = fac_self.last = FAC_ERR_MEMORY;
    }
    vsnprintf(buffer, FAC_MESSAGE_MAX, format, arguments);
    return status;
}

fac_status fac_fail(fac_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    status = start_error(status, format, arguments);
    va_end(arguments);
    return status;
}

fac_status fac_raise(fac_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    status = start_error(status ? status : FAC_ERR_RUNTIME, format, arguments);
    va_end(arguments);
    return status;
}

fac_status fac_fail_memory(size_t bytes)
{
    return fac_fail(FAC_ERR_MEMORY, "out of memory: could not allocate %zu bytes", bytes);
}

fac_status fac_pending(void)
{
    return fac_self.pending;
}

void fac_clear_pending(void)
{
    fac_self.pending = FAC_OK;
}

fac_status fac_returned(fac_status status)
{
    fac_self.pending = FAC_OK;
    return status;
}

const char *fac_last_error(void)
{
    if (fac_self.fixed_message)
        return fac_self.fixed_message;
    return fac_self.message ? fac_self.message : "";
}

fac_status fac_error_status(void)
{
    fac_status status = fac_self.pending;
    fac_self.pending = FAC_OK;
    return status;
}

const char *fac_status_name(fac_status status)
{
    static const char *const names[] = {"ok",          "value error",  "type error", "index error",     "key error",
                                        "runtime error", "out of memory", "I/O error",  "not implemented", "stopped"};
    return (size_t)status < sizeof names / sizeof *names ? names[status] : "unknown status";
}

void fac_on_warning(fac_warning_fn *fn, void *ctx)
{
    pthread_mutex_lock(&warnings.lock);
    warnings.fn = fn;
    warnings.ctx = ctx;
    pthread_mutex_unlock(&warnings.lock);
}

const char *fac_last_warning(void)
{
    return fac_self.warning ? fac_self.warning : "";
}

/* The text in the thread's buffer; NULL if that can't be had. */
static char *write_warning(const char *format, va_list arguments)
{
    char *buffer = fac_thread_buffer(&fac_self.warning, FAC_MESSAGE_MAX);
    if (buffer)
        vsnprintf(buffer, FAC_MESSAGE_MAX, format, arguments);
    return buffer;
}

static void pass_on_warning(const char *text)
{
    pthread_mutex_lock(&warnings.lock);
    fac_warning_fn *fn = warnings.fn;
    void *ctx = warnings.ctx;
    pthread_mutex_unlock(&warnings.lock);
    if (fn)
        fn(text, ctx);
}

void fac_warn(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = write_warning(format, arguments);
    va_end(arguments);
    if (text)
        pass_on_warning(text);
}

/* FNV-1a of the key and the text. */
static uint64_t hash_warning(const void *key, const char *text)
{
    uint64_t hash = 0xcbf29ce484222325u ^ (uint64_t)(uintptr_t)key;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    return hash;
}

static bool is_new_warning(uint64_t hash)
{
    enum { MANY = 64 };
    static uint64_t given[MANY];
    static int count;
    pthread_mutex_lock(&warnings.lock);
    bool is_new = count < MANY;
    for (int i = 0; i < count && is_new; i++)
        is_new = given[i] != hash;
    if (is_new)
        given[count++] = hash;
    pthread_mutex_unlock(&warnings.lock);
    return is_new;
}

void fac_warn_text_once(const void *key, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = write_warning(format, arguments);
    va_end(arguments);
    if (text && is_new_warning(hash_warning(key, text)))
        pass_on_warning(text);
}
