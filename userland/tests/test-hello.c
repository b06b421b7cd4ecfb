/* SPDX-License-Identifier: BSD-2-Clause */
/* The first test: does the chain from kernel to test program work? A worker adds up words that it is sent. */
#include "print.h"
#include "test.h"

enum { LABEL_SUM = 1, LONG_WORDS = MESSAGE_WORDS };

/* Answers each message with the sum of its words. */
static void sum_server(word_t endpoint)
{
	struct message m;

	(void)message_receive(endpoint, &m, 0);
	for (;;) {
		word_t sum = 0;

		for (unsigned i = 0; i < tag_words(m.tag); i++)
			sum += message_word(&m, i);
		m.tag = tag_make(OK, 1, 0);
		m.w[0] = sum;
		(void)message_answer_receive(endpoint, &m);
	}
}

static void check_start(void)
{
	const struct program_info *info = test_info();
	static word_t in_data = 42, in_bss;

	check_equal(info->magic, PROGRAM_MAGIC, "the information page is there");
	check((uintptr_t)&in_bss >= PROGRAM_IMAGE_START && (uintptr_t)&in_bss < PROGRAM_IMAGE_END,
	      "static data lies in the image");
	check(in_data == 42 && in_bss == 0, "static data has its initial values");
	check(buffer_self() == (struct buffer *)(uintptr_t)info->buffer, "the main thread finds its message buffer");
}

static void check_sums(handle_t endpoint)
{
	struct message m = {.w = {1, 2, 3, 4, 5, 6}};

	check_ok(object_call(endpoint, LABEL_SUM, 6, &m), "a call to a worker is answered");
	check_equal(m.w[0], 21, "six words arrive in registers");
	for (unsigned i = 0; i < LONG_WORDS; i++)
		message_set_word(&m, i, i);
	check_ok(object_call(endpoint, LABEL_SUM, LONG_WORDS, &m), "a call with 64 words is answered");
	check_equal(m.w[0], LONG_WORDS * (LONG_WORDS - 1) / 2, "64 words arrive");
	check_equal(tag_words(m.tag), 1, "the answer has one word");
}

static void check_objects(struct builder *b, handle_t endpoint)
{
	struct slot_state slot;
	handle_t memory;
	void *address;

	check_error(space_feed(PROGRAM_SPACE, endpoint), ERROR_WRONG_KIND, "an Endpoint is no Untyped");
	check_error(space_delete(PROGRAM_SPACE, 500), ERROR_BAD_HANDLE, "an empty slot cannot be deleted");
	check_error(system_power(PROGRAM_SYSTEM, POWER_OFF), ERROR_NO_RIGHTS, "a test may not switch the machine off");
	check_ok(build_mapped(b, 3 * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &memory, &address),
		 "memory can be made and mapped");
	if (address != NULL) {
		volatile word_t *word = address;

		check_equal(word[0], 0, "new memory is zero");
		word[0] = 7;
		check_equal(word[0], 7, "what is written can be read");
	}
	check_ok(space_slot(PROGRAM_SPACE, memory, &slot), "a slot can be queried");
	check(slot.kind == KIND_MEMORY && slot.original, "the slot holds the original Memory");
	builder_release(b, memory);
}

void test_run(struct builder *b)
{
	struct worker server;
	handle_t endpoint;

	print("# hello from %s\n", test_info()->name);
	check_start();
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(worker_create(b, sum_server, endpoint, 101, &server));
	require(worker_begin(&server));
	check_sums(endpoint);
	check_objects(b, endpoint);
	worker_destroy(b, &server);
	builder_release(b, endpoint);
}
