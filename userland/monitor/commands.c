/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands of the prompt: a table with a function for each, and what their arguments must be. */
#include <string.h>

#include <registers.h>

#include "monitor.h"

enum { WORDS_MAX = 8 };

/* A line cut into words. */
struct line {
	size_t count;
	char *word[WORDS_MAX];
	bool later; /* prompt_answer() follows */
};

struct command {
	const char *name, *arguments, *help;
	size_t least, most; /* words behind the name */
	void (*run)(struct line *line);
};

/* The component that the first argument names, if it is alive; else says why not and returns 0. */
static word_t alive(const struct line *line)
{
	word_t id = component_find(line->word[1]);

	if (id == 0)
		say("there is no component %s; `components` lists them\n", line->word[1]);
	else if (component[id].state != COMPONENT_ALIVE)
		say("%s does not run; `start %s` starts it\n", line->word[1], line->word[1]);
	return id != 0 && component[id].state == COMPONENT_ALIVE ? id : 0;
}

/* ---- showing ---- */

static void run_components(struct line *line)
{
	(void)line;
	show_components();
}

static void run_memory(struct line *line)
{
	(void)line;
	show_memory();
}

static void run_handles(struct line *line)
{
	word_t id;

	if (strcmp(line->word[1], "monitor") == 0) {
		show_handles(PROGRAM_SPACE);
		return;
	}
	id = alive(line);
	if (id != 0)
		show_handles(component[id].program.space);
}

static void run_schedules(struct line *line)
{
	(void)line;
	show_schedules();
}

static void run_threads(struct line *line)
{
	(void)line;
	show_threads();
}

static void run_registers(struct line *line)
{
	word_t id = alive(line);

	if (id != 0)
		show_registers(id);
}

static void run_cores(struct line *line)
{
	(void)line;
	show_cores();
}

static void run_echo(struct line *line)
{
	char text[PRINT_LINE];
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 1; i < line->count; i++)
		used += text_format(text + used, sizeof text - used, i > 1 ? " %s" : "%s", line->word[i]);
	say("%s\n", text);
}

static void run_version(struct line *line)
{
	(void)line;
	say("cobnut %s\n", COBNUT_VERSION);
}

static void run_uptime(struct line *line)
{
	uint64_t ticks = arch_counter() - monitor.begin, frequency = monitor.info->frequency;

	(void)line;
	say("up %lu.%03lu seconds\n", (word_t)(ticks / frequency), (word_t)(ticks % frequency * 1000 / frequency));
}

/* ---- changing ---- */

/* Ends a component that is alive. */
static void kill(word_t id)
{
	const struct ending killed = {.kind = ENDING_KILLED};

	if (description[id].drives_console)
		output_drain();
	if (!component_bury(id, &killed))
		say("%s: not all of its memory came back\n", description[id].name);
}

/* Starts one that is not; says what came of it. */
static void start(word_t id, const char *arguments, const char *done)
{
	const char *wrong = component_start(id, arguments);

	if (wrong != NULL)
		say("%s not started: %s\n", description[id].name, wrong);
	else
		say("%s %s\n", description[id].name, done);
}

static void run_kill(struct line *line)
{
	word_t id = alive(line);

	if (id == 0)
		return;
	kill(id);
	if (description[id].vital)
		start(id, NULL, "is killed, and as nothing goes without it, started again");
	else
		say("%s is killed, its memory is free\n", description[id].name);
}

static void run_restart(struct line *line)
{
	word_t id = component_find(line->word[1]);

	if (id == 0) {
		(void)alive(line);
		return;
	}
	if (component[id].state == COMPONENT_ALIVE)
		kill(id);
	start(id, NULL, "is started again");
}

static void run_start(struct line *line)
{
	word_t id = component_find(line->word[1]);

	if (id == 0)
		(void)alive(line);
	else if (component[id].state == COMPONENT_ALIVE)
		say("%s runs already\n", line->word[1]);
	else
		start(id, line->count > 2 ? line->word[2] : NULL, "is started");
}

static void run_stop(struct line *line)
{
	word_t id = alive(line);
	enum error error;

	if (id == 0)
		return;
	if (description[id].vital) {
		say("%s cannot be stopped: it would not hear you any more\n", line->word[1]);
		return;
	}
	error = thread_stop(component[id].program.thread);
	component[id].held = component[id].held || error == OK;
	say("%s %s\n", line->word[1], error == OK ? "is stopped" : error_text(error));
}

static void run_resume(struct line *line)
{
	word_t id = alive(line);
	struct thread_report report;
	enum error error;

	if (id == 0)
		return;
	error = thread_query(component[id].program.thread, &report);
	if (error == OK && report.state != THREAD_STOPPED) {
		say("%s is not stopped\n", line->word[1]);
		return;
	}
	if (error == OK)
		error = thread_resume(component[id].program.thread);
	component[id].held = component[id].held && error != OK;
	say("%s %s\n", line->word[1], error == OK ? "goes on" : error_text(error));
}

/* Lets the component's thread go on at address 0, where nothing is. */
static void run_crash(struct line *line)
{
	const word_t nowhere = 0;
	word_t id = alive(line);
	enum error error;

	if (id == 0)
		return;
	error = thread_stop(component[id].program.thread);
	if (error == OK)
		error = thread_write(component[id].program.thread, REGISTERS_GENERAL, REGISTER_IP, 1, &nowhere);
	if (error == OK)
		error = thread_resume(component[id].program.thread);
	component[id].held = component[id].held && error != OK;
	say("%s %s\n", line->word[1], error == OK ? "goes on at address 0" : error_text(error));
}

static void run_tests(struct line *line)
{
	(void)line;
	test_list();
}

static void run_run(struct line *line)
{
	line->later = strcmp(line->word[1], "all") == 0 ? test_start_all() : test_start(line->word[1]);
}

static void run_power(struct line *line)
{
	if (strcmp(line->word[1], "off") != 0) {
		say("usage: power off\n");
		return;
	}
	say("switching off\n");
	monitor_end(MONITOR_OFF);
	line->later = true;
}

static void run_reboot(struct line *line)
{
	say("starting the machine again\n");
	monitor_end(MONITOR_REBOOT);
	line->later = true;
}

static void run_help(struct line *line);

static const struct command command[] = {
	{"help", "", "this list", 0, 0, run_help},
	{"components", "", "who there is: state, starts, badge", 0, 0, run_components},
	{"memory", "", "what is free, and what each component has", 0, 0, run_memory},
	{"handles", "NAME", "all that a component may reach (or the monitor)", 1, 1, run_handles},
	{"schedules", "", "on what each runs: core, budget, period, priority", 0, 0, run_schedules},
	{"threads", "", "what each does at this moment, and where", 0, 0, run_threads},
	{"registers", "NAME", "registers and backtrace of one that waits or is stopped", 1, 1, run_registers},
	{"cores", "", "processors", 0, 0, run_cores},
	{"kill", "NAME", "end a component", 1, 1, run_kill},
	{"start", "NAME [ARGUMENT]", "start one that does not run", 1, 2, run_start},
	{"restart", "NAME", "end it and start it again", 1, 1, run_restart},
	{"stop", "NAME", "stop its thread", 1, 1, run_stop},
	{"resume", "NAME", "let it go on", 1, 1, run_resume},
	{"crash", "NAME", "let it go on where no code is", 1, 1, run_crash},
	{"tests", "", "test programs in the archive", 0, 0, run_tests},
	{"run", "TEST|all", "run a test program", 1, 1, run_run},
	{"echo", "[TEXT]", "say it", 0, WORDS_MAX - 1, run_echo},
	{"version", "", "of the system", 0, 0, run_version},
	{"uptime", "", "since when it runs", 0, 0, run_uptime},
	{"power", "off", "switch the machine off", 1, 1, run_power},
	{"reboot", "", "start the machine again", 0, 0, run_reboot},
};

static void run_help(struct line *line)
{
	char text[32];

	(void)line;
	for (size_t i = 0; i < sizeof command / sizeof command[0]; i++) {
		(void)text_format(text, sizeof text, "%s %s", command[i].name, command[i].arguments);
		say("  %-22s %s\n", text, command[i].help);
	}
}

/* False: there are too many words. */
static bool cut(char *text, struct line *line)
{
	line->count = 0;
	for (;;) {
		while (*text == ' ' || *text == '\t')
			*text++ = '\0';
		if (*text == '\0')
			return true;
		if (line->count == WORDS_MAX)
			return false;
		line->word[line->count++] = text;
		while (*text != '\0' && *text != ' ' && *text != '\t')
			text++;
	}
}

bool command_run(char *text)
{
	struct line line = {.count = 0};

	if (!cut(text, &line)) {
		say("too many words\n");
		return true;
	}
	if (line.count == 0)
		return true;
	for (size_t i = 0; i < sizeof command / sizeof command[0]; i++) {
		const struct command *c = &command[i];

		if (strcmp(c->name, line.word[0]) != 0)
			continue;
		if (line.count - 1 < c->least || line.count - 1 > c->most)
			say("usage: %s %s\n", c->name, c->arguments);
		else
			c->run(&line);
		return !line.later;
	}
	say("there is no command %s; `help` lists them\n", line.word[0]);
	return true;
}
