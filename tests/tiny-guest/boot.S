/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tiny guest's entry by multiboot, its segments, and the interrupt of its timer. */

#define MULTIBOOT_MAGIC 0x1badb002

	.section .multiboot, "a"
	.align 4
	.long MULTIBOOT_MAGIC, 0, -MULTIBOOT_MAGIC

	.text
	.globl start, timer_interrupt
start:
	cli
	movl $stack_end, %esp
	lgdt gdt_pointer
	ljmp $8, $1f
1:	movw $16, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %fs
	movw %ax, %gs
	movw %ax, %ss
	pushl %ebx			/* struct multiboot */
	call tiny_main
2:	hlt
	jmp 2b

/* IRQ 0: counts, and tells the interrupt controller that it is served. */
timer_interrupt:
	pushl %eax
	incl timer_count
	movb $0x20, %al
	outb %al, $0x20
	popl %eax
	iret

	.data
	.align 8
gdt:	.quad 0, 0x00cf9a000000ffff, 0x00cf92000000ffff	/* code at 8, data at 16: all 4 GiB */
gdt_pointer:
	.word . - gdt - 1
	.long gdt

	.bss
	.align 16
	.skip 16384
stack_end:
