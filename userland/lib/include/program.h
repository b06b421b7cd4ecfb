/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program finds when it starts: fixed handles, and one read-only page of information whose
 * address is the argument of its entry point. Written by spawn() (spawn.h) for every program but the root component.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <abi/types.h>

/* Handles. A slot for which the parent gave nothing is empty. */
enum program_handle {
	PROGRAM_SPACE = 1,   /* its own Space: rights table, map, feed */
	PROGRAM_THREAD = 2,  /* its own main thread, all rights */
	PROGRAM_CONTEXT = 3, /* the SchedContext that this runs on: bind, configure, consumed as far as the parent chose */
	PROGRAM_PARENT = 4,  /* Endpoint with its badge: send, transfer. Also its pager and fault handler, unless chosen otherwise */
	PROGRAM_UNTYPED = 5, /* RAM of its own to build from */
	PROGRAM_SYSTEM = 6,  /* System with the rights that it needs, e.g. log */
	PROGRAM_DEVICE = 7,  /* a small device Untyped at addresses where no device answers: tests only */
	PROGRAM_DATA = 8,    /* Memory, read only, of what is mapped at data_address */
	PROGRAM_GIFTS = 9,   /* first of those that parent and child agree on */
	PROGRAM_FIRST_FREE = 16,
};

/* Where a parent puts what; the program itself is linked below PROGRAM_IMAGE_END. */
#define PROGRAM_IMAGE_START ((uintptr_t)0x10000)
#define PROGRAM_IMAGE_END ((uintptr_t)0x20000000)
#define PROGRAM_INFO_ADDRESS PROGRAM_IMAGE_END
#define PROGRAM_DATA_ADDRESS ((uintptr_t)0x30000000)
#define PROGRAM_FREE_ADDRESS ((uintptr_t)0x40000000)
#define PROGRAM_FREE_END ((uintptr_t)1 << 37)

enum { PROGRAM_MAGIC = 0x70726f67, PROGRAM_VERSION = 1, PROGRAM_NAME_MAX = 32, PROGRAM_ARGUMENTS_MAX = 256 };

struct program_info {
	uint32_t magic;   /* PROGRAM_MAGIC */
	uint32_t version; /* PROGRAM_VERSION */
	uint32_t handle_first_free; /* first empty slot of its table */
	uint32_t handle_slots;      /* slots of its table */
	uint64_t free_address;      /* nothing is mapped from here ... */
	uint64_t free_end;          /* ... to here */
	uint64_t buffer;            /* address of the main thread's message buffer */
	uint64_t stack_low;         /* the main thread's stack: lowest address */
	uint64_t stack_size;        /* bytes */
	uint64_t data_address;      /* read-only data from the parent; 0: none */
	uint64_t data_size;         /* bytes */
	uint64_t untyped_size;      /* bytes of PROGRAM_UNTYPED; 0: none */
	uint64_t frequency;         /* of arch_counter(), Hz */
	char name[PROGRAM_NAME_MAX];           /* 0-terminated */
	char arguments[PROGRAM_ARGUMENTS_MAX]; /* 0-terminated */
};
_Static_assert(sizeof(struct program_info) <= PAGE_SIZE, "program information is one page");

/* C entry, called by the start-up assembly with the argument that the kernel passed. The library's finds a
   program_info there; the root component has its own. */
_Noreturn void program_start(word_t argument);

/* What a program supplies: its main function. The result is the exit status. */
word_t program_main(const struct program_info *info);

/* Tells the parent the status and never returns. */
_Noreturn void program_exit(word_t status);

#endif
