/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's PCI device "edu": raises an interrupt when it is told to, by its pin or by a message. The real source of interrupts that all
 * machines with PCI have. Found and driven through MACHINE_CONFIGURATION and MACHINE_WINDOW.
 */
#ifndef EDU_H
#define EDU_H

#include "device.h"

struct edu {
	int bridge;          /* its host bridge in the tree */
	uint32_t requester;  /* bus, device, function */
	volatile uint32_t *registers; /* in the byte order that QEMU takes for the processor's, whichever mode that is in */
	bool swapped;                 /* and that is not the program's */
};

/* Does the tree have a host bridge? Without one there is no PCI. */
bool edu_bridged(struct builder *b);

/* Finds it and makes it answer in the window. False: it is not there. */
bool edu_open(struct builder *b, struct edu *edu);

/* From now on it interrupts by its pin INTA. */
void edu_use_pin(const struct edu *edu);

/* ... by writing `data` to `address`. False: it cannot. */
bool edu_use_message(const struct edu *edu, uint64_t address, uint32_t data);

/* Asks for an interrupt: a pin stays raised until edu_lower(), a message is sent each time. */
void edu_raise(const struct edu *edu);
void edu_lower(const struct edu *edu);

#endif
