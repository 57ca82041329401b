#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest's tap, from the moment it exists: nothing that the rules forbid gets to the guest; and with a closed name, nothing
# either way; with connection tracking.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/frames/topology.sh
. "$root/tests/frames/topology.sh"
only_in_machine
own_space "$0" "$@"
furnish_space uplink_bridge
cat > /run/policy.xml <<'XML'
<policy>
 <port mac='52:54:00:00:00:10'><address>10.0.0.10</address><group>g</group></port>
 <group name='g'><rule direction='ingress' protocol='tcp' ports='80'/></group>
</policy>
XML
exec "$root/build/tests/frames/probe" tracking /run/policy.xml 100
