/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The supervisor: runs the crasher from an Untyped of its own, learns of each crash by the message that the kernel sends in
 * the crasher's name, destroys what is left, checks that all memory came back, and starts it again.
 */
#include "demo.h"
#include "ending.h"
#include "print.h"
#include "spawn.h"

enum { HOME_SIZE = 4 * 1024 * 1024, RUNS_MAX = 9, PAUSE_MILLISECONDS = 80 };

static struct builder builder;
static handle_t endpoint, home;

static enum error prepare(const struct program_info *info)
{
	enum error error;

	print_to_endpoint(DEMO_CONSOLE);
	builder_init_program(&builder, info);
	error = build_object(&builder, KIND_ENDPOINT, 0, &endpoint);
	if (error == OK)
		error = build_object(&builder, KIND_UNTYPED, HOME_SIZE, &home);
	builder.untyped = home;
	return error;
}

/* What the crasher gets: the console. The data that the supervisor was given is its program. */
static struct program_spec specify(const struct program_info *info, const char *run)
{
	return (struct program_spec){
		.name = "crasher",
		.arguments = run,
		.image = (const void *)(uintptr_t)info->data_address,
		.image_size = (size_t)info->data_size,
		.parent = endpoint,
		.badge = COMPONENT_CRASHER,
		.priority = 90,
		.ceiling = 90,
		.gift = {{.handle = DEMO_CHILD_CONSOLE, .slot = DEMO_CONSOLE, .rights = RIGHT_SEND}},
	};
}

/* Bytes of `home` that are free. */
static word_t measure(void)
{
	struct untyped_state state;

	return untyped_query(home, &state) == OK ? state.free : 0;
}

/* One run from start to end; false: it could not be started or did not give back its memory. */
static bool run(const struct program_info *info, const char *number, struct ending *ending)
{
	struct program_spec spec = specify(info, number);
	struct spawn_failure failure;
	struct program program;
	struct message m;
	word_t before = measure(), used;
	char text[160];

	if (!spawn(&builder, &spec, &program, &failure)) {
		print("cannot %s: %s\n", failure.step, failure.reason);
		return false;
	}
	used = before - measure();
	if (spawn_begin(&program) != OK)
		return false;
	do
		if (message_receive(endpoint, &m, 0) != OK)
			return false;
	while (!ending_read(&m, ending));
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
