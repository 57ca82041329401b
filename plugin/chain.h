/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lock manager behind ours: it gets every call. */
#ifndef BERTH_PLUGIN_CHAIN_H
#define BERTH_PLUGIN_CHAIN_H

#include "base/err.h"
#include "plugin/lock_driver.h"
#include "plugin/state.h"

/**
 * struct chain - another lock manager, loaded as libvirt does
 * @name: empty if there is none
 * @library: its dlopen() handle
 * @driver: its table
 */
struct chain {
	char name[CHAIN_NAME_SIZE];
	void *library;
	const struct lock_driver *driver;
};

/**
 * chain_load() - load and initialise it
 * @name: "lockd" is lockd.so in the folder of our own object
 * @config_file: our own configuration file, "qemu-berth.conf"; the other's is "qemu-NAME.conf"
 *               beside it
 * @version, @flags: what libvirt gave our own drvInit
 *
 * Return: 0; a negative errno, with what the other's drvInit has set as libvirt's error in *@err.
 */
int chain_load(const char *name, const char *config_file, unsigned int version, unsigned int flags,
	       struct chain *ret, struct err *err);

/* chain_unload() - Return: whether it may be unloaded, as the other's drvDeinit says. */
bool chain_unload(struct chain *chain);

#endif
