/* SPDX-License-Identifier: BSD-2-Clause */
/* The newc reader. All arithmetic is on offsets that were compared with the size first. */
#include "archive.h"

#include <stdbool.h>
#include <string.h>

/* A header is six characters of magic and thirteen fields of eight hexadecimal digits. */
enum { MAGIC_SIZE = 6, FIELD_SIZE = 8, FIELDS = 13, HEADER_SIZE = MAGIC_SIZE + FIELDS * FIELD_SIZE };
enum { FIELD_FILE_SIZE = 6, FIELD_NAME_SIZE = 11 };

static const char trailer[] = "TRAILER!!!";

void archive_open(struct archive *archive, const void *bytes, size_t size)
{
	*archive = (struct archive){.bytes = bytes, .size = size, .at = 0};
}

/* Value of a hexadecimal digit, or -1. */
static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Field number `field` of the header at `header`; false: it is no number. */
static bool read_field(const uint8_t *header, size_t field, size_t *value)
{
	const uint8_t *text = header + MAGIC_SIZE + field * FIELD_SIZE;
	uint32_t result = 0;

	for (size_t i = 0; i < FIELD_SIZE; i++) {
		int d = digit(text[i]);

		if (d < 0)
			return false;
		result = result << 4 | (uint32_t)d;
	}
	*value = result;
	return true;
}

/* Rounds an offset up to a multiple of 4; `offset` is at most the archive's size. */
static size_t align(size_t offset)
{
	return offset + (4 - offset % 4) % 4;
}

enum archive_status archive_next(struct archive *archive, struct archive_entry *out)
{
	const uint8_t *header = archive->bytes + archive->at;
	size_t at, name_size, file_size;

	if (archive->at > archive->size || archive->size - archive->at < HEADER_SIZE)
		return ARCHIVE_TRUNCATED;
	if (memcmp(header, "070701", MAGIC_SIZE) != 0)
		return ARCHIVE_BAD_MAGIC;
	if (!read_field(header, FIELD_FILE_SIZE, &file_size) || !read_field(header, FIELD_NAME_SIZE, &name_size))
		return ARCHIVE_BAD_NUMBER;
	at = archive->at + HEADER_SIZE;
	if (name_size > archive->size - at)
		return ARCHIVE_TRUNCATED;
	if (name_size < 2 || archive->bytes[at + name_size - 1] != '\0')
		return ARCHIVE_BAD_NAME;
	out->name = (const char *)archive->bytes + at;
	if (strcmp(out->name, trailer) == 0)
		return ARCHIVE_END;
	at = align(at + name_size);
	if (at > archive->size || file_size > archive->size - at)
		return ARCHIVE_TRUNCATED;
	out->data = archive->bytes + at;
	out->size = file_size;
	archive->at = align(at + file_size);
	return ARCHIVE_ENTRY;
}

enum archive_status archive_find(const void *bytes, size_t size, const char *name, struct archive_entry *out)
{
	struct archive archive;
	enum archive_status status;

	archive_open(&archive, bytes, size);
	do
		status = archive_next(&archive, out);
	while (status == ARCHIVE_ENTRY && strcmp(out->name, name) != 0);
	return status;
}

const char *archive_text(enum archive_status status)
{
	switch (status) {
	case ARCHIVE_ENTRY:
		return "an entry";
	case ARCHIVE_END:
		return "no such entry";
	case ARCHIVE_TRUNCATED:
		return "the archive is truncated";
	case ARCHIVE_BAD_MAGIC:
		return "no cpio header (newc) where one must be";
	case ARCHIVE_BAD_NUMBER:
		return "a header field is no hexadecimal number";
	case ARCHIVE_BAD_NAME:
		return "a name is empty or not terminated";
	}
	return "unknown archive status";
}
