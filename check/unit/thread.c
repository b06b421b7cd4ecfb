/* SPDX-License-Identifier: BSD-2-Clause */
/* Thread: configuring, running, registers. */
#include "unit.h"

#include <string.h>

#include "kernel/context.h"
#include "kernel/schedule.h"
#include "kernel/space.h"

static void configuring(void)
{
	handle_t thread = user_make(KIND_THREAD, 0), context = user_make(KIND_CONTEXT, 0), endpoint = user_make(KIND_ENDPOINT, 0);
	handle_t memory = user_make(KIND_MEMORY, 2 * PAGE_SIZE), weak;
	struct thread *t = user_object(thread);

	CHECK(t->state == THREAD_STOPPED && !t->space);
	ANSWERS(ERROR_BAD_ARGUMENT, thread, THREAD_START, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, thread, THREAD_RESUME, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, thread, THREAD_CONFIGURE, 32);
	ANSWERS(ERROR_BAD_HANDLE, thread, THREAD_CONFIGURE, CONFIGURE_SPACE, 4000);
	ANSWERS(ERROR_WRONG_KIND, thread, THREAD_CONFIGURE, CONFIGURE_SPACE, endpoint);
	ANSWERS(ERROR_WRONG_KIND, thread, THREAD_CONFIGURE, CONFIGURE_PAGER, 0, thread);
	weak = user_derive(BOOT_SPACE, RIGHT_MAP, 0);
	ANSWERS(ERROR_NO_RIGHTS, thread, THREAD_CONFIGURE, CONFIGURE_SPACE, weak);
	weak = user_derive(endpoint, RIGHT_RECEIVE, 0);
	ANSWERS(ERROR_NO_RIGHTS, thread, THREAD_CONFIGURE, CONFIGURE_HANDLER, 0, 0, weak);
	ANSWERS(ERROR_BUSY, thread, THREAD_CONFIGURE, CONFIGURE_CONTEXT, 0, 0, 0, BOOT_CONTEXT);
	weak = user_derive(memory, RIGHT_READ, 0);
	ANSWERS(ERROR_NO_RIGHTS, thread, THREAD_CONFIGURE, CONFIGURE_BUFFER, 0, 0, 0, 0, weak);
	ANSWERS(OK, thread, THREAD_CONFIGURE, CONFIGURE_ALL, BOOT_SPACE, endpoint, endpoint, context, memory);
	CHECK(t->space == user.space && t->buffer == hal_kernel_address(capability_base(user_capability(memory))));
	CHECK(t->active == user_object(context) && t->active->owner == t);
	ANSWERS(OK, thread, THREAD_CONFIGURE, CONFIGURE_CONTEXT, 0, 0, 0, context); /* again the same */
	ANSWERS(OK, thread, THREAD_CONFIGURE, CONFIGURE_PAGER | CONFIGURE_BUFFER | CONFIGURE_CONTEXT, 0);
	CHECK(!t->buffer && !t->active && !t->binding[BIND_PAGER].object && t->binding[BIND_HANDLER].object);
	ANSWERS(OK, thread, THREAD_START, USER_IP, USER_SP, 9);
	CHECK(t->state == THREAD_READY && !t->ready_queued && t->frame.reg[REGISTER_TO] == 9);
	ANSWERS(ERROR_BUSY, thread, THREAD_CONFIGURE, CONFIGURE_PAGER, 0, endpoint);
	ANSWERS(ERROR_BUSY, thread, THREAD_START, 0);
	ANSWERS(ERROR_BUSY, thread, THREAD_RESUME, 0);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, thread);
}

/* A message of seven words: the offset of the buffer. */
static enum error configure_buffer(handle_t thread, handle_t memory, word_t offset)
{
	return status_error(user_ipc(user.root, thread, HANDLE_NONE, tag_make(THREAD_CONFIGURE, 7, 0),
				     WORDS(CONFIGURE_BUFFER, 0, 0, 0, 0, memory, offset)).status);
}

static void buffers(void)
{
	handle_t thread = user_make(KIND_THREAD, 0), memory = user_make(KIND_MEMORY, 2 * PAGE_SIZE), device = BOOT_UNTYPED, registers;
	struct thread *t = user_object(thread);

	while (!(user_capability(device)->flags & CAPABILITY_DEVICE))
		device++;
	registers = user_slots(1);
	ANSWERS(OK, device, UNTYPED_CREATE, KIND_MEMORY, PAGE_SIZE, 1, MEMORY_DEVICE);
	CHECK_EQUAL(configure_buffer(thread, registers, 0), ERROR_WRONG_KIND);
	CHECK_EQUAL(configure_buffer(thread, memory, 512), ERROR_BAD_ARGUMENT);
	CHECK_EQUAL(configure_buffer(thread, memory, 2 * PAGE_SIZE), ERROR_BAD_ARGUMENT);
	CHECK_EQUAL(configure_buffer(thread, memory, PAGE_SIZE + 3 * BUFFER_ALIGN), OK);
	CHECK((char *)t->buffer == (char *)hal_kernel_address(capability_base(user_capability(memory))) + PAGE_SIZE + 3 * BUFFER_ALIGN);
	ANSWERS(OK, memory, MEMORY_REVOKE, 0, PAGE_SIZE);
	CHECK(t->buffer != NULL); /* the other page */
	ANSWERS(OK, memory, MEMORY_REVOKE, PAGE_SIZE, 0);
	CHECK(!t->buffer);
}

/* Revoking what is bound undoes the binding. */
static void revoked_bindings(void)
{
	handle_t endpoint = user_make(KIND_ENDPOINT, 0);
	struct user_thread u = user_start(BOOT_SPACE, 10, endpoint, endpoint);

	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, endpoint);
	CHECK(!u.t->binding[BIND_PAGER].object && !u.t->binding[BIND_HANDLER].object && u.t->state == THREAD_READY);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, u.context);
	CHECK(!u.t->active && !u.t->ready_queued && u.t->state == THREAD_READY);
	ANSWERS(OK, u.handle, THREAD_STOP, 0);
	ANSWERS(OK, u.handle, THREAD_CONFIGURE, CONFIGURE_CONTEXT, 0, 0, 0, u.context);
	ANSWERS(OK, u.handle, THREAD_RESUME, 0);
	CHECK(u.t->ready_queued);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, u.context);
	CHECK(!u.t->active);
}

static void priorities(void)
{
	struct user_thread a = user_start(BOOT_SPACE, 10, HANDLE_NONE, HANDLE_NONE), b = user_start(BOOT_SPACE, 10, HANDLE_NONE, HANDLE_NONE);
	handle_t weak;

	ANSWERS(ERROR_BAD_ARGUMENT, a.handle, THREAD_PRIORITY, 256, BOOT_CONTEXT);
	ANSWERS(ERROR_NO_RIGHTS, a.handle, THREAD_PRIORITY, 1, a.context); /* its ceiling is 0 */
	ANSWERS(ERROR_WRONG_KIND, a.handle, THREAD_PRIORITY, 1, BOOT_THREAD);
	weak = user_derive(BOOT_CONTEXT, RIGHT_BIND, 0);
	ANSWERS(ERROR_NO_RIGHTS, a.handle, THREAD_PRIORITY, 1, weak);
	weak = user_derive(a.handle, RIGHT_CONTROL, 0);
	ANSWERS(ERROR_NO_RIGHTS, weak, THREAD_PRIORITY, 1, BOOT_CONTEXT);
	ANSWERS(OK, b.handle, THREAD_PRIORITY, 129, BOOT_CONTEXT);
	CHECK(runs(b.t) && user.root->ready_queued);
	user_call(b.handle, THREAD_PRIORITY, WORDS(10, BOOT_CONTEXT));
	CHECK(runs(user.root));
	ANSWERS(OK, b.handle, THREAD_QUERY, 0);
	CHECK(last.w[0] == THREAD_READY && last.w[1] == 10 && last.w[2] == 10 && last.w[3] == USER_IP + TRAP_SIZE && last.w[4] == USER_SP);
	ANSWERS(OK, BOOT_THREAD, THREAD_PRIORITY, 0, BOOT_CONTEXT);
	CHECK(runs(b.t)); /* it did not use its turn up */
}

static void yielding(void)
{
	struct user_thread a = user_start(BOOT_SPACE, 200, HANDLE_NONE, HANDLE_NONE), b;

	user_call(BOOT_CONTEXT, CONTEXT_QUERY, WORDS(0));
	CHECK(runs(a.t));
	ANSWERS(OK, a.handle, THREAD_PRIORITY, 128, BOOT_CONTEXT);
	CHECK(runs(a.t)); /* a turn does not end by a lower priority alone */
	user_ipc(a.t, HANDLE_NONE, HANDLE_NONE, 0, WORDS(0));
	CHECK(runs(user.root));
	b = user_start(BOOT_SPACE, 128, HANDLE_NONE, HANDLE_NONE);
	user_ipc(user.root, HANDLE_NONE, HANDLE_NONE, 0, WORDS(0));
	CHECK(runs(a.t));
	hosted_pass(HOSTED_FREQUENCY / 100); /* its slice is over */
	CHECK(runs(b.t));
	hosted_pass(HOSTED_FREQUENCY / 100);
	CHECK(runs(user.root));
}

static void registers(void)
{
	struct user_thread u = user_start(BOOT_SPACE, 10, HANDLE_NONE, HANDLE_NONE);
	struct hal_frame *f = &u.t->frame;
	struct answer a;

	ANSWERS(ERROR_BUSY, u.handle, THREAD_READ, REGISTERS_GENERAL, 0, 3);
	ANSWERS(OK, u.handle, THREAD_STOP, 0);
	ANSWERS(OK, u.handle, THREAD_READ, REGISTERS_GENERAL, REGISTER_IP, 2);
	CHECK(last.w[0] == USER_IP && last.w[1] == USER_SP && tag_words(last.tag) == 2);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_READ, REGISTERS_GENERAL, 0, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_READ, REGISTERS_GENERAL, 0, REGISTERS_GENERAL_COUNT + 1);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_READ, REGISTERS_GENERAL, REGISTERS_GENERAL_COUNT, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_READ, REGISTERS_GENERAL, UINT64_MAX, 2);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_READ, 77, 0, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_READ, REGISTERS_GENERAL, 0, 59);
	for (unsigned i = MESSAGE_REGISTERS; i < 3 + REGISTERS_GENERAL_COUNT; i++)
		user.buffer->word[i] = 100 + i;
	a = user_ipc(user.root, u.handle, HANDLE_NONE, tag_make(THREAD_WRITE, 3 + REGISTERS_GENERAL_COUNT, 0),
		     WORDS(REGISTERS_GENERAL, 0, REGISTERS_GENERAL_COUNT, 103, 104, 105, 106, 107));
	CHECK_EQUAL(status_error(a.status), OK);
	for (unsigned i = 0; i < REGISTERS_GENERAL_COUNT; i++)
		CHECK_EQUAL(f->reg[i], 103 + i);
	ANSWERS(OK, u.handle, THREAD_READ, REGISTERS_GENERAL, 0, REGISTERS_GENERAL_COUNT);
	CHECK(tag_words(last.tag) == REGISTERS_GENERAL_COUNT && last.w[5] == 108 && user.buffer->word[15] == 118);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_WRITE, REGISTERS_GENERAL, 0, 6, 1, 1, 1, 1, 1); /* six, but five are there */
	ANSWERS(OK, u.handle, THREAD_WRITE, REGISTERS_GENERAL, REGISTER_SP, 5, 1, 2, 3, 4, 5);
	CHECK(f->reg[REGISTER_SP] == 1 && f->reg[REGISTER_TO] == 3 && f->full);
}

/* A thread in a blocked call shows where it is and no rubbish; it cannot be written. */
static void blocked_registers(void)
{
	handle_t endpoint = user_make(KIND_ENDPOINT, 0);
	struct user_thread u = user_start(BOOT_SPACE, 200, HANDLE_NONE, HANDLE_NONE);

	user_ipc(u.t, endpoint, HANDLE_NONE, TAG_CALL, WORDS(7));
	CHECK(runs(user.root) && u.t->state == THREAD_SENDING);
	ANSWERS(OK, u.handle, THREAD_READ, REGISTERS_GENERAL, REGISTER_IPC_COUNT, 2);
	CHECK(!last.w[0] && !last.w[1]);
	ANSWERS(ERROR_BUSY, u.handle, THREAD_WRITE, REGISTERS_GENERAL, 0, 1, 0);
	ANSWERS(ERROR_BUSY, u.handle, THREAD_POINTER, 5);
	ANSWERS(OK, u.handle, THREAD_ABORT, 0);
	CHECK(runs(u.t));
	CHECK_EQUAL(user_result(u.t).status, status_make(ERROR_ABORTED, PHASE_SEND, 0));
	ANSWERS(OK, u.handle, THREAD_ABORT, 0); /* of a running thread: nothing */
	ANSWERS(OK, u.handle, THREAD_POINTER, 0x1234); /* its own */
	CHECK_EQUAL(u.t->frame.reg[REGISTER_POINTER], 0x1234);
	user_call(u.handle, THREAD_STOP, WORDS(0));
	CHECK(runs(user.root) && u.t->state == THREAD_STOPPED);
	ANSWERS(OK, u.handle, THREAD_POINTER, 0x77);
	CHECK_EQUAL(u.t->frame.reg[REGISTER_POINTER], 0x77);
	ANSWERS(OK, u.handle, THREAD_RESUME, 0);
	CHECK(runs(u.t) && user_result(u.t).status == OK); /* of its own stop */
}

static void names(void)
{
	struct user_thread u = user_start(BOOT_SPACE, 10, HANDLE_NONE, HANDLE_NONE);

	ANSWERS(OK, u.handle, THREAD_NAME, 0x1234, 0x5678);
	CHECK_EQUAL(u.t->name, 0x567800001234);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_NAME, (word_t)1 << 32, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_NAME, 0, (word_t)1 << 32);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_NO_TIME, 2);
	ANSWERS(OK, u.handle, THREAD_NO_TIME, 1);
	CHECK(u.t->no_time_fault);
}

static void saving_replies(void)
{
	handle_t endpoint = user_make(KIND_ENDPOINT, 0), slot = user_slots(1), small = user_make_space(300, 2 * BLOCK_SIZE);
	struct user_thread caller = user_start(BOOT_SPACE, 200, HANDLE_NONE, HANDLE_NONE), poor;

	user_ipc(caller.t, endpoint, HANDLE_NONE, TAG_CALL, WORDS(7));
	ANSWERS(ERROR_BAD_HANDLE, BOOT_THREAD, THREAD_SAVE_REPLY, slot);
	ANSWERS(ERROR_BAD_ARGUMENT, caller.handle, THREAD_SAVE_REPLY, slot);
	user_ipc(user.root, HANDLE_NONE, endpoint, 0, WORDS(0));
	CHECK(last.w[0] == 7 && last.tag & TAG_CALL && user.root->reply.object);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_THREAD, THREAD_SAVE_REPLY, 5000);
	ANSWERS(ERROR_BUSY, BOOT_THREAD, THREAD_SAVE_REPLY, BOOT_SPACE);
	ANSWERS(OK, BOOT_THREAD, THREAD_SAVE_REPLY, slot);
	CHECK(!user.root->reply.object && caller.t->reply_place == user_capability(slot));
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SPACE, SPACE_DERIVE, slot, slot + 1, RIGHTS_ALL);
	ANSWERS(OK, BOOT_SPACE, SPACE_MOVE, slot, slot + 700);
	CHECK(caller.t->reply_place == user_capability(slot + 700));
	user_ipc(user.root, slot + 700, HANDLE_NONE, tag_make(3, 1, 0), WORDS(99));
	CHECK(runs(caller.t));
	user_result(caller.t);
	CHECK(last.w[0] == 99 && tag_label(last.tag) == 3 && !user_capability(slot + 700));
	/* no memory for the slot's block */
	ANSWERS(OK, caller.handle, THREAD_PRIORITY, 100, BOOT_CONTEXT);
	poor = user_start(small, 201, HANDLE_NONE, HANDLE_NONE);
	user_call(1, 0, WORDS(0));
	hosted_page_fault(0x1000, RIGHT_READ);
	ANSWERS(OK, small, SPACE_DERIVE, endpoint, 1, RIGHTS_ALL);
	ANSWERS(OK, small, SPACE_DERIVE, poor.handle, 2, RIGHTS_ALL);
	ANSWERS(OK, poor.handle, THREAD_RESUME, 0);
	user_ipc(poor.t, HANDLE_NONE, 1, 0, WORDS(0));
	user_ipc(user.root, endpoint, HANDLE_NONE, TAG_CALL, WORDS(1));
	CHECK(runs(poor.t));
	ANSWERS(ERROR_NO_MEMORY, 2, THREAD_SAVE_REPLY, 200);
	CHECK_EQUAL(last.w[0], BLOCK_SIZE);
	ANSWERS(OK, 2, THREAD_SAVE_REPLY, 3);
}

/* The memory of FP state: an Untyped that moves in. */
static void fpu(void)
{
	struct user_thread u = user_start(BOOT_SPACE, 10, HANDLE_NONE, HANDLE_NONE);
	handle_t state = user_make(KIND_UNTYPED, 64), used = user_make(KIND_UNTYPED, 128), large = user_make(KIND_UNTYPED, 128 << 10), again;

	user_slots(1);
	ANSWERS(OK, used, UNTYPED_CREATE, KIND_UNTYPED, 64, 1);
	again = user.next - 1;
	ANSWERS(ERROR_BUSY, u.handle, THREAD_FPU, state);
	ANSWERS(OK, u.handle, THREAD_STOP, 0);
	ANSWERS(ERROR_BAD_HANDLE, u.handle, THREAD_FPU, 4000);
	ANSWERS(ERROR_WRONG_KIND, u.handle, THREAD_FPU, BOOT_THREAD);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_FPU, large);
	ANSWERS(ERROR_BUSY, u.handle, THREAD_FPU, used);
	ANSWERS(OK, u.handle, THREAD_FPU, state);
	CHECK(!user_capability(state) && u.t->binding[BIND_FPU].object);
	ANSWERS(ERROR_BUSY, u.handle, THREAD_FPU, again);
	ANSWERS(OK, u.handle, THREAD_FPU, HANDLE_NONE);
	CHECK(!u.t->binding[BIND_FPU].object);
	ANSWERS(OK, u.handle, THREAD_FPU, again);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, used); /* takes the state away */
	CHECK(!u.t->binding[BIND_FPU].object);
}

/* The hosted processor has neither step nor points. */
static void debugging(void)
{
	struct user_thread u = user_start(BOOT_SPACE, 10, HANDLE_NONE, HANDLE_NONE);
	handle_t weak = user_derive(u.handle, RIGHT_CONTROL, 0);
	const word_t top = hal_pt()->user_top;

	ANSWERS(ERROR_NO_RIGHTS, weak, THREAD_DEBUG, DEBUG_STEP, 1);
	ANSWERS(ERROR_BUSY, u.handle, THREAD_DEBUG, DEBUG_STEP, 1);
	ANSWERS(OK, u.handle, THREAD_STOP, 0);
	ANSWERS(ERROR_WRONG_KIND, u.handle, THREAD_DEBUG, DEBUG_STEP, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_DEBUG, DEBUG_STEP, 2);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_DEBUG, DEBUG_STEP + 1, 0);
	ANSWERS(ERROR_WRONG_KIND, u.handle, THREAD_DEBUG, DEBUG_EXECUTE, 3, 0x1000, 0);
	ANSWERS(ERROR_WRONG_KIND, u.handle, THREAD_DEBUG, DEBUG_NONE, 0, 0, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_DEBUG, DEBUG_EXECUTE, DEBUG_POINTS, 0x1000, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_DEBUG, DEBUG_EXECUTE, 0, 0x1000, 4);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_DEBUG, DEBUG_EXECUTE, 0, top, 0);
	ANSWERS(ERROR_WRONG_KIND, u.handle, THREAD_DEBUG, DEBUG_WRITE, 0, top - 8, 8);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_DEBUG, DEBUG_WRITE, 0, top, 8);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_DEBUG, DEBUG_ACCESS, 0, 0x1004, 8);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_DEBUG, DEBUG_ACCESS, 0, 0x1000, 3);
	ANSWERS(ERROR_BAD_ARGUMENT, u.handle, THREAD_DEBUG, DEBUG_ACCESS, 0, 0x1000, 0);
}

static const struct test tests[] = {
	{"configuring", configuring},
	{"message buffers", buffers},
	{"bindings that are revoked", revoked_bindings},
	{"priorities", priorities},
	{"yielding and slices", yielding},
	{"registers", registers},
	{"registers of blocked threads", blocked_registers},
	{"names", names},
	{"saving Replies", saving_replies},
	{"memory of FP state", fpu},
	{"debugging", debugging},
	{NULL, NULL},
};

const struct group thread_group = {"thread", START_ROOT, tests};
