/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An I/O interrupt controller (Intel 82093AA data sheet): turns its inputs into interrupt messages to local
 * controllers. The caller sees to it that one core at a time calls these for one of them.
 */
#ifndef IOAPIC_H
#define IOAPIC_H

#include <stdbool.h>
#include <stdint.h>

/* How an input asks, and what is sent then. */
struct ioapic_route {
	bool level; /* else: edge */
	bool low; /* active low, or falling edge */
	uint8_t vector;
	uint8_t apic; /* the receiver */
};

/* Masks all inputs; returns how many there are. */
unsigned ioapic_init(volatile void *registers);

/* The input stays or becomes masked. */
void ioapic_route(volatile void *registers, unsigned input, struct ioapic_route route);

/* Edges that come while it is masked are lost. */
void ioapic_mask(volatile void *registers, unsigned input, bool masked);

#endif
