/* SPDX-License-Identifier: BSD-2-Clause */
/* The invariant checker itself: each kind of damage is found, and named. */
#include "unit.h"

#include <string.h>

#include "check/check.h"
#include "kernel/context.h"
#include "kernel/memory.h"
#include "kernel/notification.h"
#include "kernel/schedule.h"
#include "kernel/space.h"

static const word_t AT = 0x800000;

/* The checker says so now. */
static void finds(const char *problem)
{
	const char *found;

	hosted_all_alive();
	found = check_kernel();
	if (!CHECK(found && !strcmp(found, problem)))
		check_at(false, found ? found : "nothing found", problem, 0);
}

/* The damage is undone: nothing is wrong. */
static void clean(void)
{
	const char *found = check_kernel();

	if (found)
		check_at(false, found, "nothing wrong", 0);
}

static void queues(void)
{
	handle_t n = user_make(KIND_NOTIFICATION, 0), e = user_make(KIND_ENDPOINT, 0);
	struct user_thread u = user_start(BOOT_SPACE, 200, HANDLE_NONE, HANDLE_NONE), v;
	struct notification *notification = user_object(n);
	struct wait_queue *queue;

	user_ipc(u.t, HANDLE_NONE, n, 0, WORDS(0));
	v = user_start(BOOT_SPACE, 100, HANDLE_NONE, HANDLE_NONE);
	notification->bits = 1;
	finds("a thread waits for bits that are there");
	notification->bits = 0;
	u.t->effective++;
	finds("a thread's effective priority is wrong");
	u.t->effective--;
	queue = u.t->link.queue;
	u.t->link.queue = NULL;
	finds("a blocked thread is in no queue");
	u.t->link.queue = queue;
	u.t->state = THREAD_SENDING;
	finds("a thread waits in a queue that its state does not name");
	u.t->state = THREAD_RECEIVING;
	core_self()->ready_map[100 / 64] = 0;
	finds("the bitmap of ready queues is wrong");
	core_self()->ready_map[100 / 64] = (uint64_t)1 << 100 % 64;
	v.t->ready_queued = false;
	finds("a thread does not know in which queue it is");
	v.t->ready_queued = true;
	clean();
	ANSWERS(OK, n, NOTIFICATION_BIND, v.handle);
	user_call(u.handle, THREAD_ABORT, WORDS(0));
	user_ipc(u.t, HANDLE_NONE, e, 0, WORDS(0));
	ANSWERS(OK, v.handle, THREAD_PRIORITY, 200, BOOT_CONTEXT);
	user_ipc(v.t, HANDLE_NONE, e, 0, WORDS(0));
	notification->bits = 1;
	finds("a thread was not told of the bits of its bound Notification");
	notification->bits = 0;
	clean();
}

static void deadlines(void)
{
	handle_t n = user_make(KIND_NOTIFICATION, 0);
	struct notification *notification = user_object(n);
	struct context *c = user_object(BOOT_CONTEXT);

	ANSWERS(OK, n, NOTIFICATION_ARM, 1, hosted.clock + 100, 0, 0);
	notification->object.home = 1;
	finds("a deadline is in the heap of another core");
	notification->object.home = 0;
	notification->deadline.armed = false;
	finds("a deadline in a heap is not armed, or of another heap");
	notification->deadline.armed = true;
	core_self()->timer_armed = UINT64_MAX;
	finds("the timer is armed too late");
	core_self()->timer_armed = 0;
	c->spent = true;
	finds("time is charged to a context that is spent, or elsewhere");
	c->spent = false;
	c->user = NULL;
	finds("a scheduling context that is not lent is not its owner's");
	c->user = user.root;
	core_self()->locked = true;
	finds("a core left the kernel in the middle of something");
	core_self()->locked = false;
	clean();
}

static void calls(void)
{
	handle_t e = user_make(KIND_ENDPOINT, 0);
	struct user_thread server = user_start(BOOT_SPACE, 210, HANDLE_NONE, HANDLE_NONE), client;
	struct capability *place;
	struct context *lent;

	user_ipc(server.t, HANDLE_NONE, e, 0, WORDS(0));
	client = user_start(BOOT_SPACE, 200, HANDLE_NONE, HANDLE_NONE);
	user_ipc(client.t, e, HANDLE_NONE, TAG_CALL, WORDS(0));
	place = client.t->reply_place;
	client.t->reply_place = NULL;
	finds("nobody has the right to answer a caller");
	client.t->reply_place = &client.t->reply;
	finds("a Reply does not know its caller");
	client.t->reply_place = place;
	lent = client.t->lent;
	client.t->lent = NULL;
	finds("a lender lent something else");
	client.t->lent = lent;
	client.t->core = 1;
	finds("a thread waits for an answer on another core than that of its context");
	client.t->core = 0;
	client.t->effective++;
	finds("a thread's effective priority is wrong");
	client.t->effective--;
	clean();
}

static void mappings(void)
{
	handle_t memory = user_make(KIND_MEMORY, 4 * PAGE_SIZE), other = user_make(KIND_MEMORY, PAGE_SIZE);
	struct capability *c = user_capability(memory);
	struct capability *record;
	uint64_t object = c->object;

	ANSWERS(OK, memory, MEMORY_MAP, BOOT_SPACE, AT, RIGHT_READ);
	ANSWERS(OK, BOOT_SPACE, SPACE_MAP, other, AT + 16 * PAGE_SIZE, RIGHT_READ);
	c->object += PAGE_SIZE;
	finds("a leaf translates to another address than its record says");
	c->object = object;
	c->map.address ^= RIGHT_READ | RIGHT_WRITE;
	finds("a leaf allows other access than its record says");
	c->map.address ^= RIGHT_READ | RIGHT_WRITE;
	c->pages = 2;
	finds("a leaf lies outside of its mapping record's range");
	c->pages = 4;
	record = user_capability(other)->child;
	record->flags &= (uint8_t)~CAPABILITY_RECORD;
	CHECK(check_kernel() != NULL);
	record->flags |= CAPABILITY_RECORD;
	user.space->pool.blocks++;
	finds("free blocks of a pool are lost, or there twice");
	user.space->pool.blocks--;
	clean();
	hosted.after = NULL;
	c->map.space = NULL;
	finds("a leaf has no mapping record");
}

static void trees(void)
{
	handle_t memory = user_make(KIND_MEMORY, 4 * PAGE_SIZE), part = user_derive(memory, RIGHT_READ, 0);
	struct capability *parent = user_capability(memory), *child = user_capability(part);

	child->rights = RIGHTS_ALL;
	parent->rights = RIGHT_READ;
	finds("a derivation has more rights");
	parent->rights = RIGHTS_ALL;
	child->rights = RIGHT_READ;
	child->pages = 5;
	finds("a part of a Memory lies outside of it");
	child->pages = 4;
	child->depth++;
	finds("the depth of a derivation is wrong");
	child->depth--;
	parent->child = NULL;
	CHECK(check_kernel() != NULL);
	parent->child = child;
	child->previous = child;
	finds("a first child does not know its parent");
	child->previous = NULL;
	clean();
	parent->parent->untyped.used -= 4;
	finds("objects of an Untyped overlap, or lie above its mark");
	parent->parent->untyped.used += 4;
	clean();
}

static const struct test tests[] = {
	{"queues", queues},
	{"time", deadlines},
	{"calls", calls},
	{"mappings", mappings},
	{"trees", trees},
	{NULL, NULL},
};

const struct group checker_group = {"checker", START_ROOT, tests};
