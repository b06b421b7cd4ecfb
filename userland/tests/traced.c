/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Not of the suite: the program whose trace `ci/trace` is tried on. A client calls a server, a victim faults, a spinner is preempted; each
 * core has a ring, and all of it is printed at the end.
 */
#include "placing.h"
#include "print.h"
#include "timing.h"
#include "trace.h"
#include "victim.h"

enum { RINGS_MAX = 4, RING_SIZE = 4 * PAGE_SIZE, CALLS = 5, SERVER_PRIORITY = 110, LOW_PRIORITY = 50, LABEL_WORK = 7, PATIENCE = 50 };

static const word_t mask = TRACE_ALL & ~(1 << TRACE_MAP | 1 << TRACE_UNMAP | 1 << TRACE_REVOKE | 1 << TRACE_CREATE | 1 << TRACE_DESTROY);

static volatile word_t turns[RINGS_MAX];

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

static void spin(word_t number)
{
	for (;;)
		turns[number]++;
}

/* Waits until each spinner has run: on a slow machine the time may have come before the test waits. */
static void let_spin(unsigned spinners)
{
	unsigned running = 0;

	for (unsigned i = 0; i < spinners; i++)
		turns[i] = 0;
	for (unsigned patience = PATIENCE; patience > 0 && running < spinners; patience--) {
		wait_until(arch_counter() + microseconds(20000));
		running = 0;
		for (unsigned i = 0; i < spinners; i++)
			running += turns[i] != 0;
	}
	check_equal(running, spinners, "all spinners run");
}

static void touch(word_t address)
{
	*(volatile word_t *)address = 1;
}

static void act(const struct victim *v, handle_t endpoint, uintptr_t nowhere, unsigned spinners)
{
	struct message m = {.tag = 0};

	for (unsigned i = 0; i < CALLS; i++)
		require(object_call(endpoint, LABEL_WORK, 1, &m));
	victim_begin(v);
	check(victim_faults(v, nowhere, RIGHT_WRITE, &m), "the victim faults");
	(void)victim_answer(ANSWER_STOP, 0, 0, 0);
	let_spin(spinners);
}

static void start(struct builder *b, const char *name, void (*entry)(word_t), word_t argument, word_t priority, unsigned core, struct worker *w)
{
	require(worker_create(b, entry, argument, priority, w));
	require(thread_name(w->thread, trace_name(name)));
	place(w, core);
	require(worker_begin(w));
}

void test_run(struct builder *b)
{
	static struct trace_reader reader[RINGS_MAX];
	uintptr_t nowhere = builder_take_addresses(b, PAGE_SIZE, PAGE_SIZE);
	unsigned rings = cores_count() < RINGS_MAX ? cores_count() : RINGS_MAX;
	struct worker server, spinner[RINGS_MAX];
	handle_t memory[RINGS_MAX], endpoint;
	void *address[RINGS_MAX];
	struct victim v;

	timing_open(b);
	require(thread_name(PROGRAM_THREAD, trace_name("client")));
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(victim_create(b, touch, nowhere, &v));
	require(thread_name(v.worker.thread, trace_name("victim")));
	start(b, "server", serve, endpoint, SERVER_PRIORITY, 0, &server);
	for (unsigned i = 0; i < rings; i++)
		start(b, "spinner", spin, i, LOW_PRIORITY, i, &spinner[i]);
	for (unsigned i = 0; i < rings; i++) {
		require(build_mapped(b, RING_SIZE, RIGHT_READ, &memory[i], &address[i]));
		require(system_trace_attach(PROGRAM_SYSTEM, i, memory[i], mask));
	}
	act(&v, endpoint, nowhere, rings);
	for (unsigned i = 0; i < rings; i++) {
		require(system_trace_detach(PROGRAM_SYSTEM, i));
		trace_reader_init(&reader[i], address[i]);
		trace_print(&reader[i], test_info()->frequency);
	}
	for (unsigned i = rings; i-- > 0;)
		builder_release(b, memory[i]);
	for (unsigned i = rings; i-- > 0;)
		worker_destroy(b, &spinner[i]);
	worker_destroy(b, &server);
	victim_destroy(b, &v);
	builder_release(b, endpoint);
	timing_close(b);
}
