/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each scenario: three Spaces beside the root component's, with two threads each, on one core or on several;
 * three Endpoints, three Notifications and some memory, of which every Space has handles in the same
 * low slots. The root component takes part.
 */
#include "scenario.h"

#include "kernel/space.h"
#include "user.h"

enum { SPACES = 3, THREADS = 2, SLOTS = 64, FREE_SLOTS = 12, POOL = 64 << 10, SCENARIOS = 6 };

/* Slots of the three Spaces. */
enum slot {
	SLOT_SELF = 1,
	SLOT_SPACE = 2, /* another Space */
	SLOT_THREAD = 3, /* its own two, then one of another Space */
	SLOT_ENDPOINT = 6,
	SLOT_BADGED = 9,
	SLOT_NOTIFICATION = 12,
	SLOT_SIGNAL = 15,
	SLOT_MEMORY = 18,
	SLOT_UNTYPED = 23,
	SLOT_CONTEXT = 26,
	SLOT_SYSTEM = 29,
	SLOT_INTERRUPT = 30,
	SLOT_FREE = 32
};

static const struct {
	unsigned cores;
	enum hosted_shape shape;
} scenarios[SCENARIOS] = {
	{1, SHAPE_SMALL}, {4, SHAPE_SMALL}, {1, SHAPE_USUAL}, {2, SHAPE_BIG_ROOT}, {1, SHAPE_SMALL}, {2, SHAPE_SMALL},
};

static struct {
	handle_t space[SPACES], endpoint[3], notification[3], memory[4], untyped[2], state, interrupt[2], first_free;
	struct user_thread thread[SPACES][THREADS];
} world;

static void must(enum error error)
{
	if (error)
		hosted_abort("the scenario cannot be made");
}

static void give(unsigned space, handle_t handle, word_t slot, word_t rights, word_t badge)
{
	must(user_call(world.space[space], SPACE_DERIVE, WORDS(handle, slot, rights, badge)));
}

static void move(unsigned space, handle_t handle, word_t slot)
{
	must(user_call(world.space[space], SPACE_MOVE, WORDS(handle, slot)));
}

static void make_objects(unsigned cores)
{
	for (unsigned i = 0; i < SPACES; i++)
		world.space[i] = user_make_space(SLOTS, POOL);
	for (unsigned i = 0; i < 3; i++) {
		world.endpoint[i] = user_make(KIND_ENDPOINT, i % cores);
		world.notification[i] = user_make(KIND_NOTIFICATION, i % cores);
	}
	world.memory[0] = user_make(KIND_MEMORY, PAGE_SIZE);
	world.memory[1] = user_make(KIND_MEMORY, 4 * PAGE_SIZE);
	world.memory[2] = user_make(KIND_MEMORY, 48 * PAGE_SIZE);
	world.memory[3] = user_make(KIND_MEMORY, 600 * PAGE_SIZE);
	world.untyped[0] = user_make(KIND_UNTYPED, 64 << 10);
	world.untyped[1] = user_make(KIND_UNTYPED, 256 << 10);
	world.state = user_make(KIND_UNTYPED, 64);
	world.interrupt[0] = user_slots(1);
	must(user_call(BOOT_SYSTEM, SYSTEM_INTERRUPT, WORDS(user.untyped, 1, 1, 3)));
	world.interrupt[1] = user_slots(1);
	must(user_call(BOOT_SYSTEM, SYSTEM_MESSAGE_INTERRUPT, WORDS(user.untyped, 1, 0x18, cores - 1)));
}

static void make_threads(unsigned cores)
{
	for (unsigned s = 0; s < SPACES; s++) {
		for (unsigned i = 0; i < THREADS; i++) {
			struct user_thread *u = &world.thread[s][i];

			*u = user_start(world.space[s], (uint8_t)(100 + 8 * s + i), world.endpoint[s], world.endpoint[2]);
			must(user_call(u->handle, THREAD_NAME, WORDS(0xa0 + 16 * s + i)));
			u->buffer->handle_first = SLOT_FREE;
			u->buffer->handle_count = 8;
			must(user_call(u->context, CONTEXT_CONFIGURE, i ? WORDS((s + 1) % cores, 400, 1000, 200)
									: WORDS(s % cores, CONTEXT_UNLIMITED, CONTEXT_UNLIMITED, 255)));
		}
	}
}

static void fill_table(unsigned s)
{
	unsigned other = (s + 1) % SPACES;

	give(s, world.space[s], SLOT_SELF, RIGHTS_ALL, 0);
	give(s, world.space[other], SLOT_SPACE, RIGHTS_ALL, 0);
	give(s, world.thread[s][0].handle, SLOT_THREAD, RIGHTS_ALL, 0);
	give(s, world.thread[s][1].handle, SLOT_THREAD + 1, RIGHTS_ALL, 0);
	give(s, world.thread[other][0].handle, SLOT_THREAD + 2, RIGHTS_ALL, 0);
	for (unsigned i = 0; i < 3; i++) {
		give(s, world.endpoint[i], SLOT_ENDPOINT + i, RIGHTS_ALL, 0);
		give(s, world.endpoint[i], SLOT_BADGED + i, RIGHTS_ALL | SPACE_BADGE, 0x100 + 16 * s + i);
		give(s, world.notification[i], SLOT_NOTIFICATION + i, RIGHTS_ALL, 0);
		give(s, world.notification[i], SLOT_SIGNAL + i, RIGHT_SIGNAL | SPACE_BADGE, 0x11u << i);
	}
	for (unsigned i = 0; i < 4; i++)
		give(s, world.memory[i], SLOT_MEMORY + i, RIGHTS_ALL, 0);
	give(s, world.memory[0], SLOT_MEMORY + 4, RIGHT_READ, 0);
	give(s, world.thread[s][0].context, SLOT_CONTEXT, RIGHTS_ALL, 0);
	give(s, world.thread[s][1].context, SLOT_CONTEXT + 1, RIGHTS_ALL, 0);
	give(s, world.thread[other][1].context, SLOT_CONTEXT + 2, RIGHTS_ALL, 0);
	give(s, world.interrupt[0], SLOT_INTERRUPT, RIGHTS_ALL, 0);
	give(s, world.interrupt[1], SLOT_INTERRUPT + 1, RIGHTS_ALL, 0);
	give(s, BOOT_SYSTEM, SLOT_SYSTEM, RIGHTS_ALL & ~RIGHT_POWER, 0);
}

static void make(unsigned cores, enum hosted_shape shape)
{
	handle_t device = BOOT_UNTYPED;

	hosted.cores = cores;
	user_boot(shape);
	make_objects(cores);
	make_threads(cores);
	for (unsigned s = 0; s < SPACES; s++)
		fill_table(s);
	while (!(user_capability(device)->flags & CAPABILITY_DEVICE))
		device++;
	move(0, world.untyped[0], SLOT_UNTYPED);
	move(1, world.untyped[1], SLOT_UNTYPED);
	move(2, BOOT_UNTYPED, SLOT_UNTYPED);
	move(0, world.state, SLOT_UNTYPED + 1);
	move(1, device, SLOT_UNTYPED + 1);
	world.first_free = user_slots(8);
	hosted_pass(0);
}

void scenario_make(void)
{
	hosted_save(0);
	for (unsigned i = 0; i < SCENARIOS; i++) {
		hosted_restore(0);
		make(scenarios[i].cores, scenarios[i].shape);
		hosted_save(1 + i);
	}
}

void scenario_load(unsigned choice)
{
	hosted_restore(1 + choice % SCENARIOS);
}

handle_t scenario_handle(const struct space *space, uint8_t choice)
{
	if (space->slots <= SLOTS)
		return choice % (SLOT_FREE + FREE_SLOTS);
	if (choice < 8)
		return choice == BOOT_SYSTEM ? 0 : choice;
	return world.space[0] + choice % (world.first_free + 8 - world.space[0]);
}

uintptr_t scenario_address(uint8_t choice)
{
	static const uintptr_t bases[] = {0x400000, 0x410000, 0x7fe000, 0x10000, 0x800000, 0xa00000, 0x1000000, 0x1ff0000};

	return bases[choice >> 5] + ((uintptr_t)(choice & 31) << PAGE_SHIFT);
}
