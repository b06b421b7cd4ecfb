/* SPDX-License-Identifier: BSD-2-Clause */
/* memory */
#include "unit.h"
static const struct test tests[] = {
	{NULL, NULL},
};
const struct group memory_group = {"memory", START_ROOT, tests};
