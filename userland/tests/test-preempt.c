/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Long revokes and deletes, interrupted in the middle: what the others see then (nothing grows below the mark), and that they
 * end well however they go on: by themselves, stopped and resumed, killed, or thrown off their path by a recall.
 *
 * A job of lower priority has thousands of capabilities to remove. The test wakes up every now and then until it finds the job
 * begun and not finished. No case depends on how long anything takes: what was missed is tried again.
 */
#include "support.h"
#include "test.h"

enum { CROWD = 6000, CROWD_SLOTS = 8192, CROWD_POOL = 1024 * 1024, JOB_PRIORITY = 90, ATTEMPTS = 100, SLOTS = 16, PAGES = 8 };

/* What the job does: one message to a kernel object. */
static struct {
	handle_t object;
	word_t label, w[3];
	volatile enum error error;
	volatile bool done;
} job;

static struct worker worker;
static handle_t crowd; /* a Space whose slots 1 .. CROWD hold derivations of what a case names, slot CROWD derived last */
static handle_t timer, slots;
static uint64_t nap; /* ticks */

static void run_job(word_t unused)
{
	struct message m = {.w = {job.w[0], job.w[1], job.w[2]}};

	(void)unused;
	job.error = object_call(job.object, job.label, 3, &m);
	job.done = true;
}

/* Lets the job run for a little while. */
static void wait(void)
{
	word_t bits;

	require(notification_arm(timer, 1, arch_counter() + nap, 0));
	require(notification_wait(timer, &bits));
}

static bool crowd_has(handle_t slot)
{
	struct slot_state state;

	return space_slot(crowd, slot, &state) == OK && state.kind != KIND_NONE;
}

static void fill_crowd(handle_t from)
{
	for (handle_t slot = 1; slot <= CROWD; slot++)
		if (!crowd_has(slot))
			require(space_derive(crowd, from, slot, RIGHTS_ALL));
}

static void set_job(handle_t object, word_t label, word_t w0)
{
	job.object = object;
	job.label = label;
	job.w[0] = w0;
	job.w[1] = job.w[2] = 0;
}

/* It may be done, but not have stopped itself yet. */
static void begin_job(void)
{
	job.done = false;
	require(thread_stop(worker.thread));
	require(worker_begin(&worker));
}

/*
 * Starts the job until it is found begun and not finished: the crowd has lost its last, which goes first, and still has its first,
 * which goes last. prepare() makes everything new for each attempt. False: that was never seen.
 */
static bool interrupt(void (*prepare)(void))
{
	for (unsigned i = 0; i < ATTEMPTS; i++) {
		prepare();
		begin_job();
		do
			wait();
		while (!job.done && crowd_has(CROWD));
		if (crowd_has(1))
			return true;
		nap -= nap / 4;
	}
	return check(false, "the job was found in its middle");
}

/* Lets the job come to its end; it must have said OK. */
static bool finished(void)
{
	for (unsigned i = 0; i < ATTEMPTS * ATTEMPTS && !job.done; i++)
		wait();
	return job.done && job.error == OK;
}

/* ---- a revoke ---- */

static handle_t top, early; /* an Endpoint's derivation with the crowd, and the first capability that was derived from it */

static void prepare_revoke(void)
{
	if (slot_empty(early))
		require(space_derive(PROGRAM_SPACE, top, early, RIGHTS_ALL));
	fill_crowd(top);
	set_job(PROGRAM_SPACE, SPACE_REVOKE, top);
}

static void check_mark(void)
{
	handle_t free = slots + 2;

	if (!interrupt(prepare_revoke))
		return;
	check(!slot_empty(early) && crowd_has(1), "a revoke that was interrupted has removed only a part");
	check_error(space_derive(PROGRAM_SPACE, top, free, RIGHTS_ALL), ERROR_GONE, "nothing can be derived from what is being revoked");
	check_error(space_derive(PROGRAM_SPACE, early, free, RIGHTS_ALL), ERROR_GONE, "nor from what is about to go");
	check_error(space_move(PROGRAM_SPACE, top, free), ERROR_BUSY, "what is being revoked cannot be moved");
	check_ok(space_move(PROGRAM_SPACE, early, free), "what is about to go can be moved");
	check(finished(), "a revoke ends, however often it is interrupted");
	check(slot_empty(free) && slot_empty(early) && !crowd_has(1) && !slot_of(top).derived_from, "then everything derived is gone, even what was moved");
	check_ok(space_derive(PROGRAM_SPACE, top, free, RIGHTS_ALL), "and new ones can be derived");
	require(space_delete(PROGRAM_SPACE, free));
}

static void check_two_revokers(void)
{
	if (!interrupt(prepare_revoke))
		return;
	check_ok(space_revoke(PROGRAM_SPACE, top), "a second revoke overtakes the first");
	check(slot_empty(early) && !crowd_has(1), "and ends it");
	check(finished(), "the first then ends too");
	check_ok(space_derive(PROGRAM_SPACE, top, early, RIGHTS_ALL), "no mark is left");
	require(space_delete(PROGRAM_SPACE, early));
}

static void check_stopped(void)
{
	if (!interrupt(prepare_revoke))
		return;
	require(thread_stop(worker.thread));
	check(crowd_has(1) && !job.done, "a revoker can be stopped in the middle");
	require(thread_resume(worker.thread));
	check(finished() && !crowd_has(1), "resumed, it goes on to the end");
}

/* ---- a killed revoker ---- */

static void check_killed(struct builder *b)
{
	if (!interrupt(prepare_revoke))
		return;
	worker_destroy(b, &worker);
	require(worker_create(b, run_job, 0, JOB_PRIORITY, &worker));
	check(!slot_empty(early) && crowd_has(1), "a revoker can be killed in the middle");
	check_error(space_derive(PROGRAM_SPACE, top, slots + 2, RIGHTS_ALL), ERROR_GONE, "what it was revoking stays marked");
	check_ok(space_revoke(PROGRAM_SPACE, top), "another one revokes the rest");
	check(slot_empty(early) && !crowd_has(1), "all of it");
	check_ok(space_derive(PROGRAM_SPACE, top, early, RIGHTS_ALL), "then the mark is gone");
	require(space_delete(PROGRAM_SPACE, early));
}

/* ---- a range of a Memory ---- */

static void prepare_range(void)
{
	if (slot_empty(early))
		require(memory_derive(top, 0, PAGE_SIZE, RIGHTS_ALL, early));
	fill_crowd(top);
	if (slot_empty(slots + 3))
		require(memory_derive(top, (PAGES - 1) * PAGE_SIZE, PAGE_SIZE, RIGHTS_ALL, slots + 3));
	set_job(top, MEMORY_REVOKE, 0);
	job.w[1] = (PAGES - 1) * PAGE_SIZE;
}

static void check_range(struct builder *b)
{
	handle_t endpoint_top = top, free = slots + 2;

	require(build_object(b, KIND_MEMORY, PAGES * PAGE_SIZE, &top));
	if (interrupt(prepare_range)) {
		check_error(memory_derive(top, 0, 0, RIGHTS_ALL, free), ERROR_BUSY, "while a range is revoked, deriving is refused for the time being");
		check_error(memory_derive(early, 0, 0, RIGHTS_ALL, free), ERROR_BUSY, "from a part of it too");
		check_error(memory_revoke(top, 0, PAGE_SIZE), OK, "another range can be revoked meanwhile");
		check(finished(), "the first ends all the same");
		check(slot_empty(early) && !crowd_has(1) && !crowd_has(CROWD / 2), "all that overlaps its range is gone");
		check(!slot_empty(slots + 3), "what lies beside it is there");
		check_ok(memory_derive(top, 0, 0, RIGHTS_ALL, free), "and deriving is possible again");
	}
	builder_release(b, top);
	top = endpoint_top;
}

/* ---- an Untyped with a smaller one ---- */

static handle_t outer, inner, object;

/* The objects of the outer one are made last, so they go first; the crowd is derived from one of them. */
static void prepare_untyped(void)
{
	require(space_revoke(PROGRAM_SPACE, outer));
	require(untyped_reset(outer));
	require(untyped_create(outer, KIND_UNTYPED, 4096, 1, 0, inner));
	require(untyped_create(outer, KIND_ENDPOINT, 0, 1, 0, object));
	fill_crowd(object);
	set_job(PROGRAM_SPACE, SPACE_REVOKE, outer);
}

static void check_untyped(struct builder *b)
{
	require(build_object(b, KIND_UNTYPED, 64 * 1024, &outer));
	inner = slots + 4;
	object = slots + 5;
	if (interrupt(prepare_untyped)) {
		check_error(untyped_create(outer, KIND_ENDPOINT, 0, 1, 0, slots + 2), ERROR_GONE, "nothing can be created from an Untyped that is being revoked");
		check_error(untyped_create(inner, KIND_ENDPOINT, 0, 1, 0, slots + 2), ERROR_GONE, "nor from one inside of it");
		check_error(untyped_reset(outer), ERROR_BUSY, "and it cannot be reset");
		check(slot_empty(slots + 2), "these have made nothing");
		check(finished(), "the revoke ends");
		check(slot_empty(inner) && slot_empty(object) && !crowd_has(1), "everything created is gone");
		check_ok(untyped_reset(outer), "then it can be reset");
	}
	builder_release(b, outer);
}

/* ---- a Space whose table takes long ---- */

static handle_t space;

/* The crowd hangs below an original that lies in the table of the Space that is deleted. */
static void prepare_space(void)
{
	if (!slot_empty(space))
		require(space_delete(PROGRAM_SPACE, space));
	require(space_revoke(PROGRAM_SPACE, outer));
	require(untyped_reset(outer));
	require(untyped_create(outer, KIND_SPACE, SPACE_HANDLES_MIN, 1, 0, space));
	require(untyped_create(outer, KIND_UNTYPED, 16 * 1024, 1, 0, slots + 2));
	require(space_feed(space, slots + 2));
	require(untyped_create(outer, KIND_ENDPOINT, 0, 1, 0, object));
	require(space_derive(PROGRAM_SPACE, object, slots + 8, RIGHTS_ALL)); /* what has so many derivations cannot be moved */
	require(space_derive(PROGRAM_SPACE, slots + 8, early, RIGHTS_ALL));
	fill_crowd(slots + 8);
	require(space_move(space, object, 5));
	if (slot_empty(slots + 6))
		require(space_derive(PROGRAM_SPACE, PROGRAM_SYSTEM, slots + 6, RIGHTS_ALL));
	set_job(PROGRAM_SPACE, SPACE_DELETE, space);
}

static void check_space(void)
{
	if (!interrupt(prepare_space))
		return;
	check(slot_empty(space), "a Space that is being deleted is gone from its slot at once");
	check_error(space_derive(PROGRAM_SPACE, early, slots + 2, RIGHTS_ALL), ERROR_GONE, "nothing can be derived from what its table loses");
	check(finished() && slot_empty(early) && !crowd_has(1), "its deletion ends with all that its table held");
	check_ok(untyped_reset(outer), "its memory is free then");
	if (!interrupt(prepare_space))
		return;
	check_ok(untyped_reset(outer), "a reset does what a deletion that was interrupted has left");
	check(slot_empty(early) && !crowd_has(1), "to the end");
	check(finished(), "the deletion ends too");
}

static void check_space_stopped(void)
{
	if (!interrupt(prepare_space))
		return;
	require(thread_stop(worker.thread));
	require(thread_resume(worker.thread));
	check(finished() && !crowd_has(1), "a deletion that is stopped and resumed ends well");
	if (!interrupt(prepare_space))
		return;
	require(thread_stop(worker.thread));
	set_job(PROGRAM_SPACE, SPACE_DELETE, slots + 6);
	begin_job();
	check(finished() && slot_empty(slots + 6), "one that is stopped and started anew deletes what it is told then");
}

/* Where a recalled worker is sent: it deletes something else. */
static void run_other(void)
{
	job.error = space_delete(PROGRAM_SPACE, slots + 6);
	job.done = true;
	for (;;)
		(void)thread_stop(worker_self());
}

static void check_space_recalled(struct builder *b)
{
	struct thread_binding binding = {.what = CONFIGURE_HANDLER};
	struct message m;
	handle_t handler;

	require(build_object(b, KIND_ENDPOINT, 0, &handler));
	binding.handler = handler;
	require(thread_stop(worker.thread)); /* done, it may still be on its way to stop itself */
	require(thread_configure(worker.thread, &binding));
	if (interrupt(prepare_space)) {
		require(thread_recall(worker.thread));
		check(message_receive(handler, &m, 0) == OK && m.w[0] == EXCEPTION_RECALLED, "a deletion can be recalled in the middle");
		m.tag = tag_make(ANSWER_RETRY, 0, 0);
		require(message_answer(&m));
		check(finished() && !crowd_has(1), "answered with retry, it ends well");
	}
	if (interrupt(prepare_space)) {
		require(thread_recall(worker.thread));
		require(message_receive(handler, &m, 0));
		m = (struct message){.tag = tag_make(ANSWER_SET, 3, 0), .w = {ARCH_ENTRY_IP(run_other), ARCH_ENTRY_SP(worker.region + WORKER_REGION), 0}};
		require(message_answer(&m));
		check(finished() && slot_empty(slots + 6), "set to go on elsewhere, it deletes what it is told there");
	}
	builder_release(b, handler);
}

void test_run(struct builder *b)
{
	handle_t endpoint;

	nap = test_info()->frequency / 20000;
	slots = builder_take_slots(b, SLOTS);
	top = slots;
	early = slots + 1;
	space = slots + 7;
	require(build_object(b, KIND_NOTIFICATION, 0, &timer));
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(space_derive(PROGRAM_SPACE, endpoint, top, RIGHTS_ALL));
	require(build_space(b, CROWD_SLOTS, CROWD_POOL, &crowd));
	require(worker_create(b, run_job, 0, JOB_PRIORITY, &worker));
	check_mark();
	check_two_revokers();
	check_stopped();
	check_killed(b);
	check_range(b);
	check_untyped(b);
	require(build_object(b, KIND_UNTYPED, 256 * 1024, &outer));
	check_space();
	check_space_stopped();
	check_space_recalled(b);
	(void)space_delete(PROGRAM_SPACE, slots + 6);
	check_ok(space_revoke(PROGRAM_SPACE, outer), "in the end everything can be revoked");
	check_ok(untyped_reset(outer), "and nothing is left of it");
	builder_release(b, outer);
	worker_destroy(b, &worker);
	builder_release(b, crowd);
	builder_release(b, endpoint);
	check(slot_empty(top), "nor of what was derived");
	builder_release(b, timer);
}
