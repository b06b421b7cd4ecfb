/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug points of threads. */
#ifndef DEBUG_H
#define DEBUG_H

#include "processor.h"

/* Loads the points of a frame, or takes away those of another. */
void debug_load(const struct hal_frame *f);

/* A debug exception: has the frame's thread met a point of its own? Then *address is the point's. */
bool debug_hit(const struct hal_frame *f, uintptr_t *address);

#endif
