/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot stage: from firmware's machine to the one that hal.h promises. It runs in real mode at the linked addresses (start.S) and
 * ends with everything ready for translation.
 */
#include <libfdt.h>
#include <string.h>
#include "core.h"
#include "machine.h"

/* QEMU's tree takes 20 KiB, a large PowerVM partition's some hundreds. */
enum { TREE_SIZE = 256 * 1024 };
static char tree[TREE_SIZE] __attribute__((aligned(8)));

static struct hal_boot boot;

/* Of the instruction `b`: its first six bits, and the distance (Power ISA 3.0B, Book I 2.4). */
#define BRANCH 18U
#define BRANCH_DISTANCE 0x03fffffcU

/* One vector (vectors.S): where it runs in real mode, and its instructions, linked where they lie. */
struct vector {
	uint32_t address, code[5];
};

extern const struct vector vectors_start[], vectors_end[];
extern char image_start[], image_end[];

const struct hal_boot *boot_prepare(uint64_t r3, uint64_t r4, uint64_t r5, uint64_t r6, uint64_t r7, uint64_t r8, uint64_t r9);

/* An instruction for another place; a branch goes where it went. */
static uint32_t moved(const uint32_t *from, const uint32_t *to)
{
	uint32_t distance = (uint32_t)((uintptr_t)from - (uintptr_t)to);

	return *from >> 26 == BRANCH ? (*from & ~BRANCH_DISTANCE) | ((*from + distance) & BRANCH_DISTANCE) : *from;
}

/* From here on the first 20 KiB of RAM are the kernel's. What is no vector there is no instruction. */
static void vectors_install(void)
{
	void *real = hal_kernel_address(0), *mapped = hal_kernel_address(VECTORS_MAPPED);

	memset(real, 0, PAGE_SIZE);
	memset(mapped, 0, PAGE_SIZE);
	for (const struct vector *v = vectors_start; v < vectors_end; v++) {
		uint32_t *code = hal_kernel_address(v->address);

		for (size_t i = 0; i < sizeof(v->code) / sizeof(v->code[0]); i++)
			code[i] = moved(&v->code[i], &code[i]);
	}
	hal_cache_code(real, PAGE_SIZE);
	hal_cache_code(mapped, PAGE_SIZE);
}

/* What the tree says is believed here only if it is well-formed; otherwise the core will say what is wrong with it. */
static void read_tree(void)
{
	if (fdt_check_full(tree, sizeof(tree)))
		return;
	cores_init(tree);
	time_init(tree);
	machine_init(tree);
}

const struct hal_boot *boot_prepare(uint64_t r3, uint64_t r4, uint64_t r5, uint64_t r6, uint64_t r7, uint64_t r8, uint64_t r9)
{
	const struct machine_entry entry = {r3, r4, r5, r6, r7, r8, r9};

	boot.kernel = (struct hal_range){hal_physical_address(image_start), hal_physical_address(image_end)};
	boot.ram_kept[0] = (struct hal_range){0, VECTORS_MAPPED + PAGE_SIZE};
	boot.physical_end = PHYSICAL_END;
	boot.firmware_error = machine_tree(&entry, tree, sizeof(tree));
	core_registers_init();
	vectors_install();
	if (!boot.firmware_error) {
		boot.tree = tree;
		boot.tree_limit = sizeof(tree);
		read_tree();
	}
	if (!machine_core_init() || !kernel_map_init(&boot.kernel) || !space_init())
		core_fatal("firmware refuses radix translation or mapped interrupts", NULL);
	this_core()->kernel_msr |= MSR_IR | MSR_DR;
	return &boot;
}
