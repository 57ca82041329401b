/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of the network as values: MAC, IPv4 and IPv6 addresses and prefixes. */
#ifndef BERTH_BASE_ADDRESS_H
#define BERTH_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mac {
	uint8_t bytes[6];
};

/**
 * struct prefix - an IPv4 or IPv6 prefix; an address is one of full length
 * @family: 4 or 6
 * @length: bits, 0 to 32 or 128
 * @bytes: network order, the first 4 or all 16; those behind are zero
 */
struct prefix {
	uint8_t family;
	uint8_t length;
	uint8_t bytes[16];
};

/* Room for what the functions below write, with the NUL. */
#define MAC_TEXT_SIZE 18
#define PREFIX_TEXT_SIZE 50

/* address_size() - bytes of an address of that family: 4 or 16. */
size_t address_size(uint8_t family);

/* mac_parse() - "52:54:00:00:00:01", either case, nothing else. */
bool mac_parse(const char *text, struct mac *ret);
/* mac_format() - lower case. Return: @text. */
char *mac_format(const struct mac *mac, char text[static MAC_TEXT_SIZE]);
bool mac_equal(const struct mac *a, const struct mac *b);

/* address_parse() - "10.0.0.1" or "2001:db8::1", no length behind it, no zone. */
bool address_parse(const char *text, struct prefix *ret);

/**
 * prefix_parse() - "10.0.0.0/8", "2001:db8::/32"; without a length it is one address
 *
 * The bits behind the length must be zero ("10.0.0.1/8" is no prefix); the length has no leading
 * zero.
 */
bool prefix_parse(const char *text, struct prefix *ret);

/**
 * portal_parse() - where a service is: "10.0.0.1:3260" or "[fd00::1]:3260"
 * @ret_port: 1 to 65535
 *
 * Only an address, never a name, and no zone; the port has no leading zero.
 */
bool portal_parse(const char *text, struct prefix *ret_address, uint16_t *ret_port);

/* prefix_format() - "10.0.0.0/8"; one address without its length. Return: @text. */
char *prefix_format(const struct prefix *prefix, char text[static PREFIX_TEXT_SIZE]);
bool prefix_equal(const struct prefix *a, const struct prefix *b);

/* prefix_is_address() - whether it is one address. */
bool prefix_is_address(const struct prefix *prefix);

/* prefix_around() - the prefix of that length in which an address lies. */
struct prefix prefix_around(const struct prefix *address, unsigned length);

/* prefix_holds() - whether all addresses of @inner are in @outer. */
bool prefix_holds(const struct prefix *outer, const struct prefix *inner);

/* prefix_unmapped() - the IPv4 prefix where it is an IPv4-mapped one, within ::ffff:0.0.0.0/96;
 * else the same. */
struct prefix prefix_unmapped(const struct prefix *prefix);

/* prefix_range() - the first and the last address in it, address_size() bytes each. */
void prefix_range(const struct prefix *prefix, uint8_t first[static 16], uint8_t last[static 16]);

/* mac_link_local() - the IPv6 link-local address of that MAC: RFC 4291, appendix A. */
struct prefix mac_link_local(const struct mac *mac);

#endif
