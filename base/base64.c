/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base64, strictly, and without a branch for each character. */
#include "base/base64.h"

#include <string.h>

#define NO_DIGIT 0x80

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(const void *bytes, size_t length, char *out)
{
	const uint8_t *at = bytes;

	for (; length > 0; out += 4) {
		size_t have = length < 3 ? length : 3;
		uint32_t word = (uint32_t)at[0] << 16 | (have > 1 ? (uint32_t)at[1] << 8 : 0) |
				(have > 2 ? at[2] : 0);
		out[0] = digits[word >> 18];
		out[1] = digits[word >> 12 & 63];
		out[2] = have > 1 ? digits[word >> 6 & 63] : '=';
		out[3] = have > 2 ? digits[word & 63] : '=';
		at += have;
		length -= have;
	}
}

/* By character: its value, or NO_DIGIT. */
static void fill_values(uint8_t values[static 256])
{
	memset(values, NO_DIGIT, 256);
	for (size_t i = 0; i < 64; i++)
		values[(unsigned char)digits[i]] = (uint8_t)i;
}

/* Return: with the bit NO_DIGIT where a character is none of the alphabet. */
static uint8_t decode_group(const uint8_t values[static 256], const char *text, uint8_t *out)
{
	uint8_t a = values[(unsigned char)text[0]], b = values[(unsigned char)text[1]],
		c = values[(unsigned char)text[2]], d = values[(unsigned char)text[3]];

	out[0] = (uint8_t)(a << 2 | b >> 4);
	out[1] = (uint8_t)(b << 4 | c >> 2);
	out[2] = (uint8_t)(c << 6 | d);
	return a | b | c | d;
}

bool base64_decode(const char *text, size_t length, void *out, size_t *ret_length)
{
	uint8_t values[256], wrong = 0, *put = out;
	size_t padding = 0;
	char last[4];

	if (length % 4 != 0)
		return false;
	*ret_length = 0;
	if (length == 0)
		return true;
	fill_values(values);
	for (size_t i = 0; i + 4 < length; i += 4, put += 3)
		wrong |= decode_group(values, text + i, put);
	while (padding < 2 && text[length - 1 - padding] == '=')
		padding++;
	memcpy(last, text + length - 4, 4);
	memset(last + 4 - padding, digits[0], padding);
	wrong |= decode_group(values, last, put);
	for (size_t i = 3 - padding; i < 3; i++) {
		if (put[i])
			return false; /* bits that nothing was encoded in */
	}
	*ret_length = BASE64_MAX_BYTES(length) - padding;
	return !(wrong & NO_DIGIT);
}
