/* SPDX-License-Identifier: BSD-2-Clause */
/* FP and vector state: see fpu.h. */
#include "kernel/fpu.h"
#include "kernel/schedule.h"

enum { FPU_SIZE_MAX = 4096 };

static void *area(const struct thread *t)
{
	return hal_kernel_address(capability_base(&t->binding[BIND_FPU]));
}

static void set_owner(struct core *core, struct thread *t)
{
	core->fpu_owner = t;
	core->fpu_owned = t != NULL;
}

/* The registers are saved and hold nothing any more. */
static void save_owner(struct core *core)
{
	hal_fpu_access(true);
	hal_fpu_save(area(core->fpu_owner));
	set_owner(core, NULL);
}

/* Leaves nothing of the last owner behind: a state that was never used is loaded. */
static void clear_registers(void)
{
	static const char initial[FPU_SIZE_MAX] __attribute__((aligned(64)));

	ASSERT(hal_fpu_size() <= sizeof(initial));
	hal_fpu_load(initial);
}

void fpu_switch(struct thread *t)
{
	struct core *core = core_self();
	struct thread *owner = core->fpu_owner;

	if (!owner && !(t->rare & RARE_FPU))
		return;
	if (t->rare & RARE_FPU) {
		if (owner != t) {
			if (owner)
				save_owner(core);
			hal_fpu_access(true);
			hal_fpu_load(area(t));
			set_owner(core, t);
		}
		hal_fpu_access(true);
		return;
	}
	if (owner->space != t->space) {
		save_owner(core);
		clear_registers();
	}
	hal_fpu_access(false);
}

void fpu_release(struct thread *t)
{
	struct core *core = core_self();

	if (core->fpu_owner != t)
		return;
	save_owner(core);
	clear_registers();
	hal_fpu_access(false);
}

void fpu_forget(struct thread *t)
{
	struct core *core = core_self();

	if (core->fpu_owner != t)
		return;
	set_owner(core, NULL);
	hal_fpu_access(true);
	clear_registers();
	hal_fpu_access(false);
}
