/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Space as a table of capabilities: derive, move, delete, revoke and query a slot, with every right and in every slot that
 * can be wrong; badges; the limits of depth and of moving.
 */
#include "actor.h"
#include "support.h"
#include "test.h"

enum { CHILDREN_MAX = 256, SLOTS = CHILDREN_MAX + 16, DEPTH_MAX = 64, OTHER_SLOTS = 64, OTHER_POOL = 32 * 1024 };

static handle_t endpoint, notification, memory, other; /* `other`: a Space of OTHER_SLOTS handles */
static handle_t slots; /* SLOTS empty ones */

static void delete(handle_t slot)
{
	require(space_delete(PROGRAM_SPACE, slot));
}

/* What lies in a slot of the other Space. */
static struct slot_state other_slot(handle_t slot)
{
	struct slot_state state = {.kind = KIND_COUNT};

	(void)space_slot(other, slot, &state);
	return state;
}

/* ---- rights on the Space ---- */

/* Each message with arguments that are wrong in another way, and what it says if the right is there. */
static const struct {
	enum label_space label;
	word_t right;
	enum error allowed;
	const char *name;
} operation[] = {
	{SPACE_DERIVE, RIGHT_TABLE, ERROR_BAD_HANDLE, "deriving"},
	{SPACE_MOVE, RIGHT_TABLE, ERROR_BAD_HANDLE, "moving"},
	{SPACE_DELETE, RIGHT_TABLE, ERROR_BAD_HANDLE, "deleting"},
	{SPACE_REVOKE, RIGHT_TABLE, ERROR_BAD_HANDLE, "revoking"},
	{SPACE_SLOT, RIGHT_TABLE, OK, "looking at a slot"},
	{SPACE_MAP, RIGHT_MAP, ERROR_BAD_HANDLE, "mapping"},
	{SPACE_UNMAP, RIGHT_MAP, OK, "unmapping"},
	{SPACE_FEED, RIGHT_FEED, ERROR_BAD_HANDLE, "feeding"},
	{SPACE_QUERY, 0, OK, "asking for the pool"},
};

static void check_rights(void)
{
	enum { OPERATIONS = sizeof operation / sizeof operation[0] };
	unsigned wrong[OPERATIONS] = {0};

	for (word_t rights = 0; rights < 8; rights++) {
		require(space_derive(PROGRAM_SPACE, other, slots, rights));
		for (unsigned i = 0; i < OPERATIONS; i++) {
			struct message m = {.tag = 0};
			bool allowed = (operation[i].right & ~rights) == 0;

			wrong[i] += object_call(slots, (word_t)operation[i].label, 0, &m) != (allowed ? operation[i].allowed : ERROR_NO_RIGHTS);
		}
		delete(slots);
	}
	for (unsigned i = 0; i < OPERATIONS; i++)
		check_equal(wrong[i], 0, case_name("takes just its own right on the Space", operation[i].name));
	check_error(object_call(other, 0, 0, &(struct message){.tag = 0}), ERROR_BAD_ARGUMENT, "label 0 is none of a Space's");
	check_error(object_call(other, SPACE_SLOT + 1, 0, &(struct message){.tag = 0}), ERROR_BAD_ARGUMENT, "nor is the one behind its last");
}

/* ---- derive ---- */

static const struct {
	handle_t slot;
	enum error error;
	const char *name;
} bad_slot[] = {
	{0, ERROR_BAD_ARGUMENT, "slot 0"},
	{OTHER_SLOTS, ERROR_BAD_ARGUMENT, "the first slot behind the table"},
	{(handle_t)1 << 32 | 5, ERROR_BAD_ARGUMENT, "a slot of more than 32 bits"},
	{~(handle_t)0, ERROR_BAD_ARGUMENT, "slot 2^64 - 1"},
	{1, ERROR_BUSY, "an occupied slot"},
};
static const handle_t bad_handle[] = {HANDLE_NONE, 100000, (handle_t)1 << 32 | PROGRAM_SPACE, ~(handle_t)0};

static void check_places(void)
{
	word_t free = pool_free(other);

	require(space_derive(PROGRAM_SPACE, endpoint, slots, RIGHTS_ALL));
	for (unsigned i = 0; i < sizeof bad_slot / sizeof bad_slot[0]; i++) {
		check_error(space_derive(other, endpoint, bad_slot[i].slot, RIGHTS_ALL), bad_slot[i].error,
			    case_name("nothing is derived into", bad_slot[i].name));
		check_error(space_move(other, slots, bad_slot[i].slot), bad_slot[i].error, case_name("nothing is moved into", bad_slot[i].name));
	}
	for (unsigned i = 0; i < sizeof bad_handle / sizeof bad_handle[0]; i++) {
		check_error(space_derive(other, bad_handle[i], 2, RIGHTS_ALL), ERROR_BAD_HANDLE, "what is not there cannot be derived");
		check_error(space_move(other, bad_handle[i], 2), ERROR_BAD_HANDLE, "nor moved");
		check_error(space_delete(PROGRAM_SPACE, bad_handle[i]), ERROR_BAD_HANDLE, "nor deleted");
		check_error(space_revoke(PROGRAM_SPACE, bad_handle[i]), ERROR_BAD_HANDLE, "nor revoked");
	}
	check(!slot_empty(slots) && !slot_of(slots).derived_from && other_slot(2).kind == KIND_NONE && pool_free(other) == free,
	      "all these have changed nothing");
	delete(slots);
}

static void check_shrink(void)
{
	static const word_t asked[] = {0, RIGHT_SEND, RIGHT_SEND | RIGHT_TRANSFER, RIGHTS_ALL};
	unsigned wrong = 0;

	for (unsigned i = 0; i < 4; i++)
		for (unsigned j = 0; j < 4; j++) {
			require(space_derive(PROGRAM_SPACE, endpoint, slots, asked[i]));
			require(space_derive(PROGRAM_SPACE, slots, slots + 1, asked[j]));
			wrong += slot_of(slots).rights != asked[i] || slot_of(slots + 1).rights != (asked[i] & asked[j]);
			delete(slots);
		}
	check_equal(wrong, 0, "a derivation has the rights that both its giver has and the call names");
	check_error(space_derive(PROGRAM_SPACE, endpoint, slots, SPACE_BADGE << 1), ERROR_BAD_ARGUMENT, "rights that do not exist are refused");
	check_error(space_derive(PROGRAM_SPACE, endpoint, slots, (word_t)1 << 32), ERROR_BAD_ARGUMENT, "and those beyond 32 bits");
	check(slot_empty(slots), "which derives nothing");
}

static void check_tree(void)
{
	struct slot_state state;

	require(space_derive(PROGRAM_SPACE, endpoint, slots, RIGHTS_ALL));
	state = slot_of(slots);
	check(state.kind == KIND_ENDPOINT && !state.original && !state.derived_from, "a derivation is no original");
	check(slot_of(endpoint).original && slot_of(endpoint).derived_from, "the original has derivations now");
	require(space_derive(other, slots, 5, RIGHT_SEND));
	check(other_slot(5).kind == KIND_ENDPOINT && other_slot(5).rights == RIGHT_SEND, "a capability can be derived into another Space");
	require(space_derive(PROGRAM_SPACE, slots, slots + 1, RIGHTS_ALL));
	check_ok(space_revoke(PROGRAM_SPACE, slots), "a derivation can be revoked");
	check(other_slot(5).kind == KIND_NONE && slot_empty(slots + 1), "what was derived from it is gone, in every Space");
	check(!slot_empty(slots) && !slot_of(slots).derived_from, "it itself is there");
	check_ok(space_revoke(PROGRAM_SPACE, slots), "revoking what has no derivations changes nothing");
	require(space_derive(other, slots, 5, RIGHT_SEND));
	check_ok(space_delete(other, 5), "who holds the right can delete in another Space");
	check(other_slot(5).kind == KIND_NONE && !slot_empty(slots), "which deletes there only");
	require(space_derive(other, slots, 5, RIGHT_SEND));
	delete(slots);
	check(other_slot(5).kind == KIND_NONE && !slot_empty(endpoint), "deleting a derivation deletes what was derived from it, not the original");
	check_error(space_delete(PROGRAM_SPACE, slots), ERROR_BAD_HANDLE, "nothing can be deleted twice");
}

static void check_slot(void)
{
	struct slot_state state;
	struct space_state space;
	handle_t end = test_info()->handle_slots;

	require(space_query(PROGRAM_SPACE, &space));
	check_equal(space.slots, end, "a Space tells how many slots it has");
	check(space_query(other, &space) == OK && space.slots == OTHER_SLOTS, "as many as it was created with");
	check_ok(space_slot(PROGRAM_SPACE, 0, &state), "slot 0 can be looked at");
	check_equal(state.kind, KIND_NONE, "and is empty");
	check_ok(space_slot(PROGRAM_SPACE, end - 1, &state), "so can the last one");
	check_error(space_slot(PROGRAM_SPACE, end, &state), ERROR_BAD_ARGUMENT, "but not the one behind it");
	check_error(space_slot(PROGRAM_SPACE, ~(handle_t)0, &state), ERROR_BAD_ARGUMENT, "nor slot 2^64 - 1");
	check_ok(space_derive(PROGRAM_SPACE, endpoint, end - 1, RIGHTS_ALL), "the last slot can be used");
	delete(end - 1);
	check_ok(space_derive(other, endpoint, OTHER_SLOTS - 1, RIGHTS_ALL), "that of another Space too");
	require(space_delete(other, OTHER_SLOTS - 1));
}

/* ---- badges ---- */

static void check_badges(struct builder *b)
{
	struct message m;
	struct actor actor;

	check_ok(space_derive_badged(PROGRAM_SPACE, endpoint, slots, RIGHTS_ALL, UINT32_MAX), "a badge may be any 32 bits");
	check_equal(slot_of(slots).badge, UINT32_MAX, "the slot shows it");
	check_error(space_derive_badged(PROGRAM_SPACE, endpoint, slots + 1, RIGHTS_ALL, (word_t)1 << 32), ERROR_BAD_ARGUMENT, "but not 33 bits");
	check_error(space_derive_badged(PROGRAM_SPACE, endpoint, slots + 1, RIGHTS_ALL, 0), ERROR_BAD_ARGUMENT, "and not 0: that is none");
	check_error(space_derive_badged(PROGRAM_SPACE, slots, slots + 1, RIGHTS_ALL, 7), ERROR_BAD_ARGUMENT, "a badge is set once");
	check_error(space_derive_badged(PROGRAM_SPACE, slots, slots + 1, RIGHTS_ALL, UINT32_MAX), ERROR_BAD_ARGUMENT, "even if it is the same");
	check_error(space_derive_badged(PROGRAM_SPACE, memory, slots + 1, RIGHTS_ALL, 7), ERROR_WRONG_KIND, "a Memory has no badge");
	check_error(space_derive_badged(PROGRAM_SPACE, other, slots + 1, RIGHTS_ALL, 7), ERROR_WRONG_KIND, "nor has a Space");
	check_error(space_derive_badged(PROGRAM_SPACE, PROGRAM_THREAD, slots + 1, RIGHTS_ALL, 7), ERROR_WRONG_KIND, "nor has a Thread");
	check(slot_empty(slots + 1), "these have derived nothing");
	require(space_derive(PROGRAM_SPACE, slots, slots + 1, RIGHTS_ALL));
	check_equal(slot_of(slots + 1).badge, UINT32_MAX, "a derivation keeps the badge");
	require(space_move(PROGRAM_SPACE, slots + 1, slots + 2));
	check_equal(slot_of(slots + 2).badge, UINT32_MAX, "and so does moving");
	check_error(message_receive(slots, &m, TAG_NOWAIT_RECEIVE), ERROR_NO_RIGHTS, "a badged Endpoint does not receive, whatever its rights");
	require(actor_create(b, ACTOR_PRIORITY, &actor));
	actor_send(&actor, slots + 2, 40);
	check(message_receive(endpoint, &m, TAG_NOWAIT_RECEIVE) == OK && m.badge == UINT32_MAX && m.w[0] == 40, "the receiver sees the badge");
	actor_destroy(b, &actor);
	delete(slots);
	check_ok(space_derive_badged(PROGRAM_SPACE, notification, slots, RIGHTS_ALL, 5), "a Notification can have a badge");
	check_error(message_receive(slots, &m, TAG_NOWAIT_RECEIVE), ERROR_NO_RIGHTS, "then it cannot be waited for");
	require(notification_signal(slots, 0xff));
	check(message_receive(notification, &m, TAG_NOWAIT_RECEIVE) == OK && m.badge == 5, "and sets only bits of its badge");
	delete(slots);
}

/* ---- limits ---- */

/* Derives from `from`, from that, and so on, until it is refused. Returns how many there are, from slot slots on. */
static word_t derive_chain(handle_t from)
{
	word_t count = 0;

	while (count < DEPTH_MAX && space_derive(PROGRAM_SPACE, from, slots + count, RIGHTS_ALL) == OK)
		from = slots + count++;
	return count;
}

static void check_depth(struct builder *b)
{
	handle_t untyped, free = slots + DEPTH_MAX, deepest, outer = b->untyped, deeper;
	struct thread_binding binding = {.what = CONFIGURE_BUFFER};
	uintptr_t address = builder_take_addresses(b, PAGE_SIZE, PAGE_SIZE);
	word_t first, second;

	first = derive_chain(endpoint);
	check(first > DEPTH_MAX / 2 && first < DEPTH_MAX, "a derivation is at most 64 deep");
	check_error(space_derive(PROGRAM_SPACE, slots + first - 1, free, RIGHTS_ALL), ERROR_BAD_ARGUMENT, "one deeper is refused");
	check_ok(space_derive(PROGRAM_SPACE, slots + first - 2, free, RIGHTS_ALL), "one beside the deepest is not");
	delete(slots);
	check(slot_empty(slots + first - 1) && slot_empty(free), "deleting the first of a chain deletes all of it");
	require(build_object(b, KIND_UNTYPED, 4096, &untyped));
	b->untyped = untyped;
	require(build_object(b, KIND_ENDPOINT, 0, &deeper));
	second = derive_chain(deeper);
	check_equal(second, first - 1, "what was created one deeper can be derived once less");
	b->untyped = outer;
	builder_release(b, untyped);
	builder_put_slots(b, deeper, 1);
	check(slot_empty(slots) && slot_empty(deeper), "deleting the Untyped deletes object and chain");
	check_equal(derive_chain(memory), first, "a Memory is derived as often as an Endpoint");
	deepest = slots + first - 1;
	check_error(memory_derive(deepest, 0, 0, RIGHTS_ALL, free), ERROR_BAD_ARGUMENT, "no part is derived from the deepest");
	check_error(space_map(PROGRAM_SPACE, deepest, address, RIGHT_READ, 0, 0, NULL), ERROR_BAD_ARGUMENT, "and it is not mapped by deriving");
	require(build_object(b, KIND_THREAD, 0, &binding.context));
	binding.buffer = deepest;
	check_error(thread_configure(binding.context, &binding), ERROR_BAD_ARGUMENT, "nor bound to a thread");
	check_ok(memory_map(deepest, PROGRAM_SPACE, address, RIGHT_READ), "but it can itself be mapped");
	builder_release(b, binding.context);
	delete(slots);
	b->address = address;
}

static void check_children(void)
{
	handle_t place = slots + CHILDREN_MAX + 2;

	require(space_derive(PROGRAM_SPACE, endpoint, slots, RIGHTS_ALL));
	for (handle_t i = 1; i <= CHILDREN_MAX; i++)
		require(space_derive(PROGRAM_SPACE, slots, slots + i, RIGHTS_ALL));
	check_ok(space_move(PROGRAM_SPACE, slots, place), "a capability with 256 derivations can be moved");
	require(space_derive(PROGRAM_SPACE, place, slots, RIGHTS_ALL));
	check_error(space_move(PROGRAM_SPACE, place, place + 1), ERROR_BUSY, "one with 257 cannot");
	check(!slot_empty(place) && slot_empty(place + 1), "and stays where it is");
	delete(slots);
	check_ok(space_move(PROGRAM_SPACE, place, place + 1), "when one derivation is deleted, it can be moved again");
	check_ok(space_revoke(PROGRAM_SPACE, place + 1), "at its last place it can be revoked");
	check(slot_empty(slots + 1) && slot_empty(slots + CHILDREN_MAX / 2) && slot_empty(slots + CHILDREN_MAX), "all 256 are gone");
	delete(place + 1);
}

/* ---- move ---- */

static void check_move(struct builder *b)
{
	struct slot_state before;
	handle_t object;

	require(build_object(b, KIND_NOTIFICATION, 0, &object));
	require(space_derive(PROGRAM_SPACE, object, slots, RIGHT_SIGNAL));
	before = slot_of(object);
	check_ok(space_move(PROGRAM_SPACE, object, slots + 1), "an original can be moved");
	check(slot_empty(object), "nothing is kept where it was");
	check(slot_of(slots + 1).original && slot_of(slots + 1).rights == before.rights && slot_of(slots + 1).derived_from,
	      "at its new place it is the original, with its rights and derivations");
	check_ok(notification_signal(slots, 1), "the object is the same to derivations");
	check_error(space_move(PROGRAM_SPACE, slots + 1, slots + 1), ERROR_BUSY, "nothing is moved to where it is");
	check_ok(space_move(other, slots + 1, 7), "an original can be moved to another Space");
	check(other_slot(7).original && other_slot(7).derived_from && slot_empty(slots + 1), "where it is the original");
	check_ok(space_move(PROGRAM_SPACE, slots, slots + 2), "a derivation can be moved");
	check(slot_of(slots + 2).rights == RIGHT_SIGNAL && !slot_of(slots + 2).original, "and stays a derivation");
	check_ok(space_delete(other, 7), "the original can be deleted there");
	check(slot_empty(slots + 2), "which ends the object and all its derivations");
	builder_put_slots(b, object, 1);
}

static void check_move_mapped(struct builder *b)
{
	uintptr_t address = builder_take_addresses(b, 2 * PAGE_SIZE, PAGE_SIZE);

	require(space_derive(PROGRAM_SPACE, memory, slots, RIGHTS_ALL));
	require(memory_map(slots, PROGRAM_SPACE, address, RIGHT_READ));
	check_error(space_move(PROGRAM_SPACE, slots, slots + 1), ERROR_BUSY, "a Memory that is mapped itself cannot be moved");
	check_error(space_move(other, slots, 7), ERROR_BUSY, "nor to another Space");
	check(slot_empty(slots + 1) && other_slot(7).kind == KIND_NONE && *(volatile word_t *)address == 0, "it stays where it is, and mapped");
	require(memory_unmap(slots));
	require(space_map(PROGRAM_SPACE, slots, address, RIGHT_READ, 0, 0, NULL));
	check_ok(space_move(PROGRAM_SPACE, slots, slots + 1), "one that was mapped by deriving can be moved");
	check(*(volatile word_t *)address == 0 && slot_of(slots + 1).derived_from, "and its mapping stays");
	delete(slots + 1);
	b->address = address;
}

/* A table without a pool. */
static void check_no_pool(struct builder *b)
{
	struct system_state info;
	handle_t poor, food;
	word_t detail;

	require(system_info(PROGRAM_SYSTEM, &info));
	require(build_space(b, 2 * info.pool_block / 64, 0, &poor));
	check_error(call_detail(poor, SPACE_DERIVE, 4, (const word_t[]){endpoint, 1, RIGHTS_ALL, 0}, &detail), ERROR_NO_MEMORY,
		    "nothing is derived into a table whose pool is empty");
	check_equal(detail, info.pool_block, "a block is missing for it");
	require(space_derive(PROGRAM_SPACE, endpoint, slots, RIGHTS_ALL));
	check_error(call_detail(poor, SPACE_MOVE, 2, (const word_t[]){slots, 1}, &detail), ERROR_NO_MEMORY, "nor moved");
	check_equal(detail, info.pool_block, "a block is missing for that too");
	check(!slot_empty(slots), "and it stays where it was");
	require(build_object(b, KIND_UNTYPED, 2 * info.pool_block, &food));
	require(space_feed(poor, food));
	builder_put_slots(b, food, 1);
	check_ok(space_move(poor, slots, 1), "one block is enough for the first 128 slots");
	check_ok(space_derive(poor, endpoint, info.pool_block / 64 - 1, RIGHTS_ALL), "up to the last of them");
	check_error(call_detail(poor, SPACE_DERIVE, 4, (const word_t[]){endpoint, info.pool_block / 64, RIGHTS_ALL, 0}, &detail), ERROR_NO_MEMORY,
		    "and not for the next");
	check_equal(detail, info.pool_block, "which takes another block");
	builder_release(b, poor);
	check_equal(slot_of(endpoint).derived_from, false, "the end of a Space deletes what its table held");
}

void test_run(struct builder *b)
{
	slots = builder_take_slots(b, SLOTS);
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(build_object(b, KIND_NOTIFICATION, 0, &notification));
	require(build_object(b, KIND_MEMORY, PAGE_SIZE, &memory));
	require(build_space(b, OTHER_SLOTS, OTHER_POOL, &other));
	require(space_derive(other, PROGRAM_SYSTEM, 1, RIGHTS_ALL));
	check_rights();
	check_places();
	check_shrink();
	check_tree();
	check_slot();
	check_badges(b);
	check_depth(b);
	check_children();
	check_move(b);
	check_move_mapped(b);
	check_no_pool(b);
	builder_release(b, other);
	builder_release(b, memory);
	builder_release(b, notification);
	builder_release(b, endpoint);
}
