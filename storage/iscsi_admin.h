/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside storage/: what only open-iscsi can do: node records, logging in and out. */
#ifndef BERTH_STORAGE_ISCSI_ADMIN_H
#define BERTH_STORAGE_ISCSI_ADMIN_H

#include "storage/volume_driver.h"

/*
 * iscsiadm must not be killed: its lock on all node records is a file that would stay
 * (/run/lock/iscsi/lock.write), and what it has asked iscsid for goes on without it. So it goes on
 * too where this process is killed, and holds @lock (struct iscsi_note) until it has ended: the
 * next one who works on that target at that portal finds what has become of it.
 */

/* iscsi_admin_check() - whether iscsiadm and the kernel's initiator are on this host; -ENOENT. */
int iscsi_admin_check(struct err *err);

/* iscsi_admin_ready() - has iscsid running, by way of systemd where it isn't; -ESRCH: nobody starts
 * it. */
int iscsi_admin_ready(const struct volume_host *host, struct err *err);

/**
 * iscsi_admin_probe() - whether anybody accepts connections at a portal
 * @portal: as iscsi_portal() spells it
 *
 * iscsid would try again and again, and not tell why.
 *
 * Return: 0; -ECONNREFUSED; -ETIMEDOUT; -EHOSTUNREACH; ...
 */
int iscsi_admin_probe(const char *portal, const struct volume_host *host, struct err *err);

/* iscsi_admin_new_record(), iscsi_admin_delete_record() - a node record as iscsid.conf says. */
int iscsi_admin_new_record(const char *iqn, const char *portal, int lock,
			   const struct volume_host *host, struct err *err);
int iscsi_admin_delete_record(const char *iqn, const char *portal, int lock,
			      const struct volume_host *host, struct err *err);

/**
 * iscsi_admin_login() - log in as the node record says
 *
 * Return: 0; -EEXIST: there is a session already; -EACCES: name or password is wrong; -ENODEV: no
 * such target; -ETIMEDOUT: iscsid may still be at it; or another negative errno.
 */
int iscsi_admin_login(const char *iqn, const char *portal, int lock, const struct volume_host *host,
		      struct err *err);

/* iscsi_admin_logout() - end a session, and with it all its devices; 0 also where there is none.
 * iscsid runs: iscsi_admin_ready(). */
int iscsi_admin_logout(unsigned sid, int lock, const struct volume_host *host, struct err *err);

#endif
