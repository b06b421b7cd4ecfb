/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User address spaces: PIDs and the process table, and the removal of cached translations. Power ISA 3.0B, Book III
 * 5.7.6 (process table), 5.7.10 (radix trees), 5.9.3.3 (tlbie), 5.10 (how tables are changed).
 *
 * User level sees quadrant 0 through its PID's tree. The kernel uses only quadrant 3, which is always PID 0's tree, so
 * a switch is one register. User level's own accesses to quadrant 3 meet privileged entries. No thread runs with PID 0.
 */
#include "core.h"
#include "machine.h"

/* Sizes of a radix tree that translates 52 bits (31 + 0b10101), as its pointer has them; the root has 2^13 entries. */
#define TREE_SIZES ((uint64_t)2 << 61 | 5 << 5 | 13)

enum { ROOT_SIZE = 65536, PIDS = 1 << (PROCESS_TABLE_SHIFT - 4) };

struct process_entry {
	uint64_t tree, reserved;
};
static struct process_entry process_table[PIDS] __attribute__((aligned(1 << PROCESS_TABLE_SHIFT)));
_Static_assert((int)PID_NONE < (int)PIDS, "the PID without tables has an entry");

/* user_top is all that a tree translates: what lies above can never be mapped, and says so by a segment interrupt. */
static const struct hal_pt shape = {
	.levels = 4,
	.leaf_levels = 1 << 0 | 1 << 1 | 1 << 2,
	.asid_bits = ASID_BITS,
	.root_size = ROOT_SIZE,
	.flush_reaches_all = false, /* a POWER9's tlbie does, but QEMU's other cores do it only some time later */
	.user_top = (uintptr_t)1 << 52,
};

const struct hal_pt *hal_pt(void)
{
	return &shape;
}

bool space_init(void)
{
	const uint64_t root = TREE_SIZES | kernel_map_root();

	hal_pte_write(&process_table[0].tree, root);
	return machine_translate(hal_physical_address(process_table), PROCESS_TABLE_SHIFT, root);
}

/* The kernel's part is PID 0's tree. */
void hal_root_init(uint64_t *root)
{
	(void)root;
}

/* tlbie's scope (RB[IS]) and reach (RIC). Everything includes walk caches and cached process-table entries. */
enum { SCOPE_PAGE = 0, SCOPE_PID = 1, SCOPE_ALL = 2, SCOPE_SHIFT = 10 };
enum { REACH_TRANSLATIONS = 0, REACH_EVERYTHING = 2 };

/* tlbie RB, RS, RIC, PRS = 1 (the process's own tables), R = 1 (radix); by number, since LLVM's assembler lacks this form. */
#define TLBIE(rb, rs, ric)                                                    \
	__asm__ volatile(".long 0x7c030264 | %1 << 21 | %2 << 18 | %0 << 11"  \
			 :                                                    \
			 : "r"((uint64_t)(rb)), "r"((uint64_t)(rs)), "i"(ric) \
			 : "memory")

static uint64_t pid_field(unsigned asid)
{
	return (uint64_t)asid << 32;
}

static void invalidate_pages(unsigned asid, uintptr_t address, size_t length)
{
	for (uintptr_t page = address; page < address + length; page += PAGE_SIZE) /* RB[AP] = 0: 4 KiB */
		TLBIE(page | SCOPE_PAGE << SCOPE_SHIFT, pid_field(asid), REACH_TRANSLATIONS);
}

static void invalidate_pid(unsigned asid)
{
	TLBIE(SCOPE_PID << SCOPE_SHIFT, pid_field(asid), REACH_TRANSLATIONS);
}

static void invalidate_pid_and_tables(unsigned asid)
{
	TLBIE(SCOPE_PID << SCOPE_SHIFT, pid_field(asid), REACH_EVERYTHING);
}

/* Waits until all cores have done what was asked, and their accesses through old translations are done (5.10.1.2). */
static void invalidate_wait(void)
{
	__asm__ volatile("eieio; tlbsync; ptesync" : : : "memory");
}

/* The entry's old tree, if any, may be cached still. */
void hal_asid_bind(unsigned asid, uint64_t root_physical)
{
	hal_pte_write(&process_table[asid].tree, 0);
	invalidate_pid_and_tables(asid);
	invalidate_wait();
	hal_pte_write(&process_table[asid].tree, TREE_SIZES | root_physical);
}

/* Not PID 0: that would show the kernel's memory in quadrant 0 to stray pointers of the kernel. */
void hal_space_none(void)
{
	hal_space_switch(PID_NONE);
}

/* A page's invalidation names the page's size. Less than 2 MiB holds only 4 KiB pages (mappings are removed whole); for
   more than a few pages, and for walk caches, the PID goes as a whole. */
void hal_tlb_flush(unsigned asid, uintptr_t address, size_t length, bool tables)
{
	enum { PAGES_MAX = 32 };

	ptesync();
	if (tables)
		invalidate_pid_and_tables(asid);
	else if (length <= PAGES_MAX * PAGE_SIZE)
		invalidate_pages(asid, address, length);
	else
		invalidate_pid(asid);
	invalidate_wait();
}

void hal_tlb_flush_all(void)
{
	ptesync();
	TLBIE(SCOPE_ALL << SCOPE_SHIFT, 0, REACH_EVERYTHING);
	invalidate_wait();
}

/* Data blocks to memory, then instruction blocks out of the caches (Book II 4.3). POWER9's are 128 bytes. */
void hal_cache_code(const void *kernel_address, size_t length)
{
	enum { BLOCK = 128 };
	uintptr_t first = (uintptr_t)kernel_address & ~(uintptr_t)(BLOCK - 1), end = (uintptr_t)kernel_address + length;

	for (uintptr_t block = first; block < end; block += BLOCK)
		__asm__ volatile("dcbst 0, %0" : : "r"(block) : "memory");
	__asm__ volatile("sync" : : : "memory");
	for (uintptr_t block = first; block < end; block += BLOCK)
		__asm__ volatile("icbi 0, %0" : : "r"(block) : "memory");
	__asm__ volatile("sync; isync" : : : "memory");
}
