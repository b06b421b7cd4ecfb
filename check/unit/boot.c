/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot: what the root component gets, and how the kernel stops when it cannot start it. */
#include "unit.h"

#include <string.h>

#include "images.h"
#include "kernel/cores.h"
#include "kernel/space.h"

enum { TREE_ROOM = 16 << 10, MIB = 1 << 20 };

static const uint64_t base = HOSTED_RAM_BASE, tree_at = HOSTED_RAM_BASE + MIB, archive_at = HOSTED_RAM_BASE + 2 * MIB + 100;

/* Facts of a machine, and its program. */
struct facts {
	struct image_tree tree;
	struct image_program program;
};

static struct facts usual_facts(void)
{
	struct facts f = {.program = image_program_good()};

	f.tree = (struct image_tree){.cells = 2, .memory = {{base, HOSTED_RAM_SIZE}}, .archive_start = archive_at};
	f.tree.archive_end = archive_at + IMAGE_ELF + f.program.size;
	return f;
}

static struct hal_boot prepare(const struct facts *f)
{
	void *at = hal_kernel_address(tree_at);
	struct hal_boot boot;

	image_archive(hal_kernel_address(archive_at), &f->program);
	CHECK(image_tree(at, TREE_ROOM, &f->tree) != 0);
	boot = hosted_boot_facts(at, TREE_ROOM);
	boot.tree_memory = (struct hal_range){tree_at, tree_at + TREE_ROOM};
	return boot;
}

static bool boots(const struct facts *f)
{
	struct hal_boot boot = prepare(f);

	return hosted_boot(SHAPE_USUAL, &boot) == END_RESUMED;
}

static bool stops_with(const struct hal_boot *boot, const char *text)
{
	hosted_console_clear();
	if (hosted_boot(SHAPE_USUAL, boot) == END_STOPPED && hosted.how == POWER_FAIL && strstr(hosted.console, text))
		return true;
	return check_at(false, hosted.console, text, 0);
}

static bool fails_with(const struct facts *f, const char *text)
{
	struct hal_boot boot = prepare(f);

	return stops_with(&boot, text);
}

static const struct boot_info *information(struct thread **root)
{
	*root = thread_of(hosted_core()->running);
	return hal_kernel_address(capability_base(space_lookup((*root)->space, BOOT_INFO)));
}

/* Everything that is not kept is given out, once. */
static void root_gets(void)
{
	struct facts f = usual_facts();
	const struct boot_info *info;
	struct thread *root;
	uint64_t ram = 0, devices = 0;

	CHECK(boots(&f));
	info = information(&root);
	CHECK(info->magic == BOOT_MAGIC && info->version == BOOT_VERSION);
	for (unsigned i = 0; i < info->untyped_count; i++) {
		const struct boot_untyped *u = &info->untyped[i];

		*(u->device ? &devices : &ram) += u->size;
		CHECK(!(u->address & (u->size - 1)) && !(u->size & (u->size - 1)));
		for (unsigned j = 0; j < i; j++)
			CHECK(u->address + u->size <= info->untyped[j].address || info->untyped[j].address + info->untyped[j].size <= u->address);
	}
	CHECK_EQUAL(ram, HOSTED_RAM_SIZE - HOSTED_KERNEL_SIZE - PAGE_SIZE - TREE_ROOM - 3 * PAGE_SIZE);
	CHECK_EQUAL(devices, HOSTED_PHYSICAL_END - HOSTED_RAM_SIZE - PAGE_SIZE);
	CHECK_EQUAL(info->handle_first_free, BOOT_UNTYPED + info->untyped_count);
	CHECK_EQUAL(root->name, 0x726f6f74);
	CHECK_EQUAL(hal_frame_ip(&root->frame), 0x10100);
}

/* What the root component finds at the addresses that it is told. */
static void root_sees(void)
{
	struct facts f = usual_facts();
	const struct boot_info *info;
	struct thread *root;
	uint64_t physical;

	CHECK(boots(&f));
	info = information(&root);
	CHECK(hosted_touch(info->archive_address, RIGHT_READ, &physical) && physical == archive_at);
	CHECK(!hosted_touch(info->archive_address, RIGHT_WRITE, &physical));
	CHECK(hosted_touch(info->tree_address, RIGHT_READ, &physical) && !memcmp(hal_kernel_address(physical), "\xd0\x0d\xfe\xed", 4));
	CHECK(hosted_touch(info->buffer_address, RIGHT_WRITE, &physical) && hal_kernel_address(physical) == root->buffer);
	CHECK(hosted_touch(hal_frame_sp(&root->frame) - 8, RIGHT_WRITE, &physical));
	CHECK(hosted_touch(0x10100, RIGHT_EXECUTE, &physical) && *(unsigned char *)hal_kernel_address(physical) == 0);
	CHECK(!hosted_touch(0x10100, RIGHT_WRITE, &physical) && !hosted_touch(0x12800, RIGHT_EXECUTE, &physical));
	CHECK(hosted_touch(0x12800, RIGHT_WRITE, &physical) && *(unsigned char *)hal_kernel_address(physical + 1) == 1);
	CHECK(hosted_touch(0x13000, RIGHT_WRITE, &physical) && *(unsigned char *)hal_kernel_address(physical) == 0);
	CHECK(!hosted_touch(info->free_address, RIGHT_READ, &physical));
}

static void bad_inputs(void)
{
	struct facts f = usual_facts();
	struct hal_boot boot = prepare(&f);

	boot.tree = NULL;
	CHECK(stops_with(&boot, "no device tree from the firmware"));
	hosted_restore(0);
	f.program.entry = 0;
	CHECK(fails_with(&f, "the entry is not in an executable segment"));
	hosted_restore(0);
	f = usual_facts();
	f.program.segment[1].memory_size = 64 * MIB;
	CHECK(fails_with(&f, "not enough memory for the root component"));
	hosted_restore(0);
	f = usual_facts();
	f.program.segment[1].address = ((uint64_t)1 << 47) - PAGE_SIZE;
	f.program.segment[1].memory_size = 0x200;
	CHECK(fails_with(&f, "the root component does not fit into its address space or pool"));
}

/* A tree that has the archive where the kernel is, or where it cannot see it. */
static void bad_places(void)
{
	struct facts f = usual_facts();

	f.tree.archive_start = base;
	f.tree.archive_end = base + PAGE_SIZE;
	CHECK(fails_with(&f, "boot archive lies over the kernel or beyond its reach"));
	hosted_restore(0);
	f = usual_facts();
	f.tree.memory[1] = (struct image_region){base + 2 * HOSTED_RAM_SIZE, MIB};
	f.tree.archive_start = base + 2 * HOSTED_RAM_SIZE;
	f.tree.archive_end = base + 2 * HOSTED_RAM_SIZE + PAGE_SIZE;
	CHECK(fails_with(&f, "boot archive lies over the kernel or beyond its reach"));
}

static void memory_out_of_reach(void)
{
	struct facts f = usual_facts();
	const struct boot_info *info;
	struct thread *root;

	f.tree.memory[1] = (struct image_region){base + 2 * HOSTED_RAM_SIZE, MIB};
	CHECK(boots(&f));
	CHECK(strstr(hosted.console, "memory 84000000..84100000 is beyond the kernel's reach and not used") != NULL);
	info = information(&root);
	for (unsigned i = 0; i < info->untyped_count; i++)
		CHECK(info->untyped[i].address != base + 2 * HOSTED_RAM_SIZE);
}

/* So many small pieces that not all can be given out. */
static void many_pieces(void)
{
	struct facts f = usual_facts();
	struct hal_boot boot;

	boot = prepare(&f);
	for (unsigned i = 0; i < HAL_RANGES_MAX; i++)
		boot.devices_kept[i] = (struct hal_range){(i + 1ull) * 0x10001000, (i + 1ull) * 0x10001000 + PAGE_SIZE};
	CHECK(hosted_boot(SHAPE_USUAL, &boot) == END_RESUMED);
	CHECK(strstr(hosted.console, "small ranges are not given out") != NULL);
}

static void too_many_ranges(void)
{
	void *at = hal_kernel_address(tree_at);
	struct facts f = usual_facts();
	struct hal_boot boot;

	for (unsigned i = 0; i < IMAGE_REGIONS; i++) {
		f.tree.reserved[i] = (struct image_region){base + 4 * MIB + i * 0x10000, PAGE_SIZE};
		f.tree.reservation[i] = (struct image_region){base + 6 * MIB + i * 0x10000, PAGE_SIZE};
		f.tree.memory[i] = (struct image_region){base + i * 4 * MIB, 4 * MIB};
	}
	boot = prepare(&f);
	for (unsigned i = 0; i < HAL_RANGES_MAX; i++) {
		boot.ram_kept[i] = (struct hal_range){base + 8 * MIB + i * 0x10000, base + 8 * MIB + i * 0x10000 + PAGE_SIZE};
		boot.devices_kept[i] = (struct hal_range){i * 0x10000 + PAGE_SIZE, i * 0x10000 + 2 * PAGE_SIZE};
	}
	CHECK(at && hosted_boot(SHAPE_USUAL, &boot) == END_RESUMED);
	hosted_restore(0);
	boot = prepare(&f);
	for (unsigned i = 0; i < HAL_RANGES_MAX; i++)
		boot.ram_kept[i] = (struct hal_range){base + 8 * MIB + i * 0x2000, base + 8 * MIB + i * 0x2000 + PAGE_SIZE};
	for (unsigned i = 0; i < HAL_RANGES_MAX; i++) /* more holes in RAM */
		boot.devices_kept[i] = (struct hal_range){base + 9 * MIB + i * 0x2000, base + 9 * MIB + i * 0x2000 + PAGE_SIZE};
	boot.kernel = (struct hal_range){base + 10 * MIB, base + 11 * MIB};
	(void)hosted_boot(SHAPE_USUAL, &boot);
}

static void secondary_cores(void)
{
	struct facts f = usual_facts();

	hosted.cores = 4;
	CHECK(boots(&f));
	CHECK_EQUAL(cores_running(), 4);
	for (unsigned core = 1; core < 4; core++)
		CHECK(hosted.core[core].end == END_IDLE);
	hosted_restore(0);
	hosted.cores = 4;
	hosted.cores_refused = 1 << 2;
	CHECK(boots(&f));
	CHECK_EQUAL(cores_running(), 2);
	CHECK(strstr(hosted.console, "core 2 does not start; 2 cores run") != NULL);
	hosted_restore(0);
	hosted.cores = 3;
	hosted.cores_lost = 1 << 1;
	CHECK(boots(&f));
	CHECK_EQUAL(cores_running(), 1);
	CHECK(strstr(hosted.console, "core 1 does not start; 1 cores run") != NULL);
}

static void fatal(void)
{
	struct facts f = usual_facts();

	CHECK(boots(&f));
	CHECK(hosted_exception(EXCEPTION_BREAKPOINT, 0, 3) == END_IDLE); /* nobody handles it */
	CHECK(strstr(hosted.console, "thread 726f6f74 stopped: exception 2, address 0, ip 10100") != NULL);
}

static const struct test tests[] = {
	{"the root component gets all that is left", root_gets},
	{"the root component's address space", root_sees},
	{"inputs that cannot be used", bad_inputs},
	{"an archive where none can be", bad_places},
	{"memory out of reach", memory_out_of_reach},
	{"more pieces than can be given out", many_pieces},
	{"many ranges", too_many_ranges},
	{"secondary cores", secondary_cores},
	{"a root component that crashes", fatal},
	{NULL, NULL},
};

const struct group boot_group = {"boot", START_NOTHING, tests};
