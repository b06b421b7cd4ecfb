/* SPDX-License-Identifier: BSD-2-Clause */
/* Device trees and boot archives: see images.h. */
#include "images.h"

#include <libfdt.h>

enum {
	TREE_OFFSET = 1 << 20, /* where image_machine() puts things in RAM */
	TREE_ROOM = 16 << 10,
	ARCHIVE_OFFSET = 0x148a4,
	ELF_HEADER = 64,
	ELF_SEGMENT = 56,
};

/* ---- device tree ---- */

static void put_cells(fdt32_t **cell, uint64_t value, unsigned cells)
{
	for (unsigned i = cells; i-- > 0;)
		fdt32_st((*cell)++, i < 2 ? (uint32_t)(value >> 32 * i) : 0);
}

static void put_reg(void *to, const struct image_region *region, unsigned count, unsigned cells)
{
	fdt32_t reg[IMAGE_REGIONS * 2 * 4], *end = reg;

	for (unsigned i = 0; i < count; i++) {
		put_cells(&end, region[i].address, cells);
		put_cells(&end, region[i].size, cells);
	}
	fdt_property(to, "reg", reg, (int)(sizeof(*end) * (size_t)(end - reg)));
}

static void put_memory(void *to, const struct image_tree *tree)
{
	unsigned count = 0;

	while (count < IMAGE_REGIONS && tree->memory[count].size)
		count++;
	if (!count)
		return;
	fdt_begin_node(to, "memory");
	fdt_property_string(to, "device_type", "memory");
	put_reg(to, tree->memory, count, tree->cells);
	fdt_end_node(to);
}

static void put_reserved(void *to, const struct image_tree *tree)
{
	static const char names[IMAGE_REGIONS][3] = {"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7"};

	fdt_begin_node(to, "reserved-memory");
	fdt_property_u32(to, "#address-cells", tree->cells);
	fdt_property_u32(to, "#size-cells", tree->cells);
	for (unsigned i = 0; i < IMAGE_REGIONS; i++) {
		if (!tree->reserved[i].size)
			continue;
		fdt_begin_node(to, names[i]);
		put_reg(to, &tree->reserved[i], 1, tree->cells);
		fdt_end_node(to);
	}
	fdt_begin_node(to, "dynamic"); /* asks for a size only */
	fdt_property_u32(to, "size", 4096);
	fdt_end_node(to);
	fdt_end_node(to);
}

static void put_chosen(void *to, const struct image_tree *tree)
{
	fdt_begin_node(to, "chosen");
	if (tree->archive_end) {
		fdt_property_u64(to, "linux,initrd-start", tree->archive_start);
		fdt_property_u32(to, "linux,initrd-end", (uint32_t)tree->archive_end);
	}
	fdt_end_node(to);
}

size_t image_tree(void *to, size_t room, const struct image_tree *tree)
{
	if (fdt_create(to, (int)room))
		return 0;
	for (unsigned i = 0; i < IMAGE_REGIONS; i++)
		if (tree->reservation[i].size)
			fdt_add_reservemap_entry(to, tree->reservation[i].address, tree->reservation[i].size);
	fdt_finish_reservemap(to);
	fdt_begin_node(to, "");
	fdt_property_u32(to, "#address-cells", tree->cells);
	fdt_property_u32(to, "#size-cells", tree->cells);
	put_memory(to, tree);
	put_reserved(to, tree);
	put_chosen(to, tree);
	fdt_end_node(to);
	return fdt_finish(to) ? 0 : fdt_totalsize(to);
}

/* ---- archive and program ---- */

static void put(unsigned char *to, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		to[i] = (unsigned char)(value >> 8 * i);
}

static void put_hexadecimal(unsigned char *to, uint64_t value)
{
	for (unsigned i = 0; i < 8; i++)
		to[i] = (unsigned char)"0123456789abcdef"[value >> (28 - 4 * i) & 15];
}

static void put_segment(unsigned char *to, const struct image_segment *s)
{
	put(to, s->type, 4);
	put(to + 4, s->flags, 4);
	put(to + 8, s->offset, 8);
	put(to + 16, s->address, 8);
	put(to + 24, s->address, 8);
	put(to + 32, s->file_size, 8);
	put(to + 40, s->memory_size, 8);
	put(to + 48, PAGE_SIZE, 8);
}

static void put_program(unsigned char *to, const struct image_program *program)
{
	static const unsigned char ident[16] = {0x7f, 'E', 'L', 'F', 2, 1, 1};

	for (size_t i = 0; i < program->size; i++)
		to[i] = i < sizeof(ident) ? ident[i] : i < ELF_HEADER + 10 * ELF_SEGMENT ? 0 : (unsigned char)i;
	put(to + 16, 2, 2); /* executable */
	put(to + 18, HAL_ELF_MACHINE, 2);
	put(to + 20, 1, 4);
	put(to + 24, program->entry, 8);
	put(to + 32, ELF_HEADER, 8);
	put(to + 52, ELF_HEADER, 2);
	put(to + 54, ELF_SEGMENT, 2);
	put(to + 56, program->segments, 2);
	for (unsigned i = 0; i < program->segments; i++)
		put_segment(to + ELF_HEADER + i * ELF_SEGMENT, &program->segment[i]);
}

struct image_program image_program_good(void)
{
	return (struct image_program){
		.entry = 0x10100,
		.segments = 3,
		.segment = {
			{.type = 1, .flags = 5, .offset = 0, .address = 0x10000, .file_size = 0x1800, .memory_size = 0x1800},
			{.type = 1, .flags = 6, .offset = 0x1800, .address = 0x12800, .file_size = 0x200, .memory_size = 0x3000},
			{.type = 0x6474e551}, /* not to be loaded */
		},
		.size = 0x2000,
	};
}

size_t image_archive(unsigned char *to, const struct image_program *program)
{
	static const char header[6] = {'0', '7', '0', '7', '0', '1'};

	for (unsigned i = 0; i < IMAGE_ELF; i++)
		to[i] = i < sizeof(header) ? (unsigned char)header[i] : '0';
	put_hexadecimal(to + 54, program->size);
	put_hexadecimal(to + 94, 5);
	for (unsigned i = 0; i < 6; i++)
		to[110 + i] = (unsigned char)"root\0"[i];
	put_program(to + IMAGE_ELF, program);
	return IMAGE_ELF + program->size;
}

struct hal_boot image_machine(void)
{
	const uint64_t tree_at = HOSTED_RAM_BASE + TREE_OFFSET, archive_at = HOSTED_RAM_BASE + ARCHIVE_OFFSET;
	void *at = hal_kernel_address(tree_at);
	struct image_program program = image_program_good();
	size_t archive = image_archive(hal_kernel_address(archive_at), &program);
	struct image_tree tree = {
		.cells = 2,
		.memory = {{HOSTED_RAM_BASE, HOSTED_RAM_SIZE}},
		.reserved = {{HOSTED_RAM_BASE + (2 << 20), 0x2345}},
		.reservation = {{HOSTED_RAM_BASE + (3 << 20), PAGE_SIZE}},
		.archive_start = archive_at,
		.archive_end = archive_at + archive,
	};
	struct hal_boot boot;

	if (!image_tree(at, TREE_ROOM, &tree))
		hosted_abort("the device tree does not fit");
	boot = hosted_boot_facts(at, TREE_ROOM);
	boot.tree_memory = (struct hal_range){tree_at, tree_at + TREE_ROOM};
	return boot;
}
