/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between start.S and the core: kernel mappings are on, interrupts off. Sets up the core's registers and the
 * devices that the kernel drives, and says what it found.
 */
#include "arm64.h"

#include <libfdt.h>

/* Fills what comes from the tree; the text says why the kernel cannot go on. */
static const char *use_tree(struct hal_boot *boot)
{
	const char *missing;

	boot->tree = kernel_map_tree(&boot->tree_limit);
	if (!boot->tree)
		return "firmware gave no device tree in x0";
	if (!boot->tree_limit)
		return "the device tree is larger than 2 MiB or out of reach";
	boot->tree_memory.start = hal_physical_address(boot->tree);
	boot->tree_memory.end = boot->tree_memory.start + boot->tree_limit;
	if (fdt_check_full(boot->tree, boot->tree_limit))
		return "the device tree is damaged";
	console_init(boot->tree);
	firmware_init(boot->tree);
	stop_init(boot->tree, boot);
	missing = interrupt_find(boot->tree);
	if (!missing)
		missing = timer_init(boot->tree);
	if (!missing)
		missing = interrupt_init(boot->tree, boot);
	if (!missing)
		cores_init(boot->tree);
	return missing;
}

struct hal_frame *kernel_main(void)
{
	static struct hal_boot boot;

	kernel_map_enter();
	console_enter();
	processor_init();
	boot.kernel = (struct hal_range){ hal_physical_address(image_start), hal_physical_address(image_end) };
	boot.physical_end = (uint64_t)1 << processor_physical_bits();
	boot.firmware_error = use_tree(&boot);
	return core_main(&boot);
}
