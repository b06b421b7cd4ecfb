/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ways into the kernel and the one way out.
 *
 * While a user thread runs, TSS.RSP0 is the end of its frame: a trap pushes into the frame, and the system
 * call finds the frame there. The frame names the kernel stack of the core that resumed it. So no register
 * outside of the frame is needed: GS is never used, there is no SWAPGS, and it does not matter which
 * selectors user level has loaded.
 *
 * From user level the kernel always starts at the top of an empty stack. Interrupts stay off. NMI, #DF and
 * #MC have stacks of their own and end in core_fatal.
 */
#include "layout.h"

/* The general registers in the order of struct hal_frame, rax .. r15. */
	.macro push_registers
	.irp register, rbp, rdx, rsi, rdi, r15, r14, r13, r12, rbx, r10, r9, r8, r11, rcx, rax
	push %\register
	.endr
	.endm

	.macro pop_registers
	.irp register, rax, rcx, r11, r8, r9, r10, rbx, r12, r13, r14, r15, rdi, rsi, rdx, rbp
	pop %\register
	.endr
	add $16, %rsp /* entry, error */
	.endm

/* What a system call preserves, into the frame that ends at r11, and rcx = the frame. */
	.macro save_few
	mov %rsp, FRAME_SP - FRAME_TOP(%r11)
	mov %rcx, FRAME_IP - FRAME_TOP(%r11)
	mov %rbp, FRAME_RBP - FRAME_TOP(%r11)
	lea -FRAME_TOP(%r11), %rcx
	.endm

/* w0..w7; w5 is in `five`. */
	.macro save_words frame, five
	mov %r12, FRAME_R12(\frame)
	mov %r13, FRAME_R13(\frame)
	mov %r14, FRAME_R14(\frame)
	mov %r15, FRAME_R15(\frame)
	mov %rbx, FRAME_RBX(\frame)
	mov \five, FRAME_R8(\frame)
	mov %r9, FRAME_R9(\frame)
	mov %r10, FRAME_R10(\frame)
	.endm

/* The frame in rax is the one that runs. Leaves rcx. */
	.macro set_frame
	mov %rsp, FRAME_STACK(%rax)
	lea FRAME_TOP(%rax), %rcx
	mov %rcx, TSS_RSP0(%rsp)
	.endm

/* To user level behind a system call, with everything but the constants loaded and the frame at rax - `beyond`. */
	.macro return_from_call beyond=0
	mov FRAME_IP - \beyond(%rax), %rcx
	mov FRAME_RBP - \beyond(%rax), %rbp
	mov FRAME_SP - \beyond(%rax), %rsp
	mov $USER_FLAGS, %r11d
	xor %eax, %eax
	sysretq
	.endm

	.text

/* SYSCALL: rcx = ip, r11 = flags (not kept), interrupts off by SFMASK, every other register the user's. No register
   can name the core: so each core's LSTAR points to an entry of its own. */
	.globl syscall_entries
	.balign 32
syscall_entries:
	.set core, 0
	.rept CORES_MAX
	.balign 32
	test $FLAG_STEP, %r11d
	mov core_areas + (core << CORE_SHIFT) + CORE_STACK_TOP + TSS_RSP0(%rip), %r11
	jz syscall_entry
	jmp syscall_stepping
	.set core, core + 1
	.endr

/* The thread is stepped, and shall be afterwards: a full frame, with the constants that SYSRET's way out makes. */
syscall_stepping:
	save_few
	movq $ENTRY_NONE, FRAME_ENTRY(%rcx)
	movq $0, FRAME_RAX(%rcx)
	movq $USER_FLAGS, FRAME_R11(%rcx)
	movq $USER_FLAGS | FLAG_STEP, FRAME_FLAGS(%rcx)
	mov FRAME_IP(%rcx), %rax
	mov %rax, FRAME_RCX(%rcx)
	mov %rdi, FRAME_RDI(%rcx)
	mov %rsi, FRAME_RSI(%rcx)
	mov %rdx, FRAME_RDX(%rcx)
	mov FRAME_STACK(%rcx), %rsp
	mov %r8, %rbp
	mov %rcx, %rax
	jmp syscall_general

	.balign 16
syscall_entry:
	save_few
	mov FRAME_STACK(%rcx), %rsp
	mov %r8, %rbp /* w5, where a C function preserves it */
	mov CORE_DATA(%rsp), %r8
	push %r9 /* w6 and w7 */
	push %r10
	mov %r12, %r9
	call core_ipc
	pop %r10
	pop %r9
	test $FAST_NOT, %al
	jnz 1f

	set_frame
	mov FRAME_RSI(%rax), %rsi /* the tag is in rdx */
	mov %rbp, %r8
	mov $STATUS_RECEIVED, %edi
	return_from_call

/* rax = a frame and why it is not fast. */
1:	test $FAST_DONE - FAST_NOT, %al
	jz 2f

/* Nothing came, and rdx = the status: the frame and what C preserves are still the caller's. */
	mov %rdx, %rdi
	xor %esi, %esi
	xor %edx, %edx
	mov %rbp, %r8
	return_from_call beyond=FAST_DONE

2:	test $FAST_RESUME - FAST_NOT, %al
	jnz 4f
	sub $FAST_GENERAL, %rax
	movq $ENTRY_SYSCALL, FRAME_ENTRY(%rax)
syscall_general:
	save_words %rax, %rbp
	mov %rax, %rdi
	call core_syscall

/* rax = frame, stack empty. Nothing in here can fault: see struct hal_frame. */
	.globl frame_resume
frame_resume:
	set_frame
	cmpq $ENTRY_SYSCALL, FRAME_ENTRY(%rax)
	movq $ENTRY_BARE, FRAME_ENTRY(%rax) /* what syscall_entry relies on */
	jne 3f
	mov FRAME_RDI(%rax), %rdi
	mov FRAME_RSI(%rax), %rsi
	mov FRAME_RDX(%rax), %rdx
	mov FRAME_R12(%rax), %r12
	mov FRAME_R13(%rax), %r13
	mov FRAME_R14(%rax), %r14
	mov FRAME_R15(%rax), %r15
	mov FRAME_RBX(%rax), %rbx
	mov FRAME_R8(%rax), %r8
	mov FRAME_R9(%rax), %r9
	mov FRAME_R10(%rax), %r10
	return_from_call
3:	lea FRAME_RAX(%rax), %rsp
	pop_registers
	iretq

4:	sub $FAST_RESUME, %rax
	jmp frame_resume

/* Every vector comes here with error code and vector pushed. */
	.balign 16
trap_entry:
	cmpw $SELECTOR_KERNEL_CODE, FRAME_IP + 8 - FRAME_ENTRY(%rsp) /* cs */
	je 2f
1:	push_registers
	sub $FRAME_RAX, %rsp
	mov %rsp, %rdi
	mov FRAME_STACK(%rdi), %rsp
	push $KERNEL_FLAGS /* user level may have set AC, which would switch SMAP off */
	popf
	call trap_user
	jmp frame_resume
2:	testl $FLAG_VM, FRAME_IP + 16 - FRAME_ENTRY(%rsp) /* flags */
	jnz 1b /* QEMU 7.2 lets user level enter virtual-8086 mode (32-bit IRET), where cs is anything */

/* An interrupt in an open window, or what ends in core_fatal. */
trap_entry_kernel:
	push_registers
	sub $FRAME_RAX, %rsp
	mov %rsp, %rdi
	push $KERNEL_FLAGS
	popf
	call trap_kernel
	add $FRAME_RAX, %rsp
	pop_registers
	iretq

/* A debug exception, on a stack of its own: a data point met by MOV SS is told one instruction late, which may be the first of the
   kernel, before it has left user level's stack (CVE-2018-8897). Then it is forgotten. */
	.balign 16
debug_entry:
	cmpw $SELECTOR_KERNEL_CODE, FRAME_IP + 8 - FRAME_ENTRY(%rsp)
	jne 1f
	testl $FLAG_VM, FRAME_IP + 16 - FRAME_ENTRY(%rsp)
	jz 2f
1:	push %rax
	push %rcx
	mov %rsp, %rax
	and $-(1 << CORE_SHIFT), %rax
	mov CORE_STACK_TOP + TSS_RSP0(%rax), %rax
	.irp offset, 0, 8, 16, 24, 32, 40, 48 /* what was pushed goes to the frame's end, then rax below it */
	mov 16 + \offset(%rsp), %rcx
	mov %rcx, FRAME_ENTRY - FRAME_TOP + \offset(%rax)
	.endr
	mov 8(%rsp), %rcx
	mov %rcx, FRAME_ENTRY - FRAME_TOP - 8(%rax)
	pop %rcx
	lea FRAME_ENTRY - FRAME_TOP - 8(%rax), %rsp
	pop %rax
	jmp trap_entry
2:	push %rax
	mov $DR6_CLEAR, %eax
	mov %rax, %dr6
	pop %rax
	add $16, %rsp /* entry, error */
	iretq

/* One entry of 12 bytes for each vector; processor.c fills the interrupt descriptor table from it. The error code
   comes from the processor for #DF, #TS, #NP, #SS, #GP, #PF, #AC, #CP, #VC, #SX (SDM 3A, 6.15; APM 2, 8.2). */
	.globl vectors
	.balign 16
vectors:
	.set vector, 0
	.rept 256
	.org vectors + 12 * vector
	.if vector != 8 && (vector < 10 || vector > 14) && vector != 17 && vector != 21 && vector != 29 && vector != 30
	push $0
	.endif
	push $vector
	.if vector == VECTOR_NMI || vector == VECTOR_DOUBLE_FAULT || vector == VECTOR_MACHINE_CHECK
	jmp trap_entry_kernel
	.elseif vector == VECTOR_DEBUG
	jmp debug_entry
	.else
	jmp trap_entry
	.endif
	.set vector, vector + 1
	.endr
