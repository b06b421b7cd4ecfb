/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sets the processor up: control registers, MSRs, descriptor tables. Every bit that is not named is
 * cleared, so whatever firmware left on does not reach user level.
 *
 * A CR4 bit is set only if CPUID has the feature: a reserved one raises #GP on hardware, and QEMU 7.2 goes
 * astray without a word (platforms.md).
 */
#include "processor.h"

#include "entry.h"
#include "fpu.h"

struct core_area core_areas[CORES_MAX];
struct features features;

_Static_assert(offsetof(struct core_area, tss) == CORE_STACK_TOP, "entry.S");
_Static_assert(offsetof(struct core_area, tss) + offsetof(struct task_state, rsp0) == CORE_STACK_TOP + TSS_RSP0, "entry.S");
_Static_assert(offsetof(struct core_area, data) == CORE_STACK_TOP + CORE_DATA, "hal_core_data");
_Static_assert(sizeof(struct core_area) == 1 << CORE_SHIFT, "hal_core_self");
_Static_assert(CORES_MAX == HAL_CORES_MAX, "start.S, entry.S");
_Static_assert(sizeof(struct task_state) == 104, "SDM 3A, 8.7");

enum {
	CR4_PAE = 1 << 5,
	CR4_MCE = 1 << 6,
	CR4_PGE = 1 << 7,
	CR4_OSFXSR = 1 << 9, /* else SSE would raise #UD instead of #NM */
	CR4_OSXMMEXCPT = 1 << 10,
	CR4_UMIP = 1 << 11,
	CR4_OSXSAVE = 1 << 18,
	CR4_SMEP = 1 << 20,
	CR4_SMAP = 1 << 21,
};

enum {
	MSR_SYSENTER_CS = 0x174,
	MSR_PAT = 0x277,
};
#define MSR_EFER 0xc0000080
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_CSTAR 0xc0000083
#define MSR_SFMASK 0xc0000084
#define MSR_GS_BASE 0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#define MSR_TSC_AUX 0xc0000103

#define EFER_SCE 0x1ull
#define EFER_LME 0x100ull
#define EFER_LMA 0x400ull
#define EFER_NXE 0x800ull

#define PAT_RESET 0x0007040600070406 /* SDM 3A, 11.12.4: WB WT UC- UC, twice */
#define FLAGS_ALL 0x3f7fd5 /* every flag there is: SYSCALL clears them */

/* CPUID leaf, register and bit of a feature -> the CR4 bit that it allows. */
struct cr4_feature {
	uint32_t leaf;
	uint8_t cpuid_register; /* 0 a, 1 b, 2 c, 3 d */
	uint8_t bit;
	uint32_t cr4;
};
static const struct cr4_feature cr4_features[] = {
	{1, 3, 7, CR4_MCE},
	{1, 3, 13, CR4_PGE},
	{1, 3, 24, CR4_OSFXSR},
	{1, 3, 25, CR4_OSXMMEXCPT},
	{1, 2, 26, CR4_OSXSAVE},
	{7, 2, 2, CR4_UMIP},
	{7, 1, 7, CR4_SMEP},
	{7, 1, 20, CR4_SMAP},
};

/* A leaf beyond the last one reads as zero (Intel answers with the last leaf's data instead). */
static struct cpuid cpuid_checked(uint32_t leaf)
{
	struct cpuid none = {0, 0, 0, 0};

	return cpuid_read(leaf & 0x80000000).a < leaf ? none : cpuid_read(leaf);
}

static uint32_t cr4_allowed(void)
{
	uint32_t value = CR4_PAE;

	for (size_t i = 0; i < sizeof(cr4_features) / sizeof(cr4_features[0]); i++) {
		struct cpuid r = cpuid_checked(cr4_features[i].leaf);
		const uint32_t registers[4] = {r.a, r.b, r.c, r.d};

		if (registers[cr4_features[i].cpuid_register] >> cr4_features[i].bit & 1)
			value |= cr4_features[i].cr4;
	}
	return value;
}

static void features_read(void)
{
	features.global_pages = (cpuid_checked(1).d >> 13 & 1) != 0;
	features.large_1g = (cpuid_checked(0x80000001).d >> 26 & 1) != 0;
	features.physical_bits = cpuid_checked(0x80000008).a & 0xff;
	if (features.physical_bits < 36 || features.physical_bits > 52)
		features.physical_bits = 36; /* the leaf is missing */
}

static void control_registers_init(void)
{
	uint64_t cr0 = CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_TS | CR0_MP | CR0_PE;
	uint64_t cr4 = cr4_allowed();
	uint64_t dr7 = 0x400, dr6 = DR6_CLEAR;

	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4) : "memory");
	cr0_write(cr0);
	__asm__ volatile("mov %0, %%dr7; mov %1, %%dr6" : : "r"(dr7), "r"(dr6));
}

static void msr_init(void)
{
	msr_write(MSR_EFER, EFER_NXE | EFER_LMA | EFER_LME | EFER_SCE);
	msr_write(MSR_STAR, (uint64_t)(SELECTOR_USER_CODE - 16) << 48 | (uint64_t)SELECTOR_KERNEL_CODE << 32);
	msr_write(MSR_LSTAR, (uintptr_t)syscall_entries + hal_core_self() * SYSCALL_CODE_SIZE);
	msr_write(MSR_CSTAR, (uintptr_t)syscall_entries); /* compatibility mode: there is no 32-bit code segment */
	msr_write(MSR_SFMASK, FLAGS_ALL);
	msr_write(MSR_SYSENTER_CS, 0); /* SYSENTER raises #GP */
	msr_write(MSR_FS_BASE, 0);
	msr_write(MSR_GS_BASE, 0);
	msr_write(MSR_KERNEL_GS_BASE, 0);
	if (cpuid_checked(1).d >> 16 & 1)
		msr_write(MSR_PAT, PAT_RESET);
	if (cpuid_checked(0x80000001).d >> 27 & 1)
		msr_write(MSR_TSC_AUX, 0); /* what RDTSCP and RDPID show */
}

/* Interrupt gate in 64-bit mode (SDM 3A, 6.14.1). */
struct gate {
	uint16_t offset0;
	uint16_t selector;
	uint8_t stack; /* 1..7: interrupt stack table; 0: RSP0 or the current one */
	uint8_t type;
	uint16_t offset16;
	uint32_t offset32;
	uint32_t reserved;
};
static _Alignas(16) struct gate idt[256];

enum { GATE_INTERRUPT = 0x8e, GATE_USER = 0x60, VECTOR_BREAKPOINT = 3 };

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

/* Only INT3 may be raised by an instruction of user level; `int n` of the others is #GP. */
static void idt_init(void)
{
	for (unsigned i = 0; i < 256; i++) {
		uintptr_t entry = (uintptr_t)vectors + i * VECTOR_CODE_SIZE;

		idt[i] = (struct gate){
			.offset0 = (uint16_t)entry,
			.selector = SELECTOR_KERNEL_CODE,
			.type = GATE_INTERRUPT,
			.offset16 = (uint16_t)(entry >> 16),
			.offset32 = (uint32_t)(entry >> 32),
		};
	}
	idt[VECTOR_BREAKPOINT].type |= GATE_USER;
	idt[VECTOR_NMI].stack = 1;
	idt[VECTOR_DOUBLE_FAULT].stack = 2;
	idt[VECTOR_MACHINE_CHECK].stack = 3;
	idt[VECTOR_DEBUG].stack = 4;
}

/* Segment descriptors: SDM 3A, 3.4.5 and 8.2.3; accessed bits are set, so the processor writes only the TSS's busy bit. */
static void descriptor_tables_init(struct core_area *core)
{
	uint64_t tss = (uintptr_t)&core->tss;
	struct table_pointer pointer = {sizeof(core->gdt) - 1, (uintptr_t)core->gdt};
	struct table_pointer idt_pointer = {sizeof(idt) - 1, (uintptr_t)idt};

	core->tss.ist[0] = (uintptr_t)(core->nmi_stack + FAULT_STACK_SIZE);
	core->tss.ist[1] = (uintptr_t)(core->double_fault_stack + FAULT_STACK_SIZE);
	core->tss.ist[2] = (uintptr_t)(core->machine_check_stack + FAULT_STACK_SIZE);
	core->tss.ist[3] = (uintptr_t)(core->debug_stack + DEBUG_STACK_SIZE);
	core->tss.io_map = sizeof(core->tss);
	core->gdt[SELECTOR_KERNEL_CODE / 8] = 0x00af9b000000ffff;
	core->gdt[SELECTOR_KERNEL_DATA / 8] = 0x00cf93000000ffff;
	core->gdt[SELECTOR_USER_DATA / 8] = 0x00cff3000000ffff;
	core->gdt[SELECTOR_USER_CODE / 8] = 0x00affb000000ffff;
	core->gdt[SELECTOR_TSS / 8] =
		(sizeof(core->tss) - 1) | (tss & 0xffffff) << 16 | 0x89ull << 40 | (tss >> 24 & 0xff) << 56;
	core->gdt[SELECTOR_TSS / 8 + 1] = tss >> 32;
	__asm__ volatile("lgdt %0; lldt %w1; ltr %w2" : : "m"(pointer), "r"(0), "r"(SELECTOR_TSS) : "memory");
	__asm__ volatile("lidt %0" : : "m"(idt_pointer));
}

void processor_init(void)
{
	idt_init();
	features_read();
}

void processor_core_init(void)
{
	descriptor_tables_init(core_here());
	control_registers_init();
	fpu_core_init();
	msr_init();
}
