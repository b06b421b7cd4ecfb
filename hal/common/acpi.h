/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ACPI's static tables (ACPI 6.4, 5.2): finds and copies them, checked. No AML.
 */
#ifndef ACPI_H
#define ACPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The head of each table. */
struct acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t revision;
	uint8_t checksum;
	char oem[6];
	char oem_table[8];
	uint32_t oem_revision;
	char creator[4];
	uint32_t creator_revision;
} __attribute__((packed));

/* Supplied by the target: copies memory that firmware filled. False: the processor cannot reach it. */
bool firmware_read(void *to, uint64_t physical, size_t length);

/* Takes the tables that the RSDP at `physical` leads to. False: it is not one, or it leads to none. */
bool acpi_open(uint64_t physical);

/* Where the RSDP of a PC's BIOS is, for boot loaders that do not tell; 0: nowhere. */
uint64_t acpi_search(void);

/* Copies the first good table with this signature; returns its length, 0: there is none, or it is longer than `size`. */
size_t acpi_find(const char signature[4], void *table, size_t size);

#endif
