/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls into firmware; see psci.h. */
#include "psci.h"

#define CALL(instruction)                                                                                               \
	__asm__ volatile(instruction                                                                                    \
			 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5), "+r"(x6), "+r"(x7)               \
			 :                                                                                              \
			 : "memory", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17")

void smc_call(enum psci_conduit conduit, uint64_t registers[8])
{
	register uint64_t x0 __asm__("x0") = registers[0];
	register uint64_t x1 __asm__("x1") = registers[1];
	register uint64_t x2 __asm__("x2") = registers[2];
	register uint64_t x3 __asm__("x3") = registers[3];
	register uint64_t x4 __asm__("x4") = registers[4];
	register uint64_t x5 __asm__("x5") = registers[5];
	register uint64_t x6 __asm__("x6") = registers[6];
	register uint64_t x7 __asm__("x7") = registers[7];

	if (conduit == PSCI_HVC)
		CALL("hvc #0");
	else
		CALL("smc #0");
	registers[0] = x0;
	registers[1] = x1;
	registers[2] = x2;
	registers[3] = x3;
	registers[4] = x4;
	registers[5] = x5;
	registers[6] = x6;
	registers[7] = x7;
}
