/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simulated machine's memory: RAM at a fixed address of this process, saved states, the MMU's
 * shapes, its TLB and walk cache. The TLB keeps what it saw until it is told to forget it, so that a
 * flush which the core left out is found.
 */
#define _GNU_SOURCE
#include "fiber.h"
#include "hosted.h"

#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define RAM ((unsigned char *)0x200000000000) /* where the address sanitizer has nothing */

enum { RUBBISH = 0xa5, TLB_ENTRIES = 64, DEAD_MAX = 1024, ASIDS_MAX = 16 };

/* ---- direct map ---- */

void *hosted_kernel_address(uint64_t physical)
{
	if (physical < HOSTED_RAM_BASE || physical > HOSTED_RAM_BASE + HOSTED_RAM_SIZE)
		hosted_abort("the core reaches for memory that is not RAM");
	return RAM + (physical - HOSTED_RAM_BASE);
}

uint64_t hosted_physical_address(const void *kernel)
{
	uintptr_t offset = (uintptr_t)kernel - (uintptr_t)RAM;

	if (offset > HOSTED_RAM_SIZE)
		hosted_abort("the core asks for the physical address of something outside of the direct map");
	return HOSTED_RAM_BASE + offset;
}

bool hal_direct_map(uint64_t start, uint64_t end)
{
	return start >= HOSTED_RAM_BASE && end <= HOSTED_RAM_BASE + HOSTED_RAM_SIZE;
}

void hal_cache_code(const void *kernel_address, size_t length)
{
	if (hosted_physical_address(kernel_address) + length > HOSTED_RAM_BASE + HOSTED_RAM_SIZE)
		hosted_abort("code outside of RAM");
}

struct hal_boot hosted_boot_facts(void *tree, size_t size)
{
	return (struct hal_boot){
		.tree = tree,
		.tree_limit = size,
		.kernel = {HOSTED_RAM_BASE, HOSTED_RAM_BASE + HOSTED_KERNEL_SIZE},
		.ram_kept[0] = {HOSTED_RAM_BASE + HOSTED_KERNEL_SIZE, HOSTED_RAM_BASE + HOSTED_KERNEL_SIZE + PAGE_SIZE},
		.devices_kept[0] = {0x10000000, 0x10001000},
		.physical_end = HOSTED_PHYSICAL_END,
	};
}

/* ---- dead memory ---- */

static struct hal_range dead[DEAD_MAX];
static unsigned dead_count;

void hosted_dead(uint64_t start, uint64_t end)
{
	if (dead_count == DEAD_MAX || start >= end || start < HOSTED_RAM_BASE || end > HOSTED_RAM_BASE + HOSTED_RAM_SIZE)
		return;
	dead[dead_count++] = (struct hal_range){start, end};
	ASAN_POISON_MEMORY_REGION(hosted_kernel_address(start), end - start);
}

void hosted_all_alive(void)
{
	while (dead_count) {
		struct hal_range range = dead[--dead_count];

		ASAN_UNPOISON_MEMORY_REGION(hosted_kernel_address(range.start), range.end - range.start);
	}
}

/* ---- saved states ---- */

extern unsigned char __start_machine_bss[], __stop_machine_bss[], __start_machine_data[], __stop_machine_data[];

#pragma clang section bss = "" data = ""
static struct {
	int ram;
	unsigned char *bss, *data;
} snapshot[SNAPSHOTS];
#pragma clang section bss = "machine_bss" data = "machine_data"

/* Whole sections, with what the sanitizer put between variables. */
__attribute__((no_sanitize("address"))) static void copy(unsigned char *to, const unsigned char *from, const unsigned char *end)
{
	for (; end - from >= 8; to += 8, from += 8)
		*(uint64_t *)(void *)to = *(const uint64_t *)(const void *)from;
	while (from < end)
		*to++ = *from++;
}

static void map_ram(int file, int how)
{
	if (mmap(RAM, HOSTED_RAM_SIZE, PROT_READ | PROT_WRITE, how | MAP_FIXED, file, 0) != RAM)
		hosted_abort("no memory for the machine's RAM");
}

void hosted_power_on(void)
{
	map_ram(-1, MAP_PRIVATE | MAP_ANONYMOUS);
	for (size_t i = 0; i < HOSTED_RAM_SIZE; i++)
		RAM[i] = RUBBISH;
}

void hosted_save(unsigned slot)
{
	size_t bss = (size_t)(__stop_machine_bss - __start_machine_bss), data = (size_t)(__stop_machine_data - __start_machine_data);

	hosted_all_alive();
	if (!snapshot[slot].bss) {
		snapshot[slot].ram = memfd_create("ram", 0);
		snapshot[slot].bss = malloc(bss);
		snapshot[slot].data = malloc(data);
	}
	if (ftruncate(snapshot[slot].ram, HOSTED_RAM_SIZE) ||
	    pwrite(snapshot[slot].ram, RAM, HOSTED_RAM_SIZE, 0) != HOSTED_RAM_SIZE)
		hosted_abort("the machine's state could not be saved");
	copy(snapshot[slot].bss, __start_machine_bss, __stop_machine_bss);
	copy(snapshot[slot].data, __start_machine_data, __stop_machine_data);
}

void hosted_restore(unsigned slot)
{
	fibers_forget();
	hosted_all_alive();
	map_ram(snapshot[slot].ram, MAP_PRIVATE);
	copy(__start_machine_bss, snapshot[slot].bss, snapshot[slot].bss + (__stop_machine_bss - __start_machine_bss));
	copy(__start_machine_data, snapshot[slot].data, snapshot[slot].data + (__stop_machine_data - __start_machine_data));
}

/* ---- page tables ---- */

const struct hal_pt *hal_pt(void)
{
	static const struct hal_pt shapes[SHAPES] = {
		[SHAPE_USUAL] = {4, 1 | 2 | 4, 4, 4096, false, (uintptr_t)1 << 47},
		[SHAPE_BIG_ROOT] = {4, 1 | 2 | 4, 0, 65536, true, (uintptr_t)1 << 52},
		[SHAPE_SMALL] = {3, 1 | 2, 3, 4096, false, (uintptr_t)1 << 25},
	};

	return &shapes[hosted.shape];
}

unsigned hosted_table_bits(void)
{
	return hosted.shape == SHAPE_SMALL ? 4 : 9;
}

void hal_root_init(uint64_t *root)
{
	for (size_t i = 0; i < hal_pt()->root_size / sizeof(*root); i++)
		if (root[i])
			hosted_abort("a root table is not cleared");
}

static bool pte_is_right(unsigned level, uint64_t pte)
{
	return (pte & PTE_MARK_MASK) == PTE_MARK && pte & PTE_VALID && (pte >> PTE_LEVEL_SHIFT & PTE_LEVEL_MASK) == level;
}

void hosted_pte_check(unsigned level, uint64_t pte)
{
	if (!pte_is_right(level, pte))
		hosted_abort("a page-table entry is damaged, or of another level");
}

void hosted_pte_write(uint64_t *entry, uint64_t pte)
{
	if (pte && *entry)
		hosted_abort("a valid page-table entry is rewritten");
	*entry = pte;
}

/* ---- TLBs and walk caches, one per core ---- */

/* A translation (leaf) or a pointer to a table that a walk met. */
struct cached {
	unsigned asid, level;
	uintptr_t start, end; /* addresses that it covers; end 0: unused */
	uint64_t pte;
};

static struct mmu {
	struct cached tlb[TLB_ENTRIES];
	unsigned next;
	uint64_t root; /* physical; 0: none */
	unsigned asid;
} mmu[HOSTED_CORES];

static uint64_t root_of[ASIDS_MAX]; /* physical; the same on all cores */

static unsigned shift_of(unsigned level)
{
	return PAGE_SHIFT + level * HAL_TABLE_BITS;
}

/* The entry that a walk from `root` meets at `level` or, if there is a leaf or nothing on the way, above. */
static uint64_t walk(uint64_t root, uintptr_t address, unsigned level, unsigned *found)
{
	unsigned at = hal_pt()->levels - 1u;
	uint64_t table = root;

	for (;; at--) {
		const uint64_t *entries = hosted_kernel_address(table);
		size_t index = address >> shift_of(at), mask = ((size_t)1 << HAL_TABLE_BITS) - 1;
		uint64_t pte = entries[at == hal_pt()->levels - 1u ? index : index & mask];

		*found = at;
		if (at == level || !pte_is_right(at, pte) || pte & PTE_LEAF)
			return pte;
		table = pte & PTE_ADDRESS;
	}
}

static void cache(struct mmu *m, unsigned level, uintptr_t address, uint64_t pte)
{
	uintptr_t size = (uintptr_t)1 << shift_of(level), start = address & ~(size - 1);

	m->tlb[m->next] = (struct cached){m->asid, level, start, start + size, pte};
	m->next = (m->next + 1) % TLB_ENTRIES;
}

static const struct cached *look_up(const struct mmu *m, uintptr_t address)
{
	for (const struct cached *c = m->tlb; c < m->tlb + TLB_ENTRIES; c++)
		if (c->end && c->asid == m->asid && c->pte & PTE_LEAF && address >= c->start && address < c->end)
			return c;
	return NULL;
}

bool hosted_touch(uintptr_t address, unsigned access, uint64_t *physical)
{
	struct mmu *m = &mmu[hosted_self];
	const struct cached *hit = look_up(m, address);
	unsigned level = hal_pt()->levels;

	if (!m->root || address >= hal_pt()->user_top)
		return false;
	while (!hit && level > 0) {
		uint64_t pte = walk(m->root, address, level - 1, &level);

		if (!pte)
			return false;
		hosted_pte_check(level, pte);
		cache(m, level, address, pte);
		hit = look_up(m, address);
	}
	if (!hit || (hit->pte >> PTE_ACCESS_SHIFT & access) != access)
		return false;
	*physical = (hit->pte & PTE_ADDRESS) + (address - hit->start);
	return true;
}

static const char *check_mmu(const struct mmu *m)
{
	for (const struct cached *c = m->tlb; c < m->tlb + TLB_ENTRIES; c++) {
		uint64_t root = hal_pt()->asid_bits ? root_of[c->asid] : m->root;
		unsigned level;

		if (c->end && (!root || walk(root, c->start, c->level, &level) != c->pte || level != c->level))
			return c->pte & PTE_LEAF ? "the TLB holds a translation that is gone"
						 : "the walk cache holds a table that is gone";
	}
	return NULL;
}

const char *hosted_check_tlb(void)
{
	const char *problem = NULL;

	for (unsigned core = 0; core < hosted.cores && !problem; core++)
		problem = check_mmu(&mmu[core]);
	return problem;
}

static void forget(struct mmu *m, const struct cached *what, bool all_asids, bool tables)
{
	hosted.flushes++;
	for (struct cached *c = m->tlb; c < m->tlb + TLB_ENTRIES; c++)
		if ((all_asids || c->asid == what->asid) && c->start < what->end && c->end > what->start && (tables || c->pte & PTE_LEAF))
			c->end = 0;
}

/* On this core, or on all. */
static void forget_where(const struct cached *what, bool all_asids, bool tables)
{
	for (unsigned core = 0; core < HOSTED_CORES; core++)
		if (core == hosted_self || hal_pt()->flush_reaches_all)
			forget(&mmu[core], what, all_asids, tables);
}

static void check_asid(unsigned asid)
{
	if (asid >= 1u << hal_pt()->asid_bits || (asid == 0) != (hal_pt()->asid_bits == 0))
		hosted_abort("an ASID out of range");
}

void hal_asid_bind(unsigned asid, uint64_t root_physical)
{
	check_asid(asid);
	root_of[asid] = root_physical;
}

void hosted_space_switch(uint64_t root_physical, unsigned asid)
{
	struct mmu *m = &mmu[hosted_self];

	check_asid(asid);
	if (!hal_pt()->asid_bits)
		forget(m, &(struct cached){.end = UINTPTR_MAX}, true, true);
	else if (root_of[asid] != root_physical)
		hosted_abort("an ASID is used for another root than it was bound to");
	m->root = root_physical;
	m->asid = asid;
}

void hal_space_none(void)
{
	struct mmu *m = &mmu[hosted_self];

	if (!hal_pt()->asid_bits)
		forget(m, &(struct cached){.end = UINTPTR_MAX}, true, true);
	m->root = 0;
}

void hal_tlb_flush(unsigned asid, uintptr_t address, size_t length, bool tables)
{
	check_asid(asid);
	forget_where(&(struct cached){.asid = asid, .start = address, .end = address + length}, !hal_pt()->asid_bits, tables);
}

void hal_tlb_flush_all(void)
{
	forget_where(&(struct cached){.end = UINTPTR_MAX}, true, true);
}
