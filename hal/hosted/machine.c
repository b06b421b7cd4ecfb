/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simulated machine without its memory: console, end, cores, clock, interrupts, and the ways into
 * the kernel. An entry ends where the kernel returns a frame, or by a jump out of hal_stop, of an idle core,
 * or of a core that waits to be let go on at boot.
 *
 * With several cores each has its stack. A core that waits for others, or that has run for long
 * without the lock, lets them get on: those that are in the kernel continue, those that are not take
 * what is pending. An outermost entry lasts until all cores are out again.
 */
#include "hosted.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fiber.h"
#include "kernel/schedule.h"

enum { TURNS_MAX = 200000, CALLS_MAX = 50000, STALLS_MAX = 20000, RELAX_TICKS = 10 };

struct hosted hosted;
unsigned hosted_self;
static jmp_buf *out[HOSTED_CORES]; /* of the entry that each core is in */
static unsigned depth;             /* entries in windows of others */
static unsigned calls, stalls;     /* since the outermost entry began */
static bool starting;              /* a secondary core is in its first steps */

_Noreturn void hosted_abort(const char *why)
{
	fflush(stdout);
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
	if (!out[hosted_self])
		hosted_abort("the kernel stops outside of any entry");
	longjmp(*out[hosted_self], END_STOPPED);
}

/* ---- interrupts and time ---- */

static void timer_comes(void)
{
	struct hosted_core *core = hosted_core();

	if (core->timer != UINT64_MAX && hosted.clock < core->timer)
		hosted.clock = core->timer;
	core->timer = UINT64_MAX;
	core_timer();
}

/* Interrupts are open. */
static void take_pending(void)
{
	struct hosted_core *core = hosted_core();
	unsigned irq;

	if (hosted.clock >= core->timer)
		timer_comes();
	if (core->ipi) {
		core->ipi = false;
		core_ipi();
	}
	while (hosted_claim(&irq, true))
		core_interrupt(irq);
}

/* Is there an interrupt for the core that acts? */
static bool is_pending(void)
{
	const struct hosted_core *core = hosted_core();
	unsigned irq;

	return core->started && (core->ipi || hosted.clock >= core->timer || hosted_claim(&irq, false));
}

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
	hosted_core()->timer = deadline;
}

void hal_core_idle(void)
{
	if (!is_pending())
		longjmp(*out[hosted_self], END_IDLE);
	take_pending();
}

void hal_preempt_window(void)
{
	void (*window)(void) = hosted.window;
	unsigned self = hosted_self;

	hosted.windows++;
	hosted_core()->open = true;
	if (hosted.interrupt_always || (hosted.interrupt_at && hosted.windows == hosted.interrupt_at))
		timer_comes();
	if (window && !depth) {
		depth++;
		window();
		depth--;
		hosted_self = self;
	}
	take_pending();
	hosted_core()->open = false;
}

/* ---- into the kernel ---- */

struct entry {
	struct hal_frame *(*function)(const struct entry *);
	const struct hal_boot *boot;
	uintptr_t address;
	unsigned number; /* access, exception or interrupt */
	word_t raw;
};

/* Runs the entry on the core that acts. */
static void run_entry(const void *argument)
{
	const struct entry *entry = argument;
	struct hosted_core *core = hosted_core();
	unsigned self = hosted_self;
	jmp_buf here;
	int jumped;

	out[self] = &here;
	core->inside = true;
	jumped = setjmp(here);
	if (jumped) {
		core->running = NULL;
		core->end = (enum hosted_end)jumped;
	} else {
		core->running = entry->function(entry);
		core->end = END_RESUMED;
	}
	core->inside = core->open = false;
	out[self] = NULL;
}

/* The frame as it is saved on the way in. Partial: what a system call does not save is rubbish. */
static struct hal_frame *saved(bool full)
{
	struct hal_frame *f = hosted_core()->running;

	if (!f)
		hosted_abort("nobody runs who could enter the kernel");
	for (unsigned i = REGISTER_IPC_COUNT; i < REGISTERS_GENERAL_COUNT; i++) {
		if (!full)
			f->reg[i] = 0xdead0000 + i;
		else if (!f->full)
			f->reg[i] = 0;
	}
	f->full = full;
	return f;
}

static struct hal_frame *do_take(const struct entry *entry)
{
	(void)entry;
	if (hosted_core()->running)
		(void)saved(true);
	take_pending();
	return core_resume();
}

/* What a core does that is let get on. */
static void get_on(unsigned core)
{
	static const struct entry take = {.function = do_take};

	hosted_self = core;
	if (fiber_state(core) == FIBER_ACTIVE) { /* it is in a window */
		if (hosted_core()->open)
			take_pending();
		return;
	}
	if (fiber_state(core) == FIBER_FREE && !is_pending())
		return;
	if (fiber_state(core) == FIBER_FREE)
		fiber_start(core, run_entry, &take);
	fiber_continue(core);
}

static bool all_are_out(void)
{
	for (unsigned core = 0; core < hosted.cores; core++)
		if (fiber_state(core) == FIBER_WAITS)
			return false;
	return true;
}

/* Until this core's entry has ended; the outermost one until those of all have. */
static void run_cores(unsigned self)
{
	bool ended = false;

	for (unsigned turns = 0; fiber_state(self) != FIBER_FREE || (!depth && !all_are_out()); turns++) {
		for (unsigned core = 0; core < hosted.cores && turns; core++)
			if (core != self || ended)
				get_on(core);
		ended = ended || fiber_state(self) == FIBER_FREE;
		if (!ended) {
			hosted_self = self;
			fiber_continue(self);
		}
		for (unsigned core = 0; core < hosted.cores; core++)
			if (hosted.core[core].end == END_STOPPED)
				return;
		if (turns == TURNS_MAX)
			hosted_abort("cores wait for each other for ever");
	}
}

/* Is every other core out of the kernel, or in a window? */
static bool all_are_safe(void)
{
	for (unsigned core = 0; core < hosted.cores; core++)
		if (hosted.core[core].inside && !hosted.core[core].open)
			return false;
	return true;
}

static enum hosted_end enter(const struct entry *entry)
{
	unsigned self = hosted_self;

	if (!depth)
		calls = stalls = 0;
	if (hosted.cores == 1) {
		run_entry(entry);
	} else {
		fiber_start(self, run_entry, entry);
		run_cores(self);
	}
	hosted_self = self;
	if (hosted_core()->end <= END_IDLE && hosted.after && all_are_safe())
		hosted.after();
	return hosted_core()->end;
}

/* ---- cores ---- */

void hosted_act(unsigned core)
{
	hosted_self = core;
}

unsigned hosted_depth(void)
{
	return depth;
}

/* Lets the others get on: this core waits for something. */
static void yield(void)
{
	unsigned self = hosted_self;

	if (hosted.cores == 1)
		hosted_abort("a core waits for ever");
	fiber_yield(self);
	hosted_self = self;
}

static void stalled(void)
{
	calls = 0;
	if (++stalls > STALLS_MAX)
		hosted_abort("an operation lasts for ever");
	if (hosted.cores > 1 && !starting && fiber_state(hosted_self) == FIBER_ACTIVE && hosted_core()->inside && !hosted_core()->open &&
	    !cores[hosted_self].locked)
		yield();
}

static void *core_data[HOSTED_CORES];

void *hosted_core_data(void)
{
	return core_data[hosted_core_self()];
}

void hosted_core_set_data(void *data)
{
	core_data[hosted_self] = data;
}

unsigned hosted_core_self(void)
{
	if (++calls > CALLS_MAX)
		stalled();
	return hosted_self;
}

void hosted_relax(void)
{
	hosted.clock += RELAX_TICKS;
	if (starting)
		longjmp(*out[hosted_self], END_WAITS);
	yield();
}

unsigned hal_core_count(void)
{
	return hosted.cores;
}

static struct hal_frame *do_secondary(const struct entry *entry)
{
	(void)entry;
	return core_secondary();
}

/* The secondary core runs until it waits for the boot core; hosted_boot() lets it start over and go on. */
bool hal_core_start(unsigned core)
{
	static const struct entry secondary = {.function = do_secondary};
	unsigned self = hosted_self;

	if (hosted.cores_refused >> core & 1)
		return false;
	if (hosted.cores_lost >> core & 1)
		return true;
	hosted_self = core;
	hosted.core[core].timer = UINT64_MAX;
	hosted.core[core].started = starting = true;
	run_entry(&secondary);
	starting = false;
	hosted_self = self;
	return true;
}

void hal_ipi(unsigned core)
{
	if (core >= hosted.cores || !hosted.core[core].started)
		hosted_abort("an interrupt to a core that does not run");
	hosted.core[core].ipi = true;
}

/* ---- the entries ---- */

static struct hal_frame *do_boot(const struct entry *entry)
{
	return core_main(entry->boot);
}

static struct hal_frame *do_syscall(const struct entry *entry)
{
	struct hal_frame *f = saved(false);
	word_t words[MESSAGE_REGISTERS]; /* the registers in which they are carried */
	hal_next_t result;
	uintptr_t next;

	(void)entry;
	f->reg[REGISTER_IP] += TRAP_SIZE;
	if (hosted.general)
		return core_syscall(f);
	memcpy(words, &f->reg[REGISTER_W0], sizeof words);
	result = core_ipc(f->reg[REGISTER_TO], f->reg[REGISTER_FROM], f->reg[REGISTER_TAG], f, hal_core_data(), words[0]);
	next = (uintptr_t)result;
	if ((next & HAL_REASON) == HAL_GENERAL)
		return core_syscall(f);
	hosted.fast++;
	f = (struct hal_frame *)(next & ~(uintptr_t)HAL_REASON);
	if ((next & HAL_REASON) == HAL_RESUME)
		return f;
	if ((next & HAL_REASON) == HAL_DONE) { /* as core_syscall() leaves it, with which tests compare it */
		hal_message_head(f, (word_t)(result >> 64), 0, 0);
		memset(words, 0, sizeof words);
	}
	memcpy(&f->reg[REGISTER_W0], words, sizeof words);
	return f;
}

static struct hal_frame *do_page_fault(const struct entry *entry)
{
	return core_page_fault(saved(true), entry->address, entry->number, entry->raw);
}

static struct hal_frame *do_exception(const struct entry *entry)
{
	return core_exception(saved(true), (enum exception)entry->number, entry->address, entry->raw);
}

enum hosted_end hosted_boot(enum hosted_shape shape, const struct hal_boot *boot)
{
	enum hosted_end end;

	hosted.shape = shape;
	if (!hosted.cores)
		hosted.cores = 1;
	hosted_self = 0;
	hosted.core[0].timer = UINT64_MAX;
	hosted.core[0].started = true;
	end = enter(&(struct entry){.function = do_boot, .boot = boot});
	for (unsigned core = 1; core < hosted.cores && end != END_STOPPED; core++) {
		if (hosted.core[core].end != END_WAITS)
			continue;
		hosted_act(core);
		enter(&(struct entry){.function = do_secondary});
	}
	hosted_act(0);
	return end;
}

enum hosted_end hosted_syscall(void)
{
	return enter(&(struct entry){.function = do_syscall});
}

enum hosted_end hosted_page_fault(uintptr_t address, unsigned access)
{
	return enter(&(struct entry){.function = do_page_fault, .address = address, .number = access, .raw = 14});
}

enum hosted_end hosted_exception(enum exception kind, uintptr_t address, word_t raw)
{
	return enter(&(struct entry){.function = do_exception, .address = address, .number = kind, .raw = raw});
}

enum hosted_end hosted_take(void)
{
	return enter(&(struct entry){.function = do_take});
}

void hosted_pass(uint64_t ticks)
{
	unsigned self = hosted_self;

	hosted.clock += ticks;
	for (unsigned core = 0, quiet = 0, taken = 0; quiet < hosted.cores; core = (core + 1) % hosted.cores, quiet++) {
		hosted_act(core);
		if (hosted_core()->inside || !is_pending())
			continue;
		if (hosted_take() == END_STOPPED)
			return;
		quiet = 0;
		if (++taken > STALLS_MAX)
			hosted_abort("interrupts never end");
	}
	hosted_act(self);
}

bool hosted_wait(void)
{
	uint64_t first = UINT64_MAX;

	for (unsigned core = 0; core < hosted.cores; core++)
		if (hosted.core[core].started && hosted.core[core].timer < first)
			first = hosted.core[core].timer;
	if (first == UINT64_MAX)
		return false;
	hosted_pass(first > hosted.clock ? first - hosted.clock : 0);
	return true;
}
