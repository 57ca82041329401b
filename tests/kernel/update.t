#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# While a policy is changed nothing passes that neither the old nor the new one allows; established connections go on.

root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/frames/topology.sh
. "$root/tests/frames/topology.sh"
# shellcheck source=tests/frames/two-policies.sh
. "$root/tests/frames/two-policies.sh"
only_in_machine
own_space "$0" "$@"
furnish_space plain_bridge
two_policies /run/a.xml /run/b.xml
exec "$root/build/tests/frames/update" tracking /run/a.xml /run/b.xml 200
