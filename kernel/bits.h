/* SPDX-License-Identifier: BSD-2-Clause */
/* Bit positions in plain C: not every processor has an instruction for them, and the kernel links no compiler library. */
#ifndef KERNEL_BITS_H
#define KERNEL_BITS_H

#include <stdint.h>

/* Number of the highest bit that is set; value is not 0. */
static inline unsigned highest_bit(uint64_t value)
{
	unsigned bit = 0;

#pragma GCC unroll 6
	for (unsigned half = 32; half; half /= 2) {
		if (value >> half) {
			value >>= half;
			bit += half;
		}
	}
	return bit;
}

/* Number of the lowest bit that is set; value is not 0. */
static inline unsigned lowest_bit(uint64_t value)
{
	return highest_bit(value & -value);
}

#endif
