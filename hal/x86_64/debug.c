/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Debug points: DR0 to DR3 are addresses, DR7 says what is watched there, DR6 what was met (SDM 3B, 17.2). They are loaded
 * while a thread that has any runs, and name only addresses of user level: the kernel never touches these.
 */
#include "debug.h"

#define DR7_FIXED 0x400ull
#define DR7_ENABLED(number) (1ull << 2 * (number))

enum error hal_debug_set(struct hal_frame *f, unsigned number, enum debug_kind kind, uintptr_t address, size_t length)
{
	static const uint8_t types[] = {[DEBUG_EXECUTE] = 0, [DEBUG_WRITE] = 1, [DEBUG_ACCESS] = 3};
	static const uint8_t lengths[] = {[1] = 0, [2] = 1, [4] = 3, [8] = 2};
	unsigned shift = 16 + 4 * number;

	if (number >= DEBUG_POINTS)
		return ERROR_BAD_ARGUMENT;
	f->debug_control &= ~(0xfull << shift | DR7_ENABLED(number));
	f->debug_address[number] = address;
	if (kind != DEBUG_NONE)
		f->debug_control |= (word_t)(types[kind] | lengths[length] << 2) << shift | DR7_ENABLED(number);
	return OK;
}

void debug_load(const struct hal_frame *f)
{
	core_here()->debug_control = f->debug_control;
	__asm__ volatile("mov %0, %%dr7" : : "r"(DR7_FIXED));
	__asm__ volatile("mov %0, %%dr0; mov %1, %%dr1; mov %2, %%dr2; mov %3, %%dr3" : : "r"(f->debug_address[0]),
		"r"(f->debug_address[1]), "r"(f->debug_address[2]), "r"(f->debug_address[3]));
	__asm__ volatile("mov %0, %%dr7" : : "r"(f->debug_control | DR7_FIXED));
}

bool debug_hit(const struct hal_frame *f, uintptr_t *address)
{
	uint64_t met;

	__asm__ volatile("mov %%dr6, %0; mov %1, %%dr6" : "=&r"(met) : "r"((uint64_t)DR6_CLEAR));
	for (unsigned number = 0; number < DEBUG_POINTS; number++) {
		if (!(met >> number & 1) || !(f->debug_control & DR7_ENABLED(number)))
			continue;
		*address = f->debug_address[number];
		return true;
	}
	return false;
}
