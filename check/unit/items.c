/* SPDX-License-Identifier: BSD-2-Clause */
/* items */
#include "unit.h"
static const struct test tests[] = {
	{NULL, NULL},
};
const struct group items_group = {"items", START_ROOT, tests};
