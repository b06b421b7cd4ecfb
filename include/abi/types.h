/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine word and the few constants that every other ABI header stands on.
 * Shared by the kernel and user level; names no architecture.
 */
#ifndef ABI_TYPES_H
#define ABI_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One register of the machine: what `ipc` carries. */
typedef uintptr_t word_t;

/* An index into the capability table of the caller's Space. */
typedef word_t handle_t;

enum {
	PAGE_SHIFT = 12,
	PAGE_SIZE = 1 << PAGE_SHIFT, /* the smallest unit that can be mapped, on every machine */
};

#define HANDLE_NONE ((handle_t)0)  /* never names a capability */
#define HANDLE_REPLY (~(handle_t)0) /* as `to`: answer the pending caller */

#endif
