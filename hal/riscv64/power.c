/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of the machine, all cores of it: by the firmware, and by SiFive's test device where the tree has one, because
 * only that lets QEMU return a failure (the firmware's shutdown is status 0 whatever the reason). Where neither can do it the
 * console says how it ended.
 */
#include "ending.h"
#include "internal.h"
#include "sbi.h"

/* SiFive test finisher: QEMU hw/misc/sifive_test.c. */
enum { TEST_FAIL = 0x3333, TEST_PASS = 0x5555, TEST_CODE_SHIFT = 16 };

static volatile uint32_t *test_device;

void power_set_test_device(uint64_t physical)
{
	if (memory_map(physical, physical + PAGE_SIZE))
		test_device = hal_kernel_address(physical);
}

static void write_test_device(uint32_t value)
{
	if (test_device != NULL)
		*test_device = value;
}

_Noreturn void hal_stop(enum power how)
{
	switch (how) {
	case POWER_OFF:
		write_test_device(TEST_PASS);
		sbi_system_reset(SBI_RESET_SHUTDOWN, SBI_REASON_NONE);
		break;
	case POWER_REBOOT:
		sbi_system_reset(SBI_RESET_COLD_REBOOT, SBI_REASON_NONE);
		break;
	case POWER_FAIL:
		write_test_device(1 << TEST_CODE_SHIFT | TEST_FAIL);
		sbi_system_reset(SBI_RESET_SHUTDOWN, SBI_REASON_FAILURE);
		break;
	}
	ending_say(how); /* still here: the firmware cannot do it by that call, if at all */
	if (how != POWER_REBOOT)
		sbi_shutdown();
	cores_stop();
}
