/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What becomes of a fault when its pager, its Endpoint, its binding, its thread or the pool fails it, and the answers that
 * are no items. The good cases are in test-fault.c.
 */
#include <string.h>

#include "print.h"
#include "probe.h"
#include "victim.h"

enum { PAGER_PRIORITY = 130, WINDOW = 1 << FAULT_WINDOW_SHIFT };

static uintptr_t place;  /* nothing is mapped there */
static handle_t memory;  /* one page */
static word_t done;      /* victims that came to their end */

static void reads(word_t address)
{
	(void)probe_read((const volatile void *)address);
	done++;
}

static void begin(struct builder *b, struct victim *v)
{
	done = 0;
	victim_run(b, reads, place, v);
}

static void end(struct builder *b, struct victim *v)
{
	victim_destroy(b, v);
	require(space_unmap(PROGRAM_SPACE, place, PAGE_SIZE));
}

/* The victim, which is stopped, can go on as if nothing had been: its fault comes again and is served. */
static void check_goes_on(const struct victim *v, const char *name)
{
	struct message m;
	bool good = thread_resume(v->worker.thread) == OK;

	victim_settle();
	good = good && victim_faults(v, place, RIGHT_READ, &m) && victim_map(memory, RIGHT_READ, 0, 0, window_base(place)) == OK;
	check(good && done == 1, name);
}

/* ---- the pager dies ---- */

/* A pager that takes one fault and stops; when it goes on it answers. */
static struct message taken;
static word_t answered;

static void takes_one(word_t endpoint)
{
	struct message answer = {.tag = tag_make(ANSWER_STOP, 0, 0)};

	(void)message_receive(endpoint, &taken, 0);
	(void)thread_stop(worker_self());
	answered = 1 + (word_t)message_answer(&answer);
}

static void begin_pager(struct builder *b, const struct victim *v, struct worker *pager)
{
	answered = 0;
	require(worker_create(b, takes_one, v->endpoint, PAGER_PRIORITY, pager));
	require(worker_begin(pager));
}

static void check_pager_destroyed(struct builder *b)
{
	struct worker pager;
	struct victim v;

	require(victim_create(b, reads, place, &v));
	begin_pager(b, &v, &pager);
	done = 0;
	victim_begin(&v);
	check(tag_label(taken.tag) == LABEL_PAGE_FAULT && victim_state(&v) == THREAD_FAULTED, "a pager that waits gets the fault at once");
	worker_destroy(b, &pager);
	check_equal(victim_state(&v), THREAD_STOPPED, "a thread whose pager is destroyed before it answered is stopped");
	check_goes_on(&v, "it can go on when there is a pager again");
	end(b, &v);
}

static void check_pager_stopped(struct builder *b)
{
	struct worker pager;
	struct victim v;

	require(victim_create(b, reads, place, &v));
	begin_pager(b, &v, &pager);
	done = 0;
	victim_begin(&v);
	check_ok(thread_stop(pager.thread), "a pager that owes an answer can be stopped");
	check_ok(thread_abort(pager.thread), "and aborted");
	check_equal(victim_state(&v), THREAD_FAULTED, "the thread goes on waiting for the answer");
	check_ok(thread_resume(pager.thread), "the pager goes on");
	check(answered == 1 && victim_state(&v) == THREAD_STOPPED, "and its answer is taken");
	worker_destroy(b, &pager);
	end(b, &v);
}

static void check_reply_saved(struct builder *b)
{
	struct message m, answer = {.tag = tag_make(ANSWER_RETRY, 0, 1)};
	handle_t slot = builder_take_slots(b, 1);
	struct slot_state state;
	struct victim v, other;

	begin(b, &v);
	victim_run(b, reads, place + PAGE_SIZE, &other);
	check(victim_faults(&v, place, RIGHT_READ, &m), "a fault is received");
	check_ok(thread_save_reply(PROGRAM_THREAD, slot), "its Reply can be saved");
	check(victim_faults(&other, place + PAGE_SIZE, RIGHT_READ, &m), "then another fault can be received");
	check_ok(victim_answer(ANSWER_STOP, 0, 0, 0), "and answered first");
	buffer_self()->item[0] = (struct item){.handle = memory, .control = RIGHT_READ | ITEM_MAP, .base = window_base(place)};
	check_ok(message_send(slot, &answer), "a saved Reply takes an answer with an item");
	check_equal(done, 1, "which serves the fault");
	require(space_slot(PROGRAM_SPACE, slot, &state));
	check_equal(state.kind, KIND_NONE, "the Reply is used up");
	victim_destroy(b, &other);
	end(b, &v);

	begin(b, &v);
	check(victim_faults(&v, place, RIGHT_READ, &m), "a fault is received");
	require(thread_save_reply(PROGRAM_THREAD, slot));
	check_equal(victim_state(&v), THREAD_FAULTED, "the thread waits while its Reply lies in a slot");
	check_ok(space_delete(PROGRAM_SPACE, slot), "the saved Reply can be deleted");
	check_equal(victim_state(&v), THREAD_STOPPED, "that stops the thread");
	check_goes_on(&v, "it can go on, and faults again");
	end(b, &v);
	builder_put_slots(b, slot, 1);
}

/* ---- the Endpoint or the binding goes ---- */

/* A new Endpoint is the victim's pager and handler. */
static void replace_endpoint(struct builder *b, struct victim *v)
{
	builder_put_slots(b, v->source[1], 1);
	builder_put_slots(b, v->source[2], 1);
	require(build_object(b, KIND_ENDPOINT, 0, &v->endpoint));
	require(build_derived(b, v->endpoint, RIGHT_SEND, BADGE_PAGER, &v->source[1]));
	require(build_derived(b, v->endpoint, RIGHT_SEND, BADGE_HANDLER, &v->source[2]));
	require(victim_bind(v, CONFIGURE_PAGER | CONFIGURE_HANDLER));
}

static void check_endpoint_destroyed(struct builder *b)
{
	struct victim v;
	struct message m;

	begin(b, &v);
	check_equal(victim_state(&v), THREAD_FAULTED, "a fault waits in its Endpoint's queue");
	builder_release(b, v.endpoint);
	check_equal(victim_state(&v), THREAD_STOPPED, "a thread whose fault was queued in an Endpoint that is destroyed is stopped");
	replace_endpoint(b, &v);
	check_goes_on(&v, "with another Endpoint it can go on");
	end(b, &v);

	begin(b, &v);
	check(victim_faults(&v, place, RIGHT_READ, &m), "a fault is received");
	builder_release(b, v.endpoint);
	check_equal(victim_state(&v), THREAD_FAULTED, "the Endpoint may go while the answer is awaited");
	check_ok(victim_map(memory, RIGHT_READ, 0, 0, window_base(place)), "the answer does not go through it");
	check_equal(done, 1, "and is taken");
	v.endpoint = HANDLE_NONE;
	end(b, &v);
}

static void check_binding_revoked(struct builder *b)
{
	struct victim v, later;
	struct message m;

	begin(b, &v);
	victim_run(b, reads, place, &later);
	require(space_revoke(PROGRAM_SPACE, v.source[1]));
	check(!victim_receive(&v, &m), "a queued fault through a binding that was revoked is not delivered");
	check_equal(victim_state(&v), THREAD_STOPPED, "its thread is stopped");
	require(victim_bind(&v, CONFIGURE_PAGER));
	check_goes_on(&v, "with the pager bound again it can go on");
	check(victim_faults(&later, place, RIGHT_READ, &m), "other faults are not concerned");
	victim_destroy(b, &later);
	end(b, &v);

	begin(b, &v);
	check(victim_faults(&v, place, RIGHT_READ, &m), "a fault is received");
	require(space_revoke(PROGRAM_SPACE, v.source[1]));
	check_equal(victim_state(&v), THREAD_FAULTED, "the binding may go while the answer is awaited");
	check_ok(victim_answer(ANSWER_RETRY, 0, 0, 0), "the answer is taken");
	check_equal(victim_state(&v), THREAD_STOPPED, "the next fault finds no pager and stops the thread");
	check(!victim_receive(&v, &m), "and nobody is told");
	require(victim_bind(&v, CONFIGURE_PAGER));
	check_goes_on(&v, "with the pager bound again it can go on");
	end(b, &v);
}

static void check_no_pager(struct builder *b)
{
	const struct thread_binding none = {.what = CONFIGURE_PAGER, .pager = HANDLE_NONE};
	struct thread_report report = {.ip = 0};
	struct victim v;
	struct message m;

	require(victim_create(b, reads, place, &v));
	require(thread_configure(v.worker.thread, &none));
	done = 0;
	victim_begin(&v);
	require(thread_query(v.worker.thread, &report));
	check(report.state == THREAD_STOPPED && report.ip == (uintptr_t)probe_read, "a thread without a pager is stopped where it faults");
	check(!victim_receive(&v, &m), "its handler does not get the page fault");
	require(victim_bind(&v, CONFIGURE_PAGER));
	check_goes_on(&v, "given a pager it can go on");
	end(b, &v);
}

/* ---- the thread goes ---- */

static void check_victim_stopped(struct builder *b)
{
	struct victim v;
	struct message m;

	begin(b, &v);
	check_ok(thread_abort(v.worker.thread), "abort of a thread whose fault is queued is no error");
	check_equal(victim_state(&v), THREAD_FAULTED, "but faults are not aborted");
	check_ok(thread_stop(v.worker.thread), "a thread whose fault is queued can be stopped");
	check(victim_state(&v) == THREAD_STOPPED && !victim_receive(&v, &m), "its fault is taken back");
	check_goes_on(&v, "it can go on, and faults again");
	end(b, &v);

	begin(b, &v);
	check(victim_faults(&v, place, RIGHT_READ, &m), "a fault is received");
	check_ok(thread_abort(v.worker.thread), "abort of a thread that waits for its answer is no error");
	check_equal(victim_state(&v), THREAD_FAULTED, "but the wait goes on");
	check_ok(thread_stop(v.worker.thread), "a thread that waits for the answer to its fault can be stopped");
	check_equal(victim_state(&v), THREAD_STOPPED, "it is");
	check_ok(victim_map(memory, RIGHT_READ, 0, 0, window_base(place)), "the answer to it is dropped silently");
	check(!address_mapped(memory, place) && victim_state(&v) == THREAD_STOPPED && done == 0, "and does nothing");
	check_error(victim_answer(ANSWER_RETRY, 0, 0, 0), ERROR_BAD_HANDLE, "it used up the Reply");
	check_goes_on(&v, "the thread can go on, and faults again");
	end(b, &v);
}

static void check_victim_destroyed(struct builder *b)
{
	struct message m = {.tag = tag_make(ANSWER_RETRY, 0, 0)};
	struct victim v, other;

	begin(b, &v);
	victim_run(b, reads, place, &other);
	worker_destroy(b, &v.worker);
	check(!victim_receive(&v, &m), "the fault of a thread that is destroyed is not delivered");
	check(victim_faults(&other, place, RIGHT_READ, &m), "others' are");
	worker_destroy(b, &other.worker);
	m.tag = tag_make(ANSWER_RETRY, 0, 0);
	check_equal(ipc(HANDLE_REPLY, HANDLE_NONE, &m), OK, "the answer to a thread that is destroyed is dropped silently");
	victim_destroy(b, &other);
	victim_destroy(b, &v);

	begin(b, &v);
	victim_run(b, reads, place, &other);
	check(victim_faults(&v, place, RIGHT_READ, &m), "a fault is received");
	worker_destroy(b, &v.worker);
	m.tag = tag_make(ANSWER_RETRY, 0, 0) | TAG_NOWAIT_RECEIVE;
	check_equal(ipc(HANDLE_REPLY, other.endpoint, &m), status_make(OK, PHASE_RECEIVE, 0), "an answer that is dropped lets the receive go on");
	check(m.badge == BADGE_PAGER && m.w[0] == place, "and the next fault is received");
	victim_destroy(b, &other);
	end(b, &v);
}

/* The address space is gone, and the thread's binding to it: there is nothing to map into. */
static void check_space_revoked(struct builder *b)
{
	struct victim v;
	struct message m;

	begin(b, &v);
	check(victim_faults(&v, place, RIGHT_READ, &m), "a fault is received");
	require(space_revoke(PROGRAM_SPACE, v.source[0]));
	check_equal(victim_state(&v), THREAD_STOPPED, "a thread that loses its Space while it waits for its pager is stopped");
	check_ok(victim_map(memory, RIGHT_READ, 0, 0, window_base(place)), "the answer is dropped silently");
	check(!address_mapped(memory, place), "and maps nothing");
	check_error(thread_resume(v.worker.thread), ERROR_BAD_ARGUMENT, "without a Space it cannot go on");
	require(victim_bind(&v, CONFIGURE_SPACE));
	check_goes_on(&v, "with its Space bound again it can");
	end(b, &v);
}

/* ---- pagers that lack something ---- */

static struct {
	handle_t endpoint, memory;
	word_t with_item, without;
} bare;

/* It has no message buffer, so it uses nothing but registers. */
static void serves_bare(word_t unused)
{
	struct message m;

	(void)unused;
	(void)message_receive(bare.endpoint, &m, 0);
	m.tag = tag_make(ANSWER_RETRY, 0, 1);
	bare.with_item = 1 + ipc(HANDLE_REPLY, HANDLE_NONE, &m);
	m.tag = tag_make(ANSWER_STOP, 0, 0);
	bare.without = 1 + ipc(HANDLE_REPLY, HANDLE_NONE, &m);
}

static void check_pager_without_buffer(struct builder *b)
{
	const struct thread_binding none = {.what = CONFIGURE_BUFFER, .buffer = HANDLE_NONE};
	struct worker pager;
	struct victim v;

	require(victim_create(b, reads, place, &v));
	bare.endpoint = v.endpoint;
	require(worker_create(b, serves_bare, 0, PAGER_PRIORITY, &pager));
	require(thread_configure(pager.thread, &none));
	require(worker_begin(&pager));
	victim_begin(&v);
	check_equal(bare.with_item, 1 + status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 0), "a pager without a buffer cannot give items");
	check_equal(bare.without, 1 + OK, "but it can answer");
	check_equal(victim_state(&v), THREAD_STOPPED, "and is heard");
	worker_destroy(b, &pager);
	end(b, &v);
}

/* The same for the thread that faults: items are mapped for it without a buffer of its own. */
static void check_victim_without_buffer(struct builder *b)
{
	const struct thread_binding none = {.what = CONFIGURE_BUFFER, .buffer = HANDLE_NONE};
	struct victim v;
	struct message m;

	require(victim_create(b, reads, place, &v));
	require(thread_configure(v.worker.thread, &none));
	done = 0;
	victim_begin(&v);
	check(victim_faults(&v, place, RIGHT_READ, &m), "a thread without a buffer faults like any other");
	check_ok(victim_map(memory, RIGHT_READ, 0, 0, window_base(place)), "its fault takes an item");
	check_equal(done, 1, "and is served");
	end(b, &v);
}

static handle_t served;

static void serves_passive(word_t endpoint)
{
	struct message m;

	(void)message_receive(endpoint, &m, 0);
	for (;;) {
		buffer_self()->item[0] = (struct item){.handle = served, .control = RIGHT_READ | ITEM_MAP, .base = window_base(m.w[0])};
		m.tag = tag_make(ANSWER_RETRY, 0, 1);
		(void)message_answer_receive(endpoint, &m);
	}
}

static void check_passive_pager(struct builder *b)
{
	struct worker pager;
	struct victim v;

	require(victim_create(b, reads, place, &v));
	served = memory;
	require(worker_create(b, serves_passive, v.endpoint, PAGER_PRIORITY, &pager));
	require(worker_begin(&pager));
	worker_make_passive(b, &pager);
	done = 0;
	victim_begin(&v);
	check_equal(done, 1, "a pager without a context of its own serves faults on the thread's");
	victim_destroy(b, &v);
	worker_destroy(b, &pager);
	require(space_unmap(PROGRAM_SPACE, place, PAGE_SIZE));
}

/* ---- answers that are no items ---- */

static void check_refused_answers(struct builder *b)
{
	struct message m;
	struct victim v;

	begin(b, &v);
	check(victim_faults(&v, place, RIGHT_READ, &m), "a fault is received");
	check_error(victim_answer((enum label_answer)3, 0, 0, 0), ERROR_BAD_ARGUMENT, "an unknown answer is refused");
	check_error(victim_answer((enum label_answer)LABEL_PAGE_FAULT, 0, 0, 0), ERROR_BAD_ARGUMENT, "a label of the kernel's is refused");
	buffer_self()->item[0] = (struct item){.handle = memory, .control = RIGHT_READ | ITEM_MAP};
	m.tag = tag_make(ANSWER_SET, 3, 1);
	check_error(message_answer(&m), ERROR_BAD_ARGUMENT, "SET takes no items");
	m.tag = tag_make(ANSWER_STOP, 0, 1);
	check_error(message_answer(&m), ERROR_BAD_ARGUMENT, "STOP takes no items");
	m.tag = tag_make(ANSWER_RETRY, 0, 0) | TAG_CALL;
	check_error(message_answer(&m), ERROR_BAD_ARGUMENT, "an answer is no call");
	check(victim_state(&v) == THREAD_FAULTED && done == 0 && !address_mapped(memory, place - window_base(place)),
		"none of these changed anything");
	check_ok(victim_answer(ANSWER_STOP, 0, 0, 0), "the Reply is still there");
	check_error(victim_answer(ANSWER_STOP, 0, 0, 0), ERROR_BAD_HANDLE, "and good once");
	end(b, &v);
}

static void check_stop(struct builder *b)
{
	struct thread_report report = {.ip = 0};
	struct victim v;
	struct message m;

	begin(b, &v);
	check(victim_faults(&v, place, RIGHT_READ, &m), "a fault is received");
	check_ok(victim_answer(ANSWER_STOP, 0, 0, 0), "STOP is taken");
	require(thread_query(v.worker.thread, &report));
	check(report.state == THREAD_STOPPED && report.ip == (uintptr_t)probe_read && done == 0, "it stops the thread where it faulted");
	check_goes_on(&v, "resumed, it faults again");
	end(b, &v);
}

static void check_set(struct builder *b)
{
	uintptr_t landing = (uintptr_t)probe_landing + probe_break_reported;
	struct victim v;
	struct message m;

	begin(b, &v);
	check(victim_faults(&v, place, RIGHT_READ, &m), "a fault is received");
	check_ok(victim_answer(ANSWER_SET, (uintptr_t)probe_landing, 0x123450, 0), "SET is taken");
	check(victim_raises(&v, EXCEPTION_BREAKPOINT, &m), "the thread goes on where SET says");
	check(m.w[2] == landing && m.w[3] == 0x123450, "with the ip and sp that it says");
	check_ok(victim_answer(ANSWER_SET, (uintptr_t)probe_landing, 0x5678, 0), "SET answers an exception as well");
	check(victim_raises(&v, EXCEPTION_BREAKPOINT, &m) && m.w[2] == landing && m.w[3] == 0x5678, "in the same way");
	buffer_self()->item[0] = (struct item){.handle = memory, .control = RIGHT_READ | ITEM_MAP};
	m.tag = tag_make(ANSWER_RETRY, 0, 1);
	check_error(message_answer(&m), ERROR_BAD_ARGUMENT, "an exception's answer takes no items");
	check_equal(done, 0, "the function that faulted was left");
	end(b, &v);
}

/* ---- a Space of its own, whose pool is small ---- */

enum { CODE = 0x10000000, TARGET = 0x20000000, FAR = 1 << 30, SMALL_POOL = 64 * 1024, MORE = 64 * 1024 };

struct exile {
	struct victim v; /* its thread lives in `space` */
	handle_t space, code;
};

/* A victim whose Space has nothing but one page with the snippet. */
static void exile_create(struct builder *b, struct exile *e)
{
	struct thread_binding binding = {.what = CONFIGURE_SPACE};
	void *address;

	require(build_space(b, SPACE_HANDLES_MIN, SMALL_POOL, &e->space));
	require(build_mapped(b, PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &e->code, &address));
	memcpy(address, probe_snippet, (size_t)(probe_snippet_end - probe_snippet));
	require(memory_code(e->code, 0, 0));
	require(space_map(e->space, e->code, CODE, RIGHT_READ | RIGHT_EXECUTE, 0, 0, NULL));
	require(victim_create(b, reads, 0, &e->v));
	binding.space = e->space;
	require(thread_configure(e->v.worker.thread, &binding));
}

static void exile_begin(const struct exile *e)
{
	require(thread_start(e->v.worker.thread, CODE, 0, TARGET));
	victim_settle();
}

static void exile_destroy(struct builder *b, struct exile *e)
{
	victim_destroy(b, &e->v);
	builder_release(b, e->space);
	builder_release(b, e->code);
}

/* Maps far apart until the pool has no block left for a page table. */
static void exhaust_pool(const struct exile *e)
{
	uintptr_t address = FAR;

	while (space_map(e->space, memory, address, RIGHT_READ, 0, 0, NULL) == OK)
		address += FAR;
	address = FAR;
	while (space_map(e->space, memory, address + WINDOW, RIGHT_READ, 0, 0, NULL) == OK)
		address += WINDOW;
}

static void feed(struct builder *b, const struct exile *e)
{
	handle_t more;

	require(build_object(b, KIND_UNTYPED, MORE, &more));
	require(space_feed(e->space, more));
	builder_put_slots(b, more, 1);
}

/* An answer with a page at TARGET is refused for lack of memory, and taken when there is some. */
static void check_fed_answer(struct builder *b, const struct exile *e, handle_t page, const char *what)
{
	struct message m = {.tag = tag_make(ANSWER_RETRY, 0, 1)};
	char name[120];

	buffer_self()->item[0] = (struct item){.handle = page, .control = RIGHT_READ | RIGHT_WRITE | ITEM_MAP, .base = window_base(TARGET)};
	(void)text_format(name, sizeof name, "%s: an answer for which the pool is too small is refused", what);
	check_error(message_answer(&m), ERROR_NO_MEMORY, name);
	(void)text_format(name, sizeof name, "%s: it says how much is missing", what);
	check(m.w[0] > 0 && m.w[0] <= MORE / 2 && m.w[0] % PAGE_SIZE == 0, name);
	(void)text_format(name, sizeof name, "%s: the thread goes on waiting", what);
	check_equal(victim_state(&e->v), THREAD_FAULTED, name);
	feed(b, e);
	(void)text_format(name, sizeof name, "%s: with a larger pool the same answer is taken", what);
	check_ok(victim_map(page, RIGHT_READ | RIGHT_WRITE, 0, 0, window_base(TARGET)), name);
	(void)text_format(name, sizeof name, "%s: and serves the fault", what);
	check(victim_raises(&e->v, EXCEPTION_BREAKPOINT, &m), name);
}

static void check_pool(struct builder *b)
{
	struct exile e;
	struct message m;

	exile_create(b, &e);
	exhaust_pool(&e);
	exile_begin(&e);
	check(victim_faults(&e.v, TARGET, RIGHT_READ, &m), "a thread in a Space of its own faults");
	check_fed_answer(b, &e, memory, "a table is missing");
	exile_destroy(b, &e);
}

/* A large page is replaced by a small one: that takes a table where there was none. */
static void check_pool_replace(struct builder *b)
{
	handle_t large, beside;
	struct exile e;
	struct message m;

	require(build_object(b, KIND_MEMORY, WINDOW, &large));
	require(build_object(b, KIND_MEMORY, PAGE_SIZE, &beside));
	exile_create(b, &e);
	require(space_map(e.space, large, TARGET, RIGHT_READ, 0, 0, NULL));
	require(space_map(e.space, beside, TARGET + WINDOW, RIGHT_READ, 0, 0, NULL));
	exhaust_pool(&e);
	exile_begin(&e);
	check(victim_faults(&e.v, TARGET, RIGHT_WRITE, &m), "a thread faults on a large page that may only be read");
	check_fed_answer(b, &e, memory, "a large page is replaced");
	exile_destroy(b, &e);
	builder_release(b, large);
	builder_release(b, beside);
}

void test_run(struct builder *b)
{
	place = builder_take_addresses(b, WINDOW, WINDOW) + 7 * PAGE_SIZE;
	require(build_object(b, KIND_MEMORY, PAGE_SIZE, &memory));
	check_pager_destroyed(b);
	check_pager_stopped(b);
	check_reply_saved(b);
	check_endpoint_destroyed(b);
	check_binding_revoked(b);
	check_no_pager(b);
	check_victim_stopped(b);
	check_victim_destroyed(b);
	check_space_revoked(b);
	check_pager_without_buffer(b);
	check_victim_without_buffer(b);
	check_passive_pager(b);
	check_refused_answers(b);
	check_stop(b);
	check_set(b);
	check_pool(b);
	check_pool_replace(b);
	builder_release(b, memory);
}
