/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Register frames: making, reading and writing them. MSR is no part of what user level chooses: entry.S resumes every
 * user frame with the core's (USER_MSR, the units' bits, single step), so nothing here needs to be sanitised but the instruction pointer's alignment.
 */
#include <kernel/hal.h>
#include <abi/ppc64/registers.h>
#include "core.h"
#include "offsets.h"

#define CHECK(member, offset) _Static_assert(offsetof(struct hal_frame, member) == (offset), "offsets.h")
CHECK(gpr, FRAME_GPR);
CHECK(ip, FRAME_IP);
CHECK(lr, FRAME_LR);
CHECK(ctr, FRAME_CTR);
CHECK(cr, FRAME_CR);
CHECK(xer, FRAME_XER);
CHECK(vrsave, FRAME_VRSAVE);
CHECK(ppr, FRAME_PPR);
CHECK(partial, FRAME_PARTIAL);
CHECK(msr, FRAME_MSR);
CHECK(vector, FRAME_VECTOR);
CHECK(dar, FRAME_DAR);
CHECK(dsisr, FRAME_DSISR);
_Static_assert(ENTRY_NOT_FAST == HAL_NOT_FAST && ENTRY_DONE == HAL_DONE && ENTRY_RESUME == HAL_RESUME && ENTRY_REASON == HAL_REASON, "offsets.h");
_Static_assert(STATUS_RECEIVED == (OK | PHASE_RECEIVE << 8), "offsets.h");
_Static_assert(sizeof(struct hal_frame) == FRAME_SIZE && FRAME_SIZE % 16 == 0, "offsets.h");
/* The group is a view of the frame's start. */
_Static_assert(REGISTER_IP * 8 == FRAME_IP && REGISTER_VRSAVE * 8 == FRAME_VRSAVE, "registers.h");

/* Instructions are aligned to 4; rfid ignores the low bits too (Book III 3.3.1). */
enum { IP_LOW_BITS = 3 };

void hal_frame_init(struct hal_frame *f, word_t ip, word_t sp, word_t argument)
{
	*f = (struct hal_frame){.ip = ip & ~(word_t)IP_LOW_BITS, .ppr = PPR_DEFAULT, .partial = SAVED_ALL};
	f->gpr[GPR_SP] = sp;
	f->gpr[GPR_ARGUMENT] = argument;
	f->gpr[GPR_ENTRY] = f->ip; /* ELFv2: a function finds its TOC from its own address */
}

/* There are no flags to choose. */
void hal_frame_set(struct hal_frame *f, word_t ip, word_t sp, word_t flags)
{
	(void)flags;
	f->ip = ip & ~(word_t)IP_LOW_BITS;
	f->gpr[GPR_SP] = sp;
}

void hal_frame_set_thread_pointer(struct hal_frame *f, word_t value)
{
	f->gpr[GPR_THREAD] = value;
}

unsigned hal_frame_registers(unsigned group)
{
	return group == REGISTERS_GENERAL ? REGISTER_COUNT : 0;
}

/* Is the register in the frame? */
static bool saved(const struct hal_frame *f, unsigned index)
{
	switch (index) {
	case GPR_SP:
	case GPR_TOC:
	case GPR_THREAD:
	case GPR_FP:
	case REGISTER_IP:
		return true;
	case GPR_TO:
	case GPR_FROM:
	case GPR_TAG:
		return f->partial != SAVED_FEW;
	default:
		return f->partial == SAVED_ALL ||
		       (f->partial == SAVED_MESSAGE && index >= GPR_W0 && index < GPR_W0 + MESSAGE_REGISTERS);
	}
}

/* General registers, ip, lr, ctr, cr, xer and vrsave lie in this order at the frame's start. */
static uint64_t *slot(struct hal_frame *f, unsigned index)
{
	return (uint64_t *)f + index;
}

void hal_frame_read(const struct hal_frame *f, unsigned group, unsigned first, unsigned count, word_t *out)
{
	(void)group;
	for (unsigned i = 0; i < count; i++)
		out[i] = saved(f, first + i) ? ((const uint64_t *)f)[first + i] : 0;
}

void hal_frame_write(struct hal_frame *f, unsigned group, unsigned first, unsigned count, const word_t *in)
{
	(void)group;
	if (f->partial != SAVED_ALL) {
		for (unsigned i = 0; i < REGISTER_COUNT; i++)
			if (!saved(f, i))
				*slot(f, i) = 0;
		f->ppr = PPR_DEFAULT;
		f->partial = SAVED_ALL;
	}
	for (unsigned i = 0; i < count; i++)
		*slot(f, first + i) = in[i];
	f->ip &= ~(word_t)IP_LOW_BITS;
}

void hal_frame_dump(const struct hal_frame *f)
{
	kprintf("ip %p lr %p msr %lx vector %x%s\n", (void *)f->ip, (void *)f->lr, f->msr, (unsigned)f->vector,
		f->partial == SAVED_ALL ? "" : " (system call)");
	kprintf("cr %lx xer %lx ctr %lx dar %lx dsisr %lx\n", f->cr, f->xer, f->ctr, f->dar, f->dsisr);
	for (unsigned i = 0; i < GPR_COUNT; i += 4)
		kprintf("r%u: %lx %lx %lx %lx\n", i, f->gpr[i], f->gpr[i + 1], f->gpr[i + 2], f->gpr[i + 3]);
}

void hal_thread_switch(const struct hal_frame *to)
{
	hal_thread_switch_plain(NULL, to);
	this_core()->user_msr = (this_core()->user_msr & ~(uint64_t)MSR_SE) | to->step;
}

/* The trace interrupt comes behind each instruction (Book III 6.5.15); user level is resumed with the core's MSR. */
bool hal_frame_step(struct hal_frame *f, bool on)
{
	f->step = on ? MSR_SE : 0;
	return true;
}

/* CIABR and DAWR are the hypervisor's; QEMU's H_SET_MODE does not set them. */
enum error hal_debug_set(struct hal_frame *f, unsigned number, enum debug_kind kind, uintptr_t address, size_t length)
{
	(void)f, (void)number, (void)kind, (void)address, (void)length;
	return ERROR_WRONG_KIND;
}
