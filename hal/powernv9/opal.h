/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls into OPAL, the firmware of a bare POWER machine (skiboot's doc/opal-api). What it reads and writes in memory is big-endian and
 * named by real addresses; it locks for itself.
 */
#ifndef OPAL_H
#define OPAL_H

#include <stdbool.h>
#include <stdint.h>

enum opal_token {
	OPAL_CONSOLE_WRITE = 1,
	OPAL_CEC_POWER_DOWN = 5,
	OPAL_CEC_REBOOT = 6,
	OPAL_HANDLE_INTERRUPT = 9,
	OPAL_POLL_EVENTS = 10,
	OPAL_SET_XIVE = 19,
	OPAL_START_CPU = 41,
	OPAL_REINIT_CPUS = 70,
	OPAL_CONSOLE_FLUSH = 117,
	OPAL_INT_GET_XIRR = 122,
	OPAL_INT_SET_CPPR = 123,
	OPAL_INT_EOI = 124,
};

enum opal_status { OPAL_SUCCESS = 0, OPAL_BUSY = -2, OPAL_PARTIAL = -3, OPAL_HARDWARE = -6, OPAL_BUSY_EVENT = -12 };

/* Where it is, as the kernel's entry was told. Before, each call is OPAL_HARDWARE. */
void opal_init(uint64_t base, uint64_t entry);

bool opal_is_there(void);

/* One call with up to four arguments. Any core, MMU on or off, interrupts off. */
int64_t opal(enum opal_token token, uint64_t a, uint64_t b, uint64_t c, uint64_t d);

/* The events that are outstanding, and a chance for OPAL to do its own work. */
uint64_t opal_events(void);

/* For opal.S: OPAL's base and entry; registers[0] = token, then r3..r9. */
struct opal_place {
	uint64_t base, entry;
};
int64_t opal_call(const uint64_t registers[8]);

#endif
