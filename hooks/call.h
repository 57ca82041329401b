/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One call of the hook by libvirt, and what the handlers of its events share. */
#ifndef BERTH_HOOKS_CALL_H
#define BERTH_HOOKS_CALL_H

#include "config/config.h"
#include "hooks/event.h"
#include "hooks/journal/journal.h"
#include "hooks/records/site.h"
#include "xml/domain.h"
#include "xml/status.h"

/**
 * struct call - what libvirt passed, and what was read for it
 * @extra: the fourth argument; "-" where libvirt has nothing to say
 * @text: the domain XML from standard input
 * @config: NULL where there is a mistake in it, and the event goes on without it
 */
struct call {
	const struct site *site;
	enum event event;
	const char *extra;
	struct strbuf text;
	struct domain *domain;
	struct config *config;
};

/**
 * call_read_status() - what libvirt's status file says of a domain
 * @ret: all false where there is no such file
 *
 * Return: 0 or a negative errno.
 */
int call_read_status(const struct site *site, const char *name, struct domain_status *ret,
		     struct err *err);

/**
 * call_look_up() - what libvirt's status file and the journal say of the call's domain
 * @status: all false where there is no such file
 * @journal: NULL where there is none; else open and locked
 *
 * Return: 0 or a negative errno.
 */
int call_look_up(const struct call *call, struct domain_status *status, struct journal **journal,
		 struct err *err);

/* call_refuse_unsettled() - sets the error of a guest that comes or starts while its last migration
 * here is open. */
int call_refuse_unsettled(const struct journal *journal, struct err *err);

/* call_start_helper() - run "berth VERB UUID" detached from libvirtd; failure is only logged. */
void call_start_helper(const struct call *call, const char *verb);

/* call_watch_unwatched() - start a watcher for each migration whose watcher was killed. */
void call_watch_unwatched(const struct site *site);

/* call_release_left_volumes() - start `berth reap` for each guest some of whose volumes could not
 * be taken away when it ended. */
void call_release_left_volumes(const struct site *site);

/*
 * The handlers. Each returns 0, or a negative errno to make libvirt give up what it is doing.
 * What is appended to @out is printed on standard output: the domain's new XML.
 */
int incoming_migrate(const struct call *call, struct strbuf *out, struct err *err);
int incoming_restore(const struct call *call, struct strbuf *out, struct err *err);
int incoming_prepare(const struct call *call, struct strbuf *out, struct err *err);
int incoming_started(const struct call *call, struct strbuf *out, struct err *err);
/* incoming_image_of_disk() - the step that has made this disk's image for the migration, or NULL */
const struct step *incoming_image_of_disk(const struct journal *journal,
					  const struct domain *domain,
					  const struct domain_disk *disk);
/* Notes, when nothing has refused the guest, that its processors may run from now on. */
int incoming_accepted(const struct call *call, struct err *err);
int outgoing_stopped(const struct call *call, struct strbuf *out, struct err *err);
int outgoing_release(const struct call *call, struct strbuf *out, struct err *err);
int running_noted(const struct call *call, struct strbuf *out, struct err *err);

/* The same for the guest's volumes: volumes_events.c. @left: the guest runs elsewhere by now. */
int volumes_start(const struct call *call, struct err *err);
int volumes_refuse_unmanaged(const struct call *call, struct err *err);
int volumes_stopped(const struct call *call, bool left, struct err *err);
int volumes_release(const struct call *call, struct err *err);

/* The same for the gate: arrival_events.c. */
int arrival_started(const struct call *call, struct err *err);
int arrival_released(const struct call *call, struct err *err);
int arrival_reconnected(const struct call *call, struct err *err);

/* The same for the guest's ports: ports_events.c. */
int ports_prepare(const struct call *call, struct err *err);
int ports_start(const struct call *call, struct err *err);
int ports_started(const struct call *call, struct err *err);
int ports_stop(const struct call *call, struct err *err);
int ports_running(const struct call *call, struct err *err);

#endif
