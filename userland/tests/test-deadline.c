/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deadlines of Notifications: when they come, in which order, and those that end a thread's wait (BREAK). What is
 * asserted is that something has happened and in which order, never how long it took.
 */
#include "actor.h"
#include "timing.h"

enum { ALARMS = 128, BIT = 0x10, BREAKS = 200 };

static struct builder *b;
static handle_t n;        /* the Notification of most cases */
static handle_t endpoint; /* nobody receives from it, unless said */

/* ---- one deadline ---- */

static void check_expiry(void)
{
	struct message m;
	uint64_t deadline;
	word_t bits = 0;

	check_ok(notification_arm(n, BIT, 0, 0), "a deadline can be armed for long ago");
	check(notification_wait(n, &bits) == OK && bits == BIT, "it comes at once, with its bits");
	check(!disarm(n), "after that nothing is armed");
	deadline = arch_counter() + microseconds(300);
	require(notification_arm(n, BIT | 1, deadline, 0));
	m = message_make(0, 1);
	check(message_ipc(HANDLE_NONE, n, &m) == status_make(OK, PHASE_RECEIVE, 0) && message_signalled(&m, BIT | 1),
	      "one in the future ends a wait like a signal");
	check(arch_counter() >= deadline, "not before its time");
	wait_until(deadline + microseconds(300));
	check_equal(pending(n), 0, "and only once");
	require(notification_arm(n, BIT, 0, 0));
	wait_now();
	(void)notification_signal(n, 1);
	check_equal(pending(n), BIT | 1, "what expires while nobody waits is kept, beside signals");
	require(notification_arm(n, 0, 0, 0));
	wait_now();
	check(pending(n) == 0 && !disarm(n), "a deadline without bits expires too and sets none");
	m = (struct message){.tag = tag_make(NOTIFICATION_ARM, 4, 0), .w = {BIT}};
	check(ipc(n, n, &m) == status_make(OK, PHASE_RECEIVE, 0) && message_signalled(&m, BIT), "one system call can arm and wait");
}

static void check_far(void)
{
	word_t bits = 0;

	check_ok(notification_arm(n, BIT, UINT64_MAX, 0), "a deadline can be the end of time");
	wait_now();
	check_equal(pending(n), 0, "that is not yet");
	check(disarm(n), "a deadline taken back was armed");
	check(!disarm(n), "the second time it is not");
	for (unsigned shift = 63; shift >= 40; shift--) {
		require(notification_arm(n, BIT, arch_counter() + ((uint64_t)1 << shift), 0));
		wait_until(arch_counter() + microseconds(10));
		if (!disarm(n) || pending(n) != 0)
			check_equal(shift, 0, "a far deadline does not come early");
	}
	check(true, "far deadlines do not come early, and near ones behind them do come");
	require(notification_arm(n, 1, UINT64_MAX - 1, 0));
	require(notification_arm(n, 2, 0, 0));
	check(notification_wait(n, &bits) == OK && bits == 2, "a new deadline replaces the old one");
	check(!disarm(n), "so nothing is left");
	require(notification_arm(n, 1, arch_counter() + microseconds(30000), 0));
	require(notification_arm(n, 2, UINT64_MAX - 1, 0));
	wait_until(arch_counter() + microseconds(31000));
	check(pending(n) == 0 && disarm(n), "a deadline that is replaced by a later one does not come");
	require(notification_arm(n, 1, arch_counter() + microseconds(30000), 0));
	(void)disarm(n);
	wait_until(arch_counter() + microseconds(31000));
	check_equal(pending(n), 0, "and neither does one that was taken back");
}

/* NOTIFICATION_ARM as it stands. */
static enum error arm_raw(word_t bits, word_t low, word_t high, word_t flags)
{
	struct message m = {.w = {bits, low, high, flags}};

	return object_call(n, NOTIFICATION_ARM, 4, &m);
}

static void check_arguments(void)
{
	const word_t wide = (word_t)UINT32_MAX + 1;

	require(notification_arm(n, BIT, UINT64_MAX - 1, 0));
	check_error(arm_raw(wide, 0, 0, 0), ERROR_BAD_ARGUMENT, "bits of a deadline are 32");
	check_error(arm_raw(1, wide, 0, 0), ERROR_BAD_ARGUMENT, "the low word of a deadline has 32 bits");
	check_error(arm_raw(1, 0, wide, 0), ERROR_BAD_ARGUMENT, "so has the high word");
	check_error(arm_raw(1, 0, 0, 2), ERROR_BAD_ARGUMENT, "an unknown flag is refused");
	check_error(arm_raw(1, 0, 0, ARM_BREAK | (word_t)1 << 63), ERROR_BAD_ARGUMENT, "also beside a known one");
	wait_now();
	check(pending(n) == 0 && disarm(n), "a refused deadline leaves the one before it");
}

/* ---- many deadlines ---- */

static struct alarm {
	struct waiter waiter; /* waits for it */
	handle_t notification;
	word_t rank;        /* place in the order of their deadlines */
	bool armed;
} alarm[ALARMS];

static void create_alarms(void)
{
	for (unsigned i = 0; i < ALARMS; i++) {
		require(build_object(b, KIND_NOTIFICATION, 0, &alarm[i].notification));
		waiter_create(b, ACTOR_PRIORITY, &alarm[i].waiter);
		alarm[i].rank = i;
	}
}

static void destroy_alarms(void)
{
	for (unsigned i = ALARMS; i-- > 0;) {
		waiter_destroy(b, &alarm[i].waiter);
		builder_release(b, alarm[i].notification);
	}
}

/* Gives the alarms random places in the order. */
static void shuffle(void)
{
	for (unsigned i = ALARMS - 1; i > 0; i--) {
		unsigned j = random_below(i + 1);
		word_t rank = alarm[i].rank;

		alarm[i].rank = alarm[j].rank;
		alarm[j].rank = rank;
	}
}

/* An actor waits for each alarm that has none waiting. Nothing is left of an attempt that was too slow: what came too early. */
static void await_alarms(void)
{
	for (unsigned i = 0; i < ALARMS; i++) {
		(void)disarm(alarm[i].notification);
		if (!alarm[i].waiter.done)
			continue;
		(void)pending(alarm[i].notification);
		waiter_start(&alarm[i].waiter, alarm[i].notification);
	}
	waiters_reset();
}

static uint64_t base_of_alarms; /* when the first one was due */

/* Has everybody come back whose alarm was armed? */
static bool all_back(void)
{
	for (unsigned i = 0; i < ALARMS; i++)
		if (alarm[i].armed && !alarm[i].waiter.done)
			return false;
	return true;
}

/*
 * Everybody waits, then `prepare` arms relative to a base in the future, again with a later one if it was not
 * done in time. Returns when all have expired: what is left over at the last deadline comes with the next interrupts.
 */
static void run_alarms(void (*prepare)(uint64_t base), uint64_t step)
{
	uint64_t lead = microseconds(10000), base;

	for (;; lead *= 2) {
		await_alarms();
		base = arch_counter() + lead;
		prepare(base);
		if (arch_counter() < base)
			break;
		wait_until(base + ALARMS * step);
	}
	base_of_alarms = base;
	wait_until(base + ALARMS * step);
	for (unsigned i = 0; i < 1000 && !all_back(); i++)
		wait_until(arch_counter() + microseconds(20));
}

static uint64_t step_of_alarms;

static void arm_alarm(struct alarm *a, uint64_t base)
{
	require(notification_arm(a->notification, BIT, base + a->rank * step_of_alarms, 0));
	a->armed = true;
}

static void arm_all(uint64_t base)
{
	for (unsigned i = 0; i < ALARMS; i++)
		arm_alarm(&alarm[i], base);
}

/* Arms all, then takes back a random half of them. */
static void arm_half(uint64_t base)
{
	arm_all(base);
	for (unsigned i = 0; i < ALARMS / 2; i++) {
		struct alarm *a = &alarm[random_below(ALARMS)];

		a->armed = false;
		(void)disarm(a->notification);
	}
}

/* Arms all for some time, then all again. */
static void arm_again(uint64_t base)
{
	for (unsigned i = 0; i < ALARMS; i++)
		require(notification_arm(alarm[i].notification, 1, base + random_below(ALARMS) * step_of_alarms, 0));
	shuffle();
	arm_all(base);
}

/* Arms all, then destroys every third and makes a new one. */
static void arm_and_destroy(uint64_t base)
{
	arm_all(base);
	for (unsigned i = 0; i < ALARMS; i += 3) {
		builder_release(b, alarm[i].notification);
		require(build_object(b, KIND_NOTIFICATION, 0, &alarm[i].notification));
		alarm[i].armed = false;
	}
}

/* Did just those come that were armed, in the order of their deadlines? */
static bool in_order(void)
{
	word_t turn[ALARMS] = {0}; /* by rank */

	for (unsigned i = 0; i < ALARMS; i++) {
		bool came = waiter_signalled(&alarm[i].waiter, BIT);

		if (came != alarm[i].armed)
			return false;
		if (came)
			turn[alarm[i].rank] = alarm[i].waiter.turn;
	}
	return turns_ordered(turn, ALARMS, base_of_alarms);
}

static bool all_came(void)
{
	for (unsigned i = 0; i < ALARMS; i++)
		if (!waiter_signalled(&alarm[i].waiter, BIT))
			return false;
	return true;
}

static void (*prepare_alarms)(uint64_t base);

/* All alarms, in a new order; did they come in it? */
static bool run_in_order(void)
{
	shuffle();
	run_alarms(prepare_alarms, step_of_alarms);
	return in_order();
}

static bool comes_in_order(void (*prepare)(uint64_t base), uint64_t step)
{
	prepare_alarms = prepare;
	step_of_alarms = step;
	return one_of_several(run_in_order);
}

static void check_order(void)
{
	bool gone = true;

	check(comes_in_order(arm_all, microseconds(20)), "128 deadlines armed in random order come in their order");
	check(comes_in_order(arm_half, microseconds(20)),
	      "when some are taken back, the others come in their order, and those do not come");
	check(comes_in_order(arm_again, microseconds(20)), "when all are replaced, only the second ones come");
	check(comes_in_order(arm_all, 1), "128 deadlines one tick apart come in their order");
	check(comes_in_order(arm_and_destroy, microseconds(20)), "when some Notifications are destroyed, the others' come in their order");
	for (unsigned i = 0; i < ALARMS; i += 3)
		gone = gone && waiter_failed(&alarm[i].waiter, ERROR_GONE) && pending(alarm[i].notification) == 0;
	check(gone, "and theirs do not");
	step_of_alarms = 0;
	run_alarms(arm_all, 0);
	check(all_came(), "128 deadlines at the same time all come");
}

static void sort(word_t *turn, unsigned count)
{
	for (unsigned i = 1; i < count; i++)
		for (unsigned j = i; j > 0 && turn[j] < turn[j - 1]; j--) {
			word_t earlier = turn[j];

			turn[j] = turn[j - 1];
			turn[j - 1] = earlier;
		}
}

/* The first 36 at the same time: 12 of each group, armed by this thread at three priorities in turn. */
static void arm_groups(uint64_t base)
{
	static const word_t priority[] = {20, 100, 190};

	for (unsigned i = 0; i < ALARMS; i++)
		alarm[i].armed = false;
	for (unsigned i = 0; i < 36; i++) {
		require(thread_priority(PROGRAM_THREAD, priority[i / 2 % 3], PROGRAM_CONTEXT));
		arm_alarm(&alarm[i], base);
	}
	require(thread_priority(PROGRAM_THREAD, TEST_PRIORITY, PROGRAM_CONTEXT));
}

/* Each group is due as a whole before the next: every member of it counts as late that comes after one of a lower group. */
static bool run_groups(void)
{
	word_t turn[36];
	unsigned count = 0;

	run_alarms(arm_groups, 0);
	for (unsigned group = 3; group-- > 0;)
		for (unsigned i = 0; i < 36; i++)
			if (i / 2 % 3 == group)
				turn[count++] = waiter_signalled(&alarm[i].waiter, BIT) ? alarm[i].waiter.turn : 0;
	for (unsigned i = 0; i < 36; i += 12) /* within a group any order will do */
		sort(&turn[i], 12);
	return turn[0] != 0 && turn[12] != 0 && turn[24] != 0 && turns_ordered(turn, 36, base_of_alarms);
}

static void check_groups(void)
{
	step_of_alarms = 0;
	check(one_of_several(run_groups), "of deadlines at the same time, those armed at higher priorities come first");
	for (unsigned i = 36; i < ALARMS; i++)
		require(thread_abort(alarm[i].waiter.worker.thread));
}

/* ---- who armed and who waits ---- */

static void check_parties(void)
{
	struct actor armer, bound;
	handle_t weak;

	require(actor_create(b, ACTOR_PRIORITY, &armer));
	require(actor_create(b, ACTOR_PRIORITY, &bound));
	require(build_derived(b, n, RIGHT_ARM, 0x0f, &weak));
	actor_ipc(&armer, weak, HANDLE_NONE,
		  &(struct message){.tag = tag_make(NOTIFICATION_ARM, 4, 0), .w = {0xff, UINT32_MAX, 0, 0}});
	check(armer.script->done != 0 && armer.script->status == OK, "another thread can arm through a capability with the right");
	(void)disarm(n);
	require(notification_arm(weak, 0xff, arch_counter() + microseconds(500), 0));
	builder_release(b, weak);
	wait_until(arch_counter() + microseconds(1000));
	check_equal(pending(n), 0x0f, "the deadline outlives the capability, with the bits that its badge allowed");
	actor_ipc(&armer, n, HANDLE_NONE,
		  &(struct message){.tag = tag_make(NOTIFICATION_ARM, 4, 0), .w = {BIT, UINT32_MAX, UINT32_MAX >> 1, 0}});
	actor_destroy(b, &armer);
	check(disarm(n), "it outlives who armed it");
	require(notification_bind(n, bound.worker.thread));
	actor_receive(&bound, endpoint);
	require(notification_arm(n, BIT, 0, 0));
	wait_now();
	check(actor_signalled(&bound, BIT), "a deadline ends the receive of the bound thread");
	actor_ipc(&bound, n, endpoint,
		  &(struct message){.tag = tag_make(NOTIFICATION_ARM, 4, 0), .w = {BIT, 1, 0, 0}});
	wait_now();
	check(actor_signalled(&bound, BIT), "one system call can arm and receive from an Endpoint");
	actor_destroy(b, &bound);
}

void test_run(struct builder *builder)
{
	b = builder;
	require(build_object(b, KIND_NOTIFICATION, 0, &n));
	timing_open(b);
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	check_expiry();
	check_far();
	check_arguments();
	create_alarms();
	check_order();
	check_groups();
	destroy_alarms();
	check_parties();
	builder_release(b, endpoint);
	timing_close(b);
	builder_release(b, n);
}
