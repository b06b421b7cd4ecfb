/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a device's interrupt to its handler at user level, and the acknowledge. The device is QEMU's edu, by its pin where the
 * machine routes pins to interrupts that the device tree names, else by messages.
 */
#include "bench.h"
#include "device.h"
#include "edu.h"

enum { BITS = 1, LONG_ENOUGH = 1000 };

static struct edu edu;

/* What the device library of the tests needs. */
void test_require(enum error error, const char *text, const char *file, int line)
{
	(void)file;
	(void)line;
	bench_must(error, text);
}

/* Raises it whenever it is told to, and is interrupted at once; counts from before the store to the device. */
static void raise(word_t unused)
{
	(void)unused;
	for (;;) {
		(void)bench_wait(PEER_SECOND);
		bench_mark(MARK_BEGIN);
		edu_raise(&edu);
		for (unsigned i = 0; i < LONG_ENOUGH; i++)
			__asm__ volatile("");
	}
}

static void handle(handle_t interrupt)
{
	struct worker worker;

	bench_worker(raise, 0, BENCH_PRIORITY_LOW, &worker);
	for (unsigned left = bench_next_steps("interrupt-to-handler"); left > 0; left--) {
		(void)bench_signal(PEER_SECOND);
		(void)bench_wait(PEER_FIRST);
		bench_mark(MARK_END);
		edu_lower(&edu);
		bench_must(interrupt_acknowledge(interrupt), "acknowledge");
	}
	worker_destroy(&bench_builder, &worker);
}

/* Raised, seen and lowered: what is left is to acknowledge it. */
static void serve(void)
{
	edu_raise(&edu);
	(void)bench_wait(PEER_FIRST);
	edu_lower(&edu);
}

static struct device_interrupt pin;
static bool by_pin;
static uint32_t bus;

/* Makes the Interrupt; *address, *data: what the device must write, where it has no pin. */
static enum error create(handle_t slot, uint64_t *address, uint32_t *data)
{
	return by_pin ? system_interrupt(PROGRAM_SYSTEM, PROGRAM_UNTYPED, pin.controller, pin.cells, pin.count, slot) :
			system_message_interrupt(PROGRAM_SYSTEM, PROGRAM_UNTYPED, bus, edu.requester, 0, slot, address, data);
}

static enum error make(handle_t slot)
{
	const void *tree = machine_tree(&bench_builder);
	uint64_t address;
	uint32_t data;
	enum error error;

	by_pin = device_pci_interrupt(tree, edu.bridge, edu.requester, 1, &pin);
	if (by_pin)
		edu_use_pin(&edu);
	else
		bus = device_message_bus(tree, edu.bridge);
	error = create(slot, &address, &data);
	return error == OK && !by_pin && !edu_use_message(&edu, address, data) ? ERROR_WRONG_KIND : error;
}

/* One is made and ends, with what the library does for it at user level. */
static void objects(handle_t slot)
{
	uint64_t address;
	uint32_t data;

	BENCH_STEPS("create-interrupt", , create(slot, &address, &data), bench_unmake(slot));
	BENCH_STEPS("destroy-interrupt", bench_must(create(slot, &address, &data), "create"),
		    bench_say(PROGRAM_SPACE, HANDLE_NONE, SPACE_DELETE, slot), );
}

void bench_interrupt(void)
{
	handle_t interrupt;

	if (!edu_open(&bench_builder, &edu))
		return;
	interrupt = builder_take_slots(&bench_builder, 1);
	bench_make(KIND_NOTIFICATION, 0, PEER_FIRST);
	bench_make(KIND_NOTIFICATION, 0, PEER_SECOND);
	bench_must(make(interrupt), "make the Interrupt");
	bench_must(interrupt_bind(interrupt, PEER_FIRST, BITS), "bind the Interrupt");
	handle(interrupt);
	BENCH_STEPS("interrupt-acknowledge", serve(), bench_trap(interrupt, HANDLE_NONE, tag_make(INTERRUPT_ACKNOWLEDGE, 0, 0)), );
	bench_unmake(interrupt);
	objects(interrupt);
	builder_put_slots(&bench_builder, interrupt, 1);
	bench_unmake(PEER_SECOND);
	bench_unmake(PEER_FIRST);
}
