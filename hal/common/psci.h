/* SPDX-License-Identifier: BSD-2-Clause */
/* Power State Coordination Interface (Arm DEN 0022): calls into the firmware of an arm64 machine. */
#ifndef HAL_PSCI_H
#define HAL_PSCI_H

#include <stdint.h>

/* How the firmware is reached: property `method` of /psci. The wrong one is an exception, not an error code. */
enum psci_conduit { PSCI_NONE, PSCI_HVC, PSCI_SMC };

#define PSCI_SYSTEM_OFF	  0x84000008u
#define PSCI_SYSTEM_RESET 0x84000009u
#define PSCI_CPU_ON	  0xc4000003u

int64_t psci_call(enum psci_conduit conduit, uint32_t function, uint64_t a, uint64_t b, uint64_t c);

#endif
