/* SPDX-License-Identifier: BSD-2-Clause */
/* Workers: a region with buffer, guard and stack; a Thread that starts in run(). */
#include "worker.h"

/* What lies in page 0 of the region. */
struct control {
	struct buffer buffer;
	uint8_t rest[BUFFER_SIZE - sizeof(struct buffer)];
	void (*entry)(word_t);
	word_t argument;
	handle_t thread;
};

static struct control *control_self(void)
{
	return (struct control *)(void *)buffer_self();
}

handle_t worker_self(void)
{
	return control_self()->thread;
}

/* Where a worker starts: its first and last function. */
static void run(word_t region)
{
	struct control *c = (struct control *)region;

	c->entry(c->argument);
	for (;;)
		(void)thread_stop(c->thread);
}

/* Maps page 0 and the stack, with the guard between them. */
static enum error map_region(struct builder *b, struct worker *w)
{
	enum error error = space_map(b->space, w->memory, w->region, RIGHT_READ | RIGHT_WRITE, 0, PAGE_SIZE, NULL);

	if (error != OK)
		return error;
	return space_map(b->space, w->memory, w->region + 2 * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, PAGE_SIZE, WORKER_STACK,
			 NULL);
}

static enum error bind(struct builder *b, const struct worker *w, word_t priority)
{
	const struct thread_binding binding = {
		.what = CONFIGURE_ALL,
		.space = b->space,
		.pager = PROGRAM_PARENT,
		.handler = PROGRAM_PARENT,
		.context = w->context,
		.buffer = w->memory,
		.buffer_offset = 0,
	};
	enum error error = thread_configure(w->thread, &binding);

	return error != OK ? error : thread_priority(w->thread, priority, w->context);
}

/* Fills in *w as far as it gets. */
static enum error make(struct builder *b, void (*entry)(word_t), word_t argument, word_t priority, struct worker *w)
{
	enum error error = build_context(b, priority, &w->context);

	if (error == OK)
		error = build_object(b, KIND_MEMORY, PAGE_SIZE + WORKER_STACK, &w->memory);
	if (error == OK)
		error = build_object(b, KIND_THREAD, 0, &w->thread);
	if (error != OK)
		return error;
	w->region = builder_take_addresses(b, WORKER_REGION, WORKER_REGION);
	if (w->region == 0)
		return ERROR_NO_MEMORY;
	error = map_region(b, w);
	if (error != OK)
		return error;
	*(struct control *)w->region = (struct control){.entry = entry, .argument = argument, .thread = w->thread};
	return bind(b, w, priority);
}

enum error worker_create(struct builder *b, void (*entry)(word_t), word_t argument, word_t priority, struct worker *out)
{
	enum error error;

	*out = (struct worker){.thread = HANDLE_NONE};
	error = make(b, entry, argument, priority, out);
	if (error != OK)
		worker_destroy(b, out);
	return error;
}

void worker_make_passive(struct builder *b, struct worker *worker)
{
	builder_release(b, worker->context);
	worker->context = HANDLE_NONE;
}

enum error worker_begin(const struct worker *worker)
{
	return thread_start(worker->thread, (uintptr_t)run, ARCH_ENTRY_SP(worker->region + WORKER_REGION), worker->region);
}

void worker_destroy(struct builder *b, struct worker *worker)
{
	builder_release(b, worker->thread);
	builder_release(b, worker->context);
	builder_release(b, worker->memory);
	if (worker->region != 0 && b->address == worker->region + WORKER_REGION)
		b->address = worker->region;
	*worker = (struct worker){.thread = HANDLE_NONE};
}
