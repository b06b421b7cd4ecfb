/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program that test-dump lets fall: program_main -> outer -> middle -> one function for each way to fall, which the
 * argument names. None of them is inlined, cloned or left by a jump, so the dump must show just these.
 */
#include <string.h>

#include "frames.h"
#include "print.h"
#include "program.h"
#include "worker.h"

#if __has_attribute(noipa)
#define FUNCTION __attribute__((noipa))
#else /* clang's nearest */
#define FUNCTION __attribute__((noinline, disable_tail_calls))
#endif

static volatile word_t *volatile nowhere;
static void (*volatile no_function)(void);
static volatile word_t counter = 0;

typedef word_t fall(void);

/* A leaf: it calls nothing, and may have no frame. */
static FUNCTION word_t fall_store(void)
{
	*nowhere = 1;
	return 1;
}

static FUNCTION word_t helper(void)
{
	return ++counter;
}

/* It called something before. */
static FUNCTION word_t fall_later(void)
{
	word_t before = helper();

	*nowhere = before;
	return before + helper();
}

static FUNCTION word_t fall_call(void)
{
	no_function();
	return helper();
}

static FUNCTION word_t fall_illegal(void)
{
	word_t before = helper();

	arch_raise_illegal();
	return before + helper();
}

/* Writes into its own frame, then falls. `what` is the word that points to the caller's frame, or that address itself. */
static FUNCTION word_t spoil(uintptr_t frame, intptr_t what, uintptr_t value)
{
	*(volatile uintptr_t *)(frame + (uintptr_t)what) = value;
	*nowhere = helper();
	return helper();
}

#define FRAME ((uintptr_t)__builtin_frame_address(0))

static FUNCTION word_t fall_loop(void)
{
	return spoil(FRAME, frame_layout.previous, FRAME) + helper();
}

static FUNCTION word_t fall_misaligned(void)
{
	return spoil(FRAME, frame_layout.previous, FRAME + 33) + helper();
}

static FUNCTION word_t fall_far(void)
{
	return spoil(FRAME, frame_layout.previous, (uintptr_t)0 - 16) + helper();
}

static FUNCTION word_t fall_return(void)
{
	uintptr_t frame = FRAME;

	if (frame_layout.address_in_caller)
		frame = *(volatile uintptr_t *)(frame + (uintptr_t)frame_layout.previous);
	return spoil(frame, frame_layout.address, 0x1230) + helper();
}

static FUNCTION word_t recurse(word_t depth)
{
	if (depth == 0)
		*nowhere = helper();
	return depth <= counter ? depth : recurse(depth - 1) + helper();
}

static FUNCTION word_t fall_deep(void)
{
	return recurse(100) + helper();
}

static FUNCTION word_t fall_overflow(void)
{
	return recurse(~(word_t)0) + helper();
}

static void fall_in_worker(word_t argument)
{
	*nowhere = argument;
}

static FUNCTION word_t fall_worker(void)
{
	static struct builder builder;
	struct worker worker;

	builder_init_program(&builder, (const struct program_info *)PROGRAM_INFO_ADDRESS);
	if (worker_create(&builder, fall_in_worker, 1, 90, &worker) == OK && worker_begin(&worker) == OK)
		for (;;)
			yield();
	return helper();
}

static const struct {
	const char *name;
	fall *run;
} way[] = {
	{"store", fall_store}, {"later", fall_later},           {"call", fall_call},     {"illegal", fall_illegal},
	{"loop", fall_loop},   {"misaligned", fall_misaligned}, {"far", fall_far},       {"return", fall_return},
	{"deep", fall_deep},   {"overflow", fall_overflow},     {"worker", fall_worker},
};

static FUNCTION word_t middle(fall *run)
{
	return run() + helper();
}

static FUNCTION word_t outer(fall *run)
{
	return middle(run) + helper();
}

word_t program_main(const struct program_info *info)
{
	for (size_t i = 0; i < sizeof way / sizeof way[0]; i++)
		if (strcmp(info->arguments, way[i].name) == 0)
			return outer(way[i].run) + helper();
	return 1;
}
