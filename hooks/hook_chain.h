/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hooks that libvirt runs before berth's; the output of each is the input of the next. */
#ifndef BERTH_HOOKS_HOOK_CHAIN_H
#define BERTH_HOOKS_HOOK_CHAIN_H

#include <stddef.h>

#include "base/err.h"

/**
 * hook_chain_explain() - why what came instead of the domain XML isn't well-formed
 * @folder: libvirt's hooks: the program qemu, then those in qemu.d by name (libvirt
 * src/util/virhook.c, virHookCall()); berth's is qemu.d/berth
 * @err: what the parser says; becomes one line that names the hooks that may have printed the text
 *
 * libvirt itself writes no such XML, so an earlier hook has. Where there is none, @err stays.
 */
void hook_chain_explain(const char *folder, const char *text, size_t length, struct err *err);

#endif
