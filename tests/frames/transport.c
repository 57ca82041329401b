/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP, UDP, SCTP, ICMP, ICMPv6 and others: one function each, and a table of them. */
#include "tests/frames/transport.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

void frame_put_mark(struct frame *frame, unsigned number)
{
	char text[15];

	snprintf(text, sizeof(text), "berth %08u", number);
	frame_put8(frame, 253);
	frame_put8(frame, 2);
	frame_put(frame, text, 14);
}

uint32_t checksum(uint32_t sum, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void put_ports(struct words *words, struct packet *packet)
{
	frame_put16(&packet->data, word_number(words, "sport", 20000 + packet->number));
	frame_put16(&packet->data, word_number(words, "dport", 9));
}

static void put_payload(struct words *words, struct packet *packet)
{
	frame_put_mark(&packet->data, packet->number);
	frame_fill(&packet->data, 0x55, word_number(words, "size", 0));
}

/* --- with ports --- */

static void add_tcp(struct words *words, struct packet *packet)
{
	static const char letters[] = "FSRPAU";
	const char *flags = word_value(words, "flags");
	uint8_t bits = 0;

	for (flags = flags ? flags : "S"; *flags; flags++) {
		if (!strchr(letters, *flags))
			die("'flags': only %s", letters);
		bits = (uint8_t)(bits | 1 << (strchr(letters, *flags) - letters));
	}
	put_ports(words, packet);
	/* Both sides begin at 1000, so that what follows a handshake is always in the window. */
	frame_put32(&packet->data, bits & 2 ? 1000 : 1001);
	frame_put32(&packet->data, bits & 16 ? 1001 : 0);
	frame_put8(&packet->data, 5 << 4);
	frame_put8(&packet->data, bits);
	frame_put16(&packet->data, 8192);
	packet->checksum_at = packet->data.length;
	frame_put32(&packet->data, 0);
	put_payload(words, packet);
}

static void add_udp(struct words *words, struct packet *packet)
{
	put_ports(words, packet);
	frame_put16(&packet->data, 8 + 16 + word_number(words, "size", 0));
	packet->checksum_at = packet->data.length;
	frame_put16(&packet->data, 0);
	put_payload(words, packet);
}

/* RFC 9260, appendix A */
static uint32_t crc32c(const uint8_t *bytes, size_t length)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

/* INIT, or with chunk=2 the INIT ACK to it. */
static void add_sctp(struct words *words, struct packet *packet)
{
	struct frame *data = &packet->data;
	uint32_t chunk = word_number(words, "chunk", 1);

	put_ports(words, packet);
	frame_put32(data, chunk == 1 ? 0 : 1);
	frame_put32(data, 0);
	frame_put8(data, chunk);
	frame_put8(data, 0);
	frame_put16(data, 20 + 16);
	frame_put32(data, 1);       /* tag */
	frame_put32(data, 8192);    /* window */
	frame_put32(data, 0x10001); /* streams */
	frame_put32(data, 1);       /* sequence number */
	frame_put_mark(data, packet->number);
	uint32_t crc = crc32c(data->bytes, data->length);
	for (int i = 0; i < 4; i++)
		data->bytes[8 + i] = (uint8_t)(crc >> 8 * i);
}

/* Another protocol, proto=; with ports where they are named. */
static void add_other(struct words *words, struct packet *packet)
{
	packet->protocol = (uint8_t)word_number(words, "proto", 253);
	if (word_value(words, "dport"))
		put_ports(words, packet);
	put_payload(words, packet);
}

/* --- ICMP --- */

static void put_icmp(struct words *words, struct packet *packet, uint32_t type, uint32_t code)
{
	frame_put8(&packet->data, word_number(words, "type", type));
	frame_put8(&packet->data, word_number(words, "code", code));
	packet->checksum_at = packet->data.length;
	frame_put16(&packet->data, 0);
}

static void put_echo(struct words *words, struct packet *packet, uint32_t type)
{
	put_icmp(words, packet, type, 0);
	frame_put16(&packet->data, word_number(words, "id", 20000 + packet->number));
	frame_put16(&packet->data, 1);
	put_payload(words, packet);
}

static void add_icmp(struct words *words, struct packet *packet)
{
	put_echo(words, packet, 8);
}

static void add_icmp6(struct words *words, struct packet *packet)
{
	put_echo(words, packet, 128);
}

/* The UDP packet that an error is about: who gets the error has sent it. */
static void put_subject(struct words *words, struct packet *packet)
{
	struct prefix from = packet->to, to = packet->from;
	struct frame *data = &packet->data;
	size_t begin = data->length;

	word_address(words, "about-to", &to);
	if (from.family == 4) {
		frame_put32(data, 0x45000000 | (20 + 8));
		frame_put32(data, packet->number << 16);
		frame_put32(data, 64u << 24 | IPPROTO_UDP << 16);
	} else {
		frame_put32(data, 0x60000000 | packet->number);
		frame_put32(data, 8u << 16 | IPPROTO_UDP << 8 | 64);
	}
	frame_put(data, from.bytes, address_size(from.family));
	frame_put(data, to.bytes, address_size(to.family));
	if (from.family == 4)
		frame_set16(data, begin + 10, ~checksum(0, data->bytes + begin, 20));
	frame_put16(data, word_number(words, "sport", 1));
	frame_put16(data, word_number(words, "dport", 9));
	frame_put16(data, 8);
	frame_put16(data, 0);
}

static void add_unreachable(struct words *words, struct packet *packet)
{
	bool v6 = packet->from.family == 6;

	put_icmp(words, packet, v6 ? 1 : 3, v6 ? 4 : 3);
	frame_put32(&packet->data, 0);
	put_subject(words, packet);
}

/* --- neighbour discovery --- */

static void begin_nd(struct words *words, struct packet *packet, uint32_t type, uint32_t word)
{
	packet->hop_limit = 255;
	put_icmp(words, packet, type, 0);
	frame_put32(&packet->data, word);
}

static void put_target(struct words *words, struct packet *packet, const struct prefix *otherwise)
{
	struct prefix target = *otherwise;

	word_address(words, "target", &target);
	frame_put(&packet->data, target.bytes, 16);
}

static void put_link_address(struct packet *packet, uint32_t option)
{
	frame_put8(&packet->data, option);
	frame_put8(&packet->data, 1);
	frame_put(&packet->data, packet->sender.bytes, 6);
}

static void add_solicitation(struct words *words, struct packet *packet)
{
	begin_nd(words, packet, 135, 0);
	put_target(words, packet, &packet->to);
	put_payload(words, packet);
}

static void add_advertisement(struct words *words, struct packet *packet)
{
	begin_nd(words, packet, 136, 0x60000000);
	put_target(words, packet, &packet->from);
	put_link_address(packet, 2);
	put_payload(words, packet);
}

static void add_router_solicitation(struct words *words, struct packet *packet)
{
	begin_nd(words, packet, 133, 0);
	put_payload(words, packet);
}

static void add_router_advertisement(struct words *words, struct packet *packet)
{
	begin_nd(words, packet, 134, 64u << 24 | 1800);
	frame_put32(&packet->data, 0);
	frame_put32(&packet->data, 0);
	put_payload(words, packet);
}

static void add_redirect(struct words *words, struct packet *packet)
{
	begin_nd(words, packet, 137, 0);
	put_target(words, packet, &packet->from);
	frame_put(&packet->data, packet->from.bytes, 16);
	put_payload(words, packet);
}

/* RFC 3810 */
static void add_listener_report(struct words *words, struct packet *packet)
{
	packet->hop_limit = 1;
	packet->router_alert = true;
	put_icmp(words, packet, 143, 0);
	frame_put32(&packet->data, 0);
	put_payload(words, packet);
}

/* --- the table --- */

static const struct kind {
	const char *name;
	uint8_t family;
	uint8_t protocol;
	void (*add)(struct words *, struct packet *);
} kinds[] = {
	{"tcp", 4, IPPROTO_TCP, add_tcp},
	{"tcp6", 6, IPPROTO_TCP, add_tcp},
	{"udp", 4, IPPROTO_UDP, add_udp},
	{"udp6", 6, IPPROTO_UDP, add_udp},
	{"sctp", 4, IPPROTO_SCTP, add_sctp},
	{"sctp6", 6, IPPROTO_SCTP, add_sctp},
	{"ip", 4, 0, add_other},
	{"ip6", 6, 0, add_other},
	{"icmp", 4, IPPROTO_ICMP, add_icmp},
	{"icmp6", 6, IPPROTO_ICMPV6, add_icmp6},
	{"unreachable", 4, IPPROTO_ICMP, add_unreachable},
	{"unreachable6", 6, IPPROTO_ICMPV6, add_unreachable},
	{"ns", 6, IPPROTO_ICMPV6, add_solicitation},
	{"na", 6, IPPROTO_ICMPV6, add_advertisement},
	{"rs", 6, IPPROTO_ICMPV6, add_router_solicitation},
	{"ra", 6, IPPROTO_ICMPV6, add_router_advertisement},
	{"redirect", 6, IPPROTO_ICMPV6, add_redirect},
	{"mld", 6, IPPROTO_ICMPV6, add_listener_report},
};

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	}
	return NULL;
}

uint8_t transport_family(const char *kind)
{
	const struct kind *found = find_kind(kind);

	return found ? found->family : 0;
}

static void set_checksum(struct packet *packet)
{
	size_t size = address_size(packet->from.family);
	uint32_t sum = 0;

	if (packet->protocol != IPPROTO_ICMP) {
		sum = packet->protocol + (uint32_t)packet->data.length;
		sum = checksum(sum, packet->from.bytes, size);
		sum = checksum(sum, packet->to.bytes, size);
	}
	sum = ~checksum(sum, packet->data.bytes, packet->data.length) & 0xffff;
	frame_set16(&packet->data, packet->checksum_at,
		    sum == 0 && packet->protocol == IPPROTO_UDP ? 0xffff : sum);
}

void transport_add(const char *kind, struct words *words, struct packet *packet)
{
	const struct kind *found = find_kind(kind);

	packet->protocol = found->protocol;
	packet->checksum_at = NO_CHECKSUM;
	packet->hop_limit = 64;
	found->add(words, packet);
	if (packet->checksum_at == NO_CHECKSUM)
		return;
	set_checksum(packet);
	if (word_flag(words, "bad-checksum"))
		packet->data.bytes[packet->checksum_at] ^= 0xff;
}
