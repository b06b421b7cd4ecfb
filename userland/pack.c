/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Host tool: packs files into a cpio archive of the format "newc". The same files give the same bytes on every
 * machine and in every directory: inode numbers count from 1, owner and times are 0, every file has mode 0755,
 * names are file names without directories and without the suffix ".elf".
 *
 * usage: pack ARCHIVE FILE...
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MODE = 0100755, ALIGNMENT = 4, HEADER_SIZE = 110 };

struct contents {
	unsigned char *bytes;
	size_t size;
};

static void fail(const char *path)
{
	fprintf(stderr, "pack: %s: %s\n", path, errno != 0 ? strerror(errno) : "cannot be packed");
	exit(1);
}

/* Zeros up to the next multiple of 4 after `size` bytes. */
static void pad(FILE *out, size_t size)
{
	static const char zeros[ALIGNMENT];

	fwrite(zeros, 1, (ALIGNMENT - size % ALIGNMENT) % ALIGNMENT, out);
}

static void write_entry(FILE *out, unsigned inode, unsigned mode, const char *name, const struct contents *c)
{
	size_t name_size = strlen(name) + 1;
	const unsigned fields[] = {inode, mode, 0, 0, 1, 0, (unsigned)c->size, 0, 0, 0, 0, (unsigned)name_size, 0};

	fputs("070701", out);
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		fprintf(out, "%08X", fields[i]);
	fwrite(name, 1, name_size, out);
	pad(out, HEADER_SIZE + name_size);
	if (c->size > 0)
		fwrite(c->bytes, 1, c->size, out);
	pad(out, c->size);
}

static struct contents read_file(const char *path)
{
	FILE *in = fopen(path, "rb");
	struct contents c = {NULL, 0};
	long size;

	if (in == NULL || fseek(in, 0, SEEK_END) != 0 || (size = ftell(in)) < 0 || fseek(in, 0, SEEK_SET) != 0)
		fail(path);
	c.size = (size_t)size;
	c.bytes = malloc(c.size + 1);
	if (c.bytes == NULL || fread(c.bytes, 1, c.size, in) != c.size)
		fail(path);
	fclose(in);
	return c;
}

/* Name of an entry for a file: cuts the path in place. */
static const char *entry_name(char *path)
{
	char *slash = strrchr(path, '/');
	char *name = slash != NULL ? slash + 1 : path;
	size_t length = strlen(name);

	if (length > 4 && strcmp(name + length - 4, ".elf") == 0)
		name[length - 4] = '\0';
	return name;
}

int main(int count, char **argument)
{
	const struct contents nothing = {NULL, 0};
	FILE *out;

	if (count < 3) {
		fprintf(stderr, "usage: pack ARCHIVE FILE...\n");
		return 2;
	}
	out = fopen(argument[1], "wb");
	if (out == NULL)
		fail(argument[1]);
	for (int i = 2; i < count; i++) {
		struct contents c = read_file(argument[i]);

		write_entry(out, (unsigned)i - 1, FILE_MODE, entry_name(argument[i]), &c);
		free(c.bytes);
	}
	write_entry(out, 0, 0, "TRAILER!!!", &nothing);
	if (ferror(out) || fclose(out) != 0)
		fail(argument[1]);
	return 0;
}
