/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of objects stand on. */
#include "support.h"

#include <string.h>

#include "print.h"

enum { ACCESSOR_PRIORITY = 150, NAME_BYTES = 160 };

/* What the accessor is to do, and whether it came to its end. */
static struct {
	uintptr_t address;
	word_t access, value;
	bool done;
} order;

static void try_access(word_t unused)
{
	volatile word_t *place = (volatile word_t *)order.address;

	(void)unused;
	if (order.access == RIGHT_READ)
		order.value = *place;
	else if (order.access == RIGHT_WRITE)
		*place = order.value;
	else
		order.value = ((word_t (*)(word_t))order.address)(order.value);
	order.done = true;
}

enum error accessor_create(struct builder *b, struct accessor *out)
{
	struct thread_binding binding = {.what = CONFIGURE_PAGER | CONFIGURE_HANDLER};
	enum error error = build_object(b, KIND_ENDPOINT, 0, &out->endpoint);

	if (error != OK)
		return error;
	binding.pager = binding.handler = out->endpoint;
	error = worker_create(b, try_access, 0, ACCESSOR_PRIORITY, &out->worker);
	return error == OK ? thread_configure(out->worker.thread, &binding) : error;
}

void accessor_destroy(struct builder *b, struct accessor *a)
{
	worker_destroy(b, &a->worker);
	builder_release(b, a->endpoint);
}

bool access_done(struct accessor *a, uintptr_t address, word_t access, word_t *value)
{
	struct message answer = {.tag = tag_make(ANSWER_STOP, 0, 0)};

	order.address = address;
	order.access = access;
	order.value = value != NULL ? *value : 0;
	order.done = false;
	a->label = 0;
	if (worker_begin(&a->worker) != OK) /* it runs at once, until it stops or faults */
		return false;
	if (message_receive(a->endpoint, &a->fault, TAG_NOWAIT_RECEIVE) == OK) {
		a->label = tag_label(a->fault.tag);
		(void)message_answer(&answer);
		return false;
	}
	if (order.done && value != NULL)
		*value = order.value;
	return order.done;
}

bool access_faults(struct accessor *a, uintptr_t address, word_t access)
{
	return !access_done(a, address, access, NULL) && a->label == LABEL_PAGE_FAULT && a->fault.w[0] == address &&
	       a->fault.w[1] == access;
}

word_t untyped_free(handle_t untyped)
{
	struct untyped_state state;

	return untyped_query(untyped, &state) == OK ? state.free : ~(word_t)0;
}

word_t pool_free(handle_t space)
{
	struct space_state state;

	return space_query(space, &state) == OK ? state.pool_free : ~(word_t)0;
}

struct slot_state slot_of(handle_t slot)
{
	struct slot_state state = {.kind = KIND_NONE};

	if (space_slot(PROGRAM_SPACE, slot, &state) != OK)
		state.kind = KIND_COUNT;
	return state;
}

enum error call_detail(handle_t object, word_t label, word_t words, const word_t *w, word_t *detail)
{
	struct message m = {.tag = 0};
	enum error error;

	memcpy(m.w, w, words * sizeof *w);
	error = object_call(object, label, words, &m);
	*detail = m.w[0];
	return error;
}

const char *case_name(const char *text, const char *name)
{
	static char buffer[NAME_BYTES];

	(void)text_format(buffer, sizeof buffer, "%s: %s", text, name);
	return buffer;
}
