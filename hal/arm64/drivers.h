/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a machine has instead of another one's devices: drivers for it put themselves into lists, which the linker script
 * collects, and the device tree chooses. So a board's directory adds a driver by compiling it.
 */
#ifndef HAL_ARM64_DRIVERS_H
#define HAL_ARM64_DRIVERS_H

#include "kernel/hal.h"

struct core;

/* ---- interrupt controllers: the first one whose node is in the tree is used ---- */

struct controller {
	const char *compatible; /* of the one that has the interrupts of each core itself, as the timer's */

	/* Once, on the boot core: takes what it needs and says what is the kernel's alone. The text says what is missing. */
	const char *(*init)(const void *tree, int node, struct hal_boot *boot);

	/* Remembers what belongs to the core with this affinity. False: the controller does not serve it. */
	bool (*add_core)(const void *tree, int node, struct core *core);

	/* On each core, for itself: the timer's interrupt and those from core to core are on, no other. False: it has no interface
	   to the controller. */
	bool (*init_core)(void);

	/* Sends an INTERRUPT_... (arm64.h) to a core, which sees what was stored before. */
	void (*send)(const struct core *to, unsigned interrupt);

	/* An interrupt came: calls timer_expired(), core_ipi(), core_park() or core_interrupt(). */
	void (*handle)(void);

	/* The number of the interrupt of the timer with these cells; false: it cannot be the timer's. */
	bool (*timer)(const uint32_t *cells, unsigned count, unsigned *interrupt);

	/* As hal_irq_translate(), hal_irq_route(), hal_irq_mask(). */
	bool (*translate)(uint32_t controller, const uint32_t *cells, unsigned count, unsigned *irq, enum hal_trigger *trigger);
	void (*route)(unsigned irq, unsigned core, enum hal_trigger trigger);
	void (*mask)(unsigned irq, bool masked);
};

/* ---- how cores are started: by the "enable-method" of their nodes ---- */

struct starter {
	const char *method;

	/* Can the core of this node be started? Its number will be `core`. */
	bool (*take)(const void *tree, int node, unsigned core);

	/* It begins at secondary_entry, with x0 = its struct core (physical). False: the firmware refused. */
	bool (*start)(unsigned core);
};

/* ---- ends of the machine beside semihosting ---- */

struct stopper {
	const char *compatible;
	void (*init)(const void *tree, int node, struct hal_boot *boot);
	void (*stop)(bool again); /* off, or off and on again; returns if it cannot */
};

/* The alignment: without it the compiler may choose a larger one, and there would be gaps in the lists. */
#define DRIVER(list) __attribute__((section(list), used, aligned(8)))
#define CONTROLLER   static const struct controller DRIVER(".controllers")
#define STARTER	     static const struct starter DRIVER(".starters")
#define STOPPER	     static const struct stopper DRIVER(".stoppers")

extern const struct controller controllers_start[], controllers_end[];
extern const struct starter starters_start[], starters_end[];
extern const struct stopper stoppers_start[], stoppers_end[];

#endif
