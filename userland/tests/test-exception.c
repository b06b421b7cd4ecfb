/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions: each kind of the table in docs/abi.md, section 3, on this machine (a "no" is asserted like a "yes"), and what
 * becomes of an exception whose handler fails it. Recall is in test-thread.c, addresses of the kernel in test-protection.c.
 */
#include "print.h"
#include "probe.h"
#include "victim.h"

static volatile word_t done;  /* victims that came to their end */
static word_t value;

static uintptr_t device; /* a page where no device answers; 0: this machine has none */

/* ---- the table ---- */

static void raise_illegal(word_t unused)
{
	(void)unused;
	arch_raise_illegal();
	done++;
}

static void raise_breakpoint(word_t unused)
{
	(void)unused;
	arch_raise_breakpoint();
	done++;
}

static void raise_step(word_t unused)
{
	(void)unused;
#if ARCH_HAS_STEP
	arch_raise_step();
#endif
	done++;
}

static void raise_alignment(word_t unused)
{
	(void)unused;
	arch_raise_alignment();
	done++;
}

static void raise_arithmetic(word_t unused)
{
	(void)unused;
	arch_raise_arithmetic();
	done++;
}

static void raise_fpu(word_t unused)
{
	(void)unused;
	arch_raise_fpu();
	done++;
}

static void raise_bus(word_t unused)
{
	(void)unused;
	value = probe_read((const volatile void *)device);
	done++;
}

static void raise_address(word_t unused)
{
	(void)unused;
	value = probe_read((const volatile void *)probe_address[0].address);
	done++;
}

static const struct row {
	const char *name;
	void (*entry)(word_t);
	enum exception kind;
	bool here; /* does this machine raise it? */
	bool again; /* does it come again when it is retried? */
} rows[] = {
	{"an illegal instruction", raise_illegal, EXCEPTION_ILLEGAL, true, true},
	{"a breakpoint instruction", raise_breakpoint, EXCEPTION_BREAKPOINT, true, false},
	{"the step flag", raise_step, EXCEPTION_STEP, ARCH_HAS_STEP, false},
	{"a misaligned atomic", raise_alignment, EXCEPTION_ALIGNMENT, ARCH_HAS_ALIGNMENT, true},
	{"an integer division by zero", raise_arithmetic, EXCEPTION_ARITHMETIC, ARCH_HAS_DIVIDE_TRAP, true},
	{"a floating-point instruction", raise_fpu, EXCEPTION_FPU, true, true},
	{"a load where no device answers", raise_bus, EXCEPTION_BUS, ARCH_HAS_BUS, true},
	{"a load from the kernel's memory", raise_address, EXCEPTION_ADDRESS, true, true},
};

/* The address that the message of such an exception has; where the processor tells none it is 0. */
static bool address_good(const struct row *row, word_t address)
{
	if (row->kind == EXCEPTION_BUS)
		return address == device;
	if (row->kind == EXCEPTION_ADDRESS)
		return address == probe_address[0].address;
	return row->kind == EXCEPTION_ALIGNMENT || address == 0;
}

static void check_raised(const struct row *row, struct victim *v)
{
	struct thread_report report = {.ip = 0};
	char name[120];
	struct message m;

	(void)text_format(name, sizeof name, "%s raises its exception at the handler", row->name);
	check(victim_raises(v, row->kind, &m) && address_good(row, m.w[1]), name);
	require(thread_query(v->worker.thread, &report));
	(void)text_format(name, sizeof name, "%s: ip and sp are the thread's, which waits", row->name);
	check(report.state == THREAD_FAULTED && m.w[2] == report.ip && m.w[3] == report.sp && report.ip >= PROGRAM_IMAGE_START &&
		report.ip < PROGRAM_IMAGE_END && report.sp > v->worker.region && report.sp < v->worker.region + WORKER_REGION, name);
	check_equal(done, 0, "the instruction was not passed");
	if (row->again) {
		uintptr_t ip = report.ip;

		check_ok(victim_answer(ANSWER_RETRY, 0, 0, 0), "it can be retried");
		(void)text_format(name, sizeof name, "%s, retried, raises it again at the same place", row->name);
		check(victim_raises(v, row->kind, &m) && m.w[2] == ip, name);
	}
	check_ok(victim_answer(ANSWER_STOP, 0, 0, 0), "it can be ended with STOP");
	check(victim_state(v) == THREAD_STOPPED && done == 0, "that stops the thread");
}

static void check_row(struct builder *b, const struct row *row)
{
	char name[100];
	struct message m;
	struct victim v;

	if (row->kind == EXCEPTION_BUS && device == 0)
		return; /* there is no place to try it */
	done = 0;
	victim_run(b, row->entry, 0, &v);
	if (row->here) {
		check_raised(row, &v);
	} else {
		(void)text_format(name, sizeof name, "%s raises no exception on this machine", row->name);
		check(!victim_receive(&v, &m) && done == 1 && victim_state(&v) == THREAD_STOPPED, name);
	}
	victim_destroy(b, &v);
}

static void store(word_t unused)
{
	(void)unused;
	probe_write((volatile void *)device, 1);
	done++;
}

/* A store may fail where the load does, or be lost: in either case nobody else is hurt. */
static void check_bus_store(struct builder *b)
{
	struct victim v, other;
	struct message m;

	if (device == 0)
		return;
	done = 0;
	victim_run(b, store, 0, &v);
	check(done == 1 || (victim_raises(&v, EXCEPTION_BUS, &m) && m.w[1] == device),
		"a store where no device answers is lost, or raises its exception");
	(void)victim_answer(ANSWER_STOP, 0, 0, 0);
	victim_run(b, raise_breakpoint, 0, &other);
	check(victim_raises(&other, EXCEPTION_BREAKPOINT, &m), "that hurts nobody else");
	victim_destroy(b, &other);
	victim_destroy(b, &v);
}

/* ---- going on ---- */

static struct probe_registers in, out;

static void breaks(word_t unused)
{
	static word_t self;

	(void)unused;
	self = (word_t)&self;
	(void)thread_pointer(worker_self(), self);
	in.r[REGISTER_THREAD_POINTER] = self;
	probe_break(&in, &out);
	done++;
}

/* Behind a breakpoint that was handled, the thread goes on as if nothing had been. */
static void check_breakpoint_passed(struct builder *b)
{
	struct victim v;
	struct message m;

	done = 0;
	victim_run(b, breaks, 0, &v);
	check(victim_raises(&v, EXCEPTION_BREAKPOINT, &m) && m.w[2] == in.r[REGISTER_IP] + probe_break_reported &&
		m.w[3] == in.r[REGISTER_SP], "a breakpoint tells its place and sp");
	check_ok(victim_answer(ANSWER_SET, in.r[REGISTER_IP], m.w[3], 0), "its handler can set the thread back to it");
	check(victim_raises(&v, EXCEPTION_BREAKPOINT, &m) && done == 0, "then it comes again");
	check_ok(victim_answer(ANSWER_SET, (uintptr_t)probe_break_end, m.w[3], 0), "its handler can set the thread behind it");
	check(done == 1 && victim_state(&v) == THREAD_STOPPED, "then the thread goes on to its end");
	victim_destroy(b, &v);
}

#if ARCH_HAS_STEP
/* One instruction at a time: the thread asks for it with its flag, or its handler with the answer's. */
static void check_steps(struct builder *b)
{
	unsigned steps = 0;
	uintptr_t before;
	struct victim v;
	struct message m;

	done = 0;
	victim_run(b, raise_step, 0, &v);
	for (; victim_raises(&v, EXCEPTION_STEP, &m) && steps < 100; steps++)
		(void)victim_answer(ANSWER_RETRY, 0, 0, 0);
	check(steps >= 2 && done == 1, "a thread steps until it clears its flag, and comes to its end");
	victim_destroy(b, &v);

	done = 0;
	victim_run(b, raise_breakpoint, 0, &v);
	check(victim_raises(&v, EXCEPTION_BREAKPOINT, &m), "a breakpoint is raised");
	before = m.w[2];
	check_ok(victim_answer(ANSWER_SET, before, m.w[3], ARCH_STEP_FLAGS), "its handler asks for a step");
	check(victim_raises(&v, EXCEPTION_STEP, &m) && m.w[2] != before && m.w[2] - before < 16, "one instruction is done"); /* maybe done++ */
	check_ok(victim_answer(ANSWER_SET, m.w[2], m.w[3], 0), "its handler asks for no further step");
	check_equal(done, 1, "the thread goes on to its end");
	victim_destroy(b, &v);
}
#endif

/* ---- the handler fails ---- */

static void check_no_handler(struct builder *b)
{
	const struct thread_binding none = {.what = CONFIGURE_HANDLER, .handler = HANDLE_NONE};
	struct victim v;
	struct message m;

	require(victim_create(b, raise_illegal, 0, &v));
	require(thread_configure(v.worker.thread, &none));
	done = 0;
	victim_begin(&v);
	check(victim_state(&v) == THREAD_STOPPED && done == 0, "an exception without a handler stops the thread");
	check(!victim_receive(&v, &m), "its pager does not get it");
	require(victim_bind(&v, CONFIGURE_HANDLER));
	require(thread_resume(v.worker.thread));
	check(victim_raises(&v, EXCEPTION_ILLEGAL, &m), "given a handler the thread can go on, and raises it again");
	victim_destroy(b, &v);
}

static void check_handler_gone(struct builder *b)
{
	struct victim v;
	struct message m;

	victim_run(b, raise_illegal, 0, &v);
	require(space_revoke(PROGRAM_SPACE, v.source[1]));
	check_equal(victim_state(&v), THREAD_FAULTED, "an exception does not care for the pager's binding");
	require(space_revoke(PROGRAM_SPACE, v.source[2]));
	check(!victim_receive(&v, &m), "a queued exception through a binding that was revoked is not delivered");
	check_equal(victim_state(&v), THREAD_STOPPED, "its thread is stopped");
	require(victim_bind(&v, CONFIGURE_HANDLER));
	require(thread_resume(v.worker.thread));
	victim_settle();
	check(victim_raises(&v, EXCEPTION_ILLEGAL, &m), "with the handler bound again it can go on");
	require(space_revoke(PROGRAM_SPACE, v.source[2]));
	check_ok(victim_answer(ANSWER_RETRY, 0, 0, 0), "the answer is taken though the binding went meanwhile");
	check_equal(victim_state(&v), THREAD_STOPPED, "the next exception finds no handler");
	victim_destroy(b, &v);

	victim_run(b, raise_illegal, 0, &v);
	builder_release(b, v.endpoint);
	check_equal(victim_state(&v), THREAD_STOPPED, "a thread whose exception was queued in an Endpoint that is destroyed is stopped");
	v.endpoint = HANDLE_NONE;
	victim_destroy(b, &v);
}

/* The exception of one thread is nobody else's: others run on, and faults and exceptions of several threads wait side by side. */
static void check_others(struct builder *b)
{
	struct thread_binding binding = {.what = CONFIGURE_PAGER | CONFIGURE_HANDLER};
	struct victim v, other;
	struct message m;

	victim_run(b, raise_illegal, 0, &v);
	require(victim_create(b, raise_breakpoint, 0, &other));
	binding.pager = v.source[1];
	binding.handler = v.source[2];
	require(thread_configure(other.worker.thread, &binding));
	victim_begin(&other);
	check(victim_raises(&v, EXCEPTION_ILLEGAL, &m), "exceptions of two threads come in their order: the first");
	check_ok(victim_answer(ANSWER_STOP, 0, 0, 0), "is answered");
	check(victim_raises(&v, EXCEPTION_BREAKPOINT, &m), "then the second");
	check(victim_state(&v) == THREAD_STOPPED && victim_state(&other) == THREAD_FAULTED, "each answer is its own thread's");
	victim_destroy(b, &other);
	victim_destroy(b, &v);
}

static uintptr_t map_device(struct builder *b, handle_t *memory)
{
	uintptr_t address = builder_take_addresses(b, PAGE_SIZE, PAGE_SIZE);

	*memory = builder_take_slots(b, 1);
	if (untyped_create(PROGRAM_DEVICE, KIND_MEMORY, PAGE_SIZE, 1, MEMORY_DEVICE, *memory) == OK) {
		require(memory_map(*memory, PROGRAM_SPACE, address, RIGHT_READ | RIGHT_WRITE));
		return address;
	}
	builder_put_slots(b, *memory, 1);
	*memory = HANDLE_NONE;
	return 0;
}

void test_run(struct builder *b)
{
	handle_t memory;

	device = map_device(b, &memory);
	if (device == 0)
		print("# no place without a device\n");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check_row(b, &rows[i]);
	check_bus_store(b);
	check_breakpoint_passed(b);
#if ARCH_HAS_STEP
	check_steps(b);
#endif
	check_no_handler(b);
	check_handler_gone(b);
	check_others(b);
	builder_release(b, memory);
}
