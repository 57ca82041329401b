/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tiny guest: what its files offer each other. Everything is polled; a timer's interrupt only
 * wakes it. */
#ifndef TINY_H
#define TINY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define PACKED __attribute__((packed))

#define MAC_SIZE 6
#define FRAME_SIZE_MAX 1518
#define NIC_COUNT_MAX 4
#define PEER_COUNT_MAX 8
#define DISK_LOAD_MAX 32
#define TICK_MS 100

static inline void outb(uint16_t port, uint8_t v)
{
	asm volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}
static inline void outw(uint16_t port, uint16_t v)
{
	asm volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}
static inline void outl(uint16_t port, uint32_t v)
{
	asm volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t v;

	asm volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint16_t inw(uint16_t port)
{
	uint16_t v;

	asm volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint32_t inl(uint16_t port)
{
	uint32_t v;

	asm volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint16_t swap16(uint16_t v)
{
	return __builtin_bswap16(v);
}
static inline uint32_t swap32(uint32_t v)
{
	return __builtin_bswap32(v);
}

/* main.c */
void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
uint32_t now_ms(void);

/** timer_wait() - Leave the processor to others until the timer's next interrupt. */
void timer_wait(void);

/* console.c */

/**
 * say() - Write one line to COM1.
 * @format:	%u number, %x 16 bits as four hexadecimal digits, %s string, %i IPv4 address (host
 *byte order), %m pointer to a MAC address
 */
void say(const char *format, ...);
void console_start(void);

/* options.c; addresses in host byte order */

/**
 * struct options - The kernel's command line.
 * @ip, @mask:		of each network device; ip 0: none
 * @peer:		whom to send to
 * @tcp_ip, @tcp_port:	where to connect; port 0: nowhere
 * @listen_port:	where to be connected to; 0: nowhere
 * @disks:		write to the disks
 * @disk_load:		so many records are under way on each at a time; 0: one each tick
 */
struct options {
	uint32_t ip[NIC_COUNT_MAX];
	uint32_t mask[NIC_COUNT_MAX];
	uint32_t peer[PEER_COUNT_MAX];
	unsigned int peer_count;
	uint32_t tcp_ip;
	uint16_t tcp_port;
	uint16_t listen_port;
	bool disks;
	uint32_t disk_load;
};

extern struct options options;
void options_read(const char *line);

/* virtio_net.c */

/** nics_start() - Find the virtio network devices. Return: their number */
unsigned int nics_start(void);
const uint8_t *nic_mac(unsigned int nic);

/** nic_send() - Send a frame; it is dropped when the device has not sent the last 64 yet. */
void nic_send(unsigned int nic, const void *frame, size_t size);

/** nic_receive() - Take a frame that has come. Return: its size, 0 for none */
size_t nic_receive(unsigned int nic, void *frame, size_t size_max);

/* ethernet.c */

/** struct eth_header - An Ethernet frame's; the type in network byte order. */
struct eth_header {
	uint8_t to[MAC_SIZE];
	uint8_t from[MAC_SIZE];
	uint16_t type_be;
} PACKED;

enum eth_type { ETH_IP = 0x0800, ETH_ARP = 0x0806 };

void ethernet_tick(void);
void ethernet_receive(unsigned int nic, const uint8_t *frame, size_t size);

/** eth_send() - Send @size bytes at @payload to @mac. */
void eth_send(unsigned int nic, const uint8_t *mac, enum eth_type type, const void *payload,
	      size_t size);

/**
 * neighbour_find() - A neighbour's MAC address and the device that leads to it.
 * Return: NULL when it isn't known yet; it is asked for then
 */
const uint8_t *neighbour_find(uint32_t ip, unsigned int *ret_nic);

/* ip.c */
enum ip_protocol { IP_ICMP = 1, IP_TCP = 6, IP_UDP = 17 };

/**
 * struct ip_place - The other end of an exchange.
 * @nic:	the device that leads there
 * @mac:	its MAC address
 * @ip:		its address, in host byte order
 */
struct ip_place {
	unsigned int nic;
	uint8_t mac[MAC_SIZE];
	uint32_t ip;
};

void ip_tick(uint32_t tick);
void ip_receive(unsigned int nic, const uint8_t *from_mac, const uint8_t *packet, size_t size);
void ip_send(const struct ip_place *to, enum ip_protocol protocol, const void *payload,
	     size_t size);

/** checksum() - The Internet checksum, in network byte order, of @size bytes after @sum was
 * counted. */
uint16_t checksum(const void *data, size_t size, uint32_t sum);

/* tcp.c */
void tcp_receive(const struct ip_place *from, const uint8_t *segment, size_t size);

/** tcp_poll() - Send what is due: numbers up to @tick, and again what was not acknowledged. */
void tcp_poll(uint32_t tick);

/* disk_check.c */

/** disks_start() - Find the disks and where their records end. */
void disks_start(void);
void disks_tick(void);

/** disks_poll() - Take what has ended, and go on. */
void disks_poll(void);

#endif
