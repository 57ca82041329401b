/* SPDX-License-Identifier: GPL-2.0-or-later */
/* <graphics>: where the guest's screen is served. */
#include "xml/view.h"

#include "base/strbuf.h"

static void add_listen(struct domain *domain, const xmlNode *listen, const char *label)
{
	cleanup_free char *type = tree_attribute(listen, "type");

	if (str_equal(type, "address"))
		view_add_place(domain, PLACE_LISTEN, listen, "address", label);
	else if (str_equal(type, "socket"))
		view_add_place(domain, PLACE_PATH, listen, "socket", label);
	else if (str_equal(type, "network"))
		view_add_place(domain, PLACE_NETWORK, listen, "network", label);
}

/*
 * The attributes listen= and socket= say the same as the first <listen>, and libvirt refuses the
 * XML when they differ (conf/domain_conf.c, "must match 'address' attribute of first listen
 * element"): each of them is a place of its own, so that all change together.
 */
int view_graphics(struct domain *domain, const xmlNode *graphics, unsigned number, struct err *err)
{
	cleanup_free char *label = xasprintf("graphics %u", number);

	(void)err;
	view_add_place(domain, PLACE_LISTEN, graphics, "listen", label);
	view_add_place(domain, PLACE_PATH, graphics, "socket", label);
	for (const xmlNode *node = graphics->children; node; node = node->next) {
		if (tree_is(node, "listen"))
			add_listen(domain, node, label);
	}
	return 0;
}
