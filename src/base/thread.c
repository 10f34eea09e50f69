/* SPDX-License-Identifier: MIT */
#include "base/thread.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/parallel.h"

_Thread_local fac_thread fac_self __attribute__((tls_model("initial-exec")));

fac_status (*fac_settle_values)(const void *tensor);

static pthread_key_t end_key;
static pthread_once_t end_once = PTHREAD_ONCE_INIT;

static void close_scopes_above(size_t mark)
{
    fac_thread *self = &fac_self;
    while (self->scope_count > mark)
        fac_free_handle(self->scope_items[--self->scope_count]);
}

static void release_thread(void)
{
    fac_thread *self = &fac_self;
    if (self->scope_count == 0) {
        fac_dealloc(self->scope_items, self->scope_capacity * sizeof *self->scope_items);
        self->scope_items = NULL;
        self->scope_capacity = 0;
    }
    fac_dealloc(self->message, FAC_MESSAGE_MAX);
    fac_dealloc(self->warning, FAC_MESSAGE_MAX);
    fac_dealloc(self->texts, FAC_TEXT_SLOTS * FAC_TEXT_MAX);
    self->message = self->warning = self->texts = NULL;
    fac_pool_thread_end();
}

static void thread_end(void *value)
{
    (void)value;
    fac_free_handle(fac_self.generator);
    fac_self.generator = NULL;
    close_scopes_above(0);
    release_thread();
    fac_self.ready = false;
}

static void make_key(void)
{
    pthread_key_create(&end_key, thread_end);
}

void fac_thread_begin(void)
{
    if (fac_self.ready)
        return;
    pthread_once(&end_once, make_key);
    pthread_setspecific(end_key, &fac_self);
    fac_self.ready = true;
}

char *fac_thread_buffer(char **buffer, size_t bytes)
{
    if (!*buffer) {
        fac_thread_begin();
        *buffer = fac_alloc_quiet(bytes);
        if (*buffer)
            **buffer = '\0';
    }
    return *buffer;
}

char *fac_thread_text(void)
{
    fac_thread *self = &fac_self;
    char *texts = fac_thread_buffer(&self->texts, FAC_TEXT_SLOTS * FAC_TEXT_MAX);
    return texts ? texts + self->next_text++ % FAC_TEXT_SLOTS * FAC_TEXT_MAX : NULL;
}

bool fac_scope_adopt_slow(void *handle)
{
    fac_thread *self = &fac_self;
    fac_thread_begin();
    if (fac_grow(&self->scope_items, &self->scope_capacity, self->scope_count + 1, sizeof *self->scope_items)) {
        fac_free_handle(handle);
        return false;
    }
    self->scope_items[self->scope_count++] = handle;
    return true;
}

fac_scope fac_scope_open(void)
{
    return (fac_scope){fac_self.scope_count};
}

void fac_scope_close(fac_scope *scope)
{
    close_scopes_above(scope->mark);
}

void fac_scope_reset(void)
{
    close_scopes_above(0);
}

void fac_trim(void)
{
    fac_parallel_trim();
    release_thread();
    fac_pool_trim();
}
