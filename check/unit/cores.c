/* SPDX-License-Identifier: BSD-2-Clause */
/* Several cores: who owns what, travel, signals, and what ends on another core. */
#include "unit.h"

#include "fiber.h"
#include "kernel/context.h"
#include "kernel/notification.h"
#include "kernel/schedule.h"
#include "kernel/space.h"

static const uintptr_t AT = 0x800000;

/* The context gets its core, and the thread goes there at once. The root component has to be above it there. */
static void place(const struct user_thread *u, unsigned core, uint8_t priority)
{
	ANSWERS(OK, u->context, CONTEXT_CONFIGURE, core, CONTEXT_UNLIMITED, CONTEXT_UNLIMITED, 255);
	ANSWERS(OK, BOOT_THREAD, THREAD_PRIORITY, 255, BOOT_CONTEXT);
	ANSWERS(OK, u->handle, THREAD_PRIORITY, priority, BOOT_CONTEXT);
	ANSWERS(OK, BOOT_THREAD, THREAD_PRIORITY, 128, BOOT_CONTEXT);
}

static struct user_thread start_on(unsigned core, uint8_t priority)
{
	struct user_thread u = user_start(BOOT_SPACE, 1, HANDLE_NONE, HANDLE_NONE);

	place(&u, core, priority);
	return u;
}

static bool runs_on(unsigned core, const struct thread *t)
{
	return hosted.core[core].running == &t->frame;
}

/* The thread that runs on that core makes a system call. */
static struct answer ipc_on(unsigned core, handle_t to, handle_t from, word_t tag, const word_t w[MESSAGE_REGISTERS])
{
	unsigned self = hosted_self;
	struct answer a;

	hosted_act(core);
	if (!hosted_core()->running)
		give_up("nobody runs on that core");
	a = user_ipc(thread_of(hosted_core()->running), to, from, tag, w);
	hosted_act(self);
	hosted_pass(0);
	return a;
}

static struct answer result_on(unsigned core, struct thread *t)
{
	unsigned self = hosted_self;
	struct answer a;

	hosted_act(core);
	a = user_result(t);
	hosted_act(self);
	return a;
}

/* ---- threads and contexts ---- */

static void placement(void)
{
	struct user_thread u[HOSTED_CORES], low;

	for (unsigned core = 1; core < HOSTED_CORES; core++)
		u[core] = start_on(core, 100);
	for (unsigned core = 1; core < HOSTED_CORES; core++)
		CHECK(runs_on(core, u[core].t) && u[core].t->core == core);
	low = start_on(1, 50);
	CHECK(low.t->core == 1 && low.t->ready_queued && runs_on(1, u[1].t));
	ANSWERS(OK, low.context, CONTEXT_CONFIGURE, 3, CONTEXT_UNLIMITED, CONTEXT_UNLIMITED, 255);
	hosted_pass(0);
	CHECK(low.t->core == 3 && low.t->ready_queued && runs_on(1, u[1].t)); /* without having had a turn on core 1 */
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, low.handle);
	ANSWERS(ERROR_BAD_ARGUMENT, u[1].context, CONTEXT_CONFIGURE, HOSTED_CORES, CONTEXT_UNLIMITED, CONTEXT_UNLIMITED, 0);
	ANSWERS(OK, u[1].context, CONTEXT_CONFIGURE, 2, CONTEXT_UNLIMITED, CONTEXT_UNLIMITED, 255); /* it is on core 1 and goes to core 2 */
	hosted_pass(0);
	CHECK(u[1].t->core == 2 && u[1].t->ready_queued && !hosted.core[1].running);
	ANSWERS(OK, u[1].handle, THREAD_PRIORITY, 101, BOOT_CONTEXT);
	CHECK(runs_on(2, u[1].t));
	ANSWERS(OK, u[3].handle, THREAD_STOP, 0);
	ANSWERS(OK, u[3].context, CONTEXT_CONFIGURE, 0, CONTEXT_UNLIMITED, CONTEXT_UNLIMITED, 255);
	ANSWERS(OK, u[3].handle, THREAD_PRIORITY, 200, BOOT_CONTEXT);
	ANSWERS(OK, u[3].handle, THREAD_RESUME, 0);
	hosted_pass(0);
	CHECK(runs_on(0, u[3].t));
}

/* The old budget is used up just when the context moves to another core: nothing of it stays behind. */
static void moved_when_spent(void)
{
	struct user_thread u = start_on(1, 100);
	const struct context *c = user_object(u.context);

	ANSWERS(OK, u.context, CONTEXT_CONFIGURE, 1, 10000, 20000, 255);
	hosted.clock += 500; /* of the old budget; more than the new one */
	ANSWERS(OK, u.context, CONTEXT_CONFIGURE, 2, 100, 400, 255);
	hosted_pass(0);
	CHECK(runs_on(2, u.t) && !c->spent && c->left == 100 && c->consumed >= 500);
	hosted_pass(100);
	CHECK(c->spent && !hosted.core[2].running);
	ANSWERS(OK, u.context, CONTEXT_CONFIGURE, 3, 100, 400, 255); /* spent */
	hosted_pass(0);
	CHECK(runs_on(3, u.t) && !c->spent);
	CHECK(ipc_on(3, u.context, HANDLE_NONE, tag_make(CONTEXT_CONFIGURE, 4, 0), WORDS(0, CONTEXT_UNLIMITED, CONTEXT_UNLIMITED, 255)).status == OK ||
	      u.t->core == 0); /* itself */
	CHECK_EQUAL(u.t->core, 0);
}

/* A thread that runs elsewhere is stopped, aborted, recalled, read, ended. */
static void remote_threads(void)
{
	handle_t n = user_make(KIND_NOTIFICATION, 3), endpoint = user_make(KIND_ENDPOINT, 1);
	struct user_thread u = start_on(2, 100);

	ANSWERS(ERROR_BUSY, u.handle, THREAD_READ, REGISTERS_GENERAL, 0, 1);
	ANSWERS(OK, u.handle, THREAD_STOP, 0);
	CHECK(!hosted.core[2].running && u.t->state == THREAD_STOPPED);
	ANSWERS(OK, u.handle, THREAD_READ, REGISTERS_GENERAL, REGISTER_SP, 1);
	CHECK_EQUAL(last.w[0], USER_SP);
	ANSWERS(OK, u.handle, THREAD_RESUME, 0);
	ipc_on(2, HANDLE_NONE, n, 0, WORDS(0));
	CHECK(u.t->state == THREAD_RECEIVING && u.t->core == 3); /* the home of what it waits for owns it */
	ANSWERS(OK, u.handle, THREAD_ABORT, 0);
	hosted_pass(0);
	CHECK(runs_on(2, u.t));
	CHECK_EQUAL(result_on(2, u.t).status, status_make(ERROR_ABORTED, PHASE_RECEIVE, 0));
	ANSWERS(OK, u.handle, THREAD_RECALL, 0);
	hosted_act(2);
	hosted_take(); /* nobody handles it */
	hosted_act(0);
	CHECK_EQUAL(u.t->state, THREAD_STOPPED);
	ANSWERS(OK, u.handle, THREAD_RESUME, 0);
	hosted_pass(0);
	ipc_on(2, endpoint, HANDLE_NONE, 0, WORDS(0));
	CHECK(u.t->state == THREAD_SENDING && u.t->core == 1);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, endpoint);
	hosted_pass(0);
	CHECK(runs_on(2, u.t));
	CHECK_EQUAL(result_on(2, u.t).status, status_make(ERROR_GONE, PHASE_SEND, 0));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, u.handle);
	CHECK(!hosted.core[2].running);
}

/* ---- signals ---- */

static void signals(void)
{
	handle_t n = user_make(KIND_NOTIFICATION, 1);
	struct user_thread u = start_on(1, 100);
	const struct notification *notification = user_object(n);

	ANSWERS(OK, n, NOTIFICATION_SIGNAL, 1);
	ANSWERS(OK, n, NOTIFICATION_SIGNAL, 4);
	hosted_pass(0);
	CHECK(notification->bits == 5 && !notification->remote);
	CHECK_EQUAL(ipc_on(1, HANDLE_NONE, n, 0, WORDS(0)).badge, 5);
	ipc_on(1, HANDLE_NONE, n, 0, WORDS(0));
	CHECK(!hosted.core[1].running);
	ANSWERS(OK, n, NOTIFICATION_SIGNAL, 0); /* nothing */
	ANSWERS(OK, n, NOTIFICATION_SIGNAL, 2);
	hosted_pass(0);
	CHECK(runs_on(1, u.t) && result_on(1, u.t).badge == 2);
	CHECK(user_ipc(user.root, HANDLE_NONE, n, TAG_NOWAIT_RECEIVE, WORDS(0)).status == status_make(ERROR_WOULD_BLOCK, PHASE_RECEIVE, 0));
	ANSWERS(OK, n, NOTIFICATION_SIGNAL, 8); /* on its way when the Notification ends */
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, n);
}

/* A bound Notification: a thread of another core is told; who receives sees both only if one core owns both. */
static void bound(void)
{
	handle_t n = user_make(KIND_NOTIFICATION, 1), near = user_make(KIND_ENDPOINT, 1), far = user_make(KIND_ENDPOINT, 2);
	struct user_thread u = start_on(1, 100);

	ANSWERS(OK, n, NOTIFICATION_BIND, u.handle);
	CHECK_EQUAL(ipc_on(1, HANDLE_NONE, far, 0, WORDS(0)).status, status_make(ERROR_BAD_ARGUMENT, PHASE_RECEIVE, 0));
	ipc_on(1, HANDLE_NONE, near, 0, WORDS(0));
	ANSWERS(OK, n, NOTIFICATION_SIGNAL, 2);
	hosted_pass(0);
	CHECK(runs_on(1, u.t) && result_on(1, u.t).badge == 2);
	ANSWERS(OK, n, NOTIFICATION_ARM, 0, hosted.clock + 10, 0, ARM_BREAK);
	ipc_on(1, far, HANDLE_NONE, TAG_CALL, WORDS(0));
	CHECK(u.t->core == 2 && u.t->state == THREAD_SENDING);
	hosted_pass(20); /* the deadline passes on core 1 and looks for the thread on core 2 */
	CHECK(runs_on(1, u.t));
	CHECK_EQUAL(result_on(1, u.t).status, status_make(ERROR_DEADLINE, PHASE_SEND, 0));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, u.handle);
	CHECK(!((struct notification *)user_object(n))->bound);
}

static void interrupts(void)
{
	handle_t n = user_make(KIND_NOTIFICATION, 2), irq = user_slots(1);
	struct user_thread u;

	ANSWERS(OK, BOOT_SYSTEM, SYSTEM_INTERRUPT, user.untyped, 1, 1, 5);
	u = start_on(2, 100);
	ANSWERS(OK, irq, INTERRUPT_BIND, n, 1);
	ipc_on(2, HANDLE_NONE, n, 0, WORDS(0));
	hosted_raise(5);
	hosted_pass(0);
	CHECK(runs_on(2, u.t) && result_on(2, u.t).badge == 1);
	ANSWERS(OK, irq, INTERRUPT_ACKNOWLEDGE, 0); /* from here */
	ANSWERS(OK, irq, INTERRUPT_UNBIND, 0);
	ANSWERS(OK, irq, INTERRUPT_BIND, n, 1);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, n);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, irq);
}

/* ---- calls across cores ---- */

/* A server with a context of its own stays where it is; its caller travels and comes back. */
static void calls(void)
{
	handle_t e = user_make(KIND_ENDPOINT, 1);
	struct user_thread server = start_on(1, 100);

	ipc_on(1, HANDLE_NONE, e, 0, WORDS(0));
	CHECK(!hosted.core[1].running && server.t->state == THREAD_RECEIVING);
	user_ipc(user.root, e, HANDLE_NONE, TAG_CALL | tag_make(3, 2, 0), WORDS(10, 20));
	hosted_pass(0);
	CHECK(runs_on(1, server.t) && user.root->state == THREAD_CALLING && user.root->core == 0 && user.root->active); /* nothing is lent */
	CHECK(result_on(1, server.t).w[1] == 20 && server.t->effective == 128);
	ipc_on(1, HANDLE_REPLY, e, tag_make(4, 1, 0), WORDS(30));
	CHECK(runs_on(0, user.root) && result_on(0, user.root).w[0] == 30 && last.tag == tag_make(4, 1, 0));
	CHECK(server.t->state == THREAD_RECEIVING);
	user_ipc(user.root, e, HANDLE_NONE, TAG_CALL, WORDS(0));
	hosted_pass(0);
	ipc_on(1, BOOT_SPACE, HANDLE_NONE, tag_make(SPACE_DELETE, 1, 0), WORDS(server.handle)); /* it ends itself */
	CHECK(runs_on(0, user.root));
	CHECK_EQUAL(result_on(0, user.root).status, status_make(ERROR_GONE, PHASE_RECEIVE, 0));
}

/* A server without a context comes to its caller's core, and goes home to receive. */
static void borrowing(void)
{
	handle_t e = user_make(KIND_ENDPOINT, 1);
	struct user_thread server = start_on(1, 100), client;

	ipc_on(1, HANDLE_NONE, e, 0, WORDS(0));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, server.context);
	client = start_on(2, 100);
	ipc_on(2, e, HANDLE_NONE, TAG_CALL, WORDS(11));
	CHECK(runs_on(2, server.t) && result_on(2, server.t).w[0] == 11 && server.t->active == user_object(client.context));
	ipc_on(2, HANDLE_REPLY, e, 0, WORDS(12));
	CHECK(runs_on(2, client.t) && result_on(2, client.t).w[0] == 12);
	CHECK(server.t->state == THREAD_RECEIVING && server.t->core == 1 && !server.t->active);
	ipc_on(2, e, HANDLE_NONE, TAG_CALL, WORDS(11));
	CHECK(runs_on(2, server.t));
	ANSWERS(OK, client.handle, THREAD_ABORT, 0); /* by the root component: what was lent goes back */
	hosted_pass(0);
	CHECK(runs_on(2, client.t) && !server.t->active && server.t->state == THREAD_READY);
	CHECK_EQUAL(result_on(2, client.t).status, status_make(ERROR_ABORTED, PHASE_RECEIVE, 0));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, server.handle);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, client.handle);
}

/* What a caller lent is taken from a server that has gone to another core meanwhile. */
static void stripping(void)
{
	handle_t e = user_make(KIND_ENDPOINT, 1), n = user_make(KIND_NOTIFICATION, 3), gone = user_make(KIND_ENDPOINT, 3);
	struct user_thread server = start_on(1, 100), client;
	const struct context *c;

	ipc_on(1, HANDLE_NONE, e, 0, WORDS(0));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, server.context);
	client = start_on(2, 100);
	c = user_object(client.context);
	ipc_on(2, e, HANDLE_NONE, TAG_CALL, WORDS(11));
	CHECK(runs_on(2, server.t));
	ipc_on(2, gone, HANDLE_NONE, 0, WORDS(0)); /* it blocks with it on core 3 */
	CHECK(server.t->state == THREAD_SENDING && server.t->core == 3 && server.t->active == c);
	ANSWERS(OK, client.handle, THREAD_ABORT, 0);
	hosted_pass(0);
	CHECK(runs_on(2, client.t) && !server.t->active && !c->away);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, gone);
	CHECK(server.t->state == THREAD_READY && !server.t->active); /* it has nothing to run on */
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, client.context);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, server.handle);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, n);
}

/* A fault goes to the core of its pager. */
static void faults(void)
{
	handle_t e = user_make(KIND_ENDPOINT, 1), memory = user_make(KIND_MEMORY, PAGE_SIZE);
	struct user_thread pager = start_on(1, 100), u;
	uint64_t physical;

	ipc_on(1, HANDLE_NONE, e, 0, WORDS(0));
	u = start_on(2, 100);
	ANSWERS(OK, u.handle, THREAD_STOP, 0);
	ANSWERS(OK, u.handle, THREAD_CONFIGURE, CONFIGURE_PAGER, 0, e);
	ANSWERS(OK, u.handle, THREAD_RESUME, 0);
	hosted_pass(0);
	hosted_act(2);
	hosted_page_fault(AT, RIGHT_READ);
	hosted_act(0);
	hosted_pass(0);
	CHECK(runs_on(1, pager.t) && result_on(1, pager.t).w[0] == AT && u.t->state == THREAD_FAULTED);
	pager.buffer->item[0] = (struct item){memory, RIGHTS_ALL | ITEM_MAP, 0, 0, 0};
	ipc_on(1, HANDLE_REPLY, e, tag_make(ANSWER_RETRY, 0, 1), WORDS(0));
	CHECK(runs_on(2, u.t));
	hosted_act(2);
	CHECK(hosted_touch(AT, RIGHT_READ, &physical) && physical == capability_base(user_capability(memory)));
	hosted_act(0);
}

/* ---- shared memory and Spaces ---- */

static void flushes(void)
{
	handle_t memory = user_make(KIND_MEMORY, 4 * PAGE_SIZE);
	uint64_t physical;

	for (unsigned core = 1; core < HOSTED_CORES; core++)
		start_on(core, 100);
	ANSWERS(OK, memory, MEMORY_MAP, BOOT_SPACE, AT, RIGHT_WRITE);
	for (unsigned core = 0; core < HOSTED_CORES; core++) {
		hosted_act(core);
		CHECK(hosted_touch(AT, RIGHT_WRITE, &physical));
	}
	hosted_act(0);
	ANSWERS(OK, memory, MEMORY_UNMAP, 0);
	for (unsigned core = 0; core < HOSTED_CORES; core++) {
		hosted_act(core);
		CHECK(!hosted_touch(AT, RIGHT_READ, &physical));
	}
	hosted_act(0);
}

/* A Space with threads on all cores goes; one that is deleted by a thread of its own, too. */
static void spaces(void)
{
	for (unsigned itself = 0; itself < 2; itself++) {
		handle_t space = user_make_space(64, 1 << 16);
		struct user_thread u[HOSTED_CORES];

		for (unsigned core = 1; core < HOSTED_CORES; core++) {
			u[core] = user_start(space, 50, HANDLE_NONE, HANDLE_NONE);
			place(&u[core], core, core == 2 ? 60 : 50);
		}
		ANSWERS(OK, space, SPACE_DERIVE, BOOT_SPACE, 1, RIGHTS_ALL);
		hosted_pass(0);
		if (itself)
			ipc_on(2, 1, HANDLE_NONE, tag_make(SPACE_DELETE, 1, 0), WORDS(space));
		else
			ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, space);
		hosted_pass(0);
		CHECK(!user_capability(space));
		for (unsigned core = 1; core < HOSTED_CORES; core++) {
			CHECK(!hosted.core[core].running && u[core].t->state == THREAD_STOPPED && !u[core].t->space);
			ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, u[core].handle);
		}
	}
}

/* More Spaces than there are address-space ids: they are given out anew. */
static void identifiers(void)
{
	enum { MANY = 40 };
	struct user_thread u[MANY];

	for (unsigned i = 0; i < MANY; i++) {
		handle_t space = user_make_space(64, 1 << 16);

		u[i] = user_start(space, 50, HANDLE_NONE, HANDLE_NONE);
		place(&u[i], 1 + i % 3, 50);
	}
	for (unsigned i = 0; i < MANY; i++) {
		ANSWERS(OK, u[i].handle, THREAD_PRIORITY, 100, BOOT_CONTEXT);
		hosted_pass(0);
		CHECK(runs_on(1 + i % 3, u[i].t));
		ANSWERS(OK, u[i].handle, THREAD_STOP, 0);
	}
}

/* Core 1 has the lock for a while, and gives address-space ids out anew. */
static void renew(const void *unused)
{
	(void)unused;
	lock_take();
	hal_relax();
	cores_sync(&(struct sync){.leave_any = true});
	lock_give();
}

/* The fast path waits for the lock to give the server's Space an id, and is asked to leave all Spaces meanwhile. */
static void renewed(void)
{
	handle_t e = user_make(KIND_ENDPOINT, 0), space = user_make_space(64, 1 << 16);
	struct space *s = user_object(space);
	struct user_thread server;

	ANSWERS(OK, space, SPACE_DERIVE, e, 1, RIGHTS_ALL);
	server = user_start(space, 200, HANDLE_NONE, HANDLE_NONE);
	user_ipc(server.t, HANDLE_NONE, 1, 0, WORDS(0));
	CHECK(runs(user.root) && server.t->state == THREAD_RECEIVING);
	s->asid_generation = 0;
	fiber_start(1, renew, NULL);
	hosted_act(1);
	fiber_continue(1);
	hosted_act(0);
	CHECK(cores[1].locked);
	user_ipc(user.root, e, HANDLE_NONE, TAG_CALL, WORDS(1));
	CHECK(runs(server.t) && cores[0].active_space == s && !cores[1].locked);
}

/* ---- ends on other cores ---- */

/* Objects whose parts belong to several cores, revoked at one go. */
static void revoking(void)
{
	handle_t part = user_make(KIND_UNTYPED, 1 << 18), first;
	struct user_thread u = start_on(3, 100);

	first = user_slots(12);
	for (unsigned core = 0; core < HOSTED_CORES; core++) {
		user.buffer->handle_first = first + 2 * core;
		ANSWERS(OK, part, UNTYPED_CREATE, KIND_ENDPOINT, core, 1);
		user.buffer->handle_first++;
		ANSWERS(OK, part, UNTYPED_CREATE, KIND_NOTIFICATION, core, 1);
		ANSWERS(OK, user.buffer->handle_first, NOTIFICATION_ARM, 1, hosted.clock + 1000 + core, 0, 0);
	}
	ipc_on(3, HANDLE_NONE, first + 4, 0, WORDS(0)); /* core 2's Endpoint */
	CHECK(u.t->core == 2 && u.t->state == THREAD_RECEIVING);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, part);
	hosted_pass(0);
	CHECK(runs_on(3, u.t) && !user_capability(part)->child);
	CHECK_EQUAL(result_on(3, u.t).status, status_make(ERROR_GONE, PHASE_RECEIVE, 0));
	ANSWERS(OK, part, UNTYPED_RESET, 0);
}

/* Endpoints of two cores with more waiters than one step wakes: the tear-down list goes from core to core. */
static void wide_teardown(void)
{
	enum { WAITERS = 72 };
	handle_t part = user_make(KIND_UNTYPED, 1 << 16), first;
	struct user_thread u[WAITERS];

	first = user_slots(2);
	ANSWERS(OK, part, UNTYPED_CREATE, KIND_ENDPOINT, 1, 1);
	user.buffer->handle_first++;
	ANSWERS(OK, part, UNTYPED_CREATE, KIND_ENDPOINT, 2, 1);
	for (unsigned i = 0; i < WAITERS; i++) {
		u[i] = user_start(BOOT_SPACE, 140, HANDLE_NONE, HANDLE_NONE);
		user_ipc(u[i].t, HANDLE_NONE, first + i % 2, 0, WORDS(0));
		CHECK(u[i].t->state == THREAD_RECEIVING && u[i].t->core == 1 + i % 2);
	}
	ANSWERS(OK, BOOT_THREAD, THREAD_PRIORITY, 200, BOOT_CONTEXT);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, part);
	CHECK(runs(user.root) && !user_capability(part)->child);
	for (unsigned i = 0; i < WAITERS; i++)
		CHECK(u[i].t->state == THREAD_READY && status_error(u[i].t->frame.reg[REGISTER_TO]) == ERROR_GONE);
	ANSWERS(OK, part, UNTYPED_RESET, 0);
}

/* A Notification ends while signals and a passed deadline are on their way to it. */
static void signals_on_their_way(void)
{
	handle_t n = user_make(KIND_NOTIFICATION, 3), e = user_make(KIND_ENDPOINT, 1);
	struct user_thread u = start_on(2, 100);

	ANSWERS(OK, n, NOTIFICATION_BIND, u.handle);
	ipc_on(2, e, HANDLE_NONE, TAG_CALL, WORDS(0)); /* it waits on core 1 */
	ANSWERS(OK, n, NOTIFICATION_ARM, 0, hosted.clock + 5, 0, ARM_BREAK);
	hosted.clock += 10;
	hosted_act(3);
	hosted_take(); /* looks for it on core 1 */
	hosted_act(0);
	CHECK(((struct notification *)user_object(n))->breaking || u.t->state == THREAD_READY);
	user_ipc(user.root, n, HANDLE_NONE, tag_make(NOTIFICATION_SIGNAL, 1, 0), WORDS(1));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, n);
	hosted_pass(0);
	CHECK(runs_on(2, u.t));
}

/* A thread ends in the middle of its links: a caller of one core, a context of another, a Notification of a third. */
static void linked(void)
{
	handle_t e = user_make(KIND_ENDPOINT, 1), n = user_make(KIND_NOTIFICATION, 1);
	struct user_thread server = start_on(1, 100), client = start_on(2, 100);

	ANSWERS(OK, n, NOTIFICATION_BIND, server.handle);
	ipc_on(1, HANDLE_NONE, e, 0, WORDS(0));
	ipc_on(2, e, HANDLE_NONE, TAG_CALL, WORDS(0));
	CHECK(runs_on(1, server.t));
	ANSWERS(OK, server.context, CONTEXT_CONFIGURE, 3, CONTEXT_UNLIMITED, CONTEXT_UNLIMITED, 0);
	hosted_pass(0);
	CHECK(runs_on(3, server.t));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, server.handle);
	hosted_pass(0);
	CHECK(runs_on(2, client.t));
	CHECK_EQUAL(result_on(2, client.t).status, status_make(ERROR_GONE, PHASE_RECEIVE, 0));
}

/* Many mails at once: a core handles some, then looks at its threads, then goes on. */
static void many_mails(void)
{
	enum { MANY = 3 * MAILS_PER_PASS };
	handle_t first;
	struct user_thread u;

	first = user_make_many(KIND_NOTIFICATION, 1, 64);
	u = start_on(1, 100);
	for (unsigned i = 0; i < MANY; i++)
		ANSWERS(OK, first + i % 64, NOTIFICATION_SIGNAL, 1u << i / 64);
	hosted_pass(0);
	CHECK(runs_on(1, u.t));
	for (unsigned i = 0; i < 64; i++)
		CHECK_EQUAL(((struct notification *)user_object(first + i))->bits | ((struct notification *)user_object(first + i))->remote,
			    i < MANY - 64 ? 3 : 1);
}

static const struct test tests[] = {
	{"placement", placement},
	{"a context that moves when it is spent", moved_when_spent},
	{"threads of other cores", remote_threads},
	{"signals", signals},
	{"bound Notifications", bound},
	{"interrupts", interrupts},
	{"calls", calls},
	{"borrowed contexts", borrowing},
	{"contexts that are taken back", stripping},
	{"faults", faults},
	{"flushes", flushes},
	{"Spaces", spaces},
	{"address-space ids", identifiers},
	{"address-space ids that are given out anew during a call", renewed},
	{"revoking", revoking},
	{"a thread with links to all cores", linked},
	{"tear-down on several cores", wide_teardown},
	{"signals to what ends", signals_on_their_way},
	{"many mails", many_mails},
	{NULL, NULL},
};

const struct group cores_group = {"cores", START_CORES, tests};
