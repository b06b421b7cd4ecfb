/* SPDX-License-Identifier: BSD-2-Clause */
/* From start.S to core_main(). To add: the kernel's page tables, the processor's set-up, what hal_boot wants to know. */
#include "missing.h"

extern char image_start[], image_end[];

_Noreturn void start_main(uint64_t tree);

/* Without an MMU addresses are physical, so that the tree can be read where it is. */
_Noreturn void start_main(uint64_t tree)
{
	static struct hal_boot boot;

	boot.tree = (void *)tree;
	boot.tree_limit = 2 << 20;
	boot.tree_memory = (struct hal_range){tree, tree + boot.tree_limit};
	boot.kernel = (struct hal_range){(uintptr_t)image_start, (uintptr_t)image_end};
	boot.physical_end = (uint64_t)1 << 56;
	(void)core_main(&boot);
	missing("the way to user level with the frame that core_main() returned");
}
