/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of host paths, from libvirt's docs/formatdomain.rst and its schema (domaincommon.rng of
 * 9.0; what is newer is marked).
 *
 * What is not here: a disk's images (disk.c), sockets of <graphics> (graphics.c); a pty, which
 * libvirt finds anew on each host; <mirror>, which no guest has that can migrate; what only
 * containers and Xen have (init, initdir, root, hostdev mode='capabilities'); <partition>, which is
 * a control group; <filesystem><target dir=>, which is a name inside the guest.
 */
#include "xml/host_paths.h"

/* clang-format off */
#define CHARDEV(device) \
	{device "/source", "path", "type=file,unix", NEED_FOLDER, ""}, \
	{device "/source", "path", "type=pipe,dev", NEED_FILE, ""}, \
	{device "/log", "file", NULL, NEED_FOLDER, "log"}
/* clang-format on */

/* Each image of a disk's chain. */
#define IMAGE "devices/disk/backingStore*/source"

const struct host_path host_paths[] = {
	{"os/loader", NULL, NULL, NEED_FILE, "loader"},
	{"os/nvram", NULL, NULL, NEED_FOLDER, "nvram"},
	{"os/nvram/source", "file", "type=file", NEED_FOLDER, "nvram"},
	{"os/nvram/source", "dev", "type=block", NEED_FILE, "nvram"},
	{"os/nvram", "template", NULL, NEED_TEMPLATE, "nvram template"},
	{"os/varstore", "path", NULL, NEED_FOLDER, "nvram"},                /* 12.1 */
	{"os/varstore", "template", NULL, NEED_TEMPLATE, "nvram template"}, /* 12.1 */
	{"os/kernel", NULL, NULL, NEED_FILE, "kernel"},
	{"os/initrd", NULL, NULL, NEED_FILE, "initrd"},
	{"os/dtb", NULL, NULL, NEED_FILE, "dtb"},
	{"os/shim", NULL, NULL, NEED_FILE, "shim"}, /* 11.2 */
	{"os/acpi/table", NULL, NULL, NEED_FILE, "ACPI table"},
	{"sysinfo/entry", "file", NULL, NEED_FILE, "fwcfg entry"},
	{"blkiotune/device/path", NULL, NULL, NEED_FILE, "blkiotune"},
	{"launchSecurity/quoteGenerationService", "path", NULL, NEED_FOLDER,
	 "launchSecurity"}, /* 11.6 */
	{"devices/emulator", NULL, NULL, NEED_FILE, "emulator"},
	{"devices/lease/target", "path", NULL, NEED_FILE, ""},
	{"devices/disk/source", "path", "type=vhostuser", NEED_FOLDER, ""},
	{IMAGE "/host", "socket", NULL, NEED_FOLDER, "socket"},
	{IMAGE "/config", "file", NULL, NEED_FILE, "configuration"},
	{IMAGE "/reservations/source", "path", "managed=no", NEED_FOLDER, "reservations"},
	{IMAGE "/identity", "keyfile", NULL, NEED_FILE, "key"},              /* 9.9 */
	{IMAGE "/identity", "agentsock", NULL, NEED_FOLDER, "agent"},        /* 9.9 */
	{IMAGE "/knownHosts", "path", NULL, NEED_FILE, "known hosts"},       /* 9.9 */
	{IMAGE "/dataStore/source", "file", "type=file", NEED_FILE, "data"}, /* 10.10 */
	{IMAGE "/dataStore/source", "dev", "type=block", NEED_FILE, "data"}, /* 10.10 */
	{"devices/filesystem/source", "dir", NULL, NEED_FILE, ""},
	{"devices/filesystem/source", "file", NULL, NEED_FILE, ""},
	{"devices/filesystem/source", "dev", NULL, NEED_FILE, ""},
	{"devices/filesystem/source", "socket", NULL, NEED_FOLDER, "socket"},
	{"devices/filesystem/binary", "path", NULL, NEED_FILE, "program"},
	{"devices/interface/source", "path", "type=vhostuser", NEED_FOLDER, "socket"},
	{"devices/interface/source", "dev", "type=vdpa", NEED_FILE, ""},
	{"devices/interface/script", "path", NULL, NEED_FILE, "script"},
	{"devices/interface/downscript", "path", NULL, NEED_FILE, "script"},
	{"devices/interface/backend", "tap", NULL, NEED_FILE, "backend"},
	{"devices/interface/backend", "vhost", NULL, NEED_FILE, "backend"},
	{"devices/interface/backend", "logFile", NULL, NEED_FOLDER, "log"},
	{"devices/*/rom", "file", NULL, NEED_FILE, "ROM"},
	CHARDEV("devices/serial"),
	CHARDEV("devices/parallel"),
	CHARDEV("devices/console"),
	CHARDEV("devices/channel"),
	CHARDEV("devices/redirdev"),
	CHARDEV("devices/smartcard"),
	CHARDEV("devices/rng/backend"),
	{"devices/smartcard/database", NULL, NULL, NEED_FILE, "database"},
	{"devices/rng/backend", NULL, NULL, NEED_FILE, ""},
	{"devices/tpm/backend/device", "path", NULL, NEED_FILE, ""},
	{"devices/tpm/backend/source", "path", NULL, NEED_FOLDER, ""},
	{"devices/graphics/gl", "rendernode", NULL, NEED_FILE, "render node"},
	{"devices/video/model/acceleration", "rendernode", NULL, NEED_FILE, "render node"},
	{"devices/shmem/server", "path", NULL, NEED_FOLDER, "socket"},
	{"devices/input/source", "evdev", NULL, NEED_FILE, ""},
	{"devices/input/source", "dev", NULL, NEED_FILE, ""},
	{"devices/memory/source/path", NULL, NULL, NEED_FILE, ""},
	{"devices/audio", "path", NULL, NEED_FOLDER, ""},
	{"devices/audio", "runtimeDir", NULL, NEED_FILE, "runtime folder"}, /* 9.10 */
	{"devices/audio/input", "dev", NULL, NEED_FILE, "input"},
	{"devices/audio/output", "dev", NULL, NEED_FILE, "output"},
	{"devices/pstore/path", NULL, NULL, NEED_FOLDER, ""}, /* 10.8 */
	{"qemu:commandline/qemu:arg", "value", NULL, NEED_NOTHING, "QEMU argument"},
	{"qemu:override/qemu:device/qemu:frontend/qemu:property", "value", NULL, NEED_NOTHING,
	 "QEMU property"},
};

const size_t host_path_count = sizeof(host_paths) / sizeof(host_paths[0]);
