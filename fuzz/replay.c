/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target on the files and folders named, without a fuzzer: replay PATH... */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int files;

static void die(const char *path)
{
    perror(path);
    exit(1);
}

static void run_file(const char *path)
{
    enum { LARGEST = 1 << 20 };
    static uint8_t data[LARGEST];
    FILE *file = fopen(path, "rb");
    if (!file)
        die(path);
    size_t size = fread(data, 1, LARGEST, file);
    if (ferror(file) || fclose(file))
        die(path);
    uint8_t *exact = malloc(size + !size); /* so that a sanitizer sees a step behind the end */
    if (!exact)
        die(path);
    memcpy(exact, data, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    files++;
}

static void run(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder) {
        run_file(path);
        return;
    }
    for (struct dirent *entry; (entry = readdir(folder));)
        if (entry->d_name[0] != '.') {
            char inner[4096];
            snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
            run(inner);
        }
    closedir(folder);
}

int main(int count, char **arguments)
{
    LLVMFuzzerInitialize(&count, &arguments);
    for (int i = 1; i < count; i++)
        run(arguments[i]);
    printf("%d inputs\n", files);
    return files == 0;
}
