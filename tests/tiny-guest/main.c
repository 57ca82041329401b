// SPDX-License-Identifier: GPL-2.0-or-later
// A guest that is there at once: pings its peers, answers them, writes to its disks, and tells on
// COM1 what it hears and what it has written.
#include "tiny.h"

#define TIMER_HZ 200
#define PIT_HZ 1193182
#define TIMER_VECTOR 32
#define CODE_SEGMENT 8
#define INTERRUPT_GATE 0x8e00
#define MULTIBOOT_HAS_LINE 4

struct multiboot {
	uint32_t flags;
	uint32_t unused[3];
	uint32_t line;
};

struct gate {
	uint16_t low;
	uint16_t segment;
	uint16_t flags;
	uint16_t high;
};

extern volatile uint32_t timer_count;
volatile uint32_t timer_count;
void timer_interrupt(void);
void tiny_main(const struct multiboot *multiboot);

void *memcpy(void *to, const void *from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((uint8_t *)to)[i] = byte;
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const uint8_t *x = a, *y = b;

	for (size_t i = 0; i < size; i++)
		if (x[i] != y[i])
			return x[i] - y[i];
	return 0;
}

uint32_t now_ms(void)
{
	return timer_count * (1000 / TIMER_HZ);
}

/* The timer's interrupt is the only one: it ends hlt, so that an idle guest leaves the processor to
 * others. */
static void timer_start(void)
{
	static struct gate gates[TIMER_VECTOR + 1];
	static const uint8_t pic[][2] = {
		{0x20, 0x11}, {0x21, TIMER_VECTOR},     {0x21, 4}, {0x21, 1}, {0x21, 0xfe},
		{0xa0, 0x11}, {0xa1, TIMER_VECTOR + 8}, {0xa1, 2}, {0xa1, 1}, {0xa1, 0xff},
	};
	struct {
		uint16_t limit;
		uint32_t base;
	} PACKED pointer = {sizeof(gates) - 1, (uint32_t)gates};
	const uint32_t handler = (uint32_t)timer_interrupt;

	gates[TIMER_VECTOR] = (struct gate){handler, CODE_SEGMENT, INTERRUPT_GATE, handler >> 16};
	asm volatile("lidt %0" : : "m"(pointer), "m"(gates));
	for (size_t i = 0; i < ARRAY_SIZE(pic); i++)
		outb(pic[i][0], pic[i][1]);
	outb(0x43, 0x34);
	outb(0x40, PIT_HZ / TIMER_HZ & 255);
	outb(0x40, PIT_HZ / TIMER_HZ >> 8);
}

void timer_wait(void)
{
	asm volatile("sti; hlt; cli" : : : "memory");
}

static void receive_all(unsigned int nic_count)
{
	static uint8_t frame[FRAME_SIZE_MAX];
	size_t size;

	for (unsigned int nic = 0; nic < nic_count; nic++)
		while ((size = nic_receive(nic, frame, sizeof(frame))))
			ethernet_receive(nic, frame, size);
}

static void do_tick(uint32_t tick)
{
	say("tick %u", tick);
	ethernet_tick();
	ip_tick(tick);
	disks_tick();
}

void tiny_main(const struct multiboot *multiboot)
{
	uint32_t tick = 0, next_ms;
	unsigned int nic_count;

	console_start();
	timer_start();
	if (multiboot->flags & MULTIBOOT_HAS_LINE)
		options_read((const char *)multiboot->line);
	nic_count = nics_start();
	for (unsigned int nic = 0; nic < nic_count; nic++)
		say("tiny ready %m %i", nic_mac(nic), options.ip[nic]);
	if (!nic_count)
		say("tiny ready without network");
	if (options.disks)
		disks_start();
	next_ms = now_ms();
	while (true) {
		receive_all(nic_count);
		if ((int32_t)(now_ms() - next_ms) >= 0) {
			next_ms += TICK_MS;
			do_tick(++tick);
		}
		tcp_poll(tick);
		disks_poll();
		timer_wait();
	}
}
