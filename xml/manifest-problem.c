/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manifest's problems: disks of the guest that berth can't describe, and why. */
#include <errno.h>
#include <string.h>

#include "xml/characters.h"
#include "xml/manifest-value.h"
#include "xml/view.h"

static bool is_text(const char *value)
{
	size_t length = strlen(value);

	return length > 0 && length <= MANIFEST_MAX_PROBLEM_BYTES && !manifest_has_control(value);
}

static const struct manifest_rule text_rule = {"text", false, is_text, "a line of text"};

static struct manifest_problem *add(struct manifest *manifest, char *target)
{
	manifest->problems =
		view_room(manifest->problems, manifest->problem_count, sizeof(*manifest->problems));
	struct manifest_problem *problem = &manifest->problems[manifest->problem_count++];
	*problem = (struct manifest_problem){.target = target};
	return problem;
}

void manifest_add_problem(struct manifest *manifest, const char *target, const char *text)
{
	char *line = xstrndup(text, strnlen(text, MANIFEST_MAX_PROBLEM_BYTES));
	size_t length = strlen(line), bad;

	/* The name of a file may hold bytes that XML can't. */
	while ((bad = xml_find_bad(line, length)) < length)
		line[bad] = '?';
	add(manifest, xstrdup(target))->text = line;
}

const struct manifest_problem *manifest_find_problem(const struct manifest *manifest,
						     const char *target)
{
	for (size_t i = 0; manifest && i < manifest->problem_count; i++) {
		if (str_equal(manifest->problems[i].target, target))
			return &manifest->problems[i];
	}
	return NULL;
}

int manifest_read_problem(const xmlNode *element, struct manifest *manifest, struct err *err)
{
	char *target;
	int rc = manifest_value(element, &manifest_target_rule, &target, err);

	if (rc < 0)
		return rc;
	struct manifest_problem *problem = add(manifest, target);
	if (manifest->problem_count > MANIFEST_MAX_DISKS)
		return err_set(err, EINVAL, "line %ld: more than %d <problem>", tree_line(element),
			       MANIFEST_MAX_DISKS);
	return manifest_value(element, &text_rule, &problem->text, err);
}
