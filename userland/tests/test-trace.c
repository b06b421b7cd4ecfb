/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's trace: who may attach a ring and to what, what is in it after a known sequence of operations, and what becomes of
 * it when it is full, read while it is written, or loses its memory.
 */
#include "trace.h"
#include "placing.h"
#include "timing.h"
#include "victim.h"

#include <string.h>

enum { EVENTS_MAX = 1024, RING_SIZE = 16 * PAGE_SIZE, CALLS = 20, SERVER_PRIORITY = 110, LOW_PRIORITY = 50, LABEL_WORK = 7, PATIENCE = 5000 };

static handle_t memory; /* of the ring */
static void *view;      /* where the test sees it, through a mapping of its own */
static uint64_t me;     /* the test's name */

static struct trace_event event[EVENTS_MAX]; /* what was collected */
static unsigned events;

/* ---- help ---- */

static word_t bit(enum trace_kind kind)
{
	return (word_t)1 << kind;
}

static const struct trace_ring *ring_at(const void *address)
{
	return address;
}

static void begin(word_t mask)
{
	require(system_trace_attach(PROGRAM_SYSTEM, 0, memory, mask));
}

static void collect_from(const void *ring)
{
	static struct trace_reader reader;

	trace_reader_init(&reader, ring);
	for (events = 0; events < EVENTS_MAX && trace_read(&reader, &event[events]); events++)
		;
}

/* The ring of core 0 is done. */
static void end(void)
{
	require(system_trace_detach(PROGRAM_SYSTEM, 0));
	collect_from(view);
}

static unsigned count(enum trace_kind kind)
{
	unsigned n = 0;

	for (unsigned i = 0; i < events; i++)
		n += event[i].kind == kind;
	return n;
}

/* The first event of a kind that `name` did, from number `at` on; NULL: there is none. */
static const struct trace_event *find(unsigned at, enum trace_kind kind, uint64_t name)
{
	for (unsigned i = at; i < events; i++)
		if (event[i].kind == kind && event[i].name == name)
			return &event[i];
	return NULL;
}

static unsigned count_passages(uint64_t name, uint64_t other, bool answer)
{
	unsigned n = 0;

	for (unsigned i = 0; i < events; i++)
		n += event[i].kind == TRACE_MESSAGE && event[i].name == name && event[i].other == other && event[i].b == answer;
	return n;
}

static unsigned count_switches(uint64_t name, uint64_t other)
{
	unsigned n = 0;

	for (unsigned i = 0; i < events; i++)
		n += event[i].kind == TRACE_SWITCH && event[i].name == name && event[i].other == other && event[i].a == 1;
	return n;
}

/* Numbers without a gap, times that never go back, the core's own number. */
static bool in_order(unsigned core)
{
	for (unsigned i = 0; i < events; i++) {
		if (event[i].core != core || event[i].kind >= TRACE_KINDS)
			return false;
		if (i > 0 && (event[i].number != event[i - 1].number + 1 || event[i].time < event[i - 1].time))
			return false;
	}
	return true;
}

/* ---- who and what ---- */

static void check_rights(struct builder *b)
{
	handle_t powerless;

	require(build_derived(b, PROGRAM_SYSTEM, RIGHTS_ALL & ~(word_t)RIGHT_TRACE, 0, &powerless));
	check_error(system_trace_attach(powerless, 0, memory, TRACE_ALL), ERROR_NO_RIGHTS, "attaching a ring takes the right trace");
	begin(TRACE_ALL);
	check_error(system_trace_mask(powerless, 0, 0), ERROR_NO_RIGHTS, "changing its mask does");
	check_error(system_trace_detach(powerless, 0), ERROR_NO_RIGHTS, "detaching it does");
	end();
	check(events > 0 && in_order(0), "what was refused left the ring as it was");
	builder_release(b, powerless);
}

static void check_memory_kinds(struct builder *b)
{
	handle_t odd, endpoint, read_only, write_only, device = builder_take_slots(b, 1);

	require(build_object(b, KIND_MEMORY, 3 * PAGE_SIZE, &odd));
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(build_derived(b, memory, RIGHT_READ, 0, &read_only));
	require(build_derived(b, memory, RIGHT_WRITE, 0, &write_only));
	check_error(system_trace_attach(PROGRAM_SYSTEM, 0, HANDLE_NONE, 0), ERROR_BAD_HANDLE, "a ring needs a Memory");
	check_error(system_trace_attach(PROGRAM_SYSTEM, 0, endpoint, 0), ERROR_WRONG_KIND, "an Endpoint is none");
	check_error(system_trace_attach(PROGRAM_SYSTEM, 0, read_only, 0), ERROR_NO_RIGHTS, "it needs the right to write");
	check_error(system_trace_attach(PROGRAM_SYSTEM, 0, write_only, 0), ERROR_NO_RIGHTS, "and to read");
	check_error(system_trace_attach(PROGRAM_SYSTEM, 0, odd, 0), ERROR_BAD_ARGUMENT, "its size must be a power of two");
	if (untyped_create(PROGRAM_DEVICE, KIND_MEMORY, PAGE_SIZE, 1, MEMORY_DEVICE, device) == OK)
		check_error(system_trace_attach(PROGRAM_SYSTEM, 0, device, 0), ERROR_WRONG_KIND, "it must be RAM");
	builder_release(b, device);
	builder_release(b, write_only);
	builder_release(b, read_only);
	builder_release(b, endpoint);
	builder_release(b, odd);
}

static void check_arguments(void)
{
	const word_t huge = (word_t)1 << 32;

	check_error(system_trace_attach(PROGRAM_SYSTEM, cores_count(), memory, 0), ERROR_BAD_ARGUMENT, "there is no core behind the last");
	check_error(system_trace_attach(PROGRAM_SYSTEM, ~(word_t)0, memory, 0), ERROR_BAD_ARGUMENT, "nor one of the highest number");
	check_error(system_trace_attach(PROGRAM_SYSTEM, 0, memory, TRACE_ALL + 1), ERROR_BAD_ARGUMENT, "an unknown kind is refused");
	check_error(system_trace_attach(PROGRAM_SYSTEM, 0, memory, huge), ERROR_BAD_ARGUMENT, "in the upper half too");
	check_error(system_trace_detach(PROGRAM_SYSTEM, 0), ERROR_BAD_ARGUMENT, "no ring can be detached that is not there");
	check_error(system_trace_detach(PROGRAM_SYSTEM, cores_count()), ERROR_BAD_ARGUMENT, "nor that of a core that is not there");
	check_error(system_trace_mask(PROGRAM_SYSTEM, 0, 1), ERROR_BAD_ARGUMENT, "a mask needs a ring");
	begin(0);
	check_error(system_trace_attach(PROGRAM_SYSTEM, 0, memory, 0), ERROR_BUSY, "a core has one ring");
	check_error(system_trace_mask(PROGRAM_SYSTEM, 0, TRACE_ALL + 1), ERROR_BAD_ARGUMENT, "a mask has no unknown kind");
	check_error(system_trace_mask(PROGRAM_SYSTEM, cores_count(), 1), ERROR_BAD_ARGUMENT, "a mask is for a core that is there");
	check(ring_at(view)->capacity == RING_SIZE / sizeof(struct trace_event) - 1 && ring_at(view)->core == 0, "a ring tells its size and core");
	end();
	check_equal(events, 0, "with no kind in the mask nothing is written");
}

/* ---- known sequences ---- */

static void serve(word_t endpoint)
{
	struct message m;

	(void)message_receive(endpoint, &m, 0);
	for (;;) {
		m.tag = tag_make(OK, 1, 0);
		if (message_answer_receive(endpoint, &m) != OK)
			return;
	}
}

static unsigned count_traps(uint64_t name, word_t to, word_t from)
{
	unsigned n = 0;

	for (unsigned i = 0; i < events; i++)
		n += (event[i].kind == TRACE_IPC || event[i].kind == TRACE_IPC_FAST) && event[i].name == name && event[i].a == to && event[i].b == from;
	return n;
}

static void check_calls(struct builder *b)
{
	uint64_t server = trace_name("server");
	struct worker worker;
	struct message m = {.tag = 0};
	handle_t endpoint;

	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(worker_create(b, serve, endpoint, SERVER_PRIORITY, &worker));
	require(thread_name(worker.thread, server));
	require(worker_begin(&worker));
	begin(bit(TRACE_IPC) | bit(TRACE_IPC_FAST) | bit(TRACE_MESSAGE) | bit(TRACE_SWITCH));
	for (unsigned i = 0; i < CALLS; i++)
		require(object_call(endpoint, LABEL_WORK, 1, &m));
	end();
	check(in_order(0), "events come in the order of their times and numbers");
	check_equal(count_traps(me, endpoint, HANDLE_NONE), CALLS, "each call is one trap");
	check_equal(count_traps(server, HANDLE_REPLY, endpoint), CALLS, "each reply-and-wait is one trap");
	check_equal(count_passages(me, server, false), CALLS, "each call passes one message");
	check_equal(count_passages(server, me, true), CALLS, "each answer does, back");
	check_equal(count_switches(me, server), CALLS, "each call switches to the server");
	check_equal(count_switches(server, me), CALLS, "each answer switches back");
	check_equal(count(TRACE_MESSAGE), 2 * CALLS, "no other message passed");
	check(find(0, TRACE_MESSAGE, me) != NULL && find(0, TRACE_MESSAGE, me)->code == (tag_make(LABEL_WORK, 1, 0) | TAG_CALL),
	      "a message shows its tag");
	check(find(0, TRACE_SWITCH, me) != NULL && find(0, TRACE_SWITCH, me)->code == TRACE_BLOCKED, "a caller stops running because it waits");
	worker_destroy(b, &worker);
	builder_release(b, endpoint);
}

/* Calls and answers with any number of words, to a server that waits, leave the fast path nowhere. */
static void check_fast(struct builder *b)
{
	struct worker worker;
	struct message m = {.tag = 0};
	handle_t endpoint, empty = builder_take_slots(b, 1);

	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(worker_create(b, serve, endpoint, SERVER_PRIORITY, &worker));
	require(worker_begin(&worker));
	begin(bit(TRACE_IPC) | bit(TRACE_IPC_FAST));
	for (unsigned words = 0; words <= MESSAGE_WORDS; words++)
		require(object_call(endpoint, LABEL_WORK, words, &m));
	for (unsigned i = 0; i < CALLS; i++)
		(void)object_call(empty, LABEL_WORK, 0, &m);
	end();
	check_equal(count_traps(me, empty, HANDLE_NONE), CALLS, "calls that are refused are events");
	check_equal(count(TRACE_IPC_FAST), 2 * (MESSAGE_WORDS + 1) + CALLS, "they, calls of 0 to 64 words and their answers take the fast path");
	check_equal(count(TRACE_IPC), 1, "the only other trap is that which ends the trace");
	worker_destroy(b, &worker);
	builder_release(b, endpoint);
	builder_put_slots(b, empty, 1);
}

static struct {
	handle_t here, there;
} rally;

/* Waits for a signal and sends one back, in two calls or in one. */
static void returns(word_t unused)
{
	struct message m;
	word_t bits;

	(void)unused;
	for (;;) {
		if (notification_wait(rally.there, &bits) != OK)
			return;
		m = (struct message){.tag = tag_make(NOTIFICATION_SIGNAL, 1, 0), .w = {bits}};
		(void)ipc(rally.here, rally.there, &m);
		(void)notification_signal(rally.here, m.badge);
	}
}

/* Neither do signals and waits between two threads, and yields. */
static void check_fast_signals(struct builder *b)
{
	struct worker worker;
	word_t bits;

	require(build_object(b, KIND_NOTIFICATION, 0, &rally.here));
	require(build_object(b, KIND_NOTIFICATION, 0, &rally.there));
	require(worker_create(b, returns, 0, SERVER_PRIORITY, &worker));
	require(worker_begin(&worker));
	begin(bit(TRACE_IPC) | bit(TRACE_IPC_FAST) | bit(TRACE_SIGNAL) | bit(TRACE_SWITCH));
	for (unsigned i = 0; i < 2 * CALLS; i++) {
		require(notification_signal(rally.there, 1));
		require(notification_wait(rally.here, &bits));
	}
	for (unsigned i = 0; i < CALLS; i++)
		yield();
	end();
	check_equal(count_traps(0, rally.there, HANDLE_NONE) + count_traps(me, rally.there, HANDLE_NONE), 2 * CALLS, "signals take the fast path");
	check_equal(count(TRACE_IPC_FAST), 4 * CALLS + 3 * CALLS + CALLS, "so do waits, a signal and a wait in one call, and yields");
	check_equal(count(TRACE_SIGNAL), 4 * CALLS, "each signal is an event there, too");
	check(count(TRACE_SWITCH) >= 2 * CALLS, "and each switch");
	worker_destroy(b, &worker);
	builder_release(b, rally.there);
	builder_release(b, rally.here);
}

static void check_signals(struct builder *b)
{
	handle_t notification;
	word_t bits;

	require(build_object(b, KIND_NOTIFICATION, 0, &notification));
	begin(bit(TRACE_SIGNAL));
	for (unsigned i = 0; i < CALLS; i++)
		require(notification_signal(notification, 5));
	require(notification_wait(notification, &bits));
	end();
	check(events == CALLS && count(TRACE_SIGNAL) == CALLS, "with one kind in the mask only that is written: a signal is one event");
	check(event[0].code == 5 && event[0].name == me && event[0].other == 0, "it shows its bits and who signals");
	builder_release(b, notification);
}

/* An operation of the kernel's own objects. */
static void check_objects(struct builder *b)
{
	uintptr_t address = builder_take_addresses(b, PAGE_SIZE, PAGE_SIZE);
	handle_t page;

	begin(bit(TRACE_CREATE) | bit(TRACE_MAP) | bit(TRACE_UNMAP) | bit(TRACE_REVOKE) | bit(TRACE_DESTROY));
	require(build_object(b, KIND_MEMORY, PAGE_SIZE, &page));
	require(memory_map(page, PROGRAM_SPACE, address, RIGHT_READ));
	require(memory_unmap(page));
	builder_release(b, page);
	end();
	check_equal(events, 5, "create, map, unmap, revoke and destroy are one event each");
	check(event[0].kind == TRACE_CREATE && event[0].code == KIND_MEMORY && event[0].a == 1 && event[0].b == PAGE_SIZE && event[0].name == me,
	      "create shows kind, count and size");
	check(event[1].kind == TRACE_MAP && event[1].a == address && event[1].b == PAGE_SIZE && event[1].code == RIGHT_READ, "map shows address, size and access");
	check(event[2].kind == TRACE_UNMAP && event[2].a == address && event[2].code == 1, "unmap shows address and entries");
	check(event[3].kind == TRACE_REVOKE && event[3].code == KIND_MEMORY, "a step of a delete shows the kind of what goes");
	check(event[4].kind == TRACE_DESTROY && event[4].code == KIND_MEMORY, "the end of an object shows its kind");
	b->address = address;
}

/* ---- switches ---- */

static volatile word_t turns;

static __attribute__((noinline)) void spin(word_t unused)
{
	(void)unused;
	for (;;)
		turns++;
}

/* Is this ip in spin() and nowhere else? The function is shorter than that on every machine. */
static bool spins(uint64_t ip)
{
	return ip >= (uintptr_t)spin && ip < (uintptr_t)spin + 128;
}

static const struct trace_event *first_switch(uint64_t name, uint64_t other)
{
	for (unsigned i = 0; i < events; i++)
		if (event[i].kind == TRACE_SWITCH && event[i].name == name && event[i].other == other && event[i].a == 1)
			return &event[i];
	return NULL;
}

/* The test waits, the spinner runs, the timer wakes the test. On a slow machine the time may have come before it waits. */
static bool preempts(void)
{
	begin(bit(TRACE_SWITCH) | bit(TRACE_TIMER));
	wait_until(arch_counter() + microseconds(10000));
	end();
	return first_switch(me, trace_name("spinner")) != NULL && first_switch(trace_name("spinner"), me) != NULL;
}

static void check_preempted(struct builder *b)
{
	const struct trace_event *to, *back;
	struct worker worker;

	require(worker_create(b, spin, 0, LOW_PRIORITY, &worker));
	require(thread_name(worker.thread, trace_name("spinner")));
	require(worker_begin(&worker));
	while (turns == 0)
		wait_until(arch_counter() + microseconds(2000));
	check(one_of_several(preempts), "a switch is an event with both names");
	to = first_switch(me, trace_name("spinner"));
	back = first_switch(trace_name("spinner"), me);
	check(to != NULL && to->code == TRACE_BLOCKED, "it says that who waits was blocked");
	check(back != NULL && back->code == TRACE_PREEMPTED, "and who could go on was preempted");
	check(back != NULL && spins(back->ip), "and where the preempted thread was");
	check(count(TRACE_TIMER) >= 1, "what preempted it is there too");
	check(in_order(0), "all of it in order");
	worker_destroy(b, &worker);
}

/* With nobody to run the core idles, and comes back to the same thread. */
static bool idles(void)
{
	begin(bit(TRACE_SWITCH));
	wait_until(arch_counter() + microseconds(10000));
	end();
	return events >= 2 && event[0].a == 0;
}

static void check_idle(void)
{
	bool whole;

	check(one_of_several(idles), "the last one to wait leaves the core idle");
	whole = events >= 2 && event[0].name == me && event[0].code == TRACE_BLOCKED;
	for (unsigned i = 1; i < events && whole; i++)
		whole = event[i - 1].a == 1 ? event[i].name == event[i - 1].other : event[i].code == TRACE_WAS_IDLE && event[i].a == 1;
	check(whole, "each switch begins with whom the one before ended, idle cores too");
	check(events >= 2 && event[events - 1].other == me, "and the last leads back to who waited");
}

static void stop_self(word_t unused)
{
	(void)unused;
}

static void check_left(struct builder *b)
{
	uint64_t name = trace_name("leaver");
	struct worker worker;
	const struct trace_event *e;

	require(worker_create(b, stop_self, 0, SERVER_PRIORITY, &worker));
	require(thread_name(worker.thread, name));
	begin(bit(TRACE_SWITCH));
	require(worker_begin(&worker));
	end();
	e = find(0, TRACE_SWITCH, name);
	check(e != NULL && e->code == TRACE_LEFT && e->other == me, "who has stopped is known by its name nevertheless");
	worker_destroy(b, &worker);
}

/* ---- faults ---- */

static void touch(word_t address)
{
	*(volatile word_t *)address = 1;
}

static void check_faults(struct builder *b)
{
	uintptr_t nowhere = builder_take_addresses(b, PAGE_SIZE, PAGE_SIZE);
	uint64_t name = trace_name("victim");
	const struct trace_event *e;
	struct victim v;
	struct message m;

	require(victim_create(b, touch, nowhere, &v));
	require(thread_name(v.worker.thread, name));
	begin(bit(TRACE_FAULT) | bit(TRACE_EXCEPTION) | bit(TRACE_MESSAGE));
	victim_begin(&v);
	(void)victim_faults(&v, nowhere, RIGHT_WRITE, &m);
	(void)victim_answer(ANSWER_STOP, 0, 0, 0);
	require(thread_recall(v.worker.thread));
	victim_begin(&v);
	(void)victim_raises(&v, EXCEPTION_RECALLED, &m);
	(void)victim_answer(ANSWER_STOP, 0, 0, 0);
	end();
	e = find(0, TRACE_FAULT, name);
	check(count(TRACE_FAULT) == 1 && e != NULL && e->a == nowhere && e->b == RIGHT_WRITE && e->ip != 0, "a page fault shows address, access, place");
	e = find(0, TRACE_EXCEPTION, name);
	check(count(TRACE_EXCEPTION) == 1 && e != NULL && e->a == EXCEPTION_RECALLED, "an exception shows its kind");
	check_equal(count_passages(name, me, false), 2, "both pass as messages of who raised them");
	check_equal(count_passages(me, name, true), 2, "their answers too");
	victim_destroy(b, &v);
	b->address = nowhere;
}

/* ---- faults on the fast path ---- */

enum { TOUCHED = 8 };

static handle_t content;

/* Answers the first fault of each page with nothing, the second with the page. */
static void pages(word_t endpoint)
{
	struct message m;

	(void)message_receive(endpoint, &m, 0);
	for (bool give = false;; give = !give) {
		buffer_self()->item[0] = (struct item){.handle = content, .control = RIGHT_READ | RIGHT_WRITE | ITEM_MAP,
			.base = m.w[0] & (((word_t)1 << FAULT_WINDOW_SHIFT) - 1)};
		m.tag = tag_make(ANSWER_RETRY, 0, give);
		(void)message_answer_receive(endpoint, &m);
	}
}

static void touch_all(word_t address)
{
	for (unsigned i = 0; i < TOUCHED; i++)
		touch(address + i * PAGE_SIZE);
}

/* Page faults and their answers, with a page or without, leave the fast path nowhere either. */
static void check_fast_faults(struct builder *b)
{
	uintptr_t nowhere = builder_take_addresses(b, TOUCHED * PAGE_SIZE, PAGE_SIZE);
	struct worker pager;
	struct victim v;

	require(build_object(b, KIND_MEMORY, PAGE_SIZE, &content));
	require(victim_create(b, touch_all, nowhere, &v));
	require(worker_create(b, pages, v.endpoint, VICTIM_PRIORITY, &pager));
	require(worker_begin(&pager));
	begin(bit(TRACE_IPC) | bit(TRACE_IPC_FAST) | bit(TRACE_FAULT) | bit(TRACE_MESSAGE) | bit(TRACE_SWITCH));
	victim_begin(&v);
	end();
	check_equal(count(TRACE_FAULT), 2 * TOUCHED, "each page faults twice");
	check_equal(count_traps(0, HANDLE_NONE, HANDLE_NONE), 2 * TOUCHED, "all faults take the fast path");
	check_equal(count_traps(0, HANDLE_REPLY, v.endpoint), 2 * TOUCHED, "and so do all answers, with a page and without");
	check_equal(count(TRACE_IPC_FAST), 4 * TOUCHED + 1, "each is one event, and this thread's yield");
	worker_destroy(b, &pager);
	victim_destroy(b, &v);
	require(space_unmap(PROGRAM_SPACE, nowhere, TOUCHED * PAGE_SIZE));
	builder_release(b, content);
	b->address = nowhere;
}

/* ---- long operations ---- */

/* A revoke of many gives way when something came meanwhile; if nothing did, it is tried again. */
static void check_preemption(struct builder *b)
{
	enum { CROWD = 512, ROUNDS = 200 };
	handle_t page, slots = builder_take_slots(b, CROWD), timer;
	unsigned seen = 0;

	require(build_object(b, KIND_MEMORY, PAGE_SIZE, &page));
	require(build_object(b, KIND_NOTIFICATION, 0, &timer));
	for (unsigned round = 0; round < ROUNDS && seen == 0; round++) {
		for (unsigned i = 0; i < CROWD; i++)
			require(memory_derive(page, 0, 0, RIGHT_READ, slots + i));
		begin(bit(TRACE_PREEMPTION));
		require(notification_arm(timer, 1, arch_counter() + microseconds(5 * round % 400), 0));
		require(space_revoke(PROGRAM_SPACE, page));
		end();
		seen = count(TRACE_PREEMPTION);
	}
	check(seen >= 1 && event[0].name == me, "a long operation that gives way is an event");
	builder_release(b, timer);
	builder_release(b, page);
	builder_put_slots(b, slots, CROWD);
}

/* ---- the ring itself ---- */

static void fill(handle_t notification, unsigned signals)
{
	for (unsigned i = 0; i < signals; i++)
		require(notification_signal(notification, i + 1));
}

static void check_lap(struct builder *b)
{
	static struct trace_reader reader;
	struct trace_event e;
	handle_t notification, page;
	void *address;
	unsigned capacity = PAGE_SIZE / sizeof e - 1, n;

	require(build_object(b, KIND_NOTIFICATION, 0, &notification));
	require(build_mapped(b, PAGE_SIZE, RIGHT_READ, &page, &address));
	check_ok(system_trace_attach(PROGRAM_SYSTEM, 0, page, bit(TRACE_SIGNAL)), "a ring may be one page");
	trace_reader_init(&reader, address);
	check(!trace_read(&reader, &e), "a new ring has nothing to read");
	fill(notification, 1);
	check(trace_read(&reader, &e) && e.number == 0 && e.code == 1 && !trace_read(&reader, &e), "one event can be read at once, once");
	fill(notification, capacity - 2);
	for (n = 1; trace_read(&reader, &e) && e.number == n && e.code == n; n++)
		;
	check(n == capacity - 1 && reader.lost == 0, "a ring is read up to its end");
	fill(notification, 3 * capacity);
	check(trace_read(&reader, &e) && reader.lost > 0 && e.number == reader.lost + capacity - 1, "a reader that was lapped notices how many it lost");
	for (n = 1; trace_read(&reader, &e); n++)
		;
	check(n == capacity - 1 && e.number == ring_at(address)->head - 1, "what is left is the newest, all of it");
	check_equal(ring_at(address)->head, 4 * capacity - 1, "the head counts all that was ever written");
	require(system_trace_detach(PROGRAM_SYSTEM, 0));
	check_equal(ring_at(address)->head, 4 * capacity - 1, "detaching writes nothing");
	builder_release(b, page);
	builder_release(b, notification);
	b->address = (uintptr_t)address;
}

/* What user level writes into the ring confuses nobody but itself. */
static void check_untrusted(struct builder *b)
{
	handle_t notification, page, guard;
	struct trace_ring *ring;
	void *address;
	unsigned good = 0;

	require(build_object(b, KIND_NOTIFICATION, 0, &notification));
	require(build_mapped(b, 2 * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &page, &address));
	guard = builder_take_slots(b, 1);
	require(memory_derive(page, 0, PAGE_SIZE, RIGHTS_ALL, guard));
	require(system_trace_attach(PROGRAM_SYSTEM, 0, guard, bit(TRACE_SIGNAL)));
	ring = address;
	memset((char *)address + PAGE_SIZE, 0x5a, PAGE_SIZE);
	for (unsigned i = 0; i < 300; i++) {
		memset(address, 0xff, PAGE_SIZE);
		require(notification_signal(notification, 1));
		good += ring->head == i + 1;
	}
	check_equal(good, 300, "the head goes on from what the kernel knows, whatever is written there");
	for (unsigned i = 0; i < PAGE_SIZE; i++)
		good -= ((const char *)address)[PAGE_SIZE + i] != 0x5a;
	check_equal(good, 300, "and nothing is written beside the ring");
	require(system_trace_detach(PROGRAM_SYSTEM, 0));
	builder_release(b, guard);
	builder_release(b, page);
	builder_release(b, notification);
	b->address = (uintptr_t)address;
}

static void check_pause(struct builder *b)
{
	handle_t notification;
	uint64_t head;

	require(build_object(b, KIND_NOTIFICATION, 0, &notification));
	begin(bit(TRACE_SIGNAL));
	fill(notification, 3);
	check_ok(system_trace_mask(PROGRAM_SYSTEM, 0, 0), "a mask of nothing is a pause");
	head = ring_at(view)->head;
	fill(notification, 3);
	check(head == 3 && ring_at(view)->head == 3, "in which nothing is written");
	check_ok(system_trace_mask(PROGRAM_SYSTEM, 0, bit(TRACE_SIGNAL) | bit(TRACE_CREATE)), "then it can go on");
	fill(notification, 3);
	end();
	check(events == 6 && in_order(0), "behind what was there");
	builder_release(b, notification);
}

/* ---- the Memory goes ---- */

static enum error take_away(struct builder *b, unsigned way, handle_t part)
{
	switch (way) {
	case 0:
		return space_revoke(PROGRAM_SPACE, part);
	case 1:
		return space_delete(PROGRAM_SPACE, part);
	case 2:
		return space_revoke(b->space, memory);
	default:
		return memory_revoke(memory, 0, 0);
	}
}

static const char *const ways[] = {"revoke", "delete", "revoke of the Memory above", "revoke of a range"};

/* The ring of `core`, on which somebody makes events all the time, loses its Memory. */
static void check_taken(struct builder *b, word_t core, unsigned way)
{
	handle_t part = builder_take_slots(b, 1);
	uint64_t head;

	require(memory_derive(memory, 0, 0, RIGHTS_ALL, part));
	require(system_trace_attach(PROGRAM_SYSTEM, core, part, TRACE_ALL));
	head = ring_at(view)->head;
	for (unsigned patience = 0; patience < PATIENCE && ring_at(view)->head < head + 10; patience++)
		wait_until(arch_counter() + microseconds(1000));
	check(ring_at(view)->head >= head + 10, "events come in");
	check_ok(take_away(b, way, part), ways[way]);
	head = ring_at(view)->head;
	for (unsigned i = 0; i < 200; i++)
		yield();
	check(ring_at(view)->head == head, "then the ring is detached: nothing is written there any more");
	check_error(system_trace_mask(PROGRAM_SYSTEM, core, 0), ERROR_BAD_ARGUMENT, "the core has no ring");
	(void)space_delete(PROGRAM_SPACE, part);
	builder_put_slots(b, part, 1);
	require(system_trace_attach(PROGRAM_SYSTEM, core, memory, TRACE_ALL));
	check_ok(system_trace_detach(PROGRAM_SYSTEM, core), "and can get another");
}

/* ---- several cores ---- */

static void chatter(word_t unused)
{
	(void)unused;
	for (;;)
		yield();
}

/* Each core writes into a ring of its own, all at once, while this core reads; every copy must be whole. */
static void check_cores(struct builder *b)
{
	enum { RINGS = 4, WANTED = 2000 };
	static struct trace_reader reader[RINGS];
	handle_t page[RINGS];
	struct worker worker[RINGS];
	void *address[RINGS];
	unsigned rings = cores_count() < RINGS ? cores_count() : RINGS, whole = 0, read = 0;
	struct trace_event e;

	for (unsigned i = 0; i < rings; i++) {
		require(build_mapped(b, PAGE_SIZE, RIGHT_READ, &page[i], &address[i]));
		require(worker_create(b, chatter, 0, 100, &worker[i]));
		require(thread_name(worker[i].thread, 100 + i));
		place(&worker[i], i);
		require(worker_begin(&worker[i]));
	}
	for (unsigned i = 0; i < rings; i++) {
		require(system_trace_attach(PROGRAM_SYSTEM, i, page[i], bit(TRACE_IPC)));
		trace_reader_init(&reader[i], address[i]);
	}
	for (unsigned patience = 0; patience < PATIENCE && read < WANTED;) {
		unsigned before = read;

		for (unsigned i = 0; i < rings; i++) {
			uint64_t next = reader[i].next, lost = reader[i].lost;

			if (!trace_read(&reader[i], &e))
				continue;
			read++;
			whole += e.core == i && e.kind == TRACE_IPC && e.number == next + (reader[i].lost - lost) &&
				 (e.name == 100 + i || (e.name == me && i == 0));
		}
		yield();
		if (read == before) { /* nothing came: others need time */
			wait_until(arch_counter() + microseconds(1000));
			patience++;
		}
	}
	check(read >= WANTED, "the rings of all cores fill while they are read");
	check_equal(whole, read, "each event that was read is whole, and of its own core");
	for (unsigned i = rings; i-- > 0;) {
		require(system_trace_detach(PROGRAM_SYSTEM, i));
		worker_destroy(b, &worker[i]);
		builder_release(b, page[i]);
	}
}

static void check_mail(struct builder *b)
{
	handle_t notification;
	unsigned last = cores_count() - 1;

	require(build_object(b, KIND_NOTIFICATION, last, &notification));
	begin(bit(TRACE_MAIL));
	require(notification_signal(notification, 1));
	end();
	if (last > 0)
		check(events == 1 && event[0].a == last && event[0].b == 0 && event[0].name == me, "a signal for another core is one mail");
	else
		check_equal(events, 0, "on one core a signal is no mail");
	builder_release(b, notification);
}

void test_run(struct builder *b)
{
	struct worker talker;

	timing_open(b);
	me = trace_name("tester");
	require(thread_name(PROGRAM_THREAD, me));
	require(build_object(b, KIND_MEMORY, RING_SIZE, &memory));
	view = (void *)builder_take_addresses(b, RING_SIZE, PAGE_SIZE);
	require(memory_map(memory, PROGRAM_SPACE, (uintptr_t)view, RIGHT_READ));
	check_rights(b);
	check_memory_kinds(b);
	check_arguments();
	check_calls(b);
	check_fast(b);
	check_fast_signals(b);
	check_signals(b);
	check_objects(b);
	check_preempted(b);
	check_idle();
	check_left(b);
	check_faults(b);
	check_fast_faults(b);
	check_preemption(b);
	check_lap(b);
	check_untrusted(b);
	check_pause(b);
	require(worker_create(b, chatter, 0, 100, &talker));
	place(&talker, cores_count() - 1);
	require(worker_begin(&talker));
	for (unsigned way = 0; way < sizeof ways / sizeof ways[0]; way++)
		check_taken(b, core_of(cores_count() - 1), way);
	worker_destroy(b, &talker);
	check_cores(b);
	check_mail(b);
	require(space_delete(PROGRAM_SPACE, memory));
	builder_put_slots(b, memory, 1);
	timing_close(b);
}
