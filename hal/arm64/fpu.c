/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The floating-point and vector registers of a thread. The kernel itself has access only while it moves them.
 */
#include "arm64.h"

/* fpu.S has this layout. All zeros is the state after reset: round to nearest, nothing trapped. */
struct fpu {
	_Alignas(64) uint64_t v[32][2];
	uint64_t fpsr, fpcr;
};
_Static_assert(offsetof(struct fpu, fpsr) == 512, "fpu.S");

size_t hal_fpu_size(void)
{
	return sizeof(struct fpu);
}

static void set_access(uint64_t control)
{
	WRITE_REGISTER(cpacr_el1, control);
	__asm__ volatile("isb" : : : "memory");
}

void hal_fpu_save(void *area)
{
	uint64_t control = READ_REGISTER(cpacr_el1);

	set_access(CPACR_TRACE | CPACR_FPU);
	fpu_store(area);
	set_access(control);
}

void hal_fpu_load(const void *area)
{
	uint64_t control = READ_REGISTER(cpacr_el1);

	set_access(CPACR_TRACE | CPACR_FPU);
	fpu_load(area);
	set_access(control);
}

void hal_fpu_access(bool on)
{
	set_access(on ? CPACR_TRACE | CPACR_FPU : CPACR_TRACE);
}
