/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console component (userland/console): what its clients say to it, and what its creator gives it.
 *
 * Clients hold its Endpoint [send] with a badge of their own, which tells them apart. What one client writes by one message comes
 * out in one piece. A line that a client left open (a prompt) is ended before another client's text; if that client
 * is reading, its prompt and what was typed so far come again behind it.
 *
 * One client at a time reads. What is typed while nobody reads waits (up to CONSOLE_AHEAD_MAX bytes); it is echoed when
 * it is read. Backspace and DEL take back a character, ^U all of them; Enter (CR or LF) ends the line. ^C drops the line
 * and all that waits, and ends the read; without a reader the next read ends at once.
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "cobnut.h"
#include "program.h"
#include "protocol.h"

enum label_console {
	/* Text, with its line ends: w0 bytes (1..PROTOCOL_TEXT_MAX), w1.. the bytes. Answered when it is taken; it may be sent without
	   a call, too. print_to_endpoint() sends it. */
	CONSOLE_WRITE = PROTOCOL_LINE,
	/* A line: w0 bytes wanted at most (1..CONSOLE_LINE_MAX; no more can be typed). Answered when a line is there, with label
	   OK: w0 bytes, w1.. the bytes, without line end; label ABORTED: ^C; label BUSY: another client reads. */
	CONSOLE_READ = PROTOCOL_OWN,
	/* Answered when the device has taken all that was written before. */
	CONSOLE_DRAIN = PROTOCOL_OWN + 1,
};

enum { CONSOLE_LINE_MAX = 240, CONSOLE_AHEAD_MAX = 256 };

/*
 * Handles that its creator gives, beside `data` = Memory of the device tree and `arguments` = the path of the device's node in
 * it (empty: the one that /chosen names). The program needs CONSOLE_UNTYPED_SIZE bytes of Untyped of its own.
 *
 * To start it again after its end: destroy it, make the Interrupt again (the old one ended with it), give all of it again.
 */
enum console_handle {
	CONSOLE_SERVE = PROGRAM_GIFTS, /* Endpoint [receive] */
	CONSOLE_REGISTERS,             /* Memory [read, write] of the device's first "reg", whole pages; or Ports; or Firmware */
	CONSOLE_INTERRUPT,             /* Interrupt, moved; without one the device is polled */
};
enum { CONSOLE_UNTYPED_SIZE = 64 * 1024 };

/* Writes `length` bytes, in messages of whole lines where they fit. Errors: the kernel's. */
enum error console_write(handle_t console, const char *text, size_t length);

/*
 * Waits for a line and copies it, with a 0 at its end, to `buffer`, `size` bytes (2 at least); *length (may be NULL): without the 0.
 * ABORTED: ^C was typed; BUSY: another client is reading.
 */
enum error console_read_line(handle_t console, char *buffer, size_t size, size_t *length);

/* Waits until the device has taken all that was written before. */
enum error console_drain(handle_t console);

#endif
