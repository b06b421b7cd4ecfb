/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random kernel operations by several threads in a Space that is there to be ruined: random handles, labels, words,
 * tags, flags, items and windows, mixed so that many of them succeed. This program is their pager and fault handler,
 * ends what they block in, starts them again when they have ruined themselves, and gives back what they deleted.
 * Afterwards everything is destroyed, all memory must be there again to the byte, and the kernel must still work. Where there are several
 * cores, the threads run on all of them.
 *
 * The random numbers come from a generator with a fixed seed; when a time slice ends is not in its hands.
 */
#include "actor.h"
#include "print.h"
#include "timing.h"

enum {
	SEED = 20250417,
	ROUNDS_MIN = 6,
	SHOWN_EVERY = 5000000, /* microseconds: of later rounds one is shown, so that a slow host is not taken for a hang */
	THREADS = 12,
	OPERATIONS = 40000,     /* of all threads, in all rounds, unless the run is told how many */
	ROUND = 8000,           /* wanted in a round */
	PLAUSIBLE = 8 * ROUND,  /* that one thread can make of them */
	OPERATIONS_MIN = 100,   /* that there must be at least when the time is over */
	SUCCEEDED_PART = 10,    /* at least one in so many must be a message to a kernel object that succeeded */
	TICKS_MAX = 500,        /* of a round */
	TICKS_IDLE = 20,        /* without any operation: the Space is ruined */
	TICK = 250,             /* microseconds */
	ROUND_TIME = 2000000,   /* a machine with more cores than its host takes longer: it does less */
	TIME = 6000000,         /* microseconds; a run that was told how much to do takes its time */
	CEILING = 95,
	INNER_SIZE = 8 << 20, /* what a round is built from */
	POOL_SIZE = 1 << 20,   /* of the Space */
	PREY_POOL = 128 << 10, /* of another Space */
	UNTYPED_SIZE = 1 << 20, /* that the threads can create from */
	MEMORY_PAGES = 16,
	UNTYPED_GIFTS = 3,
};

/* Where the threads find what they are given, in the table of their Space, and where they like to put things. */
enum {
	SLOT_SPACE = 1,
	SLOT_PREY,
	SLOT_UNTYPED,
	SLOT_SYSTEM,
	SLOT_ENDPOINT,              /* three of these, the last one badged */
	SLOT_NOTIFICATION = SLOT_ENDPOINT + 3, /* three */
	SLOT_MEMORY = SLOT_NOTIFICATION + 3, /* four */
	SLOT_THREAD = SLOT_MEMORY + 4,
	SLOT_CONTEXT = SLOT_THREAD + THREADS,
	SLOT_GIFTS_END = SLOT_CONTEXT + THREADS,
	SLOT_FREE = SLOT_GIFTS_END, /* and so on */
	SLOTS_LIKED = 96,
};

#define SCRATCH ((uintptr_t)1 << 33)
enum { SCRATCH_PAGES = 64 };

/* ---- the wild threads ---- */

/* In the worker's page, which both Spaces see. */
struct wild {
	uint64_t random;
	word_t operations;
	word_t succeeded; /* messages to kernel objects */
	word_t exchanged; /* messages to or from others, or signals */
};

static volatile struct wild *wild_beside(struct buffer *buffer)
{
	return (volatile struct wild *)((uintptr_t)buffer + 3 * BUFFER_SIZE);
}

static uint64_t next(volatile struct wild *w)
{
	uint64_t x = w->random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	w->random = x;
	return x * 0x2545f4914f6cdd1dull;
}

static word_t below(volatile struct wild *w, word_t limit)
{
	return (next(w) >> 20) % limit;
}

static word_t any_handle(volatile struct wild *w)
{
	switch (below(w, 20)) {
	case 0:
		return HANDLE_NONE;
	case 1:
		return HANDLE_REPLY;
	case 2:
		return next(w);
	case 3:
		return DOMAIN_SLOTS - 2 + below(w, 4);
	case 4:
	case 5:
	case 6:
	case 7:
		return SLOT_FREE + below(w, SLOTS_LIKED - SLOT_FREE);
	default:
		return 1 + below(w, SLOT_GIFTS_END - 1);
	}
}

static word_t any_word(volatile struct wild *w)
{
	switch (below(w, 13)) {
	case 0:
		return 0;
	case 1:
		return 1 + below(w, 3);
	case 2:
		return below(w, 16);
	case 3:
		return below(w, 64) * PAGE_SIZE;
	case 4:
		return (word_t)1 << below(w, 64);
	case 5:
		return next(w);
	case 6:
		return next(w) & UINT32_MAX;
	case 7:
		return ~(word_t)0 - below(w, 3);
	case 8:
	case 9:
		return SCRATCH + below(w, SCRATCH_PAGES) * PAGE_SIZE;
	default:
		return any_handle(w);
	}
}

static void any_windows(volatile struct wild *w, struct buffer *buffer)
{
	window_handles(buffer, SLOT_FREE + below(w, SLOTS_LIKED - SLOT_FREE), below(w, 9));
	window_map(buffer, below(w, 4) != 0 ? HANDLE_NONE : any_handle(w), SCRATCH + below(w, SCRATCH_PAGES) * PAGE_SIZE,
		   below(w, 20) * PAGE_SIZE, below(w, 4) | (below(w, 2) != 0 ? (word_t)WINDOW_REPLACE : 0));
	if (below(w, 50) == 0)
		window_map(buffer, any_word(w), any_word(w), any_word(w), any_word(w));
	if (below(w, 50) == 0)
		window_handles(buffer, any_word(w), any_word(w));
}

static void any_items(volatile struct wild *w, struct buffer *buffer)
{
	for (unsigned i = 0; i < MESSAGE_ITEMS; i++)
		buffer->item[i] = (struct item){
			.handle = any_handle(w),
			.control = below(w, 256) | (word_t)1 << (8 + below(w, 5)),
			.offset = below(w, 3) != 0 ? below(w, MEMORY_PAGES) * PAGE_SIZE : any_word(w),
			.length = below(w, 3) != 0 ? below(w, MEMORY_PAGES) * PAGE_SIZE : any_word(w),
			.base = below(w, 3) != 0 ? below(w, 4) * PAGE_SIZE : any_word(w),
		};
	for (unsigned i = MESSAGE_REGISTERS; i < 12; i++)
		buffer->word[i] = any_word(w);
}

static word_t any_tag(volatile struct wild *w)
{
	word_t label = below(w, 8) != 0 ? below(w, 16) : below(w, LABEL_KERNEL + 16);
	word_t words = below(w, 10) != 0 ? below(w, 8) : below(w, 128);

	return tag_make(label, words, below(w, 3) != 0 ? 0 : below(w, 8));
}

/* What a word of a message is, if it is to make sense. */
enum meaning { NONE, HANDLE, FREE_SLOT, SPACE, THREAD, ENDPOINT, MEMORY, CONTEXT, ADDRESS, PAGES, RIGHTS, BITS, SMALL, KIND, PARAMETER };

static word_t parameter(volatile struct wild *w, word_t kind)
{
	if (kind == KIND_UNTYPED)
		return (word_t)PAGE_SIZE << below(w, 6);
	if (kind == KIND_MEMORY)
		return (1 + below(w, 4)) * PAGE_SIZE;
	if (kind == KIND_ENDPOINT || kind == KIND_NOTIFICATION)
		return below(w, 4) != 0 ? 0 : below(w, 4); /* core */
	return kind == KIND_SPACE ? SPACE_HANDLES_MIN : 0;
}

static word_t meaningful(volatile struct wild *w, enum meaning meaning, word_t word_before)
{
	static const word_t first[] = {[SPACE] = SLOT_SPACE, [THREAD] = SLOT_THREAD, [ENDPOINT] = SLOT_ENDPOINT,
				       [MEMORY] = SLOT_MEMORY, [CONTEXT] = SLOT_CONTEXT};
	static const word_t count[] = {[SPACE] = 2, [THREAD] = THREADS, [ENDPOINT] = 3, [MEMORY] = 4, [CONTEXT] = THREADS};

	switch (meaning) {
	case NONE:
		return 0;
	case HANDLE:
		return any_handle(w);
	case FREE_SLOT:
		return SLOT_FREE + below(w, SLOTS_LIKED - SLOT_FREE);
	case ADDRESS:
		return SCRATCH + below(w, SCRATCH_PAGES) * PAGE_SIZE;
	case PAGES:
		return below(w, 5) * PAGE_SIZE;
	case RIGHTS:
		return below(w, 8) | (below(w, 3) == 0 ? (word_t)WINDOW_REPLACE | SPACE_BADGE : 0);
	case BITS:
		return next(w) & UINT32_MAX;
	case SMALL:
		return below(w, 4);
	case KIND:
		return below(w, KIND_COUNT);
	case PARAMETER:
		return parameter(w, word_before);
	default:
		return below(w, 3) != 0 ? first[meaning] + below(w, count[meaning]) : SLOT_FREE + below(w, SLOTS_LIKED - SLOT_FREE);
	}
}

/* Messages as they are meant. */
static const struct pattern {
	uint8_t slot, slots; /* objects that know it */
	uint8_t label;
	uint8_t word[MESSAGE_REGISTERS];
} patterns[] = {
	{SLOT_SPACE, 2, SPACE_DERIVE, {HANDLE, FREE_SLOT, RIGHTS, SMALL}},
	{SLOT_SPACE, 2, SPACE_DERIVE, {HANDLE, FREE_SLOT, BITS, SMALL}},
	{SLOT_SPACE, 2, SPACE_MOVE, {HANDLE, FREE_SLOT}},
	{SLOT_SPACE, 2, SPACE_DELETE, {FREE_SLOT}},
	{SLOT_SPACE, 2, SPACE_DELETE, {HANDLE}},
	{SLOT_SPACE, 2, SPACE_REVOKE, {HANDLE}},
	{SLOT_SPACE, 2, SPACE_MAP, {MEMORY, ADDRESS, RIGHTS, PAGES, PAGES}},
	{SLOT_SPACE, 2, SPACE_MAP, {FREE_SLOT, ADDRESS, RIGHTS, NONE, PAGES}},
	{SLOT_SPACE, 2, SPACE_UNMAP, {ADDRESS, PAGES}},
	{SLOT_SPACE, 2, SPACE_FEED, {FREE_SLOT}},
	{SLOT_SPACE, 2, SPACE_QUERY, {NONE}},
	{SLOT_SPACE, 2, SPACE_SLOT, {HANDLE}},
	{SLOT_UNTYPED, 1, UNTYPED_CREATE, {KIND, PARAMETER, SMALL, NONE}},
	{SLOT_UNTYPED, 1, UNTYPED_CREATE, {KIND, PARAMETER, SMALL, NONE}},
	{SLOT_UNTYPED, 1, UNTYPED_RESET, {NONE}},
	{SLOT_UNTYPED, 1, UNTYPED_QUERY, {NONE}},
	{SLOT_MEMORY, 4, MEMORY_DERIVE, {PAGES, PAGES, RIGHTS}},
	{SLOT_MEMORY, 4, MEMORY_MAP, {SPACE, ADDRESS, RIGHTS}},
	{SLOT_MEMORY, 4, MEMORY_UNMAP, {NONE}},
	{SLOT_MEMORY, 4, MEMORY_REVOKE, {PAGES, PAGES}},
	{SLOT_MEMORY, 4, MEMORY_CODE, {PAGES, PAGES}},
	{SLOT_MEMORY, 4, MEMORY_QUERY, {NONE}},
	{SLOT_THREAD, THREADS, THREAD_CONFIGURE, {BITS, SPACE, ENDPOINT, ENDPOINT, CONTEXT, MEMORY}},
	{SLOT_THREAD, THREADS, THREAD_CONFIGURE, {SMALL, SPACE, ENDPOINT, ENDPOINT, CONTEXT, MEMORY}},
	{SLOT_THREAD, THREADS, THREAD_START, {ADDRESS, ADDRESS, BITS}},
	{SLOT_THREAD, THREADS, THREAD_RESUME, {NONE}},
	{SLOT_THREAD, THREADS, THREAD_STOP, {NONE}},
	{SLOT_THREAD, THREADS, THREAD_ABORT, {NONE}},
	{SLOT_THREAD, THREADS, THREAD_RECALL, {NONE}},
	{SLOT_THREAD, THREADS, THREAD_READ, {NONE, SMALL, SMALL}},
	{SLOT_THREAD, THREADS, THREAD_WRITE, {NONE, SMALL, SMALL, BITS, BITS, BITS}},
	{SLOT_THREAD, THREADS, THREAD_PRIORITY, {SMALL, CONTEXT}},
	{SLOT_THREAD, THREADS, THREAD_SAVE_REPLY, {FREE_SLOT}},
	{SLOT_THREAD, THREADS, THREAD_NO_TIME, {SMALL}},
	{SLOT_THREAD, THREADS, THREAD_QUERY, {NONE}},
	{SLOT_NOTIFICATION, 3, NOTIFICATION_SIGNAL, {BITS}},
	{SLOT_NOTIFICATION, 3, NOTIFICATION_ARM, {BITS, BITS, SMALL, SMALL}},
	{SLOT_NOTIFICATION, 3, NOTIFICATION_ARM, {BITS, NONE, NONE, SMALL}},
	{SLOT_NOTIFICATION, 3, NOTIFICATION_DISARM, {NONE}},
	{SLOT_NOTIFICATION, 3, NOTIFICATION_BIND, {THREAD}},
	{SLOT_NOTIFICATION, 3, NOTIFICATION_UNBIND, {NONE}},
	{SLOT_CONTEXT, THREADS, CONTEXT_QUERY, {NONE}},
	{SLOT_CONTEXT, THREADS, CONTEXT_CONFIGURE, {SMALL, BITS, BITS, SMALL}},
	{SLOT_SYSTEM, 1, SYSTEM_SIZE, {KIND, PARAMETER}},
};

/* A message as it is meant, but for a word here and there, to an object that knows it, mostly. */
static void invoke_sensibly(volatile struct wild *w, struct message *m)
{
	const struct pattern *p = &patterns[below(w, sizeof patterns / sizeof patterns[0])];
	handle_t to = below(w, 4) != 0 ? p->slot + below(w, p->slots) : SLOT_FREE + below(w, SLOTS_LIKED - SLOT_FREE);

	for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
		if (below(w, 16) != 0)
			m->w[i] = meaningful(w, (enum meaning)p->word[i], i > 0 ? m->w[i - 1] : 0);
	m->tag = tag_make(p->label, MESSAGE_REGISTERS, 0) | (below(w, 2) != 0 ? (word_t)TAG_CALL : 0);
	if (ipc(to, HANDLE_NONE, m) == OK)
		w->succeeded++;
}

/* Any message to anything, without items. */
static void invoke_any(volatile struct wild *w, struct message *m)
{
	m->tag = (m->tag & ~((word_t)TAG_ITEMS_MASK << TAG_ITEMS_SHIFT)) | (below(w, 2) != 0 ? (word_t)TAG_CALL : 0);
	if (ipc(any_handle(w), HANDLE_NONE, m) == OK)
		w->succeeded++;
}

/* A message through an Endpoint, or a receive, or both, that seldom waits. */
static void exchange_any(volatile struct wild *w, struct message *m)
{
	word_t objects = SLOT_MEMORY - SLOT_ENDPOINT;
	handle_t to = below(w, 3) != 0 ? SLOT_ENDPOINT + below(w, objects) : HANDLE_NONE;
	handle_t from = below(w, 2) != 0 ? SLOT_ENDPOINT + below(w, objects) : HANDLE_NONE;

	if (below(w, 5) == 0)
		to = HANDLE_REPLY;
	if (below(w, 24) == 0 && from == HANDLE_NONE)
		m->tag |= TAG_CALL;
	else if (below(w, 32) != 0)
		m->tag |= TAG_NOWAIT_SEND | TAG_NOWAIT_RECEIVE;
	if (status_error(ipc(to, from, m)) == OK)
		w->exchanged++;
}

static void touch_any(volatile struct wild *w)
{
	volatile word_t *at = (volatile word_t *)(SCRATCH + below(w, SCRATCH_PAGES) * PAGE_SIZE);

	if (below(w, 2) != 0)
		*at = below(w, 100);
	else
		(void)*at;
}

static void do_anything(volatile struct wild *w, struct buffer *buffer)
{
	struct message m = {.tag = any_tag(w)};
	word_t choice = below(w, 100);

	for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
		m.w[i] = any_word(w);
	if (below(w, 2) != 0)
		any_windows(w, buffer);
	if (below(w, 2) != 0)
		any_items(w, buffer);
	if (choice < 50) {
		invoke_sensibly(w, &m);
	} else if (choice < 60) {
		invoke_any(w, &m);
	} else if (choice < 90) {
		exchange_any(w, &m);
	} else if (choice < 94) {
		m.tag = next(w);
		(void)ipc(any_handle(w), any_handle(w), &m);
	} else if (choice < 96) {
		touch_any(w);
	} else if (choice < 98) {
		m = (struct message){.tag = tag_make(THREAD_SAVE_REPLY, 1, 0), .w = {any_handle(w)}};
		(void)ipc(SLOT_THREAD + below(w, THREADS), HANDLE_NONE, &m);
	} else {
		yield();
	}
}

static void run_wild(word_t argument)
{
	struct buffer *buffer = buffer_self();
	volatile struct wild *w = wild_beside(buffer);

	(void)argument;
	for (;;) {
		w->operations++;
		do_anything(w, buffer);
	}
}

/* ---- their keeper ---- */

static struct builder *b;
static handle_t inner;  /* Untyped that a round is built from */
static handle_t faults; /* where the faults and exceptions of the wild threads come */
static handle_t tick;   /* bound to this thread */
static unsigned cores;

/* What a round consists of. */
static struct round {
	struct domain domain;
	struct worker worker[THREADS];
	word_t operations[THREADS]; /* at the last tick */
	handle_t prey, endpoint[2], notification[3], memory[4];
	handle_t badged; /* to `faults` */
	unsigned untyped_gifts;
	unsigned ticks, idle, fault_count, restarts;
	word_t last; /* operations of all at the last tick */
} r;

/* Gives the Space a derivation, if it has none in that slot. */
static void give(handle_t handle, handle_t slot, word_t rights)
{
	(void)space_derive(r.domain.space, handle, slot, rights);
}

static void give_untyped(void)
{
	struct slot_state slot = {.kind = KIND_COUNT};
	handle_t untyped;

	if (r.untyped_gifts == UNTYPED_GIFTS || space_slot(r.domain.space, SLOT_UNTYPED, &slot) != OK || slot.kind != KIND_NONE)
		return;
	r.untyped_gifts++;
	if (build_object(b, KIND_UNTYPED, UNTYPED_SIZE, &untyped) != OK)
		return;
	if (space_move(r.domain.space, untyped, SLOT_UNTYPED) == OK)
		builder_put_slots(b, untyped, 1);
	else
		builder_release(b, untyped);
}

static void give_all(void)
{
	give(r.domain.space, SLOT_SPACE, RIGHTS_ALL);
	give(r.prey, SLOT_PREY, RIGHTS_ALL);
	give(PROGRAM_SYSTEM, SLOT_SYSTEM, 0);
	for (unsigned i = 0; i < 2; i++)
		give(r.endpoint[i], SLOT_ENDPOINT + i, RIGHTS_ALL);
	(void)space_derive_badged(r.domain.space, r.endpoint[0], SLOT_ENDPOINT + 2, RIGHTS_ALL, 5);
	for (unsigned i = 0; i < 3; i++)
		give(r.notification[i], SLOT_NOTIFICATION + i, RIGHTS_ALL);
	for (unsigned i = 0; i < 4; i++)
		give(r.memory[i], SLOT_MEMORY + i, RIGHTS_ALL);
	for (unsigned i = 0; i < THREADS; i++) {
		give(r.worker[i].thread, SLOT_THREAD + i, RIGHTS_ALL);
		give(r.worker[i].context, SLOT_CONTEXT + i, RIGHTS_ALL);
	}
	give_untyped();
}

/* Binds all that a thread needs. */
static enum error bind(unsigned i)
{
	const struct worker *w = &r.worker[i];
	const struct thread_binding binding = {
		.what = CONFIGURE_ALL,
		.space = r.domain.space,
		.pager = r.badged,
		.handler = r.badged,
		.context = w->context,
		.buffer = w->memory,
	};

	return thread_configure(w->thread, &binding);
}

/* Stops the thread, binds everything anew and starts it over. What they ruined for good stays ruined. */
static void restart(unsigned i)
{
	const struct context_state time = {.core = i % cores, .budget = CONTEXT_UNLIMITED, .period = CONTEXT_UNLIMITED, .ceiling = CEILING};
	const struct worker *w = &r.worker[i];

	(void)thread_stop(w->thread);
	(void)context_configure(w->context, &time);
	(void)thread_priority(w->thread, CEILING - 5 * i, PROGRAM_CONTEXT);
	if (bind(i) == OK && worker_begin(w) == OK)
		r.restarts++;
}

/* Ends what a thread waits in; one that has not got on is started over. */
static void look_after(unsigned i)
{
	struct thread_report report = {.state = THREAD_STOPPED};
	word_t operations = wild_beside(worker_buffer(&r.worker[i]))->operations;

	(void)thread_query(r.worker[i].thread, &report);
	if (report.state == THREAD_SENDING || report.state == THREAD_RECEIVING || report.state == THREAD_CALLING)
		(void)thread_abort(r.worker[i].thread);
	else if (report.state == THREAD_STOPPED || (operations == r.operations[i] && r.ticks % 4 == 0))
		restart(i);
	r.operations[i] = operations;
}

/* Every second fault is answered with memory, as a pager does, the others with an order to stop. */
static void answer_fault(const struct message *fault)
{
	struct buffer *buffer = buffer_self();
	struct message m = {.tag = tag_make(ANSWER_RETRY, 0, 1)};

	r.fault_count++;
	buffer->item[0] = (struct item){
		.handle = r.memory[r.fault_count % 4],
		.control = RIGHT_READ | RIGHT_WRITE | ITEM_MAP,
		.offset = r.fault_count % MEMORY_PAGES * PAGE_SIZE,
		.length = PAGE_SIZE,
		.base = (fault->w[0] & (((word_t)1 << FAULT_WINDOW_SHIFT) - 1)) & ~(word_t)(PAGE_SIZE - 1),
	};
	if (tag_label(fault->tag) == LABEL_PAGE_FAULT && r.fault_count % 2 == 0 && message_answer(&m) == OK)
		return;
	m.tag = tag_make(ANSWER_STOP, 0, 0);
	(void)message_answer(&m);
}

struct tally {
	word_t operations, succeeded, exchanged;
};

/* A thread that was started somewhere in the code may write anywhere in its Space: numbers that cannot be do not count. */
static struct tally tally(void)
{
	struct tally sum = {.operations = 0};

	for (unsigned i = 0; i < THREADS; i++) {
		volatile struct wild *w = wild_beside(worker_buffer(&r.worker[i]));
		struct tally own = {.operations = w->operations, .succeeded = w->succeeded, .exchanged = w->exchanged};

		if (own.operations > PLAUSIBLE || own.succeeded > own.operations || own.exchanged > own.operations) {
			w->operations = w->succeeded = w->exchanged = 0;
			continue;
		}
		sum.operations += own.operations;
		sum.succeeded += own.succeeded;
		sum.exchanged += own.exchanged;
	}
	return sum;
}

static void on_tick(void)
{
	word_t operations = tally().operations;

	r.ticks++;
	r.idle = operations == r.last ? r.idle + 1 : 0;
	r.last = operations;
	give_all();
	for (unsigned i = 0; i < THREADS; i++)
		look_after(i);
	require(notification_arm(tick, 1, arch_counter() + microseconds(TICK), 0));
}

/* Looks after the threads until they have done enough. */
static void keep(void)
{
	struct message m;
	uint64_t end;

	require(notification_arm(tick, 1, arch_counter() + microseconds(TICK), 0));
	end = arch_counter() + microseconds(ROUND_TIME);
	while (arch_counter() < end && r.ticks < TICKS_MAX && r.idle < TICKS_IDLE && r.last < ROUND) {
		require(message_receive(faults, &m, 0));
		if (tag_label(m.tag) == LABEL_NOTIFICATION)
			on_tick();
		else
			answer_fault(&m);
	}
	require(notification_disarm(tick, NULL));
	(void)pending(tick);
}

static void create_round(unsigned number)
{
	r = (struct round){.ticks = 0};
	require(domain_create(b, POOL_SIZE, &r.domain));
	require(build_space(b, SPACE_HANDLES_MIN, PREY_POOL, &r.prey));
	require(build_derived(b, faults, RIGHT_SEND | RIGHT_TRANSFER, 1 + number, &r.badged));
	for (unsigned i = 0; i < 2; i++)
		require(build_object(b, KIND_ENDPOINT, i % cores, &r.endpoint[i]));
	for (unsigned i = 0; i < 3; i++)
		require(build_object(b, KIND_NOTIFICATION, (i + 1) % cores, &r.notification[i]));
	for (unsigned i = 0; i < 4; i++)
		require(build_object(b, KIND_MEMORY, MEMORY_PAGES * PAGE_SIZE, &r.memory[i]));
	for (unsigned i = 0; i < THREADS; i++) {
		const struct actor movable = {.worker = {.thread = HANDLE_NONE}};
		struct actor a = movable;

		require(worker_create(b, run_wild, 0, CEILING, &r.worker[i]));
		a.worker = r.worker[i];
		require(actor_move(&r.domain, &a));
		wild_beside(worker_buffer(&r.worker[i]))->random = (uint64_t)SEED * (number * THREADS + i + 1);
	}
	give_all();
	for (unsigned i = 0; i < THREADS; i++)
		require(bind(i)); /* all, before one of them runs and starts another */
	for (unsigned i = 0; i < THREADS; i++)
		restart(i);
}

static void destroy_round(void)
{
	for (unsigned i = THREADS; i-- > 0;)
		worker_destroy(b, &r.worker[i]);
	domain_destroy(b, &r.domain);
	builder_release(b, r.prey);
	for (unsigned i = 0; i < 4; i++)
		builder_release(b, r.memory[i]);
	for (unsigned i = 0; i < 3; i++)
		builder_release(b, r.notification[i]);
	for (unsigned i = 0; i < 2; i++)
		builder_release(b, r.endpoint[i]);
	builder_release(b, r.badged);
}

/* ---- what must hold afterwards ---- */

struct accounts {
	word_t inner, outer, pool;
};

static struct accounts accounts(handle_t outer)
{
	struct untyped_state in = {.free = 0}, out = {.free = 0};
	struct space_state space = {.pool_free = 0};

	require(untyped_query(inner, &in));
	require(untyped_query(outer, &out));
	require(space_query(PROGRAM_SPACE, &space));
	return (struct accounts){.inner = in.free, .outer = out.free, .pool = space.pool_free};
}

/* What a destroyed Space leaves to do is done by the operations that follow. */
static enum error reset(handle_t untyped)
{
	enum error error = ERROR_BUSY;

	for (unsigned i = 0; i < 1000 && error == ERROR_BUSY; i++)
		error = untyped_reset(untyped);
	return error;
}

static void echo(word_t from)
{
	struct message m;

	(void)message_receive(from, &m, 0);
	for (;;) {
		m.tag = tag_make(0, MESSAGE_REGISTERS, 0);
		(void)message_answer_receive(from, &m);
	}
}

/* Calls, memory, signals, deadlines: does everything still work? */
static void check_alive(void)
{
	struct message m = message_make(0, 33);
	handle_t endpoint, memory;
	struct worker server;
	void *address;

	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(worker_create(b, echo, endpoint, ACTOR_PRIORITY, &server));
	require(worker_begin(&server));
	check(object_call(endpoint, 1, MESSAGE_REGISTERS, &m) == OK && m.w[0] == 33 && m.w[5] == 38, "a call still works");
	check_ok(build_mapped(b, 3 * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &memory, &address), "memory can still be made and mapped");
	check_equal(((volatile word_t *)address)[PAGE_SIZE / sizeof(word_t)], 0, "what was anybody's is zero");
	wait_until(arch_counter() + microseconds(10));
	check(notification_signal(tick, 2) == OK && pending(tick) == 2, "signals and deadlines still work");
	b->address = (uintptr_t)address;
	builder_release(b, memory);
	worker_destroy(b, &server);
	builder_release(b, endpoint);
}

static bool same(struct accounts a, struct accounts c)
{
	return a.inner == c.inner && a.outer == c.outer && a.pool == c.pool;
}

/* One round; what was done is added to *all. True: everything could be taken back. */
static bool run_round(unsigned number, struct tally *all)
{
	static uint64_t shown;
	struct tally now;

	create_round(number);
	keep();
	now = tally();
	if (number < ROUNDS_MIN || arch_counter() - shown >= microseconds(SHOWN_EVERY)) {
		shown = arch_counter();
		print("# round %u: %lu operations, %lu messages to objects and %lu to others succeeded, %u faults, %u starts, %u ticks\n", number,
			now.operations, now.succeeded, now.exchanged, r.fault_count, r.restarts, r.ticks);
	}
	all->operations += now.operations;
	all->succeeded += now.succeeded;
	all->exchanged += now.exchanged;
	destroy_round();
	return reset(inner) == OK;
}

static bool enough(unsigned rounds, const struct tally *all, uint64_t start)
{
	if (test_amount(0) == 0 && all->operations >= OPERATIONS_MIN && arch_counter() - start > microseconds(TIME))
		return true;
	return rounds >= ROUNDS_MIN && all->operations >= test_amount(OPERATIONS);
}

static void run_rounds(handle_t outer)
{
	struct tally all = {.operations = 0};
	uint64_t start = arch_counter();
	struct accounts first = {.inner = 0};
	bool reset_all = true, same_all = true;

	for (unsigned i = 0; !enough(i, &all, start); i++) {
		reset_all = run_round(i, &all) && reset_all;
		if (i == 0)
			first = accounts(outer); /* what it took of the own page tables, it takes once */
		same_all = same_all && same(accounts(outer), first);
	}
	print("# %lu operations\n", all.operations);
	check(all.operations >= test_amount(OPERATIONS_MIN), "as many random operations as wanted, or as there is time for, are survived");
	check(all.succeeded >= all.operations / SUCCEEDED_PART && all.exchanged != 0, "many of them succeeded");
	check(reset_all, "after each round everything can be destroyed");
	check(same_all && first.inner == INNER_SIZE, "and all memory is there again, to the byte");
}

void test_run(struct builder *builder)
{
	struct system_state system;
	handle_t outer;

	b = builder;
	require(system_info(PROGRAM_SYSTEM, &system));
	cores = (unsigned)system.cores;
	print("# seed %u, %u cores\n", (unsigned)SEED, cores);
	timing_open(b);
	require(build_object(b, KIND_ENDPOINT, 0, &faults));
	require(build_object(b, KIND_NOTIFICATION, 0, &tick));
	require(notification_bind(tick, PROGRAM_THREAD));
	require(builder_enter(b, INNER_SIZE, &outer));
	inner = b->untyped;
	run_rounds(outer);
	require(notification_unbind(tick));
	check_alive();
	check_ok(builder_leave(b, outer), "what the rounds were built from can be given back");
	builder_release(b, tick);
	builder_release(b, faults);
	timing_close(b);
}
