/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The floating-point unit: all of it (D, which has F in it) or nothing. There are no vectors.
 */
#include "csr.h"
#include "internal.h"

struct fpu_area {
	uint64_t registers[32];
	uint64_t fcsr;
};
_Static_assert(offsetof(struct fpu_area, fcsr) == 256, "fpu.S: AREA_FCSR");

bool fpu_probe(void); /* fpu.S */

static bool present;

void fpu_init(void)
{
	present = fpu_probe();
}

/* All bits zero is what the specification calls initial: every register +0, rounding to nearest, no flags. */
size_t hal_fpu_size(void)
{
	return present ? sizeof(struct fpu_area) : 0;
}

/* sstatus.FS: whatever is not off will do, nobody asks for "dirty". */
void hal_fpu_access(bool on)
{
	if (on && present)
		csr_set(sstatus, SSTATUS_FS);
	else
		csr_clear(sstatus, SSTATUS_FS);
}
