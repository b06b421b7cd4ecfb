/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FP and vector state: XSAVE's standard format with x87, SSE, AVX and AVX-512 as far as there are (SDM 1, 13), or
 * FXSAVE. Nothing else is switched on in XCR0, so this is all that user level can reach.
 *
 * The initial state is not all zeroes in either format (MXCSR, and with FXSAVE the control word). So an area
 * that was saved has a mark among the bytes that the processor leaves to software; without it the initial
 * state is loaded.
 */
#include "fpu.h"

#include "kernel/hal.h"
#include "processor.h"

enum {
	XSTATE_X87 = 1 << 0,
	XSTATE_SSE = 1 << 1,
	XSTATE_AVX = 1 << 2,
	XSTATE_AVX512 = 7 << 5,

	CPUID_XSAVE = 1 << 26, /* leaf 1, ECX */
	CPUID_XSTATE = 0xd,

	LEGACY_SIZE = 512,
	HEADER_SIZE = 64,
	CONTROL_INITIAL = 0x37f,
	MXCSR_INITIAL = 0x1f80,
};

/* The head of both formats (SDM 1, 10.5.1), and XSAVE's header. */
struct fpu_area {
	uint16_t control, status;
	uint8_t tags, reserved;
	uint16_t opcode;
	uint64_t ip, data;
	uint32_t mxcsr, mxcsr_mask;
	uint8_t registers[432];
	uint8_t saved; /* ours: bytes 464..511 are software's */
	uint8_t unused[47];
	uint8_t header[HEADER_SIZE];
};
_Static_assert(offsetof(struct fpu_area, saved) == 464 && offsetof(struct fpu_area, header) == LEGACY_SIZE, "SDM 1, 10.5.1");

/* With XSAVE its header says that all components are in their initial state, and only MXCSR is read. */
static const struct fpu_area initial __attribute__((aligned(64))) = {.control = CONTROL_INITIAL, .mxcsr = MXCSR_INITIAL};

static uint32_t components; /* of XSAVE; 0: there is none */
static size_t area_size = LEGACY_SIZE;

void fpu_core_init(void)
{
	if (!(cpuid_read(1).c & CPUID_XSAVE))
		return;
	components = cpuid_read(CPUID_XSTATE).a & (XSTATE_X87 | XSTATE_SSE | XSTATE_AVX | XSTATE_AVX512);
	if ((components & XSTATE_AVX512) != XSTATE_AVX512 || !(components & XSTATE_AVX))
		components &= ~(uint32_t)XSTATE_AVX512;
	__asm__ volatile("xsetbv" : : "a"(components), "d"(0), "c"(0));
	area_size = cpuid_read(CPUID_XSTATE).b; /* for what is switched on */
}

size_t hal_fpu_size(void)
{
	return area_size;
}

void hal_fpu_access(bool on)
{
	if (on)
		__asm__ volatile("clts" : : : "memory");
	else
		cr0_write(cr0_read() | CR0_TS);
}

void hal_fpu_save(void *area)
{
	uint64_t cr0 = cr0_read();

	hal_fpu_access(true);
	if (components != 0)
		__asm__ volatile("xsave64 (%0)" : : "r"(area), "a"(components), "d"(0) : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
	((struct fpu_area *)area)->saved = true;
	cr0_write(cr0);
}

/* FNINIT: some processors of AMD's leave the x87's last addresses as they were when they load a state. */
void hal_fpu_load(const void *area)
{
	uint64_t cr0 = cr0_read();

	if (!((const struct fpu_area *)area)->saved)
		area = &initial;
	hal_fpu_access(true);
	if (components != 0)
		__asm__ volatile("fninit; xrstor64 (%0)" : : "r"(area), "a"(components), "d"(0) : "memory");
	else
		__asm__ volatile("fninit; fxrstor64 (%0)" : : "r"(area) : "memory");
	cr0_write(cr0);
}
