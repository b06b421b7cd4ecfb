/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The invariant checker.
 *
 * It begins at what the core knows (threads, active Space, deadlines, tear-down list, and the Space that
 * was active when it was called first, as long as that lives) and follows two kinds of edges to the end:
 * a capability leads to the root of its derivation tree, whose nodes are all visited; a Space found in a
 * tree leads to all slots of its table. What is linked both ways is counted from both sides: then every node
 * of a tree lies in one known place, and every place holds a node.
 */
#include "check/check.h"
#include "kernel/context.h"
#include "kernel/interrupt.h"
#include "kernel/invoke.h"
#include "kernel/ipc.h"
#include "kernel/memory.h"
#include "kernel/notification.h"
#include "kernel/reply.h"
#include "kernel/revoke.h"
#include "kernel/trace.h"
#include "kernel/untyped.h"

#include <string.h>

enum { SPACES_MAX = 512, ROOTS_SHIFT = 11, ROOTS_MAX = 1 << ROOTS_SHIFT, ZERO_WORDS = 64 };

void (*check_dead)(uint64_t start, uint64_t end);

/* Things that are counted from both sides. */
enum pair {
	SLOTS,
	FEEDS,
	RECORDS,
	RECORD_BYTES,
	WAITING_THREADS,
	READY_THREADS,
	MAILED_THREADS,
	MAILED_SIGNALS,
	MAILED_BREAKS,
	MAILED_CONTEXTS,
	LENDERS,
	DEADLINES,
	RINGS,
	PAIRS
};

static struct {
	const char *problem;
	const void *culprit;
	unsigned spaces, spaces_done;
	unsigned roots, roots_done;
	uint64_t count[PAIRS][2];
} check;

static struct space *spaces[SPACES_MAX];            /* in the order in which they were met */
static const struct capability *roots[ROOTS_MAX];   /* hashed by address */
static uint16_t root_order[ROOTS_MAX];              /* indices in the order in which they were met */

static struct space *first_space;

/* Notes the first thing that is wrong. Returns the condition. */
static bool expect(bool condition, const void *culprit, const char *what)
{
	if (!condition && !check.problem) {
		check.problem = what;
		check.culprit = culprit;
	}
	return condition;
}

/* ---- what is still to be visited ---- */

static void reach_space(struct space *space)
{
	for (unsigned i = 0; i < check.spaces; i++)
		if (spaces[i] == space)
			return;
	if (expect(check.spaces < SPACES_MAX, space, "more Spaces than can be checked"))
		spaces[check.spaces++] = space;
}

/* Notes the root of the tree that c is in. */
static void reach(const struct capability *c)
{
	unsigned at;

	if (!expect(c->object, c, "a link leads to an empty capability"))
		return;
	for (unsigned steps = 0; c->parent; steps++, c = c->parent)
		if (!expect(steps < CAPABILITY_DEPTH_MAX, c, "a derivation is too deep, or its own ancestor"))
			return;
	at = (unsigned)((uint64_t)(uintptr_t)c * 0x9e3779b97f4a7c15u >> (64 - ROOTS_SHIFT));
	for (; roots[at]; at = (at + 1) % ROOTS_MAX)
		if (roots[at] == c)
			return;
	if (!expect(check.roots + 1 < ROOTS_MAX, c, "more roots of derivation trees than can be checked"))
		return;
	roots[at] = c;
	root_order[check.roots++] = (uint16_t)at;
}

/* ---- queues and mailboxes ---- */

/* A circle of threads in a wait queue (NULL: the ready queue of this priority). Returns how many they are. */
static unsigned check_circle(const struct thread *head, const struct wait_queue *queue, uint8_t priority, unsigned core)
{
	const struct thread *t = head;
	unsigned count = 0;

	do {
		if (!expect(t->link.next->link.previous == t, t, "a circle of threads is broken"))
			break;
		expect(t->link.queue == queue && t->ready_queued == !queue, t, "a thread does not know in which queue it is");
		expect(t->effective == priority, t, "a thread waits at another priority than its own");
		expect(t->core == core && !t->in_mail, t, "a thread waits on another core than its own");
		expect(!queue || t->link.head == (t == head), t, "a circle does not have one head");
		count++;
		t = t->link.next;
	} while (t != head);
	return count;
}

static bool waits_as(const struct thread *t, bool receives)
{
	return receives ? t->state == THREAD_RECEIVING : t->state == THREAD_SENDING || t->state == THREAD_FAULTED;
}

static void check_queue(const struct wait_queue *queue, bool receivers, unsigned home)
{
	const struct thread *above = NULL;

	expect(queue->only == (queue->first && queue->first->link.next == queue->first && !queue->first->link.level_next ? queue->first : NULL),
	       queue->first, "a queue does not know whether one thread is alone in it");
	for (const struct thread *level = queue->first; level && !check.problem; level = level->link.level_next) {
		const struct thread *t = level;

		expect(level->link.level_previous == above, level, "the levels of a wait queue are not linked both ways");
		expect(!above || above->effective > level->effective, level, "the levels of a wait queue are out of order");
		check.count[WAITING_THREADS][0] += check_circle(level, queue, level->effective, home);
		for (; !check.problem && expect(waits_as(t, receivers), t, "a thread waits in a queue that its state does not name");) {
			t = t->link.next;
			if (t == level)
				break;
		}
		above = level;
	}
}

static void check_ready(const struct core *core, unsigned number)
{
	for (unsigned priority = 0; priority < PRIORITIES; priority++) {
		const struct thread *t = core->ready[priority];

		expect(!t == !(core->ready_map[priority / 64] >> priority % 64 & 1), t, "the bitmap of ready queues is wrong");
		if (!t)
			continue;
		check.count[READY_THREADS][0] += check_circle(t, NULL, (uint8_t)priority, number);
		do {
			if (!expect(t->state == THREAD_READY && t->space, t, "a thread in a ready queue cannot run"))
				return;
			reach(&t->binding[BIND_SPACE]);
			t = t->link.next;
		} while (!check.problem && t != core->ready[priority]);
	}
}

static void check_mail(const struct core *core, unsigned number)
{
	static const enum pair pairs[] = {
		[MAIL_THREAD] = MAILED_THREADS, [MAIL_SIGNAL] = MAILED_SIGNALS, [MAIL_BREAK] = MAILED_BREAKS, [MAIL_CONTEXT] = MAILED_CONTEXTS};
	const struct mailbox *box = &core->mailbox;
	bool dummy = false;

	for (const struct mail *mail = box->first; mail; mail = mail->next) {
		const struct thread *t = (const struct thread *)(const void *)((const char *)mail - offsetof(struct thread, mail));

		expect(mail->next || box->last == mail, box, "a mailbox does not end where senders think");
		if (mail == &box->dummy) {
			if (!expect(!dummy, box, "a mailbox has its dummy twice"))
				return;
			dummy = true;
			continue;
		}
		if (mail->kind == MAIL_THREAD && expect(t->in_mail && t->core == number && t->space, t, "a thread travels elsewhere"))
			reach(&t->binding[BIND_SPACE]);
		if (mail->kind == MAIL_SIGNAL)
			expect(((const struct notification *)(const void *)((const char *)mail - offsetof(struct notification, mail)))->object.home ==
				       number,
			       mail, "a signal is in the mailbox of another core");
		if (mail->kind == MAIL_CONTEXT)
			expect(((const struct context *)(const void *)((const char *)mail - offsetof(struct context, mail)))->at == number, mail,
			       "a scheduling context is in the mailbox of another core than who waits for it looks");
		if (mail->kind < MAIL_WORK)
			check.count[pairs[mail->kind]][0]++;
	}
}

/* ---- deadlines ---- */

/* The core that owns what a deadline lies in. */
static unsigned deadline_home(const struct deadline *d)
{
	const char *at = (const char *)d;

	if (d->of == DEADLINE_OF_CONTEXT)
		return (unsigned)((const struct context *)(const void *)(at - offsetof(struct context, refill)))->core;
	return ((const struct notification *)(const void *)(at - offsetof(struct notification, deadline)))->object.home;
}

/* `path`: the address bits that led here. */
static void check_heap(const struct deadline *d, unsigned level, uint64_t path, unsigned group, unsigned core)
{
	uint64_t line = (uint64_t)(uintptr_t)d >> 6, bit = (uint64_t)1 << level;

	if (!expect(level < 58 && (line & (bit - 1)) == path, d, "a deadline is not where its address puts it"))
		return;
	expect(d->armed && d->group == group, d, "a deadline in a heap is not armed, or of another heap");
	expect(deadline_home(d) == core, d, "a deadline is in the heap of another core");
	check.count[DEADLINES][0]++;
	for (unsigned side = 0; side < 2; side++) {
		if (!d->child[side])
			continue;
		expect(d->child[side]->time >= d->time, d, "a deadline lies above an earlier one");
		check_heap(d->child[side], level + 1, path | (side ? bit : 0), group, core);
	}
}

/* The timer comes before something is due, or when the pause after the last interrupt is over. */
static void check_timer(const struct core *core)
{
	uint64_t due = deadline_first(core);

	if (core->slice_end < due)
		due = core->slice_end;
	if (core->budget_end < due)
		due = core->budget_end;
	expect(core->timer_armed <= due || core->timer_armed <= core->timer_soonest, core, "the timer is armed too late");
	/* another core may just do what is pending for a thread, whose time begins with user level */
	expect(core != core_self() || !core->current || (core->charged && core->charged == core->current->active), core,
	       "the time of the thread that runs is charged to another");
	expect(!core->charged || (!core->charged->spent && core_number((unsigned)core->charged->core) == core), core,
	       "time is charged to a context that has none left, or is of another core");
}

/* ---- threads, Replies, scheduling contexts ---- */

static void check_reply(const struct capability *place)
{
	const struct thread *caller = reply_caller(place);

	expect(capability_kind(place) == KIND_REPLY, place, "what is no Reply lies where a Reply belongs");
	expect(!caller || caller->reply_place == place, place, "a caller does not know where its Reply is");
}

/* Is there something for a ready thread to do where it is? */
static bool dispatchable(const struct thread *t)
{
	const struct context *c = t->active;

	return t->pending || (c && (c->core != t->core || (!c->away && (!c->spent || t->no_time_fault))));
}

/* Who waits for an answer belongs to the core of its context, lent or not, so that it can be taken back there. */
static void check_owner(const struct thread *t)
{
	const struct context *c = t->lent ? t->lent : t->active;

	if (t->reply_place && c)
		expect(t->core == c->core || c->away, t, "a thread waits for an answer on another core than that of its context");
}

/* Where a thread is follows from its state. */
static void check_state(const struct thread *t)
{
	bool queued = t->link.queue, called = t->reply_place;

	expect(t->state == THREAD_READY || (!t->ready_queued && !t->in_mail), t, "a thread that is not ready is in a ready queue or travels");
	switch (t->state) {
	case THREAD_STOPPED:
		expect(!queued && !called && !t->pending, t, "a stopped thread waits for something");
		break;
	case THREAD_READY:
		expect(!queued && !called, t, "a ready thread waits for something");
		expect(!dispatchable(t) || t->ready_queued || t->in_mail || t == core_number(t->core)->current, t,
		       "a thread that could run was forgotten");
		break;
	case THREAD_CALLING:
		expect(!queued && called, t, "nobody has the right to answer a caller");
		break;
	case THREAD_FAULTED:
		expect(queued != called && t->fault.label, t, "nobody has, or takes, the fault of a thread");
		break;
	default:
		expect((t->state == THREAD_SENDING || t->state == THREAD_RECEIVING) && queued && !called, t, "a blocked thread is in no queue");
	}
}

static void check_bindings(const struct thread *t)
{
	const struct capability *binding = t->binding;
	const struct context *context = capability_object(&binding[BIND_CONTEXT]);
	const struct notification *bound = capability_object(&binding[BIND_NOTIFICATION]);
	const char *page = binding[BIND_BUFFER].object ? hal_kernel_address(capability_base(&binding[BIND_BUFFER])) : NULL;

	for (unsigned place = 0; place < BINDINGS; place++) {
		if (!binding[place].object)
			continue;
		expect(binding[place].flags & CAPABILITY_BINDING && binding[place].binding.owner == t && binding[place].binding.place == place,
		       t, "a binding does not know whose it is");
		reach(&binding[place]);
	}
	expect(t->space == capability_object(&binding[BIND_SPACE]), t, "a thread is in another Space than it is bound to");
	expect(t->space || t->state == THREAD_STOPPED, t, "a thread without a Space is not stopped");
	expect(!context || context->owner == t, t, "the owner of a scheduling context does not know that");
	expect(!bound || bound->bound == t, t, "a Notification does not know to whom it is bound");
	expect(t->own == context && t->notification == bound && !bound == !(t->rare & RARE_NOTIFICATION) &&
		       !binding[BIND_FPU].object == !(t->rare & RARE_FPU),
	       t, "a thread does not know what is bound to it");
	expect(page ? (const char *)t->buffer >= page && (const char *)t->buffer <= page + PAGE_SIZE - BUFFER_SIZE : !t->buffer, t,
	       "a message buffer does not lie where it is bound");
}

/* As long as nothing was emptied since, the handle means what is remembered. */
static void check_memo(const struct thread *t, const struct memo *memo)
{
	bool notification = memo->emptied == ~capability_emptied;
	const struct capability *c;

	if (!notification && memo->emptied != capability_emptied)
		return;
	c = space_lookup(t->space, memo->handle);
	expect(c && capability_object(c) == memo->endpoint && memo->endpoint->object.home == t->core &&
		       capability_kind(c) == (notification ? KIND_NOTIFICATION : KIND_ENDPOINT), t, "a thread remembers a handle that means something else");
}

static void check_thread(const struct thread *t)
{
	check_state(t);
	check_owner(t);
	check_bindings(t);
	check.count[WAITING_THREADS][1] += t->link.queue != NULL;
	check.count[READY_THREADS][1] += t->ready_queued;
	check.count[MAILED_THREADS][1] += t->in_mail;
	check.count[LENDERS][1] += t->lent != NULL;
	expect(t->effective == (t->inherited > t->priority ? t->inherited : t->priority), t, "a thread's effective priority is wrong");
	expect(!t->reply_place || t->reply_place->object == object_word(t, KIND_REPLY), t, "a Reply does not know its caller");
	expect(!t->lent || t->reply_place, t, "a thread that waits for no answer lent something");
	expect(!t->active || t->active->user == t || (t->active->away && t->active->stripped == t), t,
	       "a scheduling context does not know who runs on it");
	if (t->reply.object)
		check_reply(&t->reply);
	check_memo(t, &t->sends);
	check_memo(t, &t->receives);
}

static void check_context(const struct context *c)
{
	check.count[DEADLINES][1] += c->refill.armed;
	check.count[MAILED_CONTEXTS][1] += c->away;
	expect(c->spent == c->refill.armed, c, "a spent scheduling context waits for no refill, or another one does");
	expect(!c->owner || capability_object(&c->owner->binding[BIND_CONTEXT]) == c, c, "a scheduling context's owner has another one");
	expect(c->lender || c->user == c->owner, c, "a scheduling context that is not lent is not its owner's");
	expect(!c->user || c->user == c->owner || c->user->active == c, c, "who is said to run on a scheduling context does not");
	for (const struct thread *t = c->lender; t; t = t->lender_below) {
		check.count[LENDERS][0]++;
		if (!expect(t->lent == c, t, "a lender lent something else"))
			break;
	}
}

static void check_notification(const struct notification *n)
{
	check_queue(&n->queue, true, n->object.home);
	check.count[DEADLINES][1] += n->deadline.armed;
	check.count[MAILED_SIGNALS][1] += n->remote != 0;
	check.count[MAILED_BREAKS][1] += n->breaking;
	expect(!n->bits || !n->queue.first, n, "a thread waits for bits that are there");
	expect(!n->bits || !n->bound || n->bound->state != THREAD_RECEIVING || n->bound->core != n->object.home || !n->bound->link.queue->receivers,
	       n, "a thread was not told of the bits of its bound Notification");
	expect(!n->bound || capability_object(&n->bound->binding[BIND_NOTIFICATION]) == n, n, "a Notification is bound to nobody");
}

/* ---- page tables and pool ---- */

struct tally {
	struct space *space;
	unsigned tables, directories, records; /* blocks and records that are in use */
};

static bool in_pool(const struct pool *pool, const void *block)
{
	for (const struct feed *f = pool->first; f; f = f->next)
		if ((uintptr_t)block >= (uintptr_t)f && (uintptr_t)block < (uintptr_t)f + f->used)
			return true;
	return false;
}

static void check_block(const struct space *space, const void *block)
{
	expect(!((uintptr_t)block & (BLOCK_SIZE - 1)) && (space->object.dying || in_pool(&space->pool, block)), block,
	       "a block of a Space is not of its pool");
}

static void check_leaf(struct tally *tally, unsigned level, uint64_t pte, uintptr_t address, uint64_t size, const struct capability *c)
{
	uint64_t offset;

	if (!expect(c && capability_kind(c) == KIND_MEMORY && capability_is_mapped(c), c, "a leaf has no mapping record"))
		return;
	offset = address - mapped_address(c);
	expect(c->map.space == tally->space && offset < memory_size(c) && size <= memory_size(c) - offset, c,
	       "a leaf lies outside of its mapping record's range");
	expect(hal_pte_address(level, pte) == capability_base(c) + offset, c, "a leaf translates to another address than its record says");
	expect(hal_pte_access(level, pte) == (c->map.address & ACCESS_MASK), c, "a leaf allows other access than its record says");
	address -= PAGE_SIZE;
	expect(!offset || c->map.address & MAPPING_VANISHES || pagetable_first(tally->space, &address, address + PAGE_SIZE) == c, c,
	       "a mapping has a hole");
	if (!(c->flags & CAPABILITY_RECORD))
		return;
	check.count[RECORD_BYTES][0] += size;
	tally->records += offset == 0;
}

/* Returns how many entries are used. */
static size_t check_table(struct tally *tally, const uint64_t *table, unsigned level, uintptr_t base)
{
	const struct hal_pt *pt = hal_pt();
	const uintptr_t *companion = (const uintptr_t *)(const void *)((const char *)table + PAGE_SIZE);
	bool root = level + 1u == pt->levels;
	size_t used = 0;

	for (size_t i = 0; (root || i < (size_t)1 << HAL_TABLE_BITS) && !check.problem; i++) {
		uintptr_t address = base + i * pagetable_size(level);
		uint64_t pte;

		if (address >= pt->user_top)
			break;
		pte = hal_pte_read(&table[i]);
		used += pte != 0;
		if (!pte) {
			expect(root || !companion[i], &table[i], "an absent entry has a record");
		} else if (hal_pte_is_leaf(level, pte)) {
			check_leaf(tally, level, pte, address, pagetable_size(level), root ? NULL : (const struct capability *)companion[i]);
		} else {
			const uint64_t *below = hal_kernel_address(hal_pte_address(level, pte));
			size_t count;

			tally->tables++;
			check_block(tally->space, below);
			count = check_table(tally, below, level - 1, address);
			expect(root || (count && companion[i] == count), below, "the number of used entries of a table is wrong");
		}
	}
	return used;
}

/* Filling a capability relies on that. A free record has a link. */
static bool is_empty(const struct capability *c)
{
	return !(c->object | c->details | c->map.address) && !c->parent && !c->child && !c->previous && !c->map.space;
}

/* Every block is a page table, a table block, a block of records, or free. */
static void check_pool(const struct tally *tally)
{
	const struct pool *pool = &tally->space->pool;
	uint64_t size = 0, blocks = 0, fresh = 0, records = (uint64_t)pool->records + tally->records, feeds = 0, given = 0;

	for (const struct feed *f = pool->first; f; f = f->next, feeds++) {
		size += f->size;
		blocks += f->size / BLOCK_SIZE - 1;
		fresh += (f->size - f->used) / BLOCK_SIZE;
		check.count[FEEDS][0] += f->capability.object != 0;
	}
	for (void *const *b = pool->free_blocks; b && given <= blocks; b = (void *const *)*b, given++)
		check_block(tally->space, b);
	expect(size == pool->size && given + fresh == pool->blocks, pool, "free blocks of a pool are lost, or there twice");
	given = 0;
	for (const struct capability *c = pool->free_records; c && given <= pool->records; c = c->next, given++)
		expect(is_empty(c) && in_pool(pool, c), c, "a free record is in use, or not of its pool");
	expect(given == pool->records, pool, "free records of a pool are lost, or there twice");
	records -= feeds * (BLOCK_RECORDS - FEED_HEADER_RECORDS);
	expect(records % BLOCK_RECORDS == 0 && records / BLOCK_RECORDS + tally->tables + tally->directories + pool->blocks == blocks, pool,
	       "the pool's accounting is wrong");
}

static void check_slot(const struct capability *c)
{
	if (capability_kind(c) == KIND_REPLY) {
		check_reply(c);
		return;
	}
	expect(!(c->flags & (CAPABILITY_RECORD | CAPABILITY_BINDING | CAPABILITY_FEED)), c, "a handle names a capability of the kernel's own");
	check.count[SLOTS][0]++;
	reach(c);
}

static void check_space(struct space *space)
{
	struct tally tally = {.space = space};

	reach(space->object.original);
	for (const struct feed *f = space->pool.first; f; f = f->next)
		if (f->capability.object)
			reach(&f->capability);
	for (size_t block = 0; block * TABLE_BLOCK_SLOTS < space->slots; block++) {
		const struct capability *slots = space->directory[block];

		if (!slots)
			continue;
		check_block(space, slots);
		tally.directories++;
		for (unsigned i = 0; i < TABLE_BLOCK_SLOTS && !check.problem; i++)
			if (slots[i].object)
				check_slot(&slots[i]);
			else
				expect(is_empty(&slots[i]) && !slots[i].next, &slots[i], "an empty slot is not zero");
	}
	(void)check_table(&tally, space->root, hal_pt()->levels - 1u, 0);
	check.count[RECORDS][0] += tally.records;
	if (!space->object.dying)
		check_pool(&tally);
}

/* ---- the derivation tree ---- */

/* The physical range that an original capability stands for. */
static void extent(const struct capability *c, uint64_t *start, uint64_t *end)
{
	uint64_t size, alignment;

	switch (capability_kind(c)) {
	case KIND_UNTYPED:
		*start = capability_base(c);
		*end = *start + untyped_size(c);
		return;
	case KIND_MEMORY:
		*start = capability_base(c);
		*end = *start + memory_size(c);
		return;
	case KIND_SPACE: {
		const struct space *space = capability_object(c);

		*start = hal_physical_address(space->root);
		*end = *start + space_size(space->slots);
		return;
	}
	default:
		expect(object_size(capability_kind(c), 0, &size, &alignment), c, "a capability of no kind");
		*start = hal_physical_address(capability_object(c));
		*end = *start + size;
	}
}

static bool is_dying(const struct capability *c)
{
	return c->flags & CAPABILITY_DYING || (c->flags & CAPABILITY_FEED && c->feed.space->object.dying);
}

/* The beginning and the end of what an Untyped takes for zero, between two of its marks. */
static void check_zero(const struct capability *c, uint32_t from, uint64_t to)
{
	const uint64_t *start = hal_kernel_address(capability_base(c) + ((uint64_t)from << untyped_unit(c)));
	const uint64_t *end = hal_kernel_address(capability_base(c) + (to << untyped_unit(c)));

	for (unsigned i = 0; i < ZERO_WORDS && start + i < end; i++)
		expect(!start[i] && !end[-1 - (int)i], c, "memory that an Untyped takes for zero is not");
}

/* Children lie below the mark and do not overlap: the list has the youngest first, with the highest address. What is being torn
   down may have been hung here from below. */
static void check_untyped(const struct capability *c)
{
	uint64_t limit = capability_base(c) + ((uint64_t)c->untyped.used << untyped_unit(c)), start, end;

	expect(limit <= capability_base(c) + untyped_size(c) && c->untyped.clean >= c->untyped.used, c, "an Untyped's marks are wrong");
	if (!(c->flags & CAPABILITY_DEVICE)) {
		check_zero(c, c->untyped.used, c->untyped.clean < c->untyped.dirty ? c->untyped.clean : untyped_size(c) >> untyped_unit(c));
		if (c->untyped.clean < c->untyped.dirty)
			check_zero(c, c->untyped.dirty, untyped_size(c) >> untyped_unit(c));
	}
	for (const struct capability *child = c->child; child && !check.problem; child = child->next) {
		extent(child, &start, &end);
		expect(start >= capability_base(c) && start < end && end <= capability_base(c) + untyped_size(c), child,
		       "an object lies outside of the Untyped that it was made from");
		if (is_dying(child))
			continue;
		expect(end <= limit, child, "objects of an Untyped overlap, or lie above its mark");
		if (check_dead && !teardown_first())
			check_dead(end, limit);
		limit = start;
	}
	if (check_dead && !teardown_first())
		check_dead(capability_base(c), limit);
}

static void check_derivation(const struct capability *from, const struct capability *c)
{
	expect(from->depth + 1 == c->depth && c->depth < CAPABILITY_DEPTH_MAX, c, "the depth of a derivation is wrong");
	if (capability_kind(from) == KIND_UNTYPED) {
		expect(c->flags & CAPABILITY_ORIGINAL, c, "a derivation hangs below an Untyped");
		return;
	}
	expect(capability_kind(c) == capability_kind(from) && !(c->flags & CAPABILITY_ORIGINAL), c, "a derivation is of another kind");
	expect(!(c->rights & ~from->rights), c, "a derivation has more rights");
	expect((c->flags & CAPABILITY_DEVICE) == (from->flags & CAPABILITY_DEVICE) && c->attribute == from->attribute, c,
	       "a derivation is of other memory");
	if (capability_kind(c) == KIND_MEMORY)
		expect(capability_base(c) >= capability_base(from) && capability_base(c) + memory_size(c) <= capability_base(from) + memory_size(from),
		       c, "a part of a Memory lies outside of it");
	else
		expect(c->object == from->object && (!(from->flags & CAPABILITY_BADGED) || (c->flags & CAPABILITY_BADGED && c->badge == from->badge)),
		       c, "a derivation is of another object, or has another badge");
}

/* A mapped Memory has a leaf by which it is found when its Space ends: its first one, or any if it is being removed. */
static void check_mapped(const struct capability *c)
{
	uintptr_t at = mapped_address(c), end = at + (c->map.address & MAPPING_VANISHES ? memory_size(c) : PAGE_SIZE);
	const struct capability *found;

	reach_space(c->map.space);
	if (!expect(c->map.space->object.original && end > at && end <= pagetable_top(), c, "a Memory is mapped to nowhere"))
		return;
	while ((found = pagetable_first(c->map.space, &at, end)) && found != c)
		at += PAGE_SIZE;
	expect(found, c, "a Memory is marked as mapped and is not");
}

/* A node of a tree lies in a record, a binding, a feed, a dying object, or in a slot. */
static void check_place(const struct capability *c)
{
	if (c->flags & CAPABILITY_RECORD) {
		check.count[RECORDS][1]++;
		check.count[RECORD_BYTES][1] += memory_size(c);
		expect(capability_is_mapped(c), c, "a record is not mapped");
	} else if (c->flags & CAPABILITY_BINDING && c->binding.place == BIND_INTERRUPT) {
		expect(&((struct interrupt *)c->binding.owner)->binding == c, c, "a binding lies in no interrupt");
	} else if (c->flags & CAPABILITY_BINDING && c->binding.place == BIND_TRACE) {
		check.count[RINGS][1]++;
	} else if (c->flags & CAPABILITY_BINDING) {
		expect(&((struct thread *)c->binding.owner)->binding[c->binding.place] == c, c, "a binding lies in no thread");
	} else if (c->flags & CAPABILITY_FEED) {
		check.count[FEEDS][1] += !c->feed.space->object.dying;
		expect((const void *)c == hal_kernel_address(capability_base(c)), c, "a feed does not lie in its own memory");
		reach_space(c->feed.space);
	} else if (!(c->flags & CAPABILITY_DYING && kind_has_header(capability_kind(c)) && c == teardown_self(capability_object(c)))) {
		check.count[SLOTS][1]++;
	}
	if (capability_is_mapped(c))
		check_mapped(c);
}

/* The object of an original capability. */
static void check_object(const struct capability *c)
{
	const struct object *header = capability_object(c);
	const struct endpoint *e = capability_object(c);

	if (kind_has_header(capability_kind(c)))
		expect(header->kind == capability_kind(c) && header->original == c, c, "an object does not know its original capability");
	switch (capability_kind(c)) {
	case KIND_UNTYPED:
		if (!(c->flags & (CAPABILITY_FEED | CAPABILITY_BINDING)))
			check_untyped(c);
		break;
	case KIND_SPACE:
		reach_space(capability_object(c));
		break;
	case KIND_THREAD:
		check_thread(capability_object(c));
		break;
	case KIND_ENDPOINT:
		check_queue(&e->receivers, true, header->home);
		check_queue(&e->senders, false, header->home);
		expect(!e->receivers.first || !e->senders.first, e, "senders and receivers wait at the same Endpoint");
		break;
	case KIND_NOTIFICATION:
		check_notification(capability_object(c));
		break;
	case KIND_CONTEXT:
		check_context(capability_object(c));
		break;
	case KIND_INTERRUPT:
		if (((const struct interrupt *)capability_object(c))->binding.object)
			reach(&((const struct interrupt *)capability_object(c))->binding);
		break;
	case KIND_MEMORY:
	case KIND_SYSTEM:
	case KIND_PORTS:
	case KIND_FIRMWARE:
		break;
	default:
		expect(false, c, "a capability of no kind");
	}
}

static void check_node(const struct capability *c)
{
	const struct capability *position = range_cursor(c);

	expect(c->object, c, "an empty capability in a derivation tree");
	expect(!c->child || (c->child->parent == c && !c->child->previous), c, "a first child does not know its parent");
	expect(!c->next || (c->next->previous == c && c->next->parent == c->parent), c, "siblings of a derivation are not linked both ways");
	expect(!position || position->parent == c, c, "the cursor of a range revoke is not at a child");
	if (c->parent)
		check_derivation(c->parent, c);
	else
		expect(!c->next && !c->previous && !c->depth && c->flags & CAPABILITY_ORIGINAL, c, "a root of a derivation tree is none");
	check_place(c);
	if (c->flags & CAPABILITY_ORIGINAL)
		check_object(c);
}

static void check_tree(const struct capability *root)
{
	const struct capability *c = root;

	while (!check.problem) {
		check_node(c);
		if (check.problem)
			return;
		if (c->child) {
			c = c->child;
			continue;
		}
		while (c != root && !c->next)
			c = c->parent;
		if (c == root)
			return;
		c = c->next;
	}
}

/* ---- trace rings ---- */

static void check_ring(const struct core *core, const struct capability *binding)
{
	if (!binding->object) {
		expect(!core->traced, core, "a core traces without a ring");
		return;
	}
	expect(binding->flags & CAPABILITY_BINDING && binding->binding.place == BIND_TRACE && binding->binding.owner == binding, binding,
	       "the binding of a trace ring does not know whose it is");
	check.count[RINGS][0]++;
	reach(binding);
}

/* ---- all of it ---- */

static void check_core(unsigned number)
{
	const struct core *core = core_number(number);
	const struct thread *t = core->current;

	if (t) {
		expect(t->state == THREAD_READY && !t->ready_queued && !t->in_mail && t->core == number && t->space, t,
		       "the thread that is resumed is not ready");
		expect(number != hal_core_self() || (t->active && t->active->core == number && core->active_space == t->space), t,
		       "the thread that is resumed cannot run");
		reach(&t->binding[BIND_SPACE]);
	}
	if (core->active_space)
		reach_space(core->active_space);
	expect(!core->fpu_owner == !core->fpu_owned, core, "a core does not know whether somebody owns its FP registers");
	expect(!core->locked && core->elsewhere == CORE_NONE, core, "a core left the kernel in the middle of something");
	expect(!core->charged || (core->charged->core == number && !core->charged->spent), core, "time is charged to a context that is spent, or elsewhere");
	expect(!core->fpu_owner || (core->fpu_owner->core == number && core->fpu_owner->binding[BIND_FPU].object), core->fpu_owner,
	       "a core holds the FP state of a thread that is elsewhere, or has none");
	check_ready(core, number);
	check_mail(core, number);
	for (unsigned group = 0; group < DEADLINE_GROUPS; group++)
		if (core->deadlines[group])
			check_heap(core->deadlines[group], 0, 0, group, number);
	check_timer(core);
	check_ring(core, trace_binding(number));
}

/* The Space that was there first is a place to start from as long as it lives. */
static void start_at_first(void)
{
	const struct core *core = core_self();

	if (!first_space)
		first_space = core->active_space;
	else if (first_space->object.original->object != object_word(first_space, KIND_SPACE))
		first_space = core->active_space;
	if (first_space)
		reach_space(first_space);
}

static const char *const pair_wrong[PAIRS] = {
	[SLOTS] = "a handle names a capability that is in no derivation tree, or a node of a tree lies nowhere",
	[FEEDS] = "a feed is in no pool, or a pool has a feed that is in no derivation tree",
	[RECORDS] = "a mapping record has no leaf, or a leaf's record is in no derivation tree",
	[RECORD_BYTES] = "a mapping is not in the page tables as a whole",
	[WAITING_THREADS] = "a thread waits in a queue that does not have it",
	[READY_THREADS] = "a thread is in no ready queue, or one has a thread that is in no derivation tree",
	[MAILED_THREADS] = "a thread travels but is in no mailbox, or one has a thread that is in no derivation tree",
	[MAILED_SIGNALS] = "signals of other cores are in no mailbox, or in one without there being any",
	[MAILED_BREAKS] = "a passed deadline is in no mailbox, or in one without there being any",
	[MAILED_CONTEXTS] = "a scheduling context is away but in no mailbox, or in one without being away",
	[LENDERS] = "a thread lent something that does not know it",
	[RINGS] = "a trace ring is in no derivation tree, or what is bound to one is not there",
	[DEADLINES] = "an armed deadline is in no heap, or a heap has one that is in no derivation tree",
};

const char *check_kernel(void)
{
	for (unsigned i = 0; i < check.roots; i++)
		roots[root_order[i]] = NULL;
	memset(&check, 0, sizeof(check));
	start_at_first();
	for (unsigned core = 0; core < cores_running(); core++)
		check_core(core);
	for (const struct object *object = teardown_first(); object; object = object->next_dying) {
		expect(object->dying, object, "an object that is torn down is not marked so");
		reach(object->original);
	}
	while (!check.problem && (check.roots_done < check.roots || check.spaces_done < check.spaces)) {
		if (check.roots_done < check.roots)
			check_tree(roots[root_order[check.roots_done++]]);
		else
			check_space(spaces[check.spaces_done++]);
	}
	for (unsigned pair = 0; pair < PAIRS; pair++)
		expect(check.count[pair][0] == check.count[pair][1], NULL, pair_wrong[pair]);
	return check.problem;
}

void check_exit(void)
{
	const char *problem = cores_running() == 1 ? check_kernel() : NULL;

	if (problem)
		core_fatal(problem, NULL);
}
