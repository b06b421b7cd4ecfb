/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Open Firmware's device tree as a flattened one (IEEE 1275; its 64-bit and 32-bit client interfaces look the same).
 */
#ifndef OPENFIRMWARE_H
#define OPENFIRMWARE_H

#include <stddef.h>
#include <stdint.h>

/* The boot archive as the loader's registers name it; size 0: they do not. */
struct openfirmware_archive {
	uint64_t start, size;
};

/* Copies the whole tree into `buffer` (real addresses below 4 GiB), tells firmware to be quiet, and returns NULL; or
   says what went wrong. `entry` is the client interface, in real mode. Firmware must not be called afterwards. */
const char *openfirmware_flatten(uint64_t entry, const struct openfirmware_archive *archive, void *buffer, size_t size);

/* The HAL's: performs one request, both real addresses. Not 0: firmware does not know the service. */
int openfirmware_call(uint64_t request, uint64_t entry);

#endif
