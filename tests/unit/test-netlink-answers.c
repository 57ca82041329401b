/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each request to the kernel gets its own answer: errno, the kernel's text, every message of a
 * list. */
#include "tests/unit/image-fixture.h"

#include <arpa/inet.h>
#include <limits.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "netfw/netlink.h"

static struct netlink *netlink;
/* Of so many answers the kernel says that they changed while it wrote them. */
static int changing;

ssize_t recvmsg(int fd, struct msghdr *header, int flags)
{
	ssize_t length = syscall(SYS_recvmsg, fd, header, flags);

	if (length > 0 && changing > 0) {
		struct nlmsghdr *first = header->msg_iov->iov_base;
		first->nlmsg_flags |= NLM_F_DUMP_INTR;
		changing--;
	}
	return length;
}

static int open_socket(void **state)
{
	struct err err;

	(void)state;
	return netlink_open(NETLINK_ROUTE, &netlink, &err);
}

static int close_socket(void **state)
{
	(void)state;
	netlink_closep(&netlink);
	assert_null(netlink);
	return 0;
}

static struct nl_msg *ask_for(const char *name)
{
	struct ifinfomsg header = {.ifi_family = AF_UNSPEC};
	struct nl_msg *message =
		netlink_message(RTM_GETLINK, 0, &header, sizeof(header), NETLINK_MESSAGE_BYTES);

	if (name)
		netlink_put_string(message, IFLA_IFNAME, name);
	return message;
}

static int count_loopback(struct nlmsghdr *message, void *data, struct err *err)
{
	const struct ifinfomsg *header = nlmsg_data(message);

	(void)err;
	assert_int_equal(message->nlmsg_type, RTM_NEWLINK);
	if (header->ifi_flags & IFF_LOOPBACK)
		++*(int *)data;
	return 0;
}

static int refuse(struct nlmsghdr *message, void *data, struct err *err)
{
	(void)message;
	++*(int *)data;
	return err_set(err, EBADMSG, "seen");
}

static void test_one_answer(void **state)
{
	cleanup_message struct nl_msg *message = ask_for("lo");
	struct err err;
	int count = 0;

	(void)state;
	assert_int_equal(netlink_ask(netlink, message, count_loopback, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_int_equal(netlink_do(netlink, message, &err), 0);
}

static void test_refused(void **state)
{
	cleanup_message struct nl_msg *message = ask_for("berth-nosuch");
	cleanup_message struct nl_msg *after = ask_for("lo");
	struct err err;
	int count = 0;

	(void)state;
	assert_int_equal(netlink_ask(netlink, message, count_loopback, &count, &err), -ENODEV);
	assert_int_equal(err.code, ENODEV);
	assert_string_equal(err.text, strerror(ENODEV));
	assert_int_equal(count, 0);
	assert_int_equal(netlink_ask(netlink, after, count_loopback, &count, &err), 0);
	assert_int_equal(count, 1);
}

/* net/core/neighbour.c, neigh_get() */
static void test_the_kernels_text(void **state)
{
	struct ndmsg header = {.ndm_family = AF_INET};
	cleanup_message struct nl_msg *message =
		netlink_message(RTM_GETNEIGH, 0, &header, sizeof(header), NETLINK_MESSAGE_BYTES);
	struct err err;

	(void)state;
	netlink_put_u32(message, NDA_DST, htonl(0xc0000201));
	assert_int_equal(netlink_do(netlink, message, &err), -EINVAL);
	assert_string_equal(err.text, "Invalid argument: No device specified");
}

static void test_a_list(void **state)
{
	cleanup_message struct nl_msg *message = ask_for(NULL);
	struct err err;
	int count = 0;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(netlink_dump(netlink, message, count_loopback, &count, &err), 0);
	assert_int_equal(count, 3);
}

static void test_a_list_that_changes(void **state)
{
	cleanup_message struct nl_msg *message = ask_for(NULL);
	struct err err;
	int count = 0;

	(void)state;
	changing = 100;
	assert_int_equal(netlink_dump(netlink, message, count_loopback, &count, &err), 0);
	assert_int_equal(changing, 0);
	assert_int_equal(count, 1);
	changing = INT_MAX;
	assert_int_equal(netlink_dump(netlink, message, count_loopback, &count, &err), -EAGAIN);
	changing = 0;
	assert_int_equal(count, 1);
	assert_string_equal(err.text,
			    "a list of the kernel's changed whenever it was read for 3 s");
}

static void test_who_asks_can_end_it(void **state)
{
	cleanup_message struct nl_msg *one = ask_for("lo");
	cleanup_message struct nl_msg *list = ask_for(NULL);
	struct err err;
	int count = 0;

	(void)state;
	assert_int_equal(netlink_ask(netlink, one, refuse, &count, &err), -EBADMSG);
	assert_string_equal(err.text, "seen");
	assert_int_equal(netlink_dump(netlink, list, refuse, &count, &err), -EBADMSG);
	assert_int_equal(count, 2);
	count = 0;
	assert_int_equal(netlink_dump(netlink, list, count_loopback, &count, &err), 0);
	assert_int_equal(count, 1);
}

static void test_batch_names_the_first_that_failed(void **state)
{
	cleanup_message struct nl_msg *good = ask_for("lo");
	cleanup_message struct nl_msg *bad = ask_for("berth-nosuch");
	cleanup_strbuf struct strbuf batch = {0};
	uint32_t failed = 0;
	struct err err;

	(void)state;
	netlink_batch_add(netlink, &batch, good);
	uint32_t second = netlink_batch_add(netlink, &batch, bad);
	netlink_batch_add(netlink, &batch, bad);
	nlmsg_hdr(good)->nlmsg_flags |= NLM_F_ACK;
	uint32_t last = netlink_batch_add(netlink, &batch, good);
	assert_int_equal(netlink_batch_do(netlink, &batch, last, &failed, &err), -ENODEV);
	assert_int_equal(failed, second);
	assert_int_equal(netlink_do(netlink, good, &err), 0);
}

/* What nf_tables calls a trial: only errors are answered. */
static void test_batch_without_acknowledgement(void **state)
{
	cleanup_message struct nl_msg *good = ask_for("lo");
	cleanup_message struct nl_msg *bad = ask_for("berth-nosuch");
	cleanup_strbuf struct strbuf batch = {0};
	cleanup_strbuf struct strbuf empty = {0};
	uint32_t failed = 7;
	struct err err;

	(void)state;
	netlink_batch_add(netlink, &batch, good);
	assert_int_equal(netlink_batch_do(netlink, &batch, 0, &failed, &err), 0);
	assert_int_equal(failed, 0);
	uint32_t second = netlink_batch_add(netlink, &batch, bad);
	assert_int_equal(netlink_batch_do(netlink, &batch, 0, &failed, &err), -ENODEV);
	assert_int_equal(failed, second);
	assert_int_equal(netlink_batch_do(netlink, &empty, 0, NULL, &err), 0);
}

static void test_no_such_protocol(void **state)
{
	cleanup_netlink struct netlink *other = NULL;
	struct err err;

	(void)state;
	assert_int_equal(netlink_open(29, &other, &err), -EPROTONOSUPPORT);
	assert_null(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_answer, open_socket, close_socket),
		cmocka_unit_test_setup_teardown(test_refused, open_socket, close_socket),
		cmocka_unit_test_setup_teardown(test_the_kernels_text, open_socket, close_socket),
		cmocka_unit_test_setup_teardown(test_a_list, open_socket, close_socket),
		cmocka_unit_test_setup_teardown(test_a_list_that_changes, open_socket,
						close_socket),
		cmocka_unit_test_setup_teardown(test_who_asks_can_end_it, open_socket,
						close_socket),
		cmocka_unit_test_setup_teardown(test_batch_names_the_first_that_failed, open_socket,
						close_socket),
		cmocka_unit_test_setup_teardown(test_batch_without_acknowledgement, open_socket,
						close_socket),
		cmocka_unit_test(test_no_such_protocol),
	};

	return run_as_tap(tests);
}
