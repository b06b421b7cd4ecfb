/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts of real devices (rule 25): QEMU's edu by its pin (a level) and by messages, and the console's device. A machine that lacks
 * one of these ways refuses the call; which it has, its device tree says.
 */
#include <string.h>

#include "console.h"
#include "edu.h"
#include "io.h"
#include "placing.h"
#include "print.h"
#include "support.h"

enum { BIT = 1 << 3, OTHER_BIT = 1 << 17, LATE = 1 << 30, SECONDS_MAX = 10, ROUNDS = 50, QUIET_DIVISOR = 50 };

static struct builder *b;
static struct edu edu;
static handle_t notification, alarm;

/* A way in which interrupts come. */
struct source {
	const char *name;
	bool level;
	bool again; /* a level that stayed raised comes again after the acknowledge */
	enum error (*make)(handle_t slot);
	void (*raise)(void);
	void (*lower)(void);
};
static const struct source *source;
static handle_t interrupt; /* empty, or the source's Interrupt */

static const char *named(const char *text)
{
	return case_name(source->name, text);
}

/* ---- waiting ---- */

/* Bits of a Notification, waited for; LATE alone: nothing came. */
static word_t bits_of(handle_t from, handle_t its_alarm)
{
	word_t bits = 0;

	require(notification_arm(its_alarm, LATE, arch_counter() + SECONDS_MAX * test_info()->frequency, 0));
	require(notification_wait(from, &bits));
	(void)notification_disarm(its_alarm, NULL);
	return bits;
}

static bool comes(word_t bits)
{
	return bits_of(notification, alarm) == bits;
}

/* Nothing comes, although there was time. */
static bool silent(void)
{
	struct message m;
	uint64_t end = arch_counter() + test_info()->frequency / QUIET_DIVISOR;

	while (arch_counter() < end)
		yield();
	return message_receive(notification, &m, TAG_NOWAIT_RECEIVE) == ERROR_WOULD_BLOCK;
}

static enum error acknowledge(void)
{
	return interrupt_acknowledge(interrupt);
}

/* The Interrupt is bound and nothing is pending: what edges came before may have waited for that. */
static void bind_quietly(void)
{
	struct message m;

	source->lower();
	require(interrupt_bind(interrupt, notification, BIT));
	while (!silent() && acknowledge() == OK)
		;
	(void)message_receive(notification, &m, TAG_NOWAIT_RECEIVE);
	while (acknowledge() == OK)
		;
}

static void make(void)
{
	interrupt = builder_take_slots(b, 1);
	require(source->make(interrupt));
}

static void drop(void)
{
	source->lower();
	builder_release(b, interrupt);
}

/* ---- what every source must do ---- */

static void unbound(void)
{
	bool quiet;

	source->raise();
	quiet = silent();
	source->lower();
	check(quiet, named("nobody bound: nothing is delivered"));
	check_error(acknowledge(), ERROR_BAD_ARGUMENT, named("nor can it be acknowledged"));
	check_error(interrupt_unbind(interrupt), ERROR_BAD_ARGUMENT, named("nor unbound"));
}

static void refusals(void)
{
	handle_t deaf, narrow, binds, acknowledges;

	require(build_derived(b, notification, RIGHT_WAIT, 0, &deaf));
	require(build_derived(b, notification, RIGHT_SIGNAL, BIT, &narrow));
	require(build_derived(b, interrupt, RIGHT_BIND_INTERRUPT, 0, &binds));
	require(build_derived(b, interrupt, RIGHT_ACKNOWLEDGE, 0, &acknowledges));
	check_error(interrupt_bind(interrupt, deaf, BIT), ERROR_NO_RIGHTS, named("it needs a Notification's right to signal"));
	check_error(interrupt_bind(interrupt, narrow, BIT | OTHER_BIT), ERROR_NO_RIGHTS, named("a badge limits its bits"));
	check_error(interrupt_bind(interrupt, PROGRAM_SPACE, BIT), ERROR_WRONG_KIND, named("a Space is no Notification"));
	check_error(interrupt_bind(interrupt, notification, 0), ERROR_BAD_ARGUMENT, named("no bits are refused"));
	check_error(interrupt_bind(interrupt, notification, (word_t)1 << 32), ERROR_BAD_ARGUMENT, named("so are bits beyond 32"));
	check_error(interrupt_bind(acknowledges, notification, BIT), ERROR_NO_RIGHTS, named("binding is a right"));
	check_error(interrupt_unbind(acknowledges), ERROR_NO_RIGHTS, named("so is unbinding"));
	check_error(interrupt_acknowledge(binds), ERROR_NO_RIGHTS, named("and acknowledging"));
	check_ok(interrupt_bind(binds, narrow, BIT), named("it is bound with what a badge allows"));
	check_error(interrupt_bind(interrupt, notification, BIT), ERROR_BUSY, named("it is bound once"));
	check_ok(interrupt_unbind(interrupt), named("it is unbound"));
	builder_release(b, acknowledges);
	builder_release(b, binds);
	builder_release(b, narrow);
	builder_release(b, deaf);
}

/* The kernel prints through the console's device, and so may raise its interrupt: no case is reported while the source is. */

/* Raised, delivered, lowered, acknowledged. */
static bool served(void)
{
	bool came;

	source->raise();
	came = comes(BIT);
	source->lower();
	return came && acknowledge() == OK;
}

static void delivery(void)
{
	bool came, masked, later;
	enum error early, error;

	bind_quietly();
	early = acknowledge();
	source->raise();
	came = comes(BIT);
	source->lower();
	source->raise();
	masked = silent();
	error = acknowledge();
	later = comes(BIT);
	source->lower();
	check_error(early, ERROR_BAD_ARGUMENT, named("what was not delivered cannot be acknowledged"));
	check(came, named("it is delivered as its bits"));
	check(masked, named("it is masked until it is acknowledged"));
	check_ok(error, named("it is acknowledged"));
	check(later, named("what came meanwhile comes then"));
	check(acknowledge() == OK && silent(), named("and only once"));
}

/* One delivery for each acknowledge, however long the level lasts. */
static void levels(void)
{
	unsigned count = 0;
	bool once;

	source->raise();
	for (unsigned i = 0; source->again && i < ROUNDS; i++)
		count += comes(BIT) && acknowledge() == OK;
	once = comes(BIT) && silent();
	source->lower();
	if (source->again)
		check_equal(count, ROUNDS, named("a level that lasts comes once for each acknowledge"));
	check(once, named("a level comes once without an acknowledge"));
	check(acknowledge() == OK && silent(), named("a level that went away comes no more"));
}

static void edges(void)
{
	unsigned count = 0;
	bool once;

	for (unsigned i = 0; i < ROUNDS; i++)
		count += served();
	check_equal(count, ROUNDS, named("each one is delivered that is acknowledged before the next"));
	if (source->level)
		return;
	source->raise();
	once = comes(BIT);
	for (unsigned i = 0; i < ROUNDS; i++) {
		source->lower();
		source->raise();
	}
	source->lower();
	once = once && acknowledge() == OK && comes(BIT) && acknowledge() == OK && silent();
	check(once, named("those that come before the acknowledge are one"));
}

static void rebinding(void)
{
	enum error error;
	bool came;

	bind_quietly();
	source->raise();
	came = comes(BIT);
	error = interrupt_unbind(interrupt);
	source->lower();
	check(came && error == OK, named("it can be unbound when it was delivered"));
	check_error(acknowledge(), ERROR_BAD_ARGUMENT, named("which forgets the delivery"));
	source->raise();
	came = silent();
	source->lower();
	check(came, named("unbound it is silent"));
	require(interrupt_bind(interrupt, notification, OTHER_BIT));
	if (!silent()) /* an edge waited */
		check_ok(acknowledge(), named("an edge that came while it was unbound waits"));
	source->raise();
	came = comes(OTHER_BIT);
	source->lower();
	check(came, named("bound again it has other bits"));
	check_ok(acknowledge(), named("and goes on"));
	require(interrupt_unbind(interrupt));
}

static void dying_notification(void)
{
	handle_t other, derived, its_alarm;
	bool well;

	require(build_object(b, KIND_NOTIFICATION, 0, &other));
	require(build_derived(b, other, RIGHT_SIGNAL, BIT, &derived));
	require(interrupt_bind(interrupt, derived, BIT));
	builder_release(b, derived);
	source->raise();
	well = silent();
	source->lower();
	check(well, named("revoking the Notification's capability unbinds it"));
	check_error(acknowledge(), ERROR_BAD_ARGUMENT, named("it is unbound"));
	require(build_derived(b, other, RIGHT_ARM, LATE, &its_alarm));
	require(interrupt_bind(interrupt, other, OTHER_BIT));
	source->raise();
	well = bits_of(other, its_alarm) == OTHER_BIT;
	builder_release(b, its_alarm);
	builder_release(b, other);
	source->lower();
	check(well, named("it can be bound to another"));
	source->raise();
	well = silent();
	source->lower();
	check(well, named("a Notification that dies before the acknowledge does no harm"));
	bind_quietly();
	check(served(), named("and it can be bound again"));
	require(interrupt_unbind(interrupt));
}

static void dying_interrupt(void)
{
	bool well = true;

	bind_quietly();
	for (unsigned i = 0; i < 4; i++) {
		source->raise();
		if (i % 2 == 0)
			well = comes(BIT) && well;
		builder_release(b, interrupt);
		source->lower();
		source->raise();
		source->lower();
		make();
		bind_quietly();
	}
	check(well, named("it may be destroyed while it is pending, and made again"));
	check(served(), named("then it works as before"));
	require(interrupt_unbind(interrupt));
}

/* Delivered to a Notification whose home is another core, if there is one. */
static void other_cores(void)
{
	unsigned cores = cores_count();
	bool well = true;

	for (unsigned n = 0; n < cores; n++) {
		handle_t far, its_alarm;

		require(build_object(b, KIND_NOTIFICATION, core_of(n), &far));
		require(build_derived(b, far, RIGHT_ARM, LATE, &its_alarm));
		require(interrupt_bind(interrupt, far, BIT));
		for (unsigned i = 0; i < ROUNDS; i++) {
			source->raise();
			well = (bits_of(far, its_alarm) & ~(word_t)LATE) == BIT && well;
			source->lower();
			well = acknowledge() == OK && well;
		}
		well = interrupt_unbind(interrupt) == OK && well;
		builder_release(b, its_alarm);
		builder_release(b, far);
	}
	check(well, named("it comes to a Notification of each core"));
}

/* Raised and lowered at once, so that a core finds nothing, or something else, when it looks. */
static void flicker(void)
{
	enum { TIMES = 2000 };
	handle_t far, its_alarm;
	bool well;

	require(build_object(b, KIND_NOTIFICATION, core_of(1), &far));
	require(build_derived(b, far, RIGHT_ARM, LATE, &its_alarm));
	require(interrupt_bind(interrupt, far, BIT));
	for (unsigned i = 0; i < TIMES; i++) {
		source->raise();
		source->lower();
		if (i % 3 == 0)
			(void)acknowledge();
	}
	require(interrupt_unbind(interrupt));
	builder_release(b, its_alarm);
	builder_release(b, far);
	bind_quietly();
	well = served();
	check(well, named("one that is gone before a core looks does no harm"));
	require(interrupt_unbind(interrupt));
}

static void try_source(const struct source *s)
{
	source = s;
	make();
	unbound();
	refusals();
	delivery();
	edges();
	if (s->level)
		levels();
	require(interrupt_unbind(interrupt));
	rebinding();
	dying_notification();
	dying_interrupt();
	other_cores();
	flicker();
	drop();
}

/* ---- edu's pin ---- */

static struct device_interrupt pin;

static enum error make_pin(handle_t slot)
{
	return system_interrupt(PROGRAM_SYSTEM, b->untyped, pin.controller, pin.cells, pin.count, slot);
}

static void raise_edu(void)
{
	edu_raise(&edu);
}

static void lower_edu(void)
{
	edu_lower(&edu);
}

/* QEMU's PLIC does not look at a level again when it was completed (its specification, chapter 2.1, wants that). */
static bool looks_again(uint32_t controller)
{
	static const char *const plics[] = {"sifive,plic-1.0.0", NULL};
	const void *tree = machine_tree(b);
	int node = device_find(tree, plics, -1);

	return node < 0 || device_value(tree, node, "phandle", 0) != controller;
}

/* Where a PC's pins lead its tree does not say. The chipset of QEMU's q35 leads them to four inputs from 20 on (Intel ICH9 data sheet,
   10.1.23 and following; hw/isa/lpc_ich9.c), as low levels. */
static void find_pin_of_pc(void)
{
	enum { INPUTS = 20, DEVICE_SHIFT = 3, LEVEL_LOW = 8 };
	const void *tree = machine_tree(b);

	require(device_interrupt(tree, device_console(tree), 0, &pin) ? OK : ERROR_BAD_ARGUMENT);
	pin.cells[0] = INPUTS + (edu.requester >> DEVICE_SHIFT) % 4;
	pin.cells[1] = LEVEL_LOW;
}

static void try_pin(void)
{
	struct source s = {"pin", true, true, make_pin, raise_edu, lower_edu};
	bool told = device_pci_interrupt(machine_tree(b), edu.bridge, edu.requester, 1, &pin);

	check(told != device_compatible(machine_tree(b), 0, "cobnut,pc"), "pin: the tree says where it leads, but for a PC's");
	if (!told)
		find_pin_of_pc();
	edu_use_pin(&edu);
	s.again = looks_again(pin.controller);
	try_source(&s);
}

/* ---- edu's messages ---- */

static uint64_t message_address;
static uint32_t message_data;

static enum error make_message(handle_t slot)
{
	uint32_t bus = device_message_bus(machine_tree(b), edu.bridge);
	enum error error = system_message_interrupt(PROGRAM_SYSTEM, b->untyped, bus, edu.requester, 0, slot, &message_address, &message_data);

	if (error == OK && !edu_use_message(&edu, message_address, message_data))
		error = ERROR_ABORTED;
	return error;
}

/* PCs have messages, and whatever has a GICv2m frame. */
static bool has_messages(void)
{
	static const char *const frames[] = {"arm,gic-v2m-frame", NULL};
	const void *tree = machine_tree(b);

	return device_compatible(tree, 0, "cobnut,pc") || device_find(tree, frames, -1) >= 0;
}

/* Messages to interrupts that are not there any more, and to more of them than the machine has. */
static void stray_messages(void)
{
	enum { MANY = 256 };
	uint32_t bus = device_message_bus(machine_tree(b), edu.bridge), data;
	handle_t slots = builder_take_slots(b, MANY);
	uint64_t address;
	unsigned made = 0;

	while (made < MANY &&
	       system_message_interrupt(PROGRAM_SYSTEM, b->untyped, bus, edu.requester, 0, slots + made, &address, &data) == OK)
		made++;
	check(made >= 8 && made < MANY, "message: there are several, and then no more");
	for (unsigned i = 0; i < made; i++) {
		(void)edu_use_message(&edu, message_address, message_data);
		require(space_delete(PROGRAM_SPACE, slots + i));
	}
	builder_put_slots(b, slots, MANY);
	for (unsigned i = 0; i < ROUNDS; i++)
		edu_raise(&edu);
	check(silent(), "message: one that nobody has does no harm");
}

/* A PC has nothing that checks what a device writes: any vector that is no exception's, timer, other cores' and spurious ones included. */
static void wrong_messages(void)
{
	enum { VECTOR_FIRST = 32, VECTOR_LAST = 255 };
	handle_t own;

	require(system_message_interrupt(PROGRAM_SYSTEM, b->untyped, device_message_bus(machine_tree(b), edu.bridge), edu.requester, 0,
					 own = builder_take_slots(b, 1), &message_address, &message_data));
	require(interrupt_bind(own, notification, BIT));
	for (uint32_t vector = VECTOR_FIRST; vector <= VECTOR_LAST; vector++) {
		if (vector == message_data)
			continue;
		(void)edu_use_message(&edu, message_address, vector);
		edu_raise(&edu);
		edu_raise(&edu);
	}
	check(silent(), "message: wrong vectors do no harm");
	(void)edu_use_message(&edu, message_address, message_data);
	edu_raise(&edu);
	check(comes(BIT), "message: the right one still comes");
	builder_release(b, own);
}

static void try_messages(void)
{
	static const struct source s = {"message", false, false, make_message, raise_edu, lower_edu};
	uint32_t bus = device_message_bus(machine_tree(b), edu.bridge), data = 0;
	handle_t slot = builder_take_slots(b, 1);
	uint64_t address = 0;

	check_error(system_message_interrupt(PROGRAM_SYSTEM, b->untyped, 0xdeadbeef, edu.requester, 0, slot, &address, &data),
		    ERROR_BAD_ARGUMENT, "message: an unknown bus is refused");
	check_error(system_message_interrupt(PROGRAM_SYSTEM, b->untyped, bus, edu.requester, cores_count(), slot, &address, &data),
		    ERROR_BAD_ARGUMENT, "message: so is a core that does not run");
	if (!has_messages())
		check_error(system_message_interrupt(PROGRAM_SYSTEM, b->untyped, bus, edu.requester, 0, slot, &address, &data),
			    ERROR_BAD_ARGUMENT, "message: a machine without them refuses");
	check(slot_empty(slot), "message: a refused one leaves the slot empty");
	builder_put_slots(b, slot, 1);
	if (!has_messages())
		return;
	try_source(&s);
	stray_messages();
	if (device_compatible(machine_tree(b), 0, "cobnut,pc"))
		wrong_messages();
	edu_use_pin(&edu);
}

/* ---- the console's device: it interrupts when it can send, which is always ---- */

static volatile uint8_t *uart; /* NULL: ports */
static word_t uart_port;

static void write_uart(unsigned at, uint8_t value)
{
	if (uart != NULL)
		io_write8(uart + at, value);
	else
		(void)port_write(MACHINE_CONSOLE, uart_port + at, 1, value);
}

static enum error make_console(handle_t slot)
{
	const void *tree = machine_tree(b);
	struct device_interrupt i;

	if (!device_interrupt(tree, device_console(tree), 0, &i))
		return ERROR_ABORTED;
	return system_interrupt(PROGRAM_SYSTEM, b->untyped, i.controller, i.cells, i.count, slot);
}

enum { PL011_DATA = 0x00, PL011_MASK = 0x38, PL011_CLEAR = 0x44, PL011_TRANSMIT = 1 << 5 };

/* The transmit interrupt lasts from a byte on (0 is seen by nobody) until it is cleared. */
static void raise_pl011(void)
{
	io_write32le(uart + PL011_MASK, PL011_TRANSMIT);
	io_write32le(uart + PL011_DATA, 0);
}

static void lower_pl011(void)
{
	io_write32le(uart + PL011_MASK, 0);
	io_write32le(uart + PL011_CLEAR, PL011_TRANSMIT);
}

enum { NS16550_ENABLE = 1, NS16550_MODEM = 4, ENABLE_TRANSMIT = 2, MODEM_INTERRUPT = 8 };

static void raise_16550(void)
{
	write_uart(NS16550_MODEM, MODEM_INTERRUPT);
	write_uart(NS16550_ENABLE, ENABLE_TRANSMIT);
}

static void lower_16550(void)
{
	write_uart(NS16550_ENABLE, 0);
}

enum { SIFIVE_CONTROL = 0x08, SIFIVE_ENABLE = 0x10, SIFIVE_CONTROL_LEVEL_1 = 1 << 16 | 1 << 0, SIFIVE_TRANSMIT = 1 << 0 };

static void raise_sifive(void)
{
	io_write32le(uart + SIFIVE_CONTROL, SIFIVE_CONTROL_LEVEL_1);
	io_write32le(uart + SIFIVE_ENABLE, SIFIVE_TRANSMIT);
}

static void lower_sifive(void)
{
	io_write32le(uart + SIFIVE_ENABLE, 0);
}

/* How each device of a console is told to interrupt; NULL: 16550. */
static const struct way {
	const char *compatible;
	void (*raise)(void);
	void (*lower)(void);
} ways[] = {{"arm,pl011", raise_pl011, lower_pl011}, {"sifive,uart0", raise_sifive, lower_sifive}, {NULL, raise_16550, lower_16550}};

static const struct way *way_of(const void *tree, int node)
{
	const struct way *way = ways;

	while (way->compatible != NULL && !device_compatible(tree, node, way->compatible))
		way++;
	return way;
}

static void map_uart(void)
{
	const void *tree = machine_tree(b);
	struct device_range range;
	uintptr_t address = builder_take_addresses(b, PAGE_SIZE, PAGE_SIZE);

	require(device_range(tree, device_console(tree), 0, &range) ? OK : ERROR_BAD_ARGUMENT);
	uart_port = (word_t)range.start;
	if (range.space == DEVICE_MEMORY && build_map(b->space, MACHINE_CONSOLE, address, RIGHT_READ | RIGHT_WRITE, 0, PAGE_SIZE) == OK)
		uart = (volatile uint8_t *)address;
}

/* Reads what came at a terminal of a Power partition: how many bytes, and the first one. */
static word_t read_hvterm(word_t unit, uint8_t *byte)
{
	enum { GET_TERM_CHAR = 0x54 };
	word_t r[8] = {GET_TERM_CHAR, unit};

	if (firmware_call(MACHINE_CONSOLE, r) != OK || r[0] != 0)
		return 0;
	*byte = (uint8_t)(r[2] >> 56);
	return r[1];
}

/* ... at a console of OPAL, which writes it to memory; the length there is big-endian. */
static word_t read_opal(word_t unit, uint8_t *byte)
{
	enum { OPAL_CONSOLE_READ = 2, LENGTH = 8 };
	word_t r[8] = {OPAL_CONSOLE_READ, unit}, count = 0;
	handle_t memory;
	void *page;
	volatile uint8_t *bytes;

	require(build_mapped(b, PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &memory, &page));
	require(memory_physical(memory, &r[2]));
	r[3] = r[2] + LENGTH;
	bytes = page;
	bytes[LENGTH - 1] = LENGTH;
	if (firmware_call(MACHINE_CONSOLE, r) == OK && r[0] == 0)
		count = bytes[LENGTH - 1];
	*byte = bytes[LENGTH];
	builder_release(b, memory);
	return count;
}

/* A terminal of firmware's interrupts only when something is typed. */
static void try_terminal(word_t (*read)(word_t unit, uint8_t *byte))
{
	const void *tree = machine_tree(b);
	struct device_range range;
	uint8_t byte = 0;

	require(device_range(tree, device_console(tree), 0, &range) ? OK : ERROR_BAD_ARGUMENT);
	interrupt = builder_take_slots(b, 1);
	require(make_console(interrupt));
	require(interrupt_bind(interrupt, notification, BIT));
	while (!silent() && acknowledge() == OK) /* what was typed before may have left an edge */
		;
	print("# type x\n");
	check(comes(BIT), "terminal: what is typed interrupts");
	check(read((word_t)range.start, &byte) == 1 && byte == 'x', "terminal: and can be read");
	check_ok(acknowledge(), "terminal: it is acknowledged");
	check(silent(), "terminal: it comes once");
	builder_release(b, interrupt);
}

static void try_console(void)
{
	const void *tree = machine_tree(b);
	int node = device_console(tree);
	const struct way *way = way_of(tree, node);
	struct source s = {"console", true, true, make_console, way->raise, way->lower};
	struct device_interrupt i = {0};

	if (device_compatible(tree, node, "hvterm1") || device_compatible(tree, node, "ibm,opal-console-raw")) {
		try_terminal(device_compatible(tree, node, "hvterm1") ? read_hvterm : read_opal);
		return;
	}
	map_uart();
	require(device_interrupt(tree, node, 0, &i) ? OK : ERROR_BAD_ARGUMENT);
	s.level = uart != NULL; /* of PCs it is an edge */
	s.again = looks_again(i.controller);
	try_source(&s);
}

/* ---- making ---- */

static void bad_cells(void)
{
	static const char *const others[] = {"fixed-clock", "sifive,test0", "simple-bus", "isa", "pci-host-ecam-generic", "IBM,Logical_PHB", NULL};
	const void *tree = machine_tree(b);
	uint32_t controller, cells[4] = {0}, another = 0;
	handle_t slot = builder_take_slots(b, 1);
	struct device_interrupt i;

	require(device_interrupt(tree, device_console(tree), 0, &i) ? OK : ERROR_BAD_ARGUMENT);
	controller = i.controller;
	for (int node = device_find(tree, others, -1); node >= 0 && another == 0; node = device_find(tree, others, node))
		another = device_value(tree, node, "phandle", 0);
	check(another != 0, "the tree has a node with a phandle that is no controller");
	check_error(system_interrupt(PROGRAM_SYSTEM, b->untyped, 0, i.cells, i.count, slot), ERROR_BAD_ARGUMENT, "phandle 0 is refused");
	check_error(system_interrupt(PROGRAM_SYSTEM, b->untyped, 0xdeadbeef, i.cells, i.count, slot), ERROR_BAD_ARGUMENT,
		    "an unknown controller is refused");
	check_error(system_interrupt(PROGRAM_SYSTEM, b->untyped, another, i.cells, i.count, slot), ERROR_BAD_ARGUMENT,
		    "a node that is no controller is refused");
	for (unsigned count = 0; count <= 4; count++)
		if (count != i.count)
			check_error(system_interrupt(PROGRAM_SYSTEM, b->untyped, controller, cells, count, slot), ERROR_BAD_ARGUMENT,
				    "a wrong number of cells is refused");
	for (unsigned n = 0; n < i.count; n++) {
		struct device_interrupt wrong = i;

		wrong.cells[n] = UINT32_MAX;
		check_error(system_interrupt(PROGRAM_SYSTEM, b->untyped, controller, wrong.cells, wrong.count, slot), ERROR_BAD_ARGUMENT,
			    "a cell out of range is refused");
	}
	check(slot_empty(slot), "a refused one leaves the slot empty");
	builder_put_slots(b, slot, 1);
}

/* All interrupts of a node are the kernel's. */
static void refused(int node, handle_t slot)
{
	const void *tree = machine_tree(b);
	struct device_interrupt i;

	for (unsigned n = 0; device_interrupt(tree, node, n, &i); n++)
		check_error(system_interrupt(PROGRAM_SYSTEM, b->untyped, i.controller, i.cells, i.count, slot), ERROR_BAD_ARGUMENT,
			    "an interrupt of the kernel's timer is refused");
}

/* Timers and messages between cores are the kernel's. */
static void kernels_own(void)
{
	static const char *const timers[] = {"sifive,clint0", NULL};
	const void *tree = machine_tree(b);
	handle_t slot = builder_take_slots(b, 1);
	struct device_interrupt i;

	refused(device_at(tree, "/timer"), slot);
	refused(device_find(tree, timers, -1), slot);
	require(device_interrupt(tree, device_console(tree), 0, &i) ? OK : ERROR_BAD_ARGUMENT);
	if (device_compatible(tree, device_console(tree), "hvterm1")) {
		i.cells[0] = 2; /* PAPR 14.10: messages between processors */
		check_error(system_interrupt(PROGRAM_SYSTEM, b->untyped, i.controller, i.cells, i.count, slot), ERROR_BAD_ARGUMENT,
			    "an interrupt between cores is refused");
	}
	check(slot_empty(slot), "nothing was made");
	builder_put_slots(b, slot, 1);
}

static void making(void)
{
	handle_t slot = builder_take_slots(b, 1), twice = builder_take_slots(b, 1), weak, small;
	word_t size, alignment;
	struct device_interrupt i;

	require(device_interrupt(machine_tree(b), device_console(machine_tree(b)), 0, &i) ? OK : ERROR_BAD_ARGUMENT);
	require(build_derived(b, PROGRAM_SYSTEM, RIGHT_LOG, 0, &weak));
	require(system_size(PROGRAM_SYSTEM, KIND_INTERRUPT, 0, &size, &alignment));
	check_error(make_console(PROGRAM_SPACE), ERROR_WINDOW, "an occupied slot is refused");
	check_error(system_interrupt(weak, b->untyped, i.controller, i.cells, i.count, slot), ERROR_NO_RIGHTS, "it takes the right `interrupts`");
	check_error(system_interrupt(PROGRAM_SYSTEM, PROGRAM_DEVICE, i.controller, i.cells, i.count, slot), ERROR_WRONG_KIND,
		    "it is not made in device memory");
	check_error(system_interrupt(PROGRAM_SYSTEM, PROGRAM_SPACE, i.controller, i.cells, i.count, slot), ERROR_WRONG_KIND,
		    "it is made in an Untyped");
	require(build_object(b, KIND_UNTYPED, PAGE_SIZE, &small));
	while (untyped_free(small) >= size)
		require(untyped_create(small, KIND_NOTIFICATION, 0, 1, 0, slot) == OK ? space_delete(PROGRAM_SPACE, slot) : ERROR_ABORTED);
	check_error(system_interrupt(PROGRAM_SYSTEM, small, i.controller, i.cells, i.count, slot), ERROR_NO_MEMORY,
		    "an Untyped without room is refused");
	check_ok(make_console(slot), "the console's interrupt is made of its cells");
	check(slot_of(slot).kind == KIND_INTERRUPT && slot_of(slot).original, "it is an original");
	check_error(make_console(twice), ERROR_BUSY, "it is made once");
	check_error(untyped_reset(b->untyped), ERROR_BUSY, "its Untyped counts it");
	require(space_delete(PROGRAM_SPACE, slot));
	check(make_console(twice) == OK && space_delete(PROGRAM_SPACE, twice) == OK, "after its end it is made again");
	builder_release(b, small);
	builder_release(b, weak);
	builder_put_slots(b, twice, 1);
	builder_put_slots(b, slot, 1);
}

/* The tree has no PCI: then nobody was given any of it, and messages of no device of it are taken. */
static void without_pci(void)
{
	handle_t slot = builder_take_slots(b, 1);
	uint64_t address = 0;
	uint32_t data = 0;

	check(slot_empty(MACHINE_CONFIGURATION) && slot_empty(MACHINE_WINDOW), "a machine without PCI has no configuration and no window of it");
	check_error(system_message_interrupt(PROGRAM_SYSTEM, b->untyped, 0, 0, 0, slot, &address, &data), ERROR_BAD_ARGUMENT,
		    "message: no bus is refused");
	check_error(system_message_interrupt(PROGRAM_SYSTEM, b->untyped, 0xdeadbeef, 0, 0, slot, &address, &data), ERROR_BAD_ARGUMENT,
		    "message: an unknown bus is refused");
	check(slot_empty(slot), "message: a refused one leaves the slot empty");
	builder_put_slots(b, slot, 1);
}

void test_run(struct builder *builder)
{
	b = builder;
	require(build_object(b, KIND_NOTIFICATION, 0, &notification));
	require(build_derived(b, notification, RIGHT_ARM, LATE, &alarm));
	making();
	bad_cells();
	kernels_own();
	try_console();
	if (!edu_bridged(b)) {
		without_pci();
		return;
	}
	if (!check(edu_open(b, &edu), "the machine has the device edu"))
		return;
	try_pin();
	try_messages();
}
