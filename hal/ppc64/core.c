/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The executing core: its record, the registers that are the same for all threads, and waiting for interrupts.
 */
#include "core.h"
#include "offsets.h"
#include "papr.h"

extern char kernel_stack_top[], emergency_stack_top[], image_toc[] __asm__(".TOC.");

static struct hal_frame emergency_frame;

extern struct hal_core boot_core;
struct hal_core boot_core = {
	.stack = (uint64_t)kernel_stack_top - STACK_HEADER,
	.toc = (uint64_t)image_toc,
	.kernel_msr = REAL_MSR,
	.user_msr = USER_MSR,
	.ppr = PPR_DEFAULT,
	.emergency_stack = (uint64_t)emergency_stack_top - STACK_HEADER,
	.emergency_frame = (uint64_t)&emergency_frame,
	.deadline = UINT64_MAX,
};

#define CHECK(member, offset) _Static_assert(offsetof(struct hal_core, member) == (offset), "offsets.h")
CHECK(r11, CORE_R11);
CHECK(r12, CORE_R12);
CHECK(cr, CORE_CR);
CHECK(stack, CORE_STACK);
CHECK(toc, CORE_TOC);
CHECK(kernel_msr, CORE_KERNEL_MSR);
CHECK(user_msr, CORE_USER_MSR);
CHECK(ppr, CORE_PPR);
CHECK(emergency_stack, CORE_EMERGENCY_STACK);
CHECK(emergency_frame, CORE_EMERGENCY_FRAME);
CHECK(reservation, CORE_RESERVATION);

/* Performance monitor: counters frozen, and PMCC = 0b01: user level gets at none of its registers (Book III 9.4.4). */
#define MMCR0_CLOSED 0x80040000

void core_counters_freeze(void)
{
	mtspr(SPR_MMCR0, MMCR0_CLOSED);
}

void core_registers_init(void)
{
	__asm__ volatile("mtsprg 2, %0" : : "r"(this_core()) : "memory");
	mtspr(SPR_SPRG3, 0);
	mtspr(SPR_FSCR, 0); /* TAR, DSCR, event-based branches, scv, message send: off for user level */
	mtspr(SPR_DSCR, 0);
	mtspr(SPR_PSPB, 0); /* no priority boost */
	core_counters_freeze();
	mtspr(SPR_MMCRA, 0);
	mtspr(SPR_MMCR2, 0);
	/* Supervisor code cannot read, write or execute what user level can (radix knows key 0 only, Book III
	   5.7.13.3), and user level cannot change that. */
	mtspr(SPR_AMR, 0xc000000000000000);
	mtspr(SPR_IAMR, 0x4000000000000000);
	mtspr(SPR_UAMOR, 0);
	mtspr(SPR_PIDR, PID_NONE);
	isync();
}

unsigned hal_core_self(void)
{
	return (unsigned)this_core()->number;
}

static void interrupts_enable(bool on)
{
	uint64_t bits = MSR_RI | (on ? MSR_EE : 0);

	__asm__ volatile("mtmsrd %0, 1" : : "r"(bits) : "memory"); /* L = 1: EE and RI only */
}

void hal_preempt_window(void)
{
	interrupts_enable(true);
	interrupts_enable(false);
}

/* H_CEDE turns MSR[EE] on and returns after an interrupt (PAPR 14.11.3.3). */
void hal_core_idle(void)
{
	papr_cede();
	interrupts_enable(false);
}
