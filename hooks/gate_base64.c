/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base64. */
#include "hooks/gate_text.h"

#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void gate_base64_encode(const void *bytes, size_t length, struct strbuf *out)
{
	const uint8_t *at = bytes;
	cleanup_free char *text = xcalloc(length / 3 + 1, 4);
	size_t put = 0;

	for (; length > 0; put += 4) {
		size_t have = length < 3 ? length : 3;
		uint32_t word = (uint32_t)at[0] << 16 | (have > 1 ? (uint32_t)at[1] << 8 : 0) |
				(have > 2 ? at[2] : 0);
		text[put] = digits[word >> 18];
		text[put + 1] = digits[word >> 12 & 63];
		text[put + 2] = have > 1 ? digits[word >> 6 & 63] : '=';
		text[put + 3] = have > 2 ? digits[word & 63] : '=';
		at += have;
		length -= have;
	}
	strbuf_add(out, text, put);
}

#define NO_DIGIT 0x80

/* By character: its value, or NO_DIGIT. */
static void fill_values(uint8_t values[static 256])
{
	memset(values, NO_DIGIT, 256);
	for (size_t i = 0; i < 64; i++)
		values[(unsigned char)digits[i]] = (uint8_t)i;
}

void *gate_base64_decode(const char *text, size_t *ret_length)
{
	size_t length = strlen(text), padding = 0;
	uint8_t values[256], last[4], wrong = 0;

	if (length % 4 != 0)
		return NULL;
	while (padding < 2 && length > padding && text[length - 1 - padding] == '=')
		padding++;
	fill_values(values);
	cleanup_free uint8_t *bytes = xcalloc(length / 4 + 1, 3);
	uint8_t *put = bytes;
	for (size_t i = 0; i < length; i += 4, put += 3) {
		memcpy(last, text + i, 4);
		if (i + 4 == length)
			memset(last + 4 - padding, 'A', padding);
		uint8_t a = values[last[0]], b = values[last[1]], c = values[last[2]],
			d = values[last[3]];
		wrong |= a | b | c | d;
		put[0] = (uint8_t)(a << 2 | b >> 4);
		put[1] = (uint8_t)(b << 4 | c >> 2);
		put[2] = (uint8_t)(c << 6 | d);
	}
	if (wrong & NO_DIGIT)
		return NULL;
	*ret_length = length / 4 * 3 - padding;
	return steal_pointer(bytes);
}
