/* SPDX-License-Identifier: BSD-2-Clause */
/* Victims: see victim.h. */
#include "victim.h"

/* Each binding gets a capability that can be revoked alone. */
static enum error make_sources(struct builder *b, struct victim *v)
{
	const struct worker *w = &v->worker;
	enum error error = build_derived(b, b->space, RIGHTS_ALL, 0, &v->source[0]);

	if (error == OK)
		error = build_derived(b, v->endpoint, RIGHT_SEND, BADGE_PAGER, &v->source[1]);
	if (error == OK)
		error = build_derived(b, v->endpoint, RIGHT_SEND, BADGE_HANDLER, &v->source[2]);
	if (error == OK)
		error = build_derived(b, w->context, RIGHT_BIND, 0, &v->source[3]);
	if (error == OK)
		error = build_derived(b, w->memory, RIGHT_READ | RIGHT_WRITE, 0, &v->source[4]);
	return error;
}

enum error victim_bind(const struct victim *v, word_t what)
{
	const struct thread_binding binding = {.what = what, .space = v->source[0], .pager = v->source[1],
		.handler = v->source[2], .context = v->source[3], .buffer = v->source[4]};

	return thread_configure(v->worker.thread, &binding);
}

enum error victim_create(struct builder *b, void (*entry)(word_t), word_t argument, struct victim *v)
{
	enum error error;

	*v = (struct victim){.endpoint = HANDLE_NONE};
	error = build_object(b, KIND_ENDPOINT, 0, &v->endpoint);
	if (error == OK)
		error = worker_create(b, entry, argument, VICTIM_PRIORITY, &v->worker);
	if (error == OK)
		error = make_sources(b, v);
	if (error == OK)
		error = victim_bind(v, CONFIGURE_ALL);
	if (error != OK)
		victim_destroy(b, v);
	return error;
}

void victim_destroy(struct builder *b, struct victim *v)
{
	worker_destroy(b, &v->worker);
	builder_release(b, v->endpoint);
	for (unsigned i = 0; i < BINDINGS; i++)
		builder_release(b, v->source[i]); /* most went with what they were derived from: the slots are left */
	*v = (struct victim){.endpoint = HANDLE_NONE};
}

void victim_begin(const struct victim *v)
{
	require(worker_begin(&v->worker));
	yield(); /* the test may still have the priority of a victim whose fault it took and never answered */
}

void victim_run(struct builder *b, void (*entry)(word_t), word_t argument, struct victim *v)
{
	require(victim_create(b, entry, argument, v));
	victim_begin(v);
}

bool victim_receive(const struct victim *v, struct message *m)
{
	return message_receive(v->endpoint, m, TAG_NOWAIT_RECEIVE) == OK;
}

bool victim_faults(const struct victim *v, uintptr_t address, word_t access, struct message *m)
{
	return victim_receive(v, m) && m->tag == (tag_make(LABEL_PAGE_FAULT, 5, 0) | TAG_CALL) && m->badge == BADGE_PAGER &&
		m->w[0] == address && m->w[1] == access;
}

bool victim_raises(const struct victim *v, enum exception kind, struct message *m)
{
	return victim_receive(v, m) && m->tag == (tag_make(LABEL_EXCEPTION, 5, 0) | TAG_CALL) && m->badge == BADGE_HANDLER &&
		m->w[0] == (word_t)kind;
}

enum thread_state victim_state(const struct victim *v)
{
	struct thread_report report = {.state = THREAD_STOPPED};

	require(thread_query(v->worker.thread, &report));
	return report.state;
}

enum error victim_answer(enum label_answer label, word_t w0, word_t w1, word_t w2)
{
	struct message m = {.tag = tag_make((word_t)label, 3, 0), .w = {w0, w1, w2}};

	return message_answer(&m);
}

enum error victim_map(handle_t memory, word_t rights, word_t offset, word_t length, word_t base)
{
	struct message m = {.tag = tag_make(ANSWER_RETRY, 0, 1)};

	buffer_self()->item[0] = (struct item){.handle = memory, .control = rights | ITEM_MAP, .offset = offset,
		.length = length, .base = base};
	return message_answer(&m);
}

bool address_mapped(handle_t memory, uintptr_t address)
{
	if (space_map(PROGRAM_SPACE, memory, address, RIGHT_READ, 0, PAGE_SIZE, NULL) != OK)
		return true;
	require(space_unmap(PROGRAM_SPACE, address, PAGE_SIZE));
	return false;
}
