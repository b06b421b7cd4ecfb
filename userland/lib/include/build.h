/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making objects: a builder knows an Untyped to create from, which handle slots of the own table are free, and
 * which addresses of the own Space are. For one thread at a time.
 *
 * Memory comes back as the kernel gives it back: release everything that came from an Untyped, then untyped_reset() it.
 */
#ifndef BUILD_H
#define BUILD_H

#include "cobnut.h"
#include "program.h"

enum { BUILDER_SLOTS = 4096 }; /* slots that one builder manages, at most */

struct builder {
	handle_t untyped;      /* what objects are created from */
	handle_t space;        /* the own Space: rights table and map */
	handle_t first, end;   /* slots first .. end - 1 are the builder's */
	uintptr_t address;     /* nothing is mapped from here ... */
	uintptr_t address_end; /* ... to here */
	uint64_t used[BUILDER_SLOTS / 64]; /* one bit per slot from `first` on */
};

/* A builder for slots first .. end - 1 (all empty) and addresses low .. high - 1 (nothing mapped). */
void builder_init(struct builder *b, handle_t untyped, handle_t space, handle_t first, handle_t end, uintptr_t low, uintptr_t high);

/* A builder for all that a program started with: PROGRAM_UNTYPED, its free slots and addresses. */
void builder_init_program(struct builder *b, const struct program_info *info);

/* `count` consecutive empty slots; HANDLE_NONE: there are none. builder_put_slots gives them back (already empty). */
handle_t builder_take_slots(struct builder *b, size_t count);
void builder_put_slots(struct builder *b, handle_t first, size_t count);

/*
 * `size` bytes of free addresses, aligned (a power of two, at least PAGE_SIZE); 0: there are none. Addresses are given
 * out upwards; who unmaps the newest may set b->address back to it.
 */
uintptr_t builder_take_addresses(struct builder *b, size_t size, size_t alignment);

/* Deletes the capability in `handle` and gives its slot back. HANDLE_NONE: nothing happens. */
void builder_release(struct builder *b, handle_t handle);

/*
 * From now on the builder creates from a new Untyped of `size` bytes (a power of two), taken from its present one;
 * *outer: that one. builder_leave() takes the new one back whole and goes on with `outer`. BUSY: something that
 * was created in between lives; it is destroyed now, but its slots are not given back.
 */
enum error builder_enter(struct builder *b, size_t size, handle_t *outer);
enum error builder_leave(struct builder *b, handle_t outer);

/* What follows returns OK or the kernel's error; NO_MEMORY too if slots or addresses are used up. After an error
   nothing is left behind, and *out is HANDLE_NONE. */

/* Creates one object (parameters: untyped_create). Memory is normal RAM. */
enum error build_object(struct builder *b, enum kind kind, word_t parameter, handle_t *out);

/* Derives `handle` into a slot of its own, with at most `rights`; badge 0: none. */
enum error build_derived(struct builder *b, handle_t handle, word_t rights, word_t badge, handle_t *out);

/* Memory of `size` bytes (whole pages), mapped in the own Space with `access`; *address: where. Rights of *out: all. */
enum error build_mapped(struct builder *b, size_t size, word_t access, handle_t *out, void **address);

/*
 * Maps all `length` bytes (not 0) of `memory` from `offset` on in `space` [map] at `address`, with as many space_map() calls as it
 * takes: each maps a bounded number of pages. After an error a first part may be mapped.
 */
enum error build_map(handle_t space, handle_t memory, uintptr_t address, word_t access, word_t offset, word_t length);

/* An unlimited SchedContext on core 0 with that priority ceiling. */
enum error build_context(struct builder *b, word_t ceiling, handle_t *out);

/* A Space with up to `slots` handles and a pool of `pool` bytes (a power of two; 0: no pool). */
enum error build_space(struct builder *b, word_t slots, size_t pool, handle_t *out);

#endif
