/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Line input: see input.h. Bytes are only kept as they come; editing and echo happen when a reader waits. A reader that
 * died is noticed by its Reply, which has no caller any more.
 */
#include "input.h"

#include "output.h"

enum {
	CONTROL_C = 3,
	BACKSPACE = 8,
	CONTROL_U = 21,
	DELETE = 127,
	BELL = 7,
	FIRST_PRINTABLE = ' ',
	CONTINUATION_MASK = 0xc0, /* UTF-8: bytes that are not the first of a character */
	CONTINUATION = 0x80,
};

static uint8_t ahead[CONSOLE_AHEAD_MAX];
static size_t ahead_first, ahead_count;
static bool ended;         /* ^C came while nobody read */
static bool after_return;  /* a line feed that follows belongs to it */

static struct {
	handle_t slot; /* its Reply */
	bool waits;
	size_t most;
	uint8_t prompt[CONSOLE_LINE_MAX], line[CONSOLE_LINE_MAX];
	size_t prompt_length, length;
} reader;

void input_init(handle_t slot)
{
	reader.slot = slot;
}

/* Has the one whose line this is died? Then it is forgotten. */
static void forget_dead(void)
{
	struct slot_state state;

	if (!reader.waits || (space_slot(PROGRAM_SPACE, reader.slot, &state) == OK && state.original))
		return;
	(void)space_delete(PROGRAM_SPACE, reader.slot);
	reader.waits = false;
	output_fresh();
}

bool input_reading(void)
{
	forget_dead();
	return reader.waits;
}

void input_byte(uint8_t byte)
{
	if (byte == CONTROL_C && !input_reading()) {
		ahead_count = 0;
		ended = true;
	} else if (ahead_count < CONSOLE_AHEAD_MAX) {
		ahead[(ahead_first + ahead_count++) % CONSOLE_AHEAD_MAX] = byte;
	}
}

void input_show(void)
{
	output_text(reader.prompt, reader.prompt_length);
	output_text(reader.line, reader.length);
	output_mark(reader.prompt_length + reader.length > 0);
}

enum error input_read(word_t badge, size_t most)
{
	if (most == 0 || most > CONSOLE_LINE_MAX)
		return ERROR_BAD_ARGUMENT;
	if (input_reading())
		return ERROR_BUSY;
	if (ended) {
		ended = false;
		return ERROR_ABORTED;
	}
	if (thread_save_reply(PROGRAM_THREAD, reader.slot) != OK)
		return ERROR_NO_MEMORY;
	reader.waits = true;
	reader.most = most;
	reader.length = 0;
	reader.prompt_length = output_prompt(badge, reader.prompt);
	if (reader.prompt_length == 0)
		output_fresh();
	output_mark(reader.prompt_length != 0);
	return OK;
}

/* The reader's answer: the line, or an error. */
static void finish(enum error error)
{
	size_t length = error == OK ? reader.length : 0;
	struct message m = {.tag = tag_make(error, 1 + message_words(length), 0), .w = {length}};

	output_byte('\n');
	output_mark(false);
	(void)message_put(&m, 1, reader.line, length);
	reader.waits = false;
	if (message_send(reader.slot, &m) != OK) /* its windows do not matter, but its death does */
		(void)space_delete(PROGRAM_SPACE, reader.slot);
}

static void erase(void)
{
	static const uint8_t blank[] = {BACKSPACE, ' ', BACKSPACE};

	while (reader.length > 1 && (reader.line[reader.length - 1] & CONTINUATION_MASK) == CONTINUATION)
		reader.length--;
	if (reader.length == 0)
		return;
	reader.length--;
	output_text(blank, sizeof blank);
}

static void insert(uint8_t byte)
{
	if (reader.length == reader.most) {
		output_byte(BELL);
		return;
	}
	reader.line[reader.length++] = byte;
	output_byte(byte);
	output_mark(true);
}

static void interrupt_line(void)
{
	static const uint8_t text[] = {'^', 'C'};

	ahead_count = 0;
	output_text(text, sizeof text);
	finish(ERROR_ABORTED);
}

static void edit(uint8_t byte)
{
	bool line_feed = byte == '\n' && after_return;

	after_return = byte == '\r';
	if (line_feed)
		return;
	if (byte == '\r' || byte == '\n')
		finish(OK);
	else if (byte == CONTROL_C)
		interrupt_line();
	else if (byte == BACKSPACE || byte == DELETE)
		erase();
	else if (byte == CONTROL_U)
		while (reader.length > 0)
			erase();
	else if (byte >= FIRST_PRINTABLE)
		insert(byte);
}

void input_run(void)
{
	while (ahead_count > 0 && input_reading()) {
		uint8_t byte = ahead[ahead_first];

		ahead_first = (ahead_first + 1) % CONSOLE_AHEAD_MAX;
		ahead_count--;
		edit(byte);
	}
}
