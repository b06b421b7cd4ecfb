/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot core's way from start.S to core_main.
 */
#include "apic.h"
#include "clock.h"
#include "entry.h"
#include "machine.h"
#include "paging.h"
#include "processor.h"

enum { TREE_SIZE = 0x10000, BASE_MEMORY_END = 0xa0000 };

/* What no device Untyped may cover, and RAM that is not in the tree but answers: for starting other cores. */
static void keep(struct hal_boot *boot, const struct machine *m)
{
	uint64_t apic = apic_physical() & ~(uint64_t)(APIC_REGION_SIZE - 1);

	boot->ram_kept[0] = (struct hal_range){0, BASE_MEMORY_END};
	boot->devices_kept[0] = (struct hal_range){apic, apic + APIC_REGION_SIZE};
	for (unsigned i = 0; i < m->ioapics; i++) {
		uint64_t page = m->ioapic[i].address & ~(uint64_t)(PAGE_SIZE - 1);

		boot->devices_kept[1 + i] = (struct hal_range){page, page + PAGE_SIZE};
	}
}
_Static_assert(1 + MACHINE_IOAPICS <= HAL_RANGES_MAX, "struct hal_boot");

struct hal_frame *hal_start(uint32_t start_info)
{
	static struct machine machine;
	static _Alignas(8) uint8_t tree[TREE_SIZE];
	static struct hal_boot boot;

	processor_init();
	paging_init();
	clock_init();
	apic_init();
	boot.firmware_error = pvh_read(start_info, &machine);
	if (boot.firmware_error == NULL) {
		machine_read(&machine);
		boot.firmware_error = tree_build(&machine, tree, sizeof(tree));
	}
	if (boot.firmware_error == NULL)
		boot.tree = tree;
	boot.tree_limit = sizeof(tree);
	boot.kernel = paging_image();
	boot.physical_end = 1ull << features.physical_bits;
	keep(&boot, &machine);
	return core_main(&boot);
}
