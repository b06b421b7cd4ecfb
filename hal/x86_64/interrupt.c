/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts of devices: lines of the IOAPICs, numbered as ACPI numbers them (global system interrupts), then
 * messages. Each has one vector, the same on all cores.
 *
 * A level is masked at the IOAPIC, where it waits. Edges and messages would be lost there: they are let
 * through, and one that comes while it is masked is remembered, and sent again when it is unmasked. So every
 * interrupt can be masked, and none is lost. A line that came once while it was masked is masked at the
 * IOAPIC too: it cannot keep a core busy.
 *
 * A message goes to the core that it was made for. If another one is to have it, it is sent on.
 */
#include "interrupt.h"

#include "local_apic.h"
#include "ioapic.h"
#include "paging.h"
#include "secondary.h"

enum {
	IRQ_LINES = 128, /* the other numbers are for messages */
	CELLS = 2,
	MESSAGE_RECEIVER_SHIFT = 12, /* SDM 3A, 10.11.1 */
};
#define MESSAGE_ADDRESS 0xfee00000u

_Static_assert(VECTOR_APIC + HAL_IRQ_COUNT <= VECTOR_TIMER, "vectors");
_Static_assert(WINDOW_IOAPIC_LAST - WINDOW_IOAPIC + 1 == PLATFORM_IOAPICS, "window pages");

struct controller {
	volatile void *registers;
	unsigned first, inputs; /* lines */
};
static struct controller controllers[PLATFORM_IOAPICS];
static unsigned controller_count, bus_count;

struct irq {
	bool taken; /* a line that was routed once, or a message */
	bool level;
	bool masked;
	bool pending; /* came while it was masked */
	uint8_t core;
};
static struct irq irqs[HAL_IRQ_COUNT];

/* For all of the above; held for moments only. */
static bool locked;

static void lock(void)
{
	while (__atomic_exchange_n(&locked, true, __ATOMIC_ACQUIRE))
		hal_relax();
}

static void unlock(void)
{
	__atomic_store_n(&locked, false, __ATOMIC_RELEASE);
}

/* NULL: no line. */
static const struct controller *controller_of(unsigned irq)
{
	for (unsigned i = 0; irq < IRQ_LINES && i < controller_count; i++)
		if (irq - controllers[i].first < controllers[i].inputs)
			return &controllers[i];
	return NULL;
}

static void line_mask(unsigned irq, bool masked)
{
	const struct controller *c = controller_of(irq);

	if (c != NULL)
		ioapic_mask(c->registers, irq - c->first, masked);
}

static void send(unsigned core, unsigned irq)
{
	apic_send(secondary_apic(core), APIC_MESSAGE_FIXED | (VECTOR_APIC + irq));
}

void interrupt_init(const struct platform *p)
{
	bus_count = p->ecams;
	controller_count = p->ioapics;
	for (unsigned i = 0; i < controller_count; i++) {
		uint64_t page = p->ioapic[i].address & ~(uint64_t)(PAGE_SIZE - 1);
		volatile uint8_t *registers = paging_map_device((enum window)(WINDOW_IOAPIC + i), page);

		controllers[i].registers = registers + (p->ioapic[i].address - page);
		controllers[i].first = p->ioapic[i].gsi_base;
		controllers[i].inputs = ioapic_init(controllers[i].registers);
	}
}

void interrupt_arrived(unsigned number)
{
	struct irq *irq = &irqs[number];
	bool wanted, elsewhere;

	lock();
	elsewhere = irq->core != hal_core_self() && !irq->level;
	wanted = irq->taken && !irq->masked;
	if (irq->taken && irq->masked && !irq->level) {
		irq->pending = true;
		line_mask(number, true);
	}
	unlock();
	if (wanted && elsewhere)
		send(irq->core, number);
	else if (wanted)
		core_interrupt(number);
}

/* Two cells: input, and the sense as enum sense. */
bool hal_irq_translate(uint32_t controller, const uint32_t *cells, unsigned count, unsigned *irq, enum hal_trigger *trigger)
{
	static const struct {
		uint32_t sense;
		enum hal_trigger trigger;
	} triggers[] = {
		{SENSE_EDGE_HIGH, HAL_TRIGGER_EDGE_RISING},
		{SENSE_EDGE_LOW, HAL_TRIGGER_EDGE_FALLING},
		{SENSE_LEVEL_HIGH, HAL_TRIGGER_LEVEL_HIGH},
		{SENSE_LEVEL_LOW, HAL_TRIGGER_LEVEL_LOW},
	};
	unsigned i = controller - PHANDLE_IOAPIC;

	if (i >= controller_count || count != CELLS || cells[0] >= controllers[i].inputs)
		return false;
	*irq = controllers[i].first + cells[0];
	if (controller_of(*irq) != &controllers[i])
		return false;
	for (i = 0; i < sizeof(triggers) / sizeof(triggers[0]); i++) {
		*trigger = triggers[i].trigger;
		if (cells[1] == triggers[i].sense)
			return true;
	}
	return false;
}

/* The requester does not matter: there is no remapping of interrupts. */
bool hal_irq_message(uint32_t bus, uint32_t requester, unsigned core, unsigned *irq, uint64_t *address, uint32_t *data)
{
	(void)requester;
	if (bus - PHANDLE_PCI >= bus_count)
		return false;
	lock();
	for (*irq = IRQ_LINES; *irq < HAL_IRQ_COUNT && irqs[*irq].taken; ++*irq)
		;
	if (*irq < HAL_IRQ_COUNT)
		irqs[*irq] = (struct irq){.taken = true, .masked = true, .core = (uint8_t)core};
	unlock();
	*address = MESSAGE_ADDRESS | secondary_apic(core) << MESSAGE_RECEIVER_SHIFT;
	*data = VECTOR_APIC + *irq;
	return *irq < HAL_IRQ_COUNT;
}

void hal_irq_message_free(unsigned irq)
{
	lock();
	irqs[irq].taken = false;
	unlock();
}

void hal_irq_route(unsigned number, unsigned core, enum hal_trigger trigger)
{
	const struct controller *c = controller_of(number);
	struct irq *irq = &irqs[number];
	struct ioapic_route route = {
		.level = trigger == HAL_TRIGGER_LEVEL_HIGH || trigger == HAL_TRIGGER_LEVEL_LOW,
		.low = trigger == HAL_TRIGGER_LEVEL_LOW || trigger == HAL_TRIGGER_EDGE_FALLING,
		.vector = (uint8_t)(VECTOR_APIC + number),
		.apic = (uint8_t)secondary_apic(core),
	};

	lock();
	irq->taken = irq->masked = true;
	irq->level = c != NULL && route.level;
	irq->pending = irq->pending && !irq->level;
	irq->core = (uint8_t)core;
	if (c != NULL)
		ioapic_route(c->registers, number - c->first, route);
	unlock();
}

bool hal_irq_mask(unsigned number, bool masked)
{
	struct irq *irq = &irqs[number];
	bool again;

	lock();
	irq->masked = masked;
	again = irq->pending && !masked;
	irq->pending = irq->pending && masked;
	if (irq->level || !masked)
		line_mask(number, masked);
	unlock();
	if (again)
		send(irq->core, number);
	return true;
}
