/* SPDX-License-Identifier: BSD-2-Clause */
/* The messages of a Thread capability. */
#include "kernel/context.h"
#include "kernel/invoke.h"
#include "kernel/memory.h"
#include "kernel/pagetable.h"
#include "kernel/schedule.h"
#include "kernel/untyped.h"

#include <string.h>

enum { FPU_UNTYPED_MAX = 64 << 10 };
enum { READ_WORDS_MAX = MESSAGE_WORDS - MESSAGE_REGISTERS };

static struct thread *target(const struct invocation *call)
{
	return capability_object(call->target);
}

/* Word n of the message, wherever it travels. */
static word_t argument(const struct invocation *call, unsigned n)
{
	if (n >= call->words)
		return 0;
	return n < MESSAGE_REGISTERS ? call->w[n] : call->caller->buffer->word[n];
}

/* ---- configure ---- */

static const struct {
	enum kind kind;
	uint8_t rights;
} binding_needs[] = {
	[BIND_SPACE] = {KIND_SPACE, RIGHT_TABLE | RIGHT_MAP},
	[BIND_PAGER] = {KIND_ENDPOINT, RIGHT_SEND},
	[BIND_HANDLER] = {KIND_ENDPOINT, RIGHT_SEND},
	[BIND_CONTEXT] = {KIND_CONTEXT, RIGHT_BIND},
	[BIND_BUFFER] = {KIND_MEMORY, RIGHT_READ | RIGHT_WRITE},
};

/* A message buffer is ordinary RAM, 1 KiB aligned. */
static enum error check_buffer(const struct capability *c, word_t offset)
{
	if (c->flags & CAPABILITY_DEVICE || c->attribute != MEMORY_NORMAL)
		return ERROR_WRONG_KIND;
	return offset & (BUFFER_ALIGN - 1) || offset >= memory_size(c) ? ERROR_BAD_ARGUMENT : OK;
}

/* `offset`: of the buffer; read once, for it lies where user level may change it meanwhile. */
static enum error check_binding(struct invocation *call, enum thread_binding place, word_t offset, struct capability **c)
{
	handle_t handle = argument(call, 1 + place);
	enum error error;

	*c = NULL;
	if (!(call->w[0] >> place & 1) || handle == HANDLE_NONE)
		return OK;
	error = invocation_capability(call, handle, binding_needs[place].kind, binding_needs[place].rights, c);
	if (!error)
		error = capability_derivable(*c);
	if (error)
		return error;
	if (place == BIND_CONTEXT && ((struct context *)capability_object(*c))->owner &&
	    ((struct context *)capability_object(*c))->owner != target(call))
		return ERROR_BUSY;
	if (place == BIND_CONTEXT && ((struct context *)capability_object(*c))->away) {
		schedule_elsewhere(((struct context *)capability_object(*c))->at);
		return ERROR_RETRY;
	}
	if (place == BIND_SPACE && ((struct space *)capability_object(*c))->object.dying)
		return ERROR_GONE;
	return place == BIND_BUFFER ? check_buffer(*c, offset) : OK;
}

static enum error operation_configure(struct invocation *call)
{
	struct capability *c[BIND_BUFFER + 1];
	struct thread *t = target(call);
	word_t offset = argument(call, 6);

	if (call->w[0] & ~(word_t)CONFIGURE_ALL)
		return ERROR_BAD_ARGUMENT;
	if (t->state != THREAD_STOPPED)
		return ERROR_BUSY;
	for (enum thread_binding place = 0; place <= BIND_BUFFER; place++) {
		enum error error = check_binding(call, place, offset, &c[place]);

		if (error)
			return error;
	}
	for (enum thread_binding place = 0; place <= BIND_BUFFER; place++) {
		if (!(call->w[0] >> place & 1))
			continue;
		if (c[place])
			thread_bind(t, place, c[place], offset);
		else
			thread_unbind(t, place);
	}
	return OK;
}

/* ---- running ---- */

/* One that serves a caller and has no context may have been stopped on its way to borrow it. */
static enum error go_on(struct thread *t)
{
	if (!t->active && t->reply.object)
		t->pending = PENDING_BORROW;
	schedule_ready(t);
	return OK;
}

static enum error operation_start(struct invocation *call)
{
	struct thread *t = target(call);

	if (t->state != THREAD_STOPPED)
		return ERROR_BUSY;
	if (!t->space)
		return ERROR_BAD_ARGUMENT;
	hal_frame_init(&t->frame, call->w[0], call->w[1], call->w[2]);
	t->continuation = CONTINUE_NONE;
	if (!t->reply.object)
		schedule_priority(t, t->priority, 0);
	return go_on(t);
}

static enum error operation_resume(struct invocation *call)
{
	struct thread *t = target(call);

	if (t->state != THREAD_STOPPED)
		return ERROR_BUSY;
	if (!t->space)
		return ERROR_BAD_ARGUMENT;
	return go_on(t);
}

static enum error operation_stop(struct invocation *call)
{
	thread_stop(target(call));
	return OK;
}

static enum error operation_abort(struct invocation *call)
{
	struct thread *t = target(call);

	if (thread_in_ipc(t))
		thread_wake_error(t, ERROR_ABORTED);
	return OK;
}

static enum error operation_recall(struct invocation *call)
{
	thread_set_rare(target(call), RARE_RECALL);
	return OK;
}

/* ---- registers ---- */

/* Registers can be read and written while the thread is stopped or waits for the answer to its fault; in a blocked
   ipc they can be read. */
static enum error check_registers(const struct invocation *call, bool write)
{
	const struct thread *t = target(call);
	word_t group = call->w[0], first = call->w[1], count = call->w[2];
	unsigned size = group < REGISTERS_GROUPS ? hal_frame_registers((unsigned)group) : 0;

	if (!count || count > READ_WORDS_MAX || first >= size || count > size - first)
		return ERROR_BAD_ARGUMENT;
	if (t->state == THREAD_STOPPED || t->state == THREAD_FAULTED)
		return OK;
	return !write && thread_in_ipc(t) ? OK : ERROR_BUSY;
}

/* What lies outside of the frame was changed. */
static void load_again(const struct thread *t)
{
	if (core_self()->loaded == t)
		core_self()->loaded = NULL;
}

static enum error operation_read(struct invocation *call)
{
	unsigned count = (unsigned)call->w[2];
	word_t values[READ_WORDS_MAX];
	enum error error = check_registers(call, false);

	if (error)
		return error;
	if (count > MESSAGE_REGISTERS && !call->caller->buffer)
		return ERROR_WINDOW;
	hal_frame_read(&target(call)->frame, (unsigned)call->w[0], (unsigned)call->w[1], count, values);
	for (unsigned i = 0; i < count; i++) {
		if (i < MESSAGE_REGISTERS)
			call->w[i] = values[i];
		else
			call->caller->buffer->word[i] = values[i];
	}
	call->answer_words = count;
	return OK;
}

static enum error operation_write(struct invocation *call)
{
	unsigned count = (unsigned)call->w[2];
	word_t values[READ_WORDS_MAX];
	enum error error = check_registers(call, true);

	if (!error && call->words != count + 3)
		error = ERROR_BAD_ARGUMENT;
	if (error)
		return error;
	for (unsigned i = 0; i < count; i++)
		values[i] = argument(call, i + 3);
	hal_frame_write(&target(call)->frame, (unsigned)call->w[0], (unsigned)call->w[1], count, values);
	load_again(target(call));
	target(call)->continuation = CONTINUE_NONE;
	return OK;
}

/* Are address and length those that a point of this kind can have? */
static bool point_good(enum debug_kind kind, word_t address, word_t length)
{
	if (kind == DEBUG_NONE || kind == DEBUG_EXECUTE)
		return !length && address < pagetable_top();
	return length && length <= 8 && !(length & (length - 1)) && !(address & (length - 1)) && address < pagetable_top();
}

static enum error operation_debug(struct invocation *call)
{
	struct thread *t = target(call);
	enum debug_kind kind = (enum debug_kind)call->w[0];

	if (call->w[0] > DEBUG_STEP || call->w[1] > (kind == DEBUG_STEP ? 1 : DEBUG_POINTS - 1))
		return ERROR_BAD_ARGUMENT;
	if (kind != DEBUG_STEP && !point_good(kind, call->w[2], call->w[3]))
		return ERROR_BAD_ARGUMENT;
	if (t->state != THREAD_STOPPED && t->state != THREAD_FAULTED)
		return ERROR_BUSY;
	load_again(t);
	thread_set_rare(t, RARE_DEBUG);
	if (kind == DEBUG_STEP)
		return hal_frame_step(&t->frame, call->w[1]) ? OK : ERROR_WRONG_KIND;
	return hal_debug_set(&t->frame, (unsigned)call->w[1], kind, call->w[2], call->w[3]);
}

static enum error operation_pointer(struct invocation *call)
{
	struct thread *t = target(call);

	if (t != call->caller && t->state != THREAD_STOPPED)
		return ERROR_BUSY;
	hal_frame_set_thread_pointer(&t->frame, call->w[0]);
	load_again(t);
	return OK;
}

/* ---- the rest ---- */

static enum error operation_priority(struct invocation *call)
{
	struct thread *t = target(call);
	struct capability *c;
	enum error error = invocation_capability(call, call->w[1], KIND_CONTEXT, RIGHT_CONFIGURE, &c);

	if (error)
		return error;
	if (call->w[0] >= PRIORITIES)
		return ERROR_BAD_ARGUMENT;
	if (call->w[0] > ((struct context *)capability_object(c))->ceiling)
		return ERROR_NO_RIGHTS;
	schedule_priority(t, (uint8_t)call->w[0], t->inherited);
	return OK;
}

static enum error operation_save_reply(struct invocation *call)
{
	struct thread *t = target(call);
	unsigned blocks = 0;
	enum error error;

	if (t != call->caller)
		return ERROR_BAD_ARGUMENT;
	if (!t->reply.object)
		return ERROR_BAD_HANDLE;
	error = space_slot_free(t->space, call->w[0], &blocks);
	if (error)
		return error;
	call->detail = pool_missing(&t->space->pool, blocks, 0);
	if (call->detail)
		return ERROR_NO_MEMORY;
	capability_move(space_slot(t->space, call->w[0]), &t->reply);
	return OK;
}

static enum error operation_name(struct invocation *call)
{
	if (call->w[0] > UINT32_MAX || call->w[1] > UINT32_MAX)
		return ERROR_BAD_ARGUMENT;
	target(call)->name = (uint64_t)call->w[1] << 32 | call->w[0];
	return OK;
}

/* The Untyped moves into the thread; clearing it makes it the initial state. */
static enum error operation_fpu(struct invocation *call)
{
	struct thread *t = target(call);
	struct capability *c, *binding = &t->binding[BIND_FPU];
	enum error error;

	if (t->state != THREAD_STOPPED)
		return ERROR_BUSY;
	if (call->w[0] == HANDLE_NONE) {
		thread_unbind(t, BIND_FPU);
		return OK;
	}
	error = invocation_capability(call, call->w[0], KIND_UNTYPED, 0, &c);
	if (error)
		return error;
	if (c->flags & CAPABILITY_DEVICE)
		return ERROR_WRONG_KIND;
	if (untyped_size(c) < hal_fpu_size() || untyped_size(c) > FPU_UNTYPED_MAX)
		return ERROR_BAD_ARGUMENT;
	if (c->child || c->untyped.used || binding->object)
		return ERROR_BUSY;
	error = capability_movable(c);
	if (error)
		return error;
	memset(hal_kernel_address(capability_base(c)), 0, hal_fpu_size());
	capability_move(binding, c);
	binding->flags |= CAPABILITY_BINDING;
	binding->binding.owner = t;
	binding->binding.place = BIND_FPU;
	thread_set_rare(t, RARE_FPU);
	return OK;
}

static enum error operation_no_time(struct invocation *call)
{
	struct thread *t = target(call);

	if (call->w[0] > 1)
		return ERROR_BAD_ARGUMENT;
	t->no_time_fault = call->w[0];
	if (t->active && t->active->spent) /* this decides whether it can be dispatched */
		schedule_remove(t);
	if (t->state == THREAD_READY)
		schedule_ready(t);
	return OK;
}

static enum error operation_query(struct invocation *call)
{
	const struct thread *t = target(call);

	call->w[0] = t->state;
	call->w[1] = t->priority;
	call->w[2] = t->effective;
	call->w[3] = hal_frame_ip(&t->frame);
	call->w[4] = hal_frame_sp(&t->frame);
	call->answer_words = 5;
	return OK;
}

const struct operation thread_operations[] = {
	{THREAD_CONFIGURE, RIGHT_CONTROL, operation_configure},
	{THREAD_START, RIGHT_CONTROL, operation_start},
	{THREAD_RESUME, RIGHT_CONTROL, operation_resume},
	{THREAD_STOP, RIGHT_CONTROL, operation_stop},
	{THREAD_ABORT, RIGHT_CONTROL, operation_abort},
	{THREAD_RECALL, RIGHT_CONTROL, operation_recall},
	{THREAD_READ, RIGHT_REGISTERS, operation_read},
	{THREAD_WRITE, RIGHT_REGISTERS, operation_write},
	{THREAD_PRIORITY, RIGHT_PRIORITY, operation_priority},
	{THREAD_POINTER, RIGHT_CONTROL, operation_pointer},
	{THREAD_SAVE_REPLY, 0, operation_save_reply},
	{THREAD_NAME, RIGHT_CONTROL, operation_name},
	{THREAD_QUERY, 0, operation_query},
	{THREAD_FPU, RIGHT_CONTROL, operation_fpu},
	{THREAD_NO_TIME, RIGHT_CONTROL, operation_no_time},
	{THREAD_DEBUG, RIGHT_REGISTERS, operation_debug},
	{0, 0, NULL},
};
