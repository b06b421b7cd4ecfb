/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dumps of programs that fault: a program is let fall in many ways, and the text of each dump is read back: who, where,
 * why, its registers, and the right functions in the right order. Then chains of frames that lie, and ones made of noise.
 */
#include <string.h>

#include "archive.h"
#include "backtrace.h"
#include "dump.h"
#include "print.h"
#include "test.h"

enum { TEXT_MAX = 16 * 1024, HOME_SIZE = 1024 * 1024, ENTRY_BADGE = 7, NOISE_ROUNDS = 20000 };

/* The text of the last dump, and how the program ended. */
static char text[TEXT_MAX];
static size_t used;
static struct ending ending;
static handle_t endpoint;

static void take_line(void *context, const char *line)
{
	(void)context;
	used += text_format(text + used, sizeof text - used, "%s\n", line);
}

/* Where `part` is in the dump, from `from` on; NULL: nowhere. */
static const char *find(const char *from, const char *part)
{
	size_t length = strlen(part);

	for (; *from != '\0'; from++)
		if (strncmp(from, part, length) == 0)
			return from;
	return NULL;
}

static bool says(const char *part)
{
	return find(text, part) != NULL;
}

/* Are these in the dump, one after the other? The last one is NULL. */
static bool in_order(const char *const *part)
{
	const char *at = text;

	for (; *part != NULL; part++) {
		at = find(at, *part);
		if (at == NULL) {
			print("# %s is not where it should be in\n", *part);
			for (const char *line = text; *line != '\0';) {
				const char *end = strchr(line, '\n');

				print("# ");
				for (; line < end; line++)
					print("%c", *line);
				line++;
				print("\n");
			}
			return false;
		}
		at += strlen(*part);
	}
	return true;
}

/* Waits for the fault of the program. */
static bool wait_for_end(void)
{
	struct message m;

	if (message_receive(endpoint, &m, 0) != OK)
		return false;
	return m.badge == ENTRY_BADGE && ending_read(&m, &ending) && ending.kind != ENDING_EXIT;
}

/* The dump of the program that falls in the way that `how` names; false: it did not fall. */
static bool let_fall(struct builder *b, const char *how, bool with_symbols)
{
	const void *data = (const void *)(uintptr_t)test_info()->data_address;
	size_t size = (size_t)test_info()->data_size;
	struct archive_entry entry;
	struct spawn_failure failure;
	struct program program;
	struct dump dump = {.name = "falling", .program = &program, .line = take_line};
	bool fell;

	used = 0;
	text[0] = '\0';
	if (archive_find(data, size, "faller", &entry) != ARCHIVE_ENTRY)
		return false;
	if (with_symbols)
		dump.symbols = symbols_of(data, size, "faller");
	const struct program_spec spec = {
		.name = "falling",
		.arguments = how,
		.image = entry.data,
		.image_size = entry.size,
		.parent = endpoint,
		.badge = ENTRY_BADGE,
		.untyped_size = 256 * 1024,
		.pool = 128 * 1024,
		.priority = 90,
		.ceiling = 90,
	};
	fell = spawn(b, &spec, &program, &failure);
	if (fell) {
		fell = spawn_begin(&program) == OK && wait_for_end();
		if (fell)
			dump_fault(b, &dump, &ending);
		spawn_destroy(b, &program);
	}
	return untyped_reset(b->untyped) == OK && fell;
}

/* The word that a register has in the dump, as text. */
static bool shows_register(unsigned number, word_t value)
{
	char expected[64];

	(void)text_format(expected, sizeof expected, " %6s %016lx", frame_register_name[number], value);
	return says(expected);
}

static void check_store(struct builder *b)
{
	static const char *const calls[] = {"#0 0x", " fall_store+0x",   "#1 0x", " middle+0x",        "#2 0x", " outer+0x",
					    "#3 0x", " program_main+0x", "#4 0x", " program_start+0x", NULL};
	char expected[64];

	require(let_fall(b, "store", true) ? OK : ERROR_GONE);
	check(strncmp(text, "falling in fall_store+0x", 24) == 0, "a dump begins with component and function");
	check(says("page fault: write at 0x0"), "it says why");
	(void)text_format(expected, sizeof expected, "ip 0x%lx", ending.ip);
	check(says(expected), "and where");
	check(shows_register(REGISTER_IP, ending.ip), "registers: the instruction");
	check(shows_register(REGISTER_SP, ending.sp), "registers: the stack pointer");
	check(in_order(calls), "a function without a frame of its own, and all its callers");
	check(!says("ends here"), "up to where the program began");
}

static void check_ways(struct builder *b)
{
	static const char *const later[] = {
		"falling in fall_later+0x", "#0 0x", " fall_later+0x", "#1 0x", " middle+0x", "#2 0x", " outer+0x", "#3 0x",
		" program_main+0x",         NULL};
	static const char *const call[] = {"falling in 0x0: page fault: execute at 0x0",
					   "#0 0x0 0x0",
					   "#1 0x",
					   " fall_call+0x",
					   "#2 0x",
					   " middle+0x",
					   "#3 0x",
					   " outer+0x",
					   "#4 0x",
					   " program_main+0x",
					   NULL};
	static const char *const illegal[] = {"falling in fall_illegal+0x",
					      "illegal instruction",
					      "#0 0x",
					      " fall_illegal+0x",
					      "#1 0x",
					      " middle+0x",
					      "#2 0x",
					      " outer+0x",
					      NULL};

	check(let_fall(b, "later", true) && in_order(later), "a function that called others before");
	check(let_fall(b, "call", true) && in_order(call), "a call of a function that is not there");
	check(let_fall(b, "illegal", true) && in_order(illegal), "an exception is dumped like a fault");
	check(let_fall(b, "deep", true) && says("#0 0x") && says("#31 0x") && !says("#32 0x") && says("more frames"),
	      "a deep recursion is cut off");
	check(let_fall(b, "overflow", true) && strncmp(text, "falling in recurse+0x", 21) == 0 && says(" recurse+0x"),
	      "a stack that overflowed");
	check(let_fall(b, "later", false) && strncmp(text, "falling in 0x", 13) == 0 && says("#0 0x") && says("#3 0x") &&
		      !says("middle"),
	      "without names: addresses");
	check(let_fall(b, "worker", true) && says("falling (another thread) in fall_in_worker+0x") && !says("#0"),
	      "another thread: what the message says, and nothing that it does not");
}

static void check_lies(struct builder *b)
{
	static const char *const loop[] = {" spoil+0x", " fall_loop+0x", "ends here", "not lie above", NULL};
	static const char *const misaligned[] = {" spoil+0x", " fall_misaligned+0x", "ends here", "not aligned", NULL};
	static const char *const far[] = {" spoil+0x", " fall_far+0x", "ends here", "not on the stack", NULL};
	static const char *const address[] = {" spoil+0x", " fall_return+0x", "ends here: 0x1230", "no code", NULL};

	check(let_fall(b, "loop", true) && in_order(loop), "a chain that leads to itself");
	check(let_fall(b, "return", true) && in_order(address), "a return address that is none");
	if (!frame_layout.address_in_caller) {
		check(let_fall(b, "misaligned", true) && in_order(misaligned), "a frame that is not aligned");
		check(let_fall(b, "far", true) && in_order(far), "a frame that is nowhere");
	} else {
		check(let_fall(b, "misaligned", true) && says("ends here"), "a frame that is not aligned");
		check(let_fall(b, "far", true) && says("not on the stack"), "a frame that is nowhere");
	}
}

/* A number that looks like chance and is the same on every machine. */
static word_t noise(void)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (word_t)(state >> 24);
}

/* A word as stacks have them: noise, an address on the stack or near it, an address in the code. */
static word_t noise_word(uintptr_t low, size_t size)
{
	static const word_t odd[] = {0, 1, ~(word_t)0, ~(word_t)7, (word_t)1 << 63, 8};

	switch (noise() % 4) {
	case 0:
		return odd[noise() % (sizeof odd / sizeof odd[0])];
	case 1:
		return (uintptr_t)check_lies + noise() % 64;
	default:
		return low - 64 + noise() % (size + 128) / 8 * 8;
	}
}

/* Stacks full of noise that end where nothing is mapped: whoever reads one byte too much faults. */
static void check_noise(struct builder *b)
{
	struct symbols none =
		symbols_of((const void *)(uintptr_t)test_info()->data_address, (size_t)test_info()->data_size, "test-dump");
	struct stack stack = {.size = 512};
	word_t registers[REGISTERS_GENERAL_COUNT];
	struct backtrace trace;
	bool bounded = true;
	size_t deepest = 0;
	handle_t memory;
	void *address;

	require(build_mapped(b, PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &memory, &address));
	for (unsigned round = 0; round < NOISE_ROUNDS; round++) {
		word_t *word = (word_t *)((uintptr_t)address + PAGE_SIZE - stack.size);

		stack.bytes = word;
		stack.low = noise() % 4 == 0 ? ~(uintptr_t)stack.size + 1 : 0x7000;
		for (size_t i = 0; i < stack.size / sizeof *word; i++)
			word[i] = noise_word(stack.low, stack.size);
		for (unsigned i = 0; i < REGISTERS_GENERAL_COUNT; i++)
			registers[i] = noise_word(stack.low, stack.size);
		backtrace_make(registers, &stack, &none, &trace);
		bounded = bounded && trace.count >= 1 && trace.count <= BACKTRACE_MAX && trace.end < BACKTRACE_ENDS;
		deepest = trace.count > deepest ? trace.count : deepest;
	}
	check(bounded, "stacks full of noise: nothing outside of them is read");
	check(deepest > 3, "though some of them look like chains of calls");
	builder_release(b, memory);
}

static void check_names(void)
{
	static const char table[] = "100 first\n120 second\n1f0\nnonsense";
	const struct symbols symbols = {.text = table, .size = sizeof table - 1};
	const struct symbols cut = {.text = table, .size = 14};
	struct symbol symbol;
	char name[SYMBOL_TEXT_MAX];

	symbols_text(&symbols, 0x120, false, name);
	check(strcmp(name, "second+0x0") == 0, "the first address of a function");
	symbols_text(&symbols, 0x120, true, name);
	check(strcmp(name, "first+0x20") == 0, "a return address behind a function's end belongs to it");
	check(!symbols_find(&symbols, 0xff, &symbol) && !symbols_find(&symbols, 0x1f0, &symbol), "outside of all functions");
	check(!symbols_find(&cut, 0x130, &symbol), "a table that is cut off");
	check(symbols_of(table, 0, "x").text == NULL, "an archive without a table");
}

void test_run(struct builder *b)
{
	handle_t outer;

	check_names();
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(builder_enter(b, HOME_SIZE, &outer));
	check_store(b);
	check_ways(b);
	check_lies(b);
	check_ok(builder_leave(b, outer), "nothing is left of all that");
	check_noise(b);
	builder_release(b, endpoint);
}
