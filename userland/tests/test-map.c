/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Space as an address space and a pool: SPACE_MAP with clipping and replacing, SPACE_UNMAP, exact accounting of what page
 * tables, records and table blocks take, an empty pool, feeding.
 */
#include "actor.h"
#include "support.h"
#include "test.h"

enum {
	LARGE_PAGE = 1 << FAULT_WINDOW_SHIFT,
	LEAVES = 512,        /* that one call enters */
	REPLACE_MAX = 64,    /* mappings that one call replaces */
	REPLACE_PAGES = 4096, /* pages of all of these together */
	BIG = REPLACE_PAGES / 2 * PAGE_SIZE,
	SLOTS = 8,
	READ_WRITE = RIGHT_READ | RIGHT_WRITE,
	FEED_HEADER = 128,   /* bytes that an Untyped in a pool keeps for itself */
	RECORD = 64,
};

static handle_t big;        /* Memory of BIG bytes, zero but for the first word of each page: its number + 1 */
static handle_t slots;      /* SLOTS empty ones */
static uintptr_t area;      /* at least 3 * BIG bytes of free addresses, aligned to a large page */
static word_t block;        /* bytes of a pool's block */
static struct accessor accessor;

/* The word at `address`, or ~0 if it cannot be read. */
static word_t word_at(uintptr_t address)
{
	word_t value = 0;

	return access_done(&accessor, address, RIGHT_READ, &value) ? value : ~(word_t)0;
}

/* Maps pages of `big` in the own Space. */
static enum error map(word_t first, word_t pages, uintptr_t address, word_t access)
{
	return space_map(PROGRAM_SPACE, big, address, access, first * PAGE_SIZE, pages * PAGE_SIZE, NULL);
}

static void unmap_all(void)
{
	require(memory_revoke(big, 0, 0));
}

/* ---- map, clip, unmap ---- */

static void check_refused(void)
{
	static const word_t access[] = {0, 8, RIGHT_READ | WINDOW_DEVICE, WINDOW_REPLACE, RIGHT_READ | 1 << 10, (word_t)1 << 32 | RIGHT_READ};
	struct space_state state;
	word_t free = pool_free(PROGRAM_SPACE);

	require(space_query(PROGRAM_SPACE, &state));
	for (unsigned i = 0; i < sizeof access / sizeof access[0]; i++)
		check_error(map(0, 1, area, access[i]), ERROR_BAD_ARGUMENT, "an access that does not exist, or none, is not mapped");
	check_error(map(0, 1, area + 8, RIGHT_READ), ERROR_BAD_ARGUMENT, "nothing is mapped inside of a page");
	check_error(map(0, 1, state.top, RIGHT_READ), ERROR_BAD_ARGUMENT, "nothing is mapped behind user space");
	check_error(map(0, 2, state.top - PAGE_SIZE, RIGHT_READ), ERROR_BAD_ARGUMENT, "nor over its end");
	check_error(map(0, 1, ~(uintptr_t)0 << PAGE_SHIFT, RIGHT_READ), ERROR_BAD_ARGUMENT, "nor at the last page of all");
	check_error(space_map(PROGRAM_SPACE, PROGRAM_THREAD, area, RIGHT_READ, 0, 0, NULL), ERROR_WRONG_KIND, "only Memory is mapped");
	check_error(space_map(PROGRAM_SPACE, slots, area, RIGHT_READ, 0, 0, NULL), ERROR_BAD_HANDLE, "and only what is there");
	require(memory_derive(big, 0, PAGE_SIZE, RIGHT_READ, slots));
	check_error(space_map(PROGRAM_SPACE, slots, area, RIGHT_WRITE, 0, 0, NULL), ERROR_NO_RIGHTS, "and not with more rights than it has");
	require(space_delete(PROGRAM_SPACE, slots));
	check(word_at(area) == ~(word_t)0 && !slot_of(big).derived_from && pool_free(PROGRAM_SPACE) == free, "these have changed nothing");
}

static void check_mapping(void)
{
	struct memory_state state;

	check_ok(map(3, 2, area, RIGHT_READ), "a part of a Memory can be mapped");
	check(word_at(area) == 4 && word_at(area + PAGE_SIZE) == 5, "it is there");
	check(word_at(area + 2 * PAGE_SIZE) == ~(word_t)0, "and no page more");
	check(memory_query(big, &state) == OK && !state.mapped && slot_of(big).derived_from, "the Memory itself is not mapped: its mapping is a derivation");
	check_ok(map(3, 2, area + 2 * PAGE_SIZE, RIGHT_READ), "the same part can be mapped again elsewhere");
	check_error(map(8, 1, area, RIGHT_READ), ERROR_BUSY, "an occupied page is refused");
	check_error(map(8, 2, area - PAGE_SIZE, RIGHT_READ), ERROR_BUSY, "also at the end of the range");
	check(word_at(area - PAGE_SIZE) == ~(word_t)0 && word_at(area) == 4, "which maps nothing");
	check(access_faults(&accessor, area, RIGHT_WRITE), "mapped for reading, it cannot be written");
	unmap_all();
	check(word_at(area) == ~(word_t)0 && word_at(area + 2 * PAGE_SIZE) == ~(word_t)0, "revoking the Memory unmaps all");
}

static void check_clipping(void)
{
	uintptr_t odd = area + PAGE_SIZE;
	word_t mapped = 0;

	check_ok(space_map(PROGRAM_SPACE, big, odd, RIGHT_READ, 0, (LEAVES + 88) * PAGE_SIZE, &mapped), "more than 512 small pages can be asked for");
	check_equal(mapped, LEAVES * PAGE_SIZE, "512 of them are mapped, and the call says so");
	check(word_at(odd) == 1 && word_at(odd + mapped - PAGE_SIZE) == LEAVES, "the first and the last of these are right");
	check(word_at(odd + mapped) == ~(word_t)0, "the next is not mapped");
	check_ok(space_map(PROGRAM_SPACE, big, odd + mapped, RIGHT_READ, mapped, 88 * PAGE_SIZE, &mapped), "a second call maps the rest");
	check_equal(mapped, 88 * PAGE_SIZE, "all of it");
	check_equal(word_at(odd + (LEAVES + 87) * PAGE_SIZE), LEAVES + 88, "up to the last page");
	check_ok(space_map(PROGRAM_SPACE, big, area + BIG, RIGHT_READ, 0, 0, &mapped), "large pages count as one each");
	check_equal(mapped, BIG, "so much more is mapped at once");
	check_equal(word_at(area + 2 * BIG - PAGE_SIZE), BIG / PAGE_SIZE, "up to its last page");
	unmap_all();
}

static void check_unmap(void)
{
	struct space_state state;

	require(space_query(PROGRAM_SPACE, &state));
	for (word_t i = 0; i < 4; i++)
		require(map(4 * i, 4, area + 4 * i * PAGE_SIZE, RIGHT_READ));
	check_error(space_unmap(PROGRAM_SPACE, area + 8, PAGE_SIZE), ERROR_BAD_ARGUMENT, "nothing is unmapped from inside of a page");
	check_error(space_unmap(PROGRAM_SPACE, area, PAGE_SIZE + 8), ERROR_BAD_ARGUMENT, "nor to there");
	check_error(space_unmap(PROGRAM_SPACE, area, ~(word_t)0 << PAGE_SHIFT), ERROR_BAD_ARGUMENT, "nor a range that wraps around");
	check_error(space_unmap(PROGRAM_SPACE, area, state.top), ERROR_BAD_ARGUMENT, "nor beyond user space");
	check_ok(space_unmap(PROGRAM_SPACE, area, 0), "unmapping nothing succeeds");
	check_ok(space_unmap(PROGRAM_SPACE, area + BIG, BIG), "so does unmapping where nothing is");
	check(word_at(area) == 1 && word_at(area + 15 * PAGE_SIZE) == 16, "all is as it was");
	check_ok(space_unmap(PROGRAM_SPACE, area + 7 * PAGE_SIZE, 2 * PAGE_SIZE), "a range can be unmapped");
	check(word_at(area + 4 * PAGE_SIZE) == ~(word_t)0 && word_at(area + 11 * PAGE_SIZE) == ~(word_t)0, "mappings that it overlaps are gone, whole");
	check(word_at(area + 3 * PAGE_SIZE) == 4 && word_at(area + 12 * PAGE_SIZE) == 13, "their neighbours are there");
	check_ok(space_unmap(PROGRAM_SPACE, area, 16 * PAGE_SIZE), "the rest can be unmapped");
	check(!slot_of(big).derived_from, "then no record of a mapping is left");
}

/* ---- replace ---- */

static void check_replace(void)
{
	struct memory_state state = {.mapped = true};
	word_t free;

	require(map(0, 4, area, RIGHT_READ));
	require(memory_derive(big, 20 * PAGE_SIZE, 2 * PAGE_SIZE, RIGHTS_ALL, slots));
	require(memory_map(slots, PROGRAM_SPACE, area + 4 * PAGE_SIZE, RIGHT_READ));
	free = pool_free(PROGRAM_SPACE);
	check_ok(map(31, 1, area + PAGE_SIZE, RIGHT_READ | WINDOW_REPLACE), "a page can be replaced");
	check_equal(word_at(area + PAGE_SIZE), 32, "it shows the new Memory");
	check(word_at(area) == ~(word_t)0 && word_at(area + 2 * PAGE_SIZE) == ~(word_t)0, "the mapping that was there is gone, whole");
	check_equal(pool_free(PROGRAM_SPACE), free, "the new record takes what the old one gave");
	check_ok(map(40, 1, area + 5 * PAGE_SIZE, RIGHT_READ | WINDOW_REPLACE), "a mapping made by MEMORY_MAP can be replaced too");
	check(word_at(area + 5 * PAGE_SIZE) == 41 && word_at(area + 4 * PAGE_SIZE) == ~(word_t)0, "it is gone, whole");
	check(memory_query(slots, &state) == OK && !state.mapped, "its capability is there and says that it is not mapped");
	check_ok(map(50, 1, area + 8 * PAGE_SIZE, RIGHT_READ | WINDOW_REPLACE), "where nothing is, replacing maps");
	check_equal(word_at(area + 8 * PAGE_SIZE), 51, "just as well");
	check_ok(space_map(PROGRAM_SPACE, big, area, READ_WRITE | WINDOW_REPLACE, 0, LARGE_PAGE, NULL), "small pages are replaced by a large one");
	check(word_at(area) == 1 && word_at(area + LARGE_PAGE - PAGE_SIZE) == LARGE_PAGE / PAGE_SIZE, "which shows its first and last page");
	check_ok(map(7, 1, area + 3 * PAGE_SIZE, RIGHT_READ | WINDOW_REPLACE), "and a large page by a small one");
	check(word_at(area + 3 * PAGE_SIZE) == 8 && word_at(area) == ~(word_t)0 && word_at(area + LARGE_PAGE - PAGE_SIZE) == ~(word_t)0,
	      "which is alone then");
	check_error(map(0, 1, area + 3 * PAGE_SIZE, RIGHT_READ), ERROR_BUSY, "without being asked to, nothing is replaced");
	unmap_all();
}

static void check_replace_limits(void)
{
	const uintptr_t middle = area + BIG;

	for (word_t i = 0; i <= REPLACE_MAX; i++)
		require(map(i, 1, area + i * PAGE_SIZE, RIGHT_READ));
	check_error(map(100, REPLACE_MAX + 1, area, RIGHT_READ | WINDOW_REPLACE), ERROR_BUSY, "65 mappings are not replaced at once");
	check(word_at(area) == 1 && word_at(area + REPLACE_MAX * PAGE_SIZE) == REPLACE_MAX + 1, "and are all there");
	check_ok(map(100, REPLACE_MAX, area, RIGHT_READ | WINDOW_REPLACE), "64 are");
	check(word_at(area) == 101 && word_at(area + (REPLACE_MAX - 1) * PAGE_SIZE) == 164 && word_at(area + REPLACE_MAX * PAGE_SIZE) == REPLACE_MAX + 1,
	      "and the one behind them is there");
	unmap_all();
	require(memory_derive(big, 0, 0, RIGHTS_ALL, slots));
	require(memory_derive(big, 0, 0, RIGHTS_ALL, slots + 1));
	require(memory_map(slots, PROGRAM_SPACE, area, RIGHT_READ));
	require(memory_map(slots + 1, PROGRAM_SPACE, middle + PAGE_SIZE, RIGHT_READ));
	require(map(9, 1, middle, RIGHT_READ));
	check_error(map(60, 3, middle - PAGE_SIZE, RIGHT_READ | WINDOW_REPLACE), ERROR_BUSY, "mappings of 4097 pages are not replaced at once");
	check(word_at(middle) == 10 && word_at(area) == 1 && word_at(middle + BIG) == BIG / PAGE_SIZE, "and are all there");
	require(space_unmap(PROGRAM_SPACE, middle, PAGE_SIZE));
	check_ok(map(60, 3, middle - PAGE_SIZE, RIGHT_READ | WINDOW_REPLACE), "mappings of 4096 pages are");
	check(word_at(middle - PAGE_SIZE) == 61 && word_at(middle + PAGE_SIZE) == 63 && word_at(area) == ~(word_t)0 && word_at(middle + BIG) == ~(word_t)0,
	      "and are gone, whole");
	unmap_all();
}

/* ---- the pool ---- */

static handle_t make_untyped(struct builder *b, word_t size)
{
	handle_t untyped;

	require(build_object(b, KIND_UNTYPED, size, &untyped));
	return untyped;
}

static void feed(struct builder *b, handle_t space, word_t size)
{
	handle_t food = make_untyped(b, size);

	require(space_feed(space, food));
	builder_put_slots(b, food, 1);
}

/* SPACE_MAP of one page; *missing: the detail of an error. */
static enum error map_page(handle_t space, uintptr_t address, word_t access, word_t *missing)
{
	const word_t w[] = {big, address, access, 0, PAGE_SIZE};

	return call_detail(space, SPACE_MAP, 5, w, missing);
}

static void check_accounting(struct builder *b)
{
	const uintptr_t place = PROGRAM_FREE_ADDRESS;
	struct space_state state = {.pool = 0};
	word_t free, before, missing, wrong = 0;
	handle_t space;

	require(build_space(b, 1024, 16 * block, &space));
	check(space_query(space, &state) == OK && state.pool == 16 * block, "a pool has what was fed");
	check_equal(state.pool_free, state.pool - FEED_HEADER, "all of it but 128 bytes is free");
	free = state.pool_free;
	require(space_derive(space, big, 1, RIGHTS_ALL));
	check_equal(pool_free(space), free - block, "the first of 128 slots takes a block");
	require(space_derive(space, big, block / RECORD - 1, RIGHTS_ALL));
	check_equal(pool_free(space), free - block, "the others of them take nothing");
	require(space_derive(space, big, block / RECORD, RIGHTS_ALL));
	check_equal(pool_free(space), free - 2 * block, "the first of the next 128 takes another block");
	require(space_delete(space, 1));
	require(space_delete(space, block / RECORD));
	check_equal(pool_free(space), free - 2 * block, "which the table keeps when slots become empty");
	require(map_page(space, place, RIGHT_READ, &missing));
	before = pool_free(space);
	check((free - 2 * block - before) % block == RECORD && before < free - 2 * block - RECORD, "a mapping takes its record and whole tables");
	for (word_t i = 1; i <= 100; i++)
		wrong += map_page(space, place + 2 * i * PAGE_SIZE, RIGHT_READ, &missing) != OK || pool_free(space) != before - i * RECORD;
	check_equal(wrong, 0, "every other mapping in the same table takes 64 bytes");
	check_ok(space_unmap(space, place + PAGE_SIZE, 200 * PAGE_SIZE), "they can be unmapped");
	check_equal(pool_free(space), before, "which gives back every byte");
	require(space_unmap(space, place, PAGE_SIZE));
	free = pool_free(space);
	check(free > before + RECORD, "the last mapping of a table gives back the table too");
	require(map_page(space, place, RIGHT_READ, &missing));
	check_equal(pool_free(space), before, "mapping again takes what it took before");
	require(space_map(space, big, place + BIG, RIGHT_READ, 0, 0, NULL));
	require(space_map(space, big, place + 4 * (uintptr_t)BIG + PAGE_SIZE, RIGHT_READ, 0, LEAVES * PAGE_SIZE, NULL));
	require(memory_revoke(big, 0, 0));
	check_equal(pool_free(space), free, "revoking the Memory gives back all tables and records of its mappings");
	builder_release(b, space);
}

/* Feeds a Space in the smallest portions until a page can be mapped: each time exactly what is missing is told. */
static void check_missing(struct builder *b)
{
	const uintptr_t place = PROGRAM_FREE_ADDRESS;
	word_t missing = 0, first = 0, wrong = 0, detail;
	unsigned portions = 0;
	handle_t space;
	enum error error;

	require(build_space(b, SPACE_HANDLES_MIN, 0, &space));
	check_equal(pool_free(space), 0, "a new Space has no pool");
	while ((error = map_page(space, place, RIGHT_READ, &detail)) == ERROR_NO_MEMORY && portions < 8) {
		word_t free = pool_free(space);

		if (portions == 0)
			first = detail;
		else
			wrong += detail != missing - (portions == 1 ? 2 : 1) * block;
		missing = detail;
		feed(b, space, 2 * block);
		wrong += pool_free(space) != free + 2 * block - FEED_HEADER;
		portions++;
	}
	check(error == OK && portions > 1, "a page is mapped when the pool has been fed enough");
	check_equal(wrong, 0, "before, each attempt told exactly what was missing and took nothing");
	check_equal(first, portions * block + block, "in the end, what was missing at first has been used: tables, and a block with records");
	builder_release(b, space);
}

static void check_empty_pool(struct builder *b)
{
	const uintptr_t place = PROGRAM_FREE_ADDRESS;
	word_t count = 0, missing = 0, free, i;
	handle_t space;

	require(build_space(b, SPACE_HANDLES_MIN, 4 * block, &space));
	while (map_page(space, place + count * PAGE_SIZE, RIGHT_READ, &missing) == OK)
		count++;
	check(count >= 126, "a pool of 32 KiB holds the records of many mappings");
	check_equal(pool_free(space), 0, "it can be used up to the last byte");
	check_equal(missing, block, "then a block is missing for one more");
	check_error(space_map(space, big, place - BIG, RIGHT_READ, 0, 0, NULL), ERROR_NO_MEMORY, "no large mapping fits either");
	check_error(space_map(space, big, place, RIGHT_READ | WINDOW_REPLACE, 0, LARGE_PAGE, NULL), count > REPLACE_MAX ? ERROR_BUSY : ERROR_NO_MEMORY,
		    "nor one that replaces too much");
	check_error(space_map(space, big, place + (count + 9) * PAGE_SIZE, RIGHT_READ, 0, PAGE_SIZE, NULL), ERROR_NO_MEMORY, "nor one beside the others");
	check_error(space_derive(space, big, 1, RIGHTS_ALL), ERROR_NO_MEMORY, "and nothing can be derived into the table");
	check_equal(pool_free(space), 0, "these have changed nothing");
	require(space_unmap(space, place, PAGE_SIZE));
	check_equal(pool_free(space), RECORD, "one mapping less gives back its record");
	check_ok(map_page(space, place, RIGHT_READ, &missing), "which is enough for one other");
	for (i = 0; i < count; i++)
		require(space_unmap(space, place + i * PAGE_SIZE, PAGE_SIZE));
	free = pool_free(space);
	check(free >= count * RECORD && (free - count * RECORD) % block == 0, "in the end all records and the tables are free");
	builder_release(b, space);
}

/* A large page is to be replaced by a small one, but there is no block for the table that the small one needs. */
static void check_replace_without_memory(struct builder *b)
{
	const uintptr_t place = PROGRAM_FREE_ADDRESS;
	handle_t space, slot = 1;
	word_t free, detail;

	require(build_space(b, 4096, 8 * block, &space));
	require(space_map(space, big, place, RIGHT_READ, 0, LARGE_PAGE, NULL));
	while (space_derive(space, big, slot, RIGHTS_ALL) == OK)
		slot += block / RECORD;
	free = pool_free(space);
	check(free < block, "there is no block left in the pool");
	check_error(map_page(space, place, RIGHT_READ | WINDOW_REPLACE, &detail), ERROR_NO_MEMORY, "then a large page is not replaced by a small one");
	check_equal(detail, block, "a block is missing for its table");
	check_equal(pool_free(space), free, "the pool is as it was");
	check_error(map_page(space, place + LARGE_PAGE - PAGE_SIZE, RIGHT_READ, &detail), ERROR_BUSY, "and the large page is still mapped");
	check_ok(space_map(space, big, place, RIGHT_READ | WINDOW_REPLACE, LARGE_PAGE, LARGE_PAGE, NULL), "it can be replaced by another large page");
	feed(b, space, 2 * block);
	check_ok(map_page(space, place, RIGHT_READ | WINDOW_REPLACE, &detail), "when the pool has been fed, by a small one");
	check_ok(map_page(space, place + LARGE_PAGE - PAGE_SIZE, RIGHT_READ, &detail), "and the rest of it is free");
	builder_release(b, space);
}

/* ---- feeding ---- */

static void check_feed_refused(struct builder *b)
{
	handle_t space, untyped, inside;

	require(build_space(b, SPACE_HANDLES_MIN, 0, &space));
	check_error(space_feed(space, big), ERROR_WRONG_KIND, "Memory does not feed a pool");
	check_error(space_feed(space, slots), ERROR_BAD_HANDLE, "nor does an empty slot");
	untyped = make_untyped(b, block);
	check_error(space_feed(space, untyped), ERROR_BAD_ARGUMENT, "nor an Untyped of one block");
	builder_release(b, untyped);
	untyped = make_untyped(b, 16 * block);
	require(untyped_create(untyped, KIND_ENDPOINT, 0, 1, 0, slots));
	check_error(space_feed(space, untyped), ERROR_BUSY, "nor one in which something lives");
	require(space_delete(PROGRAM_SPACE, slots));
	check_error(space_feed(space, untyped), ERROR_BUSY, "nor one that was used and not reset");
	require(untyped_reset(untyped));
	require(untyped_create(untyped, KIND_SPACE, SPACE_HANDLES_MIN, 1, 0, slots));
	check_error(space_feed(slots, untyped), ERROR_BUSY, "nor the one that the Space itself was created from");
	check(pool_free(space) == 0 && pool_free(slots) == 0 && !slot_empty(untyped), "these have fed nothing");
	require(space_delete(PROGRAM_SPACE, slots));
	require(untyped_reset(untyped));
	inside = slots + 1;
	require(untyped_create(untyped, KIND_UNTYPED, 2 * block, 1, 0, inside));
	check_ok(space_feed(space, inside), "an Untyped of two blocks can be fed");
	check(slot_empty(inside), "its capability is used up");
	check_equal(pool_free(space), 2 * block - FEED_HEADER, "its memory is the pool's");
	check_error(untyped_reset(untyped), ERROR_BUSY, "the Untyped around it cannot be reset while the Space lives");
	check_error(space_feed(space, untyped), ERROR_BUSY, "nor fed");
	builder_release(b, space);
	check_ok(untyped_reset(untyped), "when the Space has been deleted, it can be reset");
	builder_release(b, untyped);
}

/* How a Space ends whose pool is taken away. */
enum loss { LOSS_REVOKE, LOSS_DELETE };

static void check_loss(struct builder *b, enum loss loss, const char *name)
{
	handle_t outer = make_untyped(b, 32 * block);
	struct thread_report report = {.state = THREAD_READY};
	struct domain domain;
	struct actor actor;

	require(domain_create(b, DOMAIN_POOL, &domain));
	require(actor_create(b, ACTOR_PRIORITY, &actor));
	require(actor_move(&domain, &actor));
	require(space_derive(domain.space, accessor.endpoint, 1, RIGHTS_ALL));
	require(space_derive(PROGRAM_SPACE, domain.space, slots + 1, RIGHTS_ALL));
	actor_receive(&actor, 1);
	check_equal(actor_state(&actor), THREAD_RECEIVING, case_name("a thread lives in a Space", name));
	require(untyped_create(outer, KIND_UNTYPED, 4 * block, 1, 0, slots));
	check_ok(space_feed(domain.space, slots), case_name("an Untyped can be fed beside another", name));
	if (loss == LOSS_REVOKE)
		check_ok(space_revoke(PROGRAM_SPACE, outer), name);
	else
		check_ok(space_delete(PROGRAM_SPACE, outer), name);
	check(slot_empty(domain.space) && slot_empty(slots + 1), case_name("the Space is destroyed, with every capability to it", name));
	check(thread_query(actor.worker.thread, &report) == OK && report.state == THREAD_STOPPED, case_name("its thread is stopped", name));
	check_error(thread_resume(actor.worker.thread), ERROR_BAD_ARGUMENT, case_name("and cannot go on without a Space", name));
	if (loss == LOSS_REVOKE)
		check_ok(untyped_reset(outer), case_name("the Untyped is free again", name));
	builder_release(b, outer);
	actor_destroy(b, &actor);
	domain_destroy(b, &domain);
}

static void check_feed_self(struct builder *b)
{
	struct space_state before, after;
	handle_t untyped = make_untyped(b, 2 * block), weak;

	require(build_derived(b, PROGRAM_SPACE, RIGHT_TABLE | RIGHT_MAP, 0, &weak));
	check_error(space_feed(weak, untyped), ERROR_NO_RIGHTS, "feeding takes the right feed");
	builder_release(b, weak);
	require(space_query(PROGRAM_SPACE, &before));
	check_ok(space_feed(PROGRAM_SPACE, untyped), "a program can feed its own Space");
	builder_put_slots(b, untyped, 1);
	require(space_query(PROGRAM_SPACE, &after));
	check(after.pool == before.pool + 2 * block && after.pool_free == before.pool_free + 2 * block - FEED_HEADER, "its pool grows by just that");
}

/* Maps `big` for a moment to number its pages. */
static void fill(struct builder *b)
{
	uintptr_t before = b->address, at = builder_take_addresses(b, BIG, LARGE_PAGE);

	require(memory_map(big, PROGRAM_SPACE, at, READ_WRITE));
	for (word_t n = 0; n < BIG / PAGE_SIZE; n++)
		*(word_t *)(at + n * PAGE_SIZE) = n + 1;
	require(memory_unmap(big));
	b->address = before;
}

void test_run(struct builder *b)
{
	struct system_state info;

	require(system_info(PROGRAM_SYSTEM, &info));
	block = info.pool_block;
	slots = builder_take_slots(b, SLOTS);
	require(accessor_create(b, &accessor));
	require(build_object(b, KIND_MEMORY, BIG, &big));
	area = builder_take_addresses(b, 4 * (size_t)BIG, LARGE_PAGE) + LARGE_PAGE;
	fill(b);
	check_refused();
	check_mapping();
	check_clipping();
	check_unmap();
	check_replace();
	check_replace_limits();
	check_accounting(b);
	check_missing(b);
	check_empty_pool(b);
	check_replace_without_memory(b);
	check_feed_refused(b);
	check_loss(b, LOSS_REVOKE, "revoking the Untyped that a fed one was made from");
	check_loss(b, LOSS_DELETE, "deleting the Untyped that a fed one was made from");
	builder_release(b, big);
	accessor_destroy(b, &accessor);
	check_feed_self(b);
}
