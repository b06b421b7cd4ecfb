/* SPDX-License-Identifier: BSD-2-Clause */
/* What the root component gives, beside what every program gets, to `monitor` and to those tests that look after devices. */
#ifndef MACHINE_H
#define MACHINE_H

#include "program.h"

enum machine_handle {
	MACHINE_TREE = PROGRAM_GIFTS, /* Memory [read]: the flattened device tree, from its first byte on */
	MACHINE_CONSOLE,              /* the console's registers: CONSOLE_REGISTERS of the console component (console.h) */
	/* PCI configuration space of bus 0: Memory (ECAM), or Firmware for RTAS calls */
	MACHINE_CONFIGURATION,
	MACHINE_WINDOW, /* Memory: the first MACHINE_WINDOW_SIZE bytes of the host bridge's first window for 32-bit memory */
	MACHINE_TRANSPORT, /* Memory: the page with the registers of the tree's first "virtio,mmio" */
};
enum { MACHINE_WINDOW_SIZE = 1024 * 1024 };

/* How the monitor ends: exit statuses that the root component understands. */
enum { MONITOR_OFF = 0, MONITOR_FAILED = 1, MONITOR_REBOOT = 2 };

#endif
