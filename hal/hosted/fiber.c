/* SPDX-License-Identifier: BSD-2-Clause */
/* Fibers by ucontext, with what the address sanitizer wants to know about stacks. */
#include "fiber.h"

#include <sanitizer/common_interface_defs.h>
#include <ucontext.h>

#include "hosted.h"

#define STACK_SIZE ((size_t)128 << 10)

static struct fiber {
	enum fiber_state state;
	void (*function)(const void *);
	const void *argument;
	ucontext_t context, *back;    /* its own; of who continued it */
	const void *back_stack;
	size_t back_size;
	_Alignas(64) unsigned char stack[STACK_SIZE];
} fibers[HOSTED_CORES];

enum fiber_state fiber_state(unsigned number)
{
	return fibers[number].state;
}

static void body(int number)
{
	struct fiber *f = &fibers[number];

	__sanitizer_finish_switch_fiber(NULL, &f->back_stack, &f->back_size);
	f->function(f->argument);
	f->state = FIBER_FREE;
	__sanitizer_start_switch_fiber(NULL, f->back_stack, f->back_size);
	setcontext(f->back);
}

void fiber_start(unsigned number, void (*function)(const void *), const void *argument)
{
	struct fiber *f = &fibers[number];

	if (f->state != FIBER_FREE)
		hosted_abort("a core enters the kernel while it is there");
	f->state = FIBER_WAITS;
	f->function = function;
	f->argument = argument;
	getcontext(&f->context);
	f->context.uc_stack.ss_sp = f->stack;
	f->context.uc_stack.ss_size = STACK_SIZE;
	makecontext(&f->context, (void (*)(void))body, 1, (int)number);
}

void fiber_continue(unsigned number)
{
	struct fiber *f = &fibers[number];
	ucontext_t here;
	void *fake;

	f->state = FIBER_ACTIVE;
	f->back = &here;
	__sanitizer_start_switch_fiber(&fake, f->stack, STACK_SIZE);
	swapcontext(&here, &f->context);
	__sanitizer_finish_switch_fiber(fake, NULL, NULL);
}

void fiber_yield(unsigned number)
{
	struct fiber *f = &fibers[number];
	void *fake;

	f->state = FIBER_WAITS;
	__sanitizer_start_switch_fiber(&fake, f->back_stack, f->back_size);
	swapcontext(&f->context, f->back);
	__sanitizer_finish_switch_fiber(fake, &f->back_stack, &f->back_size);
}

void fibers_forget(void)
{
	for (unsigned i = 0; i < HOSTED_CORES; i++)
		fibers[i].state = FIBER_FREE;
}
