/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts of devices. */
#ifndef INTERRUPT_H
#define INTERRUPT_H

#include "platform.h"

/* Masks every input of the IOAPICs. */
void interrupt_init(const struct platform *p);

/* The interrupt came to this core: core_interrupt is called, unless it is masked. The caller acknowledges it afterwards. */
void interrupt_arrived(unsigned irq);

#endif
