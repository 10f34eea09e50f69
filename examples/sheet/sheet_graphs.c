/* SPDX-License-Identifier: MIT */
#include "sheet_graphs.h"

#include <stdio.h>

/* f(x) = x^3 - x^2, by way of v and w as in the sheet's drawings, which then go on to some function z of y. */
static fac_tensor *f(fac_tensor *x)
{
    fac_tensor *v = fac_pow(x, 3);
    fac_tensor *w = fac_pow(x, 2);
    return fac_sub(v, w);
}

fac_status sheet_print_graphs(void)
{
    FAC_SCOPE;
    fac_tensor *y = f(fac_requires_grad_(fac_scalar(2.0), true));
    const char *forward = fac_graph_dot(y, .of = "z");
    const char *backward = fac_graph_dot(y, .of = "z", .backward = true);
    if (forward && backward)
        printf("// forward\n%s\n// backward\n%s", forward, backward);
    return fac_error_status();
}

static fac_status draw(fac_tensor *y, bool backward, const char *folder, const char *ending)
{
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/graph_%s.%s", folder, backward ? "backward" : "forward", ending);
    if (length < 0 || (size_t)length >= sizeof path)
        return fac_raise(FAC_ERR_VALUE, "%s: the folder's name is too long", folder);
    return fac_draw_graph(y, path, .of = "z", .backward = backward);
}

fac_status sheet_draw_graphs(const char *folder)
{
    FAC_SCOPE;
    fac_tensor *y = f(fac_requires_grad_(fac_scalar(2.0), true));
    fac_status failed = FAC_OK;
    for (int i = 0; i < 4 && !failed; i++)
        failed = draw(y, i / 2, folder, i % 2 ? "svg" : "png");
    return failed;
}
