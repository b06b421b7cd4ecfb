/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory: parts and rights, one mapping for each capability, revoking just what overlaps a range, large pages, code,
 * physical addresses, devices.
 */
#include <string.h>

#include "actor.h"
#include "support.h"
#include "test.h"

enum {
	PAGES = 16,
	SIZE = PAGES * PAGE_SIZE,
	LARGE_PAGE = 1 << FAULT_WINDOW_SHIFT,
	LARGE = 3 * LARGE_PAGE,
	SLOTS = 16,
	READ_WRITE = RIGHT_READ | RIGHT_WRITE,
};

/* SIZE bytes of RAM, mapped at `base` for reading and writing: word 0 of page n is n + 1. */
static handle_t memory;
static uintptr_t base;
static handle_t slots;      /* SLOTS empty ones */
static uintptr_t elsewhere; /* SIZE bytes of addresses where nothing is mapped */
static struct accessor accessor;

static enum error derive(word_t first_page, word_t pages, word_t rights, handle_t slot)
{
	return memory_derive(memory, first_page * PAGE_SIZE, pages * PAGE_SIZE, rights, slot);
}

static void delete(handle_t slot)
{
	require(space_delete(PROGRAM_SPACE, slot));
}

/* The word at `address`, or ~0 if it cannot be read. */
static word_t word_at(uintptr_t address)
{
	word_t value = 0;

	return access_done(&accessor, address, RIGHT_READ, &value) ? value : ~(word_t)0;
}

/* Is it mapped, and where (0: it is not)? */
static uintptr_t mapped_at(handle_t handle)
{
	struct memory_state state;

	return memory_query(handle, &state) == OK && state.mapped ? state.address : 0;
}

static word_t size_of(handle_t handle)
{
	struct memory_state state;

	return memory_query(handle, &state) == OK ? state.size : 0;
}

/* ---- parts ---- */

static void check_bounds(void)
{
	static const struct {
		word_t offset, length;
		const char *name;
	} wrong[] = {
		{SIZE, 0, "behind the end"},
		{SIZE, PAGE_SIZE, "a page behind the end"},
		{0, SIZE + PAGE_SIZE, "longer than the whole"},
		{PAGE_SIZE, SIZE, "over the end"},
		{1, PAGE_SIZE, "at no page"},
		{0, PAGE_SIZE - 1, "of no whole pages"},
		{PAGE_SIZE, ~(word_t)0 << PAGE_SHIFT, "so long that it wraps to the page before"},
		{~(word_t)0 << PAGE_SHIFT, PAGE_SIZE, "at the last page that a number can name"},
		{~(word_t)0 << PAGE_SHIFT, 2 * PAGE_SIZE, "that wraps into the first page"},
	};

	for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		check_error(memory_derive(memory, wrong[i].offset, wrong[i].length, RIGHTS_ALL, slots), ERROR_BAD_ARGUMENT,
			    case_name("no part can be derived", wrong[i].name));
		check_error(memory_revoke(memory, wrong[i].offset, wrong[i].length), ERROR_BAD_ARGUMENT,
			    case_name("no part can be revoked", wrong[i].name));
		check_error(memory_code(memory, wrong[i].offset, wrong[i].length), ERROR_BAD_ARGUMENT,
			    case_name("no part can be made code", wrong[i].name));
		check_error(space_map(PROGRAM_SPACE, memory, elsewhere, RIGHT_READ, wrong[i].offset, wrong[i].length, NULL),
			    ERROR_BAD_ARGUMENT, case_name("no part can be mapped", wrong[i].name));
	}
	check(slot_empty(slots) && word_at(elsewhere) == ~(word_t)0 && !slot_of(memory).derived_from, "these have derived and mapped nothing");
}

static void check_parts(void)
{
	word_t whole = 0, part = 0, inner = 0;

	check_ok(derive(3, 5, RIGHTS_ALL, slots), "a part can be derived");
	check_equal(size_of(slots), 5 * PAGE_SIZE, "it has just those pages");
	check_ok(memory_derive(slots, 2 * PAGE_SIZE, 0, RIGHTS_ALL, slots + 1), "a part of the part, to its end");
	check_equal(size_of(slots + 1), 3 * PAGE_SIZE, "it ends where the part ends");
	check_error(memory_derive(slots, 5 * PAGE_SIZE, PAGE_SIZE, RIGHTS_ALL, slots + 2), ERROR_BAD_ARGUMENT, "a part does not reach beyond its part");
	check(memory_physical(memory, &whole) == OK && memory_physical(slots, &part) == OK && memory_physical(slots + 1, &inner) == OK &&
	      part == whole + 3 * PAGE_SIZE && inner == part + 2 * PAGE_SIZE, "physical addresses tell where the parts lie");
	check_ok(memory_map(slots + 1, PROGRAM_SPACE, elsewhere, RIGHT_READ), "a part can be mapped beside the whole");
	check_equal(word_at(elsewhere), 6, "it shows its first page");
	check_equal(word_at(elsewhere + 2 * PAGE_SIZE), 8, "and its last");
	check(access_faults(&accessor, elsewhere + 3 * PAGE_SIZE, RIGHT_READ), "and nothing behind it");
	delete(slots);
	check(slot_empty(slots + 1), "deleting a part deletes the part of it");
	check(access_faults(&accessor, elsewhere, RIGHT_READ), "and its mapping");
	check_error(derive(0, 1, RIGHTS_ALL, memory), ERROR_WINDOW, "a part does not arrive in an occupied slot");
	check_error(derive(0, 1, RIGHTS_ALL, test_info()->handle_slots), ERROR_WINDOW, "nor outside of the table");
}

/* ---- rights ---- */

static word_t rights_after(word_t rights)
{
	word_t result = ~(word_t)0;

	if (derive(0, 1, rights, slots) == OK && memory_derive(slots, 0, 0, RIGHTS_ALL, slots + 1) == OK)
		result = slot_of(slots + 1).rights;
	(void)space_delete(PROGRAM_SPACE, slots);
	return result;
}

static void check_rights(void)
{
	const word_t wrong[] = {0, 8, RIGHT_READ | 16, WINDOW_DEVICE | RIGHT_READ, WINDOW_REPLACE | RIGHT_READ, (word_t)1 << 32 | RIGHT_READ};
	word_t address;

	check_equal(rights_after(RIGHT_READ), RIGHT_READ, "who may read derives no more than reading");
	check_equal(rights_after(0), 0, "who has no rights derives none");
	check_equal(rights_after(RIGHTS_ALL), RIGHTS_ALL, "all rights are handed on");
	check_error(derive(0, 1, RIGHTS_ALL + 1, slots), ERROR_BAD_ARGUMENT, "rights that do not exist cannot be asked for");
	check_error(derive(0, 1, (word_t)1 << 32, slots), ERROR_BAD_ARGUMENT, "nor rights beyond 32 bits");
	require(derive(0, 1, RIGHTS_ALL & ~(word_t)RIGHT_PHYSICAL, slots));
	check_error(memory_physical(slots, &address), ERROR_NO_RIGHTS, "the physical address takes the right physical");
	delete(slots);
	for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		require(derive(0, 1, RIGHTS_ALL, slots));
		check_error(memory_map(slots, PROGRAM_SPACE, elsewhere, wrong[i]), ERROR_BAD_ARGUMENT, "an access that does not exist cannot be mapped");
		check_equal(mapped_at(slots), 0, "and is not mapped");
		delete(slots);
	}
}

/* Maps a Memory that has `rights` with `access`, in both ways. ERROR_COUNT: these did not agree. */
static enum error map_with(word_t rights, word_t access)
{
	enum error error, other;

	require(derive(0, 1, rights, slots));
	error = memory_map(slots, PROGRAM_SPACE, elsewhere, access);
	require(space_unmap(PROGRAM_SPACE, elsewhere, PAGE_SIZE));
	other = space_map(PROGRAM_SPACE, slots, elsewhere, access, 0, 0, NULL);
	delete(slots);
	return error == other ? error : ERROR_COUNT;
}

static void check_access_rights(void)
{
	unsigned wrong = 0;

	for (word_t rights = 0; rights < 8; rights++)
		for (word_t access = 1; access < 8; access++) {
			word_t needed = access & (RIGHT_WRITE | RIGHT_EXECUTE) ? access | RIGHT_READ : access;

			wrong += map_with(rights, access) != (needed & ~rights ? ERROR_NO_RIGHTS : OK);
		}
	check_equal(wrong, 0, "every access is mapped with just those rights that it needs");
	check_ok(map_with(READ_WRITE, RIGHT_WRITE), "who may read and write can map for writing");
	check_error(map_with(RIGHT_WRITE, RIGHT_WRITE), ERROR_NO_RIGHTS, "writing implies reading: who may only write maps nothing");
	check_error(map_with(RIGHT_EXECUTE, RIGHT_EXECUTE), ERROR_NO_RIGHTS, "executing implies reading: who may only execute maps nothing");
}

/* What user level can do where a page is mapped with `access`: RIGHT_* bits; 8: a fault told something wrong. */
static word_t possible(word_t access)
{
	word_t bits = 0, value = 1;

	require(derive(15, 1, RIGHTS_ALL, slots));
	require(memory_map(slots, PROGRAM_SPACE, elsewhere, access));
	for (word_t right = RIGHT_READ; right <= RIGHT_WRITE; right++)
		if (access_done(&accessor, elsewhere + 64, right, &value))
			bits |= right;
		else if (accessor.label != LABEL_PAGE_FAULT || accessor.fault.w[0] != elsewhere + 64 || accessor.fault.w[1] != right)
			bits |= 8;
	if (!(access & RIGHT_EXECUTE))
		bits |= access_faults(&accessor, elsewhere, RIGHT_EXECUTE) ? 0 : 8;
	delete(slots);
	return bits;
}

static void check_enforced(void)
{
	check_equal(possible(RIGHT_READ), RIGHT_READ, "mapped for reading, a page can be read, not written or executed");
	check_equal(possible(READ_WRITE), READ_WRITE, "mapped for both, it can be read and written, not executed");
	check_equal(possible(RIGHT_WRITE), READ_WRITE, "mapped for writing, it can be read too, on every machine");
	check_equal(possible(RIGHT_EXECUTE), RIGHT_READ, "mapped for executing, it can be read too, not written");
	check(access_faults(&accessor, elsewhere, RIGHT_READ), "not mapped, it cannot be read");
	check(access_faults(&accessor, elsewhere, RIGHT_WRITE), "nor written");
	check(access_faults(&accessor, elsewhere, RIGHT_EXECUTE), "nor executed");
}

/* ---- one mapping ---- */

static void check_places(void)
{
	uintptr_t top = 0;
	struct space_state state;

	require(space_query(PROGRAM_SPACE, &state));
	top = state.top;
	require(derive(0, 2, RIGHTS_ALL, slots));
	check_error(memory_map(slots, PROGRAM_SPACE, elsewhere + 1, RIGHT_READ), ERROR_BAD_ARGUMENT, "Memory is mapped at pages");
	check_error(memory_map(slots, PROGRAM_SPACE, top, RIGHT_READ), ERROR_BAD_ARGUMENT, "Memory is not mapped behind user space");
	check_error(memory_map(slots, PROGRAM_SPACE, top - PAGE_SIZE, RIGHT_READ), ERROR_BAD_ARGUMENT, "nor over its end");
	check_error(memory_map(slots, PROGRAM_SPACE, ~(word_t)0 << PAGE_SHIFT, RIGHT_READ), ERROR_BAD_ARGUMENT, "nor at the last page of all");
	check_error(memory_map(slots, PROGRAM_SPACE, (word_t)1 << 63, RIGHT_READ), ERROR_BAD_ARGUMENT, "nor in the middle of all addresses");
	check_error(memory_map(slots, slots, elsewhere, RIGHT_READ), ERROR_WRONG_KIND, "Memory is mapped in Spaces only");
	check_error(memory_map(slots, slots + 1, elsewhere, RIGHT_READ), ERROR_BAD_HANDLE, "nor where no capability is");
	require(space_derive(PROGRAM_SPACE, PROGRAM_SPACE, slots + 1, RIGHT_TABLE | RIGHT_FEED));
	check_error(memory_map(slots, slots + 1, elsewhere, RIGHT_READ), ERROR_NO_RIGHTS, "mapping takes the right map on the Space");
	check_error(space_map(slots + 1, slots, elsewhere, RIGHT_READ, 0, 0, NULL), ERROR_NO_RIGHTS, "by a message to the Space too");
	check_error(space_unmap(slots + 1, base, SIZE), ERROR_NO_RIGHTS, "and unmapping");
	check(mapped_at(slots) == 0 && word_at(elsewhere) == ~(word_t)0 && word_at(base) == 1, "these have mapped and unmapped nothing");
	check_ok(memory_map(slots, PROGRAM_SPACE, top - 2 * PAGE_SIZE, RIGHT_READ), "Memory can be mapped at the very end of user space");
	check_equal(word_at(top - PAGE_SIZE), 2, "where it can be read");
	check(access_faults(&accessor, 0, RIGHT_READ), "nothing is mapped at address 0");
	delete(slots);
	delete(slots + 1);
}

static void check_once(void)
{
	uintptr_t second = elsewhere + 4 * PAGE_SIZE;

	require(derive(0, 2, RIGHTS_ALL, slots));
	check_error(memory_unmap(slots), ERROR_BAD_ARGUMENT, "what is not mapped is not unmapped");
	check_ok(memory_map(slots, PROGRAM_SPACE, elsewhere, READ_WRITE), "a Memory can be mapped");
	check_equal(mapped_at(slots), elsewhere, "it tells where");
	check_error(memory_map(slots, PROGRAM_SPACE, second, READ_WRITE), ERROR_BUSY, "but only once");
	check_error(memory_map(slots, PROGRAM_SPACE, elsewhere, READ_WRITE), ERROR_BUSY, "not even at the same place");
	check(mapped_at(slots) == elsewhere && word_at(elsewhere) == 1 && word_at(second) == ~(word_t)0, "it stays where it was");
	check_ok(memory_derive(slots, 0, 0, RIGHTS_ALL, slots + 1), "what is mapped can be derived");
	check_equal(mapped_at(slots + 1), 0, "the derivation is not mapped");
	check_error(memory_map(slots + 1, PROGRAM_SPACE, elsewhere + PAGE_SIZE, RIGHT_READ), ERROR_BUSY, "an occupied range is refused");
	check_error(memory_map(slots + 1, PROGRAM_SPACE, elsewhere - PAGE_SIZE, RIGHT_READ), ERROR_BUSY, "also if only its end is occupied");
	check(mapped_at(slots + 1) == 0 && word_at(elsewhere - PAGE_SIZE) == ~(word_t)0, "which maps nothing");
	check_ok(memory_map(slots + 1, PROGRAM_SPACE, second, READ_WRITE), "the derivation can be mapped elsewhere");
	*(volatile word_t *)elsewhere = 77;
	check_equal(word_at(second), 77, "both show the same memory");
	*(volatile word_t *)elsewhere = 1;
	check_ok(memory_unmap(slots), "a Memory can be unmapped");
	check(mapped_at(slots) == 0 && access_faults(&accessor, elsewhere, RIGHT_READ), "then it is nowhere");
	check_equal(word_at(second), 1, "and the derivation stays mapped");
	check_ok(memory_map(slots, PROGRAM_SPACE, elsewhere, RIGHT_READ), "it can be mapped again");
	delete(slots);
	check(access_faults(&accessor, second, RIGHT_READ), "deleting it unmaps what was derived from it");
}

/* ---- revoking a range ---- */

static bool all_there(const handle_t *handle, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (slot_empty(handle[i]))
			return false;
	return true;
}

static void check_range(void)
{
	const handle_t a = slots, b = slots + 1, c = slots + 2, d = slots + 3, e = slots + 4, g = slots + 5;
	const handle_t before[] = {a, c, e, g};

	require(derive(0, 4, RIGHTS_ALL, a));
	require(derive(4, 4, RIGHTS_ALL, b));
	require(derive(8, 4, RIGHTS_ALL, c));
	require(derive(6, 4, RIGHTS_ALL, d));
	require(memory_derive(a, 3 * PAGE_SIZE, PAGE_SIZE, RIGHTS_ALL, e));
	require(derive(12, 4, RIGHTS_ALL, g));
	require(space_map(PROGRAM_SPACE, memory, elsewhere, RIGHT_READ, 2 * PAGE_SIZE, PAGE_SIZE, NULL));
	require(memory_map(d, PROGRAM_SPACE, elsewhere + PAGE_SIZE, RIGHT_READ));
	check_ok(memory_revoke(memory, 4 * PAGE_SIZE, 4 * PAGE_SIZE), "a range can be revoked");
	check(slot_empty(b), "the part that is just the range is gone");
	check(slot_empty(d) && access_faults(&accessor, elsewhere + PAGE_SIZE, RIGHT_READ), "one that overlaps it is gone whole, with its mapping");
	check(all_there(before, 4), "those that touch it without overlapping are there");
	check_equal(word_at(elsewhere), 3, "and a mapping of a page before it");
	check_ok(memory_revoke(memory, 3 * PAGE_SIZE, PAGE_SIZE), "one page can be revoked");
	check(slot_empty(a) && slot_empty(e), "a part that has it is gone, with the part derived from that");
	check(!slot_empty(c) && !slot_empty(g) && word_at(elsewhere) == 3, "the others are there");
	check_ok(memory_revoke(memory, 2 * PAGE_SIZE, PAGE_SIZE), "the mapped page can be revoked");
	check(access_faults(&accessor, elsewhere, RIGHT_READ), "then its mapping is gone");
	check_ok(memory_revoke(memory, 12 * PAGE_SIZE, 0), "the rest from a page on can be revoked");
	check(slot_empty(g) && !slot_empty(c), "just what lies there is gone");
	check_ok(memory_revoke(memory, 0, 0), "the whole range can be revoked");
	check(slot_empty(c) && !slot_of(memory).derived_from, "then nothing derived is left");
	check(mapped_at(memory) == base && word_at(base) == 1, "the Memory itself stays mapped where it was");
}

/* A message buffer is a derivation of one page. */
static void check_range_buffer(struct builder *b)
{
	struct thread_binding binding = {.what = CONFIGURE_BUFFER, .buffer_offset = PAGE_SIZE + BUFFER_SIZE};
	const word_t seven_words = tag_make(SYSTEM_INFO, MESSAGE_REGISTERS + 1, 0);
	struct actor actor;

	require(build_object(b, KIND_MEMORY, 3 * PAGE_SIZE, &binding.buffer));
	require(actor_create(b, ACTOR_PRIORITY, &actor));
	require(thread_configure(actor.worker.thread, &binding));
	require(memory_revoke(binding.buffer, 0, PAGE_SIZE));
	require(memory_revoke(binding.buffer, 2 * PAGE_SIZE, PAGE_SIZE));
	actor_start(&actor, PROGRAM_SYSTEM, HANDLE_NONE, seven_words, 0);
	check_equal(actor_error(&actor), OK, "revoking the pages beside a message buffer leaves it bound");
	require(memory_revoke(binding.buffer, PAGE_SIZE, PAGE_SIZE));
	actor_start(&actor, PROGRAM_SYSTEM, HANDLE_NONE, seven_words, 0);
	check_equal(actor_error(&actor), ERROR_BAD_ARGUMENT, "revoking its page leaves the thread without one");
	actor_start(&actor, PROGRAM_SYSTEM, HANDLE_NONE, tag_make(SYSTEM_INFO, 0, 0), 0);
	check_equal(actor_error(&actor), OK, "then messages in registers still go");
	actor_destroy(b, &actor);
	builder_release(b, binding.buffer);
}

/* ---- large pages ---- */

static word_t pattern(word_t page)
{
	return page * 0x9e3779b97f4a7c15 + 1;
}

/* Page n of what is mapped at `address` is page first + n of the pattern, at both of its ends? */
static bool shows(uintptr_t address, word_t first, word_t pages)
{
	for (word_t n = 0; n < pages; n++) {
		const volatile word_t *page = (const volatile word_t *)(address + n * PAGE_SIZE);

		if (page[0] != pattern(first + n) || page[PAGE_SIZE / sizeof(word_t) - 1] != ~pattern(first + n))
			return false;
	}
	return true;
}

static void write_pattern(uintptr_t address, word_t pages)
{
	for (word_t n = 0; n < pages; n++) {
		volatile word_t *page = (volatile word_t *)(address + n * PAGE_SIZE);

		page[0] = pattern(n);
		page[PAGE_SIZE / sizeof(word_t) - 1] = ~pattern(n);
	}
}

/* A part of the large Memory, mapped and compared. */
static void check_large_part(handle_t large, uintptr_t address, word_t offset, word_t length, const char *name)
{
	require(memory_derive(large, offset, length, RIGHTS_ALL, slots + 2));
	check_ok(memory_map(slots + 2, PROGRAM_SPACE, address, RIGHT_READ), name);
	check(shows(address, offset >> PAGE_SHIFT, length >> PAGE_SHIFT), case_name("shows the right pages", name));
	check_ok(memory_unmap(slots + 2), case_name("can be unmapped", name));
	check(access_faults(&accessor, address, RIGHT_READ) && access_faults(&accessor, address + length - PAGE_SIZE, RIGHT_READ),
	      case_name("is gone then", name));
	delete(slots + 2);
}

/* `aligned`: LARGE bytes at a large page's border, and as many behind, all free. Returns what the pool has left at the end. */
static word_t large_round(handle_t large, uintptr_t aligned, uintptr_t other)
{
	word_t pages = LARGE >> PAGE_SHIFT, before = pool_free(PROGRAM_SPACE), between;

	require(memory_map(large, PROGRAM_SPACE, aligned, READ_WRITE));
	between = pool_free(PROGRAM_SPACE);
	require(memory_derive(large, 0, 0, RIGHTS_ALL, slots + 1));
	require(memory_map(slots + 1, PROGRAM_SPACE, other + PAGE_SIZE, READ_WRITE));
	check(before - between < between - pool_free(PROGRAM_SPACE), "large pages are used where both addresses are aligned: they take fewer tables");
	write_pattern(other + PAGE_SIZE, pages);
	check(shows(aligned, 0, pages), "what was written through small pages is read through large ones");
	memset((void *)aligned, 0, LARGE);
	write_pattern(aligned, pages);
	check(shows(other + PAGE_SIZE, 0, pages), "what was written through large pages is read through small ones");
	delete(slots + 1);
	check_large_part(large, other, LARGE_PAGE - PAGE_SIZE, 2 * PAGE_SIZE, "a part across the border of a large page");
	check_large_part(large, other, PAGE_SIZE, 2 * LARGE_PAGE, "a part whose physical address is not aligned");
	check_large_part(large, other + PAGE_SIZE, PAGE_SIZE, LARGE - PAGE_SIZE, "a part with small pages first, then large ones");
	check_large_part(large, other, LARGE_PAGE, LARGE_PAGE + PAGE_SIZE, "a part with a large page first, then a small one");
	require(memory_derive(large, 0, 0, RIGHTS_ALL, slots + 1));
	require(memory_map(slots + 1, PROGRAM_SPACE, other, RIGHT_READ));
	require(memory_revoke(large, LARGE_PAGE + PAGE_SIZE, PAGE_SIZE));
	check(access_faults(&accessor, other, RIGHT_READ) && access_faults(&accessor, other + LARGE - PAGE_SIZE, RIGHT_READ),
	      "revoking one page removes a mapping of large pages whole");
	check(shows(aligned, 0, pages), "and leaves the one of the Memory itself");
	require(memory_unmap(large));
	return pool_free(PROGRAM_SPACE);
}

static void check_large(struct builder *b, handle_t large)
{
	uintptr_t before = b->address, aligned = builder_take_addresses(b, LARGE, LARGE_PAGE), other;
	word_t left;

	other = builder_take_addresses(b, LARGE + LARGE_PAGE, LARGE_PAGE);
	left = large_round(large, aligned, other);
	check_equal(large_round(large, aligned, other), left, "the second time, the pool gets back every byte");
	b->address = before;
}

/* ---- code, devices, pools ---- */

static __attribute__((noinline, aligned(64))) word_t add_seven(word_t x)
{
	return x + 7;
}

static __attribute__((noinline, aligned(64))) word_t add_nine(word_t x)
{
	return x + 9;
}

static void check_code(void)
{
	enum { CODE_BYTES = 32 };
	word_t value = 35;

	require(derive(0, PAGES, RIGHTS_ALL, slots));
	require(memory_map(slots, PROGRAM_SPACE, elsewhere, RIGHT_READ | RIGHT_EXECUTE));
	memcpy((void *)(base + PAGE_SIZE + 64), (const void *)(uintptr_t)add_seven, CODE_BYTES);
	check_ok(memory_code(memory, PAGE_SIZE, PAGE_SIZE), "a page can be made code");
	check(access_done(&accessor, elsewhere + PAGE_SIZE + 64, RIGHT_EXECUTE, &value) && value == 42, "then what was written is executed");
	memcpy((void *)(base + PAGE_SIZE + 64), (const void *)(uintptr_t)add_nine, CODE_BYTES);
	check_ok(memory_code(slots, 0, 0), "all pages can be made code, through any capability to them");
	value = 35;
	check(access_done(&accessor, elsewhere + PAGE_SIZE + 64, RIGHT_EXECUTE, &value) && value == 44, "then what was changed is executed");
	memset((void *)(base + PAGE_SIZE), 0, 64 + CODE_BYTES);
	*(word_t *)(base + PAGE_SIZE) = 2;
	delete(slots);
}

static void check_device(void)
{
	if (slot_of(PROGRAM_DEVICE).kind != KIND_UNTYPED)
		return;
	require(untyped_create(PROGRAM_DEVICE, KIND_MEMORY, 2 * PAGE_SIZE, 1, MEMORY_DEVICE, slots));
	check_ok(memory_map(slots, PROGRAM_SPACE, elsewhere, READ_WRITE), "device Memory can be mapped by its holder");
	check_equal(mapped_at(slots), elsewhere, "and is there");
	check_error(memory_map(memory, PROGRAM_SPACE, elsewhere, READ_WRITE), ERROR_BUSY, "its addresses are occupied like any");
	check_ok(space_unmap(PROGRAM_SPACE, elsewhere, PAGE_SIZE), "and can be unmapped");
	check_equal(mapped_at(slots), 0, "whole");
	check_error(memory_code(slots, 0, PAGE_SIZE), ERROR_WRONG_KIND, "device Memory is never made code");
	delete(slots);
	require(untyped_reset(PROGRAM_DEVICE));
}

/* A large Memory is mapped step by step; a pool that is too small is noticed only on the way. */
static void check_pool(struct builder *b, handle_t large)
{
	const uintptr_t address = PROGRAM_FREE_ADDRESS + PAGE_SIZE;
	struct message m;
	handle_t space;
	unsigned refused = 0, wrong = 0;
	enum error error;

	require(build_space(b, SPACE_HANDLES_MIN, 0, &space));
	for (;; refused++) {
		handle_t food;

		m = (struct message){.w = {space, address, RIGHT_READ}};
		error = object_call(large, MEMORY_MAP, 3, &m);
		if (error != ERROR_NO_MEMORY || refused == 32)
			break;
		wrong += m.w[0] == 0 || m.w[0] % PAGE_SIZE != 0 || mapped_at(large) != 0;
		require(build_object(b, KIND_UNTYPED, 4 * PAGE_SIZE, &food));
		require(space_feed(space, food));
		builder_put_slots(b, food, 1);
	}
	check(error == OK && refused > 3, "a Memory is mapped when the pool has been fed enough");
	check_equal(wrong, 0, "before, each attempt said that memory is missing, and left nothing mapped");
	check_equal(mapped_at(large), address, "in the end it is mapped where it should be");
	builder_release(b, space);
	check(!slot_empty(large) && mapped_at(large) == 0, "the end of the Space ends the mapping, not the Memory");
}

void test_run(struct builder *b)
{
	handle_t large;
	void *address;

	slots = builder_take_slots(b, SLOTS);
	require(accessor_create(b, &accessor));
	require(build_mapped(b, SIZE, READ_WRITE, &memory, &address));
	base = (uintptr_t)address;
	for (word_t n = 0; n < PAGES; n++)
		*(word_t *)(base + n * PAGE_SIZE) = n + 1;
	elsewhere = builder_take_addresses(b, SIZE + 2 * PAGE_SIZE, PAGE_SIZE) + PAGE_SIZE;
	check_bounds();
	check_parts();
	check_rights();
	check_access_rights();
	check_enforced();
	check_places();
	check_once();
	check_range();
	check_range_buffer(b);
	require(build_object(b, KIND_MEMORY, LARGE, &large));
	check_large(b, large);
	check_code();
	check_device();
	check_pool(b, large);
	builder_release(b, large);
	check(!slot_of(memory).derived_from, "nothing derived is left");
	builder_release(b, memory);
	accessor_destroy(b, &accessor);
}
