/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replies (rules 15, 18): one caller's right to one answer, in one place: saved, moved, answered late and out of order,
 * deleted; callers and servers that end in between.
 */
#include "actor.h"
#include "support.h"

enum { CALLERS = 3, SLOTS = 4, FOREIGN_ENDPOINT = 20, FOREIGN_SLOT = 40, FAR_SLOT = 600, STEP = 1 << 21 };

static handle_t endpoint, other, slots; /* `slots`: the first of SLOTS empty slots */
static struct actor caller[CALLERS], server;

static const word_t carried = MESSAGE_REGISTERS;

static word_t answer(handle_t through, word_t w0)
{
	struct message m = message_make(tag_make(0, carried, 0), w0);

	return ipc(through, HANDLE_NONE, &m);
}

static bool answered(unsigned i, word_t w0)
{
	return actor_got(&caller[i], tag_make(0, carried, 0), 0, w0);
}

/* Caller i calls, and the test takes the call. */
static void take_call(unsigned i)
{
	struct message m;

	actor_call(&caller[i], endpoint, i);
	require(message_receive(endpoint, &m, 0));
}

static void take_and_save(unsigned i)
{
	take_call(i);
	require(thread_save_reply(PROGRAM_THREAD, slots + i));
}

static void abort_caller(void)
{
	require(thread_abort(caller[0].worker.thread));
	actor_settle(&caller[0]);
}

/* ---- saving ---- */

static void check_save(void)
{
	struct slot_state state;
	struct message m;

	take_and_save(0);
	state = slot_of(slots);
	check(state.kind == KIND_REPLY && state.rights == 0 && !state.derived_from && state.original,
	      "a saved Reply lies in its slot; its caller waits");
	check_error(message_answer(&(struct message){.tag = 0}), ERROR_BAD_HANDLE, "the server's own record is empty then");
	take_and_save(1);
	take_call(2);
	check(actor_state(&caller[0]) == THREAD_CALLING && actor_state(&caller[1]) == THREAD_CALLING, "their callers wait");
	check(answer(slots + 1, 11) == OK && answered(1, 11), "the second caller is answered first");
	check(answer(HANDLE_REPLY, 12) == OK && answered(2, 12), "then the third, from the record");
	actor_send(&caller[1], endpoint, 20);
	m = message_make(tag_make(0, carried, 0), 10);
	check(ipc(slots, endpoint, &m) == status_make(OK, PHASE_RECEIVE, 0) && message_got(&m, tag_make(1, carried, 0), 0, 20) &&
		      answered(0, 10),
	      "a saved Reply is answered and the next message received in one trap");
	check(slot_empty(slots) && slot_empty(slots + 1), "an answer empties the slot");
	check_equal(status_error(answer(slots, 1)), ERROR_BAD_HANDLE, "so there is no second one");
}

static void check_save_and_receive(void)
{
	struct message m = message_make(tag_make(THREAD_SAVE_REPLY, 1, 0), slots);

	take_call(0);
	actor_send(&caller[1], endpoint, 25);
	check(ipc(PROGRAM_THREAD, endpoint, &m) == status_make(OK, PHASE_RECEIVE, 0) &&
		      message_got(&m, tag_make(1, carried, 0), 0, 25) && slot_of(slots).kind == KIND_REPLY,
	      "a Reply is saved and the next message received in one trap");
	check(answer(slots, 26) == OK && answered(0, 26), "and answered later");
}

static void check_save_refused(void)
{
	check_error(thread_save_reply(PROGRAM_THREAD, slots), ERROR_BAD_HANDLE,
		    "without a pending caller nothing can be saved");
	check(slot_empty(slots), "and nothing is");
	take_call(0);
	check_error(thread_save_reply(PROGRAM_THREAD, endpoint), ERROR_BUSY, "a Reply is not saved to an occupied slot");
	check_error(thread_save_reply(PROGRAM_THREAD, HANDLE_NONE), ERROR_BAD_ARGUMENT, "nor to slot 0");
	check_error(thread_save_reply(PROGRAM_THREAD, test_info()->handle_slots), ERROR_BAD_ARGUMENT,
		    "nor beyond the table");
	check_error(thread_save_reply(PROGRAM_THREAD, HANDLE_REPLY), ERROR_BAD_ARGUMENT, "nor to the largest handle");
	check_error(thread_save_reply(server.worker.thread, slots), ERROR_BAD_ARGUMENT,
		    "nobody saves another thread's Reply");
	check(slot_empty(slots) && slot_of(endpoint).kind == KIND_ENDPOINT && actor_state(&caller[0]) == THREAD_CALLING,
	      "refused saves change nothing");
	check(answer(HANDLE_REPLY, 31) == OK && answered(0, 31), "after them the caller can be answered");
}

/* ---- the occupied record ---- */

static void check_occupied(struct builder *b)
{
	struct message m;
	handle_t events;

	require(build_object(b, KIND_NOTIFICATION, 0, &events));
	take_call(0);
	actor_send(&caller[1], endpoint, 40);
	m = message_make(0, 0);
	check(message_failed(&m, ipc(HANDLE_NONE, endpoint, &m), ERROR_BUSY, PHASE_RECEIVE, 0, 0),
	      "with a caller pending a receive on an Endpoint is refused");
	m = message_make(TAG_NOWAIT_RECEIVE, 0);
	check(message_failed(&m, ipc(HANDLE_NONE, other, &m), ERROR_BUSY, PHASE_RECEIVE, 0, 0),
	      "on any Endpoint, waiting or not");
	check_equal(actor_state(&caller[1]), THREAD_SENDING, "who waits there goes on waiting");
	require(notification_signal(events, 4));
	check(message_receive(events, &m, 0) == OK && m.badge == 4, "a Notification can be waited on meanwhile");
	check(actor_state(&caller[0]) == THREAD_CALLING && answer(HANDLE_REPLY, 41) == OK && answered(0, 41),
	      "the caller still has its answer to get");
	check(message_receive(endpoint, &m, 0) == OK && m.w[0] == 40, "then the next message can be received");
	builder_release(b, events);
}

/* ---- what can be done with a Reply ---- */

static void check_move_only(void)
{
	struct item *item = &buffer_self()->item[0];
	struct message m;

	take_and_save(0);
	check_error(space_derive(PROGRAM_SPACE, slots, slots + 1, RIGHTS_ALL), ERROR_BAD_ARGUMENT,
		    "a Reply is never derived");
	check_error(space_derive_badged(PROGRAM_SPACE, slots, slots + 1, RIGHTS_ALL, 1), ERROR_WRONG_KIND, "nor badged");
	window_handles(worker_buffer(&server.worker), slots + 1, 1);
	actor_receive(&server, other);
	*item = (struct item){.handle = slots, .control = RIGHTS_ALL};
	m = message_make(tag_make(1, carried, 1), 1);
	check_equal(ipc(other, HANDLE_NONE, &m), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0), "not as an item either");
	*item = (struct item){.handle = slots, .control = RIGHTS_ALL | ITEM_MOVE | ITEM_MAP};
	m = message_make(tag_make(1, carried, 1), 1);
	check_equal(ipc(other, HANDLE_NONE, &m), status_make(ERROR_WRONG_KIND, PHASE_SEND, 0), "nor can it be mapped");
	require(thread_abort(server.worker.thread));
	m = message_make(tag_make(0, carried, 0) | TAG_CALL, 1);
	check_equal(ipc(slots, HANDLE_NONE, &m), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0), "an answer is no CALL");
	m = message_make(0, 0);
	check_equal(ipc(HANDLE_NONE, slots, &m), status_make(ERROR_WRONG_KIND, PHASE_RECEIVE, 0),
		    "nothing is received from a Reply");
	check_ok(space_revoke(PROGRAM_SPACE, slots), "a Reply has nothing to revoke");
	check(slot_of(slots).kind == KIND_REPLY && actor_state(&caller[0]) == THREAD_CALLING,
	      "after all that it is still there");
	check_ok(space_move(PROGRAM_SPACE, slots, slots + 2), "it can be moved to another slot");
	check(slot_empty(slots) && answer(slots + 2, 51) == OK && answered(0, 51), "and answered from there");
}

/* Handed on with a message, to a thread that never saw the call. */
static void check_handed_on(void)
{
	struct message m = message_make(tag_make(1, carried, 1), 60);

	take_and_save(0);
	window_handles(worker_buffer(&server.worker), slots + 1, 1);
	actor_receive(&server, other);
	buffer_self()->item[0] = (struct item){.handle = slots, .control = ITEM_MOVE};
	check(ipc(other, HANDLE_NONE, &m) == OK && actor_got(&server, tag_make(1, carried, 1), 0, 60) && slot_empty(slots) &&
		      worker_buffer(&server.worker)->received[0].kind == KIND_REPLY &&
		      worker_buffer(&server.worker)->received[0].where == slots + 1,
	      "a Reply can be moved to another server with a message");
	actor_start(&server, slots + 1, HANDLE_NONE, tag_make(0, carried, 0), 61);
	check(answered(0, 61), "which answers the caller");
}

/* Replies as items of answers. */
static void check_in_answers(void)
{
	struct item *item = &buffer_self()->item[0];
	struct message m;

	take_and_save(0);
	take_and_save(1);
	window_handles(worker_buffer(&caller[0].worker), slots + 2, 2);
	*item = (struct item){.handle = slots, .control = ITEM_MOVE};
	m = message_make(tag_make(0, carried, 1), 70);
	check_equal(ipc(slots, HANDLE_NONE, &m), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0),
		    "no caller is given its own Reply");
	check(slot_of(slots).kind == KIND_REPLY && slot_empty(slots + 2) && actor_state(&caller[0]) == THREAD_CALLING,
	      "it stays where it is");
	*item = (struct item){.handle = slots + 1, .control = ITEM_MOVE};
	m = message_make(tag_make(0, carried, 1), 71);
	check(ipc(slots, HANDLE_NONE, &m) == OK && actor_got(&caller[0], tag_make(0, carried, 1), 0, 71) &&
		      slot_empty(slots + 1),
	      "but that of another caller");
	actor_start(&caller[0], slots + 2, HANDLE_NONE, tag_make(0, carried, 0), 72);
	check(answered(1, 72), "whom it can answer then");
	window_handles(worker_buffer(&caller[0].worker), 0, 0);
}

/* ---- Replies that vanish ---- */

static void check_deleted(struct builder *b)
{
	struct actor dying;

	take_and_save(0);
	require(space_delete(PROGRAM_SPACE, slots));
	check(actor_failed(&caller[0], ERROR_GONE, PHASE_RECEIVE, 0, 0), "deleting a saved Reply wakes its caller: gone");
	require(actor_create(b, ACTOR_PRIORITY, &dying));
	actor_receive(&dying, endpoint);
	actor_call(&caller[0], endpoint, 1);
	check_equal(actor_state(&caller[0]), THREAD_CALLING, "a caller waits for a server that does something else");
	actor_destroy(b, &dying);
	check(actor_failed(&caller[0], ERROR_GONE, PHASE_RECEIVE, 0, 0), "the death of its server wakes it: gone");
	require(actor_create(b, ACTOR_PRIORITY, &dying));
	actor_receive(&dying, endpoint);
	actor_call(&caller[0], endpoint, 2);
	actor_save(&dying, slots);
	check(slot_of(slots).kind == KIND_REPLY, "an actor saves its Reply");
	actor_destroy(b, &dying);
	check(actor_state(&caller[0]) == THREAD_CALLING && answer(slots, 81) == OK && answered(0, 81),
	      "a saved Reply outlives the thread that saved it: another answers");
}

/* Servers that are stopped keep their callers waiting. */
static void check_stopped_server(void)
{
	actor_receive(&server, endpoint);
	actor_call(&caller[0], endpoint, 1);
	check(actor_state(&server) == THREAD_STOPPED && actor_state(&caller[0]) == THREAD_CALLING,
	      "a server that stopped still owes its answer");
	require(thread_abort(server.worker.thread));
	require(thread_stop(server.worker.thread));
	check_equal(actor_state(&caller[0]), THREAD_CALLING, "abort and stop of it change nothing");
	actor_answer(&server, 91);
	check(answered(0, 91), "started again it can answer");
}

/* ---- callers that vanish ---- */

static void check_aborted_caller(void)
{
	struct message m;

	take_call(0);
	abort_caller();
	check(actor_failed(&caller[0], ERROR_ABORTED, PHASE_RECEIVE, 0, 0), "a caller can be aborted while it is served");
	check_equal(answer(HANDLE_REPLY, 1), status_make(OK, PHASE_SEND, 0), "the answer to it is dropped without an error");
	check_equal(status_error(answer(HANDLE_REPLY, 1)), ERROR_BAD_HANDLE, "and there is none any more");
	take_call(0);
	actor_send(&caller[1], endpoint, 100);
	abort_caller();
	m = message_make(tag_make(0, carried, 0), 1);
	check(ipc(HANDLE_REPLY, endpoint, &m) == status_make(OK, PHASE_RECEIVE, 0) &&
		      message_got(&m, tag_make(1, carried, 0), 0, 100),
	      "answer and receive: the answer is dropped, the receive goes on");
	take_call(0);
	abort_caller();
	actor_send(&caller[1], endpoint, 101);
	check(message_receive(endpoint, &m, 0) == OK && m.w[0] == 101,
	      "a record whose caller is gone does not stop a receive");
	take_call(0);
	abort_caller();
	check_error(thread_save_reply(PROGRAM_THREAD, slots), OK, "a Reply whose caller is gone can be saved");
	check(slot_of(slots).kind == KIND_REPLY && !slot_of(slots).original, "its slot tells that nobody waits for it");
	check(slot_of(slots).kind == KIND_REPLY && answer(slots, 1) == OK && slot_empty(slots), "and answered, to nobody");
}

static void check_dead_caller(struct builder *b)
{
	struct actor dying;
	struct message m;

	require(actor_create(b, ACTOR_PRIORITY, &dying));
	actor_call(&dying, endpoint, 1);
	require(message_receive(endpoint, &m, 0));
	require(thread_save_reply(PROGRAM_THREAD, slots));
	actor_destroy(b, &dying);
	buffer_self()->item[0] = (struct item){.handle = other, .control = ITEM_MOVE};
	m = message_make(tag_make(0, MESSAGE_WORDS, 1), 1);
	check(ipc(slots, HANDLE_NONE, &m) == OK && slot_empty(slots),
	      "the answer to a caller that was destroyed is dropped");
	check(slot_of(other).kind == KIND_ENDPOINT, "its items stay with their giver");
	require(actor_create(b, ACTOR_PRIORITY, &dying));
	actor_call(&dying, endpoint, 1);
	require(message_receive(endpoint, &m, 0));
	require(thread_stop(dying.worker.thread));
	check_equal(answer(HANDLE_REPLY, 1), status_make(OK, PHASE_SEND, 0),
		    "so is the answer to a caller that was stopped");
	require(thread_resume(dying.worker.thread));
	check(actor_failed(&dying, ERROR_ABORTED, PHASE_RECEIVE, 0, 0), "which finds its call aborted when it goes on");
	actor_destroy(b, &dying);
}

/* An old Reply says nothing about a new call of the same thread. */
static void check_stale(void)
{
	take_and_save(0);
	abort_caller();
	actor_call(&caller[0], endpoint, 2);
	struct message m;
	require(message_receive(endpoint, &m, 0));
	check(answer(slots, 1) == OK && actor_state(&caller[0]) == THREAD_CALLING,
	      "the answer to an aborted call does not answer the next");
	check(answer(HANDLE_REPLY, 111) == OK && answered(0, 111), "that has its own");
}

/* ---- failed answers ---- */

static void check_failed_answers(void)
{
	struct buffer *own = buffer_self();
	unsigned wrong = 0;

	take_and_save(0);
	take_call(1);
	actor_send(&caller[2], endpoint, 120);
	for (unsigned i = 0; i < 2; i++) {
		handle_t through = i == 0 ? slots : HANDLE_REPLY;
		struct message m = message_make(tag_make(0, MESSAGE_WORDS + 1, 0), 1);

		wrong += ipc(through, endpoint, &m) != status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0);
		own->item[0] = (struct item){.handle = endpoint, .control = RIGHT_SEND};
		own->item[1] = (struct item){.handle = HANDLE_REPLY, .control = RIGHT_SEND};
		m = message_make(tag_make(0, carried, 1), 1);
		wrong += ipc(through, endpoint, &m) != status_make(ERROR_WINDOW, PHASE_SEND, 0);
		window_handles(worker_buffer(&caller[i].worker), slots + 2, 2);
		m = message_make(tag_make(0, carried, 2), 1);
		wrong += ipc(through, endpoint, &m) != status_make(ERROR_BAD_HANDLE, PHASE_SEND, 1);
		window_handles(worker_buffer(&caller[i].worker), 0, 0);
		m = message_make(tag_make(LABEL_PAGE_FAULT, carried, 0), 1);
		wrong += ipc(through, endpoint, &m) != status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0);
		m = message_make(tag_make(0, carried, 0), 1);
		wrong += ipc(through, slots + 3, &m) != status_make(ERROR_BAD_HANDLE, PHASE_RECEIVE, 0);
		wrong += actor_state(&caller[i]) != THREAD_CALLING;
	}
	check_equal(wrong, 0, "an answer that fails keeps the Reply, saved or not, and receives nothing");
	check(answer(slots, 121) == OK && answered(0, 121) && answer(HANDLE_REPLY, 122) == OK && answered(1, 122),
	      "a right answer can follow");
	struct message m;
	check(message_receive(endpoint, &m, 0) == OK && m.w[0] == 120, "who waited to send is received then");
}

/* ---- Replies in another Space ---- */

static void check_foreign(struct builder *b)
{
	struct domain d;
	struct actor foreign;

	require(domain_create(b, DOMAIN_POOL, &d));
	require(actor_create(b, ACTOR_PRIORITY, &foreign));
	require(actor_move(&d, &foreign));
	require(space_derive(d.space, endpoint, FOREIGN_ENDPOINT, RIGHTS_ALL));
	take_and_save(0);
	check_ok(space_move(d.space, slots, FOREIGN_SLOT), "a Reply can be moved to another Space");
	actor_start(&foreign, FOREIGN_SLOT, HANDLE_NONE, tag_make(0, carried, 0), 131);
	check(answered(0, 131), "where a thread answers it");
	actor_receive(&foreign, FOREIGN_ENDPOINT);
	actor_call(&caller[0], endpoint, 1);
	for (uintptr_t at = (uintptr_t)1 << 34;
	     space_map(d.space, foreign.worker.memory, at, RIGHT_READ, 0, PAGE_SIZE, NULL) == OK;)
		at += STEP;
	actor_save(&foreign, FAR_SLOT);
	check(actor_error(&foreign) == ERROR_NO_MEMORY && foreign.script->m.w[0] > 0 &&
		      actor_state(&caller[0]) == THREAD_CALLING,
	      "if the pool has no memory for the slot, the save is refused and says how much is missing");
	actor_save(&foreign, FOREIGN_SLOT);
	check_ok(actor_error(&foreign), "a slot for which there is memory will do");
	actor_receive(&foreign, FOREIGN_ENDPOINT);
	actor_call(&caller[1], endpoint, 1);
	domain_destroy(b, &d);
	check(actor_failed(&caller[0], ERROR_GONE, PHASE_RECEIVE, 0, 0), "the Replies that a Space holds end with it: gone");
	check_equal(actor_state(&caller[1]), THREAD_CALLING,
		    "one in the record of its thread, which only stopped, does not");
	actor_destroy(b, &foreign);
	check(actor_failed(&caller[1], ERROR_GONE, PHASE_RECEIVE, 0, 0), "that ends with the thread: gone");
}

/* The caller's Space is destroyed. */
static void check_foreign_caller(struct builder *b)
{
	struct domain d;
	struct actor foreign;
	struct message m;

	require(domain_create(b, DOMAIN_POOL, &d));
	require(actor_create(b, ACTOR_PRIORITY, &foreign));
	require(actor_move(&d, &foreign));
	require(space_derive(d.space, endpoint, FOREIGN_ENDPOINT, RIGHTS_ALL));
	actor_call(&foreign, FOREIGN_ENDPOINT, 1);
	require(message_receive(endpoint, &m, 0));
	domain_destroy(b, &d);
	check_equal(actor_state(&foreign), THREAD_STOPPED, "a caller whose Space is destroyed is stopped");
	check_equal(answer(HANDLE_REPLY, 1), status_make(OK, PHASE_SEND, 0), "the answer to it is dropped");
	actor_destroy(b, &foreign);
}

void test_run(struct builder *b)
{
	handle_t outer;

	require(builder_enter(b, 4 * 1024 * 1024, &outer));
	slots = builder_take_slots(b, SLOTS);
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(build_object(b, KIND_ENDPOINT, 0, &other));
	require(actor_create(b, ACTOR_PRIORITY, &server));
	for (unsigned i = 0; i < CALLERS; i++)
		require(actor_create(b, ACTOR_PRIORITY, &caller[i]));
	check_save();
	check_save_and_receive();
	check_save_refused();
	check_occupied(b);
	check_move_only();
	check_handed_on();
	check_in_answers();
	check_deleted(b);
	check_stopped_server();
	check_aborted_caller();
	check_dead_caller(b);
	check_stale();
	check_failed_answers();
	check_foreign(b);
	check_foreign_caller(b);
	for (unsigned i = CALLERS; i > 0; i--)
		actor_destroy(b, &caller[i - 1]);
	actor_destroy(b, &server);
	builder_release(b, other);
	builder_release(b, endpoint);
	check_ok(builder_leave(b, outer), "all memory comes back");
}
