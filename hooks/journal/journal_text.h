/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the journal: its lines. Others include hooks/journal/journal.h. */
#ifndef BERTH_HOOKS_JOURNAL_JOURNAL_TEXT_H
#define BERTH_HOOKS_JOURNAL_JOURNAL_TEXT_H

#include "base/strbuf.h"
#include "hooks/journal/journal.h"

#define JOURNAL_FORMAT_LINE "berth-journal\t1"
/* More is neither written nor read. */
#define JOURNAL_MAX_BYTES ((size_t)4 << 20)

/* journal_write.c */

/* journal_append() - append lines and sync them; a failure leaves the journal as it was. */
int journal_append(struct journal *journal, const struct strbuf *lines, struct err *err);
/* journal_format_start() - the lines that a journal begins with. */
void journal_format_start(struct strbuf *out, const struct journal_start *start);
/* journal_full_bytes() - how large a journal that begins so may become until all is settled. */
size_t journal_full_bytes(const struct strbuf *lines, const struct journal_start *start);

/* journal_read.c */

/**
 * journal_read_text() - take in all whole lines; the text is changed
 *
 * Return: 0; -EBADMSG with the line's number.
 */
int journal_read_text(struct journal *journal, struct strbuf *text, struct err *err);

#endif
