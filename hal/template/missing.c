/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions of kernel/hal.h that a port has to write, in the order in which it needs them (docs/porting.md): each says its name and
 * stops. They are weak: a file that defines one takes its place, and `ci/port-check --missing BUILD` lists those that are left. A function
 * that becomes inline in hal_arch.h has to be taken away here. When all are written this file goes.
 */
#include "missing.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"

const char *missing_text; /* what missing() was told first */

_Noreturn void missing(const char *what)
{
	if (!missing_text) { /* else it is the console or the end that is missing */
		missing_text = what;
		kprintf("\ncobnut: missing: %s\n", what);
		hal_stop(POWER_FAIL);
	}
	for (;;)
		;
}

#define MISSING(type, name, arguments) \
	__attribute__((weak)) type name arguments \
	{ \
		missing(#name); \
	}

/* console and end */
MISSING(void, hal_console_put, (char c))
MISSING(_Noreturn void, hal_stop, (enum power how))

/* the core's own, and traps in the kernel */
MISSING(unsigned, hal_core_self, (void))
MISSING(void, hal_core_set_data, (void *data))
MISSING(void *, hal_core_data, (void))
MISSING(unsigned, hal_core_count, (void))
MISSING(void, hal_frame_dump, (const struct hal_frame *f))

/* memory */
MISSING(const struct hal_pt *, hal_pt, (void))
MISSING(bool, hal_direct_map, (uint64_t start, uint64_t end))

/* time */
MISSING(uint64_t, hal_clock, (void))
MISSING(uint64_t, hal_clock_frequency, (void))
MISSING(void, hal_timer_set, (uint64_t deadline))

/* page tables */
MISSING(void, hal_root_init, (uint64_t *root))
MISSING(uint64_t, hal_pte_read, (const uint64_t *entry))
MISSING(bool, hal_pte_is_leaf, (unsigned level, uint64_t pte))
MISSING(uint64_t, hal_pte_address, (unsigned level, uint64_t pte))
MISSING(uint64_t, hal_pte_table, (unsigned level, uint64_t physical))
MISSING(void, hal_pte_write, (uint64_t *entry, uint64_t pte))
MISSING(uint64_t, hal_pte_leaf, (unsigned level, uint64_t physical, unsigned access, unsigned attribute))
MISSING(unsigned, hal_pte_access, (unsigned level, uint64_t pte))
MISSING(void, hal_cache_code, (const void *kernel_address, size_t length))
MISSING(void, hal_asid_bind, (unsigned asid, uint64_t root_physical))
MISSING(uint64_t, hal_translation, (uint64_t root_physical, unsigned asid))
MISSING(void, hal_space_switch, (uint64_t translation))
MISSING(void, hal_space_none, (void))
MISSING(void, hal_tlb_flush, (unsigned asid, uintptr_t address, size_t length, bool tables))
MISSING(void, hal_tlb_flush_all, (void))

/* frames, the way to user level and back */
MISSING(void, hal_frame_init, (struct hal_frame *f, word_t ip, word_t sp, word_t argument))
MISSING(void, hal_thread_switch, (const struct hal_frame *to))
MISSING(size_t, hal_fpu_size, (void))
MISSING(void, hal_message_load, (const struct hal_frame *f, struct hal_message *m))
MISSING(void, hal_message_head, (struct hal_frame *f, word_t to, word_t from, word_t tag))
MISSING(word_t, hal_message_received, (struct hal_frame *f, word_t badge, word_t tag))
MISSING(void, hal_message_store, (struct hal_frame *f, word_t status, word_t badge, word_t tag, const word_t w[MESSAGE_REGISTERS]))
MISSING(bool, hal_frame_plain, (const struct hal_frame *f))
MISSING(void, hal_frame_retry, (struct hal_frame *f))
MISSING(void, hal_thread_switch_plain, (const struct hal_frame *from, const struct hal_frame *to))
MISSING(word_t, hal_frame_ip, (const struct hal_frame *f))
MISSING(word_t, hal_frame_sp, (const struct hal_frame *f))
MISSING(unsigned, hal_frame_registers, (unsigned group))
MISSING(void, hal_frame_read, (const struct hal_frame *f, unsigned group, unsigned first, unsigned count, word_t *out))
MISSING(void, hal_frame_write, (struct hal_frame *f, unsigned group, unsigned first, unsigned count, const word_t *in))
MISSING(void, hal_frame_set, (struct hal_frame *f, word_t ip, word_t sp, word_t flags))
MISSING(void, hal_frame_set_thread_pointer, (struct hal_frame *f, word_t value))

/* interrupts, first the timer's */
MISSING(void, hal_preempt_window, (void))
MISSING(void, hal_core_idle, (void))
MISSING(bool, hal_irq_translate, (uint32_t controller, const uint32_t *cells, unsigned count, unsigned *irq, enum hal_trigger *trigger))
MISSING(void, hal_irq_route, (unsigned irq, unsigned core, enum hal_trigger trigger))
MISSING(bool, hal_irq_mask, (unsigned irq, bool masked))
MISSING(bool, hal_irq_message, (uint32_t bus, uint32_t requester, unsigned core, unsigned *irq, uint64_t *address, uint32_t *data))
MISSING(void, hal_irq_message_free, (unsigned irq))

/* cores */
MISSING(bool, hal_core_start, (unsigned core))
MISSING(void, hal_ipi, (unsigned core))
MISSING(void, hal_relax, (void))
MISSING(void, hal_rest, (void))

/* FPU and debug */
MISSING(void, hal_fpu_access, (bool on))
MISSING(void, hal_fpu_save, (void *area))
MISSING(void, hal_fpu_load, (const void *area))
MISSING(bool, hal_frame_step, (struct hal_frame *f, bool on))
MISSING(enum error, hal_debug_set, (struct hal_frame *f, unsigned number, enum debug_kind kind, uintptr_t address, size_t length))

/* firmware and ports */
MISSING(bool, hal_firmware, (word_t regs[8]))
MISSING(bool, hal_port, (unsigned port, unsigned width, uint32_t *value, bool write))
