/* SPDX-License-Identifier: BSD-2-Clause */
/* Dumps: everything is read first, then told line by line. */
#include "dump.h"

#include <string.h>

#include "backtrace.h"
#include "print.h"

static void say(const struct dump *d, const char *text)
{
	if (d->line != NULL)
		d->line(d->context, text);
	else
		print("%s\n", text);
}

/* Registers, as many in a line as there is room for. */
static void say_registers(const struct dump *d, const word_t *registers)
{
	enum { COLUMNS = 4 };
	char line[DUMP_LINE];
	size_t used = 0;

	for (unsigned i = 0; i < REGISTERS_GENERAL_COUNT; i++) {
		if (i % COLUMNS == 0)
			used = text_format(line, sizeof line, "%s:", d->name);
		used += text_format(line + used, sizeof line - used, " %6s %016lx", frame_register_name[i], registers[i]);
		if (i % COLUMNS == COLUMNS - 1 || i == REGISTERS_GENERAL_COUNT - 1)
			say(d, line);
	}
}

static void say_backtrace(const struct dump *d, const struct backtrace *trace)
{
	char line[DUMP_LINE], where[SYMBOL_TEXT_MAX];

	for (size_t i = 0; i < trace->count; i++) {
		symbols_text(&d->symbols, trace->address[i], i > 0, where);
		(void)text_format(line, sizeof line, "%s: #%lu 0x%lx %s", d->name, (word_t)i, trace->address[i], where);
		say(d, line);
	}
	if (trace->end == BACKTRACE_BOTTOM)
		return;
	(void)text_format(line, sizeof line, "%s: the backtrace ends here: 0x%lx, %s", d->name, trace->bad,
			  backtrace_text(trace->end));
	say(d, line);
}

/* The chain of frames, through a mapping of the stack in the own Space that is gone afterwards. */
static enum error read_stack(struct builder *b, const struct dump *d, const word_t *registers, struct backtrace *trace)
{
	const struct program *p = d->program;
	size_t size = p->stack_end - p->stack_low;
	uintptr_t before = b->address, at = builder_take_addresses(b, size, PAGE_SIZE);
	const struct stack stack = {.bytes = (const void *)at, .low = p->stack_low, .size = size};
	enum error error = ERROR_NO_MEMORY;

	if (at != 0) {
		error = build_map(b->space, p->memory, at, RIGHT_READ, PROGRAM_STACK_OFFSET, size);
		if (error == OK)
			backtrace_make(registers, &stack, &d->symbols, trace);
		(void)space_unmap(b->space, at, size);
	}
	b->address = before;
	return error;
}

enum error dump_thread(struct builder *b, const struct dump *dump)
{
	word_t registers[REGISTERS_GENERAL_COUNT];
	struct backtrace trace;
	enum error error = thread_read(dump->program->thread, REGISTERS_GENERAL, 0, REGISTERS_GENERAL_COUNT, registers);

	if (error == OK)
		error = read_stack(b, dump, registers, &trace);
	if (error != OK)
		return error;
	say_registers(dump, registers);
	say_backtrace(dump, &trace);
	return OK;
}

/* Did the main thread raise it? */
static bool is_main(const struct dump *d, const struct ending *ending)
{
	struct thread_report report;

	return thread_query(d->program->thread, &report) == OK && report.state == THREAD_FAULTED &&
	       report.ip == ending->ip && report.sp == ending->sp;
}

void dump_fault(struct builder *b, const struct dump *dump, const struct ending *ending)
{
	char line[DUMP_LINE], text[DUMP_LINE], where[SYMBOL_TEXT_MAX];
	bool main = is_main(dump, ending);
	enum error error;

	ending_text(ending, text, sizeof text);
	symbols_text(&dump->symbols, ending->ip, false, where);
	(void)text_format(line, sizeof line, "%s%s in %s: %s", dump->name, main ? "" : " (another thread)", where, text);
	say(dump, line);
	if (!main)
		return;
	error = dump_thread(b, dump);
	if (error == OK)
		return;
	(void)text_format(line, sizeof line, "%s: registers and stack cannot be read: %s", dump->name, error_text(error));
	say(dump, line);
}
