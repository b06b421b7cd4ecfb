/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Single step and debug points of threads (THREAD_DEBUG), as this machine has them: a "no" is asserted like a "yes" (docs/abi.md,
 * section 3). What one thread is debugged with is nobody else's.
 */
#include "actor.h"
#include "placing.h"
#include "probe.h"
#include "support.h"
#include "victim.h"

enum { NOPS = 10, YIELDS = 3, VISITS = 3, STEPS_MAX = 5000, LOW_PRIORITY = 50 };

static volatile word_t done, passed, visits;
static volatile word_t cell[2];
static volatile uint8_t bytes[8] __attribute__((aligned(8)));

extern const char debug_first[], debug_last[];

/* ---- what victims do ---- */

static void breaks(word_t unused)
{
	(void)unused;
	arch_raise_breakpoint();
	done++;
}

/* Ten instructions that every assembler knows; nobody returns from here. */
static __attribute__((used)) void nops(void)
{
	__asm__ volatile(".globl debug_first, debug_last\n"
			 "debug_first:\n"
			 ".rept 10\n"
			 "nop\n"
			 ".endr\n"
			 "debug_last:\n"
			 "nop");
}

static void yields(word_t unused)
{
	(void)unused;
	arch_raise_breakpoint();
	for (unsigned i = 0; i < YIELDS; i++) {
		yield();
		passed++;
	}
	done++;
}

static __attribute__((noinline)) void visit(void)
{
	__asm__ volatile("" : : : "memory");
	visits++;
}

static void visitor(word_t unused)
{
	(void)unused;
	for (unsigned i = 0; i < VISITS; i++)
		visit();
	done++;
}

static void writes(word_t unused)
{
	(void)unused;
	for (word_t i = 1; i <= VISITS; i++) {
		word_t seen = cell[0];

		cell[1] = seen;
		cell[0] = i;
	}
	done++;
}

static handle_t port;

static void receives(word_t unused)
{
	struct message m;

	(void)unused;
	arch_raise_breakpoint();
	require(message_receive(port, &m, 0));
	done++;
}

static void writes_bytes(word_t unused)
{
	(void)unused;
	for (unsigned i = 0; i < sizeof bytes; i++)
		bytes[i] = 1;
	done++;
}

/* ---- help ---- */

/* A thread that was started and stopped before its first instruction: debugging is set up, then it runs. */
static void prepare(struct builder *b, void (*entry)(word_t), struct victim *v)
{
	done = passed = visits = 0;
	cell[0] = cell[1] = 0;
	require(victim_create(b, entry, 0, v));
	require(thread_priority(v->worker.thread, 1, v->worker.context));
	require(worker_begin(&v->worker));
	require(thread_stop(v->worker.thread));
	require(thread_priority(v->worker.thread, VICTIM_PRIORITY, v->worker.context));
}

static void go(const struct victim *v)
{
	require(thread_resume(v->worker.thread));
	victim_settle();
}

static enum error step(const struct victim *v, bool on)
{
	return thread_debug(v->worker.thread, DEBUG_STEP, on, 0, 0);
}

static void retry(void)
{
	(void)victim_answer(ANSWER_RETRY, 0, 0, 0);
}

/* Point 0 was hit before its instruction: takes it away for one step. */
static bool pass(const struct victim *v, enum debug_kind kind, uintptr_t address, word_t length)
{
	struct message m;
	bool stepped;

	require(thread_debug(v->worker.thread, DEBUG_NONE, 0, 0, 0));
	require(step(v, true));
	retry();
	stepped = victim_raises(v, EXCEPTION_STEP, &m);
	require(thread_debug(v->worker.thread, kind, 0, address, length));
	require(step(v, false));
	return stepped;
}

/* Lets the victim run to its end; how often did it hit point 0, which is such a one? */
static unsigned count_hits(const struct victim *v, enum debug_kind kind, uintptr_t address, word_t length)
{
	unsigned hits = 0;
	struct message m;

	while (victim_raises(v, EXCEPTION_BREAKPOINT, &m) && m.w[1] == address && hits < STEPS_MAX) {
		hits++;
		if ((kind == DEBUG_EXECUTE || !ARCH_WATCH_BEHIND) && !pass(v, kind, address, length))
			return 0;
		retry();
	}
	return hits;
}

/* ---- who and what ---- */

static void check_rights(struct builder *b)
{
	handle_t weak;
	struct victim v;
	struct worker low;

	prepare(b, breaks, &v);
	require(build_derived(b, v.worker.thread, RIGHTS_ALL & ~(word_t)RIGHT_REGISTERS, 0, &weak));
	check_error(thread_debug(weak, DEBUG_STEP, 1, 0, 0), ERROR_NO_RIGHTS, "stepping takes the right registers");
	check_error(thread_debug(weak, DEBUG_NONE, 0, 0, 0), ERROR_NO_RIGHTS, "points do");
	check_error(thread_debug(PROGRAM_THREAD, DEBUG_STEP, 1, 0, 0), ERROR_BUSY, "a running thread cannot be stepped");
	require(worker_create(b, visitor, 0, LOW_PRIORITY, &low));
	require(worker_begin(&low));
	check_error(thread_debug(low.thread, DEBUG_NONE, 0, 0, 0), ERROR_BUSY, "a ready one has no points set");
	worker_destroy(b, &low);
	builder_release(b, weak);
	victim_destroy(b, &v);
}

static const struct {
	const char *name;
	word_t kind, number, address, length;
} bad[] = {
	{"a kind that there is not", DEBUG_STEP + 1, 0, 0, 0},
	{"a kind of the upper half", (word_t)1 << 32 | DEBUG_STEP, 1, 0, 0},
	{"neither on nor off", DEBUG_STEP, 2, 0, 0},
	{"a fifth point", DEBUG_EXECUTE, DEBUG_POINTS, 0x400000, 0},
	{"a point of the upper half", DEBUG_WRITE, (word_t)1 << 32, 0x400000, 8},
	{"an instruction with a length", DEBUG_EXECUTE, 0, 0x400000, 4},
	{"data without a length", DEBUG_WRITE, 0, 0x400000, 0},
	{"three bytes", DEBUG_WRITE, 0, 0x400000, 3},
	{"sixteen bytes", DEBUG_ACCESS, 0, 0x400000, 16},
	{"data that is not aligned", DEBUG_ACCESS, 0, 0x400004, 8},
	{"the last address", DEBUG_WRITE, 0, ~(word_t)7, 8},
	{"an instruction of the kernel", DEBUG_EXECUTE, 0, ~(word_t)0xffff, 0},
};

static void check_arguments(struct builder *b)
{
	struct system_state system;
	struct victim v;

	require(system_info(PROGRAM_SYSTEM, &system));
	prepare(b, visitor, &v);
	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct message m = {.w = {bad[i].kind, bad[i].number, bad[i].address, bad[i].length}};

		check_error(object_call(v.worker.thread, THREAD_DEBUG, 4, &m), ERROR_BAD_ARGUMENT, bad[i].name);
	}
	check_error(thread_debug(v.worker.thread, DEBUG_WRITE, 0, system.top, 8), ERROR_BAD_ARGUMENT, "the first address beyond user space");
	go(&v);
	check_equal(done, 1, "what was refused left nothing behind");
	victim_destroy(b, &v);
}

/* ---- this machine's no ---- */

static void check_absent(struct builder *b)
{
	struct message m;
	struct victim v;

	prepare(b, visitor, &v);
	if (!ARCH_DEBUG_STEP)
		check_error(step(&v, true), ERROR_WRONG_KIND, "this machine has no single step");
	if (!ARCH_DEBUG_POINTS) {
		check_error(thread_debug(v.worker.thread, DEBUG_EXECUTE, 0, (uintptr_t)visit, 0), ERROR_WRONG_KIND, "this machine has no points for instructions");
		check_error(thread_debug(v.worker.thread, DEBUG_WRITE, 0, (uintptr_t)&visits, 8), ERROR_WRONG_KIND, "nor for data");
	}
	go(&v);
	check(done == 1 && !victim_receive(&v, &m), "a thread that is not debugged comes to its end");
	victim_destroy(b, &v);
}

/* ---- single step ---- */

static void check_steps(struct builder *b)
{
	unsigned steps = 0, in_place = 0;
	struct message m;
	struct victim v;

	done = 0;
	victim_run(b, breaks, 0, &v);
	check(victim_raises(&v, EXCEPTION_BREAKPOINT, &m) && m.w[1] == 0, "a breakpoint instruction tells no point");
	check_ok(step(&v, true), "a thread whose fault waits can be stepped");
	check_ok(victim_answer(ANSWER_SET, (uintptr_t)debug_first, m.w[3], 0), "from a place that its handler chooses");
	while (victim_raises(&v, EXCEPTION_STEP, &m) && steps < STEPS_MAX) {
		steps++;
		in_place += m.w[2] > (uintptr_t)debug_first && m.w[2] <= (uintptr_t)debug_last;
		if (m.w[2] == (uintptr_t)debug_last)
			break;
		retry();
	}
	check_equal(steps, NOPS, "each of ten instructions is one step");
	check_equal(in_place, NOPS, "that tells the next one's address");
	check_ok(victim_answer(ANSWER_STOP, 0, 0, 0), "it can be stopped there");
	victim_destroy(b, &v);
}

static void check_steps_through_calls(struct builder *b)
{
	bool seen[YIELDS + 1] = {false};
	unsigned steps = 0;
	struct message m;
	struct victim v;

	done = passed = 0;
	victim_run(b, yields, 0, &v);
	(void)victim_raises(&v, EXCEPTION_BREAKPOINT, &m);
	require(step(&v, true));
	(void)victim_answer(ANSWER_SET, m.w[2] + probe_break_next, m.w[3], 0); /* behind the breakpoint */
	for (; victim_raises(&v, EXCEPTION_STEP, &m) && steps < STEPS_MAX; steps++) {
		if (done == 0)
			seen[passed <= YIELDS ? passed : 0] = true;
		if (done == 1)
			break;
		retry();
	}
	check(seen[0] && seen[1] && seen[2] && seen[3], "steps go on behind a system call");
	check(done == 1 && steps > 4 * YIELDS && steps < STEPS_MAX, "to the end of the function");
	require(step(&v, false));
	retry();
	check(!victim_receive(&v, &m) && victim_state(&v) == THREAD_STOPPED, "without it the thread runs on alone");
	victim_destroy(b, &v);
}

static void check_step_alone(struct builder *b)
{
	struct victim v, other;
	struct message m;

	prepare(b, visitor, &v);
	check_ok(step(&v, true), "a stopped thread can be stepped");
	go(&v);
	check(victim_raises(&v, EXCEPTION_STEP, &m), "its first instruction is a step");
	prepare(b, visitor, &other);
	go(&other);
	check(done == 1 && !victim_receive(&other, &m), "another thread runs meanwhile, without steps");
	retry();
	check(victim_raises(&v, EXCEPTION_STEP, &m), "then the next instruction is a step");
	(void)victim_answer(ANSWER_STOP, 0, 0, 0);
	done = 0;
	victim_begin(&v);
	check(done == 1 && !victim_receive(&v, &m), "a start takes the step away");
	victim_destroy(b, &other);
	victim_destroy(b, &v);
}

/* A thread that has set the step flag itself keeps it while it waits for a message, whichever way that takes through the kernel. */
static void check_flag_kept(struct builder *b, word_t words, const char *name)
{
	struct actor caller;
	struct message m;
	struct victim v;

	done = 0;
	require(build_object(b, KIND_ENDPOINT, 0, &port));
	victim_run(b, receives, 0, &v);
	(void)victim_raises(&v, EXCEPTION_BREAKPOINT, &m);
	(void)victim_answer(ANSWER_SET, m.w[2] + probe_break_next, m.w[3], probe_flags_trap); /* behind the breakpoint */
	for (unsigned steps = 0; victim_raises(&v, EXCEPTION_STEP, &m) && steps < STEPS_MAX; steps++)
		retry();
	require(actor_create(b, ACTOR_PRIORITY, &caller));
	actor_start(&caller, port, HANDLE_NONE, tag_make(1, words, 0) | TAG_CALL, 1);
	check(victim_state(&v) == THREAD_FAULTED && victim_raises(&v, EXCEPTION_STEP, &m) && done == 0, name);
	(void)victim_answer(ANSWER_STOP, 0, 0, 0);
	actor_destroy(b, &caller);
	victim_destroy(b, &v);
	builder_release(b, port);
}

/* ---- points ---- */

static void check_execute(struct builder *b)
{
	struct message m;
	struct victim v;

	prepare(b, visitor, &v);
	check_ok(thread_debug(v.worker.thread, DEBUG_EXECUTE, 0, (uintptr_t)visit, 0), "a point for an instruction");
	go(&v);
	check(victim_raises(&v, EXCEPTION_BREAKPOINT, &m) && m.w[1] == (uintptr_t)visit && m.w[2] == (uintptr_t)visit && visits == 0,
	      "is hit before the instruction, and told with its address");
	retry();
	check_equal(count_hits(&v, DEBUG_EXECUTE, (uintptr_t)visit, 0), VISITS, "a retry hits again; stepped over, it is hit once for each visit");
	check(visits == VISITS && done == 1, "and the thread comes to its end");
	victim_destroy(b, &v);
}

static void check_watch(struct builder *b)
{
	struct message m;
	struct victim v;

	prepare(b, writes, &v);
	check_ok(thread_debug(v.worker.thread, DEBUG_WRITE, 0, (uintptr_t)&cell[0], sizeof(word_t)), "a point for stores");
	go(&v);
	check(victim_raises(&v, EXCEPTION_BREAKPOINT, &m) && m.w[1] == (uintptr_t)&cell[0], "is hit, and told with its address");
	check_equal(cell[0], ARCH_WATCH_BEHIND, "before the store, or behind it, as the processor does");
	if (!ARCH_WATCH_BEHIND)
		(void)pass(&v, DEBUG_WRITE, (uintptr_t)&cell[0], sizeof(word_t));
	retry();
	check_equal(count_hits(&v, DEBUG_WRITE, (uintptr_t)&cell[0], sizeof(word_t)), VISITS - 1, "by each store, by no load, and not by its neighbour");
	check(done == 1 && cell[0] == VISITS, "the thread comes to its end");
	victim_destroy(b, &v);

	prepare(b, writes, &v);
	require(thread_debug(v.worker.thread, DEBUG_ACCESS, 0, (uintptr_t)&cell[0], sizeof(word_t)));
	go(&v);
	check_equal(count_hits(&v, DEBUG_ACCESS, (uintptr_t)&cell[0], sizeof(word_t)), 2 * VISITS, "a point for accesses is hit by loads too");
	victim_destroy(b, &v);

	for (unsigned i = 1; i <= 4; i *= 2) {
		prepare(b, writes_bytes, &v);
		require(thread_debug(v.worker.thread, DEBUG_WRITE, 0, (uintptr_t)&bytes[i], i));
		go(&v);
		check_equal(count_hits(&v, DEBUG_WRITE, (uintptr_t)&bytes[i], i), i, case_name("a point is as long as it says", i == 1 ? "1" : i == 2 ? "2" : "4"));
		victim_destroy(b, &v);
	}
}

static void check_cleared(struct builder *b)
{
	struct message m;
	struct victim v;

	prepare(b, visitor, &v);
	require(thread_debug(v.worker.thread, DEBUG_EXECUTE, 3, (uintptr_t)visit, 0));
	require(thread_debug(v.worker.thread, DEBUG_WRITE, 2, (uintptr_t)&visits, sizeof(word_t)));
	go(&v);
	check(victim_raises(&v, EXCEPTION_BREAKPOINT, &m) && m.w[1] == (uintptr_t)visit, "one of two points is hit first");
	check_ok(thread_debug(v.worker.thread, DEBUG_NONE, 3, 0, 0), "it can be taken away");
	retry();
	check(victim_raises(&v, EXCEPTION_BREAKPOINT, &m) && m.w[1] == (uintptr_t)&visits, "then the other one is");
	check_ok(thread_debug(v.worker.thread, DEBUG_NONE, 2, 0, 0), "that too");
	retry();
	check(!victim_receive(&v, &m) && done == 1 && visits == VISITS, "then none is, and the thread comes to its end");
	require(thread_debug(v.worker.thread, DEBUG_EXECUTE, 0, (uintptr_t)visit, 0));
	done = 0;
	victim_begin(&v);
	check(done == 1 && !victim_receive(&v, &m), "a start takes points away");
	victim_destroy(b, &v);
}

/* Others of the same Space run through the same code while a thread has points. */
static void check_alone(struct builder *b)
{
	struct victim v, other;
	struct message m;

	prepare(b, visitor, &v);
	require(thread_debug(v.worker.thread, DEBUG_EXECUTE, 0, (uintptr_t)visit, 0));
	require(thread_debug(v.worker.thread, DEBUG_ACCESS, 1, (uintptr_t)&visits, sizeof(word_t)));
	go(&v);
	check(victim_raises(&v, EXCEPTION_BREAKPOINT, &m), "a thread has hit its point");
	visit();
	check_equal(visits, 1, "the test itself does not");
	victim_run(b, visitor, 0, &other);
	check(done == 1 && !victim_receive(&other, &m) && visits == 1 + VISITS, "another thread does not");
	require(thread_debug(v.worker.thread, DEBUG_NONE, 0, 0, 0));
	retry();
	check(victim_raises(&v, EXCEPTION_BREAKPOINT, &m) && m.w[1] == (uintptr_t)&visits, "the first one then hits the next of its own");
	victim_destroy(b, &v);
	check(done == 1, "it is ended while it waits");
	victim_begin(&other);
	check(done == 2 && !victim_receive(&other, &m), "and leaves nothing behind");
	victim_destroy(b, &other);
}

/* The thread goes to another core: its points go with it. */
static void check_elsewhere(struct builder *b)
{
	unsigned last = cores_count() - 1, hits = 0;
	struct message m;
	struct victim v;

	prepare(b, visitor, &v);
	place(&v.worker, last);
	require(thread_debug(v.worker.thread, DEBUG_EXECUTE, 0, (uintptr_t)visit, 0));
	require(thread_resume(v.worker.thread));
	for (unsigned i = 0; i < 2; i++) {
		require(message_receive(v.endpoint, &m, 0));
		hits += tag_label(m.tag) == LABEL_EXCEPTION && m.w[0] == EXCEPTION_BREAKPOINT && m.w[1] == (uintptr_t)visit;
		if (i == 0)
			retry();
	}
	visit();
	check_equal(hits, 2, "a point is hit on the core where its thread runs, there alone");
	(void)victim_answer(ANSWER_STOP, 0, 0, 0);
	victim_destroy(b, &v);
}

void test_run(struct builder *b)
{
	check_rights(b);
	check_arguments(b);
	check_absent(b);
	if (ARCH_DEBUG_STEP) {
		check_steps(b);
		check_steps_through_calls(b);
		check_step_alone(b);
	}
	if (ARCH_HAS_STEP) {
		check_flag_kept(b, MESSAGE_REGISTERS, "a step flag of one's own lasts through a receive");
		check_flag_kept(b, MESSAGE_REGISTERS + 2, "and when more words come than registers carry");
	}
	if (ARCH_DEBUG_POINTS) {
		check_execute(b);
		check_watch(b);
		check_cleared(b);
		check_alone(b);
		check_elsewhere(b);
	}
}
