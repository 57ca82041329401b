// SPDX-License-Identifier: GPL-2.0-or-later
// The tiny guest's TCP: one connection, made or accepted, that carries the numbers 1, 2, 3... to
// the other end.
//
// One segment is under way at a time and is sent again each 200 ms until it is acknowledged; only
// the next segment in order is taken. That is enough to show whether a connection lives on.
#include "tiny.h"

#define AGAIN_MS 200
#define LOCAL_PORT 40000
#define WINDOW 1024
#define FLAG_FIN 1
#define FLAG_SYN 2
#define FLAG_RST 4
#define FLAG_PSH 8
#define FLAG_ACK 16

struct tcp_header {
	uint16_t from_port_be;
	uint16_t to_port_be;
	uint32_t sequence_be;
	uint32_t ack_be;
	uint8_t size;
	uint8_t flags;
	uint16_t window_be;
	uint16_t sum_be;
	uint16_t urgent_be;
} PACKED;

struct pseudo_header {
	uint32_t from_be;
	uint32_t to_be;
	uint16_t protocol_be;
	uint16_t size_be;
} PACKED;

enum tcp_state { CLOSED, SYN_SENT, SYN_RECEIVED, ESTABLISHED, OVER };

/**
 * struct connection - The one there is.
 * @acked, @next:	sequence numbers: the first not acknowledged, the first not sent
 * @expected:		the other end's next sequence number
 * @peer_first:		and its first, by which a client's repeated SYN is known
 * @number:		the last number sent
 * @text:		what is under way, @text_size bytes, sent last at @sent_ms
 * @got:		the number that is being received
 */
struct connection {
	enum tcp_state state;
	struct ip_place peer;
	uint16_t peer_port;
	uint16_t local_port;
	uint32_t acked;
	uint32_t next;
	uint32_t expected;
	uint32_t peer_first;
	uint32_t sent_ms;
	uint32_t number;
	uint8_t text[12];
	size_t text_size;
	uint32_t got;
};

static struct connection c;

static void send_segment(const struct connection *to, uint8_t flags, uint32_t sequence,
			 const void *text, size_t size)
{
	uint8_t segment[sizeof(struct tcp_header) + sizeof(c.text)];
	struct tcp_header *header = (struct tcp_header *)segment;
	struct pseudo_header pseudo = {swap32(options.ip[to->peer.nic]), swap32(to->peer.ip),
				       swap16(IP_TCP), swap16(sizeof(*header) + size)};

	*header = (struct tcp_header){swap16(to->local_port),
				      swap16(to->peer_port),
				      swap32(sequence),
				      swap32(to->expected),
				      sizeof(*header) / 4 << 4,
				      flags,
				      swap16(WINDOW),
				      0,
				      0};
	memcpy(header + 1, text, size);
	header->sum_be = checksum(segment, sizeof(*header) + size,
				  (uint16_t)~swap16(checksum(&pseudo, sizeof(pseudo), 0)));
	ip_send(&to->peer, IP_TCP, segment, sizeof(*header) + size);
}

/* send_pending() - Send, or send again, what was not acknowledged. */
static void send_pending(void)
{
	c.sent_ms = now_ms();
	if (c.state == SYN_SENT)
		send_segment(&c, FLAG_SYN, c.acked, NULL, 0);
	else if (c.state == SYN_RECEIVED)
		send_segment(&c, FLAG_SYN | FLAG_ACK, c.acked, NULL, 0);
	else
		send_segment(&c, FLAG_ACK | FLAG_PSH, c.acked, c.text, c.text_size);
}

static uint32_t initial_sequence(void)
{
	uint32_t low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high));
	return low;
}

static void open_connection(enum tcp_state state, uint16_t local_port, uint16_t peer_port,
			    uint32_t expected)
{
	c.local_port = local_port;
	c.peer_port = peer_port;
	c.acked = initial_sequence();
	c.next = c.acked + 1;
	c.expected = expected;
	c.number = c.got = 0;
	c.state = state;
	send_pending();
}

static void connect_out(void)
{
	const uint8_t *mac = neighbour_find(options.tcp_ip, &c.peer.nic);

	if (!mac)
		return;
	memcpy(c.peer.mac, mac, MAC_SIZE);
	c.peer.ip = options.tcp_ip;
	open_connection(SYN_SENT, LOCAL_PORT, options.tcp_port, 0);
}

static void send_number(uint32_t number)
{
	uint8_t digits[10];
	size_t count = 0;

	c.number = number;
	do
		digits[count++] = '0' + number % 10;
	while ((number /= 10));
	for (c.text_size = 0; count;)
		c.text[c.text_size++] = digits[--count];
	c.text[c.text_size++] = '\n';
	c.next = c.acked + c.text_size;
	send_pending();
}

void tcp_poll(uint32_t tick)
{
	if (c.state == CLOSED && options.tcp_port)
		connect_out();
	if (c.state == CLOSED || c.state == OVER)
		return;
	if (c.acked != c.next && now_ms() - c.sent_ms >= AGAIN_MS)
		send_pending();
	else if (c.state == ESTABLISHED && options.tcp_port && c.acked == c.next && c.number < tick)
		send_number(c.number + 1);
}

static void take_text(const uint8_t *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (text[i] >= '0' && text[i] <= '9') {
			c.got = c.got * 10 + (text[i] - '0');
			continue;
		}
		say("tcp got %u", c.got);
		c.got = 0;
	}
}

static void acknowledged(uint32_t ack)
{
	if (c.acked == c.next || ack != c.next)
		return;
	c.acked = ack;
	if (c.state == ESTABLISHED) {
		say("tcp acked %u", c.number);
		return;
	}
	c.state = ESTABLISHED;
	say("tcp connected %i %u", c.peer.ip, (uint32_t)c.peer_port);
}

static void in_connection(const struct ip_place *from, const struct tcp_header *header,
			  const uint8_t *text, size_t size)
{
	const uint32_t sequence = swap32(header->sequence_be);
	const bool syn = header->flags & FLAG_SYN, fin = header->flags & FLAG_FIN;

	c.peer = *from;
	if (header->flags & FLAG_RST) {
		// A connection that isn't made yet is tried again: the other end may begin to
		// listen later.
		say(c.state == SYN_SENT ? "tcp refused" : "tcp reset");
		c.state = c.state == SYN_SENT ? SYN_SENT : OVER;
		return;
	}
	if (c.state == SYN_SENT) {
		if (!syn || swap32(header->ack_be) != c.next)
			return;
		c.expected = sequence + 1;
	}
	if (header->flags & FLAG_ACK)
		acknowledged(swap32(header->ack_be));
	if (c.state == ESTABLISHED && sequence == c.expected && !syn) {
		take_text(text, size);
		c.expected += size + fin;
		if (fin) {
			say("tcp closed");
			c.state = OVER;
		}
	}
	if (size || fin || syn)
		send_segment(&c, FLAG_ACK, c.next, NULL, 0);
}

/* refuse() - Answer a segment that belongs to no connection. */
static void refuse(const struct ip_place *from, const struct tcp_header *header)
{
	struct connection nobody = {.peer = *from,
				    .peer_port = swap16(header->from_port_be),
				    .local_port = swap16(header->to_port_be),
				    .expected = swap32(header->sequence_be) + 1};

	if (header->flags & FLAG_SYN)
		send_segment(&nobody, FLAG_RST | FLAG_ACK, 0, NULL, 0);
	else if (!(header->flags & FLAG_RST))
		send_segment(&nobody, FLAG_RST, swap32(header->ack_be), NULL, 0);
}

static bool is_connection(const struct ip_place *from, uint16_t from_port, uint16_t to_port)
{
	return c.state != CLOSED && c.peer.ip == from->ip && c.peer_port == from_port &&
	       c.local_port == to_port;
}

/* accept() - Take a client; one that starts anew takes the place of what there was. */
static void accept(const struct ip_place *from, uint16_t from_port, uint16_t to_port,
		   uint32_t sequence)
{
	if (is_connection(from, from_port, to_port) && c.peer_first == sequence) {
		if (c.state == SYN_RECEIVED)
			send_pending();
		return;
	}
	c.peer = *from;
	c.peer_first = sequence;
	open_connection(SYN_RECEIVED, to_port, from_port, sequence + 1);
}

void tcp_receive(const struct ip_place *from, const uint8_t *segment, size_t size)
{
	const struct tcp_header *header = (const struct tcp_header *)segment;
	const uint16_t from_port = swap16(header->from_port_be),
		       to_port = swap16(header->to_port_be);
	size_t header_size;

	if (size < sizeof(*header))
		return;
	header_size = (header->size >> 4) * 4;
	if (header_size < sizeof(*header) || header_size > size)
		return;
	if (to_port == options.listen_port && (header->flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN)
		accept(from, from_port, to_port, swap32(header->sequence_be));
	else if (is_connection(from, from_port, to_port))
		in_connection(from, header, segment + header_size, size - header_size);
	else
		refuse(from, header);
}
