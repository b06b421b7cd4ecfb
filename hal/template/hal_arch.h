/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The types and inline functions that kernel/hal.h asks of a HAL. The functions are only declared here, and missing (missing.c):
 * who writes one writes it here, as static inline, and takes its line in missing.c away.
 */
#ifndef HAL_ARCH_H
#define HAL_ARCH_H

#define HAL_ELF_MACHINE 0 /* to replace: e_machine of its user programs; 0 is none, so no program fits */
#define HAL_FIRMWARE_FUNCTION 0 /* to replace, where firmware can be called */
#define HAL_IRQ_COUNT 1 /* to replace: no interrupt of a device */

/* To replace: every register that user level can change, but for FP and vectors. */
struct hal_frame {
	word_t ip, sp;
	word_t message[3 + MESSAGE_REGISTERS];
};

/* ---- cores ---- */

unsigned hal_core_self(void);
void *hal_core_data(void);
void hal_core_set_data(void *data);
void hal_relax(void);
void hal_rest(void);

/* ---- the direct map: without an MMU addresses are physical ---- */

static inline void *hal_kernel_address(uint64_t physical)
{
	return (void *)physical;
}

static inline uint64_t hal_physical_address(const void *kernel)
{
	return (uintptr_t)kernel;
}

/* ---- page-table entries and spaces ---- */

uint64_t hal_pte_leaf(unsigned level, uint64_t physical, unsigned access, unsigned attribute);
uint64_t hal_pte_table(unsigned level, uint64_t physical);
uint64_t hal_pte_read(const uint64_t *entry);
void hal_pte_write(uint64_t *entry, uint64_t pte);
bool hal_pte_is_leaf(unsigned level, uint64_t pte);
uint64_t hal_pte_address(unsigned level, uint64_t pte);
unsigned hal_pte_access(unsigned level, uint64_t pte);
uint64_t hal_translation(uint64_t root_physical, unsigned asid);
void hal_space_switch(uint64_t translation);

/* ---- frames ---- */

/* Two words in two registers; most C ABIs return this type so, the first word in the lower half. */
typedef unsigned __int128 hal_next_t;

static inline hal_next_t hal_next(uintptr_t frame, word_t word)
{
	return (hal_next_t)word << 64 | frame;
}

void hal_message_load(const struct hal_frame *f, struct hal_message *m);
void hal_message_head(struct hal_frame *f, word_t to, word_t from, word_t tag);
word_t hal_message_received(struct hal_frame *f, word_t badge, word_t tag);
void hal_message_store(struct hal_frame *f, word_t status, word_t badge, word_t tag, const word_t w[MESSAGE_REGISTERS]);
bool hal_frame_plain(const struct hal_frame *f);
void hal_frame_retry(struct hal_frame *f);
word_t hal_frame_ip(const struct hal_frame *f);
word_t hal_frame_sp(const struct hal_frame *f);
void hal_thread_switch_plain(const struct hal_frame *from, const struct hal_frame *to);

#endif
