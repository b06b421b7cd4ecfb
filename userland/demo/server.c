/* SPDX-License-Identifier: BSD-2-Clause */
/* The server: adds up what each client sends. It knows its clients by their badges and nothing else. */
#include "demo.h"
#include "print.h"

static struct {
	word_t sum, count;
} account[COMPONENT_COUNT];

static void add(struct message *m)
{
	if (tag_label(m->tag) != DEMO_ADD || m->badge >= COMPONENT_COUNT) {
		m->tag = tag_make(ERROR_BAD_ARGUMENT, 0, 0);
		return;
	}
	account[m->badge].sum += m->w[0];
	account[m->badge].count++;
	if (account[m->badge].count == 1)
		print("the badge says client-%lu: a new account\n", m->badge - COMPONENT_CLIENT_1 + 1);
	m->w[0] = account[m->badge].sum;
	m->w[1] = account[m->badge].count;
	m->tag = tag_make(OK, 2, 0);
}

word_t program_main(const struct program_info *info)
{
	struct message m;

	(void)info;
	print_to_endpoint(DEMO_CONSOLE);
	if (message_receive(DEMO_SERVE, &m, 0) != OK)
		return 1;
	for (;;) {
		add(&m);
		if (message_answer_receive(DEMO_SERVE, &m) != OK)
			return 1;
	}
}
