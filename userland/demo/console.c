/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console: the only component that may write to the machine's console. It prints whole lines, each with the
 * name of who sent it: the badge tells, so nobody can speak in another one's name.
 */
#include <string.h>

#include "demo.h"
#include "print.h"

static const char *const name[COMPONENT_COUNT] = {
	[0] = "nobody",
	[COMPONENT_CONSOLE] = "console",
	[COMPONENT_PAGER] = "pager",
	[COMPONENT_SERVER] = "server",
	[COMPONENT_CLIENT_1] = "client-1",
	[COMPONENT_CLIENT_2] = "client-2",
	[COMPONENT_SUPERVISOR] = "supervisor",
	[COMPONENT_CRASHER] = "crasher",
	[COMPONENT_DEMO] = "demo",
};

static enum error print_line(const struct message *m)
{
	char text[PROTOCOL_TEXT_MAX + 1];
	size_t length = message_get(m, 1, text, m->w[0] < PROTOCOL_TEXT_MAX ? m->w[0] : PROTOCOL_TEXT_MAX);

	if (tag_label(m->tag) != PROTOCOL_LINE || m->badge >= COMPONENT_COUNT)
		return ERROR_BAD_ARGUMENT;
	while (length > 0 && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	print("%-10s | %s\n", name[m->badge], text);
	return OK;
}

word_t program_main(const struct program_info *info)
{
	struct message m;

	(void)info;
	if (message_receive(DEMO_SERVE, &m, 0) != OK)
		return 1;
	for (;;) {
		m.tag = tag_make(print_line(&m), 0, 0);
		if (message_answer_receive(DEMO_SERVE, &m) != OK)
			return 1;
	}
}
