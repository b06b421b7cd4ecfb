/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of devices, in mapped device Memory. The names say width and byte order; each access keeps its order with all others and
 * with memory.
 */
#ifndef IO_H
#define IO_H

#include "arch.h"

static inline uint16_t io_swap16(uint16_t value)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? value : (uint16_t)(value << 8 | value >> 8);
}

static inline uint32_t io_swap32(uint32_t value)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? value : value << 24 | (value & 0xff00) << 8 | (value >> 8 & 0xff00) | value >> 24;
}

static inline uint8_t io_read8(const volatile void *address)
{
	uint8_t value = *(const volatile uint8_t *)address;

	arch_io_fence();
	return value;
}

static inline uint16_t io_read16le(const volatile void *address)
{
	uint16_t value = *(const volatile uint16_t *)address;

	arch_io_fence();
	return io_swap16(value);
}

static inline uint32_t io_read32le(const volatile void *address)
{
	uint32_t value = *(const volatile uint32_t *)address;

	arch_io_fence();
	return io_swap32(value);
}

static inline void io_write8(volatile void *address, uint8_t value)
{
	arch_io_fence();
	*(volatile uint8_t *)address = value;
}

static inline void io_write16le(volatile void *address, uint16_t value)
{
	arch_io_fence();
	*(volatile uint16_t *)address = io_swap16(value);
}

static inline void io_write32le(volatile void *address, uint32_t value)
{
	arch_io_fence();
	*(volatile uint32_t *)address = io_swap32(value);
}

#endif
