/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing string. Running out of memory ends the program: berth's processes are short-lived and
 * journalled. */
#ifndef BERTH_BASE_STRBUF_H
#define BERTH_BASE_STRBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/**
 * struct strbuf - a growing string
 * @text: NUL-terminated, never NULL after the first append; owned by the buffer
 * @length: bytes in @text without the NUL
 */
struct strbuf {
	char *text;
	size_t length;
	size_t capacity;
};

#define cleanup_strbuf cleanup(strbuf_free)

void strbuf_add(struct strbuf *buf, const void *bytes, size_t length);
void strbuf_puts(struct strbuf *buf, const char *text);
void strbuf_printf(struct strbuf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* strbuf_steal() - the text, which the caller frees; never NULL. The buffer is empty afterwards. */
char *strbuf_steal(struct strbuf *buf);
void strbuf_free(struct strbuf *buf);

/* Allocation that ends the program where there is no memory left (not for use inside libvirtd). */
void *xcalloc(size_t count, size_t size);
void *xreallocarray(void *old, size_t count, size_t size);
char *xstrdup(const char *text); /* NULL gives NULL */
char *xstrndup(const char *text, size_t length);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* str_equal() - compares two strings; two NULLs are equal, a NULL and a string are not. */
bool str_equal(const char *a, const char *b);
bool str_starts(const char *text, const char *prefix);
/* str_hash() - FNV-1a, 64 bits, for bytes of lock files: two texts may have the same. */
uint64_t str_hash(const char *text);
/* str_to_u64() - decimal digits only, no sign, no blank, no overflow. Return: true and *value, or
 * false. */
bool str_to_u64(const char *text, unsigned long long *value);

#endif
