/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that grow; running out of memory is remembered. */
#include "plugin/buffer.h"

#include <string.h>

bool buffer_reserve(struct buffer *buffer, size_t more)
{
	size_t needed = buffer->length + more + 1;

	if (buffer->failed)
		return false;
	if (needed <= buffer->capacity)
		return true;
	size_t capacity = buffer->capacity * 2 > needed ? buffer->capacity * 2 : needed;
	char *bytes = realloc(buffer->bytes, capacity);
	if (!bytes) {
		buffer->failed = true;
		return false;
	}
	buffer->bytes = bytes;
	buffer->capacity = capacity;
	return true;
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t length)
{
	if (!buffer_reserve(buffer, length))
		return;
	if (length)
		memcpy(buffer->bytes + buffer->length, bytes, length);
	buffer->length += length;
	buffer->bytes[buffer->length] = '\0';
}

void buffer_puts(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}

void buffer_free(struct buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct buffer){0};
}
