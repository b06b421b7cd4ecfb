/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's own tree, PID 0: the direct map, with the image in fine pages. Text is read and execute, constants are
 * read only, everything else is read and write; no page is writable and executable, and no page has two addresses.
 * All entries are privileged.
 */
#include "core.h"
#include "offsets.h"

/* One table maps 512 GiB by 1 GiB, others 1 GiB by 2 MiB or 2 MiB by 4 KiB: enough for a few odd ends of RAM. */
enum { TABLE_ENTRIES = 512, TABLES = 32, ROOT_ENTRIES = 8192, ROOT_LEVEL = 3, LEAF_LEVEL_MAX = 2 };

static uint64_t root[ROOT_ENTRIES] __attribute__((aligned(65536)));
static uint64_t tables[TABLES][TABLE_ENTRIES] __attribute__((aligned(4096)));
static unsigned tables_used;

static struct hal_range image;

extern char image_start[], text_end[], rodata_start[], rodata_end[], image_end[], kernel_stacks[], emergency_stacks[];

uint64_t kernel_map_root(void)
{
	return hal_physical_address(root);
}

static uint64_t page_size(unsigned level)
{
	return (uint64_t)1 << (PAGE_SHIFT + 9 * level);
}

/* The table that an entry points to, made if the entry is empty. NULL: no table is left. */
static uint64_t *table_below(uint64_t *entry, unsigned level)
{
	uint64_t pte = hal_pte_read(entry);

	if (!pte) {
		if (tables_used == TABLES)
			return NULL;
		pte = hal_pte_table(level, hal_physical_address(tables[tables_used++]));
		hal_pte_write(entry, pte);
	}
	return hal_kernel_address(hal_pte_address(level, pte));
}

/* The entry of the address at `*level`, or the first one above that is a leaf already. NULL: no table is left. */
static uint64_t *entry_at(uint64_t physical, unsigned *level)
{
	uint64_t *table = root;

	for (unsigned l = ROOT_LEVEL;; l--) {
		uint64_t mask = l == ROOT_LEVEL ? ROOT_ENTRIES - 1 : TABLE_ENTRIES - 1;
		uint64_t *entry = &table[physical >> (PAGE_SHIFT + 9 * l) & mask];

		if (l == *level || hal_pte_is_leaf(l, hal_pte_read(entry))) {
			*level = l;
			return entry;
		}
		table = table_below(entry, l);
		if (!table)
			return NULL;
	}
}

/* Maps what of [start, end) is not mapped yet, by the largest pages. */
static bool map(uint64_t start, uint64_t end, unsigned access)
{
	while (start < end) {
		unsigned level = LEAF_LEVEL_MAX;
		uint64_t *entry;

		while (level > 0 && (start % page_size(level) || page_size(level) > end - start))
			level--;
		entry = entry_at(start, &level);
		while (entry && hal_pte_read(entry) && !hal_pte_is_leaf(level, hal_pte_read(entry))) {
			level--;
			entry = entry_at(start, &level);
		}
		if (!entry)
			return false;
		if (!hal_pte_read(entry))
			hal_pte_write(entry, hal_pte_leaf(level, start, access, MEMORY_NORMAL) | PTE_PRIVILEGED);
		start = (start & ~(page_size(level) - 1)) + page_size(level);
	}
	return true;
}

static bool map_image(const char *start, const char *end, unsigned access)
{
	return map(hal_physical_address(start), hal_physical_address(end), access);
}

/* All but the guard page below each. */
static bool map_stacks(void)
{
	for (const char *guard = kernel_stacks; guard < emergency_stacks; guard += KERNEL_STACK_STRIDE)
		if (!map_image(guard + PAGE_SIZE, guard + KERNEL_STACK_STRIDE, RIGHT_READ | RIGHT_WRITE))
			return false;
	return true;
}

bool kernel_map_init(const struct hal_range *kernel)
{
	image = *kernel;
	return map(0, PAGE_SIZE, RIGHT_READ | RIGHT_EXECUTE) && map(0x4000, 0x5000, RIGHT_READ | RIGHT_EXECUTE) &&
	       map_image(image_start, text_end, RIGHT_READ | RIGHT_EXECUTE) &&
	       map_image(rodata_start, rodata_end, RIGHT_READ) &&
	       map_image(rodata_end, kernel_stacks, RIGHT_READ | RIGHT_WRITE) && map_stacks() &&
	       map_image(emergency_stacks, image_end, RIGHT_READ | RIGHT_WRITE);
}

/* The image keeps the mapping that it has, and the page below the stack none. */
bool hal_direct_map(uint64_t start, uint64_t end)
{
	const unsigned access = RIGHT_READ | RIGHT_WRITE;

	if (end > PHYSICAL_END)
		return false;
	return map(start, end < image.start ? end : image.start, access) &&
	       map(start > image.end ? start : image.end, end, access);
}
