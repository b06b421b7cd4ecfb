/* SPDX-License-Identifier: BSD-2-Clause */
/* Start and end of a program that spawn() made. The root component has a start of its own (root/main.c). */
#include "program.h"

#include "cobnut.h"
#include "print.h"
#include "protocol.h"

_Noreturn void program_exit(word_t status)
{
	struct message m = {.w = {status}};

	/* without a parent that listens there is nothing left to do but to stop */
	for (;;) {
		(void)object_call(PROGRAM_PARENT, PROTOCOL_EXIT, 1, &m);
		(void)thread_stop(PROGRAM_THREAD);
	}
}

_Noreturn void program_start(word_t argument)
{
	const struct program_info *info = (const struct program_info *)argument;

	main_thread = (struct main_thread){
		.stack_low = (uintptr_t)info->stack_low,
		.stack_size = (uintptr_t)info->stack_size,
		.buffer = (struct buffer *)(uintptr_t)info->buffer,
	};
	print_to_system(PROGRAM_SYSTEM);
	program_exit(program_main(info));
}
