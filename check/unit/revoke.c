/* SPDX-License-Identifier: BSD-2-Clause */
/* revoke */
#include "unit.h"
static const struct test tests[] = {
	{NULL, NULL},
};
const struct group revoke_group = {"revoke", START_ROOT, tests};
