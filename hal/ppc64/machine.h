/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the machine around the processor does for this HAL. pseries.c is the one of a partition; another machine's directory brings its
 * own, together with hal_console_put, hal_stop, hal_firmware and hal_irq_*. All of it runs with interrupts off.
 */
#ifndef PPC64_MACHINE_H
#define PPC64_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Registers as firmware left them at the kernel's entry. */
struct machine_entry {
	uint64_t r3, r4, r5, r6, r7, r8, r9;
};

/* The device tree into `buffer`, in real mode; afterwards all RAM is ours but what the tree reserves. NULL, or why there is none. */
const char *machine_tree(const struct machine_entry *entry, void *buffer, size_t size);

/* Reads what the tree, which is well-formed, says of firmware and interrupt controller. The cores are known already. */
void machine_init(const void *tree);

/* On each core, in real mode: what the machine wants set there. Interrupts keep the MMU on and come in the kernel's byte order, and what
   is sent to this core arrives. False: firmware refuses. */
bool machine_core_init(void);

/* Translation by this process table of 2^shift bytes, whose entry 0 is the tree at `root` (as its entry has it): on each core that
   machine_core_init() was or will be called on. False: firmware refuses radix translation. */
bool machine_translate(uint64_t process_table, unsigned shift, uint64_t root);

/* Starts a core: it enters secondary_start with `number` in r3, in real mode. False: firmware refuses. */
bool machine_start_core(uint64_t server, unsigned number);

/* Interrupts another core. What was stored before is visible to it. */
void machine_interrupt_core(uint64_t server);

/* An interrupt other than the decrementer's came by this vector: takes and ends all that is pending for this core. */
void machine_interrupt(unsigned vector);

/* Waits for an interrupt, which is taken; MSR[EE] may be on afterwards. */
void machine_idle(void);

#endif
