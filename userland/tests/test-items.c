/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capabilities that travel with messages into the receiver's handle window (rules 6, 7, 10, 11, 13): what arrives, with
 * which rights, whose it is afterwards; and that a message whose items do not all fit changes nothing.
 */
#include "actor.h"
#include "support.h"

enum { SLOTS = 8, LABEL = 5, CHILDREN_MAX = 256, DEPTH_MAX = 64 };

static handle_t endpoint, other, memory, window; /* `window`: the first of SLOTS empty slots */
static struct actor actor;

static const word_t six = MESSAGE_REGISTERS;

static void set_item(unsigned i, handle_t handle, word_t control)
{
	buffer_self()->item[i] = (struct item){.handle = handle, .control = control};
}

/* The actor opens a handle window and receives. */
static void receive_open(handle_t first, word_t count)
{
	window_handles(worker_buffer(&actor.worker), first, count);
	actor_receive(&actor, endpoint);
}

/* Sends `items` items through `to`. Returns the status; *detail: w0 of an error. */
static word_t send_items(handle_t to, word_t items, word_t *detail)
{
	struct message m = message_make(tag_make(LABEL, six, items), 10 * items);
	word_t status = ipc(to, HANDLE_NONE, &m);

	if (detail != NULL)
		*detail = m.w[0];
	return status;
}

/* Did the actor get the message of send_items()? */
static bool arrived(word_t items, word_t badge)
{
	return actor_got(&actor, tag_make(LABEL, six, items), badge, 10 * items);
}

static const struct received *received(unsigned i)
{
	return &worker_buffer(&actor.worker)->received[i];
}

static bool received_right(unsigned i, enum kind kind, word_t where, word_t length, word_t rights)
{
	const struct received *r = received(i);

	return r->kind == kind && r->where == where && r->length == length && r->rights == rights;
}

static void empty_window(void)
{
	for (handle_t i = 0; i < SLOTS; i++)
		(void)space_delete(PROGRAM_SPACE, window + i);
}

static bool window_empty(void)
{
	bool empty = true;

	for (handle_t i = 0; i < SLOTS; i++)
		empty = empty && slot_empty(window + i);
	return empty;
}

/* ---- derive and move, each kind ---- */

/* One capability is given as a derivation and taken back by its giver. */
static void check_derive(handle_t handle, const char *name)
{
	struct slot_state from = slot_of(handle), to;
	struct memory_state state = {.size = 0};

	if (from.kind == KIND_MEMORY)
		require(memory_query(handle, &state));
	receive_open(window, 1);
	set_item(0, handle, RIGHTS_ALL);
	check(send_items(endpoint, 1, NULL) == OK && arrived(1, 0) &&
		      received_right(0, from.kind, window, from.kind == KIND_MEMORY ? state.size : from.badge, from.rights),
	      case_name("an item is derived, and the receiver is told what it is", name));
	to = slot_of(window);
	check(to.kind == from.kind && to.rights == from.rights && to.badge == from.badge && !to.original &&
		      slot_of(handle).derived_from,
	      case_name("the giver keeps it and has a hold on what it gave", name));
	require(space_revoke(PROGRAM_SPACE, handle));
	check(slot_empty(window) && slot_of(handle).kind == from.kind, case_name("the giver can take it back", name));
}

static void check_move(handle_t handle, const char *name)
{
	struct slot_state from = slot_of(handle), to;

	receive_open(window, 1);
	set_item(0, handle, RIGHTS_ALL | ITEM_MOVE);
	check(send_items(endpoint, 1, NULL) == OK && arrived(1, 0) && received(0)->kind == from.kind &&
		      received(0)->where == window,
	      case_name("an item is moved", name));
	to = slot_of(window);
	check(slot_empty(handle) && to.kind == from.kind && to.rights == from.rights && to.original == from.original &&
		      to.derived_from == from.derived_from,
	      case_name("the giver keeps nothing, the receiver has it as it was", name));
	require(space_move(PROGRAM_SPACE, window, handle));
}

static const struct {
	enum kind kind;
	word_t parameter;
	const char *name;
	bool derivable;
} kinds[] = {
	{KIND_UNTYPED, PAGE_SIZE, "Untyped", false},    {KIND_MEMORY, 3 * PAGE_SIZE, "Memory", true},
	{KIND_SPACE, SPACE_HANDLES_MIN, "Space", true}, {KIND_THREAD, 0, "Thread", true},
	{KIND_ENDPOINT, 0, "Endpoint", true},           {KIND_NOTIFICATION, 0, "Notification", true},
	{KIND_CONTEXT, 0, "SchedContext", true},
};

static void check_kinds(struct builder *b)
{
	handle_t object, badged, system;

	for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		require(build_object(b, kinds[i].kind, kinds[i].parameter, &object));
		if (kinds[i].derivable)
			check_derive(object, kinds[i].name);
		check_move(object, kinds[i].name);
		builder_release(b, object);
	}
	require(build_derived(b, other, RIGHT_SEND, 0x89abcdef, &badged));
	check_derive(badged, "badged Endpoint");
	check_move(badged, "badged Endpoint");
	builder_release(b, badged);
	require(build_derived(b, PROGRAM_SYSTEM, RIGHTS_ALL, 0, &system));
	check_derive(system, "System");
	check_move(system, "System");
	builder_release(b, system);
	require(build_derived(b, memory, RIGHT_READ, 0, &object));
	check_move(object, "derived Memory");
	builder_release(b, object);
}

/* ---- rights ---- */

static void check_rights(struct builder *b)
{
	unsigned wrong = 0;
	handle_t weak;

	for (word_t rights = 0; rights <= RIGHTS_ALL; rights++) {
		receive_open(window, 1);
		set_item(0, memory, rights);
		wrong += send_items(endpoint, 1, NULL) != OK;
		wrong += received(0)->rights != rights || slot_of(window).rights != rights;
		empty_window();
	}
	check_equal(wrong, 0, "a derived item has the rights that its giver names, any of the 256 sets");
	require(build_derived(b, memory, RIGHT_READ | RIGHT_PHYSICAL, 0, &weak));
	receive_open(window, 1);
	set_item(0, weak, RIGHTS_ALL & ~RIGHT_PHYSICAL);
	check(send_items(endpoint, 1, NULL) == OK && received(0)->rights == RIGHT_READ &&
		      slot_of(window).rights == RIGHT_READ,
	      "rights only shrink: nobody gives what it has not");
	empty_window();
	receive_open(window, 1);
	set_item(0, weak, RIGHT_PHYSICAL | RIGHT_WRITE | ITEM_MOVE);
	check(send_items(endpoint, 1, NULL) == OK && slot_of(window).rights == RIGHT_PHYSICAL && slot_empty(weak),
	      "a moved item's rights shrink as well");
	empty_window();
	builder_put_slots(b, weak, 1);
}

/* A part of a Memory. */
static void check_parts(struct builder *b)
{
	struct memory_state state = {.size = 0};
	word_t whole = 0, part = 0;

	(void)b;
	receive_open(window, 2);
	buffer_self()->item[0] =
		(struct item){.handle = memory, .control = RIGHTS_ALL, .offset = 2 * PAGE_SIZE, .length = PAGE_SIZE};
	buffer_self()->item[1] = (struct item){.handle = memory, .control = RIGHTS_ALL, .offset = PAGE_SIZE};
	check(send_items(endpoint, 2, NULL) == OK && received_right(0, KIND_MEMORY, window, PAGE_SIZE, RIGHTS_ALL) &&
		      received_right(1, KIND_MEMORY, window + 1, 3 * PAGE_SIZE, RIGHTS_ALL),
	      "a part of a Memory can be given; length 0 is all from the offset on");
	require(memory_physical(memory, &whole));
	check(memory_query(window, &state) == OK && state.size == PAGE_SIZE && memory_physical(window, &part) == OK &&
		      part == whole + 2 * PAGE_SIZE,
	      "it is that part");
	empty_window();
}

/* ---- the handle window ---- */

struct opening {
	handle_t first;
	word_t count;
	word_t items;
	word_t failing; /* the item that does not fit */
	const char *name;
};

/* The window does not take all items: the sender is told which one, nothing arrived. */
static void check_opening(const struct opening *o)
{
	word_t detail = 1;

	receive_open(o->first, o->count);
	for (unsigned i = 0; i < MESSAGE_ITEMS; i++)
		set_item(i, memory, RIGHT_READ | RIGHT_PHYSICAL);
	check(send_items(endpoint, o->items, &detail) == status_make(ERROR_WINDOW, PHASE_SEND, o->failing) && detail == 0 &&
		      actor_state(&actor) == THREAD_RECEIVING && !slot_of(memory).derived_from,
	      o->name);
	require(thread_abort(actor.worker.thread));
}

static void check_openings(struct builder *b)
{
	handle_t slots = test_info()->handle_slots, occupied = builder_take_slots(b, 2);

	require(space_derive(PROGRAM_SPACE, other, occupied + 1, RIGHTS_ALL));
	const struct opening openings[] = {
		{window, 0, 1, 0, "a closed window takes nothing"},
		{window, 0, 4, 0, "a closed window refuses the first of four items"},
		{window, 1, 2, 1, "a window of one slot refuses the second item, and the first with it"},
		{window, 3, 4, 3, "a window of three slots refuses the fourth item, and all with it"},
		{occupied + 1, 1, 1, 0, "an occupied slot is refused"},
		{occupied, 2, 2, 1, "if the second slot is occupied, the second item is refused"},
		{HANDLE_NONE, 2, 1, 0, "slot 0 is never filled"},
		{slots, 2, 1, 0, "a window beyond the table takes nothing"},
		{slots - 1, 4, 2, 1, "a window that reaches beyond the table takes what lies in it"},
		{~(handle_t)0, 4, 2, 0, "a window at the largest handle takes nothing"},
		{window | (word_t)1 << (sizeof(word_t) * 8 - 1), 4, 1, 0, "the top bit of a window's first slot counts"},
	};
	for (unsigned i = 0; i < sizeof openings / sizeof openings[0]; i++)
		check_opening(&openings[i]);
	check(slot_of(occupied + 1).kind == KIND_ENDPOINT, "what lies in an occupied slot stays");
	receive_open(slots - 1, 1);
	set_item(0, memory, RIGHT_READ);
	check(send_items(endpoint, 1, NULL) == OK && received(0)->where == slots - 1,
	      "the last slot of the table can be filled");
	require(space_delete(PROGRAM_SPACE, slots - 1));
	receive_open(window, ~(word_t)0);
	set_item(1, other, RIGHT_SEND);
	set_item(2, PROGRAM_THREAD, RIGHT_CONTROL);
	set_item(3, memory, RIGHT_WRITE);
	check(send_items(endpoint, 4, NULL) == OK && arrived(4, 0) &&
		      received_right(0, KIND_MEMORY, window, 4 * PAGE_SIZE, 1) &&
		      received_right(1, KIND_ENDPOINT, window + 1, 0, RIGHT_SEND) &&
		      received_right(2, KIND_THREAD, window + 2, 0, RIGHT_CONTROL) &&
		      received_right(3, KIND_MEMORY, window + 3, 4 * PAGE_SIZE, RIGHT_WRITE),
	      "four items fill four slots in order");
	empty_window();
	builder_release(b, occupied + 1);
	builder_put_slots(b, occupied, 1);
}

/* ---- items that cannot be given ---- */

struct wrong_item {
	struct item item;
	enum error error;
	const char *name;
};

/* As each of four items, the others being good: error and number for the sender, nothing for the receiver. One of the
   good ones is a move, which must not have happened. */
static void check_wrong_item(const struct wrong_item *w, handle_t movable)
{
	unsigned wrong = 0;

	receive_open(window, SLOTS);
	for (word_t at = 0; at < MESSAGE_ITEMS; at++) {
		struct buffer *to = worker_buffer(&actor.worker);
		word_t detail = 1;

		for (unsigned i = 0; i < MESSAGE_ITEMS; i++) {
			set_item(i, i % 2 != 0 ? other : memory, RIGHT_READ);
			to->received[i] = (struct received){.kind = 77};
		}
		set_item((at + 1) % MESSAGE_ITEMS, movable, RIGHTS_ALL | ITEM_MOVE);
		buffer_self()->item[at] = w->item;
		wrong +=
			send_items(endpoint, MESSAGE_ITEMS, &detail) != status_make(w->error, PHASE_SEND, at) || detail != 0;
		wrong += !window_empty() || slot_empty(movable) || slot_of(memory).derived_from;
		for (unsigned i = 0; i < MESSAGE_ITEMS; i++)
			wrong += to->received[i].kind != 77;
	}
	wrong += actor_state(&actor) != THREAD_RECEIVING;
	wrong += send_items(endpoint, 0, NULL) != OK || !arrived(0, 0);
	check_equal(wrong, 0, w->name);
}

static void check_wrong_items(struct builder *b)
{
	handle_t empty = builder_take_slots(b, 1), untyped, badged, movable, slots = test_info()->handle_slots;
	const word_t move = RIGHTS_ALL | ITEM_MOVE, badge = RIGHTS_ALL | ITEM_BADGE,
		     top = (word_t)1 << (sizeof(word_t) * 8 - 1);

	require(build_object(b, KIND_UNTYPED, PAGE_SIZE, &untyped));
	require(build_derived(b, other, RIGHTS_ALL, 5, &badged));
	require(build_object(b, KIND_NOTIFICATION, 0, &movable));
	const struct wrong_item wrong[] = {
		{{HANDLE_NONE, 1, 0, 0, 0}, ERROR_BAD_HANDLE, "item: handle 0 is refused"},
		{{empty, 1, 0, 0, 0}, ERROR_BAD_HANDLE, "item: an empty slot is refused"},
		{{slots, 1, 0, 0, 0}, ERROR_BAD_HANDLE, "item: a handle beyond the table is refused"},
		{{HANDLE_REPLY, 1, 0, 0, 0}, ERROR_BAD_HANDLE, "item: the pending Reply has no handle"},
		{{memory | top, 1, 0, 0, 0}, ERROR_BAD_HANDLE, "item: the top bit of a handle counts"},
		{{untyped, 1, 0, 0, 0}, ERROR_BAD_ARGUMENT, "item: an Untyped is never derived"},
		{{memory, 1 << 11, 0, 0, 0}, ERROR_BAD_ARGUMENT, "item: the lowest unknown control bit is refused"},
		{{memory, top, 0, 0, 0}, ERROR_BAD_ARGUMENT, "item: the highest unknown control bit is refused"},
		{{memory, 1, 1, 0, 0}, ERROR_BAD_ARGUMENT, "item: an offset that is not aligned is refused"},
		{{memory, 1, 4 * PAGE_SIZE, 0, 0}, ERROR_BAD_ARGUMENT, "item: an offset beyond the Memory is refused"},
		{{memory, 1, top, 0, 0}, ERROR_BAD_ARGUMENT, "item: an offset far beyond the Memory is refused"},
		{{memory, 1, 0, 1, 0}, ERROR_BAD_ARGUMENT, "item: a length that is not aligned is refused"},
		{{memory, 1, 0, 5 * PAGE_SIZE, 0}, ERROR_BAD_ARGUMENT, "item: a length beyond the Memory is refused"},
		{{memory, 1, PAGE_SIZE, ~(word_t)(PAGE_SIZE - 1), 0},
		 ERROR_BAD_ARGUMENT,
		 "item: a length that wraps round is refused"},
		{{memory, move, PAGE_SIZE, 0, 0}, ERROR_BAD_ARGUMENT, "item: a part of a Memory cannot be moved"},
		{{memory, move, 0, PAGE_SIZE, 0}, ERROR_BAD_ARGUMENT, "item: the start of a Memory cannot be moved either"},
		{{other, RIGHTS_ALL | ITEM_MAP, 0, 0, 0}, ERROR_WRONG_KIND, "item: only Memory can be mapped"},
		{{memory, badge, 0, 0, 3}, ERROR_WRONG_KIND, "item: Memory bears no badge"},
		{{badged, badge, 0, 0, 3}, ERROR_BAD_ARGUMENT, "item: a badge is set once"},
		{{other, badge | ITEM_MOVE, 0, 0, 3},
		 ERROR_BAD_ARGUMENT,
		 "item: a badge is set when deriving, not when moving"},
		{{other, badge, 0, 0, top}, ERROR_BAD_ARGUMENT, "item: a badge has 32 bits"},
		{{other, badge, 0, 0, 0}, ERROR_BAD_ARGUMENT, "item: 0 is no badge"},
	};
	for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		check_wrong_item(&wrong[i], movable);
	builder_release(b, movable);
	builder_release(b, badged);
	builder_release(b, untyped);
	builder_put_slots(b, empty, 1);
}

/* ---- the same capability twice ---- */

static void check_duplicates(struct builder *b)
{
	handle_t object;

	require(build_object(b, KIND_NOTIFICATION, 0, &object));
	receive_open(window, SLOTS);
	set_item(0, object, RIGHTS_ALL | ITEM_MOVE);
	set_item(1, object, RIGHTS_ALL | ITEM_MOVE);
	check_equal(send_items(endpoint, 2, NULL), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 1), "nothing is moved twice");
	set_item(1, object, RIGHT_SIGNAL);
	check_equal(send_items(endpoint, 2, NULL), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 1),
		    "nor derived after it was moved");
	set_item(0, object, RIGHT_SIGNAL);
	set_item(1, object, RIGHTS_ALL | ITEM_MOVE);
	check_equal(send_items(endpoint, 2, NULL), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 1),
		    "nor moved after it was derived");
	check(window_empty() && !slot_empty(object) && !slot_of(object).derived_from, "and none of it happens");
	for (unsigned i = 0; i < MESSAGE_ITEMS; i++)
		set_item(i, object, (word_t)RIGHT_SIGNAL << i);
	check(send_items(endpoint, MESSAGE_ITEMS, NULL) == OK && slot_of(window).rights == RIGHT_SIGNAL &&
		      slot_of(window + 1).rights == RIGHT_WAIT && slot_of(window + 2).rights == RIGHT_ARM,
	      "it can be derived four times in one message");
	empty_window();
	builder_release(b, object);
}

/* ---- what cannot be moved, or derived, for now ---- */

static void check_limits(struct builder *b)
{
	handle_t children = builder_take_slots(b, CHILDREN_MAX + 1), chain[DEPTH_MAX], object, mapped;
	unsigned depth = 1;
	void *address;

	require(build_object(b, KIND_NOTIFICATION, 0, &object));
	for (handle_t i = 0; i <= CHILDREN_MAX; i++)
		require(space_derive(PROGRAM_SPACE, object, children + i, RIGHTS_ALL));
	receive_open(window, SLOTS);
	set_item(0, object, RIGHTS_ALL | ITEM_MOVE);
	check_equal(send_items(endpoint, 1, NULL), status_make(ERROR_BUSY, PHASE_SEND, 0),
		    "a capability with more than 256 derivations cannot be moved");
	require(space_delete(PROGRAM_SPACE, children));
	check_equal(send_items(endpoint, 1, NULL), OK, "with 256 it can");
	check(space_revoke(PROGRAM_SPACE, window) == OK && slot_empty(children + 1) && slot_empty(children + CHILDREN_MAX),
	      "and they are still its derivations");
	require(space_move(PROGRAM_SPACE, window, object));
	builder_put_slots(b, children, CHILDREN_MAX + 1);
	for (chain[0] = object; depth < DEPTH_MAX; depth++)
		if (build_derived(b, chain[depth - 1], RIGHTS_ALL, 0, &chain[depth]) != OK)
			break;
	receive_open(window, SLOTS);
	set_item(0, chain[depth - 1], RIGHTS_ALL);
	check_equal(send_items(endpoint, 1, NULL), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0),
		    "derivations of derivations have a limit");
	set_item(0, chain[depth - 2], RIGHTS_ALL);
	check_equal(send_items(endpoint, 1, NULL), OK, "one step above it they can be given");
	empty_window();
	while (--depth > 0)
		builder_put_slots(b, chain[depth], 1);
	builder_release(b, object);
	require(build_mapped(b, PAGE_SIZE, RIGHT_READ, &mapped, &address));
	receive_open(window, SLOTS);
	set_item(0, mapped, RIGHTS_ALL | ITEM_MOVE);
	check_equal(send_items(endpoint, 1, NULL), status_make(ERROR_BUSY, PHASE_SEND, 0),
		    "Memory that is mapped cannot be moved");
	set_item(0, mapped, RIGHTS_ALL);
	check_equal(send_items(endpoint, 1, NULL), OK, "but derived");
	empty_window();
	builder_release(b, mapped);
}

void test_run(struct builder *b)
{
	handle_t outer;

	require(builder_enter(b, 1024 * 1024, &outer));
	window = builder_take_slots(b, SLOTS);
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(build_object(b, KIND_ENDPOINT, 0, &other));
	require(build_object(b, KIND_MEMORY, 4 * PAGE_SIZE, &memory));
	require(actor_create(b, ACTOR_PRIORITY, &actor));
	check_kinds(b);
	check_rights(b);
	check_parts(b);
	check_openings(b);
	check_wrong_items(b);
	check_duplicates(b);
	check_limits(b);
	actor_destroy(b, &actor);
	builder_release(b, memory);
	builder_release(b, other);
	builder_release(b, endpoint);
	check_ok(builder_leave(b, outer), "all memory comes back");
}
