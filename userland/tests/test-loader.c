/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program loader and the archive reader against broken input. A small good ELF file is built in memory; each case
 * changes one thing in a copy and expects exactly one reason. Nothing is started here.
 */
#include <string.h>

#include "archive.h"
#include "print.h"
#include "spawn.h"
#include "test.h"

enum { FILE_SIZE = 3 * PAGE_SIZE, SEGMENTS = 2, TEXT_BYTES = 64, DATA_BYTES = 32 };

/* The good file: two headers, text at 0x400000, data at 0x402000, nothing else. */
struct file {
	union {
		struct {
			struct elf_header header;
			struct elf_program_header program[SEGMENTS + 8];
		};
		uint8_t bytes[FILE_SIZE];
	};
};

static struct file good, work;

static void make_good(void)
{
	good.header = *elf_own_header();
	good.header.e_entry = 0x400010;
	good.header.e_phoff = sizeof good.header;
	good.header.e_phnum = SEGMENTS;
	good.program[0] = (struct elf_program_header){
		.p_type = ELF_SEGMENT_LOAD,
		.p_flags = ELF_FLAG_READ | ELF_FLAG_EXECUTE,
		.p_offset = PAGE_SIZE,
		.p_vaddr = 0x400000,
		.p_filesz = TEXT_BYTES,
		.p_memsz = TEXT_BYTES,
		.p_align = PAGE_SIZE,
	};
	good.program[1] = (struct elf_program_header){
		.p_type = ELF_SEGMENT_LOAD,
		.p_flags = ELF_FLAG_READ | ELF_FLAG_WRITE,
		.p_offset = 2 * PAGE_SIZE,
		.p_vaddr = 0x402000,
		.p_filesz = DATA_BYTES,
		.p_memsz = PAGE_SIZE,
		.p_align = PAGE_SIZE,
	};
}

/* One broken file: what is changed, and the reason that must be given. */
struct broken {
	const char *name;
	void (*change)(struct file *);
	enum elf_status reason;
};

/* clang-format off: one line each */
static void bad_magic(struct file *f)
{
	f->header.e_ident[1] = 'e';
}
static void other_class(struct file *f)
{
	f->header.e_ident[ELF_IDENT_CLASS] = 1;
}
static void other_order(struct file *f)
{
	f->header.e_ident[ELF_IDENT_DATA] ^= ELF_DATA_LITTLE | ELF_DATA_BIG;
}
static void no_order(struct file *f)
{
	f->header.e_ident[ELF_IDENT_DATA] = 0;
}
static void ident_version(struct file *f)
{
	f->header.e_ident[ELF_IDENT_VERSION] = 0;
}
static void file_version(struct file *f)
{
	f->header.e_version = 2;
}
static void other_machine(struct file *f)
{
	f->header.e_machine ^= 1;
}
static void relocatable(struct file *f)
{
	f->header.e_type = 1;
}
static void shared(struct file *f)
{
	f->header.e_type = 3;
}
static void small_headers(struct file *f)
{
	f->header.e_phentsize = 32;
}
static void headers_outside(struct file *f)
{
	f->header.e_phoff = FILE_SIZE - 8;
}
static void headers_far(struct file *f)
{
	f->header.e_phoff = UINT64_MAX - 8;
}
static void many_headers(struct file *f)
{
	f->header.e_phnum = UINT16_MAX;
}
static void no_headers(struct file *f)
{
	f->header.e_phnum = 0;
}
static void interpreter(struct file *f)
{
	f->program[1].p_type = ELF_SEGMENT_INTERPRETER;
}
static void dynamic(struct file *f)
{
	f->program[1].p_type = ELF_SEGMENT_DYNAMIC;
}
static void thread_local(struct file *f)
{
	f->program[1].p_type = ELF_SEGMENT_TLS;
}
static void beyond_file(struct file *f)
{
	f->program[1].p_offset = FILE_SIZE - 1;
}
static void offset_wraps(struct file *f)
{
	f->program[1].p_offset = UINT64_MAX - 3;
}
static void size_wraps(struct file *f)
{
	f->program[1].p_filesz = UINT64_MAX;
}
static void larger_in_file(struct file *f)
{
	f->program[1].p_memsz = DATA_BYTES - 1;
}
static void below_user(struct file *f)
{
	f->program[1].p_vaddr = 0;
}
static void above_user(struct file *f)
{
	f->program[1].p_vaddr = PROGRAM_IMAGE_END - 16;
}
static void in_kernel(struct file *f)
{
	f->program[1].p_vaddr = UINT64_MAX - PAGE_SIZE + 1;
}
static void huge_memory(struct file *f)
{
	f->program[1].p_memsz = UINT64_MAX;
}
static void no_access(struct file *f)
{
	f->program[1].p_flags = 0;
}
static void write_execute(struct file *f)
{
	f->program[1].p_flags |= ELF_FLAG_EXECUTE;
}
static void same_page(struct file *f)
{
	f->program[1].p_vaddr = 0x400800;
}
static void covered(struct file *f)
{
	f->program[0].p_memsz = 4 * PAGE_SIZE;
}
static void entry_in_data(struct file *f)
{
	f->header.e_entry = 0x402000;
}
static void entry_behind(struct file *f)
{
	f->header.e_entry = 0x400000 + TEXT_BYTES;
}
static void entry_zero(struct file *f)
{
	f->header.e_entry = 0;
}
/* clang-format on */

static void many_segments(struct file *f)
{
	for (unsigned i = SEGMENTS; i < SEGMENTS + 8; i++) {
		f->program[i] = f->program[1];
		f->program[i].p_vaddr += i * PAGE_SIZE;
	}
	f->header.e_phnum = SEGMENTS + 8;
}

static const struct broken broken[] = {
	{"bad magic", bad_magic, ELF_BAD_MAGIC},
	{"32-bit class", other_class, ELF_WRONG_CLASS},
	{"the other byte order", other_order, ELF_WRONG_ORDER},
	{"no byte order", no_order, ELF_WRONG_ORDER},
	{"ELF version 0", ident_version, ELF_WRONG_VERSION},
	{"file version 2", file_version, ELF_WRONG_VERSION},
	{"another machine", other_machine, ELF_WRONG_MACHINE},
	{"relocatable", relocatable, ELF_NOT_EXECUTABLE},
	{"shared or position independent", shared, ELF_NOT_EXECUTABLE},
	{"program headers of another size", small_headers, ELF_BAD_HEADERS},
	{"program headers beyond the file", headers_outside, ELF_BAD_HEADERS},
	{"program headers at an offset that wraps", headers_far, ELF_BAD_HEADERS},
	{"more program headers than fit", many_headers, ELF_BAD_HEADERS},
	{"no program headers", no_headers, ELF_NO_SEGMENTS},
	{"an interpreter", interpreter, ELF_DYNAMIC},
	{"dynamic linking", dynamic, ELF_DYNAMIC},
	{"thread-local storage", thread_local, ELF_TLS},
	{"too many segments", many_segments, ELF_TOO_MANY_SEGMENTS},
	{"a segment beyond the file", beyond_file, ELF_SEGMENT_FILE},
	{"a segment at an offset that wraps", offset_wraps, ELF_SEGMENT_FILE},
	{"a segment with a size that wraps", size_wraps, ELF_SEGMENT_FILE},
	{"a segment larger in the file than in memory", larger_in_file, ELF_SEGMENT_SIZE},
	{"a segment at address 0", below_user, ELF_SEGMENT_RANGE},
	{"a segment that reaches out of user space", above_user, ELF_SEGMENT_RANGE},
	{"a segment in the kernel's half", in_kernel, ELF_SEGMENT_RANGE},
	{"a segment as large as the address space", huge_memory, ELF_SEGMENT_RANGE},
	{"a segment without access", no_access, ELF_SEGMENT_ACCESS},
	{"a writable and executable segment", write_execute, ELF_SEGMENT_WRITE_EXECUTE},
	{"two segments in one page", same_page, ELF_SEGMENT_OVERLAP},
	{"one segment inside of another", covered, ELF_SEGMENT_OVERLAP},
	{"entry in a data segment", entry_in_data, ELF_ENTRY},
	{"entry right behind the text", entry_behind, ELF_ENTRY},
	{"entry at 0", entry_zero, ELF_ENTRY},
};

static enum elf_status read(const struct file *f, size_t size)
{
	struct elf_program program;

	return elf_read(f, size, elf_own_header()->e_machine, PROGRAM_IMAGE_START, PROGRAM_IMAGE_END, &program);
}

static void check_broken(void)
{
	char name[128];

	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		enum elf_status status;

		work = good;
		broken[i].change(&work);
		status = read(&work, FILE_SIZE);
		(void)text_format(name, sizeof name, "an ELF file is refused: %s (%s)", broken[i].name,
				  elf_text(broken[i].reason));
		check_equal(status, broken[i].reason, name);
	}
}

/* Every length of the file that cuts something off must be refused, whatever the reason. */
static void check_truncated(void)
{
	size_t needed = good.program[1].p_offset + DATA_BYTES, accepted = 0;

	for (size_t size = 0; size < needed; size++)
		accepted += read(&good, size) == ELF_OK;
	check_equal(accepted, 0, "an ELF file cut off at any length is refused");
	check_equal(read(&good, needed), ELF_OK, "the shortest whole file is accepted");
}

/* One bit after the other of both headers is flipped: the reader must survive, and accept only what it can load. */
static void check_flipped(void)
{
	struct elf_program program;
	bool sound = true;

	for (size_t bit = 0; bit < 8 * (sizeof good.header + SEGMENTS * sizeof good.program[0]); bit++) {
		work = good;
		work.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (elf_read(&work, FILE_SIZE, elf_own_header()->e_machine, PROGRAM_IMAGE_START, PROGRAM_IMAGE_END, &program) != ELF_OK)
			continue;
		for (size_t i = 0; i < program.segments; i++)
			sound = sound && program.segment[i].address >= PROGRAM_IMAGE_START &&
				program.segment[i].address + program.segment[i].memory_size <= PROGRAM_IMAGE_END &&
				program.segment[i].offset + program.segment[i].file_size <= FILE_SIZE;
	}
	check(sound, "whatever single bit is flipped, only loadable programs are accepted");
}

/* spawn() passes the reason on and leaves nothing behind; a good file is loaded and destroyed. */
static void check_spawn(struct builder *b)
{
	struct program_spec spec = {.name = "broken", .image = &work, .image_size = FILE_SIZE, .priority = 1, .ceiling = 1};
	struct spawn_failure failure = {.error = OK};
	struct program program;
	handle_t endpoint, outer;

	require(build_object(b, KIND_ENDPOINT, 0, &endpoint));
	require(builder_enter(b, 8 * 1024 * 1024, &outer));
	spec.parent = endpoint;
	spec.badge = 1;
	work = good;
	work.header.e_machine ^= 1;
	check(!spawn(b, &spec, &program, &failure) && failure.elf == ELF_WRONG_MACHINE,
	      "spawn gives the reason of a refusal");
	work = good;
	check(spawn(b, &spec, &program, &failure), "spawn loads the good file");
	check_error(untyped_reset(b->untyped), ERROR_BUSY, "its memory is in use");
	spawn_destroy(b, &program);
	check_ok(untyped_reset(b->untyped), "all of it comes back when the program is destroyed");
	spec.slots = SPACE_HANDLES_MIN - 1;
	check(!spawn(b, &spec, &program, &failure) && failure.error == ERROR_BAD_ARGUMENT, "spawn gives the kernel's error");
	check_ok(builder_leave(b, outer), "a failed spawn leaves nothing behind");
	builder_release(b, endpoint);
}

/* clang-format off */
/* A newc archive with one file "name" of four bytes, and the trailer. */
static const char archive_good[] =
	"070701" "00000001" "000081ED" "00000000" "00000000" "00000001" "00000000" "00000004" "00000000" "00000000" "00000000"
	"00000000" "00000005" "00000000" "name\0\0" "data"
	"070701" "00000000" "00000000" "00000000" "00000000" "00000001" "00000000" "00000000" "00000000" "00000000" "00000000"
	"00000000" "0000000B" "00000000" "TRAILER!!!\0\0\0";
/* clang-format on */

enum { ARCHIVE_SIZE = sizeof archive_good - 1, AT_FILE_SIZE = 6 + 6 * 8, AT_NAME_SIZE = 6 + 11 * 8, AT_NAME = 110 };

/* Reads to the end of the archive; *entries: how many there were. */
static enum archive_status read_archive(const char *bytes, size_t size, size_t *entries)
{
	struct archive archive;
	struct archive_entry entry;
	enum archive_status status;

	*entries = 0;
	archive_open(&archive, bytes, size);
	while ((status = archive_next(&archive, &entry)) == ARCHIVE_ENTRY)
		++*entries;
	return status;
}

static void check_archive_broken(size_t at, const char *text, enum archive_status reason, const char *name)
{
	static char copy[ARCHIVE_SIZE];
	size_t entries;

	memcpy(copy, archive_good, sizeof copy);
	memcpy(copy + at, text, strlen(text));
	check_equal(read_archive(copy, sizeof copy, &entries), reason, name);
}

static void check_archive(void)
{
	struct archive_entry entry;
	size_t entries, ended = 0;

	check(read_archive(archive_good, ARCHIVE_SIZE, &entries) == ARCHIVE_END && entries == 1, "a good archive is read");
	check(archive_find(archive_good, ARCHIVE_SIZE, "name", &entry) == ARCHIVE_ENTRY && entry.size == 4 &&
		      memcmp(entry.data, "data", 4) == 0,
	      "a file is found by its name");
	check_equal(archive_find(archive_good, ARCHIVE_SIZE, "other", &entry), ARCHIVE_END,
		    "a file that is not there is not found");
	for (size_t size = 0; size < ARCHIVE_SIZE - 3; size++)
		ended += read_archive(archive_good, size, &entries) != ARCHIVE_TRUNCATED;
	check_equal(ended, 0, "an archive cut off at any length is refused");
	check_archive_broken(5, "2", ARCHIVE_BAD_MAGIC, "another cpio format is refused");
	check_archive_broken(AT_FILE_SIZE, "0000000G", ARCHIVE_BAD_NUMBER, "a size that is no number is refused");
	check_archive_broken(AT_FILE_SIZE, "FFFFFFFF", ARCHIVE_TRUNCATED, "a file larger than the archive is refused");
	check_archive_broken(AT_NAME_SIZE, "FFFFFFFF", ARCHIVE_TRUNCATED, "a name larger than the archive is refused");
	check_archive_broken(AT_NAME_SIZE, "00000001", ARCHIVE_BAD_NAME, "an empty name is refused");
	check_archive_broken(AT_NAME_SIZE, "00000004", ARCHIVE_BAD_NAME, "a name without its end is refused");
}

void test_run(struct builder *b)
{
	make_good();
	check_equal(read(&good, FILE_SIZE), ELF_OK, "the good ELF file is accepted");
	check_broken();
	check_truncated();
	check_flipped();
	check_spawn(b);
	check_archive();
}
