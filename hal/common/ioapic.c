/* SPDX-License-Identifier: BSD-2-Clause */
/* The I/O interrupt controller's two registers, through which all others are reached: data sheet, 3.1 and 3.2. */
#include "ioapic.h"

enum {
	SELECT = 0x00,
	WINDOW = 0x10,

	VERSION = 1,
	VERSION_LAST_SHIFT = 16,
	REDIRECTION = 0x10, /* two registers for each input */

	REDIRECTION_LOW = 1 << 13,
	REDIRECTION_LEVEL = 1 << 15,
	REDIRECTION_MASKED = 1 << 16,
	RECEIVER_SHIFT = 24, /* in the upper register */
};

static volatile uint32_t *select(volatile void *registers, unsigned index)
{
	*(volatile uint32_t *)((volatile uint8_t *)registers + SELECT) = index;
	return (volatile uint32_t *)((volatile uint8_t *)registers + WINDOW);
}

void ioapic_route(volatile void *registers, unsigned input, struct ioapic_route route)
{
	uint32_t low = REDIRECTION_MASKED | route.vector;

	if (route.level)
		low |= REDIRECTION_LEVEL;
	if (route.low)
		low |= REDIRECTION_LOW;
	*select(registers, REDIRECTION + 2 * input) = low;
	*select(registers, REDIRECTION + 2 * input + 1) = (uint32_t)route.apic << RECEIVER_SHIFT;
}

void ioapic_mask(volatile void *registers, unsigned input, bool masked)
{
	volatile uint32_t *window = select(registers, REDIRECTION + 2 * input);

	if (masked)
		*window |= REDIRECTION_MASKED;
	else
		*window &= ~(uint32_t)REDIRECTION_MASKED;
}

unsigned ioapic_init(volatile void *registers)
{
	unsigned inputs = 1 + (*select(registers, VERSION) >> VERSION_LAST_SHIFT & 0xff);

	for (unsigned i = 0; i < inputs; i++)
		ioapic_mask(registers, i, true);
	return inputs;
}
