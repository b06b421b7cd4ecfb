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

/* Turns MSR[EE] on and returns after an interrupt (PAPR 14.11.3.3). */
void papr_cede(void);

/* Starts a core, by its server number, at a real address with `number` in r3. False: firmware refuses. */
bool papr_start_core(uint32_t server, uint32_t entry, unsigned number);

/* Interrupt sources have numbers from here on. */
#define PAPR_IRQ_FIRST 0x1000u

/* From now on the interrupt controller delivers to this core. */
void papr_interrupts_open(void);

/* Interrupts another core. */
void papr_interrupt_core(uint32_t server);

/* An external interrupt came to this core: takes and ends all that is pending. */
void papr_interrupt(void);

/* What the interrupt controller calls a core, and this one. The HAL supplies them. */
uint32_t papr_server(unsigned core);
uint32_t papr_this_server(void);

/* Interrupts keep the MMU on and come in the kernel's byte order. False: refused. */
bool papr_interrupts_mapped(void);

/* Radix translation through this process table of 2^shift bytes; the partition may use tlbie. False: refused. */
bool papr_register_process_table(uint64_t physical, unsigned shift);

#endif
