/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a line's words to frames: addresses, ARP, IP headers, fragments, VLAN tags. */
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "tests/frames/transport.h"

/* struct ends - from where to where; by default those that the ports' names stand for */
struct ends {
	struct mac smac;
	struct mac dmac;
	struct prefix from;
	struct prefix to;
};

static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

/* --- addresses --- */

/* vnetN has the address that ends in 1N, what is behind the uplink that in 99. */
static void default_addresses(const char *port, uint8_t family, struct mac *mac,
			      struct prefix *address)
{
	static const uint8_t network4[4] = {10, 0, 0}, network6[16] = {0x20, 0x01, 0x0d, 0xb8};
	static const uint8_t vendor[6] = {0x52, 0x54};
	bool outside = strcmp(port, "out") == 0;
	uint8_t last = outside ? 99 : (uint8_t)(10 + port[4] - '0');
	uint8_t last_hex = outside ? 0x99 : (uint8_t)(0x10 + port[4] - '0');

	memcpy(mac->bytes, vendor, 6);
	mac->bytes[5] = last_hex;
	*address = (struct prefix){.family = family, .length = family == 4 ? 32 : 128};
	memcpy(address->bytes, family == 4 ? network4 : network6, address_size(family));
	address->bytes[address_size(family) - 1] = family == 4 ? last : last_hex;
}

/* Groups have MAC addresses of their own: RFC 1112, 2464. */
static void group_mac(const struct prefix *to, struct mac *mac)
{
	static const uint8_t group4[3] = {0x01, 0x00, 0x5e}, group6[2] = {0x33, 0x33};

	if (to->family == 4 && memcmp(to->bytes, broadcast, 4) == 0) {
		memcpy(mac->bytes, broadcast, 6);
	} else if (to->family == 4 && to->bytes[0] >> 4 == 0xe) {
		memcpy(mac->bytes, group4, 3);
		memcpy(mac->bytes + 3, to->bytes + 1, 3);
		mac->bytes[3] &= 0x7f;
	} else if (to->family == 6 && to->bytes[0] == 0xff) {
		memcpy(mac->bytes, group6, 2);
		memcpy(mac->bytes + 2, to->bytes + 12, 4);
	}
}

static struct ends read_ends(struct words *words, const struct path *path, uint8_t family)
{
	struct ends ends;

	default_addresses(path->from, family, &ends.smac, &ends.from);
	default_addresses(path->to, family, &ends.dmac, &ends.to);
	word_mac(words, "smac", &ends.smac);
	word_address(words, "from", &ends.from);
	word_address(words, "to", &ends.to);
	if (ends.from.family != family || ends.to.family != family)
		die("an address of the other family");
	group_mac(&ends.to, &ends.dmac);
	word_mac(words, "dmac", &ends.dmac);
	return ends;
}

/* --- Ethernet --- */

/* With tags=TYPE:NUMBER,...: hexadecimal type, decimal number. */
static void put_ethernet(struct words *words, const struct ends *ends, uint32_t type,
			 struct frame *frame)
{
	const char *tags = word_value(words, "tags");
	char *end;

	frame_put(frame, ends->dmac.bytes, 6);
	frame_put(frame, ends->smac.bytes, 6);
	while (tags) {
		frame_put16(frame, (uint32_t)strtoul(tags, &end, 16));
		if (*end != ':')
			die("'tags=%s': TYPE:NUMBER", tags);
		frame_put16(frame, (uint32_t)strtoul(end + 1, &end, 10));
		tags = *end == ',' ? end + 1 : NULL;
	}
	frame_put16(frame, word_number(words, "ether", type));
}

static void build_arp(struct words *words, const struct path *path, bool reverse,
		      struct frame *frame)
{
	struct ends ends = read_ends(words, path, 4);
	struct mac sender = ends.smac, target = {0};

	if (reverse)
		target = ends.smac;
	if (!word_value(words, "dmac"))
		memcpy(ends.dmac.bytes, broadcast, 6);
	word_mac(words, "arp-smac", &sender);
	word_mac(words, "arp-dmac", &target);
	put_ethernet(words, &ends, reverse ? ETH_P_RARP : ETH_P_ARP, frame);
	frame_put16(frame, word_number(words, "htype", 1));
	frame_put16(frame, word_number(words, "ptype", ETH_P_IP));
	frame_put8(frame, word_number(words, "hlen", 6));
	frame_put8(frame, word_number(words, "plen", 4));
	frame_put16(frame, word_number(words, "op", reverse ? 3 : 1));
	frame_put(frame, sender.bytes, 6);
	frame_put(frame, ends.from.bytes, 4);
	frame_put(frame, target.bytes, 6);
	frame_put(frame, ends.to.bytes, 4);
	frame_put_mark(frame, path->number);
}

static void build_other(struct words *words, const struct path *path, struct frame *frame)
{
	struct ends ends = read_ends(words, path, 4);

	put_ethernet(words, &ends, 0, frame);
	frame_put_mark(frame, path->number);
	frame_fill(frame, 0, 30);
}

/* --- IP --- */

/**
 * struct piece - a fragment, or the whole
 * @offset: in bytes
 * @fragment: it needs a fragment header
 */
struct piece {
	const uint8_t *bytes;
	size_t length;
	size_t offset;
	bool more;
	bool fragment;
};

static void put_ipv4(struct words *words, const struct packet *packet, const struct piece *piece,
		     struct frame *frame)
{
	uint32_t options = word_number(words, "options", 0);
	size_t begin = frame->length;

	frame_put8(frame, 0x40 | (5 + options));
	frame_put8(frame, 0);
	frame_put16(frame, 20 + options * 4 + (uint32_t)piece->length +
				   word_number(words, "too-long-by", 0));
	frame_put16(frame, packet->number);
	frame_put16(frame, (piece->more ? 0x2000 : 0) | (uint32_t)piece->offset / 8);
	frame_put8(frame, packet->hop_limit);
	frame_put8(frame, packet->protocol);
	frame_put16(frame, 0);
	frame_put(frame, packet->from.bytes, 4);
	frame_put(frame, packet->to.bytes, 4);
	frame_fill(frame, 1, options * 4); /* no operation */
	frame_set16(frame, begin + 10, ~checksum(0, frame->bytes + begin, frame->length - begin));
	frame_put(frame, piece->bytes, piece->length);
}

/* An extension header of 8 bytes whose options are padding, or a router alert. */
static void put_extension(struct frame *frame, uint32_t next, bool router_alert)
{
	static const uint8_t padding[6] = {1, 4}, alert[6] = {5, 2, 0, 0, 1, 0};

	frame_put8(frame, next);
	frame_put8(frame, 0);
	frame_put(frame, router_alert ? alert : padding, 6);
}

static void put_ipv6(struct words *words, const struct packet *packet, uint32_t next,
		     const struct piece *piece, struct frame *frame)
{
	bool hop_by_hop = packet->router_alert || word_flag(words, "hop-by-hop");
	uint32_t first = piece->fragment ? IPPROTO_FRAGMENT : next;

	frame_put32(frame, 0x60000000 | (packet->number & 0xfffff));
	frame_put16(frame, (uint32_t)piece->length + (hop_by_hop ? 8 : 0) +
				   (piece->fragment ? 8 : 0) +
				   word_number(words, "too-long-by", 0));
	frame_put8(frame, hop_by_hop ? 0 : first);
	frame_put8(frame, word_number(words, "hops", packet->hop_limit));
	frame_put(frame, packet->from.bytes, 16);
	frame_put(frame, packet->to.bytes, 16);
	if (hop_by_hop)
		put_extension(frame, first, packet->router_alert);
	if (piece->fragment) {
		frame_put8(frame, next);
		frame_put8(frame, 0);
		frame_put16(frame, (uint32_t)piece->offset | piece->more);
		frame_put32(frame, packet->number);
	}
	frame_put(frame, piece->bytes, piece->length);
}

/* What is split where the packet is sent in fragments. */
static struct frame fragmentable(struct words *words, const struct packet *packet, uint32_t *next)
{
	uint32_t count = word_number(words, "destination-options", 0);
	struct frame all = {0};

	*next = packet->protocol;
	for (uint32_t i = 0; i < count; i++) {
		*next = IPPROTO_DSTOPTS;
		put_extension(&all, i + 1 < count ? IPPROTO_DSTOPTS : packet->protocol, false);
	}
	frame_put(&all, packet->data.bytes, packet->data.length);
	return all;
}

/* fragments=N: in so many; fragment-size=; only=N: just the Nth; overlap: the second begins 8 bytes
 * before the first one's end. */
static bool next_piece(struct words *words, const struct frame *all, uint32_t index,
		       struct piece *piece)
{
	uint32_t count = word_number(words, "fragments", 1);
	size_t even = ((all->length + count - 1) / count + 7) / 8 * 8;
	size_t size = word_number(words, "fragment-size", (uint32_t)even);

	if (index >= count)
		return false;
	piece->offset = index * size;
	if (index == 1 && word_flag(words, "overlap"))
		piece->offset -= 8;
	if (index > 0 && piece->offset >= all->length)
		die("too short for %u fragments", count);
	piece->bytes = all->bytes + piece->offset;
	piece->more = index + 1 < count;
	piece->length = piece->more ? size : all->length - piece->offset;
	piece->fragment = count > 1 || word_flag(words, "atomic-fragment");
	return true;
}

static void build_ip(const char *kind, struct words *words, const struct path *path,
		     struct frames *ret)
{
	struct ends ends = read_ends(words, path, transport_family(kind));
	struct packet packet = {ends.smac, ends.from, ends.to, .number = path->number};
	bool v4 = ends.from.family == 4;
	struct piece piece = {0};
	uint32_t next;

	transport_add(kind, words, &packet);
	struct frame all = fragmentable(words, &packet, &next);
	uint32_t keep = word_number(words, "keep", (uint32_t)all.length);
	uint32_t only = word_number(words, "only", 0);
	all.length = keep < all.length ? keep : all.length;
	for (uint32_t i = 0; next_piece(words, &all, i, &piece); i++) {
		struct frame *frame = &ret->items[ret->count];
		if (only && only != i + 1)
			continue;
		put_ethernet(words, &ends, v4 ? ETH_P_IP : ETH_P_IPV6, frame);
		if (v4)
			put_ipv4(words, &packet, &piece, frame);
		else
			put_ipv6(words, &packet, next, &piece, frame);
		if (++ret->count == FRAMES_MAX)
			die("too many fragments");
	}
	if (!v4 && piece.fragment)
		ret->fragment_id_at = 14 + 40 + 4;
}

void frames_build(struct words *words, const struct path *path, struct frames *ret)
{
	const char *kind = words->count > 0 ? words->items[0] : "";

	*ret = (struct frames){0};
	words->used[0] = true;
	if (transport_family(kind) != 0) {
		build_ip(kind, words, path, ret);
	} else {
		ret->count = 1;
		if (strcmp(kind, "arp") == 0 || strcmp(kind, "rarp") == 0)
			build_arp(words, path, *kind == 'r', &ret->items[0]);
		else if (strcmp(kind, "other") == 0)
			build_other(words, path, &ret->items[0]);
		else
			die("'%s': no kind of frame", kind);
	}
	uint32_t cut = word_number(words, "cut", 0);
	for (size_t i = 0; i < ret->count; i++)
		ret->items[i].length -= cut < ret->items[i].length ? cut : 0;
	words_end(words);
}

void frames_build_line(const char *line, const struct path *path, struct frames *ret)
{
	cleanup_free char *copy = strdup(line);
	struct words words;

	words_split(copy, &words);
	frames_build(&words, path, ret);
}
