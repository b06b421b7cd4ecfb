/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the processor reports, sorted: user level's page faults and exceptions go to the core, interrupts to
 * their handlers, and whatever the kernel itself raises ends in core_fatal. Nothing that user level does is
 * fatal.
 */
#include <abi/x86_64/registers.h>

#include "local_apic.h"
#include "debug.h"
#include "entry.h"
#include "interrupt.h"
#include "kernel/hal.h"
#include "secondary.h"
#include "x86.h"

/* SDM 3A, 4.7 */
enum {
	PAGE_FAULT_PRESENT = 1 << 0,
	PAGE_FAULT_WRITE = 1 << 1,
	PAGE_FAULT_USER = 1 << 2,
	PAGE_FAULT_RESERVED = 1 << 3,
	PAGE_FAULT_FETCH = 1 << 4,
};

_Static_assert((int)PAGE_FAULT_WRITE == (int)RIGHT_WRITE, "page_fault()");

struct exception_kind {
	const char *name;
	enum exception kind;
};

/* SDM 3A, 6.15. Alignment checks are off (CR0.AM). */
static const struct exception_kind exceptions[VECTOR_EXTERNAL] = {
	[0] = {"divide error", EXCEPTION_ARITHMETIC},
	[1] = {"debug", EXCEPTION_STEP},
	[2] = {"non-maskable interrupt", EXCEPTION_OTHER},
	[3] = {"breakpoint", EXCEPTION_BREAKPOINT},
	[4] = {"overflow", EXCEPTION_OTHER},
	[5] = {"bound range", EXCEPTION_OTHER},
	[6] = {"invalid opcode", EXCEPTION_ILLEGAL},
	[7] = {"FPU not available", EXCEPTION_FPU},
	[8] = {"double fault", EXCEPTION_OTHER},
	[10] = {"invalid TSS", EXCEPTION_OTHER},
	[11] = {"segment not present", EXCEPTION_ILLEGAL},
	[12] = {"stack fault", EXCEPTION_ADDRESS},
	[13] = {"general protection", EXCEPTION_ILLEGAL},
	[14] = {"page fault", EXCEPTION_OTHER},
	[16] = {"x87 exception", EXCEPTION_ARITHMETIC},
	[17] = {"alignment check", EXCEPTION_ALIGNMENT},
	[18] = {"machine check", EXCEPTION_BUS},
	[19] = {"SIMD exception", EXCEPTION_ARITHMETIC},
};

static word_t raw_code(const struct hal_frame *f)
{
	return f->entry | f->error << RAW_ERROR_SHIFT;
}

/*
 * A reserved bit in an entry can only mean an address that the processor cannot form: nothing answers there.
 * An access that the processor made with the kernel's privilege at a mapped address would fail again for ever:
 * QEMU 7.2 makes such on far returns (LRET, IRET) of user level, and SMAP stops them.
 */
static __attribute__((noinline)) struct hal_frame *page_fault_for_good(struct hal_frame *f, uintptr_t address)
{
	enum exception kind = EXCEPTION_OTHER;

	if (f->error & PAGE_FAULT_RESERVED)
		kind = EXCEPTION_BUS;
	else if (address >= hal_pt()->user_top)
		kind = EXCEPTION_ADDRESS;
	return core_exception(f, kind, address, raw_code(f));
}

/* Without PAGE_FAULT_PRESENT none of the bits that it needs to be for good means anything. */
static struct hal_frame *page_fault(struct hal_frame *f, uintptr_t address)
{
	word_t error = f->error;
	unsigned access = (error & PAGE_FAULT_WRITE) | (error & PAGE_FAULT_FETCH) / (PAGE_FAULT_FETCH / RIGHT_EXECUTE);

	if (error & PAGE_FAULT_PRESENT && (error & (PAGE_FAULT_USER | PAGE_FAULT_RESERVED)) != PAGE_FAULT_USER)
		return page_fault_for_good(f, address);
	return core_page_fault(f, address, access ? access : RIGHT_READ, raw_code(f));
}

/* `ip`: as the processor saw it. QEMU takes a jump to an address that is not canonical and faults there. */
static struct hal_frame *exception(struct hal_frame *f, word_t ip)
{
	enum exception kind = exceptions[f->entry].kind;
	uintptr_t address = 0;

	if (f->entry == VECTOR_PROTECTION && f->ip != ip) {
		kind = EXCEPTION_ADDRESS;
		address = ip;
	} else if (f->entry == VECTOR_DEBUG && debug_hit(f, &address)) {
		kind = EXCEPTION_BREAKPOINT;
	}
	return core_exception(f, kind == 0 ? EXCEPTION_OTHER : kind, address, raw_code(f));
}

static void interrupt(const struct hal_frame *f)
{
	if (f->entry == VECTOR_SPURIOUS || f->entry < VECTOR_APIC) { /* the 8259 are masked and raise at most their spurious ones */
		apic_acknowledge_spurious((unsigned)f->entry);
		return;
	}
	if (f->entry < VECTOR_TIMER)
		interrupt_arrived((unsigned)f->entry - VECTOR_APIC);
	apic_acknowledge();
	if (f->entry == VECTOR_TIMER)
		apic_timer_expired();
	else if (f->entry == VECTOR_IPI)
		core_ipi();
}

struct hal_frame *trap_user(struct hal_frame *f)
{
	word_t ip = f->ip;

	f->ip = canonical(ip);
	f->cs = SELECTOR_USER_CODE;
	f->ss = SELECTOR_USER_DATA;
	f->flags = (f->flags & ~(word_t)FLAGS_SYSTEM) | USER_FLAGS | f->step;
	if (f->entry == VECTOR_PAGE_FAULT)
		return page_fault(f, cr2_read());
	if (f->entry < VECTOR_EXTERNAL)
		return exception(f, ip);
	interrupt(f);
	return core_resume();
}

void trap_kernel(const struct hal_frame *f)
{
	if (f->entry >= VECTOR_EXTERNAL) {
		interrupt(f);
		return;
	}
	secondary_stop();
	core_fatal(exceptions[f->entry].name ? exceptions[f->entry].name : "unknown exception", f);
}
