/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The monitor: what its files share. It is the parent of all components of the demo: it holds what they are made of, learns of
 * their ends, and shows and changes what it holds when it is told to at its prompt.
 *
 * It calls none of its components, but for the console driver, and that for a bounded time: so whatever they do, it goes on.
 */
#ifndef MONITOR_H
#define MONITOR_H

#include "build.h"
#include "demo.h"
#include "ending.h"
#include "machine.h"
#include "print.h"
#include "spawn.h"
#include "symbols.h"

struct monitor {
	const struct program_info *info;
	struct system_state system;
	struct builder builder; /* creates from the monitor's own Untyped */
	handle_t endpoint; /* components, the test program and the prompt talk to it */
	handle_t alarm; /* Notification bound to the main thread */
	const void *tree; /* the machine's device tree */
	size_t tree_size;
	uint64_t begin; /* counter when it started */
	bool ends; /* with `status` */
	word_t status;
};
extern struct monitor monitor;

/* Bits of `alarm`: the console took too long; the running test did. */
enum { ALARM_OUTPUT = 1, ALARM_TEST = 2 };

/* ---- system.c: which components there are, and what each may reach ---- */

enum part {
	PART_NONE,
	PART_PLAYS, /* the story waits until it says MONITOR_PLAYED; then it goes on */
	PART_ENDS, /* the story waits for its end */
};

struct description {
	const char *name, *program;
	const char *arguments;
	word_t priority;
	size_t home; /* bytes of Untyped that all of it is made from, a power of two */
	size_t untyped; /* its own part of that */
	const char *const *entries; /* of the archive that it can read, up to NULL */
	enum part part;
	bool waits; /* is not started with the others */
	bool vital; /* is started again whenever it ends */
	bool drives_console;
	bool serves; /* receives from the Endpoint of its own */
	bool writes; /* to the console */
	bool speaks; /* to the log */
	bool calls_server;
	bool timer;
	bool paged; /* the pager serves its page faults */
	bool starts_crasher;
};
extern const struct description description[COMPONENT_COUNT]; /* from 1 on */

/* ---- components.c ---- */

enum component_state { COMPONENT_ABSENT, COMPONENT_ALIVE, COMPONENT_ENDED };

struct component_record {
	enum component_state state;
	struct program program; /* while it is alive */
	struct ending ending; /* the last one */
	word_t starts;
	bool held; /* somebody stopped it at the prompt */
	handle_t home; /* Untyped; HANDLE_NONE: never started */
	handle_t endpoint; /* that it serves */
	handle_t timer, data; /* made for it, from `home` */
};
extern struct component_record component[COMPONENT_COUNT];

/* Makes what all components stand on. */
enum error components_prepare(void);

/* Makes and starts component `id`, which is not alive; arguments NULL: those of the table. NULL, or why not. */
const char *component_start(word_t id, const char *arguments);

/* Destroys what is left of a component that ended so; false: not all of its memory came back. */
bool component_bury(word_t id, const struct ending *ending);

/* The component of that name; 0: there is none. */
word_t component_find(const char *name);

/* An entry of the boot archive; false: there is none. */
bool monitor_entry(const char *name, const void **data, size_t *size);

/* The functions of a program of the boot archive. */
struct symbols monitor_symbols(const char *program);

/* All of `home` is free again. */
enum error monitor_reset(handle_t home);

/* ---- output.c: what the monitor says, through the console driver, or to the kernel's console if there is none ---- */

/* Prints like print(). A console that does not take it within seconds is given up until it is started again. */
#define say(...) (output_begin(), print(__VA_ARGS__), output_end())

void output_begin(void);
void output_end(void);
void output_use_console(bool on);

/* All that was said is on the device. */
void output_drain(void);

/* The alarm goes off for the running test at `deadline`; 0: it does not. */
void output_test_deadline(uint64_t deadline);

/* Takes a line of a dump; output_flush() says what is left of them. */
void output_line(void *context, const char *text);
void output_flush(void);

/* ---- main.c ---- */

/* A component ended by itself, or a fault that nobody serves ended it. */
void monitor_ended(word_t id, const struct ending *ending);

/* Ends the monitor, and with it the machine. */
void monitor_end(word_t status);

/* ---- prompt.c: the thread that reads lines ---- */

enum label_prompt { PROMPT_LINE = PROTOCOL_OWN }; /* w0 bytes, w1.. the line -> w0 commands so far */

/* Starts it. */
enum error prompt_start(void);

/* Takes the line and works on it; the thread waits until prompt_answer() says that this is done. */
void prompt_take(const struct message *m);
void prompt_answer(void);

/* ---- commands.c ---- */

/* Works on a line, which is cut into words; false: it goes on in the background, and prompt_answer() follows. */
bool command_run(char *line);

/* ---- show.c ---- */

void show_components(void);
void show_memory(void);
void show_handles(handle_t space);
void show_schedules(void);
void show_threads(void);
void show_registers(word_t id);
void show_cores(void);

/* ---- tests.c: runs test programs of the archive ---- */

/* Starts one (with or without "test-") or all of them; false: there is none, or it cannot be started. */
bool test_start(const char *name);
bool test_start_all(void);

void test_list(void);

/* A message of the running program; its time is over. */
void test_message(const struct message *m);
void test_late(void);

#endif
