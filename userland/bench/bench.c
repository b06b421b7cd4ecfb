/* SPDX-License-Identifier: BSD-2-Clause */
/* The benchmark program: the two passes over all topics, or one role as a peer. */
#include "bench.h"

#include <string.h>

#include "archive.h"
#include "print.h"
#include "spawn.h"

enum { OUTER_PRIORITY = 120 };

const struct program_info *bench_info;
struct builder bench_builder;
bool bench_many;
static handle_t parent; /* of peers */

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

/* ---- peers ---- */

static void add_gifts(struct program_spec *spec, const struct peer *peer)
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof peer->gift / sizeof peer->gift[0]; i++)
		if (peer->gift[i] != HANDLE_NONE)
			spec->gift[count++] = (struct program_gift){.handle = peer->gift[i], .slot = PEER_ENDPOINT + i, .rights = peer->rights[i]};
}

void peer_start(const struct peer *peer, struct program *out)
{
	struct program_spec spec = {
		.name = "peer",
		.parent = parent,
		.badge = 1,
		.pager = peer->pager,
		.untyped_size = 1024 * 1024,
		.system = PROGRAM_SYSTEM,
		.system_rights = RIGHT_LOG,
		.frequency = bench_info->frequency,
		.priority = peer->priority != 0 ? peer->priority : BENCH_PRIORITY,
		.ceiling = OUTER_PRIORITY,
	};
	struct spawn_failure failure = {.error = OK};
	struct archive_entry entry;
	char arguments[64];

	if (archive_find((const void *)(uintptr_t)bench_info->data_address, (size_t)bench_info->data_size, "bench", &entry) != ARCHIVE_ENTRY)
		bench_must(ERROR_BAD_HANDLE, "the archive has no bench");
	spec.image = entry.data;
	spec.image_size = entry.size;
	(void)text_format(arguments, sizeof arguments, "%u %lu", (unsigned)peer->role, peer->argument);
	spec.arguments = arguments;
	add_gifts(&spec, peer);
	if (!spawn(&bench_builder, &spec, out, &failure)) {
		print("bench: cannot %s: %s\n", failure.step, failure.reason);
		program_exit(1);
	}
	bench_must(spawn_begin(out), "start a peer");
}

void peer_end(struct program *program)
{
	spawn_destroy(&bench_builder, program);
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

static void run_topics(bool many)
{
	bench_many = many;
	bench_ipc();
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
	run_topics(false);
	bench_mark(MARK_QUICK);
	run_topics(true);
	print("bench: done\n");
	bench_mark(MARK_FINISH);
	return 0;
}
