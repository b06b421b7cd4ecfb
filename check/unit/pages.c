/* SPDX-License-Identifier: BSD-2-Clause */
/* Page tables: the walker against a model, on every shape of tables. */
#include "unit.h"

#include "kernel/bits.h"
#include "kernel/memory.h"
#include "kernel/pool.h"
#include "kernel/revoke.h"
#include "kernel/space.h"

#include <string.h>

enum { PAGES = 2048, POOL = 2 << 20, RECORDS = 40 };

static struct space *space;
static uint64_t physical; /* of a Memory of PAGES pages, aligned to the largest page that fits */

static void make_space(void)
{
	handle_t memory = user_make(KIND_MEMORY, (word_t)PAGES << PAGE_SHIFT);

	space = user_object(user_make_space(SPACE_HANDLES_MIN, POOL));
	physical = capability_base(user_capability(memory));
}

/* Every mapping step goes through a plan; what the plan says is what it takes. */
static uint64_t map_step(struct mapping *m, struct capability *record)
{
	struct mapping part = *m;
	struct mapping_plan plan;
	uint32_t before = space->pool.blocks;

	CHECK_EQUAL(pagetable_plan(space, m, false, &plan), OK);
	CHECK_EQUAL(pool_missing(&space->pool, plan.blocks, 0), 0);
	part.length = plan.length;
	pagetable_map(space, &part, record);
	CHECK_EQUAL(before - space->pool.blocks, plan.blocks);
	return plan.length;
}

static void map_all(const struct mapping *m, struct capability *record)
{
	struct mapping rest = *m;

	while (rest.length) {
		uint64_t done = map_step(&rest, record);

		rest.address += done;
		rest.physical += done;
		rest.length -= done;
	}
}

/* One step of removing what the record maps in a range, the given page last. */
static bool unmap_step(struct capability *record, uintptr_t address, uint64_t length, uintptr_t anchor)
{
	struct capability before = *record;
	bool done;

	record->map.space = space;
	record->map.address = address;
	record->pages = (uint32_t)(length >> PAGE_SHIFT);
	done = pagetable_unmap(record, anchor);
	*record = before;
	return done;
}

static void unmap_all(struct capability *record, uintptr_t address, uint64_t length)
{
	uintptr_t anchor = address + ((uintptr_t)random_below((uint32_t)(length >> PAGE_SHIFT)) << PAGE_SHIFT);
	unsigned steps = 0;

	while (!unmap_step(record, address, length, anchor))
		CHECK(++steps < 100);
}

/* Pages at random places, against an array; all tables come back. */
static void random_pages(void)
{
	static struct capability *model[PAGES];
	struct capability *records[RECORDS];
	uint32_t blocks;
	const uintptr_t base = hal_pt()->user_top / 2 - (PAGES / 2 << PAGE_SHIFT); /* over a border of the root */

	hosted.after = NULL; /* these mappings have no capabilities in the tree */
	make_space();
	for (unsigned i = 0; i < RECORDS; i++)
		records[i] = pool_take_record(&space->pool);
	blocks = space->pool.blocks;
	for (unsigned i = 0; i < PAGES; i++)
		model[i] = NULL;
	for (unsigned step = 0; step < 2000; step++) {
		uint32_t first = random_below(PAGES), count = 1 + random_below(random_below(4) ? 8 : 300), free = 0;
		struct mapping m = {.access = RIGHT_READ | RIGHT_WRITE};

		while (first + free < PAGES && free < count && !model[first + free])
			free++;
		if (free && random_below(2)) {
			m.address = base + ((uintptr_t)first << PAGE_SHIFT);
			m.physical = physical + ((uint64_t)first << PAGE_SHIFT);
			m.length = (uint64_t)free << PAGE_SHIFT;
			map_all(&m, records[step % RECORDS]);
			for (unsigned i = 0; i < free; i++)
				model[first + i] = records[step % RECORDS];
		} else if (model[first]) {
			struct capability *record = model[first];

			while (first && model[first - 1] == record)
				first--;
			for (count = 0; first + count < PAGES && model[first + count] == record; count++)
				model[first + count] = NULL;
			unmap_all(record, base + ((uintptr_t)first << PAGE_SHIFT), (uint64_t)count << PAGE_SHIFT);
		}
		for (unsigned i = random_below(7); i < PAGES; i += 7) {
			uintptr_t at = base + ((uintptr_t)i << PAGE_SHIFT), want = at;

			CHECK_EQUAL(pagetable_access(space, at), model[i] ? RIGHT_READ | RIGHT_WRITE : 0);
			CHECK(pagetable_first(space, &want, at + PAGE_SIZE) == model[i]);
		}
	}
	for (unsigned i = 0; i < RECORDS; i++) /* they lie between each other */
		unmap_all(records[i], base, (uint64_t)PAGES << PAGE_SHIFT);
	for (unsigned i = 0; i < PAGES; i++)
		CHECK_EQUAL(pagetable_access(space, base + ((uintptr_t)i << PAGE_SHIFT)), 0);
	CHECK(space->pool.blocks >= blocks - 9); /* tables directly below the root stay */
}

/* The largest pages that alignment and length allow, and what the TLB sees of them. */
static void page_sizes(void)
{
	uint64_t large = (uint64_t)PAGE_SIZE << HAL_TABLE_BITS, got;
	struct mapping m = {.physical = physical, .access = RIGHT_READ};
	struct mapping_plan plan;

	hosted.after = NULL;
	make_space();
	m.physical = (physical + large - 1) & ~(large - 1);
	m.address = 4 * large;
	m.length = large;
	CHECK_EQUAL(pagetable_plan(space, &m, false, &plan), OK);
	CHECK_EQUAL(plan.length, large);
	CHECK_EQUAL(plan.blocks, hal_pt()->levels - 2); /* no table for small pages */
	m.address += PAGE_SIZE;
	CHECK_EQUAL(pagetable_plan(space, &m, false, &plan), OK);
	CHECK_EQUAL(plan.blocks, hal_pt()->levels - 1 + 1); /* over a border */
	m.address -= PAGE_SIZE;
	map_all(&m, user_capability(BOOT_IMAGE));
	space_activate(space);
	CHECK(hosted_touch(m.address + large - 1, RIGHT_READ, &got) && got == m.physical + large - 1);
	CHECK(!hosted_touch(m.address + large - 1, RIGHT_WRITE, &got) && !hosted_touch(m.address + large, RIGHT_READ, &got));
	m.length = PAGE_SIZE;
	CHECK_EQUAL(pagetable_plan(space, &m, false, &plan), ERROR_BUSY);
	CHECK_EQUAL(pagetable_plan(space, &m, true, &plan), OK);
	CHECK_EQUAL(plan.blocks, 1); /* the table that takes the large page's place */
	unmap_all(user_capability(BOOT_IMAGE), m.address, large);
	CHECK(!hosted_touch(m.address, RIGHT_READ, &got)); /* after the flush */
	m.address += PAGE_SIZE;
	map_all(&m, user_capability(BOOT_IMAGE));
	m.address -= PAGE_SIZE;
	m.length = large;
	CHECK_EQUAL(pagetable_plan(space, &m, false, &plan), ERROR_BUSY); /* a table is in the way of the large page */
	space_activate(user.space);
}

/* Looking for the next mapping passes holes of every size. */
static void looking(void)
{
	struct capability *record = user_capability(BOOT_IMAGE);
	uintptr_t top = pagetable_top(), at = 0;
	struct mapping m = {.physical = physical, .length = PAGE_SIZE, .access = RIGHT_READ | RIGHT_EXECUTE};

	hosted.after = NULL;
	make_space();
	CHECK(!pagetable_first(space, &at, top));
	CHECK(at >= top || !at);
	m.physical = physical;
	m.address = top - PAGE_SIZE;
	map_all(&m, record);
	at = 0;
	CHECK(pagetable_first(space, &at, top) == record);
	CHECK_EQUAL(at, top - PAGE_SIZE);
	at = 0;
	CHECK(!pagetable_first(space, &at, top - PAGE_SIZE));
	CHECK_EQUAL(pagetable_access(space, top - 1), RIGHT_READ | RIGHT_EXECUTE);
	CHECK_EQUAL(pagetable_access(space, top - PAGE_SIZE - 1), 0);
}

/* A Space where another one was: nothing of the tables of that one is remembered. */
static void successor(void)
{
	struct mapping m = {.address = 64 * PAGE_SIZE, .length = PAGE_SIZE, .access = RIGHT_READ};
	struct mapping_plan plan;
	struct pool pool;
	void *memory;

	hosted.after = NULL;
	make_space();
	memory = space->root;
	m.physical = physical;
	map_all(&m, user_capability(BOOT_IMAGE));
	unmap_all(user_capability(BOOT_IMAGE), m.address, PAGE_SIZE);
	CHECK_EQUAL(pagetable_plan(space, &m, false, &plan), OK); /* looks into the table that is left, below the root */
	pool = space->pool;
	memset(memory, 0, space_size(SPACE_HANDLES_MIN));
	CHECK(space_make(memory, SPACE_HANDLES_MIN) == space);
	space->pool = pool;
	CHECK_EQUAL(pagetable_access(space, m.address), 0);
	map_all(&m, user_capability(BOOT_IMAGE));
	CHECK_EQUAL(pagetable_access(space, m.address), RIGHT_READ);
}

/* At most so many leaves are removed at a time, and what is done is gone. */
static void steps(void)
{
	struct mapping m = {.address = 64 * PAGE_SIZE, .length = (uint64_t)PAGES << PAGE_SHIFT, .access = RIGHT_READ};
	unsigned count = 1;

	hosted.after = NULL;
	make_space();
	m.physical = physical + PAGE_SIZE; /* no large page fits */
	m.length -= PAGE_SIZE;
	map_all(&m, user_capability(BOOT_IMAGE));
	for (; !unmap_step(user_capability(BOOT_IMAGE), m.address, m.length, 0); count++) {
		CHECK_EQUAL(pagetable_access(space, m.address + ((uint64_t)count * LEAVES_PER_STEP - 1) * PAGE_SIZE), 0);
		CHECK_EQUAL(pagetable_access(space, m.address + (uint64_t)count * LEAVES_PER_STEP * PAGE_SIZE), RIGHT_READ);
	}
	CHECK_EQUAL(count, PAGES / LEAVES_PER_STEP);
}

/* More Spaces than ASIDs: they are given out anew, and old translations are gone. */
static void asids(void)
{
	enum { SPACES = 20 };
	static struct space *many[SPACES];
	struct mapping m = {.address = 0x10000, .length = PAGE_SIZE, .access = RIGHT_READ};
	uint64_t got;

	hosted.after = NULL;
	make_space();
	for (unsigned i = 0; i < SPACES; i++) {
		many[i] = space = user_object(user_make_space(SPACE_HANDLES_MIN, 1 << 16));
		m.physical = physical + i * PAGE_SIZE;
		map_all(&m, user_capability(BOOT_IMAGE));
	}
	for (unsigned round = 0; round < 200; round++) {
		unsigned i = random_below(SPACES);

		space_activate(many[i]);
		CHECK(hosted_touch(m.address, RIGHT_READ, &got) && got == physical + i * PAGE_SIZE);
		CHECK(!hosted_check_tlb());
	}
	space_activate(user.space);
}

static const struct test tests[] = {
	{"pages at random", random_pages},
	{"sizes of pages", page_sizes},
	{"looking for mappings", looking},
	{"one Space after another", successor},
	{"steps", steps},
	{"address-space identifiers", asids},
	{NULL, NULL},
};

const struct group pages_group = {"pages", START_ROOT, tests};
