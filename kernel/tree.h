/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel itself reads from the flattened device tree: memory, reservations, the boot archive.
 * Everything is checked; every problem is a text that names what was wrong.
 */
#ifndef KERNEL_TREE_H
#define KERNEL_TREE_H

#include "kernel/ranges.h"

enum { TREE_SIZE_MAX = 2 << 20 };

struct machine {
	struct ranges ram;      /* as the tree says, whole pages */
	struct ranges reserved; /* by firmware, rounded outwards to pages */
	struct hal_range archive; /* exact bytes */
};

/* Reads the tree that the HAL found. Returns NULL, or what is wrong with it. */
const char *tree_read(const struct hal_boot *boot, struct machine *machine);

/* Closes the gaps in a tree that was read well, where libfdt can. Returns its size in bytes. */
size_t tree_pack(void *tree);

#endif
