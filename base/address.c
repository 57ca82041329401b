/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of the network: read from text, written as text, compared. */
#include "base/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"

#define MAC_FORM "xx:xx:xx:xx:xx:xx"

size_t address_size(uint8_t family)
{
	return family == 4 ? 4 : 16;
}

static uint8_t full_length(uint8_t family)
{
	return (uint8_t)(8 * address_size(family));
}

/* Return: 0 to 15, or -1. Not by isxdigit(), which asks the locale. */
static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool mac_parse(const char *text, struct mac *ret)
{
	struct mac mac = {0};

	if (strlen(text) != strlen(MAC_FORM))
		return false;
	for (size_t i = 0; MAC_FORM[i]; i++) {
		int digit = hex_digit(text[i]);
		if (MAC_FORM[i] == ':' ? text[i] != ':' : digit < 0)
			return false;
		if (digit >= 0)
			mac.bytes[i / 3] = (uint8_t)(mac.bytes[i / 3] << 4 | digit);
	}
	*ret = mac;
	return true;
}

char *mac_format(const struct mac *mac, char text[static MAC_TEXT_SIZE])
{
	const uint8_t *b = mac->bytes;

	snprintf(text, MAC_TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4],
		 b[5]);
	return text;
}

bool mac_equal(const struct mac *a, const struct mac *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool address_parse(const char *text, struct prefix *ret)
{
	struct prefix prefix = {.family = strchr(text, ':') ? 6 : 4};

	/* glibc's takes neither leading zeros nor blanks nor a zone. */
	if (inet_pton(prefix.family == 4 ? AF_INET : AF_INET6, text, prefix.bytes) != 1)
		return false;
	prefix.length = full_length(prefix.family);
	*ret = prefix;
	return true;
}

/* The bits from number @from on become @ones or zero. */
static void fill_behind(uint8_t *bytes, size_t size, unsigned from, bool ones)
{
	for (unsigned bit = from; bit < 8 * size; bit++) {
		uint8_t mask = (uint8_t)(0x80 >> bit % 8);
		bytes[bit / 8] = (uint8_t)(ones ? bytes[bit / 8] | mask : bytes[bit / 8] & ~mask);
	}
}

struct prefix prefix_around(const struct prefix *address, unsigned length)
{
	struct prefix masked = *address;

	masked.length = (uint8_t)length;
	fill_behind(masked.bytes, address_size(masked.family), masked.length, false);
	return masked;
}

static bool has_bits_behind(const struct prefix *prefix)
{
	struct prefix masked = prefix_around(prefix, prefix->length);

	return !prefix_equal(&masked, prefix);
}

bool prefix_parse(const char *text, struct prefix *ret)
{
	const char *slash = strchr(text, '/');
	unsigned long long length;
	struct prefix prefix;

	if (!slash)
		return address_parse(text, ret);
	cleanup_free char *address = xstrndup(text, (size_t)(slash - text));
	if (!address_parse(address, &prefix) || !str_to_u64(slash + 1, &length))
		return false;
	if (length > prefix.length || (slash[1] == '0' && slash[2]))
		return false;
	prefix.length = (uint8_t)length;
	if (has_bits_behind(&prefix))
		return false;
	*ret = prefix;
	return true;
}

static bool parse_port(const char *text, uint16_t *ret)
{
	unsigned long long port;

	if (*text == '0' || !str_to_u64(text, &port) || port > UINT16_MAX)
		return false;
	*ret = (uint16_t)port;
	return true;
}

bool portal_parse(const char *text, struct prefix *ret_address, uint16_t *ret_port)
{
	bool in_brackets = *text == '[';
	const char *begin = text + in_brackets;
	const char *end = strchr(begin, in_brackets ? ']' : ':');
	struct prefix parsed;

	if (!end || end[in_brackets] != ':')
		return false;
	cleanup_free char *address = xstrndup(begin, (size_t)(end - begin));
	if (!address_parse(address, &parsed) || in_brackets != (parsed.family == 6))
		return false;
	if (!parse_port(end + in_brackets + 1, ret_port))
		return false;
	*ret_address = parsed;
	return true;
}

char *prefix_format(const struct prefix *prefix, char text[static PREFIX_TEXT_SIZE])
{
	inet_ntop(prefix->family == 4 ? AF_INET : AF_INET6, prefix->bytes, text, PREFIX_TEXT_SIZE);
	if (!prefix_is_address(prefix)) {
		size_t length = strlen(text);
		snprintf(text + length, PREFIX_TEXT_SIZE - length, "/%u", prefix->length);
	}
	return text;
}

bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return a->family == b->family && a->length == b->length &&
	       memcmp(a->bytes, b->bytes, address_size(a->family)) == 0;
}

bool prefix_is_address(const struct prefix *prefix)
{
	return prefix->length == full_length(prefix->family);
}

bool prefix_holds(const struct prefix *outer, const struct prefix *inner)
{
	struct prefix around = prefix_around(inner, outer->length);

	return inner->length >= outer->length && prefix_equal(&around, outer);
}

struct prefix prefix_unmapped(const struct prefix *prefix)
{
	/* RFC 4291, 2.5.5.2 */
	static const struct prefix mapped = {6, 96, {[10] = 0xff, [11] = 0xff}};
	struct prefix ipv4 = {.family = 4};

	if (!prefix_holds(&mapped, prefix))
		return *prefix;
	ipv4.length = (uint8_t)(prefix->length - mapped.length);
	memcpy(ipv4.bytes, prefix->bytes + 12, 4);
	return ipv4;
}

void prefix_range(const struct prefix *prefix, uint8_t first[static 16], uint8_t last[static 16])
{
	size_t size = address_size(prefix->family);

	memcpy(first, prefix->bytes, size);
	memcpy(last, prefix->bytes, size);
	fill_behind(last, size, prefix->length, true);
}

struct prefix mac_link_local(const struct mac *mac)
{
	const uint8_t *m = mac->bytes;

	/* fe80::/64 and the modified EUI-64: ff:fe in the middle, the universal/local bit
	 * inverted. */
	return (struct prefix){
		.family = 6,
		.length = 128,
		.bytes = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, m[0] ^ 0x02, m[1], m[2], 0xff, 0xfe, m[3],
			  m[4], m[5]},
	};
}
