/* SPDX-License-Identifier: BSD-2-Clause */
/* The local interrupt controller and its timer. */
#ifndef APIC_H
#define APIC_H

#include <stdint.h>

enum { APIC_REGION_SIZE = 1 << 20 }; /* physical addresses that the local controllers and MSIs claim */

/* Masks the 8259 pair, enables the local controller, measures its timer. hal_clock must be known. */
void apic_init(void);

uint64_t apic_physical(void);

/* End of interrupt. */
void apic_acknowledge(void);

/* The timer's interrupt came. */
void apic_timer_expired(void);

#endif
