/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translation of user addresses (TTBR0): which root is active, and the caches of it. The TLB is
 * flushed by broadcast in the inner shareable domain, so other cores need no interrupt (Arm ARM, section D8.14).
 */
#include "arm64.h"

enum { FLUSH_PAGES_MAX = 64 }; /* more pages than this: the whole ASID at once */

static struct hal_pt format = {
	.levels = 4,
	.leaf_levels = 1 << 0 | 1 << 1 | 1 << 2,
	.root_size = PAGE_SIZE,
	.flush_reaches_all = true,
	.user_top = USER_TOP,
};

const struct hal_pt *hal_pt(void)
{
	format.asid_bits = (uint8_t)processor_asid_bits();
	return &format;
}

/* The kernel has tables of its own. */
void hal_root_init(uint64_t *root)
{
	(void)root;
}

/* Root and ASID go into the same register. */
void hal_asid_bind(unsigned asid, uint64_t root_physical)
{
	(void)asid;
	(void)root_physical;
}

void hal_space_none(void)
{
	hal_space_switch(hal_translation(kernel_map_empty_root(), 0));
}

static void flush_begin(void)
{
	__asm__ volatile("dsb ishst" : : : "memory");
}

static void flush_end(void)
{
	__asm__ volatile("dsb ish\n\tisb" : : : "memory");
}

void hal_tlb_flush(unsigned asid, uintptr_t address, size_t length, bool tables)
{
	uint64_t id = (uint64_t)asid << 48;
	uint64_t page = address >> PAGE_SHIFT, last = (address + length - 1) >> PAGE_SHIFT;

	flush_begin();
	if (last - page >= FLUSH_PAGES_MAX)
		__asm__ volatile("tlbi aside1is, %0" : : "r"(id));
	else if (tables)
		for (; page <= last; page++)
			__asm__ volatile("tlbi vae1is, %0" : : "r"(id | page));
	else
		for (; page <= last; page++)
			__asm__ volatile("tlbi vale1is, %0" : : "r"(id | page));
	flush_end();
}

void hal_tlb_flush_all(void)
{
	flush_begin();
	__asm__ volatile("tlbi vmalle1is");
	flush_end();
}

/* The memory may have been written through an uncached mapping as well: then a line of it in a unified cache is
   stale, so the lines are cleaned and invalidated down to memory. */
void hal_cache_code(const void *kernel_address, size_t length)
{
	uint64_t geometry = READ_REGISTER(ctr_el0);
	size_t data_line = (size_t)4 << (geometry >> 16 & 0xf), code_line = (size_t)4 << (geometry & 0xf);
	uintptr_t start = (uintptr_t)kernel_address, end = start + length;

	for (uintptr_t p = start & ~(data_line - 1); p < end; p += data_line)
		__asm__ volatile("dc civac, %0" : : "r"(p) : "memory");
	__asm__ volatile("dsb ish" : : : "memory");
	if ((geometry >> 14 & 3) == 3) /* L1Ip: physically indexed, so any address of the memory will do */
		for (uintptr_t p = start & ~(code_line - 1); p < end; p += code_line)
			__asm__ volatile("ic ivau, %0" : : "r"(p) : "memory");
	else
		__asm__ volatile("ic ialluis" : : : "memory");
	__asm__ volatile("dsb ish\n\tisb" : : : "memory");
}
