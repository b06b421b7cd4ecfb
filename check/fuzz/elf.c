/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzing of the ELF reader: an input is the file, in an archive that is right. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

enum { HEADER = 112 }; /* of an entry without a name, and what aligns the file */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *archive = malloc(HEADER + size);

	memset(archive, '0', HEADER);
	memcpy(archive, "070701", 6);
	snprintf((char *)archive + 54, 9, "%08zx", size);
	archive[62] = '0';
	memcpy(archive + HEADER, data, size);
	check_program(archive, HEADER + size);
	free(archive);
	return 0;
}
