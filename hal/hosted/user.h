/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User level of the simulated machine: what the root component would do, as functions for tests and
 * fuzzers. They go through the system call; what they return of the kernel's own structures is for
 * looking at.
 */
#ifndef HOSTED_USER_H
#define HOSTED_USER_H

#include <abi/boot.h>

#include "hosted.h"
#include "kernel/thread.h"

enum { USER_IP = 0x1000, USER_SP = 0x8000 };

/* Words of a message, the rest zero. */
#define WORDS(...) ((const word_t[MESSAGE_REGISTERS]){__VA_ARGS__})

/* The root component. */
struct user {
	struct thread *root;
	struct space *space;
	struct buffer *buffer;
	handle_t untyped; /* RAM, from which user_make takes */
	handle_t next;    /* free slot */
	const void *pool; /* the memory of its first pool */
	uint64_t pool_size;
};
extern struct user user;

/* Result of an ipc. */
struct answer {
	bool done; /* false: the thread does not run (blocked, preempted, or somebody of higher priority does) */
	word_t status, badge, tag;
	word_t w[MESSAGE_REGISTERS];
};
extern struct answer last; /* of the last user_ipc or user_result */

/* Boots the usual machine, up to the root component's first instruction. */
void user_boot(enum hosted_shape shape);

/* The thread, which runs on the core that acts, makes a system call. */
struct answer user_ipc(struct thread *t, handle_t to, handle_t from, word_t tag, const word_t w[MESSAGE_REGISTERS]);

/* The thread runs again: the result of its ipc; if it is at its trap (it was stopped in a preempted call), it traps again. */
struct answer user_result(struct thread *t);

/* A message with as many words as registers carry to a kernel object, by the thread that runs. Its error; the answer is in `last`. */
enum error user_call(handle_t object, word_t label, const word_t w[MESSAGE_REGISTERS]);

/* Opens the root component's handle window on the next `count` free slots; returns the first. */
handle_t user_slots(word_t count);

/* Creates objects; returns the first handle. The program ends if that fails. */
handle_t user_make(enum kind kind, word_t parameter);
handle_t user_make_many(enum kind kind, word_t parameter, word_t count);

/* The capability behind a handle of the root component, and its object. */
struct capability *user_capability(handle_t handle);
void *user_object(handle_t handle);

/* A derivation of the root component's handle in a free slot of its own. rights | SPACE_BADGE. */
handle_t user_derive(handle_t handle, word_t rights, word_t badge);

/* A Space with a pool of that many bytes (a power of two). */
handle_t user_make_space(word_t slots, word_t pool);

struct user_thread {
	struct thread *t;
	struct buffer *buffer;
	handle_t handle, context, memory, space;
};

/* A thread with its own context and buffer in a Space of the root component's, started. Binds also what is given
   (HANDLE_NONE: not). */
struct user_thread user_start(handle_t space, uint8_t priority, handle_t pager, handle_t handler);

/* Is everything as it has to be, now that the kernel was left? NULL, or the first thing that is wrong. Memory of objects that are
   gone is off limits for the kernel from then on. */
const char *user_problem(void);

#endif
