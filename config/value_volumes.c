/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of [volumes]: which portals, targets and interfaces may be used, and for how long. */
#include "config/value.h"

#include <errno.h>
#include <string.h>

#include "base/strbuf.h"

/* Those of RFC 7143, 4.2.7, and two kinds that it forbids and that targets have all the same:
 * upper-case letters and '_'. */
#define TARGET_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-_"

#define TIMEOUT_MAX_S 600

/* The three kinds of names: RFC 7143, 4.2.7. */
static bool has_target_type(const char *name)
{
	return str_starts(name, "iqn.") || str_starts(name, "eui.") || str_starts(name, "naa.");
}

char *value_lower_case(const char *text)
{
	char *copy = xstrdup(text);

	for (char *c = copy; *c; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	}
	return copy;
}

/* @name: lower-case, starts as a target does. */
static int add_target(struct config *config, const char *name, const char *word, struct err *err)
{
	size_t length = strlen(name);
	bool is_open = name[length - 1] == '*';
	size_t given = length - is_open;

	if (strspn(name, TARGET_CHARACTERS) != given || (!is_open && given == strlen("iqn.")))
		return err_set(err, EINVAL,
			       "'%s' is not a target's name like iqn.2026-11.lab:one, nor the "
			       "beginning of one and '*'",
			       word);
	names_add(&config->targets, name);
	return 0;
}

/* The address of "10.0.0.1/24", which can be meant in two ways, one of them 256 times the other. */
static bool has_bits_behind(const char *word, struct prefix *ret_address,
			    struct prefix *ret_network)
{
	const char *slash = strchr(word, '/');
	unsigned long long length;

	if (!slash || !str_to_u64(slash + 1, &length))
		return false;
	cleanup_free char *before = xstrndup(word, (size_t)(slash - word));
	if (!address_parse(before, ret_address) || length >= ret_address->length)
		return false;
	*ret_network = prefix_around(ret_address, (unsigned)length);
	return memcmp(ret_network->bytes, ret_address->bytes, sizeof(ret_address->bytes)) != 0;
}

static int refuse_word(const char *word, struct err *err)
{
	struct prefix address;
	struct prefix network;
	char address_text[PREFIX_TEXT_SIZE];
	char network_text[PREFIX_TEXT_SIZE];

	if (has_bits_behind(word, &address, &network))
		return err_set(err, EINVAL,
			       "'%s': bits behind the prefix's length are not zero; write %s for "
			       "the network, or %s for the one address",
			       word, prefix_format(&network, network_text),
			       prefix_format(&address, address_text));
	return err_set(err, EINVAL,
		       "'%s' is neither a portal's address or a prefix, like 10.0.0.1, 10.0.0.0/24 "
		       "and fd00::/64, nor a target, like iqn.2026-11.lab:one and "
		       "iqn.2026-11.lab:*",
		       word);
}

static int add_iscsi(void *into, const char *word, struct err *err)
{
	struct config *config = into;
	cleanup_free char *name = value_lower_case(word);
	struct prefix prefix;

	if (has_target_type(name))
		return add_target(config, name, word, err);
	if (!prefix_parse(word, &prefix))
		return refuse_word(word, err);
	config->portals =
		xreallocarray(config->portals, config->portal_count + 1, sizeof(*config->portals));
	config->portals[config->portal_count++] = prefix_unmapped(&prefix);
	return 0;
}

int value_iscsi(struct config *config, const char *value, bool first, struct err *err)
{
	if (first) {
		config->portal_count = 0;
		names_clear(&config->targets);
	}
	return value_each_word(value, add_iscsi, config, err);
}

static int add_interface(void *into, const char *word, struct err *err)
{
	/* The kernel would take a '*'; here it can only be meant as a pattern. */
	if (!value_is_interface(word) || strchr(word, '*'))
		return err_set(err, EINVAL, "'%s' is not a network interface name", word);
	names_add(into, word);
	return 0;
}

int value_interfaces(struct names *field, const char *value, bool first, struct err *err)
{
	if (first)
		names_clear(field);
	return value_each_word(value, add_interface, field, err);
}

int value_release(enum volume_release *field, const char *value, struct err *err)
{
	static const char *const names[] = {
		[RELEASE_OURS] = "ours",
		[RELEASE_ALWAYS] = "always",
		[RELEASE_NEVER] = "never",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (str_equal(value, names[i])) {
			*field = (enum volume_release)i;
			return 0;
		}
	}
	return err_set(err, EINVAL, "'%s' is neither ours nor always nor never", value);
}

int value_timeout(unsigned *field, const char *value, struct err *err)
{
	unsigned long long seconds;

	if (!str_to_u64(value, &seconds) || seconds < 1 || seconds > TIMEOUT_MAX_S)
		return err_set(err, EINVAL, "'%s' is not a number of seconds, 1 to %d", value,
			       TIMEOUT_MAX_S);
	*field = (unsigned)seconds;
	return 0;
}
