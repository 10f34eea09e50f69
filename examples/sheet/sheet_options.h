/* SPDX-License-Identifier: MIT */
/* The command line of the sheet's program. */
#ifndef SHEET_OPTIONS_H
#define SHEET_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum { EXERCISE_NONE, EXERCISE_2_3_1, EXERCISE_2_3_2, EXERCISE_2_3_4 } sheet_exercise;

typedef struct {
    int64_t seed;
    const char *data; /* a CSV file; NULL: the sheet's own observations */
    bool generate;    /* new data from the seed, as the sheet's code makes them */
    int64_t epochs;
    bool eager;          /* training steps run without a plan */
    bool explicit_model; /* train the explicit model instead of the condensed one */
    sheet_exercise exercise;
    const char *predictions, *save; /* files to write, or NULL */
    const char *out;                /* the folder for pictures, or NULL */
} sheet_options;

/* Reads the arguments. True: go on. False: *status is the exit status, what there was to say has been said. */
bool sheet_read_options(sheet_options *options, int argc, char **argv, int *status);

#endif
