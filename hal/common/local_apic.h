/* SPDX-License-Identifier: BSD-2-Clause */
/* The local interrupt controller and its timer. */
#ifndef LOCAL_APIC_H
#define LOCAL_APIC_H

#include <stdint.h>

enum { APIC_REGION_SIZE = 1 << 20 }; /* physical addresses that the local controllers and MSIs claim */

/* Boot core: masks the 8259 pair, enables the local controller, measures its timer. hal_clock must be known. */
void apic_init(void);

/* Every other core. */
void apic_core_init(void);

uint64_t apic_physical(void);

/* End of interrupt. */
void apic_acknowledge(void);

/* End of one that should have no end (SDM 3A, 10.9), unless it was a message: devices can send any vector. */
void apic_acknowledge_spurious(unsigned vector);

/* The timer's interrupt came. */
void apic_timer_expired(void);

/* Messages from core to core (SDM 3A, 10.6.1). A fixed one has its vector in the low byte. */
enum {
	APIC_MESSAGE_FIXED = 0,
	APIC_MESSAGE_INIT = 0x4500,
	APIC_MESSAGE_STARTUP = 0x4600, /* + number of the page where it starts */
	APIC_MESSAGE_NMI = 0x4400,
};

/* Sends one to the core that has the local controller `apic`. What was stored before is visible to it: registers are uncached. */
void apic_send(uint32_t apic, uint32_t message);

#endif
