/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of libvirt's hook events. */
#include "hooks/event.h"

#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"

static const struct {
	const char *operation;
	const char *suboperation;
} names[] = {
	[EVENT_MIGRATE] = {"migrate", "begin"}, [EVENT_RESTORE] = {"restore", "begin"},
	[EVENT_PREPARE] = {"prepare", "begin"}, [EVENT_START] = {"start", "begin"},
	[EVENT_STARTED] = {"started", "begin"}, [EVENT_STOPPED] = {"stopped", "end"},
	[EVENT_RELEASE] = {"release", "end"},   [EVENT_RECONNECT] = {"reconnect", "begin"},
	[EVENT_ATTACH] = {"attach", "begin"},   [EVENT_GATE] = {"gate", "begin"},
};
_Static_assert(ARRAY_SIZE(names) == EVENTS, "each event has its names");

int event_find(const char *operation, const char *suboperation)
{
	for (size_t i = 0; i < EVENTS; i++) {
		if (strcmp(names[i].operation, operation) == 0 &&
		    strcmp(names[i].suboperation, suboperation) == 0)
			return (int)i;
	}
	return -1;
}

const char *event_name(enum event event)
{
	return names[event].operation;
}
