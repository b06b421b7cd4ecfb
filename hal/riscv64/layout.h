/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers that assembly and C share. frame.c asserts that the offsets are those of struct hal_frame.
 */
#ifndef RISCV64_LAYOUT_H
#define RISCV64_LAYOUT_H

/* The direct map begins here: the upper half of Sv39, which is also a part of Sv48's upper half, so one
   link address and one table of gigabytes serve both. It reaches 256 GiB of physical addresses. */
#define KERNEL_BASE 0xffffffc000000000
#define DIRECT_MAP_SIZE 0x4000000000

/* The cores' memory: for each a page that is not mapped, its kernel stack, and at the top of it struct hal_core. */
#define CORES_MAX 16
#define CORE_STRIDE 20480
#define CORE_SIZE 64
#define CORE_SATP 16
#define CORE_DATA 32
#define FAULT_STACK_SIZE 4096

/* struct hal_frame. What a system call saves comes first: two cache lines. */
#define FRAME_IP 0
#define FRAME_SP 8
#define FRAME_GP 16
#define FRAME_TP 24
#define FRAME_S0 32
#define FRAME_A0 40
#define FRAME_A1 48
#define FRAME_A2 56
#define FRAME_S2 64
#define FRAME_S3 72
#define FRAME_S4 80
#define FRAME_S5 88
#define FRAME_S6 96
#define FRAME_S7 104
#define FRAME_S8 112
#define FRAME_S9 120
#define FRAME_CORE 128
#define FRAME_FULL 136
#define FRAME_RA 144
#define FRAME_T0 152
#define FRAME_T1 160
#define FRAME_T2 168
#define FRAME_T3 176
#define FRAME_T4 184
#define FRAME_T5 192
#define FRAME_T6 200
#define FRAME_A3 208
#define FRAME_A4 216
#define FRAME_A5 224
#define FRAME_A6 232
#define FRAME_A7 240
#define FRAME_S1 248
#define FRAME_S10 256
#define FRAME_S11 264
#define FRAME_SIZE 272

/* What FRAME_FULL says of the registers in the frame. */
#define SAVED_FEW 0     /* ip, sp, gp, tp, s0; the rest counts as zero. So it is while the thread runs, too */
#define SAVED_ALL 1
#define SAVED_MESSAGE 2 /* those and a0-a2, s2-s9 */

/* Of kernel/hal.h; frame.c asserts them. */
#define ENTRY_NOT_FAST 1
#define ENTRY_GENERAL 1
#define ENTRY_DONE 3
#define ENTRY_RESUME 5
#define ENTRY_REASON 7
#define STATUS_RECEIVED 0x100 /* status_make(OK, PHASE_RECEIVE, 0) */

#endif
