/* SPDX-License-Identifier: MIT */
/* Tensors to files and back: safetensors, which PyTorch reads and writes by the package of that name.
 *
 *     fac_status status = fac_save(model, "model.safetensors");
 *     if (!status)
 *         status = fac_load(another, "model.safetensors");
 *
 * A file is written beside the one it replaces, synced and renamed: it is replaced whole or not at all. What is read is
 * checked in full before anything is changed. Errors: FAC_ERR_IO where the file can't be read or written, FAC_ERR_VALUE
 * where it is no safetensors file or a broken one, FAC_ERR_UNSUPPORTED for a dtype that Facula does not have. */
#ifndef FACULA_IO_H
#define FACULA_IO_H

#include "facula/nn.h"

#ifdef __cplusplus
extern "C" {
#endif

/* safetensors.torch.save_file(model.state_dict(), path): the module's parameters and persistent buffers, tied ones
 * under each of their names. */
FAC_API fac_status fac_save(fac_module *module, const char *path) FAC_WARN_UNUSED;
/* model.load_state_dict(safetensors.torch.load_file(path)): names and shapes must be the module's; see
 * fac_load_state_dict. Tied tensors that safetensors.torch.save_model wrote once are found under their other names. */
FAC_API fac_status fac_load(fac_module *module, const char *path) FAC_WARN_UNUSED;

/* safetensors.torch.save_file(tensors, path): fac_save_tensors(fac_state_dict(model), path), or a list of your own. */
FAC_API fac_status fac_save_tensors(const fac_named_tensors *tensors, const char *path) FAC_WARN_UNUSED;
/* safetensors.torch.load_file(path): new tensors with their names, in the file's order; the list belongs to the scope
 * and the tensors to the list. NULL on error. */
FAC_API const fac_named_tensors *fac_load_tensors(const char *path);

#ifdef __cplusplus
}
#endif
#endif
