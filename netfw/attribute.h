/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside netfw/: values of attributes that were received, which may be shorter than they should. */
#ifndef BERTH_NETFW_ATTRIBUTE_H
#define BERTH_NETFW_ATTRIBUTE_H

#include <arpa/inet.h>
#include <endian.h>
#include <netlink/attr.h>
#include <string.h>

/* 0 where there is none, or it is too short. */
static inline uint32_t attribute_be32(const struct nlattr *attribute)
{
	uint32_t value = 0;

	if (attribute && nla_len(attribute) >= (int)sizeof(value))
		memcpy(&value, nla_data(attribute), sizeof(value));
	return ntohl(value);
}

static inline uint64_t attribute_be64(const struct nlattr *attribute)
{
	uint64_t value = 0;

	if (attribute && nla_len(attribute) >= (int)sizeof(value))
		memcpy(&value, nla_data(attribute), sizeof(value));
	return be64toh(value);
}

/* NULL where there is none, or it has no end. */
static inline const char *attribute_text(const struct nlattr *attribute)
{
	if (!attribute || nla_len(attribute) <= 0 ||
	    !memchr(nla_data(attribute), '\0', (size_t)nla_len(attribute)))
		return NULL;
	return nla_data(attribute);
}

#endif
