# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For tests that wait for something (sourced): wait_until.

# wait_until CMD...: polls CMD until it succeeds; fails after three minutes, which suits a busy machine. WAIT_SECONDS, WAIT_PAUSE: after
# how many, and what is between two looks.
wait_until()
{
	local deadline=$((${EPOCHREALTIME/./} + ${WAIT_SECONDS:-180} * 1000000))

	until "$@" > /dev/null 2>&1; do
		[ "${EPOCHREALTIME/./}" -lt $deadline ] || return 1
		sleep "${WAIT_PAUSE:-0.1}"
	done
}
