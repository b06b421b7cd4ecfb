/* SPDX-License-Identifier: BSD-2-Clause */
/* The server: adds up what each client sends. It knows its clients by their badges and nothing else. */
#include "demo.h"
#include "print.h"

static struct account {
	word_t sum, count;
} account[COMPONENT_COUNT];

static void add(struct account *a, word_t badge, struct message *m)
{
	a->sum += m->w[0];
	a->count++;
	if (a->count == 1)
		print("the badge says client-%lu: a new account\n", badge - COMPONENT_CLIENT_1 + 1);
	m->w[0] = a->sum;
	m->w[1] = a->count;
	m->tag = tag_make(OK, 2, 0);
}

static void serve(struct message *m)
{
	word_t badge = m->badge;

	if (badge < COMPONENT_COUNT && tag_label(m->tag) == DEMO_ADD) {
		add(&account[badge], badge, m);
	} else if (badge < COMPONENT_COUNT && tag_label(m->tag) == DEMO_FORGET) {
		account[badge] = (struct account){.sum = 0};
		m->tag = tag_make(OK, 0, 0);
	} else {
		m->tag = tag_make(ERROR_BAD_ARGUMENT, 0, 0);
	}
}

word_t program_main(const struct program_info *info)
{
	struct message m;

	(void)info;
	print_to_endpoint(DEMO_LOG);
	if (!demo_receive(DEMO_SERVE, &m))
		return 1;
	for (;;) {
		serve(&m);
		if (!demo_answer_receive(DEMO_SERVE, &m))
			return 1;
	}
}
