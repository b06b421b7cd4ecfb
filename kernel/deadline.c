/* SPDX-License-Identifier: BSD-2-Clause */
/* Deadlines: see deadline.h. */
#include "kernel/deadline.h"
#include "kernel/context.h"
#include "kernel/notification.h"
#include "kernel/schedule.h"

enum { ADDRESS_BITS = 64, FIRST_BIT = 6 }; /* no two members lie in the same 64 bytes: lower bits tell nothing */

static unsigned side(const struct deadline *d, unsigned level)
{
	return (unsigned)((uint64_t)(uintptr_t)d >> (FIRST_BIT + level) % ADDRESS_BITS & 1);
}

/* Walks down the path of d's address bits; whoever has the later time is carried on downwards. */
static void heap_insert(struct deadline **place, struct deadline *d)
{
	for (unsigned level = 0; *place; level++) {
		struct deadline *at = *place;

		if (d->time < at->time) {
			d->child[0] = at->child[0];
			d->child[1] = at->child[1];
			*place = d;
			d = at;
		}
		place = &(*place)->child[side(d, level)];
	}
	d->child[0] = d->child[1] = NULL;
	*place = d;
}

static void heap_remove(struct deadline **place, struct deadline *d)
{
	for (unsigned level = 0; *place != d; level++) {
		ASSERT(*place);
		place = &(*place)->child[side(d, level)];
	}
	for (;;) { /* the earlier child moves up, and so on below it */
		struct deadline *left = d->child[0], *right = d->child[1];
		struct deadline *up = !left || (right && right->time < left->time) ? right : left;

		*place = up;
		if (!up)
			break;
		d->child[0] = up->child[0];
		d->child[1] = up->child[1];
		up->child[0] = left;
		up->child[1] = right;
		place = &up->child[up == right];
	}
	d->child[0] = d->child[1] = NULL;
}

void deadline_arm(struct deadline *d, uint64_t time, uint8_t priority)
{
	ASSERT(!d->armed);
	d->group = (uint8_t)(priority / (PRIORITIES / DEADLINE_GROUPS));
	d->time = time;
	d->armed = true;
	heap_insert(&core_self()->deadlines[d->group], d);
	schedule_timer();
}

void deadline_disarm(struct deadline *d)
{
	if (d->armed)
		heap_remove(&core_self()->deadlines[d->group], d);
	d->armed = false;
}

static uint64_t first_of(const struct deadline *heap)
{
	return heap ? heap->time : UINT64_MAX;
}

uint64_t deadline_first(const struct core *core)
{
	uint64_t first = UINT64_MAX;

	for (unsigned group = 0; group < DEADLINE_GROUPS; group++)
		if (first_of(core->deadlines[group]) < first)
			first = first_of(core->deadlines[group]);
	return first;
}

static void expired(struct deadline *d)
{
	deadline_disarm(d);
	if (d->of == DEADLINE_OF_CONTEXT)
		context_refilled((struct context *)(void *)((char *)d - offsetof(struct context, refill)));
	else
		notification_expired((struct notification *)(void *)((char *)d - offsetof(struct notification, deadline)));
}

void deadline_expire(struct core *core, uint64_t now)
{
	for (int group = DEADLINE_GROUPS - 1; group >= 0; group--)
		for (unsigned i = 0; i < DEADLINES_PER_INTERRUPT && first_of(core->deadlines[group]) <= now; i++)
			expired(core->deadlines[group]);
}
