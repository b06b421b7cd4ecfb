/* SPDX-License-Identifier: BSD-2-Clause */
/* Victims: see victim.h. */
#include "victim.h"

static handle_t quiet; /* an Endpoint that nobody sends to */

void victim_settle(void)
{
	struct message m;

	(void)message_receive(quiet, &m, TAG_NOWAIT_RECEIVE);
	yield();
}

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
	if (quiet == HANDLE_NONE)
		require(build_object(b, KIND_ENDPOINT, 0, &quiet));
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
	victim_settle();
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

/* ---- situations ---- */

const char *const situation_name[SITUATIONS] = {
	[SITUATION_STOPPED] = "stopped",
	[SITUATION_READY] = "ready",
	[SITUATION_SENDING] = "sending",
	[SITUATION_RECEIVING] = "receiving",
	[SITUATION_CALLING] = "calling",
	[SITUATION_FAULT_QUEUED] = "faulting, not received",
	[SITUATION_FAULT_TAKEN] = "faulting, not answered",
	[SITUATION_RAISED] = "raising an exception",
};

const enum thread_state situation_state[SITUATIONS] = {
	[SITUATION_STOPPED] = THREAD_STOPPED,
	[SITUATION_READY] = THREAD_READY,
	[SITUATION_SENDING] = THREAD_SENDING,
	[SITUATION_RECEIVING] = THREAD_RECEIVING,
	[SITUATION_CALLING] = THREAD_CALLING,
	[SITUATION_FAULT_QUEUED] = THREAD_FAULTED,
	[SITUATION_FAULT_TAKEN] = THREAD_FAULTED,
	[SITUATION_RAISED] = THREAD_FAULTED,
};

/* What the subject does: one function for each situation. */
static void subject_ends(word_t subject)
{
	((struct subject *)subject)->finished++;
}

static void subject_counts(word_t subject)
{
	struct subject *s = (struct subject *)subject;

	while (s->status != 0) /* the test may set it, to end this */
		s->count++;
	s->finished++;
}

static void subject_ipc(struct subject *s, handle_t to, handle_t from, word_t flags)
{
	s->m = (struct message){.tag = tag_make(SUBJECT_LABEL, SUBJECT_WORDS, 0) | flags, .w = {1, 2, 3, 4, 5, 6}};
	if (to == HANDLE_NONE)
		s->m = (struct message){.tag = 0};
	s->status = ipc(to, from, &s->m);
	s->finished++;
}

static void subject_sends(word_t subject)
{
	struct subject *s = (struct subject *)subject;

	subject_ipc(s, s->port, HANDLE_NONE, 0);
}

static void subject_receives(word_t subject)
{
	struct subject *s = (struct subject *)subject;

	subject_ipc(s, HANDLE_NONE, s->port, 0);
}

static void subject_calls(word_t subject)
{
	struct subject *s = (struct subject *)subject;

	subject_ipc(s, s->port, HANDLE_NONE, TAG_CALL);
}

static void subject_faults(word_t subject)
{
	struct subject *s = (struct subject *)subject;

	(void)*(volatile word_t *)SUBJECT_PLACE;
	s->finished++;
}

static void subject_raises(word_t subject)
{
	struct subject *s = (struct subject *)subject;

	arch_raise_illegal();
	s->finished++;
}

static void (*const subject_entry[SITUATIONS])(word_t) = {
	[SITUATION_STOPPED] = subject_ends,
	[SITUATION_READY] = subject_counts,
	[SITUATION_SENDING] = subject_sends,
	[SITUATION_RECEIVING] = subject_receives,
	[SITUATION_CALLING] = subject_calls,
	[SITUATION_FAULT_QUEUED] = subject_faults,
	[SITUATION_FAULT_TAKEN] = subject_faults,
	[SITUATION_RAISED] = subject_raises,
};

/* What the test has to do for it. */
static void subject_settle(const struct subject *s, enum situation situation)
{
	struct message m;

	if (situation == SITUATION_READY)
		while (s->count == 0) /* until it has run for a time slice */
			yield();
	if (situation == SITUATION_CALLING)
		require(message_receive(s->port, &m, TAG_NOWAIT_RECEIVE));
	if (situation == SITUATION_FAULT_TAKEN)
		require(message_receive(s->v.endpoint, &m, TAG_NOWAIT_RECEIVE));
}

void subject_create(struct builder *b, enum situation situation, struct subject *s)
{
	*s = (struct subject){.status = ~(word_t)0};
	require(build_object(b, KIND_ENDPOINT, 0, &s->port));
	require(victim_create(b, subject_entry[situation], (word_t)s, &s->v));
	if (situation == SITUATION_READY) /* as urgent as the test, or it would run for ever */
		require(thread_priority(s->v.worker.thread, 100, PROGRAM_CONTEXT));
	if (situation != SITUATION_STOPPED)
		victim_begin(&s->v);
	subject_settle(s, situation);
}

void subject_destroy(struct builder *b, struct subject *s)
{
	victim_destroy(b, &s->v);
	builder_release(b, s->port);
}
