/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the first instructions in C to the first user thread.
 */
#include "csr.h"
#include "internal.h"

extern const char _start[];

_Noreturn void boot_main(word_t hart, uint64_t tree_physical);

/* Switches off what user level may use beyond the baseline, opens the counters that it may read, and sets sstatus for
   good: but for FS it is not written again (see trap.S). Interrupts of other cores and of devices are listened to. */
void boot_processor(void)
{
	csr_write(scounteren, SCOUNTEREN_CYCLE | SCOUNTEREN_TIME);
	(void)csr_write_if_present(CSR_SENVCFG, 0); /* cache-block instructions */
	(void)csr_write_if_present(CSR_HSTATUS, 0); /* HU: hypervisor loads and stores */
	csr_clear(sstatus, SSTATUS_SIE | SSTATUS_SPIE | SSTATUS_UBE | SSTATUS_SPP | SSTATUS_VS | SSTATUS_FS | SSTATUS_SUM |
		SSTATUS_MXR);
	csr_write(sie, INTERRUPT_SOFTWARE | (plic_open_core() ? INTERRUPT_EXTERNAL : 0));
}

/* From start.S: on the boot core's stack, at the kernel's addresses, interrupts off. */
_Noreturn void boot_main(word_t hart, uint64_t tree_physical)
{
	static struct hal_boot boot = { .physical_end = 1ul << 56 };
	memory_init();
	if (EARLY_TEST_DEVICE != 0)
		power_set_test_device(EARLY_TEST_DEVICE);
	cores_init(hart);
	tree_init(&boot, tree_physical);
	memory_choose_mode(boot.firmware_error != NULL || !tree_option(boot.tree, "sv39"));
	fpu_init();
	boot_processor();
	boot.kernel = (struct hal_range){ hal_physical_address(_start), cores_memory_end() };
	trap_resume(core_main(&boot));
}
