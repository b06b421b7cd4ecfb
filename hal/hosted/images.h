/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What firmware leaves: a device tree and a boot archive with one program, made in memory; good ones,
 * which tests then break.
 */
#ifndef HOSTED_IMAGES_H
#define HOSTED_IMAGES_H

#include "hosted.h"

enum { IMAGE_REGIONS = 8 };

/* One (address, size) pair of the tree; size 0: unused. */
struct image_region {
	uint64_t address, size;
};

struct image_tree {
	unsigned cells; /* #address-cells and #size-cells: 1 or 2 (others make a tree that is refused) */
	struct image_region memory[IMAGE_REGIONS];
	struct image_region reserved[IMAGE_REGIONS];   /* nodes of /reserved-memory */
	struct image_region reservation[IMAGE_REGIONS]; /* the list of the header */
	uint64_t archive_start, archive_end;           /* end 0: /chosen does not tell */
};

/* Writes the tree; returns its size, or 0: it does not fit into `room` bytes. */
size_t image_tree(void *to, size_t room, const struct image_tree *tree);

struct image_segment {
	uint64_t offset, address, file_size, memory_size;
	uint32_t type, flags; /* 1 = load; 1 execute, 2 write, 4 read */
};

struct image_program {
	uint64_t entry;
	unsigned segments;
	struct image_segment segment[10];
	size_t size; /* of the file; bytes behind the headers are their own offset */
};

/* A program with code and data that boots. */
struct image_program image_program_good(void);

/* Writes an archive whose first entry is that program; returns its size. The ELF file begins at IMAGE_ELF. */
enum { IMAGE_ELF = 116 };
size_t image_archive(unsigned char *to, const struct image_program *program);

/* The whole usual machine: tree and archive in RAM, ready for hosted_boot. */
struct hal_boot image_machine(void);

#endif
