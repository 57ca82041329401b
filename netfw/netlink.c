/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink's sockets: sending, and waiting for exactly the answer to what was sent.
 *
 * Theory of operation: libnl builds and takes apart messages; it does not send and receive them
 * here, because it turns different errnos into one code of its own and skips the kernel's text.
 * Each message has a sequence number, each request asks for an acknowledgement. exchange() sends
 * bytes and then takes every message that comes: those with another sequence number are late
 * answers to a request that was given up, and are skipped; an error or the acknowledgement ends it.
 * What does not come from the kernel (a process can write to this socket too) is skipped.
 */
#include "netfw/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define ANSWER_WITHIN_MS 10000
/* Others may change nf_tables all the time: a hundred readings fail before one in a quiet moment.
 */
#define DUMP_WITHIN_MS 3000
#define SOCKET_BUFFER_BYTES (64 << 20)
/* A dump's datagrams have 32 KiB at most (net/netlink/af_netlink.c, netlink_recvmsg()). */
#define RECEIVE_BYTES (256 << 10)

struct netlink {
	struct nl_sock *sock;
	int fd;
	uint32_t sequence;
	char *received;
};

/**
 * struct exchange - one request, or batch of them, and what has come of it
 * @first, @last: sequence numbers of what was sent
 * @acked: the one whose acknowledgement ends it
 * @dump: the end is NLMSG_DONE, not an acknowledgement
 * @list: what a dump has brought so far
 * @interrupted: the dump isn't consistent
 * @failed: the first that was refused
 * @result: its negative errno
 */
struct exchange {
	uint32_t first;
	uint32_t last;
	uint32_t acked;
	bool dump;
	netlink_each *each;
	void *data;
	struct strbuf *list;
	bool interrupted;
	bool ended;
	uint32_t failed;
	int result;
	struct err *err;
};

/* More than net.core.[rw]mem_max needs CAP_NET_ADMIN; without it the kernel's largest must do. */
static void set_buffer(int fd, int forced, int plain)
{
	const int bytes = SOCKET_BUFFER_BYTES;

	if (setsockopt(fd, SOL_SOCKET, forced, &bytes, sizeof(bytes)) < 0)
		setsockopt(fd, SOL_SOCKET, plain, &bytes, sizeof(bytes));
}

static int connect_socket(struct netlink *netlink, int protocol, struct err *err)
{
	static const int on = 1;

	int rc = nl_connect(netlink->sock, protocol);
	if (rc < 0)
		return err_set(err,
			       rc == -NLE_NOMEM ? ENOMEM
			       : errno          ? errno
						: EPROTONOSUPPORT,
			       "netlink protocol %d: %s", protocol, nl_geterror(rc));
	netlink->fd = nl_socket_get_fd(netlink->sock);
	if (setsockopt(netlink->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) < 0 ||
	    setsockopt(netlink->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)) < 0)
		return err_set(err, errno, "netlink protocol %d: error reports: %s", protocol,
			       strerror(errno));
	set_buffer(netlink->fd, SO_SNDBUFFORCE, SO_SNDBUF);
	set_buffer(netlink->fd, SO_RCVBUFFORCE, SO_RCVBUF);
	return 0;
}

int netlink_open(int protocol, struct netlink **ret, struct err *err)
{
	cleanup_netlink struct netlink *netlink = xcalloc(1, sizeof(*netlink));

	netlink->received = xcalloc(1, RECEIVE_BYTES);
	netlink->sequence = (uint32_t)time(NULL);
	netlink->sock = nl_socket_alloc();
	if (!netlink->sock)
		return err_set(err, ENOMEM, "netlink protocol %d: no memory", protocol);
	int rc = connect_socket(netlink, protocol, err);
	if (rc < 0)
		return rc;
	*ret = steal_pointer(netlink);
	return 0;
}

void netlink_closep(struct netlink **netlink)
{
	if (!*netlink)
		return;
	if ((*netlink)->sock)
		nl_socket_free((*netlink)->sock);
	free((*netlink)->received);
	free(*netlink);
	*netlink = NULL;
}

/* Its exit closes the socket: when nobody else holds it any more, who would have to wait then. A
 * signal for the parent's group is not meant for it. */
static void __attribute__((noreturn)) hold_and_exit(int fd, int others)
{
	char nothing;

	setsid();
	if (dup3(others, STDOUT_FILENO, 0) < 0 || dup3(fd, STDIN_FILENO, 0) < 0 ||
	    close_range(STDERR_FILENO, ~0u, 0) < 0 || chdir("/") < 0)
		_exit(1);
	while (read(STDOUT_FILENO, &nothing, 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

void netlink_close_later(struct netlink **netlink)
{
	int others[2] = {-1, -1};

	if (pipe2(others, O_CLOEXEC) < 0) {
		netlink_closep(netlink);
		return;
	}
	/* Twice: the grandchild is nobody's zombie. */
	pid_t child = fork();
	if (child == 0) {
		if (fork() == 0)
			hold_and_exit((*netlink)->fd, others[0]);
		_exit(0);
	}
	close(others[0]);
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	netlink_closep(netlink);
	close(others[1]);
}

/* 0 means "none" to our callers. */
static uint32_t next_sequence(struct netlink *netlink)
{
	if (++netlink->sequence == 0)
		++netlink->sequence;
	return netlink->sequence;
}

static int send_bytes(struct netlink *netlink, const void *bytes, size_t length, struct err *err)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	ssize_t sent;

	do {
		sent = sendto(netlink->fd, bytes, length, 0, (struct sockaddr *)&kernel,
			      sizeof(kernel));
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return err_set(err, errno, "sending %zu bytes to the kernel: %s", length,
			       strerror(errno));
	return 0;
}

/* Return: 1: something has come; 0: nothing has until the deadline. */
static int wait_readable(struct netlink *netlink, int64_t deadline_ms, struct err *err)
{
	struct pollfd fd = {.fd = netlink->fd, .events = POLLIN};

	for (;;) {
		int64_t left = deadline_ms - clock_now_ms();
		int rc = poll(&fd, 1, left > 0 ? (int)left : 0);
		if (rc >= 0)
			return rc;
		if (errno != EINTR)
			return err_set(err, errno, "waiting for the kernel's answer: %s",
				       strerror(errno));
	}
}

/* Return: length of the datagram in netlink->received; 0: it was not the kernel's. */
static int receive(struct netlink *netlink, struct err *err)
{
	struct sockaddr_nl from = {0};
	struct iovec room = {.iov_base = netlink->received, .iov_len = RECEIVE_BYTES};
	struct msghdr header = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &room, .msg_iovlen = 1};
	ssize_t length = recvmsg(netlink->fd, &header, MSG_DONTWAIT);

	if (length < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (length < 0)
		return err_set(err, errno, "receiving the kernel's answer: %s", strerror(errno));
	if (header.msg_namelen != sizeof(from) || from.nl_pid != 0)
		return 0;
	if (header.msg_flags & MSG_TRUNC)
		return err_set(err, EMSGSIZE, "the kernel's answer is longer than %d bytes",
			       RECEIVE_BYTES);
	return (int)length;
}

/* The kernel's own words, which stand in attributes behind @skip bytes of the message's content. */
static int refused(struct exchange *exchange, struct nlmsghdr *message, int code, size_t skip)
{
	struct nlattr *attrs[NLMSGERR_ATTR_MAX + 1] = {0};
	int left = nlmsg_datalen(message) - (int)NLMSG_ALIGN(skip);
	char where[64] = "";

	if (message->nlmsg_flags & NLM_F_ACK_TLVS && left > 0)
		nla_parse(attrs, NLMSGERR_ATTR_MAX,
			  (struct nlattr *)((char *)nlmsg_data(message) + NLMSG_ALIGN(skip)), left,
			  NULL);
	const struct nlattr *text = attrs[NLMSGERR_ATTR_MSG];
	const struct nlattr *offset = attrs[NLMSGERR_ATTR_OFFS];
	if (offset && nla_len(offset) >= (int)sizeof(uint32_t))
		snprintf(where, sizeof(where), " (attribute at byte %u)", nla_get_u32(offset));
	if (text && nla_len(text) > 0)
		return err_set(exchange->err, code, "%s: %.*s%s", strerror(code), nla_len(text),
			       (const char *)nla_data(text), where);
	return err_set(exchange->err, code, "%s%s", strerror(code), where);
}

static void take_error(struct exchange *exchange, struct nlmsghdr *message)
{
	const struct nlmsgerr *answer = nlmsg_data(message);
	size_t skip = sizeof(*answer);

	if (nlmsg_datalen(message) < (int)sizeof(*answer))
		return;
	if (!(message->nlmsg_flags & NLM_F_CAPPED) && answer->error &&
	    answer->msg.nlmsg_len >= NLMSG_HDRLEN)
		skip += answer->msg.nlmsg_len - NLMSG_HDRLEN;
	if (answer->error && !exchange->result) {
		exchange->failed = message->nlmsg_seq;
		exchange->result = refused(exchange, message, -answer->error, skip);
	}
	if (message->nlmsg_seq == exchange->acked)
		exchange->ended = true;
}

static void take_done(struct exchange *exchange, struct nlmsghdr *message)
{
	int error = 0;

	if (nlmsg_datalen(message) >= (int)sizeof(error))
		memcpy(&error, nlmsg_data(message), sizeof(error));
	if (error < 0)
		exchange->result = refused(exchange, message, -error, sizeof(error));
	exchange->ended = true;
}

static void take(struct exchange *exchange, struct nlmsghdr *message)
{
	if (message->nlmsg_seq - exchange->first > exchange->last - exchange->first)
		return;
	if (exchange->dump && message->nlmsg_flags & NLM_F_DUMP_INTR)
		exchange->interrupted = true;
	if (message->nlmsg_type == NLMSG_ERROR)
		take_error(exchange, message);
	else if (message->nlmsg_type == NLMSG_DONE)
		take_done(exchange, message);
	else if (message->nlmsg_type < NLMSG_MIN_TYPE || exchange->result)
		return;
	else if (exchange->dump)
		strbuf_add(exchange->list, message, NLMSG_ALIGN(message->nlmsg_len));
	else if (exchange->each)
		exchange->result = exchange->each(message, exchange->data, exchange->err);
}

/* Return: 1: wait for more; 0: nothing more comes; or a negative errno. */
static int await_more(struct netlink *netlink, struct exchange *exchange, int64_t deadline_ms)
{
	int rc = wait_readable(netlink, exchange->result ? 0 : deadline_ms, exchange->err);

	if (rc != 0 || exchange->result || !exchange->acked)
		return rc;
	return err_set(exchange->err, ETIME, "no answer from the kernel within %d s",
		       ANSWER_WITHIN_MS / 1000);
}

/* Takes what comes until the answer is complete. The kernel answers most questions while they are
 * sent, so it is waited for only where nothing is there. After an error what else is there is taken
 * too, but not waited for: nf_tables doesn't always answer the rest of a batch. */
static int take_answer(struct netlink *netlink, struct exchange *exchange)
{
	const int64_t deadline_ms = clock_now_ms() + (exchange->acked ? ANSWER_WITHIN_MS : 0);

	while (!exchange->ended) {
		int left = receive(netlink, exchange->err);
		int rc = left ? left : await_more(netlink, exchange, deadline_ms);
		if (rc < 0)
			return rc;
		if (rc == 0)
			break;
		for (struct nlmsghdr *message = (struct nlmsghdr *)netlink->received;
		     nlmsg_ok(message, left); message = nlmsg_next(message, &left))
			take(exchange, message);
	}
	return exchange->result;
}

static int exchange_bytes(struct netlink *netlink, const void *bytes, size_t length,
			  struct exchange *exchange)
{
	int rc = send_bytes(netlink, bytes, length, exchange->err);

	return rc < 0 ? rc : take_answer(netlink, exchange);
}

static int exchange_message(struct netlink *netlink, struct nl_msg *message, int flags,
			    struct exchange *exchange)
{
	struct nlmsghdr *header = nlmsg_hdr(message);

	header->nlmsg_seq = next_sequence(netlink);
	header->nlmsg_flags |= (uint16_t)(NLM_F_REQUEST | flags);
	exchange->first = exchange->last = exchange->acked = header->nlmsg_seq;
	return exchange_bytes(netlink, header, header->nlmsg_len, exchange);
}

int netlink_ask(struct netlink *netlink, struct nl_msg *message, netlink_each *each, void *data,
		struct err *err)
{
	struct exchange exchange = {.each = each, .data = data, .err = err};

	return exchange_message(netlink, message, NLM_F_ACK, &exchange);
}

int netlink_do(struct netlink *netlink, struct nl_msg *message, struct err *err)
{
	return netlink_ask(netlink, message, NULL, NULL, err);
}

int netlink_dump(struct netlink *netlink, struct nl_msg *message, netlink_each *each, void *data,
		 struct err *err)
{
	const int64_t deadline_ms = clock_now_ms() + DUMP_WITHIN_MS;

	do {
		cleanup_strbuf struct strbuf list = {0};
		struct exchange exchange = {.dump = true, .list = &list, .err = err};

		int rc = exchange_message(netlink, message, NLM_F_DUMP, &exchange);
		int left = (int)list.length;
		if (rc == 0 && exchange.interrupted)
			continue;
		for (struct nlmsghdr *one = (struct nlmsghdr *)list.text;
		     rc == 0 && left > 0 && nlmsg_ok(one, left); one = nlmsg_next(one, &left))
			rc = each(one, data, err);
		return rc;
	} while (clock_now_ms() < deadline_ms);
	return err_set(err, EAGAIN, "a list of the kernel's changed whenever it was read for %d s",
		       DUMP_WITHIN_MS / 1000);
}

uint32_t netlink_batch_add(struct netlink *netlink, struct strbuf *batch, struct nl_msg *message)
{
	static const char padding[NLMSG_ALIGNTO];
	struct nlmsghdr *header = nlmsg_hdr(message);

	header->nlmsg_seq = next_sequence(netlink);
	header->nlmsg_flags |= NLM_F_REQUEST;
	strbuf_add(batch, header, header->nlmsg_len);
	strbuf_add(batch, padding, NLMSG_ALIGN(header->nlmsg_len) - header->nlmsg_len);
	return header->nlmsg_seq;
}

int netlink_batch_do(struct netlink *netlink, const struct strbuf *batch, uint32_t acked,
		     uint32_t *failed, struct err *err)
{
	const struct nlmsghdr *first = (const struct nlmsghdr *)batch->text;
	struct exchange exchange = {.acked = acked, .err = err};

	if (batch->length < NLMSG_HDRLEN)
		return 0;
	exchange.first = first->nlmsg_seq;
	exchange.last = netlink->sequence;
	int rc = exchange_bytes(netlink, batch->text, batch->length, &exchange);
	if (failed)
		*failed = exchange.failed;
	return rc;
}
