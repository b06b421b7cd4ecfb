/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thread's bindings are derived capabilities: whoever holds what they were derived from can take them away, in every
 * situation of the thread. Each case revokes one binding in one situation and looks at what became of the thread, of those
 * who wait for it, and of what it does next.
 */
#include "print.h"
#include "probe.h"
#include "victim.h"

enum { TEST_PRIORITY = 100, LONG_WORDS = 20 };
enum { OF_SPACE, OF_PAGER, OF_HANDLER, OF_CONTEXT, OF_BUFFER };

static char name[160];

static const char *about(const char *format, enum situation situation)
{
	(void)text_format(name, sizeof name, format, situation_name[situation]);
	return name;
}

static bool is_blocked(enum situation situation)
{
	enum thread_state state = situation_state[situation];

	return state == THREAD_SENDING || state == THREAD_RECEIVING || state == THREAD_CALLING;
}

/* Two ways that must come to the same: a revoke of what was bound, and its deletion. */
static void take(struct builder *b, struct subject *s, unsigned place, bool delete)
{
	if (!delete) {
		require(space_revoke(PROGRAM_SPACE, s->v.source[place]));
		return;
	}
	require(space_delete(PROGRAM_SPACE, s->v.source[place]));
	builder_put_slots(b, s->v.source[place], 1);
	s->v.source[place] = HANDLE_NONE;
}

/* What a subject waits for happens: its message is received, one is sent, its call or fault is answered. */
static void let_go_on(struct subject *s, enum situation situation)
{
	struct message m = {.tag = tag_make(SUBJECT_LABEL, 1, 0) | TAG_NOWAIT_SEND, .w = {0x99}};

	if (situation == SITUATION_SENDING)
		(void)message_receive(s->port, &m, TAG_NOWAIT_RECEIVE);
	else if (situation == SITUATION_RECEIVING)
		(void)message_send(s->port, &m);
	else if (situation == SITUATION_CALLING) {
		m.tag = tag_make(SUBJECT_LABEL, 1, 0);
		(void)message_answer(&m);
	} else if (situation == SITUATION_READY) {
		s->status = 0;
	}
}

/* ---- Space ---- */

static void check_space(struct builder *b, enum situation situation)
{
	struct message m = {.tag = TAG_NOWAIT_SEND};
	struct subject s;

	subject_create(b, situation, &s);
	take(b, &s, OF_SPACE, false);
	check_equal(victim_state(&s.v), THREAD_STOPPED, about("a thread that loses its Space is stopped: it was %s", situation));
	check_error(thread_resume(s.v.worker.thread), ERROR_BAD_ARGUMENT, about("it cannot go on: it was %s", situation));
	check_error(message_send(s.port, &m), ERROR_WOULD_BLOCK, about("it does not receive any more: it was %s", situation));
	check_error(message_receive(s.port, &m, TAG_NOWAIT_RECEIVE), ERROR_WOULD_BLOCK, about("it does not send any more: it was %s", situation));
	check(!victim_receive(&s.v, &m), about("no fault is left of it: it was %s", situation));
	let_go_on(&s, situation);
	check(victim_state(&s.v) == THREAD_STOPPED && s.finished == 0, about("what it waited for does not wake it: it was %s", situation));
	check_ok(victim_bind(&s.v, CONFIGURE_SPACE), about("its Space can be bound again: it was %s", situation));
	require(thread_priority(s.v.worker.thread, VICTIM_PRIORITY, PROGRAM_CONTEXT));
	check_ok(thread_resume(s.v.worker.thread), about("then it can go on: it was %s", situation));
	victim_settle();
	if (is_blocked(situation))
		check(s.finished == 1 && status_error(s.status) == ERROR_ABORTED, about("and finds its ipc aborted: it was %s", situation));
	else if (situation_state[situation] == THREAD_FAULTED)
		check(victim_receive(&s.v, &m) && s.finished == 0, about("and faults again: it was %s", situation));
	subject_destroy(b, &s);
}

/* ---- context ---- */

static void check_context(struct builder *b, enum situation situation, bool delete)
{
	struct subject s;
	struct message m;

	subject_create(b, situation, &s);
	take(b, &s, OF_CONTEXT, delete);
	check_equal(victim_state(&s.v), situation_state[situation], about("a thread that loses its context stays what it was: %s", situation));
	let_go_on(&s, situation);
	for (unsigned i = 0; i < 3; i++)
		yield();
	check_equal(s.finished, 0, about("but it does not run any more: it was %s", situation));
	if (is_blocked(situation))
		check_equal(victim_state(&s.v), THREAD_READY, about("though its wait has ended: it was %s", situation));
	if (situation == SITUATION_FAULT_QUEUED || situation == SITUATION_RAISED)
		check(victim_receive(&s.v, &m) && victim_answer(ANSWER_RETRY, 0, 0, 0) == OK && victim_state(&s.v) == THREAD_READY &&
			!victim_receive(&s.v, &m), about("its fault is delivered and answered, but not tried again: it was %s", situation));
	require(thread_stop(s.v.worker.thread));
	if (delete)
		require(build_derived(b, s.v.worker.context, RIGHT_BIND, 0, &s.v.source[OF_CONTEXT]));
	check_ok(victim_bind(&s.v, CONFIGURE_CONTEXT), about("it can be bound again: it was %s", situation));
	require(thread_priority(s.v.worker.thread, VICTIM_PRIORITY, PROGRAM_CONTEXT));
	require(thread_resume(s.v.worker.thread));
	victim_settle();
	if (situation_state[situation] == THREAD_FAULTED)
		check(victim_receive(&s.v, &m), about("and runs, and faults again: it was %s", situation));
	else if (situation != SITUATION_STOPPED)
		check_equal(s.finished, 1, about("and runs on: it was %s", situation));
	subject_destroy(b, &s);
}

/* A context that is lent to a server is taken from the server too: it goes on only with one of its own. */
static handle_t served_port;
static volatile word_t served;

static void serves(word_t unused)
{
	struct message m;

	(void)unused;
	(void)message_receive(served_port, &m, 0);
	served = 1;
	arch_raise_breakpoint();
	served = 2;
	m.tag = tag_make(OK, 0, 0);
	(void)message_answer(&m);
}

static void check_lent_context(struct builder *b)
{
	struct victim server;
	struct subject s;
	struct message m;

	subject_create(b, SITUATION_CALLING, &s);
	m.tag = tag_make(OK, 0, 0);
	require(message_answer(&m));
	served = 0;
	served_port = s.port;
	victim_run(b, serves, 0, &server);
	require(space_revoke(PROGRAM_SPACE, server.source[OF_CONTEXT]));
	victim_begin(&s.v); /* calls the server, which raises a breakpoint on the caller's context */
	check(served == 1 && victim_raises(&server, EXCEPTION_BREAKPOINT, &m), "a server without a context runs on its caller's");
	take(b, &s, OF_CONTEXT, false);
	check_ok(victim_answer(ANSWER_SET, m.w[2] + probe_break_next, m.w[3], 0), "the caller's context is taken while it is lent");
	victim_settle();
	check(served == 1 && victim_state(&server) == THREAD_READY, "then the server does not run any more");
	check_equal(victim_state(&s.v), THREAD_CALLING, "and its caller waits");
	require(thread_stop(server.worker.thread));
	require(victim_bind(&server, CONFIGURE_CONTEXT));
	require(thread_resume(server.worker.thread));
	victim_settle();
	check(served == 2, "with a context of its own the server goes on");
	check(victim_state(&s.v) == THREAD_READY && s.finished == 1, "its caller is answered, but does not run without a context");
	victim_destroy(b, &server);
	subject_destroy(b, &s);
}

/* ---- pager and handler ---- */

/* What is not a fault goes on as if nothing had been; the next fault finds nobody. */
static void check_endpoint(struct builder *b, enum situation situation, unsigned place, bool delete)
{
	bool concerned = place == OF_PAGER ? situation == SITUATION_FAULT_QUEUED : situation == SITUATION_RAISED;
	struct subject s;
	struct message m;

	subject_create(b, situation, &s);
	take(b, &s, place, delete);
	check_equal(victim_state(&s.v), situation_state[situation], about("a thread that loses its pager or handler stays what it was: %s", situation));
	let_go_on(&s, situation);
	require(thread_priority(s.v.worker.thread, VICTIM_PRIORITY, PROGRAM_CONTEXT));
	victim_settle();
	if (concerned)
		check(!victim_receive(&s.v, &m) && victim_state(&s.v) == THREAD_STOPPED,
			about("its fault is not delivered through a binding that is gone, and it is stopped: it was %s", situation));
	else if (situation == SITUATION_FAULT_QUEUED || situation == SITUATION_RAISED)
		check(victim_receive(&s.v, &m), about("its fault goes through the other binding: it was %s", situation));
	else if (situation == SITUATION_FAULT_TAKEN)
		check(victim_answer(ANSWER_STOP, 0, 0, 0) == OK && victim_state(&s.v) == THREAD_STOPPED, about("its fault is answered: it was %s", situation));
	else if (situation != SITUATION_STOPPED)
		check(s.finished == 1 && status_error(s.status) == OK, about("and goes on as if nothing had been: it was %s", situation));
	subject_destroy(b, &s);
}

/* ---- buffer ---- */

static void check_buffer(struct builder *b, enum situation situation, bool delete)
{
	struct subject s;
	struct message m;

	subject_create(b, situation, &s);
	take(b, &s, OF_BUFFER, delete);
	check_equal(victim_state(&s.v), situation_state[situation], about("a thread that loses its buffer stays what it was: %s", situation));
	let_go_on(&s, situation);
	require(thread_priority(s.v.worker.thread, VICTIM_PRIORITY, PROGRAM_CONTEXT));
	victim_settle();
	if (is_blocked(situation) || situation == SITUATION_READY)
		check(s.finished == 1 && status_error(s.status) == OK, about("messages in registers reach it as before: it was %s", situation));
	else if (situation == SITUATION_FAULT_QUEUED || situation == SITUATION_RAISED)
		check(victim_receive(&s.v, &m), about("so do its faults reach others: it was %s", situation));
	subject_destroy(b, &s);
}

/* Receiving what does not go into registers. */
static void check_buffer_receive(struct builder *b)
{
	struct message m = {.tag = tag_make(1, LONG_WORDS, 0) | TAG_NOWAIT_SEND};
	struct subject s;

	subject_create(b, SITUATION_RECEIVING, &s);
	take(b, &s, OF_BUFFER, false);
	check_equal(ipc(s.port, HANDLE_NONE, &m), status_make(ERROR_WINDOW, PHASE_SEND, 0), "a long message to a receiver without a buffer is refused");
	check(victim_state(&s.v) == THREAD_RECEIVING && s.finished == 0, "and the receiver goes on waiting");
	m = (struct message){.tag = tag_make(1, MESSAGE_REGISTERS, 0) | TAG_NOWAIT_SEND, .w = {1, 2, 3, 4, 5, 6}};
	check_ok(message_send(s.port, &m), "register words are taken");
	check(s.finished == 1 && s.m.w[5] == 6, "and arrive");
	subject_destroy(b, &s);

	subject_create(b, SITUATION_CALLING, &s);
	take(b, &s, OF_BUFFER, false);
	m.tag = tag_make(1, LONG_WORDS, 0);
	check_equal(ipc(HANDLE_REPLY, HANDLE_NONE, &m), status_make(ERROR_WINDOW, PHASE_SEND, 0), "a long answer to a caller without a buffer is refused");
	check(victim_state(&s.v) == THREAD_CALLING, "and the caller goes on waiting");
	m.tag = tag_make(1, 1, 0);
	check_ok(message_answer(&m), "a short answer is taken");
	check_equal(s.finished, 1, "and arrives");
	subject_destroy(b, &s);
}

static volatile word_t long_status;
static handle_t long_port;

static void sends_long(word_t unused)
{
	struct message m = {.tag = tag_make(1, LONG_WORDS, 0)};

	(void)unused;
	long_status = ~(word_t)0;
	long_status = ipc(long_port, HANDLE_NONE, &m);
}

/* Sending it: what waits in the queue is looked at again when its turn comes. */
static void check_buffer_send(struct builder *b)
{
	struct message m;
	struct victim v;

	require(build_object(b, KIND_ENDPOINT, 0, &long_port));
	victim_run(b, sends_long, 0, &v);
	check_equal(victim_state(&v), THREAD_SENDING, "a long message waits for a receiver");
	require(space_revoke(PROGRAM_SPACE, v.source[OF_BUFFER]));
	check_error(message_receive(long_port, &m, TAG_NOWAIT_RECEIVE), ERROR_WOULD_BLOCK, "its sender loses its buffer: it is not delivered");
	check_equal(long_status, status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0), "and its sender is told");
	require(worker_begin(&v.worker));
	check_equal(long_status, status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0), "without a buffer a long message is refused at once");
	victim_destroy(b, &v);
	builder_release(b, long_port);
}

/* ---- a thread takes its own bindings away ---- */

static volatile word_t own_status, own_done;
static struct victim own;

static void takes_own(word_t place)
{
	own_status = 1 + (word_t)space_revoke(PROGRAM_SPACE, own.source[place]);
	own_done++;
}

/* Without a buffer its wrappers would not do: registers only. */
static void check_own(struct builder *b)
{
	const bool stops[] = {[OF_SPACE] = true, [OF_PAGER] = false, [OF_HANDLER] = false, [OF_CONTEXT] = false, [OF_BUFFER] = false};

	for (unsigned place = OF_SPACE; place <= OF_BUFFER; place++) {
		own_status = own_done = 0;
		victim_run(b, takes_own, place, &own);
		if (place == OF_SPACE || place == OF_CONTEXT) {
			check(own_done == 0 && victim_state(&own) == (stops[place] ? THREAD_STOPPED : THREAD_READY),
				"a thread that revokes its own Space or context does not go on");
			require(thread_stop(own.worker.thread));
			require(victim_bind(&own, CONFIGURE_SPACE | CONFIGURE_CONTEXT));
			require(thread_resume(own.worker.thread));
			victim_settle();
		}
		check(own_done == 1 && own_status == 1 + OK, "a thread can revoke its own bindings, and finds that it did when it goes on");
		victim_destroy(b, &own);
	}
}

void test_run(struct builder *b)
{
	for (enum situation situation = 0; situation < SITUATIONS; situation++) {
		check_space(b, situation);
		for (unsigned delete = 0; delete < 2; delete++) {
			check_context(b, situation, delete != 0);
			check_endpoint(b, situation, OF_PAGER, delete != 0);
			check_endpoint(b, situation, OF_HANDLER, delete != 0);
			check_buffer(b, situation, delete != 0);
		}
	}
	check_lent_context(b);
	check_buffer_receive(b);
	check_buffer_send(b);
	check_own(b);
}
