/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel objects: kinds, rights per kind, and the labels and words of their messages.
 *
 * Objects are invoked by sending them messages. Unless said otherwise the answer has status OK and
 * the words named after "->"; new capabilities arrive in the caller's handle window, in order.
 * userland/lib/include/cobnut.h has a typed, documented wrapper for each message.
 */
#ifndef ABI_OBJECTS_H
#define ABI_OBJECTS_H

#include <abi/types.h>

enum kind {
	KIND_NONE = 0,
	KIND_UNTYPED = 1,
	KIND_MEMORY = 2,
	KIND_SPACE = 3,
	KIND_THREAD = 4,
	KIND_ENDPOINT = 5,
	KIND_NOTIFICATION = 6,
	KIND_REPLY = 7,
	KIND_CONTEXT = 8, /* scheduling context */
	KIND_SYSTEM = 9,
	KIND_INTERRUPT = 10,
	KIND_PORTS = 11,    /* I/O ports (x86) */
	KIND_FIRMWARE = 12, /* calls into firmware */
	KIND_COUNT
};

/* Rights, one enum per kind. Rights only shrink; RIGHTS_ALL asks for whatever the giver has. */
enum { RIGHTS_ALL = 0xff };
enum right_memory { RIGHT_READ = 1, RIGHT_WRITE = 2, RIGHT_EXECUTE = 4, RIGHT_PHYSICAL = 8 };
enum right_space { RIGHT_TABLE = 1, RIGHT_MAP = 2, RIGHT_FEED = 4 };
enum right_thread { RIGHT_CONTROL = 1, RIGHT_REGISTERS = 2, RIGHT_PRIORITY = 4 };
enum right_endpoint { RIGHT_SEND = 1, RIGHT_RECEIVE = 2, RIGHT_TRANSFER = 4 };
enum right_notification { RIGHT_SIGNAL = 1, RIGHT_WAIT = 2, RIGHT_ARM = 4 };
enum right_context { RIGHT_BIND = 1, RIGHT_CONFIGURE = 2, RIGHT_CONSUMED = 4 };
enum right_interrupt { RIGHT_BIND_INTERRUPT = 1, RIGHT_ACKNOWLEDGE = 2 };
enum right_ports { RIGHT_PORT_READ = 1, RIGHT_PORT_WRITE = 2 };
enum right_firmware { RIGHT_FIRMWARE_CALL = 1 };
enum right_system {
	RIGHT_INTERRUPTS = 1,
	RIGHT_DMA = 2,
	RIGHT_CORES = 4,
	RIGHT_POWER = 8,
	RIGHT_LOG = 16,
	RIGHT_TRACE = 32
};

/* Untyped (move only): raw physical memory. */
enum label_untyped {
	/* w0 kind, w1 parameter, w2 count (1..64), w3 cache attribute (Memory) -> w0 first handle, w1 count.
	   Parameter: Untyped: bytes, a power of two; Memory: bytes, whole pages; Space: largest number of handles;
	   Endpoint, Notification: home core; Thread, SchedContext: 0. */
	UNTYPED_CREATE = 1,
	UNTYPED_RESET = 2, /* all of it is free again; busy while anything created from it lives */
	UNTYPED_QUERY = 3, /* -> w0 bytes, w1 bytes free, w2 is a device */
};
enum { CREATE_COUNT_MAX = 64, SPACE_HANDLES_MIN = 64, SPACE_HANDLES_MAX = 1 << 20 };

/* Cache attributes of Memory frames. Device Memory cannot be normal. */
enum memory_attribute { MEMORY_NORMAL = 0, MEMORY_UNCACHED = 1, MEMORY_DEVICE = 2 };

enum label_memory {
	MEMORY_DERIVE = 1,   /* w0 offset, w1 bytes (0: rest), w2 rights -> w0 handle */
	MEMORY_MAP = 2,      /* w0 Space (right map), w1 address, w2 access; maps the whole, once */
	MEMORY_UNMAP = 3,    /* undoes MEMORY_MAP */
	MEMORY_REVOKE = 4,   /* w0 offset, w1 bytes (0: rest): removes every derivation that overlaps the range */
	MEMORY_CODE = 5,     /* w0 offset, w1 bytes (0: rest): makes instructions just written visible to all cores */
	MEMORY_PHYSICAL = 6, /* -> w0 physical address (right physical) */
	MEMORY_QUERY = 7,    /* -> w0 bytes, w1 rights, w2 attribute, w3 is a device, w4 address + 1 where mapped, or 0 */
};

enum label_space {
	SPACE_DERIVE = 1, /* w0 handle in the caller's table, w1 slot in this Space, w2 rights | SPACE_BADGE, w3 badge */
	SPACE_MOVE = 2,   /* w0 handle in the caller's table, w1 slot in this Space */
	SPACE_DELETE = 3, /* w0 slot: revokes, then removes; the original capability destroys its object */
	SPACE_REVOKE = 4, /* w0 slot: removes everything derived from it */
	SPACE_MAP = 5,    /* w0 Memory in the caller's table, w1 address, w2 access | WINDOW_REPLACE, w3 offset, w4 bytes
	                     (0: rest) -> w0 bytes mapped. A derivation that only the mapping records */
	SPACE_UNMAP = 6,  /* w0 address, w1 bytes: removes every mapping that overlaps the range, whole */
	SPACE_FEED = 7,   /* w0 Untyped in the caller's table: its memory joins the pool */
	SPACE_QUERY = 8,  /* -> w0 pool bytes, w1 pool bytes free, w2 handle slots, w3 first address beyond user space */
	SPACE_SLOT = 9,   /* w0 slot -> w0 kind, w1 rights, w2 badge, w3 has derivations, w4 is the original;
	                     of a Reply: its caller still waits */
};
enum { SPACE_BADGE = 1 << 8 };

enum label_thread {
	/* w0 what (bits below), w1 Space, w2 pager, w3 fault handler, w4 SchedContext, w5 buffer Memory,
	   w6 offset in it: those named in w0 are bound, HANDLE_NONE unbinds. The thread must be stopped. */
	THREAD_CONFIGURE = 1,
	THREAD_START = 2,    /* w0 ip, w1 sp, w2 argument: all other registers zero. Must be stopped */
	THREAD_RESUME = 3,   /* goes on where it was stopped */
	THREAD_STOP = 4,     /* ends a blocked ipc with aborted */
	THREAD_ABORT = 5,    /* ends a blocked ipc with aborted; the thread goes on */
	THREAD_RECALL = 6,   /* sends the exception `recalled` before its next instruction */
	THREAD_READ = 7,     /* w0 group, w1 first, w2 count (1..58) -> words */
	THREAD_WRITE = 8,    /* w0 group, w1 first, w2 count (1..58), w3.. values */
	THREAD_PRIORITY = 9, /* w0 priority 0..255, w1 SchedContext whose ceiling allows it (right configure) */
	THREAD_POINTER = 10, /* w0 thread pointer; to a stopped thread or to itself */
	THREAD_SAVE_REPLY = 11, /* w0 slot: the caller's own pending Reply moves there (self only) */
	THREAD_NAME = 12,    /* w0 low, w1 high 32 bits of a name for traces and dumps */
	/* w0 Untyped, fresh, as large as SYSTEM_INFO says at least: it becomes the memory of the thread's FP and vector state, which
	   begins as the processor's initial one; HANDLE_NONE: takes the state away. The thread must be stopped. */
	THREAD_FPU = 15,
	/* w0 enum debug_kind, w1 number 0..DEBUG_POINTS - 1 of a point (DEBUG_STEP: 1 on, 0 off), w2 address, w3 length: 0 for EXECUTE, else 1, 2,
	   4 or 8, to which the address is aligned. WRONG_KIND: this machine has none. When the registers can be written (right registers) */
	THREAD_DEBUG = 16,
	THREAD_NO_TIME = 14, /* w0 1: a spent budget is the exception no-time; 0: the thread waits for the next period */
	THREAD_QUERY = 13,   /* -> w0 state (enum thread_state), w1 priority, w2 effective priority, w3 ip, w4 sp */
};
enum debug_kind {
	DEBUG_NONE = 0,    /* takes the point away */
	DEBUG_EXECUTE = 1, /* EXCEPTION_BREAKPOINT before the instruction there */
	DEBUG_WRITE = 2,   /* EXCEPTION_BREAKPOINT at a store there, */
	DEBUG_ACCESS = 3,  /* at a load or store */
	DEBUG_STEP = 4,    /* EXCEPTION_STEP behind each instruction */
};
enum { DEBUG_POINTS = 4 };
enum {
	CONFIGURE_SPACE = 1,
	CONFIGURE_PAGER = 2,
	CONFIGURE_HANDLER = 4,
	CONFIGURE_CONTEXT = 8,
	CONFIGURE_BUFFER = 16,
	CONFIGURE_ALL = 31
};
enum thread_state {
	THREAD_STOPPED = 0,
	THREAD_READY = 1,     /* runs or could */
	THREAD_SENDING = 2,   /* waits for a receiver */
	THREAD_RECEIVING = 3, /* waits for a message or a signal */
	THREAD_CALLING = 4,   /* waits for an answer */
	THREAD_FAULTED = 5,   /* its fault or exception waits for a receiver or for an answer */
};
/* Register groups of THREAD_READ and THREAD_WRITE; layouts in include/abi/<architecture>/registers.h. */
enum register_group { REGISTERS_GENERAL = 0, REGISTERS_GROUPS };

/* Messages to an Endpoint go through it: it has none of its own. */

enum label_notification {
	NOTIFICATION_SIGNAL = 0, /* w0 bits; a badge limits them */
	NOTIFICATION_ARM = 1,    /* w0 bits, w1 deadline low, w2 deadline high 32 bits, w3 flags; replaces an earlier one */
	NOTIFICATION_DISARM = 2, /* -> w0 was armed */
	NOTIFICATION_BIND = 3,   /* w0 Thread: its receives see this Notification too (right wait) */
	NOTIFICATION_UNBIND = 4,
};
enum { ARM_BREAK = 1 }; /* the deadline ends the bound thread's blocked ipc with ERROR_DEADLINE */

enum label_context {
	/* w0 core, w1 budget, w2 period (counter ticks, 1 <= budget <= period <= CONTEXT_PERIOD_MAX; both CONTEXT_UNLIMITED: no
	   limit), w3 priority ceiling. A new budget counts from a new period on. */
	CONTEXT_CONFIGURE = 1,
	/* -> w0 core, w1 budget, w2 period, w3 ceiling, w4 ticks consumed since it was made, w5 their high 32 bits (right consumed) */
	CONTEXT_QUERY = 2,
};
#define CONTEXT_UNLIMITED (~(word_t)0)
#define CONTEXT_PERIOD_MAX (CONTEXT_UNLIMITED >> 2)

enum label_interrupt {
	INTERRUPT_BIND = 1,        /* w0 Notification (right signal), w1 bits: routed to its home core and unmasked (right bind) */
	INTERRUPT_UNBIND = 2,      /* masked (right bind) */
	INTERRUPT_ACKNOWLEDGE = 3, /* after a delivery: unmasked (right acknowledge) */
};

enum label_ports {
	PORT_READ = 1,  /* w0 port, w1 width in bytes: 1, 2 or 4 -> w0 value (right read) */
	PORT_WRITE = 2, /* w0 port, w1 width, w2 value (right write) */
};

enum label_firmware {
	FIRMWARE_CALL = 1, /* w0..w7 registers as the convention has them -> w0..w7 */
};

enum label_system {
	SYSTEM_LOG = 1,   /* w0 count (1..56 bytes), w1..w7 bytes in memory order: to the kernel's console (right log) */
	SYSTEM_POWER = 2, /* w0 enum power (right power) */
	SYSTEM_SIZE = 3,  /* w0 kind, w1 parameter as in UNTYPED_CREATE -> w0 bytes, w1 alignment */
	/* w0 Untyped that the object is made in, w1 phandle of the interrupt controller, w2 count (1..3), w3.. the cells of
	   "interrupts" -> w0 handle of an Interrupt. BUSY: it is made already (right interrupts) */
	SYSTEM_INTERRUPT = 5,
	/* w0 Untyped, w1 phandle of the bus, w2 requester id there, w3 core -> w0 handle, w1 low, w2 high half of the address that
	   the device must write, w3 the data (right interrupts) */
	SYSTEM_MESSAGE_INTERRUPT = 6,
	SYSTEM_PORTS = 7,    /* w0 first port, w1 count -> w0 handle. WRONG_KIND: this machine has none (right interrupts) */
	SYSTEM_FIRMWARE = 8, /* w0 first, w1 last function number that may be called -> w0 handle (right power) */
	/* w0 core, w1 Memory (normal RAM, its size a power of two; rights read and write), w2 mask of 1 << enum trace_kind: the core's trace goes
	   there (abi/trace.h). BUSY: it has a ring. Revoking or deleting the Memory detaches the ring (right trace) */
	SYSTEM_TRACE_ATTACH = 9,
	SYSTEM_TRACE_DETACH = 10, /* w0 core: nothing is written there any more. BAD_ARGUMENT: no ring (right trace) */
	SYSTEM_TRACE_MASK = 11,   /* w0 core, w1 mask: other kinds from now on; 0: pauses (right trace) */
	SYSTEM_INFO = 4,  /* -> w0 counter frequency in Hz, w1 address-space top, w2 cores, w3 feature bits, w4 block size of pools,
	                    w5 bytes of FP and vector state */
};
enum power { POWER_OFF = 0, POWER_REBOOT = 1, POWER_FAIL = 2 };

#endif
