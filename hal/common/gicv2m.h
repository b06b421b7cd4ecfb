/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts that devices raise by a write, at a GIC: a GICv2m frame. For the arm64 HAL. */
#ifndef HAL_GICV2M_H
#define HAL_GICV2M_H

#include "kernel/hal.h"

/* Takes the tree's frame for messages, if there is one whose interrupts are below `end`; it is the kernel's alone then. */
void gicv2m_init(const void *tree, unsigned end, struct hal_boot *boot);

/* Is the shared interrupt one that messages raise? */
bool gicv2m_owns(unsigned irq);

#endif
