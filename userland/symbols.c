/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Host tool: writes the table of a program's functions (userland/lib/include/symbols.h): one line "ADDRESS NAME" for each, in
 * the order of addresses, then the address behind the code. The same program gives the same bytes on every machine.
 *
 * usage: symbols TABLE PROGRAM
 */
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct function {
	unsigned long long address;
	const char *name;
};

/* The program in memory, and the byte order of its numbers. */
static struct {
	const char *path;
	unsigned char *bytes;
	size_t size;
	bool big;
} program;

static void fail(const char *path, const char *why)
{
	fprintf(stderr, "symbols: %s: %s\n", path, why);
	exit(1);
}

static unsigned long long number64(Elf64_Xword value)
{
	return program.big ? be64toh(value) : le64toh(value);
}

static unsigned number32(Elf64_Word value)
{
	return program.big ? be32toh(value) : le32toh(value);
}

static unsigned number16(Elf64_Half value)
{
	return program.big ? be16toh(value) : le16toh(value);
}

/* `count` records of `each` bytes in the file. */
static void *part(unsigned long long offset, unsigned long long count, size_t each)
{
	if (offset > program.size || count > (program.size - offset) / each)
		fail(program.path, "something lies outside of the file");
	return program.bytes + offset;
}

static void read_program(const char *path)
{
	FILE *in = fopen(path, "rb");
	long size;

	program.path = path;
	if (in == NULL || fseek(in, 0, SEEK_END) != 0 || (size = ftell(in)) < 0 || fseek(in, 0, SEEK_SET) != 0)
		fail(path, strerror(errno));
	program.size = (size_t)size;
	program.bytes = malloc(program.size + 1);
	if (program.bytes == NULL || fread(program.bytes, 1, program.size, in) != program.size)
		fail(path, "cannot be read");
	fclose(in);
	program.bytes[program.size] = '\0';
	if (program.size < sizeof(Elf64_Ehdr) || memcmp(program.bytes, ELFMAG, SELFMAG) != 0 ||
	    program.bytes[EI_CLASS] != ELFCLASS64)
		fail(path, "no 64-bit ELF file");
	program.big = program.bytes[EI_DATA] == ELFDATA2MSB;
}

/* Section `index`. */
static const Elf64_Shdr *section(unsigned index)
{
	const Elf64_Ehdr *h = (const void *)program.bytes;
	const Elf64_Shdr *table = part(number64(h->e_shoff), number16(h->e_shnum), sizeof *table);

	if (index >= number16(h->e_shnum))
		fail(program.path, "no such section");
	return &table[index];
}

static bool is_code(unsigned index)
{
	return index != SHN_UNDEF && index < SHN_LORESERVE && (number64(section(index)->sh_flags) & SHF_EXECINSTR) != 0;
}

/* A function, or a label that assembly makes visible. */
static bool is_function(const Elf64_Sym *symbol)
{
	unsigned kind = ELF64_ST_TYPE(symbol->st_info);

	return is_code(number16(symbol->st_shndx)) &&
	       (kind == STT_FUNC || (kind == STT_NOTYPE && ELF64_ST_BIND(symbol->st_info) == STB_GLOBAL));
}

/* By address; of several names for one, the first in the alphabet is kept. */
static int compare(const void *one, const void *other)
{
	const struct function *a = one, *b = other;

	return a->address != b->address ? (a->address < b->address ? -1 : 1) : strcmp(a->name, b->name);
}

static void write_table(FILE *out, struct function *function, size_t count, unsigned long long end)
{
	unsigned long long last = 0;

	qsort(function, count, sizeof *function, compare);
	for (size_t i = 0; i < count; i++)
		if (function[i].address != last) {
			last = function[i].address;
			fprintf(out, "%llx %s\n", last, function[i].name);
		}
	fprintf(out, "%llx\n", end);
}

/* Address behind the last section of code. */
static unsigned long long code_end(void)
{
	const Elf64_Ehdr *h = (const void *)program.bytes;
	unsigned long long end = 0;

	for (unsigned i = 1; i < number16(h->e_shnum); i++) {
		const Elf64_Shdr *s = section(i);

		if (is_code(i) && number64(s->sh_addr) + number64(s->sh_size) > end)
			end = number64(s->sh_addr) + number64(s->sh_size);
	}
	return end;
}

/* Writes the functions of symbol table `table`. */
static void write_functions(FILE *out, const Elf64_Shdr *table)
{
	size_t size = (size_t)number64(table->sh_size), count = 0;
	const Elf64_Sym *symbol = part(number64(table->sh_offset), size, 1);
	const Elf64_Shdr *names = section(number32(table->sh_link));
	struct function *function = calloc(size / sizeof *symbol + 1, sizeof *function);

	if (function == NULL)
		fail(program.path, "too large");
	for (size_t i = 0; i < size / sizeof *symbol; i++)
		if (is_function(&symbol[i]))
			function[count++] = (struct function){
				.address = number64(symbol[i].st_value),
				.name = part(number64(names->sh_offset) + number32(symbol[i].st_name), 1, 1),
			};
	write_table(out, function, count, code_end());
	free(function);
}

int main(int count, char **argument)
{
	const Elf64_Ehdr *h;
	FILE *out;

	if (count != 3) {
		fprintf(stderr, "usage: symbols TABLE PROGRAM\n");
		return 2;
	}
	read_program(argument[2]);
	out = fopen(argument[1], "wb");
	if (out == NULL)
		fail(argument[1], strerror(errno));
	h = (const void *)program.bytes;
	for (unsigned i = 1; i < number16(h->e_shnum); i++)
		if (number32(section(i)->sh_type) == SHT_SYMTAB)
			write_functions(out, section(i));
	if (ferror(out) || fclose(out) != 0)
		fail(argument[1], "cannot be written");
	return 0;
}
