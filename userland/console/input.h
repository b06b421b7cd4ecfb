/* SPDX-License-Identifier: BSD-2-Clause */
/* Line input: bytes that were typed, the one reader that waits, and the line that it edits. */
#ifndef INPUT_H
#define INPUT_H

#include "console.h"

/* `slot` is where a reader's Reply is kept. */
void input_init(handle_t slot);

/* A byte came from the device. */
void input_byte(uint8_t byte);

/* A client, whose call waits for its answer, wants a line of at most `most` bytes. BUSY: another one reads. */
enum error input_read(word_t badge, size_t most);

/* Does a reader wait whose prompt stands at the cursor? */
bool input_reading(void);

/* Shows the reader's prompt and what it typed so far, at the start of a line. */
void input_show(void);

/* Edits with what was typed, and answers the reader when its line is complete. */
void input_run(void);

#endif
