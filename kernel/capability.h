/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capabilities and the derivation tree.
 *
 * A capability is one structure of 64 bytes wherever it lies: in a handle slot, in a record of a pool
 * (a mapping that no handle names), or inside an object that it is bound to. It is also the mapping
 * record: a Memory capability is mapped at most once, so the derivation tree is the mapping database.
 *
 * An empty one is all zero (but for the link of a free record).
 *
 * All capabilities but Replies are nodes of the derivation tree. Objects created from an Untyped are
 * its children; derivations are children of what they were derived from.
 */
#ifndef KERNEL_CAPABILITY_H
#define KERNEL_CAPABILITY_H

#include "kernel/debug.h"
#include "kernel/hal.h"

struct space;
struct thread;

enum capability_flag {
	CAPABILITY_ORIGINAL = 1,  /* its object lives as long as it */
	CAPABILITY_BADGED = 2,
	CAPABILITY_REVOKING = 4,  /* a revoke runs: nothing is derived below it */
	CAPABILITY_RECORD = 8,    /* lies in a pool record of map.space */
	CAPABILITY_BINDING = 16,  /* lies in the object binding.owner */
	CAPABILITY_FEED = 32,     /* an Untyped that belongs to the pool of feed.space */
	CAPABILITY_DYING = 64,    /* its object is being torn down */
	CAPABILITY_DEVICE = 128,  /* Untyped, Memory: not RAM */
};

enum { CAPABILITY_KIND_MASK = 63, CAPABILITY_DEPTH_MAX = 64, MOVE_CHILDREN_MAX = 256 };

struct capability {
	uint64_t object; /* address of the object, or physical base (Untyped, Memory); low bits: kind; 0: empty */
	union {
		uint64_t details; /* all of the following, read in one go by look-ups that take no lock */
		struct {
			union {
				uint32_t badge; /* Endpoint, Notification */
				uint32_t pages; /* Memory: length */
			};
			uint8_t rights;
			uint8_t depth;
			uint8_t flags;
			uint8_t attribute; /* Memory: enum memory_attribute; Untyped: log2 of its size */
		};
	};
	struct capability *parent, *child, *next, *previous;
	union {
		struct {
			struct space *space; /* NULL: not mapped */
			uintptr_t address;   /* page aligned; low bits: access */
		} map;
		struct { /* Untyped; in units of 64 bytes (RAM) or pages (device) */
			uint32_t used;  /* everything below is taken */
			uint32_t clean; /* between clean and dirty, memory may not be zero */
			uint32_t dirty;
		} untyped;
		struct {
			void *owner;  /* Thread; BIND_INTERRUPT: Interrupt; BIND_TRACE: a trace ring */
			word_t place; /* enum thread_binding */
		} binding;
		struct {
			struct space *space;
		} feed;
	};
};
_Static_assert(sizeof(void *) != 8 || sizeof(struct capability) == 64, "a capability is one cache line");

static inline enum kind capability_kind(const struct capability *c)
{
	return (enum kind)(c->object & CAPABILITY_KIND_MASK);
}

/* The object's address (kernel), for kinds that have one. */
static inline void *capability_object(const struct capability *c)
{
	return (void *)(uintptr_t)(c->object & ~(uint64_t)CAPABILITY_KIND_MASK);
}

/* The physical base of Untyped and Memory. */
static inline uint64_t capability_base(const struct capability *c)
{
	return c->object & ~(uint64_t)CAPABILITY_KIND_MASK;
}

static inline uint64_t object_word(const void *object, enum kind kind)
{
	return (uint64_t)(uintptr_t)object | (uint64_t)kind;
}

static inline bool capability_is_mapped(const struct capability *c)
{
	return capability_kind(c) == KIND_MEMORY && !(c->flags & CAPABILITY_BINDING) && c->map.space;
}

/* What a look-up without the lock needs of a capability: object and details that belong together, as of one moment. */
struct capability_view {
	uint64_t object;
	union {
		uint64_t details;
		struct {
			uint32_t badge;
			uint8_t rights, depth, flags, attribute;
		};
	};
};

/* 1 + how many places were emptied: as long as that stays the same, none can have been filled a second time. */
extern uint64_t capability_emptied;

/* Reads a capability that another core may be filling or emptying, and what capability_emptied was. False: it is empty. */
static inline bool capability_view_at(const struct capability *c, struct capability_view *view, uint64_t *at)
{
	uint64_t emptied;

	do {
		emptied = __atomic_load_n(&capability_emptied, __ATOMIC_ACQUIRE);
		view->object = __atomic_load_n(&c->object, __ATOMIC_ACQUIRE);
		view->details = __atomic_load_n(&c->details, __ATOMIC_ACQUIRE);
	} while (emptied != __atomic_load_n(&capability_emptied, __ATOMIC_RELAXED));
	*at = emptied;
	return view->object != 0;
}

static inline bool capability_view(const struct capability *c, struct capability_view *view)
{
	uint64_t at;

	return capability_view_at(c, view, &at);
}

static inline enum kind view_kind(const struct capability_view *view)
{
	return (enum kind)(view->object & CAPABILITY_KIND_MASK);
}

static inline void *view_object(const struct capability_view *view)
{
	return (void *)(uintptr_t)(view->object & ~(uint64_t)CAPABILITY_KIND_MASK);
}

/* What the objects start with that may take more than one step to tear down. */
struct object {
	struct capability *original; /* where its original capability lies now */
	struct object *next_dying;   /* list of objects being torn down */
	uint8_t kind;
	uint8_t home; /* Endpoint, Notification: the core that owns it */
	bool dying;
};

static inline bool kind_has_header(enum kind kind)
{
	return kind == KIND_SPACE || kind == KIND_ENDPOINT || kind == KIND_NOTIFICATION;
}

/* Fills an empty capability with the original of a new object and links it below `parent` (NULL: a root of the tree). */
void capability_make(struct capability *c, struct capability *parent, uint64_t object, uint8_t rights);

/* Fills the empty `to` with a derivation of `from`: same object, fewer rights. The caller has checked derivable(). */
void capability_derive(struct capability *to, struct capability *from, uint8_t rights);

/* The same with a badge (0: that of `from`), which is there before others can see the capability. */
void capability_derive_badged(struct capability *to, struct capability *from, uint8_t rights, uint32_t badge);

/* May something be hung below c? OK, ERROR_GONE (a revoke runs at or above it), ERROR_BUSY (one of a range does). */
enum error capability_unmarked(const struct capability *c);

/* May something be derived from c? As capability_unmarked(), or ERROR_BAD_ARGUMENT (too deep, or move only). */
enum error capability_derivable(const struct capability *c);

/* May c change its place? OK, or ERROR_BUSY: it is mapped itself, being revoked, or has too many derivations. */
enum error capability_movable(const struct capability *c);

/* `to` takes the place of `from`, which becomes empty. `to` must be empty. */
void capability_move(struct capability *to, struct capability *from);

/* Takes a capability without derivations out of the tree and empties it. */
void capability_clear(struct capability *c);

/* Makes a capability without derivations a child of another parent (or a root: NULL). */
void capability_hoist(struct capability *c, struct capability *parent);

/* The place where an interrupted range revoke goes on; NULL: start over. Kept right when capabilities move or vanish. */
struct capability *range_cursor(const struct capability *owner);
void range_cursor_set(const struct capability *owner, struct capability *position);

#endif
