/* SPDX-License-Identifier: BSD-2-Clause */
/* The device library against a tree made here, whole and broken, and against the machine's own. */
#include <string.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include <libfdt.h> /* inline functions of others */
#pragma GCC diagnostic pop

#include "device.h"
#include "io.h"
#include "support.h"

enum { TREE_SIZE = 8192, CELLS_MAX = 16 };
enum { PIC = 1, LEAF_PIC = 2, MUTE = 3, LOOP_A = 4, LOOP_B = 5, BRIDGE = 6 };

static uint8_t tree[TREE_SIZE] __attribute__((aligned(8)));
static int error;

/* ---- writing ---- */

static void keep(int result)
{
	if (error == 0)
		error = result;
}

static void begin(const char *name)
{
	keep(fdt_begin_node(tree, name));
}

static void end(void)
{
	keep(fdt_end_node(tree));
}

static void text(const char *name, const char *value, size_t size)
{
	keep(fdt_property(tree, name, value, (int)size));
}

static void cells(const char *name, unsigned count, const uint32_t *value)
{
	fdt32_t big[CELLS_MAX];

	for (unsigned i = 0; i < count; i++)
		big[i] = cpu_to_fdt32(value[i]);
	keep(fdt_property(tree, name, big, (int)(count * sizeof *big)));
}

#define CELLS(name, ...) \
	cells(name, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), (const uint32_t[]){__VA_ARGS__})
#define TEXT(name, value) text(name, value, sizeof(value))

static void write_controllers(void)
{
	begin("pic");
	CELLS("phandle", PIC);
	CELLS("#interrupt-cells", 2);
	CELLS("#address-cells", 1);
	end();
	begin("leaf-pic");
	CELLS("phandle", LEAF_PIC);
	CELLS("#interrupt-cells", 1);
	end();
	begin("mute");
	CELLS("phandle", MUTE);
	end();
	begin("loop-a");
	CELLS("phandle", LOOP_A);
	CELLS("interrupt-parent", LOOP_B);
	end();
	begin("loop-b");
	CELLS("phandle", LOOP_B);
	CELLS("interrupt-parent", LOOP_A);
	end();
}

/* A bus in a bus: 0x100 here is 0x1100 there and 0x1_00001100 for the processor. */
static void write_buses(void)
{
	begin("outer");
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 1);
	CELLS("ranges", 0x1000, 1, 0x1000, 0x1000, 0x8000, 2, 0, 0x10);
	begin("inner");
	TEXT("compatible", "simple-bus");
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 1);
	CELLS("ranges", 0, 0x1000, 0x800);
	CELLS("interrupt-parent", LEAF_PIC);
	begin("uart@100");
	TEXT("compatible", "maker,special\0maker,uart");
	CELLS("reg", 0x100, 0x10, 0x7f8, 0x8, 0x7f8, 0x9, 0x900, 0x10);
	CELLS("interrupts", 7, 8);
	CELLS("reg-shift", 2);
	end();
	begin("uart@200");
	TEXT("compatible", "maker,uart");
	TEXT("status", "disabled");
	end();
	begin("uart@300");
	TEXT("compatible", "maker,uart");
	TEXT("status", "okay");
	CELLS("interrupts-extended", PIC, 3, 4, LEAF_PIC, 9, MUTE, 1);
	CELLS("interrupts", 1);
	end();
	end();
	begin("closed");
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 1);
	begin("unit@5");
	CELLS("reg", 5, 1);
	CELLS("interrupt-parent", LOOP_A);
	CELLS("interrupts", 1);
	end();
	end();
	end();
}

static void write_isa_and_pci(void)
{
	begin("isa");
	TEXT("compatible", "isa");
	CELLS("#address-cells", 2);
	CELLS("#size-cells", 1);
	begin("serial@i3f8");
	CELLS("reg", 1, 0x3f8, 8);
	end();
	end();
	begin("pci");
	CELLS("phandle", BRIDGE);
	CELLS("#address-cells", 3);
	CELLS("#size-cells", 2);
	CELLS("#interrupt-cells", 1);
	CELLS("ranges", 0x02000000, 0, 0x80000000, 0x20, 0x80000000, 0, 0x1000);
	CELLS("interrupt-map-mask", 0xf800, 0, 0, 7);
	CELLS("interrupt-map", 0x0800, 0, 0, 1, PIC, 99, 11, 12, 0x1000, 0, 0, 2, LEAF_PIC, 13);
	CELLS("msi-map", 0, MUTE, 0, 0x10000);
	begin("card");
	CELLS("reg", 0x03000000, 0, 0x80000100, 0, 0x100, 0x800, 0, 0, 0, 0);
	end();
	end();
}

static void write_tree(void)
{
	keep(fdt_create(tree, sizeof tree));
	keep(fdt_finish_reservemap(tree));
	begin("");
	CELLS("#address-cells", 2);
	CELLS("#size-cells", 1);
	begin("aliases");
	TEXT("serial0", "/outer/inner/uart@100");
	end();
	begin("chosen");
	TEXT("stdout-path", "serial0:115200n8");
	end();
	write_controllers();
	write_buses();
	write_isa_and_pci();
	end();
	keep(fdt_finish(tree));
	check(error == 0 && devices_check(tree, sizeof tree), "a tree is written");
	check(!devices_check(tree, 64) && !devices_check(NULL, 64), "half a tree and no tree are none");
}

/* ---- reading ---- */

static int uart(void)
{
	return device_at(tree, "/outer/inner/uart@100");
}

static void nodes(void)
{
	static const char *const uarts[] = {"maker,none", "maker,uart", NULL};
	int first = device_find(tree, uarts, -1), second = device_find(tree, uarts, first);
	char path[32];

	check(first >= 0 && first == uart() && device_compatible(tree, first, "maker,special"), "a device is found by any compatible text");
	check(second >= 0 && second == device_at(tree, "/outer/inner/uart@300") && device_find(tree, uarts, second) < 0,
	      "a disabled one is passed over");
	check(!device_enabled(tree, device_at(tree, "/outer/inner/uart@200")) && device_enabled(tree, first), "the property `status` tells");
	check(device_at(tree, "serial0:9600") == first && device_console(tree) == first, "aliases and the console's path, without options");
	check(device_at(tree, "/nowhere") < 0 && device_at(tree, "") < 0, "a path that leads nowhere");
	check(device_path(tree, first, path, sizeof path) && strcmp(path, "/outer/inner/uart@100") == 0, "a node's path");
	check(!device_path(tree, first, path, 8), "does not fit everywhere");
	check(!device_compatible(tree, -1, "maker,uart") && !device_enabled(tree, -1), "no node is nothing");
}

static void values(void)
{
	uint32_t value = 77;

	check_equal(device_value(tree, uart(), "reg-shift", 0), 2, "a property of one cell");
	check_equal(device_value(tree, uart(), "reg-io-width", 1), 1, "or what stands for it");
	check(device_cell(tree, uart(), "reg", 2, &value) && value == 0x7f8, "a cell of several");
	check(!device_cell(tree, uart(), "reg", 8, &value) && !device_cell(tree, -1, "reg", 0, &value) && value == 0x7f8, "cells that are not there");
}

static bool range_is(const char *path, unsigned index, enum device_space space, uint64_t start, uint64_t size)
{
	struct device_range r;

	return device_range(tree, device_at(tree, path), index, &r) && r.space == space && r.start == start && r.size == size;
}

static void addresses(void)
{
	struct device_range r;
	uint32_t flags;
	uint64_t child;
	int pci = device_at(tree, "/pci");

	check(range_is("/outer/inner/uart@100", 0, DEVICE_MEMORY, 0x100001100, 0x10), "an address goes through all buses");
	check(range_is("/outer/inner/uart@100", 1, DEVICE_MEMORY, 0x1000017f8, 8), "up to the end of a range");
	check(range_is("/outer/inner/uart@100", 2, DEVICE_UNIT, 0x7f8, 9), "not beyond");
	check(range_is("/outer/inner/uart@100", 3, DEVICE_UNIT, 0x900, 0x10), "nor outside");
	check(!device_range(tree, uart(), 4, &r) && !device_range(tree, -1, 0, &r) && !device_range(tree, 0, 0, &r), "there is no further one");
	check(range_is("/outer/closed/unit@5", 0, DEVICE_UNIT, 5, 1), "a bus without ranges does not lead through");
	check(range_is("/isa/serial@i3f8", 0, DEVICE_PORTS, 0x3f8, 8), "ports of the ISA bus");
	check(range_is("/pci/card", 0, DEVICE_MEMORY, 0x2080000100, 0x100), "memory of PCI, in either width");
	check(range_is("/pci/card", 1, DEVICE_UNIT, 0, 0), "its configuration space is no memory");
	check(device_bus_window(tree, pci, 0, &flags, &child, &r) && flags == 0x02000000 && child == 0x80000000 && r.start == 0x2080000000 &&
		      r.size == 0x1000,
	      "a window of a bridge");
	check(!device_bus_window(tree, pci, 1, &flags, &child, &r) && !device_bus_window(tree, 0, 0, &flags, &child, &r), "there is no other");
}

static bool interrupt_is(const char *path, unsigned index, uint32_t controller, unsigned count, uint32_t first)
{
	struct device_interrupt i;

	return device_interrupt(tree, device_at(tree, path), index, &i) && i.controller == controller && i.count == count && i.cells[0] == first;
}

static void interrupts(void)
{
	int pci = device_at(tree, "/pci");
	struct device_interrupt i;

	check(interrupt_is("/outer/inner/uart@100", 0, LEAF_PIC, 1, 7) && interrupt_is("/outer/inner/uart@100", 1, LEAF_PIC, 1, 8),
	      "the interrupt parent is inherited");
	check(!device_interrupt(tree, uart(), 2, &i), "there is no third one");
	check(interrupt_is("/outer/inner/uart@300", 0, PIC, 2, 3) && interrupt_is("/outer/inner/uart@300", 1, LEAF_PIC, 1, 9),
	      "interrupts-extended names its controllers, and comes first");
	check(!device_interrupt(tree, device_at(tree, "/outer/inner/uart@300"), 2, &i), "one that has no interrupts is none");
	check(!device_interrupt(tree, device_at(tree, "/outer/closed/unit@5"), 0, &i), "parents in a circle lead nowhere");
	check(!device_interrupt(tree, -1, 0, &i) && !device_interrupt(tree, 0, 0, &i), "nor does no node");
	check(device_pci_interrupt(tree, pci, 1 << 3, 1, &i) && i.controller == PIC && i.count == 2 && i.cells[0] == 11 && i.cells[1] == 12,
	      "a pin of PCI leads through the map");
	check(device_pci_interrupt(tree, pci, (2 << 3) | 5, 2, &i) && i.controller == LEAF_PIC && i.count == 1 && i.cells[0] == 13,
	      "its mask leaves the function out");
	check(!device_pci_interrupt(tree, pci, 1 << 3, 2, &i) && !device_pci_interrupt(tree, 0, 1 << 3, 1, &i), "one that is not in the map");
	check(device_message_bus(tree, pci) == MUTE && device_message_bus(tree, device_at(tree, "/loop-a")) == LOOP_A,
	      "where messages go");
}

/* Every cell of the tree's structure, one after another, with a wrong value: answers, whatever they are, and no faults. */
static void broken(void)
{
	static uint8_t copy[TREE_SIZE] __attribute__((aligned(8)));
	static const uint8_t wrong[] = {0, 0xff};
	size_t begins = fdt_off_dt_struct(tree), ends = begins + fdt_size_dt_struct(tree);
	unsigned tried = 0;

	for (size_t at = begins; at < ends; at += sizeof(uint32_t))
		for (size_t n = 0; n < sizeof wrong / sizeof wrong[0]; n++) {
			uint32_t flags;
			uint64_t child;
			struct device_range r;
			struct device_interrupt i;

			memcpy(copy, tree, sizeof copy);
			memset(copy + at, wrong[n], sizeof(uint32_t));
			if (!devices_check(copy, sizeof copy))
				continue;
			for (int node = 0; node >= 0; node = fdt_next_node(copy, node, NULL)) {
				(void)device_range(copy, node, 1, &r);
				(void)device_interrupt(copy, node, 1, &i);
				(void)device_bus_window(copy, node, 0, &flags, &child, &r);
				(void)device_pci_interrupt(copy, node, 16, 2, &i);
			}
			(void)device_console(copy);
			tried++;
		}
	check(tried > 100, "a tree with wrong values is read without harm");
}

static void machine(struct builder *b)
{
	const void *own = machine_tree(b);
	struct device_interrupt i;
	struct device_range r;
	int node = device_console(own);

	check(node >= 0 && device_enabled(own, node), "the machine's tree names a console");
	check(device_range(own, node, 0, &r) && device_interrupt(own, node, 0, &i), "it has registers and an interrupt");
}

/* Virtio devices in memory (Virtio 1.2, 4.2): what the tree says of them, and one answers where it says. A tree without them: nobody was
   given one. */
static void transports(struct builder *b)
{
	static const char *const compatible[] = {"virtio,mmio", NULL};
	enum { MAGIC = 0x74726976, VERSION = 1 };
	const void *own = machine_tree(b);
	int first = device_find(own, compatible, -1);
	struct device_interrupt i;
	struct device_range r;
	bool well = true;
	uintptr_t address;
	volatile uint8_t *registers;

	if (first < 0) {
		check(slot_empty(MACHINE_TRANSPORT), "a machine without virtio's registers has none to give");
		return;
	}
	for (int node = first; node >= 0; node = device_find(own, compatible, node))
		well = well && device_range(own, node, 0, &r) && r.space == DEVICE_MEMORY && r.size >= 0x100 && device_interrupt(own, node, 0, &i);
	check(well, "each virtio device in memory has registers and an interrupt");
	require(device_range(own, first, 0, &r) ? OK : ERROR_BAD_ARGUMENT);
	address = builder_take_addresses(b, PAGE_SIZE, PAGE_SIZE);
	require(build_map(b->space, MACHINE_TRANSPORT, address, RIGHT_READ | RIGHT_WRITE, 0, PAGE_SIZE));
	registers = (volatile uint8_t *)address + r.start % PAGE_SIZE;
	check(io_read32le(registers) == MAGIC && io_read32le(registers + sizeof(uint32_t)) >= VERSION, "and the first one answers there");
}

void test_run(struct builder *b)
{
	write_tree();
	nodes();
	values();
	addresses();
	interrupts();
	broken();
	machine(b);
	transports(b);
}
