/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SipHash-2-4-128, after its authors' description; libvirtd needs no library for it. */
#include "plugin/siphash.h"

#include <stdint.h>

struct sip {
	uint64_t a, b, c, d;
};

static uint64_t read_le64(const unsigned char *bytes, size_t count)
{
	uint64_t word = 0;

	for (size_t i = 0; i < count; i++)
		word |= (uint64_t)bytes[i] << (8 * i);
	return word;
}

static uint64_t rotate(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

static void mix(struct sip *sip, unsigned rounds)
{
	while (rounds-- > 0) {
		sip->a += sip->b;
		sip->c += sip->d;
		sip->b = rotate(sip->b, 13) ^ sip->a;
		sip->d = rotate(sip->d, 16) ^ sip->c;
		sip->a = rotate(sip->a, 32) + sip->d;
		sip->c += sip->b;
		sip->b = rotate(sip->b, 17) ^ sip->c;
		sip->d = rotate(sip->d, 21) ^ sip->a;
		sip->c = rotate(sip->c, 32);
	}
}

static void take(struct sip *sip, uint64_t word)
{
	sip->d ^= word;
	mix(sip, 2);
	sip->a ^= word;
}

static void give(struct sip *sip, unsigned char *ret)
{
	mix(sip, 4);
	uint64_t word = sip->a ^ sip->b ^ sip->c ^ sip->d;
	for (size_t i = 0; i < 8; i++)
		ret[i] = (unsigned char)(word >> (8 * i));
}

void siphash(const unsigned char key[static SIPHASH_BYTES], const void *text, size_t length,
	     unsigned char ret[static SIPHASH_BYTES])
{
	const unsigned char *at = text;
	uint64_t low = read_le64(key, 8), high = read_le64(key + 8, 8);
	struct sip sip = {
		low ^ 0x736f6d6570736575,
		high ^ 0x646f72616e646f6d ^ 0xee,
		low ^ 0x6c7967656e657261,
		high ^ 0x7465646279746573,
	};
	size_t left = length;

	for (; left >= 8; left -= 8, at += 8)
		take(&sip, read_le64(at, 8));
	take(&sip, read_le64(at, left) | (uint64_t)length << 56);
	sip.c ^= 0xee;
	give(&sip, ret);
	sip.b ^= 0xdd;
	give(&sip, ret + 8);
}
