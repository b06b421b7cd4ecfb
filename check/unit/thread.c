/* SPDX-License-Identifier: BSD-2-Clause */
/* thread */
#include "unit.h"
static const struct test tests[] = {
	{NULL, NULL},
};
const struct group thread_group = {"thread", START_ROOT, tests};
