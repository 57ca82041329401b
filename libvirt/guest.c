/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guests of this host: look-ups, state, metadata, the stored definition, and waiting for
 * events. */
#include "libvirt/guest.h"

#include <errno.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <string.h>

#include "base/strbuf.h"

struct libvirt {
	virConnectPtr conn;
	int callback;
	char followed[VIR_UUID_STRING_BUFLEN];
	bool happened;
	bool ran;
	bool ended;
	bool timer_fired;
};

static void stay_silent(void *user, virErrorPtr error)
{
	(void)user;
	(void)error;
}

static int fail(struct err *err, int code, const char *what)
{
	return err_set(err, code, "libvirt: %s: %s", what, virGetLastErrorMessage());
}

static int on_lifecycle(virConnectPtr conn, virDomainPtr domain, int event, int detail, void *user)
{
	struct libvirt *libvirt = user;
	char uuid[VIR_UUID_STRING_BUFLEN];

	(void)conn;
	(void)detail;
	if (virDomainGetUUIDString(domain, uuid) < 0 || strcmp(uuid, libvirt->followed) != 0)
		return 0;
	libvirt->happened = true;
	if (event == VIR_DOMAIN_EVENT_STOPPED)
		libvirt->ended = true;
	else if (event == VIR_DOMAIN_EVENT_RESUMED || event == VIR_DOMAIN_EVENT_SUSPENDED)
		libvirt->ran = true;
	return 0;
}

void libvirt_follow(struct libvirt *libvirt, const char *uuid)
{
	snprintf(libvirt->followed, sizeof(libvirt->followed), "%s", uuid);
	libvirt->happened = false;
	libvirt->ran = false;
	libvirt->ended = false;
}

bool libvirt_ended_unrun(const struct libvirt *libvirt)
{
	return libvirt->ended && !libvirt->ran;
}

bool libvirt_has_run(const struct libvirt *libvirt)
{
	return libvirt->ran;
}

int libvirt_open(struct libvirt **ret, struct err *err)
{
	cleanup_libvirt struct libvirt *libvirt = xcalloc(1, sizeof(*libvirt));

	libvirt->callback = -1;
	virSetErrorFunc(NULL, stay_silent);
	if (virEventRegisterDefaultImpl() < 0)
		return fail(err, ENOTCONN, "event loop");
	libvirt->conn = virConnectOpen("qemu:///system");
	if (!libvirt->conn)
		return fail(err, ENOTCONN, "connect to qemu:///system");
	libvirt->callback = virConnectDomainEventRegisterAny(
		libvirt->conn, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
		VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle), libvirt, NULL);
	if (libvirt->callback < 0)
		return fail(err, ENOTCONN, "ask for events");
	*ret = steal_pointer(libvirt);
	return 0;
}

void libvirt_closep(struct libvirt **ref)
{
	struct libvirt *libvirt = *ref;

	if (!libvirt)
		return;
	if (libvirt->callback >= 0)
		virConnectDomainEventDeregisterAny(libvirt->conn, libvirt->callback);
	if (libvirt->conn)
		virConnectClose(libvirt->conn);
	free(libvirt);
	*ref = NULL;
}

bool libvirt_is_alive(struct libvirt *libvirt)
{
	return virConnectIsAlive(libvirt->conn) == 1;
}

static void on_timer(int timer, void *user)
{
	struct libvirt *libvirt = user;

	(void)timer;
	libvirt->timer_fired = true;
}

int libvirt_wait(struct libvirt *libvirt, int timeout_ms, struct err *err)
{
	int rc = 0;

	libvirt->timer_fired = false;
	int timer = virEventAddTimeout(timeout_ms, on_timer, libvirt, NULL);
	if (timer < 0)
		return fail(err, ENOTCONN, "timer");
	while (rc == 0 && !libvirt->timer_fired && !libvirt->happened) {
		if (virEventRunDefaultImpl() < 0 || !libvirt_is_alive(libvirt))
			rc = fail(err, ENOTCONN, "connection");
	}
	virEventRemoveTimeout(timer);
	libvirt->happened = false;
	return rc;
}

static virDomainPtr find(struct libvirt *libvirt, const char *name_or_uuid)
{
	virDomainPtr domain = virDomainLookupByUUIDString(libvirt->conn, name_or_uuid);

	return domain ? domain : virDomainLookupByName(libvirt->conn, name_or_uuid);
}

static void domain_release(virDomainPtr *domain)
{
	if (*domain)
		virDomainFree(*domain);
}

#define cleanup_domain_ref cleanup(domain_release)

static int not_found(struct err *err, const char *name)
{
	int code = virGetLastErrorCode();

	if (code == VIR_ERR_NO_DOMAIN || code == VIR_ERR_INVALID_ARG)
		return err_set(err, ENOENT,
			       "'%s': no such guest on this host; see 'virsh list --all'", name);
	return fail(err, ENOTCONN, name);
}

static int read_name(virDomainPtr domain, struct guest_name *ret, struct err *err)
{
	char uuid[VIR_UUID_STRING_BUFLEN];

	if (virDomainGetUUIDString(domain, uuid) < 0)
		return fail(err, EIO, "UUID");
	ret->name = xstrdup(virDomainGetName(domain));
	ret->uuid = xstrdup(uuid);
	return 0;
}

int guest_find(struct libvirt *libvirt, const char *name_or_uuid, struct guest_name *ret,
	       struct err *err)
{
	cleanup_domain_ref virDomainPtr domain = find(libvirt, name_or_uuid);

	return domain ? read_name(domain, ret, err) : not_found(err, name_or_uuid);
}

void guest_name_clear(struct guest_name *name)
{
	free(name->name);
	free(name->uuid);
	*name = (struct guest_name){0};
}

int guest_list_active(struct libvirt *libvirt, struct guest_name **ret, struct err *err)
{
	virDomainPtr *domains = NULL;

	int count =
		virConnectListAllDomains(libvirt->conn, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
	if (count < 0)
		return fail(err, EIO, "list the guests");
	struct guest_name *names = xcalloc((size_t)count, sizeof(*names));
	for (int i = 0; i < count; i++) {
		names[i].name = xstrdup(virDomainGetName(domains[i]));
		char uuid[VIR_UUID_STRING_BUFLEN] = "";
		virDomainGetUUIDString(domains[i], uuid);
		names[i].uuid = xstrdup(uuid);
		virDomainFree(domains[i]);
	}
	free(domains);
	*ret = names;
	return count;
}

/* Only states that nothing but a guest that has run here can be in; one that is being stopped is in
 * none of them. */
static bool has_run(int state, int reason)
{
	switch (state) {
	case VIR_DOMAIN_RUNNING:
	case VIR_DOMAIN_BLOCKED:
	case VIR_DOMAIN_PMSUSPENDED:
	case VIR_DOMAIN_CRASHED:
		return true;
	case VIR_DOMAIN_PAUSED:
		return reason != VIR_DOMAIN_PAUSED_MIGRATION &&
		       reason != VIR_DOMAIN_PAUSED_STARTING_UP;
	default:
		return false;
	}
}

/* A guest may go between two questions; libvirt has let them wait while a hook ran for it. */
static int absent_or(const char *what, enum guest_state *ret, struct err *err)
{
	if (virGetLastErrorCode() != VIR_ERR_NO_DOMAIN)
		return fail(err, EIO, what);
	*ret = GUEST_ABSENT;
	return 0;
}

int guest_get_state(struct libvirt *libvirt, const char *uuid, enum guest_state *ret,
		    struct err *err)
{
	cleanup_domain_ref virDomainPtr domain = virDomainLookupByUUIDString(libvirt->conn, uuid);
	int state, reason;

	if (!domain) {
		int rc = not_found(err, uuid);
		if (rc == -ENOENT)
			*ret = GUEST_ABSENT;
		return rc == -ENOENT ? 0 : rc;
	}
	int active = virDomainIsActive(domain);
	if (active < 0 || virDomainGetState(domain, &state, &reason, 0) < 0)
		return absent_or("state", ret, err);
	if (!active)
		*ret = GUEST_INACTIVE;
	else
		*ret = has_run(state, reason) ? GUEST_HERE : GUEST_COMING;
	return 0;
}

static bool job_copied_storage(virDomainPtr domain)
{
	virTypedParameterPtr params = NULL;
	int type, count = 0;
	unsigned long long bytes = 0;

	if (virDomainGetJobStats(domain, &type, &params, &count, VIR_DOMAIN_JOB_STATS_COMPLETED) <
	    0)
		return false;
	if (virTypedParamsGetULLong(params, count, VIR_DOMAIN_JOB_DISK_TOTAL, &bytes) < 0)
		bytes = 0;
	virTypedParamsFree(params, count);
	return bytes > 0;
}

int guest_has_left(struct libvirt *libvirt, const char *uuid, struct err *err)
{
	cleanup_domain_ref virDomainPtr domain = virDomainLookupByUUIDString(libvirt->conn, uuid);
	int state, reason;

	if (!domain)
		return not_found(err, uuid);
	if (virDomainGetState(domain, &state, &reason, 0) < 0)
		return fail(err, EIO, "state");
	return state == VIR_DOMAIN_SHUTOFF && reason == VIR_DOMAIN_SHUTOFF_MIGRATED &&
	       job_copied_storage(domain);
}

/* What does not run has none (OPERATION_INVALID), nor has what is arriving (OPERATION_UNSUPPORTED):
 * src/qemu/qemu_driver.c, qemuDomainGetJobStatsInternal(). */
static bool has_no_job_stats(void)
{
	int code = virGetLastErrorCode();

	return code == VIR_ERR_OPERATION_INVALID || code == VIR_ERR_OPERATION_UNSUPPORTED;
}

int guest_is_leaving(struct libvirt *libvirt, const char *uuid, struct err *err)
{
	cleanup_domain_ref virDomainPtr domain = virDomainLookupByUUIDString(libvirt->conn, uuid);
	virTypedParameterPtr params = NULL;
	int type, count = 0, operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;

	if (!domain)
		return not_found(err, uuid);
	if (virDomainGetJobStats(domain, &type, &params, &count, 0) < 0)
		return has_no_job_stats() ? 0 : fail(err, EIO, "is it migrating?");
	virTypedParamsGetInt(params, count, VIR_DOMAIN_JOB_OPERATION, &operation);
	virTypedParamsFree(params, count);
	return type != VIR_DOMAIN_JOB_NONE && operation == VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT;
}

int guest_suspend(struct libvirt *libvirt, const char *uuid, struct err *err)
{
	cleanup_domain_ref virDomainPtr domain = virDomainLookupByUUIDString(libvirt->conn, uuid);

	if (!domain)
		return not_found(err, uuid);
	return virDomainSuspend(domain) < 0 ? fail(err, EIO, "suspend") : 0;
}

int guest_xml(struct libvirt *libvirt, const char *uuid, bool stored, char **ret, struct err *err)
{
	cleanup_domain_ref virDomainPtr domain = virDomainLookupByUUIDString(libvirt->conn, uuid);
	unsigned flags = VIR_DOMAIN_XML_SECURE | (stored ? VIR_DOMAIN_XML_INACTIVE : 0);

	if (!domain)
		return not_found(err, uuid);
	if (stored && virDomainIsPersistent(domain) == 0)
		return err_set(err, ENOENT, "'%s': has no stored definition", uuid);
	char *xml = virDomainGetXMLDesc(domain, flags);
	if (!xml)
		return fail(err, EIO, "XML");
	*ret = xml;
	return 0;
}

int guest_set_metadata(struct libvirt *libvirt, const char *uuid, const char *element,
		       const char *key, const char *uri, struct err *err)
{
	cleanup_domain_ref virDomainPtr domain = virDomainLookupByUUIDString(libvirt->conn, uuid);

	if (!domain)
		return not_found(err, uuid);
	if (virDomainSetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, element, key, uri,
				 VIR_DOMAIN_AFFECT_LIVE) < 0)
		return fail(err, virGetLastErrorCode() == VIR_ERR_OPERATION_TIMEOUT ? EBUSY : EIO,
			    "set the metadata");
	return 0;
}

int guest_wait_for_change(struct libvirt *libvirt, const char *uuid, const char *uri,
			  struct err *err)
{
	cleanup_domain_ref virDomainPtr domain = virDomainLookupByUUIDString(libvirt->conn, uuid);

	if (!domain)
		return not_found(err, uuid);
	cleanup_free char *known = virDomainGetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, uri,
							VIR_DOMAIN_AFFECT_LIVE);
	if (!known)
		return 0;
	if (virDomainSetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, NULL, NULL, "urn:berth:none",
				 VIR_DOMAIN_AFFECT_LIVE) < 0)
		return fail(err, virGetLastErrorCode() == VIR_ERR_OPERATION_TIMEOUT ? EBUSY : EIO,
			    "wait for a change of its domain");
	return 0;
}

int guest_define(struct libvirt *libvirt, const char *xml, struct err *err)
{
	virDomainPtr domain = virDomainDefineXML(libvirt->conn, xml);

	if (!domain)
		return fail(err, EIO, "define");
	virDomainFree(domain);
	return 0;
}

int network_find(struct libvirt *libvirt, const char *name, struct err *err)
{
	virNetworkPtr network = virNetworkLookupByName(libvirt->conn, name);

	if (!network && virGetLastErrorCode() == VIR_ERR_NO_NETWORK)
		return err_set(err, ENOENT, "network '%s': no such network on this host", name);
	if (!network && virGetLastErrorCode() == VIR_ERR_NO_SUPPORT)
		return err_set(err, ENOSYS,
			       "libvirt has no network driver on this host; install "
			       "libvirt-daemon-driver-network");
	if (!network)
		return fail(err, EIO, "look the network up");
	int active = virNetworkIsActive(network);
	virNetworkFree(network);
	return active < 0 ? fail(err, EIO, "is the network active?") : active;
}
