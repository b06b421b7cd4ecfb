/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Test programs, run like the root component's suite does: alone in a Space, from an Untyped that must be free again afterwards.
 * One at a time; the components go on meanwhile.
 */
#include <string.h>

#include "archive.h"
#include "dump.h"
#include "monitor.h"

enum { HOME_SIZE = 16 * 1024 * 1024, UNTYPED_SIZE = 8 * 1024 * 1024, TIME_LIMIT = 90, PRIORITY = 100, CEILING = 200 };

static const char prefix[] = "test-";

static handle_t home;

/* The program that runs, and what comes after it. */
static struct {
	bool runs, all;
	struct archive archive; /* behind its entry */
	char name[PROGRAM_NAME_MAX];
	struct program program;
	word_t cases, failed;
	word_t programs, programs_failed;
} run;

static void open_archive(struct archive *archive)
{
	archive_open(archive, (const void *)(uintptr_t)monitor.info->data_address, (size_t)monitor.info->data_size);
}

/* The next test program; false: there is none. */
static bool next(struct archive *archive, struct archive_entry *entry)
{
	while (archive_next(archive, entry) == ARCHIVE_ENTRY)
		if (strncmp(entry->name, prefix, sizeof prefix - 1) == 0 && strchr(entry->name, '.') == NULL)
			return true;
	return false;
}

void test_list(void)
{
	struct archive archive;
	struct archive_entry entry;

	open_archive(&archive);
	while (next(&archive, &entry))
		say("%s\n", entry.name);
}

/* NULL, or why it cannot be started. */
static const char *start(const struct archive_entry *entry)
{
	struct spawn_failure failure;
	handle_t own = monitor.builder.untyped;
	const char *wrong = NULL;
	const struct program_spec spec = {
		.name = run.name,
		.image = entry->data,
		.image_size = entry->size,
		.parent = monitor.endpoint,
		.badge = BADGE_TEST,
		.untyped_size = UNTYPED_SIZE,
		.system = PROGRAM_SYSTEM,
		.system_rights = RIGHT_LOG,
		.data = PROGRAM_DATA,
		.data_offset = (size_t)(monitor.info->data_address % PAGE_SIZE),
		.data_size = (size_t)monitor.info->data_size,
		.frequency = monitor.info->frequency,
		.priority = PRIORITY,
		.ceiling = CEILING,
	};

	if (home == HANDLE_NONE && build_object(&monitor.builder, KIND_UNTYPED, HOME_SIZE, &home) != OK)
		return "there is not enough memory";
	monitor.builder.untyped = home;
	if (!spawn(&monitor.builder, &spec, &run.program, &failure))
		wrong = failure.reason;
	else if (spawn_begin(&run.program) != OK)
		wrong = "it does not begin";
	monitor.builder.untyped = own;
	return wrong;
}

/* Destroys the program; false: it did not give back all of its memory. */
static bool destroy(void)
{
	run.runs = false;
	output_test_deadline(0);
	spawn_destroy(&monitor.builder, &run.program);
	return monitor_reset(home) == OK;
}

static bool begin(const struct archive_entry *entry)
{
	const char *wrong;

	(void)text_format(run.name, sizeof run.name, "%s", entry->name);
	run.cases = run.failed = 0;
	run.programs++;
	wrong = start(entry);
	if (wrong != NULL) {
		run.programs_failed++;
		say("%s not started: %s\n", run.name, wrong);
		(void)destroy();
		return false;
	}
	run.runs = true;
	output_test_deadline(arch_counter() + TIME_LIMIT * monitor.info->frequency);
	return true;
}

/* The next one of all that can be started; false: none is left. */
static bool begin_next(void)
{
	struct archive_entry entry;

	while (next(&run.archive, &entry))
		if (begin(&entry))
			return true;
	return false;
}

bool test_start(const char *name)
{
	struct archive_entry entry;
	struct archive archive;

	run.all = false;
	run.programs = run.programs_failed = 0;
	open_archive(&archive);
	while (next(&archive, &entry))
		if (strcmp(entry.name, name) == 0 || strcmp(entry.name + sizeof prefix - 1, name) == 0)
			return begin(&entry);
	say("there is no test %s; `tests` lists them\n", name);
	return false;
}

bool test_start_all(void)
{
	run.all = true;
	run.programs = run.programs_failed = 0;
	open_archive(&run.archive);
	return begin_next();
}

static void finish(const struct ending *ending)
{
	const struct dump dump = {
		.name = run.name,
		.program = &run.program,
		.symbols = monitor_symbols(run.name),
		.line = output_line,
	};
	bool well = ending->kind == ENDING_EXIT && ending->status == 0 && run.failed == 0 && run.cases > 0, back;
	char text[160];

	if (ending->kind == ENDING_PAGE_FAULT || ending->kind == ENDING_EXCEPTION)
		dump_fault(&monitor.builder, &dump, ending);
	output_flush();
	back = destroy();
	ending_text(ending, text, sizeof text);
	say("%s: %lu passed, %lu failed, %s%s\n", run.name, run.cases - run.failed, run.failed, text,
	    back ? "" : ", did not give back all memory");
	run.programs_failed += !(well && back);
	if (run.all && begin_next())
		return;
	if (run.all)
		say("%lu programs, %lu failed\n", run.programs, run.programs_failed);
	prompt_answer();
}

static void take_result(const struct message *m)
{
	char text[PROTOCOL_TEXT_MAX + 1];
	size_t length = message_get(m, 2, text, m->w[1] < PROTOCOL_TEXT_MAX ? m->w[1] : PROTOCOL_TEXT_MAX);

	text[length] = '\0';
	run.cases++;
	run.failed += m->w[0] == 0;
	say("%s %s\n", m->w[0] != 0 ? "ok    " : "not ok", text);
}

void test_message(const struct message *m)
{
	struct message answer = {.tag = tag_make(OK, 0, 0)};
	struct ending ending;

	if (run.runs && ending_read(m, &ending)) {
		finish(&ending);
		return;
	}
	if (run.runs && tag_label(m->tag) == PROTOCOL_RESULT)
		take_result(m);
	else
		answer.tag = tag_make(ERROR_BAD_ARGUMENT, 0, 0);
	(void)message_answer(&answer);
}

void test_late(void)
{
	const struct ending killed = {.kind = ENDING_KILLED};

	if (!run.runs)
		return;
	say("%s did not end within %u seconds\n", run.name, TIME_LIMIT);
	finish(&killed);
}
