/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links: finding them, and what the kernel says of them. */
#include "netfw/link.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "netfw/route.h"

int route_open(struct route **ret, struct err *err)
{
	cleanup_route struct route *route = xcalloc(1, sizeof(*route));

	int rc = netlink_open(NETLINK_ROUTE, &route->netlink, err);
	if (rc < 0)
		return rc;
	*ret = steal_pointer(route);
	return 0;
}

void route_closep(struct route **route)
{
	if (!*route)
		return;
	netlink_closep(&(*route)->netlink);
	free(*route);
	*route = NULL;
}

int vlan_check(uint16_t vlan, struct err *err)
{
	if (vlan < 1 || vlan > VLAN_LAST)
		return err_set(err, EINVAL, "VLAN %u: must be 1 to %d", vlan, VLAN_LAST);
	return 0;
}

/* --- what the kernel says of a link --- */

static uint32_t u32_of(const struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static void read_bridge(struct link_record *record, struct nlattr *data)
{
	static struct nla_policy policy[IFLA_BR_MAX + 1] = {
		[IFLA_BR_VLAN_FILTERING] = {.type = NLA_U8}};
	struct nlattr *attrs[IFLA_BR_MAX + 1] = {0};

	record->link.bridge = true;
	if (!data || nla_parse_nested(attrs, IFLA_BR_MAX, data, policy) < 0)
		return;
	/* Where the kernel can't filter VLANs, net/bridge/br_netlink.c leaves out their protocol,
	 * and says that filtering is off. */
	record->can_filter_vlans = attrs[IFLA_BR_VLAN_PROTOCOL];
	record->link.vlan_aware =
		attrs[IFLA_BR_VLAN_FILTERING] && nla_get_u8(attrs[IFLA_BR_VLAN_FILTERING]);
}

/* Only 802.1Q's VLANs: those of 802.1ad have numbers of their own. */
static void read_vlan(struct link_record *record, struct nlattr *data)
{
	static struct nla_policy policy[IFLA_VLAN_MAX + 1] = {
		[IFLA_VLAN_ID] = {.type = NLA_U16}, [IFLA_VLAN_PROTOCOL] = {.type = NLA_U16}};
	struct nlattr *attrs[IFLA_VLAN_MAX + 1] = {0};

	if (!data || nla_parse_nested(attrs, IFLA_VLAN_MAX, data, policy) < 0 ||
	    !attrs[IFLA_VLAN_ID])
		return;
	if (attrs[IFLA_VLAN_PROTOCOL] &&
	    nla_get_u16(attrs[IFLA_VLAN_PROTOCOL]) != htons(ETH_P_8021Q))
		return;
	record->link.vlan_id = nla_get_u16(attrs[IFLA_VLAN_ID]);
	record->link.parent = record->lower;
}

static void read_kind(struct link_record *record, struct nlattr *info)
{
	static struct nla_policy policy[IFLA_INFO_MAX + 1] = {
		[IFLA_INFO_KIND] = {.type = NLA_STRING}, [IFLA_INFO_DATA] = {.type = NLA_NESTED}};
	struct nlattr *attrs[IFLA_INFO_MAX + 1] = {0};

	if (!info || nla_parse_nested(attrs, IFLA_INFO_MAX, info, policy) < 0 ||
	    !attrs[IFLA_INFO_KIND])
		return;
	if (nla_strcmp(attrs[IFLA_INFO_KIND], "bridge") == 0)
		read_bridge(record, attrs[IFLA_INFO_DATA]);
	else if (nla_strcmp(attrs[IFLA_INFO_KIND], "vlan") == 0)
		read_vlan(record, attrs[IFLA_INFO_DATA]);
}

bool link_record_read(struct nlmsghdr *message, struct link_record *ret)
{
	static struct nla_policy policy[IFLA_MAX + 1] = {
		[IFLA_IFNAME] = {.type = NLA_STRING, .maxlen = LINK_NAME_SIZE},
		[IFLA_MTU] = {.type = NLA_U32},
		[IFLA_LINK] = {.type = NLA_U32},
		[IFLA_MASTER] = {.type = NLA_U32},
		[IFLA_TXQLEN] = {.type = NLA_U32},
		[IFLA_LINKINFO] = {.type = NLA_NESTED},
		[IFLA_IFALIAS] = {.type = NLA_STRING},
	};
	struct nlattr *attrs[IFLA_MAX + 1] = {0};
	struct link_record record = {0};

	if (message->nlmsg_type != RTM_NEWLINK ||
	    nlmsg_parse(message, sizeof(struct ifinfomsg), attrs, IFLA_MAX, policy) < 0 ||
	    !attrs[IFLA_IFNAME])
		return false;
	record.link.index = (unsigned)((struct ifinfomsg *)nlmsg_data(message))->ifi_index;
	nla_strlcpy(record.link.name, attrs[IFLA_IFNAME], sizeof(record.link.name));
	record.link.mtu = u32_of(attrs[IFLA_MTU]);
	record.link.master = u32_of(attrs[IFLA_MASTER]);
	record.queue_length = u32_of(attrs[IFLA_TXQLEN]);
	/* With a namespace beside it, it is an index of that namespace's. */
	if (!attrs[IFLA_LINK_NETNSID])
		record.lower = u32_of(attrs[IFLA_LINK]);
	record.link.made_by_berth =
		attrs[IFLA_IFALIAS] && nla_strcmp(attrs[IFLA_IFALIAS], LINK_ALIAS) == 0;
	read_kind(&record, attrs[IFLA_LINKINFO]);
	*ret = record;
	return true;
}

/* --- asking for links --- */

static struct nl_msg *get_request(const char *name, unsigned index)
{
	struct ifinfomsg header = {.ifi_family = AF_UNSPEC, .ifi_index = (int)index};
	struct nl_msg *message =
		netlink_message(RTM_GETLINK, 0, &header, sizeof(header), NETLINK_MESSAGE_BYTES);

	netlink_put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (name)
		netlink_put_string(message, IFLA_IFNAME, name);
	return message;
}

static int keep_one(struct nlmsghdr *message, void *data, struct err *err)
{
	if (!link_record_read(message, data))
		return err_set(err, EPROTO, "the kernel's answer can't be read");
	return 0;
}

int link_record_find(struct route *route, const char *name, unsigned index, struct link_record *ret,
		     struct err *err)
{
	struct link_record found = {0};

	/* The kernel has no such names, and would complain about the request. */
	if (name ? !*name || strlen(name) >= LINK_NAME_SIZE : !index)
		return 0;
	cleanup_message struct nl_msg *message = get_request(name, index);
	int rc = netlink_ask(route->netlink, message, keep_one, &found, err);
	if (rc == -ENODEV)
		return 0;
	if (rc < 0 && name)
		return err_wrap(err, "interface '%s'", name);
	if (rc < 0)
		return err_wrap(err, "interface %u", index);
	*ret = found;
	return 1;
}

int link_find(struct route *route, const char *name, struct link *ret, struct err *err)
{
	struct link_record record;

	int rc = link_record_find(route, name, 0, &record, err);
	if (rc == 1)
		*ret = record.link;
	return rc;
}

int link_find_index(struct route *route, unsigned index, struct link *ret, struct err *err)
{
	struct link_record record;

	int rc = link_record_find(route, NULL, index, &record, err);
	if (rc == 1)
		*ret = record.link;
	return rc;
}

struct record_list {
	struct link_record *records;
	int count;
};

static int keep_each(struct nlmsghdr *message, void *data, struct err *err)
{
	struct record_list *list = data;
	struct link_record record;

	(void)err;
	if (!link_record_read(message, &record))
		return 0;
	list->records = xreallocarray(list->records, (size_t)list->count + 1, sizeof(record));
	list->records[list->count++] = record;
	return 0;
}

int link_records(struct route *route, struct link_record **ret, struct err *err)
{
	cleanup_message struct nl_msg *message = get_request(NULL, 0);
	struct record_list list = {0};

	int rc = netlink_dump(route->netlink, message, keep_each, &list, err);
	if (rc < 0) {
		free(list.records);
		return err_wrap(err, "list of interfaces");
	}
	*ret = list.records;
	return list.count;
}
