/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduling: which thread runs when. Most cases are scenes: a few threads with a priority and a list of steps each,
 * and the order in which they must note what they did. All threads of a scene are ready, in the order in which they
 * are listed, before the first of them runs.
 */
#include "actor.h"
#include "print.h"
#include "timing.h"

enum { PARTS = 6, STEPS = 10, NOTES = 16, TOP = 200, ALL_PRIORITIES = TOP };

static struct builder *b;
static handle_t gate, second_gate, third_gate; /* Notifications */
static handle_t endpoint;
static struct worker worker[ALL_PRIORITIES];

/* ---- notes ---- */

static volatile word_t note_count, note[ALL_PRIORITIES];

static void take_note(word_t what)
{
	if (note_count < ALL_PRIORITIES)
		note[note_count++] = what;
}

/* ---- scenes ---- */

enum step_kind { END, NOTE, YIELD, SIGNAL, WAIT, SEND, CALL, RECEIVE, ANSWER, ANSWER_RECEIVE, PRIORITY };

struct step {
	enum step_kind kind;
	handle_t *object; /* what it is done with; PRIORITY: the thread, NULL: itself */
	word_t value;     /* NOTE: what; SEND: one word, which a receiver notes if it is not 0; PRIORITY: the new one */
};

struct scene {
	const char *name;
	struct {
		word_t priority;
		struct step step[STEPS];
	} part[PARTS];
	word_t expected[NOTES]; /* up to the first 0 */
};

static void receive_note(const struct message *m)
{
	if (tag_words(m->tag) != 0 && m->w[0] != 0)
		take_note(m->w[0]);
}

static void do_step(const struct step *s)
{
	handle_t object = s->object != NULL ? *s->object : worker_self();
	struct message m = {.tag = tag_make(1, 1, 0), .w = {s->value}};

	if (s->kind == NOTE)
		take_note(s->value);
	else if (s->kind == YIELD)
		yield();
	else if (s->kind == SIGNAL)
		(void)notification_signal(object, 1);
	else if (s->kind == WAIT)
		(void)message_receive(object, &m, 0);
	else if (s->kind == SEND)
		(void)message_send(object, &m);
	else if (s->kind == CALL)
		(void)message_call(object, &m);
	else if (s->kind == ANSWER)
		(void)message_answer(&m);
	else if (s->kind == PRIORITY)
		(void)thread_priority(object, s->value, PROGRAM_CONTEXT);
	else if (s->kind == RECEIVE && message_receive(object, &m, 0) == OK)
		receive_note(&m);
	else if (s->kind == ANSWER_RECEIVE && message_answer_receive(object, &m) == OK)
		receive_note(&m);
}

static void perform(word_t steps)
{
	for (const struct step *s = (const struct step *)steps; s->kind != END; s++)
		do_step(s);
}

static const struct scene *current;

static bool as_expected(void)
{
	unsigned count = 0;

	while (count < NOTES && current->expected[count] != 0)
		count++;
	for (unsigned i = 0; i < count; i++)
		if (note[i] != current->expected[i])
			return false;
	return note_count == count;
}

/* Plays the current scene. */
static bool play(void)
{
	unsigned parts = 0;
	bool right;

	require(thread_priority(PROGRAM_THREAD, TOP, PROGRAM_CONTEXT));
	for (; parts < PARTS && current->part[parts].priority != 0; parts++)
		require(worker_create(b, perform, (word_t)current->part[parts].step, current->part[parts].priority, &worker[parts]));
	note_count = 0;
	for (unsigned i = 0; i < parts; i++)
		require(worker_begin(&worker[i]));
	test_settle();
	right = as_expected();
	for (unsigned i = parts; i-- > 0;)
		worker_destroy(b, &worker[i]);
	(void)pending(gate);
	(void)pending(second_gate);
	(void)pending(third_gate);
	return right;
}

#define STEP_NOTE(value) {NOTE, NULL, value}
#define STEP_YIELD {YIELD, NULL, 0}
#define STEP_SIGNAL(object) {SIGNAL, &object, 0}
#define STEP_WAIT(object) {WAIT, &object, 0}
#define STEP_SEND(value) {SEND, &endpoint, value}
#define STEP_CALL {CALL, &endpoint, 0}
#define STEP_RECEIVE {RECEIVE, &endpoint, 0}
#define STEP_ANSWER {ANSWER, NULL, 0}
#define STEP_ANSWER_RECEIVE {ANSWER_RECEIVE, &endpoint, 0}
#define STEP_PRIORITY(value) {PRIORITY, NULL, value}
#define STEP_PRIORITY_OF(part, value) {PRIORITY, &worker[part].thread, value}

static const struct scene queue_scenes[] = {
	{"the highest priority runs first",
	 {{110, {STEP_NOTE(2)}}, {130, {STEP_NOTE(1)}}, {2, {STEP_NOTE(4)}}, {109, {STEP_NOTE(3)}}},
	 {1, 2, 3, 4}},
	{"in one priority, first come, first served",
	 {{110, {STEP_NOTE(1)}}, {110, {STEP_NOTE(2)}}, {110, {STEP_NOTE(3)}}, {110, {STEP_NOTE(4)}}},
	 {1, 2, 3, 4}},
	{"yield lets the others of the priority run in turn",
	 {{110, {STEP_NOTE(1), STEP_YIELD, STEP_NOTE(4), STEP_YIELD, STEP_NOTE(7)}},
	  {110, {STEP_NOTE(2), STEP_YIELD, STEP_NOTE(5), STEP_YIELD, STEP_NOTE(8)}},
	  {110, {STEP_NOTE(3), STEP_YIELD, STEP_NOTE(6), STEP_YIELD, STEP_NOTE(9)}}},
	 {1, 2, 3, 4, 5, 6, 7, 8, 9}},
	{"yield does not let lower ones run",
	 {{109, {STEP_NOTE(4)}}, {110, {STEP_NOTE(1), STEP_YIELD, STEP_NOTE(2), STEP_YIELD, STEP_YIELD, STEP_NOTE(3)}}},
	 {1, 2, 3, 4}},
	{"a signal to a thread of higher priority lets it run at once",
	 {{120, {STEP_WAIT(gate), STEP_NOTE(2)}}, {110, {STEP_NOTE(1), STEP_SIGNAL(gate), STEP_NOTE(3)}}},
	 {1, 2, 3}},
	{"a signal to one of the same priority does not",
	 {{110, {STEP_WAIT(gate), STEP_NOTE(3)}}, {110, {STEP_NOTE(1), STEP_SIGNAL(gate), STEP_NOTE(2)}}},
	 {1, 2, 3}},
	{"nor does one to a lower one",
	 {{120, {STEP_WAIT(second_gate), STEP_NOTE(1), STEP_SIGNAL(gate), STEP_NOTE(2)}},
	  {110, {STEP_WAIT(gate), STEP_NOTE(3)}},
	  {100, {STEP_SIGNAL(second_gate), STEP_NOTE(4)}}},
	 {1, 2, 3, 4}},
	{"a message to a receiver of higher priority lets it run at once",
	 {{120, {STEP_RECEIVE, STEP_NOTE(3)}}, {110, {STEP_NOTE(1), STEP_SEND(2), STEP_NOTE(4)}}},
	 {1, 2, 3, 4}},
	{"a message to one of the same priority does not",
	 {{110, {STEP_RECEIVE, STEP_NOTE(4)}}, {110, {STEP_NOTE(1), STEP_SEND(3), STEP_NOTE(2)}}},
	 {1, 2, 3, 4}},
	{"who was preempted goes on before others of its priority",
	 {{120, {STEP_WAIT(gate), STEP_NOTE(2)}},
	  {110, {STEP_NOTE(1), STEP_SIGNAL(gate), STEP_NOTE(3)}},
	  {110, {STEP_NOTE(4)}}},
	 {1, 2, 3, 4}},
	{"receiving from a sender of higher priority lets it run at once",
	 {{120, {STEP_SEND(2), STEP_NOTE(1)}}, {110, {STEP_RECEIVE, STEP_NOTE(3)}}},
	 {1, 2, 3}},
};

/* In these the server waits before its client runs: the client waits for a signal of the last part. */
static const struct scene call_scenes[] = {
	{"a call switches to the server at once, and its answer back, before others of the priority",
	 {{90, {STEP_RECEIVE, STEP_NOTE(2), STEP_ANSWER_RECEIVE}},
	  {110, {STEP_WAIT(gate), STEP_SIGNAL(second_gate), STEP_NOTE(1), STEP_CALL, STEP_NOTE(3)}},
	  {110, {STEP_WAIT(second_gate), STEP_NOTE(4)}},
	  {50, {STEP_SIGNAL(gate), STEP_NOTE(5)}}},
	 {1, 2, 3, 4, 5}},
	{"a server runs at its caller's priority",
	 {{90, {STEP_RECEIVE, STEP_SIGNAL(second_gate), STEP_NOTE(2), STEP_ANSWER_RECEIVE}},
	  {120, {STEP_WAIT(gate), STEP_NOTE(1), STEP_CALL, STEP_NOTE(3)}},
	  {110, {STEP_WAIT(second_gate), STEP_NOTE(4)}},
	  {50, {STEP_SIGNAL(gate), STEP_NOTE(5)}}},
	 {1, 2, 3, 4, 5}},
	{"a server of higher priority keeps its own",
	 {{120, {STEP_RECEIVE, STEP_SIGNAL(second_gate), STEP_NOTE(2), STEP_ANSWER_RECEIVE}},
	  {100, {STEP_WAIT(gate), STEP_NOTE(1), STEP_CALL, STEP_NOTE(4)}},
	  {110, {STEP_WAIT(second_gate), STEP_NOTE(3)}},
	  {50, {STEP_SIGNAL(gate), STEP_NOTE(5)}}},
	 {1, 2, 3, 4, 5}},
	{"after its answer a server of lower priority waits for its caller",
	 {{90, {STEP_RECEIVE, STEP_NOTE(2), STEP_ANSWER, STEP_NOTE(4)}},
	  {110, {STEP_WAIT(gate), STEP_NOTE(1), STEP_CALL, STEP_NOTE(3)}},
	  {50, {STEP_SIGNAL(gate), STEP_NOTE(5)}}},
	 {1, 2, 3, 4, 5}},
	{"after its answer a server of the same priority goes on",
	 {{110, {STEP_RECEIVE, STEP_NOTE(2), STEP_ANSWER, STEP_NOTE(3)}},
	  {110, {STEP_WAIT(gate), STEP_NOTE(1), STEP_CALL, STEP_NOTE(4)}},
	  {50, {STEP_SIGNAL(gate), STEP_NOTE(5)}}},
	 {1, 2, 3, 4, 5}},
	{"a serving thread that lowers its priority keeps its caller's until the answer",
	 {{90, {STEP_RECEIVE, STEP_SIGNAL(second_gate), STEP_PRIORITY(50), STEP_NOTE(2), STEP_ANSWER, STEP_NOTE(6)}},
	  {120, {STEP_WAIT(gate), STEP_NOTE(1), STEP_CALL, STEP_NOTE(3)}},
	  {110, {STEP_WAIT(second_gate), STEP_NOTE(4), STEP_SIGNAL(third_gate)}},
	  {60, {STEP_WAIT(third_gate), STEP_NOTE(5)}},
	  {45, {STEP_SIGNAL(gate), STEP_NOTE(7)}}},
	 {1, 2, 3, 4, 5, 6, 7}},
	{"so does one whose priority was its caller's",
	 {{110, {STEP_RECEIVE, STEP_SIGNAL(second_gate), STEP_PRIORITY(50), STEP_NOTE(2), STEP_ANSWER, STEP_NOTE(5)}},
	  {110, {STEP_WAIT(gate), STEP_NOTE(1), STEP_CALL, STEP_NOTE(3)}},
	  {105, {STEP_WAIT(second_gate), STEP_NOTE(4)}},
	  {45, {STEP_SIGNAL(gate), STEP_NOTE(6)}}},
	 {1, 2, 3, 4, 5, 6}},
	{"a serving thread that raises its priority above its caller's has it at once",
	 {{90, {STEP_RECEIVE, STEP_PRIORITY(130), STEP_SIGNAL(second_gate), STEP_NOTE(2), STEP_ANSWER, STEP_NOTE(3)}},
	  {110, {STEP_WAIT(gate), STEP_NOTE(1), STEP_CALL, STEP_NOTE(5)}},
	  {120, {STEP_WAIT(second_gate), STEP_NOTE(4)}},
	  {45, {STEP_SIGNAL(gate), STEP_NOTE(6)}}},
	 {1, 2, 3, 4, 5, 6}},
};

static const struct scene priority_scenes[] = {
	{"who lowers its priority lets higher ones run at once",
	 {{120, {STEP_NOTE(1), STEP_PRIORITY(105), STEP_NOTE(3)}}, {110, {STEP_NOTE(2)}}},
	 {1, 2, 3}},
	{"a ready thread that is raised above the running one runs at once",
	 {{110, {STEP_NOTE(1), STEP_PRIORITY_OF(1, 120), STEP_NOTE(3)}}, {100, {STEP_NOTE(2)}}},
	 {1, 2, 3}},
	{"a ready thread that is raised to a priority comes last in it",
	 {{110, {STEP_NOTE(1), STEP_PRIORITY_OF(1, 110), STEP_NOTE(2)}}, {100, {STEP_NOTE(4)}}, {110, {STEP_NOTE(3)}}},
	 {1, 2, 3, 4}},
	{"a ready thread that is lowered runs later",
	 {{110, {STEP_NOTE(1), STEP_PRIORITY_OF(1, 100)}}, {110, {STEP_NOTE(3)}}, {105, {STEP_NOTE(2)}}},
	 {1, 2, 3}},
	{"a queued sender that is raised is received first",
	 {{105, {STEP_SEND(1)}}, {106, {STEP_SEND(2)}}, {50, {STEP_PRIORITY_OF(0, 107), STEP_RECEIVE, STEP_RECEIVE}}},
	 {1, 2}},
	{"a queued sender that is lowered is received last",
	 {{108, {STEP_SEND(3)}}, {107, {STEP_SEND(1)}}, {106, {STEP_SEND(2)}},
	  {50, {STEP_PRIORITY_OF(0, 105), STEP_RECEIVE, STEP_RECEIVE, STEP_RECEIVE}}},
	 {1, 2, 3}},
	{"a queued sender that is set to the priority of others comes behind them",
	 {{108, {STEP_SEND(3)}}, {107, {STEP_SEND(1)}}, {107, {STEP_SEND(2)}},
	  {50, {STEP_PRIORITY_OF(0, 107), STEP_RECEIVE, STEP_RECEIVE, STEP_RECEIVE}}},
	 {1, 2, 3}},
	{"a waiting receiver that is raised gets the message",
	 {{105, {STEP_RECEIVE, STEP_NOTE(2)}}, {106, {STEP_RECEIVE, STEP_NOTE(4)}},
	  {50, {STEP_PRIORITY_OF(0, 107), STEP_SEND(1), STEP_SEND(3)}}},
	 {1, 2, 3, 4}},
	{"a server is not slowed down by a lowered caller",
	 {{90, {STEP_RECEIVE, STEP_SIGNAL(second_gate), STEP_PRIORITY_OF(1, 80), STEP_NOTE(2), STEP_ANSWER_RECEIVE}},
	  {120, {STEP_WAIT(gate), STEP_NOTE(1), STEP_CALL, STEP_NOTE(4)}},
	  {110, {STEP_WAIT(second_gate), STEP_NOTE(3)}},
	  {50, {STEP_SIGNAL(gate), STEP_NOTE(5)}}},
	 {1, 2, 3, 4, 5}},
};

static void check_scenes(const struct scene *scenes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		current = &scenes[i];
		if (!check(one_of_several(play), current->name))
			for (unsigned j = 0; j < note_count; j++)
				print("# note %u: %lu\n", j, note[j]);
	}
}

/* ---- all priorities ---- */

static void note_and_signal(word_t priority)
{
	take_note(priority);
	if (priority == 0)
		(void)notification_signal(gate, 1);
}

static void check_all_priorities(void)
{
	static word_t priority[ALL_PRIORITIES];
	bool right = true;
	word_t bits;

	for (unsigned i = 0; i < ALL_PRIORITIES; i++) {
		unsigned j = random_below(i + 1);

		priority[i] = priority[j];
		priority[j] = i;
	}
	require(thread_priority(PROGRAM_THREAD, TOP, PROGRAM_CONTEXT));
	for (unsigned i = 0; i < ALL_PRIORITIES; i++)
		require(worker_create(b, note_and_signal, priority[i], priority[i], &worker[i]));
	note_count = 0;
	for (unsigned i = 0; i < ALL_PRIORITIES; i++)
		require(worker_begin(&worker[i]));
	check_equal(note_count, 0, "no thread of lower priority runs while one of higher priority does");
	require(notification_wait(gate, &bits));
	for (unsigned i = 0; i < ALL_PRIORITIES; i++)
		right = right && note[i] == ALL_PRIORITIES - 1 - i;
	check(right && note_count == ALL_PRIORITIES, "threads of two hundred priorities run from the highest to the lowest");
	for (unsigned i = ALL_PRIORITIES; i-- > 0;)
		worker_destroy(b, &worker[i]);
	require(thread_priority(PROGRAM_THREAD, TEST_PRIORITY, PROGRAM_CONTEXT));
}

/* ---- time ---- */

static volatile bool over;
static volatile word_t rounds[3], runner, turns;

static void spin(word_t number)
{
	while (!over) {
		rounds[number]++;
		if (runner == number)
			continue;
		runner = number;
		turns++;
	}
}

static void check_slices(void)
{
	word_t wakes = 0;

	for (unsigned i = 0; i < 3; i++)
		require(worker_create(b, spin, i, i < 2 ? 90 : 89, &worker[i]));
	for (unsigned i = 0; i < 3; i++)
		require(worker_begin(&worker[i]));
	for (; wakes < 2000 && turns < 7; wakes++)
		wait_until(arch_counter() + microseconds(500));
	check(turns >= 7, "two threads of one priority that never wait take turns");
	check(rounds[0] > 0 && rounds[1] > 0, "both get on");
	check_equal(rounds[2], 0, "one of lower priority does not run");
	check(wakes >= 6, "one of higher priority that waits for deadlines gets its turns in between");
	over = true;
	test_settle();
	check(rounds[2] == 0, "it had none of their time");
	for (unsigned i = 3; i-- > 0;)
		worker_destroy(b, &worker[i]);
}

static volatile word_t happened;

static void wait_and_tell(word_t notification)
{
	word_t bits = 0;

	if (notification_wait(notification, &bits) == OK)
		happened = bits;
}

/* Runs until it happened; false: it did not within seconds. */
static bool spin_until(word_t what)
{
	uint64_t end = arch_counter() + microseconds(5000000);

	while (happened != what && arch_counter() < end)
		;
	return happened == what;
}

static void check_preemption(void)
{
	require(worker_create(b, wait_and_tell, gate, ACTOR_PRIORITY, &worker[0]));
	require(worker_begin(&worker[0]));
	require(notification_arm(gate, 3, arch_counter() + microseconds(1000), 0));
	check(spin_until(3), "a deadline lets a thread of higher priority run though this one never waits");
	worker_destroy(b, &worker[0]);
	require(worker_create(b, wait_and_tell, gate, TEST_PRIORITY, &worker[0]));
	require(worker_begin(&worker[0]));
	yield();
	require(notification_arm(gate, 4, arch_counter() + microseconds(1000), 0));
	check(spin_until(4), "and one of the same priority, when this one's slice is over");
	worker_destroy(b, &worker[0]);
}

/* ---- the priority of a thread ---- */

static bool unchanged(void)
{
	struct thread_report report = {.priority = 0};

	return thread_query(PROGRAM_THREAD, &report) == OK && report.priority == TEST_PRIORITY && report.effective == TEST_PRIORITY;
}

static void check_errors(void)
{
	handle_t weak_thread, weak_context, fresh;

	require(build_derived(b, PROGRAM_THREAD, RIGHT_CONTROL | RIGHT_REGISTERS, 0, &weak_thread));
	require(build_derived(b, PROGRAM_CONTEXT, RIGHT_BIND | RIGHT_CONSUMED, 0, &weak_context));
	require(build_object(b, KIND_CONTEXT, 0, &fresh));
	check_error(thread_priority(PROGRAM_THREAD, 256, PROGRAM_CONTEXT), ERROR_BAD_ARGUMENT, "there is no priority 256");
	check_error(thread_priority(PROGRAM_THREAD, (word_t)-1, PROGRAM_CONTEXT), ERROR_BAD_ARGUMENT, "nor a negative one");
	check_error(thread_priority(PROGRAM_THREAD, ((word_t)1 << 32) + 5, PROGRAM_CONTEXT), ERROR_BAD_ARGUMENT, "nor a larger one");
	check_error(thread_priority(PROGRAM_THREAD, TOP + 1, PROGRAM_CONTEXT), ERROR_NO_RIGHTS, "the ceiling limits a priority");
	check_error(thread_priority(PROGRAM_THREAD, 1, fresh), ERROR_NO_RIGHTS, "the ceiling of a new SchedContext is 0");
	check_error(thread_priority(PROGRAM_THREAD, 5, weak_context), ERROR_NO_RIGHTS, "it takes the right configure on the context");
	check_error(thread_priority(weak_thread, 5, PROGRAM_CONTEXT), ERROR_NO_RIGHTS, "and the right priority on the Thread");
	check_error(thread_priority(PROGRAM_THREAD, 5, endpoint), ERROR_WRONG_KIND, "an Endpoint allows no priority");
	check_error(thread_priority(PROGRAM_THREAD, 5, HANDLE_NONE), ERROR_BAD_HANDLE, "nor does nothing");
	check_error(thread_priority(PROGRAM_THREAD, 5, HANDLE_REPLY), ERROR_BAD_HANDLE, "nor what is not in the table");
	check(unchanged(), "what is refused changes nothing");
	check_ok(thread_priority(PROGRAM_THREAD, TOP, PROGRAM_CONTEXT), "the ceiling itself is allowed");
	check_ok(thread_priority(PROGRAM_THREAD, TEST_PRIORITY, PROGRAM_CONTEXT), "and so is what is below");
	check(unchanged(), "a thread's query tells its priority");
	builder_release(b, fresh);
	builder_release(b, weak_context);
	builder_release(b, weak_thread);
}

void test_run(struct builder *builder)
{
	b = builder;
	timing_open(b);
	require(build_object(b, KIND_NOTIFICATION, 0, &gate));
	require(build_object(b, KIND_NOTIFICATION, 0, &second_gate));
	require(build_object(b, KIND_NOTIFICATION, 0, &third_gate));
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	check_errors();
	check_scenes(queue_scenes, sizeof queue_scenes / sizeof queue_scenes[0]);
	check_scenes(call_scenes, sizeof call_scenes / sizeof call_scenes[0]);
	check_scenes(priority_scenes, sizeof priority_scenes / sizeof priority_scenes[0]);
	check_all_priorities();
	check_preemption();
	check_slices();
	builder_release(b, endpoint);
	builder_release(b, third_gate);
	builder_release(b, second_gate);
	builder_release(b, gate);
	timing_close(b);
}
