/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cores' ways from start.S to core_main and core_secondary.
 */
#include "board.h"
#include "local_apic.h"
#include "pc_clock.h"
#include "entry.h"
#include "interrupt.h"
#include "platform.h"
#include "paging.h"
#include "processor.h"
#include "secondary.h"

enum { TREE_SIZE = 0x10000, BASE_MEMORY_END = 0xa0000 };

/* What no device Untyped may cover, and RAM that is not in the tree but answers: for starting other cores. */
static void keep(struct hal_boot *boot, const struct platform *p)
{
	uint64_t apic = apic_physical() & ~(uint64_t)(APIC_REGION_SIZE - 1);

	boot->ram_kept[0] = (struct hal_range){0, BASE_MEMORY_END};
	boot->devices_kept[0] = (struct hal_range){apic, apic + APIC_REGION_SIZE};
	for (unsigned i = 0; i < p->ioapics; i++) {
		uint64_t page = p->ioapic[i].address & ~(uint64_t)(PAGE_SIZE - 1);

		boot->devices_kept[1 + i] = (struct hal_range){page, page + PAGE_SIZE};
	}
	boot->devices_kept[1 + p->ioapics] = p->kept;
}
_Static_assert(2 + PLATFORM_IOAPICS <= HAL_RANGES_MAX, "struct hal_boot");

struct hal_frame *hal_start(uint32_t boot_data, uint32_t linux_protocol)
{
	static struct platform platform;
	static _Alignas(8) uint8_t tree[TREE_SIZE];
	static struct hal_boot boot;

	processor_init();
	processor_core_init();
	paging_init();
	hal_space_none();
	clock_init();
	apic_init();
	platform.physical_end = boot.physical_end = 1ull << features.physical_bits;
	platform.boot_cpu = cpuid_read(1).b >> 24;
	boot.firmware_error = linux_protocol ? linux_boot_read(boot_data, &platform) : pvh_read(boot_data, &platform);
	if (boot.firmware_error == NULL) {
		platform_read(&platform);
		for (const struct board *b = boards_start; b < boards_end; b++)
			b->read(&platform);
		boot.firmware_error = tree_build(&platform, tree, sizeof(tree));
	}
	if (boot.firmware_error == NULL)
		boot.tree = tree;
	boot.tree_limit = sizeof(tree);
	boot.kernel = paging_image();
	secondary_init(&platform);
	interrupt_init(&platform);
	keep(&boot, &platform);
	return core_main(&boot);
}

struct hal_frame *hal_start_secondary(void)
{
	processor_core_init();
	hal_space_none();
	apic_core_init();
	secondary_arrived();
	return core_secondary();
}
