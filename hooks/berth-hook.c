/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * berth-hook: what libvirt runs for each event of each guest.
 *
 * Theory of operation: most events are none of berth's business, and libvirtd waits for each. So
 * this program links nothing but libc (and libinih, statically), and looks at the XML as text:
 * without berth's namespace in it, without any name that a mapping knows or that tells of a volume,
 * without a migration that is under way on this host, and for a start without a stale image on this
 * host there is nothing to do. Everything else is handed to berth-event, which parses. The look may
 * err on one side only: towards berth-event.
 *
 * Invariant: `reconnect` ends with 0 whatever happens; libvirtd kills the running guest otherwise.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "config/config.h"
#include "hooks/event.h"
#include "hooks/records/image_mark.h"
#include "hooks/records/site.h"
#include "hooks/records/stale_look.h"
#include "xml/mention.h"

#define BERTH_EVENT LIBEXECDIR "/berth/berth-event"
/* A little more than what berth-event accepts, so that it says why it doesn't. */
#define XML_ACCEPTED_BYTES (8u << 20)
#define XML_MAX_BYTES (XML_ACCEPTED_BYTES + 65536)
#define USUAL_DEPTH 32

static int usage(FILE *where)
{
	fputs("usage: berth-hook NAME OPERATION SUBOPERATION EXTRA < DOMAIN-XML\n"
	      "\n"
	      "libvirt runs this program, by the name /etc/libvirt/hooks/qemu.d/berth, when a "
	      "guest\n"
	      "starts, stops, migrates or is restored. See berth-hook(8) and berth(1).\n",
	      where);
	return where == stdout ? 0 : 2;
}

/* Whether the text looks like what libvirt prints: one domain element, balanced, not deep. */
static bool looks_usual(const struct strbuf *xml)
{
	int depth = 0;

	if (xml->length > XML_ACCEPTED_BYTES || memchr(xml->text, '\0', xml->length) ||
	    !str_starts(xml->text, "<domain"))
		return false;
	for (const char *tag = strchr(xml->text, '<'); tag; tag = strchr(tag + 1, '<')) {
		const char *end = strchr(tag, '>');
		if (!end || tag[1] == '!' || tag[1] == '?')
			return false;
		if (tag[1] == '/')
			depth--;
		else if (end[-1] != '/')
			depth++;
		if (depth > USUAL_DEPTH || depth < 0)
			return false;
	}
	return depth == 0;
}

static bool mentions(const char *xml, const char *what)
{
	return xml_may_mention(xml, strlen(xml), what);
}

/* A key that XML would write in another way can't be searched for as text. */
static bool may_contain(const char *xml, const char *key)
{
	return strpbrk(key, "&<>\"'") || mentions(xml, key);
}

static bool some_mapping_may_apply(const struct mappings *mappings, const char *xml)
{
	for (size_t i = 0; i < mappings->count; i++) {
		if (may_contain(xml, mappings->items[i].from))
			return true;
	}
	return false;
}

/* A path may be spelled in other ways. */
static bool some_path_may_apply(const struct mappings *paths, const char *xml)
{
	for (size_t i = 0; i < paths->count; i++) {
		const char *key = paths->items[i].from;
		if (strpbrk(key, "&<>\"'") || path_in_text(xml, key))
			return true;
	}
	return false;
}

static bool mappings_may_apply(const char *xml)
{
	cleanup_config struct config *config = NULL;
	struct err err;

	if (config_load(this_site.config, &config, &err) < 0)
		return true;
	return some_path_may_apply(&config->paths, xml) ||
	       some_mapping_may_apply(&config->bridges, xml) ||
	       some_mapping_may_apply(&config->networks, xml);
}

/* Interfaces whose names are to be closed are so before the first guest has one. */
static bool names_are_closed(void)
{
	cleanup_config struct config *config = NULL;
	struct err err;

	return config_load(this_site.config, &config, &err) < 0 || config->closed.count > 0;
}

/* Names that tell of a volume; and a guest whose volumes are known may use other names. */
static bool volumes_may_be_meant(const char *xml)
{
	char **uuids = NULL;
	size_t count = 0;
	struct err err;

	if (mentions(xml, "/dev/disk/by-path/") || mentions(xml, "/dev/etherd/"))
		return true;
	if (site_list_uuids(&this_site, "volumes", &uuids, &count, &err) < 0)
		return true;
	site_free_uuids(uuids, count);
	return count > 0;
}

/* An image may carry the mark that it is stale: hooks/records/image_mark.h. */
static bool some_image_has_a_mark(const char *xml)
{
	static const char source[] = "<source file='";
	char path[4096];

	for (const char *at = xml; (at = strstr(at, source));) {
		at += sizeof(source) - 1;
		size_t length = strcspn(at, "'");
		if (length >= sizeof(path) || memchr(at, '&', length))
			return true;
		memcpy(path, at, length);
		path[length] = '\0';
		if (getxattr(path, IMAGE_MARK, NULL, 0) > 0)
			return true;
	}
	return false;
}

static bool migration_is_under_way(void)
{
	char **uuids = NULL;
	size_t count = 0;
	struct err err;

	if (site_list_uuids(&this_site, "journal", &uuids, &count, &err) < 0)
		return true;
	site_free_uuids(uuids, count);
	return count > 0;
}

static bool may_concern_us(int event, const struct strbuf *xml)
{
	if (memchr(xml->text, '\0', xml->length))
		return true;
	switch (event) {
	case EVENT_STARTED:
	case EVENT_RECONNECT:
	case EVENT_ATTACH:
		return true;
	case EVENT_START:
		return mentions(xml->text, "urn:berth:policy");
	case EVENT_PREPARE:
		return mentions(xml->text, "urn:berth:") || volumes_may_be_meant(xml->text) ||
		       migration_is_under_way() || names_are_closed() || stale_look(&this_site) ||
		       some_image_has_a_mark(xml->text);
	case EVENT_MIGRATE:
	case EVENT_RESTORE:
		return !looks_usual(xml) || mentions(xml->text, "urn:berth:") ||
		       volumes_may_be_meant(xml->text) || mappings_may_apply(xml->text);
	default:
		return mentions(xml->text, "urn:berth:") || volumes_may_be_meant(xml->text) ||
		       migration_is_under_way();
	}
}

/* Gives the text on as the standard input of the next program. */
static int become_event(char **argv, const struct strbuf *xml)
{
	int fd = memfd_create("domain-xml", 0);

	if (fd < 0 || write(fd, xml->text, xml->length) != (ssize_t)xml->length ||
	    lseek(fd, 0, SEEK_SET) < 0 || dup2(fd, STDIN_FILENO) < 0) {
		fprintf(stderr, "berth: pass the domain XML on: %s\n", strerror(errno));
		return 1;
	}
	execv(BERTH_EVENT, argv);
	fprintf(stderr, "berth: run '%s': %s; reinstall berth\n", BERTH_EVENT, strerror(errno));
	return 1;
}

/* A last read that would exceed the limit is dropped whole, and berth-event says why. */
static int read_xml(struct strbuf *xml)
{
	struct err err;

	strbuf_puts(xml, "");
	int rc = file_read_fd(STDIN_FILENO, XML_MAX_BYTES, xml, &err);
	if (rc < 0 && rc != -EFBIG)
		fprintf(stderr, "berth: domain XML: %s\n", err.text);
	return rc == -EFBIG ? 0 : rc;
}

/* All that may fail is done by a child, also reading the XML, for which there may be no memory. */
static int reconnect(char **argv)
{
	pid_t child = fork();

	if (child == 0) {
		cleanup_strbuf struct strbuf xml = {0};
		_exit(read_xml(&xml) < 0 ? 1 : become_event(argv, &xml));
	}
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

int main(int argc, char **argv)
{
	cleanup_strbuf struct strbuf xml = {0};

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc != 5)
		return usage(stderr);
	int event = event_find(argv[2], argv[3]);
	if (event < 0)
		return 0; /* an event of a newer libvirt */
	if (event == EVENT_RECONNECT)
		return reconnect(argv);
	if (read_xml(&xml) < 0)
		return 1;
	return may_concern_us(event, &xml) ? become_event(argv, &xml) : 0;
}
