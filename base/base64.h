/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base64 (RFC 4648, section 4), with padding and without line breaks. Allocates nothing: code
 * inside libvirtd uses it too. */
#ifndef BERTH_BASE_BASE64_H
#define BERTH_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* BASE64_LENGTH() - characters that so many bytes become. */
#define BASE64_LENGTH(bytes) (((bytes) + 2) / 3 * 4)
/* BASE64_MAX_BYTES() - what so many characters stand for at most; room that decoding needs. */
#define BASE64_MAX_BYTES(characters) ((characters) / 4 * 3)

/* base64_encode() - writes BASE64_LENGTH(length) characters, and no NUL. */
void base64_encode(const void *bytes, size_t length, char *out);

/**
 * base64_decode() - what a text stands for
 * @out: has room for BASE64_MAX_BYTES(length)
 * @ret_length: how many bytes it is
 *
 * Only what base64_encode() would have written is accepted: no blanks, no bits that are lost.
 *
 * Return: whether it is that; otherwise @out holds anything.
 */
bool base64_decode(const char *text, size_t length, void *out, size_t *ret_length);

#endif
