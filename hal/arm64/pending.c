/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry points that the core gets with its support for several cores; remove this file then. */
#include "arm64.h"

__attribute__((weak)) void core_ipi(void)
{
}

__attribute__((weak)) void core_interrupt(unsigned irq)
{
	(void)irq;
}

__attribute__((weak)) struct hal_frame *core_secondary(void)
{
	core_park();
}
