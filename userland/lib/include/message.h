/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages: the system call with its registers in a struct, and the message buffer of the current thread.
 *
 * Where a thread finds its buffer. No TLS register and no TLS relocation is used; the stack pointer tells:
 *  - The main thread of a program runs on the stack that its parent gave it; that stack's range and
 *    the buffer's address are in `main_thread`, which the start-up code fills.
 *  - Every further thread (worker.h) runs in a region of WORKER_REGION bytes, aligned to its size, with the
 *    message buffer at the region's first byte: masking the stack pointer gives the buffer.
 * Code that runs a thread on any other stack must not use the buffer: registers only, through arch_ipc().
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <abi/ipc.h>

#include "arch.h"

/* A message in registers, before and after the system call. */
struct message {
	word_t tag;   /* in: label, counts, flags; out: as received */
	word_t badge; /* out: the badge of the capability that it was sent through, or the bits of a signal */
	word_t w[MESSAGE_REGISTERS];
};

/* Size and alignment of the region of a worker thread (worker.h). */
enum { WORKER_REGION = 32 * 1024 };

/* The main thread's stack and buffer. Written once, by the start-up code. */
struct main_thread {
	uintptr_t stack_low;   /* lowest address of its stack */
	uintptr_t stack_size;  /* bytes */
	struct buffer *buffer; /* NULL: none is bound */
};
extern struct main_thread main_thread;

/* The message buffer of the calling thread. */
static inline struct buffer *buffer_self(void)
{
	/* the frame address of an outermost function may be the stack's end itself */
	uintptr_t inside = (uintptr_t)__builtin_frame_address(0) - 1;

	if (inside - main_thread.stack_low < main_thread.stack_size)
		return main_thread.buffer;
	return (struct buffer *)(inside & ~(uintptr_t)(WORKER_REGION - 1));
}

/*
 * The system call: sends *m to `to` (a handle, HANDLE_REPLY or HANDLE_NONE), then receives from `from` (a handle
 * or HANDLE_NONE) into *m. Returns the status (status_error, status_phase, status_item). After an error w[0] has
 * the detail that abi/ipc.h names; the rest of *m is not meaningful then.
 */
static inline word_t ipc(handle_t to, handle_t from, struct message *m)
{
	return arch_ipc(to, from, &m->tag, &m->badge, m->w);
}

/* Sends *m and waits until it is received. m->tag may have TAG_NOWAIT_SEND. */
static inline enum error message_send(handle_t to, struct message *m)
{
	return status_error(ipc(to, HANDLE_NONE, m));
}

/* Sends *m and waits for the answer, which replaces *m. */
static inline enum error message_call(handle_t to, struct message *m)
{
	m->tag |= TAG_CALL;
	return status_error(ipc(to, HANDLE_NONE, m));
}

/* Waits for a message or a signal. `flags`: 0 or TAG_NOWAIT_RECEIVE. */
static inline enum error message_receive(handle_t from, struct message *m, word_t flags)
{
	*m = (struct message){.tag = flags};
	return status_error(ipc(HANDLE_NONE, from, m));
}

/* Answers the pending caller with *m. */
static inline enum error message_answer(struct message *m)
{
	return status_error(ipc(HANDLE_REPLY, HANDLE_NONE, m));
}

/* Answers the pending caller with *m, then waits for the next message, which replaces *m. */
static inline enum error message_answer_receive(handle_t from, struct message *m)
{
	return status_error(ipc(HANDLE_REPLY, from, m));
}

/* Gives the rest of the calling thread's turn to others of its priority. */
static inline void yield(void)
{
	struct message m = {.tag = 0};

	(void)ipc(HANDLE_NONE, HANDLE_NONE, &m);
}

/* Word `index` (0..63) of a message just received, or about to be sent: registers or buffer. */
word_t message_word(const struct message *m, unsigned index);
void message_set_word(struct message *m, unsigned index, word_t value);

/* Number of words that `bytes` bytes take in a message. */
static inline word_t message_words(size_t bytes)
{
	return (bytes + sizeof(word_t) - 1) / sizeof(word_t);
}

/*
 * Copies `length` bytes in memory order into the words from `first` on, or out of them. The last word is
 * filled up with zeros. The words must lie within 0..63; bytes beyond are not copied. Returns the bytes copied.
 */
size_t message_put(struct message *m, unsigned first, const void *bytes, size_t length);
size_t message_get(const struct message *m, unsigned first, void *bytes, size_t length);

/* The handle window of a buffer: `count` slots from `first` on; 0, 0 closes it. */
static inline void window_handles(struct buffer *buffer, handle_t first, word_t count)
{
	buffer->handle_first = first;
	buffer->handle_count = count;
}

/*
 * The map window of a buffer: `length` bytes (whole pages) from `address` on in `space` (HANDLE_NONE: own), where a
 * mapping must bring the rights in `flags` (RIGHT_READ ... and WINDOW_DEVICE, WINDOW_REPLACE). Length 0 closes it.
 */
static inline void window_map(struct buffer *buffer, handle_t space, uintptr_t address, size_t length, word_t flags)
{
	buffer->map_space = space;
	buffer->map_address = address;
	buffer->map_length = length;
	buffer->map_flags = flags;
}

/* Name of an error, for messages to people: "bad handle", ... Never NULL. */
const char *error_text(enum error error);

#endif
