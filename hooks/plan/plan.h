/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan: what an incoming guest needs here, step by step, or why it can't come. */
#ifndef BERTH_HOOKS_PLAN_PLAN_H
#define BERTH_HOOKS_PLAN_PLAN_H

#include "base/cleanup.h"
#include "base/err.h"
#include "config/config.h"
#include "hooks/journal/journal.h"
#include "hooks/journal/step.h"
#include "hooks/plan/survey.h"
#include "xml/domain.h"
#include "xml/rewrite.h"

/**
 * struct situation - all that a plan depends on
 * @restore: it comes from a saved state on this host, not from another host
 * @token: 32 hex digits, new for each migration
 */
struct situation {
	bool restore;
	const struct domain *domain;
	const struct config *config;
	const struct facts *facts;
	const char *token;
};

/* A guest that needs more is refused: its journal and the work under it stay bounded. */
#define PLAN_MAX_STEPS 2048

/**
 * struct plan - steps, in order, and changes of the XML
 * @managed: berth has something to do with this guest; otherwise there is nothing else in the plan
 * @edits: for xml_rewrite(); their strings are owned by the plan
 * @renames: the same changes as names; in the same words as the journal's
 * @compared: the images that are here already and whose content was compared with the source's
 * @folders: of the steps, for finding them (tsearch(3))
 * @ports: what is done for the guest's ports when it starts, for people, a line each
 * @notes: what berth does nothing for, and libvirt may refuse, for people, a line each; also of a
 * guest that isn't managed
 */
struct plan {
	bool managed;
	struct step *steps;
	size_t step_count;
	void *folders;
	size_t folder_count;
	struct xml_edit *edits;
	size_t edit_count;
	struct rename *renames;
	size_t rename_count;
	struct compared_list compared;
	char **ports;
	size_t port_count;
	char **notes;
	size_t note_count;
};

#define cleanup_plan cleanup(plan_freep)

/**
 * plan_make() - decide
 *
 * Makes no system call: the same situation gives the same plan.
 *
 * Return: 0 and *@ret; or a negative errno when the guest must not come, @err says why in one line
 * with the remedy.
 */
int plan_make(const struct situation *situation, struct plan **ret, struct err *err);
/* plan_check_space() - whether the planned images fit still, when claims have been counted anew.
 * Return: 0 or -ENOSPC. */
int plan_check_space(const struct situation *situation, const struct plan *plan, struct err *err);
void plan_freep(struct plan **plan);

/* plan_print() - the plan for people, one line each: the steps with their undo, then the changes of
 * the XML. */
void plan_print(const struct plan *plan, struct strbuf *out);

/* place_kind_name() - "path", "bridge", "network", "listen", "argument": what a rename is of. */
const char *place_kind_name(enum place_kind kind);

/* The word of a rename that is about one interface alone: from its MAC to its bridge here. */
#define RENAME_BRIDGE_OF "bridge of"

/* plan_mapped_name() - the name that the mappings give a place here, freed by the caller; NULL:
 * none applies. */
char *plan_mapped_name(const struct config *config, const struct place *place);

/* plan_is_managed() - whether the guest brings berth's metadata, or a mapping of this host applies
 * to it. */
bool plan_is_managed(const struct domain *domain, const struct config *config);

/* plan_note_of_disk() - what is to be said of a disk that berth does nothing for, in one line,
 * freed by the caller; NULL: nothing. */
char *plan_note_of_disk(const struct domain_disk *disk);

/* Why berth makes no image for such a disk. */
#define DISK_IS_ENCRYPTED \
	"is encrypted, and berth makes no encrypted images; encrypt inside the guest instead"
#define DISK_IS_SLICED                                                                      \
	"is a <slice> of an image, and a move would lose what lies outside of it; copy it " \
	"into an image of its own with 'qemu-img convert'"

#endif
