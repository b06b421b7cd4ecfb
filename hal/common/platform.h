/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What firmware says of a machine with ACPI, checked and copied, before it becomes a device tree.
 */
#ifndef PLATFORM_H
#define PLATFORM_H

#include "kernel/hal.h"

enum {
	PLATFORM_RANGES = 128,
	PLATFORM_CPUS = 256,
	PLATFORM_IOAPICS = 8,
	PLATFORM_ECAMS = 8,
	PLATFORM_ISA_IRQS = 16,
	PLATFORM_TRANSPORTS = 32,
	PHANDLE_IOAPIC = 1, /* in the tree, and following */
	PHANDLE_PCI = PHANDLE_IOAPIC + PLATFORM_IOAPICS,
	PHANDLE_ISA = PHANDLE_PCI + PLATFORM_ECAMS,
	COMMAND_LINE_MAX = 2048,
	LOW_MEMORY_END = 0x100000, /* below: firmware's data, the old devices, and where other cores start */
};

/* How an interrupt is signalled, in the device tree's usual encoding. */
enum sense { SENSE_EDGE_HIGH = 1, SENSE_EDGE_LOW = 2, SENSE_LEVEL_HIGH = 4, SENSE_LEVEL_LOW = 8 };

struct isa_irq {
	uint32_t gsi; /* global system interrupt: numbers the inputs of all IOAPICs */
	enum sense sense;
};

struct ioapic {
	uint64_t address;
	uint32_t gsi_base;
};

/* Registers of a virtio device (Virtio 1.2, 4.2), and its input of an IOAPIC: a high level. */
struct transport {
	struct hal_range range;
	unsigned ioapic, input;
};

/* PCI configuration space of some buses, 1 MiB a bus. */
struct ecam {
	struct hal_range range;
	uint16_t segment;
	uint8_t bus_first, bus_last;
};

struct range_list {
	unsigned count;
	struct hal_range range[PLATFORM_RANGES];
};

struct platform {
	/* From the caller, who asks the processor. */
	uint64_t physical_end; /* first address that it cannot form */
	uint32_t boot_cpu;

	struct range_list ram; /* whole pages from 1 MiB on, nowhere overlapping */
	uint64_t low_page; /* a page of RAM below 1 MiB, where other cores can start; 0: there is none */
	struct range_list reserved; /* what the memory map names and is not RAM, and the ecams; may overlap RAM */
	char command_line[COMMAND_LINE_MAX];
	struct hal_range archive; /* the first boot module; end 0: none */
	uint64_t rsdp; /* physical, or 0 */

	uint32_t cpu[PLATFORM_CPUS]; /* numbers of their local interrupt controllers */
	unsigned cpus;
	struct ioapic ioapic[PLATFORM_IOAPICS];
	unsigned ioapics;
	struct isa_irq isa_irq[PLATFORM_ISA_IRQS];
	struct ecam ecam[PLATFORM_ECAMS];
	unsigned ecams;
	struct transport transport[PLATFORM_TRANSPORTS];
	unsigned transports;
	struct hal_range kept; /* registers that a board's own driver uses; end 0: none */
};

/* An entry of firmware's memory map. */
struct memory_entry {
	uint64_t address, size;
	uint32_t type;
} __attribute__((packed));

/* platform_memory.c, for what reads a boot protocol's data: `count` entries at `map`, one each `stride` bytes; the command line at
   `address`, 0: none. Return why not, or NULL. */
const char *platform_memory_map(struct platform *p, uint64_t map, uint32_t count, size_t stride);
const char *platform_command_line(struct platform *p, uint64_t address);

/* linux_boot.c: the same as pvh_read, from boot_params. */
const char *linux_boot_read(uint32_t boot_params, struct platform *p);

/* pvh.c: memory map, command line, archive, RSDP. Returns why not, or NULL. */
const char *pvh_read(uint32_t start_info, struct platform *p);

/* platform.c: the rest, from ACPI. What firmware does not say, or says wrongly, stays at the standard PC's values. */
void platform_read(struct platform *p);

/* platform_tree.c: writes the flattened device tree. Returns why not, or NULL. */
const char *tree_build(const struct platform *p, void *tree, size_t size);

#endif
