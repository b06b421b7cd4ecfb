/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot stage: from Open Firmware's machine to the one that hal.h promises. It runs in real mode at the linked
 * addresses (start.S) and ends with everything ready for translation. Firmware is called only here, and gone after it.
 */
#include <string.h>
#include "core.h"
#include "openfirmware.h"
#include "papr.h"

/* QEMU's tree takes 20 KiB, a large PowerVM partition's some hundreds. */
enum { TREE_SIZE = 256 * 1024, VECTORS_MAPPED = 0x4000 };
static char tree[TREE_SIZE] __attribute__((aligned(8)));

static struct hal_boot boot;

extern char image_start[], image_end[], vectors_load[];

const struct hal_boot *boot_prepare(uint64_t archive, uint64_t archive_size, uint64_t firmware);

/* From here on the first 20 KiB of RAM are the kernel's. */
static void vectors_install(void)
{
	void *real = hal_kernel_address(0), *mapped = hal_kernel_address(VECTORS_MAPPED);

	memcpy(real, vectors_load, PAGE_SIZE);
	memcpy(mapped, vectors_load + PAGE_SIZE, PAGE_SIZE);
	hal_cache_code(real, PAGE_SIZE);
	hal_cache_code(mapped, PAGE_SIZE);
}

const struct hal_boot *boot_prepare(uint64_t archive, uint64_t archive_size, uint64_t firmware)
{
	struct openfirmware_archive given = {archive, archive_size};

	boot.kernel = (struct hal_range){hal_physical_address(image_start), hal_physical_address(image_end)};
	boot.ram_kept[0] = (struct hal_range){0, VECTORS_MAPPED + PAGE_SIZE};
	boot.physical_end = PHYSICAL_END;
	boot.firmware_error = openfirmware_flatten(firmware, &given, tree, sizeof tree);
	core_registers_init();
	vectors_install();
	papr_interrupts_mask();
	if (!boot.firmware_error) {
		boot.tree = tree;
		boot.tree_limit = sizeof tree;
		papr_init(tree);
		time_init(tree);
		cores_init(tree);
		papr_interrupts_open();
	}
	if (!papr_interrupts_mapped() || !kernel_map_init(&boot.kernel) || !space_init())
		core_fatal("the hypervisor refuses radix translation or mapped interrupts", NULL);
	this_core()->kernel_msr = KERNEL_MSR;
	return &boot;
}
