#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests in two VLANs on a VLAN-aware bridge: tests/data/verdicts/vlans.table, with connection tracking.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/frames/topology.sh
. "$root/tests/frames/topology.sh"
only_in_machine
own_space "$0" "$@"
furnish_space aware_bridge
exec "$root/build/tests/frames/verdicts" tracking "$root/build/tests/firewall-tool" "$root/tests/data/verdicts/vlans.table"
