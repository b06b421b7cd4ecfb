/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text output for people: a small printf.
 *
 * Conversions: %s %c %d %u %x %p %%, the lengths l and z before d, u and x, and a minimum width with the flags
 * '-' (left) and '0' (zeros): %-12s, %04x. Anything else is copied as it stands.
 *
 * Each call collects its text line by line on its own stack and hands on whole lines (longer ones than PRINT_LINE
 * in pieces), and what is left at its end. So it may be called by any thread at any time.
 */
#ifndef PRINT_H
#define PRINT_H

#include <stdarg.h>

#include <abi/types.h>

enum { PRINT_LINE = 240 };

/* From now on print() writes to the kernel's console through this System capability [log]. */
void print_to_system(handle_t system);

/* From now on print() sends each line to this Endpoint [send] as a message PROTOCOL_LINE (protocol.h). */
void print_to_endpoint(handle_t endpoint);

/* Prints. Errors of the output are ignored: there is nobody to tell. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Formats into `out`, `size` bytes with the terminating 0 (size >= 1); what does not fit is cut off.
 * Returns the length of what was written, without the 0.
 */
size_t text_format(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
