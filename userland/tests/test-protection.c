/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What user level must not do: touch the kernel's addresses, execute privileged instructions, write or execute memory that
 * was not mapped for it. Each is tried by a victim and must end in exactly one fault or exception, at the right address.
 */
#include <string.h>

#include "print.h"
#include "probe.h"
#include "victim.h"

enum { VALUE = 0x77, ANSWER = 42 };

static word_t value;
static volatile word_t done;

static void reads(word_t address)
{
	value = probe_read((const volatile void *)address);
	done++;
}

static void writes(word_t address)
{
	probe_write((volatile void *)address, VALUE);
	done++;
}

static void executes(word_t address)
{
	value = ((word_t (*)(void))address)();
	done++;
}

static const struct attempt {
	const char *verb;
	void (*entry)(word_t);
	word_t access;
} attempts[] = {
	{"read", reads, RIGHT_READ},
	{"write", writes, RIGHT_WRITE},
	{"execute", executes, RIGHT_EXECUTE},
};
enum { ATTEMPTS = sizeof attempts / sizeof attempts[0] };

/* ---- the kernel's addresses ---- */

/* Where a processor does not tell the address of such an access, it says that the instruction was illegal. */
static bool address_refused(const struct message *m, const struct probe_address *place, const struct attempt *attempt)
{
	bool told = m->w[0] == EXCEPTION_ADDRESS && m->w[1] == place->address;
	bool ip_good = attempt->access != RIGHT_EXECUTE || m->w[2] == place->address || place->anonymous;

	if (m->tag != (tag_make(LABEL_EXCEPTION, 5, 0) | TAG_CALL) || m->badge != BADGE_HANDLER)
		return false;
	return (told && ip_good) || (place->anonymous && m->w[0] == EXCEPTION_ILLEGAL);
}

static void check_address(struct builder *b, const struct probe_address *place)
{
	char name[120];
	struct victim v;
	struct message m;

	for (unsigned i = 0; i < ATTEMPTS; i++) {
		done = 0;
		victim_run(b, attempts[i].entry, place->address, &v);
		(void)text_format(name, sizeof name, "no thread can %s %s", attempts[i].verb, place->name);
		check(victim_receive(&v, &m) && address_refused(&m, place, &attempts[i]) && done == 0 && !victim_receive(&v, &m), name);
		victim_destroy(b, &v);
	}
}

static void check_addresses(struct builder *b)
{
	const struct probe_address *place = probe_address;
	struct probe_address beyond = {"the first address beyond user space", 0, false};
	struct probe_address last = {"the last word of all addresses", ~(uintptr_t)7, false};
	struct space_state space = {.top = 0};
	handle_t memory;

	for (; place->name != NULL; place++)
		check_address(b, place);
	require(space_query(PROGRAM_SPACE, &space));
	beyond.address = space.top;
	check_address(b, &beyond);
	check_address(b, &last);
	require(build_object(b, KIND_MEMORY, PAGE_SIZE, &memory));
	for (place = probe_address; place->name != NULL; place++)
		check_error(space_map(PROGRAM_SPACE, memory, place->address, RIGHT_READ, 0, 0, NULL), ERROR_BAD_ARGUMENT,
			"nothing can be mapped at such an address");
	check_error(space_map(PROGRAM_SPACE, memory, space.top, RIGHT_READ, 0, 0, NULL), ERROR_BAD_ARGUMENT,
		"nothing can be mapped beyond user space");
	builder_release(b, memory);
}

/* ---- the end of user space ---- */

/*
 * The last instruction of the last page is the trap: the system call must come back to an address that user level
 * cannot have, and that must be the thread's error, not the kernel's.
 */
static void check_last_page(struct builder *b)
{
	static struct probe_registers in, out;
	static word_t self;
	struct space_state space = {.top = 0};
	handle_t memory;
	struct victim v;
	struct message m;
	void *address;
	size_t length;

	self = (word_t)&self;
	require(thread_pointer(PROGRAM_THREAD, self));
	in.r[REGISTER_THREAD_POINTER] = self;
	probe_call(&in, &out);
	length = (uintptr_t)probe_call_end - in.r[REGISTER_IP];
	require(space_query(PROGRAM_SPACE, &space));
	require(build_mapped(b, PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &memory, &address));
	memcpy((char *)address + PAGE_SIZE - length, (const void *)in.r[REGISTER_IP], length);
	require(memory_code(memory, 0, 0));
	check_ok(space_map(PROGRAM_SPACE, memory, space.top - PAGE_SIZE, RIGHT_READ | RIGHT_EXECUTE, 0, 0, NULL),
		"the last page of user space can be mapped");
	check_equal(*(volatile uint8_t *)(space.top - 1), ((uint8_t *)address)[PAGE_SIZE - 1], "and read to its last byte");
	require(victim_create(b, reads, 0, &v));
	require(thread_start(v.worker.thread, space.top - length, 0, 0));
	victim_settle();
	check(victim_raises(&v, EXCEPTION_ADDRESS, &m) && m.w[1] == space.top && m.w[2] == space.top,
		"a system call as the very last instruction comes back, and behind it there is nothing");
	victim_destroy(b, &v);
	require(space_unmap(PROGRAM_SPACE, space.top - PAGE_SIZE, PAGE_SIZE));
	builder_release(b, memory);
}

/* ---- privileged instructions ---- */

static void check_privileged(struct builder *b)
{
	const struct probe_privileged *p = probe_privileged;
	char name[100];
	struct victim v;
	struct message m;

	for (; p->name != NULL; p++) {
		victim_run(b, (void (*)(word_t))p->run, 0, &v);
		(void)text_format(name, sizeof name, "an instruction is not user level's: %s", p->name);
		check(victim_raises(&v, EXCEPTION_ILLEGAL, &m) && m.w[2] == (uintptr_t)p->run && !victim_receive(&v, &m), name);
		victim_destroy(b, &v);
	}
}

/* ---- memory that is mapped for less ---- */

/* A victim tries something: does it end in a page fault there, for this access, and is nothing changed? */
static bool faults(struct builder *b, const struct attempt *attempt, uintptr_t address)
{
	struct victim v;
	struct message m;
	bool good;

	done = 0;
	victim_run(b, attempt->entry, address, &v);
	good = victim_faults(&v, address, attempt->access, &m) && done == 0 && !victim_receive(&v, &m);
	victim_destroy(b, &v);
	return good;
}

/* A victim tries something: does it come to its end? */
static bool succeeds(struct builder *b, const struct attempt *attempt, uintptr_t address)
{
	struct victim v;
	struct message m;
	bool good;

	done = 0;
	victim_run(b, attempt->entry, address, &v);
	good = done == 1 && !victim_receive(&v, &m);
	victim_destroy(b, &v);
	return good;
}

static const word_t constant = 12345;
static word_t data = 1;

/* The program itself: W^X was made by its loader, out of what the kernel offers. */
static void check_program(struct builder *b)
{
	const uintptr_t info = (uintptr_t)test_info();
	word_t local = 0;

	check(faults(b, &attempts[1], (uintptr_t)probe_read), "a program's text cannot be written");
	check(faults(b, &attempts[1], (uintptr_t)&constant), "a program's constants cannot be written");
	check(constant == 12345, "they are as they were");
	check(faults(b, &attempts[1], info), "the information page cannot be written");
	check(faults(b, &attempts[2], (uintptr_t)&data), "a program's data cannot be executed");
	check(faults(b, &attempts[2], (uintptr_t)&local & ~(uintptr_t)3), "a stack cannot be executed");
	check(faults(b, &attempts[2], info), "the information page cannot be executed");
	check(faults(b, &attempts[0], 0) && faults(b, &attempts[1], 0) && faults(b, &attempts[2], 0), "nothing is at address 0");
	check(succeeds(b, &attempts[1], (uintptr_t)&data) && data == VALUE, "a program's data can be written");
}

static const struct mapping {
	const char *name;
	word_t access;
	bool allowed[ATTEMPTS]; /* read, write, execute */
} mappings[] = {
	{"mapped to read", RIGHT_READ, {true, false, false}},
	{"mapped to write", RIGHT_WRITE, {true, true, false}},
	{"mapped to read and write", RIGHT_READ | RIGHT_WRITE, {true, true, false}},
	{"mapped to execute", RIGHT_EXECUTE, {true, false, true}},
	{"mapped to read and execute", RIGHT_READ | RIGHT_EXECUTE, {true, false, true}},
	{"mapped for everything", RIGHT_READ | RIGHT_WRITE | RIGHT_EXECUTE, {true, true, true}},
};

/* Page 1 has the function that returns 42, behind a word that may be written. */
static void check_mappings(struct builder *b)
{
	uintptr_t place = builder_take_addresses(b, 3 * PAGE_SIZE, PAGE_SIZE) + PAGE_SIZE;
	const uintptr_t offset[ATTEMPTS] = {0, 0, 64};
	char name[100];
	handle_t memory;
	void *address;

	require(build_mapped(b, PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &memory, &address));
	memcpy((char *)address + offset[2], probe_answer, (size_t)(probe_answer_end - probe_answer));
	require(memory_code(memory, 0, 0));
	for (size_t i = 0; i < sizeof mappings / sizeof mappings[0]; i++) {
		const struct mapping *mapping = &mappings[i];

		require(space_map(PROGRAM_SPACE, memory, place, mapping->access, 0, 0, NULL));
		for (unsigned j = 0; j < ATTEMPTS; j++) {
			bool allowed = mapping->allowed[j];

			value = 0;
			(void)text_format(name, sizeof name, "what is %s can%s be %s", mapping->name, allowed ? "" : "not",
				j == 0 ? "read" : j == 1 ? "written" : "executed");
			check(allowed ? succeeds(b, &attempts[j], place + offset[j]) : faults(b, &attempts[j], place + offset[j]), name);
			if (allowed && j == 2)
				check_equal(value, ANSWER, "the code there runs");
		}
		check(faults(b, &attempts[0], place - sizeof(word_t)), "before it nothing can be read");
		check(faults(b, &attempts[1], place + PAGE_SIZE), "behind it nothing can be written");
		require(space_unmap(PROGRAM_SPACE, place, PAGE_SIZE));
		check(faults(b, &attempts[0], place), "unmapped, it cannot be read any more");
	}
	check_equal(*(word_t *)address, VALUE, "what was written is in the memory");
	builder_release(b, memory);
}

/* Rights of the Memory bound the access of its mappings; and reading is implied. */
static void check_rights(struct builder *b)
{
	static const struct { word_t rights, access; enum error error; const char *name; } tries[] = {
		{RIGHT_READ, RIGHT_WRITE, ERROR_NO_RIGHTS, "without the right to write nothing is mapped to write"},
		{RIGHT_READ, RIGHT_EXECUTE, ERROR_NO_RIGHTS, "without the right to execute nothing is mapped to execute"},
		{RIGHT_WRITE, RIGHT_WRITE, ERROR_NO_RIGHTS, "without the right to read nothing is mapped to write"},
		{RIGHT_EXECUTE, RIGHT_EXECUTE, ERROR_NO_RIGHTS, "without the right to read nothing is mapped to execute"},
		{RIGHTS_ALL, 0, ERROR_BAD_ARGUMENT, "nothing is mapped for no access"},
		{RIGHTS_ALL, RIGHT_READ | RIGHT_PHYSICAL, ERROR_BAD_ARGUMENT, "nothing is mapped for an unknown access"},
	};
	uintptr_t place = builder_take_addresses(b, PAGE_SIZE, PAGE_SIZE);
	handle_t memory, part;

	require(build_object(b, KIND_MEMORY, PAGE_SIZE, &memory));
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		require(build_derived(b, memory, tries[i].rights, 0, &part));
		check_error(space_map(PROGRAM_SPACE, part, place, tries[i].access, 0, 0, NULL), tries[i].error, tries[i].name);
		check_error(memory_map(part, PROGRAM_SPACE, place, tries[i].access), tries[i].error, tries[i].name);
		builder_release(b, part);
	}
	check(!address_mapped(memory, place), "none of these mapped anything");
	builder_release(b, memory);
}

/* Code that is replaced is executed as it is now, once it was said that it is code. */
static void check_code(struct builder *b)
{
	handle_t memory;
	void *address;

	require(build_mapped(b, PAGE_SIZE, RIGHT_READ | RIGHT_WRITE | RIGHT_EXECUTE, &memory, &address));
	memcpy(address, probe_answer, (size_t)(probe_answer_end - probe_answer));
	require(memory_code(memory, 0, 0));
	value = 0;
	check(succeeds(b, &attempts[2], (uintptr_t)address) && value == ANSWER, "code that was written is executed");
	memcpy(address, (const void *)(uintptr_t)probe_read, 16);
	require(memory_code(memory, 0, 0));
	value = 0;
	check(!succeeds(b, &attempts[2], (uintptr_t)address) || value != ANSWER, "code that was written over is not executed any more");
	builder_release(b, memory);
}

/* ---- stacks ---- */

static word_t depth(word_t level)
{
	volatile word_t used[64];

	used[level % 64] = level;
	return level == ~(word_t)0 ? 0 : depth(level + 1) + used[level % 64];
}

static void overflows(word_t unused)
{
	value = depth(unused);
	done++;
}

static void check_overflow(struct builder *b)
{
	struct victim v;
	struct message m;

	done = 0;
	victim_run(b, overflows, 0, &v);
	check(victim_receive(&v, &m) && tag_label(m.tag) == LABEL_PAGE_FAULT && m.w[1] == RIGHT_WRITE,
		"a stack that overflows ends in a page fault");
	check(m.w[0] >= v.worker.region + PAGE_SIZE && m.w[0] < v.worker.region + 2 * PAGE_SIZE, "on the page below the stack");
	check(done == 0 && !victim_receive(&v, &m), "and in nothing else");
	victim_destroy(b, &v);
}

void test_run(struct builder *b)
{
	check_addresses(b);
	check_last_page(b);
	check_privileged(b);
	check_program(b);
	check_mappings(b);
	check_rights(b);
	check_code(b);
	check_overflow(b);
}
