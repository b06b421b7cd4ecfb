/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ends: semihosting (an emulator or a debugger learns the status), else PSCI, else wait for ever.
 */
#include "arm64.h"
#include "psci.h"

enum { SEMIHOSTING_EXIT = 0x18, APPLICATION_EXIT = 0x20026 }; /* SYS_EXIT, ADP_Stopped_ApplicationExit */

static _Noreturn void stop_by(uint32_t function)
{
	static bool tried; /* if the tree names the wrong way, the exception leads here again */
	word_t registers[8] = { function };

	if (!tried) {
		tried = true;
		hal_firmware(registers);
	}
	core_park();
}

_Noreturn void stop_without_semihosting(void)
{
	stop_by(PSCI_SYSTEM_OFF);
}

/* The other cores are stopped first, in case that nothing else stops them. */
_Noreturn void hal_stop(enum power how)
{
	const word_t status[2] = { APPLICATION_EXIT, how == POWER_FAIL };

	cores_stop();
	if (how == POWER_REBOOT)
		stop_by(PSCI_SYSTEM_RESET);
	semihosting_call(SEMIHOSTING_EXIT, status);
	stop_without_semihosting();
}
