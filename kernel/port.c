/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports: a range of x86-style I/O ports. Like Memory, the capability is all there is: first port and count. */
#include "kernel/invoke.h"
#include "kernel/space.h"

enum { PORT_SHIFT = 8, PORTS = 0x10000 };

static word_t first_port(const struct capability *c)
{
	return (word_t)(c->object >> PORT_SHIFT);
}

enum error ports_make(struct invocation *call)
{
	uint32_t value = 0;
	handle_t slot;
	enum error error;

	if (call->w[0] >= PORTS || !call->w[1] || call->w[1] > PORTS - call->w[0])
		return ERROR_BAD_ARGUMENT;
	if (!hal_port(0, 0, &value, false))
		return ERROR_WRONG_KIND; /* this machine has none */
	error = invocation_window(call, 1, &slot);
	if (error)
		return error;
	capability_make(space_slot(call->caller->space, slot), NULL, (uint64_t)call->w[0] << PORT_SHIFT | KIND_PORTS, RIGHTS_ALL);
	space_slot(call->caller->space, slot)->pages = (uint32_t)call->w[1];
	call->w[0] = slot;
	call->answer_words = 1;
	return OK;
}

static enum error transfer(struct invocation *call, bool write)
{
	const struct capability *c = call->target;
	word_t port = call->w[0], width = call->w[1];
	uint32_t value = (uint32_t)call->w[2];

	if ((width != 1 && width != 2 && width != 4) || port < first_port(c) || port - first_port(c) >= c->pages ||
	    width > c->pages - (port - first_port(c)))
		return ERROR_BAD_ARGUMENT;
	if (!hal_port((unsigned)port, (unsigned)width, &value, write))
		return ERROR_WRONG_KIND;
	call->w[0] = value;
	call->answer_words = write ? 0 : 1;
	return OK;
}

static enum error operation_read(struct invocation *call)
{
	return transfer(call, false);
}

static enum error operation_write(struct invocation *call)
{
	return transfer(call, true);
}

const struct operation port_operations[] = {
	{PORT_READ, RIGHT_READ, operation_read},
	{PORT_WRITE, RIGHT_WRITE, operation_write},
	{0, 0, NULL},
};
