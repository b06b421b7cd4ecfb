/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts: see interrupt.h. Everything but making one happens on the home core of its Notification. */
#include "kernel/interrupt.h"
#include "kernel/invoke.h"
#include "kernel/notification.h"
#include "kernel/space.h"
#include "kernel/trace.h"
#include "kernel/untyped.h"

#include <string.h>

enum { CELLS_MAX = 3 };

/* Who has which; filled and emptied under the lock, read without it. */
static struct interrupt *made[HAL_IRQ_COUNT];

static struct notification *bound_to(const struct interrupt *i)
{
	return capability_object(&i->binding);
}

unsigned interrupt_home(const struct interrupt *i)
{
	const struct notification *n = bound_to(i);

	return n ? n->object.home : CORE_NONE;
}

void core_interrupt(unsigned irq)
{
	struct interrupt *i = __atomic_load_n(&made[irq], __ATOMIC_ACQUIRE);
	struct notification *n = i ? bound_to(i) : NULL;

	trace(TRACE_INTERRUPT, irq, core_self()->current, NULL, 0, 0);
	hal_irq_mask(irq, true);
	core_self()->interrupted = true;
	if (n && !__atomic_fetch_add(&i->delivered, 1, __ATOMIC_ACQ_REL))
		notification_signal(n, i->bits);
}

void interrupt_unbind(struct interrupt *i)
{
	hal_irq_mask(i->irq, true);
	if (i->binding.object)
		capability_clear(&i->binding);
	i->delivered = 0;
}

void interrupt_destroy(struct interrupt *i)
{
	interrupt_unbind(i);
	__atomic_store_n(&made[i->irq], NULL, __ATOMIC_RELEASE);
	if (i->message)
		hal_irq_message_free(i->irq);
}

/* ---- making ---- */

/* The memory of an Interrupt in an Untyped of the caller, and the slot for it. */
static enum error prepare(struct invocation *call, struct capability **untyped, uint64_t *address, handle_t *slot)
{
	uint64_t size, alignment, missing;
	enum error error = invocation_capability(call, call->w[0], KIND_UNTYPED, 0, untyped);

	if (error)
		return error;
	if ((*untyped)->flags & CAPABILITY_DEVICE)
		return ERROR_WRONG_KIND;
	error = capability_unmarked(*untyped);
	if (error)
		return error;
	if ((*untyped)->depth + 1 >= CAPABILITY_DEPTH_MAX)
		return ERROR_BAD_ARGUMENT;
	object_size(KIND_INTERRUPT, 0, &size, &alignment);
	*address = untyped_fit(*untyped, size, alignment, &missing);
	call->detail = missing;
	return missing ? ERROR_NO_MEMORY : invocation_window(call, 1, slot);
}

static struct interrupt *make(struct invocation *call, struct capability *untyped, uint64_t address, handle_t slot, unsigned irq)
{
	struct interrupt *i = hal_kernel_address(address);
	uint64_t size = (sizeof(*i) + 63) & ~(uint64_t)63;

	while (!untyped_clear_step(untyped, address, address + size))
		;
	untyped_take(untyped, address + size);
	i->irq = irq;
	capability_make(space_slot(call->caller->space, slot), untyped, object_word(i, KIND_INTERRUPT), RIGHTS_ALL);
	__atomic_store_n(&made[irq], i, __ATOMIC_RELEASE);
	call->w[0] = slot;
	call->answer_words = 1;
	return i;
}

enum error interrupt_from_cells(struct invocation *call)
{
	unsigned count = (unsigned)call->w[2], irq;
	uint32_t cells[CELLS_MAX];
	struct capability *untyped;
	enum hal_trigger trigger;
	uint64_t address;
	handle_t slot;
	enum error error;

	if (call->w[1] > UINT32_MAX || !call->w[2] || call->w[2] > CELLS_MAX)
		return ERROR_BAD_ARGUMENT;
	for (unsigned n = 0; n < count; n++)
		cells[n] = (uint32_t)call->w[3 + n];
	if (!hal_irq_translate((uint32_t)call->w[1], cells, count, &irq, &trigger) || irq >= HAL_IRQ_COUNT)
		return ERROR_BAD_ARGUMENT;
	if (made[irq])
		return ERROR_BUSY;
	error = prepare(call, &untyped, &address, &slot);
	if (!error)
		make(call, untyped, address, slot, irq)->trigger = trigger;
	return error;
}

enum error interrupt_from_message(struct invocation *call)
{
	struct capability *untyped;
	struct interrupt *i;
	uint64_t address, target;
	uint32_t data;
	unsigned irq;
	handle_t slot;
	enum error error;

	if (call->w[1] > UINT32_MAX || call->w[2] > UINT32_MAX || call->w[3] >= cores_running())
		return ERROR_BAD_ARGUMENT;
	error = prepare(call, &untyped, &address, &slot);
	if (error)
		return error;
	if (!hal_irq_message((uint32_t)call->w[1], (uint32_t)call->w[2], (unsigned)call->w[3], &irq, &target, &data))
		return ERROR_BAD_ARGUMENT;
	i = make(call, untyped, address, slot, irq);
	i->message = true;
	i->trigger = HAL_TRIGGER_EDGE_RISING;
	call->w[1] = (uint32_t)target;
	call->w[2] = (word_t)(target >> 32);
	call->w[3] = data;
	call->answer_words = 4;
	return OK;
}

/* ---- messages ---- */

static enum error operation_bind(struct invocation *call)
{
	struct interrupt *i = capability_object(call->target);
	struct capability *c;
	uint32_t bits = (uint32_t)call->w[1];
	enum error error = invocation_capability(call, call->w[0], KIND_NOTIFICATION, RIGHT_SIGNAL, &c);

	if (error)
		return error;
	if (!bits || call->w[1] > UINT32_MAX)
		return ERROR_BAD_ARGUMENT;
	if (c->flags & CAPABILITY_BADGED && bits & ~c->badge)
		return ERROR_NO_RIGHTS;
	if (i->binding.object)
		return ERROR_BUSY;
	error = capability_derivable(c);
	if (error)
		return error;
	i->bits = bits;
	capability_derive(&i->binding, c, RIGHT_SIGNAL);
	i->binding.flags |= CAPABILITY_BINDING;
	i->binding.binding.owner = i;
	i->binding.binding.place = BIND_INTERRUPT;
	hal_irq_route(i->irq, bound_to(i)->object.home, i->trigger);
	hal_irq_mask(i->irq, false);
	return OK;
}

static enum error operation_unbind(struct invocation *call)
{
	struct interrupt *i = capability_object(call->target);

	if (!i->binding.object)
		return ERROR_BAD_ARGUMENT;
	interrupt_unbind(i);
	return OK;
}

static enum error operation_acknowledge(struct invocation *call)
{
	struct interrupt *i = capability_object(call->target);
	unsigned once = 1;

	if (!i->binding.object || !i->delivered)
		return ERROR_BAD_ARGUMENT;
	if (__atomic_compare_exchange_n(&i->delivered, &once, 0, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		hal_irq_mask(i->irq, false);
		return OK;
	}
	i->delivered = 1; /* it came again */
	notification_signal(bound_to(i), i->bits);
	return OK;
}

const struct operation interrupt_operations[] = {
	{INTERRUPT_BIND, RIGHT_BIND_INTERRUPT, operation_bind},
	{INTERRUPT_UNBIND, RIGHT_BIND_INTERRUPT, operation_unbind},
	{INTERRUPT_ACKNOWLEDGE, RIGHT_ACKNOWLEDGE, operation_acknowledge},
	{0, 0, NULL},
};
