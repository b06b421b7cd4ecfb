/* SPDX-License-Identifier: BSD-2-Clause */
/* notification */
#include "unit.h"
static const struct test tests[] = {
	{NULL, NULL},
};
const struct group notification_group = {"notification", START_ROOT, tests};
