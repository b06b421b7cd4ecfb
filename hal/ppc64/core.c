/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The executing core: its record, the registers that are the same for all threads, and waiting for interrupts.
 */
#include <libfdt.h>
#include "core.h"
#include "machine.h"
#include "offsets.h"

extern char kernel_stacks[], emergency_stacks[], image_toc[] __asm__(".TOC.");

static struct hal_frame emergency_frame[HAL_CORES_MAX];
static unsigned count = 1;

#define FIXED(n)                                                                                                   \
	.stack = (uint64_t)kernel_stacks + ((n) + 1) * KERNEL_STACK_STRIDE - STACK_HEADER, .toc = (uint64_t)image_toc, \
	.kernel_msr = REAL_MSR, .user_msr = USER_MSR, .ppr = PPR_DEFAULT,                                          \
	.emergency_stack = (uint64_t)emergency_stacks + ((n) + 1) * EMERGENCY_STACK_SIZE - STACK_HEADER,           \
	.emergency_frame = (uint64_t)&emergency_frame[n], .number = (n), .deadline = UINT64_MAX

struct hal_core core_records[HAL_CORES_MAX] = {{FIXED(0)}};

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
CHECK(data, CORE_DATA);
CHECK(number, CORE_NUMBER);
CHECK(server, CORE_SERVER);
_Static_assert(sizeof(struct hal_core) == CORE_SIZE && HAL_CORES_MAX == CORES_MAX, "offsets.h");

/* Performance monitor: counters frozen, and PMCC = 0b01: user level gets at none of its registers (Book III 9.4.4). */
#define MMCR0_CLOSED 0x80040000

void core_counters_freeze(void)
{
	mtspr(SPR_MMCR0, MMCR0_CLOSED);
}

/* A kernel that was entered in hypervisor state stays there, and so does its user level. */
static void state_keep(void)
{
	uint64_t msr;

	__asm__ volatile("mfmsr %0" : "=r"(msr));
	this_core()->kernel_msr |= msr & MSR_HV;
	this_core()->user_msr |= msr & MSR_HV;
}

void core_registers_init(void)
{
	state_keep();
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

/* The number of a CPU node for firmware and interrupt controller: that of its first thread. UINT32_MAX: it has none. */
static uint32_t server_of(const void *tree, int node)
{
	int length;
	const fdt32_t *value = fdt_getprop(tree, node, "ibm,ppc-interrupt-server#s", &length);

	if (!value)
		value = fdt_getprop(tree, node, "reg", &length);
	return value && length >= (int)sizeof *value ? fdt32_ld(value) : UINT32_MAX;
}

void cores_init(const void *tree)
{
	int node = -1;

	core_records[0].server = mfspr(SPR_PIR);
	for (;;) {
		uint32_t server;

		node = fdt_node_offset_by_prop_value(tree, node, "device_type", "cpu", sizeof "cpu");
		if (node < 0 || count == HAL_CORES_MAX)
			return;
		server = server_of(tree, node);
		if (server == UINT32_MAX || server == core_records[0].server)
			continue;
		core_records[count] = (struct hal_core){FIXED(count), .server = server};
		count++;
	}
}

unsigned hal_core_count(void)
{
	return count;
}

bool hal_core_start(unsigned core)
{
	return machine_start_core(core_records[core].server, core);
}

void hal_ipi(unsigned core)
{
	machine_interrupt_core(core_records[core].server);
}

void core_secondary_prepare(void);

/* In real mode, on the core's own stack; then start.S turns translation on. */
void core_secondary_prepare(void)
{
	core_registers_init();
	machine_core_init();
	hal_timer_set(UINT64_MAX);
	this_core()->kernel_msr |= MSR_IR | MSR_DR;
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

void hal_core_idle(void)
{
	machine_idle();
	interrupts_enable(false);
}
