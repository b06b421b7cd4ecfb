/* SPDX-License-Identifier: BSD-2-Clause */
/* cores */
#include "unit.h"
static const struct test tests[] = {
	{NULL, NULL},
};
const struct group cores_group = {"cores", START_ROOT, tests};
