/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside xml/: what the readers of the manifest's elements share. */
#ifndef BERTH_XML_MANIFEST_VALUE_H
#define BERTH_XML_MANIFEST_VALUE_H

#include "xml/manifest.h"
#include "xml/tree.h"

#define LOWER_CASE "abcdefghijklmnopqrstuvwxyz"
#define UPPER_CASE "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* manifest-value.c */

/**
 * struct manifest_rule - what one attribute must be
 * @attribute: its name
 * @optional: it may be absent
 * @is_valid: judges its value
 * @wanted: for the message: what it should have been
 */
struct manifest_rule {
	const char *attribute;
	bool optional;
	bool (*is_valid)(const char *value);
	const char *wanted;
};

extern const struct manifest_rule manifest_target_rule;
extern const struct manifest_rule manifest_path_rule;

/* manifest_consists_of() - from @least to @most of these characters and nothing else. */
bool manifest_consists_of(const char *value, const char *characters, size_t least, size_t most);
bool manifest_has_control(const char *value);
/* manifest_is_size() - digits that fit in 64 bits. */
bool manifest_is_size(const char *value);
/* manifest_is_flag() - yes or no. */
bool manifest_is_flag(const char *value);

/* manifest_value() - *@ret is the value, which the caller frees, or NULL where it is absent and may
 * be. Return: 0, or -EINVAL with "line N: <disk> path='a' is not an absolute path". */
int manifest_value(const xmlNode *element, const struct manifest_rule *rule, char **ret,
		   struct err *err);
/* manifest_size() - the same of a number; 0 where it is absent and may be. */
int manifest_size(const xmlNode *element, const struct manifest_rule *rule, uint64_t *ret,
		  struct err *err);
/* manifest_flag() - the same of yes or no; no where it is absent. */
int manifest_flag(const xmlNode *element, const struct manifest_rule *rule, bool *ret,
		  struct err *err);

/* manifest_second() - whether a disk or volume has that target already: then -EINVAL. */
int manifest_second(const struct manifest *manifest, const xmlNode *element, const char *target,
		    struct err *err);

/* manifest-volume.c */

/* manifest_read_volume() - read a <volume> and add it; the disks are in @manifest already. */
int manifest_read_volume(const xmlNode *element, struct manifest *manifest, struct err *err);

/* manifest-problem.c */

/* manifest_read_problem() - read a <problem> and add it. */
int manifest_read_problem(const xmlNode *element, struct manifest *manifest, struct err *err);

#endif
