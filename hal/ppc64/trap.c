/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an interrupt means. Power ISA 3.0B, Book III chapter 6.5 has a section for each vector; the bits of DSISR and
 * SRR1 below are from there.
 */
#include "core.h"
#include "machine.h"
#include "trap.h"

/* DSISR of a data storage interrupt; SRR1 of an instruction storage interrupt has the same. */
enum {
	STORAGE_NO_ENTRY = 0x40000000,
	STORAGE_GUARDED = 0x10000000, /* instructions only: no-execute or guarded */
	STORAGE_PROTECTION = 0x08000000,
	STORAGE_STORE = 0x02000000,
	STORAGE_REFERENCE = 0x00020000, /* R or C could not be set */
	STORAGE_TRANSLATION = STORAGE_NO_ENTRY | STORAGE_PROTECTION | STORAGE_REFERENCE,
};

/* SRR1 of a program interrupt. */
enum { PROGRAM_FP = 0x100000, PROGRAM_ILLEGAL = 0x80000, PROGRAM_PRIVILEGED = 0x40000, PROGRAM_TRAP = 0x20000 };

/* FSCR[IC] of a facility unavailable interrupt, in the top byte: the three that are FP and vector. */
enum { FACILITY_SHIFT = 56, FACILITY_FP = 0, FACILITY_VECTOR = 1, FACILITY_VSX = 2 };

/* What no tree can translate, or what the kernel's tree keeps from user level, is no page fault. */
static struct hal_frame *storage(struct hal_frame *f, uintptr_t address, unsigned access, uint64_t cause, uint64_t expected)
{
	if (cause & expected)
		return core_page_fault(f, address, access, cause);
	return core_exception(f, address >= hal_pt()->user_top ? EXCEPTION_ADDRESS : EXCEPTION_BUS, address, cause);
}

static struct hal_frame *program(struct hal_frame *f)
{
	enum exception kind = EXCEPTION_ILLEGAL;

	if (f->msr & PROGRAM_TRAP)
		kind = EXCEPTION_BREAKPOINT;
	else if (f->msr & PROGRAM_FP)
		kind = EXCEPTION_ARITHMETIC;
	return core_exception(f, kind, 0, f->msr);
}

static struct hal_frame *facility(struct hal_frame *f)
{
	uint64_t status = mfspr(SPR_FSCR);
	enum exception kind = status >> FACILITY_SHIFT <= FACILITY_VSX ? EXCEPTION_FPU : EXCEPTION_ILLEGAL;

	return core_exception(f, kind, 0, status);
}

/* Timer, and what comes uncalled. */
void trap_interrupt(struct hal_frame *f)
{
	switch (f->vector) {
	case VECTOR_DECREMENTER:
		time_interrupt();
		break;
	case VECTOR_PERFORMANCE_MONITOR:
		core_counters_freeze();
		break;
	default:
		machine_interrupt((unsigned)f->vector);
		break;
	}
}

static __attribute__((noinline)) struct hal_frame *trap_other(struct hal_frame *f)
{
	switch (f->vector) {
	case VECTOR_INSTRUCTION_STORAGE:
		return storage(f, f->ip, RIGHT_EXECUTE, f->msr, STORAGE_TRANSLATION | STORAGE_GUARDED);
	case VECTOR_DATA_SEGMENT:
		return core_exception(f, EXCEPTION_ADDRESS, f->dar, f->vector);
	case VECTOR_INSTRUCTION_SEGMENT:
		return core_exception(f, EXCEPTION_ADDRESS, f->ip, f->vector);
	case VECTOR_ALIGNMENT:
		return core_exception(f, EXCEPTION_ALIGNMENT, f->dar, f->dsisr);
	case VECTOR_PROGRAM:
		return program(f);
	case VECTOR_HYPERVISOR_EMULATION:
		return core_exception(f, EXCEPTION_ILLEGAL, 0, f->msr);
	case VECTOR_FP_UNAVAILABLE:
	case VECTOR_VECTOR_UNAVAILABLE:
	case VECTOR_VSX_UNAVAILABLE:
		return core_exception(f, EXCEPTION_FPU, 0, f->vector);
	case VECTOR_FACILITY_UNAVAILABLE:
		return facility(f);
	case VECTOR_TRACE:
		return core_exception(f, EXCEPTION_STEP, 0, f->msr);
	case VECTOR_DECREMENTER:
	case VECTOR_EXTERNAL:
	case VECTOR_DOORBELL:
	case VECTOR_HYPERVISOR_DOORBELL:
	case VECTOR_HYPERVISOR_EXTERNAL:
	case VECTOR_PERFORMANCE_MONITOR:
		trap_interrupt(f);
		return core_resume();
	default:
		return core_exception(f, EXCEPTION_OTHER, 0, f->vector);
	}
}

struct hal_frame *trap_user(struct hal_frame *f)
{
	if (f->vector != VECTOR_DATA_STORAGE)
		return trap_other(f);
	return storage(f, f->dar, f->dsisr & STORAGE_STORE ? RIGHT_WRITE : RIGHT_READ, f->dsisr, STORAGE_TRANSLATION);
}

static const char *vector_name(uint64_t vector)
{
	switch (vector) {
	case VECTOR_SYSTEM_RESET:
		return "system reset";
	case VECTOR_MACHINE_CHECK:
		return "machine check";
	case VECTOR_DATA_STORAGE:
		return "data storage interrupt in the kernel";
	case VECTOR_DATA_SEGMENT:
		return "data segment interrupt in the kernel";
	case VECTOR_INSTRUCTION_STORAGE:
		return "instruction storage interrupt in the kernel";
	case VECTOR_INSTRUCTION_SEGMENT:
		return "instruction segment interrupt in the kernel";
	case VECTOR_ALIGNMENT:
		return "alignment interrupt in the kernel";
	case VECTOR_PROGRAM:
	case VECTOR_HYPERVISOR_EMULATION:
		return "program interrupt in the kernel";
	default:
		return "unexpected interrupt in the kernel";
	}
}

/* A trap while reporting a trap: the report is as far as it got. */
void trap_kernel(struct hal_frame *f)
{
	static bool reporting;

	if (reporting)
		hal_stop(POWER_FAIL);
	reporting = true;
	core_fatal(vector_name(f->vector), f);
}

/* Causes of a machine check in POWER9 (User's Manual, "Machine Check Interrupt"): errors of memory or of the real
   address, met by this very load, store or fetch. Asynchronous ones belong to nobody. */
#define CHECK_DATA 0x200000 /* SRR1: the cause is in DSISR */
#define CHECK_DATA_BUS 0xf078
#define CHECK_DATA_NO_ADDRESS 0x8038 /* of these: DAR is not valid */
#define CHECK_FETCH 0x081c0000

static bool fetch_bus_error(uint64_t msr)
{
	switch (msr & CHECK_FETCH) {
	case 0x00040000:
	case 0x00180000:
	case 0x001c0000:
	case 0x08000000:
	case 0x08040000:
	case 0x080c0000:
	case 0x08100000:
	case 0x081c0000:
		return true;
	default:
		return false;
	}
}

struct hal_frame *trap_machine(struct hal_frame *f)
{
	if (f->vector != VECTOR_MACHINE_CHECK || !(f->msr & MSR_PR))
		trap_kernel(f);
	if (f->msr & CHECK_DATA && f->dsisr & CHECK_DATA_BUS)
		return core_exception(f, EXCEPTION_BUS, f->dsisr & CHECK_DATA_NO_ADDRESS ? 0 : f->dar, f->dsisr);
	if (!(f->msr & CHECK_DATA) && fetch_bus_error(f->msr))
		return core_exception(f, EXCEPTION_BUS, f->ip, f->msr);
	trap_kernel(f);
}
