/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzing of the kernel: an input is a list of things that user level and devices do on a machine with
 * a few Spaces, threads and objects: system calls with arguments that make sense, or with any; faults,
 * passing time, interrupts in the middle of operations, other cores that act meanwhile. After each of
 * them all invariants are checked.
 *
 * With FUZZ_TRACE in the environment each step is printed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "kernel/space.h"
#include "scenario.h"
#include "user.h"

enum { STEPS_MAX = 200, NESTED_MAX = 3, LOOK_AHEAD = 40 };

/* The input. */
static struct {
	const uint8_t *at, *end;
	unsigned steps, nested;
	bool trace;
} input;

static uint8_t byte(void)
{
	return input.at < input.end ? *input.at++ : 0;
}

static word_t number(unsigned bytes)
{
	word_t value = 0;

	while (bytes--)
		value = value << 8 | byte();
	return value;
}

/* ---- arguments ---- */

static const word_t extremes[] = {0, 1, PAGE_SIZE - 1, UINT32_MAX, (word_t)UINT32_MAX + 1, UINT64_MAX, UINT64_MAX - PAGE_SIZE + 1, (word_t)1 << 63};

/* A handle of a kind: the next one from some on; or, to be wrong at times, that itself. */
static word_t handle_of(enum kind kind, const struct space *space)
{
	uint8_t b = byte();
	word_t first = scenario_handle(space, b);

	for (word_t handle = first; b < 240 && handle < first + LOOK_AHEAD; handle++) {
		const struct capability *c = space_lookup(space, handle);

		if (c && capability_kind(c) == kind)
			return handle;
	}
	return first;
}

/* One argument that names something, of the class that the letter means. */
static word_t handle_argument(char class, const struct space *space)
{
	switch (class) {
	case 'S':
		return handle_of(KIND_SPACE, space);
	case 'E':
		return handle_of(KIND_ENDPOINT, space);
	case 'N':
		return handle_of(KIND_NOTIFICATION, space);
	case 'C':
		return handle_of(KIND_CONTEXT, space);
	case 'M':
		return handle_of(KIND_MEMORY, space);
	case 'U':
		return handle_of(KIND_UNTYPED, space);
	case 'T':
		return handle_of(KIND_THREAD, space);
	default: /* 'h': any */
		return scenario_handle(space, byte());
	}
}

/* One argument of the class that the letter means. */
static word_t argument(char class, const struct space *space)
{
	uint8_t b;

	if (class == 'h' || (class >= 'A' && class <= 'Z'))
		return handle_argument(class, space);
	b = class >= '0' && class <= '9' ? (uint8_t)(class - '0') : byte();
	switch (class) {
	case 's': /* a slot */
		return space->slots > 256 ? scenario_handle(space, b) : b % (space->slots + 1u);
	case 'o': /* an offset or a length, in pages; 0 often, which may mean the rest */
		return b < 64 ? 0 : (word_t)(b % 40) << PAGE_SHIFT;
	case 'a': /* an address */
		return scenario_address(b);
	case 'k': /* a kind, and its parameter */
		return b % (KIND_COUNT + 1);
	case 'z':
		return b & 1 ? (word_t)64 << b / 2 % 24 : (word_t)(b / 2) << PAGE_SHIFT;
	case 't': /* a time */
		return hosted.clock + (word_t)b * b;
	case 'b': /* ticks */
		return b > 200 ? CONTEXT_UNLIMITED : (word_t)b * 16;
	case 'c': /* a core */
		return b % (hosted.cores + 1);
	case 'r': /* rights, perhaps with a badge */
		return b & 1 ? RIGHTS_ALL | (b & 2 ? SPACE_BADGE : 0) : b;
	case 'm': /* a few bits */
		return b & 31;
	case 'x': /* access, perhaps to replace */
		return (b & 7) | (b & 8 ? WINDOW_REPLACE : 0);
	case 'i': /* a small number, mostly one that can be */
		return b % 16;
	case 'w': /* any word */
		return b & 128 ? extremes[b % (sizeof(extremes) / sizeof(extremes[0]))] : number(b & 3);
	default: /* 'n': a byte; a digit: itself */
		return b;
	}
}

struct message_form {
	enum kind kind;
	word_t label;
	const char *arguments;
};

static const struct message_form forms[] = {
	{KIND_UNTYPED, UNTYPED_CREATE, "kziw"},
	{KIND_UNTYPED, UNTYPED_CREATE, "kzi"},
	{KIND_UNTYPED, UNTYPED_RESET, ""},
	{KIND_UNTYPED, UNTYPED_QUERY, ""},
	{KIND_MEMORY, MEMORY_DERIVE, "oon"},
	{KIND_MEMORY, MEMORY_MAP, "Sax"},
	{KIND_MEMORY, MEMORY_MAP, "Sax"},
	{KIND_MEMORY, MEMORY_UNMAP, ""},
	{KIND_MEMORY, MEMORY_REVOKE, "oo"},
	{KIND_MEMORY, MEMORY_CODE, "oo"},
	{KIND_MEMORY, MEMORY_PHYSICAL, ""},
	{KIND_MEMORY, MEMORY_QUERY, ""},
	{KIND_SPACE, SPACE_DERIVE, "hsrn"},
	{KIND_SPACE, SPACE_MOVE, "hs"},
	{KIND_SPACE, SPACE_DELETE, "s"},
	{KIND_SPACE, SPACE_REVOKE, "s"},
	{KIND_SPACE, SPACE_MAP, "Maxoo"},
	{KIND_SPACE, SPACE_UNMAP, "ao"},
	{KIND_SPACE, SPACE_FEED, "U"},
	{KIND_SPACE, SPACE_QUERY, ""},
	{KIND_SPACE, SPACE_SLOT, "s"},
	{KIND_THREAD, THREAD_CONFIGURE, "mSEECM"},
	{KIND_THREAD, THREAD_CONFIGURE, "mSEECM"},
	{KIND_THREAD, THREAD_START, "www"},
	{KIND_THREAD, THREAD_RESUME, ""},
	{KIND_THREAD, THREAD_STOP, ""},
	{KIND_THREAD, THREAD_ABORT, ""},
	{KIND_THREAD, THREAD_RECALL, ""},
	{KIND_THREAD, THREAD_READ, "0ii"},
	{KIND_THREAD, THREAD_WRITE, "iiiww"},
	{KIND_THREAD, THREAD_PRIORITY, "nC"},
	{KIND_THREAD, THREAD_POINTER, "w"},
	{KIND_THREAD, THREAD_SAVE_REPLY, "s"},
	{KIND_THREAD, THREAD_NAME, "nn"},
	{KIND_THREAD, THREAD_NO_TIME, "i"},
	{KIND_THREAD, THREAD_QUERY, ""},
	{KIND_THREAD, THREAD_FPU, "U"},
	{KIND_THREAD, THREAD_DEBUG, "iwi"},
	{KIND_NOTIFICATION, NOTIFICATION_SIGNAL, "n"},
	{KIND_NOTIFICATION, NOTIFICATION_ARM, "nt0i"},
	{KIND_NOTIFICATION, NOTIFICATION_ARM, "nt01"},
	{KIND_NOTIFICATION, NOTIFICATION_DISARM, ""},
	{KIND_NOTIFICATION, NOTIFICATION_BIND, "T"},
	{KIND_NOTIFICATION, NOTIFICATION_UNBIND, ""},
	{KIND_CONTEXT, CONTEXT_CONFIGURE, "cbbn"},
	{KIND_CONTEXT, CONTEXT_QUERY, ""},
	{KIND_SYSTEM, SYSTEM_LOG, "iw"},
	{KIND_SYSTEM, SYSTEM_SIZE, "kz"},
	{KIND_SYSTEM, SYSTEM_INFO, ""},
	{KIND_SYSTEM, SYSTEM_INTERRUPT, "U11i"},
	{KIND_SYSTEM, SYSTEM_MESSAGE_INTERRUPT, "U1nc"},
	{KIND_SYSTEM, SYSTEM_PORTS, "nn"},
	{KIND_SYSTEM, SYSTEM_FIRMWARE, "nn"},
	{KIND_SYSTEM, SYSTEM_TRACE_ATTACH, "cMw"},
	{KIND_SYSTEM, SYSTEM_TRACE_DETACH, "c"},
	{KIND_SYSTEM, SYSTEM_TRACE_MASK, "cw"},
	{KIND_INTERRUPT, INTERRUPT_BIND, "Ni"},
	{KIND_INTERRUPT, INTERRUPT_UNBIND, ""},
	{KIND_INTERRUPT, INTERRUPT_ACKNOWLEDGE, ""},
	{KIND_PORTS, PORT_READ, "nn"},
	{KIND_PORTS, PORT_WRITE, "nnw"},
	{KIND_FIRMWARE, FIRMWARE_CALL, "nw"},
};

/* A message that the kind of object understands. */
static const struct message_form *choose_form(enum kind kind, uint8_t choice)
{
	const struct message_form *first = forms;
	unsigned count = 0;

	while (first < forms + sizeof(forms) / sizeof(forms[0]) && first->kind != kind)
		first++;
	while (first + count < forms + sizeof(forms) / sizeof(forms[0]) && first[count].kind == kind)
		count++;
	return count ? &first[choice % count] : NULL;
}

/* ---- steps of user level ---- */

static void load(struct hal_frame *f, word_t to, word_t from, word_t tag, const word_t w[MESSAGE_REGISTERS])
{
	f->reg[REGISTER_IP] = USER_IP;
	f->reg[REGISTER_TO] = to;
	f->reg[REGISTER_FROM] = from;
	f->reg[REGISTER_TAG] = tag;
	for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
		f->reg[REGISTER_W0 + i] = w[i];
	if (input.trace)
		fprintf(stderr, "core %u thread %lx: ipc to %lx from %lx tag %lx w %lx %lx %lx %lx %lx %lx\n", hosted_self,
			(unsigned long)thread_of(f)->name, to, from, tag, w[0], w[1], w[2], w[3], w[4], w[5]);
}

/* A message to what the handle names, and perhaps a receive. */
static void step_message(struct thread *t)
{
	uint8_t how = byte();
	word_t to = how & 1 && t->reply.object ? HANDLE_REPLY : scenario_handle(t->space, byte());
	word_t from = how & 2 ? scenario_handle(t->space, byte()) : HANDLE_NONE, w[MESSAGE_REGISTERS] = {0}, tag;
	const struct capability *c = to == HANDLE_REPLY ? &t->reply : space_lookup(t->space, to);
	const struct message_form *form = choose_form(c ? capability_kind(c) : KIND_NONE, byte());

	if (form) {
		for (unsigned i = 0; form->arguments[i]; i++)
			w[i] = argument(form->arguments[i], t->space);
		tag = tag_make(form->label, MESSAGE_REGISTERS, 0);
	} else {
		uint8_t shape = byte();

		tag = tag_make(shape & 3, (shape >> 2 & 7) * 8, how >> 2 & 4 ? shape >> 5 & 3 : 0);
		w[0] = byte();
	}
	if (how & 4 && !from)
		tag |= TAG_CALL;
	else if (how & 8)
		tag |= (how & 32 ? TAG_NOWAIT_SEND : 0) | (how & 64 ? TAG_NOWAIT_RECEIVE : 0);
	load(&t->frame, to, from, tag, w);
	hosted_syscall();
}

/* Any registers. */
static void step_any(struct thread *t)
{
	word_t to = argument(byte() & 1 ? 'h' : 'w', t->space), from = argument(byte() & 1 ? 'h' : 'w', t->space), tag = number(4);
	word_t w[MESSAGE_REGISTERS];

	for (unsigned i = 0; i < MESSAGE_REGISTERS; i++)
		w[i] = argument('w', t->space);
	load(&t->frame, to, from, tag, w);
	hosted_syscall();
}

static void step_receive(struct thread *t)
{
	uint8_t how = byte();

	load(&t->frame, HANDLE_NONE, handle_of(how & 2 ? KIND_ENDPOINT : KIND_NOTIFICATION, t->space), how & 1 ? TAG_NOWAIT_RECEIVE : 0, WORDS(0));
	hosted_syscall();
}

/* What the thread writes into its message buffer: windows and items. */
static void step_buffer(struct thread *t)
{
	struct buffer *b = t->buffer;
	uint8_t what = byte();

	if (!b)
		return;
	if (what & 1) {
		b->handle_first = argument('s', t->space);
		b->handle_count = byte() % 16;
	}
	if (what & 2) {
		b->map_address = scenario_address(byte());
		b->map_length = argument('o', t->space);
		b->map_space = byte() & 1 ? scenario_handle(t->space, byte()) : HANDLE_NONE;
		b->map_flags = byte() & 15;
		b->map_flags = (b->map_flags & 7) | (b->map_flags & 8 ? WINDOW_REPLACE : 0) | (what & 128 ? WINDOW_DEVICE : 0);
	}
	for (unsigned i = 0; i < (what >> 2 & 7) && i < MESSAGE_ITEMS; i++) {
		struct item *item = &b->item[i];

		item->handle = argument('h', t->space);
		item->control = (word_t)(byte() % 8) << 8 | RIGHTS_ALL;
		if (what & 64)
			item->control = (item->control & ~(word_t)0xff) | byte();
		item->offset = argument('o', t->space);
		item->length = argument('o', t->space);
		item->base = argument('o', t->space);
	}
	if (input.trace)
		fprintf(stderr, "core %u thread %lx: buffer %x\n", hosted_self, (unsigned long)t->name, what);
}

/* An access to memory, with the fault that it raises. */
static void step_touch(void)
{
	uintptr_t address = scenario_address(byte()) + byte();
	unsigned access = 1u << byte() % 3;
	uint64_t physical;

	if (input.trace)
		fprintf(stderr, "core %u: access %u to %lx\n", hosted_self, access, address);
	if (!hosted_touch(address, access, &physical))
		hosted_page_fault(address, access);
}

static void step_time(void)
{
	uint8_t b = byte();

	if (input.trace)
		fprintf(stderr, "%u ticks\n", b * b);
	if (input.nested)
		hosted.clock += b;
	else
		hosted_pass((uint64_t)b * b);
}

/* The thread uses the FP unit, if it may: what it finds is its own, or nothing. */
static void use_fpu(const struct thread *t)
{
	uint64_t *registers = hosted_fpu(), mark = (uint64_t)(uintptr_t)t;

	if (!registers)
		return;
	if ((registers[0] && registers[0] != mark) || registers[1] != registers[0])
		hosted_abort("a thread sees the FP registers of another one");
	registers[0] = registers[1] = mark;
}

/* One step of the thread that runs on the core that acts. */
static void step_thread(struct thread *t, uint8_t what)
{
	use_fpu(t);
	switch (what % 16) {
	case 8:
		step_any(t);
		break;
	case 9:
	case 10:
		step_receive(t);
		break;
	case 11:
	case 12:
		step_buffer(t);
		break;
	case 13:
		step_touch();
		break;
	case 14:
		hosted_exception((enum exception)(1 + byte() % (EXCEPTION_COUNT - 1)), 0, 0);
		break;
	default:
		step_message(t);
	}
}

/* ---- the machine ---- */

/* Another core that has something to run acts, if there is one. */
static bool find_core(unsigned core)
{
	for (unsigned i = 0; i < hosted.cores; i++, core++) {
		hosted_act(core % hosted.cores);
		if (hosted_core()->started && !hosted_core()->inside && hosted_core()->running)
			return true;
	}
	return false;
}

static void step(void)
{
	uint8_t what = byte();

	input.steps++;
	if (!find_core(what >> 6)) {
		if (input.nested || !hosted_wait())
			input.at = input.end;
		return;
	}
	if ((what & 31) < 16)
		step_thread(thread_of(hosted_core()->running), what);
	else if ((what & 31) < 20)
		step_time();
	else if ((what & 31) < 24)
		hosted.interrupt_at = hosted.windows + 1 + byte() % 4;
	else if ((what & 31) < 26)
		hosted_raise(byte() % HAL_IRQ_COUNT);
	else if ((what & 31) < 30)
		hosted_take();
	else
		step_message(thread_of(hosted_core()->running));
}

/* In a preemption window the other cores get on. */
static void window(void)
{
	input.nested++;
	for (unsigned i = byte() % (NESTED_MAX + 1); i && input.at < input.end; i--)
		step();
	input.nested--;
}

static void after(void)
{
	const char *problem = user_problem();

	if (problem)
		hosted_abort(problem);
	for (unsigned core = 0; core < hosted.cores; core++)
		if (hosted.core[core].end == END_STOPPED)
			hosted_abort("the kernel stopped");
}

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
	(void)count;
	(void)arguments;
	hosted_power_on();
	scenario_make();
	input.trace = getenv("FUZZ_TRACE") != NULL;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	input.at = data;
	input.end = data + size;
	input.steps = input.nested = 0;
	scenario_load(byte());
	hosted.after = after;
	hosted.window = hosted.cores > 1 ? window : NULL;
	while (input.at < input.end && input.steps < STEPS_MAX) {
		step();
		if (hosted_core()->end == END_STOPPED)
			hosted_abort("the kernel stopped");
	}
	return 0;
}
