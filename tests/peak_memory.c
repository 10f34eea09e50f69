/* SPDX-License-Identifier: MIT */
/* peak_memory LIMIT COMMAND [ARGUMENT]...: runs the command with its standard output away, and fails unless it succeeds
 * within LIMIT kilobytes of resident memory. */
#define _DEFAULT_SOURCE 1 /* wait4 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    long limit = strtol(argv[1], NULL, 10);
    pid_t child = fork();
    if (child == 0) {
        if (freopen("/dev/null", "w", stdout))
            execv(argv[2], argv + 2);
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        perror("peak_memory");
        return 2;
    }
    printf("%s: at most %ld kB resident, allowed %ld\n", argv[2], usage.ru_maxrss, limit);
    return status != 0 || usage.ru_maxrss > limit;
}
