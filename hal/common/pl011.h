/* SPDX-License-Identifier: BSD-2-Clause */
/* Arm PrimeCell UART (PL011, DDI 0183), output only; firmware has set it up. */
#ifndef HAL_PL011_H
#define HAL_PL011_H

/* Writes one byte, polled. A UART that does not take it in a while (user level may have stopped it) loses it. */
void pl011_put(volatile void *registers, char c);

#endif
