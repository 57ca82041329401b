/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the steps: those about volumes. Others include hooks/journal/step.h, but for the fences,
 * which are lifted and set between their step and its undo too: hooks/onto_itself.c. */
#ifndef BERTH_HOOKS_JOURNAL_STEP_VOLUME_H
#define BERTH_HOOKS_JOURNAL_STEP_VOLUME_H

#include "hooks/journal/step.h"

/* What the rows of the table in step.c call for STEP_VOLUME and STEP_FENCE. */
int step_volume_do(struct step *step, const struct step_context *context, struct err *err);
int step_volume_undo(const struct step *step, const struct step_context *context, struct err *err);
void step_volume_describe(const struct step *step, struct strbuf *out);
void step_volume_describe_undo(const struct step *step, struct strbuf *out);
int step_fence_do(struct step *step, const struct step_context *context, struct err *err);
int step_fence_undo(const struct step *step, const struct step_context *context, struct err *err);
void step_fence_describe(const struct step *step, struct strbuf *out);
void step_fence_describe_undo(const struct step *step, struct strbuf *out);

/* step_fence_set() - set the fence of STEP_FENCE again; @qemu, which may be 0, may have the device
 * open for writing. Return: 0 or a negative errno; -ESTALE: the path leads to another device;
 * -EBUSY: others may write to it by now. */
int step_fence_set(const struct step *step, pid_t qemu, struct err *err);
/* step_fence_lift() - lift it. Return: 0, also where the device has gone; or a negative errno. */
int step_fence_lift(const struct step *step, struct err *err);

#endif
