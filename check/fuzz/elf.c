/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzing of the ELF reader: an input is the file. */
#include <stdlib.h>
#include <string.h>

#include "program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *file = malloc(size + !size); /* exactly as long, so that the sanitizer sees a step beyond */
	struct elf_program p;

	memcpy(file, data, size);
	if (elf_read(file, size, HAL_ELF_MACHINE, 0, (uint64_t)1 << TOP_SHIFT, &p) == ELF_OK)
		check_elf(&p, size);
	free(file);
	return 0;
}
