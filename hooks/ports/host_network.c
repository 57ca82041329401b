/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooks/ports/host_network.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "hooks/ports/guest_port.h"
#include "base/boot_id.h"
#include "netfw/firewall.h"

#define ANSWER_YES "yes"
#define ANSWER_MAX_BYTES 4096
#define BRIDGE_CONNTRACK_LOADED "/sys/module/nf_conntrack_bridge"

static char *bridge_of(const struct site *site, const char *port)
{
	cleanup_free char *path = xasprintf("%s/%s/master", site->net_class, port);
	char target[PATH_MAX];

	ssize_t length = readlink(path, target, sizeof(target) - 1);
	if (length <= 0)
		return NULL;
	target[length] = '\0';
	return xstrdup(path_name(target));
}

static bool filters_vlans(const struct site *site, const char *bridge)
{
	cleanup_free char *path = xasprintf("%s/%s/bridge/vlan_filtering", site->net_class, bridge);
	cleanup_strbuf struct strbuf text = {0};
	struct err err;

	return file_read(path, 16, &text, &err) == 0 && text.text && text.text[0] == '1';
}

void host_network_find_uplink(const struct site *site, const struct config *config,
			      struct host_network *network)
{
	if (!config->uplink)
		return;
	cleanup_free char *path = xasprintf("%s/%s", site->net_class, config->uplink);
	network->uplink_present = file_exists(path);
	network->uplink_bridge = bridge_of(site, config->uplink);
	network->vlan_aware = network->uplink_bridge && filters_vlans(site, network->uplink_bridge);
}

/*
 * Asking the kernel takes it 8 ms, because it takes a trial back at its leisure. So the answer is
 * kept until the next boot; a "no" only while its module isn't loaded.
 */
static bool read_answer(const struct site *site, struct err *ret)
{
	cleanup_free char *path = xasprintf("%s/tracking", site->state);
	cleanup_free char *boot = NULL;
	cleanup_strbuf struct strbuf text = {0};
	struct err err;

	if (boot_id(&boot, &err) < 0 || file_read(path, ANSWER_MAX_BYTES, &text, &err) < 0 ||
	    !text.text)
		return false;
	char *answer = text.text, *id = strsep(&answer, "\n");
	if (strcmp(id, boot) != 0 || !answer)
		return false;
	if (strcmp(answer, ANSWER_YES) == 0)
		return true;
	err_set(ret, EOPNOTSUPP, "%s", answer);
	return !file_exists(BRIDGE_CONNTRACK_LOADED);
}

static void keep_answer(const struct site *site, const char *answer)
{
	cleanup_free char *path = xasprintf("%s/tracking", site->state);
	cleanup_free char *boot = NULL;
	struct err err;

	if (boot_id(&boot, &err) < 0 || file_make_folders(site->state, 0700, &err) < 0)
		return;
	cleanup_free char *text = xasprintf("%s\n%s", boot, answer);
	file_replace(path, text, strlen(text), 0600, &err);
}

void host_network_forget_tracking(const struct site *site)
{
	cleanup_free char *path = xasprintf("%s/tracking", site->state);

	unlink(path);
}

int host_network_find_tracking(const struct site *site, const struct domain *domain,
			       struct host_network *network, struct err *err)
{
	cleanup_firewall struct firewall *firewall = NULL;

	network->tracking = (struct err){0};
	if (!guest_has_groups(domain) || read_answer(site, &network->tracking))
		return 0;
	network->tracking = (struct err){0};
	int rc = firewall_open(&firewall, err);
	if (rc == 0)
		rc = firewall_can_track(firewall, err);
	if (rc == 0)
		network->tracking = *err;
	if (rc >= 0)
		keep_answer(site, rc > 0 ? ANSWER_YES : err->text);
	return rc < 0 ? rc : 0;
}
