/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device registers, little-endian. The mapping is Device-nGnRE: accesses to one device keep their
 * order; the write orders earlier stores to memory before it, the read later loads after it.
 */
#ifndef HAL_ARM64_IO_H
#define HAL_ARM64_IO_H

#include <stdint.h>

static inline uint32_t io_read32le(const volatile void *address)
{
	uint32_t value;

	/* one plain load: what has a writeback form could not be emulated by a hypervisor */
	__asm__ volatile("ldr %w0, [%1]\n\tdmb oshld" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static inline uint64_t io_read64le(const volatile void *address)
{
	uint64_t value;

	__asm__ volatile("ldr %0, [%1]\n\tdmb oshld" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static inline void io_write32le(volatile void *address, uint32_t value)
{
	__asm__ volatile("dmb oshst\n\tstr %w0, [%1]" : : "r"(value), "r"(address) : "memory");
}

static inline void io_write64le(volatile void *address, uint64_t value)
{
	__asm__ volatile("dmb oshst\n\tstr %0, [%1]" : : "r"(value), "r"(address) : "memory");
}

#endif
