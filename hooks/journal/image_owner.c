/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dynamic_ownership, user and group of qemu.conf (libvirt src/qemu/qemu.conf.in). */
#include "hooks/journal/image_owner.h"

#include <grp.h>
#include <pwd.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "libvirt/daemon_conf.h"

#define CONF_MAX_BYTES (1 << 20)

/* "+107" is a number in any case (libvirt src/util/virutil.c, virGetUserID()). */
static bool number_of(const char *text, id_t *ret)
{
	unsigned long long number;

	if (!str_to_u64(*text == '+' ? text + 1 : text, &number) || number >= (id_t)-1)
		return false;
	*ret = (id_t)number;
	return true;
}

static uid_t user_of(const char *conf)
{
	cleanup_free char *name = daemon_conf_value(conf, "user");
	const struct passwd *user = name && *name != '+' ? getpwnam(name) : NULL;
	id_t id = (id_t)-1;

	if (user)
		return user->pw_uid;
	return name && number_of(name, &id) ? id : (uid_t)-1;
}

static gid_t group_of(const char *conf)
{
	cleanup_free char *name = daemon_conf_value(conf, "group");
	const struct group *group = name && *name != '+' ? getgrnam(name) : NULL;
	id_t id = (id_t)-1;

	if (group)
		return group->gr_gid;
	return name && number_of(name, &id) ? id : (gid_t)-1;
}

struct image_owner image_owner_of_host(const struct site *site)
{
	struct image_owner owner = {.uid = (uid_t)-1, .gid = (gid_t)-1};
	cleanup_strbuf struct strbuf text = {0};
	struct err unused;

	strbuf_puts(&text, "");
	if (!site->qemu_conf || file_read(site->qemu_conf, CONF_MAX_BYTES, &text, &unused) < 0)
		return owner;
	owner.fixed = daemon_conf_is_zero(text.text, "dynamic_ownership");
	if (!owner.fixed)
		return owner;
	owner.uid = user_of(text.text);
	owner.gid = group_of(text.text);
	return owner;
}
