/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink: one way to send, and one way to wait for the kernel's answer. For netfw/ only. */
#ifndef BERTH_NETFW_NETLINK_H
#define BERTH_NETFW_NETLINK_H

#include <stddef.h>
#include <stdint.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/strbuf.h"

/* One socket of one protocol; not to be shared by threads. */
struct netlink;

#define cleanup_netlink cleanup(netlink_closep)
#define cleanup_message cleanup(netlink_message_freep)

/**
 * netlink_open() - open a socket
 * @protocol: NETLINK_ROUTE, NETLINK_NETFILTER, ...
 *
 * With the kernel's own error texts (NETLINK_EXT_ACK), without a copy of the request in each error
 * (NETLINK_CAP_ACK), and with room for a batch of some 10 000 objects and its answers.
 *
 * Return: 0 and *@ret; or a negative errno.
 */
int netlink_open(int protocol, struct netlink **ret, struct err *err);
void netlink_closep(struct netlink **netlink);

/**
 * netlink_close_later() - let a child of this process close the socket, which may take a while
 *
 * The child holds nothing else: no other descriptor, no session, no working directory.
 */
void netlink_close_later(struct netlink **netlink);

/* --- building messages --- */

/* Room for every message but those with lists; an attribute can't be longer than 65535 bytes. */
#define NETLINK_MESSAGE_BYTES 4096

/**
 * netlink_message() - begin a message
 * @type: RTM_..., or NFNL_SUBSYS_... << 8 | NFT_MSG_...
 * @flags: NLM_F_...; NLM_F_REQUEST is always set
 * @header, @header_bytes: what stands before the attributes: struct ifinfomsg, nfgenmsg, ...
 * @size_bytes: the most that the message can become
 *
 * Like the functions below it ends the program where there is no memory, or where the message
 * outgrows its size, which is the caller's mistake: a message that lacks an attribute can mean
 * anything.
 *
 * Return: the message, to be freed by the caller (cleanup_message).
 */
struct nl_msg *netlink_message(int type, int flags, const void *header, size_t header_bytes,
			       size_t size_bytes);
void netlink_message_freep(struct nl_msg **message);
/* netlink_message_fit() - takes a message that is complete. Return: the same in as much memory as
 * it needs, for who keeps many. */
struct nl_msg *netlink_message_fit(struct nl_msg *message);
/* netlink_no_memory() - says so and ends the program: for what libnl has not built. */
void netlink_no_memory(void) __attribute__((noreturn));

void netlink_put(struct nl_msg *message, int attribute, const void *bytes, size_t length);
void netlink_put_u8(struct nl_msg *message, int attribute, uint8_t value);
void netlink_put_u16(struct nl_msg *message, int attribute, uint16_t value);
void netlink_put_u32(struct nl_msg *message, int attribute, uint32_t value);
/* netlink_put_be32() - in network order, as nf_tables has its numbers. */
void netlink_put_be32(struct nl_msg *message, int attribute, uint32_t value);
void netlink_put_string(struct nl_msg *message, int attribute, const char *text);
struct nlattr *netlink_nest(struct nl_msg *message, int attribute);
/* netlink_nest_end() - an empty nest stays. */
void netlink_nest_end(struct nl_msg *message, struct nlattr *nest);

/* --- asking --- */

/* Called for each message of an answer. Return: 0, or a negative errno with @err set, which ends
 * the call. */
typedef int netlink_each(struct nlmsghdr *message, void *data, struct err *err);

/**
 * netlink_do() - send one message and wait until the kernel has done it
 *
 * Return: 0; or the kernel's negative errno, and @err says its text, without saying with what
 * object: that is the caller's part (err_wrap()). -ETIME: no answer within 10 s, -ENOBUFS: the
 * answer got lost; in both cases it may have been done.
 */
int netlink_do(struct netlink *netlink, struct nl_msg *message, struct err *err);

/* netlink_ask() - as netlink_do(), and @each is called for each message that comes as an answer. */
int netlink_ask(struct netlink *netlink, struct nl_msg *message, netlink_each *each, void *data,
		struct err *err);

/**
 * netlink_dump() - ask for all objects of a kind; sets NLM_F_DUMP
 *
 * @each sees one consistent list, and only when all of it has come: a list that changed while the
 * kernel wrote it (NLM_F_DUMP_INTR) is asked for again.
 *
 * Return: 0; -EAGAIN where it changed each time for 3 s; or another negative errno.
 */
int netlink_dump(struct netlink *netlink, struct nl_msg *message, netlink_each *each, void *data,
		 struct err *err);

/* --- many messages at once --- */

/**
 * netlink_batch_add() - append a message to a batch
 * @batch: zeroed before the first
 *
 * Return: its sequence number, by which an error names it.
 */
uint32_t netlink_batch_add(struct netlink *netlink, struct strbuf *batch, struct nl_msg *message);

/**
 * netlink_batch_do() - send a batch in one system call, and wait for its answer
 * @acked: sequence number of the message that carries NLM_F_ACK; 0: none does, and there is no
 *         answer but errors (a trial without NFNL_MSG_BATCH_END)
 * @failed: sequence number of the first message that the kernel refused, 0: none; may be NULL
 *
 * The kernel works the batch off within the system call: who is killed meanwhile has sent all of
 * it.
 *
 * Return: as netlink_do(); the first of several errors.
 */
int netlink_batch_do(struct netlink *netlink, const struct strbuf *batch, uint32_t acked,
		     uint32_t *failed, struct err *err);

#endif
