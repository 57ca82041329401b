/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The status file of a running domain, read as text.
 *
 * Theory of operation: the scanner finds the markup; the names of the elements that are open make a
 * path, and a table (running.c) says which paths matter. In the metadata it is the namespace that
 * matters, wherever its prefix is declared (scan_scope.h). Whether tags match is checked here; so a
 * text that was cut, or isn't libvirt's, is refused as a whole.
 */
#include "xml/running_text.h"

#include <errno.h>
#include <string.h>

static bool leave(struct reading *reading)
{
	if (strcmp(reading->path.text, DOMAIN_PATH) == 0)
		reading->domain.xml_end = reading->token.end;
	scan_scope_leave(&reading->scope, reading->depth);
	reading->depth--;
	if (reading->depth < reading->policy_depth)
		reading->policy_depth = 0;
	reading->path.length = reading->ends[reading->depth];
	reading->path.text[reading->path.length] = '\0';
	return true;
}

static bool on_start(struct reading *reading)
{
	const struct scan_token *token = &reading->token;

	if (reading->depth == RUNNING_MAX_DEPTH || (reading->depth == 0 && reading->path.text))
		return false;
	reading->ends[reading->depth++] = reading->path.length;
	strbuf_puts(&reading->path, "/");
	strbuf_add(&reading->path, reading->scan.text + token->begin + 1,
		   token->name_end - token->begin - 1);
	bool understood =
		scan_scope_enter(&reading->scope, &reading->scan, token, reading->depth) &&
		running_read_element(reading);
	return understood && (!token->empty || leave(reading));
}

static bool on_end(struct reading *reading)
{
	const struct scan_token *token = &reading->token;
	size_t length = token->name_end - token->begin - 2;

	if (reading->depth == 0)
		return false;
	const char *open = reading->path.text + reading->ends[reading->depth - 1] + 1;
	if (strlen(open) != length ||
	    memcmp(open, reading->scan.text + token->begin + 2, length) != 0)
		return false;
	return leave(reading);
}

static bool is_blank(const struct reading *reading)
{
	for (size_t i = reading->token.begin; i < reading->token.end; i++) {
		if (!strchr(" \t\r\n", reading->scan.text[i]))
			return false;
	}
	return true;
}

static bool read_token(struct reading *reading)
{
	switch (reading->token.kind) {
	case SCAN_START:
		return on_start(reading);
	case SCAN_END:
		return on_end(reading);
	case SCAN_TEXT:
		return reading->depth > 0 || is_blank(reading);
	case SCAN_CDATA:
		return reading->depth > 0;
	case SCAN_NOTE:
		return true;
	default:
		return false;
	}
}

static bool read_all(struct reading *reading)
{
	for (;;) {
		scan_next(&reading->scan, &reading->token);
		if (reading->token.kind == SCAN_EOF)
			break;
		if (!read_token(reading))
			return false;
	}
	const struct running_domain *domain = &reading->domain;
	bool whole = reading->depth == 0 && domain->name && domain->uuid;
	for (size_t i = 0; i < domain->disk_count && whole; i++)
		whole = domain->disks[i].target && domain->disks[i].type;
	for (size_t i = 0; i < domain->port_count && whole; i++)
		whole = domain->ports[i].mac;
	return whole;
}

int running_domain_parse(const char *text, size_t length, struct running_domain *ret,
			 struct err *err)
{
	struct reading reading = {.scan = {.text = text, .length = length}};

	bool understood = length > 0 && !memchr(text, '\0', length) && read_all(&reading);
	strbuf_free(&reading.path);
	scan_scope_clear(&reading.scope);
	if (!understood) {
		unsigned line = scan_line(&reading.scan, reading.token.begin);
		running_domain_clear(&reading.domain);
		return err_set(err, EBADMSG, "libvirt's status file is not understood at line %u",
			       line);
	}
	*ret = reading.domain;
	return 0;
}
