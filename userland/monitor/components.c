/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Components from start to end. Each is made from an Untyped of its own, its home, which is free again when the component was
 * destroyed: so it can be started again for ever. Endpoints are not in it: they outlive their servers, and clients wait there.
 */
#include <string.h>

#include "archive.h"
#include "console.h"
#include "devices.h"
#include "machine.h"
#include "monitor.h"

/* Bytes of each one's pool. */
enum { POOL_SIZE = 128 * 1024 };

struct component_record component[COMPONENT_COUNT];

/* A start in progress. */
struct start {
	word_t id;
	const struct description *d;
	struct component_record *c;
	struct program_spec spec;
	size_t gifts;
	handle_t interrupt; /* the console's, to be moved */
};

bool monitor_entry(const char *name, const void **data, size_t *size)
{
	struct archive_entry entry;

	if (archive_find((const void *)(uintptr_t)monitor.info->data_address, (size_t)monitor.info->data_size, name,
			 &entry) != ARCHIVE_ENTRY)
		return false;
	*data = entry.data;
	*size = entry.size;
	return true;
}

struct symbols monitor_symbols(const char *program)
{
	return symbols_of((const void *)(uintptr_t)monitor.info->data_address, (size_t)monitor.info->data_size, program);
}

/* What a large destruction left to do is done by the resets that follow it, a part by each: so a few may be busy. */
enum error monitor_reset(handle_t home)
{
	enum { TRIES = 10000 };
	enum error error = ERROR_BUSY;

	for (unsigned i = 0; i < TRIES && error == ERROR_BUSY; i++)
		error = untyped_reset(home);
	return error;
}

enum error components_prepare(void)
{
	enum error error = OK;

	for (word_t id = 1; id < COMPONENT_COUNT && error == OK; id++)
		if (description[id].serves || description[id].drives_console)
			error = build_object(&monitor.builder, KIND_ENDPOINT, 0, &component[id].endpoint);
	return error;
}

static void add_gift(struct start *s, handle_t handle, handle_t slot, word_t rights, word_t badge)
{
	s->spec.gift[s->gifts++] = (struct program_gift){.handle = handle, .slot = slot, .rights = rights, .badge = badge};
}

/* ---- data: an archive with some of the entries ---- */

static bool wanted(const char *const *names, const char *name)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* Copies the entries with these names, and the archive's end; to NULL: counts only. Returns the bytes; 0: the archive is broken. */
static size_t copy_entries(const char *const *names, uint8_t *to)
{
	enum { TRAILER_SIZE = 124 };
	const uint8_t *bytes = (const uint8_t *)(uintptr_t)monitor.info->data_address;
	size_t size = (size_t)monitor.info->data_size, used = 0;
	struct archive archive;
	struct archive_entry entry;
	enum archive_status status;

	archive_open(&archive, bytes, size);
	do {
		size_t from = archive.at, length;

		status = archive_next(&archive, &entry);
		if (status == ARCHIVE_ENTRY && !wanted(names, entry.name))
			continue;
		length = status == ARCHIVE_ENTRY ? archive.at - from : TRAILER_SIZE;
		if ((status != ARCHIVE_ENTRY && status != ARCHIVE_END) || length > size - from)
			return 0;
		if (to != NULL)
			memcpy(to + used, bytes + from, length);
		used += length;
	} while (status == ARCHIVE_ENTRY);
	return used;
}

static enum error make_data(struct start *s)
{
	size_t size = copy_entries(s->d->entries, NULL);
	uintptr_t before = monitor.builder.address;
	enum error error;
	void *address;

	if (size == 0)
		return ERROR_BAD_ARGUMENT;
	error = build_mapped(&monitor.builder, (size + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE,
			     &s->c->data, &address);
	if (error != OK)
		return error;
	(void)copy_entries(s->d->entries, address);
	s->spec.data = s->c->data;
	s->spec.data_size = size;
	monitor.builder.address = before;
	return memory_unmap(s->c->data);
}

/* ---- what a component is given ---- */

/* The device tree, the device's registers and its interrupt; one without an interrupt is polled. */
static void give_console(struct start *s)
{
	s->spec.system = PROGRAM_SYSTEM;
	s->spec.system_rights = RIGHT_LOG;
	s->spec.data = MACHINE_TREE;
	s->spec.data_size = monitor.tree_size;
	add_gift(s, s->c->endpoint, CONSOLE_SERVE, RIGHT_RECEIVE, 0);
	add_gift(s, MACHINE_CONSOLE, CONSOLE_REGISTERS, RIGHTS_ALL, 0);
	if (device_make_interrupt(&monitor.builder, PROGRAM_SYSTEM, monitor.tree, device_console(monitor.tree), 0,
				  &s->interrupt) == OK)
		s->spec.gift[s->gifts++] =
			(struct program_gift){.handle = s->interrupt, .slot = CONSOLE_INTERRUPT, .move = true};
}

/* The Endpoints that the table lists. */
static void give_endpoints(struct start *s)
{
	handle_t log = component[COMPONENT_LOG].endpoint;

	if (s->d->writes)
		add_gift(s, component[COMPONENT_CONSOLE].endpoint, DEMO_LOG, RIGHT_SEND, s->id);
	if (s->d->speaks)
		add_gift(s, log, DEMO_LOG, RIGHT_SEND, s->id);
	if (s->d->starts_crasher)
		add_gift(s, log, DEMO_CHILD_LOG, RIGHT_SEND, COMPONENT_CRASHER);
	if (s->d->calls_server)
		add_gift(s, component[COMPONENT_SERVER].endpoint, DEMO_SERVER, RIGHT_SEND, s->id);
	if (s->d->serves)
		add_gift(s, s->c->endpoint, DEMO_SERVE, RIGHT_RECEIVE, 0);
	if (s->d->paged)
		s->spec.pager = component[COMPONENT_PAGER].endpoint;
}

static enum error give_all(struct start *s)
{
	enum error error = OK;

	give_endpoints(s);
	if (s->d->drives_console)
		give_console(s);
	if (s->d->timer) {
		error = build_object(&monitor.builder, KIND_NOTIFICATION, 0, &s->c->timer);
		add_gift(s, s->c->timer, DEMO_TIMER, RIGHT_WAIT | RIGHT_ARM, 0);
	}
	return error == OK && s->d->entries != NULL ? make_data(s) : error;
}

/* ---- start and end ---- */

/* From its home; NULL, or why not. */
static const char *make(struct start *s)
{
	struct spawn_failure failure;
	enum error error = give_all(s);

	if (error != OK)
		return error_text(error);
	if (!spawn(&monitor.builder, &s->spec, &s->c->program, &failure))
		return failure.reason;
	return spawn_begin(&s->c->program) == OK ? NULL : "it cannot be started";
}

static void release(struct component_record *c)
{
	spawn_destroy(&monitor.builder, &c->program);
	builder_release(&monitor.builder, c->timer);
	builder_release(&monitor.builder, c->data);
	c->timer = c->data = HANDLE_NONE;
}

static const char *make_at_home(struct start *s)
{
	handle_t own = monitor.builder.untyped;
	const char *wrong;

	if (s->c->home == HANDLE_NONE && build_object(&monitor.builder, KIND_UNTYPED, s->d->home, &s->c->home) != OK)
		return "there is not enough memory";
	monitor.builder.untyped = s->c->home;
	wrong = make(s);
	monitor.builder.untyped = own;
	builder_release(&monitor.builder, s->interrupt); /* it moved, unless something went wrong */
	if (wrong != NULL) {
		release(s->c);
		(void)monitor_reset(s->c->home);
	}
	return wrong;
}

/* A pager that ended while it served a fault left its client stopped; that tries again. */
static void resume_paged(void)
{
	for (word_t id = 1; id < COMPONENT_COUNT; id++) {
		struct thread_report report;

		if (component[id].state != COMPONENT_ALIVE || !description[id].paged || component[id].held ||
		    thread_query(component[id].program.thread, &report) != OK)
			continue;
		if (report.state == THREAD_STOPPED)
			(void)thread_resume(component[id].program.thread);
	}
}

const char *component_start(word_t id, const char *arguments)
{
	const struct description *d = &description[id];
	struct start s = {.id = id, .d = d, .c = &component[id]};
	const char *wrong;

	s.spec = (struct program_spec){
		.name = d->name,
		.arguments = arguments != NULL ? arguments : d->arguments,
		.parent = monitor.endpoint,
		.badge = id,
		.untyped_size = d->untyped,
		.frequency = monitor.info->frequency,
		.priority = d->priority,
		.ceiling = d->priority,
		.pool = POOL_SIZE,
	};
	if (!monitor_entry(d->program, &s.spec.image, &s.spec.image_size))
		return "its program is not in the archive";
	wrong = make_at_home(&s);
	if (wrong != NULL)
		return wrong;
	s.c->state = COMPONENT_ALIVE;
	s.c->starts++;
	s.c->held = false;
	if (id == COMPONENT_PAGER)
		resume_paged();
	if (d->drives_console)
		output_use_console(true);
	return NULL;
}

bool component_bury(word_t id, const struct ending *ending)
{
	struct component_record *c = &component[id];

	if (description[id].drives_console)
		output_use_console(false);
	release(c);
	c->state = COMPONENT_ENDED;
	c->ending = *ending;
	return monitor_reset(c->home) == OK;
}

word_t component_find(const char *name)
{
	for (word_t id = 1; id < COMPONENT_COUNT; id++)
		if (strcmp(description[id].name, name) == 0)
			return id;
	return 0;
}
