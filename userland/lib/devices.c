/* SPDX-License-Identifier: BSD-2-Clause */
/* The device tree as drivers need it; see devices.h. Section numbers are those of the Devicetree Specification 0.3. */
#include "devices.h"

#include <string.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include <libfdt.h> /* inline functions of others */
#pragma GCC diagnostic pop

enum {
	ADDRESS_CELLS_MAX = 3,
	PATH_MAX = 128,

	ISA_IO = 1, /* first cell of an ISA address, bit 0: I/O port */
	PCI_SPACE_SHIFT = 24,
	PCI_SPACE_MASK = 3,       /* 0 configuration, 1 I/O, 2 and 3 memory */
	PCI_SPACE_MEMORY32 = 2,
	PCI_REQUESTER_SHIFT = 8, /* in the first cell of a PCI address: bus, device, function */

};

/* Consoles that firmware drives, and the calls that read and write them. */
static const struct terminal {
	const char *compatible;
	word_t first, last;
} terminals[] = {
	{"hvterm1", 0x54, 0x58},           /* H_GET_TERM_CHAR, H_PUT_TERM_CHAR: PAPR 16.6 */
	{"ibm,opal-console-raw", 1, 2},    /* OPAL_CONSOLE_WRITE, OPAL_CONSOLE_READ */
};

/* A property as cells. */
struct cells {
	const fdt32_t *cell;
	unsigned count;
};

/* ---- nodes ---- */

bool devices_check(const void *tree, size_t size)
{
	return tree != NULL && fdt_check_full(tree, size) == 0;
}

bool device_enabled(const void *tree, int node)
{
	int length;
	const char *status = fdt_getprop(tree, node, "status", &length);

	if (status == NULL)
		return node >= 0;
	return fdt_stringlist_contains(status, length, "okay") || fdt_stringlist_contains(status, length, "ok");
}

bool device_compatible(const void *tree, int node, const char *compatible)
{
	return node >= 0 && fdt_node_check_compatible(tree, node, compatible) == 0;
}

int device_find(const void *tree, const char *const *compatible, int after)
{
	for (int node = fdt_next_node(tree, after, NULL); node >= 0; node = fdt_next_node(tree, node, NULL))
		for (const char *const *text = compatible; *text != NULL; text++)
			if (device_compatible(tree, node, *text) && device_enabled(tree, node))
				return node;
	return -1;
}

int device_at(const void *tree, const char *path)
{
	const char *options = memchr(path, ':', strlen(path));

	return fdt_path_offset_namelen(tree, path, (int)(options != NULL ? (size_t)(options - path) : strlen(path)));
}

int device_console(const void *tree)
{
	static const char *const names[] = {"stdout-path", "linux,stdout-path"};
	int chosen = fdt_path_offset(tree, "/chosen"), length;

	for (size_t i = 0; chosen >= 0 && i < sizeof names / sizeof names[0]; i++) {
		const char *path = fdt_getprop(tree, chosen, names[i], &length);

		if (path != NULL && length > 0 && path[length - 1] == '\0')
			return device_at(tree, path);
	}
	return -1;
}

bool device_path(const void *tree, int node, char *out, size_t size)
{
	return fdt_get_path(tree, node, out, (int)size) == 0;
}

/* ---- properties ---- */

static struct cells property(const void *tree, int node, const char *name)
{
	int length;
	const fdt32_t *cell = fdt_getprop(tree, node, name, &length);

	return (struct cells){cell, cell != NULL ? (unsigned)length / sizeof *cell : 0};
}

/* The highest cell first; more than two: the lowest two. */
static uint64_t number(const fdt32_t *cell, unsigned count)
{
	uint64_t value = 0;

	for (; count > 0; count--)
		value = value << 32 | fdt32_ld(cell++);
	return value;
}

bool device_cell(const void *tree, int node, const char *name, unsigned index, uint32_t *out)
{
	struct cells p = property(tree, node, name);

	if (index >= p.count)
		return false;
	*out = fdt32_ld(p.cell + index);
	return true;
}

uint32_t device_value(const void *tree, int node, const char *name, uint32_t otherwise)
{
	uint32_t value;

	return device_cell(tree, node, name, 0, &value) ? value : otherwise;
}

/* ---- addresses: 2.3.5, 2.3.6, 2.3.8 ---- */

/* An address on a bus. */
struct address {
	uint32_t flags;  /* its first cell, if it has three */
	uint64_t number; /* the rest */
};

/* #address-cells, #size-cells of a bus; what cannot be right is 0. */
static unsigned address_cells(const void *tree, int bus)
{
	uint32_t count = device_value(tree, bus, "#address-cells", 2);

	return count <= ADDRESS_CELLS_MAX ? count : 0;
}

static unsigned size_cells(const void *tree, int bus)
{
	uint32_t count = device_value(tree, bus, "#size-cells", 1);

	return count <= 2 ? count : 0;
}

static struct address address_at(const fdt32_t *cell, unsigned count)
{
	bool flagged = count == ADDRESS_CELLS_MAX;

	return (struct address){
		.flags = flagged ? fdt32_ld(cell) : 0,
		.number = flagged ? number(cell + 1, count - 1) : number(cell, count),
	};
}

/* Do both mean the same space? 32-bit and 64-bit memory of PCI do. */
static bool same_space(uint32_t a, uint32_t b)
{
	unsigned first = a >> PCI_SPACE_SHIFT & PCI_SPACE_MASK, second = b >> PCI_SPACE_SHIFT & PCI_SPACE_MASK;

	return first == second || (first >= PCI_SPACE_MEMORY32 && second >= PCI_SPACE_MEMORY32);
}

/* One level up through the "ranges" of a bus, which may be empty: the same numbers. False: it does not lead through. */
static bool translate(const void *tree, int bus, int parent, struct address *a, uint64_t size)
{
	unsigned child = address_cells(tree, bus), above = address_cells(tree, parent), bytes = size_cells(tree, bus);
	struct cells ranges = property(tree, bus, "ranges");

	if (ranges.cell == NULL || child == 0 || above == 0)
		return false;
	if (ranges.count == 0)
		return true;
	for (unsigned at = 0; at + child + above + bytes <= ranges.count; at += child + above + bytes) {
		struct address from = address_at(ranges.cell + at, child), to = address_at(ranges.cell + at + child, above);
		uint64_t length = number(ranges.cell + at + child + above, bytes);

		if (!same_space(from.flags, a->flags) || a->number < from.number || a->number - from.number >= length ||
		    size > length - (a->number - from.number))
			continue;
		*a = (struct address){to.flags, to.number + (a->number - from.number)};
		return true;
	}
	return false;
}

/* Up to the root. */
static bool translate_all(const void *tree, int bus, struct address *a, uint64_t size)
{
	for (int parent; bus > 0; bus = parent) {
		parent = fdt_parent_offset(tree, bus);
		if (parent < 0 || !translate(tree, bus, parent, a, size))
			return false;
	}
	return bus == 0;
}

bool device_range(const void *tree, int node, unsigned index, struct device_range *out)
{
	int bus = fdt_parent_offset(tree, node);
	unsigned address = address_cells(tree, bus), size = size_cells(tree, bus), at = index * (address + size);
	struct cells reg = property(tree, node, "reg");
	struct address a;

	if (bus < 0 || address == 0 || at + address + size > reg.count)
		return false;
	a = address_at(reg.cell + at, address);
	*out = (struct device_range){DEVICE_UNIT, a.number, number(reg.cell + at + address, size)};
	if (device_compatible(tree, bus, "isa") && address == 2 && (a.number >> 32 & ISA_IO) != 0) {
		out->space = DEVICE_PORTS;
		out->start = (uint32_t)a.number;
	} else if (size != 0 && translate_all(tree, bus, &a, out->size)) {
		out->space = DEVICE_MEMORY;
		out->start = a.number;
	}
	return true;
}

bool device_bus_window(const void *tree, int node, unsigned index, uint32_t *flags, uint64_t *child, struct device_range *to)
{
	int parent = fdt_parent_offset(tree, node);
	unsigned below = address_cells(tree, node), above = address_cells(tree, parent), size = size_cells(tree, node);
	unsigned at = index * (below + above + size);
	struct cells ranges = property(tree, node, "ranges");
	struct address from, a;

	if (parent < 0 || below == 0 || above == 0 || at + below + above + size > ranges.count)
		return false;
	from = address_at(ranges.cell + at, below);
	a = address_at(ranges.cell + at + below, above);
	*to = (struct device_range){DEVICE_MEMORY, 0, number(ranges.cell + at + below + above, size)};
	if (!translate_all(tree, parent, &a, to->size))
		return false;
	*flags = from.flags;
	*child = from.number;
	to->start = a.number;
	return true;
}

/* ---- interrupts: 2.4 ---- */

/* `count` cells at `cell` mean an interrupt of the controller with this phandle. */
static bool interrupt_of(uint32_t controller, const fdt32_t *cell, unsigned count, struct device_interrupt *out)
{
	if (controller == 0 || count == 0 || count > DEVICE_CELLS_MAX)
		return false;
	*out = (struct device_interrupt){.controller = controller, .count = count};
	for (unsigned i = 0; i < count; i++)
		out->cells[i] = fdt32_ld(cell + i);
	return true;
}

static unsigned interrupt_cells(const void *tree, int controller)
{
	uint32_t count = device_value(tree, controller, "#interrupt-cells", 0);

	return count <= DEVICE_CELLS_MAX ? count : 0;
}

/* Each entry names its controller. */
static bool extended(const void *tree, struct cells list, unsigned index, struct device_interrupt *out)
{
	for (unsigned at = 0; at < list.count; index--) {
		uint32_t controller = fdt32_ld(list.cell + at);
		unsigned count = interrupt_cells(tree, fdt_node_offset_by_phandle(tree, controller));

		if (count == 0 || count > list.count - at - 1)
			return false;
		if (index == 0)
			return interrupt_of(controller, list.cell + at + 1, count, out);
		at += 1 + count;
	}
	return false;
}

/* The nearest node above that has interrupts: named by the property `interrupt-parent`, or the parent in the tree. */
static int interrupt_parent(const void *tree, int node)
{
	enum { STEPS = 32 }; /* phandles could go in a circle */
	uint32_t parent;

	for (unsigned i = 0; i < STEPS && node >= 0; i++) {
		if (device_cell(tree, node, "interrupt-parent", 0, &parent))
			node = fdt_node_offset_by_phandle(tree, parent);
		else
			node = fdt_parent_offset(tree, node);
		if (interrupt_cells(tree, node) != 0)
			return node;
	}
	return -1;
}

bool device_interrupt(const void *tree, int node, unsigned index, struct device_interrupt *out)
{
	struct cells list = property(tree, node, "interrupts-extended");
	unsigned count;
	int parent;

	if (list.cell != NULL)
		return extended(tree, list, index, out);
	list = property(tree, node, "interrupts");
	parent = interrupt_parent(tree, node);
	count = interrupt_cells(tree, parent);
	if (count == 0 || index >= list.count / count)
		return false;
	return interrupt_of(fdt_get_phandle(tree, parent), list.cell + index * count, count, out);
}

bool device_pci_interrupt(const void *tree, int bridge, uint32_t requester, unsigned pin, struct device_interrupt *out)
{
	enum { UNIT = 4 }; /* three cells of address and the pin */
	const uint32_t unit[UNIT] = {requester << PCI_REQUESTER_SHIFT, 0, 0, pin};
	struct cells map = property(tree, bridge, "interrupt-map"), mask = property(tree, bridge, "interrupt-map-mask");
	unsigned at = 0;

	while (mask.count == UNIT && at + UNIT < map.count) {
		uint32_t controller = fdt32_ld(map.cell + at + UNIT);
		int node = fdt_node_offset_by_phandle(tree, controller);
		unsigned address = (unsigned)device_value(tree, node, "#address-cells", 0), count = interrupt_cells(tree, node);
		unsigned cells = at + UNIT + 1 + address;
		bool same = true;

		if (count == 0 || address > ADDRESS_CELLS_MAX || cells + count > map.count)
			return false;
		for (unsigned i = 0; i < UNIT; i++)
			same = same && (fdt32_ld(map.cell + at + i) & fdt32_ld(mask.cell + i)) == (unit[i] & fdt32_ld(mask.cell + i));
		if (same)
			return interrupt_of(controller, map.cell + cells, count, out);
		at = cells + count;
	}
	return false;
}

uint32_t device_message_bus(const void *tree, int bridge)
{
	enum { ENTRY = 4, ENTRY_CONTROLLER = 1 };
	struct cells map = property(tree, bridge, "msi-map");
	uint32_t controller;

	if (device_cell(tree, bridge, "msi-parent", 0, &controller))
		return controller;
	return map.count == ENTRY ? fdt32_ld(map.cell + ENTRY_CONTROLLER) : fdt_get_phandle(tree, bridge);
}

/* ---- capabilities ---- */

/* A slot for what System makes. */
static handle_t new_slot(struct builder *b, handle_t *out)
{
	*out = builder_take_slots(b, 1);
	return *out;
}

static enum error keep(struct builder *b, enum error error, handle_t *slot)
{
	if (error != OK) {
		builder_put_slots(b, *slot, 1);
		*slot = HANDLE_NONE;
	}
	return error;
}

enum error device_make_interrupt(struct builder *b, handle_t system, const void *tree, int node, unsigned index, handle_t *out)
{
	struct device_interrupt i;

	*out = HANDLE_NONE;
	if (!device_interrupt(tree, node, index, &i))
		return ERROR_BAD_ARGUMENT;
	if (new_slot(b, out) == HANDLE_NONE)
		return ERROR_NO_MEMORY;
	return keep(b, system_interrupt(system, b->untyped, i.controller, i.cells, i.count, *out), out);
}

/* NULL: it is none. */
static const struct terminal *terminal_of(const void *tree, int node)
{
	for (size_t i = 0; i < sizeof(terminals) / sizeof(terminals[0]); i++)
		if (device_compatible(tree, node, terminals[i].compatible))
			return &terminals[i];
	return NULL;
}

enum error device_make_access(struct builder *b, handle_t system, const void *tree, int node, unsigned index, handle_t *out)
{
	struct device_range range;
	const struct terminal *terminal = terminal_of(tree, node);

	*out = HANDLE_NONE;
	if (!device_range(tree, node, index, &range))
		return ERROR_BAD_ARGUMENT;
	if (range.space != DEVICE_PORTS && terminal == NULL)
		return ERROR_WRONG_KIND;
	if (new_slot(b, out) == HANDLE_NONE)
		return ERROR_NO_MEMORY;
	if (terminal != NULL)
		return keep(b, system_firmware(system, terminal->first, terminal->last, *out), out);
	return keep(b, system_ports(system, (word_t)range.start, (word_t)range.size, *out), out);
}
