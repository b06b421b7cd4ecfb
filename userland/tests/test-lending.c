/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lending of SchedContexts (rule 19): servers without one run on their callers', through chains of calls, and it comes
 * back at once when anything in the chain ends. Nobody hangs on the dead.
 */
#include "actor.h"
#include "support.h"

enum {
	LINKS = 3,
	SERVER_PRIORITY = 105,
	ROUNDS = 40,
	REPEAT = 100,
	LABEL_THROUGH = 1,
	LABEL_HOLD = 2,
	LABEL_SAVE = 3,
	LABEL_WAIT = 4
};

/* A server of a chain: it calls the next one, or sends to the gate if it is the last and is to hold. */
struct link {
	struct worker worker;
	handle_t from, next, gate, slot;
	volatile word_t served; /* messages taken */
	volatile word_t result; /* status of its last call or send */
};

static struct link chain[LINKS];
static handle_t gate, events, home, rest; /* chains are made of `home`; `rest`: what the builder uses otherwise */
static struct actor caller;

static const word_t carried = MESSAGE_REGISTERS;

/* Passes the message on, to the next link or the gate. *w0: what comes back. */
static enum error pass_on(struct link *link, word_t label, word_t *w0)
{
	bool last = link->next == HANDLE_NONE;
	struct message m = message_make(tag_make(label, carried, 0) | (last ? 0u : (word_t)TAG_CALL), *w0);

	link->result = ipc(last ? link->gate : link->next, HANDLE_NONE, &m);
	if (!last)
		*w0 = m.w[0];
	return status_error(link->result);
}

/* Answers w0 plus the links that the call went through; instead of that the error of its own call. */
static void serve(word_t argument)
{
	struct link *link = (struct link *)argument;
	struct message m;

	(void)message_receive(link->from, &m, 0);
	for (;;) {
		word_t label = tag_label(m.tag), w0 = m.w[0] + 1;
		bool answer = (m.tag & TAG_CALL) != 0 && label != LABEL_SAVE;
		enum error error = OK;

		link->served++;
		if (label == LABEL_SAVE)
			link->result = thread_save_reply(worker_self(), link->slot);
		else if (label == LABEL_WAIT)
			error = message_receive(events, &m, 0);
		else if (link->next != HANDLE_NONE || label == LABEL_HOLD)
			error = pass_on(link, label, &w0);
		m = message_make(tag_make(error, carried, 0), w0);
		if (answer)
			(void)message_answer_receive(link->from, &m);
		else
			(void)message_receive(link->from, &m, 0);
	}
}

/* The chain, each link waiting in its receive, with a context of its own if its bit in `active` is set. */
static void chain_begin(struct builder *b, unsigned active)
{
	rest = b->untyped;
	b->untyped = home;
	for (unsigned i = 0; i < LINKS; i++) {
		chain[i] = (struct link){.gate = gate, .slot = chain[i].slot};
		require(build_object(b, KIND_ENDPOINT, 0, &chain[i].from));
	}
	for (unsigned i = 0; i < LINKS; i++) {
		chain[i].next = i + 1 < LINKS ? chain[i + 1].from : HANDLE_NONE;
		require(worker_create(b, serve, (word_t)&chain[i], SERVER_PRIORITY + i, &chain[i].worker));
		require(worker_begin(&chain[i].worker));
		if ((active >> i & 1) == 0)
			worker_make_passive(b, &chain[i].worker);
	}
}

static void kill_link(struct builder *b, unsigned i)
{
	worker_destroy(b, &chain[i].worker);
}

/* All of it ends, and nothing of its memory is in use any more. */
static void chain_end(struct builder *b)
{
	for (unsigned i = LINKS; i > 0; i--) {
		if (chain[i - 1].worker.thread != HANDLE_NONE)
			kill_link(b, i - 1);
		builder_release(b, chain[i - 1].from);
	}
	require(untyped_reset(home));
	b->untyped = rest;
}

static enum thread_state state_of(handle_t thread)
{
	struct thread_report report = {.state = THREAD_STOPPED};

	require(thread_query(thread, &report));
	return report.state;
}

static enum thread_state link_state(unsigned i)
{
	return state_of(chain[i].worker.thread);
}

/* The caller's call goes through the chain and is held in the last link. */
static void hold(void)
{
	actor_start(&caller, chain[0].from, HANDLE_NONE, tag_make(LABEL_HOLD, carried, 0) | TAG_CALL, 100);
}

/* Lets the last link go on, if it still waits at the gate. */
static void open_gate(void)
{
	struct message m;

	(void)message_receive(gate, &m, TAG_NOWAIT_RECEIVE);
	test_settle();
}

/* The chain's end answers w0 plus one for each link. */
static bool answered(enum error label, word_t w0)
{
	return actor_got(&caller, tag_make(label, carried, 0), 0, w0);
}

/* The caller, aborted or not, can call through the whole chain again. */
static bool works_again(void)
{
	actor_start(&caller, chain[0].from, HANDLE_NONE, tag_make(LABEL_THROUGH, carried, 0) | TAG_CALL, 7);
	return answered(OK, 7 + LINKS);
}

/* Gives a thread that has lost its context a new one, as a supervisor would. */
static void supply(struct builder *b, handle_t thread, handle_t *context)
{
	struct thread_binding binding = {.what = CONFIGURE_CONTEXT};

	require(build_context(b, SERVER_PRIORITY + LINKS, context));
	binding.context = *context;
	require(thread_stop(thread));
	require(thread_configure(thread, &binding));
	require(thread_resume(thread));
	test_settle();
}

/* ---- without anybody's death ---- */

static void check_passive(struct builder *b)
{
	struct message m = message_make(tag_make(LABEL_THROUGH, carried, 0), 3);
	unsigned wrong = 0;
	handle_t context;

	chain_begin(b, 0);
	check(ipc(chain[2].from, HANDLE_NONE, &m) == OK && chain[2].served == 0,
	      "a send to a server without a context is taken");
	test_settle();
	check(chain[2].served == 0 && link_state(2) == THREAD_READY, "but lends nothing: the server does not run");
	supply(b, chain[2].worker.thread, &context);
	check(chain[2].served == 1 && link_state(2) == THREAD_RECEIVING, "given a context it goes on where it was");
	builder_release(b, context);
	m = message_make(tag_make(LABEL_THROUGH, carried, 0) | TAG_CALL, 3);
	check(ipc(chain[2].from, HANDLE_NONE, &m) == status_make(OK, PHASE_RECEIVE, 0) && m.w[0] == 4,
	      "a call lends the caller's context: the server answers");
	for (word_t i = 0; i < REPEAT; i++) {
		m = message_make(tag_make(LABEL_THROUGH, carried, 0) | TAG_CALL, i);
		wrong += status_error(ipc(chain[0].from, HANDLE_NONE, &m)) != OK || m.w[0] != i + LINKS;
	}
	check_equal(wrong, 0, "so it goes through a chain of three, a hundred times");
	hold();
	check(actor_state(&caller) == THREAD_CALLING && link_state(0) == THREAD_CALLING && link_state(1) == THREAD_CALLING &&
		      link_state(2) == THREAD_SENDING,
	      "a server that waits to send keeps what it was lent");
	open_gate();
	check(answered(OK, 100 + LINKS), "and goes on with it");
	chain_end(b);
}

/* A server without a context saves its callers' Replies and takes the next call. */
static void check_saved(struct builder *b)
{
	struct actor second;
	struct message m;

	require(actor_create(b, ACTOR_PRIORITY, &second));
	chain_begin(b, 0);
	actor_start(&caller, chain[2].from, HANDLE_NONE, tag_make(LABEL_SAVE, carried, 0) | TAG_CALL, 1);
	check(chain[2].result == OK && link_state(2) == THREAD_RECEIVING && slot_of(chain[2].slot).kind == KIND_REPLY,
	      "it saves the Reply and waits for the next message");
	actor_start(&second, chain[2].from, HANDLE_NONE, tag_make(LABEL_THROUGH, carried, 0) | TAG_CALL, 5);
	check(actor_got(&second, tag_make(OK, carried, 0), 0, 6), "it serves the next caller, on that one's context");
	m = message_make(tag_make(OK, carried, 0), 8);
	check(ipc(chain[2].slot, HANDLE_NONE, &m) == OK && answered(OK, 8),
	      "the first caller, answered by somebody else, has its own back");
	actor_start(&caller, chain[2].from, HANDLE_NONE, tag_make(LABEL_SAVE, carried, 0) | TAG_CALL, 1);
	actor_start(&second, chain[2].from, HANDLE_NONE, tag_make(LABEL_HOLD, carried, 0) | TAG_CALL, 1);
	kill_link(b, 2);
	check(actor_failed(&second, ERROR_GONE, PHASE_RECEIVE, 0, 0) && actor_state(&caller) == THREAD_CALLING,
	      "when the server dies, only the caller being served learns of it");
	m = message_make(tag_make(OK, carried, 0), 9);
	check(ipc(chain[2].slot, HANDLE_NONE, &m) == OK && answered(OK, 9), "the other can still be answered");
	chain_end(b);
	actor_destroy(b, &second);
}

/* Where a server waits for something else than its own send or call, it runs on what is its own. */
static void check_given_back(struct builder *b)
{
	struct message m = message_make(tag_make(LABEL_THROUGH, carried, 0), 1);
	handle_t context;

	chain_begin(b, 0);
	actor_start(&caller, chain[2].from, HANDLE_NONE, tag_make(LABEL_SAVE, carried, 0) | TAG_CALL, 1);
	require(message_send(chain[2].from, &m));
	test_settle();
	check(chain[2].served == 1 && link_state(2) == THREAD_READY,
	      "a server that saved the Reply and waits for the next message has given back what it was lent");
	m = message_make(tag_make(OK, carried, 0), 9);
	check(ipc(chain[2].slot, HANDLE_NONE, &m) == OK && answered(OK, 9), "its caller, when it is answered, runs on it");
	actor_start(&caller, chain[1].from, HANDLE_NONE, tag_make(LABEL_WAIT, carried, 0) | TAG_CALL, 1);
	require(notification_signal(events, 1));
	test_settle();
	check(link_state(1) == THREAD_READY && actor_state(&caller) == THREAD_CALLING,
	      "so has one that waits on a Notification while it serves");
	supply(b, chain[1].worker.thread, &context);
	check(actor_error(&caller) == OK && link_state(1) == THREAD_RECEIVING, "given a context it answers");
	builder_release(b, context);
	chain_end(b);
}

/* ---- the first caller ends ---- */

static void check_abort_passive(struct builder *b)
{
	handle_t context[LINKS];

	chain_begin(b, 0);
	hold();
	require(thread_abort(caller.worker.thread));
	check(actor_failed(&caller, ERROR_ABORTED, PHASE_RECEIVE, 0, 0),
	      "an aborted caller has its context back at once and runs");
	open_gate();
	check(link_state(2) == THREAD_READY && link_state(1) == THREAD_CALLING && link_state(0) == THREAD_CALLING,
	      "the servers that ran on it stand still");
	supply(b, chain[2].worker.thread, &context[2]);
	check(link_state(2) == THREAD_RECEIVING && link_state(1) == THREAD_READY,
	      "given a context, the last goes on and answers");
	supply(b, chain[1].worker.thread, &context[1]);
	supply(b, chain[0].worker.thread, &context[0]);
	check(link_state(1) == THREAD_RECEIVING && link_state(0) == THREAD_RECEIVING, "and so does one after the other");
	check(works_again(), "the first one's answer to nobody is dropped; then all of them serve again");
	for (unsigned i = 0; i < LINKS; i++)
		builder_release(b, context[i]);
	chain_end(b);
}

static void check_abort_active(struct builder *b)
{
	chain_begin(b, 7);
	hold();
	require(thread_abort(caller.worker.thread));
	check(actor_failed(&caller, ERROR_ABORTED, PHASE_RECEIVE, 0, 0),
	      "aborted while servers with contexts of their own serve it");
	open_gate();
	check(link_state(2) == THREAD_RECEIVING && link_state(1) == THREAD_RECEIVING && link_state(0) == THREAD_RECEIVING,
	      "these go on with their own to the end");
	check(works_again(), "and serve the next");
	hold();
	require(thread_stop(caller.worker.thread));
	open_gate();
	check(link_state(0) == THREAD_RECEIVING, "the same when the caller is stopped");
	require(thread_resume(caller.worker.thread));
	check(actor_failed(&caller, ERROR_ABORTED, PHASE_RECEIVE, 0, 0), "which finds its call aborted");
	chain_end(b);
}

static void check_caller_destroyed(struct builder *b)
{
	struct actor doomed;

	require(actor_create(b, ACTOR_PRIORITY, &doomed));
	chain_begin(b, 5);
	actor_start(&doomed, chain[0].from, HANDLE_NONE, tag_make(LABEL_HOLD, carried, 0) | TAG_CALL, 1);
	actor_destroy(b, &doomed);
	open_gate();
	check(link_state(2) == THREAD_RECEIVING && link_state(1) == THREAD_READY && link_state(0) == THREAD_CALLING,
	      "when the caller is destroyed, servers go on as far as their own contexts carry them");
	kill_link(b, 1);
	check(chain[0].result == status_make(ERROR_GONE, PHASE_RECEIVE, 0) && link_state(0) == THREAD_RECEIVING,
	      "the one that stood still in the middle is destroyed: the one before it learns that");
	chain_end(b);
}

/* ---- a server ends ---- */

static void check_middle_destroyed(struct builder *b, unsigned active, const char *last_goes_on)
{
	chain_begin(b, active);
	hold();
	kill_link(b, 1);
	check(chain[0].result == status_make(ERROR_GONE, PHASE_RECEIVE, 0) && actor_error(&caller) == OK &&
		      tag_label(caller.script->m.tag) == ERROR_GONE,
	      "the middle of a chain is destroyed: who called it is told, has the context back, and answers");
	open_gate();
	check(link_state(2) == ((active & 4) != 0 ? THREAD_RECEIVING : THREAD_READY), last_goes_on);
	chain_end(b);
}

static void check_middle_aborted(struct builder *b)
{
	chain_begin(b, 0);
	hold();
	require(thread_abort(chain[1].worker.thread));
	check(chain[1].result == status_make(ERROR_ABORTED, PHASE_RECEIVE, 0) && actor_error(&caller) == OK &&
		      tag_label(caller.script->m.tag) == OK,
	      "a server aborted in its call has the context back and answers");
	open_gate();
	check(link_state(2) == THREAD_READY && link_state(1) == THREAD_RECEIVING && link_state(0) == THREAD_RECEIVING,
	      "the last one, which nobody waits for, stands still");
	chain_end(b);
}

static void check_last_destroyed(struct builder *b)
{
	chain_begin(b, 0);
	hold();
	kill_link(b, 2);
	check(chain[1].result == status_make(ERROR_GONE, PHASE_RECEIVE, 0) &&
		      chain[0].result == status_make(OK, PHASE_RECEIVE, 0) && actor_error(&caller) == OK,
	      "the end of a chain is destroyed: its caller goes on, the others are answered");
	chain_end(b);
}

/* A server that holds a lent context is stopped, and goes on later. */
static void check_stopped(struct builder *b)
{
	chain_begin(b, 0);
	hold();
	require(thread_stop(chain[2].worker.thread));
	check(link_state(2) == THREAD_STOPPED && actor_state(&caller) == THREAD_CALLING, "a stopped server's callers wait");
	require(thread_resume(chain[2].worker.thread));
	test_settle();
	check(chain[2].result == status_make(ERROR_ABORTED, PHASE_SEND, 0) && actor_error(&caller) == OK,
	      "resumed, it finds its send aborted, still has what it was lent, and answers");
	chain_end(b);
}

/* ---- the context ends ---- */

static void check_context_destroyed(struct builder *b, unsigned active)
{
	struct actor poor;
	handle_t context;

	require(actor_create(b, ACTOR_PRIORITY, &poor));
	chain_begin(b, active);
	actor_start(&poor, chain[0].from, HANDLE_NONE, tag_make(LABEL_HOLD, carried, 0) | TAG_CALL, 50);
	worker_make_passive(b, &poor.worker);
	open_gate();
	if (active == 0) {
		check(link_state(2) == THREAD_READY && link_state(0) == THREAD_CALLING,
		      "a lent context is destroyed: who ran on it stands still");
		kill_link(b, 0);
	} else {
		check(link_state(0) == THREAD_RECEIVING, "a lent context is destroyed: servers go on with their own");
	}
	check(state_of(poor.worker.thread) == THREAD_READY && poor.script->done == 0,
	      "the caller is woken with answer or error, but has nothing to run on");
	supply(b, poor.worker.thread, &context);
	if (active == 0)
		check(actor_failed(&poor, ERROR_GONE, PHASE_RECEIVE, 0, 0), "given a context it finds the error");
	else
		check(actor_got(&poor, tag_make(OK, carried, 0), 0, 50 + LINKS), "given a context it finds the answer");
	actor_destroy(b, &poor);
	builder_release(b, context);
	chain_end(b);
}

/* ---- anything may end ---- */

static uint32_t seed = 7;

static unsigned random_below(unsigned limit)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 16) % limit;
}

/* Something happens to a link of the chain, the gate opens sooner or later, at last all links die. */
static void check_nobody_hangs(struct builder *b)
{
	unsigned hanging = 0, killed = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		chain_begin(b, random_below(1 << LINKS));
		hold();
		for (unsigned i = 0; i < LINKS; i++) {
			struct link *link = &chain[random_below(LINKS)];
			unsigned what = random_below(4);

			if (link->worker.thread == HANDLE_NONE)
				continue;
			if (what == 0)
				(void)thread_abort(link->worker.thread);
			else if (what == 1)
				kill_link(b, (unsigned)(link - chain));
			else if (what == 2)
				open_gate();
			else if (link->worker.context != HANDLE_NONE)
				worker_make_passive(b, &link->worker);
			killed += what == 1;
		}
		chain_end(b);
		hanging += actor_state(&caller) != THREAD_STOPPED || actor_error(&caller) == ERROR_COUNT;
	}
	check(hanging == 0 && killed > ROUNDS / 4,
	      "whatever ends in a chain, in whatever order: the caller always comes back");
}

void test_run(struct builder *b)
{
	handle_t outer;

	require(builder_enter(b, 1024 * 1024, &outer));
	for (unsigned i = 0; i < LINKS; i++)
		chain[i].slot = builder_take_slots(b, 1);
	require(build_object(b, KIND_ENDPOINT, 0, &gate));
	require(build_object(b, KIND_NOTIFICATION, 0, &events));
	require(build_object(b, KIND_UNTYPED, 256 * 1024, &home));
	require(actor_create(b, ACTOR_PRIORITY, &caller));
	check_passive(b);
	check_saved(b);
	check_given_back(b);
	check_abort_passive(b);
	check_abort_active(b);
	check_caller_destroyed(b);
	check_middle_destroyed(b, 0, "what it called stands still");
	check_middle_destroyed(b, 4, "what it called goes on with its own context, and its answer is dropped");
	check_middle_aborted(b);
	check_last_destroyed(b);
	check_stopped(b);
	check_context_destroyed(b, 0);
	check_context_destroyed(b, 7);
	check_nobody_hangs(b);
	actor_destroy(b, &caller);
	builder_release(b, home);
	builder_release(b, events);
	builder_release(b, gate);
	check_ok(builder_leave(b, outer), "all memory comes back");
}
