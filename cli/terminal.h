/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the command prints, on its way out. */
#ifndef BERTH_CLI_TERMINAL_H
#define BERTH_CLI_TERMINAL_H

/**
 * terminal_guard() - from now on stdout and stderr pass only what may be shown, and line breaks
 *
 * Of what may not (base/printable.h) each byte becomes a '?'. JSON escapes it before, and loses
 * nothing.
 */
void terminal_guard(void);

#endif
