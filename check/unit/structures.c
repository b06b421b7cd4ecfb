/* SPDX-License-Identifier: BSD-2-Clause */
/* Wait queues, deadlines, pools and the derivation tree, each by itself against a simple model. */
#include "unit.h"

#include <stdlib.h>

#include "kernel/context.h"
#include "kernel/notification.h"
#include "kernel/pool.h"
#include "kernel/queue.h"
#include "kernel/schedule.h"

enum { THREADS = 24, DEADLINES = 200, NODES = 300 };

/* ---- wait queues ---- */

static struct thread threads[THREADS];
static struct thread *order[THREADS]; /* the model: sorted, then by arrival */
static unsigned waiting;

static void model_insert(struct thread *t)
{
	unsigned at = waiting++;

	for (; at && order[at - 1]->effective < t->effective; at--)
		order[at] = order[at - 1];
	order[at] = t;
}

static void model_remove(const struct thread *t)
{
	unsigned at = 0;

	while (order[at] != t)
		at++;
	for (waiting--; at < waiting; at++)
		order[at] = order[at + 1];
}

static void compare_queue(const struct wait_queue *queue)
{
	const struct thread *level = queue->first, *t = level;

	for (unsigned i = 0; i < waiting; i++) {
		if (!CHECK(t == order[i]))
			return;
		CHECK(t->link.queue == queue && t->link.head == (t == level));
		t = t->link.next;
		if (t == level)
			t = level = level->link.level_next;
	}
	CHECK(!t);
}

static void queues(void)
{
	struct wait_queue queue = {.first = NULL};

	waiting = 0;
	for (unsigned i = 0; i < THREADS; i++) {
		threads[i] = (struct thread){.effective = (uint8_t)random_below(6)};
		queue_link_init(&threads[i]);
	}
	for (unsigned step = 0; step < 5000; step++) {
		struct thread *t = &threads[random_below(THREADS)];

		if (t->link.queue) {
			queue_remove(t);
			model_remove(t);
			t->effective = (uint8_t)random_below(6);
		} else {
			queue_insert(&queue, t);
			model_insert(t);
		}
		compare_queue(&queue);
	}
}

static void circles(void)
{
	struct thread *head = NULL;

	for (unsigned i = 0; i < 4; i++) {
		threads[i] = (struct thread){.effective = 0};
		queue_link_init(&threads[i]);
		if (head)
			circle_insert(head, &threads[i]);
		else
			head = &threads[i];
	}
	circle_remove(&head, &threads[2]);
	CHECK(head == &threads[0] && threads[1].link.next == &threads[3] && threads[0].link.previous == &threads[3]);
	circle_remove(&head, &threads[0]);
	CHECK(head == &threads[1] && threads[3].link.next == &threads[1]);
	circle_remove(&head, &threads[1]);
	circle_remove(&head, &threads[3]);
	CHECK(!head);
}

/* ---- deadlines ---- */

static _Alignas(64) struct {
	_Alignas(64) struct notification n;
} notifications[DEADLINES];

static void check_heap_first(void)
{
	uint64_t first = UINT64_MAX;

	for (unsigned i = 0; i < DEADLINES; i++)
		if (notifications[i].n.deadline.armed && notifications[i].n.deadline.time < first)
			first = notifications[i].n.deadline.time;
	CHECK_EQUAL(deadline_first(core_self()), first);
}

/* The invariant checker does not know these Notifications: it is left out. */
static void deadlines(void)
{
	hosted.after = NULL;
	for (unsigned i = 0; i < DEADLINES; i++)
		notifications[i].n = (struct notification){.deadline_bits = 1};
	for (unsigned step = 0; step < 4000; step++) {
		struct deadline *d = &notifications[random_below(DEADLINES)].n.deadline;

		if (d->armed)
			deadline_disarm(d);
		else
			deadline_arm(d, hosted.clock + 1 + random_below(5000), (uint8_t)random_below(256));
		check_heap_first();
	}
	while (deadline_first(core_self()) != UINT64_MAX) {
		hosted.clock = deadline_first(core_self());
		deadline_expire(core_self(), hosted.clock);
		CHECK(deadline_first(core_self()) >= hosted.clock);
		check_heap_first();
	}
	for (unsigned i = 0; i < DEADLINES; i++)
		CHECK(!notifications[i].n.deadline.child[0] && !notifications[i].n.deadline.child[1]);
}

/* At most so many of each group expire at a time, and the timer comes again for the others. */
static void many_deadlines(void)
{
	unsigned expired = 0;

	hosted.after = NULL;
	for (unsigned i = 0; i < DEADLINES; i++) {
		notifications[i].n = (struct notification){.deadline_bits = 1};
		deadline_arm(&notifications[i].n.deadline, hosted.clock + 5, i % 2 ? 255 : 0);
	}
	hosted.clock += 5;
	core_timer();
	for (unsigned i = 0; i < DEADLINES; i++)
		expired += notifications[i].n.bits;
	CHECK_EQUAL(expired, 2 * DEADLINES_PER_INTERRUPT);
	CHECK(hosted_core()->timer > hosted.clock && hosted_core()->timer <= hosted.clock + 1);
}

/* ---- pools ---- */

static void pools(void)
{
	enum { BLOCKS = 12, LIMIT = 1 << 11 };
	static _Alignas(BLOCK_SIZE) unsigned char memory[2][BLOCKS / 2 * BLOCK_SIZE];
	static void *blocks[LIMIT];
	static struct capability *records[LIMIT];
	struct pool pool = {.first = NULL};
	unsigned have_blocks = 0, have_records = 0;

	CHECK_EQUAL(pool_missing(&pool, 1, 0), BLOCK_SIZE);
	pool_add(&pool, memory[0], sizeof(memory[0]));
	CHECK_EQUAL(pool_free(&pool), sizeof(memory[0]) - FEED_HEADER_RECORDS * sizeof(struct capability));
	pool_add(&pool, memory[1], sizeof(memory[1]));
	for (unsigned step = 0; step < 3000; step++) {
		switch (random_below(4)) {
		case 0:
			if (!pool_missing(&pool, 1, 0)) {
				unsigned char *block = blocks[have_blocks++] = pool_take_block(&pool);

				for (unsigned i = 0; i < BLOCK_SIZE; i++)
					CHECK(!block[i]);
				block[random_below(BLOCK_SIZE)] = 1;
			}
			break;
		case 1:
			if (!pool_missing(&pool, 0, 1) && have_records < LIMIT) {
				records[have_records] = pool_take_record(&pool);
				CHECK(!records[have_records]->object && !records[have_records]->next);
				records[have_records++]->object = 1;
			}
			break;
		case 2:
			if (have_blocks)
				pool_give_block(&pool, blocks[--have_blocks]);
			break;
		default:
			if (have_records) {
				records[--have_records]->object = 0;
				pool_give_record(&pool, records[have_records]);
			}
		}
		CHECK_EQUAL((pool_free(&pool) + have_blocks * (uint64_t)BLOCK_SIZE + have_records * sizeof(struct capability)),
			    sizeof(memory) - 2 * FEED_HEADER_RECORDS * sizeof(struct capability));
	}
	CHECK_EQUAL(pool_missing(&pool, pool.blocks + 2, 0), 2 * BLOCK_SIZE);
	CHECK_EQUAL(pool_missing(&pool, 0, pool.records + pool.blocks * BLOCK_RECORDS + 1), BLOCK_SIZE);
}

/* ---- the derivation tree ---- */

static struct capability nodes[NODES];

static void check_links(void)
{
	for (unsigned i = 0; i < NODES; i++) {
		const struct capability *c = &nodes[i];

		if (!c->object)
			continue;
		CHECK(!c->child || (c->child->parent == c && !c->child->previous));
		CHECK(!c->next || (c->next->previous == c && c->next->parent == c->parent));
		CHECK(!c->previous || c->previous->next == c);
		CHECK(c->depth == (c->parent ? c->parent->depth + 1 : 0));
	}
}

static struct capability *empty_node(void)
{
	for (;;) {
		struct capability *c = &nodes[random_below(NODES)];

		if (!c->object)
			return c;
	}
}

/* Deriving, moving, hoisting and clearing at random. */
static void tree(void)
{
	unsigned count = 1;

	for (unsigned i = 0; i < NODES; i++)
		nodes[i] = (struct capability){.object = 0};
	capability_make(&nodes[0], NULL, 64 | KIND_SYSTEM, RIGHTS_ALL);
	for (unsigned step = 0; step < 6000; step++) {
		struct capability *c = &nodes[random_below(NODES)];

		if (!c->object)
			continue;
		if (random_below(3) && count < NODES / 2 && capability_derivable(c) == OK) {
			capability_derive(empty_node(), c, RIGHTS_ALL);
			count++;
		} else if (random_below(2) && capability_movable(c) == OK) {
			capability_move(empty_node(), c);
		} else if (!c->child && c->parent) {
			if (c->parent->parent && random_below(2)) {
				capability_hoist(c, c->parent->parent);
			} else {
				capability_clear(c);
				count--;
			}
		}
		check_links();
	}
}

static void depth(void)
{
	for (unsigned i = 0; i < NODES; i++)
		nodes[i] = (struct capability){.object = 0};
	capability_make(&nodes[0], NULL, 64 | KIND_SYSTEM, RIGHTS_ALL);
	for (unsigned i = 1; i < CAPABILITY_DEPTH_MAX; i++) {
		CHECK_EQUAL(capability_derivable(&nodes[i - 1]), OK);
		capability_derive(&nodes[i], &nodes[i - 1], RIGHTS_ALL);
	}
	CHECK_EQUAL(capability_derivable(&nodes[CAPABILITY_DEPTH_MAX - 1]), ERROR_BAD_ARGUMENT);
	nodes[3].flags |= CAPABILITY_REVOKING;
	CHECK_EQUAL(capability_derivable(&nodes[10]), ERROR_GONE);
	CHECK_EQUAL(capability_derivable(&nodes[2]), OK);
	CHECK_EQUAL(capability_movable(&nodes[3]), ERROR_BUSY);
	range_cursor_set(&nodes[3], nodes[3].child);
	CHECK_EQUAL(capability_derivable(&nodes[10]), ERROR_BUSY);
}

/* The cursor of a range revoke goes on when what it is at moves or vanishes. */
static void cursor(void)
{
	for (unsigned i = 0; i < NODES; i++)
		nodes[i] = (struct capability){.object = 0};
	capability_make(&nodes[0], NULL, 64 | KIND_SYSTEM, RIGHTS_ALL);
	for (unsigned i = 1; i < 6; i++)
		capability_derive(&nodes[i], &nodes[0], RIGHTS_ALL); /* the youngest is the first child */
	CHECK(range_cursor(&nodes[0]) == &nodes[5]);
	range_cursor_set(&nodes[0], &nodes[4]);
	capability_move(&nodes[10], &nodes[4]);
	CHECK(range_cursor(&nodes[0]) == &nodes[10]);
	capability_clear(&nodes[10]);
	CHECK(range_cursor(&nodes[0]) == &nodes[3]);
	capability_move(&nodes[20], &nodes[0]);
	CHECK(range_cursor(&nodes[20]) == &nodes[3] && nodes[3].parent == &nodes[20]);
	capability_clear(&nodes[3]);
	capability_clear(&nodes[2]);
	capability_clear(&nodes[1]);
	CHECK(range_cursor(&nodes[20]) == NULL);
	capability_clear(&nodes[5]);
	capability_clear(&nodes[20]);
	CHECK(range_cursor(&nodes[20]) == NULL);
}

static void moving_many(void)
{
	static struct capability many[MOVE_CHILDREN_MAX + 2];

	for (unsigned i = 0; i < MOVE_CHILDREN_MAX + 2; i++)
		many[i] = (struct capability){.object = 0};
	capability_make(&many[0], NULL, 64 | KIND_SYSTEM, RIGHTS_ALL);
	for (unsigned i = 1; i <= MOVE_CHILDREN_MAX; i++)
		capability_derive(&many[i], &many[0], RIGHTS_ALL);
	CHECK_EQUAL(capability_movable(&many[0]), OK);
	capability_derive(&many[MOVE_CHILDREN_MAX + 1], &many[0], RIGHTS_ALL);
	CHECK_EQUAL(capability_movable(&many[0]), ERROR_BUSY);
}

static const struct test tests[] = {
	{"wait queues", queues},
	{"circles", circles},
	{"deadlines", deadlines},
	{"many deadlines at once", many_deadlines},
	{"pools", pools},
	{"derivation tree", tree},
	{"depth and marks", depth},
	{"the cursor of a range revoke", cursor},
	{"moving what has many derivations", moving_many},
	{NULL, NULL},
};

const struct group structures_group = {"structures", START_ROOT, tests};
