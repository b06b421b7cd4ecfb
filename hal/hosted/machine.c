/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simulated machine without its memory: console, end, clock, interrupts, frames, and the ways into
 * the kernel. An entry ends where the kernel returns a frame, or by a jump out of hal_stop or of an idle
 * that nothing can end.
 */
#include "hosted.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/schedule.h"

struct hosted hosted;
static jmp_buf out;

_Noreturn void hosted_abort(const char *why)
{
	fprintf(stderr, "%s\nhosted: %s\n", hosted.console, why);
	abort();
}

/* ---- console and end ---- */

void hosted_console_clear(void)
{
	hosted.console_used = 0;
	hosted.console[0] = 0;
}

void hal_console_put(char c)
{
	if (c == '\r')
		return;
	if (hosted.console_used + 1 >= HOSTED_CONSOLE)
		hosted_console_clear();
	hosted.console[hosted.console_used++] = c;
	hosted.console[hosted.console_used] = 0;
}

_Noreturn void hal_stop(enum power how)
{
	hosted.how = how;
	longjmp(out, END_STOPPED);
}

/* ---- cores ---- */

unsigned hal_core_self(void)
{
	return 0;
}

static void timer_comes(void)
{
	if (hosted.timer != UINT64_MAX && hosted.clock < hosted.timer)
		hosted.clock = hosted.timer;
	hosted.timer = UINT64_MAX;
	core_timer();
}

void hal_core_idle(void)
{
	if (hosted.timer == UINT64_MAX)
		longjmp(out, END_IDLE);
	timer_comes();
}

/* ---- time and interrupts ---- */

uint64_t hal_clock(void)
{
	return hosted.clock;
}

uint64_t hal_clock_frequency(void)
{
	return HOSTED_FREQUENCY;
}

void hal_timer_set(uint64_t deadline)
{
	hosted.timer = deadline;
}

void hal_preempt_window(void)
{
	hosted.windows++;
	if (hosted.interrupt_always || (hosted.interrupt_at && hosted.windows == hosted.interrupt_at))
		timer_comes();
}

/* ---- frames ---- */

void hal_frame_init(struct hal_frame *f, word_t ip, word_t sp, word_t argument)
{
	*f = (struct hal_frame){.full = 1};
	f->reg[REGISTER_IP] = ip;
	f->reg[REGISTER_SP] = sp;
	f->reg[REGISTER_TO] = argument;
}

void hal_frame_set(struct hal_frame *f, word_t ip, word_t sp, word_t flags)
{
	(void)flags;
	f->reg[REGISTER_IP] = ip;
	f->reg[REGISTER_SP] = sp;
}

void hal_frame_set_thread_pointer(struct hal_frame *f, word_t value)
{
	f->reg[REGISTER_POINTER] = value;
}

unsigned hal_frame_registers(unsigned group)
{
	return group == REGISTERS_GENERAL ? REGISTERS_GENERAL_COUNT : 0;
}

static void check_range(unsigned group, unsigned first, unsigned count)
{
	if (group != REGISTERS_GENERAL || first > REGISTERS_GENERAL_COUNT || count > REGISTERS_GENERAL_COUNT - first)
		hosted_abort("the core asks for registers that do not exist");
}

void hal_frame_read(const struct hal_frame *f, unsigned group, unsigned first, unsigned count, word_t *registers)
{
	check_range(group, first, count);
	for (unsigned i = first; i < first + count; i++)
		registers[i - first] = i < REGISTER_IPC_COUNT || f->full ? f->reg[i] : 0;
}

void hal_frame_write(struct hal_frame *f, unsigned group, unsigned first, unsigned count, const word_t *registers)
{
	check_range(group, first, count);
	for (unsigned i = REGISTER_IPC_COUNT; !f->full && i < REGISTERS_GENERAL_COUNT; i++)
		f->reg[i] = 0;
	f->full = 1;
	for (unsigned i = first; i < first + count; i++)
		f->reg[i] = registers[i - first];
}

void hal_frame_dump(const struct hal_frame *f)
{
	for (unsigned i = 0; i < REGISTERS_GENERAL_COUNT; i++)
		kprintf("r%u=%lx%s", i, f->reg[i], i % 4 == 3 ? "\n" : " ");
}

void hal_thread_switch(const struct hal_frame *to)
{
	if (!to)
		hosted_abort("a switch to no thread");
}

/* ---- into the kernel ---- */

struct entry {
	struct hal_frame *(*function)(const struct entry *);
	const struct hal_boot *boot;
	uintptr_t address;
	unsigned access;
	enum exception kind;
	word_t raw;
};

static enum hosted_end enter(const struct entry *entry)
{
	int jumped = setjmp(out);

	if (jumped) {
		hosted.running = NULL;
		hosted.end = (enum hosted_end)jumped;
	} else {
		hosted.running = entry->function(entry);
		hosted.end = END_RESUMED;
	}
	if (hosted.end != END_STOPPED && hosted.after)
		hosted.after();
	return hosted.end;
}

/* The frame as it is saved on the way in. Partial: what a system call does not save is rubbish. */
static struct hal_frame *saved(bool full)
{
	struct hal_frame *f = hosted.running;

	if (!f)
		hosted_abort("nobody runs who could enter the kernel");
	for (unsigned i = REGISTER_IPC_COUNT; i < REGISTERS_GENERAL_COUNT && !f->full; i++)
		f->reg[i] = 0;
	for (unsigned i = REGISTER_IPC_COUNT; i < REGISTERS_GENERAL_COUNT && !full; i++)
		f->reg[i] = 0xdead0000 + i;
	f->full = full;
	return f;
}

static struct hal_frame *do_boot(const struct entry *entry)
{
	return core_main(entry->boot);
}

static struct hal_frame *do_syscall(const struct entry *entry)
{
	struct hal_frame *f = saved(false);

	(void)entry;
	f->reg[REGISTER_IP] += TRAP_SIZE;
	return core_syscall(f);
}

static struct hal_frame *do_page_fault(const struct entry *entry)
{
	return core_page_fault(saved(true), entry->address, entry->access, entry->raw);
}

static struct hal_frame *do_exception(const struct entry *entry)
{
	return core_exception(saved(true), entry->kind, entry->address, entry->raw);
}

static struct hal_frame *do_interrupt(const struct entry *entry)
{
	(void)entry;
	if (hosted.running)
		(void)saved(true);
	if (hosted.clock >= hosted.timer)
		timer_comes();
	return core_resume();
}

enum hosted_end hosted_boot(enum hosted_shape shape, const struct hal_boot *boot)
{
	hosted.shape = shape;
	hosted.timer = UINT64_MAX;
	return enter(&(struct entry){.function = do_boot, .boot = boot});
}

enum hosted_end hosted_syscall(void)
{
	return enter(&(struct entry){.function = do_syscall});
}

bool hosted_is_retried(void)
{
	return hosted.running && hosted.running->reg[REGISTER_IP] % (2 * TRAP_SIZE) == 0;
}

enum hosted_end hosted_page_fault(uintptr_t address, unsigned access)
{
	return enter(&(struct entry){.function = do_page_fault, .address = address, .access = access, .raw = 14});
}

enum hosted_end hosted_exception(enum exception kind, uintptr_t address, word_t raw)
{
	return enter(&(struct entry){.function = do_exception, .kind = kind, .address = address, .raw = raw});
}

enum hosted_end hosted_pass(uint64_t ticks)
{
	hosted.clock += ticks;
	return enter(&(struct entry){.function = do_interrupt});
}
