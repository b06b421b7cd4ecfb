/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page faults: the message, the answers, and the items that an answer may bring. What becomes of faults whose pager
 * dies is in test-pager.c.
 */
#include "print.h"
#include "probe.h"
#include "victim.h"

enum { WINDOW = 1 << FAULT_WINDOW_SHIFT, PAGES = 3, VALUE = 0x5a5a };

/* What victims do and what came of it. */
static struct {
	word_t value;
	word_t done;
} seen;

/* Three windows' worth of addresses, aligned, in which nothing is mapped; a place in the middle one. */
static uintptr_t arena, place;

/* PAGES pages, word 0 of each its number + 1; and where the test sees them. */
static handle_t memory;
static volatile word_t *content;

static void reads(word_t address)
{
	seen.value = probe_read((const volatile void *)address);
	seen.done++;
}

static void writes(word_t address)
{
	probe_write((volatile void *)address, VALUE);
	seen.done++;
}

static void executes(word_t address)
{
	seen.value = ((word_t (*)(void))address)();
	seen.done++;
}

static word_t page_word(unsigned page)
{
	return content[page * (PAGE_SIZE / sizeof(word_t))];
}

/* A victim that has just begun to do something at `place`. */
static void begin(struct builder *b, void (*entry)(word_t), struct victim *v)
{
	seen.value = seen.done = 0;
	victim_run(b, entry, place, v);
}

static void end(struct builder *b, struct victim *v)
{
	victim_destroy(b, v);
	require(space_unmap(PROGRAM_SPACE, arena, 3 * WINDOW));
}

/* ---- the message ---- */

static void check_message(struct builder *b, void (*entry)(word_t), word_t access, uintptr_t ip, const char *what)
{
	struct thread_report report = {.state = THREAD_STOPPED};
	struct victim v;
	struct message m;
	char name[80];

	begin(b, entry, &v);
	(void)text_format(name, sizeof name, "a fault to %s arrives at the pager with its badge, address and access", what);
	check(victim_faults(&v, place, access, &m), name);
	(void)text_format(name, sizeof name, "a fault to %s tells ip and sp of the instruction", what);
	require(thread_query(v.worker.thread, &report));
	check(m.w[2] == ip && m.w[3] == report.sp && report.ip == ip && report.sp > v.worker.region &&
		report.sp <= v.worker.region + WORKER_REGION, name);
	(void)text_format(name, sizeof name, "a thread that faults to %s waits for the answer", what);
	check_equal(report.state, THREAD_FAULTED, name);
	end(b, &v);
}

static void check_retry(struct builder *b)
{
	struct victim v;
	struct message m;

	begin(b, reads, &v);
	check(victim_faults(&v, place, RIGHT_READ, &m), "the first read of a page faults");
	check_ok(victim_answer(ANSWER_RETRY, 0, 0, 0), "an empty answer is taken");
	check(victim_faults(&v, place, RIGHT_READ, &m), "an empty answer retries, and the fault comes again");
	require(space_map(PROGRAM_SPACE, memory, place, RIGHT_READ, 0, PAGE_SIZE, NULL));
	check_ok(victim_answer(ANSWER_RETRY, 0, 0, 0), "an empty answer is taken when the pager mapped by itself");
	check(seen.done == 1 && seen.value == 1, "what the pager mapped by itself is read");
	check_equal(victim_state(&v), THREAD_STOPPED, "the thread went on behind the fault to its end");
	check(!victim_receive(&v, &m), "no fault is left");
	end(b, &v);
}

/* The page was mapped, for more than it lacked, before the message was even received. */
static void check_late(struct builder *b)
{
	struct victim v;
	struct message m;

	begin(b, writes, &v);
	require(space_map(PROGRAM_SPACE, memory, place, RIGHT_READ | RIGHT_WRITE, 0, PAGE_SIZE, NULL));
	check(victim_faults(&v, place, RIGHT_WRITE, &m), "a fault that was queued is delivered though its cause has gone");
	check_ok(victim_answer(ANSWER_RETRY, 0, 0, 0), "it is answered without an item");
	check(seen.done == 1 && page_word(0) == VALUE, "the write happens once, when the answer comes");
	content[0] = 1;
	end(b, &v);
}

/* ---- good items ---- */

static void check_item(struct builder *b)
{
	struct victim v;
	struct message m;

	begin(b, reads, &v);
	check(victim_faults(&v, place, RIGHT_READ, &m), "a read faults");
	check_ok(victim_map(memory, RIGHT_READ, PAGE_SIZE, PAGE_SIZE, window_base(place)), "a page of a Memory answers it");
	check(seen.done == 1 && seen.value == 2, "the item's offset says which page is mapped, its base where");
	check(address_mapped(memory, place) && !address_mapped(memory, place + PAGE_SIZE) && !address_mapped(memory, place - PAGE_SIZE),
		"no more than the item's length is mapped");
	end(b, &v);

	begin(b, reads, &v);
	check(victim_faults(&v, place, RIGHT_READ, &m), "a read faults again when its page was unmapped");
	check_ok(victim_map(memory, RIGHT_READ, 0, 0, window_base(place) - PAGE_SIZE), "a whole Memory around the address answers");
	check(seen.done == 1 && seen.value == 2, "a chunk around the address serves it");
	check(address_mapped(memory, place - PAGE_SIZE) && address_mapped(memory, place + PAGE_SIZE), "the whole chunk is mapped");
	end(b, &v);
}

/* An answer that maps elsewhere in the window, or too little access, is good, but the fault comes again. */
static void check_insufficient(struct builder *b)
{
	struct victim v;
	struct message m;

	begin(b, writes, &v);
	check(victim_faults(&v, place, RIGHT_WRITE, &m), "a write faults");
	check_ok(victim_map(memory, RIGHT_READ, 0, PAGE_SIZE, window_base(place)), "a page to read answers a fault to write");
	check(victim_faults(&v, place, RIGHT_WRITE, &m), "the write faults again on a page that may only be read");
	check_ok(victim_map(memory, RIGHT_READ | RIGHT_WRITE, 0, PAGE_SIZE, 0), "a page elsewhere in the window answers");
	check(victim_faults(&v, place, RIGHT_WRITE, &m), "a page elsewhere in the window does not help");
	check(address_mapped(memory, arena + WINDOW), "it is mapped all the same");
	check_equal(seen.done, 0, "nothing was written");
	end(b, &v);
}

static void check_clipped(struct builder *b)
{
	struct victim v;
	struct message m;

	place = arena + 2 * WINDOW - PAGE_SIZE;
	begin(b, reads, &v);
	check(victim_faults(&v, place, RIGHT_READ, &m), "a read of the window's last page faults");
	check_ok(victim_map(memory, RIGHT_READ, 0, 0, window_base(place)), "an item that reaches out of the window is taken");
	check(seen.done == 1 && seen.value == 1, "the part inside is mapped");
	check(!address_mapped(memory, arena + 2 * WINDOW), "the part outside is not");
	end(b, &v);
	place = arena + WINDOW + 5 * PAGE_SIZE;
}

static void check_copy_on_write(struct builder *b)
{
	struct victim v;
	struct message m;
	handle_t copy;
	void *address;

	require(build_mapped(b, PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &copy, &address));
	((volatile word_t *)address)[1] = 77;
	require(space_map(PROGRAM_SPACE, memory, place, RIGHT_READ, 0, PAGE_SIZE, NULL));
	begin(b, writes, &v);
	check(victim_faults(&v, place, RIGHT_WRITE, &m), "a write to a page that may only be read faults");
	check_ok(victim_map(copy, RIGHT_READ | RIGHT_WRITE, 0, PAGE_SIZE, window_base(place)), "the answer replaces the page");
	check(seen.done == 1 && ((volatile word_t *)address)[0] == VALUE, "the write goes to the copy");
	check_equal(page_word(0), 1, "the original is as it was");
	check(((volatile word_t *)place)[1] == 77, "the copy is what is mapped now");
	end(b, &v);
	builder_release(b, copy);
}

/* One page of a chunk is replaced: the chunk was one mapping, and mappings are removed whole. */
static void check_replace_whole(struct builder *b)
{
	struct victim v;
	struct message m;
	handle_t copy;

	require(build_object(b, KIND_MEMORY, PAGE_SIZE, &copy));
	require(space_map(PROGRAM_SPACE, memory, place - PAGE_SIZE, RIGHT_READ, 0, 0, NULL));
	begin(b, writes, &v);
	check(victim_faults(&v, place, RIGHT_WRITE, &m), "a write into a chunk that may only be read faults");
	check_ok(victim_map(copy, RIGHT_READ | RIGHT_WRITE, 0, 0, window_base(place)), "a page of it is replaced");
	check_equal(seen.done, 1, "the write is done");
	check(!address_mapped(memory, place - PAGE_SIZE) && !address_mapped(memory, place + PAGE_SIZE),
		"what was one mapping is replaced whole");
	end(b, &v);
	builder_release(b, copy);
}

/* Replacing is bounded: 64 mappings are, 65 are refused, and stay. */
static void check_replace_many(struct builder *b)
{
	enum { MANY = 65 };
	uintptr_t first = arena + WINDOW;
	struct victim v;
	struct message m;
	handle_t large;

	require(build_object(b, KIND_MEMORY, MANY * PAGE_SIZE, &large));
	for (unsigned i = 0; i < MANY; i++)
		require(space_map(PROGRAM_SPACE, memory, first + i * PAGE_SIZE, RIGHT_READ, 0, PAGE_SIZE, NULL));
	begin(b, writes, &v);
	check(victim_faults(&v, place, RIGHT_WRITE, &m), "a write to one of 65 mappings faults");
	check_error(victim_map(large, RIGHT_READ | RIGHT_WRITE, 0, 0, 0), ERROR_BUSY, "an answer that would replace 65 mappings is refused");
	check(victim_state(&v) == THREAD_FAULTED && *(volatile word_t *)first == 1, "and replaces none");
	check_ok(victim_map(large, RIGHT_READ | RIGHT_WRITE, 0, (MANY - 1) * PAGE_SIZE, 0), "one that replaces 64 is taken");
	check(seen.done == 1 && *(volatile word_t *)first == 0 && *(volatile word_t *)place == VALUE, "and replaces them all");
	check_equal(*(volatile word_t *)(first + (MANY - 1) * PAGE_SIZE), 1, "but not the next");
	end(b, &v);
	builder_release(b, large);
}

static void check_several(struct builder *b)
{
	struct victim v;
	struct message m;

	begin(b, reads, &v);
	check(victim_faults(&v, place, RIGHT_READ, &m), "a read faults");
	for (word_t i = 0; i < MESSAGE_ITEMS; i++)
		buffer_self()->item[i] = (struct item){.handle = memory, .control = RIGHT_READ | ITEM_MAP,
			.offset = i % PAGES * PAGE_SIZE, .length = PAGE_SIZE, .base = window_base(place) + 2 * i * PAGE_SIZE};
	m.tag = tag_make(ANSWER_RETRY, 0, MESSAGE_ITEMS);
	check_ok(message_answer(&m), "four items answer a fault");
	check(seen.done == 1 && seen.value == 1, "the first serves it");
	for (word_t i = 1; i < MESSAGE_ITEMS; i++)
		check_equal(*(volatile word_t *)(place + 2 * i * PAGE_SIZE), i % PAGES + 1, "each further item is mapped at its base");
	end(b, &v);
}

static void check_move(struct builder *b)
{
	struct slot_state slot;
	struct victim v;
	struct message m;
	handle_t given;

	require(build_derived(b, memory, RIGHT_READ, 0, &given));
	begin(b, reads, &v);
	check(victim_faults(&v, place, RIGHT_READ, &m), "a read faults");
	check_ok(victim_map(given, RIGHT_READ | ITEM_MOVE, 0, 0, window_base(place)), "a Memory that is moved answers it");
	check(seen.done == 1 && seen.value == 1, "the memory that was moved is mapped");
	require(space_slot(PROGRAM_SPACE, given, &slot));
	check_equal(slot.kind, KIND_NONE, "its giver keeps nothing");
	require(memory_revoke(memory, 0, PAGE_SIZE));
	check(!address_mapped(memory, place), "what it was derived from still revokes it");
	builder_put_slots(b, given, 1);
	require(space_unmap(PROGRAM_SPACE, arena, 3 * WINDOW));
	victim_destroy(b, &v);
}

static void check_revoked(struct builder *b)
{
	struct victim v;
	struct message m;
	handle_t given;

	require(build_derived(b, memory, RIGHT_READ, 0, &given));
	begin(b, reads, &v);
	check(victim_faults(&v, place, RIGHT_READ, &m), "a read faults");
	check_ok(victim_map(given, RIGHT_READ, 0, 0, window_base(place)), "a derived Memory answers it");
	check(seen.done == 1 && address_mapped(memory, place), "it is mapped");
	require(memory_revoke(given, 0, 0));
	check(!address_mapped(memory, place), "the pager takes it back by a revoke");
	victim_begin(&v);
	check(victim_faults(&v, place, RIGHT_READ, &m), "the next access faults again");
	end(b, &v);
	builder_release(b, given);
}

/* ---- items that are refused ---- */

enum { OF_MEMORY, OF_READ_ONLY, OF_DEVICE, OF_ENDPOINT, OF_NOTHING, OF_OUTSIDE, KINDS };

static const struct refusal {
	const char *name;
	unsigned what;
	word_t control, offset, length, base;
	enum error error;
} refusals[] = {
	{"a base at the window's end", OF_MEMORY, RIGHT_READ | ITEM_MAP, 0, 0, WINDOW, ERROR_WINDOW},
	{"a base far outside of the window", OF_MEMORY, RIGHT_READ | ITEM_MAP, 0, 0, ~(word_t)0 - PAGE_SIZE + 1, ERROR_WINDOW},
	{"a base that is not page aligned", OF_MEMORY, RIGHT_READ | ITEM_MAP, 0, 0, 8, ERROR_WINDOW},
	{"an offset that is not page aligned", OF_MEMORY, RIGHT_READ | ITEM_MAP, 8, 0, 0, ERROR_BAD_ARGUMENT},
	{"an offset behind the Memory", OF_MEMORY, RIGHT_READ | ITEM_MAP, PAGES * PAGE_SIZE, 0, 0, ERROR_BAD_ARGUMENT},
	{"a length that is not whole pages", OF_MEMORY, RIGHT_READ | ITEM_MAP, 0, 8, 0, ERROR_BAD_ARGUMENT},
	{"a length behind the Memory", OF_MEMORY, RIGHT_READ | ITEM_MAP, PAGE_SIZE, PAGES * PAGE_SIZE, 0, ERROR_BAD_ARGUMENT},
	{"a length that wraps", OF_MEMORY, RIGHT_READ | ITEM_MAP, PAGE_SIZE, ~(word_t)0 - PAGE_SIZE + 1, 0, ERROR_BAD_ARGUMENT},
	{"no rights at all", OF_MEMORY, ITEM_MAP, 0, 0, 0, ERROR_WINDOW},
	{"rights that Memory does not have", OF_MEMORY, RIGHT_PHYSICAL | ITEM_MAP, 0, 0, 0, ERROR_WINDOW},
	{"only rights that the pager does not have", OF_READ_ONLY, RIGHT_WRITE | ITEM_MAP, 0, 0, 0, ERROR_WINDOW},
	{"an unknown flag", OF_MEMORY, RIGHT_READ | ITEM_MAP | 1 << 11, 0, 0, 0, ERROR_BAD_ARGUMENT},
	{"a capability for a slot", OF_MEMORY, RIGHT_READ, 0, 0, 0, ERROR_WINDOW},
	{"a badge for a Memory", OF_MEMORY, RIGHT_READ | ITEM_MAP | ITEM_BADGE, 0, 0, 0, ERROR_WRONG_KIND},
	{"an Endpoint to map", OF_ENDPOINT, RIGHT_SEND | ITEM_MAP, 0, 0, 0, ERROR_WRONG_KIND},
	{"an Endpoint for a slot", OF_ENDPOINT, RIGHT_SEND, 0, 0, 0, ERROR_WINDOW},
	{"an empty slot", OF_NOTHING, RIGHT_READ | ITEM_MAP, 0, 0, 0, ERROR_BAD_HANDLE},
	{"a slot beyond the table", OF_OUTSIDE, RIGHT_READ | ITEM_MAP, 0, 0, 0, ERROR_BAD_HANDLE},
	{"device memory", OF_DEVICE, RIGHT_READ | ITEM_MAP, 0, 0, 0, ERROR_WINDOW},
	{"a move of a Memory that is mapped itself", OF_MEMORY, RIGHT_READ | ITEM_MAP | ITEM_MOVE, 0, 0, 0, ERROR_BUSY},
	{"a move of a part", OF_READ_ONLY, RIGHT_READ | ITEM_MAP | ITEM_MOVE, PAGE_SIZE, PAGE_SIZE, 0, ERROR_BAD_ARGUMENT},
	{"a move of what is clipped", OF_READ_ONLY, RIGHT_READ | ITEM_MAP | ITEM_MOVE, 0, 0, WINDOW - PAGE_SIZE, ERROR_WINDOW},
};

/* Is the victim still where it was, with nothing mapped in its window's first pages? */
static bool untouched(const struct victim *v)
{
	uintptr_t first = arena + WINDOW;

	return victim_state(v) == THREAD_FAULTED && !address_mapped(memory, first) && !address_mapped(memory, first + PAGE_SIZE) &&
		!address_mapped(memory, first + WINDOW - PAGE_SIZE) && !address_mapped(memory, first + WINDOW) && seen.done == 0;
}

/* Item 0 is good; the one that is tried is item 1: so the whole answer must be undone. */
static void check_refusal(const struct victim *v, const struct refusal *r, const handle_t handles[KINDS], handle_t from)
{
	struct message m = {.tag = tag_make(ANSWER_RETRY, 0, 2)};
	struct buffer *buffer = buffer_self();
	char name[100];
	word_t status;

	if (handles[r->what] == HANDLE_NONE && r->what == OF_DEVICE)
		return; /* this machine has none to try it with */
	buffer->item[0] = (struct item){.handle = handles[OF_READ_ONLY], .control = RIGHT_READ | ITEM_MAP, .length = PAGE_SIZE,
		.base = window_base(place)};
	buffer->item[1] = (struct item){.handle = handles[r->what], .control = r->control, .offset = r->offset,
		.length = r->length, .base = r->base};
	if ((r->control & ITEM_MOVE) != 0 && r->what == OF_READ_ONLY)
		buffer->item[0].handle = handles[OF_MEMORY];
	status = ipc(HANDLE_REPLY, from, &m);
	(void)text_format(name, sizeof name, "an answer%s is refused, its item named, and nothing changed: %s",
			  from != HANDLE_NONE ? " before a receive" : "", r->name);
	check_equal(status, untouched(v) && !address_mapped(memory, place) ? status_make(r->error, PHASE_SEND, 1) : ~(word_t)0, name);
}

/* More items or words than there can be, and an item that nobody may give. */
static void check_refused_tags(const struct victim *v)
{
	bool refused = true;

	for (word_t i = 0; i < MESSAGE_ITEMS; i++)
		buffer_self()->item[i] = (struct item){.handle = memory, .control = RIGHT_READ | ITEM_MAP, .base = 2 * i * PAGE_SIZE};
	for (unsigned way = 0; way < 2; way++) {
		handle_t from = way == 0 ? HANDLE_NONE : v->endpoint;
		struct message m;

		for (word_t items = MESSAGE_ITEMS + 1; items <= TAG_ITEMS_MASK; items++) {
			m = (struct message){.tag = tag_make(ANSWER_RETRY, 0, items)};
			refused = refused && status_error(ipc(HANDLE_REPLY, from, &m)) == ERROR_BAD_ARGUMENT;
		}
		for (word_t words = MESSAGE_WORDS + 1; words <= TAG_WORDS_MASK; words++) {
			m = (struct message){.tag = tag_make(ANSWER_RETRY, words, 1)};
			refused = refused && status_error(ipc(HANDLE_REPLY, from, &m)) == ERROR_BAD_ARGUMENT;
		}
		m = (struct message){.tag = tag_make(ANSWER_STOP, 0, 1)};
		refused = refused && status_error(ipc(HANDLE_REPLY, from, &m)) == ERROR_BAD_ARGUMENT;
	}
	check(refused && untouched(v), "answers with too many items or words, or with an item for a thread that stops, are refused");
}

static handle_t make_device(struct builder *b)
{
	handle_t device = builder_take_slots(b, 1);

	if (untyped_create(PROGRAM_DEVICE, KIND_MEMORY, PAGE_SIZE, 1, MEMORY_DEVICE, device) == OK)
		return device;
	builder_put_slots(b, device, 1);
	return HANDLE_NONE;
}

static void check_refused(struct builder *b)
{
	handle_t handles[KINDS] = {[OF_MEMORY] = memory, [OF_DEVICE] = make_device(b),
		[OF_NOTHING] = builder_take_slots(b, 1), [OF_OUTSIDE] = test_info()->handle_slots};
	struct victim v;
	struct message m;

	require(build_derived(b, memory, RIGHT_READ, 0, &handles[OF_READ_ONLY]));
	begin(b, reads, &v);
	handles[OF_ENDPOINT] = v.endpoint;
	check(victim_faults(&v, place, RIGHT_READ, &m), "a read faults");
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		check_refusal(&v, &refusals[i], handles, HANDLE_NONE);
		check_refusal(&v, &refusals[i], handles, v.endpoint);
	}
	check_refused_tags(&v);
	check_ok(victim_map(memory, RIGHT_READ, 0, PAGE_SIZE, window_base(place)), "after all these the Reply is still there");
	check(seen.done == 1 && seen.value == 1, "and a good answer ends the fault");
	end(b, &v);
	builder_release(b, handles[OF_DEVICE]);
	builder_release(b, handles[OF_READ_ONLY]);
	builder_put_slots(b, handles[OF_NOTHING], 1);
}

/* Two items that contradict one another. */
static void check_contradiction(struct builder *b)
{
	struct buffer *buffer = buffer_self();
	struct victim v;
	struct message m;
	handle_t given;

	require(build_derived(b, memory, RIGHT_READ, 0, &given));
	begin(b, reads, &v);
	check(victim_faults(&v, place, RIGHT_READ, &m), "a read faults");
	for (unsigned i = 0; i < 2; i++)
		buffer->item[i] = (struct item){.handle = memory, .control = RIGHT_READ | ITEM_MAP, .base = i * PAGE_SIZE};
	m.tag = tag_make(ANSWER_RETRY, 0, 2);
	check(ipc(HANDLE_REPLY, HANDLE_NONE, &m) == status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 1) && untouched(&v),
		"two items that overlap in the window are refused");
	for (unsigned i = 0; i < 2; i++)
		buffer->item[i] = (struct item){.handle = given, .control = RIGHT_READ | ITEM_MAP | ITEM_MOVE, .base = i * 8 * PAGE_SIZE};
	m.tag = tag_make(ANSWER_RETRY, 0, 2);
	check(ipc(HANDLE_REPLY, HANDLE_NONE, &m) == status_make(ERROR_BAD_ARGUMENT, PHASE_SEND, 1) && untouched(&v),
		"one capability cannot be moved twice");
	end(b, &v);
	builder_release(b, given);
}

/* ---- more than one thread ---- */

static void check_same_page(struct builder *b)
{
	struct victim first, second;
	struct message m;

	begin(b, reads, &first);
	victim_run(b, reads, place, &second);
	check(victim_faults(&first, place, RIGHT_READ, &m), "the first of two threads faults on a page");
	check_ok(victim_map(memory, RIGHT_READ, 0, PAGE_SIZE, window_base(place)), "it is served");
	check(seen.done == 1 && seen.value == 1, "it goes on");
	check(victim_faults(&second, place, RIGHT_READ, &m), "the second one's fault still comes");
	check_ok(victim_map(memory, RIGHT_READ, PAGE_SIZE, PAGE_SIZE, window_base(place)), "it may be served with another page");
	check(seen.done == 2 && seen.value == 2, "which replaces the first one's");
	victim_destroy(b, &second);
	end(b, &first);
}

/* A pager sees the most urgent fault first, runs at its priority, and on its context if it has none. */
static void check_priority(struct builder *b)
{
	struct thread_binding pager = {.what = CONFIGURE_PAGER};
	struct thread_report report = {.state = THREAD_STOPPED};
	struct victim low, high;
	struct message m;

	require(victim_create(b, reads, place, &low));
	require(victim_create(b, reads, place + PAGE_SIZE, &high));
	require(thread_priority(high.worker.thread, VICTIM_PRIORITY - 1, PROGRAM_CONTEXT));
	require(thread_priority(low.worker.thread, VICTIM_PRIORITY - 5, PROGRAM_CONTEXT));
	pager.pager = low.source[1];
	require(thread_configure(high.worker.thread, &pager));
	victim_begin(&low);
	victim_begin(&high);
	check(victim_faults(&low, place + PAGE_SIZE, RIGHT_READ, &m), "of two faults the more urgent thread's comes first");
	require(thread_query(PROGRAM_THREAD, &report));
	check(report.priority == 100 && report.effective == VICTIM_PRIORITY - 1, "the pager runs at its priority");
	check_ok(victim_answer(ANSWER_STOP, 0, 0, 0), "it is answered");
	require(thread_query(PROGRAM_THREAD, &report));
	check_equal(report.effective, 100, "then the pager has its own priority again");
	check(victim_faults(&low, place, RIGHT_READ, &m), "then the other's");
	victim_destroy(b, &high);
	end(b, &low);
}

void test_run(struct builder *b)
{
	void *address;

	arena = builder_take_addresses(b, 3 * WINDOW, WINDOW);
	place = arena + WINDOW + 5 * PAGE_SIZE;
	require(build_mapped(b, PAGES * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &memory, &address));
	content = address;
	for (unsigned page = 0; page < PAGES; page++)
		content[page * (PAGE_SIZE / sizeof(word_t))] = page + 1;
	check_message(b, reads, RIGHT_READ, (uintptr_t)probe_read, "read");
	check_message(b, writes, RIGHT_WRITE, (uintptr_t)probe_write, "write");
	check_message(b, executes, RIGHT_EXECUTE, place, "execute");
	check_retry(b);
	check_late(b);
	check_item(b);
	check_insufficient(b);
	check_clipped(b);
	check_copy_on_write(b);
	check_replace_whole(b);
	check_replace_many(b);
	check_several(b);
	check_move(b);
	check_revoked(b);
	check_refused(b);
	check_contradiction(b);
	check_same_page(b);
	check_priority(b);
	builder_release(b, memory);
}
