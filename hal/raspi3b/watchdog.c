/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Power management of BCM2835 (what its registers do is not in Broadcom's manual, but in Linux's bcm2835_wdt.c): the watchdog starts the
 * machine again; with the number of a partition that does not exist the firmware then leaves it off.
 */
#include "arm64.h"
#include "drivers.h"
#include "io.h"

enum {
	RESET_CONTROL = 0x1c,
	RESET_STATUS = 0x20,
	WATCHDOG = 0x24,
	CONTROL_KIND = 3 << 4,
	CONTROL_FULL_RESET = 2 << 4,
	STATUS_OFF = 0x555, /* partition 63, in every second bit */
	STATUS_PARTITION = 0x555,
	SOON = 10, /* in 1/65536 s */
};

#define PASSWORD 0x5a000000u /* or a write is nothing */

static uint8_t *registers;

static void init(const void *tree, int node, struct hal_boot *boot)
{
	struct hal_range range;

	if (!tree_reg(tree, node, 0, &range))
		return;
	keep_device(tree, node, boot);
	registers = kernel_map_device(range.start, range.end - range.start);
}

static void stop(bool again)
{
	uint32_t status;

	if (!registers)
		return;
	status = io_read32le(registers + RESET_STATUS) & ~(PASSWORD | STATUS_PARTITION);
	io_write32le(registers + RESET_STATUS, PASSWORD | status | (again ? 0 : STATUS_OFF));
	io_write32le(registers + WATCHDOG, PASSWORD | SOON);
	io_write32le(registers + RESET_CONTROL,
		     PASSWORD | (io_read32le(registers + RESET_CONTROL) & ~(uint32_t)(PASSWORD | CONTROL_KIND)) | CONTROL_FULL_RESET);
}

STOPPER watchdog = { "brcm,bcm2835-pm", init, stop };
