#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# aborted-then-moved.t, many times, with all combinations of its options and delays.
# Long: it repeats a race.

ABORTED_MOVES=${ABORTED_MOVES:-40}
# shellcheck source=tests/lab/aborted-then-moved.t
. "$(dirname "$0")/aborted-then-moved.t"
