/* SPDX-License-Identifier: BSD-2-Clause */
/* System: the root's authority over what is left: console log, power, sizes and limits. */
#include "kernel/invoke.h"
#include "kernel/pagetable.h"

enum { LOG_BYTES_MAX = (MESSAGE_REGISTERS - 1) * (int)sizeof(word_t) };

static enum error operation_log(struct invocation *call)
{
	const char *bytes = (const char *)&call->w[1];

	if (!call->w[0] || call->w[0] > LOG_BYTES_MAX)
		return ERROR_BAD_ARGUMENT;
	for (word_t i = 0; i < call->w[0]; i++)
		kprintf("%c", bytes[i]);
	return OK;
}

static enum error operation_power(struct invocation *call)
{
	if (call->w[0] > POWER_FAIL)
		return ERROR_BAD_ARGUMENT;
	hal_stop((enum power)call->w[0]);
}

static enum error operation_size(struct invocation *call)
{
	uint64_t size, alignment;

	if (call->w[0] >= KIND_COUNT || !object_size((enum kind)call->w[0], call->w[1], &size, &alignment))
		return ERROR_BAD_ARGUMENT;
	call->w[0] = size;
	call->w[1] = alignment;
	call->answer_words = 2;
	return OK;
}

static enum error operation_info(struct invocation *call)
{
	call->w[0] = hal_clock_frequency();
	call->w[1] = pagetable_top();
	call->w[2] = cores_running();
	call->w[3] = 0;
	call->w[4] = BLOCK_SIZE;
	call->w[5] = hal_fpu_size();
	call->answer_words = 6;
	return OK;
}

const struct operation system_operations[] = {
	{SYSTEM_LOG, RIGHT_LOG, operation_log},
	{SYSTEM_POWER, RIGHT_POWER, operation_power},
	{SYSTEM_SIZE, 0, operation_size},
	{SYSTEM_INFO, 0, operation_info},
	{SYSTEM_INTERRUPT, RIGHT_INTERRUPTS, interrupt_from_cells},
	{SYSTEM_MESSAGE_INTERRUPT, RIGHT_INTERRUPTS, interrupt_from_message},
	{SYSTEM_PORTS, RIGHT_INTERRUPTS, ports_make},
	{SYSTEM_FIRMWARE, RIGHT_POWER, firmware_make},
	{SYSTEM_TRACE_ATTACH, RIGHT_TRACE, trace_attach},
	{SYSTEM_TRACE_DETACH, RIGHT_TRACE, trace_change},
	{SYSTEM_TRACE_MASK, RIGHT_TRACE, trace_change},
	{0, 0, NULL},
};
