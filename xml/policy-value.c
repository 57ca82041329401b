/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may stand in the policy's elements, and the values that more than one kind of them has. */
#include "xml/policy-value.h"

#include <errno.h>
#include <string.h>

#include "base/strbuf.h"

#define BLANKS " \t\r\n"
#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define NAME_MAX_BYTES 64
#define PROJECT_MAX_BYTES 255

const xmlNode *policy_next(const xmlNode *node)
{
	while (node && node->type != XML_ELEMENT_NODE)
		node = node->next;
	return node;
}

int policy_wrong(const xmlNode *element, const char *attribute, const char *value, const char *why,
		 struct err *err)
{
	return err_set(err, EINVAL, "line %ld: <%s> %s='%.100s': %s", tree_line(element),
		       (const char *)element->name, attribute, value, why);
}

int policy_wrong_text(const xmlNode *element, const char *text, const char *why, struct err *err)
{
	return err_set(err, EINVAL, "line %ld: <%s> '%.100s': %s", tree_line(element),
		       (const char *)element->name, text, why);
}

int policy_too_many(const xmlNode *element, unsigned most, const char *where, struct err *err)
{
	return err_set(err, EINVAL, "line %ld: more than %u <%s> in %s", tree_line(element), most,
		       (const char *)element->name, where);
}

int policy_second(const xmlNode *element, const char *what, const char *where, struct err *err)
{
	return err_set(err, EINVAL, "line %ld: a second <%s> '%s' in %s", tree_line(element),
		       (const char *)element->name, what, where);
}

/* Whether the word is one of those. */
static bool is_among(const char *words, const char *word)
{
	size_t length = strlen(word);
	const char *end;

	for (; *words; words = *end ? end + 1 : end) {
		end = words + strcspn(words, " ");
		if ((size_t)(end - words) == length && memcmp(words, word, length) == 0)
			return true;
	}
	return false;
}

static int check_attribute(const xmlNode *element, const xmlAttr *attribute,
			   const struct policy_shape *shape, struct err *err)
{
	const char *name = (const char *)attribute->name;
	const char *uri = attribute->ns ? (const char *)attribute->ns->href : NULL;

	if (uri && !str_equal(uri, POLICY_URI))
		return 0;
	if (!uri && is_among(shape->attributes, name))
		return 0;
	return err_set(err, EINVAL, "line %ld: <%s> has no attribute '%s%.100s'; it has %s",
		       tree_line(element), (const char *)element->name, uri ? POLICY_URI " " : "",
		       name, *shape->attributes ? shape->attributes : "none");
}

static int check_child(const xmlNode *element, const xmlNode *child,
		       const struct policy_shape *shape, struct err *err)
{
	const char *name = (const char *)child->name;
	const char *uri = tree_namespace(child);
	const char *wanted_uri = tree_namespace(element);
	const char *contents = shape->has_text ? "only a text" : "none";

	if (!str_equal(uri, wanted_uri))
		return err_set(err, EINVAL,
			       "line %ld: <%.100s> in <%s> is in %s%.100s, and belongs in %s",
			       tree_line(child), name, (const char *)element->name,
			       uri ? "the namespace " : "no namespace", uri ? uri : "",
			       wanted_uri ? wanted_uri : "none");
	if (is_among(shape->children, name))
		return 0;
	return err_set(err, EINVAL, "line %ld: <%s> has no element '%.100s'; it has %s",
		       tree_line(child), (const char *)element->name, name,
		       *shape->children ? shape->children : contents);
}

static int check_text(const xmlNode *element, const xmlNode *text, const struct policy_shape *shape,
		      struct err *err)
{
	const char *content = text->content ? (const char *)text->content : "";

	content += strspn(content, BLANKS);
	if (shape->has_text || !*content)
		return 0;
	return err_set(err, EINVAL, "line %ld: <%s> has no text, and here is '%.40s'",
		       tree_line(element), (const char *)element->name, content);
}

int policy_check_shape(const xmlNode *element, const struct policy_shape *shape, struct err *err)
{
	int rc = 0;

	for (const xmlAttr *a = element->properties; a && rc == 0; a = a->next)
		rc = check_attribute(element, a, shape, err);
	for (const xmlNode *node = element->children; node && rc == 0; node = node->next) {
		if (node->type == XML_ELEMENT_NODE)
			rc = check_child(element, node, shape, err);
		else if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
			rc = check_text(element, node, shape, err);
	}
	return rc;
}

char *policy_text(const xmlNode *element)
{
	cleanup_free char *text = tree_text(element);
	const char *begin = text + strspn(text, BLANKS);
	size_t length = strlen(begin);

	while (length > 0 && strchr(BLANKS, begin[length - 1]))
		length--;
	return xstrndup(begin, length);
}

bool policy_number(const char *text, unsigned most, unsigned *ret)
{
	unsigned long long number;

	if (!str_to_u64(text, &number) || number > most || (*text == '0' && text[1]))
		return false;
	*ret = (unsigned)number;
	return true;
}

long policy_find_group(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->group_count; i++) {
		if (str_equal(policy->groups[i].name, name))
			return (long)i;
	}
	return -1;
}

int policy_read_mac(const xmlNode *element, const char *attribute, struct mac *ret, struct err *err)
{
	static const struct mac zero;
	cleanup_free char *text = tree_attribute(element, attribute);
	struct mac mac;

	if (!mac_parse(text, &mac))
		return policy_wrong(element, attribute, text,
				    "not a MAC address like 52:54:00:00:00:01", err);
	if (mac.bytes[0] & 1 || mac_equal(&mac, &zero))
		return policy_wrong(element, attribute, text,
				    "no interface can have this MAC address", err);
	*ret = mac;
	return 0;
}

int policy_read_name(const xmlNode *element, char **ret, struct err *err)
{
	cleanup_free char *name = tree_attribute(element, "name");

	if (!name)
		return err_set(err, EINVAL, "line %ld: <group> without name=", tree_line(element));
	size_t length = strlen(name);
	if (length < 1 || length > NAME_MAX_BYTES || !strchr(LETTERS_AND_DIGITS, *name) ||
	    strspn(name, LETTERS_AND_DIGITS "_.-") != length)
		return policy_wrong(element, "name", name,
				    "not 1 to 64 letters, digits and '_.-' that begin with a "
				    "letter or digit",
				    err);
	*ret = steal_pointer(name);
	return 0;
}

/* Control characters of ASCII and, in UTF-8, U+0080 to U+009F. */
static bool has_control(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c < ' ' || *c == 0x7f || (*c == 0xc2 && c[1] < 0xa0))
			return true;
	}
	return false;
}

int policy_read_project(const xmlNode *element, char **ret, struct err *err)
{
	cleanup_free char *text = policy_text(element);

	if (!*text || strlen(text) > PROJECT_MAX_BYTES || has_control(text))
		return policy_wrong_text(element, text,
					 "not 1 to 255 bytes without control characters", err);
	*ret = steal_pointer(text);
	return 0;
}

/* Whether it would be a prefix if all bits behind its length were zero. */
static bool has_bits_behind(const char *text)
{
	const char *slash = strchr(text, '/');
	struct prefix prefix;

	if (!slash)
		return false;
	cleanup_free char *address = xstrndup(text, (size_t)(slash - text));
	if (!address_parse(address, &prefix))
		return false;
	cleanup_free char *zero = xasprintf("%s%s", prefix.family == 4 ? "0.0.0.0" : "::", slash);
	return prefix_parse(zero, &prefix);
}

int policy_read_prefix(const xmlNode *element, const char *attribute, struct prefix *ret,
		       struct err *err)
{
	cleanup_free char *text = tree_attribute(element, attribute);

	if (prefix_parse(text, ret))
		return 0;
	return policy_wrong(element, attribute, text,
			    has_bits_behind(text)
				    ? "bits behind the prefix's length are not zero"
				    : "not an IPv4 or IPv6 address, nor a prefix like 10.0.0.0/8",
			    err);
}

static bool is_for_a_host(const struct prefix *address)
{
	static const uint8_t unspecified[16];
	static const uint8_t broadcast[4] = {255, 255, 255, 255};
	size_t size = address_size(address->family);
	uint8_t first = address->bytes[0];

	if (memcmp(address->bytes, unspecified, size) == 0)
		return false;
	if (address->family == 6)
		return first != 0xff;
	return first >> 4 != 0xe && memcmp(address->bytes, broadcast, size) != 0;
}

int policy_read_address(const xmlNode *element, struct prefix *ret, struct err *err)
{
	cleanup_free char *text = policy_text(element);
	struct prefix address;

	if (!address_parse(text, &address))
		return policy_wrong_text(element, text, "not one IPv4 or IPv6 address", err);
	if (!is_for_a_host(&address))
		return policy_wrong_text(element, text, "no interface can have this address", err);
	*ret = address;
	return 0;
}
