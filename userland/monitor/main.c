/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The monitor's loop: starts the components, tells their story, and then serves the prompt. Everything happens in one thread, one
 * message after the other: what components say of themselves, what the kernel says in their names, and what is typed.
 */
#include "devices.h"
#include "dump.h"
#include "machine.h"
#include "monitor.h"

enum { CONSOLE_LOSSES_MAX = 8 };

struct monitor monitor;

/* Whose part in the story is over. */
static bool over[COMPONENT_COUNT];
static bool told; /* the story is */
static bool badly;
static unsigned console_losses;

/* A line of the story, as the log has them for the others. */
#define tell(...) say("monitor    | " __VA_ARGS__)

void monitor_end(word_t status)
{
	monitor.ends = true;
	monitor.status = status == MONITOR_OFF && badly ? MONITOR_FAILED : status;
}

/* ---- the ends of components ---- */

static void start(word_t id)
{
	const char *wrong = component_start(id, NULL);

	if (wrong == NULL)
		return;
	tell("%s not started: %s\n", description[id].name, wrong);
	badly = true;
	if (description[id].vital || !told)
		monitor_end(MONITOR_FAILED);
}

/* Has everybody played its part? */
static void check_story(void)
{
	enum error error;

	for (word_t id = 1; id < COMPONENT_COUNT; id++)
		if (description[id].part != PART_NONE && !over[id])
			return;
	if (told || monitor.ends)
		return;
	told = true;
	tell("that was it: %s; the clients go on\n", badly ? "something went wrong" : "all is well");
	error = prompt_start();
	if (error == OK)
		return;
	tell("there is no prompt: %s\n", error_text(error));
	monitor_end(MONITOR_FAILED);
}

void monitor_ended(word_t id, const struct ending *ending)
{
	const struct description *d = &description[id];
	const struct dump dump = {
		.name = d->name,
		.program = &component[id].program,
		.symbols = monitor_symbols(d->program),
		.line = output_line,
	};
	char text[160];

	if (d->drives_console)
		output_use_console(false);
	if (ending->kind == ENDING_PAGE_FAULT || ending->kind == ENDING_EXCEPTION)
		dump_fault(&monitor.builder, &dump, ending);
	output_flush();
	if (!component_bury(id, ending))
		tell("%s: not all of its memory came back\n", d->name);
	ending_text(ending, text, sizeof text);
	tell("%s ended: %s\n", d->name, text);
	if (!told && (d->part != PART_ENDS || ending->kind != ENDING_EXIT || ending->status != 0))
		badly = true;
	over[id] = true;
	if (d->drives_console && ++console_losses > CONSOLE_LOSSES_MAX)
		monitor_end(MONITOR_FAILED);
	else if (d->vital)
		start(id);
	check_story();
}

/* ---- messages ---- */

static void answer(enum error error)
{
	struct message m = {.tag = tag_make(error, 0, 0)};

	(void)message_answer(&m);
}

/* The pager does not serve this fault: it ends the program, as if it had come here at once. */
static void take_fault(const struct message *m)
{
	const struct ending ending = {
		.kind = ENDING_PAGE_FAULT,
		.address = m->w[1],
		.access = m->w[2],
		.ip = m->w[3],
		.sp = m->w[4],
		.raw = m->w[5],
	};
	bool known = m->w[0] < COMPONENT_COUNT && component[m->w[0]].state == COMPONENT_ALIVE && description[m->w[0]].paged;

	if (known)
		monitor_ended(m->w[0], &ending);
	answer(known ? OK : ERROR_BAD_ARGUMENT);
}

static void take_component(const struct message *m)
{
	word_t id = m->badge;
	struct ending ending;

	if (ending_read(m, &ending)) {
		monitor_ended(id, &ending);
	} else if (tag_label(m->tag) == MONITOR_PLAYED && description[id].part == PART_PLAYS) {
		over[id] = true;
		answer(OK);
		check_story();
	} else if (tag_label(m->tag) == MONITOR_FAULT && id == COMPONENT_PAGER) {
		take_fault(m);
	} else {
		answer(ERROR_BAD_ARGUMENT);
	}
}

static void take(const struct message *m)
{
	if (tag_label(m->tag) == LABEL_NOTIFICATION) {
		if ((m->badge & ALARM_TEST) != 0)
			test_late();
	} else if (m->badge == BADGE_PROMPT) {
		prompt_take(m);
	} else if (m->badge == BADGE_TEST) {
		test_message(m);
	} else if (m->badge < COMPONENT_COUNT && component[m->badge].state == COMPONENT_ALIVE) {
		take_component(m);
	} else {
		answer(ERROR_BAD_ARGUMENT);
	}
}

/* ---- start and end ---- */

static enum error map_tree(void)
{
	struct memory_state state;
	enum error error = memory_query(MACHINE_TREE, &state);
	uintptr_t address;

	if (error != OK)
		return error;
	address = builder_take_addresses(&monitor.builder, state.size, PAGE_SIZE);
	monitor.tree = (const void *)address;
	monitor.tree_size = state.size;
	return address == 0 ? ERROR_NO_MEMORY
			    : build_map(monitor.builder.space, MACHINE_TREE, address, RIGHT_READ, 0, state.size);
}

/* NULL, or what is missing. */
static const char *prepare(const struct program_info *info)
{
	monitor.info = info;
	monitor.begin = arch_counter();
	builder_init_program(&monitor.builder, info);
	if (system_info(PROGRAM_SYSTEM, &monitor.system) != OK)
		return "System does not answer";
	if (map_tree() != OK || !devices_check(monitor.tree, monitor.tree_size))
		return "no device tree";
	if (build_object(&monitor.builder, KIND_ENDPOINT, 0, &monitor.endpoint) != OK ||
	    build_object(&monitor.builder, KIND_NOTIFICATION, 0, &monitor.alarm) != OK ||
	    notification_bind(monitor.alarm, PROGRAM_THREAD) != OK || components_prepare() != OK)
		return "no Endpoint or Notification";
	return NULL;
}

static void start_all(void)
{
	for (word_t id = 1; id < COMPONENT_COUNT && !monitor.ends; id++) {
		if (description[id].waits)
			continue;
		start(id);
		tell("%s runs in a Space of its own\n", description[id].name);
	}
}

/* All components go, the console's driver at last. */
static void end_all(void)
{
	const struct ending killed = {.kind = ENDING_KILLED};

	output_drain();
	for (word_t id = COMPONENT_COUNT - 1; id > 0; id--)
		if (component[id].state == COMPONENT_ALIVE)
			(void)component_bury(id, &killed);
}

word_t program_main(const struct program_info *info)
{
	const char *wrong = prepare(info);
	struct message m;

	if (wrong != NULL) {
		print("monitor: %s\n", wrong);
		return MONITOR_FAILED;
	}
	start_all();
	while (!monitor.ends) {
		if (message_receive(monitor.endpoint, &m, 0) == OK)
			take(&m);
	}
	end_all();
	return monitor.status;
}
