/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PVH entry (Xen's "x86/HVM direct boot ABI"): 32-bit protected mode, flat segments, paging and interrupts
 * off, ebx = physical address of start_info, no usable stack. Clears .bss, refuses a processor without long
 * mode, goes to long mode at the image's own addresses, and runs hal_start on the boot core's stack. Boot loaders that do not
 * know PVH come here by linux.S.
 *
 * Other cores start in real mode in a copy of `trampoline` (secondary.c), go the same way, find their number,
 * and run hal_start_secondary on their stacks.
 */
#include "layout.h"

#define CR0_BOOT 0x80010011 /* PG, WP, ET, PE */
#define CR4_PAE 0x20
#define MSR_EFER 0xc0000080
#define EFER_BOOT 0x901 /* NXE, LME, SCE */
#define CPUID_NEEDED (1 << 29 | 1 << 20 | 1 << 11) /* leaf 80000001h EDX: long mode, NX, SYSCALL */

	.section .note.pvh, "a", @note
	.balign 4
	.long 4, 4, 18 /* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.long pvh_entry - IMAGE_OFFSET

	.text
	.code32
	.globl pvh_entry
pvh_entry:
	cli
	cld
	mov %ebx, %esi
	xor %ebp, %ebp
	/* linux.S joins: esi = boot data, ebp = 1 if that is Linux's. */
	.globl boot_core_start
boot_core_start:
	mov $image_bss - IMAGE_OFFSET, %edi
	mov $image_end - IMAGE_OFFSET, %ecx
	sub %edi, %ecx
	shr $2, %ecx
	xor %eax, %eax
	rep stosl

	mov $0x80000000, %eax
	cpuid
	cmp $0x80000001, %eax
	jb unsupported
	mov $0x80000001, %eax
	cpuid
	not %edx
	test $CPUID_NEEDED, %edx
	jnz unsupported
	mov $boot_core - IMAGE_OFFSET, %edi

	/* To long mode, and on at edi in the image. */
long_mode:
	mov $boot_root - IMAGE_OFFSET, %eax
	mov %eax, %cr3
	mov $CR4_PAE, %eax
	mov %eax, %cr4
	mov $MSR_EFER, %ecx
	xor %edx, %edx
	mov $EFER_BOOT, %eax
	wrmsr
	mov $CR0_BOOT, %eax
	mov %eax, %cr0
	lgdt boot_gdt_pointer - IMAGE_OFFSET
	ljmp $SELECTOR_KERNEL_CODE, $1f - IMAGE_OFFSET

unsupported:
	mov $unsupported_text - IMAGE_OFFSET, %esi
	mov $0x3f8, %edx
2:	lodsb
	test %al, %al
	jz 3f
	outb %al, %dx
	jmp 2b
3:	mov $0x501, %edx /* as hal_stop(POWER_FAIL) */
	mov $0x11, %eax
	outl %eax, %dx
4:	hlt
	jmp 4b

secondary:
	mov $SELECTOR_BOOT_DATA, %eax
	mov %eax, %ds
	mov $secondary_core - IMAGE_OFFSET, %edi
	jmp long_mode

	.code64
1:	xor %eax, %eax /* data segments are null in the kernel and at user level */
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %fs
	mov %eax, %gs
	mov %eax, %ss
	mov %edi, %edi
	add $IMAGE_OFFSET, %rdi
	jmp *%rdi

boot_core:
	mov $core_areas + CORE_STACK_TOP, %rsp
	mov %esi, %edi
	mov %ebp, %esi
	xor %ebp, %ebp
	call hal_start
	jmp frame_resume

secondary_core:
	mov $1, %eax
	cpuid
	shr $24, %ebx /* number of the local interrupt controller */
	xor %edx, %edx
6:	cmp %ebx, core_apics(, %rdx, 4)
	je 8f
	inc %edx
	cmp $CORES_MAX, %edx
	jb 6b
7:	hlt
	jmp 7b
8:	shl $CORE_SHIFT, %edx
	lea core_areas + CORE_STACK_TOP(%rdx), %rsp
	xor %ebp, %ebp
	call hal_start_secondary
	jmp frame_resume

	/* Real mode: cs = page / 16, ip = 0. */
	.section .rodata
	.code16
	.globl trampoline, trampoline_end
trampoline:
	cli
	cld
	mov %cs, %ax
	mov %ax, %ds
	lgdtl boot_gdt_pointer - trampoline
	mov $CR0_PROTECTED, %eax
	mov %eax, %cr0
	ljmpl $SELECTOR_BOOT_CODE32, $secondary - IMAGE_OFFSET
boot_gdt_pointer:
	.word 31
	.long boot_gdt - IMAGE_OFFSET
trampoline_end:
	.code64

	.section .rodata
unsupported_text:
	.asciz "cobnut: this processor has no long mode, no NX or no SYSCALL\r\n"
	.balign 8
	.globl boot_gdt
boot_gdt:
	.quad 0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00cf9b000000ffff

	/* 2 MiB to 4 MiB at its physical address and at the image's; until paging.c has better tables. */
	.data
	.balign 4096
boot_root:
	.quad boot_level2 - IMAGE_OFFSET + 3
	.fill 510, 8, 0
	.quad boot_level2 - IMAGE_OFFSET + 3
boot_level2:
	.quad boot_level1 - IMAGE_OFFSET + 3
	.fill 509, 8, 0
	.quad boot_level1 - IMAGE_OFFSET + 3
	.quad 0
boot_level1:
	.quad 0, 0x200083
	.fill 510, 8, 0
