/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Register frames of user threads. Nothing in a frame can give user level more than U-mode: sstatus is
 * not in it, an address outside of user space faults in U-mode, and the processor drops bit 0 of ip.
 */
#include "internal.h"

#include <string.h>

#define ASSERT_OFFSET(field, offset) _Static_assert(offsetof(struct hal_frame, field) == (offset), "layout.h: " #field)
#define ASSERT_REST(index, offset) ASSERT_OFFSET(rest[(index) - REGISTER_IPC_COUNT], offset)
ASSERT_OFFSET(ip, FRAME_IP);
ASSERT_OFFSET(sp, FRAME_SP);
ASSERT_OFFSET(gp, FRAME_GP);
ASSERT_OFFSET(tp, FRAME_TP);
ASSERT_OFFSET(s0, FRAME_S0);
ASSERT_OFFSET(a0, FRAME_A0);
ASSERT_OFFSET(a1, FRAME_A1);
ASSERT_OFFSET(a2, FRAME_A2);
ASSERT_OFFSET(w[0], FRAME_S2);
ASSERT_OFFSET(w[1], FRAME_S3);
ASSERT_OFFSET(w[2], FRAME_S4);
ASSERT_OFFSET(w[3], FRAME_S5);
ASSERT_OFFSET(w[4], FRAME_S6);
ASSERT_OFFSET(w[5], FRAME_S7);
ASSERT_OFFSET(w[6], FRAME_S8);
ASSERT_OFFSET(w[7], FRAME_S9);
ASSERT_OFFSET(core, FRAME_CORE);
ASSERT_OFFSET(full, FRAME_FULL);
ASSERT_REST(REGISTER_RA, FRAME_RA);
ASSERT_REST(REGISTER_T0, FRAME_T0);
ASSERT_REST(REGISTER_T1, FRAME_T1);
ASSERT_REST(REGISTER_T2, FRAME_T2);
ASSERT_REST(REGISTER_T3, FRAME_T3);
ASSERT_REST(REGISTER_T4, FRAME_T4);
ASSERT_REST(REGISTER_T5, FRAME_T5);
ASSERT_REST(REGISTER_T6, FRAME_T6);
ASSERT_REST(REGISTER_A3, FRAME_A3);
ASSERT_REST(REGISTER_A4, FRAME_A4);
ASSERT_REST(REGISTER_A5, FRAME_A5);
ASSERT_REST(REGISTER_A6, FRAME_A6);
ASSERT_REST(REGISTER_A7, FRAME_A7);
ASSERT_REST(REGISTER_S1, FRAME_S1);
ASSERT_REST(REGISTER_S10, FRAME_S10);
ASSERT_REST(REGISTER_S11, FRAME_S11);
_Static_assert(sizeof(struct hal_frame) == FRAME_SIZE, "layout.h: FRAME_SIZE");
_Static_assert(STATUS_RECEIVED == (OK | PHASE_RECEIVE << 8), "layout.h: STATUS_RECEIVED");
_Static_assert(ENTRY_NOT_FAST == HAL_NOT_FAST && ENTRY_GENERAL == HAL_GENERAL && ENTRY_DONE == HAL_DONE && ENTRY_RESUME == HAL_RESUME &&
	ENTRY_REASON == HAL_REASON, "layout.h: ENTRY_...");

/* The frame's words before `core` are registers 0 .. REGISTER_IPC_COUNT - 1. */
ASSERT_OFFSET(core, REGISTER_IPC_COUNT * sizeof(word_t));
ASSERT_OFFSET(gp, REGISTER_GP * sizeof(word_t));
ASSERT_OFFSET(a0, REGISTER_A0 * sizeof(word_t));
ASSERT_OFFSET(w[0], REGISTER_S2 * sizeof(word_t));

static word_t *frame_slot(struct hal_frame *f, unsigned index)
{
	return index < REGISTER_IPC_COUNT ? &f->ip + index : &f->rest[index - REGISTER_IPC_COUNT];
}

void hal_frame_init(struct hal_frame *f, word_t ip, word_t sp, word_t argument)
{
	*f = (struct hal_frame){ .ip = ip, .sp = sp, .a0 = argument, .full = 1 };
}

/* There are no user flags. */
void hal_frame_set(struct hal_frame *f, word_t ip, word_t sp, word_t flags)
{
	(void)flags;
	f->ip = ip;
	f->sp = sp;
}

void hal_frame_set_thread_pointer(struct hal_frame *f, word_t value)
{
	f->tp = value;
}

unsigned hal_frame_registers(unsigned group)
{
	return group == REGISTERS_GENERAL ? REGISTERS_GENERAL_COUNT : 0;
}

void hal_frame_read(const struct hal_frame *f, unsigned group, unsigned first, unsigned count, word_t *out)
{
	(void)group;
	for (unsigned i = 0; i < count; i++) {
		bool saved = f->full == SAVED_ALL || first + i <= REGISTER_S0 ||
			     (f->full == SAVED_MESSAGE && first + i < REGISTER_IPC_COUNT);

		out[i] = saved ? *frame_slot((struct hal_frame *)(uintptr_t)f, first + i) : 0;
	}
}

void hal_frame_write(struct hal_frame *f, unsigned group, unsigned first, unsigned count, const word_t *in)
{
	(void)group;
	if (f->full == SAVED_FEW)
		memset(&f->a0, 0, offsetof(struct hal_frame, core) - offsetof(struct hal_frame, a0));
	if (f->full != SAVED_ALL)
		memset(f->rest, 0, sizeof f->rest);
	f->full = SAVED_ALL;
	for (unsigned i = 0; i < count; i++)
		*frame_slot(f, first + i) = in[i];
}

void hal_frame_dump(const struct hal_frame *f)
{
	static const char names[REGISTERS_GENERAL_COUNT][4] = { "ip", "sp", "gp", "tp", "s0", "a0", "a1", "a2", "s2", "s3",
		"s4", "s5", "s6", "s7", "ra", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "a3", "a4", "a5", "a6", "a7", "s1",
		"s8", "s9", "s10", "s11" };
	for (unsigned i = 0; i < REGISTERS_GENERAL_COUNT; i++) {
		word_t value;
		hal_frame_read(f, REGISTERS_GENERAL, i, 1, &value);
		kprintf("%s=%lx%s", names[i], value, i % 4 == 3 ? "\n" : " ");
	}
}

/* No debug trigger is within S-mode's reach. */
bool hal_frame_step(struct hal_frame *f, bool on)
{
	(void)f;
	(void)on;
	return false;
}

enum error hal_debug_set(struct hal_frame *f, unsigned number, enum debug_kind kind, uintptr_t address, size_t length)
{
	(void)f;
	(void)number;
	(void)kind;
	(void)address;
	(void)length;
	return ERROR_WRONG_KIND;
}

/* tp is an ordinary register of the frame; nothing of a thread lives outside of it. */
void hal_thread_switch(const struct hal_frame *to)
{
	(void)to;
}
