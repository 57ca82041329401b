/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firewall-cases cases|differences tracking|stateless OUT FOLDER [PAIRS]
 *
 * What the kernel makes of the golden cases in FOLDER.
 * It works on this network namespace's nf_tables, and prints a line for each property: "ok NAME" or
 * "not ok NAME: WHY". What nft says in JSON is left in OUT, to be compared: tests/firewall-json.pl.
 *
 *   cases        each is put, put again, compared, removed; nft reads its own listing of it
 *                OUT/CASE.ours.json; OUT/CASE.nft.json: of the table that nft makes of "expected"
 *   differences  from one case to another, PAIRS of them by chance: OUT/N.from-A-to-B.json
 *
 * One process for all: in a virtual machine starting one is dear.
 */
#include <glob.h>

#include "base/command.h"
#include "netfw/kernel_table.h"
#include "netfw/firewall_socket.h"
#include "tests/firewall-case.h"

#define NFT_WITHIN_MS 120000
#define NFT_MAX_BYTES ((size_t)64 << 20)

struct context {
	struct firewall *firewall;
	bool tracking;
	const char *out;
	int pairs;
};

/* A case, read. */
struct loaded {
	const char *folder;
	struct strbuf words;
	struct case_options options;
	struct case_ports ports;
	struct firewall_host host;
};

/* --- saying --- */

static void say(bool ok, const char *name, const char *what, const char *why)
{
	if (ok)
		printf("ok %s: %s\n", name, what);
	else
		printf("not ok %s: %s: %s\n", name, what, why);
	fflush(stdout);
}

static void say_number(int got, int wanted, const char *name, const char *what,
		       const struct err *err)
{
	char why[64];

	snprintf(why, sizeof(why), "%d, not %d", got, wanted);
	say(got == wanted, name, what, got < 0 ? err->text : why);
}

static void __attribute__((noreturn)) die(const struct err *err)
{
	printf("not ok %s\n", err->text);
	exit(1);
}

/* --- nft --- */

static int nft(const char *const *argv, struct strbuf *output, struct err *err)
{
	struct command command = {
		.argv = argv, .timeout_ms = NFT_WITHIN_MS, .output_max = NFT_MAX_BYTES};

	return command_run(&command, output, err);
}

static void save_json(const struct context *context, const char *name)
{
	const char *const argv[] = {"nft", "-j", "list", "table", "bridge", "berth", NULL};
	cleanup_free char *path = xasprintf("%s/%s.json", context->out, name);
	cleanup_strbuf struct strbuf text = {0};
	struct err err;

	int rc = nft(argv, &text, &err);
	if (rc == 0)
		rc = file_replace(path, text.text, text.length, 0644, &err);
	if (rc < 0)
		die(&err);
}

/* What nft lists it reads. */
static void reread(const struct context *context, const char *name, const struct strbuf *listing)
{
	cleanup_free char *path = xasprintf("%s/listing", context->out);
	const char *const argv[] = {"nft", "-c", "-f", path, NULL};
	struct err err = {0};

	int rc = file_replace(path, listing->text, listing->length, 0644, &err);
	if (rc == 0)
		rc = nft(argv, NULL, &err);
	say(rc == 0, name, "nft reads its own listing", err.text);
}

/* --- cases --- */

static void load(const struct context *context, const char *folder, struct loaded *ret)
{
	struct err err;

	*ret = (struct loaded){.folder = folder};
	if (case_load(folder, context->tracking, &ret->words, &ret->options, &ret->ports, &err) < 0)
		die(&err);
	ret->host = case_host(&ret->options);
}

static void unload(struct loaded *loaded)
{
	case_ports_clear(&loaded->ports);
	strbuf_free(&loaded->words);
}

static const char *name_of(const struct loaded *loaded)
{
	return strrchr(loaded->folder, '/') + 1;
}

static int put(const struct context *context, const struct loaded *loaded, struct err *err)
{
	return firewall_put(context->firewall, &loaded->host, loaded->ports.items,
			    loaded->ports.count, err);
}

static void compare(const struct context *context, const struct loaded *loaded, const char *name)
{
	cleanup_strbuf struct strbuf words = {0};
	struct err err = {0};
	int rc = 0;

	for (size_t i = 0; i < loaded->ports.count && rc == 0; i++)
		rc = firewall_compare(context->firewall, &loaded->host, &loaded->ports.items[i],
				      &words, &err);
	say(rc == 0 && words.length == 0, name, "as wanted", rc < 0 ? err.text : words.text);
}

/* Nothing is left, whatever names were closed. */
static void remove_all(const struct context *context, const struct loaded *loaded, const char *name)
{
	const struct firewall_host open = {.tracking = context->tracking};
	cleanup_free char *uuid = case_uuid(&loaded->options);
	struct kernel_table table = {0};
	struct err err = {0};

	int rc = firewall_remove(context->firewall, &open, uuid, &err);
	if (rc >= 0)
		rc = kernel_table_find(context->firewall->netlink, &table, &err);
	say(rc >= 0 && !table.exists, name, "removed", rc < 0 ? err.text : "there is a table");
}

static void make_with_nft(const struct context *context, const struct loaded *loaded)
{
	cleanup_free char *path = xasprintf("%s/%s", loaded->folder,
					    context->tracking ? "expected" : "expected-stateless");
	cleanup_free char *json = xasprintf("%s.nft", name_of(loaded));
	const char *const argv[] = {"nft", "-f", path, NULL};
	struct err err = {0};

	int rc = nft(argv, NULL, &err);
	say(rc == 0, name_of(loaded), "nft reads the golden file", err.text);
	if (rc == 0)
		save_json(context, json);
}

static bool is_empty(const struct loaded *loaded)
{
	return loaded->ports.count + loaded->host.closed_count == 0;
}

static void check_case(const struct context *context, const char *folder)
{
	static const char *const list[] = {"nft", "list", "table", "bridge", "berth", NULL};
	cleanup_strbuf struct strbuf listing = {0};
	struct loaded loaded;
	struct err err = {0};

	load(context, folder, &loaded);
	cleanup_free char *json = xasprintf("%s.ours", name_of(&loaded));
	int rc = put(context, &loaded, &err);
	say(is_empty(&loaded) ? rc == 0 : rc > 0, name_of(&loaded), "put", err.text);
	if (!is_empty(&loaded) && rc > 0) {
		say_number(put(context, &loaded, &err), 0, name_of(&loaded), "put again", &err);
		compare(context, &loaded, name_of(&loaded));
		save_json(context, json);
		if (nft(list, &listing, &err) < 0)
			die(&err);
	}
	remove_all(context, &loaded, name_of(&loaded));
	if (listing.length > 0) {
		reread(context, name_of(&loaded), &listing);
		make_with_nft(context, &loaded);
		remove_all(context, &loaded, name_of(&loaded));
	}
	unload(&loaded);
}

/* --- differences --- */

static void load_rules(const struct context *context, struct kernel_table *ret)
{
	struct err err;

	if (kernel_table_load_names(context->firewall->netlink, ret, &err) < 0 ||
	    kernel_table_load_rules(context->firewall->netlink, ret, &err) < 0)
		die(&err);
}

static const struct rule *find_rule(const struct chain *chain, const struct rule *rule)
{
	for (size_t i = 0; chain && i < chain->rule_count; i++) {
		if (rule_equal(&chain->rules[i], rule))
			return &chain->rules[i];
	}
	return NULL;
}

/* A rule that both have is the same object, with its counter. Return: how many are not. */
static int count_made_anew(const struct kernel_table *before, const struct kernel_table *after)
{
	int count = 0;

	for (size_t i = 0; i < after->objects.chain_count; i++) {
		const struct chain *chain = &after->objects.chains[i];
		const struct chain *old = ruleset_find_chain(&before->objects, chain->name);
		for (size_t j = 0; j < chain->rule_count; j++) {
			const struct rule *was = find_rule(old, &chain->rules[j]);
			count += was && was->handle != chain->rules[j].handle;
		}
	}
	return count;
}

static void check_difference(const struct context *context, int number, const char *from,
			     const char *to)
{
	cleanup_kernel_table struct kernel_table before = {0}, after = {0};
	struct loaded a, b;
	struct err err = {0};

	load(context, from, &a);
	load(context, to, &b);
	cleanup_free char *name = xasprintf("%d.from-%s-to-%s", number, name_of(&a), name_of(&b));
	int rc = put(context, &a, &err);
	say(rc >= 0, name, "put the first", err.text);
	load_rules(context, &before);
	rc = put(context, &b, &err);
	say(rc >= 0, name, "put the second", err.text);
	load_rules(context, &after);
	say_number(count_made_anew(&before, &after), 0, name, "what both have stays", &err);
	say_number(put(context, &b, &err), 0, name, "put again", &err);
	compare(context, &b, name);
	save_json(context, name);
	remove_all(context, &a, name);
	remove_all(context, &b, name);
	unload(&a);
	unload(&b);
}

static void check_differences(const struct context *context, const glob_t *found)
{
	uint64_t seed = 1;

	for (int i = 0; i < context->pairs; i++) {
		size_t pair[2] = {0};
		for (size_t j = 0; j < 2; j++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			pair[j] = (seed >> 33) % found->gl_pathc;
		}
		struct loaded loaded;
		load(context, found->gl_pathv[pair[1]], &loaded);
		if (!is_empty(&loaded))
			check_difference(context, i, found->gl_pathv[pair[0]],
					 found->gl_pathv[pair[1]]);
		unload(&loaded);
	}
}

int main(int argc, char **argv)
{
	struct context context = {0};
	glob_t found;
	struct err err;

	if (argc < 5) {
		fputs("usage: firewall-cases cases|differences tracking|stateless OUT FOLDER "
		      "[PAIRS]\n",
		      stderr);
		return 2;
	}
	cleanup_free char *pattern = xasprintf("%s/*", argv[4]);
	context.tracking = strcmp(argv[2], "tracking") == 0;
	context.out = argv[3];
	context.pairs = argc > 5 ? atoi(argv[5]) : 0;
	if (glob(pattern, 0, NULL, &found) != 0 || firewall_open(&context.firewall, &err) < 0)
		return 1;
	if (strcmp(argv[1], "differences") == 0)
		check_differences(&context, &found);
	for (size_t i = 0; strcmp(argv[1], "cases") == 0 && i < found.gl_pathc; i++)
		check_case(&context, found.gl_pathv[i]);
	globfree(&found);
	firewall_closep(&context.firewall);
	return 0;
}
