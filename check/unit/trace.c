/* SPDX-License-Identifier: BSD-2-Clause */
/* The trace: what a ring may be made of, what is written there, and how it ends. */
#include "unit.h"

#include "kernel/trace.h"

/* The ring in a Memory of the root component. */
static const struct trace_ring *ring_in(handle_t memory)
{
	return hal_kernel_address(capability_base(user_capability(memory)));
}

static const struct trace_event *last_event(handle_t memory)
{
	const struct trace_ring *ring = ring_in(memory);

	return &ring->event[(ring->head - 1) % ring->capacity];
}

static void arguments(void)
{
	handle_t memory = user_make(KIND_MEMORY, PAGE_SIZE), odd = user_make(KIND_MEMORY, 3 * PAGE_SIZE);
	handle_t weak = user_derive(BOOT_SYSTEM, RIGHTS_ALL & ~RIGHT_TRACE, 0), read = user_derive(memory, RIGHT_READ, 0);

	ANSWERS(ERROR_NO_RIGHTS, weak, SYSTEM_TRACE_ATTACH, 0, memory, 0);
	ANSWERS(ERROR_NO_RIGHTS, weak, SYSTEM_TRACE_DETACH, 0);
	ANSWERS(ERROR_NO_RIGHTS, weak, SYSTEM_TRACE_MASK, 0, 0);
	ANSWERS(ERROR_BAD_HANDLE, BOOT_SYSTEM, SYSTEM_TRACE_ATTACH, 0, 4000, 0);
	ANSWERS(ERROR_WRONG_KIND, BOOT_SYSTEM, SYSTEM_TRACE_ATTACH, 0, BOOT_SPACE, 0);
	ANSWERS(ERROR_NO_RIGHTS, BOOT_SYSTEM, SYSTEM_TRACE_ATTACH, 0, read, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_TRACE_ATTACH, 0, odd, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_TRACE_ATTACH, HAL_CORES_MAX, memory, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_TRACE_ATTACH, 0, memory, TRACE_ALL + 1);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_TRACE_MASK, 0, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_TRACE_DETACH, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_TRACE_DETACH, HAL_CORES_MAX);
	ANSWERS(OK, BOOT_SYSTEM, SYSTEM_TRACE_ATTACH, 0, memory, 0);
	ANSWERS(ERROR_BUSY, BOOT_SYSTEM, SYSTEM_TRACE_ATTACH, 0, memory, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_TRACE_MASK, 0, TRACE_ALL + 1);
	CHECK_EQUAL(ring_in(memory)->head, 0);
}

static void events(void)
{
	handle_t memory = user_make(KIND_MEMORY, PAGE_SIZE), n = user_make(KIND_NOTIFICATION, 0);
	const struct trace_ring *ring = ring_in(memory);

	user.root->name = 77;
	ANSWERS(OK, BOOT_SYSTEM, SYSTEM_TRACE_ATTACH, 0, memory, 1 << TRACE_SIGNAL);
	CHECK(ring->capacity == PAGE_SIZE / sizeof(struct trace_event) - 1 && ring->core == 0 && !ring->head);
	for (unsigned i = 0; i < 2 * ring->capacity; i++) {
		ANSWERS(OK, n, NOTIFICATION_SIGNAL, i + 1);
		CHECK_EQUAL(ring->head, i + 1);
	}
	CHECK(last_event(memory)->kind == TRACE_SIGNAL && last_event(memory)->name == 77 && last_event(memory)->code == 2 * ring->capacity);
	ANSWERS(OK, BOOT_SYSTEM, SYSTEM_TRACE_MASK, 0, 1 << TRACE_IPC);
	ANSWERS(OK, n, NOTIFICATION_SIGNAL, 1);
	CHECK(last_event(memory)->kind == TRACE_IPC && last_event(memory)->a == n && ring->head == 2 * ring->capacity + 1);
	ANSWERS(OK, BOOT_SYSTEM, SYSTEM_TRACE_DETACH, 0);
	ANSWERS(OK, n, NOTIFICATION_SIGNAL, 1);
	CHECK_EQUAL(ring->head, 2 * ring->capacity + 2);
}

static void switches(void)
{
	handle_t memory = user_make(KIND_MEMORY, PAGE_SIZE), n = user_make(KIND_NOTIFICATION, 0);
	struct user_thread u = user_start(BOOT_SPACE, 1, HANDLE_NONE, HANDLE_NONE);

	user.root->name = 1;
	u.t->name = 2;
	ANSWERS(OK, BOOT_SYSTEM, SYSTEM_TRACE_ATTACH, 0, memory, 1 << TRACE_SWITCH);
	user_ipc(user.root, HANDLE_NONE, n, 0, WORDS(0));
	CHECK(runs(u.t) && last_event(memory)->name == 1 && last_event(memory)->other == 2 && last_event(memory)->code == TRACE_BLOCKED);
	user_call(n, NOTIFICATION_SIGNAL, WORDS(1));
	CHECK(runs(user.root) && last_event(memory)->name == 2 && last_event(memory)->other == 1 && last_event(memory)->code == TRACE_PREEMPTED);
	ANSWERS(OK, u.handle, THREAD_STOP, 0);
	user_ipc(user.root, HANDLE_NONE, n, 0, WORDS(0));
	CHECK(last_event(memory)->name == 1 && last_event(memory)->a == 0);
	CHECK_EQUAL(ring_in(memory)->head, 3);
}

static void endings(void)
{
	handle_t memory = user_make(KIND_MEMORY, PAGE_SIZE), part;

	for (unsigned way = 0; way < 3; way++) {
		part = user_derive(memory, RIGHTS_ALL, 0);
		ANSWERS(OK, BOOT_SYSTEM, SYSTEM_TRACE_ATTACH, 0, part, TRACE_ALL);
		CHECK(trace_binding(0)->object);
		if (way == 0)
			ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, part);
		else if (way == 1)
			ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, part);
		else
			ANSWERS(OK, memory, MEMORY_REVOKE, 0, 0);
		CHECK(!trace_binding(0)->object && !core_self()->traced);
		ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_TRACE_MASK, 0, 0);
	}
}

static const struct test tests[] = {
	{"arguments", arguments},
	{"events", events},
	{"switches", switches},
	{"ways to end", endings},
	{NULL, NULL},
};
const struct group trace_group = {"trace", START_ROOT, tests};
