/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Of berth-gate alone: names are not looked up.
 *
 * libnl has functions that nobody here calls and that ask the host's name services. glibc can do
 * that in a statically linked program only by loading its shared libraries; so they find these.
 */
#include <netdb.h>
#include <stddef.h>

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
		struct addrinfo **ret)
{
	(void)name;
	(void)service;
	(void)hints;
	*ret = NULL;
	return EAI_FAIL;
}

void freeaddrinfo(struct addrinfo *list)
{
	(void)list;
}

struct protoent *getprotobyname(const char *name)
{
	(void)name;
	return NULL;
}

struct protoent *getprotobynumber(int number)
{
	(void)number;
	return NULL;
}
