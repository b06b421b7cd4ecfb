/* SPDX-License-Identifier: BSD-2-Clause */
/* fault */
#include "unit.h"
static const struct test tests[] = {
	{NULL, NULL},
};
const struct group fault_group = {"fault", START_ROOT, tests};
