/* SPDX-License-Identifier: BSD-2-Clause */
/* The other cores: which there are, starting and stopping them. */
#ifndef SECONDARY_H
#define SECONDARY_H

#include "platform.h"

/* Numbers the cores: this one is 0, the others follow in the order of the tree's /cpus. */
void secondary_init(const struct platform *p);

/* The local interrupt controller of a core. */
uint32_t secondary_apic(unsigned core);

/* This core can be stopped from now on. */
void secondary_arrived(void);

/* The machine ends: the other cores stop where they are. If one of them was the first to call this, it does not return. */
void secondary_stop(void);

/* Does not return if another core called secondary_stop: this one's NMI came from there. */
void secondary_stopped(void);

#endif
