/* SPDX-License-Identifier: BSD-2-Clause */
/* Revoke and delete: every kind of derivation and object, whoever holds it, and oneself. */
#include "unit.h"

#include "kernel/context.h"
#include "kernel/revoke.h"
#include "kernel/space.h"

static const word_t AT = 0x800000;

/* A derivation of the handle in the root component's next slot. */
static handle_t below(handle_t handle)
{
	return user_derive(handle, RIGHTS_ALL, 0);
}

static void trees(void)
{
	handle_t top = user_make(KIND_NOTIFICATION, 0), left = below(top), right = below(top), deep = left;

	while (user_capability(deep)->depth + 1 < CAPABILITY_DEPTH_MAX)
		deep = below(deep);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SPACE, SPACE_DERIVE, deep, user.next, RIGHTS_ALL);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, left);
	CHECK(user_capability(left) && !user_capability(left)->child && user_capability(right));
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, left); /* nothing to do */
	left = below(right);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, right);
	CHECK(!user_capability(left) && !user_capability(right));
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, top);
	CHECK(user_capability(top) && !user_capability(top)->child);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, top);
	ANSWERS(ERROR_BAD_HANDLE, BOOT_SPACE, SPACE_DELETE, top);
	ANSWERS(ERROR_BAD_HANDLE, BOOT_SPACE, SPACE_REVOKE, 4095);
	ANSWERS(ERROR_NO_RIGHTS, user_derive(BOOT_SPACE, RIGHT_MAP, 0), SPACE_REVOKE, BOOT_CONTEXT);
}

/* Whatever an Untyped was made into vanishes with it; then it is as it was. */
static void everything(void)
{
	handle_t part = user_make(KIND_UNTYPED, 1 << 20), space, memory, inner;

	space = user_slots(1);
	ANSWERS(OK, part, UNTYPED_CREATE, KIND_SPACE, 64, 1);
	inner = user_slots(1);
	ANSWERS(OK, part, UNTYPED_CREATE, KIND_UNTYPED, 1 << 16, 1);
	ANSWERS(OK, space, SPACE_FEED, inner);
	memory = user_slots(1);
	ANSWERS(OK, part, UNTYPED_CREATE, KIND_MEMORY, 4 * PAGE_SIZE, 1);
	ANSWERS(OK, space, SPACE_MAP, memory, AT, RIGHT_READ);
	ANSWERS(OK, BOOT_SPACE, SPACE_MAP, memory, AT, RIGHT_WRITE);
	ANSWERS(OK, memory, MEMORY_MAP, BOOT_SPACE, AT + 8 * PAGE_SIZE, RIGHT_WRITE);
	for (enum kind kind = KIND_THREAD; kind <= KIND_CONTEXT; kind++) {
		user_slots(1);
		if (kind != KIND_REPLY)
			ANSWERS(OK, part, UNTYPED_CREATE, kind, 0, 1);
	}
	inner = user_slots(1);
	ANSWERS(OK, BOOT_SYSTEM, SYSTEM_INTERRUPT, part, 1, 1, 7);
	ANSWERS(OK, space, SPACE_MOVE, inner, 3);
	ANSWERS(ERROR_BUSY, part, UNTYPED_RESET, 0);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, part);
	CHECK(!user_capability(part)->child && !teardown_first());
	ANSWERS(OK, part, UNTYPED_RESET, 0);
	ANSWERS(OK, part, UNTYPED_QUERY, 0);
	CHECK(last.w[0] == 1 << 20 && last.w[1] == 1 << 20);
	user_slots(1);
	ANSWERS(OK, BOOT_SYSTEM, SYSTEM_INTERRUPT, part, 1, 1, 7); /* free again */
}

/* A thread ends itself: its own capability, its Space's, its context's, the Untyped that it came from. */
static void oneself(void)
{
	for (unsigned what = 0; what < 4; what++) {
		handle_t space = user_make_space(64, 1 << 16), part = user_make(KIND_UNTYPED, 1 << 16), thread = user_slots(1);
		handle_t context = user_make(KIND_CONTEXT, 0), victims[] = {thread, space, context, part};
		struct thread *t;

		user.buffer->handle_first = thread;
		ANSWERS(OK, part, UNTYPED_CREATE, KIND_THREAD, 0, 1);
		t = user_object(thread);
		ANSWERS(OK, space, SPACE_DERIVE, BOOT_SPACE, 1, RIGHTS_ALL);
		ANSWERS(OK, thread, THREAD_CONFIGURE, CONFIGURE_SPACE | CONFIGURE_CONTEXT, space, 0, 0, context);
		ANSWERS(OK, thread, THREAD_PRIORITY, 200, BOOT_CONTEXT);
		ANSWERS(OK, thread, THREAD_START, USER_IP, USER_SP);
		CHECK(runs(t));
		user_ipc(t, 1, HANDLE_NONE, tag_make(what == 3 ? SPACE_REVOKE : SPACE_DELETE, 1, 0), WORDS(victims[what]));
		CHECK(runs(user.root));
		CHECK((what == 3) == (user_capability(victims[what]) != NULL) && !teardown_first());
		for (unsigned i = 0; i < 4; i++)
			user_call(BOOT_SPACE, SPACE_DELETE, WORDS(victims[i]));
		CHECK(!user_capability(part));
	}
}

/* An Untyped with memory of a pool: revoking it ends the Space; FP memory and interrupts go, too. */
static void bindings(void)
{
	handle_t fpu = user_make(KIND_UNTYPED, 64), irq = user_slots(1), n, buffer, part;
	struct user_thread u;

	ANSWERS(OK, BOOT_SYSTEM, SYSTEM_INTERRUPT, user.untyped, 1, 1, 9);
	n = user_make(KIND_NOTIFICATION, 0);
	part = below(n);
	ANSWERS(OK, irq, INTERRUPT_BIND, part, 1);
	u = user_start(BOOT_SPACE, 50, HANDLE_NONE, HANDLE_NONE);
	ANSWERS(OK, u.handle, THREAD_STOP, 0);
	ANSWERS(OK, u.handle, THREAD_FPU, fpu);
	ANSWERS(OK, part, NOTIFICATION_BIND, u.handle);
	buffer = u.memory;
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, buffer);
	CHECK(!u.t->buffer);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, part);
	CHECK(!u.t->binding[BIND_NOTIFICATION].object && user_capability(n));
	ANSWERS(ERROR_BAD_ARGUMENT, irq, INTERRUPT_UNBIND, 0);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, u.handle); /* the FP memory is back in the Untyped that it came from */
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, irq);
}

/* Deleting what a Reply lies in answers its caller with an error; deleting the caller leaves a Reply without one. */
static void replies(void)
{
	handle_t e = user_make(KIND_ENDPOINT, 0), space = user_make_space(64, 1 << 16), slot;
	struct user_thread server = user_start(BOOT_SPACE, 210, HANDLE_NONE, HANDLE_NONE), client;

	user_ipc(server.t, HANDLE_NONE, e, 0, WORDS(0));
	client = user_start(BOOT_SPACE, 200, HANDLE_NONE, HANDLE_NONE);
	user_ipc(client.t, e, HANDLE_NONE, TAG_CALL, WORDS(0));
	slot = user_slots(1);
	ANSWERS(OK, server.handle, THREAD_SAVE_REPLY, slot);
	ANSWERS(OK, space, SPACE_MOVE, slot, 7);
	CHECK(client.t->reply_place == space_lookup(user_object(space), 7));
	user_ipc(server.t, HANDLE_NONE, e, 0, WORDS(0));
	CHECK(runs(user.root));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, space);
	CHECK(runs(client.t));
	CHECK_EQUAL(user_result(client.t).status, status_make(ERROR_GONE, PHASE_RECEIVE, 0));
	user_ipc(client.t, e, HANDLE_NONE, TAG_CALL, WORDS(0));
	CHECK(runs(server.t));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, client.handle);
	CHECK(server.t->reply.object == KIND_REPLY);
	user_ipc(server.t, HANDLE_REPLY, e, 0, WORDS(0));
	CHECK(runs(user.root) && !server.t->reply.object);
}

/* The root of all: what the kernel made at boot can be revoked like everything else. */
static void boot_objects(void)
{
	handle_t below_system = below(BOOT_SYSTEM), untyped = user_make(KIND_UNTYPED, 64);

	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, BOOT_SYSTEM);
	CHECK(!user_capability(below_system));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, untyped);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, BOOT_SYSTEM);
	ANSWERS(ERROR_BAD_HANDLE, BOOT_SYSTEM, SYSTEM_INFO, 0);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, user.untyped);
	user_call(BOOT_SPACE, SPACE_DELETE, WORDS(BOOT_CONTEXT));
	CHECK_EQUAL(hosted_core()->end, END_IDLE); /* it deleted what it ran on */
}

static const struct test tests[] = {
	{"trees", trees},
	{"everything of an Untyped", everything},
	{"oneself", oneself},
	{"bindings", bindings},
	{"Replies", replies},
	{"objects of the boot", boot_objects},
	{NULL, NULL},
};

const struct group revoke_group = {"revoke", START_ROOT, tests};
