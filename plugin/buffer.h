/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that grow, up to a limit; unlike base/strbuf.h it reports that there is no memory, as code
 * inside libvirtd has to. */
#ifndef BERTH_PLUGIN_BUFFER_H
#define BERTH_PLUGIN_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

/**
 * struct buffer - growing bytes
 * @bytes: followed by a NUL; NULL while nothing was ever added; owned by the buffer
 * @length: without the NUL
 * @failed: something could not be added: no memory. What was added since is missing as well
 */
struct buffer {
	char *bytes;
	size_t length;
	size_t capacity;
	bool failed;
};

#define cleanup_buffer cleanup(buffer_free)

/* buffer_reserve() - makes room for so many bytes more. Return: whether there is. */
bool buffer_reserve(struct buffer *buffer, size_t more);
void buffer_add(struct buffer *buffer, const void *bytes, size_t length);
void buffer_puts(struct buffer *buffer, const char *text);
/* buffer_add_base64() - adds bytes in base64. */
void buffer_add_base64(struct buffer *buffer, const void *bytes, size_t length);
/* buffer_add_decoded() - adds what a text in base64 stands for. Return: false: it isn't base64, or
 * there is no memory. */
bool buffer_add_decoded(struct buffer *buffer, const char *text, size_t length);
void buffer_free(struct buffer *buffer);

#endif
