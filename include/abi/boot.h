/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the root component finds when it starts: its first handles, and one page of boot information
 * (its address is the argument of the root component's entry point).
 */
#ifndef ABI_BOOT_H
#define ABI_BOOT_H

#include <abi/types.h>

enum boot_handle {
	BOOT_SPACE = 1,   /* its own Space */
	BOOT_THREAD = 2,  /* its own Thread */
	BOOT_CONTEXT = 3, /* its own SchedContext, ceiling 255 */
	BOOT_SYSTEM = 4,  /* System, all rights */
	BOOT_INFO = 5,    /* Memory of the boot information page */
	BOOT_TREE = 6,    /* Memory of the flattened device tree, read only */
	BOOT_ARCHIVE = 7, /* Memory of the boot archive, read only */
	BOOT_IMAGE = 8,   /* Memory of its own program and its stack */
	BOOT_UNTYPED = 16, /* first of boot_info.untyped_count Untypeds */
};

struct boot_untyped {
	uint64_t address; /* physical */
	uint64_t size;    /* bytes, a power of two */
	uint32_t device;  /* 0: RAM, 1: device */
	uint32_t reserved;
};

enum { BOOT_MAGIC = 0x436f626e, BOOT_VERSION = 1, BOOT_UNTYPED_MAX = 160 };

struct boot_info {
	uint32_t magic;   /* BOOT_MAGIC */
	uint32_t version; /* BOOT_VERSION */
	uint32_t untyped_count;
	uint32_t handle_first_free; /* first empty slot of the root component's table */
	uint32_t handle_slots;      /* slots of its table */
	uint32_t reserved;
	uint64_t tree_address;    /* where the device tree is mapped */
	uint64_t tree_size;       /* bytes */
	uint64_t archive_address; /* where the boot archive is mapped */
	uint64_t archive_size;    /* bytes */
	uint64_t buffer_address;  /* its message buffer: the page after this one */
	uint64_t free_address;    /* first address from which on nothing is mapped */
	struct boot_untyped untyped[BOOT_UNTYPED_MAX];
};
_Static_assert(sizeof(struct boot_info) <= PAGE_SIZE, "boot information is one page");

#endif
