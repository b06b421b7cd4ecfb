/* SPDX-License-Identifier: BSD-2-Clause */
/* Actors and a second Space for them. */
#include "actor.h"

#include <string.h>

#include "spawn.h"

/* In page 0 of a worker's region, behind the buffer and what the worker keeps there. */
enum { SCRIPT_OFFSET = 2 * BUFFER_SIZE };

enum { SETTLE_MAX = 2000 };

/* What an actor's thread does: the one call of its script. */
static void act(word_t argument)
{
	volatile struct actor_script *script = (volatile struct actor_script *)((uintptr_t)buffer_self() + SCRIPT_OFFSET);
	struct message m = script->m;

	(void)argument;
	script->status = message_ipc(script->to, script->from, &m);
	script->m = m;
	script->done = 1;
}

enum error actor_create(struct builder *b, word_t priority, struct actor *out)
{
	enum error error = worker_create(b, act, 0, priority, &out->worker);

	out->script = (volatile struct actor_script *)(out->worker.region + SCRIPT_OFFSET);
	return error;
}

void actor_destroy(struct builder *b, struct actor *a)
{
	worker_destroy(b, &a->worker);
}

void actor_settle(const struct actor *a)
{
	struct thread_report report = {.state = THREAD_READY}, own = {.effective = 0};

	require(thread_query(PROGRAM_THREAD, &own));
	for (unsigned i = 0; i < SETTLE_MAX; i++) {
		if (thread_query(a->worker.thread, &report) != OK)
			return; /* it does not live any more */
		if (report.state != THREAD_READY || report.effective < own.effective)
			return;
		yield();
	}
}

enum error actor_error(const struct actor *a)
{
	actor_settle(a);
	return a->script->done != 0 ? status_error(a->script->status) : ERROR_COUNT;
}

enum error actor_unbuffer(const struct actor *a)
{
	const struct thread_binding none = {.what = CONFIGURE_BUFFER, .buffer = HANDLE_NONE};

	return thread_configure(a->worker.thread, &none);
}

struct message message_make(word_t tag, word_t w0)
{
	struct message m = {.tag = tag};

	for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
		m.w[i] = w0 + i;
	return m;
}

void actor_ipc(const struct actor *a, handle_t to, handle_t from, const struct message *m)
{
	a->script->to = to;
	a->script->from = from;
	a->script->m = *m;
	a->script->done = 0;
	require(worker_begin(&a->worker));
	actor_settle(a);
}

void actor_start(const struct actor *a, handle_t to, handle_t from, word_t tag, word_t w0)
{
	actor_settle(a);
	struct message m = message_make(tag, w0);

	actor_ipc(a, to, from, &m);
}

bool message_got(const struct message *m, word_t tag, word_t badge, word_t w0)
{
	for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
		if (m->w[i] != w0 + i)
			return false;
	return m->tag == tag && m->badge == badge;
}

word_t message_ipc(handle_t to, handle_t from, struct message *m)
{
	const struct message sent = *m;
	word_t status = ipc(to, from, m);

	if ((status_error(status) || tag_label(m->tag) == LABEL_NOTIFICATION) && memcmp(m->w, sent.w, sizeof m->w) == 0)
		memset(m->w, 0, sizeof m->w);
	return status;
}

bool message_signalled(const struct message *m, word_t bits)
{
	for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
		if (m->w[i] != 0)
			return false;
	return m->tag == tag_make(LABEL_NOTIFICATION, 0, 0) && m->badge == bits;
}

bool message_failed(const struct message *m, word_t status, enum error error, enum phase phase, word_t item, word_t detail)
{
	for (unsigned i = 1; i < MESSAGE_REGISTERS; i++)
		if (m->w[i] != 0)
			return false;
	return status == status_make(error, phase, item) && m->w[0] == detail && m->tag == 0 && m->badge == 0;
}

bool actor_got(const struct actor *a, word_t tag, word_t badge, word_t w0)
{
	struct message m;

	actor_settle(a);
	m = a->script->m;

	return a->script->done != 0 && a->script->status == status_make(OK, PHASE_RECEIVE, 0) &&
	       message_got(&m, tag, badge, w0);
}

bool actor_signalled(const struct actor *a, word_t bits)
{
	struct message m = a->script->m;

	return a->script->done != 0 && a->script->status == status_make(OK, PHASE_RECEIVE, 0) && message_signalled(&m, bits);
}

bool actor_failed(const struct actor *a, enum error error, enum phase phase, word_t item, word_t detail)
{
	struct message m;

	actor_settle(a);
	m = a->script->m;

	return a->script->done != 0 && message_failed(&m, a->script->status, error, phase, item, detail);
}

enum thread_state actor_state(const struct actor *a)
{
	struct thread_report report = {.state = THREAD_STOPPED};

	actor_settle(a);
	require(thread_query(a->worker.thread, &report));
	return report.state;
}

word_t actor_effective(const struct actor *a)
{
	struct thread_report report = {.state = THREAD_STOPPED};

	require(thread_query(a->worker.thread, &report));
	return report.effective;
}

void test_settle(void)
{
	require(thread_priority(PROGRAM_THREAD, 1, PROGRAM_CONTEXT));
	require(thread_priority(PROGRAM_THREAD, TEST_PRIORITY, PROGRAM_CONTEXT));
}

/* ---- a second Space ---- */

/* A copy of one segment of the program, mapped at the same address. */
static enum error copy_segment(struct builder *b, const struct elf_program_header *p, handle_t space, handle_t *image)
{
	uintptr_t start = (uintptr_t)p->p_vaddr & ~(uintptr_t)(PAGE_SIZE - 1), before = b->address;
	size_t size = ((uintptr_t)(p->p_vaddr + p->p_memsz) - start + PAGE_SIZE - 1) & ~(size_t)(PAGE_SIZE - 1);
	word_t access = RIGHT_READ | (p->p_flags & ELF_FLAG_WRITE ? (word_t)RIGHT_WRITE : 0) |
			(p->p_flags & ELF_FLAG_EXECUTE ? (word_t)RIGHT_EXECUTE : 0);
	void *window;
	enum error error = build_mapped(b, size, RIGHT_READ | RIGHT_WRITE, image, &window);

	if (error != OK)
		return error;
	memcpy((char *)window + p->p_vaddr % PAGE_SIZE, (const void *)(uintptr_t)p->p_vaddr, (size_t)p->p_memsz);
	error = memory_unmap(*image);
	b->address = before;
	if (error == OK)
		error = memory_code(*image, 0, 0);
	return error != OK ? error : build_map(space, *image, start, access, 0, size);
}

enum error domain_create(struct builder *b, size_t pool, struct domain *out)
{
	const struct elf_header *own = elf_own_header();
	const struct elf_program_header *p = (const void *)((const char *)own + own->e_phoff);
	unsigned segments = 0;
	enum error error = build_space(b, DOMAIN_SLOTS, pool, &out->space);

	for (unsigned i = 0; i < DOMAIN_SEGMENTS; i++)
		out->image[i] = HANDLE_NONE;
	for (unsigned i = 0; error == OK && i < own->e_phnum; i++)
		if (p[i].p_type == ELF_SEGMENT_LOAD && segments < DOMAIN_SEGMENTS)
			error = copy_segment(b, &p[i], out->space, &out->image[segments++]);
	if (error != OK)
		domain_destroy(b, out);
	return error;
}

void domain_destroy(struct builder *b, struct domain *d)
{
	builder_release(b, d->space);
	for (unsigned i = 0; i < DOMAIN_SEGMENTS; i++)
		builder_release(b, d->image[i]);
	d->space = HANDLE_NONE;
}

enum error actor_move(const struct domain *d, const struct actor *a)
{
	const struct thread_binding binding = {.what = CONFIGURE_SPACE, .space = d->space};
	const struct worker *w = &a->worker;
	word_t access = RIGHT_READ | RIGHT_WRITE;
	enum error error = space_map(d->space, w->memory, w->region, access, 0, PAGE_SIZE, NULL);

	if (error == OK)
		error = space_map(d->space, w->memory, w->region + 2 * PAGE_SIZE, access, PAGE_SIZE, WORKER_STACK, NULL);
	if (error == OK)
		error = space_derive(d->space, w->thread, w->thread, RIGHTS_ALL);
	return error != OK ? error : thread_configure(w->thread, &binding);
}
