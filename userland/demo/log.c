/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log: prints the lines of the others, each with the name of who sent it: the badge tells, so nobody can speak in
 * another one's name. It goes through the console driver; while that is started again, lines wait.
 */
#include <string.h>

#include "console.h"
#include "demo.h"
#include "print.h"

static const char *const name[COMPONENT_COUNT] = {
	[0] = "nobody",
	[COMPONENT_CONSOLE] = "console",
	[COMPONENT_LOG] = "log",
	[COMPONENT_PAGER] = "pager",
	[COMPONENT_SERVER] = "server",
	[COMPONENT_CLIENT_1] = "client-1",
	[COMPONENT_CLIENT_2] = "client-2",
	[COMPONENT_SUPERVISOR] = "supervisor",
	[COMPONENT_CRASHER] = "crasher",
};

static enum error print_line(const struct message *m)
{
	char text[PROTOCOL_TEXT_MAX + 1], line[PROTOCOL_TEXT_MAX + 32];
	size_t length = message_get(m, 1, text, m->w[0] < PROTOCOL_TEXT_MAX ? m->w[0] : PROTOCOL_TEXT_MAX);
	enum error error;

	if (tag_label(m->tag) != PROTOCOL_LINE || m->badge >= COMPONENT_COUNT)
		return ERROR_BAD_ARGUMENT;
	while (length > 0 && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	length = text_format(line, sizeof line, "%-10s | %s\n", name[m->badge], text);
	do
		error = console_write(DEMO_LOG, line, length);
	while (error == ERROR_GONE || error == ERROR_ABORTED);
	return error;
}

word_t program_main(const struct program_info *info)
{
	struct message m;

	(void)info;
	if (!demo_receive(DEMO_SERVE, &m))
		return 1;
	for (;;) {
		m.tag = tag_make(print_line(&m), 0, 0);
		if (!demo_answer_receive(DEMO_SERVE, &m))
			return 1;
	}
}
