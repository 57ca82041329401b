/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values that more than one kind of the manifest's elements has, and how they are read. */
#include "xml/manifest-value.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/strbuf.h"

bool manifest_consists_of(const char *value, const char *characters, size_t least, size_t most)
{
	size_t length = strlen(value);

	return length >= least && length <= most && strspn(value, characters) == length;
}

bool manifest_has_control(const char *value)
{
	for (const char *c = value; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return true;
	}
	return false;
}

/* libvirt's names are like "vda"; this is a bit more. */
static bool is_target(const char *value)
{
	return manifest_consists_of(value, LOWER_CASE UPPER_CASE DIGITS "_:.-", 1, 64);
}

static bool is_path(const char *value)
{
	return value[0] == '/' && strlen(value) < 4096 && !manifest_has_control(value);
}

/* Nineteen digits always fit in 64 bits, and are more than a file can have. */
bool manifest_is_size(const char *value)
{
	return manifest_consists_of(value, DIGITS, 1, 19);
}

bool manifest_is_flag(const char *value)
{
	return str_equal(value, "yes") || str_equal(value, "no");
}

const struct manifest_rule manifest_target_rule = {"target", false, is_target, "a device name"};
const struct manifest_rule manifest_path_rule = {"path", false, is_path, "an absolute path"};

int manifest_value(const xmlNode *element, const struct manifest_rule *rule, char **ret,
		   struct err *err)
{
	cleanup_free char *value = tree_attribute(element, rule->attribute);

	if (!value && !rule->optional)
		return err_set(err, EINVAL, "line %ld: <%s> without %s=", tree_line(element),
			       (const char *)element->name, rule->attribute);
	if (value && !rule->is_valid(value))
		return err_set(err, EINVAL, "line %ld: <%s> %s='%.200s' is not %s",
			       tree_line(element), (const char *)element->name, rule->attribute,
			       value, rule->wanted);
	*ret = rule == &manifest_path_rule ? path_plain(value) : steal_pointer(value);
	return 0;
}

int manifest_size(const xmlNode *element, const struct manifest_rule *rule, uint64_t *ret,
		  struct err *err)
{
	cleanup_free char *text = NULL;
	unsigned long long bytes = 0;
	int rc = manifest_value(element, rule, &text, err);

	if (rc < 0)
		return rc;
	if (text)
		str_to_u64(text, &bytes);
	*ret = bytes;
	return 0;
}

int manifest_flag(const xmlNode *element, const struct manifest_rule *rule, bool *ret,
		  struct err *err)
{
	cleanup_free char *text = NULL;
	int rc = manifest_value(element, rule, &text, err);

	if (rc < 0)
		return rc;
	*ret = str_equal(text, "yes");
	return 0;
}

int manifest_second(const struct manifest *manifest, const xmlNode *element, const char *target,
		    struct err *err)
{
	if (!manifest_find_disk(manifest, target) && !manifest_find_volume(manifest, target))
		return 0;
	return err_set(err, EINVAL, "line %ld: a second <disk> or <volume> target='%s'",
		       tree_line(element), target);
}
