/* SPDX-License-Identifier: MIT */
#include "sheet_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2 };

static const char help[] =
    "usage: sheet [OPTION]...\n"
    "Non-linear regression with a multi-layer perceptron: makes the data, both forms of the model, trains, predicts.\n"
    "\n"
    "  --seed N                 the seed of all random numbers (default 0)\n"
    "  --data FILE.csv          observations with the columns x_obs and y_obs (default: the sheet's own 100)\n"
    "  --generate               new observations from the seed, as the sheet's code makes them\n"
    "  --epochs N               how many times training sees the data (default 50000)\n"
    "  --model NAME             which form to train: condensed (default) or explicit\n"
    "  --eager                  run each training step as it is written, without a plan made for it\n"
    "  --exercise NUMBER        2.3.1: what the initial parameters are, instead of training;\n"
    "                           2.3.2: also train a fresh model on one batch of everything, unshuffled;\n"
    "                           2.3.4: the computational graphs of x^3 - x^2 as DOT text, instead of training\n"
    "  --predictions FILE.csv   write x_obs, y_obs and y_pred after training\n"
    "  --save FILE.safetensors  write the trained parameters (state_dict)\n"
    "  --out DIR                draw all plots, and the graphs of exercise 2.3.4, into DIR as PNG and SVG (needs "
    "gnuplot\n"
    "                           and Graphviz); without it the fit is drawn as text, if standard output is a terminal\n"
    "  --help                   print this and exit\n"
    "\n"
    "Example: sheet --seed 42 --generate --epochs 10000 --predictions fit.csv\n";

static bool usage_error(const char *what, const char *argument)
{
    fprintf(stderr, "sheet: %s '%s' (sheet --help lists the options)\n", what, argument);
    return false;
}

static bool read_number(const char *name, const char *text, int64_t least, int64_t *value)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || end == text || *end || number < least) {
        fprintf(stderr, "sheet: %s: expected a whole number%s, got '%s'\n", name,
                errno == ERANGE ? " of 64 bits"
                : least == 0    ? " from 0"
                                : "",
                text);
        return false;
    }
    *value = number;
    return true;
}

static bool read_choice(const char *name, const char *text, const char *const *choices, int *value)
{
    for (int i = 0; choices[i]; i++)
        if (!strcmp(text, choices[i])) {
            *value = i;
            return true;
        }
    fprintf(stderr, "sheet: %s: expected %s", name, choices[0]);
    for (int i = 1; choices[i]; i++)
        fprintf(stderr, "%s%s", choices[i + 1] ? ", " : " or ", choices[i]);
    fprintf(stderr, ", got '%s'\n", text);
    return false;
}

/* An option that takes a value. */
static bool read_value(sheet_options *o, const char *name, const char *value)
{
    static const char *const models[] = {"condensed", "explicit", NULL};
    static const char *const exercises[] = {"2.3.1", "2.3.2", "2.3.4", NULL};
    int choice;
    if (!strcmp(name, "--seed"))
        return read_number(name, value, INT64_MIN, &o->seed);
    if (!strcmp(name, "--epochs"))
        return read_number(name, value, 0, &o->epochs);
    if (!strcmp(name, "--model")) {
        bool known = read_choice(name, value, models, &choice);
        o->explicit_model = known && choice == 1;
        return known;
    }
    if (!strcmp(name, "--exercise")) {
        bool known = read_choice(name, value, exercises, &choice);
        o->exercise = known ? (sheet_exercise)(choice + 1) : EXERCISE_NONE;
        return known;
    }
    *(!strcmp(name, "--data")   ? &o->data
      : !strcmp(name, "--save") ? &o->save
      : !strcmp(name, "--out")  ? &o->out
                                : &o->predictions) = value;
    return true;
}

static bool takes_value(const char *name)
{
    static const char *const names[] = {"--seed", "--epochs",      "--model", "--exercise", "--data",
                                        "--save", "--predictions", "--out",   NULL};
    for (int i = 0; names[i]; i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

/* One option, `--name value` or `--name=value`; *i moves past what it took. */
static bool read_option(sheet_options *o, int argc, char **argv, int *i)
{
    char name[32];
    const char *argument = argv[*i], *equals = strchr(argument, '=');
    size_t length = equals ? (size_t)(equals - argument) : strlen(argument);
    if (length >= sizeof name)
        return usage_error("unknown option", argument);
    memcpy(name, argument, length);
    name[length] = '\0';
    if (!strcmp(name, "--generate") && !equals)
        return o->generate = true;
    if (!strcmp(name, "--eager") && !equals)
        return o->eager = true;
    if (!takes_value(name))
        return usage_error(argument[0] == '-' ? "unknown option" : "unexpected argument", argument);
    if (!equals && *i + 1 == argc)
        return usage_error("a value is missing after", argument);
    return read_value(o, name, equals ? equals + 1 : argv[++*i]);
}

/* What the options are together. */
static bool check_options(const sheet_options *o)
{
    const char *problem = NULL;
    if (o->data && o->generate)
        problem = "--data and --generate exclude each other";
    else if (o->exercise == EXERCISE_2_3_1 && (o->predictions || o->save))
        problem = "--exercise 2.3.1 does not train: there is nothing to write";
    else if (o->exercise == EXERCISE_2_3_4 && (o->predictions || o->save))
        problem = "--exercise 2.3.4 does not train: there is nothing to write";
    else if (o->predictions && o->save && !strcmp(o->predictions, o->save))
        problem = "--predictions and --save name the same file";
    if (problem)
        fprintf(stderr, "sheet: %s (sheet --help lists the options)\n", problem);
    return !problem;
}

bool sheet_read_options(sheet_options *options, int argc, char **argv, int *status)
{
    *options = (sheet_options){.epochs = 50000};
    *status = EXIT_USAGE;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--help")) {
            fputs(help, stdout);
            *status = EXIT_SUCCESS;
            return false;
        }
        if (!read_option(options, argc, argv, &i))
            return false;
    }
    return check_options(options);
}
