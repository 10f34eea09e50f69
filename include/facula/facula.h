/* SPDX-License-Identifier: MIT */
/* Facula: torch.nn in C. The whole public API. */
#ifndef FACULA_H
#define FACULA_H

#include "facula/autograd.h"
#include "facula/base.h"
#include "facula/call.h"
#include "facula/compare.h"
#include "facula/data.h"
#include "facula/distributions.h"
#include "facula/draw.h"
#include "facula/draw_graph.h"
#include "facula/io.h"
#include "facula/io_csv.h"
#include "facula/nn.h"
#include "facula/nn_init.h"
#include "facula/nn_modules.h"
#include "facula/nn_utils.h"
#include "facula/ops.h"
#include "facula/optim.h"
#include "facula/optimisers.h"
#include "facula/plan.h"
#include "facula/random.h"
#include "facula/tensor.h"
#include "facula/text.h"
#include "facula/threads.h"
#include "facula/train.h"

#endif
