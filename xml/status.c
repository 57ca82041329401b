/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libvirt's status file, read as a stream: it is large, and two start tags matter. */
#include "xml/status.h"

#include <errno.h>
#include <libxml/xmlreader.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* include/libvirt/libvirt-domain.h: VIR_MIGRATE_NON_SHARED_DISK, VIR_MIGRATE_NON_SHARED_INC */
#define STORAGE_COPY_FLAGS (0x40ul | 0x80ul)
/* VIR_MIGRATE_UNSAFE */
#define UNSAFE_FLAG 0x200ul
/* VIR_MIGRATE_PAUSED: given by virsh --suspend, and by libvirt itself for a guest that is paused
 * when its migration begins (src/libvirt-domain.c, virDomainMigrateVersion3Full()). */
#define PAUSED_FLAG 0x20ul
/* VIR_MIGRATE_POSTCOPY */
#define POST_COPY_FLAG 0x8000ul

static void say_nothing(void *user, const char *text, xmlParserSeverities severity,
			xmlTextReaderLocatorPtr where)
{
	(void)user;
	(void)text;
	(void)severity;
	(void)where;
}

static bool attribute_is(xmlTextReader *reader, const char *name, const char *wanted)
{
	xmlChar *value = xmlTextReaderGetAttribute(reader, (const xmlChar *)name);
	bool is = value && strcmp((const char *)value, wanted) == 0;

	xmlFree(value);
	return is;
}

static pid_t pid_of(xmlTextReader *reader)
{
	xmlChar *value = xmlTextReaderGetAttribute(reader, (const xmlChar *)"pid");
	unsigned long pid = value ? strtoul((const char *)value, NULL, 10) : 0;

	xmlFree(value);
	return pid <= INT_MAX ? (pid_t)pid : 0;
}

/* Where there are none it stays @without. */
static unsigned long flags_of(xmlTextReader *reader, unsigned long without)
{
	xmlChar *value = xmlTextReaderGetAttribute(reader, (const xmlChar *)"flags");
	unsigned long flags = value ? strtoul((const char *)value, NULL, 16) : without;

	xmlFree(value);
	return flags;
}

static void read_state(xmlTextReader *reader, struct domain_status *status)
{
	status->known = true;
	status->pid = pid_of(reader);
	status->running = attribute_is(reader, "state", "running");
	status->paused_for_migration = attribute_is(reader, "state", "paused") &&
				       attribute_is(reader, "reason", "migration");
	status->ending = attribute_is(reader, "state", "shutdown") ||
			 attribute_is(reader, "state", "shutoff");
}

static void read_job(xmlTextReader *reader, struct domain_status *status)
{
	status->incoming = attribute_is(reader, "async", "migration in");
	status->preparing = status->incoming && attribute_is(reader, "phase", "prepare");
	status->left = attribute_is(reader, "async", "migration out") &&
		       attribute_is(reader, "phase", "confirm3");
	status->storage_copied = (flags_of(reader, 0) & STORAGE_COPY_FLAGS) != 0;
	status->unsafe = (flags_of(reader, 0) & UNSAFE_FLAG) != 0;
	status->post_copy = (flags_of(reader, 0) & POST_COPY_FLAG) != 0;
	status->runs_on_arrival = (flags_of(reader, PAUSED_FLAG) & PAUSED_FLAG) == 0;
}

static int read_all(xmlTextReader *reader, struct domain_status *status)
{
	bool has_job = false;
	int more;

	while ((more = xmlTextReaderRead(reader)) == 1) {
		const char *name = (const char *)xmlTextReaderConstLocalName(reader);
		int depth = xmlTextReaderDepth(reader);
		if (xmlTextReaderNodeType(reader) != XML_READER_TYPE_ELEMENT ||
		    xmlTextReaderConstNamespaceUri(reader))
			continue;
		if (depth == 0 && strcmp(name, "domstatus") == 0)
			read_state(reader, status);
		if (depth != 1 || strcmp(name, "job") != 0 || has_job)
			continue;
		read_job(reader, status);
		has_job = true;
	}
	return more;
}

int domain_status_parse(const char *text, size_t length, struct domain_status *ret, struct err *err)
{
	struct domain_status status = {0};

	if (length == 0)
		return err_set(err, EBADMSG, "libvirt's status file is not understood");
	xmlTextReader *reader = xmlReaderForMemory(text, (int)length, NULL, NULL, XML_PARSE_NONET);

	if (!reader)
		return err_set(err, ENOMEM, "libvirt's status file: no memory");
	xmlTextReaderSetErrorHandler(reader, say_nothing, NULL);
	int rc = read_all(reader, &status);
	xmlFreeTextReader(reader);
	if (rc < 0 || !status.known)
		return err_set(err, EBADMSG, "libvirt's status file is not understood");
	*ret = status;
	return 0;
}
