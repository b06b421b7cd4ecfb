/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls into the firmware of an arm64 machine: SMC calling convention (Arm DEN 0028), and the functions of its Power State
   Coordination Interface (Arm DEN 0022). */
#ifndef HAL_PSCI_H
#define HAL_PSCI_H

#include <stdint.h>

/* How the firmware is reached: property `method` of /psci. The wrong one is an exception, not an error code. */
enum psci_conduit { PSCI_NONE, PSCI_HVC, PSCI_SMC };

#define PSCI_SYSTEM_OFF	  0x84000008u
#define PSCI_SYSTEM_RESET 0x84000009u
#define PSCI_CPU_ON	  0xc4000003u

/* x0..x7 in and out. */
void smc_call(enum psci_conduit conduit, uint64_t registers[8]);

#endif
