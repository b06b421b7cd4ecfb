/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's own translation (TTBR1): the direct map of RAM, which the image is a part of, and devices.
 *
 * The image is mapped page by page: text read and execute, constants read, data read and write; the guard
 * pages below the stacks not at all. No other mapping of these pages exists. RAM and devices are never
 * executable. An entry only ever changes from absent to valid, so nothing needs a flush.
 *
 * kernel_map_init() runs with the MMU off, where a table's address is its physical one; `offset` is
 * the difference.
 */
#include "arm64.h"

#include <string.h>

enum {
	TABLES = 32, /* boot takes about 10, a range of RAM up to 5 */
	ENTRIES = PAGE_SIZE / sizeof(uint64_t),
	ROOT_LEVEL = 3,
	TREE_SIZE_MAX = 2 << 20,
	TREE_MAGIC = 0xd00dfeed,
};

#define KERNEL_LEAF  (PTE_VALID | PTE_SHAREABLE | PTE_ACCESSED | PTE_USER_NO_EXECUTE)
#define KERNEL_TEXT  (KERNEL_LEAF | PTE_READ_ONLY)
#define KERNEL_CONST (KERNEL_LEAF | PTE_READ_ONLY | PTE_KERNEL_NO_EXECUTE)
#define KERNEL_DATA  (KERNEL_LEAF | PTE_KERNEL_NO_EXECUTE)
#define KERNEL_DEVICE (KERNEL_DATA | (uint64_t)MEMORY_DEVICE << PTE_ATTRIBUTE_SHIFT)

typedef uint64_t table_t[ENTRIES];

/* start.S names the first three. */
extern table_t kernel_root, identity_root, empty_root;
_Alignas(PAGE_SIZE) table_t kernel_root;
_Alignas(PAGE_SIZE) table_t identity_root; /* for the few instructions that switch the MMU on */
_Alignas(PAGE_SIZE) table_t empty_root;
static _Alignas(PAGE_SIZE) table_t tables[TABLES];
static unsigned tables_used;
static uintptr_t offset; /* kernel address - physical address: 0, later DIRECT_MAP */
static uint64_t tree_physical;
static size_t tree_size;

static uint64_t physical_address(const void *kernel)
{
	return (uintptr_t)kernel - offset;
}

static unsigned level_shift(unsigned level)
{
	return PAGE_SHIFT + 9 * level;
}

/* The entry for `address` at `level`, or at a higher one where a leaf is; makes tables. NULL: none left. */
static uint64_t *walk(uint64_t *table, uintptr_t address, unsigned level)
{
	for (unsigned at = ROOT_LEVEL;; at--) {
		uint64_t *entry = &table[address >> level_shift(at) & (ENTRIES - 1)];
		uint64_t pte = hal_pte_read(entry);

		if (at == level || (pte && hal_pte_is_leaf(at, pte)))
			return entry;
		if (!pte) {
			if (tables_used == TABLES)
				return NULL;
			pte = hal_pte_table(at, physical_address(tables[tables_used++]));
			hal_pte_write(entry, pte);
		}
		table = (uint64_t *)(hal_pte_address(at, pte) + offset);
	}
}

/* Maps one leaf, the largest that fits and does not cover other entries; what is mapped already stays.
   Returns its size, 0: no table left. */
static uint64_t map_leaf(uint64_t *root, uintptr_t address, uint64_t physical, uint64_t size, uint64_t bits)
{
	unsigned level = 2;

	for (;; level--) {
		uint64_t leaf = (uint64_t)1 << level_shift(level);
		uint64_t *entry;
		uint64_t pte;

		if (level > 0 && (((address | physical) & (leaf - 1)) || size < leaf))
			continue;
		entry = walk(root, address, level);
		if (!entry)
			return 0;
		pte = hal_pte_read(entry);
		if (!pte)
			hal_pte_write(entry, physical | bits | (level ? 0 : PTE_TABLE));
		else if (!hal_pte_is_leaf(level, pte))
			continue;
		return leaf;
	}
}

/* Maps whole pages. */
static bool map(uint64_t *root, uintptr_t address, uint64_t physical, uint64_t end, uint64_t bits)
{
	while (physical < end) {
		uint64_t done = map_leaf(root, address, physical, end - physical, bits);

		if (!done)
			return false;
		address += done;
		physical += done;
	}
	__asm__ volatile("isb" : : : "memory");
	return true;
}

static bool map_direct(uint64_t start, uint64_t end, uint64_t bits)
{
	return map(kernel_root, start + DIRECT_MAP, start, end, bits);
}

static uint64_t page_down(uint64_t address)
{
	return address & ~(uint64_t)(PAGE_SIZE - 1);
}

static uint64_t page_up(uint64_t address)
{
	return page_down(address + PAGE_SIZE - 1);
}

static void map_image(void)
{
	map_direct(physical_address(image_start), physical_address(text_end), KERNEL_TEXT);
	map_direct(physical_address(text_end), physical_address(rodata_end), KERNEL_CONST);
	map_direct(physical_address(rodata_end), physical_address(core_stacks), KERNEL_DATA);
	for (struct core_stack *s = core_stacks; s < core_stacks + HAL_CORES_MAX; s++)
		map_direct(physical_address(s->stack), physical_address(s + 1), KERNEL_DATA);
	map_direct(physical_address(core_stacks + HAL_CORES_MAX), physical_address(image_end), KERNEL_DATA);
}

static uint32_t read_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Looks only at the header (magic, totalsize): how much to map. The rest is checked with the MMU on. */
static void map_tree(uint64_t tree)
{
	const uint8_t *header = (const uint8_t *)tree;
	uint32_t size;

	if (!tree || tree >= MAP_SIZE || read_be32(header) != TREE_MAGIC)
		return;
	size = read_be32(header + 4);
	tree_physical = tree;
	if (size <= TREE_SIZE_MAX && map_direct(page_down(tree), page_up(tree + size), KERNEL_DATA))
		tree_size = size;
}

void kernel_map_init(uint64_t tree)
{
	uint64_t block = physical_address(image_start) & ~(((uint64_t)2 << 20) - 1);

	map(identity_root, block, block, block + ((uint64_t)2 << 20), KERNEL_TEXT);
	map_image();
	if (EARLYCON)
		map(kernel_root, DEVICE_MAP + EARLYCON, EARLYCON, EARLYCON + PAGE_SIZE, KERNEL_DEVICE);
	map_tree(tree);
}

void kernel_map_enter(void)
{
	offset = DIRECT_MAP;
}

void *kernel_map_tree(size_t *limit)
{
	*limit = tree_size;
	return tree_physical ? hal_kernel_address(tree_physical) : NULL;
}

void *kernel_map_device(uint64_t physical, uint64_t size)
{
	uint64_t first = page_down(physical);

	if (physical >= MAP_SIZE || size > MAP_SIZE - physical)
		return NULL;
	if (!map(kernel_root, first + DEVICE_MAP, first, page_up(physical + size), KERNEL_DEVICE))
		return NULL;
	return (void *)(physical + DEVICE_MAP);
}

uint64_t kernel_map_empty_root(void)
{
	return physical_address(empty_root);
}

/* The image is left out: the guard page shall stay absent. */
bool hal_direct_map(uint64_t start, uint64_t end)
{
	uint64_t image = physical_address(image_start), behind = physical_address(image_end);

	start = page_up(start);
	end = page_down(end);
	if (start >= end)
		return true;
	if (end > MAP_SIZE)
		return false;
	if (end <= image || start >= behind)
		return map_direct(start, end, KERNEL_DATA);
	return (start >= image || map_direct(start, image, KERNEL_DATA)) &&
	       (end <= behind || map_direct(behind, end, KERNEL_DATA));
}
