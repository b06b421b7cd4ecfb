/* SPDX-License-Identifier: BSD-2-Clause */
/* Replies: see reply.h. */
#include "kernel/reply.h"
#include "kernel/context.h"

void reply_make(struct capability *place, struct thread *caller)
{
	ASSERT(!place->object && !caller->reply_place);
	place->object = object_word(caller, KIND_REPLY);
	caller->reply_place = place;
}

void reply_moved(struct capability *to)
{
	struct thread *caller = reply_caller(to);

	if (caller)
		caller->reply_place = to;
}

struct thread *reply_take(struct capability *place)
{
	struct thread *caller = reply_caller(place);

	if (caller) {
		caller->reply_place = NULL;
		context_return(caller);
	}
	place->object = 0;
	return caller;
}

void reply_drop(struct capability *place)
{
	struct thread *caller = reply_take(place);

	if (caller)
		thread_wake_error(caller, ERROR_GONE);
}

void reply_orphan(struct thread *caller)
{
	if (!caller->reply_place)
		return;
	caller->reply_place->object = KIND_REPLY;
	caller->reply_place = NULL;
}
