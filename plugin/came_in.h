/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a QEMU was started to receive a guest. */
#ifndef BERTH_PLUGIN_CAME_IN_H
#define BERTH_PLUGIN_CAME_IN_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * process_came_in() - whether a QEMU has the argument -incoming
 *
 * libvirt gives it that (src/qemu/qemu_command.c) for a migration, and to restore a saved guest or
 * a snapshot; never for a start.
 *
 * Return: true too when it can't be known.
 */
bool process_came_in(pid_t pid);

#endif
