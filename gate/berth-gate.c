/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * berth-gate: what berth.so, inside libvirtd, runs when a migration begins and before it ends.
 *
 *   inquire   on the source, when the migration begins: prints the facts of this moment
 *   verify    on the destination, just before the guest's processors run: compares facts from
 *             standard input with what is here; exit 0: it may run
 *   refresh   where it runs, when libvirtd has changed its disks: starts `berth sync`
 *
 * Invariants: it never asks libvirtd, which waits for it. No name from the facts is opened or
 * changed here. It ends within its deadline, and whatever it doesn't understand is a refusal.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "gate/gate.h"
#include "gate/refresh.h"

#define DEADLINE_S 5

static void on_deadline(int signal)
{
	static const char text[] = "berth: the gate could not look at all of the guest's disks and "
				   "ports within 5 s; is a storage silent?\n";

	(void)signal;
	_exit(write(STDERR_FILENO, text, sizeof(text) - 1) < 0 ? 2 : 1);
}

static int usage(FILE *where)
{
	fputs("usage: berth-gate inquire NAME UUID\n"
	      "       berth-gate verify NAME UUID < FACTS\n"
	      "       berth-gate refresh NAME UUID\n"
	      "\n"
	      "libvirtd's lock manager 'berth' runs this program; see berth-gate(8).\n",
	      where);
	return where == stdout ? 0 : 2;
}

static int inquire(const char *name, const char *uuid, struct err *err)
{
	cleanup_strbuf struct strbuf out = {0};

	int rc = gate_inquire(&this_site, name, uuid, &out, err);
	if (rc == 0 && (fwrite(out.text, 1, out.length, stdout) != out.length || fflush(stdout)))
		rc = err_set(err, EIO, "print the facts: %s", strerror(errno));
	return rc;
}

static int verify(const char *name, const char *uuid, struct err *err)
{
	cleanup_strbuf struct strbuf facts = {0};

	int rc = file_read_fd(STDIN_FILENO, GATE_MAX_BYTES, &facts, err);
	if (rc < 0)
		return err_wrap(err, "the source host's facts");
	return gate_verify_guest(&this_site, name, uuid, &facts, err);
}

static int refresh(const char *name, const char *uuid, struct err *err)
{
	(void)name;
	return gate_refresh(&this_site, uuid, err);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const char *name, const char *uuid, struct err *err);
	} verbs[] = {{"inquire", inquire}, {"verify", verify}, {"refresh", refresh}};
	struct err err;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	for (size_t i = 0; argc == 4 && i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(verbs[i].name, argv[1]) != 0)
			continue;
		signal(SIGALRM, on_deadline);
		alarm(DEADLINE_S);
		if (verbs[i].run(argv[2], argv[3], &err) == 0)
			return 0;
		err_wrap(&err, "%s", argv[2]);
		log_problem("gate: %s: %s", verbs[i].name, err.text);
		fprintf(stderr, "berth: %s\n", err.text);
		return 1;
	}
	return usage(stderr);
}
