/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of this HAL offer each other.
 */
#ifndef RISCV64_INTERNAL_H
#define RISCV64_INTERNAL_H

#include "kernel/hal.h"


/* trap.S: resumes the frame; called once on each core, after core_main or core_secondary. */
_Noreturn void trap_resume(struct hal_frame *f);

/* memory.c: leaves the boot code's mapping for the final one, Sv39 for the time being. */
void memory_init(void);

/* memory.c: Sv48 if `wanted` and the processor has it, else Sv39 stays; finds out the number of ASID bits. */
void memory_choose_mode(bool sv48_wanted);

/* memory.c: what satp holds without user mappings. */
word_t memory_kernel_satp(void);

/* memory.c: maps the memory of a core (layout.h) but for the page below its stack. */
bool memory_map_core(const char *start);

/* memory.c: makes a range of whole or partial pages readable and writable in the direct map. */
bool memory_map(uint64_t start, uint64_t end);

/* boot.c: sets up the executing processor. */
void boot_processor(void);

/* cores.c: the boot core is core 0, and this hart. */
void cores_init(word_t hart);

/* cores.c: a further hart becomes a core, if there is room. The boot core's hart is passed over. */
void cores_add(word_t hart);

/* cores.c: the core whose hart it is, or NULL. */
const struct hal_core *cores_find(word_t hart);

/* cores.c: the physical address behind the memory of the cores that there are. */
uint64_t cores_memory_end(void);

/* cores.c: no other core was started yet. */
bool cores_alone(void);

/* cores.c: this core does nothing any more, nor do the others once interrupts reach them. */
_Noreturn void cores_stop(void);

/* cores.c: an interrupt from another core is pending. */
void cores_interrupt(void);

/* interrupt.c: handles what is pending and enabled. */
void interrupt_handle(void);

/* fpu.c: finds out whether there is one. */
void fpu_init(void);

/* plic.c: the controller's registers, name in the tree, and number of interrupts; they are all masked. */
void plic_init(uint64_t physical, uint64_t size, uint32_t its_phandle, unsigned its_sources);

/* plic.c: the controller's name for S-mode on that core. */
void plic_add_context(unsigned core, unsigned context);

/* plic.c: the executing core takes interrupts of devices from now on. False: the controller does not serve it. */
bool plic_open_core(void);

/* plic.c: an interrupt of a device is pending. */
void plic_interrupt(void);

/* power.c: the physical address of the board's test device, which can end QEMU with a failure. */
void power_set_test_device(uint64_t physical);

/* time.c: frequency of the counter, in Hz; chooses between stimecmp and the firmware's timer. */
void time_init(uint64_t frequency);

/* time.c: a timer interrupt is pending, perhaps for a deadline that was replaced. */
void time_interrupt(void);

/* tree.c: fills in what `boot` says about the tree at this physical address, and the facts that the HAL takes from it. */
void tree_init(struct hal_boot *boot, uint64_t physical);

/* tree.c: the kernel's command line has this word. */
bool tree_option(const void *tree, const char *word);

#endif
