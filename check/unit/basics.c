/* SPDX-License-Identifier: BSD-2-Clause */
/* The core's small C library, bits, kprintf, ranges. */
#define _POSIX_C_SOURCE 200809L /* strnlen */
#include "core.h"
#include "unit.h"

#include "kernel/bits.h"
#include "kernel/ranges.h"

#include <string.h>

enum { SIZE = 64 };

static void fill(unsigned char *to, unsigned seed)
{
	for (unsigned i = 0; i < SIZE; i++)
		to[i] = (unsigned char)(i * 7 + seed);
}

/* Every alignment and length: what lies around must stay. */
static void copies(void)
{
	_Alignas(8) unsigned char from[SIZE], to[SIZE], want[SIZE];

	for (unsigned at = 0; at < 10; at++) {
		for (unsigned source = 0; source < 10; source++) {
			for (unsigned n = 0; n < 40; n++) {
				fill(from, 1);
				fill(to, 100);
				fill(want, 100);
				for (unsigned i = 0; i < n; i++)
					want[at + i] = from[source + i];
				CHECK(memcpy(to + at, from + source, n) == to + at);
				CHECK(!memcmp(to, want, SIZE));
			}
		}
	}
}

static void moves(void)
{
	unsigned char have[SIZE], from[SIZE];

	for (unsigned at = 0; at < 20; at++) {
		for (unsigned source = 0; source < 20; source++) {
			bool right = true;

			fill(have, 3);
			fill(from, 3);
			CHECK(memmove(have + at, have + source, 30) == have + at);
			for (unsigned i = 0; i < SIZE; i++)
				right = right && have[i] == (i >= at && i < at + 30 ? from[source + i - at] : from[i]);
			CHECK(right);
		}
	}
}

static void sets(void)
{
	_Alignas(8) unsigned char have[SIZE];

	for (unsigned at = 0; at < 10; at++) {
		for (unsigned n = 0; n < 40; n++) {
			bool right = true;

			fill(have, 0);
			CHECK(memset(have + at, 0x15a, n) == have + at);
			for (unsigned i = 0; i < SIZE; i++)
				right = right && have[i] == (i >= at && i < at + n ? 0x5a : (unsigned char)(i * 7));
			CHECK(right);
		}
	}
}

static void strings(void)
{
	static const char text[] = "a kernel, a kernel";

	CHECK(memcmp("abc", "abd", 3) < 0 && memcmp("b", "a", 1) > 0 && !memcmp("ab", "ac", 1) && memcmp("\x80", "\x7f", 1) > 0);
	CHECK(memchr(text, 'k', sizeof(text)) == text + 2 && !memchr(text, 'k', 2) && memchr(text, 0, sizeof(text)) == text + 18);
	CHECK_EQUAL(strlen(text), 18);
	CHECK(strnlen(text, 5) == 5 && strnlen("ab", 5) == 2);
	CHECK(strcmp("a", "a") == 0 && strcmp("a", "b") < 0 && strcmp("ab", "a") > 0 && strcmp("\x80", "a") > 0);
	CHECK(strncmp("abc", "abd", 2) == 0 && strncmp("abc", "abd", 3) < 0 && strncmp("a", "a", 5) == 0 && strncmp("b", "a", 0) == 0);
	CHECK(strchr(text, 'l') == text + 7 && !strchr(text, 'z') && strchr(text, 0) == text + 18);
	CHECK(strrchr(text, 'l') == text + 17 && !strrchr(text, 'z') && strrchr(text, 0) == text + 18);
}

static void bit_positions(void)
{
	for (unsigned bit = 0; bit < 64; bit++) {
		uint64_t value = (uint64_t)1 << bit;

		CHECK_EQUAL(highest_bit(value), bit);
		CHECK_EQUAL(lowest_bit(value), bit);
		CHECK_EQUAL(highest_bit(value | 1), bit);
		CHECK_EQUAL(lowest_bit(value | (uint64_t)1 << 63), bit);
	}
}

static void printing(void)
{
	static const char want[] = "s c -5 4294967291 7f -9223372036854775808 18446744073709551615 ffffffffffffffff 10 %\n";

	hosted_console_clear();
	kprintf("%s %c %d %u %x %ld %lu %lx %p %%\n", "s", 'c', -5, -5, 0x7f, INT64_MIN, UINT64_MAX, UINT64_MAX, (void *)16);
	CHECK(!strcmp(hosted.console, want));
}

/* A set of ranges against a set of bits. */
static void random_ranges(void)
{
	struct ranges set = {.count = 0};
	bool bits[200] = {false};

	for (unsigned step = 0; step < 3000; step++) {
		uint32_t start = random_below(200), end = random_below(200), count = 0;
		bool add = random_below(2);

		CHECK(add ? ranges_add(&set, start, end) : ranges_remove(&set, start, end));
		for (uint32_t i = start; i < end; i++)
			bits[i] = add;
		for (uint32_t i = 0; i < 200; i++)
			count += bits[i] && (i == 0 || !bits[i - 1]);
		CHECK_EQUAL(set.count, count);
		for (unsigned i = 0; i < set.count; i++) {
			uint32_t from = (uint32_t)set.range[i].start, to = (uint32_t)set.range[i].end;

			CHECK(from < to && bits[from] && bits[to - 1] && (to == 200 || !bits[to]) && ranges_contain(&set, from, to));
			CHECK(!ranges_contain(&set, from, to + 1) && !ranges_contain(&set, from, from));
		}
	}
}

static void full_ranges(void)
{
	struct ranges set = {.count = 0};

	for (unsigned i = 0; i < RANGES_MAX; i++)
		CHECK(ranges_add(&set, 10 * i, 10 * i + 5));
	CHECK(!ranges_add(&set, 10 * RANGES_MAX, 10 * RANGES_MAX + 1));
	CHECK(ranges_add(&set, 5, 10));                  /* merges two */
	CHECK(ranges_remove(&set, 40, 43) && set.count == RANGES_MAX - 1);
	CHECK(ranges_remove(&set, 52, 53));              /* splits one: full again */
	CHECK(!ranges_remove(&set, 62, 63));
}

static const struct test tests[] = {
	{"copying", copies},
	{"copying over itself", moves},
	{"setting", sets},
	{"strings", strings},
	{"bit positions", bit_positions},
	{"kprintf", printing},
	{"ranges, at random", random_ranges},
	{"ranges, full", full_ranges},
	{NULL, NULL},
};

const struct group basics_group = {"basics", START_NOTHING, tests};
