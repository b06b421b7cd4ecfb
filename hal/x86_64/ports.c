/* SPDX-License-Identifier: BSD-2-Clause */
/* I/O ports for user level, and firmware, of which there is none to call. */
#include "kernel/hal.h"
#include "x86.h"

bool hal_firmware(word_t regs[8])
{
	(void)regs;
	return false;
}

static uint32_t port_read(uint16_t port, unsigned width)
{
	switch (width) {
	case 1:
		return port_read8(port);
	case 2:
		return port_read16(port);
	default:
		return port_read32(port);
	}
}

static void port_write(uint16_t port, unsigned width, uint32_t value)
{
	switch (width) {
	case 1:
		port_write8(port, (uint8_t)value);
		break;
	case 2:
		port_write16(port, (uint16_t)value);
		break;
	default:
		port_write32(port, value);
	}
}

/* Width 0 touches nothing. */
bool hal_port(unsigned port, unsigned width, uint32_t *value, bool write)
{
	if (width == 0)
		return true;
	if (write)
		port_write((uint16_t)port, width, *value);
	else
		*value = port_read((uint16_t)port, width);
	return true;
}
