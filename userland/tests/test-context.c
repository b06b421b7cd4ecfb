/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SchedContexts: configuring and binding, threads without one, one that is deleted under whoever uses it, and lending:
 * where the right to run is, at each end that a call can have. Budgets are test-budget's.
 */
#include "actor.h"
#include "timing.h"

enum { LOW_PRIORITY = 90, SAVED_SLOT = 900 };

static struct builder *b;
static handle_t endpoint, second;

static struct context_state state_of(handle_t context)
{
	struct context_state state = {.core = 99};

	require(context_query(context, &state));
	return state;
}

static bool has_state(handle_t context, word_t budget, word_t period, word_t ceiling)
{
	struct context_state state = state_of(context);

	return state.core == 0 && state.budget == budget && state.period == period && state.ceiling == ceiling;
}

static enum error configure(handle_t context, word_t core, word_t budget, word_t period, word_t ceiling)
{
	return context_configure(context, &(struct context_state){.core = core, .budget = budget, .period = period, .ceiling = ceiling});
}

/* ---- configuring ---- */

static void check_configure(void)
{
	const word_t all = CONTEXT_UNLIMITED, most = CONTEXT_PERIOD_MAX;
	static const struct {
		const char *name;
		word_t core, budget, period, ceiling;
	} bad[] = {
		{"a core that is not there is refused", 1 << 20, CONTEXT_UNLIMITED, CONTEXT_UNLIMITED, 10},
		{"a ceiling is a priority", 0, CONTEXT_UNLIMITED, CONTEXT_UNLIMITED, 256},
		{"so a negative one is refused", 0, CONTEXT_UNLIMITED, CONTEXT_UNLIMITED, (word_t)-1},
		{"a budget without a period is refused", 0, 1000, CONTEXT_UNLIMITED, 10},
		{"a period without a budget is refused", 0, CONTEXT_UNLIMITED, 1000, 10},
		{"a budget of nothing is refused", 0, 0, 1000, 10},
		{"a budget larger than its period is refused", 0, 1001, 1000, 10},
		{"a period can be too long", 0, 1000, CONTEXT_PERIOD_MAX + 1, 10},
	};
	handle_t context;

	require(build_object(b, KIND_CONTEXT, 0, &context));
	check(has_state(context, all, all, 0), "a new SchedContext has no limit, and ceiling 0");
	check_ok(configure(context, 0, 1000, 2000, 150), "it can be configured");
	check(has_state(context, 1000, 2000, 150), "a query tells how it is configured");
	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
		check_error(configure(context, bad[i].core, bad[i].budget, bad[i].period, bad[i].ceiling), ERROR_BAD_ARGUMENT,
			    bad[i].name);
	check_error(configure(context, 0, all, all, 201), ERROR_NO_RIGHTS, "nobody hands on a higher ceiling than its own");
	check_error(configure(context, 0, all, all, 255), ERROR_NO_RIGHTS, "not the highest either");
	check_error(configure(PROGRAM_CONTEXT, 0, all, all, 201), ERROR_NO_RIGHTS, "and nobody raises its own");
	check(has_state(context, 1000, 2000, 150), "what is refused changes nothing");
	check_ok(configure(context, 0, 1, 1, 200), "its own ceiling can be handed on, and the smallest budget");
	check_ok(configure(context, 0, most, most, 0), "so can the longest period");
	check_ok(configure(context, 0, all, all, 0), "and no limit");
	check(has_state(context, all, all, 0), "the last one is in force");
	builder_release(b, context);
}

static void check_rights(void)
{
	const word_t all = CONTEXT_UNLIMITED;
	bool right = true, known = false;
	struct context_state state;
	handle_t context, h;

	require(build_object(b, KIND_CONTEXT, 0, &context));
	for (word_t rights = 0; rights < 8; rights++) {
		require(build_derived(b, context, rights, 0, &h));
		right = right && configure(h, 0, all, all, 7) == (rights & RIGHT_CONFIGURE ? OK : ERROR_NO_RIGHTS) &&
			context_query(h, &state) == (rights & RIGHT_CONSUMED ? OK : ERROR_NO_RIGHTS);
		builder_release(b, h);
	}
	check(right, "configure takes the right configure, a query the right consumed, and no other");
	for (word_t label = 0; label < LABEL_KERNEL; label = label * 3 + CONTEXT_QUERY + 1) {
		struct message m = {.w = {0, all, all, 9}};

		known = known || object_call(context, label, 4, &m) != ERROR_BAD_ARGUMENT;
	}
	check(!known && state_of(context).ceiling == 7, "unknown labels are refused");
	builder_release(b, context);
	check_error(context_query(context, &state), ERROR_BAD_HANDLE, "a deleted one is gone");
}

/* ---- binding ---- */

static enum error bind(const struct worker *w, handle_t context)
{
	return thread_configure(w->thread, &(struct thread_binding){.what = CONFIGURE_CONTEXT, .context = context});
}

static enum thread_state state_of_thread(const struct worker *w)
{
	struct thread_report report = {.state = THREAD_STOPPED};

	require(thread_query(w->thread, &report));
	return report.state;
}

static volatile word_t steps; /* that workers have done */

static void step(word_t argument)
{
	(void)argument;
	steps++;
}

static void check_bind(void)
{
	struct worker one, two;
	handle_t weak, fresh;

	require(worker_create(b, step, 0, ACTOR_PRIORITY, &one));
	require(worker_create(b, step, 0, ACTOR_PRIORITY, &two));
	require(build_context(b, 120, &fresh));
	require(build_derived(b, fresh, RIGHT_CONFIGURE | RIGHT_CONSUMED, 0, &weak));
	check_error(bind(&one, weak), ERROR_NO_RIGHTS, "binding takes the right bind on the context");
	check_error(bind(&one, two.context), ERROR_BUSY, "a context is bound to one thread only");
	check_error(bind(&one, PROGRAM_CONTEXT), ERROR_BUSY, "also if that thread is running");
	check_error(bind(&one, endpoint), ERROR_WRONG_KIND, "an Endpoint is no context");
	check_error(bind(&one, SAVED_SLOT), ERROR_BAD_HANDLE, "nor is an empty slot");
	builder_release(b, weak);
	require(build_derived(b, one.thread, RIGHT_PRIORITY | RIGHT_REGISTERS, 0, &weak));
	check_error(bind(&(struct worker){.thread = weak}, fresh), ERROR_NO_RIGHTS, "it takes the right control on the Thread");
	builder_release(b, weak);
	check_error(thread_configure(PROGRAM_THREAD, &(struct thread_binding){.what = CONFIGURE_CONTEXT, .context = fresh}), ERROR_BUSY,
		    "a running thread's context cannot be changed");
	steps = 0;
	require(worker_begin(&one));
	check_equal(steps, 1, "what was refused left the thread its own");
	check_ok(bind(&one, one.context), "a context can be bound to its thread again");
	check_ok(bind(&one, fresh), "and replaced by another");
	check_ok(bind(&two, one.context), "then the first one is free for others");
	require(worker_begin(&one));
	require(worker_begin(&two));
	check_equal(steps, 3, "both threads run");
	check_error(bind(&two, fresh), ERROR_BUSY, "the new one is taken");
	check_ok(bind(&one, HANDLE_NONE), "a context can be unbound");
	check_ok(bind(&two, fresh), "and is free then");
	worker_destroy(b, &two);
	check_ok(bind(&one, fresh), "so it is when its thread was destroyed");
	worker_destroy(b, &one);
	builder_release(b, fresh);
}

static void check_none(void)
{
	struct worker w;

	require(worker_create(b, step, 0, ACTOR_PRIORITY, &w));
	require(bind(&w, HANDLE_NONE));
	steps = 0;
	check_ok(worker_begin(&w), "a thread without a context can be started");
	test_settle();
	check(steps == 0 && state_of_thread(&w) == THREAD_READY, "it is ready and does not run");
	check_error(bind(&w, w.context), ERROR_BUSY, "it must be stopped to get one");
	require(thread_stop(w.thread));
	check_ok(bind(&w, w.context), "stopped, it can get one");
	test_settle();
	check_equal(steps, 0, "and is still stopped");
	require(thread_resume(w.thread));
	check_equal(steps, 1, "resumed, it runs");
	worker_destroy(b, &w);
}

/* ---- deleted under whoever uses it ---- */

static struct worker self_deleter;

static void delete_own(word_t argument)
{
	(void)argument;
	steps = 1;
	(void)space_delete(PROGRAM_SPACE, self_deleter.context);
	steps = 2;
}

/* Gives a thread that lost its context another, and lets it go on. */
static void give_time(struct worker *w, word_t ceiling)
{
	require(thread_stop(w->thread));
	require(build_context(b, ceiling, &w->context));
	require(bind(w, w->context));
	require(thread_resume(w->thread));
}

/* Deletes the context of a thread. */
static void take_time(struct worker *w)
{
	builder_release(b, w->context);
	w->context = HANDLE_NONE;
}

static void check_deleted_running(void)
{
	struct worker *w = &self_deleter;

	require(worker_create(b, delete_own, 0, ACTOR_PRIORITY, w));
	steps = 0;
	require(worker_begin(w));
	test_settle();
	check_equal(steps, 1, "a thread that deletes the context it runs on does not run any more");
	check_equal(state_of_thread(w), THREAD_READY, "it is ready");
	builder_put_slots(b, w->context, 1);
	give_time(w, ACTOR_PRIORITY);
	check_equal(steps, 2, "with another context it goes on behind the call");
	worker_destroy(b, w);
}

static void spin(word_t argument)
{
	(void)argument;
	for (;;)
		steps++;
}

/* Does the worker that counts steps get on while this thread waits? */
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

static void check_deleted_ready(void)
{
	struct worker w;
	handle_t copy, moved = builder_take_slots(b, 1);

	require(worker_create(b, spin, 0, LOW_PRIORITY, &w));
	require(worker_begin(&w));
	check(runs(), "a thread that never waits runs when those of higher priority wait");
	take_time(&w);
	check(stands() && state_of_thread(&w) == THREAD_READY, "a ready thread whose context is deleted does not run");
	give_time(&w, LOW_PRIORITY);
	check(runs(), "with another one it goes on");
	require(space_revoke(PROGRAM_SPACE, w.context));
	check(stands(), "revoking the context unbinds it");
	require(build_derived(b, w.context, RIGHT_BIND, 0, &copy));
	require(thread_stop(w.thread));
	require(bind(&w, copy));
	require(thread_resume(w.thread));
	check(runs(), "it can be bound through a derived capability");
	require(space_move(PROGRAM_SPACE, w.context, moved));
	check(runs(), "it stays bound when it is moved");
	builder_release(b, copy);
	check(stands(), "and not when the capability that it was bound with is deleted");
	builder_put_slots(b, w.context, 1);
	w.context = moved;
	worker_destroy(b, &w);
}

static void check_deleted_blocked(void)
{
	struct actor a;
	struct message m;

	require(actor_create(b, ACTOR_PRIORITY, &a));
	actor_send(&a, endpoint, 20);
	take_time(&a.worker);
	check(message_receive(endpoint, &m, 0) == OK && message_got(&m, tag_make(1, MESSAGE_REGISTERS, 0), 0, 20),
	      "a queued sender whose context is deleted is received from");
	test_settle();
	check(actor_error(&a) == ERROR_COUNT && actor_state(&a) == THREAD_READY, "but does not go on");
	give_time(&a.worker, ACTOR_PRIORITY);
	check_equal(actor_error(&a), OK, "until it has another");
	actor_receive(&a, endpoint);
	take_time(&a.worker);
	m = message_make(tag_make(1, MESSAGE_REGISTERS, 0), 30);
	check_ok(message_send(endpoint, &m), "a receiver without a context can be sent to");
	test_settle();
	check(actor_error(&a) == ERROR_COUNT && actor_state(&a) == THREAD_READY, "a plain send lends it nothing");
	give_time(&a.worker, ACTOR_PRIORITY);
	check(actor_got(&a, tag_make(1, MESSAGE_REGISTERS, 0), 0, 30), "with a context it finds what was sent");
	actor_destroy(b, &a);
}

/* ---- lending ---- */

static volatile bool release; /* servers that spin may answer */

/* Answers each call through an Endpoint with its words; counts steps until it may. */
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

/* Hands each call on to the second Endpoint, and its answer back. */
static void hand_on(word_t from)
{
	struct message m;

	(void)message_receive(from, &m, 0);
	for (;;) {
		if (message_call(second, &m) != OK)
			m = message_make(0, 0);
		m.tag = tag_make(0, MESSAGE_REGISTERS, 0);
		(void)message_answer_receive(from, &m);
	}
}

/* A server of low priority that waits for calls. */
static void create_server(void (*entry)(word_t), handle_t from, struct worker *w)
{
	require(worker_create(b, entry, from, ACTOR_PRIORITY, w));
	require(worker_begin(w));
	require(thread_priority(w->thread, LOW_PRIORITY - 10, PROGRAM_CONTEXT));
}

static void create_passive(void (*entry)(word_t), handle_t from, struct worker *w)
{
	create_server(entry, from, w);
	worker_make_passive(b, w);
}

/* The client's call has come back with the answer. */
static bool served(const struct actor *client, word_t w0)
{
	return actor_got(client, tag_make(0, MESSAGE_REGISTERS, 0), 0, w0);
}

static struct actor client, other;

/* Lets threads of lower priority run until this one is in that state. */
static bool becomes(const struct worker *w, enum thread_state state)
{
	for (unsigned i = 0; i < 1000 && state_of_thread(w) != state; i++)
		wait_until(arch_counter() + microseconds(100));
	return state_of_thread(w) == state;
}

/* Lets a thread of lower priority run, if it can, until its call has come back. */
static void let_finish(const struct actor *a)
{
	for (unsigned i = 0; i < 1000 && actor_state(a) != THREAD_STOPPED; i++)
		wait_until(arch_counter() + microseconds(100));
}

static void call_and_wait(const struct actor *a, word_t w0)
{
	actor_call(a, endpoint, w0);
	let_finish(a);
}

/* Does its call end with this error while it waits for the answer? */
static bool call_ends(const struct actor *a, enum error error)
{
	let_finish(a);
	return actor_failed(a, error, PHASE_RECEIVE, 0, 0);
}

static void check_passive(void)
{
	struct worker server, middle;

	create_passive(serve, second, &server);
	create_passive(hand_on, endpoint, &middle);
	release = true;
	call_and_wait(&client, 40);
	check(served(&client, 40), "servers without a context run on what their caller lends, through several calls");
	call_and_wait(&client, 50);
	call_and_wait(&other, 60);
	check(served(&client, 50) && served(&other, 60), "it comes back with each answer");
	check(state_of_thread(&server) == THREAD_RECEIVING && state_of_thread(&middle) == THREAD_RECEIVING,
	      "after that they wait for the next call");
	release = false;
	actor_call(&client, endpoint, 70);
	check(runs(), "a call runs in the server");
	check_error(bind(&middle, client.worker.context), ERROR_BUSY, "a context that is lent is still its owner's");
	actor_call(&other, endpoint, 80);
	wait_until(arch_counter() + microseconds(500));
	release = true;
	let_finish(&client);
	let_finish(&other);
	check(served(&client, 70) && served(&other, 80), "a caller that had to queue is served too");
	worker_destroy(b, &middle);
	worker_destroy(b, &server);
}

/* What becomes of a running server when its caller's call ends in some way. */
static void check_caller_ends(bool passive)
{
	struct worker server;

	release = false;
	if (passive)
		create_passive(serve, endpoint, &server);
	else
		create_server(serve, endpoint, &server);
	actor_call(&client, endpoint, 40);
	check(runs(), passive ? "a server runs on its caller's context" : "a server that has a context serves too");
	require(thread_abort(client.worker.thread));
	check(call_ends(&client, ERROR_ABORTED), "an aborted caller has its context back at once");
	check(passive ? stands() : runs(), passive ? "a server without one stands then" : "a server with one of its own goes on");
	if (passive)
		give_time(&server, LOW_PRIORITY);
	release = true;
	call_and_wait(&client, 50);
	check(served(&client, 50), passive ? "given one, it serves the next" : "and serves the next");
	worker_destroy(b, &server);
}

static void check_caller_destroyed(void)
{
	struct worker server;
	struct actor victim;

	release = false;
	require(actor_create(b, LOW_PRIORITY, &victim));
	create_passive(serve, endpoint, &server);
	actor_call(&victim, endpoint, 40);
	check(runs(), "a call runs in a server");
	actor_destroy(b, &victim);
	check(stands(), "when the caller is destroyed with its context, it stands");
	worker_destroy(b, &server);
	create_passive(serve, endpoint, &server);
	actor_call(&client, endpoint, 40);
	check(runs(), "a call runs in another");
	take_time(&client.worker);
	check(stands(), "when the lent context is deleted, it stands");
	give_time(&server, LOW_PRIORITY);
	check(runs(), "with one of its own it goes on");
	release = true;
	check(becomes(&client.worker, THREAD_READY) && stands() && actor_error(&client) == ERROR_COUNT,
	      "its answer reaches the caller, who has nothing to run on");
	give_time(&client.worker, LOW_PRIORITY);
	let_finish(&client);
	check(served(&client, 40), "until it gets another context");
	worker_destroy(b, &server);
}

static void check_server_ends(void)
{
	struct worker server, middle;

	release = false;
	create_passive(serve, endpoint, &server);
	actor_call(&client, endpoint, 40);
	check(runs(), "a call runs in a server");
	worker_destroy(b, &server);
	check(call_ends(&client, ERROR_GONE), "a caller whose server is destroyed has its context back");
	create_passive(serve, second, &server);
	create_passive(hand_on, endpoint, &middle);
	actor_call(&client, endpoint, 50);
	check(runs(), "a call runs in the last of a chain of servers");
	worker_destroy(b, &middle);
	check(call_ends(&client, ERROR_GONE), "when one in the middle is destroyed the caller has it back");
	check(stands(), "and the last one stands");
	worker_destroy(b, &server);
	create_passive(serve, second, &server);
	create_passive(hand_on, endpoint, &middle);
	actor_call(&client, endpoint, 60);
	check(runs(), "a call runs in another chain");
	require(thread_abort(client.worker.thread));
	check(call_ends(&client, ERROR_ABORTED) && stands(), "an aborted caller gets it from the end of a chain");
	check_equal(state_of_thread(&middle), THREAD_CALLING, "the middle still waits for its answer");
	require(thread_abort(middle.thread));
	check_equal(state_of_thread(&middle), THREAD_READY, "and stands if that wait is aborted");
	worker_destroy(b, &middle);
	worker_destroy(b, &server);
}

/* ---- saved Replies ---- */

/* Saves the Reply of each call, and goes on receiving. */
static void save(word_t from)
{
	struct message m;

	for (;;) {
		if (message_receive(from, &m, 0) != OK)
			break;
		steps++;
		if (thread_save_reply(worker_self(), SAVED_SLOT) != OK)
			(void)message_answer(&m);
	}
}

static void check_saved(void)
{
	struct worker server;
	struct message m = message_make(tag_make(0, MESSAGE_REGISTERS, 0), 77);

	create_passive(save, endpoint, &server);
	steps = 0;
	actor_call(&client, endpoint, 40);
	check(becomes(&client.worker, THREAD_CALLING) && becomes(&server, THREAD_RECEIVING) && steps == 1, "a server that saved the Reply receives again");
	m.tag = tag_make(1, MESSAGE_REGISTERS, 0);
	check_ok(message_send(endpoint, &m), "a plain message reaches it");
	check(stands() && steps == 1, "and does not make it run: it gave back what it was lent");
	worker_destroy(b, &server);
	check_equal(actor_state(&client), THREAD_CALLING, "a saved Reply outlives the server");
	m = message_make(tag_make(0, MESSAGE_REGISTERS, 0), 77);
	check_ok(message_send(SAVED_SLOT, &m), "another thread answers with it");
	let_finish(&client);
	check(served(&client, 77), "and the caller runs on its own context");
	create_passive(save, endpoint, &server);
	actor_call(&client, endpoint, 40);
	(void)becomes(&client.worker, THREAD_CALLING);
	(void)becomes(&server, THREAD_RECEIVING);
	check_ok(space_delete(PROGRAM_SPACE, SAVED_SLOT), "a saved Reply can be deleted");
	check(call_ends(&client, ERROR_GONE), "then its caller learns that it is gone, and runs");
	worker_destroy(b, &server);
}

/* ---- faults lend too ---- */

static void fault(word_t address)
{
	*(volatile word_t *)address = 1;
}

/* Takes faults, counts steps until it may stop who faulted. */
static void handle_fault(word_t from)
{
	struct message m;

	for (;;) {
		if (message_receive(from, &m, 0) != OK)
			break;
		while (!release)
			steps++;
		m.tag = tag_make(ANSWER_STOP, 0, 0);
		(void)message_answer(&m);
	}
}

static void check_fault(void)
{
	struct worker pager, faulter;

	release = false;
	create_passive(handle_fault, endpoint, &pager);
	require(worker_create(b, fault, 64, LOW_PRIORITY, &faulter));
	require(thread_configure(faulter.thread, &(struct thread_binding){.what = CONFIGURE_PAGER, .pager = endpoint}));
	require(worker_begin(&faulter));
	check(runs(), "a pager without a context runs on that of who faulted");
	check_equal(state_of_thread(&faulter), THREAD_FAULTED, "who waits for its answer");
	worker_destroy(b, &faulter);
	check(stands(), "and stands when that one is destroyed");
	worker_destroy(b, &pager);
}

static void check_consumed(void)
{
	struct message m = {.tag = 0};
	uint64_t first, then;

	require(object_call(client.worker.context, CONTEXT_QUERY, 0, &m));
	first = m.w[4];
	check(first != 0, "a thread that ran has consumed time");
	actor_call(&client, endpoint, 1);
	(void)becomes(&client.worker, THREAD_SENDING);
	require(thread_abort(client.worker.thread));
	let_finish(&client);
	m = (struct message){.tag = 0};
	require(object_call(client.worker.context, CONTEXT_QUERY, 0, &m));
	then = m.w[4];
	check(then > first, "and more when it ran again");
	m = (struct message){.tag = 0};
	wait_until(arch_counter() + microseconds(500));
	require(object_call(client.worker.context, CONTEXT_QUERY, 0, &m));
	check_equal(m.w[4], then, "but none while it is stopped");
}

void test_run(struct builder *builder)
{
	b = builder;
	timing_open(b);
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(build_object(b, KIND_ENDPOINT, 0, &second));
	require(actor_create(b, LOW_PRIORITY, &client));
	require(actor_create(b, LOW_PRIORITY, &other));
	check_configure();
	check_rights();
	check_bind();
	check_none();
	check_deleted_running();
	check_deleted_ready();
	check_deleted_blocked();
	check_passive();
	check_caller_ends(true);
	check_caller_ends(false);
	check_caller_destroyed();
	check_server_ends();
	check_saved();
	check_fault();
	check_consumed();
	actor_destroy(b, &other);
	actor_destroy(b, &client);
	builder_release(b, second);
	builder_release(b, endpoint);
	timing_close(b);
}
