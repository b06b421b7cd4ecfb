/* SPDX-License-Identifier: BSD-2-Clause */
/* Space: the handle table, pools, tear-down. */
#include "unit.h"

#include "kernel/space.h"

static void deriving(void)
{
	handle_t endpoint = user_make(KIND_ENDPOINT, 0), space = user_make_space(200, 64 << 10), badged;
	const struct space *s = user_object(space);

	ANSWERS(OK, space, SPACE_DERIVE, endpoint, 150, RIGHT_SEND | SPACE_BADGE, 77);
	CHECK(space_lookup(s, 150) && space_lookup(s, 150)->badge == 77 && space_lookup(s, 150)->rights == RIGHT_SEND);
	CHECK(space_lookup(s, 150)->parent == user_capability(endpoint));
	ANSWERS(ERROR_BAD_HANDLE, space, SPACE_DERIVE, 4000, 1, RIGHTS_ALL);
	ANSWERS(ERROR_BAD_HANDLE, space, SPACE_DERIVE, 100000, 1, RIGHTS_ALL);
	ANSWERS(ERROR_BAD_ARGUMENT, space, SPACE_DERIVE, endpoint, 1, RIGHTS_ALL | 0x200);
	ANSWERS(ERROR_BAD_ARGUMENT, space, SPACE_DERIVE, endpoint, 1, SPACE_BADGE, (word_t)1 << 32);
	ANSWERS(ERROR_WRONG_KIND, space, SPACE_DERIVE, BOOT_THREAD, 1, SPACE_BADGE | RIGHTS_ALL, 5);
	ANSWERS(ERROR_BAD_ARGUMENT, space, SPACE_DERIVE, user.untyped, 1, RIGHTS_ALL);
	ANSWERS(ERROR_BAD_ARGUMENT, space, SPACE_DERIVE, endpoint, 0, RIGHTS_ALL);
	ANSWERS(ERROR_BAD_ARGUMENT, space, SPACE_DERIVE, endpoint, 200, RIGHTS_ALL);
	ANSWERS(ERROR_BUSY, space, SPACE_DERIVE, endpoint, 150, RIGHTS_ALL);
	badged = user_derive(endpoint, RIGHTS_ALL | SPACE_BADGE, 5);
	ANSWERS(ERROR_BAD_ARGUMENT, space, SPACE_DERIVE, badged, 1, SPACE_BADGE | RIGHTS_ALL, 6);
	ANSWERS(OK, space, SPACE_DERIVE, badged, 1, RIGHTS_ALL);
	CHECK_EQUAL(space_lookup(s, 1)->badge, 5);
}

static void moving(void)
{
	handle_t memory = user_make(KIND_MEMORY, PAGE_SIZE), space = user_make_space(200, 64 << 10);
	const struct space *s = user_object(space);

	ANSWERS(OK, memory, MEMORY_MAP, BOOT_SPACE, 0x800000, RIGHT_READ);
	ANSWERS(ERROR_BUSY, space, SPACE_MOVE, memory, 1);
	ANSWERS(OK, memory, MEMORY_UNMAP, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, space, SPACE_MOVE, memory, 1000);
	ANSWERS(ERROR_BAD_HANDLE, space, SPACE_MOVE, 4001, 1);
	user_derive(memory, RIGHT_READ, 0);
	ANSWERS(OK, space, SPACE_MOVE, memory, 1);
	CHECK(!user_capability(memory) && space_lookup(s, 1)->flags & CAPABILITY_ORIGINAL && space_lookup(s, 1)->child);
	ANSWERS(OK, BOOT_SPACE, SPACE_MOVE, BOOT_SPACE, 500); /* its own capability, in its own table */
	CHECK(user.space->object.original == user_capability(500));
}

static void table_memory(void)
{
	handle_t empty = user_make(KIND_SPACE, 200), memory = user_make(KIND_UNTYPED, 4 * PAGE_SIZE), endpoint = user_make(KIND_ENDPOINT, 0);

	ANSWERS(ERROR_NO_MEMORY, empty, SPACE_DERIVE, endpoint, 1, RIGHTS_ALL);
	CHECK_EQUAL(last.w[0], BLOCK_SIZE);
	ANSWERS(ERROR_NO_MEMORY, empty, SPACE_MOVE, endpoint, 1);
	ANSWERS(OK, empty, SPACE_QUERY, 0);
	CHECK(last.w[0] == 0 && last.w[1] == 0 && last.w[2] == 200 && last.w[3] == hal_pt()->user_top);
	ANSWERS(OK, empty, SPACE_FEED, memory);
	CHECK(!user_capability(memory));
	ANSWERS(OK, empty, SPACE_QUERY, 0);
	CHECK(last.w[0] == 4 * PAGE_SIZE && last.w[1] == 4 * PAGE_SIZE - 2 * sizeof(struct capability));
	ANSWERS(OK, empty, SPACE_DERIVE, endpoint, 1, RIGHTS_ALL);
	ANSWERS(ERROR_NO_MEMORY, empty, SPACE_DERIVE, endpoint, 130, RIGHTS_ALL);
}

static void feeding(void)
{
	handle_t space = user_make(KIND_SPACE, 64), small = user_make(KIND_UNTYPED, 2 * PAGE_SIZE), used = user_make(KIND_UNTYPED, 1 << 16);
	handle_t device = BOOT_UNTYPED, no_right = user_derive(space, RIGHT_TABLE | RIGHT_MAP, 0);

	while (!(user_capability(device)->flags & CAPABILITY_DEVICE))
		device++;
	user_slots(1);
	ANSWERS(OK, used, UNTYPED_CREATE, KIND_ENDPOINT, 0, 1);
	ANSWERS(ERROR_BAD_HANDLE, space, SPACE_FEED, 4000);
	ANSWERS(ERROR_WRONG_KIND, space, SPACE_FEED, BOOT_THREAD);
	ANSWERS(ERROR_WRONG_KIND, space, SPACE_FEED, device);
	ANSWERS(ERROR_BAD_ARGUMENT, space, SPACE_FEED, small);
	ANSWERS(ERROR_BUSY, space, SPACE_FEED, used);
	ANSWERS(ERROR_NO_RIGHTS, no_right, SPACE_FEED, used);
}

static void slots(void)
{
	handle_t badged = user_derive(user_make(KIND_NOTIFICATION, 0), RIGHT_SIGNAL | SPACE_BADGE, 0x30), child;

	ANSWERS(OK, BOOT_SPACE, SPACE_SLOT, badged);
	CHECK(last.w[0] == KIND_NOTIFICATION && last.w[1] == RIGHT_SIGNAL && last.w[2] == 0x30 && !last.w[3] && !last.w[4]);
	child = user_derive(badged, RIGHTS_ALL, 0);
	ANSWERS(OK, BOOT_SPACE, SPACE_SLOT, badged);
	CHECK(last.w[3] == 1);
	ANSWERS(OK, BOOT_SPACE, SPACE_SLOT, BOOT_THREAD);
	CHECK(last.w[0] == KIND_THREAD && last.w[1] == RIGHTS_ALL && last.w[4] == 1);
	ANSWERS(OK, BOOT_SPACE, SPACE_SLOT, 4000);
	CHECK_EQUAL(last.w[0], KIND_NONE);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SPACE, SPACE_SLOT, 4096);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, badged);
	CHECK(!user_capability(child) && !user_capability(badged));
	ANSWERS(ERROR_BAD_HANDLE, BOOT_SPACE, SPACE_DELETE, badged);
	ANSWERS(ERROR_BAD_HANDLE, BOOT_SPACE, SPACE_REVOKE, badged);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SPACE, 99, 0);
}

/* A Space with everything in it goes, and all memory comes back. */
static void tear_down(void)
{
	handle_t part = user_make(KIND_UNTYPED, 1 << 20), space = user_slots(1), pool, memory, endpoint;

	ANSWERS(OK, part, UNTYPED_CREATE, KIND_SPACE, 300, 1);
	pool = user_slots(1);
	ANSWERS(OK, part, UNTYPED_CREATE, KIND_UNTYPED, 1 << 17, 1);
	ANSWERS(OK, space, SPACE_FEED, pool);
	memory = user_slots(1);
	ANSWERS(OK, part, UNTYPED_CREATE, KIND_MEMORY, 20 * PAGE_SIZE, 1);
	endpoint = user_slots(1);
	ANSWERS(OK, part, UNTYPED_CREATE, KIND_ENDPOINT, 0, 1);
	for (word_t slot = 1; slot < 300; slot += 13)
		ANSWERS(OK, space, SPACE_DERIVE, slot % 2 ? endpoint : memory, slot, RIGHTS_ALL);
	ANSWERS(OK, space, SPACE_DERIVE, space, 299, RIGHTS_ALL);
	ANSWERS(OK, space, SPACE_MAP, memory, 0x800000, RIGHT_READ);
	ANSWERS(OK, space, SPACE_MOVE, endpoint, 298);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, space);
	CHECK(!user_capability(space));
	ANSWERS(ERROR_BUSY, part, UNTYPED_RESET, 0); /* the Memory */
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, memory);
	CHECK(!user_capability(part)->child);
	ANSWERS(OK, part, UNTYPED_RESET, 0);
}

/* Revoking an ancestor of what was fed destroys the Space. */
static void feed_revoked(void)
{
	handle_t part = user_make(KIND_UNTYPED, 1 << 18), space = user_make(KIND_SPACE, 64), inner = user_slots(1);
	struct user_thread u;

	ANSWERS(OK, part, UNTYPED_CREATE, KIND_UNTYPED, 1 << 16, 1);
	ANSWERS(OK, space, SPACE_FEED, inner);
	u = user_start(space, 10, HANDLE_NONE, HANDLE_NONE);
	CHECK(u.t->space == user_object(space) && u.t->state == THREAD_READY);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, part);
	CHECK(!user_capability(part)->child && !user_capability(space) && !u.t->space && u.t->state == THREAD_STOPPED);
	ANSWERS(OK, part, UNTYPED_RESET, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_RESUME, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_START, 0);
}

/* A component that deletes its own Space is gone; the operation is finished without it. */
static void suicide(void)
{
	handle_t space = user_make_space(64, 1 << 16);
	struct user_thread u = user_start(space, 200, HANDLE_NONE, HANDLE_NONE);

	CHECK(runs(u.t));
	CHECK_EQUAL(hosted_page_fault(0x1000, RIGHT_READ), END_RESUMED); /* nobody handles it: stopped */
	CHECK(runs(user.root));
	ANSWERS(OK, space, SPACE_DERIVE, space, 1, RIGHTS_ALL);
	ANSWERS(OK, BOOT_SPACE, SPACE_MOVE, space, 600);
	ANSWERS(OK, 600, SPACE_MOVE, 600, 2); /* its original lies in its own table now */
	ANSWERS(OK, u.handle, THREAD_RESUME, 0);
	CHECK(runs(u.t));
	CHECK_EQUAL(user_call(1, SPACE_DELETE, WORDS(2)), OK);
	CHECK(!last.done && runs(user.root) && u.t->state == THREAD_STOPPED && !u.t->space);
}

/* The root component deletes itself: nothing is left, and nothing breaks. */
static void root_suicide(void)
{
	user_call(BOOT_SPACE, SPACE_DELETE, WORDS(BOOT_SPACE));
	CHECK_EQUAL(hosted_core()->end, END_IDLE);
	hosted_wait();
	CHECK(!hosted_wait()); /* no timer is left */
}

static const struct test tests[] = {
	{"deriving", deriving},
	{"moving", moving},
	{"memory for the table", table_memory},
	{"feeding", feeding},
	{"slots", slots},
	{"tear-down", tear_down},
	{"a feed that is revoked", feed_revoked},
	{"a Space that deletes itself", suicide},
	{"a root component that deletes itself", root_suicide},
	{NULL, NULL},
};

const struct group space_group = {"space", START_ROOT, tests};
