/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The supervisor: runs the crasher from an Untyped of its own, learns of each crash by the message that the kernel sends in
 * the crasher's name, destroys what is left, checks that all memory came back, and starts it again.
 */
#include "archive.h"
#include "demo.h"
#include "dump.h"
#include "print.h"

enum { HOME_SIZE = 1024 * 1024, POOL_SIZE = 128 * 1024, RUNS_MAX = 9, PAUSE_MILLISECONDS = 80 };

static struct builder builder;
static handle_t endpoint, home;

static enum error prepare(const struct program_info *info)
{
	enum error error;

	print_to_endpoint(DEMO_LOG);
	builder_init_program(&builder, info);
	error = build_object(&builder, KIND_ENDPOINT, 0, &endpoint);
	if (error == OK)
		error = build_object(&builder, KIND_UNTYPED, HOME_SIZE, &home);
	builder.untyped = home;
	return error;
}

/* What the crasher gets: the log. The data that the supervisor was given is an archive with its program. */
static bool specify(const struct program_info *info, const char *run, struct program_spec *spec)
{
	struct archive_entry entry;

	if (archive_find((const void *)(uintptr_t)info->data_address, (size_t)info->data_size, "crasher", &entry) !=
	    ARCHIVE_ENTRY)
		return false;
	*spec = (struct program_spec){
		.name = "crasher",
		.arguments = run,
		.image = entry.data,
		.image_size = entry.size,
		.parent = endpoint,
		.badge = COMPONENT_CRASHER,
		.priority = 90,
		.ceiling = 90,
		.pool = POOL_SIZE,
		.gift = {{.handle = DEMO_CHILD_LOG, .slot = DEMO_LOG, .rights = RIGHT_SEND}},
	};
	return true;
}

/* Bytes of `home` that are free. */
static word_t measure(void)
{
	struct untyped_state state;

	return untyped_query(home, &state) == OK ? state.free : 0;
}

/* Waits for the crasher's end, and tells all that can be known of a crash. */
static bool wait_for_end(const struct program_info *info, const struct program *program, struct ending *ending)
{
	const struct dump dump = {
		.name = "crasher",
		.program = program,
		.symbols = symbols_of((const void *)(uintptr_t)info->data_address, (size_t)info->data_size, "crasher"),
	};
	struct message m;

	do
		if (!demo_receive(endpoint, &m))
			return false;
	while (!ending_read(&m, ending));
	if (ending->kind != ENDING_EXIT)
		dump_fault(&builder, &dump, ending);
	return true;
}

/* One run from start to end; false: it could not be started or did not give back its memory. */
static bool run(const struct program_info *info, const char *number, struct ending *ending)
{
	struct program_spec spec;
	struct spawn_failure failure;
	struct program program;
	word_t before = measure(), used;
	char text[160];

	if (!specify(info, number, &spec))
		return false;
	if (!spawn(&builder, &spec, &program, &failure)) {
		print("cannot %s: %s\n", failure.step, failure.reason);
		return false;
	}
	used = before - measure();
	if (spawn_begin(&program) != OK || !wait_for_end(info, &program, ending))
		return false;
	ending_text(ending, text, sizeof text);
	print("run %s of the crasher ended: %s\n", number, text);
	spawn_destroy(&builder, &program);
	if (untyped_reset(home) != OK || measure() != before)
		return false;
	print("what was left is destroyed, all %lu bytes of memory are back\n", used);
	return true;
}

word_t program_main(const struct program_info *info)
{
	char number[2] = "1";
	struct ending ending;

	if (prepare(info) != OK)
		return 1;
	for (unsigned runs = 1; runs <= RUNS_MAX; runs++) {
		number[0] = (char)('0' + runs);
		if (!run(info, number, &ending))
			return 1;
		if (ending.kind == ENDING_EXIT) {
			print("%u restarts were enough\n", runs - 1);
			return ending.status;
		}
		demo_sleep(info, PAUSE_MILLISECONDS);
		print("restart %u\n", runs);
	}
	return 1;
}
