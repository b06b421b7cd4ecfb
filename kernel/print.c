/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Console output of the kernel, and the ends: failed assertions and core_fatal. Output is polled and
 * goes through hal_console_put; it works from the first instruction on.
 */
#include "kernel/hal.h"
#include "kernel/debug.h"

#include <stdarg.h>

static void put(char c)
{
	if (c == '\n')
		hal_console_put('\r');
	hal_console_put(c);
}

static void put_string(const char *s)
{
	while (*s)
		put(*s++);
}

static void put_number(uint64_t value, unsigned base)
{
	char digits[20];
	unsigned n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (n)
		put(digits[--n]);
}

static void put_signed(int64_t value)
{
	if (value < 0)
		put('-');
	put_number(value < 0 ? -(uint64_t)value : (uint64_t)value, 10);
}

/* One conversion after '%'; returns the format behind it. */
static const char *convert(const char *format, va_list *arguments)
{
	bool is_long = *format == 'l';

	if (is_long)
		format++;
	switch (*format) {
	case 's':
		put_string(va_arg(*arguments, const char *));
		break;
	case 'c':
		put((char)va_arg(*arguments, int));
		break;
	case 'd':
		put_signed(is_long ? va_arg(*arguments, long) : va_arg(*arguments, int));
		break;
	case 'u':
	case 'x':
		put_number(is_long ? va_arg(*arguments, unsigned long) : va_arg(*arguments, unsigned),
			   *format == 'u' ? 10 : 16);
		break;
	case 'p':
		put_number((uintptr_t)va_arg(*arguments, void *), 16);
		break;
	default:
		put(*format);
	}
	return format + 1;
}

void kprintf(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	while (*format) {
		if (*format == '%') {
			format = convert(format + 1, &arguments);
		} else {
			put(*format++);
		}
	}
	va_end(arguments);
}

void core_fatal(const char *text, const struct hal_frame *f)
{
	kprintf("\ncobnut: fatal: %s (core %u)\n", text, hal_core_self());
	if (f)
		hal_frame_dump(f);
	hal_stop(POWER_FAIL);
}

void assertion_failed(const char *what, const char *file, int line)
{
	kprintf("\ncobnut: assertion failed: %s at %s:%d\n", what, file, line);
	core_fatal("assertion", NULL);
}
