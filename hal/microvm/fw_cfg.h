/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's way to pass files to firmware (docs/specs/fw_cfg.rst), by its I/O ports. */
#ifndef MICROVM_FW_CFG_H
#define MICROVM_FW_CFG_H

#include <stddef.h>
#include <stdint.h>

/* Reading begins at the start of the file with this name; returns its length, 0: there is none. */
size_t fw_cfg_open(const char *name);

/* The next bytes; behind the file's end they are zero. */
void fw_cfg_read(void *to, size_t length);

#endif
