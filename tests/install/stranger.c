/* SPDX-License-Identifier: MIT */
/* What a user's first program needs of an installed facula: a header and a function that is linked. */
#include <facula/base.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    printf("facula %s\n", FAC_VERSION);
    return strcmp(fac_status_name(FAC_OK), "ok") != 0;
}
