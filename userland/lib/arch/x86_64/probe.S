/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests look into the processor with: see userland/lib/include/probe.h.
 */
#define WORD(number) (8 * (number))

/* Indices of REGISTERS_GENERAL (abi/x86_64/registers.h), which probe.c asserts. */
#define IP 0
#define SP 1
#define FLAGS 2
#define THREAD_POINTER 3
#define RAX 4
#define RBX 5
#define RCX 6
#define RDX 7
#define RSI 8
#define RDI 9
#define RBP 10
#define R8 11
#define R9 12
#define R10 13
#define R11 14
#define R12 15
#define R13 16
#define R14 17
#define R15 18
#define COUNT 19

/* name(in, out): the stack has COUNT words, then in and out, then what C wants preserved. */
	.macro probe name, instruction:vararg
	.globl \name, \name\()_end
	.type \name, @function
\name:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	push %rsi
	push %rdi
	sub $WORD(COUNT), %rsp
	lea 1f(%rip), %rax
	mov %rax, WORD(IP)(%rdi)
	mov %rsp, WORD(SP)(%rdi)
	push WORD(FLAGS)(%rdi)
	popfq
	mov WORD(RAX)(%rdi), %rax
	mov WORD(RBX)(%rdi), %rbx
	mov WORD(RCX)(%rdi), %rcx
	mov WORD(RDX)(%rdi), %rdx
	mov WORD(RSI)(%rdi), %rsi
	mov WORD(RBP)(%rdi), %rbp
	mov WORD(R8)(%rdi), %r8
	mov WORD(R9)(%rdi), %r9
	mov WORD(R10)(%rdi), %r10
	mov WORD(R11)(%rdi), %r11
	mov WORD(R12)(%rdi), %r12
	mov WORD(R13)(%rdi), %r13
	mov WORD(R14)(%rdi), %r14
	mov WORD(R15)(%rdi), %r15
	mov WORD(RDI)(%rdi), %rdi
1:	\instruction
\name\()_end:
	mov %rax, WORD(RAX)(%rsp)
	lea \name\()_end(%rip), %rax
	jmp probe_store
	.size \name, . - \name
	.endm

	.text
	probe probe_call, syscall
	probe probe_spin, jmp 1b
	probe probe_break, int3

/* rax = ip, everything else as the probe left it. */
	.type probe_store, @function
probe_store:
	mov %rax, WORD(IP)(%rsp)
	mov %rbx, WORD(RBX)(%rsp)
	mov %rcx, WORD(RCX)(%rsp)
	mov %rdx, WORD(RDX)(%rsp)
	mov %rsi, WORD(RSI)(%rsp)
	mov %rdi, WORD(RDI)(%rsp)
	mov %rbp, WORD(RBP)(%rsp)
	mov %r8, WORD(R8)(%rsp)
	mov %r9, WORD(R9)(%rsp)
	mov %r10, WORD(R10)(%rsp)
	mov %r11, WORD(R11)(%rsp)
	mov %r12, WORD(R12)(%rsp)
	mov %r13, WORD(R13)(%rsp)
	mov %r14, WORD(R14)(%rsp)
	mov %r15, WORD(R15)(%rsp)
	mov %rsp, WORD(SP)(%rsp)
	pushfq
	popq WORD(FLAGS)(%rsp) /* the address counts from the sp after the pop */
	cld
	mov %fs:0, %rax
	mov %rax, WORD(THREAD_POINTER)(%rsp)
	mov WORD(COUNT + 1)(%rsp), %rdi
	mov %rsp, %rsi
	mov $COUNT, %ecx
	rep movsq
	add $WORD(COUNT + 2), %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret
	.size probe_store, . - probe_store

	.macro function name, instructions:vararg
	.globl \name
	.type \name, @function
\name:
	\instructions
	ret
	.size \name, . - \name
	.endm

	function probe_read, mov (%rdi), %rax
	function probe_write, mov %rsi, (%rdi)
	function probe_thread_pointer, mov %fs:0, %rax

/* FS base is zero after a selector was loaded: whatever user level may do to it without the kernel. */
	.globl probe_disturb
	.type probe_disturb, @function
probe_disturb:
	mov %ss, %eax
	mov %eax, %fs
	mov %eax, %gs
	mov %eax, %ds
	mov %eax, %es
	ret
	.size probe_disturb, . - probe_disturb

/* There are no reservations here. */
	.globl probe_reservation, probe_reservation_held, probe_reservation_end
	.type probe_reservation, @function
probe_reservation:
probe_reservation_held:
probe_reservation_end:
	xor %eax, %eax
	ret
	.size probe_reservation, . - probe_reservation

/* Code that runs anywhere: reads the word at its argument and writes it back, then raises breakpoint for ever. */
	.globl probe_snippet, probe_landing, probe_snippet_end
probe_snippet:
	mov (%rdi), %rax
	mov %rax, (%rdi)
probe_landing:
	int3
	jmp probe_landing
probe_snippet_end:

/* Code that runs anywhere: a function that returns 42. */
	.globl probe_answer, probe_answer_end
probe_answer:
	mov $42, %eax
	ret
probe_answer_end:

/* Instructions that user level must not get away with. */
	function privileged_cli, cli
	function privileged_sti, sti
	function privileged_hlt, hlt
	function privileged_read_cr0, mov %cr0, %rax
	function privileged_write_cr3, mov %rax, %cr3
	function privileged_write_cr4, mov %rax, %cr4
	function privileged_write_dr7, mov %rax, %dr7
	function privileged_clts, clts
	function privileged_lmsw, lmsw %ax
	function privileged_rdmsr, rdmsr
	function privileged_wrmsr, wrmsr
	function privileged_lgdt, lgdt (%rdi)
	function privileged_lidt, lidt (%rdi)
	function privileged_lldt, lldt %ax
	function privileged_ltr, ltr %ax
	function privileged_invlpg, invlpg (%rdi)
	function privileged_wbinvd, wbinvd
	function privileged_swapgs, swapgs
	function privileged_sysret, sysretq
	function privileged_sysexit, sysexitl
	function privileged_in, in $0x80, %al
	function privileged_out, out %al, $0x80
	function privileged_interrupt, int $0x20
	function privileged_page_fault, int $14
	function privileged_wrfsbase, wrfsbase %rdi
	function privileged_xsetbv, xsetbv

	.section .note.GNU-stack, "", @progbits
