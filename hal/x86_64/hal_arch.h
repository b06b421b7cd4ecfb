/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86_64's part of the contract kernel/hal.h: the frame, and the inline functions on hot paths.
 */
#ifndef HAL_ARCH_H
#define HAL_ARCH_H

#include "layout.h"

#define HAL_IRQ_COUNT 192
#define HAL_FIRMWARE_FUNCTION 0 /* there is none */
#define HAL_ELF_MACHINE 62 /* EM_X86_64 */

/*
 * The registers of a user thread. They have the order in which the processor and entry.S push, and behind them is a 16-byte boundary,
 * where the task state segment's stack pointer points while the thread runs: so traps are saved in place. What
 * a system call saves and loads lies in two cache lines.
 *
 * `ip` is canonical at all times, `cs` and `ss` are the user selectors, `flags` has interrupts on and
 * privilege level 0: so resuming a frame cannot fault.
 */
struct hal_frame {
	_Alignas(16) word_t debug_address[4]; /* the thread's debug points */
	word_t debug_control; /* of them: bits of DR7; 0: it has none */
	word_t step; /* FLAG_STEP: `flags` has it whatever user level chooses; or 0 */
	word_t rax, rcx, r11;
	word_t r8, r9, r10, rbx, r12, r13, r14, r15;
	word_t rdi, rsi, rdx, rbp;
	word_t entry; /* vector, ENTRY_SYSCALL (the frame is partial), ENTRY_BARE (while the thread runs, too) or ENTRY_NONE */
	word_t error; /* the processor's error code, or 0 */
	word_t ip, cs, flags, sp, ss;
	/* not in the frame of a trap in the kernel: */
	word_t stack; /* top of the kernel stack of the core that resumed it last */
	word_t fs_base; /* the thread pointer; the processor's copy is written by hal_thread_switch */
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
	m->w[6] = f->r9;
	m->w[7] = f->r10;
}

static inline void hal_message_head(struct hal_frame *f, word_t to, word_t from, word_t tag)
{
	f->rdi = to;
	f->rsi = from;
	f->rdx = tag;
}

/* In two registers, the first one is the lower half. */
typedef unsigned __int128 hal_next_t;

static inline hal_next_t hal_next(uintptr_t frame, word_t word)
{
	return (hal_next_t)word << 64 | frame;
}

/* The status is a constant on the way out, the tag comes in rdx. */
static inline word_t hal_message_received(struct hal_frame *f, word_t badge, word_t tag)
{
	f->rsi = badge;
	return tag;
}

/* Constants (rcx = ip, r11 = flags, zeroes) are made on the way out. */
static inline void hal_message_store(struct hal_frame *f, word_t status, word_t badge, word_t tag,
				     const word_t w[MESSAGE_REGISTERS])
{
	if (f->entry == ENTRY_BARE)
		f->entry = ENTRY_SYSCALL;
	hal_message_head(f, status, badge, tag);
	f->r12 = w[0];
	f->r13 = w[1];
	f->r14 = w[2];
	f->r15 = w[3];
	f->rbx = w[4];
	f->r8 = w[5];
	f->r9 = w[6];
	f->r10 = w[7];
}

/* A thread that steps itself (TF) waits with a full frame. */
static inline bool hal_frame_plain(const struct hal_frame *f)
{
	return f->entry != ENTRY_NONE;
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

/* Where the core's data pointer lies: in its area, in which every stack of it lies. */
static inline void **core_data(void)
{
	uintptr_t area;

	__asm__("mov %%rsp, %0; and %1, %0" : "=r"(area) : "i"(-(1l << CORE_SHIFT)) : "cc");
	return (void **)(area + CORE_STACK_TOP + CORE_DATA);
}

static inline void *hal_core_data(void)
{
	return *core_data();
}

static inline void hal_core_set_data(void *data)
{
	*core_data() = data;
}

static inline void hal_fs_base_write(word_t base)
{
	__asm__ volatile("wrmsr" : : "c"(MSR_FS_BASE), "a"((uint32_t)base), "d"((uint32_t)(base >> 32)) : "memory");
}

/* Whoever has none has base 0 whatever it loads into FS. Selectors are left to hal_thread_switch(): partners in ipc may see each other's. */
static inline void hal_thread_switch_plain(const struct hal_frame *from, const struct hal_frame *to)
{
	if (from->fs_base | to->fs_base) /* WRMSR's registers are left to those who need no WRMSR */
		__asm__ volatile("push %%rax; push %%rcx; push %%rdx; mov %c1(%0), %%rax; mov %%rax, %%rdx; shr $32, %%rdx; mov %2, %%ecx; wrmsr;"
				 "pop %%rdx; pop %%rcx; pop %%rax"
				 : : "r"(to), "i"(offsetof(struct hal_frame, fs_base)), "i"(MSR_FS_BASE) : "memory", "cc");
}

/* ---- translation: CR3 has the root ---- */

static inline uint64_t hal_translation(uint64_t root_physical, unsigned asid)
{
	(void)asid;
	return root_physical;
}

static inline void hal_space_switch(uint64_t translation)
{
	__asm__ volatile("mov %0, %%cr3" : : "r"(translation) : "memory");
}

static inline void hal_relax(void)
{
	__asm__ volatile("pause" : : : "memory");
}

static inline void hal_rest(void)
{
	hal_relax(); /* hlt would not wake while interrupts are off */
}

#endif
