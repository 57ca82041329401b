// SPDX-License-Identifier: GPL-2.0-or-later
// The tiny guest's lines on COM1.
#include "tiny.h"

#include <stdarg.h>

#define COM1 0x3f8
#define COM1_LINE_CONTROL (COM1 + 3)
#define COM1_LINE_STATUS (COM1 + 5)
#define SEND_EMPTY 0x20
#define WAIT_TURNS 100000

void console_start(void)
{
	outb(COM1 + 1, 0);             // no interrupts
	outb(COM1_LINE_CONTROL, 0x80); // 115200 baud
	outb(COM1, 1);
	outb(COM1 + 1, 0);
	outb(COM1_LINE_CONTROL, 3); // 8 bits, no parity, 1 stop bit
}

static void put(char c)
{
	// Bounded: without a reader the guest shall go on.
	for (int i = 0; i < WAIT_TURNS && !(inb(COM1_LINE_STATUS) & SEND_EMPTY); i++)
		;
	outb(COM1, c);
}

static void put_number(uint32_t n)
{
	char digits[10];
	size_t count = 0;

	do
		digits[count++] = '0' + n % 10;
	while ((n /= 10));
	while (count)
		put(digits[--count]);
}

static void put_hex(unsigned int n, int digit_count)
{
	while (digit_count--)
		put("0123456789abcdef"[n >> 4 * digit_count & 15]);
}

static void put_ip(uint32_t ip)
{
	for (int shift = 24; shift >= 0; shift -= 8) {
		put_number(ip >> shift & 255);
		if (shift)
			put('.');
	}
}

static void put_mac(const uint8_t *mac)
{
	for (int i = 0; i < MAC_SIZE; i++) {
		if (i)
			put(':');
		put_hex(mac[i], 2);
	}
}

static void put_string(const char *s)
{
	while (*s)
		put(*s++);
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	for (const char *p = format; *p; p++) {
		if (*p != '%') {
			put(*p);
			continue;
		}
		switch (*++p) {
		case 'u':
			put_number(va_arg(args, uint32_t));
			break;
		case 'x':
			put_hex(va_arg(args, unsigned int), 4);
			break;
		case 'i':
			put_ip(va_arg(args, uint32_t));
			break;
		case 'm':
			put_mac(va_arg(args, const uint8_t *));
			break;
		case 's':
			put_string(va_arg(args, const char *));
			break;
		}
	}
	va_end(args);
	put('\n');
}
