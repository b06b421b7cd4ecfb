/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What entry.S calls. Those that return a frame return the one to resume.
 */
#ifndef PPC64_TRAP_H
#define PPC64_TRAP_H

#include <kernel/hal.h>

/* An exception or an interrupt at user level. */
struct hal_frame *trap_user(struct hal_frame *f);

/* An interrupt, handled and ended; from user level or from an open window of the kernel. */
void trap_interrupt(struct hal_frame *f);

/* Anything else that came from the kernel. */
_Noreturn void trap_kernel(struct hal_frame *f);

/* A machine check, a system reset, or an interrupt before the MMU was on. */
struct hal_frame *trap_machine(struct hal_frame *f);

#endif
