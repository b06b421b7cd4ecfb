/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The platform-level interrupt controller (RISC-V PLIC specification 1.0): interrupts of devices.
 *
 * Masked is priority 0, unmasked priority 1, thresholds are 0; the enable bits only say which core gets an
 * interrupt. Masking by the enable bit would be wrong: the controller ignores the completion of an
 * interrupt that is not enabled, and never delivers it again. A masked interrupt stays pending.
 */
#include "internal.h"

/* Byte offsets (chapter 3). */
enum {
	PRIORITY = 0,
	ENABLE = 0x2000,
	ENABLE_STRIDE = 0x80,
	CONTEXT = 0x200000,
	CONTEXT_STRIDE = 0x1000,
	THRESHOLD = 0,
	CLAIM = 4, /* read: claim; write: complete */
};
enum { SOURCES_MAX = HAL_IRQ_COUNT - 1 }; /* source 0 does not exist */

static volatile char *registers; /* NULL: no controller */
static uint32_t phandle;
static unsigned sources;
static unsigned contexts[HAL_CORES_MAX]; /* of S-mode on each core, plus one; 0: none */
static uint8_t cores[HAL_IRQ_COUNT];     /* where each goes */
static unsigned lock;                    /* for the enable bits, which share words, and for `cores` */

/* ---- registers ---- */

static uint32_t read_register(unsigned offset)
{
	uint32_t value = *(volatile uint32_t *)(registers + offset);
	__asm__ volatile("fence i, r" : : : "memory");
	return value;
}

static void write_register(unsigned offset, uint32_t value)
{
	__asm__ volatile("fence rw, o" : : : "memory");
	*(volatile uint32_t *)(registers + offset) = value;
}

static unsigned context_register(unsigned core, unsigned offset)
{
	return CONTEXT + (contexts[core] - 1) * CONTEXT_STRIDE + offset;
}

static bool serves(unsigned core)
{
	return registers != NULL && contexts[core] != 0;
}

/* The lock is held. */
static void set_enabled(unsigned irq, unsigned core, bool on)
{
	if (!serves(core))
		return;
	unsigned word = ENABLE + (contexts[core] - 1) * ENABLE_STRIDE + irq / 32 * 4;
	uint32_t bit = (uint32_t)1 << irq % 32;
	uint32_t value = read_register(word);
	write_register(word, on ? value | bit : value & ~bit);
}

static void take_lock(void)
{
	while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE) != 0)
		hal_relax();
}

static void give_lock(void)
{
	__atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
}

/* ---- set-up ---- */

void plic_init(uint64_t physical, uint64_t size, uint32_t its_phandle, unsigned its_sources)
{
	if (!memory_map(physical, physical + size))
		return;
	registers = hal_kernel_address(physical);
	phandle = its_phandle;
	sources = its_sources < SOURCES_MAX ? its_sources : SOURCES_MAX;
	for (unsigned irq = 1; irq <= sources; irq++)
		write_register(PRIORITY + irq * 4, 0);
}

void plic_add_context(unsigned core, unsigned context)
{
	if (registers == NULL)
		return;
	contexts[core] = context + 1;
	for (unsigned irq = 0; irq <= sources; irq += 32)
		write_register(ENABLE + context * ENABLE_STRIDE + irq / 32 * 4, 0);
}

/* On the core itself, because a firmware that starts a hart may close its contexts (OpenSBI 1.1: threshold 7). */
bool plic_open_core(void)
{
	unsigned self = hal_core_self();
	if (!serves(self))
		return false;
	write_register(context_register(self, THRESHOLD), 0);
	return true;
}

/* ---- delivery ---- */

/* If the interrupt was sent elsewhere meanwhile, the controller would not take its completion from here. */
static void complete(unsigned irq)
{
	unsigned self = hal_core_self();
	take_lock();
	if (cores[irq] != self)
		set_enabled(irq, self, true);
	write_register(context_register(self, CLAIM), irq);
	if (cores[irq] != self)
		set_enabled(irq, self, false);
	give_lock();
}

void plic_interrupt(void)
{
	for (;;) {
		unsigned irq = read_register(context_register(hal_core_self(), CLAIM));
		if (irq == 0 || irq > sources)
			return;
		core_interrupt(irq);
		complete(irq);
	}
}

/* ---- the contract ---- */

/* One cell. The wiring decides between level and edge, and to a device the controller's gateway is a level. */
bool hal_irq_translate(uint32_t controller, const uint32_t *cells, unsigned count, unsigned *irq, enum hal_trigger *trigger)
{
	if (registers == NULL || controller != phandle || count != 1 || cells[0] == 0 || cells[0] > sources)
		return false;
	*irq = cells[0];
	*trigger = HAL_TRIGGER_LEVEL_HIGH;
	return true;
}

void hal_irq_route(unsigned irq, unsigned core, enum hal_trigger trigger)
{
	(void)trigger;
	(void)hal_irq_mask(irq, true);
	take_lock();
	set_enabled(irq, cores[irq], false);
	cores[irq] = (uint8_t)core;
	set_enabled(irq, core, true);
	give_lock();
}

bool hal_irq_mask(unsigned irq, bool masked)
{
	write_register(PRIORITY + irq * 4, masked ? 0 : 1);
	return true;
}

/* Messages need an IMSIC, which is not driven. */
bool hal_irq_message(uint32_t bus, uint32_t requester, unsigned core, unsigned *irq, uint64_t *address, uint32_t *data)
{
	(void)bus;
	(void)requester;
	(void)core;
	(void)irq;
	(void)address;
	(void)data;
	return false;
}

void hal_irq_message_free(unsigned irq)
{
	(void)irq;
}
