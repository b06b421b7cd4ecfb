/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls into firmware, by the way that the device tree's /psci names.
 */
#include "arm64.h"
#include "psci.h"

#include <libfdt.h>

static enum psci_conduit conduit;

void firmware_init(const void *tree)
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

bool hal_firmware(word_t regs[8])
{
	if (conduit == PSCI_NONE)
		return false;
	smc_call(conduit, regs);
	return true;
}

bool hal_port(unsigned port, unsigned width, uint32_t *value, bool write)
{
	(void)port;
	(void)width;
	(void)value;
	(void)write;
	return false;
}
