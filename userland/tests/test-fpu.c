/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FP and vector state: only threads that were given memory for it have it, each its own, kept across calls,
 * time slices and faults; nothing of it is seen by anybody else.
 */
#include "placing.h"

enum { ROUNDS = 300, USERS = 3, POOL = 8192 };

static struct user {
	struct worker worker;
	word_t value, wrong, first, rounds;
} users[USERS];

static handle_t done;
static bool has_unit;

/* Finds the initial state, then keeps a value of its own in a register while others do the same. */
static void keep_value(word_t index)
{
	struct user *u = &users[index];

	u->first = arch_vector_get();
	arch_vector_set(u->value);
	for (u->rounds = 0; u->rounds < ROUNDS; u->rounds++) {
		yield();
		u->wrong += arch_vector_get() != u->value;
	}
	(void)notification_signal(done, 1u << index);
}

static void touch(word_t unused)
{
	(void)unused;
	arch_vector_set(1);
}

static word_t state_size(void)
{
	struct system_state system;
	word_t size = POOL;

	require(system_info(PROGRAM_SYSTEM, &system));
	has_unit = system.fpu_size != 0;
	while (size < system.fpu_size)
		size *= 2;
	return size;
}

static void give_state(struct builder *b, handle_t thread)
{
	handle_t memory;

	require(build_object(b, KIND_UNTYPED, state_size(), &memory));
	require(thread_fpu(thread, memory));
	builder_put_slots(b, memory, 1);
}

/* Without memory for it the first use is the exception; with it, the same thread goes on. */
static void check_unavailable(struct builder *b)
{
	struct message m = {.tag = 0};
	struct thread_binding binding = {.what = CONFIGURE_HANDLER};
	struct worker w;

	require(build_object(b, KIND_ENDPOINT, 0, &binding.handler));
	require(worker_create(b, touch, 0, 90, &w));
	require(thread_configure(w.thread, &binding));
	require(worker_begin(&w));
	require(message_receive(binding.handler, &m, 0));
	check(tag_label(m.tag) == LABEL_EXCEPTION && m.w[0] == EXCEPTION_FPU, "a thread without state gets the exception FPU");
	m.tag = tag_make(ANSWER_STOP, 0, 0);
	require(message_answer(&m));
	give_state(b, w.thread);
	check_ok(thread_resume(w.thread), "it can be given state and go on");
	for (unsigned i = 0; i < ROUNDS; i++)
		yield();
	worker_destroy(b, &w);
	builder_release(b, binding.handler);
}

static void check_errors(struct builder *b)
{
	handle_t small, used, object, fresh;
	struct worker w;

	require(worker_create(b, touch, 0, 90, &w));
	require(build_object(b, KIND_UNTYPED, 64, &small));
	require(build_object(b, KIND_UNTYPED, state_size(), &used));
	require(untyped_create(used, KIND_ENDPOINT, 0, 1, 0, object = builder_take_slots(b, 1)));
	require(build_object(b, KIND_UNTYPED, state_size(), &fresh));
	check_error(thread_fpu(w.thread, small), ERROR_BAD_ARGUMENT, "an Untyped that is too small is refused");
	check_error(thread_fpu(w.thread, used), ERROR_BUSY, "one that is in use is refused");
	check_error(thread_fpu(w.thread, w.context), ERROR_WRONG_KIND, "what is no Untyped is refused");
	check_error(thread_fpu(w.thread, 0xffff), ERROR_BAD_HANDLE, "an empty slot is refused");
	check_error(thread_fpu(PROGRAM_THREAD, fresh), ERROR_BUSY, "a thread that runs gets none");
	check_ok(thread_fpu(w.thread, fresh), "a stopped thread gets it");
	builder_put_slots(b, fresh, 1);
	check_ok(thread_fpu(w.thread, HANDLE_NONE), "and can be left without again");
	worker_destroy(b, &w);
	builder_release(b, object);
	builder_release(b, used);
	builder_release(b, small);
}

static void check_switching(struct builder *b)
{
	word_t bits, seen = 0, wrong = 0, first = 0;

	require(build_object(b, KIND_NOTIFICATION, 0, &done));
	for (word_t i = 0; i < USERS; i++) {
		users[i].value = (i + 1) * (word_t)0x0101010101010101;
		require(worker_create(b, keep_value, i, 101, &users[i].worker));
		give_state(b, users[i].worker.thread);
	}
	for (word_t i = 0; i < USERS; i++)
		require(worker_begin(&users[i].worker));
	while (seen != (1u << USERS) - 1) {
		require(notification_wait(done, &bits));
		seen |= bits;
	}
	for (word_t i = 0; i < USERS; i++) {
		wrong += users[i].wrong;
		first |= users[i].first;
		worker_destroy(b, &users[i].worker);
	}
	check_equal(first, 0, "state begins as zero, whatever others left in the registers");
	check_equal(wrong, 0, "each thread finds its own values after every switch");
	builder_release(b, done);
}

/* ---- across cores ---- */

enum { MOVES = 8, LABEL = 1 };

static handle_t server;

/* Calls with a value in a register and looks whether it is there afterwards. */
static void call_with_value(word_t index)
{
	struct user *u = &users[index];

	for (u->rounds = 0; u->rounds < MOVES; u->rounds++) {
		struct message m = {.tag = 0};

		arch_vector_set(u->value + u->rounds);
		(void)object_call(server, LABEL, 0, &m);
		u->wrong += arch_vector_get() != u->value + u->rounds;
	}
	(void)notification_signal(done, 1);
}

/* Its context is moved while its call waits to be received: it goes there when it is received, with its registers. */
static void check_moved(struct builder *b)
{
	struct user *u = &users[0];
	struct message m;
	unsigned waited = 0;
	word_t bits;

	*u = (struct user){.value = 0x1111111111111111};
	require(build_object(b, KIND_NOTIFICATION, 0, &done));
	require(build_object(b, KIND_ENDPOINT, 0, &server));
	require(worker_create(b, call_with_value, 0, 101, &u->worker));
	give_state(b, u->worker.thread);
	require(worker_begin(&u->worker));
	for (unsigned i = 0; i < MOVES; i++) {
		waited += comes_into(u->worker.thread, THREAD_SENDING);
		place(&u->worker, i + 1);
		require(message_receive(server, &m, 0));
		m.tag = tag_make(0, 0, 0);
		require(message_answer(&m));
	}
	require(notification_wait(done, &bits));
	check_equal(waited, MOVES, "a call can wait on another core than its context's");
	check_equal(u->wrong, 0, "a thread that is moved while it waits keeps its values");
	worker_destroy(b, &u->worker);
	builder_release(b, server);
	builder_release(b, done);
}

void test_run(struct builder *b)
{
	(void)state_size();
	if (!check(has_unit, "this machine has FP and vector registers"))
		return;
	check_unavailable(b);
	check_errors(b);
	check_switching(b);
	check_moved(b);
}
