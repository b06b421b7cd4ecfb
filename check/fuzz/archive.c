/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzing of the boot archive's reader: an input is the archive. */
#include <stdlib.h>
#include <string.h>

#include "program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *archive = malloc(size + !size); /* exactly as long, so that the sanitizer sees a step beyond */

	memcpy(archive, data, size);
	check_program(archive, size);
	free(archive);
	return 0;
}
