/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads: every operation in every situation, recall, start, bindings that are refused, priority, thread pointer. What
 * happens when a binding goes is in test-binding.c, registers are in test-registers.c.
 */
#include <string.h>

#include "print.h"
#include "probe.h"
#include "victim.h"

enum { TEST_PRIORITY = 100, RIGHTS_OTHERS = RIGHTS_ALL & ~(RIGHT_CONTROL | RIGHT_REGISTERS | RIGHT_PRIORITY) };

static char name[160];

static const char *about(const char *format, enum situation situation)
{
	(void)text_format(name, sizeof name, format, situation_name[situation]);
	return name;
}

static enum error configure_again(const struct victim *v)
{
	return victim_bind(v, CONFIGURE_PAGER | CONFIGURE_HANDLER);
}

/* ---- every operation in every situation ---- */

static bool is_blocked(enum situation situation)
{
	enum thread_state state = situation_state[situation];

	return state == THREAD_SENDING || state == THREAD_RECEIVING || state == THREAD_CALLING;
}

/* What needs a stopped thread is refused for any other, which does not notice. */
static void check_stopped_only(struct builder *b, enum situation situation)
{
	enum error expected = situation == SITUATION_STOPPED ? OK : ERROR_BUSY;
	struct subject s;
	handle_t thread;

	subject_create(b, situation, &s);
	thread = s.v.worker.thread;
	check_error(configure_again(&s.v), expected, about("configure of a thread that is %s", situation));
	check_error(thread_pointer(thread, 0x1000), expected, about("thread pointer of a thread that is %s", situation));
	if (expected != OK) {
		check_error(thread_start(thread, 0x1000, 0, 0), expected, about("start of a thread that is %s", situation));
		check_error(thread_resume(thread), expected, about("resume of a thread that is %s", situation));
	}
	check_equal(victim_state(&s.v), situation_state[situation], about("refused operations leave it as it was: %s", situation));
	subject_destroy(b, &s);
}

static void check_registers(struct builder *b, enum situation situation)
{
	bool written = situation == SITUATION_STOPPED || situation_state[situation] == THREAD_FAULTED;
	bool read = written || is_blocked(situation);
	struct thread_report report = {.ip = 0};
	word_t ip = 0, sp = 0;
	struct subject s;
	handle_t thread;

	subject_create(b, situation, &s);
	thread = s.v.worker.thread;
	check_error(thread_read(thread, REGISTERS_GENERAL, REGISTER_IP, 1, &ip), read ? OK : ERROR_BUSY,
		about("reading a register of a thread that is %s", situation));
	if (read) {
		require(thread_read(thread, REGISTERS_GENERAL, REGISTER_SP, 1, &sp));
		require(thread_query(thread, &report));
		check(report.ip == ip && report.sp == sp, about("query tells the same ip and sp as its registers: %s", situation));
	}
	check_error(thread_write(thread, REGISTERS_GENERAL, REGISTER_IP, 1, &ip), written ? OK : ERROR_BUSY,
		about("writing a register of a thread that is %s", situation));
	check_equal(victim_state(&s.v), situation_state[situation], about("its registers are no concern of its state: %s", situation));
	subject_destroy(b, &s);
}

/* What is allowed always. */
static void check_always(struct builder *b, enum situation situation)
{
	struct thread_report report = {.ip = 0};
	struct subject s;
	handle_t thread;

	subject_create(b, situation, &s);
	thread = s.v.worker.thread;
	check_ok(thread_name(thread, 0x123456789abcdef0), about("a thread can be named when it is %s", situation));
	check_ok(thread_priority(thread, 77, PROGRAM_CONTEXT), about("its priority can be set when it is %s", situation));
	require(thread_query(thread, &report));
	check(report.state == situation_state[situation] && report.priority == 77 && report.effective == 77,
		about("query tells its state and priority when it is %s", situation));
	check_ok(thread_abort(thread), about("abort is no error for a thread that is %s", situation));
	if (is_blocked(situation)) {
		enum phase phase = situation == SITUATION_SENDING ? PHASE_SEND : PHASE_RECEIVE;

		check_equal(victim_state(&s.v), THREAD_READY, about("abort lets a thread go on that is %s", situation));
		require(thread_priority(thread, VICTIM_PRIORITY, PROGRAM_CONTEXT));
		victim_settle();
		check(s.status == status_make(ERROR_ABORTED, phase, 0) && s.finished == 1 && s.m.w[0] == 0 && s.m.w[5] == 0 && s.m.tag == 0,
			about("it finds its ipc aborted, in its phase, with nothing else: %s", situation));
	} else {
		check_equal(victim_state(&s.v), situation_state[situation], about("abort leaves alone a thread that is %s", situation));
	}
	subject_destroy(b, &s);
}

static void check_stop(struct builder *b, enum situation situation)
{
	struct subject s;
	struct message m;
	handle_t thread;

	subject_create(b, situation, &s);
	thread = s.v.worker.thread;
	check_ok(thread_stop(thread), about("a thread can be stopped that is %s", situation));
	check_equal(victim_state(&s.v), THREAD_STOPPED, about("then it is stopped: it was %s", situation));
	check(!victim_receive(&s.v, &m), about("nothing is left of its fault: it was %s", situation));
	check_error(message_receive(s.port, &m, TAG_NOWAIT_RECEIVE), ERROR_WOULD_BLOCK, about("nor of its message: it was %s", situation));
	m = (struct message){.tag = TAG_NOWAIT_SEND};
	check_error(message_send(s.port, &m), ERROR_WOULD_BLOCK, about("and it does not receive: it was %s", situation));
	check_ok(configure_again(&s.v), about("it can be configured now: it was %s", situation));
	require(thread_priority(thread, VICTIM_PRIORITY, PROGRAM_CONTEXT));
	if (situation == SITUATION_READY)
		s.status = 0; /* so that it ends */
	check_ok(thread_resume(thread), about("and go on: it was %s", situation));
	victim_settle();
	if (is_blocked(situation))
		check(s.finished == 1 && status_error(s.status) == ERROR_ABORTED, about("stop had ended its ipc with aborted: it was %s", situation));
	else if (situation_state[situation] == THREAD_FAULTED)
		check(victim_state(&s.v) == THREAD_FAULTED && victim_receive(&s.v, &m) && s.finished == 0, about("its fault comes again: it was %s", situation));
	else if (situation == SITUATION_READY)
		check_equal(s.finished, 1, about("it goes on where it was: it was %s", situation));
	subject_destroy(b, &s);
}

/* ---- recall ---- */

static bool recalled(const struct victim *v, struct message *m)
{
	return victim_raises(v, EXCEPTION_RECALLED, m) && m->w[1] == 0;
}

/* The subject, which is ready, is more urgent than the test from now on, as urgent, or less. */
static void set_urgency(const struct subject *s, int difference)
{
	require(thread_priority(s->v.worker.thread, (word_t)(TEST_PRIORITY + difference), PROGRAM_CONTEXT));
}

/* Threads that would run on send the exception; it is one, however often they were recalled. */
static void check_recall_running(struct builder *b)
{
	struct subject s;
	struct message m;
	word_t count;

	subject_create(b, SITUATION_READY, &s);
	set_urgency(&s, -1); /* it has no turn while the test goes on */
	count = s.count;
	for (unsigned i = 0; i < 3; i++)
		check_ok(thread_recall(s.v.worker.thread), "a running thread can be recalled");
	check_equal(victim_state(&s.v), THREAD_READY, "nothing happens to it before its next turn");
	set_urgency(&s, 1);
	check(recalled(&s.v, &m) && s.count == count, "before its next instruction it sends the exception");
	check_equal(victim_state(&s.v), THREAD_FAULTED, "and waits for the answer");
	set_urgency(&s, 0); /* else it would run for ever */
	check_ok(victim_answer(ANSWER_RETRY, 0, 0, 0), "its handler lets it go on");
	while (s.count == count && victim_state(&s.v) == THREAD_READY)
		yield();
	check(s.count != count && !victim_receive(&s.v, &m), "three recalls were one exception");
	set_urgency(&s, -1);
	check_ok(thread_recall(s.v.worker.thread), "it can be recalled again");
	set_urgency(&s, 1);
	check(recalled(&s.v, &m), "and sends the exception again");
	check_ok(victim_answer(ANSWER_STOP, 0, 0, 0), "its handler stops it");
	check_equal(victim_state(&s.v), THREAD_STOPPED, "it is stopped");
	subject_destroy(b, &s);
}

/* A blocked ipc is left alone; the exception comes when it has ended, and takes nothing from what was received. */
static void check_recall_blocked(struct builder *b, enum situation situation)
{
	struct message m, received;
	struct subject s;

	subject_create(b, situation, &s);
	check_ok(thread_recall(s.v.worker.thread), about("a thread can be recalled that is %s", situation));
	victim_settle();
	check(!victim_receive(&s.v, &m) && victim_state(&s.v) == situation_state[situation], about("its ipc is left alone: %s", situation));
	if (situation == SITUATION_SENDING) {
		require(message_receive(s.port, &m, TAG_NOWAIT_RECEIVE));
	} else {
		m = (struct message){.tag = tag_make(SUBJECT_LABEL, 2, 0), .w = {0x11, 0x22}};
		require(situation == SITUATION_CALLING ? message_answer(&m) : message_send(s.port, &m));
	}
	check(recalled(&s.v, &m) && s.finished == 0, about("when it has ended the exception comes: it was %s", situation));
	check_ok(victim_answer(ANSWER_RETRY, 0, 0, 0), about("its handler lets it go on: it was %s", situation));
	received = s.m;
	check(s.finished == 1 && status_error(s.status) == OK && (situation == SITUATION_SENDING ||
		(received.w[0] == 0x11 && received.w[1] == 0x22 && tag_label(received.tag) == SUBJECT_LABEL)),
		about("and it finds the result of its ipc: it was %s", situation));
	subject_destroy(b, &s);
}

static void check_recall_stopped(struct builder *b)
{
	struct subject s;
	struct message m;

	subject_create(b, SITUATION_STOPPED, &s);
	check_ok(thread_recall(s.v.worker.thread), "a stopped thread can be recalled");
	victim_settle();
	check(victim_state(&s.v) == THREAD_STOPPED && !victim_receive(&s.v, &m), "it stays stopped, and says nothing");
	require(thread_start(s.v.worker.thread, (uintptr_t)probe_landing, 0x1230, 0));
	victim_settle();
	check(recalled(&s.v, &m) && m.w[2] == (uintptr_t)probe_landing && m.w[3] == 0x1230, "when it is started the exception comes, before its first instruction");
	check_ok(victim_answer(ANSWER_RETRY, 0, 0, 0), "its handler lets it go on");
	check(victim_raises(&s.v, EXCEPTION_BREAKPOINT, &m) && m.w[2] == (uintptr_t)probe_landing + probe_break_reported, "then it executes that instruction");
	subject_destroy(b, &s);
}

static void check_recall_faulted(struct builder *b)
{
	struct subject s;
	struct message m;

	subject_create(b, SITUATION_FAULT_TAKEN, &s);
	check_ok(thread_recall(s.v.worker.thread), "a thread that waits for the answer to its fault can be recalled");
	check_equal(victim_state(&s.v), THREAD_FAULTED, "it goes on waiting");
	check_ok(victim_answer(ANSWER_RETRY, 0, 0, 0), "the fault is answered");
	check(recalled(&s.v, &m), "then the exception comes");
	check_ok(victim_answer(ANSWER_RETRY, 0, 0, 0), "it is answered");
	check(victim_faults(&s.v, SUBJECT_PLACE, RIGHT_READ, &m), "then the instruction is tried again");
	subject_destroy(b, &s);
}

static volatile word_t self_status, self_done;

static void recalls_itself(word_t unused)
{
	(void)unused;
	self_status = (word_t)thread_recall(worker_self());
	self_done++;
}

static void check_recall_self(struct builder *b)
{
	const struct thread_binding none = {.what = CONFIGURE_HANDLER, .handler = HANDLE_NONE};
	struct victim v;
	struct message m;

	self_status = 1;
	self_done = 0;
	victim_run(b, recalls_itself, 0, &v);
	check(recalled(&v, &m) && self_done == 0, "a thread that recalls itself sends the exception behind the system call");
	check_ok(victim_answer(ANSWER_RETRY, 0, 0, 0), "its handler lets it go on");
	check(self_done == 1 && self_status == OK, "and it finds the result of the system call");
	require(thread_configure(v.worker.thread, &none));
	victim_begin(&v);
	check(victim_state(&v) == THREAD_STOPPED && self_done == 1, "without a handler, recall stops it");
	victim_destroy(b, &v);
}

/* ---- start ---- */

static void check_start(struct builder *b)
{
	const struct thread_binding no_space = {.what = CONFIGURE_SPACE, .space = HANDLE_NONE};
	const struct thread_binding no_context = {.what = CONFIGURE_CONTEXT, .context = HANDLE_NONE};
	struct subject s;
	handle_t thread;

	subject_create(b, SITUATION_STOPPED, &s);
	thread = s.v.worker.thread;
	check_ok(thread_configure(thread, &no_space), "a stopped thread's Space can be unbound");
	check_error(thread_start(thread, 0x1000, 0, 0), ERROR_BAD_ARGUMENT, "without a Space it cannot be started");
	check_error(thread_resume(thread), ERROR_BAD_ARGUMENT, "nor go on");
	check_equal(victim_state(&s.v), THREAD_STOPPED, "it stays stopped");
	check_ok(victim_bind(&s.v, CONFIGURE_SPACE), "it can be bound again");
	check_ok(thread_configure(thread, &no_context), "a stopped thread's context can be unbound");
	victim_begin(&s.v);
	check(victim_state(&s.v) == THREAD_READY && s.finished == 0, "without a context a thread that is started does not run");
	check_error(victim_bind(&s.v, CONFIGURE_CONTEXT), ERROR_BUSY, "it is not stopped either");
	check_ok(thread_stop(thread), "it can be stopped");
	check_ok(victim_bind(&s.v, CONFIGURE_CONTEXT), "then bound to a context");
	check_ok(thread_resume(thread), "and resumed");
	victim_settle();
	check_equal(s.finished, 1, "with a context it runs");
	victim_begin(&s.v);
	check_equal(s.finished, 2, "a thread that has ended can be started again");
	subject_destroy(b, &s);
}

static void stops_itself(word_t argument)
{
	self_status = 1 + (word_t)thread_stop(worker_self());
	self_done = argument;
}

static void check_stop_self(struct builder *b)
{
	struct victim v;

	self_status = self_done = 0;
	victim_run(b, stops_itself, 9, &v);
	check(victim_state(&v) == THREAD_STOPPED && self_status == 0, "a thread can stop itself, and the call does not come back");
	check_ok(thread_resume(v.worker.thread), "it can be resumed");
	victim_settle();
	check(self_status == 1 + OK && self_done == 9, "then the call comes back");
	victim_destroy(b, &v);
}

/* ---- configure ---- */

enum { OF_SPACE, OF_PAGER, OF_HANDLER, OF_CONTEXT, OF_BUFFER, PLACES };

static const struct {
	const char *name;
	enum kind kind;   /* what it needs */
	word_t rights[2]; /* each of these, 0: no second */
} places[PLACES] = {
	[OF_SPACE] = {"Space", KIND_SPACE, {RIGHT_TABLE, RIGHT_MAP}},
	[OF_PAGER] = {"pager", KIND_ENDPOINT, {RIGHT_SEND, 0}},
	[OF_HANDLER] = {"fault handler", KIND_ENDPOINT, {RIGHT_SEND, 0}},
	[OF_CONTEXT] = {"context", KIND_CONTEXT, {RIGHT_BIND, 0}},
	[OF_BUFFER] = {"buffer", KIND_MEMORY, {RIGHT_READ, RIGHT_WRITE}},
};

static enum error bind_one(const struct victim *v, unsigned place, handle_t handle)
{
	const struct thread_binding binding = {.what = (word_t)1 << place, .space = handle, .pager = handle, .handler = handle,
		.context = handle, .buffer = handle};

	return thread_configure(v->worker.thread, &binding);
}

static const char *place_text(const char *format, unsigned place)
{
	(void)text_format(name, sizeof name, format, places[place].name);
	return name;
}

static void check_place(struct builder *b, struct victim *v, unsigned place)
{
	handle_t empty = builder_take_slots(b, 1), less;
	const handle_t of_kind[] = {b->space, v->endpoint, v->worker.context, v->worker.memory, PROGRAM_UNTYPED, v->worker.thread};
	static const enum kind kinds[] = {KIND_SPACE, KIND_ENDPOINT, KIND_CONTEXT, KIND_MEMORY, KIND_UNTYPED, KIND_THREAD};

	check_error(bind_one(v, place, empty), ERROR_BAD_HANDLE, place_text("an empty slot is no %s", place));
	check_error(bind_one(v, place, test_info()->handle_slots), ERROR_BAD_HANDLE, place_text("a slot beyond the table is no %s", place));
	check_error(bind_one(v, place, HANDLE_REPLY), ERROR_BAD_HANDLE, place_text("HANDLE_REPLY is no %s", place));
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (kinds[i] != places[place].kind)
			check_error(bind_one(v, place, of_kind[i]), ERROR_WRONG_KIND, place_text("another kind of object is no %s", place));
	for (size_t i = 0; i < 2 && places[place].rights[i] != 0; i++) {
		require(build_derived(b, v->source[place], RIGHTS_ALL & ~places[place].rights[i], 0, &less));
		check_error(bind_one(v, place, less), ERROR_NO_RIGHTS, place_text("a right is missing for a %s", place));
		builder_release(b, less);
	}
	check_ok(bind_one(v, place, HANDLE_NONE), place_text("a %s can be unbound", place));
	check_ok(bind_one(v, place, HANDLE_NONE), place_text("twice: a %s", place));
	check_ok(bind_one(v, place, v->source[place]), place_text("a %s can be bound", place));
	check_ok(bind_one(v, place, v->source[place]), place_text("a %s can be bound over itself", place));
	builder_put_slots(b, empty, 1);
}

static void check_configure(struct builder *b)
{
	struct thread_binding binding = {.what = CONFIGURE_ALL + 1};
	struct victim v, other;
	struct message m;

	require(victim_create(b, recalls_itself, 0, &v));
	for (unsigned place = 0; place < PLACES; place++)
		check_place(b, &v, place);
	check_error(thread_configure(v.worker.thread, &binding), ERROR_BAD_ARGUMENT, "an unknown binding is refused");
	binding.what = ~(word_t)0;
	check_error(thread_configure(v.worker.thread, &binding), ERROR_BAD_ARGUMENT, "unknown bindings among others are refused");
	require(victim_create(b, recalls_itself, 0, &other));
	check_error(bind_one(&v, OF_CONTEXT, other.source[OF_CONTEXT]), ERROR_BUSY, "a context that another thread is bound to is refused");
	binding = (struct thread_binding){.what = CONFIGURE_HANDLER | CONFIGURE_BUFFER, .handler = HANDLE_NONE, .buffer = v.endpoint};
	check_error(thread_configure(v.worker.thread, &binding), ERROR_WRONG_KIND, "one bad binding spoils the whole");
	victim_begin(&v);
	check(recalled(&v, &m), "nothing of it was changed: the handler is still bound");
	victim_destroy(b, &other);
	victim_destroy(b, &v);
}

/* ---- rights ---- */

static void check_rights(struct builder *b)
{
	static const struct { word_t label, right, words; } operations[] = {
		{THREAD_CONFIGURE, RIGHT_CONTROL, 6}, {THREAD_START, RIGHT_CONTROL, 3}, {THREAD_RESUME, RIGHT_CONTROL, 0},
		{THREAD_STOP, RIGHT_CONTROL, 0}, {THREAD_ABORT, RIGHT_CONTROL, 0}, {THREAD_RECALL, RIGHT_CONTROL, 0},
		{THREAD_POINTER, RIGHT_CONTROL, 1}, {THREAD_NAME, RIGHT_CONTROL, 2}, {THREAD_READ, RIGHT_REGISTERS, 3},
		{THREAD_WRITE, RIGHT_REGISTERS, 4}, {THREAD_PRIORITY, RIGHT_PRIORITY, 2},
	};
	struct thread_report report = {.priority = 0};
	struct message m;
	struct victim v;
	handle_t less;

	require(victim_create(b, recalls_itself, 0, &v));
	for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
		require(build_derived(b, v.worker.thread, RIGHTS_ALL & ~operations[i].right, 0, &less));
		m = (struct message){.w = {1, 1, 1, 1, 1, 1}};
		(void)text_format(name, sizeof name, "operation %lu needs its right", operations[i].label);
		check_error(object_call(less, operations[i].label, operations[i].words, &m), ERROR_NO_RIGHTS, name);
		builder_release(b, less);
	}
	require(build_derived(b, v.worker.thread, RIGHTS_OTHERS, 0, &less));
	check_ok(thread_query(less, &report), "query needs no right");
	check(report.state == THREAD_STOPPED && report.priority == VICTIM_PRIORITY, "nothing was changed");
	m = (struct message){.tag = 0};
	check_error(object_call(v.worker.thread, 0, 0, &m), ERROR_BAD_ARGUMENT, "label 0 is no operation");
	check_error(object_call(v.worker.thread, 0x7fff, 0, &m), ERROR_BAD_ARGUMENT, "an unknown label is no operation");
	builder_release(b, less);
	victim_destroy(b, &v);
}

/* ---- priority, name ---- */

static void check_priority(struct builder *b)
{
	struct thread_report report = {.priority = 0};
	handle_t ceiling, less, thread;
	struct subject s;

	subject_create(b, SITUATION_STOPPED, &s);
	thread = s.v.worker.thread;
	require(build_context(b, 50, &ceiling));
	require(build_derived(b, ceiling, RIGHTS_ALL & ~RIGHT_CONFIGURE, 0, &less));
	check_error(thread_priority(thread, 51, ceiling), ERROR_NO_RIGHTS, "a priority above the context's ceiling is refused");
	check_error(thread_priority(thread, 256, ceiling), ERROR_BAD_ARGUMENT, "priority 256 does not exist");
	check_error(thread_priority(thread, ~(word_t)0, ceiling), ERROR_BAD_ARGUMENT, "nor does the largest number");
	check_error(thread_priority(thread, 50, less), ERROR_NO_RIGHTS, "the context must be held with the right to configure");
	check_error(thread_priority(thread, 50, s.port), ERROR_WRONG_KIND, "an Endpoint has no ceiling");
	check_error(thread_priority(thread, 50, HANDLE_NONE), ERROR_BAD_HANDLE, "without a context there is no priority");
	require(thread_query(thread, &report));
	check(report.priority == VICTIM_PRIORITY && report.effective == VICTIM_PRIORITY, "refused priorities change nothing");
	check_ok(thread_priority(thread, 50, ceiling), "the ceiling itself is allowed");
	check_ok(thread_priority(thread, 0, ceiling), "so is priority 0");
	victim_begin(&s.v);
	check(victim_state(&s.v) == THREAD_READY && s.finished == 0, "a thread less urgent than the test does not run");
	check_ok(thread_priority(thread, VICTIM_PRIORITY, PROGRAM_CONTEXT), "a ready thread can be made more urgent");
	check_equal(s.finished, 1, "and runs at once");
	builder_release(b, less);
	builder_release(b, ceiling);
	subject_destroy(b, &s);
}

static volatile word_t lowered;

static void lowers_itself(word_t unused)
{
	(void)unused;
	lowered = 1;
	(void)thread_priority(worker_self(), TEST_PRIORITY - 10, PROGRAM_CONTEXT);
	lowered = 2;
}

static void check_lower(struct builder *b)
{
	struct victim v;

	lowered = 0;
	victim_run(b, lowers_itself, 0, &v);
	check_equal(lowered, 1, "a thread that lowers its own priority lets more urgent ones run at once");
	check_equal(victim_state(&v), THREAD_READY, "it is ready");
	victim_destroy(b, &v);
}

static void check_name(struct builder *b)
{
	struct message m = {.w = {(word_t)1 << 32, 0}};
	struct subject s;

	subject_create(b, SITUATION_STOPPED, &s);
	check_error(object_call(s.v.worker.thread, THREAD_NAME, 2, &m), sizeof(word_t) > 4 ? ERROR_BAD_ARGUMENT : OK, "a name's low half has 32 bits");
	m = (struct message){.w = {0, (word_t)1 << 32}};
	check_error(object_call(s.v.worker.thread, THREAD_NAME, 2, &m), sizeof(word_t) > 4 ? ERROR_BAD_ARGUMENT : OK, "so has its high half");
	check_ok(thread_name(s.v.worker.thread, ~(uint64_t)0), "64 bits are a name");
	subject_destroy(b, &s);
}

/* ---- the thread pointer ---- */

/* Two threads with a word of their own each; what one does to its pointer the other must not see. */
static struct owner {
	word_t self; /* what the pointer points to: its own address */
	word_t good, rounds;
} owners[2];

static void keeps_pointer(word_t owner)
{
	struct owner *o = (struct owner *)owner;

	o->good = thread_pointer(worker_self(), (word_t)&o->self) == OK && probe_thread_pointer() == (word_t)&o->self;
	for (o->rounds = 0; o->rounds < 20; o->rounds++) {
		o->good = o->good && probe_thread_pointer() == (word_t)&o->self;
		if (o->rounds % 4 == 3)
			arch_raise_breakpoint();
		yield();
	}
}

/* It does to its own pointer what it can. */
static void disturbs(word_t rounds)
{
	for (word_t i = 0; i < rounds; i++) {
		probe_disturb();
		yield();
	}
}

static void check_pointer(struct builder *b)
{
	struct victim v[2], disturber;
	struct message m;

	require(victim_create(b, disturbs, 100, &disturber));
	for (unsigned i = 0; i < 2; i++) {
		owners[i] = (struct owner){.self = (word_t)&owners[i].self};
		require(victim_create(b, keeps_pointer, (word_t)&owners[i], &v[i]));
		require(thread_priority(v[i].worker.thread, TEST_PRIORITY - 1, PROGRAM_CONTEXT));
		require(worker_begin(&v[i].worker));
	}
	require(thread_priority(disturber.worker.thread, TEST_PRIORITY - 1, PROGRAM_CONTEXT));
	require(worker_begin(&disturber.worker));
	for (unsigned i = 0; i < 10; i++) { /* five breakpoints of each */
		require(message_receive(v[i % 2].endpoint, &m, 0));
		(void)victim_answer(ANSWER_SET, m.w[2] + probe_break_next, m.w[3], 0);
	}
	require(thread_priority(PROGRAM_THREAD, TEST_PRIORITY - 2, PROGRAM_CONTEXT));
	for (unsigned i = 0; i < 2; i++)
		check(owners[i].good == 1 && owners[i].rounds == 20,
			"a thread sets its own thread pointer and keeps it through system calls, switches and exceptions");
	require(thread_priority(PROGRAM_THREAD, TEST_PRIORITY, PROGRAM_CONTEXT));
	victim_destroy(b, &disturber);
	victim_destroy(b, &v[0]);
	victim_destroy(b, &v[1]);
}

/* Nothing that is no address hurts the kernel. */
static void check_wild_pointers(struct builder *b)
{
	static const word_t wild[] = {0, ~(word_t)0, (word_t)1 << 63, 0x0000800000000000, 0xffff800000000000, 0x5a5a5a5a5a5a5a5a};
	struct subject s;
	bool good = true;

	subject_create(b, SITUATION_STOPPED, &s);
	for (size_t i = 0; i < sizeof wild / sizeof wild[0]; i++) {
		good = good && thread_pointer(s.v.worker.thread, wild[i]) == OK;
		good = good && thread_pointer(PROGRAM_THREAD, wild[i]) == OK;
		victim_begin(&s.v);
		good = good && s.finished == i + 1;
	}
	check(good, "any number is taken as a thread pointer");
	subject_destroy(b, &s);
}

void test_run(struct builder *b)
{
	for (enum situation situation = 0; situation < SITUATIONS; situation++) {
		check_stopped_only(b, situation);
		check_registers(b, situation);
		check_always(b, situation);
		check_stop(b, situation);
	}
	check_recall_running(b);
	check_recall_blocked(b, SITUATION_SENDING);
	check_recall_blocked(b, SITUATION_RECEIVING);
	check_recall_blocked(b, SITUATION_CALLING);
	check_recall_stopped(b);
	check_recall_faulted(b);
	check_recall_self(b);
	check_start(b);
	check_stop_self(b);
	check_configure(b);
	check_rights(b);
	check_priority(b);
	check_lower(b);
	check_name(b);
	check_pointer(b);
	check_wild_pointers(b);
}
