/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console component: serves clients (console.h) and drives the device. One thread; its Notification has the device's
 * interrupt and, where there is none, a poll timer.
 *
 * While the output that waits leaves no room for a client's message, only the Notification is listened to: clients wait in the
 * kernel's queue, by their priority.
 *
 * A killed console leaves the device as it was at that moment, and its Interrupt ended with it; start() of a driver makes
 * no assumption about what it finds.
 */
#include "input.h"
#include "driver.h"
#include "output.h"
#include "print.h"

enum { BIT_INTERRUPT = 1, BIT_TIMER = 2 };
enum { POLLS_PER_SECOND = 200, ROUNDS_MAX = 1000 };

static const struct driver *const drivers[] = {&driver_pl011, &driver_16550, &driver_sifive, &driver_terminal, &driver_opal};

static const struct driver *driver;
static handle_t notification;
static bool interrupts;    /* the device has an interrupt */
static bool armed;         /* the timer is */
static uint64_t frequency; /* of the counter */

/* ---- the device ---- */

/* All that came is kept, all that can be sent is. */
static void exchange(void)
{
	uint8_t byte;

	while (driver->receive(&byte))
		input_byte(byte);
	input_run();
	while (output_next(&byte) && driver->send(byte))
		output_sent();
	driver->listen(output_next(&byte));
}

/* Until the device has nothing more to tell: an edge comes only after that. */
static void service(void)
{
	exchange();
	for (unsigned i = 0; i < ROUNDS_MAX && driver->settle(); i++)
		exchange();
}

/* Polls what has no interrupt. */
static void set_timer(void)
{
	uint8_t byte;

	if (armed || (interrupts && (driver->transmit_interrupt || !output_next(&byte))))
		return;
	armed = notification_arm(notification, BIT_TIMER, arch_counter() + frequency / POLLS_PER_SECOND, 0) == OK;
}

static void take_bits(word_t bits)
{
	if ((bits & BIT_TIMER) != 0)
		armed = false;
	service();
	if ((bits & BIT_INTERRUPT) != 0)
		(void)interrupt_acknowledge(CONSOLE_INTERRUPT);
}

/* ---- clients ---- */

static enum error write_text(const struct message *m)
{
	uint8_t text[PROTOCOL_TEXT_MAX];
	size_t length = m->w[0];
	bool reading = input_reading();

	if (length == 0 || length > sizeof text || tag_words(m->tag) < 1 + message_words(length))
		return ERROR_BAD_ARGUMENT;
	(void)message_get(m, 1, text, length);
	if (reading)
		output_fresh();
	output_client(m->badge, text, length);
	if (reading) {
		output_fresh();
		input_show();
	}
	return OK;
}

/* Only the Notification is listened to until all is sent. */
static enum error drain(void)
{
	enum error error = OK;
	uint8_t byte;
	word_t bits;

	while (error == OK && output_next(&byte)) {
		set_timer();
		error = notification_wait(notification, &bits);
		if (error == OK)
			take_bits(bits);
	}
	return error;
}

/* A reader is answered later. */
static void serve(struct message *m)
{
	bool call = (m->tag & TAG_CALL) != 0, later = false;
	enum error error = ERROR_BAD_ARGUMENT;

	if (tag_label(m->tag) == CONSOLE_WRITE) {
		error = write_text(m);
	} else if (tag_label(m->tag) == CONSOLE_READ && call) {
		error = input_read(m->badge, m->w[0]);
		later = error == OK;
	} else if (tag_label(m->tag) == CONSOLE_DRAIN) {
		error = drain();
	}
	m->tag = tag_make(error, 0, 0);
	if (call && !later && message_answer(m) != OK)
		program_exit(1);
	service();
}

/* ---- start ---- */

static volatile uint8_t *map_registers(struct builder *b, const struct device_range *range)
{
	uintptr_t inside = (uintptr_t)(range->start % PAGE_SIZE);
	size_t size = (inside + (size_t)range->size + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
	uintptr_t address = builder_take_addresses(b, size, PAGE_SIZE);

	if (address == 0 || build_map(b->space, CONSOLE_REGISTERS, address, RIGHT_READ | RIGHT_WRITE, 0, size) != OK)
		return NULL;
	return (volatile uint8_t *)address + inside;
}

static const struct driver *choose(const void *tree, int node)
{
	for (size_t i = 0; i < sizeof drivers / sizeof drivers[0]; i++)
		for (const char *const *text = drivers[i]->compatible; *text != NULL; text++)
			if (device_compatible(tree, node, *text))
				return drivers[i];
	return NULL;
}

/* NULL, or what is wrong. */
static const char *start_device(struct builder *b, const struct program_info *info)
{
	struct console_device d = {.builder = b, .tree = (const void *)(uintptr_t)info->data_address};

	if (!devices_check(d.tree, (size_t)info->data_size))
		return "no device tree";
	d.node = info->arguments[0] != '\0' ? device_at(d.tree, info->arguments) : device_console(d.tree);
	driver = choose(d.tree, d.node);
	if (driver == NULL || !device_range(d.tree, d.node, 0, &d.range))
		return "no device that it can drive";
	if (d.range.space == DEVICE_MEMORY) {
		d.registers = map_registers(b, &d.range);
		if (d.registers == NULL)
			return "the registers cannot be mapped";
	}
	return driver->start(&d) ? NULL : "the device does not start";
}

static const char *start(struct builder *b, const struct program_info *info)
{
	const char *wrong = start_device(b, info);
	handle_t slot = builder_take_slots(b, 1);
	struct slot_state state;

	if (wrong != NULL)
		return wrong;
	input_init(slot);
	frequency = info->frequency;
	if (build_object(b, KIND_NOTIFICATION, 0, &notification) != OK || notification_bind(notification, PROGRAM_THREAD) != OK)
		return "no Notification";
	interrupts = space_slot(PROGRAM_SPACE, CONSOLE_INTERRUPT, &state) == OK && state.kind == KIND_INTERRUPT;
	if (interrupts && interrupt_bind(CONSOLE_INTERRUPT, notification, BIT_INTERRUPT) != OK)
		return "its interrupt cannot be bound";
	service();
	return NULL;
}

word_t program_main(const struct program_info *info)
{
	static struct builder b;
	const char *wrong;
	struct message m;

	builder_init_program(&b, info);
	wrong = start(&b, info);
	if (wrong != NULL) {
		print("%s: %s\n", info->name, wrong);
		return 1;
	}
	for (;;) {
		set_timer();
		if (message_receive(output_room() < OUTPUT_BATCH ? notification : CONSOLE_SERVE, &m, 0) != OK)
			return 1;
		if (tag_label(m.tag) == LABEL_NOTIFICATION)
			take_bits(m.badge);
		else
			serve(&m);
	}
}
