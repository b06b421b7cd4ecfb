/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What went wrong: user level's exceptions sorted into the portable kinds by ESR_EL1 (Arm ARM, section D19.2.37),
 * and the end for everything that went wrong in the kernel itself.
 */
#include "arm64.h"

/* Exception classes, ESR_EL1 bits 31:26. */
enum esr_class {
	CLASS_FP = 0x07,
	CLASS_SVC = 0x15,
	CLASS_FETCH_ABORT = 0x20,
	CLASS_IP_ALIGNMENT = 0x22,
	CLASS_DATA_ABORT = 0x24,
	CLASS_SP_ALIGNMENT = 0x26,
	CLASS_FP_TRAP_32 = 0x28,
	CLASS_FP_TRAP = 0x2c,
	CLASS_SERROR = 0x2f,
	CLASS_BREAKPOINT = 0x30,
	CLASS_STEP = 0x32,
	CLASS_WATCHPOINT = 0x34,
	CLASS_BRK = 0x3c,
};

/* Fault status codes of aborts, ESR_EL1 bits 5:0; the first ones without the level in bits 1:0. */
enum fault_status {
	STATUS_TRANSLATION = 0x04, /* or a lack of permission, with bit 3 */
	STATUS_TRANSLATION_MASK = 0x34,
	STATUS_ASYNCHRONOUS = 0x11,
	STATUS_ALIGNMENT = 0x21,
};

#define ESR_WRITE	 ((uint64_t)1 << 6)  /* WnR */
#define ESR_MAINTENANCE	 ((uint64_t)1 << 8)  /* CM: by a cache maintenance instruction; WnR is always set then */
#define ESR_NO_ADDRESS	 ((uint64_t)1 << 10) /* FnV: FAR_EL1 is not valid */
#define ESR_SEVERITY	 ((uint64_t)7 << 10) /* AET of an SError with STATUS_ASYNCHRONOUS; 0: uncontainable */

static unsigned exception_class(uint64_t esr)
{
	return esr >> 26 & 0x3f;
}

/* Cache maintenance by user level needs the right to read, whatever WnR says. */
static unsigned abort_access(uint64_t esr)
{
	if (exception_class(esr) == CLASS_FETCH_ABORT)
		return RIGHT_EXECUTE;
	return (esr & (ESR_WRITE | ESR_MAINTENANCE)) == ESR_WRITE ? RIGHT_WRITE : RIGHT_READ;
}

/* Only what better tables could cure is a page fault. */
static struct hal_frame *user_abort(struct hal_frame *f, uint64_t esr)
{
	unsigned status = esr & 0x3f;
	uintptr_t address = READ_REGISTER(far_el1);

	if ((status & STATUS_TRANSLATION_MASK) == STATUS_TRANSLATION)
		return core_page_fault(f, address, abort_access(esr), esr);
	if (status == STATUS_ALIGNMENT)
		return core_exception(f, EXCEPTION_ALIGNMENT, address, esr);
	return core_exception(f, EXCEPTION_BUS, (esr & ESR_NO_ADDRESS) ? 0 : address, esr);
}

/* An SError is asynchronous: the thread that runs is the likely, not the certain cause. Only an error that has
   spread beyond containment ends the system. */
static struct hal_frame *user_error(struct hal_frame *f, uint64_t esr)
{
	if ((esr & 0x3f) == STATUS_ASYNCHRONOUS && !(esr & ESR_SEVERITY))
		core_fatal("uncontainable error (SError)", f);
	return core_exception(f, EXCEPTION_BUS, 0, esr);
}

static __attribute__((noinline)) struct hal_frame *user_exception(struct hal_frame *f, uint64_t esr)
{
	switch (exception_class(esr)) {
	case CLASS_FP:
		return core_exception(f, EXCEPTION_FPU, 0, esr);
	case CLASS_IP_ALIGNMENT:
		return core_exception(f, EXCEPTION_ALIGNMENT, hal_frame_ip(f), esr);
	case CLASS_SP_ALIGNMENT:
		return core_exception(f, EXCEPTION_ALIGNMENT, hal_frame_sp(f), esr);
	case CLASS_FP_TRAP:
	case CLASS_FP_TRAP_32:
		return core_exception(f, EXCEPTION_ARITHMETIC, 0, esr);
	case CLASS_SERROR:
		return user_error(f, esr);
	case CLASS_STEP:
		f->general[REGISTER_FLAGS] |= FLAG_STEP; /* and again after the next one */
		return core_exception(f, EXCEPTION_STEP, 0, esr);
	case CLASS_WATCHPOINT:
		return core_exception(f, EXCEPTION_BREAKPOINT, debug_watched(f, READ_REGISTER(far_el1)), esr);
	case CLASS_BREAKPOINT:
		return core_exception(f, EXCEPTION_BREAKPOINT, hal_frame_ip(f), esr);
	case CLASS_BRK:
		return core_exception(f, EXCEPTION_BREAKPOINT, 0, esr);
	case CLASS_SVC: /* with a number other than 0; it is reported behind the instruction, others of its kind at it */
		hal_frame_retry(f);
		return core_exception(f, EXCEPTION_ILLEGAL, 0, esr);
	default: /* undefined, or a trap of something that is switched off */
		return core_exception(f, EXCEPTION_ILLEGAL, 0, esr);
	}
}

struct hal_frame *exception_from_user(struct hal_frame *f)
{
	uint64_t esr = READ_REGISTER(esr_el1);
	unsigned class = exception_class(esr);

	return class == CLASS_DATA_ABORT || class == CLASS_FETCH_ABORT ? user_abort(f, esr) : user_exception(f, esr);
}

static const char *vector_name(unsigned vector)
{
	static const char kinds[][32] = { "exception in the kernel", "unexpected interrupt", "unexpected FIQ",
					  "SError in the kernel" };

	return kinds[vector & 3];
}

/* One core reports; the report ends by stopping all. Before there are others this may run without the MMU, where
   exclusive accesses need not work. */
static void report_alone(void)
{
	static unsigned reporter; /* number + 1 */
	unsigned nobody = 0, self = hal_core_self() + 1;

	if (hal_core_count() > 1 &&
	    !__atomic_compare_exchange_n(&reporter, &nobody, self, false, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE) &&
	    nobody != self)
		core_park();
}

void exception_fatal(struct hal_frame *f, unsigned vector)
{
	static unsigned depth;
	uint64_t esr = READ_REGISTER(esr_el1);

	report_alone();
	/* hal_stop() tried semihosting, and it is not there */
	if (exception_class(esr) == 0 && hal_frame_ip(f) == (uintptr_t)semihosting_trap)
		stop_without_semihosting();
	if (depth++) /* while it was being reported */
		hal_stop(POWER_FAIL);
	if (vector >= 8)
		f->general[REGISTER_SP] = READ_REGISTER(sp_el0);
	kprintf("vector %u esr %lx far %lx\n", vector, esr, READ_REGISTER(far_el1));
	core_fatal(vector_name(vector), f);
}
