/* SPDX-License-Identifier: BSD-2-Clause */
/* The test harness: each case is one message to the parent. */
#include "test.h"

#include <string.h>

#include "print.h"
#include "protocol.h"

static const struct program_info *program;
static word_t failed;

/* "case" if it passed, else "case (file:line: details)". */
static void report(bool passed, const char *text)
{
	size_t length = strnlen(text, PROTOCOL_TEXT_MAX);
	struct message m = {.w = {passed, length}};

	if (!passed)
		failed++;
	(void)message_put(&m, 2, text, length);
	(void)object_call(PROGRAM_PARENT, PROTOCOL_RESULT, 2 + message_words(length), &m);
}

bool test_check(bool passed, const char *name, const char *text, const char *file, int line)
{
	char line_text[PROTOCOL_TEXT_MAX + 1];

	if (!passed) {
		(void)text_format(line_text, sizeof line_text, "%s (%s:%d: %s)", name, file, line, text);
		name = line_text;
	}
	report(passed, name);
	return passed;
}

bool test_equal(word_t actual, word_t expected, const char *name, const char *text, const char *file, int line)
{
	char line_text[PROTOCOL_TEXT_MAX + 1];

	if (actual != expected) {
		(void)text_format(line_text, sizeof line_text, "%s (%s:%d: %s is 0x%lx, expected 0x%lx)", name, file, line,
				  text, actual, expected);
		name = line_text;
	}
	report(actual == expected, name);
	return actual == expected;
}

bool test_error(enum error actual, enum error expected, const char *name, const char *text, const char *file, int line)
{
	char line_text[PROTOCOL_TEXT_MAX + 1];

	if (actual != expected) {
		(void)text_format(line_text, sizeof line_text, "%s (%s:%d: %s: %s, expected %s)", name, file, line, text,
				  error_text(actual), error_text(expected));
		name = line_text;
	}
	report(actual == expected, name);
	return actual == expected;
}

void test_require(enum error error, const char *text, const char *file, int line)
{
	if (error == OK)
		return;
	(void)test_error(error, OK, "what the next cases need", text, file, line);
	program_exit(failed);
}

const struct program_info *test_info(void)
{
	return program;
}

word_t test_amount(word_t usual)
{
	word_t amount = 0;

	for (const char *digit = program->arguments; *digit >= '0' && *digit <= '9'; digit++)
		amount = amount * 10 + (word_t)(*digit - '0');
	return amount != 0 ? amount : usual;
}

word_t program_main(const struct program_info *info)
{
	static struct builder builder;

	program = info;
	builder_init_program(&builder, info);
	test_run(&builder);
	return failed;
}
