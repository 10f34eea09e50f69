/* SPDX-License-Identifier: MIT */
/* Status codes, error messages, warnings, the allocator, handles and scopes. */
#ifndef FACULA_BASE_H
#define FACULA_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FAC_VERSION_MAJOR 0
#define FAC_VERSION_MINOR 1
#define FAC_VERSION_PATCH 0
#define FAC_VERSION       "0.1.0"

#if defined(__GNUC__)
#define FAC_API              __attribute__((visibility("default")))
#define FAC_WARN_UNUSED      __attribute__((warn_unused_result))
#define FAC_PRINTF(fmt, va)  __attribute__((format(printf, fmt, va)))
#else
#define FAC_API
#define FAC_WARN_UNUSED
#define FAC_PRINTF(fmt, va)
#endif

/* The outcome of an action. FAC_OK is 0; each other code names the Python exception PyTorch would raise. */
typedef enum fac_status {
    FAC_OK = 0,
    FAC_ERR_VALUE,       /* ValueError: an argument out of range, shapes that do not fit */
    FAC_ERR_TYPE,        /* TypeError: a dtype or kind of argument that the operation does not take */
    FAC_ERR_INDEX,       /* IndexError: an index or dim out of range */
    FAC_ERR_KEY,         /* KeyError: a name that is not there */
    FAC_ERR_RUNTIME,     /* RuntimeError: the wrong moment: freed graph, ended scope, changed saved tensor */
    FAC_ERR_MEMORY,      /* MemoryError: an allocation failed */
    FAC_ERR_IO,          /* OSError: a file could not be read or written */
    FAC_ERR_UNSUPPORTED, /* NotImplementedError */
    FAC_ERR_STOPPED      /* KeyboardInterrupt: the caller's stop flag was set */
} fac_status;

/* None: the value of every optional tensor or handle that is not given. Not NULL, which always is an error. */
extern FAC_API char fac_none_object;
#define fac_none ((void *)&fac_none_object)

/* The message of this thread's last error; "" if there was none. Names the root cause, with the shapes.
 * Valid until the thread's next error. */
FAC_API const char *fac_last_error(void);

/* The status of an error that a function returning a handle or a number left pending (NULL, NaN, -1), and clears
 * it; FAC_OK if none is pending. Every action (a function returning fac_status) does the same on entry. */
FAC_API fac_status fac_error_status(void) FAC_WARN_UNUSED;

/* Starts an error of your own, from a function that the library calls (a module's forward, a dataset's get), as Python's
 * raise: `return fac_raise(FAC_ERR_VALUE, "no file %s", path);`. An error that is pending already stays. Returns its
 * status. No floating-point conversions: they follow the host's locale. */
FAC_API fac_status fac_raise(fac_status status, const char *format, ...) FAC_PRINTF(2, 3);

/* The word for a status: "ok", "value error", ... */
FAC_API const char *fac_status_name(fac_status status);

/* What PyTorch warns of (warnings.warn) goes to fn, once a place in the library, a loss given sizes that differ once for
 * each text; with none set (the default) nothing is said. The setting is the process's. fn may be called from any thread
 * that uses the library. */
typedef void fac_warning_fn(const char *message, void *ctx);
FAC_API void fac_on_warning(fac_warning_fn *fn, void *ctx);
/* The text of this thread's last warning, "" if none. */
FAC_API const char *fac_last_warning(void);

/* Where all memory of the library comes from. realloc gets the old size as well. Set it before the first use of any
 * other function; afterwards FAC_ERR_RUNTIME. Blocks must be aligned to 16 bytes. */
typedef struct fac_allocator {
    void *(*malloc)(size_t size, void *ctx);
    void *(*realloc)(void *block, size_t old_size, size_t new_size, void *ctx);
    void (*free)(void *block, size_t size, void *ctx);
    void *ctx;
} fac_allocator;
FAC_API fac_status fac_set_allocator(const fac_allocator *allocator) FAC_WARN_UNUSED;

/* Gives cached memory of this thread (and of threads that have ended) back to the allocator. Slots of freed tensors
 * are kept for as long as the program runs, so that use after free stays an error message: this call ends that, too.
 * Threads that wait for work (facula/threads.h) are ended.
 * Only for a program that is done with the library, or for a leak checker. */
FAC_API void fac_trim(void);

/* The number of tensors alive in the process: 0 once everything is freed and all scopes are closed. */
FAC_API int64_t fac_live_tensors(void);

/* Takes one more reference on any handle (tensor, module, optimiser, dataset, loader, ...) and returns it.
 * A tensor so kept outlives its scope and is freed by fac_tensor_free. NULL gives NULL. */
FAC_API void *fac_keep_handle(void *handle);
/* Drops one reference of any handle; NULL and fac_none are accepted. The typed forms (fac_tensor_free, ...) are this. */
FAC_API void fac_free_handle(void *handle);
#ifdef __cplusplus
} /* extern "C" */
template <class T> inline T *fac_keep(T *handle) { return static_cast<T *>(fac_keep_handle(handle)); }
extern "C" {
#else
#define fac_keep(handle) ((__typeof__(handle))fac_keep_handle((void *)(handle)))
#endif

/* Scopes. The result of an operation belongs to the innermost open scope of its thread and dies with it, unless it is
 * kept. FAC_SCOPE is a declaration that lasts to the end of its block, however the block is left.
 * With no scope open, results belong to the thread's root scope: emptied by fac_scope_reset, or at the thread's end. */
typedef struct fac_scope {
    size_t mark;
} fac_scope;
FAC_API fac_scope fac_scope_open(void);
FAC_API void fac_scope_close(fac_scope *scope);
FAC_API void fac_scope_reset(void);
#define FAC_CAT_(a, b)   a##b
#define FAC_CAT(a, b)    FAC_CAT_(a, b)
#define FAC_SCOPE        FAC_SCOPE_AS_(FAC_CAT(fac_scope_at_line_, __LINE__))
#define FAC_SCOPE_AS_(n) __attribute__((cleanup(fac_scope_close), unused)) fac_scope n = fac_scope_open()

#ifdef __cplusplus
}
#endif
#endif
