/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frame after frame; frames.h tells where their words are. Only the innermost function needs care: it may not have made its
 * frame yet, or have none, or one without a return address (a leaf). Then the link register, or the top of the stack, has it.
 */
#include "backtrace.h"

#include <string.h>

/* A backtrace in the making. */
struct walk {
	const word_t *registers;
	const struct stack *stack;
	const struct symbols *symbols;
	struct backtrace *out;
};

static void add(struct walk *w, uintptr_t address)
{
	if (w->out->count < BACKTRACE_MAX)
		w->out->address[w->out->count++] = address;
}

static void end(struct walk *w, enum backtrace_end why, uintptr_t bad)
{
	w->out->end = why;
	w->out->bad = bad;
}

/* The word at an address of the stack; false: it is not there. */
static bool read(const struct stack *stack, uintptr_t address, uintptr_t *value)
{
	uintptr_t offset = address - stack->low;

	if (stack->size < sizeof *value || offset > stack->size - sizeof *value)
		return false;
	memcpy(value, (const uint8_t *)stack->bytes + offset, sizeof *value);
	return true;
}

/* Do both addresses lie in one function? `one` is a return address. */
static bool same_function(const struct walk *w, uintptr_t one, uintptr_t other)
{
	struct symbol a, b;

	return symbols_find(w->symbols, one - 1, &a) && symbols_find(w->symbols, other, &b) && a.address == b.address;
}

/* Has the innermost function, whose code is at hand, made its frame? If nothing is known: yes, unless there is no code at all. */
static bool made(const struct walk *w, uintptr_t ip)
{
	struct symbol symbol;
	const uint8_t *code;

	if (!symbols_find(w->symbols, ip, &symbol))
		return symbols_code(w->symbols, ip);
	code = symbols_bytes(w->symbols, symbol.address, ip);
	return code == NULL || frame_made(code, ip - symbol.address);
}

/*
 * The return address of an innermost function that its frame does not have, or may not; 0: the frame has it. A link register that
 * points into another function says that the innermost one has called nothing yet.
 */
static uintptr_t unmade(const struct walk *w)
{
	uintptr_t ip = w->registers[REGISTER_IP], address = 0;

	if (frame_layout.link >= 0) {
		address = w->registers[frame_layout.link];
		if (symbols_code(w->symbols, ip) && (w->symbols->text == NULL || same_function(w, address, ip)))
			return 0;
	} else if (made(w, ip) || !read(w->stack, w->registers[REGISTER_SP], &address)) {
		return 0;
	}
	return symbols_code(w->symbols, address - 1) ? address : 0;
}

/* The caller's frame and the return address in a frame; false: they cannot be read. */
static bool read_frame(struct walk *w, uintptr_t frame, uintptr_t *previous, uintptr_t *address)
{
	const struct frame_layout *l = &frame_layout;

	*address = 0;
	if (frame % sizeof(uintptr_t) != 0)
		end(w, BACKTRACE_MISALIGNED, frame);
	else if (!read(w->stack, frame + (uintptr_t)l->previous, previous))
		end(w, BACKTRACE_OUTSIDE, frame);
	else if (!l->address_in_caller)
		return read(w->stack, frame + (uintptr_t)l->address, address) || (end(w, BACKTRACE_OUTSIDE, frame), false);
	else if (*previous == 0 || read(w->stack, *previous + (uintptr_t)l->address, address))
		return true;
	else
		end(w, BACKTRACE_OUTSIDE, *previous);
	return false;
}

/*
 * Is this the frame of the innermost function, whose return address `link` is in the list already? It has the same one, or
 * none; one that is kept in the caller's frame may be left there by an earlier callee.
 */
static bool is_own(const struct walk *w, uintptr_t link, uintptr_t address)
{
	return address == link || !symbols_code(w->symbols, address - 1) ||
	       (frame_layout.address_in_caller && same_function(w, address, link - 1));
}

/* The innermost frame, if `link` was known without it: is skipped if it is the innermost function's own. */
static bool skip(struct walk *w, uintptr_t link, uintptr_t *frame)
{
	uintptr_t previous, address;

	if (!read_frame(w, *frame, &previous, &address))
		return false;
	if (!is_own(w, link, address))
		return true;
	if (address != link && !read(w->stack, *frame + (uintptr_t)frame_layout.leaf_previous, &previous))
		previous = 0;
	if (previous != 0 && previous <= *frame) {
		end(w, BACKTRACE_DESCENDS, previous);
		return false;
	}
	*frame = previous;
	return true;
}

/* From one frame to the next; false: that was the last. */
static bool step(struct walk *w, uintptr_t *frame)
{
	uintptr_t previous, address;

	if (!read_frame(w, *frame, &previous, &address))
		return false;
	if (address == 0)
		return false;
	if (!symbols_code(w->symbols, address - 1)) {
		end(w, BACKTRACE_NO_CODE, address);
		return false;
	}
	if (w->out->count == BACKTRACE_MAX) {
		end(w, BACKTRACE_LIMIT, *frame);
		return false;
	}
	add(w, address);
	if (previous != 0 && previous <= *frame) {
		end(w, BACKTRACE_DESCENDS, previous);
		return false;
	}
	*frame = previous;
	return true;
}

void backtrace_make(const word_t *registers, const struct stack *stack, const struct symbols *symbols, struct backtrace *out)
{
	struct walk w = {.registers = registers, .stack = stack, .symbols = symbols, .out = out};
	uintptr_t frame = registers[frame_layout.frame], link;

	*out = (struct backtrace){.end = BACKTRACE_BOTTOM};
	add(&w, registers[REGISTER_IP]);
	link = unmade(&w);
	if (link != 0) {
		add(&w, link);
		if (frame != 0 && !skip(&w, link, &frame))
			return;
	}
	while (frame != 0 && step(&w, &frame))
		continue;
}

const char *backtrace_text(enum backtrace_end why)
{
	static const char *const text[BACKTRACE_ENDS] = {
		[BACKTRACE_BOTTOM] = "",
		[BACKTRACE_OUTSIDE] = "a frame that is not on the stack",
		[BACKTRACE_MISALIGNED] = "a frame that is not aligned",
		[BACKTRACE_DESCENDS] = "a frame that does not lie above the one before",
		[BACKTRACE_NO_CODE] = "a return address that is no code",
		[BACKTRACE_LIMIT] = "more frames than are shown",
	};

	return (unsigned)why < BACKTRACE_ENDS ? text[why] : "unknown end";
}
