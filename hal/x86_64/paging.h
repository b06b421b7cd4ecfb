/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's half of the address space. */
#ifndef PAGING_H
#define PAGING_H

#include "kernel/hal.h"

/* Maps the image with its permissions. A core drops what start.S had mapped by hal_space_none. */
void paging_init(void);

/* The image: whole pages. */
struct hal_range paging_image(void);

/* Pages of the kernel's that can be pointed at any physical page. */
enum window { WINDOW_APIC, WINDOW_FIRMWARE, WINDOW_LOW_PAGE, WINDOW_IOAPIC, WINDOW_IOAPIC_LAST = WINDOW_IOAPIC + 7, WINDOW_BOARD };

/* Readable and writable, uncached, for good. */
volatile void *paging_map_device(enum window window, uint64_t physical);

#endif
