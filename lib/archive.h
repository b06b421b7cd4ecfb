/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a cpio archive of the format "newc" in memory. Nothing outside of the archive's bytes is read,
 * whatever they say.
 */
#ifndef ARCHIVE_H
#define ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

struct archive {
	const uint8_t *bytes;
	size_t size;
	size_t at; /* where the next entry begins */
};

struct archive_entry {
	const char *name;    /* 0-terminated, inside the archive */
	const uint8_t *data; /* 4-byte aligned relative to the archive's start */
	size_t size;         /* bytes of data */
};

enum archive_status {
	ARCHIVE_ENTRY = 0, /* *out has the next entry */
	ARCHIVE_END,       /* the trailer was found: there are no more */
	ARCHIVE_TRUNCATED, /* a header, name or file does not end inside of the archive, or the trailer is missing */
	ARCHIVE_BAD_MAGIC, /* no newc header where one must be */
	ARCHIVE_BAD_NUMBER, /* a header field is no hexadecimal number */
	ARCHIVE_BAD_NAME,  /* a name is empty or not terminated */
};

/* Starts at the first entry. */
void archive_open(struct archive *archive, const void *bytes, size_t size);

/* The next entry, or why there is none. After anything but ARCHIVE_ENTRY the answer stays the same. */
enum archive_status archive_next(struct archive *archive, struct archive_entry *out);

/* The entry called `name`; ARCHIVE_END: there is none. */
enum archive_status archive_find(const void *bytes, size_t size, const char *name, struct archive_entry *out);

/* What a status means, for messages to people. */
const char *archive_text(enum archive_status status);

#endif
