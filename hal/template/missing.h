/* SPDX-License-Identifier: BSD-2-Clause */
/* What a port lacks: says it and stops. */
#ifndef MISSING_H
#define MISSING_H

#include "kernel/hal.h"

/* Prints "cobnut: missing: " and the text, where there is a console, and stops the machine, where there is a way. A debugger finds
   the text in `missing_text` in any case. */
_Noreturn void missing(const char *what);

#endif
