/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Items where sender and receiver meet: the right to send any (rule 7), a server that recognises its own Endpoint, badges,
 * answers with items (rule 10), senders that waited and whose handles are not what they were (rule 9), and receivers in
 * another Space whose pool is too small (rule 11).
 */
#include "actor.h"
#include "support.h"

enum { SLOTS = 8, CROWD = 40, LABEL = 6, FOREIGN_ENDPOINT = 20, FOREIGN_WINDOW = 512, FAR = 1 << 21 };

static handle_t endpoint, other, memory, window;
static struct actor actor, crowd[CROWD];

static const word_t six = MESSAGE_REGISTERS;

static void set_item(struct buffer *buffer, unsigned i, handle_t handle, word_t control, word_t base)
{
	buffer->item[i] = (struct item){.handle = handle, .control = control, .base = base};
}

/* The actor opens a handle window and receives. */
static void receive_open(word_t count)
{
	window_handles(worker_buffer(&actor.worker), window, count);
	actor_receive(&actor, endpoint);
}

static word_t send_items(handle_t to, word_t items)
{
	struct message m = message_make(tag_make(LABEL, six, items), 5);

	return ipc(to, HANDLE_NONE, &m);
}

static bool received_right(const struct buffer *buffer, unsigned i, enum kind kind, word_t where, word_t length,
			   word_t rights)
{
	const struct received *r = &buffer->received[i];

	return r->kind == kind && r->where == where && r->length == length && r->rights == rights;
}

static void empty_window(void)
{
	for (handle_t i = 0; i < SLOTS; i++)
		(void)space_delete(PROGRAM_SPACE, window + i);
}

/* ---- the right to transfer ---- */

static void check_transfer(struct builder *b)
{
	struct buffer *to = worker_buffer(&actor.worker);
	handle_t plain;

	require(build_derived(b, endpoint, RIGHT_SEND, 0, &plain));
	set_item(buffer_self(), 0, memory, RIGHT_READ, 0);
	check_equal(send_items(plain, 1), status_make(ERROR_NO_RIGHTS, PHASE_SEND, 0),
		    "without the right transfer no item can be sent, even before anybody receives");
	receive_open(SLOTS);
	check_equal(send_items(plain, 1), status_make(ERROR_NO_RIGHTS, PHASE_SEND, 0), "nor to a receiver that waits");
	check(send_items(plain, 0) == OK && actor_got(&actor, tag_make(LABEL, six, 0), 0, 5), "words can");
	struct message m;
	window_handles(to, window, 1);
	actor_call(&actor, plain, 7);
	require(message_receive(endpoint, &m, 0));
	set_item(buffer_self(), 0, memory, RIGHT_READ, 0);
	m = message_make(tag_make(LABEL, six, 1), 8);
	check(message_answer(&m) == OK && actor_got(&actor, tag_make(LABEL, six, 1), 0, 8) &&
		      received_right(to, 0, KIND_MEMORY, window, PAGE_SIZE, RIGHT_READ),
	      "the answer to its call can bear items all the same");
	empty_window();
	builder_release(b, plain);
}

/* ---- a server recognises its own ---- */

static void check_own(struct builder *b)
{
	const struct buffer *to = worker_buffer(&actor.worker);
	handle_t badged, again, foreign;

	require(build_derived(b, endpoint, RIGHTS_ALL, 0xfedcba98, &badged));
	require(build_derived(b, badged, 0, 0, &again));
	require(build_derived(b, other, RIGHTS_ALL, 9, &foreign));
	receive_open(1);
	set_item(buffer_self(), 0, badged, RIGHTS_ALL, 0);
	set_item(buffer_self(), 1, foreign, RIGHT_SEND, 0);
	set_item(buffer_self(), 2, again, RIGHTS_ALL, 0);
	set_item(buffer_self(), 3, badged, RIGHTS_ALL | ITEM_MOVE, 0);
	check_equal(send_items(endpoint, 4), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 3),
		    "a capability to the server's own Endpoint cannot be given and moved in one message either");
	check(send_items(badged, 3) == OK && received_right(to, 0, KIND_NONE, 0, 0xfedcba98, 0),
	      "of a badged capability to its own Endpoint a server gets the badge, and no handle");
	check(received_right(to, 1, KIND_ENDPOINT, window, 9, RIGHT_SEND), "one to another Endpoint takes the first slot");
	check(received_right(to, 2, KIND_NONE, 0, 0xfedcba98, 0), "even one without any right is recognised");
	check(!slot_of(again).derived_from, "nothing was derived of what was recognised");
	empty_window();
	receive_open(0);
	set_item(buffer_self(), 0, badged, RIGHTS_ALL | ITEM_MOVE, 0);
	check(send_items(endpoint, 1) == OK && received_right(to, 0, KIND_NONE, 0, 0xfedcba98, 0) && !slot_empty(badged),
	      "it is recognised with the window closed, and if it is to be moved, its giver keeps it");
	receive_open(1);
	set_item(buffer_self(), 0, endpoint, RIGHT_SEND, 0);
	check(send_items(endpoint, 1) == OK && received_right(to, 0, KIND_ENDPOINT, window, 0, RIGHT_SEND),
	      "an unbadged capability to its own Endpoint is given like any other");
	empty_window();
	builder_release(b, foreign);
	builder_release(b, again);
	builder_release(b, badged);
}

static void check_badge_items(void)
{
	struct buffer *to = worker_buffer(&actor.worker);

	receive_open(SLOTS);
	set_item(buffer_self(), 0, other, RIGHT_SEND | ITEM_BADGE, UINT32_MAX);
	set_item(buffer_self(), 1, endpoint, RIGHTS_ALL | ITEM_BADGE, 12);
	check_equal(send_items(endpoint, 2), OK, "items can be badged when they are derived");
	check(received_right(to, 0, KIND_ENDPOINT, window, UINT32_MAX, RIGHT_SEND) && slot_of(window).badge == UINT32_MAX,
	      "the receiver is told the badge and its capability has it");
	check(received_right(to, 1, KIND_ENDPOINT, window + 1, 12, RIGHTS_ALL) && slot_of(window + 1).badge == 12,
	      "the server's own Endpoint too, if it was not badged before");
	struct message m;
	check_error(message_receive(window + 1, &m, TAG_NOWAIT_RECEIVE), ERROR_NO_RIGHTS,
		    "what was badged so cannot receive, with all rights");
	empty_window();
}

/* ---- answers ---- */

static void check_answers(struct builder *b)
{
	struct buffer *to = worker_buffer(&actor.worker), *own = buffer_self();
	struct message m;
	handle_t badged;

	require(build_derived(b, endpoint, RIGHTS_ALL, 3, &badged));
	window_handles(own, window, 1);
	window_handles(to, window + 1, 2);
	set_item(to, 0, memory, RIGHT_READ, 0);
	actor_start(&actor, badged, HANDLE_NONE, tag_make(LABEL, six, 1) | TAG_CALL, 20);
	check(message_receive(endpoint, &m, 0) == OK && message_got(&m, tag_make(LABEL, six, 1) | TAG_CALL, 3, 20) &&
		      received_right(own, 0, KIND_MEMORY, window, PAGE_SIZE, RIGHT_READ),
	      "a call can bear items");
	set_item(own, 0, badged, RIGHT_SEND, 0);
	set_item(own, 1, other, RIGHTS_ALL, 0);
	set_item(own, 2, memory, RIGHTS_ALL, 0);
	m = message_make(tag_make(LABEL, six, 3), 21);
	check(message_failed(&m, ipc(HANDLE_REPLY, HANDLE_NONE, &m), ERROR_WINDOW, PHASE_SEND, 2, 0) &&
		      actor_state(&actor) == THREAD_CALLING && slot_empty(window + 1),
	      "an answer whose third item does not fit is refused with its number, and nothing of it arrives");
	m = message_make(tag_make(LABEL, six, 2), 22);
	check(message_answer(&m) == OK && actor_got(&actor, tag_make(LABEL, six, 2), 0, 22) &&
		      received_right(to, 0, KIND_ENDPOINT, window + 1, 3, RIGHT_SEND) &&
		      received_right(to, 1, KIND_ENDPOINT, window + 2, 0, RIGHTS_ALL),
	      "the Reply is still there: two items fit, a capability to the called Endpoint among them");
	empty_window();
	window_handles(own, 0, 0);
	builder_release(b, badged);
}

/* ---- a sender that waited ---- */

/* The first sender's item is bad, or does not fit: it gets the error, the receiver the second sender's message. */
static void check_passed_over(void)
{
	struct buffer *from = worker_buffer(&crowd[0].worker), *own = buffer_self();
	struct message m;

	set_item(from, 0, memory, RIGHT_READ, 0);
	set_item(from, 1, HANDLE_NONE, RIGHT_READ, 0);
	actor_start(&crowd[0], endpoint, HANDLE_NONE, tag_make(LABEL, six, 2), 30);
	actor_start(&crowd[1], endpoint, HANDLE_NONE, tag_make(LABEL, six, 0), 31);
	window_handles(own, window, 2);
	check(message_receive(endpoint, &m, 0) == OK && message_got(&m, tag_make(LABEL, six, 0), 0, 31) &&
		      slot_empty(window),
	      "a waiting sender with a bad item is passed over");
	check(actor_failed(&crowd[0], ERROR_BAD_HANDLE, PHASE_SEND, 1, 0), "it gets the error with the number of the item");
	actor_start(&crowd[0], endpoint, other, tag_make(LABEL, six, 1), 32);
	actor_start(&crowd[1], endpoint, HANDLE_NONE, tag_make(LABEL, six, 0), 33);
	window_handles(own, 0, 0);
	check(message_receive(endpoint, &m, 0) == OK && m.w[0] == 33,
	      "a waiting sender whose item does not fit is passed over");
	check(actor_failed(&crowd[0], ERROR_WINDOW, PHASE_SEND, 0, 0), "its receive phase is skipped");
	set_item(from, 0, HANDLE_REPLY, RIGHT_READ, 0);
	actor_start(&crowd[0], endpoint, HANDLE_NONE, tag_make(LABEL, six, 1) | TAG_CALL, 34);
	check_error(message_receive(endpoint, &m, TAG_NOWAIT_RECEIVE), ERROR_WOULD_BLOCK,
		    "if the only one waiting is passed over, nobody was there");
	check(actor_failed(&crowd[0], ERROR_BAD_HANDLE, PHASE_SEND, 0, 0),
	      "a caller that is passed over fails in its send phase");
}

/* What the sender's handle names when it is received at last. */
static void check_handle_changed(struct builder *b)
{
	handle_t through = builder_take_slots(b, 1);
	struct message m;

	require(space_derive_badged(PROGRAM_SPACE, endpoint, through, RIGHTS_ALL, 1));
	actor_send(&crowd[0], through, 40);
	require(space_delete(PROGRAM_SPACE, through));
	check_error(message_receive(endpoint, &m, TAG_NOWAIT_RECEIVE), ERROR_WOULD_BLOCK,
		    "a handle deleted while its sender waited");
	check(actor_failed(&crowd[0], ERROR_BAD_HANDLE, PHASE_SEND, 0, 0), "is a bad handle when the receiver comes");
	require(space_derive(PROGRAM_SPACE, endpoint, through, RIGHTS_ALL));
	actor_call(&crowd[0], through, 41);
	require(space_delete(PROGRAM_SPACE, through));
	require(space_derive(PROGRAM_SPACE, other, through, RIGHTS_ALL));
	check(message_receive(endpoint, &m, TAG_NOWAIT_RECEIVE) == ERROR_WOULD_BLOCK &&
		      actor_failed(&crowd[0], ERROR_BAD_HANDLE, PHASE_SEND, 0, 0),
	      "so it is if it names another Endpoint meanwhile");
	require(space_delete(PROGRAM_SPACE, through));
	require(space_derive_badged(PROGRAM_SPACE, endpoint, through, RIGHTS_ALL, 2));
	actor_send(&crowd[0], through, 42);
	require(space_delete(PROGRAM_SPACE, through));
	require(space_derive_badged(PROGRAM_SPACE, endpoint, through, RIGHTS_ALL, 3));
	check(message_receive(endpoint, &m, 0) == OK && m.w[0] == 42 && m.badge == 3,
	      "if it names the same Endpoint with another badge, that one counts");
	actor_send(&crowd[0], through, 43);
	require(space_delete(PROGRAM_SPACE, through));
	require(space_derive(PROGRAM_SPACE, endpoint, through, RIGHT_RECEIVE));
	check(message_receive(endpoint, &m, TAG_NOWAIT_RECEIVE) == ERROR_WOULD_BLOCK &&
		      actor_failed(&crowd[0], ERROR_NO_RIGHTS, PHASE_SEND, 0, 0),
	      "if it lost the right send, the sender has no rights");
	builder_release(b, through);
}

/* What its handle for the receive phase names when its send phase is over at last. */
static void check_from_changed(struct builder *b)
{
	handle_t from;
	struct message m;

	require(build_derived(b, other, RIGHTS_ALL, 0, &from));
	actor_start(&crowd[0], endpoint, from, tag_make(LABEL, six, 0), 45);
	require(space_delete(PROGRAM_SPACE, from));
	check(message_receive(endpoint, &m, 0) == OK && m.w[0] == 45,
	      "a sender whose other handle was deleted while it waited is received");
	check(actor_failed(&crowd[0], ERROR_BAD_HANDLE, PHASE_RECEIVE, 0, 0), "and fails in its receive phase");
	require(space_derive(PROGRAM_SPACE, other, from, RIGHTS_ALL));
	actor_start(&crowd[0], endpoint, from, tag_make(LABEL, six, 0), 46);
	require(space_delete(PROGRAM_SPACE, from));
	require(space_derive(PROGRAM_SPACE, other, from, RIGHT_SEND));
	check(message_receive(endpoint, &m, 0) == OK && actor_failed(&crowd[0], ERROR_NO_RIGHTS, PHASE_RECEIVE, 0, 0),
	      "if it lost the right to receive, that is looked at then too");
	builder_release(b, from);
}

static void check_item_revoked(struct builder *b)
{
	struct buffer *from = worker_buffer(&crowd[0].worker);
	handle_t given, plain;
	struct message m;

	require(build_derived(b, memory, RIGHT_READ, 0, &given));
	set_item(from, 0, other, RIGHT_SEND, 0);
	set_item(from, 1, given, RIGHT_READ, 0);
	window_handles(buffer_self(), window, 2);
	actor_start(&crowd[0], endpoint, HANDLE_NONE, tag_make(LABEL, six, 2), 50);
	require(space_revoke(PROGRAM_SPACE, memory));
	check_error(message_receive(endpoint, &m, TAG_NOWAIT_RECEIVE), ERROR_WOULD_BLOCK,
		    "an item revoked while its sender waited");
	check(actor_failed(&crowd[0], ERROR_BAD_HANDLE, PHASE_SEND, 1, 0) && slot_empty(window),
	      "is a bad handle when the receiver comes, and nothing arrives");
	builder_put_slots(b, given, 1);
	require(build_derived(b, endpoint, RIGHT_SEND | RIGHT_TRANSFER, 0, &plain));
	actor_start(&crowd[0], plain, HANDLE_NONE, tag_make(LABEL, six, 1), 51);
	require(space_delete(PROGRAM_SPACE, plain));
	require(space_derive(PROGRAM_SPACE, endpoint, plain, RIGHT_SEND));
	check(message_receive(endpoint, &m, TAG_NOWAIT_RECEIVE) == ERROR_WOULD_BLOCK &&
		      actor_failed(&crowd[0], ERROR_NO_RIGHTS, PHASE_SEND, 0, 0),
	      "if its handle lost the right transfer, it cannot send items any more");
	window_handles(buffer_self(), 0, 0);
	builder_release(b, plain);
}

/* More of them than the receiver passes over without looking up. */
static void check_many_revoked(struct builder *b)
{
	handle_t through;
	struct message m;
	unsigned wrong = 0;

	require(build_derived(b, endpoint, RIGHT_SEND, 1, &through));
	for (unsigned i = 0; i < CROWD; i++)
		actor_call(&crowd[i], through, i);
	actor_send(&actor, endpoint, 60);
	require(space_delete(PROGRAM_SPACE, through));
	check(message_receive(endpoint, &m, 0) == OK && m.w[0] == 60,
	      "forty waiting senders with a revoked handle are passed over");
	for (unsigned i = 0; i < CROWD; i++)
		wrong += !actor_failed(&crowd[i], ERROR_BAD_HANDLE, PHASE_SEND, 0, 0);
	check_equal(wrong, 0, "each of them is told");
	builder_put_slots(b, through, 1);
}

/* ---- a receiver in another Space ---- */

/* Takes every block of the Space's pool: page tables for far apart pages. Returns how many pages it mapped. */
static unsigned drain(handle_t space)
{
	uintptr_t base = (uintptr_t)1 << 34;
	unsigned pages = 0;

	while (space_map(space, memory, base + pages * (uintptr_t)FAR, RIGHT_READ, 0, PAGE_SIZE, NULL) == OK)
		pages++;
	return pages;
}

static void check_small_pool(struct builder *b, const struct domain *d)
{
	struct system_state system;
	struct message m = message_make(tag_make(LABEL, six, 2), 70);
	handle_t pool;

	require(system_info(PROGRAM_SYSTEM, &system));
	check(drain(d->space) > 0, "a pool can be used up");
	window_handles(worker_buffer(&actor.worker), FOREIGN_WINDOW, 4);
	actor_receive(&actor, FOREIGN_ENDPOINT);
	set_item(buffer_self(), 0, other, RIGHT_SEND, 0);
	set_item(buffer_self(), 1, other, RIGHTS_ALL, 0);
	word_t status = ipc(endpoint, HANDLE_NONE, &m);
	check(status_error(status) == ERROR_NO_MEMORY && m.w[0] >= system.pool_block && m.w[0] % system.pool_block == 0,
	      "if the receiver's pool cannot make the slots, the sender is told how many bytes are missing");
	check(actor_state(&actor) == THREAD_RECEIVING && !slot_of(other).derived_from,
	      "nothing arrived, and the receiver still waits");
	require(build_object(b, KIND_UNTYPED, 64 * 1024, &pool));
	require(space_feed(d->space, pool));
	builder_put_slots(b, pool, 1);
	m = message_make(tag_make(LABEL, six, 2), 71);
	check(ipc(endpoint, HANDLE_NONE, &m) == OK && actor_got(&actor, tag_make(LABEL, six, 2), 0, 71),
	      "when somebody has fed the pool the same message arrives");
}

static void check_foreign(struct builder *b)
{
	const struct buffer *to;
	struct slot_state slot = {.kind = KIND_NONE};
	struct domain d;
	handle_t object;
	struct message m = message_make(tag_make(LABEL, six, 1), 80);

	require(domain_create(b, DOMAIN_POOL, &d));
	require(actor_move(&d, &actor));
	to = worker_buffer(&actor.worker);
	require(space_derive(d.space, endpoint, FOREIGN_ENDPOINT, RIGHTS_ALL));
	check_small_pool(b, &d);
	check(space_slot(d.space, FOREIGN_WINDOW, &slot) == OK && slot.kind == KIND_ENDPOINT && slot.rights == RIGHT_SEND &&
		      received_right(to, 1, KIND_ENDPOINT, FOREIGN_WINDOW + 1, 0, RIGHTS_ALL),
	      "items for a receiver in another Space arrive in its table");
	require(build_object(b, KIND_NOTIFICATION, 0, &object));
	set_item(buffer_self(), 0, object, RIGHTS_ALL | ITEM_MOVE, 0);
	window_handles(worker_buffer(&actor.worker), FOREIGN_WINDOW + 8, 1);
	actor_receive(&actor, FOREIGN_ENDPOINT);
	check(ipc(endpoint, HANDLE_NONE, &m) == OK && slot_empty(object) &&
		      space_slot(d.space, FOREIGN_WINDOW + 8, &slot) == OK && slot.original,
	      "an object can be moved to another Space");
	set_item(worker_buffer(&actor.worker), 0, FOREIGN_WINDOW + 8, RIGHTS_ALL | ITEM_MOVE, 0);
	actor_start(&actor, FOREIGN_ENDPOINT, HANDLE_NONE, tag_make(LABEL, six, 1), 81);
	window_handles(buffer_self(), object, 1);
	check(message_receive(endpoint, &m, 0) == OK &&
		      received_right(buffer_self(), 0, KIND_NOTIFICATION, object, 0, RIGHTS_ALL),
	      "and back: items are looked up in the sender's table");
	window_handles(buffer_self(), 0, 0);
	builder_release(b, object);
	domain_destroy(b, &d);
}

void test_run(struct builder *b)
{
	handle_t outer;

	require(builder_enter(b, 4 * 1024 * 1024, &outer));
	window = builder_take_slots(b, SLOTS);
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(build_object(b, KIND_ENDPOINT, 0, &other));
	require(build_object(b, KIND_MEMORY, PAGE_SIZE, &memory));
	require(actor_create(b, ACTOR_PRIORITY, &actor));
	for (unsigned i = 0; i < CROWD; i++)
		require(actor_create(b, ACTOR_PRIORITY, &crowd[i]));
	check_transfer(b);
	check_own(b);
	check_badge_items();
	check_answers(b);
	check_passed_over();
	check_handle_changed(b);
	check_from_changed(b);
	check_item_revoked(b);
	check_many_revoked(b);
	check_foreign(b);
	for (unsigned i = CROWD; i > 0; i--)
		actor_destroy(b, &crowd[i - 1]);
	actor_destroy(b, &actor);
	builder_release(b, memory);
	builder_release(b, other);
	builder_release(b, endpoint);
	check_ok(builder_leave(b, outer), "all memory comes back");
}
