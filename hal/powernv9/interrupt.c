/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts as OPAL has them: its calls for XICS, which it emulates on XIVE (skiboot's doc/opal-api/opal-int-*). Numbers of the HAL:
 * first OPAL's events, by which it says that there is something for the kernel, then sources of the controller in the order in
 * which they were asked for.
 *
 * An event comes with one of OPAL's own interrupts, which go to the boot core, and lasts until what it tells of was fetched. It goes to
 * the core of its route by a doorbell, as does one that lasts when it is unmasked.
 */
#include <libfdt.h>
#include <string.h>
#include "core.h"
#include "interrupt.h"
#include "machine.h"
#include "opal.h"

enum { EVENTS = 64, EVENT_CONSOLE_INPUT = 4, OWN_MAX = 64 };
enum { PRIORITY_ALL = 0xff, PRIORITY_DEVICE = 5, PRIORITY_MASKED = 0xff, SOURCE_MASK = 0xffffff, SERVER_SHIFT = 2 };

static const void *device_tree;

/* Filled under the kernel's lock, read without it. */
static struct source {
	uint32_t number;
	uint32_t server;
} sources[HAL_IRQ_COUNT - EVENTS];
static unsigned source_count;

static uint32_t own[OWN_MAX]; /* OPAL's */
static unsigned own_count;

static uint64_t events_open;                /* not masked */
static uint64_t events_due[HAL_CORES_MAX];  /* for this core, not delivered yet */
static unsigned event_core[EVENTS];
static uint64_t heartbeat, last_beat;       /* how often OPAL wants to be polled; 0: not */

static void set_source(uint32_t number, uint32_t server, unsigned priority)
{
	opal(OPAL_SET_XIVE, number, (uint64_t)server << SERVER_SHIFT, priority, 0);
}

/* ---- the tree ---- */

static int event_controller(const void *tree)
{
	return fdt_node_offset_by_compatible(tree, -1, "ibm,opal-event");
}

/* Linux's drivers know the event of console input by its number; others look for `interrupts`. */
void interrupt_complete_tree(void *tree, size_t size)
{
	uint32_t controller;
	int console;

	if (fdt_check_full(tree, size) || fdt_open_into(tree, tree, (int)size))
		return;
	controller = fdt_get_phandle(tree, event_controller(tree));
	console = fdt_node_offset_by_compatible(tree, -1, "ibm,opal-console-raw");
	if (!controller || console < 0 || fdt_getprop(tree, console, "interrupts", NULL))
		return;
	fdt_setprop_u32(tree, console, "interrupts", EVENT_CONSOLE_INPUT);
	fdt_setprop_u32(tree, console, "interrupt-parent", controller);
}

void interrupt_init(const void *tree)
{
	int node = fdt_path_offset(tree, "/ibm,opal"), length;
	const fdt32_t *value = node < 0 ? NULL : fdt_getprop(tree, node, "opal-interrupts", &length);

	device_tree = tree;
	for (; value && length >= (int)sizeof(*value) && own_count < OWN_MAX; length -= (int)sizeof(*value)) {
		own[own_count] = fdt32_ld(value++);
		set_source(own[own_count++], (uint32_t)this_core()->server, PRIORITY_DEVICE);
	}
	value = node < 0 ? NULL : fdt_getprop(tree, node, "ibm,heartbeat-ms", &length);
	if (value && length == sizeof(*value))
		heartbeat = fdt32_ld(value) * (hal_clock_frequency() / 1000);
}

void interrupt_core_init(void)
{
	opal(OPAL_INT_SET_CPPR, PRIORITY_ALL, 0, 0, 0);
}

/* ---- what comes ---- */

static bool is_own(uint32_t number)
{
	for (unsigned i = 0; i < own_count; i++)
		if (own[i] == number)
			return true;
	return false;
}

/* The event's core will deliver it. */
static void send_event(unsigned event)
{
	unsigned core = event_core[event];

	__atomic_fetch_or(&events_due[core], (uint64_t)1 << event, __ATOMIC_RELEASE);
	machine_interrupt_core(core_records[core].server);
}

static void take_events(uint64_t events)
{
	events &= __atomic_load_n(&events_open, __ATOMIC_ACQUIRE);
	for (; events; events &= events - 1)
		send_event((unsigned)__builtin_ctzll(events));
}

static void deliver_events(void)
{
	uint64_t events = __atomic_exchange_n(&events_due[hal_core_self()], 0, __ATOMIC_ACQUIRE);

	for (events &= __atomic_load_n(&events_open, __ATOMIC_ACQUIRE); events; events &= events - 1)
		core_interrupt((unsigned)__builtin_ctzll(events));
}

static void deliver_source(uint32_t number)
{
	unsigned count = __atomic_load_n(&source_count, __ATOMIC_ACQUIRE);

	if (is_own(number)) {
		fdt64_t events = 0;

		opal(OPAL_HANDLE_INTERRUPT, number, hal_physical_address(&events), 0, 0);
		take_events(fdt64_ld(&events));
		return;
	}
	for (unsigned i = 0; i < count; i++)
		if (sources[i].number == number)
			core_interrupt(EVENTS + i);
}

static void take_sources(void)
{
	fdt32_t accepted = 0;

	while (opal(OPAL_INT_GET_XIRR, hal_physical_address(&accepted), 0, 0, 0) == OPAL_SUCCESS && fdt32_ld(&accepted) & SOURCE_MASK) {
		deliver_source(fdt32_ld(&accepted) & SOURCE_MASK);
		opal(OPAL_INT_EOI, fdt32_ld(&accepted), 0, 0, 0);
	}
}

void machine_interrupt(unsigned vector)
{
	if (vector == VECTOR_HYPERVISOR_EXTERNAL || vector == VECTOR_EXTERNAL) {
		take_sources();
	} else if (vector == VECTOR_HYPERVISOR_DOORBELL) {
		/* msgsync: what the sender stored is seen here (Book III 11.2) */
		__asm__ volatile(".long 0x7c0006ec; lwsync" : : : "memory");
		deliver_events();
		core_ipi();
	}
}

void interrupt_idle(void)
{
	uint64_t now = hal_clock();

	if (!heartbeat || now - __atomic_load_n(&last_beat, __ATOMIC_RELAXED) < heartbeat)
		return;
	__atomic_store_n(&last_beat, now, __ATOMIC_RELAXED);
	take_events(opal_events());
}

/* ---- what the core asks for ---- */

/* The number of a source, a new one if need be. False: there are too many. */
static bool find_source(uint32_t number, unsigned *irq)
{
	unsigned i = 0;

	while (i < source_count && sources[i].number != number)
		i++;
	if (i == sizeof(sources) / sizeof(sources[0]))
		return false;
	if (i == source_count) {
		sources[i].number = number;
		__atomic_store_n(&source_count, i + 1, __ATOMIC_RELEASE);
	}
	*irq = EVENTS + i;
	return true;
}

/* An event has one cell, a source two: the number, and 1 for level. */
bool hal_irq_translate(uint32_t controller, const uint32_t *cells, unsigned cell_count, unsigned *irq, enum hal_trigger *trigger)
{
	int node = device_tree ? fdt_node_offset_by_phandle(device_tree, controller) : -1;

	if (node < 0)
		return false;
	*trigger = HAL_TRIGGER_LEVEL_HIGH;
	if (node == event_controller(device_tree)) {
		*irq = cells[0];
		return cell_count == 1 && cells[0] < EVENTS;
	}
	if (fdt_node_check_compatible(device_tree, node, "ibm,opal-xive-vc") || cell_count != 2)
		return false;
	if (!cells[0] || cells[0] > SOURCE_MASK || cells[1] > 1 || is_own(cells[0]))
		return false;
	if (!cells[1])
		*trigger = HAL_TRIGGER_EDGE_RISING;
	return find_source(cells[0], irq);
}

void hal_irq_route(unsigned irq, unsigned core, enum hal_trigger trigger)
{
	(void)trigger; /* the source knows */
	if (irq < EVENTS)
		event_core[irq] = core;
	else
		sources[irq - EVENTS].server = (uint32_t)core_records[core].server;
	hal_irq_mask(irq, true);
}

bool hal_irq_mask(unsigned irq, bool masked)
{
	const uint64_t bit = (uint64_t)1 << irq % EVENTS;

	if (irq >= EVENTS) {
		set_source(sources[irq - EVENTS].number, sources[irq - EVENTS].server, masked ? PRIORITY_MASKED : PRIORITY_DEVICE);
	} else if (masked) {
		__atomic_fetch_and(&events_open, ~bit, __ATOMIC_RELEASE);
	} else {
		__atomic_fetch_or(&events_open, bit, __ATOMIC_ACQ_REL);
		if (opal_events() & bit)
			send_event(irq);
	}
	return true;
}

/* Messages of PCI devices need endpoints that OPAL sets up device by device: not offered. */
bool hal_irq_message(uint32_t bus, uint32_t requester, unsigned core, unsigned *irq, uint64_t *address, uint32_t *data)
{
	(void)bus, (void)requester, (void)core, (void)irq, (void)address, (void)data;
	return false;
}

void hal_irq_message_free(unsigned irq)
{
	(void)irq;
}
