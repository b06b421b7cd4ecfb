/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts of a bare POWER9, by OPAL. interrupt.c supplies hal_irq_* and machine_interrupt(), too. */
#ifndef POWERNV9_INTERRUPT_H
#define POWERNV9_INTERRUPT_H

#include <stddef.h>

/* Adds to a tree in `size` bytes what OPAL's binding leaves unsaid: that input at the console is an event. */
void interrupt_complete_tree(void *tree, size_t size);

/* Reads which interrupts are OPAL's own, and takes them on the boot core. */
void interrupt_init(const void *tree);

/* On each core: the controller delivers everything to it. */
void interrupt_core_init(void);

/* Before a core waits: OPAL's own work, if it is time. */
void interrupt_idle(void);

#endif
