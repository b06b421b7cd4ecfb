/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding devices in the flattened device tree (Devicetree Specification 0.3), and making the capabilities that a driver needs.
 *
 * A node is libfdt's offset, negative if there is none; every function takes a negative one for an answer of its own ("no").
 * Nothing is remembered between calls, and nothing outside of the tree is read, whatever it says.
 *
 * Programs that use this link with user_devices, which has libfdt.
 */
#ifndef DEVICES_H
#define DEVICES_H

#include "build.h"

/* Is this a whole, well-formed tree of at most `size` bytes? To be asked before anything else. */
bool devices_check(const void *tree, size_t size);

/* ---- nodes ---- */

/* The next enabled node behind `after` (-1: the first) that is compatible with one of the texts, of which NULL is the last. */
int device_find(const void *tree, const char *const *compatible, int after);

/* The node with this path or alias; options behind a colon ("serial0:115200n8") do not count. */
int device_at(const void *tree, const char *path);

/* The one that /chosen names as the console (stdout-path). */
int device_console(const void *tree);

bool device_compatible(const void *tree, int node, const char *compatible);

/* Is there no property `status`, or does it say that the device is usable? */
bool device_enabled(const void *tree, int node);

/* The path of a node into `out`, `size` bytes. False: it does not fit. */
bool device_path(const void *tree, int node, char *out, size_t size);

/* ---- properties ---- */

/* Cell `index` of a property. */
bool device_cell(const void *tree, int node, const char *property, unsigned index, uint32_t *out);

/* A property of one cell; `otherwise`: there is none. */
uint32_t device_value(const void *tree, int node, const char *property, uint32_t otherwise);

/* What an address is an address of. */
enum device_space {
	DEVICE_MEMORY, /* physical addresses */
	DEVICE_PORTS,  /* I/O ports (x86) */
	DEVICE_UNIT,   /* a number on its bus, which the processor cannot reach by itself */
};

struct device_range {
	enum device_space space;
	uint64_t start, size;
};

/* Entry `index` of "reg", translated through the "ranges" of all buses above. */
bool device_range(const void *tree, int node, unsigned index, struct device_range *out);

/* Entry `index` of a bus's own "ranges": `flags` is the first cell of the child's address if that has three (PCI), `child` the
   rest, `to` what the processor sees. */
bool device_bus_window(const void *tree, int node, unsigned index, uint32_t *flags, uint64_t *child, struct device_range *to);

enum { DEVICE_CELLS_MAX = 3 };

/* An interrupt as system_interrupt() takes it. */
struct device_interrupt {
	uint32_t controller; /* phandle */
	unsigned count;
	uint32_t cells[DEVICE_CELLS_MAX];
};

/* Entry `index` of "interrupts-extended", or else of "interrupts" at the node's interrupt parent. */
bool device_interrupt(const void *tree, int node, unsigned index, struct device_interrupt *out);

/* Where pin `pin` (1: INTA) of the PCI function with this requester id leads, by the "interrupt-map" of its host bridge. */
bool device_pci_interrupt(const void *tree, int bridge, uint32_t requester, unsigned pin, struct device_interrupt *out);

/* Phandle for system_message_interrupt(): where messages of the functions below a PCI host bridge go ("msi-parent", "msi-map" with
   one entry), or the bridge itself. */
uint32_t device_message_bus(const void *tree, int bridge);

/* ---- capabilities ---- */

/*
 * The Interrupt that entry `index` of the node means, made in memory of the builder's Untyped. BAD_ARGUMENT: there is none, or
 * it is not one of devices. BUSY: it is made already.
 */
enum error device_make_interrupt(struct builder *b, handle_t system, const void *tree, int node, unsigned index, handle_t *out);

/*
 * What the registers of the node's entry `index` of "reg" are reached through, if it needs no device Untyped: Ports, or, of a device
 * that is firmware's (PAPR virtual terminal), Firmware for its calls. WRONG_KIND: it takes Memory.
 */
enum error device_make_access(struct builder *b, handle_t system, const void *tree, int node, unsigned index, handle_t *out);

#endif
