/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ethernet frames that are put together from a line of text. */
#ifndef BERTH_TESTS_FRAMES_FRAME_H
#define BERTH_TESTS_FRAMES_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

#define FRAME_MAX_BYTES 2048
#define FRAMES_MAX 16
#define WORDS_MAX 32

/* die() - the test can't go on: TAP's "Bail out!", exit. */
void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

struct frame {
	size_t length;
	uint8_t bytes[FRAME_MAX_BYTES];
};

/**
 * struct frames - what one line of a table sends: several where a packet is in fragments
 * @fragment_id_at: where IPv6 fragments have their identification, which who puts fragments
 *                  together and takes them apart again may change; or 0
 */
struct frames {
	size_t count;
	size_t fragment_id_at;
	struct frame items[FRAMES_MAX];
};

void frame_put(struct frame *frame, const void *bytes, size_t length);
void frame_put8(struct frame *frame, uint32_t value);
void frame_put16(struct frame *frame, uint32_t value);
void frame_put32(struct frame *frame, uint32_t value);
void frame_fill(struct frame *frame, uint8_t value, size_t length);
void frame_set16(struct frame *frame, size_t at, uint32_t value);

/* frame_insert_tag() - an 802.1Q tag behind the addresses, as a trunk carries it. */
void frame_insert_tag(struct frame *frame, uint16_t vlan);

/* struct words - a line's words; each "key=value" that is asked for counts as understood */
struct words {
	size_t count;
	char *items[WORDS_MAX];
	bool used[WORDS_MAX];
};

/* words_split() - changes @line, which the words point into. */
void words_split(char *line, struct words *ret);
/* word_value() - of the first "KEY=...", or NULL. */
const char *word_value(struct words *words, const char *key);
bool word_flag(struct words *words, const char *word);
uint32_t word_number(struct words *words, const char *key, uint32_t otherwise);
void word_mac(struct words *words, const char *key, struct mac *value);
void word_address(struct words *words, const char *key, struct prefix *value);
/* words_end() - dies where a word was not understood. */
void words_end(const struct words *words);

/**
 * struct path - which way a frame goes
 * @from, @to: "vnet0", "vnet1", "vnet2" or "out", the uplink
 * @number: makes the frame unlike all others
 */
struct path {
	const char *from;
	const char *to;
	unsigned number;
};

/* frames_build() - what the words describe; tests/data/verdicts/README.md tells how. */
void frames_build(struct words *words, const struct path *path, struct frames *ret);

/* frames_build_line() - as frames_build(), of constant text. */
void frames_build_line(const char *line, const struct path *path, struct frames *ret);

#endif
