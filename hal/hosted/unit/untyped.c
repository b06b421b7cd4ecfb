/* SPDX-License-Identifier: BSD-2-Clause */
/* untyped */
#include "unit.h"
static const struct test tests[] = {
	{NULL, NULL},
};
const struct group untyped_group = {"untyped", START_ROOT, tests};
