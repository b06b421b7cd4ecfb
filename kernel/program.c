/* SPDX-License-Identifier: BSD-2-Clause */
/* Archive entry and ELF: see program.h. Layouts: cpio(5) "new ASCII format"; System V ABI, chapters 4 and 5. */
#include "kernel/program.h"
#include "kernel/string.h"

enum {
	CPIO_HEADER = 110,
	CPIO_FILE_SIZE = 54,
	CPIO_NAME_SIZE = 94,
	CPIO_FIELD = 8,

	ELF_CLASS = 4,
	ELF_DATA = 5,
	ELF_CLASS_64 = 2,
	ELF_LITTLE = 1,
	ELF_BIG = 2,
	ELF_EXECUTABLE = 2,
	ELF_LOAD = 1,
	ELF_X = 1,
	ELF_W = 2,
	ELF_R = 4,
};

struct elf_header {
	unsigned char ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, program_offset, section_offset;
	uint32_t flags;
	uint16_t header_size, program_size, program_count, section_size, section_count, section_names;
};

struct elf_segment {
	uint32_t type, flags;
	uint64_t offset, address, physical, file_size, memory_size, alignment;
};

/* A field of eight hexadecimal digits; false: it is not. */
static bool hexadecimal(const char *field, size_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < CPIO_FIELD; i++) {
		char c = field[i];
		unsigned digit;

		if (c >= '0' && c <= '9')
			digit = (unsigned)(c - '0');
		else if (c >= 'A' && c <= 'F')
			digit = (unsigned)(c - 'A' + 10);
		else if (c >= 'a' && c <= 'f')
			digit = (unsigned)(c - 'a' + 10);
		else
			return false;
		*value = *value << 4 | digit;
	}
	return true;
}

/* The first entry's bytes. */
static const char *first_entry(const char *archive, size_t size, const unsigned char **file, size_t *file_size)
{
	size_t name, data;

	if (size < CPIO_HEADER)
		return "boot archive: shorter than one header";
	if (memcmp(archive, "070701", 6))
		return "boot archive: not a cpio archive (newc)";
	if (!hexadecimal(archive + CPIO_FILE_SIZE, file_size) || !hexadecimal(archive + CPIO_NAME_SIZE, &name))
		return "boot archive: a number in the first header is not hexadecimal";
	data = (CPIO_HEADER + name + 3) & ~(size_t)3;
	if (data > size || *file_size > size - data)
		return "boot archive: the first entry goes beyond the end";
	*file = (const unsigned char *)archive + data;
	return NULL;
}

static const char *check_header(const struct elf_header *h, size_t size)
{
	bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

	if (memcmp(h->ident, "\177ELF", 4))
		return "first program: not an ELF file";
	if (h->ident[ELF_CLASS] != ELF_CLASS_64)
		return "first program: not a 64-bit ELF file";
	if (h->ident[ELF_DATA] != (little ? ELF_LITTLE : ELF_BIG))
		return "first program: wrong byte order";
	if (h->machine != HAL_ELF_MACHINE)
		return "first program: for another processor";
	if (h->type != ELF_EXECUTABLE)
		return "first program: not a static executable";
	if (h->program_size != sizeof(struct elf_segment) || h->program_offset > size ||
	    h->program_count > (size - h->program_offset) / sizeof(struct elf_segment))
		return "first program: its program headers are not inside of the file";
	return NULL;
}

static unsigned segment_access(uint32_t flags)
{
	return (flags & ELF_R ? (unsigned)RIGHT_READ : 0) | (flags & ELF_W ? (unsigned)RIGHT_WRITE : 0) |
	       (flags & ELF_X ? (unsigned)RIGHT_EXECUTE : 0);
}

static const char *add_segment(struct program *p, const struct elf_segment *e, const unsigned char *file, size_t size, uintptr_t top)
{
	struct segment *s = &p->segment[p->count];
	uintptr_t page = e->address & ~(uintptr_t)(PAGE_SIZE - 1);

	if (p->count == SEGMENTS_MAX)
		return "first program: too many segments";
	if (e->offset > size || e->file_size > size - e->offset)
		return "first program: a segment goes beyond the end of the file";
	if (e->memory_size < e->file_size || e->address >= top || e->memory_size > top - e->address)
		return "first program: a segment does not fit into user space";
	if (page < p->end)
		return "first program: segments share a page or are not in order";
	s->address = page;
	s->skip = e->address - page;
	s->pages = (s->skip + e->memory_size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	s->bytes = file + e->offset;
	s->size = e->file_size;
	s->access = segment_access(e->flags);
	if (!s->access || (s->access & RIGHT_WRITE && s->access & RIGHT_EXECUTE))
		return "first program: a segment without access, or writable and executable";
	if (s->access & RIGHT_EXECUTE && p->entry >= e->address && p->entry - e->address < e->memory_size)
		p->entry_found = true;
	p->end = page + (s->pages << PAGE_SHIFT);
	p->pages += s->pages;
	p->count++;
	return NULL;
}

const char *program_read(const void *archive, size_t size, uintptr_t top, struct program *program)
{
	struct elf_header header;
	const unsigned char *file;
	const char *problem = first_entry(archive, size, &file, &size);

	*program = (struct program){0};
	if (problem)
		return problem;
	if (size < sizeof(header))
		return "first program: shorter than an ELF header";
	memcpy(&header, file, sizeof(header)); /* archives align to 4 bytes only */
	problem = check_header(&header, size);
	program->entry = header.entry;
	for (unsigned i = 0; !problem && i < header.program_count; i++) {
		struct elf_segment e;

		memcpy(&e, file + header.program_offset + i * sizeof(e), sizeof(e));
		if (e.type == ELF_LOAD && e.memory_size)
			problem = add_segment(program, &e, file, size, top);
	}
	if (!problem && !program->entry_found)
		problem = "first program: the entry point is not in an executable segment";
	return problem;
}
