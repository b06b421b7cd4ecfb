/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Typed wrappers: one function for each message of a kernel object (include/abi/objects.h).
 *
 * Every wrapper CALLs, so that a server can stand in for the object: an answer whose label is not 0 is an
 * error code. All of them return OK or the error; a call that fails changes nothing, and its results are
 * not written. Who wants the detail of an error (bytes missing) uses object_call().
 *
 * New capabilities arrive in slots that the caller names: a wrapper opens the handle window of the current
 * thread's buffer for its own call and puts back what was open there before.
 *
 * Errors that each call can have are not repeated: BAD_HANDLE (nothing in that slot), WRONG_KIND (an argument names
 * another kind of object), NO_RIGHTS (the right in brackets is missing), BAD_ARGUMENT (a value out of range, or a label
 * that the object does not know), GONE.
 *
 * A label means something else to each kind of object, and a message to an Endpoint goes through it, whatever it
 * says: it is the caller who knows what a handle is (space_slot() tells).
 */
#ifndef COBNUT_H
#define COBNUT_H

#include <abi/boot.h>
#include <abi/faults.h>
#include <abi/objects.h>

#include "message.h"

/*
 * CALLs `object` with `label` and the first `words` words of *m (0..64; from word 8 on in the buffer). *m has the
 * answer. Returns the error of the status, else the answer's label as an error. On NO_MEMORY m->w[0] has the bytes missing.
 */
enum error object_call(handle_t object, word_t label, word_t words, struct message *m);

/* ---- Untyped ---- */

/*
 * Creates `count` (1..64) objects of `kind` in the free part of the Untyped; they arrive in the slots from `slot` on.
 * parameter: Untyped: bytes, a power of two; Memory: bytes, whole pages; Space: largest number of handles;
 * Endpoint, Notification: home core; Thread, SchedContext: 0. attribute: enum memory_attribute, for Memory.
 * NO_MEMORY: not enough free. WINDOW: a slot is occupied or does not exist.
 */
enum error untyped_create(handle_t untyped, enum kind kind, word_t parameter, word_t count, word_t attribute, handle_t slot);

/* All of the Untyped is free again. BUSY: something created from it lives. */
enum error untyped_reset(handle_t untyped);

struct untyped_state {
	word_t size;   /* bytes */
	word_t free;   /* bytes */
	bool device;
};
enum error untyped_query(handle_t untyped, struct untyped_state *out);

/* ---- Memory ---- */

/* Derives `length` bytes (0: the rest) from `offset` on, with at most `rights`, into `slot`. */
enum error memory_derive(handle_t memory, word_t offset, word_t length, word_t rights, handle_t slot);

/* Maps the whole Memory in `space` [map] at `address`; access: RIGHT_READ | RIGHT_WRITE | RIGHT_EXECUTE. Once per
   capability: BUSY if it is mapped already, or if the range is occupied. NO_MEMORY: the Space's pool is too small. */
enum error memory_map(handle_t memory, handle_t space, uintptr_t address, word_t access);

/* Undoes memory_map. */
enum error memory_unmap(handle_t memory);

/* Removes every derivation, mappings included, that overlaps `length` bytes (0: the rest) from `offset` on. */
enum error memory_revoke(handle_t memory, word_t offset, word_t length);

/* Makes instructions just written there visible to all cores. */
enum error memory_code(handle_t memory, word_t offset, word_t length);

/* Physical address of the first byte [physical]. */
enum error memory_physical(handle_t memory, word_t *address);

struct memory_state {
	word_t size; /* bytes */
	word_t rights;
	word_t attribute; /* enum memory_attribute */
	bool device;
	bool mapped;
	uintptr_t address; /* where, if mapped */
};
enum error memory_query(handle_t memory, struct memory_state *out);

/* ---- Space ---- */

/* Derives `handle` (of the caller's table) into `slot` of `space` [table] with at most `rights`. */
enum error space_derive(handle_t space, handle_t handle, handle_t slot, word_t rights);

/* As space_derive, from an unbadged Endpoint or Notification, with a badge (32 bits, not 0). */
enum error space_derive_badged(handle_t space, handle_t handle, handle_t slot, word_t rights, word_t badge);

/* Moves `handle` (of the caller's table) to `slot` of `space` [table]: the caller keeps nothing. */
enum error space_move(handle_t space, handle_t handle, handle_t slot);

/* Revokes, then removes the capability in `slot` of `space` [table]. The original capability destroys its object. */
enum error space_delete(handle_t space, handle_t slot);

/* Removes everything derived from the capability in `slot` of `space` [table]. */
enum error space_revoke(handle_t space, handle_t slot);

/*
 * Maps `length` bytes (0: the rest) of `memory` from `offset` on in `space` [map] at `address`; the mapping is a derivation of
 * its own. access: RIGHT_READ ... | WINDOW_REPLACE. *mapped (may be NULL): bytes mapped; fewer than asked for if it is
 * more than one call does (build_map() goes on).
 */
enum error space_map(handle_t space, handle_t memory, uintptr_t address, word_t access, word_t offset, word_t length, word_t *mapped);

/* Removes every mapping that overlaps the range, whole [map]. */
enum error space_unmap(handle_t space, uintptr_t address, size_t length);

/* The Untyped's memory joins the pool of `space` [feed]; the capability is used up. */
enum error space_feed(handle_t space, handle_t untyped);

struct space_state {
	word_t pool;      /* bytes in the pool */
	word_t pool_free; /* bytes of these that are free */
	word_t slots;     /* handles are 1 .. slots - 1 */
	uintptr_t top;    /* first address beyond user space */
};
enum error space_query(handle_t space, struct space_state *out);

struct slot_state {
	enum kind kind; /* KIND_NONE: empty */
	word_t rights;
	word_t badge;
	bool derived_from; /* others were derived from it */
	bool original;     /* deleting it destroys the object; a Reply: its caller still waits */
};
enum error space_slot(handle_t space, handle_t slot, struct slot_state *out);

/* ---- Thread ---- */

/* What to bind: the members whose CONFIGURE_* bit is in `what`; HANDLE_NONE unbinds. */
struct thread_binding {
	word_t what;
	handle_t space;   /* CONFIGURE_SPACE */
	handle_t pager;   /* CONFIGURE_PAGER: Endpoint */
	handle_t handler; /* CONFIGURE_HANDLER: Endpoint */
	handle_t context; /* CONFIGURE_CONTEXT [bind] */
	handle_t buffer;  /* CONFIGURE_BUFFER: Memory */
	word_t buffer_offset; /* in it, 1 KiB aligned */
};

/* Binds to the thread [control], which must be stopped (else BUSY). */
enum error thread_configure(handle_t thread, const struct thread_binding *binding);

/* Starts a stopped thread [control] with all registers zero but these three. */
enum error thread_start(handle_t thread, uintptr_t ip, uintptr_t sp, word_t argument);

/* Goes on where it was stopped [control]. */
enum error thread_resume(handle_t thread);

/* Stops it; ends a blocked ipc with aborted [control]. */
enum error thread_stop(handle_t thread);

/* Ends a blocked ipc with aborted; the thread goes on [control]. */
enum error thread_abort(handle_t thread);

/* Makes it send the exception `recalled` before its next instruction [control]. */
enum error thread_recall(handle_t thread);

/* Registers `first` .. `first + count - 1` (count 1..58) of `group` (enum register_group) of a thread that is stopped or
   waits for the answer to its fault (else BUSY) [registers]. */
enum error thread_read(handle_t thread, word_t group, word_t first, word_t count, word_t *values);
enum error thread_write(handle_t thread, word_t group, word_t first, word_t count, const word_t *values);

/* Priority 0..255, at most the ceiling of `context` [configure] [priority]. */
enum error thread_priority(handle_t thread, word_t priority, handle_t context);

/* The thread pointer (TLS register) of a stopped thread or of the caller itself [control]. */
enum error thread_pointer(handle_t thread, word_t value);

/* Moves the caller's own pending Reply to `slot` of its own table, to be answered later. */
enum error thread_save_reply(handle_t self, handle_t slot);

/* FP and vector state lies in the Untyped from now on, which is used up; it must be fresh and at least system_state.fpu_size
   bytes [control]. HANDLE_NONE: takes the state away. The thread must be stopped. */
enum error thread_fpu(handle_t thread, handle_t untyped);

/* A spent budget raises the exception no-time instead of waiting for the next period [control]. */
enum error thread_no_time(handle_t thread, bool on);

/*
 * Single step, or a debug point (abi/objects.h: enum debug_kind), of a thread that is stopped or waits for the answer to its fault (else
 * BUSY) [registers]. Its handler gets EXCEPTION_STEP or, with the point's address, EXCEPTION_BREAKPOINT. WRONG_KIND: this machine has
 * none. thread_start() takes all of them away.
 */
enum error thread_debug(handle_t thread, enum debug_kind kind, word_t number, uintptr_t address, word_t length);

/* A name for traces and dumps [control]. */
enum error thread_name(handle_t thread, uint64_t name);

struct thread_report {
	enum thread_state state;
	word_t priority;
	word_t effective; /* priority that it runs at: its own or its caller's */
	uintptr_t ip;
	uintptr_t sp;
};
enum error thread_query(handle_t thread, struct thread_report *out);

/* ---- Notification ---- */

/* ORs `bits`, as far as the badge allows, into the word [signal]. */
enum error notification_signal(handle_t notification, word_t bits);

/* At `deadline` (arch_counter() ticks) `bits` are signalled [arm]. flags: 0 or ARM_BREAK. Replaces an earlier deadline. */
enum error notification_arm(handle_t notification, word_t bits, uint64_t deadline, word_t flags);

/* Takes the deadline back [arm]; *armed (may be NULL): it had not passed. */
enum error notification_disarm(handle_t notification, bool *armed);

/* The thread's receives see this Notification too [wait]; one Notification per thread. */
enum error notification_bind(handle_t notification, handle_t thread);
enum error notification_unbind(handle_t notification);

/* Waits for bits [wait]; *bits takes them all. */
enum error notification_wait(handle_t notification, word_t *bits);

/* ---- SchedContext ---- */

struct context_state {
	word_t core;
	word_t budget; /* counter ticks; CONTEXT_UNLIMITED */
	word_t period;
	word_t ceiling; /* highest priority that it allows */
	uint64_t consumed; /* ticks, since it was made (query only) */
};
enum error context_configure(handle_t context, const struct context_state *state); /* [configure] */
enum error context_query(handle_t context, struct context_state *out);             /* [consumed] */

/* ---- System ---- */

/* `length` bytes (1..56) to the kernel's console [log]. */
enum error system_log(handle_t system, const char *text, size_t length);

/* Ends the machine [power]; does not return if it succeeds. */
enum error system_power(handle_t system, enum power how);

/* Bytes and alignment of an object, as untyped_create takes them. */
enum error system_size(handle_t system, enum kind kind, word_t parameter, word_t *size, word_t *alignment);

/*
 * The trace of `core` goes into `memory` [read, write] (normal RAM, a power of two of pages) from now on [trace]; mask: 1 << enum
 * trace_kind of what is wanted. BUSY: that core has a ring. Taking the Memory away detaches it. Readers: trace.h.
 */
enum error system_trace_attach(handle_t system, word_t core, handle_t memory, word_t mask);

/* The ring is not written any more when this returns [trace]. BAD_ARGUMENT: there is none. */
enum error system_trace_detach(handle_t system, word_t core);

/* Other kinds from now on; 0: a pause, after which the ring goes on [trace]. */
enum error system_trace_mask(handle_t system, word_t core, word_t mask);

/* ---- Interrupt ---- */

/*
 * Makes an Interrupt in `slot` [interrupts], in memory of `untyped`: the one that a device's node means with `count` (1..3) cells
 * of "interrupts" at the controller with that phandle. BAD_ARGUMENT: no such interrupt; BUSY: it is made already.
 */
enum error system_interrupt(handle_t system, handle_t untyped, uint32_t controller, const uint32_t *cells, unsigned count, handle_t slot);

/* One for messages of a device: `requester` is its id on the bus with that phandle. *address, *data: what it must write. */
enum error system_message_interrupt(handle_t system, handle_t untyped, uint32_t bus, uint32_t requester, word_t core, handle_t slot,
				    uint64_t *address, uint32_t *data);

/* Delivered as `bits` of the Notification [signal], on its home core [bind]; masked from each delivery to the acknowledge. */
enum error interrupt_bind(handle_t interrupt, handle_t notification, word_t bits);
enum error interrupt_unbind(handle_t interrupt);

/* The delivery was handled [acknowledge]. BAD_ARGUMENT: there was none. */
enum error interrupt_acknowledge(handle_t interrupt);

/* ---- Ports, Firmware ---- */

/* A capability to `count` I/O ports from `first` on [interrupts]. WRONG_KIND: this machine has none. */
enum error system_ports(handle_t system, word_t first, word_t count, handle_t slot);

/* width: 1, 2 or 4 bytes. */
enum error port_read(handle_t ports, word_t port, word_t width, word_t *value);
enum error port_write(handle_t ports, word_t port, word_t width, word_t value);

/* A capability to call firmware with function numbers first..last [power]. */
enum error system_firmware(handle_t system, word_t first, word_t last, handle_t slot);

/* Calls firmware: eight registers as its convention has them, in and out. NO_RIGHTS: not a function of this capability. */
enum error firmware_call(handle_t firmware, word_t registers[8]);

/* ---- what the machine has ---- */

struct system_state {
	word_t frequency; /* of arch_counter(), Hz */
	uintptr_t top;    /* first address beyond user space */
	word_t cores;
	word_t features;
	word_t pool_block; /* bytes: what pools hand out */
	word_t fpu_size;   /* bytes of a thread's FP and vector state */
};
enum error system_info(handle_t system, struct system_state *out);

#endif
