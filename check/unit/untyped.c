/* SPDX-License-Identifier: BSD-2-Clause */
/* Untyped: creating, clearing, resetting. */
#include "unit.h"

#include <string.h>

#include "kernel/space.h"
#include "kernel/untyped.h"

static uint64_t base_of(handle_t handle)
{
	return capability_base(user_capability(handle));
}

static bool is_zero(handle_t memory)
{
	const unsigned char *at = hal_kernel_address(base_of(memory));
	size_t size = (size_t)user_capability(memory)->pages << PAGE_SHIFT;

	return !at[0] && !memcmp(at, at + 1, size - 1);
}

static void dirty(handle_t memory)
{
	memset(hal_kernel_address(base_of(memory)), 0xee, (size_t)user_capability(memory)->pages << PAGE_SHIFT);
}

static void every_kind(void)
{
	static const struct {
		enum kind kind;
		word_t parameter;
	} kinds[] = {
		{KIND_UNTYPED, 4096}, {KIND_MEMORY, 3 * PAGE_SIZE}, {KIND_SPACE, 100}, {KIND_THREAD, 0},
		{KIND_ENDPOINT, 0},   {KIND_NOTIFICATION, 0},       {KIND_CONTEXT, 0},
	};

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		handle_t first = user_slots(3);

		ANSWERS(OK, user.untyped, UNTYPED_CREATE, kinds[i].kind, kinds[i].parameter, 3);
		CHECK(last.w[0] == first && last.w[1] == 3 && tag_words(last.tag) == 2);
		for (unsigned n = 0; n < 3; n++) {
			const struct capability *c = user_capability(first + n);

			CHECK(capability_kind(c) == kinds[i].kind && c->flags & CAPABILITY_ORIGINAL && c->parent == user_capability(user.untyped));
			ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, first + n);
		}
	}
	ANSWERS(OK, user.untyped, UNTYPED_RESET, 0);
	ANSWERS(OK, user.untyped, UNTYPED_QUERY, 0);
	CHECK(last.w[0] == last.w[1] && last.w[2] == 0);
}

static void wrong_arguments(void)
{
	handle_t device = BOOT_UNTYPED;

	while (!(user_capability(device)->flags & CAPABILITY_DEVICE))
		device++;
	user_slots(1);
	ANSWERS(ERROR_BAD_ARGUMENT, user.untyped, UNTYPED_CREATE, KIND_COUNT, 0, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, user.untyped, UNTYPED_CREATE, KIND_NONE, 0, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, user.untyped, UNTYPED_CREATE, KIND_REPLY, 0, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, user.untyped, UNTYPED_CREATE, KIND_ENDPOINT, HAL_CORES_MAX, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, user.untyped, UNTYPED_CREATE, KIND_NOTIFICATION, HAL_CORES_MAX, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, user.untyped, UNTYPED_CREATE, KIND_CONTEXT, 1, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, user.untyped, UNTYPED_CREATE, KIND_ENDPOINT, 0, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, user.untyped, UNTYPED_CREATE, KIND_ENDPOINT, 0, CREATE_COUNT_MAX + 1);
	ANSWERS(ERROR_BAD_ARGUMENT, user.untyped, UNTYPED_CREATE, KIND_UNTYPED, 96, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, user.untyped, UNTYPED_CREATE, KIND_UNTYPED, 32, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, user.untyped, UNTYPED_CREATE, KIND_UNTYPED, (word_t)1 << 60, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, user.untyped, UNTYPED_CREATE, KIND_MEMORY, PAGE_SIZE + 1, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, user.untyped, UNTYPED_CREATE, KIND_MEMORY, 0, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, user.untyped, UNTYPED_CREATE, KIND_MEMORY, (word_t)1 << 44, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, user.untyped, UNTYPED_CREATE, KIND_SPACE, SPACE_HANDLES_MIN - 1, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, user.untyped, UNTYPED_CREATE, KIND_SPACE, SPACE_HANDLES_MAX + 1, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, user.untyped, UNTYPED_CREATE, KIND_MEMORY, PAGE_SIZE, 1, MEMORY_UNCACHED);
	ANSWERS(ERROR_BAD_ARGUMENT, user.untyped, UNTYPED_CREATE, KIND_MEMORY, PAGE_SIZE, 1, 3);
	ANSWERS(ERROR_BAD_ARGUMENT, user.untyped, UNTYPED_CREATE, KIND_ENDPOINT, 0, 1, MEMORY_DEVICE);
	ANSWERS(ERROR_BAD_ARGUMENT, device, UNTYPED_CREATE, KIND_MEMORY, PAGE_SIZE, 1, MEMORY_NORMAL);
	ANSWERS(ERROR_BAD_ARGUMENT, device, UNTYPED_CREATE, KIND_ENDPOINT, 0, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, device, UNTYPED_CREATE, KIND_UNTYPED, 64, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, user.untyped, 77, 0);
	CHECK_EQUAL(user_capability(user.untyped)->untyped.used, 0);
}

static void too_small(void)
{
	handle_t small = user_make(KIND_UNTYPED, 16384);

	user_slots(4);
	ANSWERS(ERROR_NO_MEMORY, small, UNTYPED_CREATE, KIND_MEMORY, 4 * PAGE_SIZE, 2);
	CHECK_EQUAL(last.w[0], 16384);
	ANSWERS(ERROR_NO_MEMORY, small, UNTYPED_CREATE, KIND_UNTYPED, 32768, 1);
	CHECK_EQUAL(last.w[0], 16384);
	ANSWERS(OK, small, UNTYPED_CREATE, KIND_MEMORY, 4 * PAGE_SIZE, 1);
	ANSWERS(OK, small, UNTYPED_QUERY, 0);
	CHECK_EQUAL(last.w[1], 0);
}

static void devices(void)
{
	handle_t device = BOOT_UNTYPED, memory, part;

	while (!(user_capability(device)->flags & CAPABILITY_DEVICE))
		device++;
	part = user_slots(1);
	ANSWERS(OK, device, UNTYPED_CREATE, KIND_UNTYPED, 64 * PAGE_SIZE, 1);
	CHECK(user_capability(part)->flags & CAPABILITY_DEVICE);
	memory = user_slots(2);
	ANSWERS(OK, part, UNTYPED_CREATE, KIND_MEMORY, PAGE_SIZE, 2, MEMORY_DEVICE);
	ANSWERS(OK, memory, MEMORY_QUERY, 0);
	CHECK(last.w[0] == PAGE_SIZE && last.w[2] == MEMORY_DEVICE && last.w[3] == 1);
	ANSWERS(OK, part, UNTYPED_QUERY, 0);
	CHECK(last.w[0] == 64 * PAGE_SIZE && last.w[1] == 62 * PAGE_SIZE && last.w[2] == 1);
	ANSWERS(ERROR_BUSY, part, UNTYPED_RESET, 0);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, part);
	ANSWERS(OK, part, UNTYPED_RESET, 0);
}

/* The largest device Untypeds count in units of more than a page. */
static void large_devices(void)
{
	struct capability huge = {.object = 0};
	uint64_t missing;

	untyped_make(&huge, NULL, 0, 48, true, true);
	CHECK_EQUAL(untyped_unit(&huge), 48 - MARK_BITS);
	CHECK_EQUAL(untyped_fit(&huge, PAGE_SIZE, PAGE_SIZE, &missing), 0);
	untyped_take(&huge, PAGE_SIZE);
	CHECK_EQUAL(untyped_fit(&huge, PAGE_SIZE, PAGE_SIZE, &missing), (uint64_t)1 << (48 - MARK_BITS));
}

static void windows(void)
{
	handle_t first = user_slots(4);
	struct buffer *buffer = user.root->buffer;

	user.buffer->handle_count = 1;
	ANSWERS(ERROR_WINDOW, user.untyped, UNTYPED_CREATE, KIND_ENDPOINT, 0, 2);
	user.buffer->handle_count = 0;
	ANSWERS(ERROR_WINDOW, user.untyped, UNTYPED_CREATE, KIND_ENDPOINT, 0, 1);
	user.buffer->handle_count = 4;
	user.buffer->handle_first = user.space->slots;
	ANSWERS(ERROR_WINDOW, user.untyped, UNTYPED_CREATE, KIND_ENDPOINT, 0, 1);
	user.buffer->handle_first = user.space->slots - 1;
	ANSWERS(ERROR_WINDOW, user.untyped, UNTYPED_CREATE, KIND_ENDPOINT, 0, 2);
	user.buffer->handle_first = HANDLE_NONE;
	ANSWERS(ERROR_WINDOW, user.untyped, UNTYPED_CREATE, KIND_ENDPOINT, 0, 1);
	user.buffer->handle_first = first;
	ANSWERS(OK, BOOT_SPACE, SPACE_DERIVE, BOOT_THREAD, first + 2, RIGHTS_ALL);
	ANSWERS(ERROR_WINDOW, user.untyped, UNTYPED_CREATE, KIND_ENDPOINT, 0, 3);
	ANSWERS(OK, user.untyped, UNTYPED_CREATE, KIND_ENDPOINT, 0, 2);
	user.root->buffer = NULL;
	hosted.after = NULL; /* a binding without its buffer */
	ANSWERS(ERROR_WINDOW, user.untyped, UNTYPED_CREATE, KIND_ENDPOINT, 0, 1);
	user.root->buffer = buffer;
}

/* New slots need a table block from the pool. */
static void window_memory(void)
{
	handle_t space = user_make_space(3 * TABLE_BLOCK_SLOTS, 4 * BLOCK_SIZE), endpoints;
	struct user_thread u;
	struct space *s = user_object(space);

	u = user_start(space, 1, HANDLE_NONE, HANDLE_NONE);
	endpoints = user_slots(1);
	ANSWERS(OK, user.untyped, UNTYPED_CREATE, KIND_UNTYPED, 1 << 16, 1);
	ANSWERS(OK, space, SPACE_MOVE, endpoints, 1);
	ANSWERS(OK, BOOT_THREAD, THREAD_PRIORITY, 0, BOOT_CONTEXT);
	CHECK(runs(u.t));
	u.buffer->handle_first = TABLE_BLOCK_SLOTS - 1;
	u.buffer->handle_count = 64;
	ANSWERS(OK, 1, UNTYPED_CREATE, KIND_ENDPOINT, 0, 2);
	CHECK_EQUAL(s->pool.blocks, 1);
	u.buffer->handle_first = 2 * TABLE_BLOCK_SLOTS - 1;
	ANSWERS(OK, 1, UNTYPED_CREATE, KIND_ENDPOINT, 0, 2);
	CHECK_EQUAL(s->pool.blocks, 0);
	CHECK(s->directory[0] && s->directory[1] && s->directory[2]);
}

static void window_without_memory(void)
{
	handle_t space = user_make_space(3 * TABLE_BLOCK_SLOTS, 2 * BLOCK_SIZE), untyped = user_make(KIND_UNTYPED, 1 << 16);
	struct user_thread u = user_start(space, 1, HANDLE_NONE, HANDLE_NONE);

	ANSWERS(OK, space, SPACE_MOVE, untyped, 1);
	ANSWERS(OK, BOOT_THREAD, THREAD_PRIORITY, 0, BOOT_CONTEXT);
	CHECK(runs(u.t));
	u.buffer->handle_first = TABLE_BLOCK_SLOTS - 1;
	u.buffer->handle_count = 64;
	ANSWERS(ERROR_NO_MEMORY, 1, UNTYPED_CREATE, KIND_ENDPOINT, 0, 2);
	CHECK_EQUAL(last.w[0], BLOCK_SIZE);
	ANSWERS(OK, 1, UNTYPED_CREATE, KIND_ENDPOINT, 0, 1);
}

/* What is given out is zero, whatever was there before and whoever had it. */
static void cleared(void)
{
	handle_t part = user_make(KIND_UNTYPED, 1 << 20), inner, memory[3];

	for (unsigned round = 0; round < 3; round++) {
		inner = user_slots(1);
		ANSWERS(OK, part, UNTYPED_CREATE, KIND_UNTYPED, 1 << 18, 1);
		for (unsigned i = 0; i < 3; i++) {
			memory[i] = user_slots(1);
			ANSWERS(OK, i == 1 ? inner : part, UNTYPED_CREATE, KIND_MEMORY, (3 + round) * PAGE_SIZE, 1);
			CHECK(is_zero(memory[i]));
			dirty(memory[i]);
		}
		ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, memory[1]);
		ANSWERS(OK, inner, UNTYPED_RESET, 0);
		user_slots(1);
		ANSWERS(OK, inner, UNTYPED_CREATE, KIND_NOTIFICATION, 0, 1);
		ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, part);
		ANSWERS(OK, part, UNTYPED_RESET, 0);
	}
}

/* A create that is preempted and then given up must not pass off what it skipped as cleared. */
static void preempted_and_given_up(void)
{
	handle_t part = user_make(KIND_UNTYPED, 1 << 21), done = user_make(KIND_NOTIFICATION, 0), thread;
	struct user_thread u = user_start(BOOT_SPACE, 200, HANDLE_NONE, HANDLE_NONE);

	user_ipc(u.t, HANDLE_NONE, done, 0, WORDS(0));
	user_slots(1);
	ANSWERS(OK, part, UNTYPED_CREATE, KIND_ENDPOINT, 0, 1);
	user_slots(1);
	ANSWERS(OK, done, NOTIFICATION_ARM, 1, (hosted.clock + 10) & UINT32_MAX, 0);
	hosted.interrupt_at = hosted.windows + 1;
	user_call(part, UNTYPED_CREATE, WORDS(KIND_MEMORY, 200 * PAGE_SIZE, 1));
	CHECK(runs(u.t) && user.root->pending == PENDING_CALL);
	CHECK(user_capability(part)->untyped.clean > user_capability(part)->untyped.used);
	ANSWERS(OK, BOOT_THREAD, THREAD_STOP, 0);
	thread = user_slots(1);
	u.buffer->handle_first = thread;
	u.buffer->handle_count = 1;
	ANSWERS(OK, part, UNTYPED_CREATE, KIND_THREAD, 0, 1);
	CHECK_EQUAL(((struct thread *)user_object(thread))->name, 0);
	CHECK_EQUAL(((struct thread *)user_object(thread))->binding[0].object, 0);
}

/* Untypeds in Untypeds, as deep as it goes. */
static void depth(void)
{
	handle_t outer = user_make(KIND_UNTYPED, 1 << 20), first = outer;

	for (unsigned i = 0; user_capability(outer)->depth + 1 < CAPABILITY_DEPTH_MAX; i++) {
		handle_t inner = user_slots(1);

		ANSWERS(OK, outer, UNTYPED_CREATE, KIND_UNTYPED, 1 << 20, 1);
		outer = inner;
	}
	user_slots(1);
	ANSWERS(ERROR_BAD_ARGUMENT, outer, UNTYPED_CREATE, KIND_ENDPOINT, 0, 1);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, first);
	ANSWERS(OK, first, UNTYPED_RESET, 0);
}

static const struct test tests[] = {
	{"every kind", every_kind},
	{"wrong arguments", wrong_arguments},
	{"too small", too_small},
	{"devices", devices},
	{"very large devices", large_devices},
	{"handle windows", windows},
	{"handle windows take memory", window_memory},
	{"handle windows without memory", window_without_memory},
	{"memory is cleared", cleared},
	{"a create that is preempted and given up", preempted_and_given_up},
	{"depth", depth},
	{NULL, NULL},
};

const struct group untyped_group = {"untyped", START_ROOT, tests};
