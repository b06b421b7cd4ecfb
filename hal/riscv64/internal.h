/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of this HAL offer each other.
 */
#ifndef RISCV64_INTERNAL_H
#define RISCV64_INTERNAL_H

#include "kernel/hal.h"

/* A core; it lies at the top of its own kernel stack, and tp points to it in the kernel. */
struct hal_core {
	unsigned number; /* 0 .. cores - 1 */
	word_t hart;     /* the firmware's name for it */
	uint64_t deadline;
} __attribute__((aligned(16)));

register struct hal_core *current_core __asm__("tp");

/* trap.S: resumes the frame; called once, after core_main. */
_Noreturn void trap_resume(struct hal_frame *f);

/* memory.c: leaves the boot code's mapping for the final one, Sv39 for the time being. */
void memory_init(void);

/* memory.c: Sv48 if `wanted` and the processor has it, else Sv39 stays; finds out the number of ASID bits. */
void memory_choose_mode(bool sv48_wanted);

/* memory.c: makes a range of whole or partial pages readable and writable in the direct map. */
bool memory_map(uint64_t start, uint64_t end);

/* memory.c: forgets what the walker holds for the address, in all address spaces. */
void memory_forget(uintptr_t address);

/* power.c: the physical address of the board's test device, which can end QEMU with a failure. */
void power_set_test_device(uint64_t physical);

/* time.c: frequency of the counter, in Hz; chooses between stimecmp and the firmware's timer. */
void time_init(uint64_t frequency);

/* time.c: handles what is pending and enabled. */
void time_interrupt(void);

/* tree.c: fills in what `boot` says about the tree at this physical address, and the facts that the HAL takes from it. */
void tree_init(struct hal_boot *boot, uint64_t physical);

/* tree.c: the kernel's command line has this word. */
bool tree_option(const void *tree, const char *word);

#endif
