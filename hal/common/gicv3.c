/* SPDX-License-Identifier: BSD-2-Clause */
/* The GICv3; see gicv3.h. Section numbers are those of IHI 0069. */
#include "gicv3.h"
#include "io.h"

/* Distributor, section 12.9. */
enum {
	GICD_CTLR = 0x0000,
	GICD_TYPER = 0x0004,
	GICD_IGROUPR = 0x0080,
	GICD_ISENABLER = 0x0100,
	GICD_ICENABLER = 0x0180,
	GICD_IPRIORITYR = 0x0400,
	GICD_ICFGR = 0x0c00,
	GICD_IROUTER = 0x6000,
	GICD_CTLR_ON = 1 << 0 | 1 << 1 | 1 << 4, /* groups and affinity routing, with one or two security states */
};

#define GICD_CTLR_BUSY ((uint32_t)1 << 31) /* RWP: a write has not taken effect everywhere */

/* Redistributor, section 12.11: a frame of 64 KiB for control, one for private interrupts, two more in version 4. */
enum {
	GICR_CTLR = 0x0000,
	GICR_TYPER = 0x0008,
	GICR_WAKER = 0x0014,
	GICR_IGROUPR0 = 0x10080,
	GICR_ISENABLER0 = 0x10100,
	GICR_ICENABLER0 = 0x10180,
	GICR_ICACTIVER0 = 0x10380,
	GICR_IPRIORITYR = 0x10400,
	GICR_CTLR_BUSY = 1 << 3,
	GICR_WAKER_SLEEP = 1 << 1,
	GICR_WAKER_ASLEEP = 1 << 2,
	GICR_TYPER_VIRTUAL = 1 << 1,
	GICR_TYPER_LAST = 1 << 4,
	GICR_SIZE = 0x20000,
};

#define PRIORITY 0x80808080u /* of four interrupts */

static void distributor_settle(volatile uint8_t *distributor)
{
	while (io_read32le(distributor + GICD_CTLR) & GICD_CTLR_BUSY)
		;
}

/* ITLinesNumber */
static unsigned interrupt_words(volatile uint8_t *distributor)
{
	return (io_read32le(distributor + GICD_TYPER) & 0x1f) + 1;
}

unsigned gicv3_interrupts(volatile void *registers)
{
	unsigned count = interrupt_words(registers) * 32;

	return count < GICV3_SPURIOUS ? count : GICV3_SPURIOUS;
}

void gicv3_init(volatile void *registers)
{
	volatile uint8_t *distributor = registers;
	unsigned words = interrupt_words(distributor);

	io_write32le(distributor + GICD_CTLR, 0);
	distributor_settle(distributor);
	for (unsigned i = 1; i < words; i++) { /* word 0: private interrupts */
		io_write32le(distributor + GICD_ICENABLER + 4 * i, UINT32_MAX);
		io_write32le(distributor + GICD_IGROUPR + 4 * i, UINT32_MAX);
		for (unsigned j = 0; j < 8; j++)
			io_write32le(distributor + GICD_IPRIORITYR + 32 * i + 4 * j, PRIORITY);
	}
	distributor_settle(distributor);
	io_write32le(distributor + GICD_CTLR, GICD_CTLR_ON);
	distributor_settle(distributor);
}

void gicv3_mask(volatile void *registers, unsigned interrupt, bool masked)
{
	volatile uint8_t *distributor = registers;

	io_write32le(distributor + (masked ? GICD_ICENABLER : GICD_ISENABLER) + interrupt / 32 * 4,
		     (uint32_t)1 << interrupt % 32);
	if (masked)
		distributor_settle(distributor);
}

/* A masked interrupt's trigger may be changed; that of others in the same word stays. */
void gicv3_route(volatile void *registers, unsigned interrupt, uint64_t affinity, bool edge)
{
	volatile uint8_t *distributor = registers, *word = distributor + GICD_ICFGR + interrupt / 16 * 4;
	uint32_t bit = (uint32_t)2 << interrupt % 16 * 2, others;

	gicv3_mask(registers, interrupt, true);
	others = io_read32le(word) & ~bit;
	io_write32le(word, edge ? others | bit : others);
	io_write64le(distributor + GICD_IROUTER + interrupt * 8, affinity);
}

void *gicv3_find_redistributor(void *region, size_t size, uint64_t affinity)
{
	uint64_t wanted = (affinity >> 32 & 0xff) << 24 | (affinity & 0xffffff);
	uint8_t *redistributor = region;

	for (size_t at = 0; at + GICR_SIZE <= size;) {
		uint64_t type = io_read64le(redistributor + at + GICR_TYPER);

		if (type >> 32 == wanted)
			return redistributor + at;
		if (type & GICR_TYPER_LAST)
			return NULL;
		at += type & GICR_TYPER_VIRTUAL ? 2 * GICR_SIZE : GICR_SIZE;
	}
	return NULL;
}

/* Section 12.2: priority mask, no grouping of priorities, end of interrupt also deactivates, group 1 on. */
static bool cpu_interface_init(void)
{
	uint64_t enable;

	__asm__ volatile("mrs %0, icc_sre_el1" : "=r"(enable));
	__asm__ volatile("msr icc_sre_el1, %0\n\tisb" : : "r"(enable | 1));
	__asm__ volatile("mrs %0, icc_sre_el1" : "=r"(enable));
	if (!(enable & 1))
		return false;
	__asm__ volatile("msr icc_pmr_el1, %0" : : "r"((uint64_t)0xff));
	__asm__ volatile("msr icc_bpr1_el1, %0" : : "r"((uint64_t)0));
	__asm__ volatile("msr icc_ctlr_el1, %0" : : "r"((uint64_t)0));
	__asm__ volatile("msr icc_igrpen1_el1, %0\n\tisb" : : "r"((uint64_t)1));
	return true;
}

bool gicv3_init_core(volatile void *registers)
{
	volatile uint8_t *redistributor = registers;
	uint32_t waker = io_read32le(redistributor + GICR_WAKER);

	io_write32le(redistributor + GICR_WAKER, waker & ~(uint32_t)GICR_WAKER_SLEEP);
	while (io_read32le(redistributor + GICR_WAKER) & GICR_WAKER_ASLEEP)
		;
	io_write32le(redistributor + GICR_ICENABLER0, UINT32_MAX);
	io_write32le(redistributor + GICR_ICACTIVER0, UINT32_MAX);
	io_write32le(redistributor + GICR_IGROUPR0, UINT32_MAX);
	for (unsigned i = 0; i < 32; i += 4)
		io_write32le(redistributor + GICR_IPRIORITYR + i, PRIORITY);
	while (io_read32le(redistributor + GICR_CTLR) & GICR_CTLR_BUSY)
		;
	return cpu_interface_init();
}

void gicv3_enable_private(volatile void *registers, unsigned interrupt)
{
	volatile uint8_t *redistributor = registers;

	io_write32le(redistributor + GICR_ISENABLER0, (uint32_t)1 << interrupt);
}

/* ICC_SGI1R_EL1, section 12.2.20: a list of cores that differ in the lowest four bits of Aff0. */
void gicv3_send(uint64_t affinity, unsigned interrupt)
{
	uint64_t aff0 = affinity & 0xff, aff1 = affinity >> 8 & 0xff, aff2 = affinity >> 16 & 0xff, aff3 = affinity >> 32;
	uint64_t target = aff3 << 48 | (aff0 >> 4) << 44 | aff2 << 32 | (uint64_t)interrupt << 24 | aff1 << 16 | 1u << (aff0 & 0xf);

	__asm__ volatile("dsb ishst\n\tmsr icc_sgi1r_el1, %0\n\tisb" : : "r"(target) : "memory");
}

/* The barrier: what the interrupt announces is seen afterwards. */
unsigned gicv3_claim(void)
{
	uint64_t interrupt;

	__asm__ volatile("mrs %0, icc_iar1_el1\n\tdsb sy" : "=r"(interrupt) : : "memory");
	return (unsigned)(interrupt & 0xffffff);
}

void gicv3_end(unsigned interrupt)
{
	__asm__ volatile("msr icc_eoir1_el1, %0\n\tisb" : : "r"((uint64_t)interrupt) : "memory");
}
