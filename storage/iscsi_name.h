/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside storage/: what iSCSI things are called: targets, portals, udev's names of LUNs. */
#ifndef BERTH_STORAGE_ISCSI_NAME_H
#define BERTH_STORAGE_ISCSI_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "storage/volume.h"

/* RFC 7143, 4.2.7.1 */
#define ISCSI_NAME_MAX 223

/* iscsi_name_valid() - "iqn.2026-11.lab:one", "eui....", "naa....", of letters, digits, '-', '.',
 * ':' and '_': more than RFC 3722 has, for targets do. Such a name is safe as a file's name. */
bool iscsi_name_valid(const char *iqn);

/**
 * iscsi_portal() - one spelling for each portal
 * @address: "10.0.0.1", "fd00::1" or "[fd00::1]"
 *
 * Return: "10.0.0.1:3260" or "[fd00::1]:3260", which the caller frees; NULL: @address is none, or
 * @port is none. Names of hosts are not looked up.
 */
char *iscsi_portal(const char *address, const char *port);

/* iscsi_portal_parse() - as iscsi_portal(), of "ADDRESS:PORT". */
char *iscsi_portal_parse(const char *text);

/* The longest portal with its NUL, and more. */
#define ISCSI_PORTAL_SIZE 64

/* iscsi_portal_split() - the address without brackets, and the port, of what iscsi_portal() has
 * spelled; both point into @buffer. */
void iscsi_portal_split(const char *portal, char buffer[static ISCSI_PORTAL_SIZE],
			const char **address, const char **port);

/* iscsi_of_name(), iscsi_stable_name() - see struct volume_driver. */
int iscsi_of_name(const char *path, struct volume *ret);
char *iscsi_stable_name(const struct volume *volume);

#endif
