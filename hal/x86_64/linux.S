/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entries of Linux's boot protocol (Linux: Documentation/x86/boot.rst), for U-Boot, GRUB and whoever else loads a bzImage:
 * the flat image is one. esi = physical address of boot_params (zero-page.rst), below 4 GiB like the image; interrupts off.
 * At the image's begin: 32-bit protected mode, flat segments, paging off. 512 bytes behind it: long mode, the image and
 * boot_params mapped where they lie. U-Boot's bootm enters in long mode at the begin, so that entry serves both.
 *
 * They move the image to where it is linked, leave long mode, and go on as after the PVH entry.
 */
#include "layout.h"

#define SETUP_SIZE 0x400 /* setup_size in kernel.ld */
#define SCRATCH_END 0x1e8 /* boot_params: four bytes for the kernel, and before them four that are not used here */

	.macro field offset, kind, value:vararg
	.org \offset
	\kind \value
	.endm

	/* What loaders read, before the image in its file. All other fields are zero. */
	.section .setup, "a"
	.code16
	field 0x1f1, .byte, SETUP_SIZE / 512 - 1 /* setup_sects, without the first */
	field 0x1f4, .long, image_paragraphs /* syssize */
	field 0x1fe, .word, 0xaa55
	field 0x200, .byte, 0xeb, real_mode - header /* jump; it tells where the header ends, too */
header:	.ascii "HdrS"
	field 0x206, .word, 0x020e /* version 2.14 */
	field 0x20e, .word, version - (header - 2) /* kernel_version */
	field 0x211, .byte, 1 /* loadflags: LOADED_HIGH */
	field 0x214, .long, 0x100000 /* code32_start, by definition for an image that can be moved */
	field 0x22c, .long, 0x7fffffff /* initrd_addr_max */
	field 0x230, .long, 0x200000 /* kernel_alignment */
	field 0x234, .byte, 1 /* relocatable_kernel */
	field 0x235, .byte, 21 /* min_alignment, a power of two */
	field 0x236, .word, 1 /* xloadflags: has the 64-bit entry */
	field 0x238, .long, 2047 /* cmdline_size: COMMAND_LINE_MAX - 1 */
	field 0x258, .quad, image_start - IMAGE_OFFSET /* pref_address */
	field 0x260, .long, image_memory /* init_size */
	.org 0x268
real_mode:
	call 1f
	.asciz "cobnut: there is no entry in real mode; a boot loader has to use the 32-bit or the 64-bit one\r\n"
1:	pop %si
2:	lodsb %cs:(%si), %al
	test %al, %al
	jz 3f
	mov $0xe, %ah /* BIOS: shows a character */
	xor %bx, %bx
	int $0x10
	jmp 2b
3:	sti /* a BIOS whose console is a serial port shows the last characters by interrupts */
	hlt
	jmp 3b
version:
	.asciz "Cobnut"
	.org SETUP_SIZE

	/*
	 * Moves the image. This code is not overwritten while it runs: kernel_alignment keeps the image away from the end of its place.
	 * Up to the jump: only instructions that have the same bytes and do the same in both modes (in long mode they clear the
	 * upper halves). eax = 0 in 32-bit mode, 1 in long mode.
	 */
	.section .head, "ax"
	.code32
	.globl linux_entry
linux_entry:
	mov $1, %eax
	.byte 0x48, 0x90 /* 32-bit mode: dec %eax; nop. Long mode: nop */
1:	cli
	cld
	mov %eax, %ebp
	lea SCRATCH_END(%esi), %esp
	call 2f
2:	pop %ebx
	sub $2b - linux_entry, %ebx /* where the image is */
	mov %esi, %edx
	mov %ebx, %esi
	mov $linux_entry - IMAGE_OFFSET, %edi
	mov $image_length, %ecx
	cmp %edi, %ebx
	je 4f
	ja 3f
	lea -1(%ebx, %ecx), %esi /* up: from the end, since the two places may overlap */
	lea -1(%edi, %ecx), %edi
	std
3:	rep movsb
	cld
4:	mov %edx, %esi
	mov $moved - IMAGE_OFFSET, %ecx
	jmp *%ecx

	.org 0x200
	mov $1, %eax
	jmp 1b

moved:
	test %ebp, %ebp
	jz 5f
	.code64
	lgdt gdt_pointer - IMAGE_OFFSET
	ljmpl *protected_pointer - IMAGE_OFFSET
	.code32
protected:
	mov $SELECTOR_BOOT_DATA, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov $CR0_PROTECTED, %eax
	mov %eax, %cr0
5:	mov $1, %ebp
	jmp boot_core_start

	.balign 8
protected_pointer:
	.long protected - IMAGE_OFFSET
	.word SELECTOR_BOOT_CODE32
gdt_pointer:
	.word 31
	.quad boot_gdt - IMAGE_OFFSET
