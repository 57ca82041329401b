/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that grow; running out of memory is remembered. */
#include "plugin/buffer.h"

#include <string.h>

#include "base/base64.h"

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

static void grow(struct buffer *buffer, size_t length)
{
	buffer->length += length;
	buffer->bytes[buffer->length] = '\0';
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t length)
{
	if (!buffer_reserve(buffer, length))
		return;
	if (length)
		memcpy(buffer->bytes + buffer->length, bytes, length);
	grow(buffer, length);
}

void buffer_puts(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}

void buffer_add_base64(struct buffer *buffer, const void *bytes, size_t length)
{
	if (!buffer_reserve(buffer, BASE64_LENGTH(length)))
		return;
	base64_encode(bytes, length, buffer->bytes + buffer->length);
	grow(buffer, BASE64_LENGTH(length));
}

bool buffer_add_decoded(struct buffer *buffer, const char *text, size_t length)
{
	size_t decoded;

	if (!buffer_reserve(buffer, BASE64_MAX_BYTES(length)) ||
	    !base64_decode(text, length, buffer->bytes + buffer->length, &decoded))
		return false;
	grow(buffer, decoded);
	return true;
}

void buffer_free(struct buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct buffer){0};
}
