/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames as the core sees them. Whatever user level writes, PSTATE stays that of EL0 in AArch64 with nothing
 * masked; any ip and sp is safe, since a bad one faults at EL0.
 */
#include "arm64.h"

_Static_assert(offsetof(struct hal_frame, general[REGISTER_X0]) == FRAME_X(0), "FRAME_X");
_Static_assert(offsetof(struct hal_frame, general[REGISTER_FP]) == FRAME_X(29), "FRAME_X");
_Static_assert(offsetof(struct hal_frame, general[REGISTER_SP]) == FRAME_SP, "FRAME_SP");
_Static_assert(offsetof(struct hal_frame, general[REGISTER_IP]) == FRAME_IP, "FRAME_IP");
_Static_assert(offsetof(struct hal_frame, general[REGISTER_FLAGS]) == FRAME_FLAGS, "FRAME_FLAGS");
_Static_assert(offsetof(struct hal_frame, general[REGISTER_THREAD_POINTER]) == FRAME_THREAD_POINTER, "FRAME_THREAD_POINTER");
_Static_assert(offsetof(struct hal_frame, partial) == FRAME_PARTIAL, "FRAME_PARTIAL");
_Static_assert(offsetof(struct hal_frame, step) == FRAME_STEP, "FRAME_STEP");
_Static_assert(sizeof(struct hal_frame) % 16 == 0, "the frame is SP_EL1 while user level runs");
_Static_assert(offsetof(struct core, number) == 0, "hal_core_self()");
_Static_assert(offsetof(struct core, stepping) == CORE_STEPPING, "CORE_STEPPING");
_Static_assert(offsetof(struct core, data) == CORE_DATA && CORE_DATA == 8, "hal_core_data()");
_Static_assert(ENTRY_NOT_FAST == HAL_NOT_FAST && ENTRY_DONE == HAL_DONE && ENTRY_RESUME == HAL_RESUME &&
	       ENTRY_REASON == HAL_REASON, "ENTRY_...");
_Static_assert(STATUS_RECEIVED == (OK | PHASE_RECEIVE << 8), "STATUS_RECEIVED");
_Static_assert(offsetof(struct core, fatal_frame) == CORE_FATAL_FRAME, "CORE_FATAL_FRAME");
_Static_assert(sizeof(struct core) == CORE_SIZE, "CORE_SIZE");
_Static_assert(sizeof(struct core_stack) == CORE_STACK_SIZE && CORE_STACK_SIZE % PAGE_SIZE == 0, "CORE_STACK_SIZE");

/* NZCV, DIT, SSBS: what user level may choose in PSTATE. */
#define USER_FLAGS ((word_t)0xf << 28 | (word_t)1 << 24 | (word_t)1 << 12)

/* Is the register meaningful? */
static bool saved(const struct hal_frame *f, unsigned i)
{
	if (f->partial == SAVED_MESSAGE && (i <= REGISTER_X2 || (i >= REGISTER_X19 && i < REGISTER_X19 + MESSAGE_REGISTERS)))
		return true;
	return f->partial == SAVED_ALL || i == REGISTER_FP || i == REGISTER_SP || i == REGISTER_IP || i == REGISTER_THREAD_POINTER;
}

static word_t step_flag(const struct hal_frame *f)
{
	return f->step ? FLAG_STEP : 0;
}

static void make_full(struct hal_frame *f)
{
	if (f->partial == SAVED_ALL)
		return;
	for (unsigned i = 0; i < REGISTERS_GENERAL_COUNT; i++)
		if (!saved(f, i))
			f->general[i] = 0;
	f->general[REGISTER_FLAGS] = step_flag(f);
	f->partial = SAVED_ALL;
}

void hal_frame_init(struct hal_frame *f, word_t ip, word_t sp, word_t argument)
{
	*f = (struct hal_frame){ .partial = SAVED_ALL, .general = {
		[REGISTER_X0] = argument, [REGISTER_SP] = sp, [REGISTER_IP] = ip } };
}

void hal_frame_set(struct hal_frame *f, word_t ip, word_t sp, word_t flags)
{
	make_full(f);
	f->general[REGISTER_IP] = ip;
	f->general[REGISTER_SP] = sp;
	f->general[REGISTER_FLAGS] = (flags & USER_FLAGS) | step_flag(f);
}

void hal_frame_set_thread_pointer(struct hal_frame *f, word_t value)
{
	f->general[REGISTER_THREAD_POINTER] = value;
}

unsigned hal_frame_registers(unsigned group)
{
	return group == REGISTERS_GENERAL ? REGISTERS_GENERAL_COUNT : 0;
}

void hal_frame_read(const struct hal_frame *f, unsigned group, unsigned first, unsigned count, word_t *out)
{
	(void)group;
	for (unsigned i = 0; i < count; i++) {
		out[i] = saved(f, first + i) ? f->general[first + i] : 0;
		if (first + i == REGISTER_FLAGS)
			out[i] &= ~FLAG_STEP;
	}
}

void hal_frame_write(struct hal_frame *f, unsigned group, unsigned first, unsigned count, const word_t *in)
{
	(void)group;
	make_full(f);
	for (unsigned i = 0; i < count; i++)
		f->general[first + i] = first + i == REGISTER_FLAGS ? (in[i] & USER_FLAGS) | step_flag(f) : in[i];
}

void hal_frame_dump(const struct hal_frame *f)
{
	static const char names[][4] = { "sp", "ip", "psr", "tp" };
	word_t value;

	for (unsigned i = 0; i < REGISTERS_GENERAL_COUNT; i++) {
		hal_frame_read(f, REGISTERS_GENERAL, i, 1, &value);
		if (i < REGISTER_SP)
			kprintf("x%u %lx%c", i, value, i % 4 == 3 ? '\n' : ' ');
		else
			kprintf("%s %lx%c", names[i - REGISTER_SP], value, i % 4 == 2 ? '\n' : ' ');
	}
}

/* TPIDR_EL0 lies in the frame. */
void hal_thread_switch(const struct hal_frame *to)
{
	if (to->points | core_here()->points)
		debug_load(to);
}

/* A partial frame has left its system call behind: it raises the exception as soon as it is resumed. */
bool hal_frame_step(struct hal_frame *f, bool on)
{
	f->step = on;
	f->general[REGISTER_FLAGS] = (f->general[REGISTER_FLAGS] & ~FLAG_STEP) | step_flag(f);
	return true;
}
