/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Revoke and delete: the only way in which capabilities and objects end.
 *
 * Nothing recurses and every step is bounded. An object whose end takes more than one step (a Space, an
 * Endpoint or Notification that threads wait on) keeps its original capability inside itself and goes
 * onto the tear-down list, which every later delete, revoke and reset continues; until it is finished its
 * memory counts as used by the Untyped that it came from.
 */
#ifndef KERNEL_REVOKE_H
#define KERNEL_REVOKE_H

#include "kernel/capability.h"
#include "kernel/cores.h"

enum { PREEMPT_STEPS = 32 }; /* bounded steps between two looks at pending interrupts */

enum removal {
	REMOVED, /* the place is empty */
	PARTLY,  /* a step was done; call again */
	WAITING, /* its object is being torn down, and the capability lies inside it now */
	AWAY,    /* it can go on only on another core: schedule_elsewhere() was told which */
};

/* One bounded step towards removing a capability that has no derivations. WAITING: *c is where it lies now. */
enum removal capability_remove(struct capability **c);

/* One bounded step towards removing everything derived from `top`. True: nothing is left. `deleting`: top itself is
   about to vanish, so objects that are still being torn down are hung below its parent. */
bool subtree_step(struct capability *top, bool deleting);

/* Moves the original capability of a dying object into the object. */
struct capability *teardown_keep(struct capability *c);

/* For the invariant checker: the list's first object, and where a dying object keeps its original capability. */
const struct object *teardown_first(void);
struct capability *teardown_self(struct object *object);

/* One bounded step of the tear-down list. True: the list is empty. */
bool teardown_step(void);

/* Removes the mapping of a capability step by step, the page at `last` after all others: so who found it there finds it again.
   True: nothing of it is mapped any more, and it is marked so. */
bool mapping_remove(struct capability *c, uintptr_t last);

/*
 * Revokes and deletes whose thread is gone (it destroyed itself) but which must go on on another core travel alone. One
 * core sends one at a time; a second one is left to the next revoke of its capability.
 */
void work_send(unsigned core);
void work_arrived(struct mail *mail);

/* The place of a capability that is being revoked is about to be empty: no such work looks at it any more. */
void work_forget(const struct capability *c);

/* Whole operations, restarted until done: OK or ERROR_RETRY. */
enum error capability_revoke(struct capability *c);
enum error capability_delete(struct thread *caller, struct capability *c);

#endif
