/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the steps: those about volumes. Others include hooks/step.h. */
#ifndef BERTH_HOOKS_STEP_VOLUME_H
#define BERTH_HOOKS_STEP_VOLUME_H

#include "hooks/step.h"

/* What the rows of the table in step.c call for STEP_VOLUME and STEP_FENCE. */
int step_volume_do(struct step *step, const struct step_context *context, struct err *err);
int step_volume_undo(const struct step *step, const struct step_context *context, struct err *err);
void step_volume_describe(const struct step *step, struct strbuf *out);
void step_volume_describe_undo(const struct step *step, struct strbuf *out);
int step_fence_do(struct step *step, const struct step_context *context, struct err *err);
int step_fence_undo(const struct step *step, const struct step_context *context, struct err *err);
void step_fence_describe(const struct step *step, struct strbuf *out);
void step_fence_describe_undo(const struct step *step, struct strbuf *out);

#endif
