/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers that C and assembly share: the address-space layout, segment selectors, vectors, and offsets into
 * struct hal_frame and struct core_area (checked against the structs in frame.c and processor.c).
 *
 *   0000000000000000 user level, up to but without the last page below 2^47
 *   ffff800000000000 direct map of RAM, never executable
 *   ffffffff80200000 kernel image: text, constants, data
 *   ffffffffbfe00000 window pages: local interrupt controller, firmware's memory during boot
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#define DIRECT_MAP 0xffff800000000000
#define IMAGE_OFFSET 0xffffffff80000000
#define WINDOWS 0xffffffffbfe00000

/* Selectors. SYSRET fixes the order of the user ones: SS = base + 8, CS = base + 16 (AMD APM 3, SYSRET). */
#define SELECTOR_KERNEL_CODE 0x08
#define SELECTOR_KERNEL_DATA 0x10
#define SELECTOR_USER_DATA 0x1b
#define SELECTOR_USER_CODE 0x23
#define SELECTOR_TSS 0x28

/* Until then, of start.S's boot_gdt; and CR0 without paging: ET, PE. */
#define SELECTOR_BOOT_DATA 0x10
#define SELECTOR_BOOT_CODE32 0x18
#define CR0_PROTECTED 0x11

/* What hal_frame.entry holds beside the vectors 0..255. */
#define ENTRY_SYSCALL 256
#define ENTRY_NONE 257
#define ENTRY_BARE 258 /* a system call of which only rsp, rbp and rip are saved; the rest counts as zero */

/* Of kernel/hal.h and the ABI; frame.c asserts them. */
#define FAST_NOT 1
#define FAST_GENERAL 1
#define FAST_DONE 3
#define FAST_RESUME 5
#define STATUS_RECEIVED 0x100 /* status_make(OK, PHASE_RECEIVE, 0) */

#define VECTOR_DEBUG 1
#define VECTOR_NMI 2
#define VECTOR_DOUBLE_FAULT 8
#define VECTOR_PROTECTION 13
#define VECTOR_PAGE_FAULT 14
#define VECTOR_MACHINE_CHECK 18
#define VECTOR_EXTERNAL 32 /* from here on: interrupts. 32..47: where the two 8259 are moved to */
#define VECTOR_APIC 48 /* from here on: the local interrupt controller's; more urgent than devices are: */
#define VECTOR_TIMER 0xf0
#define VECTOR_IPI 0xf1
#define VECTOR_SPURIOUS 0xff

#define USER_FLAGS 0x202 /* interrupts on, and bit 1, which is always one */
#define KERNEL_FLAGS 0x2
#define FLAG_STEP 0x100 /* TF */
#define FLAG_VM 0x20000
#define MSR_FS_BASE 0xc0000100
#define DR6_CLEAR 0xffff0ff0
#define FLAGS_SYSTEM 0x1a3000 /* IOPL, VM, VIF, VIP: never set at user level */

#define FRAME_RAX 48
#define FRAME_RCX 56
#define FRAME_R11 64
#define FRAME_R8 72
#define FRAME_R9 80
#define FRAME_R10 88
#define FRAME_RBX 96
#define FRAME_R12 104
#define FRAME_R13 112
#define FRAME_R14 120
#define FRAME_R15 128
#define FRAME_RDI 136
#define FRAME_RSI 144
#define FRAME_RDX 152
#define FRAME_RBP 160
#define FRAME_ENTRY 168
#define FRAME_IP 184
#define FRAME_FLAGS 200
#define FRAME_SP 208
#define FRAME_TOP 224 /* where the processor begins to push */
#define FRAME_STACK 224

/* struct core_area. Its size and alignment are the same power of two: rsp tells the number of the core. */
#define CORES_MAX 16
#define CORE_SHIFT 15
#define STACK_SIZE 0x4000
#define FAULT_STACK_SIZE 0xf00
#define DEBUG_STACK_SIZE 0x80
#define CORE_STACK_TOP 0x5000
#define TSS_RSP0 4 /* from the stack's top: the task state segment lies there */
#define CORE_DATA 0xa8 /* from there too: hal_core_data() */

#endif
