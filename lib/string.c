/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory and string functions with the standard meaning: what the compiler, libfdt and programs call. Their
 * declarations are in the small string.h that comes with libfdt's build.
 */
#include <stdint.h>
#include <string.h>

enum { WORD_MASK = sizeof(uintptr_t) - 1 };

/* Words that are moved at a time where there are so many: else counting costs more than moving. */
struct eight {
	uintptr_t word[8];
};

/* Both at word boundaries? Then whole words can be moved. */
static int aligned(const void *a, const void *b)
{
	return (((uintptr_t)a | (uintptr_t)b) & WORD_MASK) == 0;
}

static inline void copy_eight(struct eight *restrict to, const struct eight *restrict from)
{
	to->word[0] = from->word[0];
	to->word[1] = from->word[1];
	to->word[2] = from->word[2];
	to->word[3] = from->word[3];
	to->word[4] = from->word[4];
	to->word[5] = from->word[5];
	to->word[6] = from->word[6];
	to->word[7] = from->word[7];
}

void *memcpy(void *restrict to, const void *restrict from, size_t length)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	if (aligned(t, f)) {
		for (; length >= sizeof(struct eight); length -= sizeof(struct eight)) {
			copy_eight((void *)t, (const void *)f);
			t += sizeof(struct eight);
			f += sizeof(struct eight);
		}
		for (; length >= sizeof(uintptr_t); length -= sizeof(uintptr_t)) {
			*(uintptr_t *)(void *)t = *(const uintptr_t *)(const void *)f;
			t += sizeof(uintptr_t);
			f += sizeof(uintptr_t);
		}
	}
	while (length-- > 0)
		*t++ = *f++;
	return to;
}

void *memmove(void *to, const void *from, size_t length)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	if ((uintptr_t)t - (uintptr_t)f >= length) {
		while (length-- > 0)
			*t++ = *f++;
		return to;
	}
	while (length-- > 0)
		t[length] = f[length];
	return to;
}

static inline void set_eight(struct eight *to, uintptr_t pattern)
{
	to->word[0] = pattern;
	to->word[1] = pattern;
	to->word[2] = pattern;
	to->word[3] = pattern;
	to->word[4] = pattern;
	to->word[5] = pattern;
	to->word[6] = pattern;
	to->word[7] = pattern;
}

void *memset(void *to, int value, size_t length)
{
	uint8_t *t = to;
	uintptr_t pattern = (uint8_t)value * (UINTPTR_MAX / 0xff);

	if (aligned(t, t)) {
		for (; length >= sizeof(struct eight); length -= sizeof(struct eight)) {
			set_eight((void *)t, pattern);
			t += sizeof(struct eight);
		}
		for (; length >= sizeof(uintptr_t); length -= sizeof(uintptr_t)) {
			*(uintptr_t *)(void *)t = pattern;
			t += sizeof(uintptr_t);
		}
	}
	while (length-- > 0)
		*t++ = (uint8_t)value;
	return to;
}

int memcmp(const void *one, const void *two, size_t length)
{
	const uint8_t *a = one, *b = two;

	for (; length > 0; length--, a++, b++)
		if (*a != *b)
			return *a - *b;
	return 0;
}

void *memchr(const void *in, int value, size_t length)
{
	const uint8_t *p = in;

	for (; length > 0; length--, p++)
		if (*p == (uint8_t)value)
			return (void *)(uintptr_t)p;
	return NULL;
}

size_t strlen(const char *text)
{
	size_t length = 0;

	while (text[length] != '\0')
		length++;
	return length;
}

size_t strnlen(const char *text, size_t limit)
{
	size_t length = 0;

	while (length < limit && text[length] != '\0')
		length++;
	return length;
}

int strcmp(const char *one, const char *two)
{
	while (*one != '\0' && *one == *two) {
		one++;
		two++;
	}
	return (uint8_t)*one - (uint8_t)*two;
}

int strncmp(const char *one, const char *two, size_t limit)
{
	for (; limit > 0; limit--, one++, two++) {
		if (*one != *two)
			return (uint8_t)*one - (uint8_t)*two;
		if (*one == '\0')
			return 0;
	}
	return 0;
}

char *strchr(const char *text, int c)
{
	for (;; text++) {
		if (*text == (char)c)
			return (char *)(uintptr_t)text;
		if (*text == '\0')
			return NULL;
	}
}

char *strrchr(const char *text, int c)
{
	const char *last = NULL;

	for (;; text++) {
		if (*text == (char)c)
			last = text;
		if (*text == '\0')
			return (char *)(uintptr_t)last;
	}
}
