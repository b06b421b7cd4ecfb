/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one system call: tag, status, errors, flags, and the message buffer.
 *
 *     status = ipc(to, from, tag, w0..w7)  ->  badge, tag, w0..w7
 *
 * to    handle for the send phase, HANDLE_REPLY, or HANDLE_NONE
 * from  handle for the receive phase, or HANDLE_NONE; both none: yield
 *
 * The send phase comes first; if it fails, nothing was changed and the receive phase is skipped.
 * Where no words came, w0..w7 are zero or what they were.
 * docs/abi.md is the manual.
 */
#ifndef ABI_IPC_H
#define ABI_IPC_H

#include <abi/types.h>

/*
 * The tag, 32 bits on every machine:
 *   0-6 number of words (0..64), 7-9 number of items (0..4), 10-15 flags, 16-31 label.
 * Bit 31 marks labels that only the kernel sends.
 */
enum {
	MESSAGE_REGISTERS = 8, /* words that always travel in registers */
	MESSAGE_WORDS = 64,
	MESSAGE_ITEMS = 4,

	TAG_WORDS_MASK = 0x7f,
	TAG_ITEMS_SHIFT = 7,
	TAG_ITEMS_MASK = 7,
	TAG_LABEL_SHIFT = 16,
	TAG_LABEL_MASK = 0xffff,

	TAG_CALL = 1 << 10,         /* send, then wait for the answer to that send; on receipt: an answer is awaited */
	TAG_NOWAIT_SEND = 1 << 11,  /* would_block instead of waiting for a receiver */
	TAG_NOWAIT_RECEIVE = 1 << 12, /* would_block instead of waiting for a sender */
	TAG_FLAGS = TAG_CALL | TAG_NOWAIT_SEND | TAG_NOWAIT_RECEIVE,
	TAG_FLAGS_MASK = 0x3f << 10,

	LABEL_KERNEL = 0x8000, /* labels from here on come only from the kernel */
};

/* Tag of a message with `label`, `words` words, `items` items. */
static inline word_t tag_make(word_t label, word_t words, word_t items)
{
	return label << TAG_LABEL_SHIFT | items << TAG_ITEMS_SHIFT | words;
}

static inline word_t tag_label(word_t tag)
{
	return tag >> TAG_LABEL_SHIFT & TAG_LABEL_MASK;
}

static inline word_t tag_words(word_t tag)
{
	return tag & TAG_WORDS_MASK;
}

static inline word_t tag_items(word_t tag)
{
	return tag >> TAG_ITEMS_SHIFT & TAG_ITEMS_MASK;
}

/* Errors: what went wrong and what to do. A call that fails changes nothing. */
enum error {
	OK = 0,
	ERROR_BAD_HANDLE = 1,   /* no capability there: use one that you hold */
	ERROR_WRONG_KIND = 2,   /* the capability is of another kind than this operation needs */
	ERROR_NO_RIGHTS = 3,    /* the capability lacks the right: ask its giver */
	ERROR_BAD_ARGUMENT = 4, /* an argument is out of range or contradicts another one */
	ERROR_BUSY = 5,         /* occupied or in use: free it first, or try again */
	ERROR_WOULD_BLOCK = 6,  /* no partner is waiting, and the call said not to wait */
	ERROR_NO_MEMORY = 7,    /* pool or Untyped too small; detail: bytes missing */
	ERROR_WINDOW = 8,       /* the receiver's window does not take the item; status names the item */
	ERROR_GONE = 9,         /* the object or the partner was destroyed */
	ERROR_ABORTED = 10,     /* Thread abort or stop ended the wait */
	ERROR_DEADLINE = 11,    /* a deadline armed with BREAK ended the wait */
	ERROR_COUNT
};

/* Which phase of `ipc` an error belongs to. */
enum phase { PHASE_SEND = 0, PHASE_RECEIVE = 1 };

/* Status: error in bits 0-7, phase in bit 8, number of the item that failed in bits 12-14. w0 has the detail of an error that has one. */
static inline word_t status_make(enum error error, enum phase phase, word_t item)
{
	return (word_t)error | (word_t)phase << 8 | item << 12;
}

static inline enum error status_error(word_t status)
{
	return (enum error)(status & 0xff);
}

static inline enum phase status_phase(word_t status)
{
	return (enum phase)(status >> 8 & 1);
}

static inline word_t status_item(word_t status)
{
	return status >> 12 & 7;
}

/*
 * Items: capabilities that travel with a message.
 * Control word: rights that the receiver shall have (bits 0-7) and the flags below.
 */
enum {
	ITEM_RIGHTS_MASK = 0xff,
	ITEM_MOVE = 1 << 8,  /* hand on without keeping a hold; else: derive, revocable by the giver */
	ITEM_MAP = 1 << 9,   /* map into the receiver's map window (Memory only); else: a slot of its handle window */
	ITEM_BADGE = 1 << 10, /* derive with badge `base` (unbadged Endpoint or Notification) */
};

struct item {
	word_t handle;  /* what is given */
	word_t control; /* rights | ITEM_* */
	word_t offset;  /* Memory: first byte of the part, page aligned */
	word_t length;  /* Memory: bytes of the part, whole pages; 0: all from offset on */
	word_t base;    /* ITEM_MAP: bytes from the start of the map window; ITEM_BADGE: the badge */
};

/* What the receiver learns of each item. */
struct received {
	word_t kind;   /* enum kind of what arrived; KIND_NONE: the item was a capability to the Endpoint that it
	                  came through, nothing was inserted, and `length` has its badge */
	word_t where;  /* handle, or address if it was mapped */
	word_t length; /* Memory: bytes that arrived (a map may be clipped); else the badge */
	word_t rights;
};

/* Flags of a map window, beside the access rights that it demands (bits 0-7: RIGHT_READ...). */
enum {
	WINDOW_DEVICE = 1 << 8,  /* device memory may be mapped too; else RAM only */
	WINDOW_REPLACE = 1 << 9, /* what is mapped there may be replaced; else an occupied range is refused */
};

/*
 * The message buffer: 1 KiB of ordinary memory bound to a thread, 1 KiB aligned.
 * The owner fills `words` from index 8 on and `item`, and keeps its windows open here;
 * the kernel writes `words` from index 8 on and `received`.
 */
struct buffer {
	word_t word[MESSAGE_WORDS]; /* word 0..7 travel in registers, not here */
	struct item item[MESSAGE_ITEMS];
	struct received received[MESSAGE_ITEMS];
	word_t handle_first; /* handle window: first slot */
	word_t handle_count; /* number of slots; 0: closed */
	word_t map_address;  /* map window: first address, page aligned */
	word_t map_length;   /* bytes; 0: closed */
	word_t map_space;    /* handle of the Space to map into (right map); HANDLE_NONE: the receiver's own */
	word_t map_flags;    /* rights that a mapping must bring | WINDOW_* */
};

enum { BUFFER_SIZE = 1024, BUFFER_ALIGN = 1024 };
_Static_assert(sizeof(struct buffer) <= BUFFER_SIZE, "the message buffer is 1 KiB");

#endif
