/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The events for which libvirt runs the hook (libvirt docs/hooks.rst, src/util/virhook.c). */
#ifndef BERTH_HOOKS_EVENT_H
#define BERTH_HOOKS_EVENT_H

enum event {
	EVENT_MIGRATE,
	EVENT_RESTORE,
	EVENT_PREPARE,
	EVENT_START,
	EVENT_STARTED,
	EVENT_STOPPED,
	EVENT_RELEASE,
	EVENT_RECONNECT,
	EVENT_ATTACH,
	EVENT_GATE, /* berth-gate's own: the ports are to be what the policy wants */
	EVENTS
};

/* event_find() - the event of an operation and a sub-operation as libvirt names them, or -1. */
int event_find(const char *operation, const char *suboperation);
/* event_name() - the operation. */
const char *event_name(enum event event);

#endif
