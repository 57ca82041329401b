/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base64, strictly. */
#include "plugin/base64.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void encode_group(const uint8_t *in, size_t count, struct buffer *out)
{
	uint32_t bits = (uint32_t)in[0] << 16 | (count > 1 ? (uint32_t)in[1] << 8 : 0) |
			(count > 2 ? in[2] : 0);
	char text[4];

	for (int i = 0; i < 4; i++)
		text[i] = alphabet[bits >> (18 - 6 * i) & 63];
	memset(text + count + 1, '=', 3 - count);
	buffer_add(out, text, 4);
}

void base64_encode(const void *bytes, size_t length, struct buffer *out)
{
	const uint8_t *in = bytes;

	if (!buffer_reserve(out, (length + 2) / 3 * 4))
		return;
	for (size_t at = 0; at < length; at += 3)
		encode_group(in + at, length - at < 3 ? length - at : 3, out);
}

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* @count: characters before the padding, 2 to 4. */
static bool decode_group(const char *text, size_t count, struct buffer *out)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < 4; i++) {
		int value = i < count ? value_of(text[i]) : 0;
		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
	}
	uint8_t bytes[3] = {(uint8_t)(bits >> 16), (uint8_t)(bits >> 8), (uint8_t)bits};
	for (size_t i = count - 1; i < 3; i++) {
		if (bytes[i])
			return false;
	}
	buffer_add(out, bytes, count - 1);
	return true;
}

bool base64_decode(const char *text, size_t length, struct buffer *out)
{
	if (length % 4 || !buffer_reserve(out, length / 4 * 3))
		return false;
	for (size_t at = 0; at < length; at += 4) {
		bool last = at + 4 == length;
		size_t padding = text[at + 3] != '=' ? 0 : text[at + 2] != '=' ? 1 : 2;
		if ((padding && !last) || !decode_group(text + at, 4 - padding, out))
			return false;
	}
	return true;
}
