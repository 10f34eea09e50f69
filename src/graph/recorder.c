/* SPDX-License-Identifier: MIT */
#include "graph/recorder.h"

bool fac_action_taken_slow(const fac_action *action, fac_status *status)
{
    fac_recorder *recorder = fac_self.recorder;
    return recorder->cls->begin(recorder, action, status);
}

void fac_action_end_slow(const fac_action *action)
{
    fac_recorder *recorder = fac_self.recorder;
    recorder->cls->end(recorder, action);
}

static fac_status settle_values(const void *tensor)
{
    fac_recorder *recorder = fac_self.recorder;
    return recorder->cls->settle(recorder, tensor);
}

__attribute__((constructor)) static void set_up_settling(void)
{
    fac_settle_values = settle_values;
}

void fac_refuse_plan(const char *why)
{
    fac_recorder *recorder = fac_self.recorder;
    if (recorder)
        recorder->cls->refuse(recorder, why);
}
