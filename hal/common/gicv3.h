/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arm Generic Interrupt Controller, versions 3 and 4 (IHI 0069), without translation services: distributor,
 * one redistributor per core, CPU interface in system registers. All interrupts are in group 1, at one priority.
 */
#ifndef HAL_GICV3_H
#define HAL_GICV3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From here on an interrupt number says that there is nothing to handle. */
enum { GICV3_SPURIOUS = 1020 };

/* Once: all shared interrupts off, the controller on. */
void gicv3_init(volatile void *distributor);

/* The redistributor of the core with this affinity (as in MPIDR_EL1) in a region of them; NULL: it is not there. */
void *gicv3_find_redistributor(void *region, size_t size, uint64_t affinity);

/* On each core, for itself: all private interrupts off, the CPU interface on. False: there is none. */
bool gicv3_init_core(volatile void *redistributor);

/* Sends software generated interrupt 0..15 to the core with this affinity; it sees what was stored before. */
void gicv3_send(uint64_t affinity, unsigned interrupt);

/* Shared interrupts are those from GICV3_SHARED to below this number. */
enum { GICV3_SHARED = 32 };
unsigned gicv3_interrupts(volatile void *distributor);

/* A shared interrupt goes to the core with this affinity; it is masked. Not to be called for two interrupts at a time. */
void gicv3_route(volatile void *distributor, unsigned interrupt, uint64_t affinity, bool edge);

/* A masked shared interrupt stays pending. */
void gicv3_mask(volatile void *distributor, unsigned interrupt, bool masked);

/* Lets a private interrupt (0..31) of the redistributor's core through. */
void gicv3_enable_private(volatile void *redistributor, unsigned interrupt);

/* The pending interrupt of the highest priority, now active, or GICV3_SPURIOUS and above; and its end. */
unsigned gicv3_claim(void);
void gicv3_end(unsigned interrupt);

#endif
