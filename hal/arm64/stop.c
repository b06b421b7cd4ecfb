/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ends: semihosting (an emulator or a debugger learns the status), else a device of the board or PSCI, else wait for ever.
 */
#include "arm64.h"
#include "drivers.h"
#include "psci.h"

enum { SEMIHOSTING_EXIT = 0x18, APPLICATION_EXIT = 0x20026 }; /* SYS_EXIT, ADP_Stopped_ApplicationExit */

static const struct stopper *stopper;

void stop_init(const void *tree, struct hal_boot *boot)
{
	for (const struct stopper *s = stoppers_start; s < stoppers_end && !stopper; s++) {
		int node = tree_find(tree, s->compatible);

		if (node < 0)
			continue;
		stopper = s;
		s->init(tree, node, boot);
	}
}

static _Noreturn void stop_by_firmware(bool again)
{
	static bool tried; /* if the tree names the wrong way, the exception leads here again */
	word_t registers[8] = { again ? PSCI_SYSTEM_RESET : PSCI_SYSTEM_OFF };

	if (!tried) {
		tried = true;
		if (stopper)
			stopper->stop(again);
		hal_firmware(registers);
	}
	core_park();
}

_Noreturn void stop_without_semihosting(void)
{
	stop_by_firmware(false);
}

/* The other cores are stopped first, in case that nothing else stops them. */
_Noreturn void hal_stop(enum power how)
{
	const word_t status[2] = { APPLICATION_EXIT, how == POWER_FAIL };

	cores_stop();
	if (how == POWER_REBOOT)
		stop_by_firmware(true);
	semihosting_call(SEMIHOSTING_EXIT, status);
	stop_without_semihosting();
}
