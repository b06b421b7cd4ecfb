/* SPDX-License-Identifier: BSD-2-Clause */
/* What waits to be sent, and whose line is open at the cursor. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "console.h"

/* What one message of a client can add at most, with all that belongs to it. */
enum { OUTPUT_BATCH = 2 * PROTOCOL_TEXT_MAX + 2 * CONSOLE_LINE_MAX + 8 };

/* Bytes that fit; more than that is lost. */
size_t output_room(void);

/* Adds a byte; '\n' becomes "\r\n". */
void output_byte(uint8_t byte);
void output_text(const uint8_t *text, size_t length);

/* The next byte to be sent. False: there is none. output_sent() removes it. */
bool output_next(uint8_t *byte);
void output_sent(void);

/* ---- the line at the cursor ---- */

/* Nothing stands left of the cursor: ends the line if there is one. */
void output_fresh(void);

/* The client's text, as a unit. Its line may stay open; a line that another one left open is ended first. */
void output_client(word_t badge, const uint8_t *text, size_t length);

/* The cursor stands behind text that is not output_client's (the echo), or no more. */
void output_mark(bool open);

/* What the client left open of a line, at most CONSOLE_LINE_MAX bytes; copies it and returns its length, 0 if there is none. */
size_t output_prompt(word_t badge, uint8_t *out);

#endif
