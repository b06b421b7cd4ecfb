/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a core begins that waited at its cpu-release-addr: at EL1 or EL2, MMU off. It finds its struct core by its affinity and goes
 * on as one that PSCI has started. One that is not in the table was not asked to come.
 */
#include "offsets.h"

#define CORES 16 /* HAL_CORES_MAX */

	.text
	.globl	spin_table_entry
spin_table_entry:
	msr	daifset, #0xf
	mrs	x1, mpidr_el1
	ldr	x2, =0xff00ffffff	/* AFFINITY_MASK */
	and	x1, x1, x2
	adrp	x2, spin_table_cores
	add	x2, x2, :lo12:spin_table_cores
	mov	x4, #CORES
1:	ldp	x3, x0, [x2], #16
	cbz	x0, 2f
	cmp	x3, x1
	b.eq	secondary_entry
2:	subs	x4, x4, #1
	b.ne	1b
3:	wfe
	b	3b
