/* SPDX-License-Identifier: BSD-2-Clause */
/* Long operations: interrupted, they let others run, go on where they were, and bear what those did meanwhile. */
#include "unit.h"

#include "kernel/memory.h"
#include "kernel/pagetable.h"
#include "kernel/schedule.h"
#include "kernel/space.h"

enum { MANY = 200, PAGES = 1200 };

static const word_t AT = 0x800000 + PAGE_SIZE; /* where no large page fits */

/* A thread above the root component, which an alarm wakes in the middle of an operation. */
static struct user_thread watcher;
static handle_t alarm, space, memory;

static void make_watcher(void)
{
	alarm = user_make(KIND_NOTIFICATION, 0);
	watcher = user_start(BOOT_SPACE, 200, HANDLE_NONE, HANDLE_NONE);
	user_ipc(watcher.t, HANDLE_NONE, alarm, 0, WORDS(0));
}

/* The root component's call is left in its n-th preemption window, for the watcher. */
static void left_in(unsigned n, handle_t object, word_t label, const word_t w[MESSAGE_REGISTERS])
{
	ANSWERS(OK, alarm, NOTIFICATION_ARM, 1, hosted.clock + 1, 0, 0);
	hosted.windows = 0;
	hosted.interrupt_at = n;
	user_call(object, label, w);
	if (!CHECK(runs(watcher.t)))
		give_up("the call was not interrupted");
}

/* The watcher waits again, and the call goes on; its error at the end. */
static enum error ends(void)
{
	user_ipc(watcher.t, HANDLE_NONE, alarm, 0, WORDS(0));
	if (!CHECK(runs(user.root)))
		give_up("the interrupted call does not go on");
	return status_error(user_result(user.root).status);
}

static handle_t derive_many(handle_t parent, word_t size)
{
	handle_t first = user.next;

	for (unsigned i = 0; i < MANY; i++) {
		user_slots(1);
		ANSWERS(OK, parent, MEMORY_DERIVE, size ? i * size : 0, size ? size : 0, RIGHTS_ALL);
	}
	return first;
}

static unsigned children(const struct capability *c)
{
	unsigned count = 0;

	for (const struct capability *child = c->child; child; child = child->next)
		count++;
	return count;
}

/* ---- revoke and delete ---- */

static void revoke(void)
{
	handle_t top, spare;
	unsigned left = MANY;

	make_watcher();
	top = user_make(KIND_MEMORY, PAGE_SIZE);
	derive_many(top, 0);
	spare = user_slots(1);
	left_in(2, BOOT_SPACE, SPACE_REVOKE, WORDS(top));
	CHECK(children(user_capability(top)) < left && children(user_capability(top)) > 0);
	ANSWERS(ERROR_GONE, top, MEMORY_DERIVE, 0, 0, RIGHTS_ALL); /* nothing new while it runs */
	ANSWERS(ERROR_GONE, BOOT_SPACE, SPACE_DERIVE, top, spare, RIGHTS_ALL);
	ANSWERS(ERROR_BUSY, BOOT_SPACE, SPACE_MOVE, top, spare);
	CHECK_EQUAL(ends(), OK);
	CHECK(!user_capability(top)->child && !(user_capability(top)->flags & CAPABILITY_REVOKING));
	ANSWERS(OK, top, MEMORY_DERIVE, 0, 0, RIGHTS_ALL);
}

/* Whoever comes in between finishes it. */
static void revoke_twice(void)
{
	handle_t top;

	make_watcher();
	top = user_make(KIND_MEMORY, PAGE_SIZE);
	derive_many(top, 0);
	left_in(2, BOOT_SPACE, SPACE_REVOKE, WORDS(top));
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, top);
	CHECK(!user_capability(top)->child);
	CHECK_EQUAL(ends(), OK);
	derive_many(top, 0);
	left_in(2, BOOT_SPACE, SPACE_DELETE, WORDS(top));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, top);
	CHECK_EQUAL(ends(), ERROR_BAD_HANDLE);
}

/* The slot that is being deleted is emptied and filled again in between: the call goes on with what is there now. */
static void refilled(void)
{
	handle_t top, other;

	make_watcher();
	other = user_make(KIND_NOTIFICATION, 0);
	top = user_make(KIND_MEMORY, PAGE_SIZE);
	derive_many(top, 0);
	left_in(1, BOOT_SPACE, SPACE_DELETE, WORDS(top));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, top);
	ANSWERS(OK, BOOT_SPACE, SPACE_MOVE, other, top);
	CHECK_EQUAL(ends(), OK);
	CHECK(!user_capability(top));
}

/* The caller is stopped in the middle: it is found at its trap. Or it ends. */
static void stopped(void)
{
	handle_t top;

	make_watcher();
	top = user_make(KIND_MEMORY, PAGE_SIZE);
	derive_many(top, 0);
	left_in(1, BOOT_SPACE, SPACE_REVOKE, WORDS(top));
	ANSWERS(OK, BOOT_THREAD, THREAD_STOP, 0);
	CHECK_EQUAL(hal_frame_ip(&user.root->frame), USER_IP);
	ANSWERS(ERROR_GONE, top, MEMORY_DERIVE, 0, 0, RIGHTS_ALL);
	ANSWERS(OK, BOOT_THREAD, THREAD_RESUME, 0);
	CHECK_EQUAL(ends(), OK);
	derive_many(top, 0);
	left_in(1, BOOT_SPACE, SPACE_REVOKE, WORDS(top));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, BOOT_THREAD);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, top); /* somebody else has to end what it began */
	ANSWERS(OK, BOOT_SPACE, SPACE_DERIVE, top, user.next, RIGHTS_ALL);
}

/* A range revoke: derivations are busy meanwhile; those that are removed in between are not missed. */
static void range(void)
{
	handle_t top, first;

	make_watcher();
	top = user_make(KIND_MEMORY, MANY * PAGE_SIZE);
	first = derive_many(top, PAGE_SIZE);
	left_in(3, top, MEMORY_REVOKE, WORDS(20 * PAGE_SIZE, (MANY - 40) * PAGE_SIZE));
	user_slots(1);
	ANSWERS(ERROR_BUSY, top, MEMORY_DERIVE, 0, 0, RIGHTS_ALL);
	for (unsigned i = 0; i < MANY; i += 3)
		if (user_capability(first + i))
			ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, first + i);
	CHECK_EQUAL(ends(), OK);
	for (unsigned i = 0; i < MANY; i++)
		CHECK_EQUAL(user_capability(first + i) != NULL, (i < 20 || i >= MANY - 20) && i % 3);
	derive_many(top, PAGE_SIZE);
	left_in(1, top, MEMORY_REVOKE, WORDS(0, 0));
	ANSWERS(OK, top, MEMORY_REVOKE, 0, PAGE_SIZE); /* another one: the first starts over */
	CHECK_EQUAL(ends(), OK);
	CHECK(!user_capability(top)->child);
	first = derive_many(top, PAGE_SIZE);
	left_in(1, top, MEMORY_REVOKE, WORDS(0, 0));
	for (handle_t slot = first; slot < first + MANY; slot++) /* the cursor's own node moves */
		if (user_capability(slot))
			user_call(BOOT_SPACE, SPACE_MOVE, WORDS(slot, slot + MANY));
	CHECK_EQUAL(ends(), OK);
	CHECK(!user_capability(top)->child);
	derive_many(top, PAGE_SIZE);
	left_in(1, top, MEMORY_REVOKE, WORDS(0, 0));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, top); /* with the cursor in it */
	CHECK_EQUAL(ends(), ERROR_BAD_HANDLE);
}

/* What is being revoked gives nothing away in any other manner either. */
static void being_revoked(void)
{
	handle_t part, n, irq;

	make_watcher();
	part = user_make(KIND_UNTYPED, 1 << 18);
	for (unsigned i = 0; i < 3; i++) {
		user_slots(64);
		ANSWERS(OK, part, UNTYPED_CREATE, KIND_ENDPOINT, 0, 64);
	}
	n = user_make(KIND_NOTIFICATION, 0);
	for (unsigned i = 0; i < MANY; i++)
		user_derive(n, RIGHTS_ALL, 0);
	irq = user_slots(1);
	ANSWERS(OK, BOOT_SYSTEM, SYSTEM_INTERRUPT, user.untyped, 1, 1, 4);
	left_in(2, BOOT_SPACE, SPACE_REVOKE, WORDS(part));
	watcher.buffer->handle_first = user.next;
	watcher.buffer->handle_count = 1;
	ANSWERS(ERROR_GONE, part, UNTYPED_CREATE, KIND_ENDPOINT, 0, 1);
	ANSWERS(ERROR_GONE, BOOT_SYSTEM, SYSTEM_INTERRUPT, part, 1, 1, 5);
	ANSWERS(ERROR_BUSY, BOOT_SPACE, SPACE_FEED, part);
	ANSWERS(ERROR_BUSY, part, UNTYPED_RESET, 0);
	CHECK_EQUAL(ends(), OK);
	left_in(2, BOOT_SPACE, SPACE_REVOKE, WORDS(n));
	ANSWERS(ERROR_GONE, n, NOTIFICATION_BIND, BOOT_THREAD);
	ANSWERS(ERROR_GONE, irq, INTERRUPT_BIND, n, 1);
	CHECK_EQUAL(ends(), OK);
	ANSWERS(OK, irq, INTERRUPT_BIND, n, 1);
}

/* ---- tear-down ---- */

/* The Space is gone from its slot; the list has what is left of it. */
static void teardown(void)
{
	handle_t part, pool;

	make_watcher();
	part = user_make(KIND_UNTYPED, 1 << 22);
	for (unsigned other = 0; other < 3; other++) {
		space = user_slots(1);
		ANSWERS(OK, part, UNTYPED_CREATE, KIND_SPACE, 2000, 1);
		pool = user_slots(1);
		ANSWERS(OK, part, UNTYPED_CREATE, KIND_UNTYPED, 1 << 21, 1);
		ANSWERS(OK, space, SPACE_FEED, pool);
		memory = user_make(KIND_MEMORY, 64 * PAGE_SIZE);
		for (word_t slot = 1; slot < 2000; slot += 40)
			ANSWERS(OK, space, SPACE_DERIVE, memory, slot, RIGHTS_ALL);
		for (word_t i = 0; i < 30; i++)
			ANSWERS(OK, space, SPACE_MAP, memory, AT + i * 68 * PAGE_SIZE, RIGHT_READ);
		left_in(1, BOOT_SPACE, SPACE_DELETE, WORDS(space));
		if (other == 1) {
			ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, part);
		} else if (other == 2) {
			ANSWERS(OK, part, UNTYPED_RESET, 0); /* goes on with the list */
			CHECK(!user_capability(part)->child);
		}
		CHECK(ends() == OK || other == 1);
		CHECK(!user_capability(space) && !user_capability(part)->child);
		ANSWERS(OK, part, UNTYPED_RESET, 0);
	}
}

/* More threads than one step wakes wait on an Endpoint or a Notification that ends. */
static void waiters(void)
{
	enum { WAITERS = 80 };
	struct user_thread u[WAITERS];
	handle_t object[2];

	make_watcher();
	ANSWERS(OK, BOOT_THREAD, THREAD_PRIORITY, 90, BOOT_CONTEXT);
	ANSWERS(OK, BOOT_THREAD, THREAD_PRIORITY, 128, BOOT_CONTEXT);
	object[0] = user_make(KIND_ENDPOINT, 0);
	object[1] = user_make(KIND_NOTIFICATION, 0);
	for (unsigned i = 0; i < WAITERS; i++)
		u[i] = user_start(BOOT_SPACE, 100, HANDLE_NONE, HANDLE_NONE);
	for (unsigned kind = 0; kind < 2; kind++) {
		ANSWERS(OK, BOOT_THREAD, THREAD_PRIORITY, 90, BOOT_CONTEXT);
		while (!runs(user.root)) {
			struct thread *t = thread_of(hosted_core()->running);

			user_ipc(t, HANDLE_NONE, object[kind], 0, WORDS(0));
		}
		ANSWERS(OK, BOOT_THREAD, THREAD_PRIORITY, 128, BOOT_CONTEXT);
		hosted.interrupt_always = true;
		ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, object[kind]);
		hosted.interrupt_always = false;
		for (unsigned i = 0; i < WAITERS; i++)
			CHECK(u[i].t->state == THREAD_READY && status_error(u[i].t->frame.reg[REGISTER_TO]) == ERROR_GONE);
	}
}

/* Many queued senders whose handles vanished: the receiver passes over them in bounded steps. */
static void bad_senders(void)
{
	enum { SENDERS = 70 };
	struct user_thread u[SENDERS];
	handle_t e, sender;

	make_watcher();
	e = user_make(KIND_ENDPOINT, 0);
	sender = user_derive(e, RIGHT_SEND, 0);
	for (unsigned i = 0; i < SENDERS; i++)
		u[i] = user_start(BOOT_SPACE, 100, HANDLE_NONE, HANDLE_NONE);
	ANSWERS(OK, BOOT_THREAD, THREAD_PRIORITY, 90, BOOT_CONTEXT);
	while (!runs(user.root))
		user_ipc(thread_of(hosted_core()->running), sender, HANDLE_NONE, 0, WORDS(0));
	ANSWERS(OK, BOOT_THREAD, THREAD_PRIORITY, 128, BOOT_CONTEXT);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, sender);
	ANSWERS(OK, alarm, NOTIFICATION_ARM, 1, hosted.clock + 1, 0, 0);
	hosted.windows = 0;
	hosted.interrupt_at = 1;
	user_ipc(user.root, HANDLE_NONE, e, TAG_NOWAIT_RECEIVE, WORDS(0));
	CHECK(runs(watcher.t));
	CHECK_EQUAL(u[0].t->state, THREAD_READY);
	CHECK_EQUAL(u[SENDERS - 1].t->state, THREAD_SENDING);
	CHECK_EQUAL(ends(), ERROR_WOULD_BLOCK);
	for (unsigned i = 0; i < SENDERS; i++)
		CHECK(u[i].t->state == THREAD_READY && status_error(u[i].t->frame.reg[REGISTER_TO]) == ERROR_BAD_HANDLE);
}

/* ---- mapping ---- */

static void make_mapping(word_t pool)
{
	make_watcher();
	space = user_make_space(64, pool);
	memory = user_make(KIND_MEMORY, PAGES * PAGE_SIZE);
}

static bool is_mapped(word_t page)
{
	return pagetable_access(user_object(space), AT + page * PAGE_SIZE) != 0;
}

static void map(void)
{
	make_mapping(1 << 21);
	left_in(1, memory, MEMORY_MAP, WORDS(space, AT, RIGHT_READ));
	CHECK(is_mapped(0) && !is_mapped(PAGES - 1));
	ANSWERS(ERROR_BUSY, memory, MEMORY_MAP, space, AT, RIGHT_READ); /* not this one's */
	ANSWERS(ERROR_BUSY, BOOT_SPACE, SPACE_MOVE, memory, user_slots(1));
	CHECK_EQUAL(ends(), OK);
	CHECK(is_mapped(0) && is_mapped(PAGES - 1));
	left_in(1, memory, MEMORY_UNMAP, WORDS(0));
	CHECK(user_capability(memory)->map.space != NULL);
	CHECK_EQUAL(ends(), OK);
	CHECK(!is_mapped(0) && !is_mapped(PAGES - 1));
	left_in(1, memory, MEMORY_MAP, WORDS(space, AT, RIGHT_READ));
	ANSWERS(OK, memory, MEMORY_UNMAP, 0);
	CHECK(!is_mapped(0));
	CHECK_EQUAL(ends(), OK); /* from the beginning */
	CHECK(is_mapped(0) && is_mapped(PAGES - 1));
	left_in(1, memory, MEMORY_UNMAP, WORDS(0));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, memory);
	CHECK_EQUAL(ends(), ERROR_BAD_HANDLE);
	CHECK(!is_mapped(PAGES - 1));
}

/* Somebody else maps where it would go on: what is there already is taken back, in steps too. */
static void map_hindered(void)
{
	handle_t other;

	make_mapping(1 << 21);
	other = user_make(KIND_MEMORY, PAGE_SIZE);
	left_in(1, memory, MEMORY_MAP, WORDS(space, AT, RIGHT_READ));
	ANSWERS(OK, space, SPACE_MAP, other, AT + (PAGES - 1) * PAGE_SIZE, RIGHT_READ);
	hosted.interrupt_always = true;
	CHECK_EQUAL(ends(), ERROR_BUSY);
	hosted.interrupt_always = false;
	CHECK(!is_mapped(0) && is_mapped(PAGES - 1) && !user_capability(memory)->map.space);
}

/* The pool does not suffice: all is taken back, however often that is interrupted. */
static void map_without_memory(void)
{
	uint64_t before;

	make_mapping(1 << 19);
	if (HAL_TABLE_BITS > 5)
		ANSWERS(OK, BOOT_SPACE, SPACE_MAP, memory, AT, RIGHT_READ); /* needs few tables here */
	before = ((struct space *)user_object(space))->pool.blocks;
	for (unsigned window = 1; window < 12 && HAL_TABLE_BITS <= 5; window++) {
		ANSWERS(OK, alarm, NOTIFICATION_ARM, 1, hosted.clock + 1, 0, 0);
		hosted.windows = 0;
		hosted.interrupt_at = window;
		user_call(memory, MEMORY_MAP, WORDS(space, AT, RIGHT_READ));
		if (runs(watcher.t)) {
			ANSWERS(OK, BOOT_THREAD, THREAD_QUERY, 0);
			CHECK_EQUAL(ends(), ERROR_NO_MEMORY);
		} else {
			CHECK_EQUAL(status_error(last.status), ERROR_NO_MEMORY);
		}
		CHECK(last.w[0] >= BLOCK_SIZE);
		ANSWERS(OK, alarm, NOTIFICATION_DISARM, 0);
		CHECK(!is_mapped(0) && !user_capability(memory)->map.space);
		CHECK(((struct space *)user_object(space))->pool.blocks + 3 >= before); /* tables directly below the root stay */
	}
}

/* The Space, or the Memory's parent, ends in the middle. */
static void map_into_nothing(void)
{
	handle_t part;

	make_mapping(1 << 21);
	part = user_slots(1);
	ANSWERS(OK, memory, MEMORY_DERIVE, 0, 0, RIGHTS_ALL);
	left_in(1, part, MEMORY_MAP, WORDS(space, AT, RIGHT_READ));
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, memory);
	CHECK(!is_mapped(0));
	CHECK_EQUAL(ends(), ERROR_BAD_HANDLE);
	left_in(1, memory, MEMORY_MAP, WORDS(space, AT, RIGHT_READ));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, space);
	CHECK(!user_capability(memory)->map.space);
	CHECK_EQUAL(ends(), ERROR_BAD_HANDLE);
}

/* Somebody else maps where the mapping has not come to, or where it was removed already: that stays. */
static void map_between(void)
{
	handle_t other;

	make_mapping(1 << 21);
	other = user_make(KIND_MEMORY, PAGE_SIZE);
	left_in(1, memory, MEMORY_MAP, WORDS(space, AT, RIGHT_READ));
	ANSWERS(OK, other, MEMORY_MAP, space, AT + (PAGES / 2) * PAGE_SIZE, RIGHT_READ);
	ANSWERS(OK, memory, MEMORY_UNMAP, 0);
	CHECK(!is_mapped(0) && is_mapped(PAGES / 2));
	CHECK_EQUAL(ends(), ERROR_BUSY);
	ANSWERS(OK, other, MEMORY_UNMAP, 0);
	ANSWERS(OK, memory, MEMORY_MAP, space, AT, RIGHT_READ);
	left_in(1, memory, MEMORY_UNMAP, WORDS(0));
	ANSWERS(OK, other, MEMORY_MAP, space, AT, RIGHT_READ);
	CHECK_EQUAL(ends(), OK);
	CHECK(is_mapped(0) && !is_mapped(PAGES - 1));
}

/* The mapping goes on for nobody once its removal has begun; the removal can be taken up. */
static void removal_begun(void)
{
	handle_t second;
	struct user_thread above;

	make_mapping(1 << 21);
	second = user_make(KIND_NOTIFICATION, 0);
	above = user_start(BOOT_SPACE, 210, HANDLE_NONE, HANDLE_NONE);
	user_ipc(above.t, HANDLE_NONE, second, 0, WORDS(0));
	left_in(2, memory, MEMORY_MAP, WORDS(space, AT, RIGHT_READ));
	ANSWERS(OK, second, NOTIFICATION_ARM, 1, hosted.clock + 1, 0, 0);
	hosted.interrupt_at = hosted.windows + 1; /* the watcher's removal is left, too, */
	user_call(memory, MEMORY_UNMAP, WORDS(0));
	CHECK(runs(above.t) && !is_mapped(0) && user_capability(memory)->map.space);
	ANSWERS(OK, watcher.handle, THREAD_STOP, 0); /* and not ended */
	user_ipc(above.t, HANDLE_NONE, second, 0, WORDS(0));
	CHECK_EQUAL(user_result(user.root).status, status_make(ERROR_BUSY, PHASE_SEND, 0));
	ANSWERS(OK, memory, MEMORY_UNMAP, 0);
	CHECK(!user_capability(memory)->map.space);
}

/* A range inside of a large mapping: it goes as a whole, however often that is interrupted. */
static void unmap_inside(void)
{
	for (word_t page = 0; page < PAGES; page += PAGES / 4) {
		if (!page)
			make_mapping(1 << 21);
		ANSWERS(OK, memory, MEMORY_MAP, space, AT, RIGHT_READ);
		hosted.interrupt_always = true;
		ANSWERS(OK, space, SPACE_UNMAP, AT + page * PAGE_SIZE, PAGE_SIZE);
		hosted.interrupt_always = false;
		CHECK(!user_capability(memory)->map.space && !is_mapped(0) && !is_mapped(PAGES - 1));
	}
}

/* The records of a Space's own mappings go in steps. */
static void unmap_range(void)
{
	make_mapping(1 << 21);
	for (word_t i = 0; i < 8; i++)
		ANSWERS(OK, space, SPACE_MAP, memory, AT + i * 160 * PAGE_SIZE, RIGHT_READ, 0, 150 * PAGE_SIZE);
	left_in(2, space, SPACE_UNMAP, WORDS(AT, 8 * 160 * PAGE_SIZE));
	CHECK(user_capability(memory)->child != NULL);
	CHECK_EQUAL(ends(), OK);
	CHECK(!user_capability(memory)->child);
}

/* Memory is cleared in steps; others make something of the same Untyped in between. */
static void clearing(void)
{
	handle_t part, first, slot;
	uint64_t *page;

	make_watcher();
	part = user_make(KIND_UNTYPED, 1 << 22);
	slot = user_slots(1);
	left_in(2, part, UNTYPED_CREATE, WORDS(KIND_MEMORY, 512 * PAGE_SIZE, 1));
	user.buffer->handle_first = first = user.next++;
	watcher.buffer->handle_first = first;
	watcher.buffer->handle_count = 1;
	ANSWERS(OK, part, UNTYPED_CREATE, KIND_ENDPOINT, 0, 1);
	user.buffer->handle_first = slot;
	CHECK_EQUAL(ends(), OK);
	CHECK(capability_kind(user_capability(slot)) == KIND_MEMORY && capability_kind(user_capability(first)) == KIND_ENDPOINT);
	page = hal_kernel_address(capability_base(user_capability(slot)));
	for (size_t i = 0; i < 512 * PAGE_SIZE / sizeof(*page); i++)
		if (page[i])
			give_up("memory that is not zero was given out");
}

static const struct test tests[] = {
	{"a revoke", revoke},
	{"two revokes of the same", revoke_twice},
	{"a slot that is filled again", refilled},
	{"a caller that is stopped, or ends", stopped},
	{"a range revoke", range},
	{"what is being revoked", being_revoked},
	{"the tear-down of a Space", teardown},
	{"many who wait", waiters},
	{"many senders that cannot send", bad_senders},
	{"a mapping", map},
	{"a mapping that cannot go on", map_hindered},
	{"a mapping without memory", map_without_memory},
	{"a mapping of what ends", map_into_nothing},
	{"a mapping between others", map_between},
	{"a mapping whose removal has begun", removal_begun},
	{"unmapping a range inside of a mapping", unmap_inside},
	{"unmapping a range", unmap_range},
	{"clearing", clearing},
	{NULL, NULL},
};

const struct group preempt_group = {"preempt", START_ROOT, tests};
