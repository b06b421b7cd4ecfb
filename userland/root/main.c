/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The root component: the first program. It holds everything that the kernel does not keep, and what the
 * archive contains decides what it does:
 *   a program `monitor`     is started, with memory, the archive, the device tree and the console; its end is the machine's end
 *   a program `bench`       likewise, with a large table and pool, and PCI's configuration and window
 *   programs `test-...`     run one after the other and the results are printed (suite.c)
 * Then it switches the machine off: POWER_OFF if all went well, else POWER_FAIL; or it starts it again.
 */
#include <string.h>

#include "machine.h"
#include "print.h"
#include "root.h"

enum { BOOT_STACK_SIZE = 64 * 1024 };

/* Programs that an archive is about, and what each gets beside the archive, the tree and the console. Half of `home` is its own; the
   monitor stands above all that it starts. */
static const struct solo {
	const char *name;
	word_t priority, ceiling, slots;
	size_t pool;
	bool pci; /* its configuration and its window, too */
} solos[] = {
	{"monitor", 250, 250, 0, 0, false},
	{"bench", CHILD_PRIORITY, CHILD_CEILING, 1 << 18, 32 * 1024 * 1024, true},
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

static enum power run_solo(const struct archive_entry *entry, const struct solo *solo)
{
	struct program_spec spec = {
		.name = entry->name,
		.image = entry->data,
		.image_size = entry->size,
		.untyped_size = resources_share(&root, SOLO_SHARE),
		.system = BOOT_SYSTEM,
		.system_rights = RIGHT_LOG | RIGHT_INTERRUPTS,
		.data = BOOT_ARCHIVE,
		.data_offset = (size_t)(root.info->archive_address % PAGE_SIZE),
		.data_size = (size_t)root.info->archive_size,
		.frequency = root.system.frequency,
		.priority = solo->priority,
		.ceiling = solo->ceiling,
		.slots = solo->slots,
		.pool = solo->pool,
	};
	struct ending ending;
	char text[160];
	const char *reason = machine_report(root.info, "root: ");

	component_gift(&spec, BOOT_TREE, MACHINE_TREE, RIGHT_READ);
	component_gift(&spec, root.console, MACHINE_CONSOLE, RIGHTS_ALL);
	if (solo->pci) {
		component_gift(&spec, root.configuration, MACHINE_CONFIGURATION, RIGHTS_ALL);
		component_gift(&spec, root.window, MACHINE_WINDOW, RIGHTS_ALL);
	}
	if (reason == NULL)
		reason = component_run(&root, &spec, 0, NULL, NULL, &ending);
	if (reason != NULL) {
		print("root: %s not started: %s\n", entry->name, reason);
		return POWER_FAIL;
	}
	ending_text(&ending, text, sizeof text);
	print("root: %s ended: %s\n", entry->name, text);
	if (ending.kind != ENDING_EXIT || ending.status == MONITOR_FAILED || resources_reset(&root) != OK)
		return POWER_FAIL;
	return ending.status == MONITOR_REBOOT ? POWER_REBOOT : POWER_OFF;
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

static enum power run(void)
{
	struct archive_entry entry;

	for (size_t i = 0; i < sizeof solos / sizeof solos[0]; i++)
		if (archive_find((const void *)(uintptr_t)root.info->archive_address, (size_t)root.info->archive_size, solos[i].name,
				 &entry) == ARCHIVE_ENTRY)
			return run_solo(&entry, &solos[i]);
	if (holds("test-"))
		return suite_run(&root) ? POWER_OFF : POWER_FAIL;
	print("root: the boot archive holds neither `monitor`, `bench` nor a program `test-...`\n");
	return POWER_FAIL;
}

_Noreturn void program_start(word_t argument)
{
	const struct boot_info *info = (const struct boot_info *)argument;
	const char *wrong;
	enum power how = POWER_FAIL;

	find_buffer(info);
	print_to_system(BOOT_SYSTEM);
	wrong = info->magic == BOOT_MAGIC && info->version == BOOT_VERSION ? resources_prepare(&root, info)
									   : "unknown boot information";
	if (wrong == NULL)
		how = run();
	else
		print("root: %s\n", wrong);
	for (;;)
		(void)system_power(BOOT_SYSTEM, how);
}
