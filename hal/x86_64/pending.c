/* SPDX-License-Identifier: BSD-2-Clause */
/* What the core does not define yet; to be removed when it has Interrupt objects. */
#include "kernel/hal.h"

__attribute__((weak)) void core_interrupt(unsigned irq)
{
	hal_irq_mask(irq, true);
}
