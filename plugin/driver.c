/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * berth.so: the calls of libvirt's lock manager interface.
 *
 * Theory of operation: all this runs inside libvirtd, in any of its threads; acquire with
 * REGISTER_ONLY, and new, add_resource and free around it, in a child that libvirtd has forked and
 * that becomes QEMU. So nothing here ends the process, prints, changes what belongs to the process,
 * or keeps a thread; those four take no lock and write no log. What is to be found out about a
 * domain, a process of its own finds out. Each call goes to the chained lock manager too.
 *
 * Invariant: what `plugin` holds is set before the first and cleared behind the last call of any
 * other function.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "plugin/chain.h"
#include "plugin/conf.h"
#include "plugin/gate.h"
#include "plugin/guest.h"
#include "plugin/report.h"

#ifndef BERTH_GATE
#define BERTH_GATE LIBEXECDIR "/berth/berth-gate"
#define BERTH_RUN_FOLDER "/run/berth"
#define BERTH_STATUS_FOLDER "/run/libvirt/qemu"
#define BERTH_TIMEOUT_MS 10000
#define BERTH_PAUSE_TIMEOUT_MS 3000
#endif

/**
 * struct plugin - the object's state
 * @users: drivers of libvirt that have loaded it: QEMU's, Xen's
 * @chain: for all of them: libvirt's calls don't tell whose they are
 */
static struct {
	pthread_mutex_t lock;
	unsigned users;
	struct gate gate;
	struct chain chain;
} plugin = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.gate = {.program = BERTH_GATE,
		 .status_folder = BERTH_STATUS_FOLDER,
		 .run_folder = BERTH_RUN_FOLDER,
		 .timeout_ms = BERTH_TIMEOUT_MS,
		 .pause_timeout_ms = BERTH_PAUSE_TIMEOUT_MS},
};

/* What berth-gate says for people begins like this already. */
static void report_refusal(const struct guest *guest, struct err *err)
{
	if (strncmp(err->text, "berth: ", 7) != 0)
		err_wrap(err, "berth: %s", guest->name);
	report_error(err->text);
}

static int start(unsigned int version, const char *config_file, unsigned int flags, struct err *err)
{
	struct gate_conf conf;

	if (LOCK_MANAGER_MAJOR(version) != LOCK_MANAGER_MAJOR(LOCK_MANAGER_VERSION))
		return err_set(err, EPROTO, "lock managers of version %u are not known", version);
	int rc = gate_conf_read(config_file, &conf, err);
	if (rc == 0 && conf.chain[0])
		rc = chain_load(conf.chain, config_file, version, flags, &plugin.chain, err);
	if (rc < 0)
		return rc;
	if (host_keys_get(BERTH_RUN_FOLDER, &plugin.gate.keys, err) < 0 ||
	    host_announce(BERTH_RUN_FOLDER, err) < 0)
		report_problem("berth: gate: %s; hooks take this host for one without a gate",
			       err->text);
	return 0;
}

static int driver_init(unsigned int version, const char *config_file, unsigned int flags)
{
	struct err err;
	int rc = 0;

	pthread_mutex_lock(&plugin.lock);
	if (plugin.users == 0) {
		report_init();
		rc = start(version, config_file, flags, &err);
	}
	plugin.users += rc == 0;
	pthread_mutex_unlock(&plugin.lock);
	if (rc < 0) {
		err_wrap(&err, "berth: gate");
		report_error(err.text);
	}
	return rc < 0 ? -1 : 0;
}

static int driver_deinit(void)
{
	bool may_go = true;

	pthread_mutex_lock(&plugin.lock);
	if (plugin.users > 0 && --plugin.users == 0) {
		host_withdraw(BERTH_RUN_FOLDER);
		may_go = chain_unload(&plugin.chain);
	}
	pthread_mutex_unlock(&plugin.lock);
	return may_go ? 0 : -1;
}

static int driver_new(struct lock_manager *manager, unsigned int type, size_t count,
		      struct lock_param *params, unsigned int flags)
{
	struct err err;
	struct guest *guest = guest_new(params, count, &err);

	if (!guest) {
		report_error(err.text);
		return -1;
	}
	guest->chain = &plugin.chain;
	guest->chained.driver = plugin.chain.driver;
	if (guest->chained.driver &&
	    guest->chained.driver->new_manager(&guest->chained, type, count, params, flags) < 0) {
		guest_free(guest);
		return -1;
	}
	manager->private_data = guest;
	return 0;
}

static void driver_free(struct lock_manager *manager)
{
	struct guest *guest = manager->private_data;

	if (guest && guest->chained.driver)
		guest->chained.driver->free_manager(&guest->chained);
	guest_free(guest);
	manager->private_data = NULL;
}

static int driver_add_resource(struct lock_manager *manager, unsigned int type, const char *name,
			       size_t count, struct lock_param *params, unsigned int flags)
{
	struct guest *guest = manager->private_data;

	if (!guest->chained.driver)
		return 0;
	return guest->chained.driver->add_resource(&guest->chained, type, name, count, params,
						   flags);
}

/* Which part of a state the chained lock manager gets: its own; or all of one that was made before
 * berth came. */
static const char *chained_part(enum state_kind kind, const struct state *state, const char *text)
{
	if (kind == STATE_OURS)
		return state->chain.length ? state->chain.bytes : NULL;
	return kind == STATE_FOREIGN ? text : NULL;
}

static void undo_chained(struct guest *guest, int *fd)
{
	char *state = NULL;

	guest->chained.driver->release(&guest->chained, &state, 0);
	free(state);
	if (fd && *fd >= 0) {
		close(*fd);
		*fd = -1;
	}
}

static int acquire(struct guest *guest, const char *text, unsigned int flags, int action, int *fd,
		   struct err *err)
{
	cleanup_state struct state state = {0};
	const struct lock_driver *chained = guest->chained.driver;

	int kind = state_parse(text, &state);
	if (kind < 0)
		return err_set(err, -kind, "read its state: %s", strerror(-kind));
	int verdict = gate_judge(&plugin.gate, guest, kind, &state, err);
	if (verdict < 0)
		return verdict;
	err->code = 0; /* the chained one reports itself */
	if (chained && chained->acquire(&guest->chained, chained_part(kind, &state, text), flags,
					action, fd) < 0)
		return -1;
	if (verdict == VERDICT_PASS)
		return 0;
	int rc = gate_verify(&plugin.gate, guest, &state, err);
	if (rc < 0 && chained)
		undo_chained(guest, fd);
	return rc;
}

static int driver_acquire(struct lock_manager *manager, const char *state, unsigned int flags,
			  int action, int *fd)
{
	struct guest *guest = manager->private_data;
	const struct lock_driver *chained = guest->chained.driver;
	struct err err;

	if (flags & LOCK_MANAGER_ACQUIRE_REGISTER_ONLY)
		return chained ? chained->acquire(&guest->chained, state, flags, action, fd) : 0;
	if (acquire(guest, state, flags, action, fd, &err) == 0) {
		gate_disks_changed(&plugin.gate, guest, true);
		return 0;
	}
	if (err.code)
		report_refusal(guest, &err);
	return -1;
}

/* Takes what the chained one has said. */
static char *write_state(struct state *state, char *chained)
{
	cleanup_free char *said = chained;

	if (said)
		buffer_puts(&state->chain, said);
	if (state->chain.failed || state->chain.length > CHAIN_STATE_MAX_BYTES)
		return NULL;
	return state_format(state);
}

static int driver_inquire(struct lock_manager *manager, char **ret, unsigned int flags)
{
	cleanup_state struct state state = {0};
	cleanup_free char *chained = NULL;
	struct guest *guest = manager->private_data;
	struct err err;

	if (!ret)
		return 0;
	if (guest->chained.driver &&
	    guest->chained.driver->inquire(&guest->chained, &chained, flags) < 0)
		return -1;
	int rc = gate_take(&plugin.gate, guest, &state, &err);
	char *text = rc > 0 ? write_state(&state, steal_pointer(chained)) : NULL;

	if (rc > 0 && !text)
		rc = err_set(&err, ENOMEM, "write its state: %s", strerror(ENOMEM));
	if (rc < 0) {
		report_refusal(guest, &err);
		return -1;
	}
	*ret = text;
	return 0;
}

/* libvirt releases twice at each pause: in its handler of QEMU's event, and behind that; its caller
 * keeps the first answer in the same place. */
static bool is_said_already(const struct guest *guest, const char *text)
{
	cleanup_state struct state state = {0};

	return state_parse(text, &state) == STATE_OURS && gate_is_of(&plugin.gate, guest, &state);
}

static int driver_release(struct lock_manager *manager, char **ret, unsigned int flags)
{
	cleanup_state struct state state = {0};
	cleanup_free char *chained = NULL;
	struct guest *guest = manager->private_data;
	struct err err;
	int rc = 0;

	if (guest->chained.driver)
		rc = guest->chained.driver->release(&guest->chained, ret ? &chained : NULL, flags);
	if (!ret)
		gate_disks_changed(&plugin.gate, guest, false);
	if (!ret || is_said_already(guest, *ret))
		return rc;
	*ret = NULL;
	int said = gate_leave(&plugin.gate, guest, &state, &err);
	if (said > 0)
		*ret = write_state(&state, steal_pointer(chained));
	if (said < 0 || (said > 0 && !*ret))
		report_problem("berth: %s: its pause leaves no state: %s", guest->name,
			       said < 0 ? err.text : strerror(ENOMEM));
	return rc;
}

__attribute__((visibility("default"))) extern const struct lock_driver virLockDriverImpl;

const struct lock_driver virLockDriverImpl = {
	.version = LOCK_MANAGER_VERSION,
	.flags = LOCK_MANAGER_USES_STATE,
	.init = driver_init,
	.deinit = driver_deinit,
	.new_manager = driver_new,
	.free_manager = driver_free,
	.add_resource = driver_add_resource,
	.acquire = driver_acquire,
	.release = driver_release,
	.inquire = driver_inquire,
};
