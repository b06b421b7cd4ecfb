/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's half of the address space. */
#ifndef PAGING_H
#define PAGING_H

#include "kernel/hal.h"

/* Maps the image with its permissions, and drops everything that start.S had mapped. */
void paging_init(void);

/* The image: whole pages. */
struct hal_range paging_image(void);

/* Pages of the kernel's that can be pointed at any physical page. */
enum window { WINDOW_APIC, WINDOW_FIRMWARE };

/* Device registers, uncached, for good. */
volatile void *paging_map_device(enum window window, uint64_t physical);

#endif
