/* SPDX-License-Identifier: MIT */
/* Data: torch.utils.data. Datasets, samplers and the loader.
 *
 *     fac_loader *data = fac_DataLoader(fac_TensorDataset(x, y), .batch_size = 25, .shuffle = true);
 *     for (int epoch = 0; epoch < n_epochs; epoch++)
 *         for (fac_batch b; fac_loader_next(data, &b);)
 *             use(b.x, b.y);
 *     fac_status status = fac_loader_status(data);
 *     fac_loader_free(data);
 *
 * Handles are counted. Constructors return one that you own, or NULL; they take over the datasets, samplers and
 * generators handed to them, also on failure (fac_keep(h) first to go on using one), and share tensors.
 * The same seed gives the same batches as PyTorch's loader with num_workers=0, and takes the same random numbers at the
 * same moments. */
#ifndef FACULA_DATA_H
#define FACULA_DATA_H

#include "facula/call.h"
#include "facula/random.h"

#ifdef __cplusplus
extern "C" {
#endif

/* torch.utils.data.Dataset: two pointers for ever; your struct begins with it. A counted handle. */
typedef struct fac_dataset_class fac_dataset_class;
typedef struct fac_dataset {
    const fac_dataset_class *cls;
    struct fac_dataset_parts *impl;
} fac_dataset;

/* Where a sample goes: item[k] is the address of field k's values, row-major, of the dtype and shape declared for it;
 * x and y name the first two where they are float32. Not aligned beyond one element. */
typedef struct fac_row {
    __extension__ union {
        void *item[FAC_MAX_ITEMS];
        __extension__ struct {
            float *x, *y;
        };
    };
} fac_row;

/* A dataset of your own:
 *
 *     typedef struct { fac_dataset base; fac_tensor *x_obs, *y_obs; } Observations;
 *
 *     static int64_t obs_len(fac_dataset *d)                                       // def __len__(self):
 *     {
 *         return fac_len(((Observations *)d)->x_obs);
 *     }
 *     static fac_status obs_get(fac_dataset *d, int64_t idx, fac_row *row)         // def __getitem__(self, idx):
 *     {
 *         Observations *self = (Observations *)d;
 *         row->x[0] = ((float *)fac_data(self->x_obs))[idx];
 *         row->y[0] = ((float *)fac_data(self->y_obs))[idx];
 *         return FAC_OK;
 *     }
 *     static const fac_dataset_class obs_class =
 *         FAC_DATASET_CLASS("Observations", sizeof(Observations), .len = obs_len, .get = obs_get);
 *
 *     fac_dataset *obs_new(fac_tensor *x_obs, fac_tensor *y_obs)                   // def __init__(self, x_obs, y_obs):
 *     {
 *         Observations *self = fac_Dataset(&obs_class);
 *         FAC_FIELD(self, x_obs, x_obs);
 *         FAC_FIELD(self, y_obs, y_obs);
 *         return fac_dataset_done(self);
 *     }
 *
 * len, and one of get, getitems and get_tensors, are wanted. An error of theirs ends the loop over the loader: return a
 * status, with a message if an fac_ function failed or fac_raise was called; the library puts the dataset's name and
 * the index in front. idx is in [0, len). They are called from the thread that asks for the batch. */
struct fac_dataset_class {
    size_t size_;     /* of this struct: FAC_DATASET_CLASS sets it */
    const char *name; /* as messages name it */
    size_t size;      /* of the struct that begins with fac_dataset; 0: it has nothing more */
    int64_t (*len)(fac_dataset *self);
    /* Sample idx into row. Wants the fields declared. */
    fac_status (*get)(fac_dataset *self, int64_t idx, fac_row *row);
    /* A whole batch at once (__getitems__): sample indices[i] into the i-th of n rows that follow each other. */
    fac_status (*getitems)(fac_dataset *self, const int64_t *indices, int64_t n, fac_row *rows);
    /* Sample idx as tensors, of any shape and dtype, stacked by the loader: sample->x = fac_select(self->x, 0, idx).
     * Wants no fields; n may stay 0 if the items follow each other. Slower than get. */
    fac_status (*get_tensors)(fac_dataset *self, int64_t idx, fac_batch *sample);
    /* Frees what the struct owns beyond the tensors it holds; also where construction failed, with fields still 0. */
    void (*destroy)(fac_dataset *self);
    void *reserved_;
};
#define FAC_DATASET_CLASS(...)                                    \
    {                                                             \
        sizeof(fac_dataset_class), __VA_ARGS__, .reserved_ = NULL \
    }

/* Begins a dataset: a zeroed struct of cls->size; the class is copied. NULL on error: FAC_ERR_MEMORY, FAC_ERR_VALUE for
 * a class without len or a way to get. What follows, to fac_dataset_done, accepts a NULL self. */
FAC_API void *fac_Dataset(const fac_dataset_class *cls);
/* Ends it: the dataset; NULL, with it freed and the error pending, if one is pending. */
FAC_API fac_dataset *fac_dataset_done(void *self);
/* The next item of a sample has this dtype and shape: FAC_LIST(28, 28), FAC_EMPTY_LIST for one number. */
FAC_API void fac_dataset_field(void *self, fac_dtype dtype, fac_list shape);
/* self->member = tensor, shared until the dataset is gone. FAC_FIELD: and the next item of a sample looks like a row
 * (tensor[0]) of it. */
#ifndef __cplusplus
#define FAC_FIELD(self, member, tensor) fac_dataset_hold((self), (self) ? &(self)->member : NULL, (tensor), true)
#define FAC_HOLD(self, member, tensor)  fac_dataset_hold((self), (self) ? &(self)->member : NULL, (tensor), false)
#endif
FAC_API void fac_dataset_hold(void *self, fac_tensor **member, fac_tensor *tensor, bool field);

/* TensorDataset(*tensors): sample i is row i of each tensor; at most FAC_MAX_ITEMS. Shares their memory. Errors:
 * FAC_ERR_VALUE `TensorDataset: Size mismatch between tensors` or for a 0-d tensor. fac_TensorDataset(x, y). */
FAC_API fac_dataset *fac_TensorDataset_with(const fac_tensors *tensors);
#ifndef __cplusplus
#define fac_TensorDataset(...) fac_TensorDataset_with(FAC_TENSORS(__VA_ARGS__))
#endif
/* Subset(dataset, indices): takes dataset over, copies the indices. FAC_ERR_INDEX for one out of range. */
FAC_API fac_dataset *fac_Subset(fac_dataset *dataset, const int64_t *indices, int64_t count);

/* random_split(dataset, lengths, generator=default): parts[0 .. lengths->count) become subsets that you own; all NULL
 * on error. lengths must sum to the dataset's, fractions to 1: fac_random_split_fractions(d, FAC_FRACTIONS(0.8, 0.2),
 * parts). dataset is taken over; the generator is only drawn from, and stays yours. A part without a sample: a warning.
 */
typedef struct fac_fractions {
    int64_t count;
    const double *values;
} fac_fractions;
#define FAC_FRACTIONS(...)                                                                     \
    (&(const fac_fractions){(int64_t)(sizeof((const double[]){__VA_ARGS__}) / sizeof(double)), \
                            (const double[]){__VA_ARGS__}})
typedef struct fac_random_split_args {
    size_t size_;
    fac_generator *generator;
} fac_random_split_args;
#define FAC_DEFAULTS_random_split .generator = (fac_generator *)fac_none
FAC_API fac_random_split_args fac_random_split_defaults(void);
FAC_API fac_status fac_random_split_with(fac_dataset *dataset, fac_list lengths, fac_dataset **parts,
                                         const fac_random_split_args *args) FAC_WARN_UNUSED;
FAC_API fac_status fac_random_split_fractions_with(fac_dataset *dataset, const fac_fractions *fractions,
                                                   fac_dataset **parts,
                                                   const fac_random_split_args *args) FAC_WARN_UNUSED;
#ifndef __cplusplus
#define FAC_SPLIT_(f, dataset, lengths, parts, ...)                                        \
    __extension__({                                                                        \
        FAC_PUSH_                                                                          \
        fac_status st_ = f(dataset, lengths, parts, FAC_ARGS_(random_split, __VA_ARGS__)); \
        FAC_POP_                                                                           \
        st_;                                                                               \
    })
#define FAC_SPLIT_1(f, dataset, lengths, parts)      f(dataset, lengths, parts, NULL)
#define FAC_SPLIT_2(f, dataset, lengths, parts, ...) FAC_SPLIT_(f, dataset, lengths, parts, __VA_ARGS__)
#define fac_random_split(dataset, lengths, ...) \
    FAC_CAT(FAC_SPLIT_, FAC_COUNT(__VA_ARGS__))(fac_random_split_with, dataset, lengths, __VA_ARGS__)
#define fac_random_split_fractions(dataset, fractions, ...) \
    FAC_CAT(FAC_SPLIT_, FAC_COUNT(__VA_ARGS__))(fac_random_split_fractions_with, dataset, fractions, __VA_ARGS__)
#endif

/* len(dataset); -1 with an error pending. */
FAC_API int64_t fac_dataset_len(fac_dataset *dataset);
/* dataset[idx]: the sample's tensors, owned by the scope; idx may be negative. Errors: FAC_ERR_INDEX, and get's own. */
FAC_API fac_status fac_dataset_get(fac_dataset *dataset, int64_t idx, fac_batch *sample) FAC_WARN_UNUSED;
FAC_API void fac_dataset_free(fac_dataset *dataset);

/* torch.utils.data.Sampler: in which order a loader takes its samples. One of your own gives an epoch at a time: len
 * indices, into room for as many; fac_Sampler(&cls) begins it (a zeroed struct of cls->size) and is all there is to do.
 * One sampler may serve several loaders. */
typedef struct fac_sampler_class fac_sampler_class;
typedef struct fac_sampler {
    const fac_sampler_class *cls;
    struct fac_sampler_parts *impl;
} fac_sampler;
struct fac_sampler_class {
    size_t size_; /* of this struct: FAC_SAMPLER_CLASS sets it */
    const char *name;
    size_t size;
    int64_t (*len)(fac_sampler *self);
    fac_status (*order)(fac_sampler *self, int64_t *indices);
    void (*destroy)(fac_sampler *self);
    void *reserved_;
};
#define FAC_SAMPLER_CLASS(...)                                    \
    {                                                             \
        sizeof(fac_sampler_class), __VA_ARGS__, .reserved_ = NULL \
    }
FAC_API void *fac_Sampler(const fac_sampler_class *cls);
FAC_API int64_t fac_sampler_len(fac_sampler *sampler);
FAC_API void fac_sampler_free(fac_sampler *sampler);

/* SequentialSampler(data_source): 0 .. n-1. The samplers here take the length of the data, fac_dataset_len(d). */
FAC_API fac_sampler *fac_SequentialSampler(int64_t n);
/* RandomSampler(data_source, replacement=False, num_samples=n, generator=None): fac_RandomSampler(n, .replacement =
 * true). FAC_ERR_VALUE `RandomSampler: num_samples should be a positive integer value, but got num_samples=0`. */
typedef struct fac_RandomSampler_args {
    size_t size_;
    bool replacement;
    int64_t num_samples;
    fac_generator *generator;
} fac_RandomSampler_args;
#define FAC_DEFAULTS_RandomSampler .replacement = false, .num_samples = FAC_NONE, .generator = (fac_generator *)fac_none
FAC_API fac_RandomSampler_args fac_RandomSampler_defaults(void);
FAC_API fac_sampler *fac_RandomSampler_with(int64_t n, const fac_RandomSampler_args *args);
/* SubsetRandomSampler(indices, generator=None): the indices, which are copied, in random order. */
typedef struct fac_SubsetRandomSampler_args {
    size_t size_;
    fac_generator *generator;
} fac_SubsetRandomSampler_args;
#define FAC_DEFAULTS_SubsetRandomSampler .generator = (fac_generator *)fac_none
FAC_API fac_SubsetRandomSampler_args fac_SubsetRandomSampler_defaults(void);
FAC_API fac_sampler *fac_SubsetRandomSampler_with(const int64_t *indices, int64_t count,
                                                  const fac_SubsetRandomSampler_args *args);
#ifndef __cplusplus
#define fac_RandomSampler(...)       FAC_CALL1_(RandomSampler, FAC_TENSOR_, __VA_ARGS__)
#define fac_SubsetRandomSampler(...) FAC_CALL2_(SubsetRandomSampler, FAC_TENSOR_, __VA_ARGS__)
#endif

/* collate_fn: makes a batch of count samples; what it leaves in *batch is shared. n may stay 0 if the items follow each
 * other. ctx is the loader's collate_ctx. */
typedef fac_status fac_collate_fn(void *ctx, const fac_batch *samples, int64_t count, fac_batch *batch);

/* torch.utils.data.DataLoader. */
typedef struct fac_loader fac_loader;

/* DataLoader(dataset, batch_size=1, shuffle=False, sampler=None, collate_fn=None, drop_last=False, generator=None):
 * gives the samples in batches, stacked to (batch, *shape). Takes dataset, sampler and generator over. Errors, worded
 * as PyTorch's: FAC_ERR_VALUE for a batch_size below 1, a sampler together with shuffle, shuffling an empty dataset. Of
 * PyTorch's arguments those that are about workers, pinned memory and batch samplers are left out. Batches carry no
 * history of gradients. */
typedef struct fac_DataLoader_args {
    size_t size_;
    int64_t batch_size;
    bool shuffle;
    fac_sampler *sampler;
    fac_collate_fn *collate_fn;
    bool drop_last;
    fac_generator *generator;
    void *collate_ctx;
} fac_DataLoader_args;
#define FAC_DEFAULTS_DataLoader                                                                                    \
    .batch_size = 1, .shuffle = false, .sampler = (fac_sampler *)fac_none, .collate_fn = NULL, .drop_last = false, \
    .generator = (fac_generator *)fac_none, .collate_ctx = NULL
FAC_API fac_DataLoader_args fac_DataLoader_defaults(void);
FAC_API fac_loader *fac_DataLoader_with(fac_dataset *dataset, const fac_DataLoader_args *args);
#ifndef __cplusplus
#define fac_DataLoader(...) FAC_CALL1_(DataLoader, FAC_TENSOR_, __VA_ARGS__)
#endif

/* The next batch of the epoch; the first call begins one (iter(loader): a base seed, two draws; then the sampler's).
 * False at its end, or on an error: ask fac_loader_status after the loop. The call after that begins the next epoch.
 * The tensors are the loader's until its next call, which writes over them unless somebody else holds them by then:
 * fac_keep, a view, or a graph that is alive. */
FAC_API bool fac_loader_next(fac_loader *loader, fac_batch *batch);
/* FAC_OK, or the error that ended the last loop; also that there was no loader. */
FAC_API fac_status fac_loader_status(fac_loader *loader) FAC_WARN_UNUSED;
/* iter(loader): leaves the epoch where it is and begins a new one, as Python does at every `for`; wanted after a loop
 * that was left early. */
FAC_API fac_status fac_loader_reset(fac_loader *loader) FAC_WARN_UNUSED;
/* len(loader): batches an epoch; -1 with an error pending. */
FAC_API int64_t fac_loader_len(fac_loader *loader);
/* loader.dataset: lent; NULL with an error pending. */
FAC_API fac_dataset *fac_loader_dataset(fac_loader *loader);
FAC_API void fac_loader_free(fac_loader *loader);

#ifdef __cplusplus
}
#endif
#endif
