/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `stopped end` has made of an end. Two of the marks are for `release end` of the same end and
 * no other one: from libvirt 10.5 on that one is told how it ended. A start that is refused ends
 * with a `release` as well. */
#ifndef BERTH_HOOKS_RECORDS_DEPARTURE_MARK_H
#define BERTH_HOOKS_RECORDS_DEPARTURE_MARK_H

#include <stdbool.h>

#include "hooks/records/site.h"

/**
 * enum departure_mark
 * @DEPARTURE_UNMARKED: nothing was said
 * @DEPARTURE_NOTED: the guest has left, and its images are noted as stale
 * @DEPARTURE_UNCLEAR: libvirt's status didn't say what the end was: libvirt 11.3 has dropped the
 * job "migration out" by then, where an earlier migration of the guest was aborted
 * @DEPARTURE_UNTOLD: the guest has left, and what was copied nobody can tell: libvirt's job, asked
 * afterwards, does not know it either. Stays until the guest starts or comes here
 */
enum departure_mark { DEPARTURE_UNMARKED, DEPARTURE_NOTED, DEPARTURE_UNCLEAR, DEPARTURE_UNTOLD };

/* departure_mark_set() - at `stopped end`. Return: 0; or a negative errno. */
int departure_mark_set(const struct site *site, const char *uuid, enum departure_mark mark,
		       struct err *err);

/* departure_mark_take() - at `release end`: DEPARTURE_NOTED or DEPARTURE_UNCLEAR, which is gone
 * then; or DEPARTURE_UNMARKED. */
enum departure_mark departure_mark_take(const struct site *site, const char *uuid);

/* departure_is_untold() - whether the guest has the mark DEPARTURE_UNTOLD. */
bool departure_is_untold(const struct site *site, const char *uuid);

/* departure_marks_remove() - all of them: the guest starts, or comes. */
void departure_marks_remove(const struct site *site, const char *uuid);

#endif
