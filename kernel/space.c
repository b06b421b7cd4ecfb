/* SPDX-License-Identifier: BSD-2-Clause */
/* Spaces: making, handle table, ASIDs, tear-down, and the messages of a Space capability. */
#include "kernel/space.h"
#include "kernel/invoke.h"
#include "kernel/memory.h"
#include "kernel/revoke.h"
#include "kernel/schedule.h"

static unsigned asid_next = 1;
uint64_t asid_generation = 1;

static size_t directory_entries(word_t slots)
{
	return (slots + TABLE_BLOCK_SLOTS - 1) / TABLE_BLOCK_SLOTS;
}

/* The root table comes first, since its alignment is the largest. */
size_t space_size(word_t slots)
{
	size_t size = sizeof(struct space) + directory_entries(slots) * sizeof(struct capability *);

	return hal_pt()->root_size + ((size + 63) & ~(size_t)63);
}

size_t space_alignment(void)
{
	return hal_pt()->root_size;
}

struct space *space_make(void *memory, word_t slots)
{
	struct space *space = (struct space *)(void *)((char *)memory + hal_pt()->root_size);

	space->object.kind = KIND_SPACE;
	space->slots = (uint32_t)slots;
	space->root = memory;
	space->dying_slot = 1;
	hal_root_init(space->root);
	pagetable_forget();
	return space;
}

enum error space_slot_free(const struct space *space, handle_t handle, unsigned *blocks)
{
	if (handle == HANDLE_NONE || handle >= space->slots)
		return ERROR_BAD_ARGUMENT;
	if (!space->directory[handle / TABLE_BLOCK_SLOTS])
		++*blocks;
	else if (space_lookup(space, handle))
		return ERROR_BUSY;
	return OK;
}

struct capability *space_slot(struct space *space, handle_t handle)
{
	struct capability **block = &space->directory[handle / TABLE_BLOCK_SLOTS];

	if (!*block) /* others look at it without the lock */
		__atomic_store_n(block, pool_take_block(&space->pool), __ATOMIC_RELEASE);
	return &(*block)[handle % TABLE_BLOCK_SLOTS];
}

/* ---- activation ---- */

/* Space by Space takes an ASID of the new generation when it is activated next: on all cores, at once. */
static void new_generation(void)
{
	asid_generation++;
	asid_next = 1;
	cores_sync(&(struct sync){.leave_any = true, .flush = !hal_pt()->flush_reaches_all});
	hal_tlb_flush_all();
}

static void take_asid(struct space *space)
{
	lock_take();
	if (space->asid_generation != asid_generation) {
		if (hal_pt()->asid_bits) {
			if (asid_next >= 1u << hal_pt()->asid_bits)
				new_generation();
			space->asid = asid_next++;
			hal_asid_bind(space->asid, hal_physical_address(space->root));
		}
		space->translation = hal_translation(hal_physical_address(space->root), space->asid);
		__atomic_store_n(&space->asid_generation, asid_generation, __ATOMIC_RELEASE);
	}
	lock_give();
}

void space_activate_anew(struct space *space)
{
	take_asid(space);
	hal_space_switch(space->translation);
}

void space_flush(struct space *space, uintptr_t address, uint64_t length, bool tables)
{
	const struct hal_pt *format = hal_pt();

	bool cached = !format->asid_bits || space->asid_generation == asid_generation;

	if (cached)
		hal_tlb_flush(space->asid, address, length, tables);
	if (!cached || format->flush_reaches_all) {
		if (tables)
			cores_sync(&(struct sync){0}); /* the kernel itself walks them without the lock when a thread faults */
	} else {
		cores_sync(&(struct sync){
			.flush = true,
			.tables = tables,
			.asid = space->asid,
			.address = address,
			.length = length,
		});
	}
}

/* ---- tear-down ---- */

/* Empties one slot of the table, or passes a run of empty ones. True: all are empty. */
static bool teardown_table(struct space *space)
{
	for (unsigned i = 0; i < TABLE_BLOCK_SLOTS && space->dying_slot < space->slots; i++) {
		struct capability *c = space_lookup(space, space->dying_slot);

		if (c) {
			bool tree = capability_kind(c) != KIND_REPLY;

			if (tree)
				c->flags |= CAPABILITY_REVOKING; /* nothing grows below it meanwhile */
			if (!tree || subtree_step(c, true))
				capability_remove(&c);
			return false;
		}
		if (!space->directory[space->dying_slot / TABLE_BLOCK_SLOTS])
			space->dying_slot |= TABLE_BLOCK_SLOTS - 1;
		space->dying_slot++;
	}
	return space->dying_slot >= space->slots;
}

/* No core translates through the page tables any more, and none remembers that it did. */
static void retire(struct space *space)
{
	struct core *core = core_self();

	if (core->active_space == space) {
		hal_space_none();
		core->active_space = NULL;
	}
	cores_sync(&(struct sync){.leave = space});
	space_flush(space, 0, pagetable_top(), true);
	space->asid_generation = 0;
}

bool space_teardown(struct space *space)
{
	struct pool *pool = &space->pool;
	struct feed *feed = pool->first;
	struct capability *c;

	if (!subtree_step(space->object.original, true))
		return false;
	teardown_keep(space->object.original);
	if (!teardown_table(space))
		return false;
	if (!space->dying_address)
		retire(space); /* once: then unmapping has nothing to flush */
	c = pagetable_first(space, &space->dying_address, pagetable_top());
	if (c) {
		mapping_remove(c, space->dying_address);
		return false;
	}
	if (!feed)
		return true;
	pool->first = feed->next;
	if (feed->capability.object)
		capability_clear(&feed->capability);
	return false;
}

/* ---- messages ---- */

/* The slot of the target Space that a capability is to be put into: empty, and the pool can make it. */
static enum error destination(struct invocation *call, struct space *space, handle_t handle)
{
	unsigned blocks = 0;
	enum error error = space_slot_free(space, handle, &blocks);

	if (error)
		return error;
	if (space->object.dying)
		return ERROR_GONE;
	call->detail = pool_missing(&space->pool, blocks, 0);
	return call->detail ? ERROR_NO_MEMORY : OK;
}

static enum error operation_derive(struct invocation *call)
{
	struct space *space = capability_object(call->target);
	struct capability *from = space_lookup(call->caller->space, call->w[0]), *to;
	bool badge = call->w[2] & SPACE_BADGE;
	enum error error;

	if (!from)
		return ERROR_BAD_HANDLE;
	if (call->w[2] & ~(word_t)(RIGHTS_ALL | SPACE_BADGE) || call->w[3] > UINT32_MAX)
		return ERROR_BAD_ARGUMENT;
	if (badge && capability_kind(from) != KIND_ENDPOINT && capability_kind(from) != KIND_NOTIFICATION)
		return ERROR_WRONG_KIND;
	if (badge && (from->flags & CAPABILITY_BADGED || !call->w[3]))
		return ERROR_BAD_ARGUMENT;
	error = capability_derivable(from);
	if (!error)
		error = destination(call, space, call->w[1]);
	if (error)
		return error;
	to = space_slot(space, call->w[1]);
	capability_derive_badged(to, from, (uint8_t)call->w[2], badge ? (uint32_t)call->w[3] : 0);
	return OK;
}

static enum error operation_move(struct invocation *call)
{
	struct space *space = capability_object(call->target);
	struct capability *from = space_lookup(call->caller->space, call->w[0]);
	enum error error;

	if (!from)
		return ERROR_BAD_HANDLE;
	error = capability_movable(from);
	if (!error)
		error = destination(call, space, call->w[1]);
	if (!error)
		capability_move(space_slot(space, call->w[1]), from);
	return error;
}

static enum error operation_delete(struct invocation *call)
{
	struct space *space = capability_object(call->target);
	struct capability *c = space_lookup(space, call->w[0]);

	if (call->caller->continuation == CONTINUE_TEARDOWN)
		return capability_delete(call->caller, NULL);
	return c ? capability_delete(call->caller, c) : ERROR_BAD_HANDLE;
}

static enum error operation_revoke(struct invocation *call)
{
	struct capability *c = space_lookup(capability_object(call->target), call->w[0]);

	return c ? capability_revoke(c) : ERROR_BAD_HANDLE;
}

static enum error operation_map(struct invocation *call)
{
	struct space *space = capability_object(call->target);
	bool replace = call->w[2] & WINDOW_REPLACE;
	word_t access = call->w[2] & ~(word_t)WINDOW_REPLACE, length = call->w[4];
	struct capability *c, *record;
	struct mapping_plan planned;
	struct mapping m;
	enum error error = invocation_capability(call, call->w[0], KIND_MEMORY, 0, &c);

	if (!error)
		error = space->object.dying ? ERROR_GONE : capability_derivable(c);
	if (!error)
		error = memory_part(c, call->w[3], &length);
	if (!error)
		error = memory_mapping(c, call->w[3], length, call->w[1], access, &m);
	if (!error)
		error = pagetable_plan(space, &m, replace, &planned);
	if (error)
		return error;
	if (planned.occupied && !memory_replaceable(space, m.address, planned.length))
		return ERROR_BUSY;
	call->detail = pool_missing(&space->pool, planned.blocks, 1);
	if (call->detail)
		return ERROR_NO_MEMORY;
	m.length = planned.length;
	if (planned.occupied)
		memory_replace(space, m.address, m.length);
	record = pool_take_record(&space->pool);
	capability_derive(record, c, (uint8_t)m.access);
	memory_narrow(record, call->w[3], m.length);
	memory_enter(space, record, &m);
	call->w[0] = m.length;
	call->answer_words = 1;
	return OK;
}

static enum error operation_unmap(struct invocation *call)
{
	struct space *space = capability_object(call->target);
	uintptr_t at = call->w[0], end = at + call->w[1];
	struct capability *c;

	if ((at | end) & (PAGE_SIZE - 1) || end < at || end > pagetable_top())
		return ERROR_BAD_ARGUMENT;
	while ((c = pagetable_first(space, &at, end))) {
		mapping_remove(c, at);
		if (schedule_preempt())
			return ERROR_RETRY;
	}
	return OK;
}

static enum error operation_feed(struct invocation *call)
{
	struct space *space = capability_object(call->target);
	struct capability *c;
	struct feed *feed;
	enum error error = invocation_capability(call, call->w[0], KIND_UNTYPED, 0, &c);

	if (error)
		return error;
	if (c->flags & CAPABILITY_DEVICE)
		return ERROR_WRONG_KIND;
	if ((uint64_t)1 << c->attribute < 2 * BLOCK_SIZE)
		return ERROR_BAD_ARGUMENT;
	if (c->child || c->untyped.used)
		return ERROR_BUSY;
	error = space->object.dying ? ERROR_GONE : capability_movable(c);
	if (error)
		return error;
	feed = pool_add(&space->pool, hal_kernel_address(capability_base(c)), (uint64_t)1 << c->attribute);
	capability_move(&feed->capability, c);
	feed->capability.flags |= CAPABILITY_FEED;
	feed->capability.feed.space = space;
	return OK;
}

static enum error operation_query(struct invocation *call)
{
	const struct space *space = capability_object(call->target);

	call->w[0] = space->pool.size;
	call->w[1] = pool_free(&space->pool);
	call->w[2] = space->slots;
	call->w[3] = pagetable_top();
	call->answer_words = 4;
	return OK;
}

static enum error operation_slot(struct invocation *call)
{
	const struct space *space = capability_object(call->target);
	const struct capability *c = space_lookup(space, call->w[0]);

	if (call->w[0] >= space->slots)
		return ERROR_BAD_ARGUMENT;
	if (!c) {
		call->w[0] = KIND_NONE;
		call->answer_words = 1;
		return OK;
	}
	call->w[0] = capability_kind(c);
	call->w[1] = c->rights;
	call->w[2] = c->flags & CAPABILITY_BADGED ? c->badge : 0;
	call->w[3] = c->child != NULL;
	call->w[4] = call->w[0] == KIND_REPLY ? capability_object(c) != NULL : (c->flags & CAPABILITY_ORIGINAL) != 0;
	call->answer_words = 5;
	return OK;
}

const struct operation space_operations[] = {
	{SPACE_DERIVE, RIGHT_TABLE, operation_derive},
	{SPACE_MOVE, RIGHT_TABLE, operation_move},
	{SPACE_DELETE, RIGHT_TABLE, operation_delete},
	{SPACE_REVOKE, RIGHT_TABLE, operation_revoke},
	{SPACE_MAP, RIGHT_MAP, operation_map},
	{SPACE_UNMAP, RIGHT_MAP, operation_unmap},
	{SPACE_FEED, RIGHT_FEED, operation_feed},
	{SPACE_QUERY, 0, operation_query},
	{SPACE_SLOT, RIGHT_TABLE, operation_slot},
	{0, 0, NULL},
};
