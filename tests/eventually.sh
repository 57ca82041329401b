# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For tests where a program starts slowly (sourced): eventually.

# eventually CMD...: tried until it succeeds; every 0.1 s for three minutes. EVENTUALLY_TRIES, EVENTUALLY_PAUSE: how often, and what is between.
eventually()
{
	local tries

	for ((tries = 0; tries < ${EVENTUALLY_TRIES:-1800}; tries++)); do
		! "$@" > /dev/null 2>&1 || return 0
		sleep "${EVENTUALLY_PAUSE:-0.1}"
	done
	return 1
}
