/* SPDX-License-Identifier: BSD-2-Clause */
/* The ELF checker: each step refuses with one reason. Headers are copied out, so the file needs no alignment. */
#include "elf.h"

#include <string.h>

/* Is [offset, offset + length) inside of `size` bytes? */
static bool inside(uint64_t offset, uint64_t length, uint64_t size)
{
	return offset <= size && length <= size - offset;
}

static enum elf_status check_header(const struct elf_header *h, size_t size, uint16_t machine)
{
	static const uint8_t magic[] = {0x7f, 'E', 'L', 'F'};
	const uint8_t order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELF_DATA_LITTLE : ELF_DATA_BIG;

	if (memcmp(h->e_ident, magic, sizeof magic) != 0)
		return ELF_BAD_MAGIC;
	if (h->e_ident[ELF_IDENT_CLASS] != ELF_CLASS_64)
		return ELF_WRONG_CLASS;
	if (h->e_ident[ELF_IDENT_DATA] != order)
		return ELF_WRONG_ORDER;
	if (h->e_ident[ELF_IDENT_VERSION] != ELF_VERSION || h->e_version != ELF_VERSION)
		return ELF_WRONG_VERSION;
	if (h->e_machine != machine)
		return ELF_WRONG_MACHINE;
	if (h->e_type != ELF_TYPE_EXECUTABLE)
		return ELF_NOT_EXECUTABLE;
	if (h->e_phentsize != sizeof(struct elf_program_header) ||
	    !inside(h->e_phoff, (uint64_t)h->e_phnum * h->e_phentsize, size))
		return ELF_BAD_HEADERS;
	return ELF_OK;
}

/* First page of a segment, and first page behind it. */
static uint64_t page_first(const struct elf_segment *s)
{
	return s->address / PAGE_SIZE;
}

static uint64_t page_end(const struct elf_segment *s)
{
	return (s->address + s->memory_size - 1) / PAGE_SIZE + 1;
}

static enum elf_status check_overlap(const struct elf_program *program, const struct elf_segment *s)
{
	for (size_t i = 0; i < program->segments; i++) {
		const struct elf_segment *other = &program->segment[i];

		if (page_first(s) < page_end(other) && page_first(other) < page_end(s))
			return ELF_SEGMENT_OVERLAP;
	}
	return ELF_OK;
}

static word_t access_of(uint32_t flags)
{
	return (flags & ELF_FLAG_READ ? RIGHT_READ : 0u) | (flags & ELF_FLAG_WRITE ? RIGHT_WRITE : 0u) |
	       (flags & ELF_FLAG_EXECUTE ? RIGHT_EXECUTE : 0u);
}

/* Checks a loadable segment and adds it to the program. */
static enum elf_status add_segment(const struct elf_program_header *p, size_t size, uint64_t low, uint64_t high,
				   struct elf_program *out)
{
	const struct elf_segment s = {
		.address = p->p_vaddr,
		.memory_size = p->p_memsz,
		.offset = p->p_offset,
		.file_size = p->p_filesz,
		.access = access_of(p->p_flags),
	};
	enum elf_status status;

	if (!inside(s.offset, s.file_size, size))
		return ELF_SEGMENT_FILE;
	if (s.file_size > s.memory_size)
		return ELF_SEGMENT_SIZE;
	if (s.address < low || !inside(s.address, s.memory_size, high))
		return ELF_SEGMENT_RANGE;
	if (s.memory_size == 0)
		return ELF_OK;
	if (s.access == 0)
		return ELF_SEGMENT_ACCESS;
	if ((s.access & RIGHT_WRITE) != 0 && (s.access & RIGHT_EXECUTE) != 0)
		return ELF_SEGMENT_WRITE_EXECUTE;
	status = check_overlap(out, &s);
	if (status != ELF_OK)
		return status;
	if (out->segments == ELF_SEGMENTS_MAX)
		return ELF_TOO_MANY_SEGMENTS;
	out->segment[out->segments++] = s;
	return ELF_OK;
}

static enum elf_status check_entry(const struct elf_program *program)
{
	for (size_t i = 0; i < program->segments; i++) {
		const struct elf_segment *s = &program->segment[i];

		if ((s->access & RIGHT_EXECUTE) != 0 && program->entry >= s->address &&
		    program->entry - s->address < s->memory_size)
			return ELF_OK;
	}
	return ELF_ENTRY;
}

enum elf_status elf_read(const void *file, size_t size, uint16_t machine, uint64_t low, uint64_t high, struct elf_program *out)
{
	const uint8_t *bytes = file;
	struct elf_header h;
	enum elf_status status = ELF_OK;

	if (size < sizeof h)
		return ELF_TOO_SHORT;
	memcpy(&h, bytes, sizeof h);
	status = check_header(&h, size, machine);
	*out = (struct elf_program){.entry = h.e_entry};
	for (unsigned i = 0; status == ELF_OK && i < h.e_phnum; i++) {
		struct elf_program_header p;

		memcpy(&p, bytes + h.e_phoff + (size_t)i * sizeof p, sizeof p);
		if (p.p_type == ELF_SEGMENT_DYNAMIC || p.p_type == ELF_SEGMENT_INTERPRETER)
			status = ELF_DYNAMIC;
		else if (p.p_type == ELF_SEGMENT_TLS)
			status = ELF_TLS;
		else if (p.p_type == ELF_SEGMENT_LOAD)
			status = add_segment(&p, size, low, high, out);
	}
	if (status == ELF_OK && out->segments == 0)
		status = ELF_NO_SEGMENTS;
	return status == ELF_OK ? check_entry(out) : status;
}

const char *elf_text(enum elf_status status)
{
	static const char *const text[ELF_STATUS_COUNT] = {
		[ELF_OK] = "a good program",
		[ELF_TOO_SHORT] = "shorter than an ELF header",
		[ELF_BAD_MAGIC] = "no ELF file",
		[ELF_WRONG_CLASS] = "not a 64-bit ELF file",
		[ELF_WRONG_ORDER] = "ELF file of the other byte order",
		[ELF_WRONG_VERSION] = "unknown ELF version",
		[ELF_NOT_EXECUTABLE] = "not a static executable",
		[ELF_WRONG_MACHINE] = "ELF file for another machine",
		[ELF_BAD_HEADERS] = "program headers of a wrong size or outside of the file",
		[ELF_DYNAMIC] = "wants a dynamic linker",
		[ELF_TLS] = "has thread-local storage",
		[ELF_NO_SEGMENTS] = "nothing to load",
		[ELF_TOO_MANY_SEGMENTS] = "too many segments",
		[ELF_SEGMENT_FILE] = "a segment lies outside of the file",
		[ELF_SEGMENT_SIZE] = "a segment is larger in the file than in memory",
		[ELF_SEGMENT_RANGE] = "a segment lies outside of user space",
		[ELF_SEGMENT_ACCESS] = "a segment allows no access at all",
		[ELF_SEGMENT_WRITE_EXECUTE] = "a segment is writable and executable",
		[ELF_SEGMENT_OVERLAP] = "two segments share a page",
		[ELF_ENTRY] = "the entry is not in an executable segment",
	};

	return (unsigned)status < ELF_STATUS_COUNT ? text[status] : "unknown ELF status";
}
