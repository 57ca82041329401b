/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Doing and undoing.
 *
 * Theory of operation: all steps are in the journal before the first is done. A step is noted as
 * done after it was done, so a step without that note may be done, half done or not begun, and its
 * undo copes with each. An image is made under a name that holds the migration's token and is noted
 * with its inode before it gets its real name: at the real name only that inode is ever removed.
 *
 * Slow steps that stand side by side are done at the same time, each in a child process; the
 * children die with this one, and this one alone writes the journal: one line for each when all are
 * done, synced once.
 *
 * Nothing is decided here: which steps there are is the plan's business, and whether they may be
 * undone is that of who calls.
 */
#include "hooks/journal/apply.h"

#include <errno.h>

#include "base/deadline.h"
#include "base/fault.h"
#include "base/parallel.h"
#include "hooks/volumes/guest_volume.h"

/* A step in a child process. */
struct deed {
	const struct step_context *context;
	struct step *step;
	bool undo;
};

static struct step_context begin(const struct site *site, const struct config *config,
				 const struct journal *journal)
{
	struct step_context context = {
		.guest =
			{
				.site = site,
				.config = config,
				.uuid = journal->uuid,
				.name = journal->name,
			},
		.token = journal->token,
		.owner = image_owner_of_host(site),
	};

	volume_guest_start_clock(&context.guest);
	return context;
}

static int do_deed(void *argument, struct err *err)
{
	const struct deed *deed = argument;

	fault_point(deed->undo ? "before-child-undo" : "before-child-step");
	int rc = deed->undo ? step_undo(deed->step, deed->context, err)
			    : step_do(deed->step, deed->context, err);
	fault_point(deed->undo ? "after-child-undo" : "after-child-step");
	return rc;
}

/* How many steps from @first on may be done at the same time. */
static size_t count_slow(const struct journal *journal, size_t first)
{
	size_t count = 0;

	while (first + count < journal->step_count &&
	       step_is_slow(journal->steps[first + count].step.kind))
		count++;
	return count;
}

/* @jobs: on success and on failure the results of the steps from @first on; one that needs no undo
 * any more has 0. */
static int run_together(const struct step_context *context, struct journal *journal, size_t first,
			bool undo, struct parallel_job *jobs, size_t count, struct err *err)
{
	struct deed *deeds = xcalloc(count, sizeof(*deeds));
	struct parallel_job *wanted = xcalloc(count, sizeof(*wanted));
	size_t *places = xcalloc(count, sizeof(*places)), wanted_count = 0;

	for (size_t i = 0; i < count; i++) {
		jobs[i] = (struct parallel_job){0};
		if (undo && journal->steps[first + i].undone)
			continue;
		deeds[i] = (struct deed){context, &journal->steps[first + i].step, undo};
		places[wanted_count] = i;
		wanted[wanted_count++] =
			(struct parallel_job){.run = do_deed, .argument = &deeds[i]};
	}
	int rc = parallel_run(wanted, wanted_count, context->guest.deadline_ms + VOLUME_GRACE_MS,
			      err);
	for (size_t i = 0; i < wanted_count; i++)
		jobs[places[i]] = wanted[i];
	if (rc == -ECHILD)
		err_wrap(err, "attach or detach volumes");
	free(deeds);
	free(wanted);
	free(places);
	return rc;
}

/* --- doing --- */

static int finish_steps(const struct step_context *context, struct journal *journal, size_t first,
			size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++)
		fault_point("after-step");
	int rc = journal_steps_done(journal, first, count, err);
	for (size_t i = 0; i < count && rc == 0; i++) {
		fault_point("before-place");
		rc = step_place(&journal->steps[first + i].step, context, err);
		fault_point("after-place");
	}
	return rc;
}

static int do_step(const struct step_context *context, struct journal *journal, size_t index,
		   struct err *err)
{
	fault_point("before-step");
	int rc = step_do(&journal->steps[index].step, context, err);
	return rc < 0 ? rc : finish_steps(context, journal, index, 1, err);
}

static int check_deadline(const struct journal *journal, size_t index, struct err *err)
{
	if (!deadline_passed())
		return 0;
	return err_set(
		err, ETIMEDOUT,
		"not done in time, %zu of %zu steps; check that all storage of this host answers, "
		"and migrate it again",
		index, journal->step_count);
}

static int do_slow_steps(const struct step_context *context, struct journal *journal, size_t first,
			 size_t count, struct err *err)
{
	struct parallel_job *jobs = xcalloc(count, sizeof(*jobs));

	fault_point("before-step");
	int rc = run_together(context, journal, first, false, jobs, count, err);
	free(jobs);
	return rc < 0 ? rc : finish_steps(context, journal, first, count, err);
}

int apply_steps(const struct site *site, const struct config *config, struct journal **journal,
		struct err *err)
{
	struct step_context context = begin(site, config, *journal);
	struct err undo_err;
	int rc = 0;

	for (size_t i = 0, count; i < (*journal)->step_count && rc == 0; i += count) {
		size_t slow = count_slow(*journal, i);
		count = slow > 0 ? slow : 1;
		rc = check_deadline(*journal, i, err);
		if (rc == 0)
			rc = slow > 0 ? do_slow_steps(&context, *journal, i, slow, err)
				      : do_step(&context, *journal, i, err);
	}
	if (rc == 0)
		rc = journal_set_phase(*journal, PHASE_PREPARED, err);
	if (rc == 0)
		return 0;
	if (apply_undo(site, config, journal, &undo_err) < 0)
		journal_closep(journal);
	return rc;
}

/* --- undoing --- */

static void undo_group(const struct step_context *context, struct journal *journal, size_t first,
		       struct parallel_job *jobs, size_t count, struct err *err)
{
	fault_point("before-undo");
	if (step_is_slow(journal->steps[first].step.kind)) {
		run_together(context, journal, first, true, jobs, count, err);
	} else {
		jobs[0] = (struct parallel_job){0};
		jobs[0].rc = step_undo(&journal->steps[first].step, context, &jobs[0].err);
	}
	fault_point("after-undo");
}

/* Undoes the steps from @first on, @count of them, and notes those that are. A note that the disk
 * has no room for is no failure: when all is undone the journal goes, and else a later run finds
 * the step undone. */
static int undo_steps(const struct step_context *context, struct journal *journal, size_t first,
		      size_t count, struct err *err)
{
	struct parallel_job *jobs = xcalloc(count, sizeof(*jobs));
	int failed = 0;

	undo_group(context, journal, first, jobs, count, err);
	for (size_t i = count; i > 0; i--) {
		struct parallel_job *job = &jobs[i - 1];
		struct err unnoted;
		if (journal->steps[first + i - 1].undone)
			continue;
		if (job->rc >= 0)
			journal_step_undone(journal, first + i - 1, &unnoted);
		if (job->rc < 0 && failed == 0) {
			*err = job->err;
			failed = job->rc;
		}
	}
	free(jobs);
	return failed;
}

/* Where the group of steps begins whose last one is before @end. */
static size_t group_before(const struct journal *journal, size_t end)
{
	size_t first = end - 1;

	while (first > 0 && step_is_slow(journal->steps[first].step.kind) &&
	       step_is_slow(journal->steps[first - 1].step.kind))
		first--;
	return first;
}

static bool is_all_undone(const struct journal *journal, size_t first, size_t end)
{
	while (first < end && journal->steps[first].undone)
		first++;
	return first == end;
}

int apply_undo(const struct site *site, const struct config *config, struct journal **journal,
	       struct err *err)
{
	struct step_context context = begin(site, config, *journal);
	struct err step_err;
	int first_rc = 0;

	for (size_t end = (*journal)->step_count, first; end > 0; end = first) {
		first = group_before(*journal, end);
		if (is_all_undone(*journal, first, end))
			continue;
		int rc = undo_steps(&context, *journal, first, end - first, &step_err);
		if (rc < 0 && first_rc == 0) {
			*err = step_err;
			first_rc = rc;
		}
	}
	return first_rc < 0 ? first_rc : journal_remove(journal, err);
}
