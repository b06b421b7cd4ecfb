/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cores, interrupt controllers and PCI configuration space from ACPI's MADT and MCFG (ACPI 6.4, 5.2.12; PCI
 * Firmware Specification 3.0, 4.1.2).
 */
#include "platform.h"

#include "acpi.h"

#include <string.h>

enum {
	TABLE_SIZE_MAX = 16384,

	MADT_ENTRIES = 44, /* offset of the first entry */
	MADT_LOCAL_APIC = 0,
	MADT_IOAPIC = 1,
	MADT_OVERRIDE = 2,
	MADT_LOCAL_X2APIC = 9,
	MADT_CPU_ENABLED = 1,

	MCFG_ENTRIES = 44,
	MCFG_ENTRY_SIZE = 16,
	ECAM_BUS_SHIFT = 20,

	IOAPIC_DEFAULT = 0xfec00000,
};

/* Little-endian fields at any address. */
static uint32_t read32(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint16_t read16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static uint64_t read64(const uint8_t *at)
{
	return read32(at) | (uint64_t)read32(at + 4) << 32;
}

static void cpu_add(struct platform *p, uint32_t number, uint32_t flags)
{
	if (!(flags & MADT_CPU_ENABLED) || p->cpus == PLATFORM_CPUS)
		return;
	for (unsigned i = 0; i < p->cpus; i++)
		if (p->cpu[i] == number)
			return;
	p->cpu[p->cpus++] = number;
}

/* MPS INTI flags (ACPI 6.4, table 5.26): polarity in bits 0-1, trigger mode in 2-3; 0: as the ISA bus, high and edge. */
static enum sense sense_of(uint16_t flags)
{
	bool low = (flags & 3) == 3, level = (flags >> 2 & 3) == 3;

	if (level)
		return low ? SENSE_LEVEL_LOW : SENSE_LEVEL_HIGH;
	return low ? SENSE_EDGE_LOW : SENSE_EDGE_HIGH;
}

/* One entry; `length` bytes are there. Lengths: ACPI 6.4, 5.2.12.2, .3, .5, .12. */
static void madt_entry(struct platform *p, const uint8_t *entry, size_t length)
{
	switch (entry[0]) {
	case MADT_LOCAL_APIC:
		if (length >= 8)
			cpu_add(p, entry[3], read32(entry + 4));
		break;
	case MADT_LOCAL_X2APIC:
		if (length >= 16)
			cpu_add(p, read32(entry + 4), read32(entry + 8));
		break;
	case MADT_IOAPIC:
		if (length >= 12 && p->ioapics < PLATFORM_IOAPICS)
			p->ioapic[p->ioapics++] = (struct ioapic){read32(entry + 4), read32(entry + 8)};
		break;
	case MADT_OVERRIDE:
		if (length >= 10 && entry[3] < PLATFORM_ISA_IRQS)
			p->isa_irq[entry[3]] = (struct isa_irq){read32(entry + 4), sense_of(read16(entry + 8))};
		break;
	default:
		break;
	}
}

static void madt_read(struct platform *p, const uint8_t *table, size_t length)
{
	size_t at = MADT_ENTRIES;

	while (at + 2 <= length && table[at + 1] >= 2 && table[at + 1] <= length - at) {
		madt_entry(p, table + at, table[at + 1]);
		at += table[at + 1];
	}
}

static void mcfg_read(struct platform *p, const uint8_t *table, size_t length)
{
	for (size_t at = MCFG_ENTRIES; at + MCFG_ENTRY_SIZE <= length && p->ecams < PLATFORM_ECAMS; at += MCFG_ENTRY_SIZE) {
		uint64_t base = read64(table + at);
		uint8_t first = table[at + 10], last = table[at + 11];
		struct ecam *ecam = &p->ecam[p->ecams];

		if (first > last || base > UINT64_MAX >> 1)
			continue;
		ecam->range.start = base + ((uint64_t)first << ECAM_BUS_SHIFT);
		ecam->range.end = base + ((uint64_t)(last + 1) << ECAM_BUS_SHIFT);
		ecam->segment = read16(table + at + 8);
		ecam->bus_first = first;
		ecam->bus_last = last;
		p->ecams++;
		if (p->reserved.count < PLATFORM_RANGES)
			p->reserved.range[p->reserved.count++] = ecam->range;
	}
}

void platform_read(struct platform *p)
{
	static uint8_t table[TABLE_SIZE_MAX];
	bool acpi = acpi_open(p->rsdp);

	for (unsigned i = 0; i < PLATFORM_ISA_IRQS; i++)
		p->isa_irq[i] = (struct isa_irq){i, SENSE_EDGE_HIGH};
	if (acpi) {
		madt_read(p, table, acpi_find("APIC", table, sizeof(table)));
		mcfg_read(p, table, acpi_find("MCFG", table, sizeof(table)));
	}
	if (p->cpus == 0)
		cpu_add(p, p->boot_cpu, MADT_CPU_ENABLED);
	if (p->ioapics == 0)
		p->ioapic[p->ioapics++] = (struct ioapic){IOAPIC_DEFAULT, 0};
}
