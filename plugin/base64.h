/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base64 (RFC 4648, section 4): libvirt doesn't escape a state in its XML, and this needs no
 * escape. */
#ifndef BERTH_PLUGIN_BASE64_H
#define BERTH_PLUGIN_BASE64_H

#include "plugin/buffer.h"

/* base64_encode() - appends. */
void base64_encode(const void *bytes, size_t length, struct buffer *out);

/**
 * base64_decode() - append what a text stands for
 *
 * Only what base64_encode() would have written is accepted: with padding, no blanks, no bits that
 * are lost.
 *
 * Return: whether it is that.
 */
bool base64_decode(const char *text, size_t length, struct buffer *out);

#endif
