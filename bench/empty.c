/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program that does nothing: what the start of any program costs. */
int main(void)
{
	return 0;
}
