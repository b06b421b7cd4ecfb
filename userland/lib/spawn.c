/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loading a program. Each step is a function that says OK or the kernel's error; a table names the steps, so a
 * failure can be reported as what was being done and why it did not work. Whatever was made when a step fails is released.
 *
 * The program's Memory, in order: information page, buffer page, stack, then the segments' pages.
 */
#include "spawn.h"

#include <string.h>

/* The linker puts this where the ELF header of the running program is mapped (user.ld). */
extern const struct elf_header __ehdr_start;

const struct elf_header *elf_own_header(void)
{
	return &__ehdr_start;
}

enum { INFO_OFFSET = 0, BUFFER_OFFSET = PAGE_SIZE };

/* Between the buffer page and the stack nothing is mapped: a stack that overflows faults. */
#define BUFFER_ADDRESS (PROGRAM_INFO_ADDRESS + PAGE_SIZE)
#define STACK_ADDRESS (PROGRAM_INFO_ADDRESS + 16 * PAGE_SIZE)

/* A load in progress. */
struct load {
	struct builder *b;
	const struct program_spec *spec;
	struct program *out;
	struct elf_program elf;
	word_t slots;
	size_t pool, stack;
	size_t size;     /* bytes of the program's Memory */
	uint8_t *window; /* the Memory, mapped writable in the parent while it is filled */
};

/* Bytes from the first page that the segment touches to the end of the last one. */
static size_t segment_span(const struct elf_segment *s)
{
	uint64_t first = s->address & ~(uint64_t)(PAGE_SIZE - 1);

	return (size_t)((s->address + s->memory_size - first + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1));
}

static enum error make_space(struct load *l)
{
	return build_space(l->b, l->slots, l->pool, &l->out->space);
}

static enum error make_thread(struct load *l)
{
	enum error error = build_object(l->b, KIND_THREAD, 0, &l->out->thread);

	return error != OK ? error : build_context(l->b, l->spec->ceiling, &l->out->context);
}

static enum error make_endpoints(struct load *l)
{
	const struct program_spec *spec = l->spec;
	enum error error = build_derived(l->b, spec->parent, RIGHT_SEND | RIGHT_TRANSFER, spec->badge, &l->out->parent);

	if (error != OK || spec->pager == HANDLE_NONE)
		return error;
	return build_derived(l->b, spec->pager, RIGHT_SEND | RIGHT_TRANSFER, spec->badge, &l->out->pager);
}

static enum error make_memory(struct load *l)
{
	l->size = PROGRAM_STACK_OFFSET + l->stack;
	for (size_t i = 0; i < l->elf.segments; i++)
		l->size += segment_span(&l->elf.segment[i]);
	return build_object(l->b, KIND_MEMORY, l->size, &l->out->memory);
}

/* Copies at most size - 1 characters; `to` is zero already. */
static void copy_text(char *to, const char *from, size_t size)
{
	if (from != NULL)
		memcpy(to, from, strnlen(from, size - 1));
}

static void fill_info(const struct load *l)
{
	struct program_info *info = (struct program_info *)(void *)(l->window + INFO_OFFSET);

	*info = (struct program_info){
		.magic = PROGRAM_MAGIC,
		.version = PROGRAM_VERSION,
		.handle_first_free = PROGRAM_FIRST_FREE,
		.handle_slots = (uint32_t)l->slots,
		.free_address = PROGRAM_FREE_ADDRESS,
		.free_end = PROGRAM_FREE_END,
		.buffer = BUFFER_ADDRESS,
		.stack_low = STACK_ADDRESS,
		.stack_size = l->stack,
		.data_address = l->spec->data != HANDLE_NONE ? PROGRAM_DATA_ADDRESS + l->spec->data_offset : 0,
		.data_size = l->spec->data != HANDLE_NONE ? l->spec->data_size : 0,
		.untyped_size = l->spec->untyped_size,
		.frequency = l->spec->frequency,
	};
	copy_text(info->name, l->spec->name, sizeof info->name);
	copy_text(info->arguments, l->spec->arguments, sizeof info->arguments);
}

static void fill_segments(const struct load *l)
{
	uint8_t *to = l->window + PROGRAM_STACK_OFFSET + l->stack;

	for (size_t i = 0; i < l->elf.segments; i++) {
		const struct elf_segment *s = &l->elf.segment[i];

		memcpy(to + s->address % PAGE_SIZE, (const uint8_t *)l->spec->image + s->offset, (size_t)s->file_size);
		to += segment_span(s);
	}
}

/* Through a mapping of the parent's own that is gone afterwards. New Memory is zero. */
static enum error fill_memory(struct load *l)
{
	uintptr_t before = l->b->address, at = builder_take_addresses(l->b, l->size, PAGE_SIZE);
	enum error error;

	if (at == 0)
		return ERROR_NO_MEMORY;
	error = memory_map(l->out->memory, l->b->space, at, RIGHT_READ | RIGHT_WRITE);
	if (error == OK) {
		l->window = (uint8_t *)at;
		fill_info(l);
		fill_segments(l);
		error = memory_unmap(l->out->memory);
	}
	l->b->address = before;
	return error != OK ? error : memory_code(l->out->memory, 0, 0);
}

static enum error map_part(const struct load *l, uintptr_t address, word_t access, size_t offset, size_t length)
{
	return build_map(l->out->space, l->out->memory, address, access, offset, length);
}

static enum error map_memory(struct load *l)
{
	size_t offset = PROGRAM_STACK_OFFSET + l->stack;
	enum error error = map_part(l, PROGRAM_INFO_ADDRESS, RIGHT_READ, INFO_OFFSET, PAGE_SIZE);

	if (error == OK)
		error = map_part(l, BUFFER_ADDRESS, RIGHT_READ | RIGHT_WRITE, BUFFER_OFFSET, PAGE_SIZE);
	if (error == OK)
		error = map_part(l, STACK_ADDRESS, RIGHT_READ | RIGHT_WRITE, PROGRAM_STACK_OFFSET, l->stack);
	for (size_t i = 0; error == OK && i < l->elf.segments; i++) {
		const struct elf_segment *s = &l->elf.segment[i];
		size_t span = segment_span(s);

		error = map_part(l, (uintptr_t)s->address & ~(uintptr_t)(PAGE_SIZE - 1), s->access, offset, span);
		offset += span;
	}
	return error;
}

/* Its own objects: what a program holds of itself. */
static enum error give_self(struct load *l)
{
	const struct program *p = l->out;
	enum error error = space_derive(p->space, p->space, PROGRAM_SPACE, RIGHT_TABLE | RIGHT_MAP | RIGHT_FEED);

	if (error == OK)
		error = space_derive(p->space, p->thread, PROGRAM_THREAD, RIGHTS_ALL);
	if (error == OK)
		error = space_derive(p->space, p->context, PROGRAM_CONTEXT, RIGHT_BIND | RIGHT_CONFIGURE | RIGHT_CONSUMED);
	if (error == OK)
		error = space_derive(p->space, p->parent, PROGRAM_PARENT, RIGHT_SEND | RIGHT_TRANSFER);
	return error;
}

/* A new Untyped moves to the child. */
static enum error give_untyped(struct load *l)
{
	handle_t untyped;
	enum error error;

	if (l->spec->untyped_size == 0)
		return OK;
	error = build_object(l->b, KIND_UNTYPED, l->spec->untyped_size, &untyped);
	if (error != OK)
		return error;
	error = space_move(l->out->space, untyped, PROGRAM_UNTYPED);
	if (error == OK)
		builder_put_slots(l->b, untyped, 1);
	else
		builder_release(l->b, untyped);
	return error;
}

/* Memory of the parent's that the child may read. */
static enum error give_data(struct load *l)
{
	struct memory_state state;
	enum error error;

	if (l->spec->data == HANDLE_NONE)
		return OK;
	error = memory_query(l->spec->data, &state);
	if (error == OK)
		error = space_derive(l->out->space, l->spec->data, PROGRAM_DATA, RIGHT_READ);
	if (error == OK)
		error = build_map(l->out->space, l->spec->data, PROGRAM_DATA_ADDRESS, RIGHT_READ, 0, state.size);
	return error;
}

static enum error give_resources(struct load *l)
{
	const struct program_spec *spec = l->spec;
	handle_t space = l->out->space;
	enum error error = give_untyped(l);

	if (error == OK && spec->system != HANDLE_NONE)
		error = space_derive(space, spec->system, PROGRAM_SYSTEM, spec->system_rights);
	if (error == OK && spec->device != HANDLE_NONE)
		error = space_move(space, spec->device, PROGRAM_DEVICE);
	return error;
}

static enum error give_gifts(struct load *l)
{
	handle_t space = l->out->space;
	enum error error = OK;

	for (size_t i = 0; error == OK && i < PROGRAM_GIFTS_MAX; i++) {
		const struct program_gift *gift = &l->spec->gift[i];

		if (gift->handle == HANDLE_NONE)
			break;
		if (gift->move)
			error = space_move(space, gift->handle, gift->slot);
		else if (gift->badge != 0)
			error = space_derive_badged(space, gift->handle, gift->slot, gift->rights, gift->badge);
		else
			error = space_derive(space, gift->handle, gift->slot, gift->rights);
	}
	return error;
}

static enum error bind_thread(struct load *l)
{
	const struct program *p = l->out;
	const struct thread_binding binding = {
		.what = CONFIGURE_ALL,
		.space = p->space,
		.pager = p->pager != HANDLE_NONE ? p->pager : p->parent,
		.handler = p->parent,
		.context = p->context,
		.buffer = p->memory,
		.buffer_offset = BUFFER_OFFSET,
	};
	uint64_t name = 0;
	enum error error = thread_configure(p->thread, &binding);

	if (error == OK)
		error = thread_priority(p->thread, l->spec->priority, p->context);
	memcpy(&name, l->spec->name, strnlen(l->spec->name, sizeof name));
	return error != OK ? error : thread_name(p->thread, name);
}

static const struct {
	const char *text;
	enum error (*run)(struct load *);
} steps[] = {
	{"create the Space", make_space},
	{"create the Thread", make_thread},
	{"derive the Endpoints", make_endpoints},
	{"create the Memory", make_memory},
	{"fill the Memory", fill_memory},
	{"map the Memory", map_memory},
	{"hand over its own objects", give_self},
	{"hand over resources", give_resources},
	{"hand over data", give_data},
	{"hand over gifts", give_gifts},
	{"bind the Thread", bind_thread},
};

static bool fail(struct load *l, struct spawn_failure *failure, const char *step, enum error error)
{
	*failure = (struct spawn_failure){.step = step, .reason = error_text(error), .error = error};
	spawn_destroy(l->b, l->out);
	return false;
}

bool spawn(struct builder *b, const struct program_spec *spec, struct program *out, struct spawn_failure *failure)
{
	struct load l = {
		.b = b,
		.spec = spec,
		.out = out,
		.slots = spec->slots != 0 ? spec->slots : SPAWN_SLOTS,
		.pool = spec->pool != 0 ? spec->pool : SPAWN_POOL,
		.stack = spec->stack != 0 ? spec->stack : SPAWN_STACK,
	};
	enum elf_status status = elf_read(spec->image, spec->image_size, elf_own_header()->e_machine, PROGRAM_IMAGE_START, PROGRAM_IMAGE_END,
					  &l.elf);

	*out = (struct program){.stack_low = STACK_ADDRESS, .stack_end = STACK_ADDRESS + l.stack};
	if (status != ELF_OK) {
		*failure = (struct spawn_failure){.step = "read the program", .reason = elf_text(status), .elf = status};
		return false;
	}
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		enum error error = steps[i].run(&l);

		if (error != OK)
			return fail(&l, failure, steps[i].text, error);
	}
	out->entry = (uintptr_t)l.elf.entry;
	return true;
}

enum error spawn_begin(const struct program *program)
{
	return thread_start(program->thread, (uintptr_t)program->entry, program->stack_end, PROGRAM_INFO_ADDRESS);
}

void spawn_destroy(struct builder *b, struct program *program)
{
	builder_release(b, program->thread);
	builder_release(b, program->space);
	builder_release(b, program->context);
	builder_release(b, program->memory);
	builder_release(b, program->pager);
	builder_release(b, program->parent);
	*program = (struct program){.space = HANDLE_NONE};
}
