/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames: what may be put into one, and what a partial one shows. Guarantees the invariants that struct
 * hal_frame names: ip canonical, user selectors, flags that user level may have.
 */
#include <abi/x86_64/registers.h>
#include "kernel/hal.h"

#include "debug.h"
#include "x86.h"

#include <string.h>

_Static_assert(offsetof(struct hal_frame, stack) == FRAME_STACK, "entry.S");
_Static_assert(offsetof(struct hal_frame, rax) == FRAME_RAX, "entry.S");
_Static_assert(offsetof(struct hal_frame, rcx) == FRAME_RCX && FRAME_R11 == FRAME_RCX + 8 && FRAME_R8 == FRAME_R11 + 8, "entry.S");
_Static_assert(offsetof(struct hal_frame, r9) == FRAME_R9 && FRAME_R10 == FRAME_R9 + 8 && FRAME_RBX == FRAME_R10 + 8, "entry.S");
_Static_assert(offsetof(struct hal_frame, r12) == FRAME_R12 && FRAME_R13 == FRAME_R12 + 8 && FRAME_R14 == FRAME_R13 + 8, "entry.S");
_Static_assert(offsetof(struct hal_frame, r15) == FRAME_R15 && FRAME_RDI == FRAME_R15 + 8 && FRAME_RSI == FRAME_RDI + 8, "entry.S");
_Static_assert(offsetof(struct hal_frame, rdx) == FRAME_RDX && FRAME_RBP == FRAME_RDX + 8, "entry.S");
_Static_assert(offsetof(struct hal_frame, entry) == FRAME_ENTRY, "entry.S");
_Static_assert(offsetof(struct hal_frame, error) == FRAME_ENTRY + 8, "entry.S");
_Static_assert(offsetof(struct hal_frame, ip) == FRAME_IP, "entry.S");
_Static_assert(offsetof(struct hal_frame, cs) == FRAME_IP + 8, "entry.S");
_Static_assert(offsetof(struct hal_frame, flags) == FRAME_FLAGS, "entry.S");
_Static_assert(offsetof(struct hal_frame, sp) == FRAME_SP, "entry.S");
_Static_assert(offsetof(struct hal_frame, ss) == FRAME_SP + 8, "entry.S");
_Static_assert(FAST_NOT == HAL_NOT_FAST && FAST_GENERAL == HAL_GENERAL && FAST_DONE == HAL_DONE && FAST_RESUME == HAL_RESUME, "entry.S");
_Static_assert(STATUS_RECEIVED == (OK | PHASE_RECEIVE << 8), "entry.S");
_Static_assert(offsetof(struct hal_frame, ss) + 8 == FRAME_TOP && FRAME_TOP % 16 == 0, "the processor aligns RSP0");

/* Where each register of the group lies. */
static const uint8_t general[REGISTERS_GENERAL_COUNT] = {
	[REGISTER_IP] = offsetof(struct hal_frame, ip),
	[REGISTER_SP] = offsetof(struct hal_frame, sp),
	[REGISTER_FLAGS] = offsetof(struct hal_frame, flags),
	[REGISTER_THREAD_POINTER] = offsetof(struct hal_frame, fs_base),
	[REGISTER_RAX] = offsetof(struct hal_frame, rax),
	[REGISTER_RBX] = offsetof(struct hal_frame, rbx),
	[REGISTER_RCX] = offsetof(struct hal_frame, rcx),
	[REGISTER_RDX] = offsetof(struct hal_frame, rdx),
	[REGISTER_RSI] = offsetof(struct hal_frame, rsi),
	[REGISTER_RDI] = offsetof(struct hal_frame, rdi),
	[REGISTER_RBP] = offsetof(struct hal_frame, rbp),
	[REGISTER_R8] = offsetof(struct hal_frame, r8),
	[REGISTER_R9] = offsetof(struct hal_frame, r9),
	[REGISTER_R10] = offsetof(struct hal_frame, r10),
	[REGISTER_R11] = offsetof(struct hal_frame, r11),
	[REGISTER_R12] = offsetof(struct hal_frame, r12),
	[REGISTER_R13] = offsetof(struct hal_frame, r13),
	[REGISTER_R14] = offsetof(struct hal_frame, r14),
	[REGISTER_R15] = offsetof(struct hal_frame, r15),
};

static word_t *general_register(struct hal_frame *f, unsigned number)
{
	return (word_t *)((uint8_t *)f + general[number]);
}

static word_t flags_sanitise(word_t flags)
{
	return (flags & FLAGS_USER) | USER_FLAGS;
}

static bool is_partial(const struct hal_frame *f)
{
	return f->entry == ENTRY_SYSCALL || f->entry == ENTRY_BARE;
}

/* The registers that a partial frame does not hold get the values with which it would be resumed. */
static void frame_complete(struct hal_frame *f)
{
	if (!is_partial(f))
		return;
	if (f->entry == ENTRY_BARE) {
		f->rdi = f->rsi = f->rdx = f->r8 = f->r9 = f->r10 = f->rbx = 0;
		f->r12 = f->r13 = f->r14 = f->r15 = 0;
	}
	f->rax = 0;
	f->rcx = f->ip;
	f->r11 = f->flags = USER_FLAGS;
	f->entry = ENTRY_NONE;
	f->error = 0;
}

void hal_frame_init(struct hal_frame *f, word_t ip, word_t sp, word_t argument)
{
	memset(f, 0, sizeof(*f));
	f->ip = canonical(ip);
	f->sp = sp;
	f->rdi = argument;
	f->flags = USER_FLAGS;
	f->cs = SELECTOR_USER_CODE;
	f->ss = SELECTOR_USER_DATA;
	f->entry = ENTRY_NONE;
}

void hal_frame_set(struct hal_frame *f, word_t ip, word_t sp, word_t flags)
{
	frame_complete(f);
	f->ip = canonical(ip);
	f->sp = sp;
	f->flags = flags_sanitise(flags) | f->step;
}

/* System calls do not end it: see entry.S. */
bool hal_frame_step(struct hal_frame *f, bool on)
{
	frame_complete(f);
	f->step = on ? FLAG_STEP : 0;
	f->flags = (f->flags & ~(word_t)FLAG_STEP) | f->step;
	return true;
}

void hal_frame_set_thread_pointer(struct hal_frame *f, word_t value)
{
	f->fs_base = canonical(value);
}

unsigned hal_frame_registers(unsigned group)
{
	return group == REGISTERS_GENERAL ? REGISTERS_GENERAL_COUNT : 0;
}

/* What ipc preserves (rsp, rbp, FS base), and where it goes on. */
static bool partial_shows(unsigned number)
{
	return number == REGISTER_IP || number == REGISTER_SP || number == REGISTER_RBP || number == REGISTER_THREAD_POINTER;
}

void hal_frame_read(const struct hal_frame *f, unsigned group, unsigned first, unsigned count, word_t *out)
{
	(void)group;
	for (unsigned i = 0; i < count; i++) {
		unsigned number = first + i;

		if (!is_partial(f) || partial_shows(number))
			out[i] = *(const word_t *)((const uint8_t *)f + general[number]);
		else
			out[i] = number == REGISTER_FLAGS ? USER_FLAGS : 0;
	}
}

void hal_frame_write(struct hal_frame *f, unsigned group, unsigned first, unsigned count, const word_t *in)
{
	(void)group;
	frame_complete(f);
	for (unsigned i = 0; i < count; i++) {
		unsigned number = first + i;

		if (number == REGISTER_IP)
			f->ip = canonical(in[i]);
		else if (number == REGISTER_FLAGS)
			f->flags = flags_sanitise(in[i]) | f->step;
		else if (number == REGISTER_THREAD_POINTER)
			hal_frame_set_thread_pointer(f, in[i]);
		else
			*general_register(f, number) = in[i];
	}
}

void hal_frame_dump(const struct hal_frame *f)
{
	kprintf("entry %lu error %lx cs %lx ss %lx flags %lx%s\n", f->entry, f->error, f->cs, f->ss, f->flags,
		f->entry == ENTRY_SYSCALL ? " (system call: rip rsp rbp rdi rsi rdx r12-r15 rbx r8-r10 are valid)" : "");
	kprintf("rip %lx rsp %lx rbp %lx fs %lx\n", f->ip, f->sp, f->rbp, f->fs_base);
	kprintf("rax %lx rbx %lx rcx %lx rdx %lx\n", f->rax, f->rbx, f->rcx, f->rdx);
	kprintf("rsi %lx rdi %lx r8  %lx r9  %lx\n", f->rsi, f->rdi, f->r8, f->r9);
	kprintf("r10 %lx r11 %lx r12 %lx r13 %lx\n", f->r10, f->r11, f->r12, f->r13);
	kprintf("r14 %lx r15 %lx cr2 %lx cr3 %lx\n", f->r14, f->r15, cr2_read(), cr3_read());
}

/*
 * User level can load null or its data selector into DS, ES, FS and GS. They have no meaning in 64-bit mode
 * but for the bases of FS and GS, and the next thread shall not see them. Loading FS changes its base, the thread pointer.
 */
void hal_thread_switch(const struct hal_frame *to)
{
	uint32_t ds, es, fs, gs;

	__asm__ volatile("mov %%ds, %0; mov %%es, %1; mov %%fs, %2; mov %%gs, %3" : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
	if (ds | es | fs | gs)
		__asm__ volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%fs; mov %0, %%gs" : : "r"(0));
	hal_fs_base_write(to->fs_base);
	if (to->debug_control | core_here()->debug_control)
		debug_load(to);
}
