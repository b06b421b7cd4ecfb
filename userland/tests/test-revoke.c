/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of everything: deleting and revoking each kind of object while others use it, Spaces in Spaces, Spaces that hold what
 * they are made of, and threads that destroy the ground they stand on. Afterwards the Untyped that all was
 * made from must be free to the byte.
 */
#include "actor.h"
#include "support.h"

enum { SOURCE = 8 << 20, PART = 1 << 20, CROWD = 40, SLOTS = 16, LOW = 50, HOME_FIRST = 200, READ_WRITE = RIGHT_READ | RIGHT_WRITE };

/* What is destroyed is made from `source`, which is empty when a check begins. */
static handle_t source, slots, endpoint;
static struct actor crowd[CROWD];

static enum error delete(handle_t slot)
{
	return space_delete(PROGRAM_SPACE, slot);
}

static void check_back(const char *name)
{
	check(untyped_reset(source) == OK && untyped_free(source) == SOURCE, case_name("all memory is back", name));
}

/* ---- many who wait ---- */

/* All of the crowd wait; then the object's original is deleted. How many were told that it is gone, in this phase? */
static unsigned count_gone(handle_t object, enum phase phase)
{
	unsigned gone = 0;

	for (unsigned i = 0; i < CROWD; i++)
		gone += !crowd[i].script->done;
	if (gone != CROWD || delete(object) != OK)
		return 0;
	for (unsigned i = 0; i < CROWD; i++)
		gone -= !actor_failed(&crowd[i], ERROR_GONE, phase, 0, 0);
	return gone;
}

static void check_waiters(void)
{
	require(untyped_create(source, KIND_ENDPOINT, 0, 1, 0, slots));
	for (unsigned i = 0; i < CROWD; i++)
		actor_start(&crowd[i], slots, HANDLE_NONE, tag_make(1, 0, 0) | (i % 2 ? TAG_CALL : 0), 0);
	check_equal(count_gone(slots, PHASE_SEND), CROWD, "deleting an Endpoint wakes all who wait to send: it is gone");
	check_back("an Endpoint with senders");
	require(untyped_create(source, KIND_ENDPOINT, 0, 1, 0, slots));
	for (unsigned i = 0; i < CROWD; i++)
		actor_receive(&crowd[i], slots);
	check_equal(count_gone(slots, PHASE_RECEIVE), CROWD, "and all who wait to receive");
	check_back("an Endpoint with receivers");
	require(untyped_create(source, KIND_NOTIFICATION, 0, 1, 0, slots));
	for (unsigned i = 0; i < CROWD; i++)
		actor_receive(&crowd[i], slots);
	check_equal(count_gone(slots, PHASE_RECEIVE), CROWD, "deleting a Notification wakes all who wait for it");
	check_back("a Notification with waiters");
	require(untyped_create(source, KIND_ENDPOINT, 0, 1, 0, slots));
	for (unsigned i = 0; i < CROWD; i++)
		actor_receive(&crowd[i], slots);
	check_ok(space_revoke(PROGRAM_SPACE, source), "revoking the Untyped does the same");
	check(slot_empty(slots) && actor_failed(&crowd[0], ERROR_GONE, PHASE_RECEIVE, 0, 0) &&
	      actor_failed(&crowd[CROWD - 1], ERROR_GONE, PHASE_RECEIVE, 0, 0), "for the first and the last");
	check_back("an Untyped with waiters");
}

/* ---- a thread in every state ---- */

static const struct {
	const char *name;
	enum thread_state state;
} state[] = {
	{"a thread that never ran", THREAD_STOPPED},
	{"a thread that is ready", THREAD_READY},
	{"a thread that waits to send", THREAD_SENDING},
	{"a thread that waits to call", THREAD_SENDING},
	{"a thread that waits for a message", THREAD_RECEIVING},
	{"a thread that waits for an answer", THREAD_CALLING},
	{"a thread that serves a caller", THREAD_STOPPED},
	{"a thread whose fault waits", THREAD_FAULTED},
	{"a thread whose fault is being served", THREAD_FAULTED},
};
enum { STATES = sizeof state / sizeof state[0] };

/* Brings the victim into the state; the endpoint is empty. crowd[0] and the test itself are its partners. */
static void bring(unsigned number, struct actor *victim)
{
	const struct thread_binding pager = {.what = CONFIGURE_PAGER, .pager = endpoint};
	struct message m;

	if (number == 1)
		require(thread_priority(victim->worker.thread, LOW, victim->worker.context));
	if (number >= 7)
		require(thread_configure(victim->worker.thread, &pager));
	if (number == 1 || number == 2)
		actor_send(victim, endpoint, 0);
	else if (number == 3 || number == 5)
		actor_call(victim, endpoint, 0);
	else if (number == 4 || number == 6)
		actor_receive(victim, endpoint);
	else if (number >= 7)
		require(thread_start(victim->worker.thread, (uintptr_t)PAGE_SIZE, 0, 0));
	if (number == 5 || number == 8)
		require(message_receive(endpoint, &m, TAG_NOWAIT_RECEIVE));
	if (number == 6)
		actor_call(&crowd[0], endpoint, 0);
}

static void check_thread(struct builder *b, unsigned number)
{
	struct message m = {.tag = 0};
	struct actor victim;
	handle_t outside = b->untyped;

	b->untyped = source;
	require(actor_create(b, ACTOR_PRIORITY, &victim));
	b->untyped = outside;
	bring(number, &victim);
	check_equal(actor_state(&victim), state[number].state, case_name("is in its state", state[number].name));
	check_ok(delete(victim.worker.thread), case_name("can be deleted", state[number].name));
	if (number == 5 || number == 8)
		check_ok(message_answer(&m), case_name("an answer to it is dropped", state[number].name));
	if (number == 6)
		check(actor_failed(&crowd[0], ERROR_GONE, PHASE_RECEIVE, 0, 0), case_name("its caller is told", state[number].name));
	check_error(message_receive(endpoint, &m, TAG_NOWAIT_RECEIVE), ERROR_WOULD_BLOCK, case_name("nothing of it is left in a queue", state[number].name));
	actor_destroy(b, &victim);
	check_back(state[number].name);
}

/* ---- a Reply, a mapping ---- */

static void check_reply(void)
{
	struct message m;

	actor_call(&crowd[1], endpoint, 5);
	require(message_receive(endpoint, &m, TAG_NOWAIT_RECEIVE));
	require(thread_save_reply(PROGRAM_THREAD, slots));
	check_error(space_derive(PROGRAM_SPACE, slots, slots + 1, RIGHTS_ALL), ERROR_BAD_ARGUMENT, "a Reply is never derived");
	check_ok(space_revoke(PROGRAM_SPACE, slots), "revoking a Reply changes nothing");
	check(slot_of(slots).kind == KIND_REPLY && actor_state(&crowd[1]) == THREAD_CALLING, "its caller still waits");
	check_ok(delete(slots), "a saved Reply can be deleted");
	check(actor_failed(&crowd[1], ERROR_GONE, PHASE_RECEIVE, 0, 0), "then its caller is told");
}

static void check_mapping(struct builder *b)
{
	uintptr_t before = b->address, at = builder_take_addresses(b, 3 * PAGE_SIZE, PAGE_SIZE);
	struct accessor accessor;

	require(accessor_create(b, &accessor));
	require(untyped_create(source, KIND_MEMORY, PAGE_SIZE, 1, 0, slots));
	require(memory_map(slots, PROGRAM_SPACE, at, READ_WRITE));
	require(space_derive(PROGRAM_SPACE, slots, slots + 1, RIGHTS_ALL));
	require(memory_map(slots + 1, PROGRAM_SPACE, at + PAGE_SIZE, READ_WRITE));
	require(space_map(PROGRAM_SPACE, slots + 1, at + 2 * PAGE_SIZE, READ_WRITE, 0, 0, NULL));
	check_ok(space_revoke(PROGRAM_SPACE, slots), "a mapped Memory can be revoked");
	check(access_done(&accessor, at, RIGHT_READ, NULL) && !slot_empty(slots), "it itself stays mapped");
	check(access_faults(&accessor, at + PAGE_SIZE, RIGHT_READ) && access_faults(&accessor, at + 2 * PAGE_SIZE, RIGHT_WRITE) && slot_empty(slots + 1),
	      "what was derived from it is not");
	check_ok(delete(slots), "it can be deleted while it is mapped");
	check(access_faults(&accessor, at, RIGHT_READ), "then it is not mapped");
	accessor_destroy(b, &accessor);
	b->address = before;
	check_back("a mapped Memory");
}

/* Memory that moves into a map window has no handle any more: its mapping is all there is of it. */
static void check_moved_mapping(struct builder *b)
{
	uintptr_t before = b->address, at = builder_take_addresses(b, PAGE_SIZE, PAGE_SIZE);
	struct buffer *window = worker_buffer(&crowd[2].worker);
	struct message m = {.tag = tag_make(1, 0, 1)};

	require(untyped_create(source, KIND_MEMORY, PAGE_SIZE, 1, 0, slots));
	require(space_derive(PROGRAM_SPACE, slots, slots + 1, RIGHTS_ALL));
	window_map(window, HANDLE_NONE, at, PAGE_SIZE, RIGHT_READ);
	actor_receive(&crowd[2], endpoint);
	buffer_self()->item[0] = (struct item){.handle = slots, .control = RIGHTS_ALL | ITEM_MOVE | ITEM_MAP};
	check_error(message_send(endpoint, &m), ERROR_BUSY, "a Memory with derivations is not moved into a map window");
	check(!slot_empty(slots) && !slot_empty(slots + 1), "it stays where it is");
	require(delete(slots + 1));
	m = (struct message){.tag = tag_make(1, 0, 1)};
	check_ok(message_send(endpoint, &m), "one without derivations is");
	check(slot_empty(slots) && *(volatile word_t *)at == 0, "then only its mapping is there");
	check_error(untyped_reset(source), ERROR_BUSY, "which keeps its Untyped busy");
	check_ok(space_unmap(PROGRAM_SPACE, at, PAGE_SIZE), "unmapping ends it");
	window_map(window, HANDLE_NONE, 0, 0, 0);
	b->address = before;
	check_back("a Memory that was moved into a mapping");
}

/* ---- Spaces ---- */

/* A Space with its program, and a thread in it. */
struct home {
	struct domain domain;
	struct actor actor;
	handle_t untyped;  /* that all of it was created from */
	handle_t watch[2]; /* derivations of the Space and the thread: they vanish with these */
};

/* In every home's table: the endpoint, the home's Space, and from here on what is moved there. */
enum { HOME_ENDPOINT = HOME_FIRST, HOME_SPACE, HOME_UNTYPED, HOME_OTHER, HOME_GUEST = HOME_FIRST + 10 };

static void make_home(struct builder *b, struct home *h)
{
	handle_t outside = b->untyped;

	require(untyped_create(source, KIND_UNTYPED, PART, 1, 0, h->untyped = builder_take_slots(b, 1)));
	b->untyped = h->untyped;
	require(domain_create(b, DOMAIN_POOL, &h->domain));
	require(actor_create(b, ACTOR_PRIORITY, &h->actor));
	b->untyped = outside;
	require(actor_move(&h->domain, &h->actor));
	require(space_derive(h->domain.space, endpoint, HOME_ENDPOINT, RIGHTS_ALL));
	require(space_derive(h->domain.space, h->domain.space, HOME_SPACE, RIGHTS_ALL));
	require(build_derived(b, h->domain.space, RIGHTS_ALL, 0, &h->watch[0]));
	require(build_derived(b, h->actor.worker.thread, RIGHTS_ALL, 0, &h->watch[1]));
}

/* Is nothing of it left? Gives back the test's slots and addresses. */
static bool home_gone(struct builder *b, struct home *h)
{
	bool gone = slot_empty(h->watch[0]) && slot_empty(h->watch[1]);

	builder_release(b, h->watch[0]);
	builder_release(b, h->watch[1]);
	actor_destroy(b, &h->actor);
	domain_destroy(b, &h->domain);
	builder_release(b, h->untyped);
	return gone;
}

static void move_one(struct builder *b, handle_t *handle, handle_t space, handle_t slot)
{
	if (*handle == HANDLE_NONE)
		return;
	require(space_move(space, *handle, slot));
	builder_put_slots(b, *handle, 1);
	*handle = HANDLE_NONE;
}

/* Everything that the test holds of a home moves into the table of a Space. */
static void move_home(struct builder *b, struct home *h, handle_t space)
{
	move_one(b, &h->actor.worker.thread, space, HOME_GUEST);
	move_one(b, &h->actor.worker.context, space, HOME_GUEST + 1);
	move_one(b, &h->actor.worker.memory, space, HOME_GUEST + 2);
	for (handle_t i = 0; i < DOMAIN_SEGMENTS; i++)
		move_one(b, &h->domain.image[i], space, HOME_GUEST + 3 + i);
	move_one(b, &h->domain.space, space, HOME_GUEST + 3 + DOMAIN_SEGMENTS);
	move_one(b, &h->untyped, space, HOME_GUEST + 4 + DOMAIN_SEGMENTS);
}

static void check_space(struct builder *b)
{
	struct home h = {.untyped = HANDLE_NONE};
	struct thread_report report = {.state = THREAD_READY};

	make_home(b, &h);
	actor_receive(&h.actor, HOME_ENDPOINT);
	check_equal(actor_state(&h.actor), THREAD_RECEIVING, "a thread waits in a Space of its own");
	check_ok(delete(h.domain.space), "its Space can be deleted");
	check(slot_empty(h.watch[0]), "with every capability to it");
	check(thread_query(h.watch[1], &report) == OK && report.state == THREAD_STOPPED, "its thread is stopped, but there");
	check_error(thread_start(h.watch[1], PAGE_SIZE, 0, 0), ERROR_BAD_ARGUMENT, "and cannot be started without a Space");
	require(delete(h.actor.worker.thread));
	check(home_gone(b, &h), "the thread can be deleted after its Space");
	check_back("a Space");
}

static void check_nested(struct builder *b, bool revoke)
{
	const char *name = revoke ? "Spaces in a Space, revoked" : "Spaces in a Space, deleted";
	struct home h[4];
	unsigned gone = 0;

	for (unsigned i = 0; i < 4; i++) {
		make_home(b, &h[i]);
		actor_receive(&h[i].actor, HOME_ENDPOINT);
	}
	for (unsigned i = 3; i > 0; i--)
		move_home(b, &h[i], h[i - 1].watch[0]);
	check_ok(revoke ? space_revoke(PROGRAM_SPACE, source) : delete(h[0].domain.space), name);
	require(revoke ? OK : delete(h[0].actor.worker.thread));
	for (unsigned i = 0; i < 4; i++)
		gone += home_gone(b, &h[i]);
	check_equal(gone, 4, case_name("the innermost went with the outermost", name));
	check_back(name);
}

/* ---- Spaces that hold what they are made of ---- */

/*
 * The call went through a capability to the Space that it destroys. If it is interrupted, that capability is gone when
 * it goes on; then it says so, and whoever deletes, revokes or resets next finishes what it began.
 */
static bool carried_out(enum error error)
{
	(void)untyped_reset(source);
	return error == OK || error == ERROR_BAD_HANDLE;
}

/* How a home comes to its end whose Space holds the Untyped that all of it was made from. */
enum own_end { END_DELETE_SPACE, END_REVOKE_SOURCE, END_DELETE_UNTYPED, END_REVOKE_UNTYPED };

static void check_own_untyped(struct builder *b, enum own_end end, const char *name)
{
	struct home h = {.untyped = HANDLE_NONE};
	enum error error;

	make_home(b, &h);
	actor_receive(&h.actor, HOME_ENDPOINT);
	move_one(b, &h.untyped, h.domain.space, HOME_UNTYPED);
	if (end == END_DELETE_SPACE)
		error = delete(h.domain.space);
	else if (end == END_REVOKE_SOURCE)
		error = space_revoke(PROGRAM_SPACE, source);
	else if (end == END_DELETE_UNTYPED)
		error = space_delete(h.watch[0], HOME_UNTYPED);
	else
		error = space_revoke(h.watch[0], HOME_UNTYPED);
	check(carried_out(error), name);
	check(home_gone(b, &h), case_name("Space and thread are gone", name));
	check_back(name);
}

/* A Space whose pool was fed from an Untyped that it holds itself. */
static void check_own_food(struct builder *b)
{
	struct home h = {.untyped = HANDLE_NONE};

	make_home(b, &h);
	require(untyped_create(source, KIND_UNTYPED, PART, 1, 0, slots));
	require(untyped_create(slots, KIND_UNTYPED, 16 * PAGE_SIZE, 1, 0, slots + 1));
	require(space_feed(h.domain.space, slots + 1));
	require(space_move(h.domain.space, slots, HOME_UNTYPED));
	check_ok(delete(h.domain.space), "a Space can be deleted that holds the Untyped its pool was fed from");
	require(delete(h.actor.worker.thread));
	check(home_gone(b, &h), "then it is gone");
	check_back("a Space that held its own food");
}

/* Two homes, each of which holds the Untyped, the Space and the thread of the other. */
static void make_ring(struct builder *b, struct home h[2])
{
	make_home(b, &h[0]);
	make_home(b, &h[1]);
	move_home(b, &h[0], h[1].watch[0]);
	move_home(b, &h[1], h[0].watch[0]);
}

/* Both are looked at, which lets go of what is left of them. */
static bool both_gone(struct builder *b, struct home *h)
{
	bool first = home_gone(b, &h[0]);

	return home_gone(b, &h[1]) && first;
}

static void check_ring(struct builder *b)
{
	struct home h[2];

	make_ring(b, h);
	check(carried_out(space_delete(h[0].watch[0], HOME_GUEST + 3 + DOMAIN_SEGMENTS)), "of two Spaces that hold one another, one can be deleted");
	check(both_gone(b, h), "then both are gone");
	check_back("two Spaces that held one another");
	make_ring(b, h);
	check(carried_out(space_delete(h[0].watch[0], HOME_GUEST + 4 + DOMAIN_SEGMENTS)), "or the Untyped of one");
	check(both_gone(b, h), "then both are gone too");
	check_back("two Spaces that held one another's Untyped");
	make_ring(b, h);
	check_ok(space_revoke(PROGRAM_SPACE, source), "or the Untyped around both is revoked");
	check(both_gone(b, h), "then both are gone as well");
	check_back("two Spaces that were revoked");
}

/* A Space whose only original lies in its own table. */
static void check_self(struct builder *b)
{
	struct home h = {.untyped = HANDLE_NONE};

	make_home(b, &h);
	move_one(b, &h.domain.space, h.watch[0], HOME_OTHER);
	check(carried_out(space_delete(h.watch[0], HOME_OTHER)), "a Space can be deleted out of its own table");
	check(slot_empty(h.watch[0]), "then it is gone");
	(void)home_gone(b, &h);
	check_back("a Space in its own table");
	make_home(b, &h);
	move_one(b, &h.domain.space, h.watch[0], HOME_OTHER);
	check_ok(space_revoke(PROGRAM_SPACE, source), "revoking the Untyped finds a Space in its own table");
	check(home_gone(b, &h), "then it is gone");
	check_back("a Space that was revoked in its own table");
}

/* ---- threads that destroy what they stand on ---- */

/* One message to a kernel object, sent by the thread in the home. */
static void act(const struct home *h, handle_t to, word_t label, word_t w0)
{
	actor_start(&h->actor, to, HANDLE_NONE, tag_make(label, 1, 0), w0);
}

/* What the thread in the home destroys. */
static const struct {
	const char *name;
	handle_t to; /* HOME_SPACE: its own table; HOME_OTHER: the test's */
	word_t label;
	handle_t slot; /* HANDLE_NONE: the Space's original in the test's table; ~0: its Untyped there; ~1: the source */
} suicide[] = {
	{"a thread deletes its own Space", HOME_OTHER, SPACE_DELETE, HANDLE_NONE},
	{"a thread revokes its own Space", HOME_OTHER, SPACE_REVOKE, HANDLE_NONE},
	{"a thread deletes the Untyped that it was made from", HOME_OTHER, SPACE_DELETE, ~(handle_t)0},
	{"a thread revokes the Untyped that it was made from", HOME_OTHER, SPACE_REVOKE, ~(handle_t)0},
	{"a thread revokes the Untyped around that", HOME_OTHER, SPACE_REVOKE, ~(handle_t)1},
	{"a thread deletes its own Space out of its own table", HOME_SPACE, SPACE_DELETE, HOME_GUEST},
	{"a thread deletes its Untyped out of its own table", HOME_SPACE, SPACE_DELETE, HOME_UNTYPED},
	{"a thread revokes its Untyped in its own table", HOME_SPACE, SPACE_REVOKE, HOME_UNTYPED},
};

static void check_suicide(struct builder *b, unsigned number)
{
	const char *name = suicide[number].name;
	handle_t slot = suicide[number].slot;
	struct home h = {.untyped = HANDLE_NONE};

	make_home(b, &h);
	require(space_derive(h.domain.space, PROGRAM_SPACE, HOME_OTHER, RIGHT_TABLE));
	if (slot == HOME_GUEST)
		move_one(b, &h.domain.space, h.watch[0], HOME_GUEST);
	if (slot == HOME_UNTYPED)
		move_one(b, &h.untyped, h.watch[0], HOME_UNTYPED);
	if (slot == HANDLE_NONE)
		slot = h.domain.space;
	else if (slot == ~(handle_t)0)
		slot = h.untyped;
	else if (slot == ~(handle_t)1)
		slot = source;
	act(&h, suicide[number].to, suicide[number].label, slot);
	check(h.actor.worker.memory == HANDLE_NONE || slot_empty(h.actor.worker.memory) || h.actor.script->done == 0,
	      case_name("it does not come back", name));
	check(slot_empty(h.watch[0]), case_name("its Space is gone", name));
	(void)home_gone(b, &h);
	check_back(name);
}

static void check_own_reset(struct builder *b)
{
	struct home h = {.untyped = HANDLE_NONE};

	make_home(b, &h);
	move_one(b, &h.untyped, h.domain.space, HOME_UNTYPED);
	act(&h, HOME_UNTYPED, UNTYPED_RESET, 0);
	check(actor_failed(&h.actor, ERROR_BUSY, PHASE_SEND, 0, 0), "a thread cannot reset the Untyped that it was made from");
	act(&h, HOME_SPACE, SPACE_DELETE, HOME_ENDPOINT);
	check_equal(actor_error(&h.actor), OK, "and goes on");
	require(space_revoke(PROGRAM_SPACE, source));
	(void)home_gone(b, &h);
	check_back("a thread that tried to reset its own Untyped");
}

static void check_own_thread(struct builder *b)
{
	struct thread_report report = {.state = THREAD_STOPPED};
	struct actor victim;
	handle_t outside = b->untyped;

	b->untyped = source;
	require(actor_create(b, ACTOR_PRIORITY, &victim));
	actor_start(&victim, PROGRAM_SPACE, HANDLE_NONE, tag_make(SPACE_DELETE, 1, 0), victim.worker.thread);
	check(slot_empty(victim.worker.thread) && victim.script->done == 0, "a thread can delete itself");
	actor_destroy(b, &victim);
	check_back("a thread that deleted itself");
	require(actor_create(b, ACTOR_PRIORITY, &victim));
	actor_start(&victim, PROGRAM_SPACE, HANDLE_NONE, tag_make(SPACE_DELETE, 1, 0), victim.worker.context);
	check(slot_empty(victim.worker.context) && thread_query(victim.worker.thread, &report) == OK && report.state == THREAD_READY &&
	      victim.script->done == 0, "a thread that deletes its SchedContext does not run any more");
	actor_destroy(b, &victim);
	check_back("a thread that deleted its SchedContext");
	require(actor_create(b, ACTOR_PRIORITY, &victim));
	actor_start(&victim, victim.worker.thread, HANDLE_NONE, tag_make(THREAD_STOP, 0, 0), 0);
	check_equal(actor_state(&victim), THREAD_STOPPED, "a thread can stop itself");
	actor_destroy(b, &victim);
	check_back("a thread that stopped itself");
	b->untyped = outside;
}

void test_run(struct builder *b)
{
	slots = builder_take_slots(b, SLOTS);
	require(build_object(b, KIND_UNTYPED, SOURCE, &source));
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	for (unsigned i = 0; i < CROWD; i++)
		require(actor_create(b, ACTOR_PRIORITY, &crowd[i]));
	check_waiters();
	for (unsigned i = 0; i < STATES; i++)
		check_thread(b, i);
	check_reply();
	check_mapping(b);
	check_moved_mapping(b);
	check_space(b);
	check_nested(b, false);
	check_nested(b, true);
	check_own_untyped(b, END_DELETE_SPACE, "a Space that holds its own Untyped is deleted");
	check_own_untyped(b, END_REVOKE_SOURCE, "the Untyped around that is revoked");
	check_own_untyped(b, END_DELETE_UNTYPED, "the Untyped that a Space holds and is made of is deleted");
	check_own_untyped(b, END_REVOKE_UNTYPED, "the Untyped that a Space holds and is made of is revoked");
	check_own_food(b);
	check_ring(b);
	check_self(b);
	for (unsigned i = 0; i < sizeof suicide / sizeof suicide[0]; i++)
		check_suicide(b, i);
	check_own_reset(b);
	check_own_thread(b);
	for (unsigned i = 0; i < CROWD; i++)
		actor_destroy(b, &crowd[i]);
	builder_release(b, endpoint);
	builder_release(b, source);
}
