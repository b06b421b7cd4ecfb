/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The flattened device tree of a PC, so that core and user level need not know of ACPI. README.md
 * describes the nodes.
 *
 * PCI functions use MSIs only: where their interrupt pins lead is known to AML alone.
 */
#include "platform.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion" /* inline functions of libfdt's */
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include <libfdt.h>

#include <string.h>
#pragma GCC diagnostic pop

enum {
	ISA_IRQ_SERIAL = 4,
	ISA_IRQ_CLOCK = 8,
	ISA_IO = 1, /* first cell of an ISA address: I/O port */

	PCI_MEMORY32 = 0x02000000, /* IEEE 1275 PCI binding, 2.2.1.1 */
	PCI_MEMORY64 = 0x43000000, /* prefetchable */
	PCI_WINDOWS_MAX = 8,
	PCI_WINDOW_CELLS = 7,
	PCI_WINDOW_MIN = 1 << 24,
	DEVICES_START = 0xfec00000, /* interrupt controllers, firmware */
};
#define FOUR_GIB (1ull << 32)

/* The tree being written; the first error sticks. */
struct writer {
	void *tree;
	int error;
};

static void keep_error(struct writer *w, int result)
{
	if (w->error == 0)
		w->error = result;
}

static void node_begin(struct writer *w, const char *name)
{
	keep_error(w, fdt_begin_node(w->tree, name));
}

/* A node "name@address". */
static void node_begin_at(struct writer *w, const char *name, uint64_t address)
{
	char text[48];
	size_t length = strlen(name), digits = 1;

	memcpy(text, name, length);
	text[length++] = '@';
	while (digits < 16 && address >> 4 * digits != 0)
		digits++;
	while (digits > 0)
		text[length++] = "0123456789abcdef"[address >> 4 * --digits & 15];
	text[length] = '\0';
	node_begin(w, text);
}

static void node_end(struct writer *w)
{
	keep_error(w, fdt_end_node(w->tree));
}

static void property_text(struct writer *w, const char *name, const char *value)
{
	keep_error(w, fdt_property(w->tree, name, value, (int)strlen(value) + 1));
}

static void property_flag(struct writer *w, const char *name)
{
	keep_error(w, fdt_property(w->tree, name, "", 0));
}

static void property_cell(struct writer *w, const char *name, uint32_t value)
{
	keep_error(w, fdt_property_u32(w->tree, name, value));
}

static void property_u64(struct writer *w, const char *name, uint64_t value)
{
	keep_error(w, fdt_property_u64(w->tree, name, value));
}

static void property_cells(struct writer *w, const char *name, const uint32_t *cells, unsigned count)
{
	void *data = NULL;

	keep_error(w, fdt_property_placeholder(w->tree, name, (int)(count * sizeof(uint32_t)), &data));
	for (unsigned i = 0; data != NULL && i < count; i++)
		fdt32_st((uint8_t *)data + i * sizeof(uint32_t), cells[i]);
}

/* Two cells each for address and size. */
static void property_range(struct writer *w, const char *name, struct hal_range range)
{
	uint64_t size = range.end - range.start;
	const uint32_t cells[] = {(uint32_t)(range.start >> 32), (uint32_t)range.start, (uint32_t)(size >> 32),
				  (uint32_t)size};

	property_cells(w, name, cells, 4);
}

static void cell_counts(struct writer *w, uint32_t address, uint32_t size)
{
	property_cell(w, "#address-cells", address);
	property_cell(w, "#size-cells", size);
}

static void write_chosen(struct writer *w, const struct platform *p)
{
	node_begin(w, "chosen");
	property_text(w, "bootargs", p->command_line);
	property_text(w, "stdout-path", "/isa/serial@i3f8");
	if (p->archive.end > p->archive.start) {
		property_u64(w, "linux,initrd-start", p->archive.start);
		property_u64(w, "linux,initrd-end", p->archive.end);
	}
	node_end(w);
}

static void write_cpus(struct writer *w, const struct platform *p)
{
	node_begin(w, "cpus");
	cell_counts(w, 1, 0);
	for (unsigned i = 0; i < p->cpus; i++) {
		node_begin_at(w, "cpu", p->cpu[i]);
		property_text(w, "device_type", "cpu");
		property_text(w, "compatible", "x86");
		property_cell(w, "reg", p->cpu[i]);
		property_text(w, "status", "okay");
		node_end(w);
	}
	node_end(w);
}

static void write_ram(struct writer *w, const struct platform *p)
{
	for (unsigned i = 0; i < p->ram.count; i++) {
		node_begin_at(w, "memory", p->ram.range[i].start);
		property_text(w, "device_type", "memory");
		property_range(w, "reg", p->ram.range[i]);
		node_end(w);
	}
}

static bool overlaps(struct hal_range a, struct hal_range b)
{
	return a.start < b.end && b.start < a.end;
}

/* PCs report PCI's configuration space as reserved, so that nothing else is put there; it is a device. */
static bool is_ecam(const struct platform *p, struct hal_range range)
{
	for (unsigned i = 0; i < p->ecams; i++)
		if (overlaps(p->ecam[i].range, range))
			return true;
	return false;
}

static void write_reserved(struct writer *w, const struct platform *p)
{
	node_begin(w, "reserved-memory");
	cell_counts(w, 2, 2);
	property_flag(w, "ranges");
	for (unsigned i = 0; i < p->reserved.count; i++) {
		if (is_ecam(p, p->reserved.range[i]))
			continue;
		node_begin_at(w, "firmware", p->reserved.range[i].start);
		property_range(w, "reg", p->reserved.range[i]);
		property_flag(w, "no-map");
		node_end(w);
	}
	node_end(w);
}

static void write_ioapics(struct writer *w, const struct platform *p)
{
	for (unsigned i = 0; i < p->ioapics; i++) {
		uint64_t address = p->ioapic[i].address;

		node_begin_at(w, "interrupt-controller", address);
		property_text(w, "compatible", "intel,ioapic");
		property_range(w, "reg", (struct hal_range){address, address + PAGE_SIZE});
		property_flag(w, "interrupt-controller");
		property_cell(w, "#interrupt-cells", 2);
		property_cell(w, "#address-cells", 0);
		property_cell(w, "cobnut,gsi-base", p->ioapic[i].gsi_base);
		property_cell(w, "phandle", PHANDLE_IOAPIC + i);
		node_end(w);
	}
}

/* The IOAPIC that has this global system interrupt: the one with the highest base not above it. */
static unsigned ioapic_of(const struct platform *p, uint32_t gsi)
{
	unsigned best = 0;

	for (unsigned i = 0; i < p->ioapics; i++)
		if (p->ioapic[i].gsi_base <= gsi &&
		    (p->ioapic[best].gsi_base > gsi || p->ioapic[i].gsi_base > p->ioapic[best].gsi_base))
			best = i;
	return best;
}

static void write_isa_device(struct writer *w, const struct platform *p, const char *name, const char *compatible,
			     uint32_t port, uint32_t ports, unsigned irq)
{
	const uint32_t reg[] = {ISA_IO, port, ports};
	unsigned ioapic = ioapic_of(p, p->isa_irq[irq].gsi);
	const uint32_t interrupts[] = {p->isa_irq[irq].gsi - p->ioapic[ioapic].gsi_base, p->isa_irq[irq].sense};

	node_begin(w, name);
	property_text(w, "compatible", compatible);
	property_cells(w, "reg", reg, 3);
	property_cell(w, "interrupt-parent", PHANDLE_IOAPIC + ioapic);
	property_cells(w, "interrupts", interrupts, 2);
	node_end(w);
}

static void write_isa(struct writer *w, const struct platform *p)
{
	uint32_t irqs[PLATFORM_ISA_IRQS * 2];

	for (unsigned i = 0; i < PLATFORM_ISA_IRQS; i++) {
		irqs[2 * i] = p->isa_irq[i].gsi;
		irqs[2 * i + 1] = p->isa_irq[i].sense;
	}
	node_begin(w, "isa");
	property_text(w, "compatible", "isa");
	cell_counts(w, 2, 1);
	property_cells(w, "cobnut,isa-interrupts", irqs, PLATFORM_ISA_IRQS * 2);
	property_cell(w, "phandle", PHANDLE_ISA);
	write_isa_device(w, p, "serial@i3f8", "ns16550", 0x3f8, 8, ISA_IRQ_SERIAL);
	write_isa_device(w, p, "rtc@i70", "motorola,mc146818", 0x70, 2, ISA_IRQ_CLOCK);
	node_end(w);
}

/* If something covers `position`, moves it behind that; else brings `end` forward to where the next thing starts. */
static bool skip_used(const struct range_list *used, uint64_t *position, uint64_t *end)
{
	for (unsigned i = 0; i < used->count; i++) {
		const struct hal_range *range = &used->range[i];

		if (range->start <= *position && *position < range->end) {
			*position = range->end;
			return true;
		}
		if (range->start > *position && range->start < *end)
			*end = range->start;
	}
	return false;
}

/* The entries of PCI's "ranges". */
struct pci_windows {
	unsigned count;
	uint32_t cells[PCI_WINDOWS_MAX][PCI_WINDOW_CELLS];
};

/* Every large hole of the memory map between start and end leads to PCI; bus address = physical address. */
static void add_holes(struct pci_windows *windows, const struct platform *p, uint32_t space, uint64_t start, uint64_t end)
{
	while (start < end && windows->count < PCI_WINDOWS_MAX) {
		uint64_t hole_end = end;

		if (skip_used(&p->ram, &start, &hole_end) || skip_used(&p->reserved, &start, &hole_end))
			continue;
		if (hole_end - start >= PCI_WINDOW_MIN) {
			uint32_t high = (uint32_t)(start >> 32), low = (uint32_t)start;
			uint64_t size = hole_end - start;
			const uint32_t cells[] = {space, high, low, high, low, (uint32_t)(size >> 32), (uint32_t)size};

			memcpy(windows->cells[windows->count++], cells, sizeof(cells));
		}
		start = hole_end;
	}
}

static void write_pci(struct writer *w, const struct platform *p)
{
	struct pci_windows windows = {0};

	add_holes(&windows, p, PCI_MEMORY32, LOW_MEMORY_END, DEVICES_START);
	add_holes(&windows, p, PCI_MEMORY64, FOUR_GIB, p->physical_end);
	for (unsigned i = 0; i < p->ecams; i++) {
		const uint32_t buses[] = {p->ecam[i].bus_first, p->ecam[i].bus_last};

		node_begin_at(w, "pci", p->ecam[i].range.start);
		property_text(w, "compatible", "pci-host-ecam-generic");
		property_text(w, "device_type", "pci");
		property_range(w, "reg", p->ecam[i].range);
		property_cells(w, "bus-range", buses, 2);
		property_cell(w, "linux,pci-domain", p->ecam[i].segment);
		cell_counts(w, 3, 2);
		property_cells(w, "ranges", windows.cells[0], windows.count * PCI_WINDOW_CELLS);
		property_flag(w, "dma-coherent");
		property_cell(w, "phandle", PHANDLE_PCI + i);
		node_end(w);
	}
}

static void write_transports(struct writer *w, const struct platform *p)
{
	for (unsigned i = 0; i < p->transports; i++) {
		const struct transport *t = &p->transport[i];
		const uint32_t interrupts[] = {t->input, SENSE_LEVEL_HIGH};

		node_begin_at(w, "virtio", t->range.start);
		property_text(w, "compatible", "virtio,mmio");
		property_range(w, "reg", t->range);
		property_cell(w, "interrupt-parent", PHANDLE_IOAPIC + t->ioapic);
		property_cells(w, "interrupts", interrupts, 2);
		property_flag(w, "dma-coherent");
		node_end(w);
	}
}

const char *tree_build(const struct platform *p, void *tree, size_t size)
{
	struct writer w = {tree, 0};

	keep_error(&w, fdt_create(tree, (int)size));
	keep_error(&w, fdt_finish_reservemap(tree));
	node_begin(&w, "");
	property_text(&w, "compatible", "cobnut,pc");
	property_text(&w, "model", "PC");
	cell_counts(&w, 2, 2);
	write_chosen(&w, p);
	write_cpus(&w, p);
	write_ram(&w, p);
	write_reserved(&w, p);
	write_ioapics(&w, p);
	write_isa(&w, p);
	write_pci(&w, p);
	write_transports(&w, p);
	node_end(&w);
	keep_error(&w, fdt_finish(tree));
	if (w.error != 0)
		return "the device tree does not fit into its buffer";
	fdt_set_boot_cpuid_phys(tree, p->boot_cpu);
	return NULL;
}
