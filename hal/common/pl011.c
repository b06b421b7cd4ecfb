/* SPDX-License-Identifier: BSD-2-Clause */
/* Output through a PL011; see pl011.h. */
#include "pl011.h"
#include "io.h"

enum {
	PL011_DATA = 0x00,
	PL011_FLAGS = 0x18,
	PL011_TRANSMIT_FULL = 1 << 5,
	PATIENCE = 1000000, /* polls; a byte takes 1 ms at 9600 baud */
};

void pl011_put(volatile void *registers, char c)
{
	volatile uint8_t *uart = registers;

	for (unsigned i = 0; i < PATIENCE; i++) {
		if (io_read32le(uart + PL011_FLAGS) & PL011_TRANSMIT_FULL)
			continue;
		io_write32le(uart + PL011_DATA, (uint8_t)c);
		return;
	}
}
