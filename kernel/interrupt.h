/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt: one hardware interrupt, delivered as bits of a Notification on that Notification's home core.
 *
 * It is masked from its delivery until it is acknowledged. One that cannot be masked (some messages of
 * devices) and comes again before that is remembered once. An interrupt that nobody made an object for,
 * or that is not bound, is masked and hurts nobody.
 */
#ifndef KERNEL_INTERRUPT_H
#define KERNEL_INTERRUPT_H

#include "kernel/capability.h"

struct interrupt {
	struct capability binding; /* the Notification */
	uint32_t bits;
	unsigned irq;
	enum hal_trigger trigger;
	unsigned delivered; /* so often, and not acknowledged yet; a message may come to another core than its Notification's */
	bool message;   /* made from (bus, requester) */
};

/* The binding is revoked, or the object ends. */
void interrupt_unbind(struct interrupt *i);
void interrupt_destroy(struct interrupt *i);

/* Home of the Notification that it is bound to; CORE_NONE: not bound. */
unsigned interrupt_home(const struct interrupt *i);

#endif
