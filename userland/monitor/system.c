/* SPDX-License-Identifier: BSD-2-Clause */
/* The components of the demo, as data: what each is and all that it may reach. Nothing else is given to any of them. */
#include "console.h"
#include "monitor.h"

enum { KIB = 1024, MIB = 1024 * KIB };

/* What the supervisor starts. */
static const char *const crasher_entries[] = {"crasher", "crasher.sym", NULL};

/* clang-format off */
const struct description description[COMPONENT_COUNT] = {
	[COMPONENT_CONSOLE] = { .name = "console", .program = "console-driver", .priority = 240, .home = MIB,
		.untyped = CONSOLE_UNTYPED_SIZE, .drives_console = true, .vital = true },
	[COMPONENT_LOG] = { .name = "log", .program = "log", .priority = 230, .home = 512 * KIB, .serves = true, .writes = true },
	[COMPONENT_PAGER] = { .name = "pager", .program = "pager", .priority = 120, .home = MIB, .untyped = 256 * KIB, .serves = true,
		.speaks = true },
	[COMPONENT_SERVER] = { .name = "server", .program = "server", .priority = 110, .home = 512 * KIB, .serves = true,
		.speaks = true },
	[COMPONENT_CLIENT_1] = { .name = "client-1", .program = "client", .priority = 100, .home = 512 * KIB, .arguments = "1",
		.speaks = true, .calls_server = true, .timer = true, .paged = true, .part = PART_PLAYS },
	[COMPONENT_CLIENT_2] = { .name = "client-2", .program = "client", .priority = 100, .home = 512 * KIB, .arguments = "2",
		.speaks = true, .calls_server = true, .timer = true, .paged = true, .part = PART_PLAYS },
	[COMPONENT_SUPERVISOR] = { .name = "supervisor", .program = "supervisor", .priority = 105, .home = 4 * MIB,
		.untyped = 2 * MIB, .entries = crasher_entries, .speaks = true, .timer = true, .starts_crasher = true,
		.part = PART_ENDS },
	[COMPONENT_CRASHER] = { .name = "crasher", .program = "crasher", .priority = 90, .home = 512 * KIB, .arguments = "1",
		.speaks = true, .waits = true },
};
/* clang-format on */
