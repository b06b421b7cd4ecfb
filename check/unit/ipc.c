/* SPDX-License-Identifier: BSD-2-Clause */
/* ipc */
#include "unit.h"
static const struct test tests[] = {
	{NULL, NULL},
};
const struct group ipc_group = {"ipc", START_ROOT, tests};
