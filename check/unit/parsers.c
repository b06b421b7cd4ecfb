/* SPDX-License-Identifier: BSD-2-Clause */
/* The device tree and the first program of the archive: good ones, and each way to be broken. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "images.h"
#include "kernel/program.h"
#include "kernel/tree.h"

enum { TREE_ROOM = 8192, ARCHIVE_ROOM = 16384, TOP = 1 << 30 };

static _Alignas(8) unsigned char tree[TREE_ROOM], archive[ARCHIVE_ROOM];

/* ---- device tree ---- */

static struct image_tree good_tree(void)
{
	return (struct image_tree){
		.cells = 2,
		.memory = {{0x80000000, 0x1000000}, {0x90000800, 0x100000}},
		.reserved = {{0x80001234, 0x10}},
		.reservation = {{0x80100000, 0x1000}},
		.archive_start = 0x80200010,
		.archive_end = 0x80300001,
	};
}

/* Reads a tree made of these facts. */
static const char *read_facts(const struct image_tree *facts, struct machine *machine)
{
	struct hal_boot boot = {.tree = tree, .tree_limit = image_tree(tree, TREE_ROOM, facts)};

	*machine = (struct machine){.archive = {0, 0}};
	return tree_read(&boot, machine);
}

static bool same(const char *have, const char *want)
{
	bool equal = have && want ? !strcmp(have, want) : have == want;

	if (!equal)
		check_at(false, have ? have : "(no problem)", want ? want : "(no problem wanted)", 0);
	return equal;
}

static void tree_good(void)
{
	struct image_tree facts = good_tree();
	struct machine m;

	for (facts.cells = 1; facts.cells <= 2; facts.cells++) {
		CHECK(same(read_facts(&facts, &m), NULL));
		CHECK_EQUAL(m.ram.count, 2);
		CHECK(m.ram.range[0].start == 0x80000000 && m.ram.range[0].end == 0x81000000);
		CHECK(m.ram.range[1].start == 0x90001000 && m.ram.range[1].end == 0x90100000); /* whole pages inside */
		CHECK_EQUAL(m.reserved.count, 2);
		CHECK(m.reserved.range[0].start == 0x80001000 && m.reserved.range[0].end == 0x80002000);
		CHECK(m.archive.start == 0x80200010 && m.archive.end == 0x80300001);
	}
	CHECK(tree_pack(tree) <= TREE_ROOM);
}

static void tree_facts_wrong(void)
{
	struct image_tree facts = good_tree();
	struct machine m;

	facts.cells = 3;
	CHECK(same(read_facts(&facts, &m), "#address-cells or #size-cells of a memory node's parent is not 1 or 2"));
	facts = good_tree();
	facts.memory[0].size = 0;
	CHECK(same(read_facts(&facts, &m), "no memory node"));
	facts = good_tree();
	facts.memory[1] = (struct image_region){UINT64_MAX - 0xfff, 0x2000};
	CHECK(same(read_facts(&facts, &m), "a memory node's reg wraps around the end of the address space"));
	facts = good_tree();
	facts.reserved[1] = (struct image_region){UINT64_MAX - 0xfff, 0x2000};
	CHECK(same(read_facts(&facts, &m), "a memory node's reg wraps around the end of the address space"));
	facts = good_tree();
	facts.reservation[1] = (struct image_region){UINT64_MAX - 0xfff, 0x2000};
	CHECK(same(read_facts(&facts, &m), "a memory reservation is not valid"));
	facts = good_tree();
	facts.archive_end = 0;
	CHECK(same(read_facts(&facts, &m), "no boot archive: /chosen has no linux,initrd-start and linux,initrd-end"));
	facts = good_tree();
	facts.archive_end = facts.archive_start;
	CHECK(same(read_facts(&facts, &m), "boot archive is empty or not in memory"));
	facts.archive_end = 0x82000000;
	CHECK(same(read_facts(&facts, &m), "boot archive is empty or not in memory"));
}

/* The sets of ranges are bounded. */
static void tree_too_much(void)
{
	struct image_tree facts = good_tree();
	struct hal_boot boot = {.tree = tree, .tree_limit = image_tree(tree, TREE_ROOM, &facts)};
	struct machine m = {.archive = {0, 0}};

	for (unsigned i = 0; i < RANGES_MAX; i++)
		ranges_add(&m.reserved, i * 0x4000, i * 0x4000 + 0x1000);
	CHECK(same(tree_read(&boot, &m), "too many reserved ranges"));
	m = (struct machine){.archive = {0, 0}};
	for (unsigned i = 0; i < RANGES_MAX; i++)
		ranges_add(&m.ram, i * 0x4000, i * 0x4000 + 0x1000);
	CHECK(same(tree_read(&boot, &m), "too many memory ranges"));
}

static void tree_bytes_wrong(void)
{
	struct image_tree facts = good_tree();
	size_t size = image_tree(tree, TREE_ROOM, &facts);
	struct hal_boot boot = {.tree = tree, .tree_limit = size, .firmware_error = "it burns"};
	struct machine m = {.archive = {0, 0}};

	CHECK(same(tree_read(&boot, &m), "it burns"));
	boot.firmware_error = NULL;
	boot.tree = NULL;
	CHECK(same(tree_read(&boot, &m), "no device tree from the firmware"));
	boot.tree = tree;
	boot.tree_limit = 16;
	CHECK(same(tree_read(&boot, &m), "device tree: bad magic number"));
	boot.tree_limit = size - 1;
	CHECK(same(tree_read(&boot, &m), "device tree: truncated, or not inside of memory"));
	boot.tree_limit = size;
	tree[4] = 1; /* 16 MiB and more */
	CHECK(same(tree_read(&boot, &m), "device tree: larger than 2 MiB"));
	tree[4] = 0;
	tree[0] ^= 1;
	CHECK(same(tree_read(&boot, &m), "device tree: bad magic number"));
	tree[0] ^= 1;
	tree[11] = 7; /* offset of the structure block */
	CHECK(same(tree_read(&boot, &m), "device tree: damaged"));
}

/* Any byte of a good tree changed: no crash, and a text or a reading. */
static void tree_bytes_changed(void)
{
	struct image_tree facts = good_tree();
	size_t size = image_tree(tree, TREE_ROOM, &facts);
	struct hal_boot boot = {.tree = tree, .tree_limit = size};

	for (size_t i = 0; i < size; i++) {
		for (unsigned bit = 0; bit < 8; bit += 3) {
			struct machine m = {.archive = {0, 0}};

			tree[i] ^= (unsigned char)(1 << bit);
			(void)tree_read(&boot, &m);
			tree[i] ^= (unsigned char)(1 << bit);
		}
	}
}

/* Reads the tree, of `size` bytes, and packs it: it must fit where it was, and stay readable. */
static size_t packed_size(size_t size)
{
	struct hal_boot boot = {.tree = tree, .tree_limit = size};
	struct machine before = {.archive = {0, 0}}, after = before;
	size_t packed;

	tree[size] = 0x5a;
	CHECK(same(tree_read(&boot, &before), NULL));
	packed = tree_pack(tree);
	CHECK(packed <= size && tree[size] == 0x5a);
	CHECK(same(tree_read(&boot, &after), NULL) && !memcmp(&before, &after, sizeof(before)));
	return packed;
}

/* A gap vanishes; a version that libfdt reads but does not pack stays as it is. */
static void tree_packed(void)
{
	struct image_tree facts = good_tree();
	size_t size = packed_size(image_tree(tree, TREE_ROOM, &facts));

	(void)image_tree(tree, TREE_ROOM, &facts);
	tree[6]++; /* of its size: 256 bytes more at the end */
	CHECK_EQUAL(packed_size(size + 256 + 64), size);
	size = image_tree(tree, TREE_ROOM, &facts);
	tree[23] = 16; /* the version */
	CHECK_EQUAL(packed_size(size), size);
}

/* ---- archive and program ---- */

/* What is wrong with the program in an archive of so many bytes. */
static const char *problem_of(size_t size, struct program *program)
{
	static char text[120];
	const char *where, *problem = program_read(archive, size, TOP, program, &where);

	if (!problem)
		return NULL;
	(void)snprintf(text, sizeof text, "%s%s", where, problem);
	return text;
}

static const char *read_program(const struct image_program *image, struct program *program)
{
	return problem_of(image_archive(archive, image), program);
}

static void program_good(void)
{
	struct image_program image = image_program_good();
	struct program p;

	CHECK(same(read_program(&image, &p), NULL));
	CHECK(p.elf.entry == 0x10100 && p.elf.segments == 2 && p.pages == 6 && p.end == 0x16000);
	CHECK(segment_page(&p.elf.segment[0]) == 0x10000 && segment_pages(&p.elf.segment[0]) == 2);
	CHECK(segment_page(&p.elf.segment[1]) == 0x12000 && segment_pages(&p.elf.segment[1]) == 4);
	CHECK(p.file == archive + IMAGE_ELF && p.elf.segment[1].access == (RIGHT_READ | RIGHT_WRITE));
}

static void archive_wrong(void)
{
	struct image_program image = image_program_good();
	size_t size = image_archive(archive, &image);
	struct program p;

	CHECK(same(problem_of(109, &p), "boot archive: the archive is truncated"));
	CHECK(same(problem_of(200, &p), "boot archive: the archive is truncated"));
	CHECK(same(problem_of(size - 1, &p), "boot archive: the archive is truncated"));
	archive[54] = 'A'; /* capital digits are digits */
	CHECK(same(problem_of(size, &p), "boot archive: the archive is truncated"));
	archive[54] = 'g';
	CHECK(same(problem_of(size, &p), "boot archive: a header field is no hexadecimal number"));
	archive[54] = '0';
	archive[94] = '/';
	CHECK(same(problem_of(size, &p), "boot archive: a header field is no hexadecimal number"));
	archive[94] = 'f'; /* a name of 4 GiB */
	CHECK(same(problem_of(size, &p), "boot archive: the archive is truncated"));
	archive[0] = '1';
	CHECK(same(problem_of(size, &p), "boot archive: no cpio header (newc) where one must be"));
	image.size = 63;
	image.segments = 0;
	CHECK(same(read_program(&image, &p), "first program: shorter than an ELF header"));
}

static void header_wrong(void)
{
	static const struct {
		unsigned at;
		unsigned char value;
		const char *problem;
	} cases[] = {
		{0, 0, "first program: no ELF file"},
		{4, 1, "first program: not a 64-bit ELF file"},
		{5, 2, "first program: ELF file of the other byte order"},
		{18, 62, "first program: ELF file for another machine"},
		{16, 3, "first program: not a static executable"},
		{54, 55, "first program: program headers of a wrong size or outside of the file"},
		{39, 1, "first program: program headers of a wrong size or outside of the file"},
		{57, 1, "first program: program headers of a wrong size or outside of the file"},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct image_program image = image_program_good();
		size_t size = image_archive(archive, &image);
		struct program p;

		archive[IMAGE_ELF + cases[i].at] = cases[i].value;
		CHECK(same(problem_of(size, &p), cases[i].problem));
	}
}

static void segments_wrong(void)
{
	static const struct {
		struct image_segment segment;
		const char *problem;
	} cases[] = {
		{{0x1f00, 0x20000, 0x200, 0x200, 1, 4}, "first program: a segment lies outside of the file"},
		{{0x3000, 0x20000, 0, 1, 1, 4}, "first program: a segment lies outside of the file"},
		{{UINT64_MAX, 0x20000, 2, 2, 1, 4}, "first program: a segment lies outside of the file"},
		{{0, 0x20000, 0x200, 0x1ff, 1, 4}, "first program: a segment is larger in the file than in memory"},
		{{0, TOP, 1, 1, 1, 4}, "first program: a segment lies outside of user space"},
		{{0, TOP - 1, 1, 2, 1, 4}, "first program: a segment lies outside of user space"},
		{{0, 0x20000, 1, UINT64_MAX, 1, 4}, "first program: a segment lies outside of user space"},
		{{0, 0x15fff, 1, 1, 1, 4}, "first program: two segments share a page"},
		{{0, 0x20000, 1, 1, 1, 0}, "first program: a segment allows no access at all"},
		{{0, 0x20000, 1, 1, 1, 7}, "first program: a segment is writable and executable"},
		{{0, 0x20000, 0, 0, 1, 7}, NULL}, /* nothing to load */
		{{0, 0x20000, 1, 1, 1, 2}, NULL},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct image_program image = image_program_good();
		struct program p;

		image.segment[2] = cases[i].segment;
		CHECK(same(read_program(&image, &p), cases[i].problem));
	}
}

static void program_wrong(void)
{
	struct image_program image = image_program_good();
	struct program p;

	image.entry = 0x12900;
	CHECK(same(read_program(&image, &p), "first program: the entry is not in an executable segment"));
	image.entry = 0x10000 + 0x1800;
	CHECK(same(read_program(&image, &p), "first program: the entry is not in an executable segment"));
	image = image_program_good();
	image.segments = 10;
	for (unsigned i = 2; i < 10; i++)
		image.segment[i] = (struct image_segment){0, 0x20000 + 0x1000 * i, 1, 1, 1, 4};
	CHECK(same(read_program(&image, &p), "first program: too many segments"));
}

/* Any byte of the headers changed. */
static void program_bytes_changed(void)
{
	for (size_t i = 0; i < IMAGE_ELF + 64 + 3 * 56; i++) {
		for (unsigned value = 0; value < 256; value += 5) {
			struct image_program image = image_program_good();
			size_t size = image_archive(archive, &image);
			struct program p;

			archive[i] = (unsigned char)value;
			(void)problem_of(size, &p);
		}
	}
}

static const struct test tests[] = {
	{"a good tree", tree_good},
	{"trees that say nonsense", tree_facts_wrong},
	{"trees that say too much", tree_too_much},
	{"trees that are damaged", tree_bytes_wrong},
	{"trees with any bit changed", tree_bytes_changed},
	{"trees that are packed, or not", tree_packed},
	{"a good program", program_good},
	{"archives that are damaged", archive_wrong},
	{"programs with another header", header_wrong},
	{"programs with wrong segments", segments_wrong},
	{"programs that cannot start", program_wrong},
	{"archives with any byte changed", program_bytes_changed},
	{NULL, NULL},
};

const struct group parsers_group = {"parsers", START_NOTHING, tests};
