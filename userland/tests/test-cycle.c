/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Creating and destroying everything, 10000 times: afterwards just as much memory is free as before, to the byte, and
 * what is made last works like what was made first. The Spaces in which threads run are more than some processors have
 * numbers for, so these are used again.
 */
#include "actor.h"
#include "spawn.h"
#include "support.h"

enum { ROUNDS = 5600, LIVES = 4400, SOURCE = 1 << 20, POOL = 64 * 1024, SLOTS = 16, READ_WRITE = RIGHT_READ | RIGHT_WRITE };

/* Slots of what a round makes, from `slots` on. */
enum { SPACE, FOOD, THREAD, CONTEXT, ENDPOINT, NOTIFICATION, MEMORY, PART, BADGED, OBJECTS, FPU = OBJECTS };

static handle_t source, slots, endpoint;
static word_t fpu_bytes; /* for the FP and vector state of a thread, a power of two; 0: there is no such state */
static unsigned failures;

static handle_t at(unsigned object)
{
	return slots + object;
}

static void must(enum error error)
{
	failures += error != OK;
}

static void create(enum kind kind, word_t parameter, unsigned object)
{
	must(untyped_create(source, kind, parameter, 1, MEMORY_NORMAL, at(object)));
}

/* ---- objects ---- */

/* One of each kind, each used by another. */
static void make_objects(void)
{
	struct thread_binding binding = {.what = CONFIGURE_ALL, .space = at(SPACE), .pager = at(ENDPOINT), .handler = at(ENDPOINT),
					 .context = at(CONTEXT), .buffer = at(MEMORY)};

	create(KIND_SPACE, SPACE_HANDLES_MIN, SPACE);
	create(KIND_UNTYPED, POOL, FOOD);
	must(space_feed(at(SPACE), at(FOOD)));
	create(KIND_THREAD, 0, THREAD);
	create(KIND_CONTEXT, 0, CONTEXT);
	create(KIND_ENDPOINT, 0, ENDPOINT);
	create(KIND_NOTIFICATION, 0, NOTIFICATION);
	create(KIND_MEMORY, PAGE_SIZE, MEMORY);
	must(memory_derive(at(MEMORY), 0, 0, RIGHT_READ, at(PART)));
	must(space_derive_badged(PROGRAM_SPACE, at(ENDPOINT), at(BADGED), RIGHT_SEND, 1));
	must(space_move(at(SPACE), at(BADGED), 1));
	must(space_map(at(SPACE), at(PART), PROGRAM_FREE_ADDRESS, RIGHT_READ, 0, 0, NULL));
	must(memory_map(at(MEMORY), at(SPACE), PROGRAM_FREE_ADDRESS + PAGE_SIZE, READ_WRITE));
	must(thread_configure(at(THREAD), &binding));
	must(notification_bind(at(NOTIFICATION), at(THREAD)));
	if (fpu_bytes != 0) {
		create(KIND_UNTYPED, fpu_bytes, FPU);
		must(thread_fpu(at(THREAD), at(FPU)));
	}
}

/* In an order that is another one in each round, or all at once. */
static void destroy_objects(unsigned round)
{
	if (round % 8 == 0) {
		must(space_revoke(PROGRAM_SPACE, source));
	} else {
		for (unsigned i = 0; i < OBJECTS; i++) {
			unsigned object = (i * (round % 2 ? 2 : 4) + round) % OBJECTS; /* 9 is prime to both */

			if (object != FOOD && object != BADGED && object != PART)
				must(space_delete(PROGRAM_SPACE, at(object)));
		}
	}
	must(untyped_reset(source));
}

static void check_objects(void)
{
	word_t pool;

	make_objects();
	destroy_objects(0);
	check_equal(failures, 0, "one object of each kind can be created, used by others and destroyed");
	pool = pool_free(PROGRAM_SPACE);
	for (unsigned round = 0; round < ROUNDS; round++) {
		make_objects();
		destroy_objects(round);
	}
	check_equal(failures, 0, "5600 times, in all orders");
	check_equal(untyped_free(source), SOURCE, "then their memory is free to the byte");
	check_equal(pool_free(PROGRAM_SPACE), pool, "and the own pool as full as before");
}

/* ---- threads in Spaces ---- */

static struct domain domain; /* its images are mapped into every Space */
static uintptr_t stack;      /* where each has its own page */

/* A thread in a Space of its own: tells its number until it ends. */
static void live(word_t number)
{
	for (;;) {
		struct message m = {.tag = tag_make(1, 1, 0) | TAG_CALL, .w = {number}};

		(void)ipc(1, HANDLE_NONE, &m);
	}
}

/* Maps the program into at(SPACE), and a stack behind it. */
static void map_program(void)
{
	const struct elf_header *own = elf_own_header();
	const struct elf_program_header *p = (const void *)((const char *)own + own->e_phoff);
	unsigned segment = 0;

	for (unsigned i = 0; i < own->e_phnum; i++) {
		uintptr_t start = (uintptr_t)p[i].p_vaddr & ~(uintptr_t)(PAGE_SIZE - 1), end = (uintptr_t)(p[i].p_vaddr + p[i].p_memsz);
		word_t access = p[i].p_flags & ELF_FLAG_EXECUTE ? RIGHT_READ | RIGHT_EXECUTE : p[i].p_flags & ELF_FLAG_WRITE ? READ_WRITE : RIGHT_READ;

		if (p[i].p_type != ELF_SEGMENT_LOAD)
			continue;
		must(space_map(at(SPACE), domain.image[segment++], start, access, 0, 0, NULL));
		stack = ((end + PAGE_SIZE - 1) & ~(uintptr_t)(PAGE_SIZE - 1)) + PAGE_SIZE;
	}
	must(space_map(at(SPACE), at(MEMORY), stack, READ_WRITE, 0, 0, NULL));
}

static void make_life(word_t number)
{
	const struct context_state context = {.budget = CONTEXT_UNLIMITED, .period = CONTEXT_UNLIMITED, .ceiling = ACTOR_PRIORITY};
	struct thread_binding binding = {.what = CONFIGURE_ALL & ~CONFIGURE_BUFFER, .space = at(SPACE), .pager = PROGRAM_PARENT,
					 .handler = PROGRAM_PARENT, .context = at(CONTEXT)};

	create(KIND_SPACE, SPACE_HANDLES_MIN, SPACE);
	create(KIND_UNTYPED, POOL, FOOD);
	must(space_feed(at(SPACE), at(FOOD)));
	create(KIND_THREAD, 0, THREAD);
	create(KIND_CONTEXT, 0, CONTEXT);
	create(KIND_MEMORY, PAGE_SIZE, MEMORY);
	map_program();
	must(space_derive_badged(at(SPACE), endpoint, 1, RIGHT_SEND, number));
	must(context_configure(at(CONTEXT), &context));
	must(thread_configure(at(THREAD), &binding));
	must(thread_priority(at(THREAD), ACTOR_PRIORITY, at(CONTEXT)));
	must(thread_start(at(THREAD), (uintptr_t)live, ARCH_ENTRY_SP(stack + PAGE_SIZE), number));
}

/* Its call is received; then it ends, in one of several ways, unanswered or answered. */
static void end_life(word_t number)
{
	struct message m;

	must(message_receive(endpoint, &m, 0));
	failures += m.w[0] != number || m.badge != number;
	if (number % 2) {
		m.tag = 0;
		must(message_answer(&m)); /* then it calls again */
	}
	if (number % 3 == 0)
		must(space_delete(PROGRAM_SPACE, at(SPACE)));
	else if (number % 3 == 1)
		must(space_delete(PROGRAM_SPACE, at(THREAD)));
	must(space_revoke(PROGRAM_SPACE, source));
	must(untyped_reset(source));
}

static void check_lives(struct builder *b)
{
	word_t pool, free;

	require(domain_create(b, DOMAIN_POOL, &domain));
	make_life(1);
	end_life(1);
	check_equal(failures, 0, "a thread can be made to live in a Space of its own, and end");
	free = untyped_free(b->untyped);
	pool = pool_free(PROGRAM_SPACE);
	for (word_t number = 1; number <= LIVES; number++) {
		make_life(number);
		end_life(number);
	}
	check_equal(failures, 0, "4400 times, each in its own memory");
	check_equal(untyped_free(source), SOURCE, "then their memory is free to the byte");
	check_equal(untyped_free(b->untyped), free, "and what they shared is as it was");
	check_equal(pool_free(PROGRAM_SPACE), pool, "and the own pool as full as before");
	domain_destroy(b, &domain);
}

void test_run(struct builder *b)
{
	struct system_state info;

	require(system_info(PROGRAM_SYSTEM, &info));
	while (fpu_bytes < info.fpu_size)
		fpu_bytes = fpu_bytes != 0 ? 2 * fpu_bytes : 64;
	slots = builder_take_slots(b, SLOTS);
	require(build_object(b, KIND_UNTYPED, SOURCE, &source));
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	check_objects();
	check_lives(b);
	builder_release(b, endpoint);
	builder_release(b, source);
}
