/* SPDX-License-Identifier: BSD-2-Clause */
/* The machines that the kernel's fuzzer starts from, and how its inputs name what is there. */
#ifndef SCENARIO_H
#define SCENARIO_H

#include "hosted.h"

struct space;

/* Boots and fills all of them; each is a saved state. */
void scenario_make(void);

/* One of them begins. */
void scenario_load(unsigned choice);

/* A handle in the table of that Space, mostly one that names something. */
handle_t scenario_handle(const struct space *space, uint8_t choice);

/* An address near others that are used. */
uintptr_t scenario_address(uint8_t choice);

#endif
