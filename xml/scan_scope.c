/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Namespaces in scope (Namespaces in XML 1.0, 6). */
#include "xml/scan_scope.h"

#include <string.h>

#include "base/strbuf.h"
#include "xml/scan_value.h"

static void drop_last(struct scan_scope *scope)
{
	struct scan_declaration *last = &scope->items[--scope->count];

	free(last->prefix);
	free(last->uri);
}

void scan_scope_clear(struct scan_scope *scope)
{
	while (scope->count > 0)
		drop_last(scope);
	free(scope->items);
	*scope = (struct scan_scope){0};
}

/* Return: the prefix that the attribute declares, "" for the default; NULL: it declares none. The
 * caller frees it. */
static char *declared_prefix(const struct scan *scan, const struct scan_attribute *attribute)
{
	static const char word[] = "xmlns";
	const char *name = scan->text + attribute->name;
	size_t length = attribute->name_end - attribute->name, begin = strlen(word);

	if (length < begin || memcmp(name, word, begin) != 0)
		return NULL;
	if (length == begin)
		return xstrdup("");
	return name[begin] == ':' ? xstrndup(name + begin + 1, length - begin - 1) : NULL;
}

static bool declare(struct scan_scope *scope, const struct scan *scan,
		    const struct scan_attribute *attribute, size_t depth)
{
	cleanup_free char *prefix = declared_prefix(scan, attribute);

	if (!prefix)
		return true;
	char *uri = scan_value_decode(scan->text + attribute->value,
				      attribute->value_end - attribute->value);
	/* A prefix can't be declared to mean nothing. */
	if (!uri || (*prefix && !*uri) || scope->count == SCAN_SCOPE_MAX) {
		free(uri);
		return false;
	}
	scope->items = xreallocarray(scope->items, scope->count + 1, sizeof(*scope->items));
	scope->items[scope->count++] = (struct scan_declaration){
		.depth = depth,
		.prefix = steal_pointer(prefix),
		.uri = uri,
	};
	return true;
}

bool scan_scope_enter(struct scan_scope *scope, const struct scan *scan,
		      const struct scan_token *tag, size_t depth)
{
	struct scan_attribute attribute;
	size_t at = tag->name_end;

	while (scan_attribute(scan, tag, &at, &attribute)) {
		if (!declare(scope, scan, &attribute, depth))
			return false;
	}
	return true;
}

void scan_scope_leave(struct scan_scope *scope, size_t depth)
{
	while (scope->count > 0 && scope->items[scope->count - 1].depth >= depth)
		drop_last(scope);
}

const char *scan_scope_uri(const struct scan_scope *scope, const char *name, const char **local)
{
	const char *colon = strchr(name, ':');
	size_t length = colon ? (size_t)(colon - name) : 0;

	for (size_t i = scope->count; i-- > 0;) {
		const struct scan_declaration *declaration = &scope->items[i];
		if (strlen(declaration->prefix) != length ||
		    memcmp(declaration->prefix, name, length) != 0)
			continue;
		*local = colon ? colon + 1 : name;
		return declaration->uri;
	}
	*local = name;
	return "";
}
