/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The message buffer: what memory can be one, that the kernel uses exactly the KiB that was bound, through its own
 * mapping, and that the binding ends with the memory. What a thread without a buffer can do is in test-binding.c.
 */
#include <string.h>

#include "print.h"
#include "victim.h"

enum { PAGES = 3, SIZE = PAGES * PAGE_SIZE, FILLING = 0xa5, TAG_ALL = MESSAGE_WORDS };

/* What becomes buffers; and where the test sees it. */
static handle_t memory;
static uint8_t *content;

static handle_t port;
static volatile word_t status;
static struct message message;

/* Both use nothing but registers: where the thread's buffer is, is the test's affair. */
static void receives(word_t unused)
{
	(void)unused;
	message = (struct message){.tag = 0};
	status = ipc(HANDLE_NONE, port, &message);
}

static void sends(word_t unused)
{
	(void)unused;
	message = (struct message){.tag = tag_make(1, TAG_ALL, 0), .w = {0, 1, 2, 3, 4, 5, 6, 7}};
	status = ipc(port, HANDLE_NONE, &message);
}

static enum error bind_buffer(const struct victim *v, handle_t handle, word_t offset)
{
	const struct thread_binding binding = {.what = CONFIGURE_BUFFER, .buffer = handle, .buffer_offset = offset};

	return thread_configure(v->worker.thread, &binding);
}

static struct buffer *at(word_t offset)
{
	return (struct buffer *)(void *)(content + offset);
}

/* A message of 64 words from the test, word i being seed + i. */
static enum error send_all(word_t seed)
{
	struct message m = {.tag = 0};

	for (unsigned i = 0; i < MESSAGE_WORDS; i++)
		message_set_word(&m, i, seed + i);
	m.tag = tag_make(1, TAG_ALL, 0) | TAG_NOWAIT_SEND;
	return message_send(port, &m);
}

/* Did the words from 6 on arrive in the buffer at that offset? */
static bool arrived(word_t offset, word_t seed)
{
	for (unsigned i = MESSAGE_REGISTERS; i < MESSAGE_WORDS; i++)
		if (at(offset)->word[i] != seed + i)
			return false;
	return true;
}

/* Is everything but the words of this buffer as it was filled? */
static bool rest_untouched(word_t offset)
{
	for (word_t i = 0; i < SIZE; i++) {
		bool inside = i >= offset + MESSAGE_REGISTERS * sizeof(word_t) && i < offset + MESSAGE_WORDS * sizeof(word_t);

		if (!inside && content[i] != FILLING)
			return false;
	}
	return true;
}

/* ---- which memory ---- */

static const struct {
	const char *name;
	word_t offset;
	enum error error;
} offsets[] = {
	{"not aligned to anything", 1, ERROR_BAD_ARGUMENT},
	{"aligned to a word", sizeof(word_t), ERROR_BAD_ARGUMENT},
	{"aligned to half a KiB", BUFFER_ALIGN / 2, ERROR_BAD_ARGUMENT},
	{"one byte before a KiB", 2 * BUFFER_ALIGN - 1, ERROR_BAD_ARGUMENT},
	{"behind the Memory", SIZE, ERROR_BAD_ARGUMENT},
	{"far behind the Memory", (word_t)1 << 32, ERROR_BAD_ARGUMENT},
	{"at the end of all numbers", ~(word_t)0 - BUFFER_ALIGN + 1, ERROR_BAD_ARGUMENT},
	{"the first KiB", 0, OK},
	{"the second KiB", BUFFER_ALIGN, OK},
	{"the last KiB of a page", PAGE_SIZE - BUFFER_ALIGN, OK},
	{"the first KiB of the second page", PAGE_SIZE, OK},
	{"the last KiB", SIZE - BUFFER_ALIGN, OK},
};

static void check_offsets(struct builder *b)
{
	char name[120];
	struct victim v;

	require(victim_create(b, receives, 0, &v));
	for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
		word_t offset = offsets[i].offset;

		memset(content, FILLING, SIZE);
		(void)text_format(name, sizeof name, "a buffer %s", offsets[i].name);
		check_error(bind_buffer(&v, memory, offset), offsets[i].error, name);
		if (offsets[i].error != OK)
			continue;
		victim_begin(&v);
		(void)text_format(name, sizeof name, "64 words arrive in exactly that buffer: %s", offsets[i].name);
		check(send_all(100 * i) == OK && status_error(status) == OK && arrived(offset, 100 * i) && rest_untouched(offset), name);
	}
	victim_destroy(b, &v);
}

/* A refused buffer leaves the one that was bound. */
static void check_refused(struct builder *b)
{
	handle_t less, device = builder_take_slots(b, 1);
	struct victim v;

	memset(content, FILLING, SIZE);
	require(victim_create(b, receives, 0, &v));
	require(bind_buffer(&v, memory, BUFFER_ALIGN));
	require(build_derived(b, memory, RIGHTS_ALL & ~RIGHT_WRITE, 0, &less));
	check_error(bind_buffer(&v, less, 0), ERROR_NO_RIGHTS, "memory that may not be written is no buffer");
	builder_release(b, less);
	require(build_derived(b, memory, RIGHTS_ALL & ~RIGHT_READ, 0, &less));
	check_error(bind_buffer(&v, less, 0), ERROR_NO_RIGHTS, "memory that may not be read is no buffer");
	builder_release(b, less);
	for (word_t attribute = MEMORY_UNCACHED; attribute <= MEMORY_DEVICE; attribute++)
		if (untyped_create(PROGRAM_DEVICE, KIND_MEMORY, PAGE_SIZE, 1, attribute, device) == OK) {
			check_error(bind_buffer(&v, device, 0), ERROR_WRONG_KIND, "device memory is no buffer");
			require(space_delete(PROGRAM_SPACE, device));
		}
	check_error(bind_buffer(&v, port, 0), ERROR_WRONG_KIND, "an Endpoint is no buffer");
	check_error(bind_buffer(&v, memory, 1), ERROR_BAD_ARGUMENT, "a bad offset is refused");
	victim_begin(&v);
	check(send_all(1000) == OK && arrived(BUFFER_ALIGN, 1000) && rest_untouched(BUFFER_ALIGN),
		"after all these the buffer is where it was");
	builder_put_slots(b, device, 1);
	victim_destroy(b, &v);
}

/* ---- how it is used ---- */

static void check_send(struct builder *b)
{
	struct message m;
	struct victim v;
	bool good = true;

	require(victim_create(b, sends, 0, &v));
	require(bind_buffer(&v, memory, 2 * BUFFER_ALIGN));
	for (unsigned i = 0; i < MESSAGE_WORDS; i++)
		at(2 * BUFFER_ALIGN)->word[i] = i < MESSAGE_REGISTERS ? ~(word_t)0 : i;
	victim_begin(&v);
	at(2 * BUFFER_ALIGN)->word[63] = 777;
	require(message_receive(port, &m, TAG_NOWAIT_RECEIVE));
	for (unsigned i = 0; i < MESSAGE_WORDS - 1; i++)
		good = good && message_word(&m, i) == i;
	check(good, "the first words come from registers, the others from the sender's buffer");
	check_equal(message_word(&m, 63), 777, "they are read when they are delivered");
	victim_destroy(b, &v);
}

/* The buffer is mapped nowhere: the kernel does not need it. */
static void check_unmapped(struct builder *b)
{
	struct victim v;
	handle_t hidden;
	uintptr_t place = builder_take_addresses(b, PAGE_SIZE, PAGE_SIZE);

	require(build_object(b, KIND_MEMORY, PAGE_SIZE, &hidden));
	require(victim_create(b, receives, 0, &v));
	require(bind_buffer(&v, hidden, BUFFER_ALIGN));
	victim_begin(&v);
	check_ok(send_all(50), "a message goes to a buffer that is mapped nowhere");
	require(memory_map(hidden, PROGRAM_SPACE, place, RIGHT_READ));
	check_equal(((struct buffer *)(place + BUFFER_ALIGN))->word[63], 50 + 63, "and is found there");
	require(memory_unmap(hidden));
	victim_begin(&v);
	check_ok(send_all(60), "unmapping it changes nothing");
	require(memory_map(hidden, PROGRAM_SPACE, place, RIGHT_READ));
	check_equal(((struct buffer *)(place + BUFFER_ALIGN))->word[63], 60 + 63, "the next message is found there too");
	victim_destroy(b, &v);
	builder_release(b, hidden);
}

/* Two threads may share one: only their own data suffers. */
static void check_shared(struct builder *b)
{
	struct victim first, second;

	memset(content, FILLING, SIZE);
	require(victim_create(b, receives, 0, &first));
	require(victim_create(b, receives, 0, &second));
	require(bind_buffer(&first, memory, 0));
	check_ok(bind_buffer(&second, memory, 0), "two threads can have the same buffer");
	victim_begin(&first);
	victim_begin(&second);
	check(send_all(300) == OK && arrived(0, 300), "the first one's message arrives there");
	check(send_all(400) == OK && arrived(0, 400) && rest_untouched(0), "then the second one's, over it");
	require(bind_buffer(&second, memory, BUFFER_ALIGN));
	victim_begin(&second);
	check(send_all(500) == OK && arrived(BUFFER_ALIGN, 500) && arrived(0, 400), "with buffers side by side none disturbs the other");
	victim_destroy(b, &second);
	victim_destroy(b, &first);
}

/* ---- how it ends ---- */

static void check_range_revoked(struct builder *b)
{
	struct victim v;

	memset(content, FILLING, SIZE);
	require(victim_create(b, receives, 0, &v));
	require(bind_buffer(&v, memory, PAGE_SIZE + BUFFER_ALIGN));
	require(memory_revoke(memory, 0, PAGE_SIZE));
	require(memory_revoke(memory, 2 * PAGE_SIZE, 0));
	victim_begin(&v);
	check(send_all(1) == OK && arrived(PAGE_SIZE + BUFFER_ALIGN, 1), "revoking other pages leaves a buffer alone");
	victim_begin(&v);
	require(memory_revoke(memory, PAGE_SIZE, PAGE_SIZE));
	memset(content, FILLING, SIZE);
	check_error(send_all(2), ERROR_WINDOW, "revoking its page takes it away, also from a thread that waits");
	check(rest_untouched(SIZE), "and nothing is written there any more");
	victim_destroy(b, &v);
}

static void check_memory_destroyed(struct builder *b)
{
	struct message m = {.tag = tag_make(1, 1, 0) | TAG_NOWAIT_SEND, .w = {8}};
	struct victim v;
	handle_t gone, moved = builder_take_slots(b, 1);

	require(build_object(b, KIND_MEMORY, PAGE_SIZE, &gone));
	require(victim_create(b, receives, 0, &v));
	require(bind_buffer(&v, gone, 0));
	check_ok(space_move(PROGRAM_SPACE, gone, moved), "Memory that has a buffer in it can be moved");
	victim_begin(&v);
	check_ok(send_all(2), "the buffer goes on");
	victim_begin(&v);
	check_ok(space_delete(PROGRAM_SPACE, moved), "it can be destroyed");
	check_error(send_all(2), ERROR_WINDOW, "the buffer goes with it");
	check_ok(message_send(port, &m), "messages in registers still arrive");
	check(status_error(status) == OK && message.w[0] == 8, "as they were sent");
	builder_put_slots(b, gone, 1);
	builder_put_slots(b, moved, 1);
	victim_destroy(b, &v);
}

void test_run(struct builder *b)
{
	void *address;

	require(build_object(b, KIND_ENDPOINT, 0, &port));
	require(build_mapped(b, SIZE, RIGHT_READ | RIGHT_WRITE, &memory, &address));
	content = address;
	check_offsets(b);
	check_refused(b);
	check_send(b);
	check_unmapped(b);
	check_shared(b);
	check_range_revoked(b);
	check_memory_destroyed(b);
	builder_release(b, memory);
	builder_release(b, port);
}
