/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Untyped: creating every kind with exact sizes, counts, bad parameters, exhaustion to the byte, reset, devices,
 * and that whatever is created begins as zeros.
 */
#include <string.h>

#include "support.h"
#include "test.h"

enum { SIZE = 8 << 20, LARGE_PAGE = 1 << FAULT_WINDOW_SHIFT, SLOTS = CREATE_COUNT_MAX + 1 };

/* An Untyped of SIZE bytes, empty whenever a check begins, and slots for what is made of it. */
static handle_t source, slots;

static const struct {
	enum kind kind;
	word_t parameter;
	const char *name;
} object[] = {
	{KIND_UNTYPED, 4096, "an Untyped"},
	{KIND_MEMORY, 3 * PAGE_SIZE, "a Memory"},
	{KIND_MEMORY, LARGE_PAGE, "a Memory of a large page"},
	{KIND_SPACE, SPACE_HANDLES_MIN, "a Space"},
	{KIND_SPACE, 1000, "a Space for 1000 handles"},
	{KIND_THREAD, 0, "a Thread"},
	{KIND_ENDPOINT, 0, "an Endpoint"},
	{KIND_NOTIFICATION, 0, "a Notification"},
	{KIND_CONTEXT, 0, "a SchedContext"},
};
enum { OBJECTS = sizeof object / sizeof object[0] };

static enum error create(enum kind kind, word_t parameter, word_t count)
{
	return untyped_create(source, kind, parameter, count, MEMORY_NORMAL, slots);
}

static void delete_slots(word_t count)
{
	for (word_t i = 0; i < count; i++)
		(void)space_delete(PROGRAM_SPACE, slots + i);
}

/* The end of each check: nothing is left. */
static void clean_up(word_t count)
{
	delete_slots(count);
	require(untyped_reset(source));
}

/* ---- sizes and counts ---- */

/* Bytes that are taken when `count` objects are created behind `used` bytes, as System says. */
static word_t taken(word_t used, unsigned i, word_t count)
{
	word_t size = 0, alignment = 1, start, stride;

	(void)system_size(PROGRAM_SYSTEM, object[i].kind, object[i].parameter, &size, &alignment);
	start = (used + alignment - 1) & ~(alignment - 1);
	stride = (size + alignment - 1) & ~(alignment - 1);
	return start + stride * (count - 1) + size;
}

static void check_sizes(void)
{
	static const struct slot_state whole = {.rights = RIGHTS_ALL, .original = true};
	word_t used;

	for (unsigned i = 0; i < OBJECTS; i++) {
		struct slot_state slot;

		check_ok(create(object[i].kind, object[i].parameter, 1), case_name("can be created", object[i].name));
		check_equal(SIZE - untyped_free(source), taken(0, i, 1), case_name("takes exactly the size that System tells", object[i].name));
		slot = slot_of(slots);
		check(slot.kind == object[i].kind && slot.original && !slot.derived_from && slot.badge == 0 &&
		      slot.rights == (slot.kind == KIND_UNTYPED ? 0 : whole.rights), case_name("arrives as the original", object[i].name));
		clean_up(1);
		require(create(KIND_ENDPOINT, 0, 1));
		require(space_move(PROGRAM_SPACE, slots, slots + 2));
		used = SIZE - untyped_free(source);
		check_ok(create(object[i].kind, object[i].parameter, 2), case_name("two can be created at once", object[i].name));
		check_equal(SIZE - untyped_free(source), taken(used, i, 2), case_name("two are aligned as System tells", object[i].name));
		clean_up(3);
	}
}

static void check_counts(void)
{
	struct message m = {.tag = 0};
	unsigned signalled = 0;

	check_ok(create(KIND_NOTIFICATION, 0, CREATE_COUNT_MAX), "64 objects can be created at once");
	check(!slot_empty(slots + CREATE_COUNT_MAX - 1) && slot_empty(slots + CREATE_COUNT_MAX), "they fill 64 slots in order");
	require(notification_signal(slots + 5, 1));
	for (word_t i = 0; i < CREATE_COUNT_MAX; i++)
		signalled += message_receive(slots + i, &m, TAG_NOWAIT_RECEIVE) == OK;
	check_equal(signalled, 1, "they are 64 different objects");
	clean_up(CREATE_COUNT_MAX);
	check_error(create(KIND_NOTIFICATION, 0, 0), ERROR_BAD_ARGUMENT, "0 objects cannot be created");
	check_error(create(KIND_NOTIFICATION, 0, CREATE_COUNT_MAX + 1), ERROR_BAD_ARGUMENT, "65 objects cannot be created at once");
	check_error(create(KIND_NOTIFICATION, 0, ~(word_t)0), ERROR_BAD_ARGUMENT, "2^64 - 1 objects cannot be created at once");
	check(slot_empty(slots) && untyped_free(source) == SIZE, "a refused create has taken and made nothing");
}

static void check_answer(void)
{
	struct message m = {.w = {KIND_ENDPOINT, 0, 3, 0}};

	window_handles(buffer_self(), slots, SLOTS);
	check_ok(object_call(source, UNTYPED_CREATE, 4, &m), "a window larger than needed is good enough");
	window_handles(buffer_self(), 0, 0);
	check(m.w[0] == slots && m.w[1] == 3 && tag_words(m.tag) == 2, "the answer says which handles were filled");
	check(!slot_empty(slots + 2) && slot_empty(slots + 3), "just as many slots were filled");
	clean_up(3);
}

/* ---- what is refused ---- */

static void check_parameters(void)
{
	static const struct {
		word_t kind, parameter, attribute;
		const char *name;
	} wrong[] = {
		{KIND_NONE, 0, 0, "kind 0"},
		{KIND_REPLY, 0, 0, "a Reply"},
		{KIND_SYSTEM, 0, 0, "a System"},
		{KIND_INTERRUPT, 0, 0, "an Interrupt"},
		{KIND_PORTS, 0, 0, "a capability to ports"},
		{KIND_FIRMWARE, 0, 0, "a capability to firmware"},
		{KIND_COUNT, 0, 0, "a kind that does not exist"},
		{(word_t)1 << 32 | KIND_THREAD, 0, 0, "a kind of more than 32 bits"},
		{~(word_t)0, 0, 0, "kind 2^64 - 1"},
		{KIND_UNTYPED, 0, 0, "an Untyped of 0 bytes"},
		{KIND_UNTYPED, 32, 0, "an Untyped of 32 bytes"},
		{KIND_UNTYPED, 4096 + 64, 0, "an Untyped of no power of two"},
		{KIND_MEMORY, 0, 0, "a Memory of 0 bytes"},
		{KIND_MEMORY, PAGE_SIZE - 1, 0, "a Memory of less than a page"},
		{KIND_MEMORY, PAGE_SIZE + 1, 0, "a Memory of a page and a byte"},
		{KIND_MEMORY, ~(word_t)0 << PAGE_SHIFT, 0, "a Memory of 2^64 bytes less a page"},
		{KIND_SPACE, SPACE_HANDLES_MIN - 1, 0, "a Space for 63 handles"},
		{KIND_SPACE, SPACE_HANDLES_MAX + 1, 0, "a Space for 2^20 + 1 handles"},
		{KIND_THREAD, 1, 0, "a Thread with a parameter"},
		{KIND_ENDPOINT, 1000, 0, "an Endpoint on core 1000"},
		{KIND_NOTIFICATION, 1000, 0, "a Notification on core 1000"},
		{KIND_CONTEXT, 1, 0, "a SchedContext with a parameter"},
		{KIND_MEMORY, PAGE_SIZE, MEMORY_UNCACHED, "uncached RAM"},
		{KIND_MEMORY, PAGE_SIZE, MEMORY_DEVICE, "RAM as a device"},
		{KIND_MEMORY, PAGE_SIZE, MEMORY_DEVICE + 1, "an attribute that does not exist"},
		{KIND_MEMORY, PAGE_SIZE, 256, "an attribute of more than 8 bits"},
		{KIND_ENDPOINT, 0, MEMORY_DEVICE, "an Endpoint with an attribute"},
		{KIND_UNTYPED, 4096, MEMORY_UNCACHED, "an Untyped with an attribute"},
	};

	for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct message m = {.w = {wrong[i].kind, wrong[i].parameter, 1, wrong[i].attribute}};

		window_handles(buffer_self(), slots, SLOTS);
		check_error(object_call(source, UNTYPED_CREATE, 4, &m), ERROR_BAD_ARGUMENT, case_name("cannot be created", wrong[i].name));
	}
	window_handles(buffer_self(), 0, 0);
	check(slot_empty(slots) && untyped_free(source) == SIZE, "none of these has taken or made anything");
	check_error(untyped_reset(source), OK, "and the Untyped can be reset");
}

static void check_labels(void)
{
	static const word_t label[] = {0, 4, 0x7fff};
	static const handle_t forged[] = {HANDLE_NONE + 1 + 0x10000, (handle_t)1 << 40, ~(handle_t)1, 1000};
	struct message m = {.tag = 0};

	for (unsigned i = 0; i < sizeof label / sizeof label[0]; i++)
		check_error(object_call(source, label[i], 0, &m), ERROR_BAD_ARGUMENT, "a label that an Untyped does not know is refused");
	for (unsigned i = 0; i < sizeof forged / sizeof forged[0]; i++)
		check_error(untyped_reset(forged[i]), ERROR_BAD_HANDLE, "a handle without a capability is refused");
	check_error(object_call(HANDLE_NONE, UNTYPED_QUERY, 0, &m), ERROR_BAD_ARGUMENT, "nobody can be called through handle 0");
}

static enum error create_in_window(handle_t first, word_t window, word_t count)
{
	struct message m = {.w = {KIND_ENDPOINT, 0, count, 0}};
	enum error error;

	window_handles(buffer_self(), first, window);
	error = object_call(source, UNTYPED_CREATE, 4, &m);
	window_handles(buffer_self(), 0, 0);
	return error;
}

static void check_windows(void)
{
	handle_t end = test_info()->handle_slots;

	check_error(create_in_window(slots, 0, 1), ERROR_WINDOW, "nothing is created into a closed window");
	check_error(create_in_window(slots, 2, 3), ERROR_WINDOW, "nothing is created into a window that is too small");
	require(space_derive(PROGRAM_SPACE, PROGRAM_SYSTEM, slots + 2, RIGHTS_ALL));
	check_error(create_in_window(slots, 3, 3), ERROR_WINDOW, "nothing is created into a window with an occupied slot");
	check(slot_empty(slots) && slot_empty(slots + 1) && slot_of(slots + 2).kind == KIND_SYSTEM, "not even into its empty slots");
	require(space_delete(PROGRAM_SPACE, slots + 2));
	check_error(create_in_window(end - 1, 2, 2), ERROR_WINDOW, "nothing is created into a window that reaches beyond the table");
	check(slot_empty(end - 1), "not even into the table's last slot");
	check_error(create_in_window(HANDLE_NONE, 1, 1), ERROR_WINDOW, "nothing is created into slot 0");
	check_error(create_in_window(~(handle_t)0, 2, 2), ERROR_WINDOW, "nothing is created into a window that wraps around");
	check_error(create_in_window((handle_t)1 << 32, 1, 1), ERROR_WINDOW, "nothing is created beyond 2^32 handles");
	check_equal(untyped_free(source), SIZE, "none of these has taken anything");
}

/* ---- exhaustion ---- */

static word_t missing(handle_t untyped, enum kind kind, word_t parameter, word_t count)
{
	const word_t w[] = {kind, parameter, count, 0};
	word_t detail;

	return call_detail(untyped, UNTYPED_CREATE, 4, w, &detail) == ERROR_NO_MEMORY ? detail : ~(word_t)0;
}

static void check_exhausted(void)
{
	const word_t size = 64 * 1024;
	handle_t small = slots + SLOTS - 1;
	word_t endpoint, alignment;

	require(system_size(PROGRAM_SYSTEM, KIND_ENDPOINT, 0, &endpoint, &alignment));
	require(untyped_create(source, KIND_UNTYPED, size, 1, 0, small));
	check_equal(missing(small, KIND_MEMORY, size + PAGE_SIZE, 1), PAGE_SIZE, "a page is missing for 17 pages in 64 KiB");
	check_equal(missing(small, KIND_MEMORY, PAGE_SIZE, 17), PAGE_SIZE, "a page is missing for 17 Memories of a page in 64 KiB");
	check_equal(missing(small, KIND_UNTYPED, 2 * size, 1), size, "64 KiB are missing for 128 KiB in 64 KiB");
	check_equal(missing(small, KIND_UNTYPED, (word_t)1 << 40, 1), ((word_t)1 << 40) - size, "a TiB less 64 KiB is missing for a TiB");
	check_equal(missing(small, KIND_UNTYPED, size, 2), size, "64 KiB are missing for the second half of 128 KiB");
	check(untyped_free(small) == size && slot_empty(slots), "creates that did not fit have taken and made nothing");
	require(untyped_create(small, KIND_ENDPOINT, 0, 1, 0, slots));
	check_equal(missing(small, KIND_MEMORY, size, 1), PAGE_SIZE, "alignment counts: behind an Endpoint a page is missing for 64 KiB");
	check_equal(missing(small, KIND_MEMORY, size - PAGE_SIZE, 2), size - PAGE_SIZE, "two Memories are missing what the second needs");
	check_ok(untyped_create(small, KIND_MEMORY, size - PAGE_SIZE, 1, 0, slots + 1), "what fits exactly is created");
	check_equal(untyped_free(small), 0, "then nothing is left");
	check_equal(missing(small, KIND_UNTYPED, 64, 1), 64, "64 bytes are missing for the smallest Untyped");
	check_equal(missing(small, KIND_ENDPOINT, 0, 2), 2 * endpoint, "two Endpoints are missing for two Endpoints");
	require(space_delete(PROGRAM_SPACE, slots));
	require(space_delete(PROGRAM_SPACE, slots + 1));
	check_equal(untyped_free(small), 0, "deleting alone frees nothing");
	check_ok(untyped_reset(small), "a reset of what is empty succeeds");
	check_equal(untyped_free(small), size, "and frees all");
	check_ok(untyped_create(small, KIND_UNTYPED, size, 1, 0, slots), "a smaller Untyped may be all of it");
	check_equal(untyped_free(small), 0, "then nothing is left of the larger");
	check_equal(untyped_free(slots), size, "and all of the smaller");
	require(space_delete(PROGRAM_SPACE, small));
	check(slot_empty(slots), "deleting the larger one deletes the smaller one in it");
	clean_up(1);
}

/* ---- reset, move ---- */

static void check_reset(void)
{
	for (unsigned i = 0; i < OBJECTS; i++) {
		word_t before;

		require(create(object[i].kind, object[i].parameter, 1));
		before = untyped_free(source);
		check_error(untyped_reset(source), ERROR_BUSY, case_name("a reset is refused while it lives", object[i].name));
		check(untyped_free(source) == before && !slot_empty(slots), case_name("which changes nothing", object[i].name));
		require(space_delete(PROGRAM_SPACE, slots));
		check_ok(untyped_reset(source), case_name("a reset succeeds when it is deleted", object[i].name));
		check_equal(untyped_free(source), SIZE, case_name("and all is free", object[i].name));
	}
}

static void check_move(void)
{
	handle_t place = slots + 2;
	word_t free;

	require(create(KIND_ENDPOINT, 0, 1));
	free = untyped_free(source);
	check_error(space_derive(PROGRAM_SPACE, source, place, RIGHTS_ALL), ERROR_BAD_ARGUMENT, "an Untyped is never derived");
	check_error(space_derive_badged(PROGRAM_SPACE, source, place, RIGHTS_ALL, 1), ERROR_WRONG_KIND, "nor with a badge");
	check(slot_empty(place), "which leaves the slot empty");
	check_ok(space_move(PROGRAM_SPACE, source, place), "an Untyped can be moved");
	check_error(untyped_reset(source), ERROR_BAD_HANDLE, "nothing is kept where it was");
	check_equal(untyped_free(place), free, "it knows at the new place how much is free");
	check_error(untyped_reset(place), ERROR_BUSY, "and that something in it lives");
	require(space_move(PROGRAM_SPACE, place, source));
	check_ok(space_revoke(PROGRAM_SPACE, source), "revoking an Untyped destroys what was created from it");
	check(slot_empty(slots), "even the original of an object");
	clean_up(0);
}

/* Untypeds in Untypeds, each all of the one around it, until it is too deep. */
static void check_depth(void)
{
	handle_t inner = source;
	word_t depth = 0;

	while (depth < SLOTS && untyped_create(inner, KIND_UNTYPED, SIZE, 1, 0, slots + depth) == OK)
		inner = slots + depth++;
	check(depth > 32 && depth < 64, "Untypeds can be nested, but not 64 deep");
	check_error(untyped_create(inner, KIND_UNTYPED, SIZE, 1, 0, slots + depth), ERROR_BAD_ARGUMENT, "one deeper is refused");
	check_error(untyped_create(inner, KIND_ENDPOINT, 0, 1, 0, slots + depth), ERROR_BAD_ARGUMENT, "for every kind");
	check_equal(untyped_free(inner), SIZE, "which takes nothing");
	require(space_delete(PROGRAM_SPACE, slots));
	check(slot_empty(slots + depth - 1), "deleting the outermost deletes them all");
	clean_up(0);
}

/* ---- devices ---- */

static void check_device_kinds(handle_t device)
{
	for (unsigned i = 0; i < OBJECTS; i++)
		if (object[i].kind != KIND_MEMORY && object[i].kind != KIND_UNTYPED)
			check_error(untyped_create(device, object[i].kind, object[i].parameter, 1, 0, slots), ERROR_BAD_ARGUMENT,
				    case_name("no kernel object lies in a device", object[i].name));
	check_error(untyped_create(device, KIND_MEMORY, PAGE_SIZE, 1, MEMORY_NORMAL, slots), ERROR_BAD_ARGUMENT, "device Memory is not normal");
	check_error(untyped_create(device, KIND_MEMORY, PAGE_SIZE, 1, MEMORY_DEVICE + 1, slots), ERROR_BAD_ARGUMENT,
		    "device Memory has no attribute that does not exist");
	check_error(untyped_create(device, KIND_UNTYPED, PAGE_SIZE / 2, 1, 0, slots), ERROR_BAD_ARGUMENT,
		    "a device Untyped is never smaller than a page");
	check(slot_empty(slots), "these have made nothing");
}

static void check_device_objects(handle_t device, word_t size)
{
	struct thread_binding binding = {.what = CONFIGURE_BUFFER, .buffer = slots};
	struct untyped_state state = {.size = 0};
	struct memory_state memory = {.size = 0};
	handle_t thread = slots + 10;

	check_ok(untyped_create(device, KIND_MEMORY, PAGE_SIZE, 1, MEMORY_DEVICE, slots), "a device Untyped makes device Memory");
	check_ok(untyped_create(device, KIND_MEMORY, PAGE_SIZE, 1, MEMORY_UNCACHED, slots + 1), "and uncached Memory");
	check_ok(untyped_create(device, KIND_UNTYPED, PAGE_SIZE, 1, 0, slots + 2), "and a smaller Untyped");
	check_equal(untyped_free(device), size - 3 * PAGE_SIZE, "each takes its page");
	check(memory_query(slots, &memory) == OK && memory.device && memory.attribute == MEMORY_DEVICE, "the Memory is of a device");
	check(memory_query(slots + 1, &memory) == OK && memory.device && memory.attribute == MEMORY_UNCACHED, "the uncached one too");
	check(untyped_query(slots + 2, &state) == OK && state.device && state.size == PAGE_SIZE, "the smaller Untyped is of a device");
	check_error(untyped_create(slots + 2, KIND_ENDPOINT, 0, 1, 0, slots + 3), ERROR_BAD_ARGUMENT, "and makes no kernel object either");
	check_error(untyped_reset(device), ERROR_BUSY, "a device Untyped is not reset while its Memory lives");
	check_error(memory_code(slots, 0, 0), ERROR_WRONG_KIND, "no code lies in a device");
	check_error(space_feed(PROGRAM_SPACE, slots + 2), ERROR_WRONG_KIND, "a device does not feed a pool");
	require(untyped_create(source, KIND_THREAD, 0, 1, 0, thread));
	check_error(thread_configure(thread, &binding), ERROR_WRONG_KIND, "no message buffer lies in a device");
	require(space_derive(PROGRAM_SPACE, slots, slots + 4, RIGHTS_ALL));
	check(memory_query(slots + 4, &memory) == OK && memory.device && memory.attribute == MEMORY_DEVICE, "a derivation keeps the attribute");
	require(space_delete(PROGRAM_SPACE, thread));
	delete_slots(5);
	check_ok(untyped_reset(device), "a device Untyped can be reset");
	check_equal(untyped_free(device), size, "then all of it is free");
}

static void check_devices(void)
{
	struct untyped_state state = {.device = false};

	if (slot_of(PROGRAM_DEVICE).kind != KIND_UNTYPED) {
		check(slot_empty(PROGRAM_DEVICE), "this machine has no place without a device");
		return;
	}
	check(untyped_query(PROGRAM_DEVICE, &state) == OK && state.device && state.free == state.size, "a device Untyped says what it is");
	check_device_kinds(PROGRAM_DEVICE);
	check_device_objects(PROGRAM_DEVICE, state.size);
	require(untyped_reset(source));
}

/* ---- zeros ---- */

/* Does the Memory in `slot` hold nothing but zeros? It is filled with ones afterwards. */
static bool zero_then_filled(struct builder *b, handle_t slot, size_t size)
{
	uintptr_t at = builder_take_addresses(b, size, PAGE_SIZE);
	word_t *words = (word_t *)at, found = 0;

	if (memory_map(slot, PROGRAM_SPACE, at, RIGHT_READ | RIGHT_WRITE) != OK)
		return false;
	for (size_t i = 0; i < size / sizeof(word_t); i++)
		found |= words[i];
	memset(words, 0xff, size);
	require(memory_unmap(slot));
	b->address = at;
	return found == 0;
}

static void check_zeros(struct builder *b)
{
	const size_t size = 64 * 1024;
	struct message m = {.tag = 0};
	handle_t inner = slots + 5;
	unsigned set = 0;

	require(create(KIND_MEMORY, size, 1));
	(void)zero_then_filled(b, slots, size);
	clean_up(1);
	require(create(KIND_MEMORY, size, 1));
	check(zero_then_filled(b, slots, size), "Memory is zero when its bytes were another's before");
	clean_up(1);
	require(create(KIND_NOTIFICATION, 0, CREATE_COUNT_MAX));
	for (word_t i = 0; i < CREATE_COUNT_MAX; i++)
		set += message_receive(slots + i, &m, TAG_NOWAIT_RECEIVE) != ERROR_WOULD_BLOCK;
	check_equal(set, 0, "a kernel object is new when its bytes were a user's before");
	clean_up(CREATE_COUNT_MAX);
	for (unsigned round = 0; round < 2; round++) {
		require(untyped_create(source, KIND_UNTYPED, 2 * size, 1, 0, inner));
		require(untyped_create(inner, KIND_ENDPOINT, 0, 1, 0, slots));
		require(untyped_create(inner, KIND_MEMORY, size, 1, 0, slots + 1));
		check(zero_then_filled(b, slots + 1, size), "Memory is zero in an Untyped that lies over another's bytes");
		require(space_delete(PROGRAM_SPACE, inner));
		clean_up(0);
	}
	require(create(KIND_MEMORY, size, 1));
	check(zero_then_filled(b, slots, size), "Memory is zero where a smaller Untyped was before");
	require(untyped_create(source, KIND_MEMORY, size, 1, 0, slots + 1));
	check(zero_then_filled(b, slots + 1, size), "Memory is zero behind that");
	clean_up(2);
}

/* What the interrupted worker makes: large, and aligned so that a part of the Untyped is passed over. */
static void create_large(word_t untyped)
{
	(void)untyped_create(untyped, KIND_MEMORY, 2 * LARGE_PAGE, 1, MEMORY_NORMAL, slots + 1);
}

/* Everything that was interrupted is as good as if it had not been. */
static void check_interrupted(struct builder *b, handle_t timer, uint64_t delay)
{
	struct worker worker;
	word_t bits, first = 0, second = 0;
	bool zero;

	require(untyped_create(source, KIND_MEMORY, LARGE_PAGE, 1, 0, slots));
	(void)zero_then_filled(b, slots, LARGE_PAGE);
	require(space_delete(PROGRAM_SPACE, slots));
	require(untyped_reset(source));
	require(untyped_create(source, KIND_ENDPOINT, 0, 1, 0, slots));
	require(worker_create(b, create_large, source, 90, &worker));
	require(worker_begin(&worker));
	require(notification_arm(timer, 1, arch_counter() + delay, 0));
	require(notification_wait(timer, &bits));
	require(untyped_create(source, KIND_MEMORY, 16 * PAGE_SIZE, 1, 0, slots + 2));
	zero = zero_then_filled(b, slots + 2, 16 * PAGE_SIZE);
	check(zero, "Memory is zero that was created while a create of another thread was interrupted");
	while (slot_empty(slots + 1)) {
		require(notification_arm(timer, 1, arch_counter() + delay, 0));
		require(notification_wait(timer, &bits));
	}
	require(memory_physical(slots + 1, &first));
	require(memory_physical(slots + 2, &second));
	check(second + 16 * PAGE_SIZE <= first || first + 2 * LARGE_PAGE <= second, "both got memory of their own");
	worker_destroy(b, &worker);
	delete_slots(3);
	require(untyped_reset(source));
}

static void check_preemption(struct builder *b)
{
	handle_t timer;

	require(build_object(b, KIND_NOTIFICATION, 0, &timer));
	for (unsigned i = 0; i < 6; i++)
		check_interrupted(b, timer, test_info()->frequency / 16000 << i);
	builder_release(b, timer);
}

void test_run(struct builder *b)
{
	slots = builder_take_slots(b, SLOTS);
	require(build_object(b, KIND_UNTYPED, SIZE, &source));
	check_sizes();
	check_counts();
	check_answer();
	check_parameters();
	check_labels();
	check_windows();
	check_exhausted();
	check_reset();
	check_move();
	check_depth();
	check_devices();
	check_zeros(b);
	check_preemption(b);
	builder_release(b, source);
}
