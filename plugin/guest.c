/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain from libvirt's named parameters; those of a newer libvirt are skipped. */
#include "plugin/guest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static void free_guestp(struct guest **guest)
{
	guest_free(*guest);
}

static void set_uuid(struct guest *guest, const unsigned char *uuid)
{
	char *at = guest->uuid;

	for (int i = 0; i < 16; i++)
		at += sprintf(at, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			      uuid[i]);
}

static void set(struct guest *guest, const struct lock_param *param)
{
	if (strcmp(param->key, "uuid") == 0 && param->type == LOCK_PARAM_UUID)
		set_uuid(guest, param->value.uuid);
	if (strcmp(param->key, "pid") == 0 && param->type == LOCK_PARAM_UINT)
		guest->pid = param->value.i;
	if (strcmp(param->key, "name") == 0 && param->value.cstr && !guest->name &&
	    (param->type == LOCK_PARAM_STRING || param->type == LOCK_PARAM_CSTRING))
		guest->name = strdup(param->value.cstr);
}

struct guest *guest_new(const struct lock_param *params, size_t count, struct err *err)
{
	cleanup(free_guestp) struct guest *guest = calloc(1, sizeof(*guest));

	for (size_t i = 0; guest && i < count; i++)
		set(guest, &params[i]);
	if (!guest || !guest->name || !guest->uuid[0]) {
		err_set(err, guest ? EINVAL : ENOMEM,
			"berth: libvirt names no domain, or there is no memory");
		return NULL;
	}
	return steal_pointer(guest);
}

void guest_free(struct guest *guest)
{
	if (guest)
		free(guest->name);
	free(guest);
}
