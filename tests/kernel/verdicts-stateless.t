#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the firewall lets pass and what it doesn't, frame by frame, without connection tracking, by Debian's kernel: tests/data/verdicts/*.table.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/frames/topology.sh
. "$root/tests/frames/topology.sh"
only_in_machine
own_space "$0" "$@"
furnish_space plain_bridge
cat "$root"/tests/data/verdicts/{rules,spoofing,answers,malformed}.table > /run/table
exec "$root/build/tests/frames/verdicts" stateless "$root/build/tests/firewall-tool" /run/table
