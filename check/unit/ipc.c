/* SPDX-License-Identifier: BSD-2-Clause */
/* The system call: arguments, sending, receiving, answering, and what becomes of those who wait. */
#include "unit.h"

#include "kernel/space.h"

/* A server above and a client below, and an Endpoint; the root component waits for ever. */
static struct user_thread server, client;
static handle_t endpoint, never;

static void sleep_root(void)
{
	never = user_make(KIND_NOTIFICATION, 0);
	user_ipc(user.root, HANDLE_NONE, never, 0, WORDS(0));
}

static void make_pair(void)
{
	endpoint = user_make(KIND_ENDPOINT, 0);
	server = user_start(BOOT_SPACE, 110, HANDLE_NONE, HANDLE_NONE);
	client = user_start(BOOT_SPACE, 100, HANDLE_NONE, HANDLE_NONE);
	sleep_root();
	CHECK(runs(server.t));
}

static struct answer receive(struct thread *t)
{
	return user_ipc(t, HANDLE_NONE, endpoint, 0, WORDS(0));
}

static word_t status_of(handle_t to, handle_t from, word_t tag)
{
	return user_ipc(thread_of(hosted_core()->running), to, from, tag, WORDS(1, 2, 3, 4, 5, 6)).status;
}

static void arguments(void)
{
	endpoint = user_make(KIND_ENDPOINT, 0);
	CHECK_EQUAL(status_of(endpoint, 0, 1 << 13), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0));
	CHECK_EQUAL(status_of(endpoint, 0, (word_t)1 << 32), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0));
	CHECK_EQUAL(status_of(endpoint, 0, tag_make(LABEL_PAGE_FAULT, 0, 0)), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0));
	CHECK_EQUAL(status_of(endpoint, 0, tag_make(0, 65, 0)), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0));
	CHECK_EQUAL(status_of(endpoint, 0, tag_make(0, 0, 5)), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0));
	CHECK_EQUAL(status_of(endpoint, endpoint, TAG_CALL), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0));
	CHECK_EQUAL(status_of(endpoint, 0, TAG_CALL | TAG_NOWAIT_SEND), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0));
	CHECK_EQUAL(status_of(0, 0, TAG_CALL), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0));
	CHECK_EQUAL(status_of(4000, 0, 0), status_make(ERROR_BAD_HANDLE, PHASE_SEND, 0));
	CHECK_EQUAL(status_of(1 << 20, 0, 0), status_make(ERROR_BAD_HANDLE, PHASE_SEND, 0));
	CHECK_EQUAL(status_of(HANDLE_REPLY, 0, 0), status_make(ERROR_BAD_HANDLE, PHASE_SEND, 0));
	CHECK_EQUAL(status_of(endpoint, 4000, 0), status_make(ERROR_BAD_HANDLE, PHASE_RECEIVE, 0));
	CHECK_EQUAL(status_of(endpoint, BOOT_SPACE, 0), status_make(ERROR_WRONG_KIND, PHASE_RECEIVE, 0));
	CHECK_EQUAL(status_of(endpoint, 0, TAG_NOWAIT_SEND), status_make(ERROR_WOULD_BLOCK, PHASE_SEND, 0));
	CHECK_EQUAL(status_of(0, endpoint, TAG_NOWAIT_RECEIVE), status_make(ERROR_WOULD_BLOCK, PHASE_RECEIVE, 0));
	CHECK_EQUAL(status_of(user_derive(endpoint, RIGHT_RECEIVE, 0), 0, 0), status_make(ERROR_NO_RIGHTS, PHASE_SEND, 0));
	CHECK_EQUAL(status_of(user_derive(endpoint, RIGHT_SEND, 0), 0, tag_make(0, 0, 1)), status_make(ERROR_NO_RIGHTS, PHASE_SEND, 0));
	CHECK_EQUAL(status_of(0, user_derive(endpoint, RIGHT_SEND, 0), 0), status_make(ERROR_NO_RIGHTS, PHASE_RECEIVE, 0));
	CHECK_EQUAL(status_of(0, user_derive(endpoint, RIGHTS_ALL | SPACE_BADGE, 3), 0), status_make(ERROR_NO_RIGHTS, PHASE_RECEIVE, 0));
	CHECK_EQUAL(status_of(BOOT_SPACE, 0, tag_make(SPACE_QUERY, 0, 1)), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0));
	CHECK_EQUAL(status_of(BOOT_THREAD, 0, tag_make(0x7fff, 0, 0)), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0));
}

/* Without a buffer only registers travel. */
static void without_buffer(void)
{
	make_pair();
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, client.memory);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, server.memory);
	CHECK(!client.t->buffer && !server.t->buffer);
	receive(server.t);
	CHECK_EQUAL(status_of(endpoint, 0, tag_make(0, MESSAGE_REGISTERS + 1, 0)), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0));
	CHECK_EQUAL(status_of(endpoint, 0, tag_make(0, 0, 1)), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0));
	status_of(endpoint, 0, tag_make(0, MESSAGE_REGISTERS, 0));
	CHECK(runs(server.t) && user_result(server.t).w[5] == 6);
	ANSWERS(OK, client.handle, THREAD_STOP, 0);
	ANSWERS(ERROR_WINDOW, client.handle, THREAD_READ, REGISTERS_GENERAL, 0, MESSAGE_REGISTERS + 1);
}

/* Send and receive in both orders, with words in the buffer. */
static void messages(void)
{
	handle_t badged;

	endpoint = user_make(KIND_ENDPOINT, 0);
	badged = user_derive(endpoint, RIGHT_SEND | SPACE_BADGE, 0x123);
	server = user_start(BOOT_SPACE, 110, HANDLE_NONE, HANDLE_NONE);
	client = user_start(BOOT_SPACE, 100, HANDLE_NONE, HANDLE_NONE);
	sleep_root();
	receive(server.t);
	CHECK(runs(client.t) && server.t->state == THREAD_RECEIVING);
	client.buffer->word[8] = 66;
	client.buffer->word[63] = 63;
	user_ipc(client.t, badged, HANDLE_NONE, tag_make(0x55, 64, 0), WORDS(1, 2, 3, 4, 5, 6));
	CHECK(runs(server.t));
	user_result(server.t);
	CHECK(last.status == status_make(OK, PHASE_RECEIVE, 0) && last.badge == 0x123 && last.tag == tag_make(0x55, 64, 0) && last.w[5] == 6);
	CHECK(server.buffer->word[8] == 66 && server.buffer->word[63] == 63);
	user_call(server.handle, THREAD_PRIORITY, WORDS(90, BOOT_CONTEXT));
	CHECK(runs(client.t) && user_result(client.t).status == OK);
	user_ipc(client.t, endpoint, HANDLE_NONE, tag_make(1, 2, 0), WORDS(8, 9));
	CHECK(runs(server.t) && client.t->state == THREAD_SENDING);
	receive(server.t); /* the sender is ready and higher now */
	CHECK(runs(client.t) && user_result(client.t).status == OK);
	user_ipc(client.t, HANDLE_NONE, never, 0, WORDS(0));
	CHECK(runs(server.t));
	user_result(server.t);
	CHECK(last.badge == 0 && last.w[0] == 8 && last.w[1] == 9);
}

/* Call, answer, reply-and-wait; the server runs at the caller's priority and on its time. */
static void calls(void)
{
	endpoint = user_make(KIND_ENDPOINT, 0);
	server = user_start(BOOT_SPACE, 50, HANDLE_NONE, HANDLE_NONE);
	client = user_start(BOOT_SPACE, 100, HANDLE_NONE, HANDLE_NONE);
	ANSWERS(OK, server.handle, THREAD_PRIORITY, 110, BOOT_CONTEXT);
	sleep_root();
	receive(server.t);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, server.context);
	ANSWERS(OK, server.handle, THREAD_PRIORITY, 50, BOOT_CONTEXT);
	user_ipc(client.t, endpoint, HANDLE_NONE, TAG_CALL | tag_make(5, 1, 0), WORDS(11));
	CHECK(runs(server.t) && server.t->effective == 100 && server.t->active == user_object(client.context));
	user_result(server.t);
	CHECK(last.tag == (tag_make(5, 1, 0) | TAG_CALL) && last.w[0] == 11);
	CHECK_EQUAL(status_of(HANDLE_REPLY, 0, TAG_CALL), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0));
	CHECK_EQUAL(status_of(0, endpoint, 0), status_make(ERROR_BUSY, PHASE_RECEIVE, 0)); /* a Reply is pending */
	user_ipc(server.t, HANDLE_REPLY, endpoint, tag_make(6, 1, 0), WORDS(22));
	CHECK(runs(client.t) && server.t->effective == 50 && !server.t->active && client.t->active);
	user_result(client.t);
	CHECK(last.tag == tag_make(6, 1, 0) && last.w[0] == 22 && last.badge == 0);
}

/* Senders are served by priority, then in order; whose handle vanished meanwhile gets the error. */
static void queueing(void)
{
	struct user_thread sender[4];
	handle_t handle[4];
	static const uint8_t priorities[4] = {120, 130, 120, 125}, expected[4] = {1, 3, 0, 2};

	endpoint = user_make(KIND_ENDPOINT, 0);
	for (unsigned i = 0; i < 4; i++) {
		handle[i] = user_derive(endpoint, RIGHTS_ALL | SPACE_BADGE, i + 1);
		sender[i] = user_start(BOOT_SPACE, priorities[i], HANDLE_NONE, HANDLE_NONE);
		ANSWERS(OK, BOOT_THREAD, THREAD_PRIORITY, 100, BOOT_CONTEXT);
		while (!runs(user.root))
			user_ipc(thread_of(hosted_core()->running), handle[i], HANDLE_NONE, TAG_CALL, WORDS(i));
		ANSWERS(OK, BOOT_THREAD, THREAD_PRIORITY, 128, BOOT_CONTEXT);
	}
	ANSWERS(OK, sender[0].handle, THREAD_PRIORITY, 121, BOOT_CONTEXT); /* while it waits */
	for (unsigned i = 0; i < 4; i++) {
		receive(user.root);
		CHECK_EQUAL(last.badge, expected[i] + 1u);
		ANSWERS(OK, BOOT_THREAD, THREAD_SAVE_REPLY, 900 + i);
	}
	user_ipc(user.root, 901, HANDLE_NONE, tag_make(0, 1, 0), WORDS(5));
	CHECK(sender[3].t->state == THREAD_READY && sender[1].t->state == THREAD_CALLING);
}

static void vanished(void)
{
	handle_t handle;

	endpoint = user_make(KIND_ENDPOINT, 0);
	handle = user_derive(endpoint, RIGHTS_ALL, 0);
	client = user_start(BOOT_SPACE, 200, HANDLE_NONE, HANDLE_NONE);
	user_ipc(client.t, handle, HANDLE_NONE, TAG_CALL, WORDS(0));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, handle);
	CHECK_EQUAL(status_of(0, endpoint, TAG_NOWAIT_RECEIVE), 0); /* not done: the sender runs with its error */
	CHECK(runs(client.t));
	CHECK_EQUAL(user_result(client.t).status, status_make(ERROR_BAD_HANDLE, PHASE_SEND, 0));
	user_ipc(client.t, endpoint, HANDLE_NONE, tag_make(0, 20, 0), WORDS(0));
	CHECK_EQUAL(user_result(user.root).status, status_make(ERROR_WOULD_BLOCK, PHASE_RECEIVE, 0));
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, client.memory); /* its words are gone */
	status_of(0, endpoint, TAG_NOWAIT_RECEIVE);
	CHECK_EQUAL(user_result(client.t).status, status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0));
}

/* A sender that receives in the same call goes on with that when its message was taken. */
static void send_then_receive(void)
{
	make_pair();
	user_ipc(server.t, HANDLE_NONE, never, 0, WORDS(0));
	user_ipc(client.t, endpoint, endpoint, tag_make(0, 1, 0), WORDS(1));
	CHECK_EQUAL(hosted_core()->end, END_IDLE);
	hosted_pass(1);
	CHECK(client.t->state == THREAD_SENDING);
}

static void send_then_receive_taken(void)
{
	handle_t second = user_make(KIND_ENDPOINT, 0);

	endpoint = user_make(KIND_ENDPOINT, 0);
	client = user_start(BOOT_SPACE, 200, HANDLE_NONE, HANDLE_NONE);
	user_ipc(client.t, endpoint, second, tag_make(0, 1, 0), WORDS(1));
	receive(user.root);
	CHECK(runs(user.root) && last.w[0] == 1 && client.t->state == THREAD_RECEIVING);
	user_ipc(user.root, second, HANDLE_NONE, tag_make(0, 1, 0), WORDS(2));
	CHECK(runs(client.t) && user_result(client.t).w[0] == 2);
	user_ipc(client.t, endpoint, second, tag_make(0, 1, 0), WORDS(1));
	user_result(user.root);
	ANSWERS(OK, client.handle, THREAD_PRIORITY, 10, BOOT_CONTEXT);
	receive(user.root);
	CHECK(runs(user.root) && client.t->pending == PENDING_RECEIVE);
	ANSWERS(OK, client.handle, THREAD_STOP, 0); /* in between */
	ANSWERS(OK, client.handle, THREAD_PRIORITY, 200, BOOT_CONTEXT);
	ANSWERS(OK, client.handle, THREAD_RESUME, 0);
	CHECK_EQUAL(user_result(client.t).status, status_make(ERROR_ABORTED, PHASE_RECEIVE, 0));
}

/* Whoever waits for what is destroyed learns of it. */
static void deaths(void)
{
	struct user_thread other;

	make_pair();
	receive(server.t);
	user_ipc(client.t, endpoint, HANDLE_NONE, TAG_CALL, WORDS(0));
	user_result(server.t);
	CHECK(client.t->state == THREAD_CALLING);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, server.handle); /* itself */
	CHECK(runs(client.t));
	CHECK_EQUAL(user_result(client.t).status, status_make(ERROR_GONE, PHASE_RECEIVE, 0));
	ANSWERS(OK, never, NOTIFICATION_SIGNAL, 1);
	other = user_start(BOOT_SPACE, 100, HANDLE_NONE, HANDLE_NONE);
	user_ipc(user.root, HANDLE_NONE, never, 0, WORDS(0));
	CHECK(runs(client.t));
	user_ipc(client.t, endpoint, HANDLE_NONE, TAG_CALL, WORDS(0));
	CHECK(runs(other.t));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, endpoint);
	user_ipc(other.t, HANDLE_NONE, HANDLE_NONE, 0, WORDS(0));
	CHECK(runs(client.t));
	CHECK_EQUAL(user_result(client.t).status, status_make(ERROR_GONE, PHASE_SEND, 0));
}

/* A caller that is stopped leaves its Reply without a caller; the answer is dropped. */
static void callers_gone(void)
{
	handle_t slot = user_slots(2);

	make_pair();
	receive(server.t);
	user_ipc(client.t, endpoint, HANDLE_NONE, TAG_CALL, WORDS(0));
	user_result(server.t);
	ANSWERS(OK, client.handle, THREAD_STOP, 0);
	CHECK(server.t->reply.object == KIND_REPLY && !client.t->reply_place && client.t->active);
	CHECK_EQUAL(status_of(HANDLE_REPLY, 0, 0), OK);
	ANSWERS(OK, client.handle, THREAD_RESUME, 0);
	receive(server.t);
	CHECK_EQUAL(user_result(client.t).status, status_make(ERROR_ABORTED, PHASE_RECEIVE, 0));
	user_ipc(client.t, endpoint, HANDLE_NONE, TAG_CALL, WORDS(0));
	ANSWERS(OK, server.handle, THREAD_SAVE_REPLY, slot);
	ANSWERS(OK, client.handle, THREAD_ABORT, 0);
	ANSWERS(OK, BOOT_SPACE, SPACE_MOVE, slot, slot + 1);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, slot + 1);
	receive(server.t);
	user_result(client.t);
	user_ipc(client.t, endpoint, HANDLE_NONE, TAG_CALL, WORDS(0));
	ANSWERS(OK, client.handle, THREAD_ABORT, 0);
	receive(server.t); /* forgets the Reply without a caller */
	CHECK(runs(client.t) && !server.t->reply.object);
	user_result(client.t);
	user_ipc(client.t, endpoint, HANDLE_NONE, TAG_CALL, WORDS(0));
	ANSWERS(OK, server.handle, THREAD_SAVE_REPLY, slot);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, slot); /* nothing hangs below a Reply */
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, slot);
	receive(server.t);
	CHECK_EQUAL(user_result(client.t).status, status_make(ERROR_GONE, PHASE_RECEIVE, 0));
}

/* One trap: a message to an object, then a receive. */
static void object_then_receive(void)
{
	handle_t n = user_make(KIND_NOTIFICATION, 0);

	user_ipc(user.root, n, n, tag_make(NOTIFICATION_ARM, 4, 0), WORDS(4, hosted.clock + 10));
	CHECK_EQUAL(hosted_core()->end, END_IDLE);
	hosted_pass(10);
	CHECK(user_result(user.root).badge == 4);
	CHECK_EQUAL(status_of(n, n, tag_make(99, 0, 0)), status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0));
	user_ipc(user.root, BOOT_THREAD, n, tag_make(THREAD_STOP, 0, 0), WORDS(0));
	CHECK(user.root->state == THREAD_STOPPED);
}

static const struct test tests[] = {
	{"arguments", arguments},
	{"without a buffer", without_buffer},
	{"messages", messages},
	{"calls", calls},
	{"queueing", queueing},
	{"handles that vanished", vanished},
	{"send and receive: waiting", send_then_receive},
	{"send and receive: taken", send_then_receive_taken},
	{"deaths", deaths},
	{"callers that are gone", callers_gone},
	{"a message to an object and a receive", object_then_receive},
	{NULL, NULL},
};

const struct group ipc_group = {"ipc", START_ROOT, tests};
