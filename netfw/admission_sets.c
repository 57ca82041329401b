/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the rules of one direction and family allow, as look-ups.
 *
 * Theory of operation: rules differ in what they say of the packet (nothing, the protocol, the
 * protocol and ports, an ICMP type) and in who is at the other end (anybody, a prefix, a group).
 * All rules that are alike in both become one set, and one rule that looks packets up in it; so the
 * number of rules in the kernel does not grow with the policy, and a change of the policy is a
 * change of elements.
 *
 * The kernel walks a set of concatenated ranges field by field, and each field is dearer the more
 * elements are still in the race: the field with the most different values stands first, the
 * protocol last. Changing such a set copies it: beyond BUCKET_ELEMENTS it is split in several, and
 * an element's content decides which it belongs to.
 */
#include "netfw/admission.h"

#include <errno.h>
#include <string.h>

#define BUCKET_ELEMENTS 64

/* What the functions below work on. */
struct work {
	const struct firewall_port *port;
	const char *prefix;
	struct ruleset *out;
	struct admission *admission;
};

/* --- rectangles as elements --- */

/* What one field's range is in a rectangle. */
static void put_range(const struct set *set, size_t index, const struct rectangle *from,
		      int protocol, struct element *element)
{
	enum field field = set->fields[index];
	size_t length = field_row(field)->load.length;
	uint8_t first[16] = {0}, last[16] = {0};

	switch (field) {
	case FIELD_TH_DPORT:
		first[0] = (uint8_t)(from->low >> 8);
		first[1] = (uint8_t)from->low;
		last[0] = (uint8_t)(from->high >> 8);
		last[1] = (uint8_t)from->high;
		break;
	case FIELD_L4PROTO:
		first[0] = (uint8_t)(protocol >= 0 ? (uint32_t)protocol : from->low);
		last[0] = (uint8_t)(protocol >= 0 ? (uint32_t)protocol : from->high);
		break;
	case FIELD_ICMP_TYPE:
	case FIELD_ICMPV6_TYPE:
		first[0] = (uint8_t)(from->low >> 8);
		last[0] = (uint8_t)(from->high >> 8);
		break;
	case FIELD_ICMP_CODE:
	case FIELD_ICMPV6_CODE:
		first[0] = (uint8_t)from->low;
		last[0] = (uint8_t)from->high;
		break;
	default:
		memcpy(first, from->first + 16 - length, length);
		memcpy(last, from->last + 16 - length, length);
		break;
	}
	set_put_field(set, index, first, element->first);
	if (set->intervals)
		set_put_field(set, index, last, element->last);
}

/* FNV-1a: the same element is always in the same bucket. */
static size_t bucket_of(const struct element *element, size_t buckets)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < SET_KEY_BYTES; i++)
		hash = (hash ^ element->first[i]) * 16777619u;
	for (size_t i = 0; i < SET_KEY_BYTES; i++)
		hash = (hash ^ element->last[i]) * 16777619u;
	return hash % buckets;
}

static size_t bucket_count(size_t elements)
{
	size_t buckets = 1;

	while (buckets * BUCKET_ELEMENTS < elements)
		buckets *= 2;
	return buckets;
}

static void add_elements(struct set *sets, size_t buckets, const struct rectangles *rectangles,
			 int protocol)
{
	for (size_t i = 0; i < rectangles->count; i++) {
		struct element element = {0};
		for (size_t j = 0; j < sets->field_count; j++)
			put_range(sets, j, &rectangles->items[i], protocol, &element);
		element.comment = comment_copy(rectangles->items[i].label);
		*set_add_element(&sets[bucket_of(&element, buckets)]) = element;
	}
}

/* --- rows --- */

static const char *selector_name(const struct row *row)
{
	static const char *const names[] = {
		[SELECT_PROTOCOL] = "protocols",
		[SELECT_PORTS] = "ports",
		[SELECT_ICMP] = "icmp",
	};

	return names[row->selector];
}

/* "vnet0-in4-ports", "vnet0-in4-ports-from", "vnet0-in4-from-ports", "vnet0-in4-group-db-ports" */
static char *row_name(const struct work *work, const struct row *row, const char *group)
{
	bool in = work->admission->direction == FIREWALL_INGRESS;
	const char *what = selector_name(row), *from = in ? "from" : "to";
	cleanup_free char *begin = xasprintf("%s%s%u-", work->prefix, in ? "in" : "out",
					     (unsigned)work->admission->family);

	switch (row->peer) {
	case PEER_GROUP:
		return xasprintf("%sgroup-%s-%s", begin, group, what);
	case PEER_PREFIX:
		return row->address_first ? xasprintf("%s%s-%s", begin, from, what)
					  : xasprintf("%s%s-%s", begin, what, from);
	case PEER_ANY:
		break;
	}
	return xasprintf("%s%s", begin, what);
}

static void add_set(const struct work *work, struct row *row, const struct set *like, char *name)
{
	struct set *set = ruleset_add_set(work->out, name);

	memcpy(set->fields, like->fields, sizeof(set->fields));
	set->field_count = like->field_count;
	set->intervals = like->intervals;
	row->sets = xreallocarray(row->sets, row->set_count + 1, sizeof(*row->sets));
	row->sets[row->set_count++] = name;
}

#define ALL_PROTOCOLS 256

/* Which of them the row's rules with ports have. */
static void find_protocols(const struct work *work, const struct row *row, int group,
			   bool ret[static ALL_PROTOCOLS])
{
	for (size_t i = 0; i < work->port->rule_count; i++) {
		const struct firewall_rule *rule = &work->port->rules[i];
		if (is_in_row(work->admission, rule, row, group))
			ret[rule->protocol] = true;
	}
}

/* The rectangles of each protocol that has ports; of the others all at once, as number 256. */
static int collect_all(const struct work *work, const struct row *row, int group,
		       struct rectangles ret[static ALL_PROTOCOLS + 1], size_t *total)
{
	bool present[ALL_PROTOCOLS + 1] = {[ALL_PROTOCOLS] = row->selector != SELECT_PORTS};
	int rc = 0;

	*total = 0;
	if (row->selector == SELECT_PORTS)
		find_protocols(work, row, group, present);
	for (int protocol = 0; protocol <= ALL_PROTOCOLS && rc == 0; protocol++) {
		if (present[protocol])
			rc = row_collect(work->admission, work->port, row, group,
					 protocol == ALL_PROTOCOLS ? -1 : protocol, &ret[protocol]);
		*total += ret[protocol].count;
	}
	return *total > ADMISSION_MAX_ELEMENTS ? -E2BIG : rc;
}

static int fill_row(const struct work *work, struct row *row, int group, struct err *err)
{
	struct rectangles rectangles[ALL_PROTOCOLS + 1] = {0};
	struct set like = {0};
	size_t total = 0;

	int rc = collect_all(work, row, group, rectangles, &total);
	if (rc == 0 && total > 0) {
		like.intervals = row->selector != SELECT_PROTOCOL || row->peer == PEER_PREFIX;
		like.field_count = row_fields(row, work->admission->direction,
					      work->admission->family, FIELD_TH_DPORT, like.fields);
		size_t buckets = bucket_count(total), begin = work->out->set_count;
		cleanup_free char *name =
			row_name(work, row, group >= 0 ? work->port->groups[group].name : NULL);
		for (size_t i = 0; i < buckets; i++)
			add_set(work, row, &like,
				buckets == 1 ? xstrdup(name)
					     : xasprintf("%s-%zuof%zu", name, i + 1, buckets));
		for (int protocol = 0; protocol <= ALL_PROTOCOLS; protocol++)
			add_elements(&work->out->sets[begin], buckets, &rectangles[protocol],
				     protocol == ALL_PROTOCOLS ? -1 : protocol);
	}
	for (int protocol = 0; protocol <= ALL_PROTOCOLS; protocol++)
		rectangles_clear(&rectangles[protocol]);
	if (rc < 0)
		return err_set(err, -rc,
			       "interface '%s': its rules overlap so much that they become more "
			       "than %d elements; use fewer port ranges that overlap",
			       work->port->interface, ADMISSION_MAX_ELEMENTS);
	return 0;
}

static bool has_rules(const struct work *work, const struct row *row, int group)
{
	for (size_t i = 0; i < work->port->rule_count; i++) {
		if (is_in_row(work->admission, &work->port->rules[i], row, group))
			return true;
	}
	return false;
}

static int label_row(const struct work *work, struct row *row, int group)
{
	cleanup_rectangles struct rectangles all = {0};

	int rc = row_collect(work->admission, work->port, row, group, -1, &all);
	if (rc == 0 && all.count > 0)
		row->label = xstrdup(all.items[0].label);
	return rc;
}

static int add_row(const struct work *work, enum selector selector, enum peer peer, int group,
		   struct err *err)
{
	struct admission *admission = work->admission;
	struct row row = {.selector = selector, .peer = peer};

	if (!has_rules(work, &row, group))
		return 0;
	if (peer == PEER_GROUP)
		row.members = xasprintf("%smembers%u-%s", work->prefix, (unsigned)admission->family,
					work->port->groups[group].name);
	if (peer == PEER_PREFIX && selector == SELECT_PORTS)
		row.address_first = row_has_more_addresses(admission, work->port, &row);
	admission->rows = xreallocarray(admission->rows, admission->row_count + 1, sizeof(row));
	admission->rows[admission->row_count] = row;
	struct row *added = &admission->rows[admission->row_count++];
	return selector == SELECT_ALL ? label_row(work, added, group)
				      : fill_row(work, added, group, err);
}

static bool all_is_allowed(const struct admission *admission)
{
	return admission->row_count > 0 && admission->rows[0].selector == SELECT_ALL &&
	       admission->rows[0].peer == PEER_ANY;
}

static int add_rows(const struct work *work, enum peer peer, int group, struct err *err)
{
	int rc = 0;

	/* Where everything is allowed, no other rule makes a difference. */
	for (int selector = 0; selector < SELECTORS && rc == 0; selector++) {
		if (!all_is_allowed(work->admission))
			rc = add_row(work, (enum selector)selector, peer, group, err);
	}
	return rc;
}

int admission_add_sets(const struct firewall_port *port, const char *prefix,
		       enum firewall_direction direction, uint8_t family, struct ruleset *out,
		       struct admission **ret, struct err *err)
{
	struct admission *admission = xcalloc(1, sizeof(*admission));
	struct work work = {port, prefix, out, admission};

	admission->direction = direction;
	admission->family = family;
	int rc = add_rows(&work, PEER_ANY, -1, err);
	if (rc == 0)
		rc = add_rows(&work, PEER_PREFIX, -1, err);
	for (size_t i = 0; i < port->group_count && rc == 0; i++)
		rc = add_rows(&work, PEER_GROUP, (int)i, err);
	if (rc < 0) {
		admission_free(admission);
		return rc;
	}
	*ret = admission;
	return 0;
}
