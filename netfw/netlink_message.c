/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink's messages: building them, so that none is ever sent with an attribute missing. */
#include "netfw/netlink.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void netlink_no_memory(void)
{
	fputs("berth: out of memory for a netlink message\n", stderr);
	_exit(1);
}

static void *or_die(void *made)
{
	if (!made)
		netlink_no_memory();
	return made;
}

struct nl_msg *netlink_message(int type, int flags, const void *header, size_t header_bytes,
			       size_t size_bytes)
{
	struct nl_msg *message = or_die(nlmsg_alloc_size(size_bytes));
	struct nlmsghdr *top = or_die(nlmsg_put(message, NL_AUTO_PORT, NL_AUTO_SEQ, type,
						(int)header_bytes, flags | NLM_F_REQUEST));

	/* libnl's NL_AUTO_PORT is 0, the kernel's sign for "the sender's own". */
	if (header_bytes)
		memcpy(nlmsg_data(top), header, header_bytes);
	return message;
}

void netlink_message_freep(struct nl_msg **message)
{
	if (*message)
		nlmsg_free(*message);
	*message = NULL;
}

struct nl_msg *netlink_message_fit(struct nl_msg *message)
{
	struct nl_msg *fitting = or_die(nlmsg_convert(nlmsg_hdr(message)));

	nlmsg_free(message);
	return fitting;
}

void netlink_put(struct nl_msg *message, int attribute, const void *bytes, size_t length)
{
	struct nlattr *attr = NULL;

	if (length <= UINT16_MAX - NLA_HDRLEN)
		attr = nla_reserve(message, attribute, (int)length);
	or_die(attr);
	if (length)
		memcpy(nla_data(attr), bytes, length);
}

void netlink_put_u8(struct nl_msg *message, int attribute, uint8_t value)
{
	netlink_put(message, attribute, &value, sizeof(value));
}

void netlink_put_u16(struct nl_msg *message, int attribute, uint16_t value)
{
	netlink_put(message, attribute, &value, sizeof(value));
}

void netlink_put_u32(struct nl_msg *message, int attribute, uint32_t value)
{
	netlink_put(message, attribute, &value, sizeof(value));
}

void netlink_put_be32(struct nl_msg *message, int attribute, uint32_t value)
{
	netlink_put_u32(message, attribute, htonl(value));
}

void netlink_put_string(struct nl_msg *message, int attribute, const char *text)
{
	netlink_put(message, attribute, text, strlen(text) + 1);
}

struct nlattr *netlink_nest(struct nl_msg *message, int attribute)
{
	return or_die(nla_nest_start(message, attribute));
}

void netlink_nest_end(struct nl_msg *message, struct nlattr *nest)
{
	/* A nest of 64 KiB or more is taken out again by libnl. */
	or_die(nla_nest_end_keep_empty(message, nest) < 0 ? NULL : nest);
}
