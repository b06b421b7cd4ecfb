/* SPDX-License-Identifier: BSD-2-Clause */
/* Nothing yet. */
#include "bench.h"
void bench_growth(void)
{
}
