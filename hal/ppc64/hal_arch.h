/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ppc64 part of the contract: a thread's registers, the direct map, the system call's registers, and
 * radix page-table entries (Power ISA 3.0B, Book III 5.7.10). The kernel's memory is quadrant 3, where the top
 * four address bits select the translation and the rest of the address is the physical one.
 *
 * Tables are big-endian, whichever order the kernel has.
 */
#ifndef HAL_ARCH_H
#define HAL_ARCH_H

#include "offsets.h"

#define HAL_ELF_MACHINE 21 /* EM_PPC64 */
#define HAL_IRQ_COUNT 4096       /* XICS sources, from PAPR_IRQ_FIRST on */
#define HAL_FIRMWARE_FUNCTION 0  /* r3: the hypervisor call */

enum {
	GPR_SP = 1, GPR_TOC = 2, GPR_ARGUMENT = 3, GPR_ENTRY = 12, GPR_THREAD = 13, GPR_FP = 31, GPR_COUNT = 32,
	/* of the system call; the words are GPR_W0 and up */
	GPR_TO = 3, GPR_FROM = 4, GPR_TAG = 5, GPR_W0 = 14,
};

/* Registers of a user thread. Assembly uses the offsets in offsets.h. */
struct hal_frame {
	uint64_t gpr[GPR_COUNT];
	uint64_t ip, lr, ctr, cr, xer, vrsave;
	uint64_t ppr;     /* program priority: a hint that user level sets */
	uint64_t partial; /* SAVED_... */
	/* of the last exception; not user registers */
	uint64_t msr, vector, dar, dsisr;
	uint64_t step; /* MSR_SE: single stepping; or 0 */
	uint64_t reserved;
};

static inline void *hal_kernel_address(uint64_t physical)
{
	return (void *)(physical | 0xc000000000000000);
}

static inline uint64_t hal_physical_address(const void *kernel)
{
	return (uint64_t)kernel & 0x0fffffffffffffff;
}

static inline void hal_message_load(const struct hal_frame *f, struct hal_message *m)
{
	m->to = f->gpr[GPR_TO];
	m->from = f->gpr[GPR_FROM];
	m->tag = f->gpr[GPR_TAG];
#pragma GCC unroll 8
	for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
		m->w[i] = f->gpr[GPR_W0 + i];
}

static inline void hal_message_head(struct hal_frame *f, word_t to, word_t from, word_t tag)
{
	f->gpr[GPR_TO] = to;
	f->gpr[GPR_FROM] = from;
	f->gpr[GPR_TAG] = tag;
}

/* In two registers, r3 and r4. GCC for ppc64 keeps the halves of a complex number apart, those of a 128-bit integer together, with 20 instructions
   of moving them. */
__extension__ typedef _Complex unsigned long hal_next_t;

static inline hal_next_t hal_next(uintptr_t frame, word_t word)
{
	hal_next_t next;

	__real__ next = frame;
	__imag__ next = word;
	return next;
}

/* The status is a constant on the way out. */
static inline word_t hal_message_received(struct hal_frame *f, word_t badge, word_t tag)
{
	f->gpr[GPR_TAG] = tag;
	return badge;
}

static inline void hal_message_store(struct hal_frame *f, word_t status, word_t badge, word_t tag,
	const word_t w[MESSAGE_REGISTERS])
{
	f->partial = SAVED_MESSAGE;
	hal_message_head(f, status, badge, tag);
#pragma GCC unroll 8
	for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
		f->gpr[GPR_W0 + i] = w[i];
}

static inline bool hal_frame_plain(const struct hal_frame *f)
{
	(void)f;
	return true;
}

/* What lies outside of the frame is the buffer of `copy`, which a later `paste.` of another thread would use: cpabort empties
   it (Book II 4.4). The word is its encoding: the kernel is compiled for an older processor. */
static inline void hal_thread_switch_plain(const struct hal_frame *from, const struct hal_frame *to)
{
	(void)from;
	(void)to;
	__asm__ volatile(".long 0x7c00068c" : : : "memory");
}

/* ---- translation: by PID ---- */

static inline uint64_t hal_translation(uint64_t root_physical, unsigned asid)
{
	(void)root_physical;
	return asid;
}

static inline void hal_space_switch(uint64_t translation)
{
	__asm__ volatile("mtspr 48, %0; isync" : : "r"(translation) : "memory");
}

/* `sc` leaves the address after itself. */
static inline void hal_frame_retry(struct hal_frame *f)
{
	f->ip -= 4;
}

static inline word_t hal_frame_ip(const struct hal_frame *f)
{
	return f->ip;
}

static inline word_t hal_frame_sp(const struct hal_frame *f)
{
	return f->gpr[GPR_SP];
}

#define PTE_VALID 0x8000000000000000
#define PTE_LEAF 0x4000000000000000
#define PTE_ADDRESS 0x01fffffffffff000
#define PTE_REFERENCED 0x100
#define PTE_CHANGED 0x080
#define PTE_GUARDED 0x020  /* attribute 0b10: not idempotent, for devices */
#define PTE_UNCACHED 0x030 /* attribute 0b11: tolerant, not cached */
#define PTE_PRIVILEGED 0x008
#define PTE_READ 0x004
#define PTE_WRITE 0x002 /* implies read */
#define PTE_EXECUTE 0x001
#define PTE_TABLE_BITS 9 /* log2 of the next table's entries; every table but the root has 512 */

/* R and C are set in advance: no access ever has to write an entry. Instructions come from normal memory only. */
static inline uint64_t hal_pte_leaf(unsigned level, uint64_t physical, unsigned access, unsigned attribute)
{
	uint64_t pte = PTE_VALID | PTE_LEAF | physical | PTE_REFERENCED | PTE_CHANGED | PTE_READ;

	(void)level;
	if (access & RIGHT_WRITE)
		pte |= PTE_WRITE;
	if (attribute == MEMORY_DEVICE)
		return pte | PTE_GUARDED;
	if (attribute == MEMORY_UNCACHED)
		return pte | PTE_UNCACHED;
	if (access & RIGHT_EXECUTE)
		pte |= PTE_EXECUTE;
	return pte;
}

static inline uint64_t hal_pte_table(unsigned level, uint64_t physical)
{
	(void)level;
	return PTE_VALID | physical | PTE_TABLE_BITS;
}

/* From the kernel's byte order to that of tables, and back. */
static inline uint64_t table_order(uint64_t entry)
{
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? entry : __builtin_bswap64(entry);
}

static inline uint64_t hal_pte_read(const uint64_t *entry)
{
	return table_order(__atomic_load_n(entry, __ATOMIC_RELAXED));
}

/* ptesync orders the store before the walk that any later access may start (Book III 5.10.1.1). */
static inline void hal_pte_write(uint64_t *entry, uint64_t pte)
{
	__atomic_store_n(entry, table_order(pte), __ATOMIC_RELAXED);
	__asm__ volatile("ptesync" : : : "memory");
}

static inline bool hal_pte_is_leaf(unsigned level, uint64_t pte)
{
	(void)level;
	return (pte & PTE_LEAF) != 0;
}

static inline uint64_t hal_pte_address(unsigned level, uint64_t pte)
{
	(void)level;
	return pte & PTE_ADDRESS;
}

static inline unsigned hal_pte_access(unsigned level, uint64_t pte)
{
	unsigned access = 0;

	(void)level;
	if (pte & (PTE_READ | PTE_WRITE))
		access |= RIGHT_READ;
	if (pte & PTE_WRITE)
		access |= RIGHT_WRITE;
	if (pte & PTE_EXECUTE)
		access |= RIGHT_EXECUTE;
	return access;
}

/* The core's record, in the kernel; its number lies at this offset (core.c). */
register char *core_record __asm__("r13");
enum { CORE_NUMBER = 88 };

static inline unsigned hal_core_self(void)
{
	return (unsigned)*(const uint64_t *)(const void *)(core_record + CORE_NUMBER);
}

static inline void *hal_core_data(void)
{
	return *(void **)(void *)(core_record + CORE_DATA);
}

static inline void hal_core_set_data(void *data)
{
	*(void **)(void *)(core_record + CORE_DATA) = data;
}

static inline void hal_relax(void)
{
	__asm__ volatile("or 1, 1, 1; or 2, 2, 2" : : : "memory"); /* low priority, then medium (Book II 3.1) */
}

static inline void hal_rest(void)
{
	hal_relax(); /* H_CEDE would take the interrupt */
}

#endif
