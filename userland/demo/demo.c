/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The demo's first program: makes all others and gives each just what the table below says. It ends when the clients and
 * the supervisor have ended, with status 0 if all went well.
 */
#include <string.h>

#include "archive.h"
#include "build.h"
#include "demo.h"
#include "ending.h"
#include "print.h"
#include "spawn.h"

/* A component as this table describes it: what it is, and all that it may reach. */
struct description {
	const char *name, *program;
	word_t priority;
	const char *arguments;
	size_t untyped;   /* bytes of its own memory to build from */
	const char *data; /* an archive entry that it can read */
	bool log;         /* the machine's console */
	bool serves;      /* receives from the Endpoint of its own */
	bool speaks;      /* to the console */
	bool calls_server;
	bool timer;
	bool paged;       /* the pager serves its page faults */
	bool starts_crasher;
	bool finite;      /* it ends by itself, and the demo ends with it */
};

/* clang-format off */
static const struct description description[COMPONENT_COUNT] = {
	[COMPONENT_CONSOLE] = { .name = "console", .program = "console", .priority = 130, .log = true, .serves = true },
	[COMPONENT_PAGER] = { .name = "pager", .program = "pager", .priority = 120, .untyped = 1024 * 1024, .serves = true,
		.speaks = true },
	[COMPONENT_SERVER] = { .name = "server", .program = "server", .priority = 110, .serves = true, .speaks = true },
	[COMPONENT_CLIENT_1] = { .name = "client-1", .program = "client", .priority = 100, .arguments = "1", .speaks = true,
		.calls_server = true, .timer = true, .paged = true, .finite = true },
	[COMPONENT_CLIENT_2] = { .name = "client-2", .program = "client", .priority = 100, .arguments = "2", .speaks = true,
		.calls_server = true, .timer = true, .paged = true, .finite = true },
	[COMPONENT_SUPERVISOR] = { .name = "supervisor", .program = "supervisor", .priority = 105,
		.untyped = 8 * 1024 * 1024, .data = "crasher", .speaks = true, .timer = true, .starts_crasher = true,
		.finite = true },
};
/* clang-format on */

/* What this program keeps of each. */
static struct {
	struct program program;
	handle_t endpoint; /* that it serves */
	bool alive;
} component[COMPONENT_COUNT];

static struct builder builder;
static handle_t endpoint; /* every component's parent */
static const struct program_info *own;

static void add_gift(struct program_spec *spec, handle_t handle, handle_t slot, word_t rights, word_t badge)
{
	size_t i = 0;

	while (spec->gift[i].handle != HANDLE_NONE)
		i++;
	spec->gift[i] = (struct program_gift){.handle = handle, .slot = slot, .rights = rights, .badge = badge};
}

/* A Memory with a copy of an archive entry, for a component to read; nothing else of the archive is in it. */
static enum error make_data(const char *name, struct program_spec *spec)
{
	struct archive_entry entry;
	uintptr_t before = builder.address;
	enum error error;
	void *address;

	if (archive_find((const void *)(uintptr_t)own->data_address, (size_t)own->data_size, name, &entry) != ARCHIVE_ENTRY)
		return ERROR_BAD_ARGUMENT;
	error = build_mapped(&builder, (entry.size + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE,
			     &spec->data, &address);
	if (error != OK)
		return error;
	memcpy(address, entry.data, entry.size);
	spec->data_size = entry.size;
	builder.address = before;
	return memory_unmap(spec->data);
}

/* The capabilities that the table lists for component `id`. */
static enum error add_gifts(word_t id, struct program_spec *spec)
{
	const struct description *d = &description[id];
	enum error error = OK;
	handle_t timer;

	if (d->speaks)
		add_gift(spec, component[COMPONENT_CONSOLE].endpoint, DEMO_CONSOLE, RIGHT_SEND, id);
	if (d->calls_server)
		add_gift(spec, component[COMPONENT_SERVER].endpoint, DEMO_SERVER, RIGHT_SEND, id);
	if (d->starts_crasher)
		add_gift(spec, component[COMPONENT_CONSOLE].endpoint, DEMO_CHILD_CONSOLE, RIGHT_SEND, COMPONENT_CRASHER);
	if (d->paged)
		spec->pager = component[COMPONENT_PAGER].endpoint;
	if (d->serves) {
		error = build_object(&builder, KIND_ENDPOINT, 0, &component[id].endpoint);
		add_gift(spec, component[id].endpoint, DEMO_SERVE, RIGHT_RECEIVE, 0);
	}
	if (d->timer && error == OK) {
		error = build_object(&builder, KIND_NOTIFICATION, 0, &timer);
		add_gift(spec, timer, DEMO_TIMER, RIGHT_WAIT | RIGHT_ARM, 0);
	}
	return error == OK && d->data != NULL ? make_data(d->data, spec) : error;
}

/* Makes and starts component `id`. NULL, or why not. */
static const char *start(word_t id)
{
	const struct description *d = &description[id];
	struct program_spec spec = {
		.name = d->name,
		.arguments = d->arguments,
		.parent = endpoint,
		.badge = id,
		.untyped_size = d->untyped,
		.system = d->log ? PROGRAM_SYSTEM : HANDLE_NONE,
		.system_rights = RIGHT_LOG,
		.frequency = own->frequency,
		.priority = d->priority,
		.ceiling = d->priority,
	};
	struct spawn_failure failure;
	struct archive_entry entry;
	enum error error;

	if (archive_find((const void *)(uintptr_t)own->data_address, (size_t)own->data_size, d->program, &entry) !=
	    ARCHIVE_ENTRY)
		return "it is not in the archive";
	spec.image = entry.data;
	spec.image_size = entry.size;
	error = add_gifts(id, &spec);
	if (error != OK)
		return error_text(error);
	if (!spawn(&builder, &spec, &component[id].program, &failure))
		return failure.reason;
	component[id].alive = true;
	return spawn_begin(&component[id].program) == OK ? NULL : "it cannot be started";
}

/* Destroys a component that ended, or that is not needed any more, and says how it ended. */
static void bury(word_t id, const struct ending *ending)
{
	char text[160];

	spawn_destroy(&builder, &component[id].program);
	component[id].alive = false;
	ending_text(ending, text, sizeof text);
	print("%s ended: %s\n", description[id].name, text);
}

static bool finished(void)
{
	for (word_t id = 1; id < COMPONENT_COUNT; id++)
		if (component[id].alive && description[id].finite)
			return false;
	return true;
}

/* Waits for the ends of those that end by themselves; false: one ended badly, or one ended that should not. */
static bool watch(void)
{
	bool well = true;

	while (well && !finished()) {
		struct ending ending;
		struct message m;
		word_t id;

		if (message_receive(endpoint, &m, 0) != OK)
			return false;
		id = m.badge;
		if (id >= COMPONENT_COUNT || !component[id].alive || !ending_read(&m, &ending))
			return false;
		well = description[id].finite && ending.kind == ENDING_EXIT && ending.status == 0;
		bury(id, &ending);
	}
	return well;
}

/* Speaks through the console like everybody else. */
static bool use_console(void)
{
	handle_t console;

	if (build_derived(&builder, component[COMPONENT_CONSOLE].endpoint, RIGHT_SEND, COMPONENT_DEMO, &console) != OK)
		return false;
	print_to_endpoint(console);
	return true;
}

static bool start_all(void)
{
	for (word_t id = 1; id < COMPONENT_COUNT; id++) {
		const char *wrong = description[id].name != NULL ? start(id) : NULL;

		if (wrong != NULL) {
			print("%s not started: %s\n", description[id].name, wrong);
			return false;
		}
		if (id == COMPONENT_CONSOLE && !use_console())
			return false;
		if (description[id].name != NULL)
			print("%s runs in a Space of its own\n", description[id].name);
	}
	return true;
}

word_t program_main(const struct program_info *info)
{
	const struct ending killed = {.kind = ENDING_KILLED};
	bool well;

	own = info;
	builder_init_program(&builder, info);
	if (build_object(&builder, KIND_ENDPOINT, 0, &endpoint) != OK)
		return 1;
	well = start_all() && watch();
	print("that was it: %s\n", well ? "all is well" : "something went wrong");
	for (word_t id = COMPONENT_COUNT - 1; id > COMPONENT_CONSOLE; id--)
		if (component[id].alive)
			bury(id, &killed);
	return well ? 0 : 1;
}
