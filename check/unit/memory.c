/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory: parts, mapping, revoking ranges. */
#include "unit.h"

#include "kernel/memory.h"
#include "kernel/pool.h"
#include "kernel/space.h"

static const word_t AT = 0x800000; /* where tests map */

static handle_t derive(handle_t memory, word_t offset, word_t length, word_t rights)
{
	handle_t slot = user_slots(1);

	ANSWERS(OK, memory, MEMORY_DERIVE, offset, length, rights);
	return slot;
}

static bool sees(uintptr_t address, unsigned access, uint64_t want)
{
	uint64_t physical;

	return hosted_touch(address, access, &physical) && physical == want;
}

static void parts(void)
{
	handle_t memory = user_make(KIND_MEMORY, 16 * PAGE_SIZE), part = derive(memory, 4 * PAGE_SIZE, 8 * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE);
	handle_t inner = derive(part, PAGE_SIZE, 0, RIGHTS_ALL);

	CHECK_EQUAL(capability_base(user_capability(part)), capability_base(user_capability(memory)) + 4 * PAGE_SIZE);
	ANSWERS(OK, inner, MEMORY_QUERY, 0);
	CHECK(last.w[0] == 7 * PAGE_SIZE && last.w[1] == (RIGHT_READ | RIGHT_WRITE) && last.w[2] == MEMORY_NORMAL && !last.w[3] && !last.w[4]);
	ANSWERS(ERROR_NO_RIGHTS, inner, MEMORY_PHYSICAL, 0);
	ANSWERS(OK, memory, MEMORY_PHYSICAL, 0);
	CHECK_EQUAL(last.w[0], capability_base(user_capability(memory)));
	user_slots(1);
	ANSWERS(ERROR_BAD_ARGUMENT, memory, MEMORY_DERIVE, 1, PAGE_SIZE, RIGHTS_ALL);
	ANSWERS(ERROR_BAD_ARGUMENT, memory, MEMORY_DERIVE, 0, 1, RIGHTS_ALL);
	ANSWERS(ERROR_BAD_ARGUMENT, memory, MEMORY_DERIVE, 16 * PAGE_SIZE, 0, RIGHTS_ALL);
	ANSWERS(ERROR_BAD_ARGUMENT, memory, MEMORY_DERIVE, PAGE_SIZE, 16 * PAGE_SIZE, RIGHTS_ALL);
	ANSWERS(ERROR_BAD_ARGUMENT, memory, MEMORY_DERIVE, PAGE_SIZE, UINT64_MAX - PAGE_SIZE + 1, RIGHTS_ALL);
	ANSWERS(ERROR_BAD_ARGUMENT, memory, MEMORY_DERIVE, 0, 0, RIGHTS_ALL + 1);
	user.buffer->handle_count = 0;
	ANSWERS(ERROR_WINDOW, memory, MEMORY_DERIVE, 0, 0, RIGHTS_ALL);
}

static void too_deep(void)
{
	handle_t memory = user_make(KIND_MEMORY, PAGE_SIZE);

	while (user_capability(memory)->depth + 1 < CAPABILITY_DEPTH_MAX)
		memory = derive(memory, 0, 0, RIGHTS_ALL);
	user_slots(1);
	ANSWERS(ERROR_BAD_ARGUMENT, memory, MEMORY_DERIVE, 0, 0, RIGHTS_ALL);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SPACE, SPACE_MAP, memory, AT, RIGHT_READ);
	ANSWERS(OK, memory, MEMORY_MAP, BOOT_SPACE, AT, RIGHT_READ); /* needs no derivation */
}

static void mapping(void)
{
	handle_t memory = user_make(KIND_MEMORY, 40 * PAGE_SIZE), read_only = derive(memory, 0, 0, RIGHT_READ);
	uint64_t physical = capability_base(user_capability(memory));

	ANSWERS(OK, memory, MEMORY_MAP, BOOT_SPACE, AT, RIGHT_WRITE);
	CHECK(sees(AT, RIGHT_READ | RIGHT_WRITE, physical) && sees(AT + 40 * PAGE_SIZE - 1, RIGHT_READ, physical + 40 * PAGE_SIZE - 1));
	CHECK(!sees(AT + 40 * PAGE_SIZE, RIGHT_READ, physical + 40 * PAGE_SIZE) && !sees(AT, RIGHT_EXECUTE, physical));
	ANSWERS(OK, memory, MEMORY_QUERY, 0);
	CHECK_EQUAL(last.w[4], AT + 1);
	ANSWERS(ERROR_BUSY, memory, MEMORY_MAP, BOOT_SPACE, AT + 0x100000, RIGHT_READ);
	ANSWERS(ERROR_BUSY, memory, MEMORY_MAP, BOOT_SPACE, AT, RIGHT_WRITE);
	ANSWERS(ERROR_BUSY, read_only, MEMORY_MAP, BOOT_SPACE, AT + 39 * PAGE_SIZE, RIGHT_READ);
	ANSWERS(ERROR_NO_RIGHTS, read_only, MEMORY_MAP, BOOT_SPACE, AT + 0x100000, RIGHT_WRITE);
	ANSWERS(OK, read_only, MEMORY_MAP, BOOT_SPACE, AT + 0x100000, RIGHT_READ);
	CHECK(sees(AT + 0x100000, RIGHT_READ, physical) && !sees(AT + 0x100000, RIGHT_WRITE, physical));
	ANSWERS(OK, memory, MEMORY_UNMAP, 0);
	CHECK(!sees(AT, RIGHT_READ, physical) && sees(AT + 0x100000, RIGHT_READ, physical));
	ANSWERS(ERROR_BAD_ARGUMENT, memory, MEMORY_UNMAP, 0);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, memory);
	CHECK(!sees(AT + 0x100000, RIGHT_READ, physical));
}

static void wrong_mapping(void)
{
	handle_t memory = user_make(KIND_MEMORY, 2 * PAGE_SIZE), space = user_derive(BOOT_SPACE, RIGHT_TABLE, 0);
	uintptr_t top = hal_pt()->user_top;

	ANSWERS(ERROR_BAD_HANDLE, memory, MEMORY_MAP, 4000, AT, RIGHT_READ);
	ANSWERS(ERROR_WRONG_KIND, memory, MEMORY_MAP, BOOT_THREAD, AT, RIGHT_READ);
	ANSWERS(ERROR_NO_RIGHTS, memory, MEMORY_MAP, space, AT, RIGHT_READ);
	ANSWERS(ERROR_BAD_ARGUMENT, memory, MEMORY_MAP, BOOT_SPACE, AT + 1, RIGHT_READ);
	ANSWERS(ERROR_BAD_ARGUMENT, memory, MEMORY_MAP, BOOT_SPACE, AT, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, memory, MEMORY_MAP, BOOT_SPACE, AT, 8);
	ANSWERS(ERROR_BAD_ARGUMENT, memory, MEMORY_MAP, BOOT_SPACE, AT, (word_t)1 << 32 | RIGHT_READ);
	ANSWERS(ERROR_BAD_ARGUMENT, memory, MEMORY_MAP, BOOT_SPACE, top, RIGHT_READ);
	ANSWERS(ERROR_BAD_ARGUMENT, memory, MEMORY_MAP, BOOT_SPACE, top - PAGE_SIZE, RIGHT_READ);
	ANSWERS(ERROR_BAD_ARGUMENT, memory, MEMORY_MAP, BOOT_SPACE, UINT64_MAX - PAGE_SIZE + 1, RIGHT_READ);
	ANSWERS(OK, memory, MEMORY_MAP, BOOT_SPACE, top - 2 * PAGE_SIZE, RIGHT_READ);
}

/* A mapping that the pool cannot hold to its end is taken back. */
static void mapping_without_memory(void)
{
	handle_t memory = user_make(KIND_MEMORY, 1200 * PAGE_SIZE), page = derive(memory, PAGE_SIZE, 0, RIGHTS_ALL); /* no large pages */
	handle_t space = user_make_space(SPACE_HANDLES_MIN, (hosted.shape == SHAPE_SMALL ? 64 : 4) * BLOCK_SIZE);
	const struct space *s = user_object(space);
	uint32_t blocks = s->pool.blocks;

	ANSWERS(ERROR_NO_MEMORY, page, MEMORY_MAP, space, AT, RIGHT_READ);
	CHECK(last.w[0] >= BLOCK_SIZE && !user_capability(page)->map.space);
	CHECK(s->pool.blocks + 4 >= blocks && s->pool.blocks > 0); /* tables directly below the root stay */
	ANSWERS(OK, space, SPACE_MAP, page, AT, RIGHT_READ); /* its first part fits */
}

static void range_revoke(void)
{
	handle_t memory = user_make(KIND_MEMORY, 8 * PAGE_SIZE), part[4], inner;
	uint64_t physical = capability_base(user_capability(memory));

	for (unsigned i = 0; i < 4; i++)
		part[i] = derive(memory, 2 * i * PAGE_SIZE, 2 * PAGE_SIZE, RIGHTS_ALL);
	inner = derive(part[1], 0, PAGE_SIZE, RIGHTS_ALL);
	ANSWERS(OK, inner, MEMORY_MAP, BOOT_SPACE, AT, RIGHT_READ);
	ANSWERS(OK, BOOT_SPACE, SPACE_MAP, memory, AT + PAGE_SIZE, RIGHT_READ, 7 * PAGE_SIZE);
	CHECK(sees(AT, RIGHT_READ, physical + 2 * PAGE_SIZE) && sees(AT + PAGE_SIZE, RIGHT_READ, physical + 7 * PAGE_SIZE));
	ANSWERS(ERROR_BAD_ARGUMENT, memory, MEMORY_REVOKE, 8 * PAGE_SIZE, 0);
	ANSWERS(OK, memory, MEMORY_REVOKE, 3 * PAGE_SIZE, 2 * PAGE_SIZE);
	CHECK(user_capability(part[0]) && !user_capability(part[1]) && !user_capability(inner) && !user_capability(part[2]) && user_capability(part[3]));
	CHECK(!sees(AT, RIGHT_READ, physical + 2 * PAGE_SIZE) && sees(AT + PAGE_SIZE, RIGHT_READ, physical + 7 * PAGE_SIZE));
	ANSWERS(OK, memory, MEMORY_REVOKE, 0, 0);
	CHECK(!user_capability(part[0]) && !user_capability(part[3]) && user_capability(memory) && !user_capability(memory)->child);
	CHECK(!sees(AT + PAGE_SIZE, RIGHT_READ, physical + 7 * PAGE_SIZE));
	ANSWERS(OK, memory, MEMORY_REVOKE, 0, 0); /* of nothing */
}

static void code(void)
{
	handle_t memory = user_make(KIND_MEMORY, 2 * PAGE_SIZE), device = BOOT_UNTYPED, registers;

	while (!(user_capability(device)->flags & CAPABILITY_DEVICE))
		device++;
	registers = user_slots(1);
	ANSWERS(OK, device, UNTYPED_CREATE, KIND_MEMORY, PAGE_SIZE, 1, MEMORY_DEVICE);
	ANSWERS(OK, memory, MEMORY_CODE, PAGE_SIZE, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, memory, MEMORY_CODE, PAGE_SIZE, 2 * PAGE_SIZE);
	ANSWERS(ERROR_WRONG_KIND, registers, MEMORY_CODE, 0, 0);
	ANSWERS(OK, registers, MEMORY_MAP, BOOT_SPACE, AT, RIGHT_READ | RIGHT_WRITE);
	CHECK(sees(AT, RIGHT_WRITE, capability_base(user_capability(registers))));
}

/* The map message of a Space: derivations that only the mapping records. */
static void space_mapping(void)
{
	handle_t memory = user_make(KIND_MEMORY, 600 * PAGE_SIZE), part = derive(memory, PAGE_SIZE, 599 * PAGE_SIZE, RIGHT_READ);
	uint64_t physical = capability_base(user_capability(memory));
	const struct capability *record;
	uintptr_t at = AT;

	ANSWERS(OK, BOOT_SPACE, SPACE_MAP, part, AT, RIGHT_READ);
	CHECK(last.w[0] == LEAVES_PER_STEP * PAGE_SIZE || HAL_TABLE_BITS < 9); /* clipped */
	record = pagetable_first(user.space, &at, at + PAGE_SIZE);
	CHECK(record && record->parent == user_capability(part) && record->flags & CAPABILITY_RECORD && record->rights == RIGHT_READ);
	ANSWERS(ERROR_NO_RIGHTS, BOOT_SPACE, SPACE_MAP, part, AT + 0x400000, RIGHT_WRITE);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SPACE, SPACE_MAP, part, AT + 0x400000, RIGHT_READ, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SPACE, SPACE_MAP, part, AT + 0x400000, 0x400 | RIGHT_READ);
	ANSWERS(ERROR_BUSY, BOOT_SPACE, SPACE_MAP, memory, AT, RIGHT_READ);
	ANSWERS(ERROR_WRONG_KIND, BOOT_SPACE, SPACE_MAP, BOOT_THREAD, AT, RIGHT_READ);
	ANSWERS(OK, BOOT_SPACE, SPACE_MAP, memory, AT + PAGE_SIZE, RIGHT_WRITE | WINDOW_REPLACE, 9 * PAGE_SIZE, PAGE_SIZE);
	CHECK_EQUAL(last.w[0], PAGE_SIZE);
	CHECK(sees(AT + PAGE_SIZE, RIGHT_WRITE, physical + 9 * PAGE_SIZE) && !sees(AT, RIGHT_READ, physical + PAGE_SIZE)); /* whole */
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SPACE, SPACE_UNMAP, AT + 1, PAGE_SIZE);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SPACE, SPACE_UNMAP, AT, UINT64_MAX - PAGE_SIZE + 1);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SPACE, SPACE_UNMAP, AT, hal_pt()->user_top);
	ANSWERS(OK, BOOT_SPACE, SPACE_UNMAP, AT, 16 * PAGE_SIZE);
	CHECK(!sees(AT + PAGE_SIZE, RIGHT_READ, physical + 9 * PAGE_SIZE));
}

/* A small page replaces a large one, and the other way round, with an empty pool: the tables that it takes are counted. */
static void replacing_large_pages(void)
{
	word_t large = (word_t)PAGE_SIZE << HAL_TABLE_BITS, at = 4 * large;
	handle_t space = user_make_space(SPACE_HANDLES_MIN, 16 * BLOCK_SIZE), memory = user_make(KIND_MEMORY, large);
	struct space *s = user_object(space);

	ANSWERS(OK, space, SPACE_MAP, memory, at, RIGHT_READ);
	CHECK_EQUAL(last.w[0], large);
	ANSWERS(OK, space, SPACE_MAP, memory, at + large, RIGHT_READ); /* its table does not vanish */
	while (s->pool.blocks)
		pool_take_block(&s->pool);
	hosted.after = NULL; /* the pool's accounting is off */
	ANSWERS(ERROR_NO_MEMORY, space, SPACE_MAP, memory, at, RIGHT_READ | WINDOW_REPLACE, 0, PAGE_SIZE);
	CHECK_EQUAL(last.w[0], BLOCK_SIZE);
	CHECK_EQUAL(pagetable_access(s, at), RIGHT_READ);
}

static void replacing_too_much(void)
{
	handle_t memory = user_make(KIND_MEMORY, (REPLACE_MAPPINGS_MAX + 1) * PAGE_SIZE);

	for (unsigned i = 0; i <= REPLACE_MAPPINGS_MAX; i++)
		ANSWERS(OK, BOOT_SPACE, SPACE_MAP, memory, AT + i * PAGE_SIZE, RIGHT_READ, i * PAGE_SIZE, PAGE_SIZE);
	ANSWERS(ERROR_BUSY, BOOT_SPACE, SPACE_MAP, memory, AT, RIGHT_WRITE | WINDOW_REPLACE);
	ANSWERS(OK, BOOT_SPACE, SPACE_MAP, memory, AT, RIGHT_WRITE | WINDOW_REPLACE, 0, REPLACE_MAPPINGS_MAX * PAGE_SIZE);
}

static const struct test tests[] = {
	{"parts", parts},
	{"too deep", too_deep},
	{"mapping", mapping},
	{"wrong mapping", wrong_mapping},
	{"mapping without memory", mapping_without_memory},
	{"revoking a range", range_revoke},
	{"code", code},
	{"mapping by a Space", space_mapping},
	{"replacing large pages", replacing_large_pages},
	{"replacing too much", replacing_too_much},
	{NULL, NULL},
};

const struct group memory_group = {"memory", START_ROOT, tests};
