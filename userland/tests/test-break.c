/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deadlines with BREAK: time-outs for send, call and receive. One ends what its thread waits for, whatever it is, and if
 * the thread does not wait yet, it ends the next wait: a time-out armed before a system call is never lost.
 */
#include "actor.h"
#include "timing.h"

enum { RACES = 150 };

static struct builder *b;
static handle_t n;        /* bound to the caller */
static handle_t other;    /* another Notification */
static handle_t endpoint; /* nobody receives from it, unless said */
static handle_t second;   /* so for this one */
static struct actor caller, server;

/* A deadline with BREAK passes. */
static void pass(handle_t notification)
{
	require(notification_arm(notification, 1, arch_counter(), ARM_BREAK));
	wait_now();
}

static bool nothing_in(handle_t from)
{
	struct message m;

	return message_receive(from, &m, TAG_NOWAIT_RECEIVE) == ERROR_WOULD_BLOCK;
}

/* ---- every way to wait ---- */

enum { SIX = MESSAGE_REGISTERS };

static const struct way {
	const char *blocked, *before;
	handle_t *to, *from;
	word_t tag;
	enum thread_state state;
	enum phase phase;
} ways[] = {
	{"a time-out ends a send", "a time-out before a send ends it", &endpoint, NULL, (word_t)1 << TAG_LABEL_SHIFT | SIX,
	 THREAD_SENDING, PHASE_SEND},
	{"a time-out ends a call that nobody has received", "a time-out before a call ends it", &endpoint, NULL, SIX | TAG_CALL,
	 THREAD_SENDING, PHASE_SEND},
	{"a time-out ends a send before its receive", "a time-out before a send and receive ends the send", &endpoint, &second, SIX,
	 THREAD_SENDING, PHASE_SEND},
	{"a time-out ends a receive", "a time-out before a receive ends it", NULL, &endpoint, 0, THREAD_RECEIVING, PHASE_RECEIVE},
	{"a time-out ends a receive behind a send", "a time-out before a send that need not wait ends the receive behind it",
	 &other, &endpoint, 0, THREAD_RECEIVING, PHASE_RECEIVE},
	{"a time-out ends a wait for its own Notification", "a time-out before a wait for its own Notification ends it", NULL, &n, 0,
	 THREAD_RECEIVING, PHASE_RECEIVE},
	{"a time-out ends a wait for another Notification", "a time-out before a wait for another Notification ends it", NULL, &other,
	 0, THREAD_RECEIVING, PHASE_RECEIVE},
};

static void start(const struct way *w)
{
	actor_start(&caller, w->to != NULL ? *w->to : HANDLE_NONE, w->from != NULL ? *w->from : HANDLE_NONE, w->tag, 0);
}

static bool ended(const struct way *w)
{
	return actor_failed(&caller, ERROR_DEADLINE, w->phase, 0, 0) && actor_state(&caller) == THREAD_STOPPED;
}

static void check_ways(void)
{
	for (unsigned i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		const struct way *w = &ways[i];
		bool waited;

		start(w);
		waited = actor_error(&caller) == ERROR_COUNT && actor_state(&caller) == w->state;
		pass(n);
		check(waited && ended(w) && nothing_in(endpoint), w->blocked);
		pass(n);
		start(w);
		check(ended(w) && nothing_in(endpoint), w->before);
		start(w);
		check(actor_error(&caller) == ERROR_COUNT, "but only one wait");
		require(thread_abort(caller.worker.thread));
	}
	check(nothing_in(n) && nothing_in(other), "a time-out sets no bits");
}

static void check_served(void)
{
	struct message m;

	actor_call(&caller, endpoint, 5);
	check(message_receive(endpoint, &m, 0) == OK && message_got(&m, tag_make(1, SIX, 0) | TAG_CALL, 0, 5),
	      "a call is received");
	check_equal(actor_state(&caller), THREAD_CALLING, "its caller waits for the answer");
	pass(n);
	yield(); /* serving it, this thread has the caller's priority */
	check(actor_failed(&caller, ERROR_DEADLINE, PHASE_RECEIVE, 0, 0), "a time-out ends that");
	m = message_make(tag_make(0, SIX, 0), 9);
	check_ok(message_answer(&m), "the late answer succeeds");
	check(actor_failed(&caller, ERROR_DEADLINE, PHASE_RECEIVE, 0, 0), "and changes nothing");
	m.tag = tag_make(0, 0, 0);
	check_error(message_answer(&m), ERROR_BAD_HANDLE, "then nobody waits for one");
	actor_receive(&server, endpoint);
	pass(n);
	actor_call(&caller, endpoint, 5);
	check(actor_failed(&caller, ERROR_DEADLINE, PHASE_SEND, 0, 0), "a time-out before a call ends it though a receiver waits");
	check(actor_error(&server) == ERROR_COUNT, "which receives nothing");
	require(thread_abort(server.worker.thread));
}

/* ---- what does not wait is not ended ---- */

static void check_kept(void)
{
	struct message m;

	pass(n);
	actor_start(&caller, HANDLE_NONE, endpoint, TAG_NOWAIT_RECEIVE, 0);
	check(actor_failed(&caller, ERROR_WOULD_BLOCK, PHASE_RECEIVE, 0, 0), "a receive that must not wait has no time-out");
	actor_start(&caller, endpoint, HANDLE_NONE, tag_make(1, SIX, 0) | TAG_NOWAIT_SEND, 0);
	check(actor_failed(&caller, ERROR_WOULD_BLOCK, PHASE_SEND, 0, 0), "neither has such a send");
	actor_start(&caller, other, HANDLE_NONE, tag_make(NOTIFICATION_SIGNAL, 1, 0) | TAG_CALL, 6);
	check_equal(actor_error(&caller), OK, "a message to a kernel object has none");
	actor_start(&caller, HANDLE_NONE, other, 0, 0);
	check(actor_signalled(&caller, 6), "nor has a wait whose bits are there");
	actor_receive(&server, endpoint);
	actor_send(&caller, endpoint, 7);
	check(actor_error(&caller) == OK && actor_got(&server, tag_make(1, SIX, 0), 0, 7), "nor a send whose receiver is there");
	actor_send(&server, endpoint, 8);
	actor_receive(&caller, endpoint);
	check(actor_got(&caller, tag_make(1, SIX, 0), 0, 8), "nor a receive whose sender is there");
	actor_start(&caller, HANDLE_NONE, HANDLE_NONE, 0, 0);
	check_equal(actor_error(&caller), OK, "nor a yield");
	actor_receive(&caller, endpoint);
	check(actor_failed(&caller, ERROR_DEADLINE, PHASE_RECEIVE, 0, 0), "the first wait after all these is ended");
	m = message_make(0, 0);
	check_error(message_receive(endpoint, &m, TAG_NOWAIT_RECEIVE), ERROR_WOULD_BLOCK, "nothing was sent twice");
}

static bool caller_waits(void)
{
	bool waits;

	actor_receive(&caller, endpoint);
	waits = actor_error(&caller) == ERROR_COUNT;
	require(thread_abort(caller.worker.thread));
	return waits;
}

static void check_cleared(void)
{
	bool armed = true;

	pass(n);
	check(notification_disarm(n, &armed) == OK && !armed, "disarm says that a time-out has passed");
	check(caller_waits(), "and takes it back");
	pass(n);
	require(notification_arm(n, 1, UINT64_MAX - 1, ARM_BREAK));
	check(caller_waits(), "arming anew takes it back");
	check(notification_disarm(n, &armed) == OK && armed, "and is in force");
	pass(n);
	require(notification_unbind(n));
	require(notification_bind(n, caller.worker.thread));
	check(caller_waits(), "unbinding takes it back");
	require(notification_unbind(n));
	pass(n);
	require(notification_bind(n, caller.worker.thread));
	check(caller_waits() && nothing_in(n), "a time-out of a Notification bound to nobody is for nobody");
	pass(n);
	require(notification_unbind(n));
	require(notification_bind(other, caller.worker.thread));
	check(caller_waits(), "another Notification does not inherit it");
	require(notification_unbind(other));
	require(notification_bind(n, caller.worker.thread));
	pass(n);
	pass(n);
	actor_receive(&caller, endpoint);
	check(actor_failed(&caller, ERROR_DEADLINE, PHASE_RECEIVE, 0, 0), "two time-outs that passed");
	check(caller_waits(), "are one");
	require(notification_arm(n, 1, 0, ARM_BREAK));
	require(notification_arm(n, 2, 0, 0));
	wait_now();
	actor_receive(&caller, endpoint);
	check(actor_signalled(&caller, 2), "a deadline with bits replaces one with BREAK");
}

/* ---- others ---- */

static void check_others(void)
{
	handle_t weak;

	require(build_derived(b, n, RIGHT_ARM, 0, &weak));
	actor_receive(&caller, endpoint);
	actor_receive(&server, endpoint);
	pass(weak);
	check(actor_failed(&caller, ERROR_DEADLINE, PHASE_RECEIVE, 0, 0), "who may arm may break");
	check(actor_error(&server) == ERROR_COUNT, "only the bound thread's wait");
	builder_release(b, weak);
	actor_receive(&caller, endpoint);
	require(notification_arm(n, 1, UINT64_MAX - 1, ARM_BREAK));
	require(notification_signal(n, 2));
	check(actor_signalled(&caller, 2), "a signal comes before the time-out");
	require(notification_disarm(n, NULL));
	require(thread_abort(server.worker.thread));
}

static void fault(word_t address)
{
	*(volatile word_t *)address = 1;
}

static void check_fault(void)
{
	const struct thread_binding pager = {.what = CONFIGURE_PAGER, .pager = second};
	struct thread_report report = {.state = THREAD_STOPPED};
	struct worker worker;
	struct message m;

	require(worker_create(b, fault, 64, ACTOR_PRIORITY, &worker));
	require(thread_configure(worker.thread, &pager));
	require(notification_bind(other, worker.thread));
	require(worker_begin(&worker));
	pass(other);
	check(thread_query(worker.thread, &report) == OK && report.state == THREAD_FAULTED, "a time-out leaves a fault alone");
	check(message_receive(second, &m, 0) == OK && tag_label(m.tag) == LABEL_PAGE_FAULT && m.w[0] == 64,
	      "the pager gets its message");
	pass(other);
	check(thread_query(worker.thread, &report) == OK && report.state == THREAD_FAULTED, "and the thread waits for its answer");
	m.tag = tag_make(ANSWER_STOP, 0, 0);
	check_ok(message_answer(&m), "which comes");
	require(notification_unbind(other));
	worker_destroy(b, &worker);
}

/* ---- races ---- */

/* What the racer does: arm for a moment near now, then wait. */
static struct {
	word_t lost, done;
} race;

static void run_races(word_t argument)
{
	uint64_t window = microseconds(40);
	struct message m;

	(void)argument;
	for (uint64_t i = 0; i < RACES; i++) {
		uint64_t deadline = arch_counter() + window * i / RACES;

		(void)notification_arm(other, 1, deadline, ARM_BREAK);
		race.lost += message_receive(endpoint, &m, 0) != ERROR_DEADLINE;
		(void)notification_arm(other, 1, arch_counter() + window * i / RACES, ARM_BREAK);
		m.tag = tag_make(1, SIX, 0);
		race.lost += message_call(second, &m) != ERROR_DEADLINE;
		deadline = arch_counter() + window * i / RACES;
		m = (struct message){.tag = tag_make(NOTIFICATION_ARM, 4, 0),
				     .w = {1, (uint32_t)deadline, (uint32_t)(deadline >> 32), ARM_BREAK}};
		race.lost += status_error(ipc(other, endpoint, &m)) != ERROR_DEADLINE;
	}
	race.done = 1;
}

static void check_races(void)
{
	struct worker worker;

	require(worker_create(b, run_races, 0, ACTOR_PRIORITY, &worker));
	require(notification_bind(other, worker.thread));
	require(worker_begin(&worker));
	for (unsigned i = 0; i < 2000 && !*(volatile word_t *)&race.done; i++)
		wait_until(arch_counter() + microseconds(200));
	check_equal(race.done, 1, "a time-out armed just before a wait is never lost");
	check_equal(race.lost, 0, "each of hundreds ends its wait, in whatever moment it passes");
	worker_destroy(b, &worker);
}

void test_run(struct builder *builder)
{
	b = builder;
	require(build_object(b, KIND_NOTIFICATION, 0, &n));
	require(build_object(b, KIND_NOTIFICATION, 0, &other));
	timing_open(b);
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(build_object(b, KIND_ENDPOINT, 0, &second));
	require(actor_create(b, ACTOR_PRIORITY, &caller));
	require(actor_create(b, ACTOR_PRIORITY, &server));
	require(notification_bind(n, caller.worker.thread));
	check_ways();
	check_served();
	check_kept();
	check_cleared();
	check_others();
	check_fault();
	check_races();
	actor_destroy(b, &server);
	actor_destroy(b, &caller);
	builder_release(b, second);
	builder_release(b, endpoint);
	timing_close(b);
	builder_release(b, other);
	builder_release(b, n);
}
