/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a dump must know of a processor: the names of its registers, and how the compiler's functions keep their frames
 * (programs are built with frame pointers). Supplied by userland/lib/arch/<architecture>/frames.c.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include <abi/types.h>
#include <registers.h> /* of this machine */

/* By number in REGISTERS_GENERAL. */
extern const char *const frame_register_name[REGISTERS_GENERAL_COUNT];

/*
 * A frame is known by one address. The word at `previous` bytes from it is the caller's frame (0: there is none); the return
 * address lies `address` bytes from the frame, or from the caller's frame where `address_in_caller` says so.
 */
struct frame_layout {
	unsigned frame; /* register with the innermost frame */
	int link;       /* register with the return address of a function that has not called another one; -1: on the stack */
	intptr_t previous;
	intptr_t address;
	bool address_in_caller;
	intptr_t leaf_previous; /* as `previous`, in the frame of a function that calls none and keeps no return address */
};
extern const struct frame_layout frame_layout;

/*
 * Where the return address is on the stack (`link` is -1): has the innermost function made its frame when it has executed `length`
 * bytes of code? Until then, sp points to the return address; a function that calls none may never make one.
 */
bool frame_made(const uint8_t *code, size_t length);

#endif
