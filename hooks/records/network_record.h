/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network record: which VLANs berth has put on this host's uplinks, and who is about to need
 * one. */
#ifndef BERTH_HOOKS_RECORDS_NETWORK_RECORD_H
#define BERTH_HOOKS_RECORDS_NETWORK_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "hooks/records/site.h"

enum network_kind {
	NETWORK_TRUNK, /* a VLAN-aware bridge's port @uplink carries @vlan because berth added it */
	NETWORK_BRIDGE, /* berth may have made UPLINK.VLAN and brVLAN */
	NETWORK_CLAIM,  /* guest @uuid is starting, and its tap will be a port of brVLAN */
	NETWORK_KINDS
};

/**
 * struct network_entry - one line
 * @uplink: NETWORK_CLAIM: NULL
 * @uuid: of NETWORK_CLAIM
 * @since: of NETWORK_CLAIM
 */
struct network_entry {
	enum network_kind kind;
	char *uplink;
	char *uuid;
	uint16_t vlan;
	time_t since;
};

/* struct network_record - what was written since this host booted; the kernel forgets its links,
 * and so does this */
struct network_record {
	struct network_entry *entries;
	size_t count;
};

#define cleanup_network_record cleanup(network_record_clear)

/**
 * network_record_open() - read it, and keep others from changing it or the VLANs
 *
 * Return: a descriptor; closing it lets others go on; or a negative errno.
 */
int network_record_open(const struct site *site, struct network_record *ret, struct err *err);

/* network_record_save() - replace the file; none is left where there is nothing to keep. */
int network_record_save(const struct site *site, const struct network_record *record,
			struct err *err);

/* network_record_add() - nothing happens where the same entry is there. Strings are copied. */
void network_record_add(struct network_record *record, const struct network_entry *entry);
void network_record_drop(struct network_record *record, size_t index);
/* network_record_drop_claims() - a guest's claims, and those that are too old to be true. */
void network_record_drop_claims(struct network_record *record, const char *uuid);
void network_record_clear(struct network_record *record);

#endif
