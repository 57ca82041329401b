/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of [network] and [firewall]: interfaces, VLANs, and what is done with them. */
#include "config/value.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "base/strbuf.h"

#define VLAN_MIN 1
#define VLAN_MAX 4094

/* The kernel's dev_valid_name(). */
bool value_is_interface(const char *name)
{
	return *name && strlen(name) < IFNAMSIZ && !strpbrk(name, "/: \t\n\v\f\r") &&
	       !str_equal(name, ".") && !str_equal(name, "..");
}

int value_interface(char **field, const char *value, bool first, struct err *err)
{
	if (first && !value_is_interface(value))
		return err_set(err, EINVAL, "'%s' is not a network interface name", value);
	return value_text(field, value, first, err);
}

static int add_pattern(void *into, const char *word, struct err *err)
{
	size_t length = strlen(word);
	bool is_open = word[length - 1] == '*';
	cleanup_free char *begin = xstrndup(word, length - is_open);

	if (str_equal(word, "*"))
		return err_set(err, EINVAL,
			       "'*' would close the uplink too; write how the guests' "
			       "ports begin, 'vnet*'");
	if (!value_is_interface(begin) || strchr(begin, '*'))
		return err_set(err, EINVAL,
			       "'%s' is neither a network interface name nor the beginning of one "
			       "and '*'",
			       word);
	names_add(into, word);
	return 0;
}

int value_interface_patterns(struct names *field, const char *value, bool first, struct err *err)
{
	if (first)
		names_clear(field);
	return value_each_word(value, add_pattern, field, err);
}

static bool parse_vlan(const char *text, uint16_t *ret)
{
	unsigned long long vlan;

	if (!str_to_u64(text, &vlan) || vlan < VLAN_MIN || vlan > VLAN_MAX)
		return false;
	*ret = (uint16_t)vlan;
	return true;
}

/* "300" or "100-199". */
static bool parse_range(const char *word, struct vlan_range *ret)
{
	const char *minus = strchr(word, '-');
	cleanup_free char *first = xstrndup(word, minus ? (size_t)(minus - word) : strlen(word));

	return parse_vlan(first, &ret->first) && parse_vlan(minus ? minus + 1 : first, &ret->last);
}

static int add_range(void *into, const char *word, struct err *err)
{
	struct config *config = into;
	struct vlan_range range;

	if (!parse_range(word, &range))
		return err_set(err, EINVAL,
			       "'%s' is neither a VLAN %d to %d nor a range like 100-199", word,
			       VLAN_MIN, VLAN_MAX);
	if (range.first > range.last)
		return err_set(err, EINVAL, "'%s': the first VLAN is above the last", word);
	config->vlans =
		xreallocarray(config->vlans, config->vlan_count + 1, sizeof(*config->vlans));
	config->vlans[config->vlan_count++] = range;
	return 0;
}

int value_vlans(struct config *config, const char *value, bool first, struct err *err)
{
	if (first)
		config->vlan_count = 0;
	return value_each_word(value, add_range, config, err);
}

int value_network_mode(enum network_mode *field, const char *value, struct err *err)
{
	if (!str_equal(value, "aware") && !str_equal(value, "per-vlan"))
		return err_set(err, EINVAL, "'%s' is neither aware nor per-vlan", value);
	*field = str_equal(value, "aware") ? NETWORK_AWARE : NETWORK_PER_VLAN;
	return 0;
}

int value_stateless(bool *field, const char *value, struct err *err)
{
	if (!str_equal(value, "refuse") && !str_equal(value, "approximate"))
		return err_set(err, EINVAL, "'%s' is neither refuse nor approximate", value);
	*field = str_equal(value, "approximate");
	return 0;
}
