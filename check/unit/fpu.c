/* SPDX-License-Identifier: BSD-2-Clause */
/* FP state: kept per thread, moved only when somebody else uses it, hidden from other Spaces. */
#include "unit.h"

#include "kernel/fpu.h"
#include "kernel/schedule.h"

/* A thread with FP state (or without), stopped, in that Space. */
static struct user_thread make(handle_t space, bool state)
{
	handle_t memory = user_make(KIND_UNTYPED, 64);
	struct user_thread u = user_start(space, 100, HANDLE_NONE, HANDLE_NONE);

	ANSWERS(OK, u.handle, THREAD_STOP, 0);
	if (state)
		ANSWERS(OK, u.handle, THREAD_FPU, memory);
	ANSWERS(OK, u.handle, THREAD_PRIORITY, 1, BOOT_CONTEXT);
	return u;
}

/* The thread runs; what it finds in the FP registers, or ~0: it has no access. Then it writes `value`, and the root component runs. */
static uint64_t turn(const struct user_thread *u, uint64_t value)
{
	uint64_t *registers, found = ~(uint64_t)0;
	handle_t alarm = user_make(KIND_NOTIFICATION, 0);

	ANSWERS(OK, u->handle, THREAD_PRIORITY, 100, BOOT_CONTEXT);
	if (u->t->state == THREAD_STOPPED)
		ANSWERS(OK, u->handle, THREAD_RESUME, 0);
	ANSWERS(OK, alarm, NOTIFICATION_ARM, 1, hosted.clock + 1, 0, 0);
	user_ipc(user.root, HANDLE_NONE, alarm, 0, WORDS(0));
	CHECK(runs(u->t));
	registers = hosted_fpu();
	if (registers) {
		found = registers[0] == registers[1] ? registers[0] : 77;
		registers[0] = registers[1] = value;
	}
	hosted_pass(1);
	CHECK(runs(user.root));
	user_result(user.root);
	ANSWERS(OK, u->handle, THREAD_PRIORITY, 1, BOOT_CONTEXT);
	return found;
}

static void errors(void)
{
	handle_t small = user_make(KIND_UNTYPED, 64), used = user_make(KIND_UNTYPED, 4096), big = user_make(KIND_UNTYPED, 1 << 17), device = BOOT_UNTYPED;
	struct user_thread u = make(BOOT_SPACE, false);

	while (!(user_capability(device)->flags & CAPABILITY_DEVICE))
		device++;
	user_slots(1);
	ANSWERS(OK, used, UNTYPED_CREATE, KIND_ENDPOINT, 0, 1);
	ANSWERS(ERROR_BUSY, u.handle, THREAD_FPU, used);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_FPU, big);
	ANSWERS(ERROR_WRONG_KIND, u.handle, THREAD_FPU, device);
	ANSWERS(ERROR_WRONG_KIND, u.handle, THREAD_FPU, BOOT_THREAD);
	ANSWERS(OK, u.handle, THREAD_FPU, HANDLE_NONE); /* none to take away */
	ANSWERS(OK, u.handle, THREAD_FPU, small);
	CHECK(!user_capability(small));
	ANSWERS(ERROR_BUSY, u.handle, THREAD_FPU, user_make(KIND_UNTYPED, 64));
	ANSWERS(OK, u.handle, THREAD_FPU, HANDLE_NONE);
	ANSWERS(OK, u.handle, THREAD_RESUME, 0);
	ANSWERS(ERROR_BUSY, u.handle, THREAD_FPU, HANDLE_NONE);
}

/* ~0: no access; the registers of another one are neither seen nor lost. */
static void switches(void)
{
	handle_t space = user_make_space(64, 1 << 16);
	struct user_thread a = make(BOOT_SPACE, true), b = make(BOOT_SPACE, true), none = make(BOOT_SPACE, false), far = make(space, false),
			   other = make(space, true);

	CHECK_EQUAL(turn(&none, 1), ~(uint64_t)0);
	CHECK_EQUAL(turn(&a, 10), 0);
	CHECK_EQUAL(turn(&none, 1), ~(uint64_t)0); /* the same Space: it is switched off, nothing moves */
	CHECK(core_self()->fpu_owner == a.t);
	CHECK_EQUAL(turn(&a, 11), 10);
	CHECK_EQUAL(turn(&b, 20), 0);
	CHECK_EQUAL(turn(&a, 12), 11);
	CHECK_EQUAL(turn(&far, 1), ~(uint64_t)0); /* another Space: nothing stays behind */
	CHECK(!core_self()->fpu_owner);
	CHECK_EQUAL(turn(&other, 30), 0);
	CHECK_EQUAL(turn(&b, 21), 20);
	CHECK_EQUAL(turn(&other, 31), 30);
	CHECK_EQUAL(turn(&a, 13), 12);
	ANSWERS(OK, a.handle, THREAD_STOP, 0);
	CHECK(!core_self()->fpu_owner);
	CHECK_EQUAL(turn(&a, 14), 13);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, a.handle);
	CHECK(!core_self()->fpu_owner);
	CHECK_EQUAL(turn(&b, 0), 21);
}

/* The memory goes while the registers hold the state. */
static void revoked(void)
{
	handle_t part = user_make(KIND_UNTYPED, 4096), memory = user_slots(1);
	struct user_thread u = make(BOOT_SPACE, false);

	user.buffer->handle_first = memory;
	ANSWERS(OK, part, UNTYPED_CREATE, KIND_UNTYPED, 64, 1);
	ANSWERS(OK, u.handle, THREAD_FPU, memory);
	CHECK_EQUAL(turn(&u, 5), 0);
	CHECK(core_self()->fpu_owner == u.t);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, part);
	CHECK(!core_self()->fpu_owner && !u.t->binding[BIND_FPU].object);
	CHECK_EQUAL(turn(&u, 1), ~(uint64_t)0);
}

static const struct test tests[] = {
	{"errors", errors},
	{"switches", switches},
	{"memory that is revoked", revoked},
	{NULL, NULL},
};

const struct group fpu_group = {"fpu", START_ROOT, tests};
