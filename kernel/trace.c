/* SPDX-License-Identifier: BSD-2-Clause */
/* The trace rings: attached and detached under the lock, written by their cores without it. */
#include "kernel/trace.h"
#include "kernel/invoke.h"
#include "kernel/memory.h"

static struct ring {
	struct capability binding; /* first: also its owner */
	struct trace_ring *memory; /* written, never read */
	uint64_t head, capacity;
	uint64_t name; /* of the thread that runs, as the last switch said */
	bool busy;     /* there is one */
} rings[HAL_CORES_MAX];

static void put(struct trace_event event)
{
	struct ring *ring = &rings[hal_core_self()];

	/* before: the ring is seen as it was attached; behind: whoever sees the new bytes also sees the head that gave up the old ones */
	__atomic_thread_fence(__ATOMIC_ACQ_REL);
	event.time = hal_clock();
	event.number = ring->head;
	event.core = (uint8_t)hal_core_self();
	ring->memory->event[ring->head++ % ring->capacity] = event;
	__atomic_store_n(&ring->memory->head, ring->head, __ATOMIC_RELEASE);
}

void trace_event(enum trace_kind kind, uint32_t code, const struct thread *t, const struct thread *other, uint64_t a, uint64_t b)
{
	struct trace_event event = {.kind = (uint8_t)kind, .code = code, .name = t ? t->name : 0, .a = a, .b = b};

	event.other = other ? other->name : 0;
	event.ip = t ? hal_frame_ip(&t->frame) : 0;
	put(event);
}

void trace_switch(const struct thread *to)
{
	struct ring *ring = &rings[hal_core_self()];
	const struct thread *from = core_self()->loaded;

	if (from)
		trace_event(TRACE_SWITCH, from->state == THREAD_READY ? TRACE_PREEMPTED : TRACE_BLOCKED, from, to, to != NULL, 0);
	else if (ring->busy || to)
		put((struct trace_event){.code = ring->busy ? TRACE_LEFT : TRACE_WAS_IDLE,
			.name = ring->busy ? ring->name : 0, .other = to ? to->name : 0, .a = to != NULL});
	ring->busy = to != NULL;
	ring->name = to ? to->name : 0;
	if (!to)
		core_self()->loaded = NULL; /* the way back to the same thread is a switch too */
}

const struct capability *trace_binding(unsigned core)
{
	return &rings[core].binding;
}

/* Other kinds from now on. When it returns, nothing of others is being written. */
static void set_mask(struct ring *ring, word_t mask)
{
	uint32_t *traced = &core_number((unsigned)(ring - rings))->traced;

	__atomic_store_n(traced, 0, __ATOMIC_RELAXED);
	cores_sync(&(struct sync){0});
	ring->busy = false;
	__atomic_store_n(traced, (uint32_t)mask, __ATOMIC_RELEASE);
}

void trace_unbind(struct capability *binding)
{
	set_mask(binding->binding.owner, 0);
	capability_clear(binding);
}

/* ---- messages of System: w0 is the core ---- */

enum error trace_attach(struct invocation *call)
{
	struct ring *ring = &rings[call->w[0] % HAL_CORES_MAX];
	struct capability *c;
	enum error error = invocation_capability(call, call->w[1], KIND_MEMORY, RIGHT_READ | RIGHT_WRITE, &c);

	if (error)
		return error;
	if (c->flags & CAPABILITY_DEVICE || c->attribute != MEMORY_NORMAL)
		return ERROR_WRONG_KIND;
	if (call->w[0] >= cores_running() || call->w[2] & ~(word_t)TRACE_ALL || c->pages & (c->pages - 1))
		return ERROR_BAD_ARGUMENT;
	error = ring->binding.object ? ERROR_BUSY : capability_derivable(c);
	if (error)
		return error;
	capability_derive(&ring->binding, c, RIGHTS_ALL);
	ring->binding.flags |= CAPABILITY_BINDING;
	ring->binding.binding.owner = ring;
	ring->binding.binding.place = BIND_TRACE;
	ring->memory = hal_kernel_address(capability_base(c));
	ring->head = 0;
	ring->capacity = memory_size(c) / sizeof(struct trace_event) - 1;
	*ring->memory = (struct trace_ring){.capacity = (uint32_t)ring->capacity, .core = (uint32_t)call->w[0]};
	set_mask(ring, call->w[2]);
	return OK;
}

enum error trace_change(struct invocation *call)
{
	struct ring *ring = &rings[call->w[0] % HAL_CORES_MAX];

	if (call->w[0] >= cores_running() || call->w[1] & ~(word_t)TRACE_ALL || !ring->binding.object)
		return ERROR_BAD_ARGUMENT;
	if (call->label == SYSTEM_TRACE_MASK)
		set_mask(ring, call->w[1]);
	else
		trace_unbind(&ring->binding);
	return OK;
}
