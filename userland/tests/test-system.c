/* SPDX-License-Identifier: BSD-2-Clause */
/* System: sizes, what it tells of the machine, the limits of its log, and that each authority is a right of its own. */
#include <string.h>

#include "print.h"
#include "support.h"
#include "test.h"

enum { LARGE_PAGE = 1 << FAULT_WINDOW_SHIFT };

static word_t size_of(enum kind kind, word_t parameter)
{
	word_t size = 0, alignment;

	return system_size(PROGRAM_SYSTEM, kind, parameter, &size, &alignment) == OK ? size : 0;
}

static word_t alignment_of(enum kind kind, word_t parameter)
{
	word_t size, alignment = 0;

	return system_size(PROGRAM_SYSTEM, kind, parameter, &size, &alignment) == OK ? alignment : 0;
}

static void check_info(void)
{
	struct system_state info = {.cores = 0};
	struct space_state space = {.top = 0};

	check_ok(system_info(PROGRAM_SYSTEM, &info), "System tells of the machine");
	check_ok(space_query(PROGRAM_SPACE, &space), "a Space can be queried");
	check(info.frequency > 0 && info.frequency == test_info()->frequency, "the counter has the frequency that the root was told");
	check_equal(info.top, space.top, "System and Space name the same end of user space");
	check(info.top > PROGRAM_FREE_ADDRESS && info.top % PAGE_SIZE == 0, "user space ends at a page behind the program");
	check(info.cores >= 1, "there is a core");
	check(info.pool_block >= PAGE_SIZE && info.pool_block % PAGE_SIZE == 0, "pools hand out whole pages");
}

static void check_bodies(void)
{
	static const struct {
		enum kind kind;
		const char *name;
	} body[] = {
		{KIND_THREAD, "a Thread has a size in units of 64 bytes"},
		{KIND_ENDPOINT, "an Endpoint has a size in units of 64 bytes"},
		{KIND_NOTIFICATION, "a Notification has a size in units of 64 bytes"},
		{KIND_CONTEXT, "a SchedContext has a size in units of 64 bytes"},
	};

	for (unsigned i = 0; i < sizeof body / sizeof body[0]; i++) {
		word_t size = size_of(body[i].kind, 0);

		check(size > 0 && size % 64 == 0 && alignment_of(body[i].kind, 0) == 64, body[i].name);
	}
	check(size_of(KIND_SPACE, SPACE_HANDLES_MIN) >= PAGE_SIZE && alignment_of(KIND_SPACE, SPACE_HANDLES_MIN) >= PAGE_SIZE,
	      "a Space holds a page table, aligned to a page at least");
	check(size_of(KIND_SPACE, SPACE_HANDLES_MAX) > size_of(KIND_SPACE, SPACE_HANDLES_MIN), "a Space for more handles is larger");
}

static void check_memory_sizes(void)
{
	check_equal(size_of(KIND_UNTYPED, 64), 64, "the smallest Untyped has 64 bytes");
	check_equal(alignment_of(KIND_UNTYPED, 1 << 20), 1 << 20, "an Untyped is aligned to its size");
	check_equal(size_of(KIND_MEMORY, 3 * PAGE_SIZE), 3 * PAGE_SIZE, "a Memory takes just its pages");
	check_equal(alignment_of(KIND_MEMORY, LARGE_PAGE - PAGE_SIZE), PAGE_SIZE, "a Memory smaller than a large page is aligned to a page");
	check_equal(alignment_of(KIND_MEMORY, LARGE_PAGE), LARGE_PAGE, "a Memory of a large page is aligned to it");
	check_equal(alignment_of(KIND_MEMORY, 3 * LARGE_PAGE), LARGE_PAGE, "a Memory of three large pages is aligned to one");
}

static void check_no_size(void)
{
	static const struct {
		word_t kind, parameter;
		const char *name;
	} wrong[] = {
		{KIND_NONE, 0, "kind 0 has no size"},
		{KIND_REPLY, 0, "a Reply has no size: nobody creates one"},
		{KIND_SYSTEM, 0, "a System has no size: nobody creates one"},
		{KIND_COUNT, 0, "a kind that does not exist has no size"},
		{~(word_t)0, 0, "the largest number is no kind"},
		{((word_t)1 << 32) | KIND_THREAD, 0, "a kind is not cut to 32 bits"},
		{KIND_UNTYPED, 0, "no Untyped has 0 bytes"},
		{KIND_UNTYPED, 32, "no Untyped has 32 bytes"},
		{KIND_UNTYPED, 96, "an Untyped has a power of two of bytes"},
		{KIND_MEMORY, 0, "no Memory has 0 bytes"},
		{KIND_MEMORY, PAGE_SIZE + 64, "a Memory has whole pages"},
		{KIND_MEMORY, ~(word_t)0 & ~(word_t)(PAGE_SIZE - 1), "no Memory is as large as the address space"},
		{KIND_SPACE, SPACE_HANDLES_MIN - 1, "no Space has fewer than 64 handles"},
		{KIND_SPACE, SPACE_HANDLES_MAX + 1, "no Space has more than 2^20 handles"},
		{KIND_THREAD, 1, "a Thread has no parameter"},
		{KIND_CONTEXT, 1, "a SchedContext has no parameter"},
		{KIND_ENDPOINT, 1000, "no Endpoint lives on core 1000"},
		{KIND_NOTIFICATION, ~(word_t)0, "no Notification lives on the last core that a number has"},
	};

	for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct message m = {.w = {wrong[i].kind, wrong[i].parameter}};

		check_error(object_call(PROGRAM_SYSTEM, SYSTEM_SIZE, 2, &m), ERROR_BAD_ARGUMENT, wrong[i].name);
	}
}

/* The wrapper refuses what is too long itself: this asks the kernel. */
static enum error log_bytes(handle_t system, word_t count)
{
	struct message m = {.w = {count}};

	(void)message_put(&m, 1, "#\n", 2);
	return object_call(system, SYSTEM_LOG, MESSAGE_REGISTERS, &m);
}

static void check_log(void)
{
	static const char longest[] = "# fifty-six bytes, so many are the most that one takes:\n";

	_Static_assert(sizeof longest - 1 == 56, "the text has 56 bytes");
	check_ok(system_log(PROGRAM_SYSTEM, longest, 56), "56 bytes can be logged");
	check_ok(system_log(PROGRAM_SYSTEM, "\n", 1), "one byte can be logged");
	check_error(log_bytes(PROGRAM_SYSTEM, 0), ERROR_BAD_ARGUMENT, "0 bytes cannot be logged");
	check_error(log_bytes(PROGRAM_SYSTEM, 57), ERROR_BAD_ARGUMENT, "57 bytes cannot be logged");
	check_error(log_bytes(PROGRAM_SYSTEM, ~(word_t)0), ERROR_BAD_ARGUMENT, "2^64 - 1 bytes cannot be logged");
}

/* What a System with the right log must not do. */
static void check_authority(handle_t log)
{
	static const struct {
		word_t label;
		const char *name;
	} forbidden[] = {
		{SYSTEM_INTERRUPT, "the right log makes no Interrupt"},
		{SYSTEM_MESSAGE_INTERRUPT, "nor one for messages of devices"},
		{SYSTEM_PORTS, "nor does it open ports"},
		{SYSTEM_FIRMWARE, "nor does it call firmware"},
		{SYSTEM_TRACE_ATTACH, "nor does it trace"},
		{SYSTEM_TRACE_DETACH, "nor does it end traces"},
		{SYSTEM_TRACE_MASK, "nor does it change them"},
	};

	for (unsigned i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
		struct message m = {.w = {PROGRAM_UNTYPED, 1, 1, 1}};

		check_error(object_call(log, forbidden[i].label, 4, &m), ERROR_NO_RIGHTS, forbidden[i].name);
	}
}

static void check_rights(struct builder *b)
{
	struct system_state info;
	struct slot_state slot;
	handle_t powerless, again, log;
	word_t size, alignment;

	require(build_derived(b, PROGRAM_SYSTEM, RIGHTS_ALL & ~(word_t)(RIGHT_LOG | RIGHT_TRACE), 0, &powerless));
	require(build_derived(b, powerless, RIGHTS_ALL, 0, &again));
	check_error(log_bytes(powerless, 2), ERROR_NO_RIGHTS, "without the right log nothing is logged");
	check_error(log_bytes(again, 2), ERROR_NO_RIGHTS, "deriving with all rights does not bring a right back");
	check(space_slot(PROGRAM_SPACE, again, &slot) == OK && slot.rights == 0 && slot.kind == KIND_SYSTEM && !slot.original,
	      "a slot shows that no right is left");
	check_ok(system_info(powerless, &info), "telling of the machine takes no right");
	check_ok(system_size(powerless, KIND_THREAD, 0, &size, &alignment), "telling sizes takes no right");
	check_error(system_power(PROGRAM_SYSTEM, POWER_OFF), ERROR_NO_RIGHTS, "the right log does not switch the machine off");
	check_error(system_power(PROGRAM_SYSTEM, (enum power)99), ERROR_NO_RIGHTS, "rights come before arguments");
	require(build_derived(b, PROGRAM_SYSTEM, RIGHT_LOG, 0, &log));
	check_authority(log);
	builder_release(b, log);
	builder_release(b, again);
	builder_release(b, powerless);
	check_ok(log_bytes(PROGRAM_SYSTEM, 2), "the System is still there when its derivations are deleted");
}

static void check_labels(void)
{
	static const word_t unknown[] = {0, 99, 0x7fff};
	struct message m = {.w = {2}};

	for (unsigned i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
		check_error(object_call(PROGRAM_SYSTEM, unknown[i], 1, &m), ERROR_BAD_ARGUMENT, "a label that System does not know is refused");
	m = (struct message){.tag = tag_make(SYSTEM_INFO, 0, 1)};
	buffer_self()->item[0] = (struct item){.handle = PROGRAM_SYSTEM, .control = RIGHTS_ALL};
	check_error(message_call(PROGRAM_SYSTEM, &m), ERROR_BAD_ARGUMENT, "a kernel object takes no items");
	m = (struct message){.tag = tag_make(SYSTEM_INFO, 0, 0)};
	check(ipc(PROGRAM_SYSTEM, HANDLE_NONE, &m) == OK && m.w[0] == test_info()->frequency, "a send to a kernel object is answered like a call");
}

void test_run(struct builder *b)
{
	check_info();
	check_bodies();
	check_memory_sizes();
	check_no_size();
	check_log();
	check_rights(b);
	check_labels();
}
