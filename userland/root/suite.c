/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The test runner: every program of the archive whose name begins with "test-" runs alone, in a Space of its own,
 * reports its cases, and ends; then everything is destroyed and the memory must be what it was.
 */
#include <string.h>

#include "machine.h"
#include "print.h"
#include "protocol.h"
#include "root.h"
#include "tap.h"

enum { TIME_LIMIT = 90, DEVICE_SIZE = 16 * 1024, UNTYPED_SHARE = 4 };

/* What is known of the running program. */
struct run {
	const char *name;
	unsigned cases, failed;
};

static void listen(struct root *root, const struct message *m, void *context)
{
	struct run *run = context;
	char text[PROTOCOL_TEXT_MAX + 1];
	size_t length;

	(void)root;
	if (tag_label(m->tag) != PROTOCOL_RESULT)
		return;
	length = message_get(m, 2, text, m->w[1] < PROTOCOL_TEXT_MAX ? m->w[1] : PROTOCOL_TEXT_MAX);
	text[length] = '\0';
	run->cases++;
	run->failed += m->w[0] == 0;
	tap_result(m->w[0] != 0, run->name, text);
}

/* The program ended: well, or as one more failed case. */
static void report_end(const struct run *run, const struct ending *ending)
{
	char text[160];

	ending_text(ending, text, sizeof text);
	tap_comment(run->name, text);
	if (ending->kind == ENDING_KILLED)
		(void)text_format(text, sizeof text, "did not end within %u seconds", TIME_LIMIT);
	if (ending->kind != ENDING_EXIT || (ending->status != 0 && run->failed == 0))
		tap_result(false, run->name, text);
	else if (run->cases == 0)
		tap_result(false, run->name, "reported no case");
}

static void check_memory(const struct root *root, const struct run *run, struct resources_free before)
{
	enum error error = resources_reset(root);
	struct resources_free after = resources_measure(root);
	char text[160];

	(void)text_format(text, sizeof text, "gave back all memory");
	if (error != OK || after.home != before.home || after.pool != before.pool)
		(void)text_format(text, sizeof text,
				  "gave back all memory (reset: %s; home %lu -> %lu, pool %lu -> %lu bytes free)",
				  error_text(error), before.home, after.home, before.pool, after.pool);
	tap_result(error == OK && after.home == before.home && after.pool == before.pool, run->name, text);
}

/* A few pages of device Untyped where no device answers. */
static handle_t make_device(struct root *root)
{
	handle_t device = HANDLE_NONE;

	if (root->devices == HANDLE_NONE)
		return HANDLE_NONE;
	root->builder.untyped = root->devices;
	(void)build_object(&root->builder, KIND_UNTYPED, DEVICE_SIZE, &device);
	root->builder.untyped = root->home;
	return device;
}

/* What single tests get besides: in every other test it is missing. */
enum need { NEED_ARCHIVE = 1 /* as data */, NEED_DEVICES = 2 /* tree and console */, NEED_PCI = 4, NEED_TRANSPORT = 8 };

static const struct needs {
	const char *name;
	word_t rights; /* of System, beside log */
	unsigned what; /* enum need, ORed */
} needs[] = {
	{"test-console", RIGHT_INTERRUPTS, NEED_ARCHIVE | NEED_DEVICES},
	{"test-dump", 0, NEED_ARCHIVE},
	{"test-devices", 0, NEED_DEVICES | NEED_TRANSPORT},
	{"test-interrupt", RIGHT_INTERRUPTS, NEED_DEVICES | NEED_PCI},
	{"test-port", RIGHT_INTERRUPTS, NEED_DEVICES},
	{"test-firmware", RIGHT_POWER, NEED_DEVICES},
};

static void add_needs(const struct root *root, struct program_spec *spec)
{
	for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
		if (strcmp(needs[i].name, spec->name) != 0)
			continue;
		spec->system_rights |= needs[i].rights;
		if ((needs[i].what & NEED_DEVICES) != 0) {
			component_gift(spec, BOOT_TREE, MACHINE_TREE, RIGHT_READ);
			component_gift(spec, root->console, MACHINE_CONSOLE, RIGHTS_ALL);
		}
		if ((needs[i].what & NEED_PCI) != 0) {
			component_gift(spec, root->configuration, MACHINE_CONFIGURATION, RIGHTS_ALL);
			component_gift(spec, root->window, MACHINE_WINDOW, RIGHTS_ALL);
		}
		if ((needs[i].what & NEED_TRANSPORT) != 0)
			component_gift(spec, root->transport, MACHINE_TRANSPORT, RIGHTS_ALL);
		if ((needs[i].what & NEED_ARCHIVE) != 0) {
			spec->data = BOOT_ARCHIVE;
			spec->data_offset = (size_t)(root->info->archive_address % PAGE_SIZE);
			spec->data_size = (size_t)root->info->archive_size;
		}
	}
}

/* What the archive's file `arguments` says to all programs: how much those that can do more than usual are to do. */
static const char *arguments(const struct root *root)
{
	static char text[PROGRAM_ARGUMENTS_MAX];
	struct archive_entry entry;

	if (archive_find((const void *)(uintptr_t)root->info->archive_address, (size_t)root->info->archive_size, "arguments", &entry) ==
			ARCHIVE_ENTRY &&
		entry.size < sizeof text)
		memcpy(text, entry.data, entry.size);
	return text;
}

static struct program_spec specify(struct root *root, const struct archive_entry *entry)
{
	return (struct program_spec){
		.name = entry->name,
		.arguments = arguments(root),
		.image = entry->data,
		.image_size = entry->size,
		.untyped_size = resources_share(root, UNTYPED_SHARE),
		.system = BOOT_SYSTEM,
		.system_rights = RIGHT_LOG | RIGHT_TRACE,
		.device = make_device(root),
		.frequency = root->system.frequency,
		.priority = CHILD_PRIORITY,
		.ceiling = CHILD_CEILING,
	};
}

/*
 * The first child makes the root's own table and page tables grow, for good. So one is made and destroyed before
 * anything is measured.
 */
static void rehearse(struct root *root, const struct archive_entry *entry)
{
	struct program_spec spec = specify(root, entry);
	struct spawn_failure failure;
	struct program program;

	spec.parent = root->endpoint;
	spec.badge = ++root->badge;
	if (spawn(&root->builder, &spec, &program, &failure))
		spawn_destroy(&root->builder, &program);
	builder_release(&root->builder, spec.device);
	(void)resources_reset(root);
}

static void run_program(struct root *root, const struct archive_entry *entry)
{
	struct resources_free before = resources_measure(root);
	struct program_spec spec = specify(root, entry);
	struct run run = {.name = entry->name};
	struct ending ending;
	const char *reason;

	add_needs(root, &spec);
	tap_comment(run.name, "starts");
	reason = component_run(root, &spec, spec.arguments[0] != '\0' ? 0 : TIME_LIMIT, listen, &run, &ending);
	if (reason != NULL)
		tap_result(false, run.name, reason);
	else
		report_end(&run, &ending);
	builder_release(&root->builder, spec.device);
	check_memory(root, &run, before);
}

/* A program, not the table of a program's functions. */
static bool is_test(const char *name)
{
	return strncmp(name, "test-", 5) == 0 && strchr(name, '.') == NULL;
}

bool suite_run(struct root *root)
{
	struct archive archive;
	struct archive_entry entry;
	enum archive_status status;
	const char *wrong;
	bool first = true;

	tap_begin();
	wrong = machine_report(root->info, "# ");
	tap_result(wrong == NULL, "root", wrong == NULL ? "the device tree is valid" : wrong);
	archive_open(&archive, (const void *)(uintptr_t)root->info->archive_address, (size_t)root->info->archive_size);
	while ((status = archive_next(&archive, &entry)) == ARCHIVE_ENTRY) {
		if (!is_test(entry.name))
			continue;
		if (first)
			rehearse(root, &entry);
		first = false;
		run_program(root, &entry);
	}
	tap_result(status == ARCHIVE_END, "root",
		   status == ARCHIVE_END ? "the archive was read to its end" : archive_text(status));
	return tap_end();
}
