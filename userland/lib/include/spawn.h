/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loading an ELF program into a Space of its own and starting it, with exactly what its specification lists.
 *
 * The program's memory is one Memory object that the parent keeps: segments (text and read-only data never
 * writable, data and stack never executable), the information page, the message buffer and the stack. Nothing is shared with
 * other programs. Fixed handles and addresses are in program.h.
 */
#ifndef SPAWN_H
#define SPAWN_H

#include "build.h"
#include "elf.h"
#include "program.h"

/* A capability for a child, beside those that every program gets. */
struct program_gift {
	handle_t handle; /* of the parent's */
	handle_t slot;   /* of the child's: PROGRAM_GIFTS .. PROGRAM_FIRST_FREE - 1 */
	word_t rights;   /* at most these */
	word_t badge;    /* 0: none */
	bool move;       /* the parent keeps nothing (rights and badge do not apply) */
};

enum { PROGRAM_GIFTS_MAX = 6 };

struct program_spec {
	const char *name;      /* cut to PROGRAM_NAME_MAX - 1 characters */
	const char *arguments; /* NULL: none; cut to PROGRAM_ARGUMENTS_MAX - 1 characters */
	const void *image;     /* the ELF file */
	size_t image_size;
	handle_t parent;       /* unbadged Endpoint: the child gets it with `badge`, right send and transfer */
	word_t badge;
	handle_t pager;        /* unbadged Endpoint that gets page faults with `badge`; HANDLE_NONE: `parent` */
	size_t untyped_size;   /* bytes of PROGRAM_UNTYPED, a power of two; 0: none */
	handle_t system;       /* HANDLE_NONE: the child gets none */
	word_t system_rights;
	handle_t device;       /* an Untyped that moves to the child; HANDLE_NONE: none */
	handle_t data;         /* Memory that the child sees read-only; HANDLE_NONE: none */
	size_t data_offset;    /* bytes before what means something, less than PAGE_SIZE */
	size_t data_size;      /* bytes that mean something */
	uint64_t frequency;    /* of arch_counter(), Hz: what the child is told */
	word_t priority;       /* of the main thread */
	word_t ceiling;        /* of its SchedContext */
	word_t slots;          /* of its table; 0: the default */
	size_t pool;           /* bytes of its Space's pool, a power of two; 0: the default */
	size_t stack;          /* bytes, whole pages; 0: the default */
	struct program_gift gift[PROGRAM_GIFTS_MAX]; /* up to the first with handle HANDLE_NONE */
};

enum { SPAWN_SLOTS = 1024, SPAWN_POOL = 512 * 1024, SPAWN_STACK = 64 * 1024 };

/* What the parent holds of a child. */
struct program {
	handle_t space;
	handle_t thread;
	handle_t context;
	handle_t memory;
	handle_t parent; /* the badged Endpoint that its faults and exceptions go to */
	handle_t pager;  /* another badged Endpoint for its page faults, or HANDLE_NONE */
	uintptr_t entry;
	uintptr_t stack_low; /* the main thread's stack; in `memory` it begins at PROGRAM_STACK_OFFSET */
	uintptr_t stack_end;
};

enum { PROGRAM_STACK_OFFSET = 2 * PAGE_SIZE };

/* Why a program was not loaded. */
struct spawn_failure {
	const char *step;   /* what was being done: "create the Space", or "read the program" */
	const char *reason; /* error_text() or elf_text() */
	enum error error;   /* of the kernel; OK if the ELF file is refused */
	enum elf_status elf;
};

/*
 * Makes the program from the builder's Untyped, everything but started. True: *out is complete; then spawn_begin()
 * starts it. False: nothing is left behind and *failure says why; `device` and moved gifts that had moved already are lost.
 */
bool spawn(struct builder *b, const struct program_spec *spec, struct program *out, struct spawn_failure *failure);

/* Starts a program that spawn() made. */
enum error spawn_begin(const struct program *program);

/* Ends the program wherever it is and gives back all that the parent held of it. What it created goes with it. */
void spawn_destroy(struct builder *b, struct program *program);

/* The ELF header of the program that calls this: what runs here is what it was built for. */
const struct elf_header *elf_own_header(void);

#endif
