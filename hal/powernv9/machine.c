/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bare POWER9: the kernel is the hypervisor, of no partition but its own, number 0. Power ISA 3.0B, Book III: 2.2 (LPCR), 5.7.5
 * (partition table), 6.2.11 (HFSCR), 3.3.2 (stop), 11 (processor control).
 */
#include <libfdt.h>
#include <string.h>
#include "core.h"
#include "interrupt.h"
#include "machine.h"
#include "opal.h"

enum {
	SPR_CIABR = 187,
	SPR_DAWRX = 188,
	SPR_HFSCR = 190,
	SPR_LPCR = 318,
	SPR_LPIDR = 319,
	SPR_HMEER = 337,
	SPR_PTCR = 464,
	SPR_PSSCR = 855,
};

#define LPCR_LITTLE 0x2000000   /* byte order of interrupts outside of hypervisor state; in it HID0 has it, which OPAL sets */
#define LPCR_MAPPED 0x1800000   /* alternate interrupt location 3: at 0xc000000000004000, MMU on */
#define LPCR_PROCESS_TABLE 0x400000
#define LPCR_RADIX 0x100000
#define LPCR_LARGE_DECREMENTER 0x20000
#define LPCR_EXTERNAL 0xa       /* hypervisor virtualization interrupts, and plain external ones in SRR0 and 1; its decrementer is off */
#define LPCR_WAKE 0x40000001f000 /* whatever interrupts ends a wait */
#define LPCR (LPCR_MAPPED | LPCR_PROCESS_TABLE | LPCR_RADIX | LPCR_LARGE_DECREMENTER | LPCR_EXTERNAL | LPCR_WAKE | \
	      (MSR_ORDER ? LPCR_LITTLE : 0))

/* What FSCR and MSR allow is allowed: all but the facilities' own message send. */
#define HFSCR 0x13ff

extern char opal_secondary_start[];

static bool refused; /* OPAL did not make the processors ready */

/* Byte order of interrupts in hypervisor state, and both kinds of translation. Registers get their values of the start. */
static void reset_processors(void)
{
	enum { ORDER_BIG = 1, ORDER_LITTLE = 2, HASH = 4, RADIX = 8 };

	refused = opal(OPAL_REINIT_CPUS, (MSR_ORDER ? ORDER_LITTLE : ORDER_BIG) | HASH | RADIX, 0, 0, 0) != OPAL_SUCCESS;
}

/* r3: the tree, which lies in memory that it reserves; r8, r9: OPAL. */
const char *machine_tree(const struct machine_entry *entry, void *buffer, size_t size)
{
	const void *tree = hal_kernel_address(entry->r3);
	size_t length;

	opal_init(entry->r8, entry->r9);
	if (!opal_is_there())
		return "not started by OPAL (r9 is 0)";
	reset_processors();
	if (!entry->r3 || entry->r3 >= PHYSICAL_END)
		return "no device tree from OPAL (r3 is no address)";
	length = fdt_totalsize(tree);
	memcpy(buffer, tree, length < size ? length : size);
	interrupt_complete_tree(buffer, size);
	return NULL;
}

void machine_init(const void *tree)
{
	interrupt_init(tree);
}

/* ---- translation: the partition table has one entry, ours ---- */

enum { PARTITIONS = 256 };

static struct {
	uint64_t tree, process_table;
} partition_table[PARTITIONS] __attribute__((aligned(4096)));

#define PARTITION_RADIX 0x8000000000000000

bool machine_translate(uint64_t process_table, unsigned shift, uint64_t root)
{
	hal_pte_write(&partition_table[0].tree, PARTITION_RADIX | root);
	hal_pte_write(&partition_table[0].process_table, PARTITION_RADIX | process_table | (shift - 12));
	hal_tlb_flush_all();
	return !refused;
}

bool machine_core_init(void)
{
	mtspr(SPR_LPIDR, 0);
	mtspr(SPR_PTCR, hal_physical_address(partition_table)); /* 2^12 bytes of it */
	mtspr(SPR_LPCR, LPCR);
	mtspr(SPR_HFSCR, HFSCR);
	mtspr(SPR_CIABR, 0);
	mtspr(SPR_DAWRX, 0);
	mtspr(SPR_HMEER, 0); /* no hypervisor maintenance interrupts: nobody here could do what they ask for */
	isync();
	hal_tlb_flush_all();
	interrupt_core_init();
	return true;
}

/* ---- cores ---- */

bool machine_start_core(uint64_t server, unsigned number)
{
	(void)number; /* opal_secondary_start finds it by the server's number */
	return opal(OPAL_START_CPU, server, hal_physical_address(opal_secondary_start), 0, 0) == OPAL_SUCCESS;
}

/* A directed hypervisor doorbell. By its number, since the compiler's processor is an older one. */
void machine_interrupt_core(uint64_t server)
{
	const uint64_t message = 5 << 27 | server;

	__asm__ volatile("sync; .long 0x7c00019c | %0 << 11" : : "r"(message) : "memory"); /* msgsnd */
}

/* `stop` without loss of state goes on behind itself when an interrupt is pending, which is taken then. */
void machine_idle(void)
{
	const uint64_t open = MSR_EE | MSR_RI;

	interrupt_idle();
	mtspr(SPR_PSSCR, 0);
	__asm__ volatile("sync; " POWER9("stop") "; mtmsrd %0, 1" : : "r"(open) : "memory");
}
