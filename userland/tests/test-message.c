/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a message carries: every count of words by every way, message buffers and threads without one, badges (rule 6),
 * and that a CALL to a kernel object equals a send, so that a server can stand in for any object (rule 15).
 */
#include <string.h>

#include "actor.h"

#define UNTOUCHED ((word_t)0x5a5a5a5a)

static handle_t endpoint;
static struct actor actor, bare; /* `bare` has no message buffer */

static const word_t carried = MESSAGE_REGISTERS;

/* ---- words ---- */

static void fill_words(struct buffer *buffer, word_t first)
{
	for (unsigned i = 0; i < MESSAGE_WORDS; i++)
		buffer->word[i] = first + i;
}

static void fill_untouched(struct buffer *buffer)
{
	word_t *word = (word_t *)buffer;

	memset(buffer, 0, BUFFER_SIZE);
	for (unsigned i = 0; i < sizeof *buffer / sizeof *word; i++)
		word[i] = UNTOUCHED;
	buffer->handle_count = 0;
	buffer->map_length = 0;
}

/* Words from the sixth up to the count arrived in the buffer; nothing else in it was touched. */
static bool buffer_right(const struct buffer *buffer, word_t count, word_t first)
{
	const word_t *word = (const word_t *)buffer;
	bool right = buffer->handle_count == 0 && buffer->map_length == 0;

	for (unsigned i = 0; i < sizeof *buffer / sizeof *word; i++) {
		bool arrived = i >= MESSAGE_REGISTERS && i < count;

		if (&word[i] == &buffer->handle_count || &word[i] == &buffer->map_length)
			continue;
		right = right && word[i] == (arrived ? first + i : UNTOUCHED);
	}
	return right;
}

/* Sent to a thread that waits: each count of words. */
static void check_sends(void)
{
	unsigned wrong = 0;

	for (word_t count = 0; count <= MESSAGE_WORDS; count++) {
		struct message m = message_make(tag_make(count, count, 0), 1000 * count);

		fill_words(buffer_self(), 1000 * count);
		fill_untouched(worker_buffer(&actor.worker));
		actor_receive(&actor, endpoint);
		wrong += ipc(endpoint, HANDLE_NONE, &m) != OK;
		wrong += !actor_got(&actor, tag_make(count, count, 0), 0, 1000 * count);
		wrong += !buffer_right(worker_buffer(&actor.worker), count, 1000 * count);
	}
	check_equal(wrong, 0,
		    "0 to 64 words reach a waiting receiver: those in registers always, the others as counted, nothing else is written");
}

/* Taken from a thread that waits to send: each count of words. */
static void check_receives(void)
{
	unsigned wrong = 0;

	for (word_t count = 0; count <= MESSAGE_WORDS; count++) {
		struct message m;

		fill_untouched(buffer_self());
		fill_words(worker_buffer(&actor.worker), 2000 * count);
		actor_start(&actor, endpoint, HANDLE_NONE, tag_make(count, count, 0), 2000 * count);
		wrong += message_receive(endpoint, &m, 0) != OK;
		wrong += !message_got(&m, tag_make(count, count, 0), 0, 2000 * count);
		wrong += !buffer_right(buffer_self(), count, 2000 * count);
		wrong += !actor_failed(&actor, OK, PHASE_SEND, 0, 0);
	}
	check_equal(wrong, 0, "0 to 64 words are taken from a waiting sender, which gets zeros back");
}

/* Call and answer: each count of words both ways. */
static void check_calls(void)
{
	unsigned wrong = 0;

	for (word_t count = 0; count <= MESSAGE_WORDS; count++) {
		word_t back = MESSAGE_WORDS - count;
		struct message m;

		fill_untouched(buffer_self());
		fill_words(worker_buffer(&actor.worker), 3000 * count);
		actor_start(&actor, endpoint, HANDLE_NONE, tag_make(1, count, 0) | TAG_CALL, 3000 * count);
		wrong += message_receive(endpoint, &m, 0) != OK;
		wrong += !message_got(&m, tag_make(1, count, 0) | TAG_CALL, 0, 3000 * count);
		wrong += !buffer_right(buffer_self(), count, 3000 * count);
		fill_words(buffer_self(), 4000 * count);
		fill_untouched(worker_buffer(&actor.worker));
		m = message_make(tag_make(2, back, 0), 4000 * count);
		wrong += message_answer(&m) != OK;
		wrong += !actor_got(&actor, tag_make(2, back, 0), 0, 4000 * count);
		wrong += !buffer_right(worker_buffer(&actor.worker), back, 4000 * count);
	}
	check_equal(wrong, 0, "0 to 64 words go with a call, and 64 to 0 come back with its answer");
}

/* ---- threads without a buffer ---- */

static void check_bare_sender(void)
{
	struct message m;

	actor_start(&bare, endpoint, HANDLE_NONE, tag_make(1, carried + 1, 0), 1);
	check(actor_failed(&bare, ERROR_BAD_ARGUMENT, PHASE_SEND, 0, 0), "without a buffer a seventh word cannot be sent");
	actor_start(&bare, endpoint, HANDLE_NONE, tag_make(1, 0, 1), 1);
	check(actor_failed(&bare, ERROR_BAD_ARGUMENT, PHASE_SEND, 0, 0), "without a buffer no item can be sent");
	actor_start(&bare, endpoint, HANDLE_NONE, tag_make(1, carried, 0), 11);
	check(message_receive(endpoint, &m, 0) == OK && message_got(&m, tag_make(1, carried, 0), 0, 11),
	      "without a buffer register words can be sent");
	actor_call(&bare, endpoint, 12);
	check(message_receive(endpoint, &m, 0) == OK && message_got(&m, tag_make(1, carried, 0) | TAG_CALL, 0, 12),
	      "without a buffer a call can be made");
	m = message_make(tag_make(2, carried + 1, 0), 13);
	check(message_failed(&m, ipc(HANDLE_REPLY, HANDLE_NONE, &m), ERROR_WINDOW, PHASE_SEND, 0, 0),
	      "an answer of seven words does not fit a caller without a buffer");
	m = message_make(tag_make(2, carried, 0), 14);
	check(message_answer(&m) == OK && actor_got(&bare, tag_make(2, carried, 0), 0, 14),
	      "the Reply is still there: register words fit");
}

static void check_bare_receiver(void)
{
	struct message m = message_make(tag_make(1, carried + 1, 0), 21);

	actor_receive(&bare, endpoint);
	check(message_failed(&m, ipc(endpoint, HANDLE_NONE, &m), ERROR_WINDOW, PHASE_SEND, 0, 0),
	      "seven words do not fit a receiver without a buffer");
	buffer_self()->item[0] = (struct item){.handle = endpoint, .control = RIGHT_SEND};
	m = message_make(tag_make(1, 1, 1), 22);
	check(message_failed(&m, ipc(endpoint, HANDLE_NONE, &m), ERROR_WINDOW, PHASE_SEND, 0, 0),
	      "an item does not fit a receiver without a buffer");
	m = message_make(tag_make(1, carried + 1, 0) | TAG_CALL, 23);
	check(message_failed(&m, ipc(endpoint, HANDLE_NONE, &m), ERROR_WINDOW, PHASE_SEND, 0, 0),
	      "a call of seven words fails in its send phase");
	m = message_make(tag_make(1, carried, 0), 24);
	check(message_send(endpoint, &m) == OK && actor_got(&bare, tag_make(1, carried, 0), 0, 24),
	      "after three that did not fit the receiver still waits, and register words fit");
}

/* The buffer's Memory is taken away from a thread that waits to send, then from one that waits to receive. */
static void check_buffer_revoked(struct builder *b)
{
	handle_t memory;
	struct thread_binding binding = {.what = CONFIGURE_BUFFER, .buffer_offset = 3 * BUFFER_ALIGN};
	struct message m;
	struct actor loser;

	require(build_object(b, KIND_MEMORY, PAGE_SIZE, &memory));
	require(actor_create(b, ACTOR_PRIORITY, &loser));
	binding.buffer = memory;
	require(thread_configure(loser.worker.thread, &binding));
	actor_start(&loser, endpoint, HANDLE_NONE, tag_make(1, carried + 1, 0), 41);
	check_equal(actor_state(&loser), THREAD_SENDING, "a buffer may lie anywhere in its Memory");
	require(space_revoke(PROGRAM_SPACE, memory));
	actor_send(&actor, endpoint, 42);
	check(message_receive(endpoint, &m, 0) == OK && message_got(&m, tag_make(1, carried, 0), 0, 42),
	      "a waiting sender of seven words whose buffer was revoked is passed over");
	check(actor_failed(&loser, ERROR_BAD_ARGUMENT, PHASE_SEND, 0, 0), "its send ends with an error");
	require(thread_configure(loser.worker.thread, &binding));
	actor_receive(&loser, endpoint);
	builder_release(b, memory);
	m = message_make(tag_make(1, MESSAGE_WORDS, 0), 43);
	check_error(message_send(endpoint, &m), ERROR_WINDOW, "64 words do not fit a receiver whose buffer was destroyed");
	m = message_make(tag_make(1, carried, 0), 44);
	check(message_send(endpoint, &m) == OK && actor_got(&loser, tag_make(1, carried, 0), 0, 44),
	      "register messages are left to it");
	actor_destroy(b, &loser);
}

/* Two threads with one buffer: only their own data suffers. */
static void check_shared_buffer(struct builder *b)
{
	struct thread_binding binding = {.what = CONFIGURE_BUFFER, .buffer = actor.worker.memory};
	struct actor twin;

	require(actor_create(b, ACTOR_PRIORITY, &twin));
	require(thread_configure(twin.worker.thread, &binding));
	fill_words(worker_buffer(&actor.worker), 500);
	actor_receive(&actor, endpoint);
	actor_start(&twin, endpoint, HANDLE_NONE, tag_make(1, MESSAGE_WORDS, 0), 500);
	check(actor_got(&actor, tag_make(1, MESSAGE_WORDS, 0), 0, 500) && worker_buffer(&actor.worker)->word[63] == 563,
	      "two threads may share a buffer, and send through it to each other");
	actor_destroy(b, &twin);
}

/* ---- badges ---- */

static void check_badge_set_once(struct builder *b)
{
	handle_t slot = builder_take_slots(b, 1), badged, copy;
	struct slot_state state;

	require(build_derived(b, endpoint, RIGHTS_ALL, UINT32_MAX, &badged));
	check_error(space_derive_badged(PROGRAM_SPACE, badged, slot, RIGHTS_ALL, 3), ERROR_BAD_ARGUMENT,
		    "a badge is set once");
	check_error(space_derive_badged(PROGRAM_SPACE, badged, slot, RIGHTS_ALL, UINT32_MAX), ERROR_BAD_ARGUMENT,
		    "a badge is not even set to itself");
	if (sizeof(word_t) > sizeof(uint32_t))
		check_error(space_derive_badged(PROGRAM_SPACE, endpoint, slot, RIGHTS_ALL, (word_t)UINT32_MAX + 1),
			    ERROR_BAD_ARGUMENT, "a badge has 32 bits");
	check_error(space_derive_badged(PROGRAM_SPACE, PROGRAM_THREAD, slot, RIGHTS_ALL, 3), ERROR_WRONG_KIND,
		    "a Thread bears no badge");
	check_error(space_derive_badged(PROGRAM_SPACE, endpoint, slot, RIGHTS_ALL, 0), ERROR_BAD_ARGUMENT, "0 is no badge");
	check(space_slot(PROGRAM_SPACE, slot, &state) == OK && state.kind == KIND_NONE,
	      "refused derivations leave the slot empty");
	require(build_derived(b, badged, RIGHTS_ALL, 0, &copy));
	check(space_slot(PROGRAM_SPACE, copy, &state) == OK && state.badge == UINT32_MAX,
	      "a derivation has its parent's badge");
	builder_release(b, copy);
	builder_release(b, badged);
	builder_put_slots(b, slot, 1);
}

static void check_badge_seen(struct builder *b)
{
	static const word_t badges[] = {1, 0x80000000, UINT32_MAX, 0x12345678};
	unsigned wrong = 0;

	for (unsigned i = 0; i < sizeof badges / sizeof badges[0]; i++) {
		struct message m;
		handle_t badged;

		require(build_derived(b, endpoint, RIGHT_SEND, badges[i], &badged));
		actor_send(&actor, badged, 1);
		wrong += message_receive(endpoint, &m, 0) != OK || m.badge != badges[i];
		actor_call(&actor, badged, 1);
		wrong += message_receive(endpoint, &m, 0) != OK || m.badge != badges[i];
		m = message_make(tag_make(0, carried, 0), 2);
		wrong += message_answer(&m) != OK || !actor_got(&actor, tag_make(0, carried, 0), 0, 2);
		actor_receive(&actor, endpoint);
		m = message_make(tag_make(1, carried, 0), 3);
		wrong += message_send(badged, &m) != OK || !actor_got(&actor, tag_make(1, carried, 0), badges[i], 3);
		builder_release(b, badged);
	}
	check_equal(wrong, 0, "the receiver sees the badge of waiting senders, callers and direct senders, all 32 bits");
}

/* ---- kernel objects ---- */

/* The same message as a send and as a CALL. */
static bool call_equals_send(handle_t object, word_t label, word_t words, word_t w0)
{
	struct message sent = {.tag = tag_make(label, words, 0), .w = {w0}};
	struct message called = {.tag = tag_make(label, words, 0) | TAG_CALL, .w = {w0}};
	word_t send_status = ipc(object, HANDLE_NONE, &sent), call_status = ipc(object, HANDLE_NONE, &called);

	return send_status == call_status && memcmp(&sent, &called, sizeof sent) == 0;
}

static void check_call_equals_send(void)
{
	struct message m = message_make(tag_make(SPACE_QUERY, carried, 0), 7);

	check(call_equals_send(PROGRAM_SPACE, SPACE_QUERY, 0, 0), "Space query: a CALL equals a send");
	check(call_equals_send(PROGRAM_SPACE, SPACE_SLOT, 1, PROGRAM_THREAD), "Space slot: a CALL equals a send");
	check(call_equals_send(PROGRAM_UNTYPED, UNTYPED_QUERY, 0, 0), "Untyped query: a CALL equals a send");
	check(call_equals_send(PROGRAM_SPACE, SPACE_SLOT, 1, ~(word_t)0), "an error of an object: a CALL equals a send");
	check(call_equals_send(PROGRAM_SPACE, 999, 0, 0), "a label that nobody knows: a CALL equals a send");
	check(ipc(PROGRAM_SPACE, HANDLE_NONE, &m) == status_make(OK, PHASE_SEND, 0) && m.tag == tag_make(0, 4, 0) &&
		      m.badge == 0 && m.w[2] == test_info()->handle_slots && m.w[4] == 0 && m.w[5] == 0,
	      "an object's answer has its words, label 0, no badge, and zeros behind");
	m = message_make(tag_make(SPACE_SLOT, 0, 0), PROGRAM_THREAD);
	check(status_error(ipc(PROGRAM_SPACE, HANDLE_NONE, &m)) == OK && m.w[0] == KIND_NONE,
	      "an object sees only the words that are counted: the others are 0");
}

/* Plays a Thread: query and an order; everything else is refused, as a Thread would. */
static void stand_in(word_t through)
{
	struct message m;

	(void)message_receive(through, &m, 0);
	for (;;) {
		word_t label = tag_label(m.tag);

		m = (struct message){.tag = tag_make(ERROR_BAD_ARGUMENT, 0, 0)};
		if (label == THREAD_QUERY)
			m = message_make(tag_make(OK, 5, 0), THREAD_FAULTED);
		else if (label == THREAD_STOP)
			m.tag = tag_make(ERROR_BUSY, 0, 0);
		(void)message_answer_receive(through, &m);
	}
}

static void check_stand_in(struct builder *b)
{
	struct thread_report report = {.state = THREAD_STOPPED};
	struct worker server;
	handle_t thread;

	require(build_derived(b, endpoint, RIGHT_SEND, 1, &thread));
	require(worker_create(b, stand_in, endpoint, ACTOR_PRIORITY, &server));
	require(worker_begin(&server));
	check(thread_query(thread, &report) == OK && report.state == THREAD_FAULTED && report.sp == THREAD_FAULTED + 4,
	      "a server can stand in for an object: the wrapper sees its answer");
	check_error(thread_stop(thread), ERROR_BUSY, "the wrapper sees its errors");
	check_error(thread_resume(thread), ERROR_BAD_ARGUMENT, "and what it does not know");
	worker_destroy(b, &server);
	builder_release(b, thread);
}

void test_run(struct builder *b)
{
	handle_t outer;

	require(builder_enter(b, 1024 * 1024, &outer));
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(actor_create(b, ACTOR_PRIORITY, &actor));
	require(actor_create(b, ACTOR_PRIORITY, &bare));
	require(actor_unbuffer(&bare));
	check_sends();
	check_receives();
	check_calls();
	check_bare_sender();
	check_bare_receiver();
	check_buffer_revoked(b);
	check_shared_buffer(b);
	check_badge_set_once(b);
	check_badge_seen(b);
	check_call_equals_send();
	check_stand_in(b);
	actor_destroy(b, &bare);
	actor_destroy(b, &actor);
	builder_release(b, endpoint);
	check_ok(builder_leave(b, outer), "all memory comes back");
}
