/* SPDX-License-Identifier: BSD-2-Clause */
/* What the console needs of a device. One driver is chosen by `compatible`; all else is the same on every machine. */
#ifndef DRIVER_H
#define DRIVER_H

#include "console.h"
#include "devices.h"

/* The device as its node describes it. */
struct console_device {
	struct builder *builder;
	const void *tree;
	int node;
	struct device_range range; /* of its registers */
	volatile uint8_t *registers; /* where they are mapped, if they are memory */
};

struct driver {
	const char *const *compatible; /* the last one is NULL */
	bool transmit_interrupt;       /* it can say that it takes more */

	/* Whatever state it is in, it is ready to send and receive afterwards, and raises no interrupt. False: not with these registers. */
	bool (*start)(const struct console_device *device);

	/* The next byte that came. False: there is none. */
	bool (*receive)(uint8_t *byte);

	/* False: it does not take the byte now. */
	bool (*send)(uint8_t byte);

	/* From now on it interrupts for what comes and, if `more`, when it takes bytes again. */
	void (*listen)(bool more);

	/* Takes back what it interrupted for. False: there was nothing. */
	bool (*settle)(void);
};

extern const struct driver driver_pl011, driver_16550, driver_sifive, driver_terminal, driver_opal;

#endif
