/* SPDX-License-Identifier: BSD-2-Clause */
/* What the monitor shows: all of it is asked of the kernel, through the capabilities that the monitor holds. */
#include "dump.h"
#include "monitor.h"

enum { KIB = 1024 };

static bool alive(word_t id)
{
	return component[id].state == COMPONENT_ALIVE;
}

/* What happened to a component. */
static void state_text(word_t id, char *out, size_t size)
{
	static const char *const state[] = {
		[THREAD_STOPPED] = "stopped",    [THREAD_READY] = "ready",   [THREAD_SENDING] = "sends",
		[THREAD_RECEIVING] = "receives", [THREAD_CALLING] = "calls", [THREAD_FAULTED] = "faulted",
	};
	struct thread_report report;

	if (component[id].state == COMPONENT_ABSENT)
		(void)text_format(out, size, "not started");
	else if (component[id].state == COMPONENT_ENDED)
		ending_text(&component[id].ending, out, size);
	else if (thread_query(component[id].program.thread, &report) == OK && report.state < sizeof state / sizeof state[0])
		(void)text_format(out, size, "%s", state[report.state]);
	else
		(void)text_format(out, size, "unknown");
}

void show_components(void)
{
	char text[160];

	say("component    badge  starts  state\n");
	for (word_t id = 1; id < COMPONENT_COUNT; id++) {
		state_text(id, text, sizeof text);
		say("%-12s %5lu  %6lu  %s\n", description[id].name, id, component[id].starts, text);
	}
}

/* ---- memory ---- */

static void show_component_memory(word_t id)
{
	struct untyped_state home = {.size = 0};
	struct space_state space = {.pool = 0};
	struct memory_state memory = {.size = 0};

	(void)untyped_query(component[id].home, &home);
	if (alive(id)) {
		(void)space_query(component[id].program.space, &space);
		(void)memory_query(component[id].program.memory, &memory);
	}
	say("%-12s %7lu %7lu  %7lu %7lu  %7lu\n", description[id].name, home.size / KIB, home.free / KIB, space.pool / KIB,
	    space.pool_free / KIB, memory.size / KIB);
}

void show_memory(void)
{
	struct untyped_state own = {.size = 0};
	struct space_state space = {.pool = 0};

	(void)untyped_query(PROGRAM_UNTYPED, &own);
	(void)space_query(PROGRAM_SPACE, &space);
	say("KiB             home    free     pool    free  program\n");
	say("%-12s %7lu %7lu  %7lu %7lu\n", "monitor", own.size / KIB, own.free / KIB, space.pool / KIB,
	    space.pool_free / KIB);
	for (word_t id = 1; id < COMPONENT_COUNT; id++)
		if (component[id].home != HANDLE_NONE)
			show_component_memory(id);
}

/* ---- handles ---- */

enum { RIGHTS = 8 };

/* Names of kinds, and of rights from bit 0 on. */
static const struct {
	const char *name;
	const char *right[RIGHTS];
} kinds[KIND_COUNT] = {
	[KIND_UNTYPED] = {"Untyped", {NULL}},
	[KIND_MEMORY] = {"Memory", {"read", "write", "execute", "physical"}},
	[KIND_SPACE] = {"Space", {"table", "map", "feed"}},
	[KIND_THREAD] = {"Thread", {"control", "registers", "priority"}},
	[KIND_ENDPOINT] = {"Endpoint", {"send", "receive", "transfer"}},
	[KIND_NOTIFICATION] = {"Notification", {"signal", "wait", "arm"}},
	[KIND_REPLY] = {"Reply", {NULL}},
	[KIND_CONTEXT] = {"SchedContext", {"bind", "configure", "consumed"}},
	[KIND_SYSTEM] = {"System", {"interrupts", "dma", "cores", "power", "log", "trace"}},
	[KIND_INTERRUPT] = {"Interrupt", {"bind", "acknowledge"}},
	[KIND_PORTS] = {"Ports", {"read", "write"}},
	[KIND_FIRMWARE] = {"Firmware", {"call"}},
};

static void show_slot(handle_t slot, const struct slot_state *s)
{
	char text[PRINT_LINE];
	size_t used = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < RIGHTS; i++)
		if ((s->rights >> i & 1) != 0 && kinds[s->kind].right[i] != NULL)
			used += text_format(text + used, sizeof text - used, " %s", kinds[s->kind].right[i]);
	if (s->badge != 0)
		used += text_format(text + used, sizeof text - used, ", badge %lu", s->badge);
	if (s->original)
		(void)text_format(text + used, sizeof text - used, ", the original");
	say("%5lu  %-12s%s\n", slot, kinds[s->kind].name, text);
}

void show_handles(handle_t space)
{
	struct space_state state;
	struct slot_state slot;
	word_t count = 0;

	if (space_query(space, &state) != OK)
		return;
	for (handle_t i = 1; i < state.slots; i++) {
		if (space_slot(space, i, &slot) != OK || slot.kind == KIND_NONE || slot.kind >= KIND_COUNT)
			continue;
		show_slot(i, &slot);
		count++;
	}
	say("%lu handles\n", count);
}

/* ---- time ---- */

/* Ticks as milliseconds, or a word for none. */
static void time_text(uint64_t ticks, char *out, size_t size)
{
	uint64_t frequency = monitor.info->frequency;
	uint64_t seconds = ticks / frequency, rest = ticks % frequency * 1000000 / frequency;

	if (ticks == CONTEXT_UNLIMITED)
		(void)text_format(out, size, "no limit");
	else
		(void)text_format(out, size, "%lu.%03lu ms", (word_t)(seconds * 1000 + rest / 1000), (word_t)(rest % 1000));
}

void show_schedules(void)
{
	struct context_state context;
	struct thread_report report;
	char budget[32], period[32], consumed[32];

	say("component    core  budget        period        ceiling  priority  consumed\n");
	for (word_t id = 1; id < COMPONENT_COUNT; id++) {
		if (!alive(id) || context_query(component[id].program.context, &context) != OK ||
		    thread_query(component[id].program.thread, &report) != OK)
			continue;
		time_text(context.budget, budget, sizeof budget);
		time_text(context.period, period, sizeof period);
		time_text(context.consumed, consumed, sizeof consumed);
		say("%-12s %4lu  %-12s  %-12s  %7lu  %8lu  %s\n", description[id].name, context.core, budget, period,
		    context.ceiling, report.priority, consumed);
	}
}

void show_cores(void)
{
	struct context_state context;

	say("%lu running, the counter counts %lu in a second\n", monitor.system.cores, monitor.system.frequency);
	for (word_t core = 0; core < monitor.system.cores; core++) {
		char text[PRINT_LINE];
		size_t used = 0;

		text[0] = '\0';
		for (word_t id = 1; id < COMPONENT_COUNT; id++)
			if (alive(id) && context_query(component[id].program.context, &context) == OK &&
			    context.core == core)
				used += text_format(text + used, sizeof text - used, " %s", description[id].name);
		say("core %lu:%s\n", core, used > 0 ? text : " nothing of the monitor's");
	}
}

/* ---- threads ---- */

void show_threads(void)
{
	struct thread_report report;
	char state[160], where[SYMBOL_TEXT_MAX];

	say("component    state     priority  runs at  ip, sp\n");
	for (word_t id = 1; id < COMPONENT_COUNT; id++) {
		struct symbols symbols;

		if (!alive(id) || thread_query(component[id].program.thread, &report) != OK)
			continue;
		symbols = monitor_symbols(description[id].program);
		state_text(id, state, sizeof state);
		symbols_text(&symbols, report.ip, false, where);
		say("%-12s %-9s %8lu  %7lu  0x%lx %s, 0x%lx\n", description[id].name, state, report.priority,
		    report.effective, report.ip, where, report.sp);
	}
}

void show_registers(word_t id)
{
	const struct dump dump = {
		.name = description[id].name,
		.program = &component[id].program,
		.symbols = monitor_symbols(description[id].program),
		.line = output_line,
	};
	enum error error = dump_thread(&monitor.builder, &dump);

	output_flush();
	if (error == ERROR_BUSY)
		say("%s runs at this moment; `stop %s` stops it\n", dump.name, dump.name);
	else if (error != OK)
		say("%s: %s\n", dump.name, error_text(error));
}
