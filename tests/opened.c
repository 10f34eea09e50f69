/* SPDX-License-Identifier: MIT */
/* opened LIBRARY: a host that opens the library while it runs, uses it in two threads and closes it again, before the
 * threads have ended. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

#include <facula/facula.h>

typedef fac_tensor *zeros_fn(const fac_zeros_args *args);

static pthread_barrier_t used, closed;
static void *library;

static void *use(void *failed)
{
    void (*reset)(void);
    zeros_fn *zeros;
    *(void **)&reset = dlsym(library, "fac_scope_reset");
    *(void **)&zeros = dlsym(library, "fac_zeros_with");
    const fac_zeros_args args = {FAC_DEFAULTS_zeros, .size_ = sizeof args, .size = FAC_LIST(100, 100)};
    *(int *)failed = !reset || !zeros || !zeros(&args);
    if (reset)
        reset();
    pthread_barrier_wait(&used);
    pthread_barrier_wait(&closed);
    return NULL; /* the library's clean-up of the thread runs now */
}

int main(int argc, char **argv)
{
    pthread_t threads[2];
    int failed[2];
    if (argc < 2 || !(library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL))) {
        fprintf(stderr, "%s\n", argc < 2 ? "usage: opened LIBRARY" : dlerror());
        return 1;
    }
    if (pthread_barrier_init(&used, NULL, 3) || pthread_barrier_init(&closed, NULL, 3))
        return 1;
    for (int i = 0; i < 2; i++)
        if (pthread_create(threads + i, NULL, use, failed + i))
            return 1;
    pthread_barrier_wait(&used);
    dlclose(library);
    pthread_barrier_wait(&closed);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    return failed[0] || failed[1];
}
