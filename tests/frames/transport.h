/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in an IP packet. */
#ifndef BERTH_TESTS_FRAMES_TRANSPORT_H
#define BERTH_TESTS_FRAMES_TRANSPORT_H

#include "tests/frames/frame.h"

/**
 * struct packet - an IP packet that is being put together
 * @data: what is behind the IP headers
 * @checksum_at: where in @data its checksum is, or NO_CHECKSUM
 * @hop_limit: 255 for neighbour discovery
 * @router_alert: has that hop-by-hop option
 */
struct packet {
	struct mac sender;
	struct prefix from;
	struct prefix to;
	unsigned number;
	uint8_t protocol;
	struct frame data;
	size_t checksum_at;
	uint8_t hop_limit;
	bool router_alert;
};
#define NO_CHECKSUM ((size_t)-1)

/* transport_family() - of the kind of packet that has this name: 4 or 6; or 0: it is none. */
uint8_t transport_family(const char *kind);

/* transport_add() - fills in what is behind the IP headers of a packet of this kind. */
void transport_add(const char *kind, struct words *words, struct packet *packet);

/* checksum() - of the Internet, RFC 1071, not complemented; begins with @sum. */
uint32_t checksum(uint32_t sum, const uint8_t *bytes, size_t length);

/* frame_put_mark() - 16 bytes that make the frame unlike others; read as an option of neighbour
 * discovery they are a correct one, of an unknown type. */
void frame_put_mark(struct frame *frame, unsigned number);

#endif
