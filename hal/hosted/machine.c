/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simulated machine without its memory: console, end, cores, clock, interrupts, and the ways into
 * the kernel. An entry ends where the kernel returns a frame, or by a jump out of hal_stop, of an idle core,
 * or of a wait that nobody can end now.
 */
#include "hosted.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/cores.h"

enum { RELAX_MAX = 1000000 };

struct hosted hosted;
unsigned hosted_self;
static jmp_buf *out; /* of the innermost entry */
static unsigned relaxed;
static bool starting;     /* a secondary core is in its first steps */

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
	longjmp(*out, END_STOPPED);
}

/* ---- into the kernel ---- */

struct entry {
	struct hal_frame *(*function)(const struct entry *);
	const struct hal_boot *boot;
	uintptr_t address;
	unsigned number; /* access, exception or interrupt */
	word_t raw;
};

/* Runs the entry on the core that acts, on the stack that this is called on. */
static void run_entry(const struct entry *entry)
{
	struct hosted_core *core = hosted_core();
	jmp_buf here, *outer = out[hosted_self];
	unsigned self = hosted_self;
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
	core->inside = false;
	out[self] = outer;
}

static struct hal_frame *do_take(const struct entry *entry);

static bool is_pending(const struct hosted_core *core)
{
	return core->started && !core->inside && (core->ipi || hosted.clock >= core->timer);
}

/* Those who are in the kernel get on; those who are not take what is pending. True: somebody did something. */
static bool others_get_on(unsigned except)
{
	static const struct entry take = {.function = do_take};
	bool somebody = false;

	for (unsigned core = 0; core < hosted.cores; core++) {
		hosted_self = core;
		if (core == except || !(fiber_is_busy(core) || is_pending(&hosted.core[core])))
			continue;
		if (!fiber_is_busy(core))
			fiber_start(core, &take);
		fiber_continue(core);
		somebody = true;
	}
	return somebody;
}

/* Every core that entered is out again. */
static void run_all(unsigned self)
{
	unsigned turns = 0;

	do {
		if (fiber_is_busy(self))
			fiber_continue(self);
		if (hosted.core[self].end == END_STOPPED)
			return;
	} while ((fiber_is_busy(self) || fibers_are_busy()) && (others_get_on(self), ++turns < TURNS_MAX));
	if (turns == TURNS_MAX)
		hosted_abort("cores wait for each other for ever");
}

static enum hosted_end enter(const struct entry *entry)
{
	unsigned self = hosted_self;
	bool alone = hosted.cores == 1;

	stalled = 0;
	if (alone) {
		run_entry(entry);
	} else {
		fiber_start(self, entry);
		run_all(self);
	}
	hosted_self = self;
	if (hosted_core()->end <= END_IDLE && hosted.after)
		hosted.after();
	return hosted_core()->end;
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

/* ---- cores ---- */

void hosted_act(unsigned core)
{
	hosted_self = core;
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
	unsigned self = hosted_self;

	if (hosted.cores_refused >> core & 1)
		return false;
	if (hosted.cores_lost >> core & 1)
		return true;
	hosted_self = core;
	hosted.core[core].timer = UINT64_MAX;
	hosted.core[core].started = true;
	starting = true;
	enter(&(struct entry){.function = do_secondary});
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

/* All other cores do at once what a core that spins would do. What else they were sent for stays pending. */
void hosted_relax(void)
{
	unsigned self = hosted_self;
	bool somebody = false;

	for (hosted_self = 0; hosted_self < hosted.cores; hosted_self++) {
		if (hosted_self == self || !hosted_core()->ipi)
			continue;
		cores_answer();
		somebody = true;
	}
	hosted_self = self;
	hosted.clock++;
	if (!somebody && starting)
		longjmp(*out, END_WAITS);
	relaxed = somebody ? 0 : relaxed + 1;
	if (relaxed > RELAX_MAX)
		hosted_abort("a core waits for ever");
}

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

	if (hosted.clock >= core->timer)
		timer_comes();
	if (core->ipi) {
		core->ipi = false;
		core_ipi();
	}
}

void hal_core_idle(void)
{
	struct hosted_core *core = hosted_core();

	if (!core->ipi && hosted.clock < core->timer)
		longjmp(*out, END_IDLE);
	take_pending();
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
	hosted_core()->timer = deadline;
}

void hal_preempt_window(void)
{
	unsigned self = hosted_self;
	void (*window)(void) = hosted.window;

	hosted.windows++;
	if (hosted.interrupt_always || (hosted.interrupt_at && hosted.windows == hosted.interrupt_at))
		timer_comes();
	if (window) {
		hosted.window = NULL;
		window();
		hosted.window = window;
		hosted_self = self;
	}
	take_pending();
}

/* ---- the entries ---- */

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
	return core_page_fault(saved(true), entry->address, entry->number, entry->raw);
}

static struct hal_frame *do_exception(const struct entry *entry)
{
	return core_exception(saved(true), (enum exception)entry->number, entry->address, entry->raw);
}

static struct hal_frame *do_take(const struct entry *entry)
{
	(void)entry;
	if (hosted_core()->running)
		(void)saved(true);
	take_pending();
	return core_resume();
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
		if (!hosted.core[core].started)
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

static bool is_pending(const struct hosted_core *core)
{
	return core->started && !core->inside && (core->ipi || hosted.clock >= core->timer);
}

void hosted_pass(uint64_t ticks)
{
	unsigned self = hosted_self;

	hosted.clock += ticks;
	for (unsigned core = 0; core < hosted.cores;) {
		if (!is_pending(&hosted.core[core])) {
			core++;
			continue;
		}
		hosted_act(core);
		if (hosted_take() == END_STOPPED)
			return;
		core = 0;
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
