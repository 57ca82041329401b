#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A hook that does nothing, as an administrator would write it in Python."""
import sys

sys.stdin.read()
