/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random names: of a migration, of a copy of a disk's content. */
#ifndef BERTH_HOOKS_PLAN_TOKEN_H
#define BERTH_HOOKS_PLAN_TOKEN_H

#include "base/err.h"

/* 32 hex digits and a NUL. */
#define TOKEN_TEXT_MAX 33

/* token_make() - a name that nobody else has or can guess. Return: 0 or -EIO. */
int token_make(char ret[static TOKEN_TEXT_MAX], struct err *err);

#endif
