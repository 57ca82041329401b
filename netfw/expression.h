/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside netfw/: statements as the kernel's expressions, and back. */
#ifndef BERTH_NETFW_EXPRESSION_H
#define BERTH_NETFW_EXPRESSION_H

#include <netlink/msg.h>

#include "netfw/ruleset.h"

/* expression_put_statement() - append the expressions of one statement. */
void expression_put_statement(struct nl_msg *message, const struct statement *statement);

/* expression_put_value() - bytes as nested attribute. */
void expression_put_value(struct nl_msg *message, int attribute, const void *bytes, size_t length);

/* expression_put_verdict() - a verdict as nested attribute. */
void expression_put_verdict(struct nl_msg *message, int attribute, enum verdict verdict,
			    const char *chain);

/* expression_read_verdict() - Return: whether it is one of ours; then *chain is the caller's to
 * free. */
bool expression_read_verdict(struct nlattr *attribute, enum verdict *verdict, char **chain);

/* expression_read_list() - the statements of a rule's list of expressions. Return: false where it
 * holds something that berth doesn't write. */
bool expression_read_list(struct nlattr *list, struct rule *rule);

#endif
