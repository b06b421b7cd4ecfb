/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls into the SBI firmware (RISC-V Supervisor Binary Interface 1.0). What was stored before a call is
 * visible to every hart that the call reaches.
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

/* The older call, which may just stop the hart. */
void sbi_shutdown(void);

/* The firmware has what the functions below need. */
bool sbi_has_cores(void);

/* The hart starts at the physical address, MMU off, a1 = argument. False: the firmware refused. */
bool sbi_start_hart(word_t hart, uint64_t address, word_t argument);

/* A software interrupt for the hart, or for all that were started. */
void sbi_interrupt_hart(word_t hart);
void sbi_interrupt_all(void);

/* All harts that were started, this one included, have done a fence.i on return. */
void sbi_fence_code(void);

#endif
