/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may be shown on a terminal, in a log, in an error: names come from guests, images and other
 * hosts. */
#ifndef BERTH_BASE_PRINTABLE_H
#define BERTH_BASE_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>

/**
 * printable_next() - the next character of a text in UTF-8
 * @length: of @text in bytes, at least 1
 * @ret_length: how many bytes it has; 1 where they are no UTF-8
 * @ret_code: its Unicode code point; PRINTABLE_INVALID where they are no UTF-8. May be NULL
 *
 * Not to be shown: what is no UTF-8 (RFC 3629); control characters, those beyond ASCII too, of
 * which a terminal takes U+009B for the start of a command; separators of lines and paragraphs;
 * marks that change the direction of writing, so that a line reads otherwise than it is. Allocates
 * nothing.
 *
 * Return: whether it may be shown.
 */
bool printable_next(const char *text, size_t length, size_t *ret_length, unsigned *ret_code);

#define PRINTABLE_INVALID 0xfffd

/* printable_line() - puts a '?' in the place of each byte of what may not be shown. */
void printable_line(char *text);

#endif
