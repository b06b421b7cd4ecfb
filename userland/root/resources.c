/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the root component makes of the Untypeds that the kernel gives it: half of the largest one of RAM becomes
 * `home`, from which children are built and which is reset after each; its own few objects come from
 * the other half, so that nothing of its own ever keeps `home` busy.
 */
#include "root.h"

enum { POOL_WANTED = 1024 * 1024 };

/*
 * The largest Untyped of RAM or of devices (the last one of those of the same size); HANDLE_NONE: there is none. One of devices
 * must begin where nobody answers, and have no bridge in it.
 */
static handle_t largest(const struct boot_info *info, bool device, uint64_t *size)
{
	handle_t best = HANDLE_NONE;

	*size = 0;
	for (uint32_t i = 0; i < info->untyped_count; i++)
		if ((info->untyped[i].device != 0) == device && info->untyped[i].size >= *size &&
			!(device && machine_bridged(info, info->untyped[i].address, info->untyped[i].size))) {
			best = BOOT_UNTYPED + i;
			*size = info->untyped[i].size;
		}
	return best;
}

/* The root's pool must hold the records of what it derives. */
static enum error grow_pool(struct root *root)
{
	struct space_state state;
	handle_t pool;
	enum error error = space_query(BOOT_SPACE, &state);

	if (error != OK || state.pool_free >= POOL_WANTED / 2)
		return error;
	error = build_object(&root->builder, KIND_UNTYPED, POOL_WANTED, &pool);
	if (error == OK)
		error = space_feed(BOOT_SPACE, pool);
	if (error == OK)
		builder_put_slots(&root->builder, pool, 1);
	return error;
}

static enum error make_objects(struct root *root)
{
	struct builder *b = &root->builder;
	enum error error = build_object(b, KIND_ENDPOINT, 0, &root->endpoint);

	if (error == OK)
		error = build_object(b, KIND_NOTIFICATION, 0, &root->alarm);
	if (error == OK)
		error = notification_bind(root->alarm, BOOT_THREAD);
	return error;
}

const char *resources_prepare(struct root *root, const struct boot_info *info)
{
	uint64_t size, device_size;
	handle_t ram = largest(info, false, &size);
	uintptr_t end = PROGRAM_FREE_END;

	*root = (struct root){.info = info};
	if (system_info(BOOT_SYSTEM, &root->system) != OK)
		return "System does not answer";
	if (end > root->system.top)
		end = root->system.top;
	builder_init(&root->builder, ram, BOOT_SPACE, info->handle_first_free, info->handle_slots,
		     (uintptr_t)info->free_address, end);
	root->devices = largest(info, true, &device_size);
	if (ram == HANDLE_NONE || size < 2 * POOL_WANTED)
		return "too little RAM";
	if (build_object(&root->builder, KIND_UNTYPED, (word_t)size / 2, &root->home) != OK)
		return "no Untyped for children";
	if (grow_pool(root) != OK)
		return "the pool cannot be fed";
	if (make_objects(root) != OK)
		return "no Endpoint or Notification";
	devices_prepare(root);
	if (thread_priority(BOOT_THREAD, ROOT_PRIORITY, BOOT_CONTEXT) != OK)
		return "the priority cannot be set";
	root->builder.untyped = root->home;
	return NULL;
}

struct resources_free resources_measure(const struct root *root)
{
	struct resources_free now = {.home = 0};
	struct untyped_state untyped;
	struct space_state space;

	if (untyped_query(root->home, &untyped) == OK)
		now.home = untyped.free;
	if (space_query(BOOT_SPACE, &space) == OK)
		now.pool = space.pool_free;
	return now;
}

/* What a large destruction left to do is done by the resets that follow it, a part by each: so a few may be busy. */
static enum error reset(handle_t untyped)
{
	enum { TRIES = 10000 };
	enum error error = ERROR_BUSY;

	for (unsigned i = 0; i < TRIES && error == ERROR_BUSY; i++)
		error = untyped_reset(untyped);
	return error;
}

enum error resources_reset(const struct root *root)
{
	enum error error = reset(root->home);

	if (error == OK && root->devices != HANDLE_NONE)
		error = reset(root->devices);
	return error;
}

size_t resources_share(const struct root *root, word_t share)
{
	struct untyped_state untyped;
	size_t size = PAGE_SIZE;

	if (untyped_query(root->home, &untyped) != OK)
		return 0;
	while (size * 2 <= untyped.size / share)
		size *= 2;
	return size;
}
