/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console: the PL011 at the target's `earlycon`, until the device tree's /chosen stdout-path names another.
 */
#include "arm64.h"
#include "pl011.h"

#include <libfdt.h>

#include <string.h>

static uintptr_t base = EARLYCON; /* physical while the MMU is off; 0: no output yet */

void hal_console_put(char c)
{
	if (base)
		pl011_put((void *)base, c);
}

void console_enter(void)
{
	if (EARLYCON)
		base = DEVICE_MAP + EARLYCON;
}

/* The path or alias before the options ("serial0:115200n8"). */
static int chosen_console(const void *tree)
{
	int length, chosen = fdt_path_offset(tree, "/chosen");
	const char *path = chosen < 0 ? NULL : fdt_getprop(tree, chosen, "stdout-path", &length);
	const char *options;

	if (!path || length <= 0)
		return -FDT_ERR_NOTFOUND;
	options = memchr(path, ':', (size_t)length);
	return fdt_path_offset_namelen(tree, path, options ? (int)(options - path) : length - 1);
}

void console_init(const void *tree)
{
	int node = chosen_console(tree);
	struct hal_range range;
	void *registers;

	if (node < 0 || fdt_node_check_compatible(tree, node, "arm,pl011") || !tree_reg(tree, node, 0, &range))
		return;
	registers = kernel_map_device(range.start, range.end - range.start);
	if (registers)
		base = (uintptr_t)registers;
}
