/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults and exceptions as messages, and their answers. */
#include "unit.h"

#include <string.h>

#include "kernel/pagetable.h"
#include "kernel/space.h"

static const uintptr_t AT = 0x812000;

/* A pager above, a thread that faults below; the root component waits. */
static struct user_thread pager, faulter;
static handle_t endpoint, never, memory;

static void make_pager(void)
{
	never = user_make(KIND_NOTIFICATION, 0);
	endpoint = user_make(KIND_ENDPOINT, 0);
	memory = user_make(KIND_MEMORY, 4 * PAGE_SIZE);
	pager = user_start(BOOT_SPACE, 110, HANDLE_NONE, HANDLE_NONE);
	faulter = user_start(BOOT_SPACE, 100, user_derive(endpoint, RIGHTS_ALL | SPACE_BADGE, 1), user_derive(endpoint, RIGHTS_ALL | SPACE_BADGE, 2));
	user_ipc(user.root, HANDLE_NONE, never, 0, WORDS(0));
	user_ipc(pager.t, HANDLE_NONE, endpoint, 0, WORDS(0));
	CHECK(runs(faulter.t));
}

static void put(handle_t handle, word_t control, word_t base)
{
	pager.buffer->item[0] = (struct item){handle, control, 0, 0, base};
}

static struct answer answer(word_t label, word_t items, const word_t w[MESSAGE_REGISTERS])
{
	return user_ipc(pager.t, HANDLE_REPLY, endpoint, tag_make(label, MESSAGE_REGISTERS, items), w);
}

static void page_faults(void)
{
	uint64_t physical;

	make_pager();
	hosted_page_fault(AT + 5, RIGHT_WRITE);
	CHECK(runs(pager.t) && faulter.t->state == THREAD_FAULTED);
	user_result(pager.t);
	CHECK(last.badge == 1 && last.tag == (tag_make(LABEL_PAGE_FAULT, 5, 0) | TAG_CALL) && last.w[0] == AT + 5 && last.w[1] == RIGHT_WRITE);
	CHECK(last.w[2] == USER_IP && last.w[3] == USER_SP && last.w[4] == 14);
	put(memory, RIGHTS_ALL | ITEM_MAP, AT - 0x800000);
	answer(ANSWER_RETRY, 1, WORDS(0));
	CHECK(runs(faulter.t) && hosted_touch(AT + 5, RIGHT_WRITE, &physical) && physical == capability_base(user_capability(memory)) + 5);
	hosted_page_fault(AT + 5, RIGHT_WRITE); /* spurious: no message */
	CHECK(runs(faulter.t));
	hosted_page_fault(AT + 0x100000, RIGHT_EXECUTE);
	user_result(pager.t);
	put(memory, RIGHTS_ALL | ITEM_MAP, (word_t)2 << 20);
	CHECK_EQUAL(answer(ANSWER_RETRY, 1, WORDS(0)).status, status_make(ERROR_WINDOW, PHASE_SEND, 0));
	put(memory, RIGHTS_ALL, 0);
	CHECK_EQUAL(answer(ANSWER_RETRY, 1, WORDS(0)).status, status_make(ERROR_WINDOW, PHASE_SEND, 0));
	put(memory, RIGHTS_ALL | ITEM_MAP, AT - 0x800000);
	CHECK_EQUAL(answer(ANSWER_SET, 1, WORDS(0)).status, status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0));
	CHECK_EQUAL(answer(3, 0, WORDS(0)).status, status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0));
	answer(ANSWER_SET, 0, WORDS(0x5008, 0x6000));
	CHECK(runs(faulter.t) && hal_frame_ip(&faulter.t->frame) == 0x5008 && hal_frame_sp(&faulter.t->frame) == 0x6000);
	hosted_page_fault(0, RIGHT_READ);
	user_result(pager.t);
	answer(ANSWER_STOP, 0, WORDS(0));
	CHECK_EQUAL(hosted_core()->end, END_IDLE);
	CHECK(faulter.t->state == THREAD_STOPPED && !faulter.t->fault.label);
}

/* One page of `memory` in the faulter's Space, if it is there. */
static bool shown(uintptr_t address, word_t offset, unsigned access)
{
	uint64_t physical;

	return pagetable_access(faulter.t->space, address) == access && hosted_touch(address, RIGHT_READ, &physical) &&
	       physical == capability_base(user_capability(memory)) + offset;
}

/* An answer with one page of exactly one page's length, which has a way of its own; an error is the same as on the other way, and changes nothing. */
static enum error page_at(handle_t handle, word_t control, word_t offset, word_t base)
{
	const struct pool before = faulter.t->space->pool;
	struct item item = {handle, control, offset, PAGE_SIZE, base};
	word_t status;

	pager.buffer->item[0] = pager.buffer->item[1] = item;
	status = answer(ANSWER_RETRY, 1, WORDS(0)).status;
	if (status_error(status)) {
		CHECK(runs(pager.t) && faulter.t->state == THREAD_FAULTED);
		CHECK(faulter.t->space->pool.records == before.records && faulter.t->space->pool.blocks == before.blocks);
		CHECK_EQUAL(answer(ANSWER_RETRY, 2, WORDS(0)).status, status);
	}
	return status_error(status);
}

static void fault_again(uintptr_t address, unsigned access)
{
	hosted_page_fault(address, access);
	user_result(pager.t);
	CHECK(runs(pager.t) && last.w[0] == address);
}

static void single_pages(void)
{
	const word_t window = AT & -((word_t)1 << FAULT_WINDOW_SHIFT), base = AT - window, all = RIGHTS_ALL | ITEM_MAP;
	const struct capability *page;
	handle_t reads, registers, device = BOOT_UNTYPED;

	while (!(user_capability(device)->flags & CAPABILITY_DEVICE))
		device++;
	registers = user_slots(1);
	ANSWERS(OK, device, UNTYPED_CREATE, KIND_MEMORY, PAGE_SIZE, 1, MEMORY_DEVICE);
	make_pager();
	fault_again(AT, RIGHT_READ);
	CHECK_EQUAL(page_at(memory, RIGHT_READ | ITEM_MAP, PAGE_SIZE, base), OK); /* makes the tables */
	CHECK(runs(faulter.t) && shown(AT, PAGE_SIZE, RIGHT_READ));
	fault_again(AT + PAGE_SIZE, RIGHT_WRITE);
	CHECK_EQUAL(page_at(memory, all, 3 * PAGE_SIZE, base + PAGE_SIZE), OK); /* they are there */
	page = user_capability(memory)->child;
	CHECK(shown(AT + PAGE_SIZE, 3 * PAGE_SIZE, ACCESS_MASK) && page->pages == 1 && page->flags == CAPABILITY_RECORD && page->map.space == faulter.t->space);
	fault_again(AT, RIGHT_WRITE);
	CHECK_EQUAL(page_at(memory, all, 2 * PAGE_SIZE, base), OK); /* takes the place of the first */
	CHECK(shown(AT, 2 * PAGE_SIZE, ACCESS_MASK));
	fault_again(AT + 2 * PAGE_SIZE, RIGHT_READ);
	CHECK_EQUAL(page_at(4095, all, 0, base), ERROR_BAD_HANDLE);
	CHECK_EQUAL(page_at(never, all, 0, base), ERROR_WRONG_KIND);
	CHECK_EQUAL(page_at(registers, all, 0, base), ERROR_WINDOW); /* devices are mapped on purpose only */
	CHECK_EQUAL(page_at(memory, all | (word_t)1 << 20, 0, base), ERROR_BAD_ARGUMENT);
	CHECK_EQUAL(page_at(memory, all, 4 * PAGE_SIZE, base), ERROR_BAD_ARGUMENT);
	CHECK_EQUAL(page_at(memory, all, 8, base), ERROR_BAD_ARGUMENT);
	CHECK_EQUAL(page_at(memory, all, (word_t)0 - PAGE_SIZE, base), ERROR_BAD_ARGUMENT);
	CHECK_EQUAL(page_at(memory, all, 0, base + 8), ERROR_WINDOW);
	CHECK_EQUAL(page_at(memory, all, 0, (word_t)1 << FAULT_WINDOW_SHIFT), ERROR_WINDOW);
	CHECK_EQUAL(page_at(memory, ITEM_MAP, 0, base), ERROR_WINDOW);
	CHECK_EQUAL(page_at(memory, RIGHTS_ALL, 0, base), ERROR_WINDOW);
	reads = user_derive(memory, RIGHT_READ, 0);
	CHECK_EQUAL(page_at(reads, all, 0, base + 2 * PAGE_SIZE), OK); /* no more access than there is */
	CHECK(shown(AT + 2 * PAGE_SIZE, 0, RIGHT_READ));
	fault_again(AT + 3 * PAGE_SIZE, RIGHT_READ);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, memory);
	CHECK(!user_capability(memory)->child && !pagetable_access(faulter.t->space, AT) && !pagetable_access(faulter.t->space, AT + PAGE_SIZE));
}

static void exceptions(void)
{
	make_pager();
	hosted_exception(EXCEPTION_ILLEGAL, 0x77, 6);
	user_result(pager.t);
	CHECK(last.badge == 2 && last.tag == (tag_make(LABEL_EXCEPTION, 5, 0) | TAG_CALL) && last.w[0] == EXCEPTION_ILLEGAL && last.w[1] == 0x77);
	ANSWERS(OK, faulter.handle, THREAD_READ, REGISTERS_GENERAL, REGISTER_IP, 2); /* it counts as stopped */
	user_ipc(pager.t, faulter.handle, HANDLE_NONE, tag_make(THREAD_WRITE, 4, 0), WORDS(REGISTERS_GENERAL, REGISTER_SP, 1, 0x1230));
	put(memory, RIGHTS_ALL | ITEM_MAP, 0);
	CHECK_EQUAL(answer(ANSWER_RETRY, 1, WORDS(0)).status, status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0));
	answer(ANSWER_RETRY, 0, WORDS(0));
	CHECK(runs(faulter.t) && hal_frame_sp(&faulter.t->frame) == 0x1230);
	hosted_page_fault(hal_pt()->user_top, RIGHT_READ); /* can never be mapped */
	user_result(pager.t);
	CHECK(last.w[0] == EXCEPTION_ADDRESS && last.w[1] == hal_pt()->user_top);
}

static void recalls(void)
{
	make_pager();
	ANSWERS(OK, faulter.handle, THREAD_RECALL, 0);
	CHECK(runs(pager.t));
	user_result(pager.t);
	CHECK(last.w[0] == EXCEPTION_RECALLED);
	ANSWERS(OK, faulter.handle, THREAD_RECALL, 0);
	ANSWERS(OK, faulter.handle, THREAD_RECALL, 0); /* collapse */
	answer(ANSWER_RETRY, 0, WORDS(0));
	user_result(pager.t);
	CHECK(last.done && last.w[0] == EXCEPTION_RECALLED);
	answer(ANSWER_RETRY, 0, WORDS(0));
	CHECK(runs(faulter.t));
}

/* A fault waits in the queue for somebody to take it. */
static void queued(void)
{
	make_pager();
	ANSWERS(OK, pager.handle, THREAD_ABORT, 0);
	CHECK(runs(pager.t));
	user_ipc(pager.t, HANDLE_NONE, never, 0, WORDS(0));
	hosted_exception(EXCEPTION_BREAKPOINT, 0, 3);
	CHECK(faulter.t->state == THREAD_FAULTED && faulter.t->link.queue);
	CHECK_EQUAL(hosted_core()->end, END_IDLE);
	hosted_pass(1);
	CHECK_EQUAL(faulter.t->state, THREAD_FAULTED);
}

/* Without anybody who takes it: the thread stops, and the console says why. */
static void unhandled(void)
{
	struct user_thread u = user_start(BOOT_SPACE, 200, HANDLE_NONE, HANDLE_NONE);

	hosted_page_fault(0x123, RIGHT_EXECUTE);
	CHECK(runs(user.root) && u.t->state == THREAD_STOPPED);
	CHECK(strstr(hosted.console, "stopped: page fault, access 4, address 123, ip 1000, sp 8000") != NULL);
	ANSWERS(OK, u.handle, THREAD_RESUME, 0);
	hosted_exception(EXCEPTION_ARITHMETIC, 0x99, 1);
	CHECK(u.t->state == THREAD_STOPPED && strstr(hosted.console, "exception 5, address 99") != NULL);
}

/* What a queued fault meets when it is taken, or when its Endpoint goes. */
static void bindings_gone(void)
{
	handle_t e = user_make(KIND_ENDPOINT, 0), bound;
	struct user_thread u;

	bound = user_derive(e, RIGHTS_ALL, 0);
	u = user_start(BOOT_SPACE, 200, bound, bound);
	hosted_page_fault(0x123, RIGHT_READ);
	CHECK(runs(user.root) && u.t->state == THREAD_FAULTED);
	ANSWERS(OK, u.handle, THREAD_QUERY, 0);
	CHECK_EQUAL(last.w[0], THREAD_FAULTED);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, bound);
	user_ipc(user.root, HANDLE_NONE, e, TAG_NOWAIT_RECEIVE, WORDS(0));
	CHECK_EQUAL(last.status, status_make(ERROR_WOULD_BLOCK, PHASE_RECEIVE, 0));
	CHECK_EQUAL(u.t->state, THREAD_STOPPED);
	bound = user_derive(e, RIGHTS_ALL, 0);
	ANSWERS(OK, u.handle, THREAD_CONFIGURE, CONFIGURE_PAGER, 0, bound);
	ANSWERS(OK, u.handle, THREAD_RESUME, 0);
	hosted_page_fault(0x123, RIGHT_READ);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, e); /* with the fault in its queue */
	CHECK_EQUAL(u.t->state, THREAD_STOPPED);
	ANSWERS(OK, u.handle, THREAD_RESUME, 0);
	CHECK(runs(u.t));
}

/* A thread that is stopped while its fault waits for an answer; the answer is dropped. */
static void stopped_in_a_fault(void)
{
	make_pager();
	hosted_page_fault(AT, RIGHT_READ);
	user_result(pager.t);
	ANSWERS(OK, faulter.handle, THREAD_ABORT, 0); /* not an ipc: left alone */
	CHECK_EQUAL(faulter.t->state, THREAD_FAULTED);
	ANSWERS(OK, faulter.handle, THREAD_STOP, 0);
	CHECK(faulter.t->state == THREAD_STOPPED && !faulter.t->fault.label);
	answer(ANSWER_RETRY, 0, WORDS(0));
	CHECK_EQUAL(hosted_core()->end, END_IDLE);
}

static const struct test tests[] = {
	{"page faults", page_faults},
	{"single pages", single_pages},
	{"exceptions", exceptions},
	{"recalls", recalls},
	{"queued faults", queued},
	{"unhandled", unhandled},
	{"bindings that are gone", bindings_gone},
	{"stopped in a fault", stopped_in_a_fault},
	{NULL, NULL},
};

const struct group fault_group = {"fault", START_ROOT, tests};
