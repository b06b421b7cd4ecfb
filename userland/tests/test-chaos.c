/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads that send, receive, call, answer, save and hand on Replies at random, while they, their contexts, their
 * Endpoints and their priorities change at random. What holds whatever happens: the kernel lives, what arrives is whole, and
 * whatever is destroyed gives its memory back at once.
 */
#include "actor.h"
#include "support.h"

enum { ACTORS = 10, ENDPOINTS = 3, SAVED = 4, STEPS = 2500, HOME = 64 * 1024, LABEL = 3 };

struct player {
	struct actor actor;
	handle_t home; /* the Untyped that it is made of */
	handle_t window; /* its handle window: one slot */
};

static struct player player[ACTORS];
static handle_t endpoint[ENDPOINTS], badged[ENDPOINTS], saved[SAVED], endpoint_home[ENDPOINTS];
static unsigned broken, kept, calls;
static word_t counter;
static uint32_t seed = 20260;

static const word_t six = MESSAGE_REGISTERS;

static unsigned random_below(unsigned limit)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 12) % limit;
}

/* ---- making and destroying ---- */

static void player_make(struct builder *b, struct player *p)
{
	handle_t outer = b->untyped;

	b->untyped = p->home;
	require(actor_create(b, ACTOR_PRIORITY + random_below(4), &p->actor));
	b->untyped = outer;
	window_handles(worker_buffer(&p->actor.worker), p->window, random_below(2));
}

/* One by one, or all at once by revoking the memory. */
static void player_destroy(struct builder *b, struct player *p)
{
	if (random_below(2) != 0)
		require(space_revoke(PROGRAM_SPACE, p->home));
	actor_destroy(b, &p->actor);
	kept += untyped_reset(p->home) != OK;
}

static void endpoint_make(unsigned i)
{
	require(untyped_create(endpoint_home[i], KIND_ENDPOINT, 0, 1, MEMORY_NORMAL, endpoint[i]));
	require(space_derive_badged(PROGRAM_SPACE, endpoint[i], badged[i], RIGHT_SEND | RIGHT_TRANSFER, i + 1));
}

static void endpoint_destroy(unsigned i)
{
	if (random_below(2) != 0)
		require(space_revoke(PROGRAM_SPACE, endpoint_home[i]));
	else
		require(space_delete(PROGRAM_SPACE, endpoint[i]));
	kept += untyped_reset(endpoint_home[i]) != OK;
}

/* ---- what players do ---- */

/* Someone who received six words finds them as they were sent. Answers of kernel objects have label 0. */
static void look(const struct player *p)
{
	const volatile struct actor_script *s = p->actor.script;

	if (s->done == 0 || status_error(s->status) != OK || status_phase(s->status) != PHASE_RECEIVE)
		return;
	if (tag_label(s->m.tag) != LABEL)
		return;
	for (unsigned i = 1; i < MESSAGE_REGISTERS; i++)
		broken += s->m.w[i] != s->m.w[0] + i;
}

static handle_t random_target(const struct player *p)
{
	switch (random_below(8)) {
	case 0:
		return HANDLE_NONE;
	case 1:
	case 2:
		return HANDLE_REPLY;
	case 3:
		return saved[random_below(SAVED)];
	case 4:
		return p->window;
	case 5:
		return badged[random_below(ENDPOINTS)];
	default:
		return endpoint[random_below(ENDPOINTS)];
	}
}

static void random_item(struct item *item)
{
	*item = (struct item){.handle = endpoint[random_below(ENDPOINTS)], .control = RIGHT_SEND};
	if (random_below(2) != 0)
		*item = (struct item){.handle = saved[random_below(SAVED)], .control = ITEM_MOVE};
}

static void player_act(struct player *p)
{
	handle_t to = random_target(p), from = random_below(2) != 0 ? endpoint[random_below(ENDPOINTS)] : HANDLE_NONE;
	word_t tag = tag_make(LABEL, random_below(3) != 0 ? six : random_below(70), random_below(6) == 0);

	look(p);
	random_item(&worker_buffer(&p->actor.worker)->item[0]);
	if (random_below(3) == 0) {
		tag |= TAG_CALL;
		from = HANDLE_NONE;
		calls++;
	}
	if (random_below(8) == 0)
		tag |= random_below(2) != 0 ? TAG_NOWAIT_SEND : TAG_NOWAIT_RECEIVE;
	counter += 16;
	if (random_below(8) == 0)
		actor_save(&p->actor, saved[random_below(SAVED)]);
	else
		actor_start(&p->actor, to, from, tag, counter);
}

/* ---- what happens to players ---- */

static void disturb(struct builder *b, struct player *p)
{
	handle_t thread = p->actor.worker.thread;
	unsigned i = random_below(ENDPOINTS);

	switch (random_below(8)) {
	case 0:
		require(thread_abort(thread));
		break;
	case 1:
		require(thread_stop(thread));
		if (random_below(2) != 0)
			require(thread_resume(thread));
		break;
	case 2:
		player_destroy(b, p);
		player_make(b, p);
		break;
	case 3:
		endpoint_destroy(i);
		endpoint_make(i);
		break;
	case 4:
		require(thread_priority(thread, ACTOR_PRIORITY + random_below(4), PROGRAM_CONTEXT));
		break;
	case 5:
		(void)space_delete(PROGRAM_SPACE, saved[random_below(SAVED)]);
		break;
	case 6:
		if (p->actor.worker.context != HANDLE_NONE)
			worker_make_passive(b, &p->actor.worker);
		break;
	default:
		(void)space_delete(PROGRAM_SPACE, p->window);
		break;
	}
}

/* The test itself takes part, but never waits. */
static void take_part(void)
{
	struct message m = message_make(tag_make(LABEL, six, 0) | TAG_NOWAIT_SEND, counter += 16);
	handle_t at = endpoint[random_below(ENDPOINTS)];

	if (random_below(2) != 0) {
		(void)message_send(at, &m);
		return;
	}
	if (message_receive(at, &m, TAG_NOWAIT_RECEIVE) != OK)
		return;
	for (unsigned i = 1; i < MESSAGE_REGISTERS; i++)
		broken += m.w[i] != m.w[0] + i;
	if ((m.tag & TAG_CALL) == 0)
		return;
	m = message_make(tag_make(LABEL, six, 0), counter += 16);
	require(message_answer(&m));
}

static enum thread_state state_of(handle_t thread)
{
	struct thread_report report = {.state = THREAD_STOPPED};

	require(thread_query(thread, &report));
	return report.state;
}

static unsigned play(struct builder *b)
{
	unsigned seen = 0;

	for (unsigned step = 0; step < STEPS; step++) {
		struct player *p = &player[random_below(ACTORS)];
		enum thread_state state = state_of(p->actor.worker.thread);

		seen |= 1u << state;
		if (random_below(4) == 0)
			take_part();
		else if (state == THREAD_STOPPED && p->actor.worker.context != HANDLE_NONE)
			player_act(p);
		else if (random_below(3) == 0)
			disturb(b, p);
	}
	return seen;
}

static void make_all(struct builder *b)
{
	for (unsigned i = 0; i < SAVED; i++)
		saved[i] = builder_take_slots(b, 1);
	for (unsigned i = 0; i < ENDPOINTS; i++) {
		endpoint[i] = builder_take_slots(b, 1);
		badged[i] = builder_take_slots(b, 1);
		require(build_object(b, KIND_UNTYPED, PAGE_SIZE, &endpoint_home[i]));
		endpoint_make(i);
	}
	for (unsigned i = 0; i < ACTORS; i++) {
		player[i].window = builder_take_slots(b, 1);
		require(build_object(b, KIND_UNTYPED, HOME, &player[i].home));
		player_make(b, &player[i]);
	}
}

static void destroy_all(struct builder *b)
{
	for (unsigned i = 0; i < ENDPOINTS; i++) {
		endpoint_destroy(i);
		builder_release(b, endpoint_home[i]);
		builder_put_slots(b, endpoint[i], 1);
		builder_put_slots(b, badged[i], 1);
	}
	for (unsigned i = 0; i < ACTORS; i++) {
		player_destroy(b, &player[i]);
		builder_release(b, player[i].home);
		builder_release(b, player[i].window);
	}
	for (unsigned i = 0; i < SAVED; i++)
		builder_release(b, saved[i]);
}

void test_run(struct builder *b)
{
	const unsigned all = 1u << THREAD_STOPPED | 1u << THREAD_SENDING | 1u << THREAD_RECEIVING | 1u << THREAD_CALLING;
	handle_t outer;
	unsigned seen;

	require(builder_enter(b, 1024 * 1024, &outer));
	make_all(b);
	seen = play(b);
	check((seen & all) == all && calls > STEPS / 20, "threads were sending, receiving and calling at random");
	destroy_all(b);
	check_equal(broken, 0, "every message that was received was whole");
	check_equal(kept, 0, "every thread and Endpoint that was destroyed gave back its memory at once");
	check_ok(builder_leave(b, outer), "all memory comes back");
}
