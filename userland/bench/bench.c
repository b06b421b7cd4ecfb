/* SPDX-License-Identifier: BSD-2-Clause */
/* The benchmark program: the two passes over all topics, or one role as a peer. */
#include "bench.h"

#include <string.h>

#include "archive.h"
#include "print.h"
#include "spawn.h"

enum { OUTER_PRIORITY = 120, PEER_MEMORY = 4 * 1024 * 1024, PEER_POOL = PEER_MEMORY / 4, PARALLEL = 2, RESETS = 10000 };

const struct program_info *bench_info;
struct builder bench_builder;
bool bench_many;
static handle_t parent; /* of peers */
static handle_t timer;
handle_t bench_large;
static handle_t peer_memory; /* Untyped of the peer: there is one at a time */

void bench_must(enum error error, const char *what)
{
	if (error == OK)
		return;
	print("bench: %s: %s\n", what, error_text(error));
	program_exit(1);
}

void bench_next(const char *name, unsigned trips)
{
	print("bench: measure %s %u\n", name, trips);
	bench_mark(MARK_NEXT);
}

unsigned bench_next_steps(const char *name)
{
	unsigned trips = bench_many ? MANY_TRIPS : WARM_TRIPS;

	bench_next(name, bench_many ? trips : 1);
	if (bench_many)
		bench_mark(MARK_SUM);
	return trips;
}

/* ---- memory that is used again and again ---- */

handle_t bench_enter(handle_t untyped)
{
	handle_t around = bench_builder.untyped;

	bench_builder.untyped = untyped;
	return around;
}

void bench_leave(handle_t around)
{
	enum error error = ERROR_BUSY;

	for (unsigned i = 0; error == ERROR_BUSY && i < RESETS; i++)
		error = untyped_reset(bench_builder.untyped);
	bench_must(error, "take memory back");
	bench_builder.untyped = around;
}

/* ---- peers ---- */

static void add_gifts(struct program_spec *spec, const struct peer *peer)
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof peer->rights / sizeof peer->rights[0]; i++)
		if (peer->rights[i] != 0)
			spec->gift[count++] = (struct program_gift){
				.handle = PEER_FIRST + i, .slot = PEER_FIRST + i, .rights = peer->rights[i]};
}

void peer_start(const struct peer *peer, struct program *out)
{
	struct program_spec spec = {
		.name = "peer",
		.parent = parent,
		.badge = 1,
		.pager = peer->pager,
		.system = PROGRAM_SYSTEM,
		.system_rights = RIGHT_LOG,
		.frequency = bench_info->frequency,
		.priority = BENCH_PRIORITY,
		.pool = PEER_POOL,
		.ceiling = OUTER_PRIORITY,
	};
	struct spawn_failure failure = {.error = OK};
	struct archive_entry entry;
	handle_t around;
	char arguments[64];

	if (archive_find((const void *)(uintptr_t)bench_info->data_address, (size_t)bench_info->data_size, "bench",
			 &entry) != ARCHIVE_ENTRY)
		bench_must(ERROR_BAD_HANDLE, "the archive has no bench");
	spec.image = entry.data;
	spec.image_size = entry.size;
	(void)text_format(arguments, sizeof arguments, "%u %lu", (unsigned)peer->role, peer->argument);
	spec.arguments = arguments;
	add_gifts(&spec, peer);
	around = bench_enter(peer_memory);
	if (!spawn(&bench_builder, &spec, out, &failure)) {
		print("bench: cannot %s: %s\n", failure.step, failure.reason);
		program_exit(1);
	}
	bench_builder.untyped = around;
	bench_must(spawn_begin(out), "start a peer");
}

void peer_end(struct program *program)
{
	handle_t around = bench_builder.untyped;

	spawn_destroy(&bench_builder, program);
	bench_builder.untyped = peer_memory;
	bench_leave(around);
}

/* ---- what topics share ---- */

void bench_make(enum kind kind, word_t core, handle_t slot)
{
	bench_must(untyped_create(PROGRAM_UNTYPED, kind, core, 1, 0, slot), "create an object");
}

void bench_unmake(handle_t slot)
{
	bench_must(space_delete(PROGRAM_SPACE, slot), "delete an object");
}

void bench_worker(void (*entry)(word_t), word_t argument, word_t priority, struct worker *out)
{
	bench_must(worker_create(&bench_builder, entry, argument, priority, out), "create a worker");
	bench_must(worker_begin(out), "start a worker");
}

void bench_sleep(word_t microseconds)
{
	uint64_t ticks = (uint64_t)microseconds * bench_info->frequency / 1000000;
	word_t bits;

	bench_must(notification_arm(timer, 1, arch_counter() + ticks, 0), "arm the timer");
	bench_must(notification_wait(timer, &bits), "wait for the timer");
}

/* ---- main ---- */

static word_t number(const char **text)
{
	word_t value = 0;

	while (**text == ' ')
		++*text;
	while (**text >= '0' && **text <= '9')
		value = 10 * value + (word_t)(*(*text)++ - '0');
	return value;
}

static void map_marks(void)
{
	handle_t memory;

	bench_must(build_object(&bench_builder, KIND_MEMORY, PAGE_SIZE, &memory), "memory for marks");
	bench_must(memory_map(memory, PROGRAM_SPACE, BENCH_MARK, RIGHT_READ | RIGHT_WRITE), "map the marks");
}

static void run_topics(void)
{
	bench_sizes();
	bench_refused();
	if (bench_many)
		bench_mark(MARK_QUICK); /* a quick run has a little of this pass, too: ci/bench-tests.py looks at it */
	bench_ipc();
	bench_notification();
	bench_schedule();
	bench_interrupt();
	bench_fault();
	bench_delegate();
	bench_objects();
	bench_revoke();
	bench_fpu();
	bench_growth();
}

/* The two passes. With several cores there is only what concerns them; the rest is counted on one. */
static void run(void)
{
	struct system_state system;
	void (*topics)(void);

	bench_must(system_info(PROGRAM_SYSTEM, &system), "ask System");
	topics = system.cores >= PARALLEL ? bench_cores : run_topics;
	print("bench: pass single\n");
	topics();
	bench_many = true;
	print("bench: pass many\n");
	topics();
}

word_t program_main(const struct program_info *info)
{
	const char *arguments = info->arguments;
	enum role role = (enum role)number(&arguments);

	bench_info = info;
	builder_init_program(&bench_builder, info);
	if (role != ROLE_MAIN) {
		peer_main(role, number(&arguments));
		return 1;
	}
	map_marks();
	bench_must(build_object(&bench_builder, KIND_ENDPOINT, 0, &parent), "an Endpoint");
	bench_must(build_object(&bench_builder, KIND_NOTIFICATION, 0, &timer), "a Notification");
	bench_must(build_object(&bench_builder, KIND_UNTYPED, BENCH_LARGE, &bench_large), "a large Untyped");
	bench_must(build_object(&bench_builder, KIND_UNTYPED, PEER_MEMORY, &peer_memory), "an Untyped for peers");
	run();
	print("bench: done\n");
	bench_mark(MARK_FINISH);
	return 0;
}
