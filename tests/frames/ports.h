/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taps as ports of a bridge: vnet0, vnet1, vnet2 and out, the uplink. */
#ifndef BERTH_TESTS_FRAMES_PORTS_H
#define BERTH_TESTS_FRAMES_PORTS_H

#include "tests/frames/frame.h"

/* How long to wait for what must come. */
#define DEADLINE_MS 20000

struct ports {
	int fds[4];
};

/* ports_open() - attach to the taps, and wait until all ports of bridges forward. Pins the process
 * to one processor, so that frames can't overtake each other. */
void ports_open(struct ports *ports);

/* tap_open() - make or attach to a tap, not blocking. Return: its descriptor. */
int tap_open(const char *name);

/* ports_drain() - forget all that has arrived so far. */
void ports_drain(const struct ports *ports);

/* port_fd() - of the port of that name; dies where there is none. */
int port_fd(const struct ports *ports, const char *name);

void port_send(int fd, const struct frame *frame);
/* port_receive() - Return: false: nothing came for @timeout_ms. */
bool port_receive(int fd, struct frame *frame, int timeout_ms);

bool frame_equal(const struct frame *a, const struct frame *b);

/* marker_build() - a frame that passes in this direction whatever the rules are: ARP from outside,
 * RARP to the outside, an ARP probe between guests. */
void marker_build(const struct path *path, struct frame *ret);

#endif
