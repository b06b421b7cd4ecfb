/* SPDX-License-Identifier: BSD-2-Clause */
/* A small printf: one formatter, two places where its text can go. */
#include "print.h"

#include <string.h>

#include "cobnut.h"
#include "protocol.h"

/* Where print() sends its lines. Set before there is a second thread, or not at all. */
static struct {
	handle_t handle;
	bool endpoint; /* else System */
} target;

/* Collects text; when full or at a line's end, `flush` (if there is one) takes it, else what follows is dropped. */
struct sink {
	char *text;
	size_t size, used;
	void (*flush)(struct sink *);
};

/* A conversion as parsed: %-08lx. */
struct conversion {
	size_t width;
	bool left, zeros;
	unsigned longs; /* 0: int, 1: word */
	char kind;
};

void print_to_system(handle_t system)
{
	target.handle = system;
	target.endpoint = false;
}

void print_to_endpoint(handle_t endpoint)
{
	target.handle = endpoint;
	target.endpoint = true;
}

static void put(struct sink *s, char c)
{
	if (s->used < s->size)
		s->text[s->used++] = c;
	if (s->flush != NULL && (c == '\n' || s->used == s->size))
		s->flush(s);
}

static void fill(struct sink *s, char c, size_t count)
{
	while (count-- > 0)
		put(s, c);
}

/* Text with padding; zeros go between a sign and the digits. */
static void put_padded(struct sink *s, const struct conversion *c, const char *text, size_t length)
{
	size_t padding = c->width > length ? c->width - length : 0;

	if (c->zeros && !c->left && length > 0 && text[0] == '-') {
		put(s, *text++);
		length--;
	}
	if (!c->left)
		fill(s, c->zeros ? '0' : ' ', padding);
	while (length-- > 0)
		put(s, *text++);
	if (c->left)
		fill(s, ' ', padding);
}

static void put_number(struct sink *s, const struct conversion *c, word_t value, word_t base, bool negative)
{
	char digits[sizeof(word_t) * 3 + 2];
	size_t at = sizeof digits;

	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value > 0);
	if (negative)
		digits[--at] = '-';
	put_padded(s, c, digits + at, sizeof digits - at);
}

static void put_signed(struct sink *s, const struct conversion *c, intptr_t value)
{
	put_number(s, c, value < 0 ? 0 - (word_t)value : (word_t)value, 10, value < 0);
}

/* Parses what follows a '%'; returns the first character behind it. */
static const char *parse(const char *f, struct conversion *c)
{
	*c = (struct conversion){.width = 0};
	for (;; f++) {
		if (*f == '-')
			c->left = true;
		else if (*f == '0')
			c->zeros = true;
		else
			break;
	}
	for (; *f >= '0' && *f <= '9'; f++)
		c->width = c->width * 10 + (size_t)(*f - '0');
	for (; *f == 'l' || *f == 'z'; f++)
		c->longs = 1;
	c->kind = *f;
	return *f != '\0' ? f + 1 : f;
}

static void format(struct sink *s, const char *f, va_list *arguments)
{
	struct conversion c;

	while (*f != '\0') {
		if (*f != '%') {
			put(s, *f++);
			continue;
		}
		f = parse(f + 1, &c);
		if (c.kind == 's') {
			const char *text = va_arg(*arguments, const char *);

			put_padded(s, &c, text, strlen(text));
		} else if (c.kind == 'c') {
			put(s, (char)va_arg(*arguments, int));
		} else if (c.kind == 'd') {
			put_signed(s, &c, c.longs ? va_arg(*arguments, intptr_t) : va_arg(*arguments, int));
		} else if (c.kind == 'u' || c.kind == 'x') {
			word_t value = c.longs ? va_arg(*arguments, word_t) : va_arg(*arguments, unsigned);

			put_number(s, &c, value, c.kind == 'u' ? 10 : 16, false);
		} else if (c.kind == 'p') {
			put(s, '0');
			put(s, 'x');
			put_number(s, &c, (word_t)va_arg(*arguments, void *), 16, false);
		} else if (c.kind != '\0') {
			put(s, c.kind);
		}
	}
}

/* To the kernel's console, in pieces as large as one message takes. */
static void flush_system(const char *text, size_t length)
{
	enum { PIECE = (MESSAGE_REGISTERS - 1) * sizeof(word_t) };

	for (size_t done = 0; done < length; done += PIECE)
		(void)system_log(target.handle, text + done, length - done < PIECE ? length - done : PIECE);
}

static void flush_endpoint(const char *text, size_t length)
{
	struct message m = {.w = {length}};

	(void)message_put(&m, 1, text, length);
	(void)object_call(target.handle, PROTOCOL_LINE, 1 + message_words(length), &m);
}

static void flush(struct sink *s)
{
	if (s->used > 0 && target.endpoint)
		flush_endpoint(s->text, s->used);
	else if (s->used > 0 && target.handle != HANDLE_NONE)
		flush_system(s->text, s->used);
	s->used = 0;
}

void print(const char *text, ...)
{
	char line[PRINT_LINE];
	struct sink s = {.text = line, .size = sizeof line, .flush = flush};
	va_list arguments;

	va_start(arguments, text);
	format(&s, text, &arguments);
	va_end(arguments);
	flush(&s);
}

size_t text_format(char *out, size_t size, const char *text, ...)
{
	struct sink s = {.text = out, .size = size - 1};
	va_list arguments;

	va_start(arguments, text);
	format(&s, text, &arguments);
	va_end(arguments);
	out[s.used] = '\0';
	return s.used;
}
