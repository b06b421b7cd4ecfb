/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Budgets: a thread whose SchedContext is spent waits for the next period, or sends the exception no-time; with a
 * lent one, so does its server. Whether a thread gets on is seen from what it counts; how fast is not asserted.
 */
#include "actor.h"
#include "timing.h"

enum { LOW_PRIORITY = 90, HIGH_PRIORITY = 120, BADGE = 7, CALLS = 600, CALLERS = 3, ROUNDS = 20 };
enum { BUDGET = 30000 }; /* microseconds: so many that a thread surely gets on in it */

static struct builder *b;
static handle_t endpoint; /* of servers */
static handle_t handler;  /* where exceptions go */
static volatile word_t steps;
static volatile bool release; /* servers may answer */

static word_t consumed(handle_t context)
{
	struct message m = {.tag = 0};

	require(object_call(context, CONTEXT_QUERY, 0, &m));
	return m.w[4];
}

static word_t consumed_before; /* the last budget that was given */

/* A budget in microseconds of a period in microseconds; period 0: so long that it does not end here. */
static void set_budget(handle_t context, uint64_t budget, uint64_t period)
{
	const struct context_state state = {
		.budget = microseconds(budget),
		.period = microseconds(period != 0 ? period : 3600000000),
		.ceiling = 200,
	};

	require(context_configure(context, &state));
	consumed_before = consumed(context);
}

static void unlimited(handle_t context)
{
	const struct context_state state = {.budget = CONTEXT_UNLIMITED, .period = CONTEXT_UNLIMITED, .ceiling = 200};

	require(context_configure(context, &state));
}

/* Does the thread that counts get on while this one waits? */
static bool runs(void)
{
	word_t before = steps;

	for (unsigned i = 0; i < 1000 && steps == before; i++)
		wait_until(arch_counter() + microseconds(200));
	return steps != before;
}

static bool stands(void)
{
	word_t before = steps;

	wait_until(arch_counter() + microseconds(1500));
	return steps == before;
}

/* Does the budget that was given last get spent while this thread waits? */
static bool used_up(handle_t context)
{
	for (unsigned i = 0; i < 1000 && consumed(context) - consumed_before < microseconds(BUDGET); i++)
		wait_until(arch_counter() + microseconds(200));
	return consumed(context) - consumed_before >= microseconds(BUDGET);
}

/* Does who uses it get on no more then? */
static bool spent(handle_t context)
{
	return used_up(context) && stands();
}

static enum thread_state state_of(const struct worker *w)
{
	struct thread_report report = {.state = THREAD_STOPPED};

	require(thread_query(w->thread, &report));
	return report.state;
}

/* Does it get into that state while this thread waits? */
static bool becomes(const struct worker *w, enum thread_state state)
{
	for (unsigned i = 0; i < 1000 && state_of(w) != state; i++)
		wait_until(arch_counter() + microseconds(200));
	return state_of(w) == state;
}

static void spin(word_t argument)
{
	(void)argument;
	for (;;)
		steps++;
}

/* ---- spent and refilled ---- */

static void check_spent(void)
{
	struct worker w;

	require(worker_create(b, spin, 0, LOW_PRIORITY, &w));
	set_budget(w.context, BUDGET, 0);
	require(worker_begin(&w));
	check(runs(), "a thread with a budget runs");
	check(spent(w.context) && state_of(&w) == THREAD_READY, "when it is spent, it waits for the end of the period");
	set_budget(w.context, BUDGET, 0);
	check(runs(), "a new budget lets it go on at once");
	check(spent(w.context), "until that is spent too");
	require(thread_stop(w.thread));
	set_budget(w.context, BUDGET, 0);
	check(stands(), "a stopped thread does not go on with a new budget");
	require(thread_resume(w.thread));
	check(runs() && spent(w.context), "but when it is resumed");
	unlimited(w.context);
	check(runs() && runs() && runs(), "without a limit it goes on");
	worker_destroy(b, &w);
}

/* Lets time pass without waiting; counts how often a thread of higher priority got on in between. */
static unsigned count_turns(unsigned enough)
{
	uint64_t end = arch_counter() + microseconds(5000000);
	unsigned turns = 0;
	word_t before = steps;

	while (turns < enough && arch_counter() < end) {
		if (steps == before)
			continue;
		before = steps;
		turns++;
	}
	return turns;
}

static void check_refilled(void)
{
	struct worker w;

	require(worker_create(b, spin, 0, HIGH_PRIORITY, &w));
	set_budget(w.context, BUDGET, 0);
	steps = 0;
	require(worker_begin(&w));
	check(steps != 0, "a thread of higher priority that never waits does not keep the processor beyond its budget");
	require(thread_stop(w.thread));
	set_budget(w.context, 100, 1000);
	require(thread_resume(w.thread));
	check_equal(count_turns(6), 6, "it gets its budget in each period, and others get theirs in between");
	worker_destroy(b, &w);
	require(worker_create(b, spin, 0, HIGH_PRIORITY, &w));
	set_budget(w.context, 100, 0);
	require(worker_begin(&w));
	builder_release(b, w.context);
	w.context = HANDLE_NONE;
	check(stands(), "a spent context can be deleted");
	require(build_context(b, HIGH_PRIORITY, &w.context));
	set_budget(w.context, 100, 1000);
	require(thread_stop(w.thread));
	require(thread_configure(w.thread, &(struct thread_binding){.what = CONFIGURE_CONTEXT, .context = w.context}));
	require(thread_resume(w.thread));
	check_equal(count_turns(2), 2, "with another one its thread goes on");
	worker_destroy(b, &w);
}

/* ---- the exception ---- */

static enum error no_time(handle_t thread, word_t on)
{
	struct message m = {.w = {on}};

	return object_call(thread, THREAD_NO_TIME, 1, &m);
}

/* The next message to the handler says that the worker has no time. */
static bool no_time_came(struct message *m)
{
	enum error error = ERROR_WOULD_BLOCK;

	for (unsigned i = 0; i < 1000 && error == ERROR_WOULD_BLOCK; i++) {
		wait_until(arch_counter() + microseconds(200));
		error = message_receive(handler, m, TAG_NOWAIT_RECEIVE);
	}
	return error == OK && m->badge == BADGE && tag_label(m->tag) == LABEL_EXCEPTION &&
	       (m->tag & TAG_CALL) != 0 && m->w[0] == EXCEPTION_NO_TIME && m->w[1] == 0;
}

static bool silent(void)
{
	struct message m;

	return message_receive(handler, &m, TAG_NOWAIT_RECEIVE) == ERROR_WOULD_BLOCK;
}

static enum error answer(word_t label)
{
	struct message m = {.tag = tag_make(label, 0, 0)};

	return message_answer(&m);
}

static void handle_exceptions(const struct worker *w)
{
	handle_t badged;

	require(build_derived(b, handler, RIGHT_SEND, BADGE, &badged));
	require(thread_configure(w->thread, &(struct thread_binding){.what = CONFIGURE_HANDLER, .handler = badged}));
}

static void check_exception(void)
{
	struct message m;
	struct worker w;
	word_t before;

	require(worker_create(b, spin, 0, LOW_PRIORITY, &w));
	handle_exceptions(&w);
	set_budget(w.context, BUDGET, 0);
	check_ok(no_time(w.thread, 1), "a thread can ask for the exception no-time");
	require(worker_begin(&w));
	check(no_time_came(&m), "it is sent when the budget is spent");
	check(state_of(&w) == THREAD_FAULTED && stands(), "the thread waits for its answer");
	before = steps;
	check_ok(answer(ANSWER_RETRY), "an answer that brings no time");
	check(no_time_came(&m) && steps == before, "is followed by the exception, nothing else");
	set_budget(w.context, BUDGET, 0);
	check_ok(answer(ANSWER_RETRY), "an answer after a new budget");
	check(runs(), "lets it go on");
	check(no_time_came(&m), "until that is spent");
	set_budget(w.context, BUDGET, 0);
	require(no_time(w.thread, 0));
	(void)answer(ANSWER_RETRY);
	check(runs() && spent(w.context) && silent() && state_of(&w) == THREAD_READY, "it can give the exception up again");
	require(no_time(w.thread, 1));
	set_budget(w.context, BUDGET, 0);
	check(no_time_came(&m), "and ask again");
	check_ok(answer(ANSWER_STOP), "the answer can stop it");
	check_equal(state_of(&w), THREAD_STOPPED, "it is stopped");
	worker_destroy(b, &w);
}

static void check_exception_errors(void)
{
	struct worker w;
	handle_t weak;

	require(worker_create(b, spin, 0, LOW_PRIORITY, &w));
	require(build_derived(b, w.thread, RIGHT_REGISTERS | RIGHT_PRIORITY, 0, &weak));
	check_error(no_time(w.thread, 2), ERROR_BAD_ARGUMENT, "the exception is asked for or not");
	check_error(no_time(w.thread, (word_t)-1), ERROR_BAD_ARGUMENT, "nothing else");
	check_error(no_time(weak, 1), ERROR_NO_RIGHTS, "it takes the right control");
	handle_exceptions(&w);
	set_budget(w.context, BUDGET, 0);
	require(worker_begin(&w));
	check(runs() && spent(w.context) && silent(), "what was refused asked for nothing");
	require(no_time(w.thread, 1));
	require(thread_stop(w.thread));
	require(thread_resume(w.thread));
	check(becomes(&w, THREAD_FAULTED), "asked for by a thread that is out of time already, it comes too");
	builder_release(b, weak);
	worker_destroy(b, &w);
	check(silent(), "it goes with its thread");
}

/* ---- lent ---- */

static void serve(word_t from)
{
	struct message m;

	(void)message_receive(from, &m, 0);
	for (;;) {
		while (!release)
			steps++;
		m.tag = tag_make(0, MESSAGE_REGISTERS, 0);
		(void)message_answer_receive(from, &m);
	}
}

static void create_server(bool passive, struct worker *w)
{
	require(worker_create(b, serve, endpoint, ACTOR_PRIORITY, w));
	require(worker_begin(w));
	require(thread_priority(w->thread, LOW_PRIORITY - 10, PROGRAM_CONTEXT));
	if (passive)
		worker_make_passive(b, w);
}

static void let_finish(const struct actor *a)
{
	for (unsigned i = 0; i < 1000 && actor_state(a) != THREAD_STOPPED; i++)
		wait_until(arch_counter() + microseconds(200));
}

static void check_lent(bool passive)
{
	struct worker server;
	struct actor client;

	release = false;
	require(actor_create(b, LOW_PRIORITY, &client));
	create_server(passive, &server);
	set_budget(client.worker.context, BUDGET, 0);
	actor_call(&client, endpoint, 40);
	check(runs(), passive ? "a server runs on its caller's budget" : "so does a server that has one of its own");
	if (passive) {
		check(spent(client.worker.context), "when that is spent, it waits with its caller");
		set_budget(client.worker.context, BUDGET, 0);
		check(runs(), "it goes on when the caller has time again");
		check(spent(client.worker.context), "as long as that lasts");
	} else {
		check(used_up(client.worker.context) && runs(), "when that is spent, it goes on with its own");
	}
	release = true;
	wait_until(arch_counter() + microseconds(1500));
	check(actor_error(&client) == ERROR_COUNT, passive ? "so its answer takes time" : "its answer finds the caller without time");
	unlimited(client.worker.context);
	let_finish(&client);
	check(actor_got(&client, tag_make(0, MESSAGE_REGISTERS, 0), 0, 40), "which it gets");
	worker_destroy(b, &server);
	actor_destroy(b, &client);
}

/* ---- lent through a chain ---- */

enum { LINKS = 3 };

static handle_t link_endpoint[LINKS];

/* A link of the chain asks the next one; the last one counts. What it answers is the error of its own call. */
static void serve_link(word_t number)
{
	struct message m, next;

	(void)message_receive(link_endpoint[number], &m, 0);
	for (;;) {
		enum error error = OK;

		next = m;
		if (number + 1 < LINKS)
			error = object_call(link_endpoint[number + 1], 1, MESSAGE_REGISTERS, &next);
		while (number + 1 == LINKS && !release)
			steps++;
		m.tag = tag_make(error, MESSAGE_REGISTERS, 0);
		(void)message_answer_receive(link_endpoint[number], &m);
	}
}

static void check_chain(void)
{
	struct worker link[LINKS];
	struct actor client;

	release = false;
	require(actor_create(b, LOW_PRIORITY, &client));
	for (unsigned i = 0; i < LINKS; i++) {
		require(build_object(b, KIND_ENDPOINT, 0, &link_endpoint[i]));
		require(worker_create(b, serve_link, i, ACTOR_PRIORITY, &link[i]));
		require(worker_begin(&link[i]));
		require(thread_priority(link[i].thread, LOW_PRIORITY - 10, PROGRAM_CONTEXT));
		worker_make_passive(b, &link[i]);
	}
	set_budget(client.worker.context, BUDGET, 0);
	actor_call(&client, link_endpoint[0], 40);
	check(runs(), "the last of a chain of servers runs on the budget of the first caller");
	check(spent(client.worker.context), "it uses that up, and nothing else");
	set_budget(client.worker.context, BUDGET, 0);
	check(runs() && spent(client.worker.context), "a new one is handed through");
	unlimited(client.worker.context);
	check(runs(), "and so is time without limit");
	worker_destroy(b, &link[1]);
	let_finish(&client);
	check(actor_got(&client, tag_make(ERROR_GONE, MESSAGE_REGISTERS, 0), 0, 40), "when a server in the middle ends, the one before it is told, and answers");
	check(stands() && state_of(&link[LINKS - 1]) == THREAD_READY, "the last one stands: the caller has its time back");
	worker_destroy(b, &link[2]);
	worker_destroy(b, &link[0]);
	for (unsigned i = 0; i < LINKS; i++)
		builder_release(b, link_endpoint[i]);
	actor_destroy(b, &client);
}

/* A server can ask for the exception too. */
static void check_lent_exception(void)
{
	struct worker server;
	struct actor client;
	struct message m;

	release = false;
	require(actor_create(b, LOW_PRIORITY, &client));
	require(worker_create(b, serve, endpoint, ACTOR_PRIORITY, &server));
	handle_exceptions(&server);
	require(worker_begin(&server));
	require(no_time(server.thread, 1));
	require(thread_priority(server.thread, LOW_PRIORITY - 10, PROGRAM_CONTEXT));
	worker_make_passive(b, &server);
	set_budget(client.worker.context, BUDGET, 0);
	actor_call(&client, endpoint, 40);
	check(no_time_came(&m), "a server whose caller's budget is spent can send the exception");
	check(state_of(&server) == THREAD_FAULTED && actor_state(&client) == THREAD_CALLING, "both wait for its answer");
	release = true;
	unlimited(client.worker.context);
	check_ok(answer(ANSWER_RETRY), "given time,");
	let_finish(&client);
	check(actor_got(&client, tag_make(0, MESSAGE_REGISTERS, 0), 0, 40), "the server goes on and answers");
	worker_destroy(b, &server);
	actor_destroy(b, &client);
}

/* ---- spent while it waits ---- */

static volatile word_t calls_done[CALLERS], callers_done;

static void wait_and_call(word_t notification)
{
	struct message m;
	word_t bits;

	while (notification_wait(notification, &bits) == OK) {
		m = message_make(tag_make(1, MESSAGE_REGISTERS, 0), 40);
		if (message_call(endpoint, &m) == OK && m.w[0] == 40)
			calls_done[0]++;
	}
}

/*
 * A caller with next to no budget, woken by a deadline, mostly gets as far as its call before the timer can come again. Then its
 * budget is spent when it waits for the server, who is busy. The server must not lose its way for that.
 */
static void check_spent_in_queue(bool passive)
{
	struct worker server, caller;
	struct actor other;
	handle_t gate;

	require(build_object(b, KIND_NOTIFICATION, 0, &gate));
	require(actor_create(b, LOW_PRIORITY, &other));
	require(worker_create(b, wait_and_call, gate, LOW_PRIORITY + 5, &caller));
	require(worker_begin(&caller));
	(void)becomes(&caller, THREAD_RECEIVING);
	create_server(passive, &server);
	calls_done[0] = 0;
	for (word_t i = 0; i < ROUNDS && calls_done[0] == i; i++) {
		release = false;
		actor_call(&other, endpoint, 60);
		(void)runs();
		set_budget(caller.context, 0, 0);
		require(notification_arm(gate, 1, arch_counter() + microseconds(200), 0));
		wait_until(arch_counter() + microseconds(400));
		release = true;
		let_finish(&other);
		unlimited(caller.context);
		(void)becomes(&caller, THREAD_RECEIVING);
	}
	check_equal(calls_done[0], ROUNDS, passive ? "a caller whose budget is spent when it is received is served when it has time"
						   : "and by a server with a context of its own");
	worker_destroy(b, &server);
	worker_destroy(b, &caller);
	actor_destroy(b, &other);
	builder_release(b, gate);
}

/* ---- at any moment ---- */

static void call_often(word_t number)
{
	struct message m;

	for (word_t i = 0; i < CALLS; i++) {
		m = message_make(tag_make(1, MESSAGE_REGISTERS, 0), i);
		if (message_call(endpoint, &m) == OK && m.w[5] == i + 5)
			calls_done[number]++;
	}
	callers_done++;
}

static void check_races(bool passive)
{
	struct worker server, caller[CALLERS];
	bool all = true;

	release = true;
	callers_done = 0;
	create_server(passive, &server);
	for (unsigned i = 0; i < CALLERS; i++) {
		calls_done[i] = 0;
		require(worker_create(b, call_often, i, LOW_PRIORITY + i, &caller[i]));
		set_budget(caller[i].context, 20 + 3 * i, 70 + 11 * i);
		require(worker_begin(&caller[i]));
	}
	for (unsigned i = 0; i < 20000 && callers_done < CALLERS; i++)
		wait_until(arch_counter() + microseconds(130));
	for (unsigned i = CALLERS; i-- > 0;) {
		all = all && calls_done[i] == CALLS;
		worker_destroy(b, &caller[i]);
	}
	check(all, passive ? "calls to a server without a context come back, at whatever moment a budget is spent"
			   : "and so do calls to one that has its own");
	worker_destroy(b, &server);
}

void test_run(struct builder *builder)
{
	b = builder;
	timing_open(b);
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(build_object(b, KIND_ENDPOINT, 0, &handler));
	check_spent();
	check_refilled();
	check_exception();
	check_exception_errors();
	check_lent(true);
	check_lent(false);
	check_chain();
	check_lent_exception();
	check_spent_in_queue(true);
	check_spent_in_queue(false);
	check_races(true);
	check_races(false);
	builder_release(b, handler);
	builder_release(b, endpoint);
	timing_close(b);
}
