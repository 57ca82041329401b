/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SipHash-2-4 with 128 bits of output (Aumasson, Bernstein): a short text under a secret key. */
#ifndef BERTH_PLUGIN_SIPHASH_H
#define BERTH_PLUGIN_SIPHASH_H

#include <stddef.h>

#define SIPHASH_BYTES 16

/* siphash() - who doesn't know the key can neither make nor foretell the answer. */
void siphash(const unsigned char key[static SIPHASH_BYTES], const void *text, size_t length,
	     unsigned char ret[static SIPHASH_BYTES]);

#endif
