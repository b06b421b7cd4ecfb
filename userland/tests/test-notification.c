/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notifications: the word of bits, rights and badges, waiters, the binding to a thread, and what their death does. Deadlines are
 * test-deadline's.
 */
#include "actor.h"
#include "timing.h"

enum { MANY = 100 };

static struct builder *b;
static handle_t n;        /* the Notification of most cases */
static handle_t endpoint; /* that servers receive from */

static void new_actor(struct actor *a, word_t priority)
{
	require(actor_create(b, priority, a));
}

/* ---- the word of bits ---- */

static void check_bits(void)
{
	struct message m;
	word_t status;

	check_error(message_receive(n, &m, TAG_NOWAIT_RECEIVE), ERROR_WOULD_BLOCK, "a new Notification has no bits");
	check_ok(notification_signal(n, 1), "a signal nobody waits for succeeds");
	check_ok(notification_signal(n, 4), "and so does a second one");
	m = message_make(0, 77);
	status = message_ipc(HANDLE_NONE, n, &m);
	check(status == status_make(OK, PHASE_RECEIVE, 0) && message_signalled(&m, 5),
	      "a wait takes the bits of all signals before it, and nothing else");
	m = message_make(TAG_NOWAIT_RECEIVE, 77);
	status = ipc(HANDLE_NONE, n, &m);
	check(message_failed(&m, status, ERROR_WOULD_BLOCK, PHASE_RECEIVE, 0, 0), "a wait takes them for good");
	check_ok(notification_signal(n, 0), "a signal without bits succeeds");
	check_equal(pending(n), 0, "a signal without bits sets none");
	(void)notification_signal(n, UINT32_MAX);
	check_equal(pending(n), UINT32_MAX, "all 32 bits can be set");
	(void)notification_signal(n, 6);
	(void)notification_signal(n, 3);
	check_equal(pending(n), 7, "a bit that is set twice is set once");
}

/* One message with label and w0 to the Notification, with a receive phase from `from`. */
static word_t message_to(handle_t from, word_t tag, word_t w0, struct message *m)
{
	*m = (struct message){.tag = tag, .w = {w0}};
	return message_ipc(n, from, m);
}

static void check_messages(void)
{
	const word_t signal = tag_make(NOTIFICATION_SIGNAL, 1, 0);
	struct message m;

	check(message_to(HANDLE_NONE, signal, 1, &m) == OK && pending(n) == 1, "a plain send signals");
	check(message_to(HANDLE_NONE, signal | TAG_NOWAIT_SEND, 2, &m) == OK && pending(n) == 2, "so does one that must not wait");
	check(message_to(HANDLE_NONE, signal | TAG_CALL, 4, &m) == OK && pending(n) == 4, "so does a call");
	check(message_to(n, signal, 8, &m) == status_make(OK, PHASE_RECEIVE, 0) && message_signalled(&m, 8),
	      "one system call can signal and wait");
	check(message_to(HANDLE_NONE, tag_make(NOTIFICATION_SIGNAL, 0, 0), 1, &m) == OK && pending(n) == 0,
	      "a signal of no words has no bits, whatever the register holds");
	check_error(notification_signal(n, (word_t)UINT32_MAX + 1), ERROR_BAD_ARGUMENT, "a 33rd bit is refused");
	check_error(notification_signal(n, (word_t)-1), ERROR_BAD_ARGUMENT, "so are 64 bits");
	check_equal(pending(n), 0, "a refused signal sets nothing");
	for (word_t label = NOTIFICATION_UNBIND + 1; label < LABEL_KERNEL; label = label * 5 + 2)
		if (message_to(HANDLE_NONE, tag_make(label, 1, 0), 1, &m) != ERROR_BAD_ARGUMENT)
			check_equal(label, 0, "an unknown label is refused");
	check_equal(pending(n), 0, "unknown labels set nothing");
	check(message_to(HANDLE_NONE, tag_make(LABEL_NOTIFICATION, 1, 0), 1, &m) == ERROR_BAD_ARGUMENT,
	      "nobody but the kernel uses its labels");
	check(message_to(HANDLE_NONE, tag_make(NOTIFICATION_SIGNAL, 1, 1), 1, &m) == ERROR_BAD_ARGUMENT,
	      "a message with an item is refused");
	(void)notification_signal(n, 16);
	check(message_to(n, tag_make(NOTIFICATION_UNBIND + 1, 1, 0), 1, &m) == status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0) &&
		      pending(n) == 16,
	      "a refused message skips the wait behind it");
	check(message_to(HANDLE_NONE, signal | TAG_CALL | TAG_NOWAIT_SEND, 1, &m) == ERROR_BAD_ARGUMENT && pending(n) == 0,
	      "a call with NOWAIT is refused and sets nothing");
}

static void check_handles(void)
{
	const handle_t bad[] = {builder_take_slots(b, 1), test_info()->handle_slots, (handle_t)1 << 32, HANDLE_REPLY - 1, HANDLE_REPLY};
	const handle_t kinds[] = {PROGRAM_SPACE, PROGRAM_THREAD, PROGRAM_CONTEXT, PROGRAM_UNTYPED, PROGRAM_SYSTEM};
	struct message m;
	bool all = true;

	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
		all = all && message_to(bad[i], tag_make(NOTIFICATION_SIGNAL, 1, 0), 1, &m) ==
				     status_make(ERROR_BAD_HANDLE, PHASE_RECEIVE, 0);
	check(all, "a wait on an empty slot or beyond the table is refused");
	all = true;
	for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		all = all && message_to(kinds[i], tag_make(NOTIFICATION_SIGNAL, 1, 0), 1, &m) ==
				     status_make(ERROR_WRONG_KIND, PHASE_RECEIVE, 0);
	check(all, "a wait on another kind of object is refused");
	check_equal(pending(n), 0, "if the wait cannot be, the signal before it is not sent");
	check_error(notification_signal(bad[0], 1), ERROR_BAD_HANDLE, "an empty slot cannot be signalled");
	builder_put_slots(b, bad[0], 1);
}

/* ---- rights and badges ---- */

static struct actor target; /* a stopped thread to bind to */

static enum error try_signal(handle_t h)
{
	return notification_signal(h, 0);
}

static enum error try_wait(handle_t h)
{
	struct message m;

	return message_receive(h, &m, TAG_NOWAIT_RECEIVE);
}

static enum error try_arm(handle_t h)
{
	return notification_arm(h, 1, UINT64_MAX, 0);
}

static enum error try_disarm(handle_t h)
{
	return notification_disarm(h, NULL);
}

static enum error try_bind(handle_t h)
{
	return notification_bind(h, target.worker.thread);
}

static enum error try_unbind(handle_t h)
{
	return notification_unbind(h);
}

static const struct {
	const char *name;
	enum error (*run)(handle_t);
	word_t right;
	enum error allowed; /* what comes of it with the right */
} tries[] = {
	{"signal takes the right signal and no other", try_signal, RIGHT_SIGNAL, OK},
	{"a wait takes the right wait and no other", try_wait, RIGHT_WAIT, ERROR_WOULD_BLOCK},
	{"arm takes the right arm and no other", try_arm, RIGHT_ARM, OK},
	{"disarm takes the right arm and no other", try_disarm, RIGHT_ARM, OK},
	{"bind takes the right wait and no other", try_bind, RIGHT_WAIT, OK},
	{"unbind takes the right wait and no other", try_unbind, RIGHT_WAIT, ERROR_BAD_ARGUMENT},
};

static void check_rights(void)
{
	for (unsigned i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		bool right = true;

		for (word_t rights = 0; rights < 8; rights++) {
			handle_t h;

			require(build_derived(b, n, rights, 0, &h));
			right = right && tries[i].run(h) == (rights & tries[i].right ? tries[i].allowed : ERROR_NO_RIGHTS);
			(void)notification_disarm(n, NULL);
			(void)notification_unbind(n);
			builder_release(b, h);
		}
		check(right, tries[i].name);
	}
}

static void check_badge(void)
{
	handle_t badged, copy;

	require(build_derived(b, n, RIGHTS_ALL, 0xf0, &badged));
	check_ok(notification_signal(badged, 0x3c), "a badged capability can signal");
	check_equal(pending(n), 0x30, "a badge limits the bits of a signal");
	check_ok(notification_arm(badged, 0x3c, 0, 0), "a badged capability can arm");
	check_equal(pending(n), 0x30, "a badge limits the bits of a deadline");
	check_error(try_wait(badged), ERROR_NO_RIGHTS, "a badged capability cannot wait");
	check_error(try_bind(badged), ERROR_NO_RIGHTS, "a badged capability cannot bind, which is to wait");
	require(notification_bind(n, target.worker.thread));
	check_error(try_unbind(badged), ERROR_NO_RIGHTS, "a badged capability cannot unbind");
	check_error(notification_bind(n, target.worker.thread), ERROR_BUSY, "and did not");
	require(notification_unbind(n));
	check_error(space_derive_badged(PROGRAM_SPACE, badged, badged + 1, RIGHTS_ALL, 0xff), ERROR_BAD_ARGUMENT,
		    "a badge is set once");
	require(build_derived(b, badged, RIGHTS_ALL, 0, &copy));
	(void)notification_signal(copy, 0xff);
	check_equal(pending(n), 0xf0, "a badge is inherited");
	check_error(space_derive_badged(PROGRAM_SPACE, n, 900, RIGHTS_ALL, 0), ERROR_BAD_ARGUMENT, "there is no badge 0");
	check_error(space_derive_badged(PROGRAM_SPACE, n, 900, RIGHTS_ALL, (word_t)1 << 32), ERROR_BAD_ARGUMENT,
		    "a badge has 32 bits");
	check_error(space_derive_badged(PROGRAM_SPACE, PROGRAM_THREAD, 900, RIGHTS_ALL, 1), ERROR_WRONG_KIND,
		    "a Thread has no badge");
	builder_release(b, badged);
	check_error(notification_signal(copy, 1), ERROR_BAD_HANDLE, "what was derived from it went with it");
	builder_put_slots(b, copy, 1);
}

/* ---- waiters ---- */

static void check_wait_order(void)
{
	static const word_t priority[] = {110, 130, 120, 130};
	static const word_t expected[] = {1, 3, 2, 0}; /* who is woken, in this order */
	struct actor a[4];
	bool right = true;

	for (unsigned i = 0; i < 4; i++) {
		new_actor(&a[i], priority[i]);
		actor_receive(&a[i], n);
		right = right && actor_state(&a[i]) == THREAD_RECEIVING;
	}
	check(right, "threads wait");
	for (word_t i = 0; i < 4; i++) {
		(void)notification_signal(n, 1u << i | 0x100);
		right = right && actor_signalled(&a[expected[i]], 1u << i | 0x100);
		for (word_t j = i + 1; j < 4; j++)
			right = right && actor_error(&a[expected[j]]) == ERROR_COUNT;
	}
	check(right, "each signal wakes one: the highest priority, then who came first; it takes all bits");
	check_equal(pending(n), 0, "nothing is left of them");
	for (unsigned i = 4; i-- > 0;)
		actor_destroy(b, &a[i]);
}

static void check_wait_priority(void)
{
	struct actor low, high;

	new_actor(&low, 110);
	new_actor(&high, 120);
	actor_receive(&low, n);
	actor_receive(&high, n);
	require(thread_priority(low.worker.thread, 130, PROGRAM_CONTEXT));
	(void)notification_signal(n, 1);
	check(actor_signalled(&low, 1) && actor_error(&high) == ERROR_COUNT, "a waiter whose priority is raised moves ahead");
	actor_receive(&low, n);
	require(thread_priority(low.worker.thread, 119, PROGRAM_CONTEXT));
	(void)notification_signal(n, 2);
	check(actor_signalled(&high, 2) && actor_error(&low) == ERROR_COUNT, "a waiter whose priority is lowered falls behind");
	actor_destroy(b, &high);
	actor_destroy(b, &low);
}

static void check_wait_low(void)
{
	struct actor low;

	new_actor(&low, TEST_PRIORITY - 10);
	actor_receive(&low, n);
	test_settle();
	check_equal(actor_state(&low), THREAD_RECEIVING, "a thread of lower priority waits");
	(void)notification_signal(n, 1);
	check_equal(actor_state(&low), THREAD_READY, "a signal makes it ready");
	check(actor_error(&low) == ERROR_COUNT, "it does not run before who signalled");
	(void)notification_signal(n, 2);
	test_settle();
	check(actor_signalled(&low, 1), "what was signalled after it was woken is not its");
	check_equal(pending(n), 2, "but waits for the next");
	actor_destroy(b, &low);
}

static void check_wait_ends(void)
{
	struct actor a[3];

	for (unsigned i = 0; i < 3; i++) {
		new_actor(&a[i], ACTOR_PRIORITY);
		actor_receive(&a[i], n);
	}
	check_ok(thread_abort(a[0].worker.thread), "a waiter can be aborted");
	check(actor_failed(&a[0], ERROR_ABORTED, PHASE_RECEIVE, 0, 0), "its wait ends with aborted");
	check_ok(thread_stop(a[1].worker.thread), "a waiter can be stopped");
	check_equal(actor_state(&a[1]), THREAD_STOPPED, "it is stopped");
	(void)notification_signal(n, 1);
	check(actor_signalled(&a[2], 1), "the signal goes to who still waits");
	require(thread_resume(a[1].worker.thread));
	check(actor_failed(&a[1], ERROR_ABORTED, PHASE_RECEIVE, 0, 0), "resumed, its wait has ended with aborted");
	actor_receive(&a[0], n);
	actor_receive(&a[1], n);
	actor_destroy(b, &a[2]);
	builder_release(b, a[0].worker.thread);
	a[0].worker.thread = HANDLE_NONE;
	(void)notification_signal(n, 2);
	check(actor_signalled(&a[1], 2), "a waiter that is destroyed gets no signal");
	actor_destroy(b, &a[1]);
	actor_destroy(b, &a[0]);
}

/* ---- the binding to a thread ---- */

static struct actor server, client;

static void check_bound_receive(void)
{
	struct message m;

	check_ok(notification_bind(n, server.worker.thread), "a Notification can be bound to a thread");
	actor_receive(&server, endpoint);
	(void)notification_signal(n, 1);
	check(actor_signalled(&server, 1), "a signal ends the receive of the bound thread");
	actor_receive(&server, endpoint);
	actor_send(&client, endpoint, 40);
	check(actor_got(&server, tag_make(1, MESSAGE_REGISTERS, 0), 0, 40), "and so does a message");
	actor_send(&client, endpoint, 50);
	(void)notification_signal(n, 2);
	(void)notification_signal(n, 4);
	actor_receive(&server, endpoint);
	check(actor_signalled(&server, 6), "bits come before senders that are queued");
	check_equal(actor_state(&client), THREAD_SENDING, "who go on waiting");
	actor_receive(&server, endpoint);
	check(actor_got(&server, tag_make(1, MESSAGE_REGISTERS, 0), 0, 50), "until the next receive");
	(void)notification_signal(n, 8);
	actor_start(&server, HANDLE_NONE, endpoint, TAG_NOWAIT_RECEIVE, 0);
	check(actor_signalled(&server, 8), "a receive that must not wait sees the bits");
	actor_start(&server, HANDLE_NONE, endpoint, TAG_NOWAIT_RECEIVE, 0);
	check(actor_failed(&server, ERROR_WOULD_BLOCK, PHASE_RECEIVE, 0, 0), "and nothing if there are none");
	(void)notification_signal(n, 8);
	check(message_receive(endpoint, &m, TAG_NOWAIT_RECEIVE) == ERROR_WOULD_BLOCK && pending(n) == 8,
	      "receives of other threads do not see it");
}

static void check_bound_call(void)
{
	actor_receive(&server, endpoint);
	actor_call(&client, endpoint, 10);
	(void)notification_signal(n, 1);
	check_equal(actor_state(&client), THREAD_CALLING, "a signal to a server does not end the call that it serves");
	actor_receive(&server, endpoint);
	check(actor_failed(&server, ERROR_BUSY, PHASE_RECEIVE, 0, 0), "bits do not make up for an answer that is owed");
	actor_start(&server, HANDLE_REPLY, endpoint, tag_make(0, MESSAGE_REGISTERS, 0), 60);
	check(actor_got(&client, tag_make(0, MESSAGE_REGISTERS, 0), 0, 60) && actor_signalled(&server, 1),
	      "one system call answers and takes the bits");
	actor_receive(&client, endpoint);
	actor_receive(&server, n);
	(void)notification_signal(n, 2);
	check(actor_signalled(&server, 2), "the bound thread can wait for the Notification alone");
	actor_receive(&server, n);
	check_ok(notification_signal(n, 0), "a signal without bits");
	check(actor_error(&server) == ERROR_COUNT, "wakes nobody");
	require(thread_abort(server.worker.thread));
	require(thread_abort(client.worker.thread));
}

static void check_bound_others(void)
{
	handle_t other;

	require(build_object(b, KIND_NOTIFICATION, 0, &other));
	actor_receive(&server, other);
	(void)notification_signal(n, 1);
	check(actor_error(&server) == ERROR_COUNT, "a wait for another Notification is not ended by the bound one");
	(void)notification_signal(other, 2);
	check(actor_signalled(&server, 2), "it sees that one's bits only");
	actor_receive(&server, other);
	check(actor_error(&server) == ERROR_COUNT, "and does not take what the bound one has");
	require(thread_abort(server.worker.thread));
	check_equal(pending(n), 1, "which keeps it");
	actor_receive(&server, endpoint);
	actor_receive(&client, n);
	(void)notification_signal(n, 4);
	check(actor_signalled(&client, 4) && actor_error(&server) == ERROR_COUNT, "who waits for it comes before the bound thread");
	(void)notification_signal(n, 8);
	check(actor_signalled(&server, 8), "which has the next signal");
	builder_release(b, other);
}

static void check_bind_errors(void)
{
	handle_t other, weak;

	require(build_object(b, KIND_NOTIFICATION, 0, &other));
	check_error(notification_bind(n, server.worker.thread), ERROR_BUSY, "it cannot be bound twice to the same thread");
	check_error(notification_bind(n, client.worker.thread), ERROR_BUSY, "it cannot be bound to a second thread");
	check_error(notification_bind(other, server.worker.thread), ERROR_BUSY, "a thread has one bound Notification");
	check_error(notification_bind(other, endpoint), ERROR_WRONG_KIND, "it cannot be bound to an Endpoint");
	check_error(notification_bind(other, other), ERROR_WRONG_KIND, "it cannot be bound to itself");
	check_error(notification_bind(other, HANDLE_NONE), ERROR_BAD_HANDLE, "it cannot be bound to nothing");
	check_error(notification_bind(other, HANDLE_REPLY), ERROR_BAD_HANDLE, "it cannot be bound to what is not in the table");
	require(build_derived(b, client.worker.thread, RIGHT_REGISTERS | RIGHT_PRIORITY, 0, &weak));
	check_error(notification_bind(other, weak), ERROR_NO_RIGHTS, "binding takes the right control on the Thread");
	builder_release(b, weak);
	check_error(notification_unbind(other), ERROR_BAD_ARGUMENT, "what is not bound cannot be unbound");
	actor_receive(&server, endpoint);
	(void)notification_signal(other, 1);
	check(actor_error(&server) == ERROR_COUNT && pending(other) == 1, "the refused bindings bound nothing");
	(void)notification_signal(n, 1);
	check(actor_signalled(&server, 1), "and left the old one");
	builder_release(b, other);
}

/* The server waits; is it out of the Notification's reach? */
static bool unbound(void)
{
	bool deaf;

	actor_receive(&server, endpoint);
	(void)notification_signal(n, 1);
	deaf = actor_error(&server) == ERROR_COUNT && pending(n) == 1;
	require(thread_abort(server.worker.thread));
	return deaf;
}

static void check_unbind(void)
{
	struct slot_state slot = {.kind = KIND_NONE};
	handle_t copy;

	require(space_slot(PROGRAM_SPACE, n, &slot));
	check(slot.derived_from, "a binding is a derivation");
	check_ok(notification_unbind(n), "a binding can be undone");
	require(space_slot(PROGRAM_SPACE, n, &slot));
	check(!slot.derived_from, "then there is none");
	check(unbound(), "and the thread's receives do not see it any more");
	(void)notification_signal(n, 6);
	actor_receive(&server, endpoint);
	check_ok(notification_bind(n, server.worker.thread), "it can be bound to a thread that waits");
	check(actor_signalled(&server, 6), "and gives it at once what it has");
	check_ok(space_revoke(PROGRAM_SPACE, n), "revoking the Notification");
	check(unbound(), "undoes the binding");
	require(build_derived(b, n, RIGHT_WAIT, 0, &copy));
	check_ok(notification_bind(copy, server.worker.thread), "a derived capability can bind");
	check_error(notification_bind(n, client.worker.thread), ERROR_BUSY, "for all others too");
	check_ok(notification_unbind(n), "another capability can unbind");
	require(notification_bind(copy, server.worker.thread));
	builder_release(b, copy);
	check(unbound(), "deleting the capability that it was bound with undoes it");
}

static void check_bound_death(void)
{
	handle_t mortal, next;
	struct actor victim;

	new_actor(&victim, ACTOR_PRIORITY);
	require(notification_bind(n, victim.worker.thread));
	actor_receive(&victim, endpoint);
	actor_destroy(b, &victim);
	check_ok(notification_signal(n, 1), "a signal after the bound thread was destroyed");
	check_equal(pending(n), 1, "stays");
	check_ok(notification_bind(n, server.worker.thread), "and it can be bound to another thread");
	require(notification_unbind(n));
	require(build_object(b, KIND_NOTIFICATION, 0, &mortal));
	require(build_object(b, KIND_NOTIFICATION, 0, &next));
	require(notification_bind(mortal, server.worker.thread));
	actor_receive(&server, endpoint);
	builder_release(b, mortal);
	check_equal(actor_state(&server), THREAD_RECEIVING, "the bound thread's receive outlives the Notification");
	check_ok(notification_bind(next, server.worker.thread), "and another one can be bound to it");
	(void)notification_signal(next, 2);
	check(actor_signalled(&server, 2), "which it sees");
	builder_release(b, next);
}

/* ---- moving and dying ---- */

static void check_move(void)
{
	handle_t from, to = builder_take_slots(b, 1), copy;
	struct actor waiter;

	new_actor(&waiter, ACTOR_PRIORITY);
	require(build_object(b, KIND_NOTIFICATION, 0, &from));
	require(build_derived(b, from, RIGHT_SIGNAL, 0, &copy));
	require(notification_arm(from, 1, UINT64_MAX - 1, 0));
	require(notification_bind(from, server.worker.thread));
	actor_receive(&waiter, from);
	check_ok(space_move(PROGRAM_SPACE, from, to), "a Notification in use can be moved");
	(void)notification_signal(copy, 1);
	check(actor_signalled(&waiter, 1), "its waiters stay");
	actor_receive(&server, endpoint);
	(void)notification_signal(to, 2);
	check(actor_signalled(&server, 2), "and so does its binding");
	actor_receive(&waiter, to);
	check_ok(space_delete(PROGRAM_SPACE, to), "deleting it at the new place");
	check(actor_failed(&waiter, ERROR_GONE, PHASE_RECEIVE, 0, 0), "destroys it");
	check_error(notification_signal(copy, 1), ERROR_BAD_HANDLE, "with what was derived from it");
	builder_put_slots(b, from, 1);
	builder_put_slots(b, to, 1);
	builder_put_slots(b, copy, 1);
	actor_destroy(b, &waiter);
}

static struct waiter waiter[MANY];
static bool all_gone;

/* Destroys a Notification that all of them wait for. Do they come back in the order of the queue? */
static bool run_death(void)
{
	word_t turn[MANY] = {0};
	uint64_t start;
	handle_t mortal;

	require(build_object(b, KIND_NOTIFICATION, 0, &mortal));
	require(notification_arm(mortal, 1, UINT64_MAX - 1, 0));
	for (unsigned i = 0; i < MANY; i++)
		waiter_start(&waiter[i], mortal);
	waiters_reset();
	start = arch_counter();
	require(space_delete(PROGRAM_SPACE, mortal));
	for (unsigned i = 0; i < MANY; i++) {
		unsigned high = (i + 2) / 3, before = i % 3 == 0 ? high : (MANY + 2) / 3 + i - high; /* who comes before it */

		all_gone = all_gone && waiter_failed(&waiter[i], ERROR_GONE);
		turn[before] = waiter[i].turn;
	}
	builder_put_slots(b, mortal, 1);
	return turns_ordered(turn, MANY, start);
}

static void check_death(void)
{
	handle_t outer;

	for (unsigned i = 0; i < MANY; i++)
		waiter_create(b, i % 3 == 0 ? 120 : ACTOR_PRIORITY, &waiter[i]);
	require(builder_enter(b, 64 * 1024, &outer));
	all_gone = true;
	check(one_of_several(run_death), "the hundred waiters of a destroyed Notification wake by priority, then in their order");
	check(all_gone, "every one of them learns that it is gone");
	check_ok(builder_leave(b, outer), "and its memory comes back");
	for (unsigned i = MANY; i-- > 0;)
		waiter_destroy(b, &waiter[i]);
}

void test_run(struct builder *builder)
{
	b = builder;
	require(build_object(b, KIND_NOTIFICATION, 0, &n));
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	new_actor(&target, ACTOR_PRIORITY);
	new_actor(&server, ACTOR_PRIORITY);
	new_actor(&client, ACTOR_PRIORITY);
	check_bits();
	check_messages();
	check_handles();
	check_rights();
	check_badge();
	check_wait_order();
	check_wait_priority();
	check_wait_low();
	check_wait_ends();
	check_bound_receive();
	check_bound_call();
	check_bound_others();
	check_bind_errors();
	check_unbind();
	check_bound_death();
	check_move();
	check_death();
	actor_destroy(b, &client);
	actor_destroy(b, &server);
	actor_destroy(b, &target);
	builder_release(b, endpoint);
	builder_release(b, n);
}
