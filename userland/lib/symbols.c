/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of functions: read line by line; a line that is none ends it. */
#include "symbols.h"

#include <string.h>

#include "archive.h"
#include "print.h"
#include "program.h"
#include "spawn.h"

static const char suffix[] = ".sym";

struct symbols symbols_of(const void *archive, size_t size, const char *program)
{
	char name[PROGRAM_NAME_MAX + sizeof suffix];
	struct symbols symbols = {.text = NULL};
	struct archive_entry entry;

	(void)text_format(name, sizeof name, "%s%s", program, suffix);
	if (archive_find(archive, size, name, &entry) == ARCHIVE_ENTRY) {
		symbols.text = (const char *)entry.data;
		symbols.size = entry.size;
	}
	if (archive_find(archive, size, program, &entry) == ARCHIVE_ENTRY) {
		symbols.image = entry.data;
		symbols.image_size = entry.size;
	}
	return symbols;
}

const uint8_t *symbols_bytes(const struct symbols *symbols, uintptr_t address, uintptr_t end)
{
	struct elf_program elf;

	if (symbols->image == NULL || end < address ||
	    elf_read(symbols->image, symbols->image_size, elf_own_header()->e_machine, PROGRAM_IMAGE_START,
		     PROGRAM_IMAGE_END, &elf) != ELF_OK)
		return NULL;
	for (size_t i = 0; i < elf.segments; i++) {
		const struct elf_segment *s = &elf.segment[i];

		if (address >= s->address && end - s->address <= s->file_size)
			return (const uint8_t *)symbols->image + s->offset + (address - s->address);
	}
	return NULL;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The line at *at, which is moved behind it; false: there is none. */
static bool next(const struct symbols *symbols, size_t *at, struct symbol *out)
{
	const char *text = symbols->text + *at, *end, *c = text;

	if (symbols->text == NULL || *at >= symbols->size)
		return false;
	end = memchr(text, '\n', symbols->size - *at);
	if (end == NULL || digit(*text) < 0)
		return false;
	for (out->address = 0; digit(*c) >= 0; c++)
		out->address = out->address << 4 | (uintptr_t)digit(*c);
	out->name = c < end ? c + 1 : end;
	out->length = (size_t)(end - out->name);
	*at += (size_t)(end - text) + 1;
	return true;
}

bool symbols_find(const struct symbols *symbols, uintptr_t address, struct symbol *out)
{
	struct symbol line, last = {.length = 0};
	size_t at = 0;

	while (next(symbols, &at, &line)) {
		if (line.address > address) {
			*out = last;
			return last.length > 0;
		}
		last = line;
	}
	*out = (struct symbol){.length = 0};
	return false;
}

bool symbols_code(const struct symbols *symbols, uintptr_t address)
{
	struct symbol symbol;

	if (symbols->text == NULL)
		return address >= PROGRAM_IMAGE_START && address < PROGRAM_IMAGE_END;
	return symbols_find(symbols, address, &symbol);
}

void symbols_text(const struct symbols *symbols, uintptr_t address, bool is_return, char *out)
{
	char name[SYMBOL_NAME_MAX];
	struct symbol symbol;
	size_t length;

	if (!symbols_find(symbols, is_return ? address - 1 : address, &symbol)) {
		(void)text_format(out, SYMBOL_TEXT_MAX, "0x%lx", address);
		return;
	}
	length = symbol.length < sizeof name ? symbol.length : sizeof name - 1;
	memcpy(name, symbol.name, length);
	name[length] = '\0';
	(void)text_format(out, SYMBOL_TEXT_MAX, "%s+0x%lx", name, address - symbol.address);
}
