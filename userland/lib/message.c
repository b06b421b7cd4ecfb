/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages: access to words in registers and in the buffer, and the names of errors. */
#include "message.h"

#include <string.h>

struct main_thread main_thread;

word_t message_word(const struct message *m, unsigned index)
{
	return index < MESSAGE_REGISTERS ? m->w[index] : buffer_self()->word[index % MESSAGE_WORDS];
}

void message_set_word(struct message *m, unsigned index, word_t value)
{
	if (index < MESSAGE_REGISTERS)
		m->w[index] = value;
	else
		buffer_self()->word[index % MESSAGE_WORDS] = value;
}

/* `length`, or the bytes that fit into the words from `first` on. */
static size_t fit(unsigned first, size_t length)
{
	size_t room = first < MESSAGE_WORDS ? (MESSAGE_WORDS - first) * sizeof(word_t) : 0;

	return length < room ? length : room;
}

size_t message_put(struct message *m, unsigned first, const void *bytes, size_t length)
{
	const uint8_t *from = bytes;
	size_t left = fit(first, length), done = 0;

	while (done < left) {
		word_t value = 0;
		size_t part = left - done < sizeof value ? left - done : sizeof value;

		memcpy(&value, from + done, part);
		message_set_word(m, first++, value);
		done += part;
	}
	return done;
}

size_t message_get(const struct message *m, unsigned first, void *bytes, size_t length)
{
	uint8_t *to = bytes;
	size_t left = fit(first, length), done = 0;

	while (done < left) {
		word_t value = message_word(m, first++);
		size_t part = left - done < sizeof value ? left - done : sizeof value;

		memcpy(to + done, &value, part);
		done += part;
	}
	return done;
}

const char *error_text(enum error error)
{
	static const char *const text[ERROR_COUNT] = {
		[OK] = "ok",
		[ERROR_BAD_HANDLE] = "bad handle",
		[ERROR_WRONG_KIND] = "wrong kind",
		[ERROR_NO_RIGHTS] = "no rights",
		[ERROR_BAD_ARGUMENT] = "bad argument",
		[ERROR_BUSY] = "busy",
		[ERROR_WOULD_BLOCK] = "would block",
		[ERROR_NO_MEMORY] = "no memory",
		[ERROR_WINDOW] = "window",
		[ERROR_GONE] = "gone",
		[ERROR_ABORTED] = "aborted",
		[ERROR_DEADLINE] = "deadline",
	};

	return (unsigned)error < ERROR_COUNT ? text[error] : "unknown error";
}
