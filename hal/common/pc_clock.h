/* SPDX-License-Identifier: BSD-2-Clause */
/* The time stamp counter as the system's clock. */
#ifndef PC_CLOCK_H
#define PC_CLOCK_H

/* Measures the counter's frequency; interrupts off. Takes 25 ms. */
void clock_init(void);

#endif
