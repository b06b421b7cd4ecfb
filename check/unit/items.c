/* SPDX-License-Identifier: BSD-2-Clause */
/* Items of messages: derived, moved, mapped, badged, and each way in which they do not fit. */
#include "unit.h"

#include "kernel/memory.h"
#include "kernel/pool.h"
#include "kernel/space.h"

static const word_t AT = 0x800000;

/* The root component sends to a receiver in a Space of its own, which waits below it. */
static struct user_thread receiver;
static struct space *space;
static handle_t endpoint, space_handle;

enum { R_SPACE = 1, R_ENDPOINT = 2, R_FREE = 10, SLOTS = 300 };

static void make_receiver(word_t pool)
{
	endpoint = user_make(KIND_ENDPOINT, 0);
	space_handle = user_make_space(SLOTS, pool);
	space = user_object(space_handle);
	receiver = user_start(space_handle, 200, HANDLE_NONE, HANDLE_NONE);
	hosted_page_fault(0x1000, RIGHT_READ); /* stopped until its handles are there */
	ANSWERS(OK, space_handle, SPACE_DERIVE, space_handle, R_SPACE, RIGHTS_ALL);
	ANSWERS(OK, space_handle, SPACE_DERIVE, endpoint, R_ENDPOINT, RIGHTS_ALL);
	ANSWERS(OK, receiver.handle, THREAD_RESUME, 0);
	receiver.buffer->handle_first = R_FREE;
	receiver.buffer->handle_count = 4;
	user_ipc(receiver.t, HANDLE_NONE, R_ENDPOINT, 0, WORDS(0));
	CHECK(runs(user.root) && receiver.t->state == THREAD_RECEIVING);
}

static void put(unsigned i, handle_t handle, word_t control, word_t offset, word_t length, word_t base)
{
	user.buffer->item[i] = (struct item){handle, control, offset, length, base};
}

/* Sends `count` items; the status. If they arrived, the receiver waits again. */
static word_t give(word_t count)
{
	struct answer a = user_ipc(user.root, endpoint, HANDLE_NONE, tag_make(0, 0, count), WORDS(0));

	if (runs(receiver.t)) {
		CHECK_EQUAL(tag_items(user_result(receiver.t).tag), count);
		user_ipc(receiver.t, HANDLE_NONE, R_ENDPOINT, 0, WORDS(0));
		a = user_result(user.root);
	}
	return a.status;
}

static word_t refused(enum error error, word_t item)
{
	return status_make(error, PHASE_SEND, item);
}

static const struct received *got(unsigned i)
{
	return &receiver.buffer->received[i];
}

static void derived(void)
{
	handle_t memory = user_make(KIND_MEMORY, 4 * PAGE_SIZE), n = user_make(KIND_NOTIFICATION, 0);

	make_receiver(64 << 10);
	put(0, memory, RIGHT_READ, PAGE_SIZE, 2 * PAGE_SIZE, 0);
	put(1, n, RIGHT_SIGNAL | ITEM_BADGE, 0, 0, 12);
	put(2, BOOT_THREAD, RIGHT_CONTROL, 0, 0, 0);
	CHECK_EQUAL(give(3), OK);
	CHECK(got(0)->kind == KIND_MEMORY && got(0)->where == R_FREE && got(0)->length == 2 * PAGE_SIZE && got(0)->rights == RIGHT_READ);
	CHECK(got(1)->kind == KIND_NOTIFICATION && got(1)->where == R_FREE + 1 && got(1)->length == 12);
	CHECK(space_lookup(space, R_FREE)->parent == user_capability(memory) && space_lookup(space, R_FREE + 1)->badge == 12);
	CHECK_EQUAL(capability_base(space_lookup(space, R_FREE)), capability_base(user_capability(memory)) + PAGE_SIZE);
	CHECK_EQUAL(space_lookup(space, R_FREE + 2)->rights, RIGHT_CONTROL);
	put(0, BOOT_THREAD, RIGHTS_ALL, 0, 0, 0);
	CHECK_EQUAL(give(1), refused(ERROR_WINDOW, 0)); /* its first slot is taken */
	receiver.buffer->handle_first = R_FREE + 3;
	receiver.buffer->handle_count = 1;
	put(1, BOOT_THREAD, RIGHTS_ALL, 0, 0, 0);
	CHECK_EQUAL(give(2), refused(ERROR_WINDOW, 1));
	CHECK(!space_lookup(space, R_FREE + 3)); /* all or nothing */
	receiver.buffer->handle_count = 0;
	CHECK_EQUAL(give(1), refused(ERROR_WINDOW, 0));
	receiver.buffer->handle_first = SLOTS;
	receiver.buffer->handle_count = 5;
	CHECK_EQUAL(give(1), refused(ERROR_WINDOW, 0));
}

static void moved(void)
{
	handle_t memory = user_make(KIND_MEMORY, 2 * PAGE_SIZE), part = user_make(KIND_UNTYPED, 1 << 16), child;

	make_receiver(64 << 10);
	child = user_derive(memory, RIGHT_READ, 0);
	put(0, memory, RIGHTS_ALL | ITEM_MOVE, 0, 0, 0);
	put(1, part, ITEM_MOVE, 0, 0, 0);
	CHECK_EQUAL(give(2), OK);
	CHECK(!user_capability(memory) && !user_capability(part));
	CHECK(user_capability(child)->parent == space_lookup(space, R_FREE) && space_lookup(space, R_FREE)->flags & CAPABILITY_ORIGINAL);
	CHECK_EQUAL(capability_kind(space_lookup(space, R_FREE + 1)), KIND_UNTYPED);
	memory = user_make(KIND_MEMORY, 2 * PAGE_SIZE);
	receiver.buffer->handle_first = R_FREE + 2;
	put(0, memory, RIGHTS_ALL | ITEM_MOVE, 0, PAGE_SIZE, 0);
	CHECK_EQUAL(give(1), refused(ERROR_BAD_ARGUMENT, 0)); /* a part cannot be moved */
	put(0, memory, RIGHTS_ALL | ITEM_MOVE, 0, 0, 0);
	put(1, memory, RIGHTS_ALL, 0, 0, 0);
	CHECK_EQUAL(give(2), refused(ERROR_BAD_ARGUMENT, 1)); /* given twice */
	put(0, user.untyped, RIGHTS_ALL, 0, 0, 0);
	CHECK_EQUAL(give(1), refused(ERROR_BAD_ARGUMENT, 0)); /* move only */
	put(0, memory, RIGHTS_ALL | ITEM_MOVE | ITEM_BADGE, 0, 0, 1);
	CHECK_EQUAL(give(1), refused(ERROR_WRONG_KIND, 0));
	put(0, endpoint, RIGHTS_ALL | ITEM_MOVE | ITEM_BADGE, 0, 0, 1);
	CHECK_EQUAL(give(1), refused(ERROR_BAD_ARGUMENT, 0));
	put(0, memory, RIGHTS_ALL | 0x800, 0, 0, 1);
	CHECK_EQUAL(give(1), refused(ERROR_BAD_ARGUMENT, 0));
	put(0, 4000, RIGHTS_ALL, 0, 0, 0);
	CHECK_EQUAL(give(1), refused(ERROR_BAD_HANDLE, 0));
	put(0, endpoint, RIGHTS_ALL | ITEM_MAP, 0, 0, 0);
	CHECK_EQUAL(give(1), refused(ERROR_WRONG_KIND, 0));
	put(0, memory, RIGHTS_ALL, 1, 0, 0);
	CHECK_EQUAL(give(1), refused(ERROR_BAD_ARGUMENT, 0));
	put(0, endpoint, RIGHTS_ALL | ITEM_BADGE, 0, 0, (word_t)1 << 32);
	CHECK_EQUAL(give(1), refused(ERROR_BAD_ARGUMENT, 0));
	ANSWERS(OK, memory, MEMORY_MAP, BOOT_SPACE, AT, RIGHT_READ);
	put(0, memory, RIGHTS_ALL | ITEM_MOVE, 0, 0, 0);
	CHECK_EQUAL(give(1), refused(ERROR_BUSY, 0));
}

/* A move with fewer rights: what is derived from it keeps its own, so it is refused while there is something. */
static void moved_with_fewer_rights(void)
{
	handle_t memory = user_make(KIND_MEMORY, PAGE_SIZE), child;

	make_receiver(64 << 10);
	child = user_derive(memory, RIGHT_READ | RIGHT_WRITE, 0);
	put(0, memory, RIGHT_READ | ITEM_MOVE, 0, 0, 0);
	CHECK_EQUAL(give(1), refused(ERROR_BUSY, 0));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, child);
	CHECK_EQUAL(give(1), OK);
	CHECK_EQUAL(space_lookup(space, R_FREE)->rights, RIGHT_READ);
}

/* A badged capability to the Endpoint that the message came through is recognised, not inserted. */
static void own_badges(void)
{
	handle_t badged, client_handle;

	make_receiver(64 << 10);
	badged = user_derive(endpoint, RIGHTS_ALL | SPACE_BADGE, 0x321);
	client_handle = user_derive(endpoint, RIGHT_SEND, 0);
	put(0, badged, RIGHTS_ALL, 0, 0, 0);
	put(1, client_handle, RIGHTS_ALL, 0, 0, 0);
	CHECK_EQUAL(give(2), OK);
	CHECK(got(0)->kind == KIND_NONE && got(0)->length == 0x321 && got(1)->kind == KIND_ENDPOINT && got(1)->where == R_FREE);
}

static void open_map(word_t address, word_t length, word_t flags)
{
	receiver.buffer->map_address = address;
	receiver.buffer->map_length = length;
	receiver.buffer->map_flags = flags;
	receiver.buffer->map_space = HANDLE_NONE;
}

static void mapped(void)
{
	handle_t memory = user_make(KIND_MEMORY, 32 * PAGE_SIZE);
	uint64_t physical = capability_base(user_capability(memory));

	make_receiver(256 << 10);
	put(0, memory, RIGHT_READ | RIGHT_WRITE | ITEM_MAP, PAGE_SIZE, 0, 0);
	CHECK_EQUAL(give(1), refused(ERROR_WINDOW, 0)); /* closed */
	open_map(AT, 16 * PAGE_SIZE, RIGHT_READ);
	CHECK_EQUAL(give(1), OK);
	CHECK(got(0)->kind == KIND_MEMORY && got(0)->where == AT && got(0)->length == 16 * PAGE_SIZE && got(0)->rights == (RIGHT_READ | RIGHT_WRITE));
	CHECK_EQUAL(pagetable_access(space, AT + 15 * PAGE_SIZE), RIGHT_READ | RIGHT_WRITE);
	CHECK_EQUAL(give(1), refused(ERROR_BUSY, 0)); /* occupied */
	open_map(AT, 16 * PAGE_SIZE, RIGHT_READ | WINDOW_REPLACE);
	put(0, memory, RIGHT_READ | ITEM_MAP, 0, PAGE_SIZE, 2 * PAGE_SIZE);
	CHECK_EQUAL(give(1), OK);
	CHECK(pagetable_access(space, AT + 2 * PAGE_SIZE) == RIGHT_READ && !pagetable_access(space, AT));
	open_map(AT, 16 * PAGE_SIZE, RIGHT_WRITE);
	CHECK_EQUAL(give(1), refused(ERROR_WINDOW, 0)); /* too little access */
	open_map(AT, 16 * PAGE_SIZE, RIGHT_READ);
	put(0, memory, RIGHT_READ | ITEM_MAP, 0, 0, 16 * PAGE_SIZE);
	CHECK_EQUAL(give(1), refused(ERROR_WINDOW, 0)); /* behind it */
	put(0, memory, RIGHT_READ | ITEM_MAP, 0, 0, 100);
	CHECK_EQUAL(give(1), refused(ERROR_WINDOW, 0));
	put(0, memory, RIGHT_PHYSICAL | ITEM_MAP, 0, 0, 8 * PAGE_SIZE);
	open_map(AT, 16 * PAGE_SIZE, 0);
	CHECK_EQUAL(give(1), refused(ERROR_WINDOW, 0)); /* no access at all */
	put(0, memory, RIGHT_READ | ITEM_MAP, 0, 0, 0);
	put(1, memory, RIGHT_READ | ITEM_MAP, 0, 0, 8 * PAGE_SIZE);
	open_map(AT + 64 * PAGE_SIZE, 16 * PAGE_SIZE, RIGHT_READ);
	CHECK_EQUAL(give(2), refused(ERROR_BAD_ARGUMENT, 1)); /* they meet */
	open_map(hal_pt()->user_top - PAGE_SIZE, 16 * PAGE_SIZE, RIGHT_READ);
	CHECK_EQUAL(give(1), refused(ERROR_WINDOW, 0));
	CHECK_EQUAL(capability_base(user_capability(memory)), physical);
}

/* A window is used in whole pages. */
static void uneven_windows(void)
{
	handle_t memory = user_make(KIND_MEMORY, 4 * PAGE_SIZE);

	make_receiver(256 << 10);
	open_map(AT, PAGE_SIZE + 100, RIGHT_READ);
	put(0, memory, RIGHT_READ | ITEM_MAP, 0, 0, 0);
	CHECK_EQUAL(give(1), OK);
	CHECK(got(0)->length == PAGE_SIZE && !pagetable_access(space, AT + PAGE_SIZE));
	open_map(AT + 0x100000, 100, RIGHT_READ);
	CHECK_EQUAL(give(1), refused(ERROR_WINDOW, 0));
}

static void devices(void)
{
	handle_t device = BOOT_UNTYPED, registers;

	while (!(user_capability(device)->flags & CAPABILITY_DEVICE))
		device++;
	registers = user_slots(1);
	ANSWERS(OK, device, UNTYPED_CREATE, KIND_MEMORY, PAGE_SIZE, 1, MEMORY_DEVICE);
	make_receiver(256 << 10);
	put(0, registers, RIGHT_READ | ITEM_MAP, 0, 0, 0);
	open_map(AT, PAGE_SIZE, RIGHT_READ);
	CHECK_EQUAL(give(1), refused(ERROR_WINDOW, 0));
	open_map(AT, PAGE_SIZE, RIGHT_READ | WINDOW_DEVICE);
	CHECK_EQUAL(give(1), OK);
}

/* Into another Space that the receiver holds. */
static void other_spaces(void)
{
	handle_t other = user_make_space(64, 256 << 10), memory = user_make(KIND_MEMORY, PAGE_SIZE);
	struct space *s = user_object(other);

	make_receiver(256 << 10);
	ANSWERS(OK, space_handle, SPACE_DERIVE, other, 5, RIGHT_MAP);
	ANSWERS(OK, space_handle, SPACE_DERIVE, other, 6, RIGHT_TABLE);
	put(0, memory, RIGHT_READ | ITEM_MAP, 0, 0, 0);
	put(1, endpoint, RIGHTS_ALL, 0, 0, 0);
	open_map(AT, PAGE_SIZE, RIGHT_READ);
	receiver.buffer->map_space = 6;
	CHECK_EQUAL(give(2), refused(ERROR_WINDOW, 0));
	receiver.buffer->map_space = R_ENDPOINT;
	CHECK_EQUAL(give(2), refused(ERROR_WINDOW, 0));
	receiver.buffer->map_space = 5;
	CHECK_EQUAL(give(2), OK);
	CHECK(pagetable_access(s, AT) == RIGHT_READ && !pagetable_access(space, AT));
}

/* A Memory moves into a mapping: then only the mapping has it. One with derivations cannot. */
static void moved_and_mapped(void)
{
	handle_t memory = user_make(KIND_MEMORY, PAGE_SIZE), child;

	make_receiver(256 << 10);
	child = user_derive(memory, RIGHT_READ, 0);
	put(0, memory, RIGHTS_ALL | ITEM_MAP | ITEM_MOVE, 0, 0, 0);
	open_map(AT, 2 * PAGE_SIZE, RIGHT_READ);
	CHECK(give(1) != OK && user_capability(memory));
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, child);
	CHECK_EQUAL(give(1), OK);
	CHECK(!user_capability(memory) && pagetable_access(space, AT) == (RIGHT_READ | RIGHT_WRITE | RIGHT_EXECUTE));
	ANSWERS(OK, space_handle, SPACE_UNMAP, AT, PAGE_SIZE);
	CHECK(!pagetable_access(space, AT));
}

/* A moved mapping has to arrive whole. */
static void moved_and_clipped(void)
{
	handle_t memory = user_make(KIND_MEMORY, 2 * PAGE_SIZE);

	make_receiver(256 << 10);
	put(0, memory, RIGHTS_ALL | ITEM_MAP | ITEM_MOVE, 0, 0, 0);
	open_map(AT, PAGE_SIZE, RIGHT_READ);
	CHECK_EQUAL(give(1), refused(ERROR_WINDOW, 0));
}

/* The receiver's pool is too small for what comes: nothing comes. */
static void without_memory(void)
{
	handle_t memory = user_make(KIND_MEMORY, PAGE_SIZE), other = user_make_space(64, 2 * BLOCK_SIZE);

	make_receiver(2 * BLOCK_SIZE); /* one block: for the first handles */
	CHECK_EQUAL(space->pool.blocks, 0);
	put(0, memory, RIGHT_READ | ITEM_MAP, 0, 0, 0);
	open_map(AT, PAGE_SIZE, RIGHT_READ);
	CHECK_EQUAL(give(1), refused(ERROR_NO_MEMORY, 0));
	CHECK(last.w[0] >= BLOCK_SIZE && !pagetable_access(space, AT));
	put(0, memory, RIGHT_READ, 0, 0, 0);
	receiver.buffer->handle_first = 200;
	CHECK_EQUAL(give(1), refused(ERROR_NO_MEMORY, 0));
	ANSWERS(OK, space_handle, SPACE_DERIVE, other, 5, RIGHT_MAP);
	receiver.buffer->map_space = 5;
	put(0, memory, RIGHT_READ | ITEM_MAP, 0, 0, 0);
	CHECK_EQUAL(give(1), refused(ERROR_NO_MEMORY, 0));
	put(1, memory, RIGHT_READ, 0, 0, 0);
	CHECK_EQUAL(give(2), refused(ERROR_NO_MEMORY, 0));
}

/* The answer to a call brings items too. */
static void answered(void)
{
	handle_t memory = user_make(KIND_MEMORY, PAGE_SIZE);

	make_receiver(256 << 10);
	user_ipc(user.root, endpoint, HANDLE_NONE, tag_make(0, 1, 0), WORDS(1));
	user_result(receiver.t);
	user_ipc(receiver.t, R_ENDPOINT, HANDLE_NONE, TAG_CALL, WORDS(1));
	user_result(user.root);
	user_ipc(user.root, HANDLE_NONE, endpoint, 0, WORDS(0));
	put(0, memory, RIGHT_READ, 0, 0, 0);
	receiver.buffer->handle_count = 0;
	CHECK_EQUAL(user_ipc(user.root, HANDLE_REPLY, HANDLE_NONE, tag_make(0, 0, 1), WORDS(0)).status, refused(ERROR_WINDOW, 0));
	CHECK(user.root->reply.object); /* kept */
	receiver.buffer->handle_count = 1;
	user_ipc(user.root, HANDLE_REPLY, HANDLE_NONE, tag_make(0, 0, 1), WORDS(0));
	CHECK(runs(receiver.t) && tag_items(user_result(receiver.t).tag) == 1 && got(0)->where == R_FREE);
}

/* Windows that lead nowhere, and what a replace may not take away. */
static void bad_windows(void)
{
	handle_t memory = user_make(KIND_MEMORY, PAGE_SIZE), many = user_make(KIND_MEMORY, 100 * PAGE_SIZE), other;

	make_receiver(256 << 10);
	receiver.buffer->map_address = UINT64_MAX - 4 * PAGE_SIZE + 1;
	receiver.buffer->map_length = UINT64_MAX;
	receiver.buffer->map_flags = RIGHT_READ;
	put(0, memory, RIGHT_READ | ITEM_MAP, 0, 0, 0);
	CHECK_EQUAL(give(1), refused(ERROR_WINDOW, 0)); /* beyond user space */
	receiver.buffer->map_address = AT;
	receiver.buffer->map_space = R_ENDPOINT;
	CHECK_EQUAL(give(1), refused(ERROR_WINDOW, 0));
	other = user_make_space(64, 64 << 10);
	ANSWERS(OK, space_handle, SPACE_DERIVE, other, 40, RIGHT_TABLE);
	receiver.buffer->map_space = 40;
	CHECK_EQUAL(give(1), refused(ERROR_WINDOW, 0));
	receiver.buffer->map_space = HANDLE_NONE;
	receiver.buffer->map_length = 200 * PAGE_SIZE;
	for (word_t page = 0; page < 100; page++)
		ANSWERS(OK, space_handle, SPACE_MAP, many, AT + page * PAGE_SIZE, RIGHT_READ, page * PAGE_SIZE, PAGE_SIZE);
	put(0, many, RIGHT_READ | ITEM_MAP, 0, 0, 0);
	CHECK_EQUAL(give(1), refused(ERROR_BUSY, 0));
	receiver.buffer->map_flags = RIGHT_READ | WINDOW_REPLACE;
	CHECK_EQUAL(give(1), refused(ERROR_BUSY, 0)); /* too many at once */
	put(0, many, RIGHT_READ | ITEM_MAP, 0, 60 * PAGE_SIZE, 0);
	CHECK_EQUAL(give(1), OK);
	CHECK(!user_capability(many)->child->child && got(0)->length == 60 * PAGE_SIZE);
}

/* Without a buffer nothing but registers arrives; a buffer that vanishes while its owner waits takes the items along. */
static void without_buffers(void)
{
	struct user_thread sender;

	make_receiver(64 << 10);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, receiver.memory);
	put(0, BOOT_THREAD, RIGHT_CONTROL, 0, 0, 0);
	CHECK_EQUAL(give(1), refused(ERROR_WINDOW, 0));
	CHECK_EQUAL(user_ipc(user.root, endpoint, HANDLE_NONE, tag_make(0, MESSAGE_REGISTERS + 1, 0), WORDS(0)).status, refused(ERROR_WINDOW, 0));
	ANSWERS(OK, receiver.handle, THREAD_STOP, 0);
	sender = user_start(BOOT_SPACE, 150, HANDLE_NONE, HANDLE_NONE);
	user_ipc(sender.t, endpoint, HANDLE_NONE, tag_make(0, 0, 1), WORDS(0));
	CHECK(runs(user.root) && sender.t->state == THREAD_SENDING);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, sender.memory);
	CHECK_EQUAL(user_ipc(user.root, HANDLE_NONE, endpoint, TAG_NOWAIT_RECEIVE, WORDS(0)).status, 0);
	CHECK(runs(sender.t));
	CHECK_EQUAL(status_error(user_result(sender.t).status), ERROR_BAD_ARGUMENT);
}

static const struct test tests[] = {
	{"windows that lead nowhere", bad_windows},
	{"without buffers", without_buffers},
	{"derived", derived},
	{"moved", moved},
	{"moved with fewer rights", moved_with_fewer_rights},
	{"the receiver's own badges", own_badges},
	{"mapped", mapped},
	{"windows of uneven length", uneven_windows},
	{"devices", devices},
	{"other Spaces", other_spaces},
	{"moved and mapped", moved_and_mapped},
	{"moved and clipped", moved_and_clipped},
	{"without memory", without_memory},
	{"answers", answered},
	{NULL, NULL},
};

const struct group items_group = {"items", START_ROOT, tests};
