/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Doing and undoing.
 *
 * Theory of operation: all steps are in the journal before the first is done. A step is noted as
 * done after it was done, so a step without that note may be done, half done or not begun, and its
 * undo copes with each. An image is made under a name that holds the migration's token and is noted
 * with its inode before it gets its real name: at the real name only that inode is ever removed.
 *
 * Nothing is decided here: which steps there are is the plan's business, and whether they may be
 * undone is that of who calls.
 */
#include "hooks/apply.h"

#include <errno.h>

#include "base/fault.h"

static int do_step(struct journal *journal, size_t index, struct err *err)
{
	struct step *step = &journal->steps[index].step;

	fault_point("before-step");
	int rc = step_do(step, journal->token, err);
	fault_point("after-step");
	if (rc == 0)
		rc = journal_step_done(journal, index, step, err);
	fault_point("before-place");
	if (rc == 0)
		rc = step_place(step, journal->token, err);
	fault_point("after-place");
	return rc;
}

int apply_steps(struct journal **journal, struct err *err)
{
	struct err undo_err;
	int rc = 0;

	for (size_t i = 0; i < (*journal)->step_count && rc == 0; i++)
		rc = do_step(*journal, i, err);
	if (rc == 0)
		rc = journal_set_phase(*journal, PHASE_PREPARED, err);
	if (rc == 0)
		return 0;
	if (apply_undo(journal, &undo_err) < 0)
		journal_closep(journal);
	return rc;
}

int apply_undo(struct journal **journal, struct err *err)
{
	struct err step_err;
	int first = 0;

	for (size_t i = (*journal)->step_count; i > 0; i--) {
		struct step_record *record = &(*journal)->steps[i - 1];
		if (record->undone)
			continue;
		fault_point("before-undo");
		int rc = step_undo(&record->step, (*journal)->token, &step_err);
		if (rc == 0)
			rc = journal_step_undone(*journal, i - 1, &step_err);
		if (rc < 0 && first == 0) {
			*err = step_err;
			first = rc;
		}
	}
	return first < 0 ? first : journal_remove(journal, err);
}
