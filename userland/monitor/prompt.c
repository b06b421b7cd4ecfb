/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The prompt: a thread that waits for lines, so that the monitor itself never does. It shows the number of the command that it
 * asks for, which tells whoever feeds it that the one before was answered. When the console driver ends, its read ends; it asks
 * the next one.
 */
#include "console.h"
#include "monitor.h"
#include "worker.h"

enum { PROMPT_PRIORITY = 245 };

/* What the thread holds, given before it starts. */
static struct {
	struct worker worker;
	handle_t console, monitor;
} prompt;

static struct {
	handle_t reply; /* slot for the Reply of the line that is worked on */
	word_t commands;
} state;

/* Hands the line to the monitor; returns the number of the next command. */
static word_t tell(const char *line, size_t length)
{
	struct message m = {.w = {length}};

	(void)message_put(&m, 1, line, length);
	return object_call(prompt.monitor, PROMPT_LINE, 1 + message_words(length), &m) == OK ? m.w[0] + 1 : 0;
}

static void run(word_t number)
{
	char line[CONSOLE_LINE_MAX + 1], text[32];
	enum error error = OK;
	size_t length;

	while (error == OK || error == ERROR_GONE || error == ERROR_ABORTED) {
		length = text_format(text, sizeof text, "cobnut %lu> ", number);
		error = console_write(prompt.console, text, length);
		if (error == OK)
			error = console_read_line(prompt.console, line, sizeof line, &length);
		if (error == OK)
			number = tell(line, length);
	}
}

enum error prompt_start(void)
{
	struct builder *b = &monitor.builder;
	enum error error =
		build_derived(b, component[COMPONENT_CONSOLE].endpoint, RIGHT_SEND, BADGE_PROMPT, &prompt.console);

	if (error == OK)
		error = build_derived(b, monitor.endpoint, RIGHT_SEND, BADGE_PROMPT, &prompt.monitor);
	if (error == OK)
		error = worker_create(b, run, 1, PROMPT_PRIORITY, &prompt.worker);
	if (error != OK)
		return error;
	state.reply = builder_take_slots(b, 1);
	return state.reply != HANDLE_NONE ? worker_begin(&prompt.worker) : ERROR_NO_MEMORY;
}

void prompt_take(const struct message *m)
{
	char line[CONSOLE_LINE_MAX + 1];
	size_t length = message_get(m, 1, line, m->w[0] < CONSOLE_LINE_MAX ? m->w[0] : CONSOLE_LINE_MAX);

	line[length] = '\0';
	output_use_console(component[COMPONENT_CONSOLE].state == COMPONENT_ALIVE);
	if (thread_save_reply(PROGRAM_THREAD, state.reply) != OK)
		return;
	state.commands++;
	if (command_run(line))
		prompt_answer();
}

void prompt_answer(void)
{
	struct message m = {.tag = tag_make(OK, 1, 0), .w = {state.commands}};

	(void)message_send(state.reply, &m);
}
