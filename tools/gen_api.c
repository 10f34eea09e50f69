/* SPDX-License-Identifier: MIT */
/* Writes the public headers and the argument tables from the tables of operations and modules: gen_api OUTDIR.
 *
 * A macro cannot emit a #define, so this program does. It reads the rows as text (stringised), splits their argument
 * lists and prints, for each operation, the argument struct, the prototype, the keyword macro with the documentation,
 * the function's body and the descriptor of its arguments. The results are checked in; a test fails when they are
 * stale. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name, *flags, *args, *doc;
    int operands; /* of an elementwise row; -1 of an ordinary one */
} row;

#define TEXT_OF(...)                                      #__VA_ARGS__
#define FAC_OP(name, flags, doc, ...)                     {#name, #flags, TEXT_OF(__VA_ARGS__), doc, 0},
#define FAC_EW1(name, types, args, F, B, saves, doc)      {#name, "INPLACE_" #types, #args, doc, 1},
#define FAC_EW2(name, types, args, F, B1, B2, saves, doc) {#name, "INPLACE_" #types, #args, doc, 2},
static const row op_rows[] = {
#include "tensor/elementwise.def"
#include "ops/ops.def"
    {NULL, NULL, NULL, NULL, 0},
};

#define FAC_MODULE(name, doc, ...) {#name, "", #__VA_ARGS__, doc, -1},
static const row module_rows[] = {
#include "nn/modules.def"
    {NULL, NULL, NULL, NULL, 0},
};

#define FAC_OPTIMISER(name, doc, ...) {#name, "", #__VA_ARGS__, doc, -1},
static const row optimiser_rows[] = {
#include "optim/optimisers.def"
    {NULL, NULL, NULL, NULL, 0},
};

enum { MAX_ARGS = 24, TEXT = 96 };
typedef struct {
    char kind[16], name[TEXT], dflt[TEXT]; /* dflt "" if required */
} arg;

static void fail(const char *what, const char *where)
{
    fprintf(stderr, "gen_api: %s: %s\n", what, where);
    exit(1);
}

static const char *copy_part(char *to, const char *at, const char *end)
{
    while (isspace((unsigned char)*at))
        at++;
    size_t n = 0;
    int depth = 0;
    for (; *at && (depth || !strchr(end, *at)); at++) {
        depth += *at == '(' ? 1 : *at == ')' ? -1 : 0;
        if (n + 1 < TEXT)
            to[n++] = *at;
    }
    while (n && isspace((unsigned char)to[n - 1]))
        n--;
    to[n] = '\0';
    return at;
}

/* "(T, input), (INT, dim, None)" to args; an outer pair of parentheses is allowed. */
static int split_args(const char *text, arg *args)
{
    int n = 0;
    while (*text) {
        if (*text != '(' || text[1] == '(' || text[1] == ')') {
            text++;
            continue;
        }
        arg *a = &args[n++];
        if (n >= MAX_ARGS)
            fail("too many arguments", text);
        char kind[TEXT];
        text = copy_part(kind, text + 1, ",)");
        snprintf(a->kind, sizeof a->kind, "%.15s", kind);
        text = copy_part(a->name, text + 1, ",)");
        a->dflt[0] = '\0';
        if (*text == ',')
            text = copy_part(a->dflt, text + 1, ")");
    }
    return n;
}

static int row_args(const row *r, arg *args)
{
    static const char *const operands[] = {"input", "other"};
    int n = 0;
    for (; n < r->operands; n++) {
        snprintf(args[n].kind, sizeof args[n].kind, "%s", r->operands == 1 ? "T" : "N");
        snprintf(args[n].name, TEXT, "%s", n && !strcmp(r->name, "pow") ? "exponent" : operands[n]);
        args[n].dflt[0] = '\0';
    }
    return n + split_args(r->args, args + n);
}

static bool is_operand(const arg *a)
{
    return !strcmp(a->kind, "T") || !strcmp(a->kind, "N") || !strcmp(a->kind, "TS");
}

static int count_operands(const arg *args, int n)
{
    int k = 0;
    while (k < n && is_operand(&args[k]))
        k++;
    return k;
}

typedef struct {
    const char *kind, *type, *id, *none, *required;
} kind_info;

static const kind_info *info_of(const arg *a)
{
    static const kind_info infos[] = {
        {"T", "fac_tensor *", "FAC_KIND_T", NULL, NULL},
        {"N", "fac_tensor *", "FAC_KIND_N", NULL, NULL},
        {"TS", "const fac_tensors *", "FAC_KIND_TS", NULL, NULL},
        {"TOPT", "fac_tensor *", "FAC_KIND_TOPT", "(fac_tensor *)fac_none", NULL},
        {"INT", "int64_t ", "FAC_KIND_INT", "FAC_NONE", "FAC_REQUIRED"},
        {"REAL", "double ", "FAC_KIND_REAL", "FAC_NONE_REAL", "FAC_REQUIRED_REAL"},
        {"BOOL", "bool ", "FAC_KIND_BOOL", NULL, NULL},
        {"DIMS", "fac_dims ", "FAC_KIND_DIMS", "FAC_NONE", "FAC_REQUIRED"},
        {"LIST", "fac_list ", "FAC_KIND_LIST", "NULL", "NULL"},
        {"STR", "const char *", "FAC_KIND_STR", "NULL", "NULL"},
        {"DTYPE", "fac_dtype ", "FAC_KIND_DTYPE", "FAC_DEFAULT_DTYPE", NULL},
        {"BETAS", "fac_betas ", "FAC_KIND_BETAS", "NULL", NULL},
        {"GEN", "fac_generator *", "FAC_KIND_GEN", "(fac_generator *)fac_none", NULL},
    };
    for (size_t i = 0; i < sizeof infos / sizeof *infos; i++)
        if (!strcmp(infos[i].kind, a->kind))
            return &infos[i];
    fail("unknown kind", a->kind);
    return NULL;
}

/* The default as C. */
static const char *default_of(const arg *a)
{
    static char quoted[TEXT + 2];
    const kind_info *info = info_of(a);
    if (!a->dflt[0])
        return info->required ? info->required : "0";
    if (!strcmp(a->dflt, "None"))
        return info->none;
    if (!strcmp(a->dflt, "True"))
        return "true";
    if (!strcmp(a->dflt, "False"))
        return "false";
    if (strcmp(a->kind, "STR"))
        return a->dflt;
    snprintf(quoted, sizeof quoted, "\"%s\"", a->dflt);
    return quoted;
}

static void print_comment(FILE *f, const char *text)
{
    size_t column = 3;
    fprintf(f, "/* ");
    for (const char *word = text; *word;) {
        size_t length = strcspn(word, " ");
        if (column + length > 112) {
            fprintf(f, "\n * ");
            column = 3;
        }
        fprintf(f, "%.*s", (int)length, word);
        column += length + 1;
        word += length;
        if (*word == ' ') {
            word++;
            if (column + strcspn(word, " ") <= 112)
                fputc(' ', f);
        }
    }
    fprintf(f, " */\n");
}

static void print_defaults(FILE *f, const char *name, const arg *args, int from, int n)
{
    int column = fprintf(f, "#define FAC_DEFAULTS_%s", name);
    for (int i = from; i < n; i++) {
        char text[3 * TEXT];
        int length =
            snprintf(text, sizeof text, ".%s = %s%s", args[i].name, default_of(&args[i]), i + 1 < n ? "," : "");
        if (column + length > 110)
            column = fprintf(f, " \\\n   ") - 3;
        column += fprintf(f, " %s", text);
    }
}

static void print_struct(FILE *f, const char *name, const arg *args, int from, int n)
{
    fprintf(f, "typedef struct fac_%s_args {\n    size_t size_;\n", name);
    for (int i = from; i < n; i++)
        fprintf(f, "    %s%s;\n", info_of(&args[i])->type, args[i].name);
    fprintf(f, "} fac_%s_args;\n", name);
    print_defaults(f, name, args, from, n);
    fprintf(f, "\nFAC_API fac_%s_args fac_%s_defaults(void);\n", name, name);
}

static void print_parameters(FILE *f, const arg *args, int operands, const char *options)
{
    for (int i = 0; i < operands; i++)
        fprintf(f, "%s%s%s", i ? ", " : "", info_of(&args[i])->type, args[i].name);
    if (options)
        fprintf(f, "%sconst fac_%s_args *args", operands ? ", " : "", options);
}

static const char *op_result(const row *r)
{
    return strstr(r->flags, "ACTION") ? "fac_status " : "fac_tensor *";
}

static void print_macro(FILE *f, const char *name, const arg *args, int operands, bool options)
{
    const char *conv = "FAC_TENSOR_";
    for (int i = 0; i < operands; i++)
        if (!strcmp(args[i].kind, "N"))
            conv = "FAC_OPERAND";
    if (options && operands == 0)
        fprintf(f, "#define fac_%s(...) FAC_KEYWORDS_(%s, __VA_ARGS__)\n", name, name);
    else if (options && operands <= 2)
        fprintf(f, "#define fac_%s(...) FAC_CALL%d_(%s, %s, __VA_ARGS__)\n", name, operands, name, conv);
    else if (operands == 2)
        fprintf(f, "#define fac_%s(a, b) FAC_PLAIN2_(%s, %s, a, b)\n", name, name, conv);
    else if (operands == 3 && !options)
        fprintf(f, "#define fac_%s(a, b, c) FAC_PLAIN3_(%s, %s, a, b, c)\n", name, name, conv);
    else
        fail("no macro for so many operands", name);
}

/* With one tensor and no options fac_f is the function itself. */
static bool is_plain(const arg *args, int operands, int n)
{
    return n == operands && operands == 1 && strcmp(args[0].kind, "N") != 0;
}

static void print_prototypes(FILE *f, const row *r, const char *name, const arg *args, int operands, int n)
{
    bool options = n > operands;
    fprintf(f, "FAC_API %sfac_%s%s(", op_result(r), name, is_plain(args, operands, n) ? "" : "_with");
    print_parameters(f, args, operands, options ? r->name : NULL);
    fprintf(f, ")%s;\n", strstr(r->flags, "ACTION") ? " FAC_WARN_UNUSED" : "");
    if (is_plain(args, operands, n))
        return;
    fprintf(f, "#ifndef __cplusplus\n");
    print_macro(f, name, args, operands, options);
    fprintf(f, "#endif\n");
}

static bool has_inplace(const row *r)
{
    return strstr(r->flags, "INPLACE") && !strstr(r->flags, "COMPARE") && !strstr(r->flags, "LOGIC");
}

/* What an elementwise row's type word says of dtypes (src/tensor/elementwise.def). */
static const char *types_sentence(const row *r)
{
    static const char *const sentences[][2] = {
        {"INPLACE_ARITH", " Every dtype but bool."},
        {"INPLACE_ANY", " Every dtype; bool stays bool."},
        {"INPLACE_NUMBER", " Every dtype; bool becomes int64."},
        {"INPLACE_REAL", " Floating dtypes only."},
        {"INPLACE_FLOAT", " Whole numbers and bool become the default float dtype."},
        {"INPLACE_COMPARE", " Every dtype; gives bool."},
        {"INPLACE_LOGIC", " Every dtype; gives bool."},
    };
    for (size_t i = 0; r->operands && i < sizeof sentences / sizeof *sentences; i++)
        if (!strcmp(sentences[i][0], r->flags))
            return sentences[i][1];
    return "";
}

static void print_op_comment(FILE *f, const row *r)
{
    char text[2048];
    snprintf(text, sizeof text, "%s%s", r->doc, types_sentence(r));
    print_comment(f, text);
}

static void print_op_header(FILE *f, const row *r)
{
    arg args[MAX_ARGS];
    int n = row_args(r, args), operands = count_operands(args, n);
    fputc('\n', f);
    print_op_comment(f, r);
    if (n > operands)
        print_struct(f, r->name, args, operands, n);
    print_prototypes(f, r, r->name, args, operands, n);
    if (has_inplace(r)) {
        char name[TEXT];
        snprintf(name, sizeof name, "%s_", r->name);
        fprintf(f, "/* The same in place: Tensor.%s. */\n", name);
        if (n > operands)
            fprintf(f, "typedef fac_%s_args fac_%s_args;\n#define FAC_DEFAULTS_%s FAC_DEFAULTS_%s\n", r->name, name,
                    name, r->name);
        print_prototypes(f, r, name, args, operands, n);
    }
}

static void print_required_checks(FILE *f, const row *r, const arg *args, int operands, int n)
{
    for (int i = operands; i < n; i++) {
        if (args[i].dflt[0] || !info_of(&args[i])->required)
            continue;
        fprintf(f, "    if (");
        if (!strcmp(args[i].kind, "REAL"))
            fprintf(f, "fac_real_missing(args->%s)", args[i].name);
        else
            fprintf(f, "args->%s == %s", args[i].name, info_of(&args[i])->required);
        fprintf(f, ") {\n        fac_missing(\"%s\", \"%s\");\n        return %s;\n    }\n", r->name, args[i].name,
                strstr(r->flags, "ACTION") ? "fac_pending()" : "NULL");
    }
}

static void print_body(FILE *f, const row *r, bool inplace)
{
    arg args[MAX_ARGS];
    int n = row_args(r, args), operands = count_operands(args, n), inputs = operands;
    bool options = n > operands, action = strstr(r->flags, "ACTION") != NULL;
    fprintf(f, "\n%sfac_%s%s%s(", op_result(r), r->name, inplace ? "_" : "",
            is_plain(args, operands, n) ? "" : "_with");
    print_parameters(f, args, operands, options ? r->name : NULL);
    fprintf(f, ")\n{\n");
    if (options)
        fprintf(f,
                "    static const fac_%s_args defaults = {FAC_DEFAULTS_%s, .size_ = sizeof defaults};\n    if "
                "(!args)\n        args = &defaults;\n",
                r->name, r->name);
    print_required_checks(f, r, args, operands, n);
    const char *apply = action ? "fac_apply_action" : inplace ? "fac_apply_inplace" : "fac_apply_one";
    if (operands && !strcmp(args[0].kind, "TS")) {
        fprintf(f, "    if (!%s) {\n        fac_missing(\"%s\", \"%s\");\n        return NULL;\n    }\n", args[0].name,
                r->name, args[0].name);
        fprintf(f, "    return %s_list(&fac_op_%s, %s, %s);\n}\n", apply, r->name, args[0].name,
                options ? "args" : "NULL");
        return;
    }
    fprintf(f, "    fac_tensor *in[] = {");
    for (int i = 0; i < operands; i++)
        fprintf(f, "%s%s", i ? ", " : "", args[i].name);
    for (int i = operands; i < n; i++)
        if (!strcmp(args[i].kind, "TOPT"))
            fprintf(f, "%sargs->%s", inputs++ ? ", " : "", args[i].name);
    if (!inputs)
        fprintf(f, "NULL");
    fprintf(f, "};\n    return %s(&fac_op_%s, in, %d, %s);\n}\n", apply, r->name, inputs, options ? "args" : "NULL");
}

static void print_descriptor(FILE *f, const row *r)
{
    arg args[MAX_ARGS];
    int n = row_args(r, args), operands = count_operands(args, n);
    if (n == 0) {
        fprintf(f, "\nconst fac_arg fac_args_%s[1];\n", r->name);
        return;
    }
    fprintf(f, "\nconst fac_arg fac_args_%s[%d] = {\n", r->name, n);
    for (int i = 0; i < n; i++) {
        fprintf(f, "    {\"%s\", ", args[i].name);
        fprintf(f, args[i].dflt[0] ? "\"%s\"" : "NULL", args[i].dflt);
        if (i < operands)
            fprintf(f, ", %s, %d},\n", info_of(&args[i])->id, i);
        else
            fprintf(f, ", %s, offsetof(fac_%s_args, %s)},\n", info_of(&args[i])->id, r->name, args[i].name);
    }
    fprintf(f, "};\n");
}

/* What a record's head needs to know at compile time. */
static void print_head(FILE *f, const row *r)
{
    arg args[MAX_ARGS];
    int n = row_args(r, args), operands = count_operands(args, n);
    bool deep = false, has_args = false;
    for (int i = operands; i < n; i++) {
        bool tensor = !strcmp(args[i].kind, "TOPT");
        deep |= tensor || !strcmp(args[i].kind, "LIST") || !strcmp(args[i].kind, "STR");
        has_args |= !tensor;
    }
    bool list = operands && !strcmp(args[0].kind, "TS");
    fprintf(f, "extern const fac_op fac_op_%s;\nextern const fac_arg fac_args_%s[];\n", r->name, r->name);
    fprintf(f,
            "#define FAC_HEAD_%s .name = \"%s\", .args = fac_args_%s, .n_args = %d, .n_required = %d, \\\n    "
            ".args_size = ",
            r->name, r->name, r->name, n, list ? 255 : operands);
    fprintf(f, n > operands ? "sizeof(fac_%s_args)\n" : "0\n", r->name);
    fprintf(f, "enum { FAC_FLAGS_%s = 0%s%s%s%s%s%s%s%s };\n", r->name, deep ? " | FAC_OP_DEEP" : "",
            has_args ? " | FAC_OP_HAS_ARGS" : "", strstr(r->flags, "INPLACE") ? " | FAC_OP_INPLACE" : "",
            strstr(r->flags, "VIEW") ? " | FAC_OP_VIEW" : "",
            strstr(r->flags, "NO_GRAD") || strstr(r->flags, "COMPARE") || strstr(r->flags, "LOGIC")
                ? " | FAC_OP_NO_GRAD"
                : "",
            strstr(r->flags, "DRAWS") ? " | FAC_OP_DRAWS" : "", strstr(r->flags, "MUTATES") ? " | FAC_OP_MUTATES" : "",
            strstr(r->flags, "SHAPE_BY_DATA") ? " | FAC_OP_SHAPE_BY_DATA" : "");
}

static FILE *open_out(const char *dir, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    if (!f)
        fail("cannot write", path);
    return f;
}

static void begin(FILE *f, const char *what, const char *guard)
{
    fprintf(f, "/* SPDX-License-Identifier: MIT */\n/* %s Made by tools/gen_api.c from the tables: change those. */\n",
            what);
    if (guard)
        fprintf(f, "#ifndef %s\n#define %s\n\n", guard, guard);
}

static void begin_public(FILE *f, const char *what, const char *guard)
{
    begin(f, what, guard);
    fprintf(f, "#include \"facula/call.h\"\n#include \"facula/random.h\"\n");
}

static const char open_cxx[] = "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n";
static const char close_cxx[] = "\n#ifdef __cplusplus\n}\n#endif\n#endif\n";

static bool is_internal(const row *r)
{
    return strstr(r->flags, "INTERNAL") != NULL;
}

/* What holds for every operation, said once. */
static const char ops_preamble[] =
    "What holds for all of them. Positional arguments come in PyTorch's order, further ones by name: fac_sum(x, .dim = "
    "1); in C++ fac_sum_with(x, &args). The result belongs to the innermost open scope (base.h); NULL with the error "
    "pending if there is none. dims may be negative: they count from the end. Elementwise operations give input's "
    "shape; two operands are broadcast to one shape and promoted to one dtype, and where PyTorch takes "
    "a number so do the macros. Gradients flow through floating results unless the operation gives indices "
    "or bool, or draws. Views share their input's memory. Errors of every operation: FAC_ERR_VALUE for a NULL input "
    "and for shapes that do not fit, FAC_ERR_TYPE for a dtype it does not take and for a required argument that is "
    "missing, FAC_ERR_INDEX for a dim out of range, FAC_ERR_RUNTIME for a tensor whose scope has ended, "
    "FAC_ERR_MEMORY. "
    "Formulas are those of PyTorch's documentation.";

static void write_public_ops(const char *dir)
{
    FILE *f = open_out(dir, "include/facula/ops.h");
    begin_public(f, "The operations on tensors: torch.f, Tensor.f, F.f are fac_f.", "FACULA_OPS_H");
    fputc('\n', f);
    print_comment(f, ops_preamble);
    fprintf(f, "%s", open_cxx);
    for (const row *r = op_rows; r->name; r++)
        if (!is_internal(r))
            print_op_header(f, r);
    fprintf(f, "%s", close_cxx);
    fclose(f);
}

/* The argument struct of an operation that is not in the public header. */
static void print_internal_struct(FILE *f, const row *r)
{
    arg args[MAX_ARGS];
    int n = row_args(r, args), operands = count_operands(args, n);
    fputc('\n', f);
    print_comment(f, r->doc);
    if (n == operands)
        return;
    fprintf(f, "typedef struct fac_%s_args {\n    size_t size_;\n", r->name);
    for (int i = operands; i < n; i++)
        fprintf(f, "    %s%s;\n", info_of(&args[i])->type, args[i].name);
    fprintf(f, "} fac_%s_args;\n", r->name);
}

static void write_op_table(const char *dir)
{
    FILE *f = open_out(dir, "src/ops/op_table.h");
    begin(f, "Every operation's record, arguments and flags.", "FAC_OPS_OP_TABLE_H");
    fprintf(f, "#include \"facula/ops.h\"\n#include \"graph/op.h\"\n");
    for (const row *r = op_rows; r->name; r++)
        if (is_internal(r))
            print_internal_struct(f, r);
    fputc('\n', f);
    for (const row *r = op_rows; r->name; r++)
        print_head(f, r);
    fprintf(f, "\n/* All of them, in the tables' order, NULL at the end. */\n"
               "extern const fac_op *const fac_all_ops[];\n\n#endif\n");
    fclose(f);
}

static void print_defaults_function(FILE *f, const char *name)
{
    fprintf(f,
            "\nfac_%s_args fac_%s_defaults(void)\n{\n    return (fac_%s_args){FAC_DEFAULTS_%s, .size_ = "
            "sizeof(fac_%s_args)};\n}\n",
            name, name, name, name, name);
}

static void write_op_api(const char *dir)
{
    FILE *f = open_out(dir, "src/ops/op_api.c");
    begin(f, "The public functions of the operations and the descriptors of their arguments.", NULL);
    fprintf(f, "#include <stddef.h>\n\n#include \"ops/op_list.h\"\n#include \"ops/op_table.h\"\n");
    for (const row *r = op_rows; r->name; r++) {
        arg args[MAX_ARGS];
        int n = row_args(r, args);
        print_descriptor(f, r);
        if (is_internal(r))
            continue;
        if (n > count_operands(args, n))
            print_defaults_function(f, r->name);
        print_body(f, r, false);
        if (has_inplace(r))
            print_body(f, r, true);
    }
    fprintf(f, "\nconst fac_op *const fac_all_ops[] = {\n");
    for (const row *r = op_rows; r->name; r++)
        fprintf(f, "    &fac_op_%s,\n", r->name);
    fprintf(f, "    NULL,\n};\n");
    fclose(f);
}

/* Modules and optimisers: fac_X_with(const fac_X_args *), all arguments in the struct. */
static void print_constructor(FILE *f, const row *r, const char *result, const char *first)
{
    arg args[MAX_ARGS];
    int n = row_args(r, args);
    fputc('\n', f);
    print_comment(f, r->doc);
    if (n) {
        print_struct(f, r->name, args, 0, n);
        fprintf(f, "FAC_API %s *fac_%s_with(%sconst fac_%s_args *args);\n#ifndef __cplusplus\n", result, r->name, first,
                r->name);
        fprintf(f,
                *first ? "#define fac_%s(...) FAC_CALL1_(%s, FAC_TENSOR_, __VA_ARGS__)\n#endif\n"
                       : "#define fac_%s(...) FAC_KEYWORDS_(%s, __VA_ARGS__)\n#endif\n",
                r->name, r->name);
    } else {
        fprintf(f, "FAC_API %s *fac_%s(void);\n", result, r->name);
    }
}

static void write_constructors(const char *dir, const char *header, const char *guard, const char *what,
                               const char *include, const row *rows, const char *result, const char *first)
{
    FILE *f = open_out(dir, header);
    begin_public(f, what, guard);
    fprintf(f, "#include \"%s\"\n%s", include, open_cxx);
    for (const row *r = rows; r->name; r++)
        print_constructor(f, r, result, first);
    fprintf(f, "%s", close_cxx);
    fclose(f);
}

/* The descriptors of constructors' arguments and their defaults, for the parser of model text and C++. */
static void write_descriptors(const char *dir, const char *source, const char *header, const row *rows)
{
    FILE *f = open_out(dir, source);
    begin(f, "Defaults and argument descriptors of the constructors.", NULL);
    fprintf(f, "#include <stddef.h>\n\n#include \"%s\"\n#include \"graph/op.h\"\n", header);
    for (const row *r = rows; r->name; r++) {
        arg args[MAX_ARGS];
        if (!row_args(r, args))
            continue;
        fprintf(f, "\nextern const fac_arg fac_args_%s[];", r->name);
        print_descriptor(f, r);
        print_defaults_function(f, r->name);
    }
    fclose(f);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: gen_api OUTDIR\n");
        return 2;
    }
    write_public_ops(argv[1]);
    write_op_table(argv[1]);
    write_op_api(argv[1]);
    write_constructors(argv[1], "include/facula/nn_modules.h", "FACULA_NN_MODULES_H",
                       "The modules of torch.nn: nn.X is fac_X.", "facula/nn.h", module_rows, "fac_module", "");
    write_descriptors(argv[1], "src/nn/module_args.c", "facula/nn_modules.h", module_rows);
    write_constructors(argv[1], "include/facula/optimisers.h", "FACULA_OPTIMISERS_H",
                       "The optimisers of torch.optim: optim.X is fac_X.", "facula/optim.h", optimiser_rows,
                       "fac_optim", "const fac_tensors *params, ");
    write_descriptors(argv[1], "src/optim/optimiser_args.c", "facula/optimisers.h", optimiser_rows);
    return 0;
}
