#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests in two VLANs with a bridge for each VLAN: tests/data/verdicts/vlans.table, with connection tracking.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/frames/topology.sh
. "$root/tests/frames/topology.sh"
only_in_machine
own_space "$0" "$@"
furnish_space vlan_bridges
exec "$root/build/tests/frames/verdicts" tracking "$root/build/tests/firewall-tool" "$root/tests/data/verdicts/vlans.table" --vlan-bridges
