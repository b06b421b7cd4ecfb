/* SPDX-License-Identifier: BSD-2-Clause */
/* One child at a time: start it, listen to it, learn how it ended, take everything back. */
#include "dump.h"
#include "print.h"
#include "protocol.h"
#include "root.h"

/* Prints a child's line with the child's name in front. */
static void print_line(const struct program_spec *spec, const struct message *m)
{
	char text[PROTOCOL_TEXT_MAX + 1];
	size_t length = m->w[0] < PROTOCOL_TEXT_MAX ? m->w[0] : PROTOCOL_TEXT_MAX;

	length = message_get(m, 1, text, length);
	while (length > 0 && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	print("%s: %s\n", spec->name, text);
}

/* Answers one message that did not tell the child's end. */
static void serve(struct root *root, const struct program_spec *spec, const struct message *m, component_listener *listen,
		  void *context)
{
	struct message answer = {.tag = tag_make(OK, 0, 0)};

	if (m->badge != spec->badge)
		answer.tag = tag_make(ERROR_NO_RIGHTS, 0, 0);
	else if (tag_label(m->tag) == PROTOCOL_LINE)
		print_line(spec, m);
	else if (listen != NULL)
		listen(root, m, context);
	else
		answer.tag = tag_make(ERROR_BAD_ARGUMENT, 0, 0);
	if ((m->tag & TAG_CALL) != 0)
		(void)message_answer(&answer);
}

/* Listens until the child with the specification's badge has ended. */
static void watch(struct root *root, const struct program_spec *spec, component_listener *listen, void *context,
		  struct ending *ending)
{
	struct message m;

	for (;;) {
		if (message_receive(root->endpoint, &m, 0) != OK || tag_label(m.tag) == LABEL_NOTIFICATION) {
			*ending = (struct ending){.kind = ENDING_KILLED};
			return;
		}
		if (m.badge == spec->badge && ending_read(&m, ending))
			return;
		serve(root, spec, &m, listen, context);
	}
}

static void set_alarm(struct root *root, word_t seconds)
{
	if (seconds != 0)
		(void)notification_arm(root->alarm, ALARM_LATE, arch_counter() + seconds * root->system.frequency, 0);
}

/* The alarm is off, and if it went off just now nobody will see it later. */
static void clear_alarm(struct root *root)
{
	struct message m;

	(void)notification_disarm(root->alarm, NULL);
	(void)message_receive(root->alarm, &m, TAG_NOWAIT_RECEIVE);
}

/* Nobody but the root component sees to this fault. */
static void dump(struct root *root, const struct program_spec *spec, const struct program *program, const struct ending *ending)
{
	const void *archive = (const void *)(uintptr_t)root->info->archive_address;
	const struct dump d = {
		.name = spec->name,
		.program = program,
		.symbols = symbols_of(archive, (size_t)root->info->archive_size, spec->name),
	};

	if (ending->kind == ENDING_PAGE_FAULT || ending->kind == ENDING_EXCEPTION)
		dump_fault(&root->builder, &d, ending);
}

void component_gift(struct program_spec *spec, handle_t handle, handle_t slot, word_t rights)
{
	size_t i = 0;

	while (spec->gift[i].handle != HANDLE_NONE)
		i++;
	if (handle != HANDLE_NONE)
		spec->gift[i] = (struct program_gift){.handle = handle, .slot = slot, .rights = rights};
}

const char *component_run(struct root *root, struct program_spec *spec, word_t seconds, component_listener *listen,
			  void *context, struct ending *ending)
{
	struct spawn_failure failure;
	struct program program;

	spec->parent = root->endpoint;
	spec->badge = ++root->badge;
	if (!spawn(&root->builder, spec, &program, &failure)) {
		print("# %s: cannot %s\n", spec->name, failure.step);
		return failure.reason;
	}
	set_alarm(root, seconds);
	if (spawn_begin(&program) == OK)
		watch(root, spec, listen, context, ending);
	else
		*ending = (struct ending){.kind = ENDING_KILLED};
	dump(root, spec, &program, ending);
	spawn_destroy(&root->builder, &program);
	clear_alarm(root);
	return NULL;
}
