/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside xml/: the status file of a running domain while it is read. */
#ifndef BERTH_XML_RUNNING_TEXT_H
#define BERTH_XML_RUNNING_TEXT_H

#include "base/strbuf.h"
#include "xml/running.h"
#include "xml/scan.h"
#include "xml/scan_scope.h"

#define RUNNING_MAX_DEPTH 64
#define DOMAIN_PATH "/domstatus/domain"

/**
 * struct reading - how far it is
 * @path: the names of the open elements, each behind a '/'
 * @ends: for each of them, the length of @path without it
 * @scope: the namespaces that are declared there
 * @policy_depth: depth of the policy's element while it is open; otherwise 0
 */
struct reading {
	struct scan scan;
	struct scan_token token;
	struct strbuf path;
	size_t ends[RUNNING_MAX_DEPTH];
	size_t depth;
	struct scan_scope scope;
	size_t policy_depth;
	struct running_domain domain;
};

/* running_read_element() - running.c: take what the element says whose start tag was just read.
 * Return: false where that isn't understood. */
bool running_read_element(struct reading *reading);

#endif
