/* SPDX-License-Identifier: BSD-2-Clause */
/* space */
#include "unit.h"
static const struct test tests[] = {
	{NULL, NULL},
};
const struct group space_group = {"space", START_ROOT, tests};
