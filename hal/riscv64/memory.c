/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's own mappings, and the switching and flushing of address spaces.
 *
 * Guarantees: RAM is mapped once, at KERNEL_BASE + physical, never executable; the kernel's text is
 * read + execute there and nowhere writable, its constants are read only, below each stack is a hole.
 * All of it is global and not accessible in U-mode. kernel_gigabytes (one entry per gigabyte) is Sv39's
 * root, and the table behind the last entry of Sv48's root: the kernel's addresses are the same in both.
 */
#include "csr.h"
#include "internal.h"
#include "sbi.h"

#include <string.h>

enum {
	TABLE_ENTRIES = 512,
	GIGABYTE_LEVEL = 2,
	TABLES = 24,
	FLUSH_PAGES_MAX = 32, /* more than that: flush the whole address space */
	PTE_HOLE = PTE_READ,  /* not valid, but taken: nothing is mapped there later */
	PTE_KERNEL = PTE_VALID | PTE_GLOBAL | PTE_ACCESSED | PTE_DIRTY,
	PTE_KERNEL_DATA = PTE_KERNEL | PTE_READ | PTE_WRITE,
};

extern const char _start[], _text_end[], _rodata_end[], cores_memory[];

/* kernel_root serves the boot code with one gigabyte (Sv39), later it is Sv48's root. */
extern uint64_t kernel_root[TABLE_ENTRIES];
_Alignas(PAGE_SIZE) uint64_t kernel_root[TABLE_ENTRIES];
static _Alignas(PAGE_SIZE) uint64_t kernel_gigabytes[TABLE_ENTRIES];
static _Alignas(PAGE_SIZE) uint64_t tables[TABLES][TABLE_ENTRIES];
static unsigned tables_used;

static struct hal_pt page_tables = {
	.levels = 3,
	.leaf_levels = 1 << 0 | 1 << 1,
	.root_size = PAGE_SIZE,
	.flush_reaches_all = false, /* the firmware would see to it, but awake: here who waits and who is waited for can sleep */
	.user_top = 1ul << 38,
};
static word_t satp_mode = SATP_SV39;
static const uint64_t *active_root = kernel_gigabytes; /* the root without user mappings */

const struct hal_pt *hal_pt(void)
{
	return &page_tables;
}

/* Forgets all translations, on this core. */
static void flush_here(void)
{
	__asm__ volatile("sfence.vma" : : : "memory");
}

/* ---- the direct map ---- */

static uint64_t kernel_leaf(uint64_t physical, uint64_t flags)
{
	return physical >> PAGE_SHIFT << PTE_ADDRESS_SHIFT | flags;
}

/* Fills an absent entry with a new table. */
static bool add_table(uint64_t *entry)
{
	if (tables_used == TABLES)
		return false;
	hal_pte_write(entry, hal_pte_table(0, hal_physical_address(tables[tables_used++])));
	return true;
}

/* Maps the largest page at `address` that fits before `end`, unless something is there already. Returns the address
   behind it, or 0 if there is no table left. */
static uint64_t map_step(uint64_t address, uint64_t end, uint64_t flags)
{
	uint64_t *entry = &kernel_gigabytes[TABLE_ENTRIES / 2];
	for (unsigned shift = PAGE_SHIFT + GIGABYTE_LEVEL * HAL_TABLE_BITS;; shift -= HAL_TABLE_BITS) {
		uint64_t size = 1ul << shift;
		entry += address >> shift & (TABLE_ENTRIES - 1);
		uint64_t pte = hal_pte_read(entry);
		if (pte == 0 && (address & (size - 1)) == 0 && end - address >= size) {
			hal_pte_write(entry, kernel_leaf(address, flags));
			return address + size;
		}
		if (pte == 0 && !add_table(entry))
			return 0;
		if (pte != 0 && hal_pte_is_leaf(0, pte))
			return (address & ~(size - 1)) + size;
		entry = hal_kernel_address(hal_pte_address(0, hal_pte_read(entry)));
	}
}

/* Whole pages only. What is mapped already stays as it is. */
static bool map_pages(uint64_t start, uint64_t end, uint64_t flags)
{
	if (end > DIRECT_MAP_SIZE)
		return false;
	while (start < end) {
		start = map_step(start, end, flags);
		if (start == 0)
			return false;
	}
	flush_here();
	return true;
}

bool memory_map(uint64_t start, uint64_t end)
{
	const uint64_t mask = PAGE_SIZE - 1;
	return start < end && end <= DIRECT_MAP_SIZE && map_pages(start & ~mask, (end + mask) & ~mask, PTE_KERNEL_DATA);
}

/* A page that is RAM only in part is not mapped. */
bool hal_direct_map(uint64_t start, uint64_t end)
{
	const uint64_t mask = PAGE_SIZE - 1;
	return map_pages((start + mask) & ~mask, end & ~mask, PTE_KERNEL_DATA);
}

static bool map_image(const char *start, const char *end, uint64_t flags)
{
	return map_pages(hal_physical_address(start), hal_physical_address(end), flags);
}

bool memory_map_core(const char *start)
{
	return map_image(start, start + PAGE_SIZE, PTE_HOLE) &&
		map_image(start + PAGE_SIZE, start + CORE_STRIDE, PTE_KERNEL_DATA);
}

void memory_init(void)
{
	bool mapped = map_image(_start, _text_end, PTE_KERNEL | PTE_READ | PTE_EXECUTE) &&
		map_image(_text_end, _rodata_end, PTE_KERNEL | PTE_READ) &&
		map_image(_rodata_end, cores_memory, PTE_KERNEL_DATA) && memory_map_core(cores_memory);
	if (!mapped)
		core_fatal("no page tables left for the kernel's image", NULL);
	hal_space_none();
	flush_here();
}

/* ---- translation modes ---- */

/* A write that names a mode which the processor lacks has no effect (4.1.11). */
static bool try_sv48(void)
{
	memset(kernel_root, 0, sizeof kernel_root);
	kernel_root[TABLE_ENTRIES - 1] = hal_pte_table(3, hal_physical_address(kernel_gigabytes));
	word_t satp = SATP_SV48 | hal_physical_address(kernel_root) >> PAGE_SHIFT;
	flush_here();
	csr_write(satp, satp);
	return csr_read(satp) == satp;
}

void memory_choose_mode(bool sv48_wanted)
{
	if (sv48_wanted && try_sv48()) {
		satp_mode = SATP_SV48;
		active_root = kernel_root;
		page_tables.levels = 4;
		page_tables.leaf_levels |= 1 << GIGABYTE_LEVEL;
		page_tables.user_top = 1ul << 47;
	}
	csr_set(satp, SATP_ASID_MASK << SATP_ASID_SHIFT);
	word_t asids = csr_read(satp) >> SATP_ASID_SHIFT & SATP_ASID_MASK;
	while (asids >> page_tables.asid_bits & 1)
		page_tables.asid_bits++;
	if (1u << page_tables.asid_bits <= HAL_CORES_MAX)
		page_tables.asid_bits = 0; /* too few to be worth it: see struct hal_pt */
	hal_space_none();
	flush_here();
}

/* ---- address spaces ---- */

void hal_root_init(uint64_t *root)
{
	const unsigned half = TABLE_ENTRIES / 2;
	memcpy(root + half, active_root + half, half * sizeof *root);
}

void hal_asid_bind(unsigned asid, uint64_t root_physical)
{
	(void)asid;
	(void)root_physical;
}

uint64_t hal_translation(uint64_t root_physical, unsigned asid)
{
	word_t satp = satp_mode | (word_t)asid << SATP_ASID_SHIFT | root_physical >> PAGE_SHIFT;

	return page_tables.asid_bits ? satp : satp & ~SATP_MODE_ANY;
}

void hal_space_none(void)
{
	hal_space_switch(hal_translation(hal_physical_address(active_root), 0));
}

word_t memory_kernel_satp(void)
{
	return satp_mode | hal_physical_address(active_root) >> PAGE_SHIFT;
}

/* ---- flushes ---- */

/* sfence.vma with an address leaves non-leaf entries in the walk caches (4.2.1), so not where a table goes. */
void hal_tlb_flush(unsigned asid, uintptr_t address, size_t length, bool tables_too)
{
	bool whole = tables_too || length > (size_t)FLUSH_PAGES_MAX * PAGE_SIZE;
	if (whole) {
		__asm__ volatile("sfence.vma zero, %0" : : "r"((word_t)asid) : "memory");
		return;
	}
	for (uintptr_t end = address + length; address < end; address += PAGE_SIZE)
		__asm__ volatile("sfence.vma %0, %1" : : "r"(address), "r"((word_t)asid) : "memory");
}

void hal_tlb_flush_all(void)
{
	flush_here();
}

void hal_cache_code(const void *kernel_address, size_t length)
{
	(void)kernel_address;
	(void)length;
	if (cores_alone())
		__asm__ volatile("fence.i" : : : "memory");
	else
		sbi_fence_code();
}
