/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libvirt's interface for lock managers, as declarations of our own: libvirt installs no header.
 *
 * Names follow libvirt's src/locking/lock_driver.h (9.0.0), where what each call means is told.
 * Version 1.0.0 of it is of 2011; what was added since are flags and parameters.
 */
#ifndef BERTH_PLUGIN_LOCK_DRIVER_H
#define BERTH_PLUGIN_LOCK_DRIVER_H

#include <stddef.h>

#define LOCK_MANAGER_MAJOR(version) ((version) / 1000000)
#define LOCK_MANAGER_VERSION 1000000u

/* struct lock_driver, flags: states are passed between hosts. Without it libvirt allows migrations
 * that carry none. */
#define LOCK_MANAGER_USES_STATE (1u << 0)

/* drvNew, flags: the call is made in the child that becomes QEMU. */
#define LOCK_MANAGER_NEW_STARTED (1u << 0)

/* drvAcquire, flags: the process is only to be made known. */
#define LOCK_MANAGER_ACQUIRE_REGISTER_ONLY (1u << 0)
#define LOCK_MANAGER_ACQUIRE_RESTRICT (1u << 1)

enum lock_param_type {
	LOCK_PARAM_STRING,
	LOCK_PARAM_CSTRING,
	LOCK_PARAM_INT,
	LOCK_PARAM_LONG,
	LOCK_PARAM_UINT,
	LOCK_PARAM_ULONG,
	LOCK_PARAM_DOUBLE,
	LOCK_PARAM_UUID,
};

/**
 * struct lock_param - a named value
 * @type: enum lock_param_type
 * @key: "uuid", "name", "id", "pid", "uri" for a domain; a lease has others
 *
 * "id" and "pid" are of type UINT, and libvirt stores them in .i.
 */
struct lock_param {
	int type;
	const char *key;
	union {
		int i;
		long long l;
		unsigned int ui;
		unsigned long long ul;
		double d;
		char *str;
		const char *cstr;
		unsigned char uuid[16];
	} value;
};

struct lock_driver;

/**
 * struct lock_manager - one domain, for the calls between drvNew and drvFree
 * @driver: set by libvirt
 * @private_data: the driver's
 */
struct lock_manager {
	const struct lock_driver *driver;
	void *private_data;
};

struct lock_driver {
	unsigned int version;
	unsigned int flags;
	int (*init)(unsigned int version, const char *config_file, unsigned int flags);
	int (*deinit)(void);
	int (*new_manager)(struct lock_manager *manager, unsigned int type, size_t count,
			   struct lock_param *params, unsigned int flags);
	void (*free_manager)(struct lock_manager *manager);
	int (*add_resource)(struct lock_manager *manager, unsigned int type, const char *name,
			    size_t count, struct lock_param *params, unsigned int flags);
	/* @action is an enumeration of libvirt's: what to do when the lock is lost. */
	int (*acquire)(struct lock_manager *manager, const char *state, unsigned int flags,
		       int action, int *fd);
	int (*release)(struct lock_manager *manager, char **state, unsigned int flags);
	int (*inquire)(struct lock_manager *manager, char **state, unsigned int flags);
};

#define WORD sizeof(void *)
#define PLACE(type, member, where)                               \
	_Static_assert(offsetof(struct type, member) == (where), \
		       #type "." #member " is not where libvirt has it")
PLACE(lock_param, key, WORD);
PLACE(lock_param, value, 2 * WORD);
_Static_assert(sizeof(struct lock_param) == 2 * WORD + 16, "lock_param");
PLACE(lock_manager, private_data, WORD);
_Static_assert(sizeof(struct lock_manager) == 2 * WORD, "lock_manager");
PLACE(lock_driver, flags, 4);
PLACE(lock_driver, init, 8);
PLACE(lock_driver, deinit, 8 + WORD);
PLACE(lock_driver, new_manager, 8 + 2 * WORD);
PLACE(lock_driver, free_manager, 8 + 3 * WORD);
PLACE(lock_driver, add_resource, 8 + 4 * WORD);
PLACE(lock_driver, acquire, 8 + 5 * WORD);
PLACE(lock_driver, release, 8 + 6 * WORD);
PLACE(lock_driver, inquire, 8 + 7 * WORD);
_Static_assert(sizeof(struct lock_driver) == 8 + 8 * WORD, "lock_driver");
_Static_assert(LOCK_PARAM_UUID == 7, "enum lock_param_type");
#undef PLACE
#undef WORD

#endif
