/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors: one line of text and an errno, on the caller's stack; reporting one cannot fail. */
#ifndef BERTH_BASE_ERR_H
#define BERTH_BASE_ERR_H

/**
 * struct err - why a call failed
 * @code: a positive errno value
 * @text: one line, outer to inner: "disk 'vda': image '/srv/vm/a.qcow2': exists; remove it"
 *
 * The text never holds a line break or anything else that may not be shown (base/printable.h),
 * whatever was formatted into it.
 * What is too long is cut and ends in "...".
 */
struct err {
	int code;
	char text[2048];
};

/**
 * err_set() - start an error
 * @err: where to write it; overwritten
 * @code: a positive errno value
 * @fmt: printf-style: what is wrong, with the object and the value; then "; " and what to do
 *
 * Return: -@code, so that a caller can write "return err_set(err, EINVAL, ...)".
 */
int err_set(struct err *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/**
 * err_wrap() - put context before an error on its way up
 * @err: an error that err_set() made
 * @fmt: printf-style: the object that was worked on, without a colon at the end
 *
 * Return: -@err->code.
 */
int err_wrap(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
