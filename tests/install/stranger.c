/* SPDX-License-Identifier: MIT */
/* A user's first program: a model forwards, is saved, loaded again and gives the same. argv[1] is the file to write. */
#include <facula/facula.h>
#include <stdio.h>

static fac_status try_out(fac_module *model, fac_module *other, const char *path)
{
    FAC_SCOPE;
    fac_tensor *x = fac_ones(2, 3);
    double before = fac_item(fac_sum(fac_forward(model, x)));
    fac_status st = fac_save(model, path);
    if (!st)
        st = fac_load(other, path);
    double after = fac_item(fac_sum(fac_forward(other, x)));
    if (!st)
        st = fac_error_status();
    printf("facula %s: %g\n", FAC_VERSION, before);
    return st ? st : before == after ? FAC_OK : FAC_ERR_VALUE;
}

int main(int argc, char **argv)
{
    fac_module *model = fac_Sequential(fac_Linear(3, 4), fac_Tanh(), fac_Linear(4, 1));
    fac_module *other = fac_Sequential(fac_Linear(3, 4), fac_Tanh(), fac_Linear(4, 1));
    fac_status st = try_out(model, other, argc > 1 ? argv[1] : "stranger.safetensors");
    if (st)
        fprintf(stderr, "stranger: %s\n", fac_last_error());
    fac_module_free(model);
    fac_module_free(other);
    return st != FAC_OK;
}
