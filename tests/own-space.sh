# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For tests that need a network and mounts of their own (sourced first of all): own_space.

# own_space FILE ARGUMENT...: runs the test again, in namespaces that go with it; INSIDE tells that it is there
own_space()
{
	[ -z "${INSIDE:-}" ] || return 0
	INSIDE=1 exec unshare --net --mount --propagation private "$BASH" "$@"
}
