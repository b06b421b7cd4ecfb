/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The test harness. Each file test-<topic>.c is one program, alone in its Space; it supplies test_run() and reports
 * each case with one of the macros. The root component prints the results (TAP), sees to faults and
 * hangs, and checks afterwards that all memory came back.
 *
 *	void test_run(struct builder *b)
 *	{
 *		handle_t endpoint;
 *
 *		check_ok(build_object(b, KIND_ENDPOINT, 0, &endpoint), "an Endpoint can be created");
 *		check_error(space_feed(PROGRAM_SPACE, endpoint), ERROR_WRONG_KIND, "an Endpoint is no Untyped");
 *		builder_release(b, endpoint);
 *	}
 *
 * A program finds in its table: PROGRAM_UNTYPED (tens of megabytes), PROGRAM_SYSTEM [log, trace], PROGRAM_DEVICE (16 KiB where no
 * device answers; absent where the machine has no such place); it runs at priority 100 and may go up to 200.
 * Faults and exceptions of the main thread, and of workers that were not bound otherwise, end the program as failed.
 */
#ifndef TEST_H
#define TEST_H

#include "build.h"
#include "program.h"
#include "worker.h"

/* What a test program supplies. `b` builds from PROGRAM_UNTYPED. */
void test_run(struct builder *b);

/* What the program was started with. */
const struct program_info *test_info(void);

/* How much the run is to do if it was told (`ci/qemu --amount`), else `usual`. */
word_t test_amount(word_t usual);

/* A case: `condition` must hold. Returns it, so that what depends on it can be left out. */
#define check(condition, name) test_check((condition), (name), #condition, __FILE_NAME__, __LINE__)

/* A case: two numbers (word_t) must be equal; both are shown if not. */
#define check_equal(actual, expected, name) \
	test_equal((word_t)(actual), (word_t)(expected), (name), #actual, __FILE_NAME__, __LINE__)

/* A case: a call must return OK, or exactly this error; what it returned is shown if not. */
#define check_ok(call, name) test_error((call), OK, (name), #call, __FILE_NAME__, __LINE__)
#define check_error(call, error, name) test_error((call), (error), (name), #call, __FILE_NAME__, __LINE__)

/*
 * No case, but what the following cases stand on: if the call does not return OK, that is reported as a failed
 * case and the program ends.
 */
#define require(call) test_require((call), #call, __FILE_NAME__, __LINE__)

/* What the macros call. */
bool test_check(bool passed, const char *name, const char *text, const char *file, int line);
bool test_equal(word_t actual, word_t expected, const char *name, const char *text, const char *file, int line);
bool test_error(enum error actual, enum error expected, const char *name, const char *text, const char *file, int line);
void test_require(enum error error, const char *text, const char *file, int line);

#endif
