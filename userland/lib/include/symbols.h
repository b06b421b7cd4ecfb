/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of a program's functions. Programs in the boot archive carry no symbols; beside a program NAME the archive has the
 * entry NAME.sym, made by the host tool userland/symbols.c: lines "ADDRESS NAME", hexadecimal, in the order of the addresses, the
 * last one without a name: where the code ends. Whatever the bytes say, nothing outside of them is read.
 */
#ifndef SYMBOLS_H
#define SYMBOLS_H

#include <abi/types.h>

struct symbols {
	const char *text; /* NULL: none are known */
	size_t size;
	const void *image; /* the program, an ELF file; NULL: it is not known */
	size_t image_size;
};

/* A function that an address lies in. */
struct symbol {
	const char *name; /* inside the table, `length` characters, not terminated */
	size_t length;
	uintptr_t address; /* where the function begins */
};

enum { SYMBOL_NAME_MAX = 64, SYMBOL_TEXT_MAX = SYMBOL_NAME_MAX + 24 };

/* What an archive has of `program`; empty if there is nothing. */
struct symbols symbols_of(const void *archive, size_t size, const char *program);

/* The function that `address` lies in; false: in none, and *out is empty. */
bool symbols_find(const struct symbols *symbols, uintptr_t address, struct symbol *out);

/* Does `address` lie in the program's code? If nothing is known of it: where programs lie. */
bool symbols_code(const struct symbols *symbols, uintptr_t address);

/* The code from `address` to before `end`, in the program's file; NULL: it is not there. */
const uint8_t *symbols_bytes(const struct symbols *symbols, uintptr_t address, uintptr_t end);

/*
 * "name+0x1c" into `out` (SYMBOL_TEXT_MAX bytes), or "0x400120" if no function is known. A return address belongs to the
 * function that called, though it may point behind its end.
 */
void symbols_text(const struct symbols *symbols, uintptr_t address, bool is_return, char *out);

#endif
