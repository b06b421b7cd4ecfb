/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor of a Power partition: calls that PAPR (Power Architecture Platform Reference) defines. papr.c
 * supplies hal_console_put and hal_stop on top of them.
 */
#ifndef PAPR_H
#define PAPR_H

#include <stdbool.h>
#include <stdint.h>

/* Takes the console's address and the numbers of firmware's services from the tree. Before, the console is the
   first terminal, and the numbers are QEMU's. */
void papr_init(const void *tree);

/* Waits for an interrupt; turns MSR[EE] on. */
void papr_cede(void);

/* The interrupt controller delivers nothing to this core. */
void papr_interrupts_mask(void);

/* Interrupts keep the MMU on. False: refused. */
bool papr_interrupts_mapped(void);

/* Radix translation through this process table of 2^shift bytes; the partition may use tlbie. False: refused. */
bool papr_register_process_table(uint64_t physical, unsigned shift);

#endif
