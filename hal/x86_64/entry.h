/* SPDX-License-Identifier: BSD-2-Clause */
/* What assembly and C call of each other. */
#ifndef ENTRY_H
#define ENTRY_H

#include "kernel/hal.h"

/* entry.S: where SYSCALL goes on each core, and the code of the 256 vectors; so many bytes each. */
extern const uint8_t syscall_entries[], vectors[];
enum { SYSCALL_CODE_SIZE = 32, VECTOR_CODE_SIZE = 12 };

/* From start.S: the boot core on its stack; the physical address of PVH's start_info, or of Linux's boot_params if the
   second is not 0. Returns the first frame to resume. */
struct hal_frame *hal_start(uint32_t boot_data, uint32_t linux_protocol);

/* From start.S: another core on its stack; returns the first frame to resume. */
struct hal_frame *hal_start_secondary(void);

/* From entry.S: a trap from user level; returns the frame to resume. */
struct hal_frame *trap_user(struct hal_frame *f);

/* From entry.S: a trap in the kernel, or one that is fatal wherever it comes from; f is on the stack. */
void trap_kernel(const struct hal_frame *f);

#endif
