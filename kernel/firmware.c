/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Firmware: calls into SBI, PSCI, PAPR or the like, with a range of function numbers. Like Memory, the
 * capability is all there is. Whoever holds it is trusted as far as the firmware trusts the kernel.
 */
#include "kernel/invoke.h"
#include "kernel/space.h"

enum { FUNCTION_SHIFT = 8 };
_Static_assert(MESSAGE_REGISTERS == 8, "firmware has eight registers");

enum error firmware_make(struct invocation *call)
{
	word_t first = call->w[0], last = call->w[1];
	handle_t slot;
	enum error error;

	if (first > last || last > UINT32_MAX || last - first >= UINT32_MAX)
		return ERROR_BAD_ARGUMENT;
	error = invocation_window(call, 1, &slot);
	if (error)
		return error;
	capability_make(space_slot(call->caller->space, slot), NULL, (uint64_t)first << FUNCTION_SHIFT | KIND_FIRMWARE, RIGHTS_ALL);
	space_slot(call->caller->space, slot)->pages = (uint32_t)(last - first + 1);
	call->w[0] = slot;
	call->answer_words = 1;
	return OK;
}

static enum error operation_call(struct invocation *call)
{
	const struct capability *c = call->target;

	if (call->w[HAL_FIRMWARE_FUNCTION] - (word_t)(c->object >> FUNCTION_SHIFT) >= c->pages)
		return ERROR_NO_RIGHTS;
	if (!hal_firmware(call->w))
		return ERROR_WRONG_KIND;
	call->answer_words = MESSAGE_REGISTERS;
	return OK;
}

const struct operation firmware_operations[] = {
	{FIRMWARE_CALL, RIGHT_FIRMWARE_CALL, operation_call},
	{0, 0, NULL},
};
