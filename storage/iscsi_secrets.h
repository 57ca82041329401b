/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside storage/: CHAP names and passwords of targets, which stay on this host. */
#ifndef BERTH_STORAGE_ISCSI_SECRETS_H
#define BERTH_STORAGE_ISCSI_SECRETS_H

#include "base/cleanup.h"
#include "base/err.h"

/**
 * struct iscsi_secret - how to log in to a target
 * @username, @password: by which this host proves itself
 * @username_in, @password_in: by which the target proves itself to this host; or both NULL
 */
struct iscsi_secret {
	char *username;
	char *password;
	char *username_in;
	char *password_in;
};

/* iscsi_secret_clear() - frees it, and leaves no password in memory. */
void iscsi_secret_clear(struct iscsi_secret *secret);
#define cleanup_iscsi_secret cleanup(iscsi_secret_clear)

/**
 * iscsi_secret_find() - what FOLDER/iscsi.conf says of a target
 * @folder: /etc/berth/secrets
 * @iqn: the target; the section of that very name is taken, else the one with the longest name
 * before a '*'
 *
 * No text of an error holds a password.
 *
 * Return: 1 and *@ret; 0: nothing is said of it; -EPERM: others may read or write the file;
 * -EINVAL: its contents are wrong; or the errno of reading.
 */
int iscsi_secret_find(const char *folder, const char *iqn, struct iscsi_secret *ret,
		      struct err *err);

#endif
