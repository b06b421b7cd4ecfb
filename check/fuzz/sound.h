/* SPDX-License-Identifier: BSD-2-Clause */
/* What the fuzzers of parsers have in common. */
#ifndef SOUND_H
#define SOUND_H

#include "hosted.h"

/* Ends the program unless the condition holds: a finding. */
static inline void sound(bool condition, const char *otherwise)
{
	if (!condition)
		hosted_abort(otherwise);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
