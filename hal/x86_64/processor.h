/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processor core: what it can do, its tables, and the memory that belongs to it.
 */
#ifndef PROCESSOR_H
#define PROCESSOR_H

#include "kernel/hal.h"

#include "x86.h"

/* SDM 3A, 2.5. TS raises #NM on the first use of FPU or vector unit; AM stays off, so the flag AC has no effect. */
enum {
	CR0_PE = 1 << 0,
	CR0_MP = 1 << 1,
	CR0_TS = 1 << 3,
	CR0_ET = 1 << 4,
	CR0_NE = 1 << 5,
	CR0_WP = 1 << 16,
};
#define CR0_PG (1ull << 31)

#define MSR_APIC_BASE 0x1b

/* Task state segment (SDM 3A, 8.7). */
struct task_state {
	uint32_t reserved0;
	uint64_t rsp0, rsp1, rsp2;
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t io_map; /* behind the segment's limit: no port is open to user level */
} __attribute__((packed));

/*
 * What belongs to one core. The task state segment lies at the kernel stack's top, so that frame_resume
 * reaches it from rsp. The page below the stack stays unmapped: an overflow ends in #DF, which has its own stack.
 */
struct core_area {
	uint8_t guard[PAGE_SIZE];
	uint8_t stack[STACK_SIZE];
	struct task_state tss;
	_Alignas(16) uint64_t gdt[7];
	void *data;        /* hal_core_data() */
	uint64_t deadline; /* of hal_timer_set */
	uint64_t debug_control; /* of the frame whose debug points are loaded */
	_Alignas(16) uint8_t debug_stack[DEBUG_STACK_SIZE];
	_Alignas(256) uint8_t nmi_stack[FAULT_STACK_SIZE];
	uint8_t double_fault_stack[FAULT_STACK_SIZE];
	uint8_t machine_check_stack[FAULT_STACK_SIZE];
} __attribute__((aligned(1 << CORE_SHIFT)));
extern struct core_area core_areas[CORES_MAX];

static inline struct core_area *core_here(void)
{
	return &core_areas[hal_core_self()];
}

/* What CPUID says. */
struct features {
	bool global_pages;
	bool large_1g; /* 1 GiB leaves */
	unsigned physical_bits;
};
extern struct features features;

/* Reads CPUID, and makes the descriptor tables that all cores share. */
void processor_init(void);

/* This core: fixes every control register and MSR that user level could notice, loads the descriptor tables. */
void processor_core_init(void);

#endif
