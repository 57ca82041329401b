/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside xml/: what the readers of the policy's elements share. */
#ifndef BERTH_XML_POLICY_VALUE_H
#define BERTH_XML_POLICY_VALUE_H

#include <stdint.h>

#include "xml/policy.h"
#include "xml/tree.h"

/* policy-value.c */

/**
 * struct policy_shape - what may stand in an element of the policy
 * @attributes: names, a blank between two; "": none
 * @children: elements, likewise
 * @has_text: it holds a text
 */
struct policy_shape {
	const char *attributes;
	const char *children;
	bool has_text;
};

/**
 * policy_check_shape() - refuse what isn't known
 *
 * Attributes of other namespaces are passed over, comments and processing instructions too.
 */
int policy_check_shape(const xmlNode *element, const struct policy_shape *shape, struct err *err);

/* policy_next() - the first element among @node and the nodes behind it, or NULL. */
const xmlNode *policy_next(const xmlNode *node);

/* policy_wrong() - "line N: <rule> ports='70000': WHY". Return: -EINVAL. */
int policy_wrong(const xmlNode *element, const char *attribute, const char *value, const char *why,
		 struct err *err);

/* policy_wrong_text() - "line N: <address> '10.0.0': WHY". Return: -EINVAL. */
int policy_wrong_text(const xmlNode *element, const char *text, const char *why, struct err *err);

/* policy_too_many() - "line N: more than MOST <rule> in WHERE". Return: -EINVAL. */
int policy_too_many(const xmlNode *element, unsigned most, const char *where, struct err *err);

/* policy_second() - "line N: a second <address> 'WHAT' in WHERE". Return: -EINVAL. */
int policy_second(const xmlNode *element, const char *what, const char *where, struct err *err);

/* policy_text() - the element's text without the blanks around it; the caller frees it. */
char *policy_text(const xmlNode *element);

/* policy_number() - digits without a leading zero, up to @most. */
bool policy_number(const char *text, unsigned most, unsigned *ret);

/* policy_find_group() - Return: its index in the policy's groups, or -1. */
long policy_find_group(const struct policy *policy, const char *name);

/* Each reads one value and says what is wrong with it. The attribute must be there. */
int policy_read_prefix(const xmlNode *element, const char *attribute, struct prefix *ret,
		       struct err *err);
int policy_read_mac(const xmlNode *element, const char *attribute, struct mac *ret,
		    struct err *err);
int policy_read_name(const xmlNode *element, char **ret, struct err *err);
int policy_read_project(const xmlNode *element, char **ret, struct err *err);
/* The element's text: one address that a host can have. */
int policy_read_address(const xmlNode *element, struct prefix *ret, struct err *err);

/* policy-port.c */

/* policy_read_port() - read a <port> and add it; the names of all groups are in @policy already. */
int policy_read_port(const xmlNode *element, struct policy *policy, struct err *err);

/* policy-rule.c */

/* policy_read_rule() - read a <rule>; the names of all groups are in @policy already. */
int policy_read_rule(const xmlNode *element, const struct policy *policy, struct policy_rule *ret,
		     struct err *err);

#endif
