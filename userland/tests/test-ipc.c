/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system call's own rules: what may stand in `to`, `from` and the tag, which phases there are and in which order they
 * come, what NOWAIT means, and that a call which is refused changes nothing (rule 15).
 */
#include "actor.h"

enum { FLAG_SETS = 64, FLAG_SHIFT = 10, TAG_BITS = 32 };

static handle_t endpoint, other, events, more_events;
static struct actor actor;

static const word_t carried = MESSAGE_REGISTERS;

/* A handle that the test could name but must not use. */
struct bad {
	handle_t handle;
	enum error error;
	const char *name;
};

/* The bits of a Notification, taken; 0: none. */
static word_t bits_of(handle_t notification)
{
	struct message m;

	return message_receive(notification, &m, TAG_NOWAIT_RECEIVE) == OK ? m.badge : 0;
}

/* ---- both none: yield ---- */

static void check_yield(struct builder *b)
{
	struct message m = message_make(tag_make(1, carried, 0), 7);
	struct actor equal;

	check(message_failed(&m, ipc(HANDLE_NONE, HANDLE_NONE, &m), OK, PHASE_SEND, 0, 0),
	      "a yield succeeds and brings back nothing but zeros");
	m = message_make(TAG_NOWAIT_SEND | TAG_NOWAIT_RECEIVE, 7);
	check(message_failed(&m, ipc(HANDLE_NONE, HANDLE_NONE, &m), OK, PHASE_SEND, 0, 0),
	      "a yield takes no notice of NOWAIT");
	require(actor_create(b, TEST_PRIORITY, &equal));
	actor_start(&equal, HANDLE_NONE, events, TAG_NOWAIT_RECEIVE, 0);
	yield();
	check_error(actor_error(&equal), ERROR_WOULD_BLOCK, "a yield lets a thread of the same priority run");
	actor_destroy(b, &equal);
}

/* ---- to ---- */

/* `to` is bad: nothing happens, whatever the rest of the call says. The actor waits as a sender at `other`. */
static void check_bad_to(const struct bad *bad)
{
	static const word_t flags[] = {0, TAG_CALL, TAG_NOWAIT_SEND, TAG_NOWAIT_SEND | TAG_NOWAIT_RECEIVE};
	bool right = true;

	for (unsigned i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		for (unsigned j = 0; j < 2; j++) {
			struct message m = message_make(tag_make(1, carried, 0) | flags[i], 1);
			handle_t from = j != 0 ? other : HANDLE_NONE;

			if (j != 0 && flags[i] == TAG_CALL)
				continue;
			right = right && message_failed(&m, message_ipc(bad->handle, from, &m), bad->error, PHASE_SEND, 0, 0);
		}
	}
	check(right && actor_state(&actor) == THREAD_SENDING, bad->name);
}

static void check_to(struct builder *b)
{
	handle_t empty = builder_take_slots(b, 1), receive_only;
	struct message m;

	require(build_derived(b, endpoint, RIGHT_RECEIVE | RIGHT_TRANSFER, 0, &receive_only));
	const struct bad bad[] = {
		{empty, ERROR_BAD_HANDLE, "to: an empty slot is refused, the receive phase is skipped"},
		{test_info()->handle_slots, ERROR_BAD_HANDLE, "to: a handle beyond the table is refused"},
		{endpoint | (word_t)1 << 20, ERROR_BAD_HANDLE, "to: a handle far beyond the table is refused"},
		{endpoint | (word_t)1 << (sizeof(word_t) * 8 - 1), ERROR_BAD_HANDLE, "to: the top bit of a handle counts"},
		{HANDLE_REPLY - 1, ERROR_BAD_HANDLE, "to: the largest handle but REPLY is refused"},
		{HANDLE_REPLY, ERROR_BAD_HANDLE, "to: REPLY without a pending caller is refused"},
		{receive_only, ERROR_NO_RIGHTS, "to: an Endpoint without the right send is refused"},
	};
	actor_send(&actor, other, 50);
	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
		check_bad_to(&bad[i]);
	check(message_receive(other, &m, 0) == OK && message_got(&m, tag_make(1, carried, 0), 0, 50),
	      "the sender that waited all the time is received unharmed");
	builder_put_slots(b, empty, 1);
	builder_release(b, receive_only);
}

/* ---- from ---- */

/* `from` is bad: neither phase happens. The actor waits as a receiver at `endpoint`. */
static void check_bad_from(const struct bad *bad)
{
	static const word_t flags[] = {0, TAG_NOWAIT_SEND, TAG_NOWAIT_RECEIVE};
	bool right = true;

	for (unsigned i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		struct message m = message_make(tag_make(1, carried, 0) | flags[i], 1);

		right = right && message_failed(&m, ipc(HANDLE_NONE, bad->handle, &m), bad->error, PHASE_RECEIVE, 0, 0);
		m = message_make(tag_make(1, carried, 0) | flags[i], 1);
		right = right && message_failed(&m, ipc(endpoint, bad->handle, &m), bad->error, PHASE_RECEIVE, 0, 0);
	}
	check(right && actor_state(&actor) == THREAD_RECEIVING, bad->name);
}

static void check_from_kinds(struct builder *b)
{
	handle_t memory, untyped;

	require(build_object(b, KIND_MEMORY, PAGE_SIZE, &memory));
	require(build_object(b, KIND_UNTYPED, PAGE_SIZE, &untyped));
	const struct bad bad[] = {
		{memory, ERROR_WRONG_KIND, "from: Memory is refused"},
		{untyped, ERROR_WRONG_KIND, "from: an Untyped is refused"},
		{PROGRAM_SPACE, ERROR_WRONG_KIND, "from: a Space is refused"},
		{PROGRAM_THREAD, ERROR_WRONG_KIND, "from: a Thread is refused"},
		{PROGRAM_CONTEXT, ERROR_WRONG_KIND, "from: a SchedContext is refused"},
		{PROGRAM_SYSTEM, ERROR_WRONG_KIND, "from: System is refused"},
	};
	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
		check_bad_from(&bad[i]);
	builder_release(b, untyped);
	builder_release(b, memory);
}

static void check_from_rights(struct builder *b)
{
	handle_t empty = builder_take_slots(b, 1), send_only, badged, signal_only, badged_events;

	require(build_derived(b, other, RIGHT_SEND | RIGHT_TRANSFER, 0, &send_only));
	require(build_derived(b, other, RIGHTS_ALL, 5, &badged));
	require(build_derived(b, events, RIGHT_SIGNAL | RIGHT_ARM, 0, &signal_only));
	require(build_derived(b, events, RIGHTS_ALL, 5, &badged_events));
	const struct bad bad[] = {
		{empty, ERROR_BAD_HANDLE, "from: an empty slot is refused, nothing is sent"},
		{test_info()->handle_slots, ERROR_BAD_HANDLE, "from: a handle beyond the table is refused"},
		{HANDLE_REPLY, ERROR_BAD_HANDLE, "from: REPLY is refused"},
		{other | (word_t)1 << (sizeof(word_t) * 8 - 1), ERROR_BAD_HANDLE, "from: the top bit of a handle counts"},
		{send_only, ERROR_NO_RIGHTS, "from: an Endpoint without the right receive is refused"},
		{badged, ERROR_NO_RIGHTS, "from: a badged Endpoint cannot receive, whatever its rights"},
		{signal_only, ERROR_NO_RIGHTS, "from: a Notification without the right wait is refused"},
		{badged_events, ERROR_NO_RIGHTS, "from: a badged Notification cannot be waited on"},
	};
	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
		check_bad_from(&bad[i]);
	builder_put_slots(b, empty, 1);
	builder_release(b, send_only);
	builder_release(b, badged);
	builder_release(b, signal_only);
	builder_release(b, badged_events);
}

static void check_from(struct builder *b)
{
	struct message m = message_make(tag_make(1, carried, 0), 60);

	actor_receive(&actor, endpoint);
	check_from_kinds(b);
	check_from_rights(b);
	check(ipc(endpoint, HANDLE_NONE, &m) == OK && actor_got(&actor, tag_make(1, carried, 0), 0, 60),
	      "the receiver that waited all the time gets the first good message");
}

/* ---- the tag ---- */

/* May a call with these flags be made at all? */
static bool flags_right(word_t flags, bool to, bool from)
{
	if ((flags & ~(word_t)TAG_FLAGS) != 0)
		return false;
	return (flags & TAG_CALL) == 0 || (to && !from && flags == TAG_CALL);
}

/* Every set of flags with every combination of to and from, Notifications so that nothing blocks. */
static void check_flags(void)
{
	unsigned wrong = 0, left_traces = 0;

	for (word_t set = 0; set < FLAG_SETS * 4; set++) {
		word_t flags = set % FLAG_SETS << FLAG_SHIFT;
		handle_t to = (set & FLAG_SETS) != 0 ? events : HANDLE_NONE;
		handle_t from = (set & 2 * FLAG_SETS) != 0 ? more_events : HANDLE_NONE;
		bool right = flags_right(flags, to != HANDLE_NONE, from != HANDLE_NONE);
		struct message m = message_make(tag_make(NOTIFICATION_SIGNAL, 1, 0) | flags, 4);

		require(notification_signal(more_events, 2));
		wrong += status_error(ipc(to, from, &m)) != (right ? OK : ERROR_BAD_ARGUMENT);
		left_traces += bits_of(events) != (right && to != HANDLE_NONE ? 4 : 0);
		left_traces += bits_of(more_events) != (right && from != HANDLE_NONE ? 0 : 2);
	}
	check_equal(wrong, 0,
		    "of all flags with all combinations of to and from, exactly the contradictory ones are refused");
	check_equal(left_traces, 0, "a call refused for its flags neither sends nor receives");
}

/* Every count of words and items, every bit beyond the 32 of a tag; nobody receives, so a good one would block. */
static void check_counts(void)
{
	unsigned wrong = 0;

	for (word_t counts = 0; counts < 1 << FLAG_SHIFT; counts++) {
		struct message m = {.tag = counts | TAG_NOWAIT_SEND};
		bool right = tag_words(counts) <= MESSAGE_WORDS && tag_items(counts) <= MESSAGE_ITEMS;

		wrong += status_error(ipc(endpoint, HANDLE_NONE, &m)) != (right ? ERROR_WOULD_BLOCK : ERROR_BAD_ARGUMENT);
	}
	check_equal(wrong, 0, "0 to 64 words and 0 to 4 items can be sent, 65 to 127 and 5 to 7 not");
	for (unsigned bit = TAG_BITS; bit < sizeof(word_t) * 8; bit++) {
		struct message m = {.tag = tag_make(1, 1, 0) | TAG_NOWAIT_SEND | (word_t)1 << bit};

		wrong += status_error(ipc(endpoint, HANDLE_NONE, &m)) != ERROR_BAD_ARGUMENT;
	}
	check_equal(wrong, 0, "a tag has 32 bits: any beyond them is refused");
}

/* A kernel's label from user level, in every way that it could be sent. The actor receives, then holds a Reply. */
static void check_kernel_labels(void)
{
	unsigned wrong = 0;

	actor_receive(&actor, endpoint);
	for (word_t label = LABEL_KERNEL; label <= TAG_LABEL_MASK; label++) {
		struct message m = {.tag = tag_make(label, 1, 0) | (label & 1 ? TAG_CALL : TAG_NOWAIT_SEND)};

		wrong += status_error(ipc(endpoint, HANDLE_NONE, &m)) != ERROR_BAD_ARGUMENT;
		if (label % 256 != 0)
			continue;
		m = (struct message){.tag = tag_make(label, 0, 0) | TAG_NOWAIT_RECEIVE};
		wrong += status_error(ipc(HANDLE_NONE, other, &m)) != ERROR_BAD_ARGUMENT;
		m = (struct message){.tag = tag_make(label, 0, 0)};
		wrong += status_error(ipc(HANDLE_NONE, HANDLE_NONE, &m)) != ERROR_BAD_ARGUMENT;
		m = (struct message){.tag = tag_make(label, 0, 0)};
		wrong += status_error(ipc(events, HANDLE_NONE, &m)) != ERROR_BAD_ARGUMENT;
	}
	check_equal(wrong, 0, "labels with the top bit set are the kernel's: nobody else can send them");
	check(actor_state(&actor) == THREAD_RECEIVING, "no forged label reaches the receiver");
	require(thread_abort(actor.worker.thread));
}

static void check_forged_answers(struct builder *b)
{
	static const word_t labels[] = {LABEL_PAGE_FAULT, LABEL_EXCEPTION, LABEL_NOTIFICATION, TAG_LABEL_MASK};
	struct message m;
	bool refused = true;

	(void)b;
	actor_call(&actor, endpoint, 70);
	require(message_receive(endpoint, &m, 0));
	for (unsigned i = 0; i < sizeof labels / sizeof labels[0]; i++) {
		m = message_make(tag_make(labels[i], carried, 0), 1);
		refused = refused &&
			  message_failed(&m, ipc(HANDLE_REPLY, HANDLE_NONE, &m), ERROR_BAD_ARGUMENT, PHASE_SEND, 0, 0);
	}
	check(refused && actor_state(&actor) == THREAD_CALLING, "an answer cannot bear a label of the kernel's either");
	m = message_make(tag_make(3, carried, 0) | TAG_CALL, 1);
	check(message_failed(&m, ipc(HANDLE_REPLY, HANDLE_NONE, &m), ERROR_BAD_ARGUMENT, PHASE_SEND, 0, 0) &&
		      actor_state(&actor) == THREAD_CALLING,
	      "an answer cannot be a CALL");
	m = message_make(tag_make(LABEL_KERNEL - 1, carried, 0), 80);
	check(ipc(HANDLE_REPLY, HANDLE_NONE, &m) == OK && actor_got(&actor, tag_make(LABEL_KERNEL - 1, carried, 0), 0, 80),
	      "after refused answers the right one arrives, with the largest label");
}

/* ---- phases ---- */

static void check_nowait(void)
{
	struct message m = message_make(tag_make(1, carried, 0) | TAG_NOWAIT_SEND, 1);

	check(message_failed(&m, ipc(endpoint, HANDLE_NONE, &m), ERROR_WOULD_BLOCK, PHASE_SEND, 0, 0),
	      "NOWAIT_SEND without a receiver would block");
	require(notification_signal(events, 1));
	m = message_make(tag_make(1, carried, 0) | TAG_NOWAIT_SEND, 1);
	check(message_failed(&m, ipc(endpoint, events, &m), ERROR_WOULD_BLOCK, PHASE_SEND, 0, 0) && bits_of(events) == 1,
	      "NOWAIT_SEND without a receiver skips the receive phase");
	check(message_receive(endpoint, &m, TAG_NOWAIT_RECEIVE) == ERROR_WOULD_BLOCK,
	      "NOWAIT_RECEIVE without a sender would block");
	m = message_make(TAG_NOWAIT_RECEIVE, 1);
	check(message_failed(&m, ipc(HANDLE_NONE, events, &m), ERROR_WOULD_BLOCK, PHASE_RECEIVE, 0, 0),
	      "NOWAIT_RECEIVE without a bit would block");
	actor_receive(&actor, endpoint);
	m = message_make(tag_make(1, carried, 0) | TAG_NOWAIT_SEND | TAG_NOWAIT_RECEIVE, 90);
	check(message_failed(&m, ipc(endpoint, other, &m), ERROR_WOULD_BLOCK, PHASE_RECEIVE, 0, 0) &&
		      actor_got(&actor, tag_make(1, carried, 0), 0, 90),
	      "NOWAIT of both phases: the first is done, the second would block, and the receiver sees neither flag");
	actor_send(&actor, endpoint, 91);
	check(message_receive(endpoint, &m, TAG_NOWAIT_RECEIVE) == OK && message_got(&m, tag_make(1, carried, 0), 0, 91),
	      "NOWAIT_RECEIVE takes the message of a waiting sender");
	m = message_make(tag_make(NOTIFICATION_SIGNAL, 1, 0) | TAG_NOWAIT_SEND, 8);
	check(ipc(events, HANDLE_NONE, &m) == OK && bits_of(events) == 8, "NOWAIT_SEND to a kernel object is a send");
}

/* One trap, two phases. */
static void check_two_phases(void)
{
	struct message m;

	actor_start(&actor, endpoint, other, tag_make(1, carried, 0), 100);
	check_equal(actor_state(&actor), THREAD_SENDING, "send and receive in one trap: it waits for a receiver first");
	require(message_receive(endpoint, &m, 0));
	check(message_got(&m, tag_make(1, carried, 0), 0, 100), "its message arrives as a plain one");
	check_equal(actor_state(&actor), THREAD_RECEIVING, "then it waits for a sender");
	m = message_make(tag_make(2, carried, 0), 101);
	require(message_send(other, &m));
	check(actor_got(&actor, tag_make(2, carried, 0), 0, 101), "and what it brings back is what it received");
	actor_receive(&actor, endpoint);
	m = message_make(tag_make(NOTIFICATION_SIGNAL, 1, 0), 16);
	check(ipc(events, events, &m) == status_make(OK, PHASE_RECEIVE, 0) && m.badge == 16 &&
		      m.tag == tag_make(LABEL_NOTIFICATION, 0, 0),
	      "a signal to a Notification and a wait on it fit in one trap");
	m = message_make(tag_make(1, carried, 0), 102);
	check(ipc(endpoint, HANDLE_NONE, &m) == OK && message_failed(&m, OK, OK, PHASE_SEND, 0, 0),
	      "a send alone brings back zeros");
	check(actor_got(&actor, tag_make(1, carried, 0), 0, 102), "and its words arrive");
}

/* `to` = an object, `from` = an Endpoint in one trap; a failed message to an object skips the receive. */
static void check_object_and_receive(void)
{
	struct message m = message_make(tag_make(NOTIFICATION_ARM, 4, 0), 0);

	actor_send(&actor, endpoint, 110);
	m.w[0] = 32;
	m.w[1] = UINT32_MAX;
	m.w[2] = UINT32_MAX;
	m.w[3] = 0;
	check(ipc(events, endpoint, &m) == status_make(OK, PHASE_RECEIVE, 0) && message_got(&m, tag_make(1, carried, 0), 0, 110),
	      "a deadline is armed and a message received in one trap");
	bool armed = false;
	check(notification_disarm(events, &armed) == OK && armed, "the deadline was armed");
	actor_send(&actor, endpoint, 111);
	m = message_make(tag_make(NOTIFICATION_ARM, 4, 0), 1);
	m.w[3] = ARM_BREAK + 1;
	check(message_failed(&m, ipc(events, endpoint, &m), ERROR_BAD_ARGUMENT, PHASE_SEND, 0, 0) &&
		      actor_state(&actor) == THREAD_SENDING,
	      "a refused message to an object skips the receive phase");
	m = message_make(tag_make(77, 0, 0), 1);
	check(message_failed(&m, ipc(events, endpoint, &m), ERROR_BAD_ARGUMENT, PHASE_SEND, 0, 0),
	      "a label that the object does not know is refused");
	m = message_make(tag_make(NOTIFICATION_SIGNAL, 1, 1), 1);
	check(message_failed(&m, ipc(events, HANDLE_NONE, &m), ERROR_BAD_ARGUMENT, PHASE_SEND, 0, 0) && bits_of(events) == 0,
	      "a kernel object takes no items");
	require(message_receive(endpoint, &m, 0));
}

/* Answer and receive in one trap, and both phases of its failures. */
static void check_reply_and_wait(struct builder *b)
{
	struct actor second;
	struct message m;

	require(actor_create(b, ACTOR_PRIORITY, &second));
	actor_call(&actor, endpoint, 120);
	actor_send(&second, endpoint, 121);
	require(message_receive(endpoint, &m, 0));
	check(message_got(&m, tag_make(1, carried, 0) | TAG_CALL, 0, 120), "a call is marked as one");
	m = message_make(tag_make(4, 65, 0), 1);
	check(status_error(ipc(HANDLE_REPLY, endpoint, &m)) == ERROR_BAD_ARGUMENT && actor_state(&second) == THREAD_SENDING,
	      "a refused answer skips the receive phase");
	m = message_make(tag_make(4, carried, 0) | TAG_NOWAIT_SEND, 122);
	check(ipc(HANDLE_REPLY, endpoint, &m) == status_make(OK, PHASE_RECEIVE, 0) &&
		      message_got(&m, tag_make(1, carried, 0), 0, 121),
	      "answer and receive in one trap: the next message is there");
	check(actor_got(&actor, tag_make(4, carried, 0), 0, 122), "and the caller has its answer, without badge and flags");
	m = message_make(tag_make(4, carried, 0), 1);
	check(message_failed(&m, ipc(HANDLE_REPLY, HANDLE_NONE, &m), ERROR_BAD_HANDLE, PHASE_SEND, 0, 0),
	      "one call has one answer");
	actor_call(&actor, endpoint, 123);
	require(message_receive(endpoint, &m, 0));
	m = message_make(tag_make(4, carried, 0) | TAG_NOWAIT_RECEIVE, 124);
	check(message_failed(&m, ipc(HANDLE_REPLY, endpoint, &m), ERROR_WOULD_BLOCK, PHASE_RECEIVE, 0, 0) &&
		      actor_got(&actor, tag_make(4, carried, 0), 0, 124),
	      "answer and NOWAIT_RECEIVE: the answer counts though nobody is there to be received");
	actor_destroy(b, &second);
}

void test_run(struct builder *b)
{
	handle_t outer;

	require(builder_enter(b, 1024 * 1024, &outer));
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(build_object(b, KIND_ENDPOINT, 0, &other));
	require(build_object(b, KIND_NOTIFICATION, 0, &events));
	require(build_object(b, KIND_NOTIFICATION, 0, &more_events));
	require(actor_create(b, ACTOR_PRIORITY, &actor));
	check_yield(b);
	check_to(b);
	check_from(b);
	check_flags();
	check_counts();
	check_kernel_labels();
	check_forged_answers(b);
	check_nowait();
	check_two_phases();
	check_object_and_receive();
	check_reply_and_wait(b);
	actor_destroy(b, &actor);
	builder_release(b, more_events);
	builder_release(b, events);
	builder_release(b, other);
	builder_release(b, endpoint);
	check_ok(builder_leave(b, outer), "all memory comes back");
}
