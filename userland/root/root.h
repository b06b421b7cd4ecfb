/* SPDX-License-Identifier: BSD-2-Clause */
/* The root component: what its files share. */
#ifndef ROOT_H
#define ROOT_H

#include "archive.h"
#include "build.h"
#include "ending.h"
#include "spawn.h"

/* The one record of the root component. */
struct root {
	const struct boot_info *info;
	struct system_state system;
	struct builder builder; /* its untyped is `home` once set up */
	handle_t home;          /* Untyped that everything for children is created from */
	handle_t devices;       /* Untyped of devices that covers addresses where none is; HANDLE_NONE: there is none */
	handle_t console;       /* the console's registers: Memory, Ports or Firmware; HANDLE_NONE: there is none */
	handle_t configuration, window; /* of PCI, as machine.h says; HANDLE_NONE: there is none */
	handle_t transport;     /* of virtio, as machine.h says; HANDLE_NONE: there is none */
	handle_t endpoint;      /* children talk to it */
	handle_t alarm;         /* Notification bound to the root's thread: time limits */
	word_t badge;           /* of the newest child */
};

/* Bit of `alarm` that says that a child's time is over. */
enum { ALARM_LATE = 1 };

/* Priorities: the root component stands above all of its children. */
enum { ROOT_PRIORITY = 255, CHILD_PRIORITY = 100, CHILD_CEILING = 200 };

/* resources.c: chooses and makes what the record holds. NULL, or what went wrong. */
const char *resources_prepare(struct root *root, const struct boot_info *info);

/* Bytes free in `home`, and in the pool of the root's Space. */
struct resources_free {
	word_t home;
	word_t pool;
};
struct resources_free resources_measure(const struct root *root);

/* All of `home` and `devices` is free again. BUSY: something that was created from them lives. */
enum error resources_reset(const struct root *root);

/* Bytes of Untyped for one child that takes 1 / `share` of `home`: a power of two. */
size_t resources_share(const struct root *root, word_t share);

/* machine.c: checks the device tree and prints what it says. NULL, or what is wrong with it. */
const char *machine_report(const struct boot_info *info, const char *prefix);

/* Does a PCI host bridge answer at the physical address, whatever is behind it, or has it its registers in the range that begins there? */
bool machine_bridged(const struct boot_info *info, uint64_t address, uint64_t size);

/*
 * devices.c: device Memory of `size` bytes (whole pages) at a physical address. It is taken from an Untyped from its low end up, so
 * what lies lower is lost. BAD_ARGUMENT: no Untyped has it any more.
 */
enum error devices_memory(struct root *root, uint64_t address, size_t size, handle_t *out);

/* Fills in root->console, configuration, window. */
void devices_prepare(struct root *root);

/* component.c: one more capability for a child; HANDLE_NONE, what the machine does not have, is left out. */
void component_gift(struct program_spec *spec, handle_t handle, handle_t slot, word_t rights);

/* component.c: a child from its specification (parent and badge are filled in) to its end. */
typedef void component_listener(struct root *root, const struct message *m, void *context);

/*
 * Starts the child, passes its messages to `listen` (NULL: nobody cares) and returns when it has ended; *ending says how.
 * `seconds`: time limit, 0: none; then it is killed. NULL, or why it was not started.
 */
const char *component_run(struct root *root, struct program_spec *spec, word_t seconds, component_listener *listen,
	void *context, struct ending *ending);

/* suite.c: runs the archive's test programs; true if all is well. */
bool suite_run(struct root *root);

#endif
