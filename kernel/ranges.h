/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of physical address ranges, for boot: sorted, disjoint, bounded. */
#ifndef KERNEL_RANGES_H
#define KERNEL_RANGES_H

#include "kernel/hal.h"

enum { RANGES_MAX = 64 };

struct ranges {
	struct hal_range range[RANGES_MAX];
	unsigned count;
};

/* Adds [start, end), merging what touches. False: the set is full. */
bool ranges_add(struct ranges *set, uint64_t start, uint64_t end);

/* Removes [start, end). False: the set is full (a range in the middle would be split). */
bool ranges_remove(struct ranges *set, uint64_t start, uint64_t end);

/* Does the set contain all of [start, end)? */
bool ranges_contain(const struct ranges *set, uint64_t start, uint64_t end);

#endif
