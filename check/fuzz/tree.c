/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzing of the device tree's reader: an input is what firmware left. Whatever it is, it is read or refused
 * with a text; what was read is sound, and the same after the tree was packed.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/tree.h"
#include "sound.h"

/* Sorted, not empty, whole pages, nothing touches. */
static void check_ranges(const struct ranges *set)
{
	sound(set->count <= RANGES_MAX, "a set of ranges has more than it can");
	for (unsigned i = 0; i < set->count; i++) {
		const struct hal_range *r = &set->range[i];

		sound(r->start < r->end, "an empty range");
		sound(!(r->start % PAGE_SIZE) && !(r->end % PAGE_SIZE), "a range that is not of whole pages");
		sound(!i || r[-1].end < r->start, "ranges out of order, or touching");
	}
}

static void check_machine(const struct machine *machine)
{
	check_ranges(&machine->ram);
	check_ranges(&machine->reserved);
	sound(machine->ram.count, "a tree without memory was read");
	sound(ranges_contain(&machine->ram, machine->archive.start, machine->archive.end), "an archive outside of memory");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct machine machine = {.archive = {0, 0}}, packed = {.archive = {0, 0}};
	struct hal_boot boot = {.tree = malloc(size + !size), .tree_limit = size};

	memcpy(boot.tree, data, size);
	if (!tree_read(&boot, &machine)) {
		check_machine(&machine);
		sound(tree_pack(boot.tree) <= size, "a packed tree is larger than before");
		sound(!tree_read(&boot, &packed), "a packed tree cannot be read");
		sound(!memcmp(&machine, &packed, sizeof(machine)), "a packed tree says something else");
	}
	free(boot.tree);
	return 0;
}
