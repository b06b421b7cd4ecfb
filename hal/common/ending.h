/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of machines that cannot tell it to whoever started them: the console does. */
#ifndef HAL_ENDING_H
#define HAL_ENDING_H

#include "kernel/hal.h"

/* The last line on the console, which ci/machine.py waits for where target.ini says qemu_ok = 'none'. */
void ending_say(enum power how);

#endif
