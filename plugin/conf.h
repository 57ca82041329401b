/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /etc/libvirt/qemu-berth.conf, in the form of libvirt's own configuration files. */
#ifndef BERTH_PLUGIN_CONF_H
#define BERTH_PLUGIN_CONF_H

#include "base/err.h"
#include "plugin/state.h"

/**
 * struct gate_conf - the configuration
 * @chain: the lock manager that gets every call too; empty: none
 */
struct gate_conf {
	char chain[CHAIN_NAME_SIZE];
};

/**
 * gate_conf_read() - read it
 * @path: a missing file means defaults
 *
 * What isn't understood is an error: a lock manager that nobody chains protects nothing.
 *
 * Return: 0 or a negative errno.
 */
int gate_conf_read(const char *path, struct gate_conf *ret, struct err *err);

/**
 * lock_manager_package() - the package with libvirt's plugin for a lock manager, to follow "install ..."
 *
 * The names are Debian's, from 13 on, and Fedora's.
 *
 * Return: ", package NAME ...", empty for a lock manager that isn't libvirt's own.
 */
const char *lock_manager_package(const char *lock_manager);

/* gate_conf_parse() - the same of a text; it is changed. */
int gate_conf_parse(char *text, struct gate_conf *ret, struct err *err);

#endif
