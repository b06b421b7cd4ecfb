/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The root component: the first program. It holds everything that the kernel does not keep, and what the
 * archive contains decides what it does:
 *   a program `demo`        is started, with memory, the archive and the console; its end is the machine's end
 *   a program `bench`       likewise, with more memory, a large table, and System's other rights but power
 *   programs `test-...`     run one after the other and the results are printed (suite.c)
 * Then it switches the machine off: POWER_OFF if all went well, else POWER_FAIL.
 */
#include <string.h>

#include "print.h"
#include "root.h"

enum { BOOT_STACK_SIZE = 64 * 1024 };

/* Programs that the archive is about, and what each gets beside the archive and the console. Half of `home` is its own. */
static const struct solo {
	const char *name;
	word_t system_rights, slots;
	size_t pool;
} solos[] = {
	{"demo", RIGHT_LOG, 0, 0},
	{"bench", RIGHT_LOG | RIGHT_INTERRUPTS, 1 << 18, 32 * 1024 * 1024},
};
enum { SOLO_SHARE = 2 };

static struct root root;

/* The kernel chose where the stack is: its end is the end of the page that the first frames are in. */
static void find_buffer(const struct boot_info *info)
{
	uintptr_t top = ((uintptr_t)__builtin_frame_address(0) + PAGE_SIZE - 1) & ~(uintptr_t)(PAGE_SIZE - 1);

	main_thread = (struct main_thread){
		.stack_low = top - BOOT_STACK_SIZE,
		.stack_size = BOOT_STACK_SIZE,
		.buffer = (struct buffer *)(uintptr_t)info->buffer_address,
	};
}

static bool run_solo(const struct archive_entry *entry, const struct solo *solo)
{
	struct program_spec spec = {
		.name = entry->name,
		.image = entry->data,
		.image_size = entry->size,
		.untyped_size = resources_share(&root, SOLO_SHARE),
		.system = BOOT_SYSTEM,
		.system_rights = solo->system_rights,
		.slots = solo->slots,
		.pool = solo->pool,
		.data = BOOT_ARCHIVE,
		.data_offset = (size_t)(root.info->archive_address % PAGE_SIZE),
		.data_size = (size_t)root.info->archive_size,
		.frequency = root.system.frequency,
		.priority = CHILD_PRIORITY,
		.ceiling = CHILD_CEILING,
	};
	struct ending ending;
	char text[160];
	const char *reason = machine_report(root.info, "root: ");

	if (reason == NULL)
		reason = component_run(&root, &spec, 0, NULL, NULL, &ending);
	if (reason != NULL) {
		print("root: %s not started: %s\n", entry->name, reason);
		return false;
	}
	ending_text(&ending, text, sizeof text);
	print("root: %s ended: %s\n", entry->name, text);
	return ending.kind == ENDING_EXIT && ending.status == 0 && resources_reset(&root) == OK;
}

/* Does the archive hold a program whose name begins so? */
static bool holds(const char *prefix)
{
	struct archive archive;
	struct archive_entry entry;

	archive_open(&archive, (const void *)(uintptr_t)root.info->archive_address, (size_t)root.info->archive_size);
	while (archive_next(&archive, &entry) == ARCHIVE_ENTRY)
		if (strncmp(entry.name, prefix, strlen(prefix)) == 0)
			return true;
	return false;
}

static bool run(void)
{
	struct archive_entry entry;

	for (size_t i = 0; i < sizeof solos / sizeof solos[0]; i++)
		if (archive_find((const void *)(uintptr_t)root.info->archive_address, (size_t)root.info->archive_size, solos[i].name,
				 &entry) == ARCHIVE_ENTRY)
			return run_solo(&entry, &solos[i]);
	if (holds("test-"))
		return suite_run(&root);
	print("root: the boot archive holds neither `demo`, `bench` nor a program `test-...`\n");
	return false;
}

_Noreturn void program_start(word_t argument)
{
	const struct boot_info *info = (const struct boot_info *)argument;
	const char *wrong;
	bool well = false;

	find_buffer(info);
	print_to_system(BOOT_SYSTEM);
	wrong = info->magic == BOOT_MAGIC && info->version == BOOT_VERSION ? resources_prepare(&root, info)
									   : "unknown boot information";
	if (wrong == NULL)
		well = run();
	else
		print("root: %s\n", wrong);
	for (;;)
		(void)system_power(BOOT_SYSTEM, well ? POWER_OFF : POWER_FAIL);
}
