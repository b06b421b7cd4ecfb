/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ends: semihosting (an emulator or a debugger learns the status), else PSCI, else wait for ever.
 */
#include "arm64.h"
#include "psci.h"

#include <libfdt.h>

enum { SEMIHOSTING_EXIT = 0x18, APPLICATION_EXIT = 0x20026 }; /* SYS_EXIT, ADP_Stopped_ApplicationExit */

static enum psci_conduit conduit;

void stop_init(const void *tree)
{
	int node = tree_find(tree, "arm,psci-1.0");
	int length;
	const char *method;

	if (node < 0)
		node = tree_find(tree, "arm,psci-0.2");
	method = node < 0 ? NULL : fdt_getprop(tree, node, "method", &length);
	if (method && length == 4)
		conduit = method[0] == 'h' ? PSCI_HVC : PSCI_SMC;
}

static _Noreturn void stop_by(uint32_t function)
{
	enum psci_conduit once = conduit;

	conduit = PSCI_NONE; /* if it is the wrong one, the exception leads here again */
	if (once != PSCI_NONE)
		psci_call(once, function, 0, 0, 0);
	for (;;)
		__asm__ volatile("wfi");
}

_Noreturn void stop_without_semihosting(void)
{
	stop_by(PSCI_SYSTEM_OFF);
}

_Noreturn void hal_stop(enum power how)
{
	const word_t status[2] = { APPLICATION_EXIT, how == POWER_FAIL };

	if (how == POWER_REBOOT)
		stop_by(PSCI_SYSTEM_RESET);
	semihosting_call(SEMIHOSTING_EXIT, status);
	stop_without_semihosting();
}
