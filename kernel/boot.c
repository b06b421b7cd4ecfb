/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot: from what firmware left to the root component. The kernel takes what it needs for the root
 * component's first objects from one Untyped and gives everything else away; after that it owns nothing.
 */
#include <abi/boot.h>

#include "kernel/bits.h"
#include "kernel/context.h"
#include "kernel/invoke.h"
#include "kernel/memory.h"
#include "kernel/program.h"
#include "kernel/schedule.h"
#include "kernel/tree.h"
#include "kernel/untyped.h"

#include <string.h>

enum {
	ROOT_SLOTS = 4096,
	ROOT_POOL = 512 << 10,
	ROOT_STACK = 64 << 10,
	ROOT_PRIORITY = 128,
	LAYOUT_UNIT = 2 << 20, /* what lies above the program starts at multiples of this */
	PIECES_MAX = BOOT_UNTYPED_MAX,
};

struct piece {
	uint64_t base;
	unsigned shift;
	bool device;
};

static struct machine machine;
static struct ranges devices;
static struct piece pieces[PIECES_MAX];
static unsigned piece_count, pieces_lost;

_Noreturn static void stop(const char *where, const char *problem)
{
	kprintf("\ncobnut: %s%s\n", where, problem);
	hal_stop(POWER_FAIL);
}

static void must(bool success)
{
	if (!success)
		stop("", "too many memory ranges");
}

/* ---- what is free ---- */

static void keep(uint64_t start, uint64_t end)
{
	start &= ~(uint64_t)(PAGE_SIZE - 1);
	end = (end + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
	must(ranges_remove(&machine.ram, start, end));
	must(ranges_remove(&devices, start, end));
}

/* RAM becomes reachable for the kernel, or is left out. */
static void map_ram(void)
{
	for (unsigned i = 0; i < machine.ram.count; i++) {
		struct hal_range r = machine.ram.range[i];

		if (hal_direct_map(r.start, r.end))
			continue;
		kprintf("cobnut: memory %lx..%lx is beyond the kernel's reach and not used\n", (unsigned long)r.start,
			(unsigned long)r.end);
		must(ranges_remove(&machine.ram, r.start, r.end));
		must(ranges_remove(&devices, r.start, r.end));
		i--;
	}
}

static void find_free(const struct hal_boot *boot)
{
	must(ranges_add(&devices, 0, boot->physical_end));
	for (unsigned i = 0; i < machine.ram.count; i++)
		must(ranges_remove(&devices, machine.ram.range[i].start, machine.ram.range[i].end));
	map_ram();
	keep(boot->kernel.start, boot->kernel.end);
	if (ranges_contain(&machine.ram, machine.archive.start, machine.archive.end))
		keep(machine.archive.start, machine.archive.end);
	else
		stop("", "boot archive lies over the kernel or beyond its reach");
	for (unsigned i = 0; i < machine.reserved.count; i++)
		keep(machine.reserved.range[i].start, machine.reserved.range[i].end);
	for (unsigned i = 0; i < HAL_RANGES_MAX; i++) {
		keep(boot->ram_kept[i].start, boot->ram_kept[i].end);
		keep(boot->devices_kept[i].start, boot->devices_kept[i].end);
	}
	keep(boot->tree_memory.start, boot->tree_memory.end);
}

/* Cuts ranges into powers of two, aligned to their size. */
static void cut(const struct ranges *set, bool device)
{
	unsigned limit = device ? 63 : UNTYPED_RAM_MAX_SHIFT;

	for (unsigned i = 0; i < set->count; i++) {
		uint64_t at = set->range[i].start, end = set->range[i].end;

		while (at < end) {
			unsigned shift = at ? lowest_bit(at) : limit;

			if (shift > limit)
				shift = limit;
			while ((uint64_t)1 << shift > end - at)
				shift--;
			if (piece_count < PIECES_MAX)
				pieces[piece_count++] = (struct piece){at, shift, device};
			else
				pieces_lost++;
			at += (uint64_t)1 << shift;
		}
	}
}

/* ---- the first objects ---- */

/* Takes cleared memory from the Untyped that the root component is built from. */
static uint64_t carve(struct capability *from, uint64_t size, uint64_t alignment)
{
	uint64_t missing, start = untyped_fit(from, size, alignment, &missing);

	if (missing)
		stop("", "not enough memory for the root component");
	while (!untyped_clear_step(from, start, start + size))
		;
	untyped_take(from, start + size);
	return start;
}

static struct space *make_space(struct capability *from)
{
	void *memory = hal_kernel_address(carve(from, space_size(ROOT_SLOTS), space_alignment()));
	struct space *space = space_make(memory, ROOT_SLOTS);
	struct capability *slot;

	pool_add(&space->pool, hal_kernel_address(carve(from, ROOT_POOL, BLOCK_SIZE)), ROOT_POOL);
	slot = space_slot(space, BOOT_SPACE);
	capability_make(slot, from, object_word(space, KIND_SPACE), RIGHTS_ALL);
	space->object.original = slot;
	return space;
}

static void make_object(struct space *space, struct capability *from, handle_t handle, enum kind kind)
{
	uint64_t size, alignment;

	object_size(kind, 0, &size, &alignment);
	object_create(space_slot(space, handle), from, kind, carve(from, size, alignment), 0);
}

static struct capability *make_memory(struct space *space, struct capability *from, handle_t handle, uint64_t base, uint64_t size,
				      uint8_t rights)
{
	struct capability *slot = space_slot(space, handle);

	capability_make(slot, from, base | KIND_MEMORY, rights);
	slot->pages = (uint32_t)(size >> PAGE_SHIFT);
	return slot;
}

/* Maps a part of a Memory into the root component, in as many records as it takes. */
static void map(struct space *space, struct capability *memory, word_t offset, uint64_t size, uintptr_t address, unsigned access)
{
	for (uint64_t done = 0; done < size;) {
		struct mapping_plan planned;
		struct capability *record;
		struct mapping m;

		if (memory_mapping(memory, offset + done, size - done, address + done, access, &m) ||
		    pagetable_plan(space, &m, false, &planned) || pool_missing(&space->pool, planned.blocks, 1))
			stop("", "the root component does not fit into its address space or pool");
		m.length = planned.length;
		record = pool_take_record(&space->pool);
		capability_derive(record, memory, (uint8_t)m.access);
		memory_narrow(record, offset + done, m.length);
		memory_enter(space, record, &m);
		done += m.length;
	}
}

/* ---- the root component ---- */

static uint64_t round_up(uint64_t value, uint64_t unit)
{
	return (value + unit - 1) & ~(unit - 1);
}

/* Copies and maps the program; returns where its stack begins in the image Memory. */
static word_t load(struct space *space, struct capability *image, const struct program *p)
{
	char *memory = hal_kernel_address(capability_base(image));
	word_t offset = 0;

	for (size_t i = 0; i < p->elf.segments; i++) {
		const struct elf_segment *s = &p->elf.segment[i];
		size_t bytes = segment_pages(s) << PAGE_SHIFT;

		memcpy(memory + offset + s->address % PAGE_SIZE, p->file + s->offset, s->file_size);
		map(space, image, offset, bytes, segment_page(s), (unsigned)s->access);
		offset += bytes;
	}
	hal_cache_code(memory, offset);
	return offset;
}

static void give_untypeds(struct space *space, struct capability *source, const struct piece *chosen, struct boot_info *info)
{
	for (unsigned i = 0; i < piece_count; i++) {
		struct capability *slot = space_slot(space, BOOT_UNTYPED + i);

		if (&pieces[i] == chosen)
			capability_move(slot, source);
		else
			untyped_make(slot, NULL, pieces[i].base, pieces[i].shift, pieces[i].device, true);
		info->untyped[i] = (struct boot_untyped){
			.address = pieces[i].base,
			.size = (uint64_t)1 << pieces[i].shift,
			.device = pieces[i].device,
		};
	}
	info->untyped_count = piece_count;
	info->handle_first_free = BOOT_UNTYPED + piece_count;
	info->handle_slots = ROOT_SLOTS;
}

/* Tree and archive, readable, above the program. */
static void map_inputs(struct space *space, struct capability *from, const struct hal_boot *boot, struct boot_info *info, uintptr_t at)
{
	size_t tree_size = tree_pack(boot->tree), tree_pages = round_up(tree_size, PAGE_SIZE);
	uint64_t tree = carve(from, tree_pages, PAGE_SIZE);
	uint64_t archive = machine.archive.start & ~(uint64_t)(PAGE_SIZE - 1);
	uint64_t archive_pages = round_up(machine.archive.end, PAGE_SIZE) - archive;
	const uint8_t rights = RIGHT_READ | RIGHT_PHYSICAL;

	memcpy(hal_kernel_address(tree), boot->tree, tree_size);
	info->tree_address = at;
	info->tree_size = tree_size;
	map(space, make_memory(space, from, BOOT_TREE, tree, tree_pages, rights), 0, tree_pages, at, RIGHT_READ);
	at += round_up(tree_pages, LAYOUT_UNIT);
	info->archive_address = at + (machine.archive.start - archive);
	info->archive_size = machine.archive.end - machine.archive.start;
	map(space, make_memory(space, NULL, BOOT_ARCHIVE, archive, archive_pages, rights), 0, archive_pages, at, RIGHT_READ);
	info->free_address = at + round_up(archive_pages, LAYOUT_UNIT);
}

static void start_root(struct space *space, struct capability *image, word_t stack, const struct program *p, uintptr_t base)
{
	struct thread *t = capability_object(space_lookup(space, BOOT_THREAD));
	struct context *context = capability_object(space_lookup(space, BOOT_CONTEXT));
	word_t buffer = stack + ROOT_STACK + PAGE_SIZE;

	map(space, image, stack, ROOT_STACK, base + ROOT_STACK, RIGHT_READ | RIGHT_WRITE);
	map(space, image, buffer, PAGE_SIZE, base + PAGE_SIZE, RIGHT_READ | RIGHT_WRITE);
	context->ceiling = PRIORITIES - 1;
	t->priority = t->effective = ROOT_PRIORITY;
	t->name = 0x726f6f74; /* "root" */
	thread_bind(t, BIND_SPACE, space_lookup(space, BOOT_SPACE), 0);
	thread_bind(t, BIND_CONTEXT, space_lookup(space, BOOT_CONTEXT), 0);
	thread_bind(t, BIND_BUFFER, image, buffer);
	hal_frame_init(&t->frame, p->elf.entry, base + 2 * ROOT_STACK, base);
	schedule_ready(t);
}

static void make_root(const struct hal_boot *boot, const struct piece *chosen, const struct program *p)
{
	struct capability source = {0};
	uint64_t image_size = ((uint64_t)p->pages << PAGE_SHIFT) + ROOT_STACK + 2 * PAGE_SIZE;
	uintptr_t base = round_up(p->end, LAYOUT_UNIT);
	struct capability *image, *page;
	struct boot_info *info;
	struct space *space;
	word_t stack;

	untyped_make(&source, NULL, chosen->base, chosen->shift, false, true);
	space = make_space(&source);
	make_object(space, &source, BOOT_THREAD, KIND_THREAD);
	make_object(space, &source, BOOT_CONTEXT, KIND_CONTEXT);
	capability_make(space_slot(space, BOOT_SYSTEM), NULL, KIND_SYSTEM, RIGHTS_ALL);
	image = make_memory(space, &source, BOOT_IMAGE, carve(&source, image_size, PAGE_SIZE), image_size, RIGHTS_ALL);
	stack = load(space, image, p);
	page = make_memory(space, &source, BOOT_INFO, carve(&source, PAGE_SIZE, PAGE_SIZE), PAGE_SIZE, RIGHT_READ);
	info = hal_kernel_address(capability_base(page));
	info->magic = BOOT_MAGIC;
	info->version = BOOT_VERSION;
	info->buffer_address = base + PAGE_SIZE;
	map(space, page, 0, PAGE_SIZE, base, RIGHT_READ);
	map_inputs(space, &source, boot, info, base + LAYOUT_UNIT);
	start_root(space, image, stack, p, base);
	give_untypeds(space, &source, chosen, info);
}

/* The smallest RAM piece that surely holds the root component's first objects, so that the large ones stay whole. */
static const struct piece *choose_source(const struct program *p)
{
	uint64_t need = 2 * (((uint64_t)p->pages << PAGE_SHIFT) + ROOT_POOL + ROOT_STACK + TREE_SIZE_MAX);
	const struct piece *best = NULL;

	for (unsigned i = 0; i < piece_count; i++)
		if (!pieces[i].device && (uint64_t)1 << pieces[i].shift >= need && (!best || pieces[i].shift < best->shift))
			best = &pieces[i];
	if (!best)
		stop("", "not enough memory for the root component");
	return best;
}

struct hal_frame *core_main(const struct hal_boot *boot)
{
	const char *where, *problem = tree_read(boot, &machine);
	struct program program;
	uint64_t bytes = 0;

	core_begin();
	if (problem)
		stop("", problem);
	pagetable_init();
	find_free(boot);
	cut(&machine.ram, false);
	cut(&devices, true);
	for (unsigned i = 0; i < machine.ram.count; i++)
		bytes += machine.ram.range[i].end - machine.ram.range[i].start;
	kprintf("cobnut: " HAL_NAME ", %lu KiB of memory free\n", (unsigned long)(bytes >> 10));
	if (pieces_lost)
		kprintf("cobnut: %u small ranges are not given out\n", pieces_lost);
	problem = program_read(hal_kernel_address(machine.archive.start), machine.archive.end - machine.archive.start,
			       pagetable_top(), &program, &where);
	if (problem)
		stop(where, problem);
	mailbox_init(&core_self()->mailbox);
	schedule_init();
	make_root(boot, choose_source(&program), &program);
	cores_start();
	return core_resume();
}
