/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hosted: the types and inline functions that kernel/hal.h asks of a HAL. No processor has this format;
 * its entries carry marks by which a misuse is noticed at once: the level that they were made for, and
 * a number that no stray word has.
 */
#ifndef HOSTED_HAL_ARCH_H
#define HOSTED_HAL_ARCH_H

#define HAL_FIRMWARE_FUNCTION 0
#define HAL_ELF_MACHINE 0xc0b
#define HAL_IRQ_COUNT 32

/* The shape of page tables is chosen when the machine starts. */
unsigned hosted_table_bits(void);
#define HAL_TABLE_BITS hosted_table_bits()

enum register_general {
	REGISTER_IP,
	REGISTER_SP,
	REGISTER_POINTER,
	REGISTER_TO,                                          /* to, from, tag; then status, badge, tag */
	REGISTER_FROM,
	REGISTER_TAG,
	REGISTER_W0,
	REGISTER_IPC_COUNT = REGISTER_W0 + MESSAGE_REGISTERS, /* what a system call preserves or reads */
	REGISTERS_GENERAL_COUNT = REGISTER_IPC_COUNT + 4
};

enum { TRAP_SIZE = 4 }; /* bytes of the trap instruction */

struct hal_frame {
	word_t reg[REGISTERS_GENERAL_COUNT];
	word_t full; /* 0: what ipc does not preserve counts as zero, whatever it holds */
};

/* ---- cores: see machine.c ---- */

extern unsigned hosted_self;
unsigned hosted_core_self(void);
void hosted_relax(void);

static inline unsigned hal_core_self(void)
{
	return hosted_core_self();
}

void *hosted_core_data(void);
void hosted_core_set_data(void *data);

static inline void *hal_core_data(void)
{
	return hosted_core_data();
}

static inline void hal_core_set_data(void *data)
{
	hosted_core_set_data(data);
}

static inline void hal_relax(void)
{
	hosted_relax();
}

static inline void hal_rest(void)
{
	hosted_relax();
}

/* ---- direct map: see memory.c ---- */

void *hosted_kernel_address(uint64_t physical);
uint64_t hosted_physical_address(const void *kernel);

static inline void *hal_kernel_address(uint64_t physical)
{
	return hosted_kernel_address(physical);
}

static inline uint64_t hal_physical_address(const void *kernel)
{
	return hosted_physical_address(kernel);
}

/* ---- frames ---- */

static inline void hal_message_load(const struct hal_frame *f, struct hal_message *m)
{
	m->to = f->reg[REGISTER_TO];
	m->from = f->reg[REGISTER_FROM];
	m->tag = f->reg[REGISTER_TAG];
	for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
		m->w[i] = f->reg[REGISTER_W0 + i];
}

static inline void hal_message_head(struct hal_frame *f, word_t to, word_t from, word_t tag)
{
	f->reg[REGISTER_TO] = to;
	f->reg[REGISTER_FROM] = from;
	f->reg[REGISTER_TAG] = tag;
}

/* In two registers, the first one is the lower half. */
typedef unsigned __int128 hal_next_t;

static inline hal_next_t hal_next(uintptr_t frame, word_t word)
{
	return (hal_next_t)word << 64 | frame;
}

static inline word_t hal_message_received(struct hal_frame *f, word_t badge, word_t tag)
{
	hal_message_head(f, status_make(OK, PHASE_RECEIVE, 0), badge, tag);
	return badge;
}

static inline void hal_message_store(struct hal_frame *f, word_t status, word_t badge, word_t tag, const word_t w[MESSAGE_REGISTERS])
{
	hal_message_head(f, status, badge, tag);
	for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
		f->reg[REGISTER_W0 + i] = w[i];
}

static inline bool hal_frame_plain(const struct hal_frame *f)
{
	(void)f;
	return true;
}

static inline void hal_frame_retry(struct hal_frame *f)
{
	f->reg[REGISTER_IP] -= TRAP_SIZE;
}

static inline word_t hal_frame_ip(const struct hal_frame *f)
{
	return f->reg[REGISTER_IP];
}

static inline word_t hal_frame_sp(const struct hal_frame *f)
{
	return f->reg[REGISTER_SP];
}

/* ---- translation: the root, with the ASID below it ---- */

void hal_thread_switch(const struct hal_frame *to);
void hosted_space_switch(uint64_t root_physical, unsigned asid);

static inline void hal_thread_switch_plain(const struct hal_frame *from, const struct hal_frame *to)
{
	(void)from;
	hal_thread_switch(to);
}

static inline uint64_t hal_translation(uint64_t root_physical, unsigned asid)
{
	return root_physical | asid;
}

static inline void hal_space_switch(uint64_t translation)
{
	hosted_space_switch(translation & ~(uint64_t)(PAGE_SIZE - 1), (unsigned)(translation % PAGE_SIZE));
}

/* ---- page-table entries: valid, leaf, access, attribute, level, physical page, mark ---- */

#define PTE_MARK ((uint64_t)0xc0b << 52)
#define PTE_MARK_MASK ((uint64_t)0xfff << 52)
#define PTE_ADDRESS (((uint64_t)1 << 52) - PAGE_SIZE)

enum {
	PTE_VALID = 1,
	PTE_LEAF = 2,
	PTE_ACCESS_SHIFT = 2,
	PTE_ATTRIBUTE_SHIFT = 5,
	PTE_LEVEL_SHIFT = 7,
	PTE_LEVEL_MASK = 7,
};

static inline uint64_t hal_pte_leaf(unsigned level, uint64_t physical, unsigned access, unsigned attribute)
{
	return PTE_MARK | physical | (uint64_t)level << PTE_LEVEL_SHIFT | (uint64_t)attribute << PTE_ATTRIBUTE_SHIFT |
	       (uint64_t)access << PTE_ACCESS_SHIFT | PTE_LEAF | PTE_VALID;
}

static inline uint64_t hal_pte_table(unsigned level, uint64_t physical)
{
	return PTE_MARK | physical | (uint64_t)level << PTE_LEVEL_SHIFT | PTE_VALID;
}

/* Ends the program unless the entry (present) is one that was made for this level. */
void hosted_pte_check(unsigned level, uint64_t pte);

/* Ends the program if a valid entry would be rewritten; then writes. */
void hosted_pte_write(uint64_t *entry, uint64_t pte);

static inline uint64_t hal_pte_read(const uint64_t *entry)
{
	return *entry;
}

static inline void hal_pte_write(uint64_t *entry, uint64_t pte)
{
	hosted_pte_write(entry, pte);
}

static inline bool hal_pte_is_leaf(unsigned level, uint64_t pte)
{
	hosted_pte_check(level, pte);
	return pte & PTE_LEAF;
}

static inline uint64_t hal_pte_address(unsigned level, uint64_t pte)
{
	hosted_pte_check(level, pte);
	return pte & PTE_ADDRESS;
}

static inline unsigned hal_pte_access(unsigned level, uint64_t pte)
{
	hosted_pte_check(level, pte);
	return pte >> PTE_ACCESS_SHIFT & (RIGHT_READ | RIGHT_WRITE | RIGHT_EXECUTE);
}

#endif
