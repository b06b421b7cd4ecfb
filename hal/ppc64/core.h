/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this HAL's files share: the record of a core, and the steps of booting.
 */
#ifndef PPC64_CORE_H
#define PPC64_CORE_H

#include <kernel/hal.h>
#include "processor.h"

/* One per core, in r13 while its kernel runs, in SPRG2 always. Assembly uses the offsets in offsets.h. */
struct hal_core {
	uint64_t r11, r12, cr;        /* scratch of the entry code */
	uint64_t stack, toc;          /* stack pointer and r2 of the kernel */
	uint64_t kernel_msr;          /* of kernel code: real mode until the MMU is on */
	uint64_t user_msr, ppr;       /* constants of user level */
	uint64_t emergency_stack, emergency_frame; /* for what ends in core_fatal */
	uint64_t reservation;         /* where a store conditional breaks reservations */
	uint64_t number;
	uint64_t deadline;            /* UINT64_MAX: none */
	uint64_t server;              /* what firmware and interrupt controller call it */
	void *data;                   /* hal_core_data() */
	uint64_t unused;
};

extern struct hal_core core_records[HAL_CORES_MAX];

static inline struct hal_core *this_core(void)
{
	return (struct hal_core *)(void *)core_record;
}

/* POWER9 forms real addresses of 51 bits. */
#define PHYSICAL_END ((uint64_t)1 << 51)

/* ASIDs are PIDs. 0 is the kernel's; the one past the last has no tables at all. */
enum { ASID_BITS = 11, PID_NONE = 1 << ASID_BITS, PROCESS_TABLE_SHIFT = 16 };

/* Sets the registers of this core that user level must not find as firmware left them. */
void core_registers_init(void);

/* Numbers the cores of the tree; the one that runs is 0. */
void cores_init(const void *tree);

/* Stops the performance monitor and its interrupt. */
void core_counters_freeze(void);

/* Builds the kernel's tables for image and vectors. False: there are not enough of them. */
bool kernel_map_init(const struct hal_range *image);

/* Physical address of the kernel's root table. */
uint64_t kernel_map_root(void);

/* Registers the process table with the kernel's root as PID 0. False: firmware refuses. */
bool space_init(void);

/* Reads frequency and width of the timer from the tree. */
void time_init(const void *tree);

/* The decrementer's interrupt. */
void time_interrupt(void);

#endif
