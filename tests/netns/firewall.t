#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What this kernel, without connection tracking of bridged packets, makes of the golden cases of the firewall is what nft
# makes of their listings; from each to another only the difference is changed.

# shellcheck source=tests/own-space.sh
. "$(dirname "$0")/../own-space.sh"
own_space "$0" "$@"
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/tap.sh
. "$root/tests/lab/tap.sh"
# shellcheck source=tests/netns/firewall.sh
. "$root/tests/netns/firewall.sh"

mount -t tmpfs work /mnt || skip_all "no namespaces of our own"
check_cases stateless /mnt "$root/tests/data/firewall"
check_differences stateless /mnt "$root/tests/data/firewall" 120
compare_json /mnt
done_testing
