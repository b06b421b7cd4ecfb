/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Other cores: INIT and two STARTUP messages (SDM 3A, 8.4.4.1) make a core run a page below 1 MiB in real mode,
 * which gets start.S's trampoline. A core finds its number by its local interrupt controller's, so it does not
 * matter in which order they arrive. Cores with numbers of 255 and above, which need x2APIC, are left out.
 */
#include "secondary.h"

#include "local_apic.h"
#include "paging.h"

#include <string.h>

enum { APIC_BROADCAST = 0xff, INIT_DELAY = 100, STARTUP_DELAY = 5000 /* parts of a second */ };

/* start.S */
extern const uint8_t trampoline[], trampoline_end[];

uint32_t core_apics[CORES_MAX]; /* start.S searches it */
static bool arrived[CORES_MAX];
static unsigned count;
static uint64_t low_page;
static unsigned stopping; /* 1 + number of the core that ends the machine */

unsigned hal_core_count(void)
{
	return count;
}

uint32_t secondary_apic(unsigned core)
{
	return core_apics[core];
}

void secondary_init(const struct platform *p)
{
	memset(core_apics, 0xff, sizeof(core_apics));
	core_apics[0] = p->boot_cpu;
	count = 1;
	secondary_arrived();
	low_page = p->low_page;
	for (unsigned i = 0; low_page != 0 && i < p->cpus && count < CORES_MAX; i++)
		if (p->cpu[i] != p->boot_cpu && p->cpu[i] < APIC_BROADCAST)
			core_apics[count++] = p->cpu[i];
	if (count > 1)
		memcpy((uint8_t *)(uintptr_t)paging_map_device(WINDOW_LOW_PAGE, low_page), trampoline,
		       (size_t)(trampoline_end - trampoline));
}

static void delay(uint64_t parts)
{
	uint64_t end = hal_clock() + hal_clock_frequency() / parts;

	while (hal_clock() < end)
		hal_relax();
}

bool hal_core_start(unsigned core)
{
	apic_send(core_apics[core], APIC_MESSAGE_INIT);
	delay(INIT_DELAY);
	for (unsigned i = 0; i < 2; i++) {
		apic_send(core_apics[core], APIC_MESSAGE_STARTUP | (uint32_t)(low_page >> PAGE_SHIFT));
		delay(STARTUP_DELAY);
	}
	return true;
}

void hal_ipi(unsigned core)
{
	apic_send(core_apics[core], APIC_MESSAGE_FIXED | VECTOR_IPI);
}

void secondary_arrived(void)
{
	__atomic_store_n(&arrived[hal_core_self()], true, __ATOMIC_RELEASE);
}

/* Cores that wait for being started must not get an NMI: QEMU 7.2 wakes them. */
void secondary_stop(void)
{
	unsigned none = 0, self = hal_core_self();

	if (!__atomic_compare_exchange_n(&stopping, &none, 1 + self, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		secondary_stopped();
		return;
	}
	for (unsigned i = 0; i < count; i++)
		if (i != self && __atomic_load_n(&arrived[i], __ATOMIC_ACQUIRE))
			apic_send(core_apics[i], APIC_MESSAGE_NMI);
}

void secondary_stopped(void)
{
	while (stopping != 0 && stopping != 1 + hal_core_self())
		__asm__ volatile("cli; hlt" : : : "memory");
}
