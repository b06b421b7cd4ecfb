/* SPDX-License-Identifier: BSD-2-Clause */
/* preempt */
#include "unit.h"
static const struct test tests[] = {
	{NULL, NULL},
};
const struct group preempt_group = {"preempt", START_ROOT, tests};
