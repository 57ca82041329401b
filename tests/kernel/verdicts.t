#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the firewall lets pass and what it doesn't, frame by frame, with connection tracking: tests/data/verdicts/*.table.
# Long: it sends every frame of four tables, and the emulated kernel is slow; verdicts-stateless.t stays.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/frames/topology.sh
. "$root/tests/frames/topology.sh"
only_in_machine
own_space "$0" "$@"
furnish_space plain_bridge
cat "$root"/tests/data/verdicts/{rules,spoofing,answers,malformed}.table > /run/table
exec "$root/build/tests/frames/verdicts" tracking "$root/build/tests/firewall-tool" /run/table
