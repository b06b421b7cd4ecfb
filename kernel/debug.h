/* SPDX-License-Identifier: BSD-2-Clause */
/* Assertions of debug builds: an invariant of the kernel's own, never a check of what user level said. */
#ifndef KERNEL_DEBUG_H
#define KERNEL_DEBUG_H

_Noreturn void assertion_failed(const char *what, const char *file, int line);

#define ASSERT(condition)                                                     \
	do {                                                                  \
		if (COBNUT_DEBUG && !(condition))                             \
			assertion_failed(#condition, __FILE__, __LINE__);     \
	} while (0)

#endif
