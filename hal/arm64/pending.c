/* SPDX-License-Identifier: BSD-2-Clause */
/* What the core does not define yet; remove this file when it has Interrupt objects. */
#include "arm64.h"

__attribute__((weak)) void core_interrupt(unsigned irq)
{
	hal_irq_mask(irq, true);
}
