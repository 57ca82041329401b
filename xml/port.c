/* SPDX-License-Identifier: GPL-2.0-or-later */
/* <interface>: a port of the guest, and the bridge or network of the host that it hangs on. */
#include "xml/view.h"

#include <ctype.h>

#include "base/strbuf.h"

static char *lower_case(char *text)
{
	for (char *c = text; c && *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return text;
}

static int add_source(struct domain *domain, const xmlNode *source, const char *type,
		      const char *label)
{
	/* A running guest's network port has bridge= as well, but what binds it is the network. */
	if (str_equal(type, "network"))
		return view_add_place(domain, PLACE_NETWORK, source, "network", label);
	if (str_equal(type, "bridge"))
		return view_add_place(domain, PLACE_BRIDGE, source, "bridge", label);
	return -1;
}

static char *port_label(const char *mac, unsigned number)
{
	return mac ? xasprintf("interface '%.17s'", mac) : xasprintf("interface %u", number);
}

/* <vlan><tag id='100'/></vlan> as "100"; all else as the tags, between blanks, "trunk" before them.
 */
static char *vlan_of(const xmlNode *vlan)
{
	cleanup_strbuf struct strbuf text = {0};

	if (!vlan)
		return NULL;
	cleanup_free char *trunk = tree_attribute(vlan, "trunk");
	strbuf_puts(&text, str_equal(trunk, "yes") ? "trunk" : "");
	for (const xmlNode *tag = vlan->children; tag; tag = tag->next) {
		if (!tree_is(tag, "tag"))
			continue;
		cleanup_free char *id = tree_attribute(tag, "id");
		strbuf_printf(&text, "%s%s", text.length ? " " : "", id ? id : "?");
	}
	return xstrdup(text.text);
}

int view_port(struct domain *domain, const xmlNode *interface, unsigned number, struct err *err)
{
	const xmlNode *virtualport = tree_child(interface, "virtualport");
	struct domain_port port = {
		.mac = lower_case(tree_attribute(tree_child(interface, "mac"), "address")),
		.type = tree_attribute(interface, "type"),
		.target = tree_attribute(tree_child(interface, "target"), "dev"),
		.has_virtualport = virtualport != NULL,
		.virtualport = tree_attribute(virtualport, "type"),
		.vlan = vlan_of(tree_child(interface, "vlan")),
	};
	cleanup_free char *label = port_label(port.mac, number);

	(void)err;
	port.place = add_source(domain, tree_child(interface, "source"), port.type, label);
	domain->ports = view_room(domain->ports, domain->port_count, sizeof(port));
	domain->ports[domain->port_count++] = port;
	return 0;
}
