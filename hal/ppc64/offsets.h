/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Offsets into struct hal_frame and struct hal_core for assembly. frame.c and core.c assert each of them.
 */
#ifndef PPC64_OFFSETS_H
#define PPC64_OFFSETS_H

#define FRAME_GPR 0 /* general register n: FRAME_GPR + 8 * n */
#define FRAME_IP 256
#define FRAME_LR 264
#define FRAME_CTR 272
#define FRAME_CR 280
#define FRAME_XER 288
#define FRAME_VRSAVE 296
#define FRAME_PPR 304
#define FRAME_PARTIAL 312
#define FRAME_MSR 320
#define FRAME_VECTOR 328
#define FRAME_DAR 336
#define FRAME_DSISR 344
#define FRAME_SIZE 368

/* What FRAME_PARTIAL says; what is not saved counts as zero. */
#define SAVED_FEW 0     /* by a system call: r1, r2, r13, r31, ip. So it is while the thread runs, too */
#define SAVED_MESSAGE 1 /* and r3-r5, r14-r21 */
#define SAVED_ALL 2

/* Of kernel/hal.h and the ABI. */
#define ENTRY_NOT_FAST 1
#define ENTRY_DONE 3
#define ENTRY_RESUME 5
#define ENTRY_REASON 7
#define STATUS_RECEIVED 0x100 /* status_make(OK, PHASE_RECEIVE, 0) */

#define CORE_R11 0
#define CORE_R12 8
#define CORE_CR 16
#define CORE_STACK 24
#define CORE_TOC 32
#define CORE_KERNEL_MSR 40
#define CORE_USER_MSR 48
#define CORE_PPR 56
#define CORE_EMERGENCY_STACK 64
#define CORE_EMERGENCY_FRAME 72
#define CORE_RESERVATION 80
#define CORE_SERVER 104
#define CORE_DATA 112
/* The records lie in an array. */
#define CORE_SIZE 128

/* Each core has a guard page and a stack; then come the stacks for what ends in core_fatal. */
#define KERNEL_STACK_STRIDE (4096 + 16384)
#define EMERGENCY_STACK_SIZE 8192
#define CORES_MAX 16

/* A stack frame's header in ELFv2: back chain, CR, LR, TOC. */
#define STACK_HEADER 32
/* What lies below the stack pointer belongs to the function that runs (ELFv2 ABI 2.2.3.4: 288 bytes, and 224
   for the system). */
#define STACK_PROTECTED 512

#endif
