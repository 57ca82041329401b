// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Preloaded into user-mode Linux: lets it start on processors with AMX.
 *
 * User-mode Linux 6.1 keeps a process's floating-point state in a buffer of fixed size. With AMX
 * the state is larger (over 11 KB), the kernel wants all of it in PTRACE_SETREGSET and answers
 * EFAULT: "userspace - ptrace set fp regs failed, errno = 14". Here that call is repeated with the
 * whole state: what the kernel has, overlaid with what was given.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static long set_whole_state(pid_t pid, void *note, const struct iovec *given)
{
	static char state[65536];
	struct iovec whole = {state, sizeof(state)};

	if (syscall(SYS_ptrace, PTRACE_GETREGSET, pid, note, &whole) < 0)
		return -1;
	memcpy(state, given->iov_base,
	       given->iov_len < whole.iov_len ? given->iov_len : whole.iov_len);
	return syscall(SYS_ptrace, PTRACE_SETREGSET, pid, note, &whole);
}

/* glibc's ptrace: for the PEEK requests the answer is the word, which the system call stores at its
 * last argument. */
long ptrace(enum __ptrace_request request, ...)
{
	va_list arguments;
	va_start(arguments, request);
	pid_t pid = va_arg(arguments, pid_t);
	void *address = va_arg(arguments, void *);
	void *data = va_arg(arguments, void *);
	va_end(arguments);
	long word, result;

	if (request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA ||
	    request == PTRACE_PEEKUSER) {
		if (syscall(SYS_ptrace, request, pid, address, &word) < 0)
			return -1;
		errno = 0;
		return word;
	}
	result = syscall(SYS_ptrace, request, pid, address, data);
	if (result < 0 && errno == EFAULT && (int)request == PTRACE_SETREGSET &&
	    (unsigned long)address == NT_X86_XSTATE)
		result = set_whole_state(pid, address, data);
	return result;
}
