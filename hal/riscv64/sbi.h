/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls into the SBI firmware (RISC-V Supervisor Binary Interface 1.0).
 */
#ifndef RISCV64_SBI_H
#define RISCV64_SBI_H

#include <abi/types.h>

enum sbi_reset { SBI_RESET_SHUTDOWN = 0, SBI_RESET_COLD_REBOOT = 1 };
enum sbi_reset_reason { SBI_REASON_NONE = 0, SBI_REASON_FAILURE = 1 };

/* An interrupt once the counter reaches `deadline`; takes back one that is pending. */
void sbi_set_timer(uint64_t deadline);

/* Returns if the firmware cannot. */
void sbi_system_reset(enum sbi_reset type, enum sbi_reset_reason reason);

#endif
