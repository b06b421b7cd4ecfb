/* SPDX-License-Identifier: BSD-2-Clause */
/* context */
#include "unit.h"
static const struct test tests[] = {
	{NULL, NULL},
};
const struct group context_group = {"context", START_ROOT, tests};
