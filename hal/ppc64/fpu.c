/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may use the FP and vector units, and what this processor does not have: ports, and stepping without a debug unit. */
#include "core.h"

enum { AREA_SIZE = 1088 };

#define MSR_FP 0x2000
#define MSR_VSX 0x800000
#define MSR_VEC 0x2000000
#define MSR_UNITS ((uint64_t)(MSR_FP | MSR_VEC | MSR_VSX))

size_t hal_fpu_size(void)
{
	return AREA_SIZE;
}

/* The units are switched by the MSR that user level is resumed with. */
void hal_fpu_access(bool on)
{
	struct hal_core *core = this_core();

	core->user_msr = on ? core->user_msr | MSR_UNITS : core->user_msr & ~MSR_UNITS;
}

bool hal_port(unsigned port, unsigned width, uint32_t *value, bool write)
{
	(void)port, (void)width, (void)value, (void)write;
	return false;
}
