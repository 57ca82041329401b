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

/* libnl 3.12 asks these. */
int getprotobyname_r(const char *name, struct protoent *entry, char *buffer, size_t size_bytes,
		     struct protoent **ret)
{
	(void)name;
	(void)entry;
	(void)buffer;
	(void)size_bytes;
	*ret = NULL;
	return 0;
}

int getprotobynumber_r(int number, struct protoent *entry, char *buffer, size_t size_bytes,
		       struct protoent **ret)
{
	(void)number;
	(void)entry;
	(void)buffer;
	(void)size_bytes;
	*ret = NULL;
	return 0;
}
