/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers: what a system call preserves and that it leaves nothing else behind; that interrupts and exceptions preserve
 * all; reading and writing those of another thread, and that nothing written there gives it more than user level has.
 */
#include <string.h>

#include "actor.h"
#include "print.h"
#include "probe.h"
#include "victim.h"

enum { COUNT = REGISTERS_GENERAL_COUNT };

static char name[160];

/* A word for the thread pointer to point to. */
struct own {
	word_t self;
};
static struct own owns[3];

static word_t own_pointer(unsigned i)
{
	owns[i].self = (word_t)&owns[i].self;
	return owns[i].self;
}

/* Every register gets a value of its own, as far as user level may choose. */
static void fill(struct probe_registers *p, word_t seed, unsigned own)
{
	for (unsigned i = 0; i < COUNT; i++)
		p->r[i] = ((word_t)0x9e3779b97f4a7c15 * (i + 1) ^ seed * 0x0101010101010101) & probe_register[i].mask;
	if (probe_flags >= 0)
		p->r[probe_flags] = probe_register[probe_flags].mask & ~probe_flags_trap;
	p->r[REGISTER_THREAD_POINTER] = own_pointer(own);
}

/* Compares register i; what differs is shown as a comment. */
static bool same(unsigned i, word_t value, word_t expected)
{
	if (value != expected)
		print("# %s is 0x%lx, expected 0x%lx\n", probe_register[i].name, value, expected);
	return value == expected;
}

/* All that are the thread's to choose, and sp and thread pointer. */
static bool same_registers(const struct probe_registers *p, const struct probe_registers *expected)
{
	bool good = same(REGISTER_SP, p->r[REGISTER_SP], expected->r[REGISTER_SP]) &&
		same(REGISTER_THREAD_POINTER, p->r[REGISTER_THREAD_POINTER], expected->r[REGISTER_THREAD_POINTER]);

	for (unsigned i = 0; i < COUNT; i++)
		good = same(i, p->r[i] & probe_register[i].mask, expected->r[i] & probe_register[i].mask) && good;
	return good;
}

/* ---- system calls ---- */

/* What the call carries goes where this machine carries it. */
static void put_call(struct probe_registers *p, word_t to, word_t from, const struct message *m)
{
	for (unsigned i = 0; i < COUNT; i++) {
		const struct probe_register *r = &probe_register[i];

		if (r->role == PROBE_STATUS)
			p->r[i] = to;
		else if (r->role == PROBE_BADGE)
			p->r[i] = from;
		else if (r->role == PROBE_TAG)
			p->r[i] = m->tag;
		else if (r->role == PROBE_WORD)
			p->r[i] = m->w[r->value];
	}
}

/* What each register must be after a call that came back with `status` and *m. */
static word_t after_call(unsigned i, const struct probe_registers *in, word_t status, const struct message *m)
{
	const struct probe_register *r = &probe_register[i];

	switch (r->role) {
	case PROBE_PRESERVED:
		return in->r[i];
	case PROBE_CONSTANT:
		return r->value;
	case PROBE_IP:
		return (word_t)probe_call_end;
	case PROBE_STATUS:
		return status;
	case PROBE_BADGE:
		return m->badge;
	case PROBE_TAG:
		return m->tag;
	default:
		return m->w[r->value];
	}
}

static bool call_good(const struct probe_registers *in, const struct probe_registers *out, word_t status, const struct message *m)
{
	bool good = true;

	for (unsigned i = 0; i < COUNT; i++)
		good = same(i, out->r[i], after_call(i, in, status, m)) && good;
	return good;
}

/* The same of a call that brought no words: what it could have changed may also be what it was. */
static bool wordless_good(const struct probe_registers *in, const struct probe_registers *out, word_t status, const struct message *m)
{
	bool good = true;

	for (unsigned i = 0; i < COUNT; i++) {
		bool kept = (probe_register[i].role == PROBE_WORD || probe_register[i].role == PROBE_CONSTANT) && out->r[i] == in->r[i];

		good = (kept || same(i, out->r[i], after_call(i, in, status, m))) && good;
	}
	return good;
}

/* The test itself makes a call with all registers filled. */
static void make_call(struct probe_registers *in, struct probe_registers *out, word_t to, word_t from, const struct message *sent)
{
	require(thread_pointer(PROGRAM_THREAD, own_pointer(0)));
	fill(in, 1, 0);
	put_call(in, to, from, sent);
	probe_call(in, out);
}

static void check_call(const char *what, word_t to, word_t from, const struct message *sent, word_t status, const struct message *received)
{
	static struct probe_registers in, out;

	make_call(&in, &out, to, from, sent);
	(void)text_format(name, sizeof name, "registers after %s: preserved, returned or constant, as the table says", what);
	check(call_good(&in, &out, status, received), name);
}

static void check_wordless(const char *what, word_t to, word_t from, const struct message *sent, word_t status, const struct message *received)
{
	static struct probe_registers in, out;

	make_call(&in, &out, to, from, sent);
	(void)text_format(name, sizeof name, "registers after %s: preserved, returned or constant, or as they were where nothing came", what);
	check(wordless_good(&in, &out, status, received), name);
}

static void answers(word_t endpoint)
{
	struct message m;

	(void)message_receive(endpoint, &m, 0);
	for (;;) {
		for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
			m.w[i] = ~m.w[i];
		m.tag = tag_make(9, 3, 0);
		(void)message_answer_receive(endpoint, &m);
	}
}

static void check_calls(struct builder *b)
{
	const struct message none = {.tag = 0}, junk = {.tag = 0, .w = {1, 2, 3, 4, 5, 6}};
	struct message sent = junk, received = none;
	handle_t endpoint, badged, empty = builder_take_slots(b, 1);
	struct worker server;

	check_wordless("yield", HANDLE_NONE, HANDLE_NONE, &junk, OK, &none);
	check_wordless("a bad handle", empty, HANDLE_NONE, &junk, status_make(ERROR_BAD_HANDLE, PHASE_SEND, 0), &none);
	check_wordless("a bad handle to receive from", HANDLE_NONE, empty, &junk, status_make(ERROR_BAD_HANDLE, PHASE_RECEIVE, 0), &none);
	sent.tag = TAG_CALL;
	check_wordless("a call through a bad handle", empty, HANDLE_NONE, &sent, status_make(ERROR_BAD_HANDLE, PHASE_SEND, 0), &none);
	check_wordless("a call through no handle at all", ~(word_t)1, HANDLE_NONE, &sent, status_make(ERROR_BAD_HANDLE, PHASE_SEND, 0), &none);
	sent.tag = (word_t)1 << 15;
	check_wordless("a bad tag", empty, HANDLE_NONE, &sent, status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0), &none);
	sent.tag = tag_make(THREAD_NAME, 2, 0) | TAG_CALL;
	check_call("a message to a kernel object", PROGRAM_THREAD, HANDLE_NONE, &sent, OK, &none);
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(build_derived(b, endpoint, RIGHT_SEND, 7, &badged));
	check_wordless("a receive that does not wait", HANDLE_NONE, endpoint,
		&(struct message){.tag = TAG_NOWAIT_RECEIVE}, status_make(ERROR_WOULD_BLOCK, PHASE_RECEIVE, 0), &none);
	require(worker_create(b, answers, endpoint, VICTIM_PRIORITY, &server));
	require(worker_begin(&server));
	sent.tag = tag_make(3, 6, 0) | TAG_CALL;
	received.tag = tag_make(9, 3, 0);
	for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
		received.w[i] = ~sent.w[i];
	check_call("a call to a thread", badged, HANDLE_NONE, &sent, status_make(OK, PHASE_RECEIVE, 0), &received);
	worker_destroy(b, &server);
	builder_release(b, endpoint);
	builder_put_slots(b, badged, 1);
	builder_put_slots(b, empty, 1);
}

/* ---- victims that execute a probe ---- */

static struct run {
	void (*probe)(struct probe_registers *, struct probe_registers *);
	struct probe_registers in, out;
	unsigned own;
	volatile word_t done;
} runs[2];

static void runs_probe(word_t number)
{
	struct run *r = &runs[number];

	(void)thread_pointer(worker_self(), own_pointer(r->own));
	r->probe(&r->in, &r->out);
	r->done = 1;
}

/* First an exception with all registers full, so that the kernel has them, then the probe. */
static void breaks_and_runs_probe(word_t number)
{
	static struct probe_registers in, out;

	(void)thread_pointer(worker_self(), own_pointer(2));
	fill(&in, 99, 2);
	probe_break(&in, &out);
	runs_probe(number);
}

/* Begins that, and answers the exception. */
static void run_after_exception(struct builder *b, unsigned number, struct victim *v)
{
	struct message m = {.tag = 0};

	victim_run(b, breaks_and_runs_probe, number, v);
	check(victim_raises(v, EXCEPTION_BREAKPOINT, &m), "a thread raises a breakpoint before its call");
	(void)victim_answer(ANSWER_SET, (word_t)probe_break_end, m.w[3], 0);
}

static void prepare(unsigned number, void (*probe)(struct probe_registers *, struct probe_registers *), word_t seed)
{
	struct run *r = &runs[number];

	r->probe = probe;
	r->own = number + 1;
	r->done = 0;
	fill(&r->in, seed, r->own);
}

static enum error read_all(const struct victim *v, struct probe_registers *p)
{
	return thread_read(v->worker.thread, REGISTERS_GENERAL, 0, COUNT, p->r);
}

static enum error write_one(const struct victim *v, unsigned number, word_t value)
{
	return thread_write(v->worker.thread, REGISTERS_GENERAL, number, 1, &value);
}

/* ---- interrupts ---- */

/* Two threads spin with their registers full, in turns with the test, which fills them with other values. */
static void check_interrupts(struct builder *b)
{
	static struct probe_registers now, in, out;
	struct victim v[2];

	require(thread_pointer(PROGRAM_THREAD, own_pointer(0)));
	for (unsigned i = 0; i < 2; i++) {
		prepare(i, probe_spin, 3 + i);
		require(victim_create(b, runs_probe, i, &v[i]));
		require(thread_priority(v[i].worker.thread, TEST_PRIORITY, PROGRAM_CONTEXT));
		victim_begin(&v[i]);
	}
	for (unsigned i = 0; i < 5; i++) { /* each of these is one end of a time slice of each thread */
		fill(&in, 5 + i, 0);
		put_call(&in, HANDLE_NONE, HANDLE_NONE, &(struct message){.tag = 0});
		probe_call(&in, &out);
	}
	for (unsigned i = 0; i < 2; i++) {
		check_ok(thread_stop(v[i].worker.thread), "a thread that spins is stopped");
		require(read_all(&v[i], &now));
		check(same_registers(&now, &runs[i].in) && now.r[REGISTER_IP] == runs[i].in.r[REGISTER_IP],
			"interrupts preserve every register: what is read is what was there");
		require(write_one(&v[i], REGISTER_IP, (word_t)probe_spin_end));
		require(thread_priority(v[i].worker.thread, VICTIM_PRIORITY, PROGRAM_CONTEXT));
		require(thread_resume(v[i].worker.thread));
		yield();
		check(runs[i].done == 1 && same_registers(&runs[i].out, &runs[i].in), "and what the thread finds when it goes on");
		victim_destroy(b, &v[i]);
	}
}

/* ---- exceptions: read, write, go on ---- */

static void check_exception(struct builder *b)
{
	static struct probe_registers now;
	struct victim v;
	struct message m;

	prepare(0, probe_break, 11);
	victim_run(b, runs_probe, 0, &v);
	check(victim_raises(&v, EXCEPTION_BREAKPOINT, &m), "a thread raises a breakpoint with its registers full");
	check_ok(read_all(&v, &now), "all registers are read while the answer is awaited");
	check(same_registers(&now, &runs[0].in) && now.r[REGISTER_IP] == m.w[2] && now.r[REGISTER_SP] == m.w[3],
		"they are what they were at the instruction");
	require(write_one(&v, REGISTER_IP, (word_t)probe_break_end));
	check_ok(victim_answer(ANSWER_RETRY, 0, 0, 0), "an empty answer lets it go on at the ip that was written");
	check(runs[0].done == 1 && same_registers(&runs[0].out, &runs[0].in), "an exception preserves every register");
	victim_destroy(b, &v);
}

static void check_write(struct builder *b)
{
	static struct probe_registers now, other;
	struct victim v;
	struct message m;

	prepare(0, probe_break, 12);
	victim_run(b, runs_probe, 0, &v);
	check(victim_raises(&v, EXCEPTION_BREAKPOINT, &m), "a thread raises a breakpoint");
	fill(&other, 13, 2);
	other.r[REGISTER_IP] = (word_t)probe_break_end;
	other.r[REGISTER_SP] = m.w[3];
	check_ok(thread_write(v.worker.thread, REGISTERS_GENERAL, 0, COUNT, other.r), "all registers are written while the answer is awaited");
	require(read_all(&v, &now));
	check(same_registers(&now, &other) && now.r[REGISTER_IP] == other.r[REGISTER_IP], "and read as they were written");
	check_ok(victim_answer(ANSWER_RETRY, 0, 0, 0), "the thread goes on");
	check(runs[0].done == 1 && same_registers(&runs[0].out, &other), "with the values that were written in its registers");
	victim_destroy(b, &v);
}

/* One by one, through an exception that comes again and again. */
static void check_write_each(struct builder *b)
{
	static struct probe_registers now, before;
	struct victim v;
	struct message m;
	bool good = true;

	prepare(0, probe_break, 14);
	victim_run(b, runs_probe, 0, &v);
	good = victim_raises(&v, EXCEPTION_BREAKPOINT, &m);
	require(read_all(&v, &before));
	for (unsigned i = 0; i < COUNT; i++) {
		if (i == REGISTER_IP || i == REGISTER_SP || (int)i == probe_flags || i == REGISTER_THREAD_POINTER)
			continue;
		before.r[i] = (before.r[i] ^ 0x00ff00ff00ff00ff) & probe_register[i].mask;
		good = good && write_one(&v, i, before.r[i]) == OK && write_one(&v, REGISTER_IP, runs[0].in.r[REGISTER_IP]) == OK;
		good = good && victim_answer(ANSWER_RETRY, 0, 0, 0) == OK && victim_raises(&v, EXCEPTION_BREAKPOINT, &m);
		require(read_all(&v, &now));
		good = same_registers(&now, &before) && good;
	}
	check(good, "a register that is written alone changes alone");
	victim_destroy(b, &v);
}

/* ---- arguments ---- */

static const struct {
	const char *name;
	word_t group, first, count;
} wrong[] = {
	{"no register", REGISTERS_GENERAL, 0, 0},
	{"one too many", REGISTERS_GENERAL, 0, COUNT + 1},
	{"one behind the last", REGISTERS_GENERAL, COUNT, 1},
	{"the last and one more", REGISTERS_GENERAL, COUNT - 1, 2},
	{"59", REGISTERS_GENERAL, 0, 59},
	{"a count that wraps", REGISTERS_GENERAL, 1, ~(word_t)0},
	{"a first that wraps", REGISTERS_GENERAL, ~(word_t)0, 1},
	{"a group that does not exist", REGISTERS_GROUPS, 0, 1},
	{"a group far away", ~(word_t)0, 0, 1},
};

static void check_arguments(struct builder *b)
{
	static struct probe_registers before, now;
	struct message m;
	struct victim v;

	prepare(0, probe_break, 15);
	victim_run(b, runs_probe, 0, &v);
	require(read_all(&v, &before));
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		word_t words = wrong[i].count < MESSAGE_WORDS - 3 ? wrong[i].count + 3 : MESSAGE_WORDS;

		m = (struct message){.w = {wrong[i].group, wrong[i].first, wrong[i].count}};
		(void)text_format(name, sizeof name, "reading registers is refused: %s", wrong[i].name);
		check_error(object_call(v.worker.thread, THREAD_READ, 3, &m), ERROR_BAD_ARGUMENT, name);
		m = (struct message){.w = {wrong[i].group, wrong[i].first, wrong[i].count, 1, 1, 1}};
		(void)text_format(name, sizeof name, "writing registers is refused: %s", wrong[i].name);
		check_error(object_call(v.worker.thread, THREAD_WRITE, words, &m), ERROR_BAD_ARGUMENT, name);
	}
	m = (struct message){.w = {REGISTERS_GENERAL, 0, 2, 1, 1, 1}};
	check_error(object_call(v.worker.thread, THREAD_WRITE, 4, &m), ERROR_BAD_ARGUMENT, "fewer values than registers are refused");
	m = (struct message){.w = {REGISTERS_GENERAL, 0, 2, 1, 1, 1}};
	check_error(object_call(v.worker.thread, THREAD_WRITE, 6, &m), ERROR_BAD_ARGUMENT, "more values than registers are refused");
	require(read_all(&v, &now));
	check(memcmp(&now, &before, sizeof now) == 0, "refused writes change nothing");
	check_error(thread_read(PROGRAM_THREAD, REGISTERS_GENERAL, 0, 1, now.r), ERROR_BUSY, "a thread cannot read its own registers");
	victim_destroy(b, &v);
}

/* The test is without its buffer for a moment: so it uses registers only, and makes its reports afterwards. */
static volatile word_t few, many;
static handle_t read_target;

static void reads_bare(word_t unused)
{
	struct message m = {.tag = tag_make(THREAD_READ, 3, 0), .w = {REGISTERS_GENERAL, 0, MESSAGE_REGISTERS}};

	(void)unused;
	few = ipc(read_target, HANDLE_NONE, &m);
	m = (struct message){.tag = tag_make(THREAD_READ, 3, 0), .w = {REGISTERS_GENERAL, 0, MESSAGE_REGISTERS + 1}};
	many = ipc(read_target, HANDLE_NONE, &m);
}

static void check_without_buffer(struct builder *b)
{
	const struct thread_binding none = {.what = CONFIGURE_BUFFER, .buffer = HANDLE_NONE};
	struct victim v, reader;

	prepare(0, probe_break, 16);
	victim_run(b, runs_probe, 0, &v);
	read_target = v.worker.thread;
	few = many = ~(word_t)0;
	require(victim_create(b, reads_bare, 0, &reader));
	require(thread_configure(reader.worker.thread, &none));
	victim_begin(&reader);
	check_equal(few, OK, "a thread without a buffer can read six registers at once");
	check_equal(many, status_make(ERROR_WINDOW, PHASE_SEND, 0), "but not seven");
	victim_destroy(b, &reader);
	victim_destroy(b, &v);
}

/* ---- a thread that waits in a system call ---- */

/* ip and what the call preserves, and of what it carries or returns at most that. */
static bool shows_call(const struct probe_registers *now, const struct probe_registers *in, word_t status, const struct message *m)
{
	bool good = true;

	for (unsigned i = 0; i < COUNT; i++) {
		word_t expected = after_call(i, in, status, m);

		if (probe_register[i].role == PROBE_PRESERVED || i == REGISTER_IP || now->r[i] != 0)
			good = same(i, now->r[i], expected) && good;
	}
	return good;
}

static void check_blocked(struct builder *b, enum situation situation, const char *what)
{
	static struct probe_registers now;
	const word_t flags = situation == SITUATION_CALLING ? TAG_CALL : 0;
	const struct message m = {.tag = tag_make(1, 6, 0) | flags, .w = {11, 22, 33, 44, 55, 66}};
	struct message passed = m;
	struct victim v;
	handle_t port, to, from;

	require(build_object(b, KIND_ENDPOINT, 0, &port));
	to = situation == SITUATION_RECEIVING ? HANDLE_NONE : port;
	from = passed.badge = situation == SITUATION_RECEIVING ? port : HANDLE_NONE;
	prepare(0, probe_call, 17);
	put_call(&runs[0].in, to, from, &m);
	run_after_exception(b, 0, &v);
	require(read_all(&v, &now));
	(void)text_format(name, sizeof name, "a thread that is %s shows ip, what the call preserves, and else at most what it passed", what);
	check(shows_call(&now, &runs[0].in, to, &passed), name);
	victim_destroy(b, &v);
	builder_release(b, port);
}

/* A blocked call is stopped, its thread's registers are written: they are full from then on. */
static void check_blocked_written(struct builder *b)
{
	static struct probe_registers now, other;
	const struct message m = {.tag = tag_make(1, 6, 0)};
	struct victim v;
	handle_t port;

	require(build_object(b, KIND_ENDPOINT, 0, &port));
	prepare(0, probe_call, 18);
	put_call(&runs[0].in, port, HANDLE_NONE, &m);
	run_after_exception(b, 0, &v);
	require(thread_stop(v.worker.thread));
	require(read_all(&v, &now));
	check(shows_call(&now, &runs[0].in, status_make(ERROR_ABORTED, PHASE_SEND, 0), &(struct message){.tag = 0}),
		"a call that was stopped has ended: the registers are those behind it");
	fill(&other, 19, 1);
	other.r[REGISTER_IP] = (word_t)probe_call_end;
	other.r[REGISTER_SP] = runs[0].in.r[REGISTER_SP];
	require(thread_write(v.worker.thread, REGISTERS_GENERAL, 0, COUNT, other.r));
	require(thread_resume(v.worker.thread));
	victim_settle();
	check(runs[0].done == 1 && same_registers(&runs[0].out, &other), "all registers of a thread that was stopped in a call can be written");
	victim_destroy(b, &v);

	prepare(0, probe_call, 20);
	put_call(&runs[0].in, port, HANDLE_NONE, &m);
	run_after_exception(b, 0, &v);
	require(thread_stop(v.worker.thread));
	require(write_one(&v, REGISTER_SP, runs[0].in.r[REGISTER_SP]));
	require(thread_resume(v.worker.thread));
	victim_settle();
	check(runs[0].done == 1 && call_good(&runs[0].in, &runs[0].out, status_make(ERROR_ABORTED, PHASE_SEND, 0), &(struct message){.tag = 0}),
		"when one is written, the others are as the call left them");
	victim_destroy(b, &v);
	builder_release(b, port);
}

/* ---- a server ---- */

static handle_t served;

static void receives_and_runs_probe(word_t number)
{
	struct message m;

	(void)message_receive(served, &m, 0);
	runs_probe(number);
}

/* It answers one call and waits for the next in one trap, with all its registers full: what the two calls bring and take. */
static void check_server(struct builder *b, word_t words)
{
	const word_t tag = tag_make(1, words, 0) | TAG_CALL;
	static struct probe_registers now;
	struct message m = message_make(tag_make(9, MESSAGE_REGISTERS, 0), 31);
	struct actor caller;
	struct victim v;

	require(build_object(b, KIND_ENDPOINT, 0, &served));
	prepare(0, probe_call, 23);
	put_call(&runs[0].in, HANDLE_REPLY, served, &m);
	victim_run(b, receives_and_runs_probe, 0, &v);
	require(actor_create(b, ACTOR_PRIORITY, &caller));
	actor_start(&caller, served, HANDLE_NONE, tag, 51);
	check(actor_got(&caller, m.tag, 0, 31), "a caller gets the words of its server's registers");
	require(read_all(&v, &now));
	m.badge = served;
	check(shows_call(&now, &runs[0].in, HANDLE_REPLY, &m), "a server that waits again shows ip, what the call preserves, and else at most what it passed");
	actor_start(&caller, served, HANDLE_NONE, tag, 71);
	m = message_make(tag, 71);
	m.badge = 0;
	check(runs[0].done == 1 && call_good(&runs[0].in, &runs[0].out, status_make(OK, PHASE_RECEIVE, 0), &m),
		"its registers with the next call: preserved, returned or constant, as the table says");
	actor_destroy(b, &caller);
	victim_destroy(b, &v);
	builder_release(b, served);
}

/* Both sides with all their registers full: nothing of the other's arrives but the words, there and back. */
static void check_peers(struct builder *b)
{
	struct message sent = message_make(tag_make(1, MESSAGE_REGISTERS, 0) | TAG_CALL, 91), answered = message_make(tag_make(9, MESSAGE_REGISTERS, 0), 111);
	const struct message again = message_make(tag_make(2, 0, 0) | TAG_CALL, 131);
	struct actor caller;
	struct victim v;

	require(build_object(b, KIND_ENDPOINT, 0, &served));
	prepare(0, probe_call, 29);
	put_call(&runs[0].in, HANDLE_REPLY, served, &answered);
	victim_run(b, receives_and_runs_probe, 0, &v);
	check_call("a call to a thread whose registers are full", served, HANDLE_NONE, &sent, status_make(OK, PHASE_RECEIVE, 0), &answered);
	require(actor_create(b, ACTOR_PRIORITY, &caller));
	actor_start(&caller, served, HANDLE_NONE, again.tag, 131);
	sent = again;
	sent.badge = 0;
	check(runs[0].done == 1 && call_good(&runs[0].in, &runs[0].out, status_make(OK, PHASE_RECEIVE, 0), &sent),
		"nor has the server anything of a caller but the words");
	actor_destroy(b, &caller);
	victim_destroy(b, &v);
	builder_release(b, served);
}

/* What a Notification does without a switch. */
static void check_notified(struct builder *b)
{
	const struct message none = {.tag = 0}, taken = {.badge = 5, .tag = tag_make(LABEL_NOTIFICATION, 0, 0)};
	const struct message signals = {.tag = tag_make(NOTIFICATION_SIGNAL, 1, 0), .w = {5}};
	handle_t notification;

	require(build_object(b, KIND_NOTIFICATION, 0, &notification));
	check_wordless("a signal", notification, HANDLE_NONE, &signals, OK, &none);
	check_wordless("a wait that finds bits", HANDLE_NONE, notification, &none, status_make(OK, PHASE_RECEIVE, 0), &taken);
	builder_release(b, notification);
}

/* ---- start ---- */

static void check_start(struct builder *b)
{
	static struct probe_registers now;
	const word_t ip = (word_t)probe_landing, sp = 0x123450, argument = 0xabcdef;
	unsigned arguments = 0;
	struct victim v;
	bool good = true;

	require(victim_create(b, runs_probe, 0, &v));
	require(thread_write(v.worker.thread, REGISTERS_GENERAL, 0, COUNT, runs[0].in.r));
	require(thread_start(v.worker.thread, ip, sp, argument));
	victim_settle();
	require(read_all(&v, &now));
	for (unsigned i = 0; i < COUNT; i++) {
		if (i == REGISTER_IP)
			good = same(i, now.r[i], ip + probe_break_reported) && good;
		else if (i == REGISTER_SP)
			good = same(i, now.r[i], sp) && good;
		else if (now.r[i] == argument)
			arguments++;
		else if (now.r[i] != ip) /* some C ABIs have a function's address in a register when it begins */
			good = same(i, now.r[i], probe_register[i].fixed) && good;
	}
	check(good && arguments == 1, "a thread starts with ip, sp and argument, and all other registers zero");
	victim_destroy(b, &v);
}

/* ---- nothing that is written is a privilege ---- */

static const word_t wild[] = {
	0, 1, 2, 3, ~(word_t)0, ~(word_t)1, ~(word_t)3, (word_t)1 << 63, 0x0000800000000000, 0x00007fffffffffff, 0x0001000000000000, 0xffff800000000000,
	0xffffffff80000000, 0xffffffc080200000, 0xffff000040200000, 0xc000000000000000, 0xc000000000004c00, 0x4000000000000000,
};
enum { WILD = sizeof wild / sizeof wild[0] };

/* The thread's only fault or exception comes, and the thread is where user level can be. */
static bool wild_ip_refused(const struct victim *v, word_t ip)
{
	struct message m;
	word_t label;

	if (!victim_receive(v, &m))
		return false;
	label = tag_label(m.tag);
	if (label == LABEL_PAGE_FAULT)
		return m.w[1] == RIGHT_EXECUTE && (m.w[0] & ~(word_t)3) == (ip & ~(word_t)3);
	return label == LABEL_EXCEPTION && (m.w[0] == EXCEPTION_ADDRESS || m.w[0] == EXCEPTION_ILLEGAL || m.w[0] == EXCEPTION_ALIGNMENT);
}

static void check_wild_ip(struct builder *b)
{
	struct victim v;
	struct message m;
	bool good = true;

	for (unsigned i = 0; i < WILD; i++) {
		prepare(0, probe_break, 21);
		victim_run(b, runs_probe, 0, &v);
		good = victim_raises(&v, EXCEPTION_BREAKPOINT, &m) && good;
		require(write_one(&v, REGISTER_IP, wild[i]));
		require(victim_answer(ANSWER_RETRY, 0, 0, 0));
		good = wild_ip_refused(&v, wild[i]) && good;
		require(victim_answer(ANSWER_SET, wild[i], wild[i], ~probe_flags_trap));
		good = wild_ip_refused(&v, wild[i]) && good;
		require(thread_stop(v.worker.thread));
		require(thread_start(v.worker.thread, wild[i], wild[i], wild[i]));
		victim_settle();
		good = wild_ip_refused(&v, wild[i]) && good;
		victim_destroy(b, &v);
	}
	check(good, "whatever is written as ip, answered with SET or started at, ends in a fault or exception of the thread");
}

static void check_wild_sp(struct builder *b)
{
	struct victim v;
	struct message m;
	bool good = true, calls = true;

	for (unsigned i = 0; i < WILD; i++) {
		prepare(0, probe_break, 22);
		victim_run(b, runs_probe, 0, &v);
		good = victim_raises(&v, EXCEPTION_BREAKPOINT, &m) && good;
		require(write_one(&v, REGISTER_SP, wild[i]));
		require(write_one(&v, REGISTER_IP, (word_t)probe_landing));
		require(victim_answer(ANSWER_RETRY, 0, 0, 0));
		good = victim_raises(&v, EXCEPTION_BREAKPOINT, &m) && m.w[3] == wild[i] && good;
		victim_destroy(b, &v);

		/* a system call, with the stack pointer anywhere: behind it the probe stores to the stack */
		prepare(0, probe_call, 22);
		put_call(&runs[0].in, HANDLE_NONE, HANDLE_NONE, &(struct message){.tag = 0});
		victim_run(b, runs_probe, 0, &v);
		require(thread_start(v.worker.thread, runs[0].in.r[REGISTER_IP], wild[i], 0));
		victim_settle();
		calls = victim_receive(&v, &m) && m.w[2] != runs[0].in.r[REGISTER_IP] && calls;
		victim_destroy(b, &v);
	}
	check(good, "whatever is written as sp is only a number until the thread uses it");
	check(calls, "a system call does not care where sp points to");
}

/* All bits are set in all registers but those that must be good for the thread to tell what it found. */
static void check_wild_registers(struct builder *b)
{
	static struct probe_registers all, now;
	struct victim v;
	struct message m;

	prepare(0, probe_break, 23);
	victim_run(b, runs_probe, 0, &v);
	check(victim_raises(&v, EXCEPTION_BREAKPOINT, &m), "a thread raises a breakpoint");
	for (unsigned i = 0; i < COUNT; i++)
		all.r[i] = ~(word_t)0;
	if (probe_flags >= 0)
		all.r[probe_flags] = ~probe_flags_trap;
	all.r[REGISTER_IP] = (word_t)probe_break_end;
	all.r[REGISTER_SP] = m.w[3];
	all.r[REGISTER_THREAD_POINTER] = own_pointer(1);
	require(thread_write(v.worker.thread, REGISTERS_GENERAL, 0, COUNT, all.r));
	require(read_all(&v, &now));
	if (probe_flags >= 0)
		check((now.r[probe_flags] & ~probe_flags_allowed) == 0, "of flags that are written only those that are user level's are kept");
	require(victim_answer(ANSWER_RETRY, 0, 0, 0));
	check(runs[0].done == 1 && same_registers(&runs[0].out, &all), "a thread goes on with all bits of all registers set");
	victim_destroy(b, &v);

	prepare(0, probe_break, 24);
	victim_run(b, runs_probe, 0, &v);
	check(victim_raises(&v, EXCEPTION_BREAKPOINT, &m), "a thread raises a breakpoint");
	require(victim_answer(ANSWER_SET, (word_t)probe_break_end, m.w[3], ~probe_flags_trap));
	check_equal(runs[0].done, 1, "a thread goes on with all flags that an answer can set");
	if (probe_flags >= 0)
		check((runs[0].out.r[probe_flags] & ~probe_flags_allowed) == 0, "of which only those that are user level's are set");
	victim_destroy(b, &v);
}

/* ---- reservations ---- */

static volatile word_t reserved_place, reserved_flag, reserved_result;

static void reserves(word_t unused)
{
	(void)unused;
	reserved_result = 2 + probe_reservation(&reserved_place, &reserved_flag);
}

static void check_reservation(struct builder *b)
{
	struct thread_report report = {.ip = 0};
	struct victim v;
	bool stored = false;

	if (!probe_has_reservation)
		return;
	reserved_flag = 1;
	for (unsigned i = 0; i < 100 && !stored; i++) /* an interrupt may come in between */
		stored = probe_reservation(&reserved_place, &reserved_flag) != 0;
	check(stored, "a reservation that nothing comes between lets the store succeed");
	reserved_flag = reserved_result = 0;
	require(victim_create(b, reserves, 0, &v));
	require(thread_priority(v.worker.thread, TEST_PRIORITY, PROGRAM_CONTEXT));
	victim_begin(&v);
	while (report.ip < (uintptr_t)probe_reservation_held || report.ip >= (uintptr_t)probe_reservation_end) {
		yield(); /* until its time slice ends while it waits with its reservation */
		require(thread_query(v.worker.thread, &report));
	}
	reserved_flag = 1;
	while (reserved_result == 0)
		yield();
	check_equal(reserved_result, 2, "a reservation does not survive an interrupt");
	victim_destroy(b, &v);
}

void test_run(struct builder *b)
{
	check_calls(b);
	check_interrupts(b);
	check_exception(b);
	check_write(b);
	check_write_each(b);
	check_arguments(b);
	check_without_buffer(b);
	check_blocked(b, SITUATION_SENDING, "sending");
	check_blocked(b, SITUATION_CALLING, "waiting for its call to be received");
	check_blocked(b, SITUATION_RECEIVING, "receiving");
	check_blocked_written(b);
	check_server(b, MESSAGE_REGISTERS);
	check_server(b, MESSAGE_REGISTERS + 1);
	check_peers(b);
	check_notified(b);
	check_start(b);
	check_wild_ip(b);
	check_wild_sp(b);
	check_wild_registers(b);
	check_reservation(b);
}
