/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate looks: what is true of a running guest on this host now. */
#ifndef BERTH_GATE_LOOK_H
#define BERTH_GATE_LOOK_H

#include "config/config.h"
#include "gate/facts.h"
#include "hooks/journal/journal.h"
#include "hooks/records/site.h"
#include "xml/running.h"

/* gate_running() - libvirt's status file of the guest. @uuid: what it must be. @text: gets the
 * file. Return: 0; -ESTALE: it is another guest's; or another negative errno. */
int gate_running(const struct site *site, const char *name, const char *uuid, struct strbuf *text,
		 struct running_domain *ret, struct err *err);

/* struct open_files - the files that a process has open */
struct open_files {
	bool known;
	struct file_id *items;
	size_t count;
};

#define cleanup_open_files cleanup(open_files_clear)

/* open_files_of() - as far as they can be listed; otherwise they are not known. */
void open_files_of(pid_t pid, struct open_files *ret);
void open_files_clear(struct open_files *files);

/**
 * struct gate_view - whose disks are looked at, and with what
 * @config: NULL where it can't be read: no folder counts as shared then
 * @files: of the guest's QEMU; NULL: nobody asks which files it holds
 * @there: the source's facts; NULL: this is the source
 * @journal: of this migration; on the destination an image's tables matter where it has made it
 */
struct gate_view {
	const struct site *site;
	const struct config *config;
	const struct running_domain *domain;
	const struct open_files *files;
	const struct gate_facts *there;
	const struct journal *journal;
};

/**
 * gate_look_at_disks() - append the guest's disks to the facts
 *
 * Reads the headers of images, of the top one its tables too (image_data_of()), nothing of a
 * read-only raw image, and nothing of a device. A digest is looked up, never computed. What can't
 * be looked at is noted as such, with the reason: it is the judge's to decide whether it matters.
 */
void gate_look_at_disks(const struct gate_view *view, struct gate_facts *facts);

/**
 * gate_look_at_ports() - append the guest's interfaces, and what the kernel holds for those that
 * its policy names
 *
 * With @there, from known_rules.h as far as that is still true; where nothing is known, nobody
 * is asked.
 *
 * Return: 0; or a negative errno: the kernel can't be asked.
 */
int gate_look_at_ports(const struct gate_view *view, struct gate_facts *facts, struct err *err);

#endif
