/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lock manager's state: the text that libvirt keeps with a paused domain, and carries to
 * another host in its migration cookie.
 *
 *     berth1 token=HEX [left=KEY.PID.START] [facts=BASE64] [chain=NAME:BASE64] end
 *
 * Fields stand between single blanks, "end" is last: a text that was cut is seen. No character
 * needs an escape in XML: libvirt writes it into its XML as it is.
 *
 * token  names this state in both hosts' logs
 * left   the QEMU process whose processors were stopped when this state was made: the key of the
 *        host (plugin/host.h), its process and when that was started. Whoever resumes this very
 *        process needs no other proof. The form of these first fields never changes.
 * facts  what berth-gate says of the domain
 * chain  the chained lock manager's own state, which may be empty
 */
#ifndef BERTH_PLUGIN_STATE_H
#define BERTH_PLUGIN_STATE_H

#include "base/err.h"
#include "plugin/buffer.h"
#include "plugin/host.h"

/* libvirt takes a cookie of 4 MiB at most (src/remote/remote_protocol.x). Facts: as many as
 * berth-gate reads (gate/facts.h). */
#define FACTS_MAX_BYTES (2u << 20)
#define CHAIN_STATE_MAX_BYTES (64u << 10)
#define STATE_MAX_BYTES (3u << 20)
#define CHAIN_NAME_SIZE 32

enum state_kind {
	STATE_NONE,    /* NULL or an empty text */
	STATE_OURS,    /* what struct state says */
	STATE_NEWER,   /* berth wrote it, one that is newer than this */
	STATE_BROKEN,  /* berth wrote it, but it is not as it was */
	STATE_FOREIGN, /* not berth's: of the lock manager that was there before */
};

/**
 * struct state - what a state says
 * @token: 32 hexadecimal digits
 * @left: the stopped process; @left.mac is empty if the state says nothing of one
 * @has_facts: whether there are facts; @facts may be empty all the same
 * @chain_name: the chained lock manager; empty if there is none
 * @chain: its state, without a NUL byte in it; length 0: it had none
 */
struct state {
	char token[HEX_KEY_SIZE];
	struct process_mark left;
	bool has_facts;
	struct buffer facts;
	char chain_name[CHAIN_NAME_SIZE];
	struct buffer chain;
};

#define cleanup_state cleanup(state_clear)

/**
 * state_parse() - read a state
 * @text: as libvirt gives it; may be NULL
 * @ret: on STATE_OURS the state; clear it with state_clear(). Otherwise it is empty
 *
 * Return: its kind, or -ENOMEM.
 */
int state_parse(const char *text, struct state *ret);

/**
 * state_format() - write a state
 *
 * Return: the text, which the caller (in the end libvirt, by free()) frees; NULL when there is no
 * memory.
 */
char *state_format(const struct state *state);

void state_clear(struct state *state);

#endif
