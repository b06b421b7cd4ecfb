/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that travels with a message into the receiver's map window (rules 10, 11, 12): where it is mapped, with which
 * access, how much of it; windows into another Space; occupied places; and that what does not fit changes nothing.
 */
#include "actor.h"
#include "support.h"

enum {
	LABEL = 7,
	PAGES = 4,
	LARGE = 2 * 1024 * 1024, /* a large page on every machine */
	WINDOW_SIZE = 8 * LARGE,
	CLIP = 512 * PAGE_SIZE,
	REPLACE_MAX = 64,
	MAP = ITEM_MAP | RIGHT_READ,
	READ_WRITE = RIGHT_READ | RIGHT_WRITE,
};

static handle_t endpoint, memory, window; /* `memory`: PAGES pages; `window`: an empty slot */
static volatile word_t *own_view; /* where the test sees `memory` */
static uintptr_t place; /* addresses for the windows, a large page aligned; nothing is mapped there */
static struct actor actor;
static struct accessor accessor;

static const word_t carried = MESSAGE_REGISTERS;

static struct item map_item(handle_t handle, word_t control, word_t base)
{
	return (struct item){.handle = handle, .control = control, .base = base};
}

static void open_window(handle_t space, uintptr_t address, word_t length, word_t flags)
{
	window_map(worker_buffer(&actor.worker), space, address, length, flags);
	if (actor_state(&actor) != THREAD_RECEIVING)
		actor_receive(&actor, endpoint);
}

/* Sends the items that lie in the test's buffer. */
static word_t send_items(word_t items, word_t *detail)
{
	struct message m = message_make(tag_make(LABEL, carried, items), 3);
	word_t status = ipc(endpoint, HANDLE_NONE, &m);

	if (detail != NULL)
		*detail = m.w[0];
	return status;
}

static word_t send_item(struct item item)
{
	buffer_self()->item[0] = item;
	return send_items(1, NULL);
}

static bool mapped_as(unsigned i, uintptr_t where, word_t length, word_t rights)
{
	const struct received *r = &worker_buffer(&actor.worker)->received[i];

	return r->kind == KIND_MEMORY && r->where == where && r->length == length && r->rights == rights;
}

static bool refused(word_t status, enum error error, word_t item)
{
	return status == status_make(error, PHASE_SEND, item) && actor_state(&actor) == THREAD_RECEIVING;
}

static void unmap_all(void)
{
	require(space_unmap(PROGRAM_SPACE, place, WINDOW_SIZE));
}

/* ---- mapping ---- */

static void check_mapping(void)
{
	const volatile word_t *view = (const volatile word_t *)(place + PAGE_SIZE);
	word_t value = 0;

	own_view[0] = 11;
	open_window(HANDLE_NONE, place, WINDOW_SIZE, RIGHT_READ);
	check_equal(send_item(map_item(memory, MAP | RIGHT_WRITE, PAGE_SIZE)), OK, "an item can be mapped");
	if (!check(mapped_as(0, place + PAGE_SIZE, PAGES * PAGE_SIZE, READ_WRITE), "it lies where the sender's base says"))
		return;
	check_equal(view[0], 11, "both see the same memory");
	own_view[1] = 12;
	check_equal(view[1], 12, "what one writes the other reads");
	check(slot_of(memory).derived_from && slot_empty(window), "the mapping is a derivation, without a handle");
	require(space_revoke(PROGRAM_SPACE, memory));
	check(access_faults(&accessor, place + PAGE_SIZE, RIGHT_READ), "the giver can take it back");
	require(memory_map(memory, PROGRAM_SPACE, (uintptr_t)own_view, READ_WRITE) == ERROR_BUSY ? OK : ERROR_GONE);
	open_window(HANDLE_NONE, place, WINDOW_SIZE, RIGHT_READ);
	require(status_error(send_item(map_item(memory, MAP, 0))));
	check(access_done(&accessor, place, RIGHT_READ, &value) && value == 11, "given for reading it can be read");
	check(access_faults(&accessor, place, RIGHT_WRITE), "but not written");
	unmap_all();
	check(!slot_of(memory).derived_from, "the receiver can unmap it: then nothing is left of it");
}

static void check_part(void)
{
	struct item item = map_item(memory, MAP, 0);

	own_view[2 * PAGE_SIZE / sizeof(word_t)] = 21;
	item.offset = 2 * PAGE_SIZE;
	item.length = PAGE_SIZE;
	open_window(HANDLE_NONE, place, WINDOW_SIZE, RIGHT_READ);
	check(send_item(item) == OK && mapped_as(0, place, PAGE_SIZE, RIGHT_READ) && *(volatile word_t *)place == 21,
	      "a part of a Memory can be mapped");
	check(access_faults(&accessor, place + PAGE_SIZE, RIGHT_READ), "and no more than that part");
	unmap_all();
	item.offset = 1;
	open_window(HANDLE_NONE, place, WINDOW_SIZE, RIGHT_READ);
	check(refused(send_item(item), ERROR_BAD_ARGUMENT, 0), "its offset must be aligned");
}

/* ---- access ---- */

struct access_case {
	word_t held, given, demanded, arriving; /* arriving 0: refused */
	const char *name;
};

static const struct access_case access_cases[] = {
	{RIGHTS_ALL, RIGHT_READ, 0, RIGHT_READ, "a window that demands nothing takes memory to read"},
	{RIGHTS_ALL, RIGHT_READ, RIGHT_READ, RIGHT_READ, "a window that demands read takes memory to read"},
	{RIGHTS_ALL, READ_WRITE, RIGHT_READ, READ_WRITE, "more access than the window demands may be given"},
	{RIGHTS_ALL, RIGHT_READ, READ_WRITE, 0, "less access than the window demands may not"},
	{RIGHTS_ALL, RIGHT_READ, RIGHT_EXECUTE, 0, "read is not execute"},
	{RIGHT_READ, READ_WRITE, READ_WRITE, 0, "nobody gives access that he has not"},
	{RIGHT_READ, READ_WRITE, RIGHT_READ, RIGHT_READ, "what he names beyond his rights does not arrive"},
	{RIGHTS_ALL, 0, 0, 0, "memory without any access cannot be mapped"},
	{RIGHTS_ALL, RIGHT_PHYSICAL, 0, 0, "the right physical is no access"},
	{RIGHTS_ALL, RIGHT_WRITE, 0, READ_WRITE, "writing includes reading, on every processor"},
	{RIGHTS_ALL, RIGHT_EXECUTE, RIGHT_EXECUTE, RIGHT_READ | RIGHT_EXECUTE, "so does executing"},
	{RIGHT_WRITE, RIGHT_WRITE, 0, 0, "without the right to read, writing cannot be given"},
	{RIGHTS_ALL, RIGHTS_ALL, 7, 7, "all access can be demanded and given"},
};

static void check_access(struct builder *b)
{
	for (unsigned i = 0; i < sizeof access_cases / sizeof access_cases[0]; i++) {
		const struct access_case *c = &access_cases[i];
		handle_t held;
		word_t status;

		require(build_derived(b, memory, c->held, 0, &held));
		open_window(HANDLE_NONE, place, WINDOW_SIZE, c->demanded);
		status = send_item(map_item(held, ITEM_MAP | c->given, 0));
		if (c->arriving != 0)
			check(status == OK && mapped_as(0, place, PAGES * PAGE_SIZE, c->arriving), c->name);
		else
			check(refused(status, ERROR_WINDOW, 0) && !slot_of(held).derived_from, c->name);
		builder_release(b, held);
	}
}

/* ---- place and size ---- */

struct place_case {
	uintptr_t address;
	word_t length, base;
	word_t arriving; /* bytes; 0: refused */
	const char *name;
};

static void check_places(void)
{
	const word_t top_bit = (word_t)1 << (sizeof(word_t) * 8 - 1), page = PAGE_SIZE;
	struct space_state state = {.top = 0};

	require(space_query(PROGRAM_SPACE, &state));
	const struct place_case cases[] = {
		{place, 0, 0, 0, "a closed map window takes nothing"},
		{place, 4 * page, 0, 4 * page, "a window of just the size takes all"},
		{place, 2 * page, 0, 2 * page, "what reaches beyond the window is clipped, and the receiver is told"},
		{place, 2 * page, page, page, "clipping counts from the base on"},
		{place, 2 * page, 2 * page, 0, "a base at the window's end is refused"},
		{place, 2 * page, top_bit, 0, "a base far beyond it is refused"},
		{place, WINDOW_SIZE, 100, 0, "a base that is not aligned is refused"},
		{place + 1, WINDOW_SIZE, 0, 0, "a window that is not aligned is refused"},
		{place, 2 * page + 100, 0, 2 * page, "of a window that is not whole pages the last part is not used"},
		{place, 100, 0, 0, "a window of less than a page takes nothing"},
		{place, ~(word_t)0, (word_t)0 - place + page, 0, "a base that wraps round to below the window is refused"},
		{state.top - page, page, 0, page, "the last page of user space can be mapped"},
		{state.top - page, 2 * page, 0, 0, "a window that reaches beyond user space takes nothing that does"},
		{state.top, 4 * page, 0, 0, "a window beyond user space is refused"},
		{(uintptr_t)0 - 4 * page, 4 * page, 0, 0, "a window at the end of all addresses is refused"},
		{top_bit, 4 * page, 0, 0, "a window at the kernel's addresses is refused"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct place_case *c = &cases[i];
		word_t status;

		open_window(HANDLE_NONE, c->address, c->length, RIGHT_READ);
		status = send_item(map_item(memory, MAP, c->base));
		if (c->arriving != 0)
			check(status == OK && mapped_as(0, c->address + c->base, c->arriving, RIGHT_READ), c->name);
		else
			check(refused(status, ERROR_WINDOW, 0) && !slot_of(memory).derived_from, c->name);
		if (c->arriving != 0)
			require(space_unmap(PROGRAM_SPACE, c->address + c->base, c->arriving));
	}
}

/* One delivery enters at most 512 leaves. */
static void check_clip(struct builder *b)
{
	handle_t large;
	struct item item;

	require(build_object(b, KIND_MEMORY, 2 * LARGE, &large));
	item = map_item(large, MAP, 0);
	open_window(HANDLE_NONE, place + PAGE_SIZE, WINDOW_SIZE - PAGE_SIZE, RIGHT_READ);
	check(send_item(item) == OK && mapped_as(0, place + PAGE_SIZE, CLIP, RIGHT_READ),
	      "one delivery maps 512 small pages at most");
	check(*(volatile word_t *)(place + CLIP) == 0 && access_faults(&accessor, place + PAGE_SIZE + CLIP, RIGHT_READ),
	      "just what the receiver is told is mapped");
	open_window(HANDLE_NONE, place + PAGE_SIZE, WINDOW_SIZE - PAGE_SIZE, RIGHT_READ);
	item.control |= RIGHTS_ALL | ITEM_MOVE;
	item.base = WINDOW_SIZE / 2;
	check(refused(send_item(item), ERROR_WINDOW, 0), "a move cannot be clipped: it is refused");
	unmap_all();
	item = map_item(large, MAP, 0);
	open_window(HANDLE_NONE, place, WINDOW_SIZE, RIGHT_READ);
	check(send_item(item) == OK && mapped_as(0, place, 2 * LARGE, RIGHT_READ),
	      "large pages are used where they fit: all is mapped");
	unmap_all();
	builder_release(b, large);
}

/* ---- occupied places ---- */

static void check_occupied(struct builder *b)
{
	handle_t before;

	require(build_object(b, KIND_MEMORY, 2 * PAGE_SIZE, &before));
	require(memory_map(before, PROGRAM_SPACE, place + 2 * PAGE_SIZE, READ_WRITE));
	*(volatile word_t *)(place + 2 * PAGE_SIZE) = 31;
	open_window(HANDLE_NONE, place, WINDOW_SIZE, RIGHT_READ);
	check(refused(send_item(map_item(memory, MAP, 0)), ERROR_BUSY, 0), "what overlaps a mapping is refused");
	buffer_self()->item[0] = map_item(memory, MAP, 8 * PAGE_SIZE);
	buffer_self()->item[1] = map_item(memory, MAP, 3 * PAGE_SIZE);
	check(refused(send_items(2, NULL), ERROR_BUSY, 1) && !slot_of(memory).derived_from,
	      "with the number of the item, and the others are not mapped either");
	check_equal(*(volatile word_t *)(place + 2 * PAGE_SIZE), 31, "what was there stays");
	open_window(HANDLE_NONE, place, WINDOW_SIZE, RIGHT_READ | WINDOW_REPLACE);
	own_view[0] = 32;
	struct item item = map_item(memory, MAP, 2 * PAGE_SIZE);
	item.length = PAGE_SIZE;
	check(send_item(item) == OK && mapped_as(0, place + 2 * PAGE_SIZE, PAGE_SIZE, RIGHT_READ) &&
		      *(volatile word_t *)(place + 2 * PAGE_SIZE) == 32,
	      "a window that says replace takes it");
	check(access_faults(&accessor, place + 3 * PAGE_SIZE, RIGHT_READ), "what was there is gone whole, not cut");
	check_ok(memory_map(before, PROGRAM_SPACE, place + 8 * PAGE_SIZE, RIGHT_READ), "its Memory can be mapped again");
	unmap_all();
	builder_release(b, before);
}

/* A replace over many mappings. */
static void check_replace_limit(struct builder *b)
{
	handle_t large;
	struct item item;

	require(build_object(b, KIND_MEMORY, LARGE, &large));
	for (word_t i = 0; i <= REPLACE_MAX; i++)
		require(space_map(PROGRAM_SPACE, memory, place + i * PAGE_SIZE, RIGHT_READ, 0, PAGE_SIZE, NULL));
	open_window(HANDLE_NONE, place, WINDOW_SIZE, RIGHT_READ | WINDOW_REPLACE);
	item = map_item(large, MAP, 0);
	item.length = (REPLACE_MAX + 1) * PAGE_SIZE;
	check(refused(send_item(item), ERROR_BUSY, 0), "a replace over more than 64 mappings is refused");
	check(access_done(&accessor, place + REPLACE_MAX * PAGE_SIZE, RIGHT_READ, NULL), "none of them is gone");
	item.length = REPLACE_MAX * PAGE_SIZE;
	check(send_item(item) == OK && mapped_as(0, place, REPLACE_MAX * PAGE_SIZE, RIGHT_READ), "over 64 it is done");
	open_window(HANDLE_NONE, place, WINDOW_SIZE, RIGHT_READ | WINDOW_REPLACE);
	check(send_item(map_item(large, MAP, 0)) == OK && mapped_as(0, place, LARGE, RIGHT_READ),
	      "a large page can replace small ones");
	open_window(HANDLE_NONE, place, WINDOW_SIZE, RIGHT_READ | WINDOW_REPLACE);
	check(send_item(map_item(memory, MAP, PAGE_SIZE)) == OK &&
		      mapped_as(0, place + PAGE_SIZE, PAGES * PAGE_SIZE, RIGHT_READ) &&
		      access_faults(&accessor, place, RIGHT_READ),
	      "small pages can replace a large one, which is gone whole");
	open_window(HANDLE_NONE, place, WINDOW_SIZE, RIGHT_READ | WINDOW_REPLACE);
	check(send_item(map_item(memory, MAP, LARGE)) == OK && mapped_as(0, place + LARGE, PAGES * PAGE_SIZE, RIGHT_READ),
	      "a window that says replace takes empty places too");
	unmap_all();
	builder_release(b, large);
}

/* ---- moves, several items ---- */

static void check_moves(struct builder *b)
{
	handle_t moved, part;
	void *address;

	require(build_mapped(b, PAGE_SIZE, READ_WRITE, &moved, &address));
	*(volatile word_t *)address = 41;
	open_window(HANDLE_NONE, place, WINDOW_SIZE, RIGHT_READ);
	check(refused(send_item(map_item(moved, MAP | ITEM_MOVE, 0)), ERROR_BUSY, 0),
	      "Memory that is mapped cannot be moved");
	require(memory_unmap(moved));
	require(build_derived(b, moved, RIGHT_READ, 0, &part));
	check(refused(send_item(map_item(moved, MAP | ITEM_MOVE, 0)), ERROR_BUSY, 0),
	      "Memory with derivations cannot be moved to where it has no handle");
	builder_release(b, part);
	check(send_item(map_item(moved, MAP | ITEM_MOVE, 0)) == OK && mapped_as(0, place, PAGE_SIZE, RIGHT_READ) &&
		      slot_empty(moved) && *(volatile word_t *)place == 41,
	      "Memory can be moved to a mapping: its giver keeps nothing");
	builder_put_slots(b, moved, 1);
	unmap_all();
	check(access_faults(&accessor, place, RIGHT_READ), "when that is unmapped the Memory is gone");
}

static void check_several(struct builder *b)
{
	struct buffer *own = buffer_self();
	handle_t badged;

	require(build_derived(b, endpoint, RIGHTS_ALL, 5, &badged));
	own->item[0] = map_item(memory, MAP, 0);
	own->item[1] = map_item(memory, MAP, 3 * PAGE_SIZE);
	open_window(HANDLE_NONE, place, WINDOW_SIZE, RIGHT_READ);
	check(refused(send_items(2, NULL), ERROR_BAD_ARGUMENT, 1) && !slot_of(memory).derived_from,
	      "two items must not overlap");
	own->item[1].base = 4 * PAGE_SIZE;
	own->item[2] = map_item(badged, RIGHT_SEND, 0);
	own->item[3] = map_item(memory, RIGHT_READ, 0);
	check(refused(send_items(4, NULL), ERROR_WINDOW, 3) && !slot_of(memory).derived_from,
	      "if one of four does not fit, what would be mapped is not");
	window_handles(worker_buffer(&actor.worker), window, 1);
	check(send_items(4, NULL) == OK && mapped_as(0, place, PAGES * PAGE_SIZE, RIGHT_READ) &&
		      mapped_as(1, place + PAGES * PAGE_SIZE, PAGES * PAGE_SIZE, RIGHT_READ) &&
		      mapped_as(3, window, PAGES * PAGE_SIZE, RIGHT_READ) &&
		      worker_buffer(&actor.worker)->received[2].length == 5,
	      "two are mapped side by side, one is recognised, and the first slot is left for the fourth");
	window_handles(worker_buffer(&actor.worker), 0, 0);
	unmap_all();
	require(space_delete(PROGRAM_SPACE, window));
	builder_release(b, badged);
}

/* ---- devices ---- */

static void check_device(struct builder *b)
{
	handle_t device = builder_take_slots(b, 1);
	enum error error = untyped_create(PROGRAM_DEVICE, KIND_MEMORY, PAGE_SIZE, 1, MEMORY_DEVICE, device);

	if (error == OK) {
		open_window(HANDLE_NONE, place, WINDOW_SIZE, RIGHT_READ);
		check(refused(send_item(map_item(device, MAP, 0)), ERROR_WINDOW, 0), "a window takes no device's memory");
		open_window(HANDLE_NONE, place, WINDOW_SIZE, RIGHT_READ | WINDOW_DEVICE | WINDOW_REPLACE);
		check(send_item(map_item(device, MAP, 0)) == OK && mapped_as(0, place, PAGE_SIZE, RIGHT_READ),
		      "unless it says device");
		unmap_all();
		open_window(HANDLE_NONE, place, WINDOW_SIZE, RIGHT_READ);
		window_handles(worker_buffer(&actor.worker), window, 1);
		check(send_item(map_item(device, RIGHT_READ, 0)) == OK && slot_of(window).kind == KIND_MEMORY,
		      "as a handle it can be given to anyone");
		window_handles(worker_buffer(&actor.worker), 0, 0);
		builder_release(b, device);
	} else {
		check_error(error, ERROR_BAD_HANDLE, "this machine has no place for a device's memory");
		builder_put_slots(b, device, 1);
	}
}

/* ---- a window into another Space ---- */

static void check_other_space(struct builder *b)
{
	handle_t space, weak, empty = builder_take_slots(b, 1);
	struct slot_state state;

	require(build_space(b, SPACE_HANDLES_MIN, 64 * 1024, &space));
	require(build_derived(b, space, RIGHT_TABLE | RIGHT_FEED, 0, &weak));
	const struct {
		handle_t space;
		const char *name;
	} bad[] = {
		{empty, "a window into an empty slot takes nothing"},
		{test_info()->handle_slots, "a window into a handle beyond the table takes nothing"},
		{HANDLE_REPLY, "a window into the largest handle takes nothing"},
		{endpoint, "a window into what is no Space takes nothing"},
		{weak, "a window into a Space without the right map takes nothing"},
	};
	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		open_window(bad[i].space, place, WINDOW_SIZE, RIGHT_READ);
		check(refused(send_item(map_item(memory, MAP, 0)), ERROR_WINDOW, 0), bad[i].name);
	}
	open_window(space, place, WINDOW_SIZE, RIGHT_READ);
	check(send_item(map_item(memory, MAP, 0)) == OK && mapped_as(0, place, PAGES * PAGE_SIZE, RIGHT_READ),
	      "a window may lie in another Space");
	check(access_faults(&accessor, place, RIGHT_READ), "then nothing is mapped in the receiver's own");
	check_error(space_map(space, memory, place, RIGHT_READ, 0, 0, NULL), ERROR_BUSY, "but there");
	require(space_unmap(space, place, PAGE_SIZE));
	check(!slot_of(memory).derived_from, "whoever may map there can unmap it");
	check(space_slot(space, 1, &state) == OK && state.kind == KIND_NONE, "that Space's table has nothing of it");
	builder_release(b, weak);
	builder_release(b, space);
	builder_put_slots(b, empty, 1);
}

/* The pool of the Space that the window lies in is too small. */
static void check_other_pool(struct builder *b)
{
	handle_t space, pool;
	word_t detail = 0;

	require(build_space(b, SPACE_HANDLES_MIN, 0, &space));
	open_window(space, place, WINDOW_SIZE, RIGHT_READ);
	buffer_self()->item[0] = map_item(memory, MAP, 0);
	check(refused(send_items(1, &detail), ERROR_NO_MEMORY, 0) && detail > 0 && !slot_of(memory).derived_from,
	      "if the pool of that Space is too small, the sender is told how many bytes are missing");
	require(build_object(b, KIND_UNTYPED, 64 * 1024, &pool));
	require(space_feed(space, pool));
	builder_put_slots(b, pool, 1);
	check(send_items(1, NULL) == OK && mapped_as(0, place, PAGES * PAGE_SIZE, RIGHT_READ),
	      "when it was fed the item is mapped");
	builder_release(b, space);
	check(!slot_of(memory).derived_from, "the mapping goes with the Space");
}

/* A small page replaces a large one when not one block is left for the table that this takes. */
static void check_replace_without_pool(struct builder *b)
{
	uintptr_t far = place + ((uintptr_t)1 << 30);
	handle_t space, large;
	word_t detail = 0;

	require(build_space(b, SPACE_HANDLES_MIN, 64 * 1024, &space));
	require(build_object(b, KIND_MEMORY, LARGE, &large));
	require(space_map(space, large, place, RIGHT_READ, 0, 0, NULL));
	while (space_map(space, memory, far, RIGHT_READ, 0, PAGE_SIZE, NULL) == OK)
		far += LARGE;
	open_window(space, place, WINDOW_SIZE, RIGHT_READ | WINDOW_REPLACE);
	buffer_self()->item[0] = map_item(memory, MAP, PAGE_SIZE);
	check(refused(send_items(1, &detail), ERROR_NO_MEMORY, 0) && detail > 0 && slot_of(large).derived_from,
	      "a replace that takes a new page table is refused if the pool has none");
	check_error(space_map(space, memory, place, RIGHT_READ | WINDOW_REPLACE, 0, PAGE_SIZE, NULL), ERROR_NO_MEMORY,
		    "so is the message of the Space that does the same");
	builder_release(b, large);
	builder_release(b, space);
}

void test_run(struct builder *b)
{
	handle_t outer;
	void *address;

	require(builder_enter(b, 16 * 1024 * 1024, &outer));
	window = builder_take_slots(b, 1);
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(build_mapped(b, PAGES * PAGE_SIZE, READ_WRITE, &memory, &address));
	own_view = address;
	require(actor_create(b, ACTOR_PRIORITY, &actor));
	require(accessor_create(b, &accessor));
	place = builder_take_addresses(b, WINDOW_SIZE, LARGE);
	check_mapping();
	check_part();
	check_access(b);
	check_places();
	check_clip(b);
	check_occupied(b);
	check_replace_limit(b);
	check_moves(b);
	check_several(b);
	check_device(b);
	check_other_space(b);
	check_other_pool(b);
	check_replace_without_pool(b);
	accessor_destroy(b, &accessor);
	actor_destroy(b, &actor);
	builder_release(b, memory);
	builder_release(b, endpoint);
	check_ok(builder_leave(b, outer), "all memory comes back");
}
