/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the contract (kernel/hal.h) asks of an architecture as types and inline functions: frames, the
 * direct map, and the descriptors of stage 1 translation with 4 KiB granule (Arm ARM, section D8.3).
 */
#ifndef HAL_ARM64_ARCH_H
#define HAL_ARM64_ARCH_H

#include <abi/arm64/registers.h>

#include "offsets.h"

#define HAL_FIRMWARE_FUNCTION 0
#define HAL_ELF_MACHINE 183 /* EM_AARCH64 */

/* All registers of a user thread. */
struct hal_frame {
	_Alignas(16) word_t general[REGISTERS_GENERAL_COUNT]; /* the group's layout */
	word_t partial; /* SAVED_...: what is not saved counts as zero */
	unsigned step; /* 1: single stepping */
	unsigned points; /* bit n: debug point n is set */
	uint32_t point_control[4]; /* DBGBCR or DBGWCR */
	word_t point_address[4];
};

/* INTIDs of the GIC below the special ones; only shared peripheral interrupts (32 and above) are ever translated. */
enum { HAL_IRQ_COUNT = 1020 };

/* TPIDR_EL1 points to the core's struct core, which begins with the number. */
static inline unsigned hal_core_self(void)
{
	const unsigned *core;

	__asm__("mrs %0, tpidr_el1" : "=r"(core));
	return *core;
}

/* Behind number and `stepping`. */
static inline void *hal_core_data(void)
{
	void *const *core;

	__asm__("mrs %0, tpidr_el1" : "=r"(core));
	return core[1];
}

static inline void hal_core_set_data(void *data)
{
	void **core;

	__asm__("mrs %0, tpidr_el1" : "=r"(core));
	core[1] = data;
}

static inline void hal_relax(void)
{
	__asm__ volatile("yield" : : : "memory");
}

/* Wakes for an interrupt that PSTATE.I masks, too (D1.6.2, wfi wake-up events). */
static inline void hal_rest(void)
{
	__asm__ volatile("wfi" : : : "memory");
}

static inline void *hal_kernel_address(uint64_t physical)
{
	return (void *)(physical + DIRECT_MAP);
}

static inline uint64_t hal_physical_address(const void *kernel)
{
	return (uintptr_t)kernel - DIRECT_MAP;
}

/* ---- frames: the system call's registers are x0 to/status, x1 from/badge, x2 tag, x19-x26 words ---- */

static inline void hal_message_load(const struct hal_frame *f, struct hal_message *m)
{
	m->to = f->general[REGISTER_X0];
	m->from = f->general[REGISTER_X1];
	m->tag = f->general[REGISTER_X2];
#pragma GCC unroll 8
	for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
		m->w[i] = f->general[REGISTER_X19 + i];
}

static inline void hal_message_head(struct hal_frame *f, word_t to, word_t from, word_t tag)
{
	f->general[REGISTER_X0] = to;
	f->general[REGISTER_X1] = from;
	f->general[REGISTER_X2] = tag;
}

/* In two registers, the first one is the lower half. */
typedef unsigned __int128 hal_next_t;

static inline hal_next_t hal_next(uintptr_t frame, word_t word)
{
	return (hal_next_t)word << 64 | frame;
}

/* The status is a constant on the way out; the tag lies where it is loaded with x29, x30 is not saved then. */
static inline word_t hal_message_received(struct hal_frame *f, word_t badge, word_t tag)
{
	f->general[REGISTER_LR] = tag;
	return badge;
}

/* A partial frame's constants (NZCV = 0) are set when it is resumed. */
static inline void hal_message_store(struct hal_frame *f, word_t status, word_t badge, word_t tag,
				     const word_t w[MESSAGE_REGISTERS])
{
	word_t words[MESSAGE_REGISTERS]; /* all are read first: then they are moved two at a time */

	f->partial = SAVED_MESSAGE;
	hal_message_head(f, status, badge, tag);
#pragma GCC unroll 8
	for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
		words[i] = w[i];
#pragma GCC unroll 8
	for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
		f->general[REGISTER_X19 + i] = words[i];
}

static inline bool hal_frame_plain(const struct hal_frame *f)
{
	(void)f;
	return true;
}

/* ELR points behind the svc instruction. */
static inline void hal_frame_retry(struct hal_frame *f)
{
	f->general[REGISTER_IP] -= 4;
}

static inline word_t hal_frame_ip(const struct hal_frame *f)
{
	return f->general[REGISTER_IP];
}

static inline word_t hal_frame_sp(const struct hal_frame *f)
{
	return f->general[REGISTER_SP];
}

/* The thread pointer is loaded with the frame. */
static inline void hal_thread_switch_plain(const struct hal_frame *from, const struct hal_frame *to)
{
	(void)from;
	(void)to;
}

/* ---- translation: TTBR0_EL1 has root and ASID ---- */

static inline uint64_t hal_translation(uint64_t root_physical, unsigned asid)
{
	return root_physical | (uint64_t)asid << 48;
}

static inline void hal_space_switch(uint64_t translation)
{
	__asm__ volatile("msr ttbr0_el1, %0\n\tisb" : : "r"(translation) : "memory");
}

/* ---- descriptors ---- */

#define PTE_VALID	    ((uint64_t)1 << 0)
#define PTE_TABLE	    ((uint64_t)1 << 1) /* a table, or at level 0 a page; else a block */
#define PTE_ATTRIBUTE_SHIFT 2		       /* index into MAIR_EL1: the values of enum memory_attribute */
#define PTE_USER	    ((uint64_t)1 << 6)
#define PTE_READ_ONLY	    ((uint64_t)1 << 7)
#define PTE_SHAREABLE	    ((uint64_t)3 << 8) /* inner */
#define PTE_ACCESSED	    ((uint64_t)1 << 10)
#define PTE_NOT_GLOBAL	    ((uint64_t)1 << 11)
#define PTE_ADDRESS	    (((uint64_t)1 << 48) - ((uint64_t)1 << 12))
#define PTE_KERNEL_NO_EXECUTE ((uint64_t)1 << 53)
#define PTE_USER_NO_EXECUTE   ((uint64_t)1 << 54)

/* A leaf of user level. The accessed flag is set in advance; devices are never executable (a fetch could be
   speculative, and reading a device may change it). */
static inline uint64_t hal_pte_leaf(unsigned level, uint64_t physical, unsigned access, unsigned attribute)
{
	uint64_t pte = physical | PTE_VALID | PTE_USER | PTE_SHAREABLE | PTE_ACCESSED | PTE_NOT_GLOBAL |
		       PTE_KERNEL_NO_EXECUTE | (uint64_t)attribute << PTE_ATTRIBUTE_SHIFT;

	if (level == 0)
		pte |= PTE_TABLE;
	if (!(access & RIGHT_WRITE))
		pte |= PTE_READ_ONLY;
	if (!(access & RIGHT_EXECUTE) || attribute == MEMORY_DEVICE)
		pte |= PTE_USER_NO_EXECUTE;
	return pte;
}

static inline uint64_t hal_pte_table(unsigned level, uint64_t physical)
{
	(void)level;
	return physical | PTE_VALID | PTE_TABLE;
}

static inline uint64_t hal_pte_read(const uint64_t *entry)
{
	return __atomic_load_n(entry, __ATOMIC_RELAXED);
}

/* Release: a table's zeros are seen before the entry that points to it. The barrier: the walker sees the entry. */
static inline void hal_pte_write(uint64_t *entry, uint64_t pte)
{
	__atomic_store_n(entry, pte, __ATOMIC_RELEASE);
	__asm__ volatile("dsb ishst" : : : "memory");
}

static inline bool hal_pte_is_leaf(unsigned level, uint64_t pte)
{
	return level == 0 || !(pte & PTE_TABLE);
}

static inline uint64_t hal_pte_address(unsigned level, uint64_t pte)
{
	(void)level;
	return pte & PTE_ADDRESS;
}

static inline unsigned hal_pte_access(unsigned level, uint64_t pte)
{
	unsigned access = RIGHT_READ;

	(void)level;
	if (!(pte & PTE_READ_ONLY))
		access |= RIGHT_WRITE;
	if (!(pte & PTE_USER_NO_EXECUTE))
		access |= RIGHT_EXECUTE;
	return access;
}

#endif
