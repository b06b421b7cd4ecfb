/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64's part of the contract kernel/hal.h: the frame, and the inline functions on hot paths.
 */
#ifndef HAL_ARCH_H
#define HAL_ARCH_H

#include "layout.h"

#define HAL_NAME "x86_64"
#define HAL_IRQ_COUNT 192
#define HAL_FIRMWARE_FUNCTION 0 /* there is none */
#define HAL_ELF_MACHINE 62 /* EM_X86_64 */

/*
 * The registers of a user thread. The end has the order in which the processor pushes, and is 16-byte
 * aligned: the task state segment's stack pointer points there while the thread runs, so that traps are
 * saved in place.
 *
 * `ip` is canonical at all times, `cs` and `ss` are the user selectors, `flags` has interrupts on and
 * privilege level 0: so resuming a frame cannot fault.
 */
struct hal_frame {
	_Alignas(16) word_t debug_address[4]; /* the thread's debug points */
	word_t debug_control; /* of them: bits of DR7; 0: it has none */
	word_t step; /* FLAG_STEP: `flags` has it whatever user level chooses; or 0 */
	word_t stack; /* top of the kernel stack of the core that resumed it last */
	word_t fs_base; /* the thread pointer; the processor's copy is written by hal_thread_switch */
	word_t rax, rcx, r9, r10, r11;
	word_t rbp;
	word_t rdi, rsi, rdx, r8, rbx, r12, r13, r14, r15;
	word_t entry; /* vector, ENTRY_SYSCALL (the frame is partial) or ENTRY_NONE */
	word_t error; /* the processor's error code, or 0 */
	word_t ip, cs, flags, sp, ss;
};

/* Address in the direct map. */
static inline void *hal_kernel_address(uint64_t physical)
{
	return (void *)(DIRECT_MAP + physical);
}

static inline uint64_t hal_physical_address(const void *kernel)
{
	return (uintptr_t)kernel - DIRECT_MAP;
}

static inline void hal_message_load(const struct hal_frame *f, struct hal_message *m)
{
	m->to = f->rdi;
	m->from = f->rsi;
	m->tag = f->rdx;
	m->w[0] = f->r12;
	m->w[1] = f->r13;
	m->w[2] = f->r14;
	m->w[3] = f->r15;
	m->w[4] = f->rbx;
	m->w[5] = f->r8;
}

/* Constants (rcx = ip, r11 = flags, zeroes) are made on the way out. */
static inline void hal_message_store(struct hal_frame *f, word_t status, word_t badge, word_t tag,
				     const word_t w[MESSAGE_REGISTERS])
{
	f->rdi = status;
	f->rsi = badge;
	f->rdx = tag;
	f->r12 = w[0];
	f->r13 = w[1];
	f->r14 = w[2];
	f->r15 = w[3];
	f->rbx = w[4];
	f->r8 = w[5];
}

/* SYSCALL has two bytes; ip is behind it. */
static inline void hal_frame_retry(struct hal_frame *f)
{
	f->ip -= 2;
}

static inline word_t hal_frame_ip(const struct hal_frame *f)
{
	return f->ip;
}

static inline word_t hal_frame_sp(const struct hal_frame *f)
{
	return f->sp;
}

/* Page-table entries: Intel SDM 3A, 4.5 (4-level paging). */
#define PTE_PRESENT 0x1ull
#define PTE_WRITE 0x2ull
#define PTE_USER 0x4ull
#define PTE_WRITE_THROUGH 0x8ull
#define PTE_CACHE_DISABLE 0x10ull
#define PTE_ACCESSED 0x20ull
#define PTE_DIRTY 0x40ull
#define PTE_LARGE 0x80ull
#define PTE_GLOBAL 0x100ull
#define PTE_ADDRESS 0x000ffffffffff000ull
#define PTE_NO_EXECUTE 0x8000000000000000ull

/* Accessed and dirty are set in advance. Cache types through the PAT's reset value: 0 write-back, 2 and 3 uncached. */
static inline uint64_t hal_pte_leaf(unsigned level, uint64_t physical, unsigned access, unsigned attribute)
{
	uint64_t pte = physical | PTE_PRESENT | PTE_USER | PTE_ACCESSED | PTE_DIRTY;

	if (level > 0)
		pte |= PTE_LARGE;
	if (access & RIGHT_WRITE)
		pte |= PTE_WRITE;
	if (!(access & RIGHT_EXECUTE))
		pte |= PTE_NO_EXECUTE;
	if (attribute == MEMORY_UNCACHED)
		pte |= PTE_CACHE_DISABLE;
	else if (attribute == MEMORY_DEVICE)
		pte |= PTE_CACHE_DISABLE | PTE_WRITE_THROUGH;
	return pte;
}

static inline uint64_t hal_pte_table(unsigned level, uint64_t physical)
{
	(void)level;
	return physical | PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED;
}

static inline uint64_t hal_pte_read(const uint64_t *pte)
{
	return *(const volatile uint64_t *)pte;
}

/* The walker is coherent and sees stores in order; absent entries are not cached (SDM 3A, 4.10.2.3). */
static inline void hal_pte_write(uint64_t *pte, uint64_t value)
{
	*(volatile uint64_t *)pte = value;
}

static inline bool hal_pte_is_leaf(unsigned level, uint64_t pte)
{
	return level == 0 || (pte & PTE_LARGE) != 0;
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
	if (pte & PTE_WRITE)
		access |= RIGHT_WRITE;
	if (!(pte & PTE_NO_EXECUTE))
		access |= RIGHT_EXECUTE;
	return access;
}

/* Every stack of a core lies in its struct core_area. */
static inline unsigned hal_core_self(void)
{
	uintptr_t self;

	__asm__("mov %%rsp, %0; sub $core_areas, %0; shr %1, %0" : "=r"(self) : "i"(CORE_SHIFT) : "cc");
	return (unsigned)self;
}

static inline void hal_relax(void)
{
	__asm__ volatile("pause" : : : "memory");
}

#endif
