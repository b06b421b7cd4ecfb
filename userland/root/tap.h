/* SPDX-License-Identifier: BSD-2-Clause */
/* Test results in the Test Anything Protocol, version 13, on the console. */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>
#include <stddef.h>

/* The first line. */
void tap_begin(void);

/* One result: "ok N - program: text". Characters that TAP gives a meaning are replaced. */
void tap_result(bool passed, const char *program, const char *text);

/* A line for people: "# program: text". */
void tap_comment(const char *program, const char *text);

/* The plan "1..N" and the line "N passed, N failed". True: something ran and nothing failed. */
bool tap_end(void);

#endif
