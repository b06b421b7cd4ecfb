/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the compiler calls for __builtin_clzl and __builtin_ctzl, since the baseline has no instruction for them
 * (Zbb has) and its own library is built for another ABI, with floating point. Constant time.
 */
#include <abi/types.h>

int __clzdi2(word_t value);
int __ctzdi2(word_t value);

/* Number of zero bits above the highest one. */
int __clzdi2(word_t value)
{
	unsigned highest = 0;
	for (unsigned step = 32; step != 0; step /= 2) {
		unsigned shift = value >> step != 0 ? step : 0;
		highest += shift;
		value >>= shift;
	}
	return 63 - (int)highest;
}

/* Number of zero bits below the lowest one. */
int __ctzdi2(word_t value)
{
	return 63 - __clzdi2(value & -value);
}
