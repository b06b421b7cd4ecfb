/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * riscv64: the types and inline functions that kernel/hal.h asks of a HAL.
 */
#ifndef RISCV64_HAL_ARCH_H
#define RISCV64_HAL_ARCH_H

#include <registers.h>

#include "layout.h"

#define HAL_ELF_MACHINE 243 /* EM_RISCV */
#define HAL_FIRMWARE_FUNCTION 7 /* a7: the SBI extension */
#define HAL_IRQ_COUNT 1024 /* a PLIC's sources, 0 is none */

/* A core; it lies at the top of its own kernel stack, and tp points to it in the kernel. */
struct hal_core {
	unsigned number;   /* the core's name for it */
	word_t hart;       /* the firmware's name for it */
	word_t satp;       /* what it starts with */
	uint64_t deadline; /* in ticks of the counter; UINT64_MAX: none */
	void *data;        /* the core's own */
};

register struct hal_core *current_core __asm__("tp");

/* All registers of a user thread. The order is that of enum register_general, with the kernel's two words between
   what a system call saves and what only a full save does. */
struct hal_frame {
	word_t ip, sp, gp, tp, s0;
	word_t a0, a1, a2;           /* to, from, tag; then status, badge, tag */
	word_t w[MESSAGE_REGISTERS]; /* s2..s9 */
	struct hal_core *core;       /* where the frame was resumed last: its kernel stack is used on entry */
	word_t full;                 /* SAVED_...: what is not saved counts as zero, whatever is there */
	word_t rest[REGISTERS_GENERAL_COUNT - REGISTER_IPC_COUNT];
};

/* ---- cores ---- */

static inline unsigned hal_core_self(void)
{
	return current_core->number;
}

static inline void *hal_core_data(void)
{
	return current_core->data;
}

static inline void hal_core_set_data(void *data)
{
	current_core->data = data;
}

/* The hint `pause` (Zihintpause); a processor without it takes it for a fence of nothing. */
static inline void hal_relax(void)
{
	__asm__ volatile(".4byte 0x0100000f" : : : "memory");
}

/* Wakes for an enabled interrupt that is pending although sstatus.SIE is 0 (privileged specification 3.3.3). */
static inline void hal_rest(void)
{
	__asm__ volatile("wfi" : : : "memory");
}

/* ---- direct map ---- */

static inline void *hal_kernel_address(uint64_t physical)
{
	return (void *)(physical + KERNEL_BASE);
}

static inline uint64_t hal_physical_address(const void *kernel)
{
	return (uint64_t)kernel - KERNEL_BASE;
}

/* ---- frames ---- */

static inline void hal_message_load(const struct hal_frame *f, struct hal_message *m)
{
	m->to = f->a0;
	m->from = f->a1;
	m->tag = f->a2;
#pragma GCC unroll 8
	for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
		m->w[i] = f->w[i];
}

/* The part of a message that is not in words. */
static inline void hal_message_head(struct hal_frame *f, word_t to, word_t from, word_t tag)
{
	f->a0 = to;
	f->a1 = from;
	f->a2 = tag;
}

/* In two registers, the first one is the lower half. */
typedef unsigned __int128 hal_next_t;

static inline hal_next_t hal_next(uintptr_t frame, word_t word)
{
	return (hal_next_t)word << 64 | frame;
}

/* The status is loaded as a constant on the way out. */
static inline word_t hal_message_received(struct hal_frame *f, word_t badge, word_t tag)
{
	f->a2 = tag;
	return badge;
}

static inline void hal_message_store(struct hal_frame *f, word_t status, word_t badge, word_t tag,
	const word_t w[MESSAGE_REGISTERS])
{
	f->full = SAVED_MESSAGE;
	f->a0 = status;
	f->a1 = badge;
	f->a2 = tag;
#pragma GCC unroll 8
	for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
		f->w[i] = w[i];
}

static inline bool hal_frame_plain(const struct hal_frame *f)
{
	(void)f;
	return true;
}

/* The entry leaves ip behind the ecall, which has no compressed form. */
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
	return f->sp;
}

/* tp is an ordinary register of the frame; nothing of a thread lives outside of it. */
static inline void hal_thread_switch_plain(const struct hal_frame *from, const struct hal_frame *to)
{
	(void)from;
	(void)to;
}

/* ---- translation ---- */

enum { SATP_ASID_SHIFT = 44 };

/* What satp becomes. The modes Sv39 and Sv48 have the top bit; if it is clear the processor has no ASIDs. */
uint64_t hal_translation(uint64_t root_physical, unsigned asid);
#define SATP_MODE_ANY (8ul << 60)

static inline void hal_space_switch(uint64_t translation)
{
	if ((int64_t)translation < 0)
		__asm__ volatile("csrw satp, %0" : : "r"(translation) : "memory");
	else
		__asm__ volatile("csrw satp, %0\n\tsfence.vma" : : "r"(translation | SATP_MODE_ANY) : "memory");
}

/* ---- page-table entries (privileged specification 4.4, Sv39; the same in Sv48) ---- */

enum {
	PTE_VALID = 1 << 0,
	PTE_READ = 1 << 1,
	PTE_WRITE = 1 << 2,
	PTE_EXECUTE = 1 << 3,
	PTE_USER = 1 << 4,
	PTE_GLOBAL = 1 << 5,
	PTE_ACCESSED = 1 << 6,
	PTE_DIRTY = 1 << 7,
	PTE_LEAF = PTE_READ | PTE_WRITE | PTE_EXECUTE, /* any of them: a leaf */
	PTE_ADDRESS_SHIFT = 10,
};
#define PTE_ADDRESS_MASK 0xfffffffffff /* 44 bits of page number */

/* Accessed and dirty are set in advance: hardware may raise a page fault instead of setting them. The cache attribute
   is the physical address's own (its PMA), an entry cannot change it without Svpbmt. */
static inline uint64_t hal_pte_leaf(unsigned level, uint64_t physical, unsigned access, unsigned attribute)
{
	(void)level;
	(void)attribute;
	uint64_t pte = physical >> PAGE_SHIFT << PTE_ADDRESS_SHIFT;
	pte |= PTE_VALID | PTE_READ | PTE_USER | PTE_ACCESSED | PTE_DIRTY;
	if (access & RIGHT_WRITE)
		pte |= PTE_WRITE;
	if (access & RIGHT_EXECUTE)
		pte |= PTE_EXECUTE;
	return pte;
}

static inline uint64_t hal_pte_table(unsigned level, uint64_t physical)
{
	(void)level;
	return physical >> PAGE_SHIFT << PTE_ADDRESS_SHIFT | PTE_VALID;
}

static inline uint64_t hal_pte_read(const uint64_t *entry)
{
	return __atomic_load_n(entry, __ATOMIC_RELAXED);
}

/* A walker may still hold "absent" from before: that costs one more fault, which trap.c makes harmless by a flush of
   the address before the core walks the table again. */
static inline void hal_pte_write(uint64_t *entry, uint64_t pte)
{
	__atomic_store_n(entry, pte, __ATOMIC_RELEASE);
}

static inline bool hal_pte_is_leaf(unsigned level, uint64_t pte)
{
	(void)level;
	return (pte & PTE_LEAF) != 0;
}

static inline uint64_t hal_pte_address(unsigned level, uint64_t pte)
{
	(void)level;
	return (pte >> PTE_ADDRESS_SHIFT & PTE_ADDRESS_MASK) << PAGE_SHIFT;
}

static inline unsigned hal_pte_access(unsigned level, uint64_t pte)
{
	(void)level;
	return (pte & PTE_READ ? RIGHT_READ : 0u) | (pte & PTE_WRITE ? RIGHT_WRITE : 0u) |
		(pte & PTE_EXECUTE ? RIGHT_EXECUTE : 0u);
}

#endif
