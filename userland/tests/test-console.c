/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console component as a child of the test, with the machine's real device. What it writes goes to whoever runs the tests
 * (ci/qemu --tap), who types what a line "# type TEXT" asks for: so both ways of the device are seen to work.
 */
#include <string.h>

#include "archive.h"
#include "console.h"
#include "device.h"
#include "print.h"
#include "spawn.h"

enum { DRIVER_PRIORITY = 140, CLIENT_PRIORITY = 120, PARENT_BADGE = 77, BADGE_MAIN = 1, BADGE_OTHER = 2 };
enum { WRITERS = 3, LINES = 12, SECONDS_MAX = 20 };

static struct builder *b;
static struct archive_entry image;
static struct program driver;
static handle_t parent, endpoint, console, other, alarm;

/* ---- the driver ---- */

/* Without its interrupt the driver polls. */
static enum error start_driver(bool with_interrupt)
{
	const void *tree = machine_tree(b);
	struct memory_state state;
	struct spawn_failure failure;
	struct program_spec spec = {
		.name = "console",
		.image = image.data,
		.image_size = image.size,
		.parent = parent,
		.badge = PARENT_BADGE,
		.untyped_size = CONSOLE_UNTYPED_SIZE,
		.data = MACHINE_TREE,
		.frequency = test_info()->frequency,
		.priority = DRIVER_PRIORITY,
		.ceiling = DRIVER_PRIORITY,
		.gift = {{.handle = endpoint, .slot = CONSOLE_SERVE, .rights = RIGHT_RECEIVE},
			{.handle = MACHINE_CONSOLE, .slot = CONSOLE_REGISTERS, .rights = RIGHTS_ALL}},
	};
	handle_t interrupt = HANDLE_NONE;
	enum error error = memory_query(MACHINE_TREE, &state);

	spec.data_size = state.size;
	if (error == OK && with_interrupt) {
		error = device_make_interrupt(b, PROGRAM_SYSTEM, tree, device_console(tree), 0, &interrupt);
		spec.gift[2] = (struct program_gift){.handle = interrupt, .slot = CONSOLE_INTERRUPT, .move = true};
	}
	if (error == OK && !spawn(b, &spec, &driver, &failure))
		error = failure.error;
	if (interrupt != HANDLE_NONE)
		builder_put_slots(b, interrupt, 1);
	return error == OK ? spawn_begin(&driver) : error;
}

static void stop_driver(void)
{
	spawn_destroy(b, &driver);
}

/* ---- reading, with a limit ---- */

/* A worker that reads one line, so that the test does not wait for ever. */
static struct {
	struct worker worker;
	handle_t console;
	char text[CONSOLE_LINE_MAX + 1];
	size_t size;
	volatile bool done;
	enum error error;
} reader;

static handle_t done; /* Notification: a reader ended (1), the time is over (2) */

static void read_one(word_t unused)
{
	(void)unused;
	reader.error = console_read_line(reader.console, reader.text, reader.size, NULL);
	reader.done = true;
	(void)notification_signal(done, 1);
}

static void begin_read(handle_t from, size_t size)
{
	reader.console = from;
	reader.size = size;
	reader.done = false;
	require(worker_create(b, read_one, 0, CLIENT_PRIORITY, &reader.worker));
	require(worker_begin(&reader.worker));
}

/* Ends the reader; false: it took too long. */
static bool end_read(void)
{
	struct message m;
	word_t bits;

	(void)notification_arm(alarm, 2, arch_counter() + SECONDS_MAX * test_info()->frequency, 0);
	(void)notification_wait(done, &bits);
	(void)notification_disarm(alarm, NULL);
	worker_destroy(b, &reader.worker);
	(void)message_receive(done, &m, TAG_NOWAIT_RECEIVE);
	return reader.done;
}

static void say(handle_t to, const char *text)
{
	(void)console_write(to, text, strlen(text));
}

/* Reads a line while `order` is written: is it `expected`? */
static bool typed(const char *order, size_t size, const char *expected)
{
	begin_read(console, size);
	say(other, order);
	return end_read() && reader.error == OK && strcmp(reader.text, expected) == 0;
}

/* ---- cases ---- */

static void lines(void)
{
	check(typed("# type hello\\x0d\n", 80, "hello"), "what is typed is a line");
	check(typed("# type \\x0d\n", 80, ""), "an empty line is a line");
	check(typed("# type abx\\x7fcy\\x08d\\x0a\n", 80, "abcd"), "backspace and DEL take one character back");
	check(typed("# type \\x08\\x7fa\\x08\\x08b\\x0d\n", 80, "b"), "there is nothing to take back before the line");
	check(typed("# type wrong\\x15right\\x0d\n", 80, "right"), "^U takes the whole line back");
	check(typed("# type 12345678\\x0d\n", 5, "1234"), "no more can be typed than the reader wants");
	check(typed("# type a\\x01\\x1b\\x02b\\x0d\n", 80, "ab"), "control characters are left out");
	check(typed("# type one\\x0d\\x0atwo\\x0d\n", 80, "one"), "CR LF ends one line");
	check(typed("# type three\\x0d\n", 80, "two"), "what was typed ahead is the next line");
	check(typed("\n", 80, "three"), "and the next one");
}

static void breaks(void)
{
	begin_read(console, 80);
	say(other, "# type dropped\\x03\n");
	check(end_read() && reader.error == ERROR_ABORTED, "^C ends the read");
	check(typed("# type kept\\x0d\n", 80, "kept"), "and what was typed before it is gone");
}

static void one_reader(void)
{
	char text[8];

	begin_read(console, 80);
	check_error(console_read_line(other, text, sizeof text, NULL), ERROR_BUSY, "a second reader is told so");
	worker_destroy(b, &reader.worker);
	check(typed("# type alive\\x0d\n", 80, "alive"), "a reader that died is forgotten");
}

static void bad_calls(void)
{
	struct message m = {.w = {PROTOCOL_TEXT_MAX + 1}};

	check_error(object_call(console, CONSOLE_WRITE, MESSAGE_WORDS, &m), ERROR_BAD_ARGUMENT, "too long a text is refused");
	m = (struct message){.w = {9}};
	check_error(object_call(console, CONSOLE_WRITE, 2, &m), ERROR_BAD_ARGUMENT, "a text that did not come is refused");
	m = (struct message){.w = {0}};
	check_error(object_call(console, CONSOLE_READ, 1, &m), ERROR_BAD_ARGUMENT, "a line of no length is refused");
	m = (struct message){.w = {CONSOLE_LINE_MAX + 1}};
	check_error(object_call(console, CONSOLE_READ, 1, &m), ERROR_BAD_ARGUMENT, "too long a line is refused");
	check_error(object_call(console, PROTOCOL_OWN + 9, 0, &m), ERROR_BAD_ARGUMENT, "an unknown label is refused");
}

/* ---- several writers ---- */

static handle_t writer_console[WRITERS];

static void write_lines(word_t id)
{
	char text[40];

	for (unsigned i = 0; i < LINES; i++) {
		size_t length = text_format(text, sizeof text, "# type %lu%c\\x0d\n", id, 'a' + (int)i);

		(void)console_write(writer_console[id], text, length);
		yield();
	}
}

/* Each line that comes back is a writer's next one. */
static bool all_come(void)
{
	unsigned seen[WRITERS] = {0};

	for (unsigned i = 0; i < WRITERS * LINES; i++) {
		unsigned id;

		begin_read(console, 80);
		if (!end_read() || reader.error != OK || strlen(reader.text) != 2)
			return false;
		id = (unsigned)(reader.text[0] - '0');
		if (id >= WRITERS || reader.text[1] != (char)('a' + seen[id]++))
			return false;
	}
	return true;
}

static void many_writers(void)
{
	struct worker writer[WRITERS];

	for (word_t id = 0; id < WRITERS; id++) {
		require(build_derived(b, endpoint, RIGHT_SEND, 10 + id, &writer_console[id]));
		require(worker_create(b, write_lines, id, 90, &writer[id]));
		require(worker_begin(&writer[id]));
	}
	check(all_come(), "lines of several writers come out whole and in order, none is lost");
	for (word_t id = WRITERS; id-- > 0;) {
		worker_destroy(b, &writer[id]);
		builder_release(b, writer_console[id]);
	}
}

static void restarts(void)
{
	bool well = true;

	for (unsigned i = 0; i < 3; i++) {
		begin_read(console, 80);
		say(console, "half a line");
		stop_driver();
		well = well && end_read() && reader.error == ERROR_GONE;
		well = well && start_driver(true) == OK && typed("\n# type again\\x0d\n", 80, "again");
	}
	check(well, "a driver that was killed starts again, its reader is told");
	stop_driver();
	check_ok(start_driver(false), "without an interrupt it starts, too");
	check(typed("# type polled\\x0d\n", 80, "polled"), "and polls");
}

void test_run(struct builder *builder)
{
	b = builder;
	require(archive_find((const void *)(uintptr_t)test_info()->data_address, (size_t)test_info()->data_size, "console-driver",
			     &image) == ARCHIVE_ENTRY
			? OK
			: ERROR_BAD_ARGUMENT);
	require(build_object(b, KIND_ENDPOINT, 0, &parent));
	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(build_derived(b, endpoint, RIGHT_SEND, BADGE_MAIN, &console));
	require(build_derived(b, endpoint, RIGHT_SEND, BADGE_OTHER, &other));
	require(build_object(b, KIND_NOTIFICATION, 0, &done));
	require(build_derived(b, done, RIGHT_ARM, 2, &alarm));
	check_ok(start_driver(true), "the console starts with the device that the tree names");
	lines();
	breaks();
	one_reader();
	bad_calls();
	many_writers();
	restarts();
	check_ok(console_drain(console), "all that was written is sent");
	stop_driver();
}
