/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers that C and assembly share. frame.c checks the offsets against the structures.
 */
#ifndef HAL_ARM64_OFFSETS_H
#define HAL_ARM64_OFFSETS_H

/* Kernel addresses (TTBR1, 48 bits): RAM and the image in the lower half, devices in the upper half. */
#define DIRECT_MAP 0xffff000000000000
#define DEVICE_MAP 0xffff800000000000
#define MAP_SIZE   0x0000800000000000 /* of each */

/* struct hal_frame */
#define FRAME_X(n)	     ((n) * 8)
#define FRAME_SP	     FRAME_X(31)
#define FRAME_IP	     FRAME_X(32)
#define FRAME_FLAGS	     FRAME_X(33)
#define FRAME_THREAD_POINTER FRAME_X(34)
#define FRAME_PARTIAL	     FRAME_X(35)
#define FRAME_STEP	     FRAME_X(36)

/* What FRAME_PARTIAL says */
#define SAVED_FEW     0 /* by a system call: x29, sp, ip, thread pointer */
#define SAVED_MESSAGE 1 /* and x0-x2, x19-x26 */
#define SAVED_ALL     2

/* struct core, and struct core_stack, which ends with it */
#define CORE_STEPPING	 4
#define CORE_DATA	 8
#define CORE_FATAL_FRAME 48
#define CORE_SIZE	 400

/* Of kernel/hal.h and the ABI */
#define ENTRY_NOT_FAST	1
#define ENTRY_DONE	3
#define ENTRY_RESUME	5
#define ENTRY_REASON	7
#define STATUS_RECEIVED 0x100 /* status_make(OK, PHASE_RECEIVE, 0) */

#define CORE_STACK_SIZE	 20480
#define CORE_REPORT	 12288 /* from struct core down to where the report of a failure begins its stack */

#endif
