/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of iSCSI things.
 *
 * udev's builtin path_id writes ip-ADDRESS:PORT-iscsi-IQN-LUN, with address and port as they stand
 * in the connection's persistent_address and persistent_port: an IPv6 address has no brackets. LUN
 * is "lun-N" below 256. From there on it is "lun-0x" and the first two levels of the LUN as SCSI
 * has it on the wire, of which the kernel's number has the lower one first: LUN 256 in flat
 * addressing is 0x4100 on the wire, and 16640 to the kernel.
 */
#include "storage/iscsi_name.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BY_PATH "/dev/disk/by-path/"
#define LUN_DIGITS 16

bool iscsi_name_valid(const char *iqn)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:_";
	size_t length = strlen(iqn);

	return (str_starts(iqn, "iqn.") || str_starts(iqn, "eui.") || str_starts(iqn, "naa.")) &&
	       length > 4 && length <= ISCSI_NAME_MAX && strspn(iqn, allowed) == length;
}

static bool port_valid(const char *port)
{
	unsigned long long number;

	return port[0] != '0' && str_to_u64(port, &number) && number > 0 && number <= 65535;
}

char *iscsi_portal(const char *address, const char *port)
{
	char plain[INET6_ADDRSTRLEN], text[INET6_ADDRSTRLEN];
	unsigned char bytes[sizeof(struct in6_addr)];
	size_t length = strlen(address);

	if (length >= 2 && address[0] == '[' && address[length - 1] == ']') {
		address++;
		length -= 2;
		if (!memchr(address, ':', length))
			return NULL;
	}
	if (length >= sizeof(plain) || !port_valid(port))
		return NULL;
	memcpy(plain, address, length);
	plain[length] = '\0';
	int family = strchr(plain, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(family, plain, bytes) != 1 || !inet_ntop(family, bytes, text, sizeof(text)))
		return NULL;
	return xasprintf(family == AF_INET6 ? "[%s]:%s" : "%s:%s", text, port);
}

char *iscsi_portal_parse(const char *text)
{
	const char *colon = strrchr(text, ':');

	if (!colon)
		return NULL;
	cleanup_free char *address = xstrndup(text, (size_t)(colon - text));
	return iscsi_portal(address, colon + 1);
}

void iscsi_portal_split(const char *portal, char buffer[static ISCSI_PORTAL_SIZE],
			const char **address, const char **port)
{
	snprintf(buffer, ISCSI_PORTAL_SIZE, "%s", portal);
	char *colon = strrchr(buffer, ':');
	*address = buffer;
	*port = colon ? colon + 1 : "";
	if (!colon)
		return;
	*colon = '\0';
	if (buffer[0] == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		*address = buffer + 1;
	}
}

/* What follows "lun-" in udev's name. */
static bool parse_lun(const char *text, uint64_t *ret)
{
	unsigned long long number;

	if (str_to_u64(text, &number)) {
		*ret = number;
		return number < 256 && (text[0] != '0' || text[1] == '\0');
	}
	if (!str_starts(text, "0x") || strlen(text) != 2 + LUN_DIGITS ||
	    strspn(text + 2, "0123456789abcdef") != LUN_DIGITS)
		return false;
	uint64_t wire = strtoull(text, NULL, 16);
	*ret = wire >> 48 | (wire >> 32 & 0xffff) << 16;
	return (wire & 0xffffffff) == 0 && *ret >= 256;
}

static char *lun_name(uint64_t lun)
{
	if (lun < 256)
		return xasprintf("%" PRIu64, lun);
	return xasprintf("0x%04" PRIx64 "%04" PRIx64 "00000000", lun & 0xffff, lun >> 16 & 0xffff);
}

int iscsi_of_name(const char *path, struct volume *ret)
{
	static const char before[] = BY_PATH "ip-", middle[] = "-iscsi-", end[] = "-lun-";

	if (!str_starts(path, before))
		return 0;
	const char *portal = path + strlen(before);
	const char *separator = strstr(portal, middle);
	if (!separator)
		return 0;
	const char *iqn = separator + strlen(middle), *lun = NULL;
	for (const char *at = iqn; (at = strstr(at, end)); at++)
		lun = at;
	if (!lun)
		return 0;
	cleanup_volume struct volume volume = {.kind = VOLUME_ISCSI};
	cleanup_free char *given = xstrndup(portal, (size_t)(separator - portal));
	volume.portals[0] = iscsi_portal_parse(given);
	volume.portal_count = volume.portals[0] ? 1 : 0;
	volume.iqn = xstrndup(iqn, (size_t)(lun - iqn));
	if (!volume.portals[0] || !iscsi_name_valid(volume.iqn) ||
	    !parse_lun(lun + strlen(end), &volume.lun))
		return 0;
	*ret = volume;
	volume = (struct volume){0};
	return 1;
}

char *iscsi_stable_name(const struct volume *volume)
{
	cleanup_free char *lun = lun_name(volume->lun);
	char buffer[ISCSI_PORTAL_SIZE];
	const char *address, *port;

	iscsi_portal_split(volume->portals[0], buffer, &address, &port);
	return xasprintf(BY_PATH "ip-%s:%s-iscsi-%s-lun-%s", address, port, volume->iqn, lun);
}
