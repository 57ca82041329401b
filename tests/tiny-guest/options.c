// SPDX-License-Identifier: GPL-2.0-or-later
// The tiny guest's command line: ip=10.0.0.1/24 ip1=... peer=10.0.0.2 tcp=10.0.0.2:5001 listen=5001
// disks=check disk-load=8
#include "tiny.h"

struct options options;

static bool take_number(const char **text, uint32_t *ret)
{
	const char *p = *text;
	uint32_t n = 0;

	while (*p >= '0' && *p <= '9' && n < 100000)
		n = n * 10 + (*p++ - '0');
	if (p == *text)
		return false;
	*text = p;
	*ret = n;
	return true;
}

static bool take_char(const char **text, char c)
{
	if (**text != c)
		return false;
	++*text;
	return true;
}

static bool take_ip(const char **text, uint32_t *ret)
{
	uint32_t byte, ip = 0;

	for (int i = 0; i < 4; i++) {
		if ((i && !take_char(text, '.')) || !take_number(text, &byte) || byte > 255)
			return false;
		ip = ip << 8 | byte;
	}
	*ret = ip;
	return true;
}

static bool take_port(const char **text, uint16_t *ret)
{
	uint32_t port;

	if (!take_number(text, &port) || !port || port > 65535)
		return false;
	*ret = port;
	return true;
}

/* take_word() - Whether @text goes on with @word, which is then passed. */
static bool take_word(const char **text, const char *word)
{
	const char *p = *text;

	while (*word)
		if (*p++ != *word++)
			return false;
	*text = p;
	return true;
}

/* ip=ADDRESS/LENGTH or ipN= */
static bool read_ip(const char **p)
{
	uint32_t nic = 0, length;

	take_number(p, &nic);
	if (!take_char(p, '=') || nic >= NIC_COUNT_MAX || !take_ip(p, &options.ip[nic]) ||
	    !take_char(p, '/') || !take_number(p, &length) || length < 1 || length > 32)
		return false;
	options.mask[nic] = ~0U << (32 - length);
	return true;
}

static bool read_peer(const char **p)
{
	return options.peer_count < PEER_COUNT_MAX &&
	       take_ip(p, &options.peer[options.peer_count++]);
}

static bool read_disk_load(const char **p)
{
	options.disks = true;
	return take_number(p, &options.disk_load) && options.disk_load &&
	       options.disk_load <= DISK_LOAD_MAX;
}

static bool read_option(const char *p)
{
	bool good;

	if (take_word(&p, "ip"))
		good = read_ip(&p);
	else if (take_word(&p, "peer="))
		good = read_peer(&p);
	else if (take_word(&p, "tcp="))
		good = take_ip(&p, &options.tcp_ip) && take_char(&p, ':') &&
		       take_port(&p, &options.tcp_port);
	else if (take_word(&p, "listen="))
		good = take_port(&p, &options.listen_port);
	else if (take_word(&p, "disks=check"))
		good = options.disks = true;
	else if (take_word(&p, "disk-load="))
		good = read_disk_load(&p);
	else
		good = false;
	return good && (*p == ' ' || !*p);
}

void options_read(const char *line)
{
	// The first word is the kernel's own name.
	while (*line && *line != ' ')
		line++;
	while (*line) {
		while (*line == ' ')
			line++;
		if (*line && !read_option(line))
			say("BROKEN option in: %s", line);
		while (*line && *line != ' ')
			line++;
	}
}
