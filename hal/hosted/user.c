/* SPDX-License-Identifier: BSD-2-Clause */
/* The simulated user level: see user.h. */
#include "user.h"

#include "check/check.h"
#include "images.h"
#include "check/check.h"
#include "kernel/space.h"

struct user user;
struct answer last;

static void must(bool condition, const char *what)
{
	if (!condition)
		hosted_abort(what);
}

/* The root component's first pool is memory without a capability: it is in use. */
static void mark_dead(uint64_t start, uint64_t end)
{
	uint64_t pool = hal_physical_address(user.pool), pool_end = pool + user.pool_size;

	if (pool >= end || pool_end <= start) {
		hosted_dead(start, end);
		return;
	}
	hosted_dead(start, pool);
	hosted_dead(pool_end, end);
}

const char *user_problem(void)
{
	const char *problem;

	hosted_all_alive();
	check_dead = user.pool ? mark_dead : NULL;
	problem = check_kernel();
	return problem ? problem : hosted_check_tlb();
}

void user_boot(enum hosted_shape shape)
{
	struct hal_boot boot = image_machine();
	const struct boot_info *info;

	must(hosted_boot(shape, &boot) == END_RESUMED, "the machine does not boot");
	user.root = thread_of(hosted_core()->running);
	user.space = user.root->space;
	user.buffer = user.root->buffer;
	user.pool = user.space->pool.first;
	user.pool_size = user.space->pool.first->size;
	info = hal_kernel_address(capability_base(user_capability(BOOT_INFO)));
	user.next = info->handle_first_free;
	user.untyped = BOOT_UNTYPED;
	must(!user_problem(), "the machine is not right after boot");
	for (unsigned i = 0; i < info->untyped_count; i++)
		if (!info->untyped[i].device && info->untyped[i].size > info->untyped[user.untyped - BOOT_UNTYPED].size)
			user.untyped = BOOT_UNTYPED + i;
}

struct answer user_result(struct thread *t)
{
	const struct hal_frame *f = &t->frame;

	last = (struct answer){0};
	while (hosted_core()->running == f && hal_frame_ip(f) == USER_IP)
		hosted_syscall();
	if (hosted.cores > 1)
		hosted_pass(0); /* perhaps it goes to another core and comes back */
	if (hosted_core()->running != f)
		return last;
	last.done = true;
	last.status = f->reg[REGISTER_TO];
	last.badge = f->reg[REGISTER_FROM];
	last.tag = f->reg[REGISTER_TAG];
	for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
		last.w[i] = f->reg[REGISTER_W0 + i];
	return last;
}

struct answer user_ipc(struct thread *t, handle_t to, handle_t from, word_t tag, const word_t w[MESSAGE_REGISTERS])
{
	struct hal_frame *f = &t->frame;

	must(hosted_core()->running == f, "a thread that does not run cannot make a system call");
	f->reg[REGISTER_IP] = USER_IP;
	f->reg[REGISTER_TO] = to;
	f->reg[REGISTER_FROM] = from;
	f->reg[REGISTER_TAG] = tag;
	for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
		f->reg[REGISTER_W0 + i] = w[i];
	return user_result(t);
}

enum error user_call(handle_t object, word_t label, const word_t w[MESSAGE_REGISTERS])
{
	struct answer a;

	must(hosted_core()->running != NULL, "nobody runs who could make a system call");
	a = user_ipc(thread_of(hosted_core()->running), object, HANDLE_NONE, tag_make(label, MESSAGE_REGISTERS, 0) | TAG_CALL, w);

	return status_error(a.status);
}

handle_t user_slots(word_t count)
{
	handle_t first = user.next;

	user.buffer->handle_first = first;
	user.buffer->handle_count = count;
	user.next += count;
	return first;
}

handle_t user_make_many(enum kind kind, word_t parameter, word_t count)
{
	handle_t first = user_slots(count);

	must(user_call(user.untyped, UNTYPED_CREATE, WORDS(kind, parameter, count)) == OK, "an object cannot be created");
	return first;
}

handle_t user_make(enum kind kind, word_t parameter)
{
	return user_make_many(kind, parameter, 1);
}

struct capability *user_capability(handle_t handle)
{
	return space_lookup(user.space, handle);
}

void *user_object(handle_t handle)
{
	return capability_object(user_capability(handle));
}

handle_t user_derive(handle_t handle, word_t rights, word_t badge)
{
	handle_t slot = user_slots(1);

	must(user_call(BOOT_SPACE, SPACE_DERIVE, WORDS(handle, slot, rights, badge)) == OK, "a handle cannot be derived");
	return slot;
}

handle_t user_make_space(word_t slots, word_t pool)
{
	handle_t space = user_make(KIND_SPACE, slots), memory = user_make(KIND_UNTYPED, pool);

	must(user_call(space, SPACE_FEED, WORDS(memory)) == OK, "a pool cannot be fed");
	return space;
}

struct user_thread user_start(handle_t space, uint8_t priority, handle_t pager, handle_t handler)
{
	struct user_thread u = {.space = space};
	word_t everything = CONFIGURE_ALL;

	u.handle = user_make(KIND_THREAD, 0);
	u.context = user_make(KIND_CONTEXT, 0);
	u.memory = user_make(KIND_MEMORY, PAGE_SIZE);
	u.t = user_object(u.handle);
	u.buffer = hal_kernel_address(capability_base(user_capability(u.memory)));
	must(user_call(u.handle, THREAD_CONFIGURE, WORDS(everything, space, pager, handler, u.context, u.memory)) == OK,
	     "a thread cannot be configured");
	must(user_call(u.handle, THREAD_PRIORITY, WORDS(priority, BOOT_CONTEXT)) == OK, "a priority cannot be set");
	must(user_call(u.handle, THREAD_START, WORDS(USER_IP, USER_SP)) == OK, "a thread cannot be started");
	return u;
}
