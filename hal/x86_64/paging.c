/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables of the kernel's half and the translation caches.
 *
 * Guarantees: nothing is writable and executable, at any of its addresses: the image's text and constants
 * are read only in the direct map too, which is never executable. The kernel's tables come from a fixed
 * pool in the image; the upper 256 slots of the root are final when core_main has called hal_direct_map for
 * the last time, and are copied into every root.
 */
#include "paging.h"

#include "acpi.h"
#include "processor.h"

#include <string.h>

enum { TABLES = 64, ENTRIES = 512, ROOT_LEVEL = 3, DIRECT_MAP_BITS = 46, INVALIDATE_PAGES_MAX = 32 };

static _Alignas(4096) uint64_t tables[TABLES][ENTRIES];
static unsigned tables_used = 1;
static uint64_t *const kernel_root = tables[0];

/* From kernel.ld. */
extern uint8_t image_start[], image_rodata[], image_data[], image_end[];

static struct hal_pt shape = {
	.levels = 4,
	.leaf_levels = 1 << 0 | 1 << 1,
	.asid_bits = 0,
	.root_size = PAGE_SIZE,
	.user_top = 0x7ffffffff000, /* without the last page: SYSCALL at its end would leave an ip that is not canonical */
};

const struct hal_pt *hal_pt(void)
{
	return &shape;
}

static uint64_t image_physical(const void *address)
{
	return (uintptr_t)address - IMAGE_OFFSET;
}

static uint64_t leaf_size(unsigned level)
{
	return (uint64_t)PAGE_SIZE << 9 * level;
}

/* The entry for an address at `level`, or a leaf above it; missing tables are made. NULL: the pool is empty. */
static uint64_t *entry_find(uintptr_t address, unsigned level)
{
	uint64_t *table = kernel_root;

	for (unsigned l = ROOT_LEVEL;; l--) {
		uint64_t *entry = &table[address >> (PAGE_SHIFT + 9 * l) & (ENTRIES - 1)];

		if (l == level || (*entry & PTE_LARGE))
			return entry;
		if (*entry == 0) {
			if (tables_used == TABLES)
				return NULL;
			*entry = image_physical(tables[tables_used++]) | PTE_PRESENT | PTE_WRITE;
		}
		table = (uint64_t *)((*entry & PTE_ADDRESS) + IMAGE_OFFSET);
	}
}

/* Makes the largest leaf that fits, unless something is mapped there; returns how far to advance, or 0. */
static uint64_t map_leaf(uintptr_t address, uint64_t physical, uint64_t length, uint64_t flags)
{
	for (unsigned level = features.large_1g ? 2 : 1;; level--) {
		uint64_t size = leaf_size(level), *entry;

		if (level > 0 && (((address | physical) & (size - 1)) != 0 || length < size))
			continue;
		entry = entry_find(address, level);
		if (entry == NULL)
			return 0;
		if (*entry == 0) {
			*entry = physical | flags | (level > 0 ? PTE_LARGE : 0);
			return size;
		}
		if (level == 0 || (*entry & PTE_LARGE))
			return size;
	}
}

/* Maps whole pages; what is mapped already stays as it is. */
static bool map(uintptr_t address, uint64_t start, uint64_t end, uint64_t flags)
{
	flags |= PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY | (features.global_pages ? PTE_GLOBAL : 0);
	while (start < end) {
		uint64_t step = map_leaf(address, start, end - start, flags);

		if (step == 0)
			return false;
		address += step;
		start += step;
	}
	return true;
}

bool hal_direct_map(uint64_t start, uint64_t end)
{
	start = (start + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
	end &= ~(uint64_t)(PAGE_SIZE - 1);
	if (end > 1ull << DIRECT_MAP_BITS)
		return false;
	return map(DIRECT_MAP + start, start, end, PTE_WRITE | PTE_NO_EXECUTE);
}

/* A part of the image, at its address and in the direct map. */
static void map_image(const uint8_t *start, const uint8_t *end, uint64_t flags)
{
	uint64_t first = image_physical(start), last = image_physical(end);

	if (!map((uintptr_t)start, first, last, flags) || !map(DIRECT_MAP + first, first, last, flags | PTE_NO_EXECUTE))
		core_fatal("no page tables for the kernel's image", NULL);
}

void paging_init(void)
{
	const uint8_t *data = image_data;

	map_image(image_start, image_rodata, 0);
	map_image(image_rodata, image_data, PTE_NO_EXECUTE);
	for (unsigned i = 0; i < CORES_MAX; i++) {
		map_image(data, core_areas[i].guard, PTE_WRITE | PTE_NO_EXECUTE);
		data = core_areas[i].stack;
	}
	map_image(data, image_end, PTE_WRITE | PTE_NO_EXECUTE);
	if (features.large_1g)
		shape.leaf_levels |= 1 << 2;
}

struct hal_range paging_image(void)
{
	return (struct hal_range){image_physical(image_start), image_physical(image_end)};
}

static volatile void *window_map(enum window window, uint64_t physical, uint64_t flags)
{
	uintptr_t address = WINDOWS + (uintptr_t)window * PAGE_SIZE;
	uint64_t *entry = entry_find(address, 0);

	if (entry == NULL)
		core_fatal("no page table for the window pages", NULL);
	*entry = physical == UINT64_MAX ? 0 : physical | flags | PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY | PTE_NO_EXECUTE;
	page_invalidate(address);
	return (volatile void *)address;
}

volatile void *paging_map_device(enum window window, uint64_t physical)
{
	return window_map(window, physical, PTE_WRITE | PTE_CACHE_DISABLE | PTE_WRITE_THROUGH);
}

bool firmware_read(void *to, uint64_t physical, size_t length)
{
	uint64_t limit = 1ull << features.physical_bits;
	uint8_t *out = to;

	if (physical > limit || length > limit - physical)
		return false;
	while (length > 0) {
		size_t offset = physical & (PAGE_SIZE - 1);
		size_t part = length < PAGE_SIZE - offset ? length : PAGE_SIZE - offset;
		volatile void *page = window_map(WINDOW_FIRMWARE, physical - offset, 0);

		memcpy(out, (const uint8_t *)(uintptr_t)page + offset, part);
		out += part;
		physical += part;
		length -= part;
	}
	window_map(WINDOW_FIRMWARE, UINT64_MAX, 0);
	return true;
}

/* ---- user roots and the translation caches (no PCID: SDM 3A, 4.10.4.1) ---- */

void hal_root_init(uint64_t *root)
{
	memcpy(root + ENTRIES / 2, kernel_root + ENTRIES / 2, ENTRIES / 2 * sizeof(uint64_t));
}

void hal_asid_bind(unsigned asid, uint64_t root_physical)
{
	(void)asid;
	(void)root_physical;
}

void hal_space_none(void)
{
	cr3_write(image_physical(kernel_root));
}

/* Only the current root's translations can be cached. INVLPG suffices for leaves; freed tables take a new CR3. */
void hal_tlb_flush(unsigned asid, uintptr_t address, size_t length, bool walk_caches)
{
	(void)asid;
	if (walk_caches || length > (size_t)INVALIDATE_PAGES_MAX * PAGE_SIZE) {
		hal_tlb_flush_all();
		return;
	}
	for (size_t offset = 0; offset < length; offset += PAGE_SIZE)
		page_invalidate(address + offset);
}

/* The kernel's own translations are global and stay. */
void hal_tlb_flush_all(void)
{
	cr3_write(cr3_read());
}

/* Instruction fetch is coherent with stores through any mapping; the way back to user level serialises (SDM 3A, 11.6). */
void hal_cache_code(const void *kernel_address, size_t length)
{
	(void)kernel_address;
	(void)length;
}
