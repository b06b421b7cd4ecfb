/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * I/O ports: ranges, widths, rights, and real registers behind them: the clock's address and memory (mc146818), the console's
 * scratch register. A machine without ports refuses to make the capability.
 */
#include "device.h"
#include "support.h"

enum { PORTS_END = 0x10000, SCRATCH = 7, CLOCK_INDEX = 0x70, CLOCK_DATA = 0x71, CLOCK_MEMORY = 0x50 };

static struct builder *b;
static handle_t ports, slot;

static bool has_ports(void)
{
	const void *tree = machine_tree(b);

	return device_compatible(tree, 0, "cobnut,pc");
}

/* What every machine refuses for the same reason. */
static void bad_ranges(void)
{
	handle_t weak;

	require(build_derived(b, PROGRAM_SYSTEM, RIGHT_LOG, 0, &weak));
	check_error(system_ports(PROGRAM_SYSTEM, PORTS_END, 1, slot), ERROR_BAD_ARGUMENT, "there are 65536 ports");
	check_error(system_ports(PROGRAM_SYSTEM, PORTS_END - 1, 2, slot), ERROR_BAD_ARGUMENT, "a range must not end beyond");
	check_error(system_ports(PROGRAM_SYSTEM, 1, ~(word_t)0, slot), ERROR_BAD_ARGUMENT, "nor begin again");
	check_error(system_ports(PROGRAM_SYSTEM, ~(word_t)0, 1, slot), ERROR_BAD_ARGUMENT, "nor begin there");
	check_error(system_ports(PROGRAM_SYSTEM, 0, 0, slot), ERROR_BAD_ARGUMENT, "a range has a port at least");
	check_error(system_ports(weak, 0, 1, slot), ERROR_NO_RIGHTS, "it takes the right `interrupts`");
	check(slot_empty(slot), "a refused one leaves the slot empty");
	builder_release(b, weak);
}

static void out_of_range(void)
{
	word_t value = 77;

	require(system_ports(PROGRAM_SYSTEM, CLOCK_INDEX, 4, ports));
	check_error(port_read(ports, CLOCK_INDEX - 1, 1, &value), ERROR_BAD_ARGUMENT, "the port before the range is refused");
	check_error(port_read(ports, CLOCK_INDEX + 4, 1, &value), ERROR_BAD_ARGUMENT, "so is the one behind it");
	check_error(port_read(ports, CLOCK_INDEX + 3, 2, &value), ERROR_BAD_ARGUMENT, "and an access that reaches beyond");
	check_error(port_read(ports, CLOCK_INDEX + 1, 4, &value), ERROR_BAD_ARGUMENT, "however wide");
	check_error(port_read(ports, ~(word_t)0, 2, &value), ERROR_BAD_ARGUMENT, "and the largest number");
	check_error(port_write(ports, CLOCK_INDEX - 1, 1, 0), ERROR_BAD_ARGUMENT, "writes are no different");
	check_error(port_write(ports, CLOCK_INDEX + 4, 1, 0), ERROR_BAD_ARGUMENT, "on either side");
	for (word_t width = 0; width < 10; width++)
		if (width != 1 && width != 2 && width != 4)
			check_error(port_read(ports, CLOCK_INDEX, width, &value), ERROR_BAD_ARGUMENT, "there are three widths");
	check_equal(value, 77, "a refused read reads nothing");
	builder_release(b, ports);
	require(builder_take_slots(b, 1) == ports ? OK : ERROR_BUSY);
}

/* The clock has memory that keeps what is written there. */
static void clock_memory(void)
{
	word_t value = 0;
	bool well = true;

	require(system_ports(PROGRAM_SYSTEM, CLOCK_INDEX, 2, ports));
	for (word_t n = 0; n < 4; n++)
		well = port_write(ports, CLOCK_INDEX, 1, CLOCK_MEMORY + n) == OK && port_write(ports, CLOCK_DATA, 1, 0xa0 + n) == OK && well;
	for (word_t n = 0; n < 4; n++)
		well = port_write(ports, CLOCK_INDEX, 1, CLOCK_MEMORY + n) == OK && port_read(ports, CLOCK_DATA, 1, &value) == OK &&
		       value == 0xa0 + n && well;
	check(well, "what was written through ports is read through ports");
	check(port_write(ports, CLOCK_INDEX, 2, 0x5a00 | CLOCK_MEMORY) == OK && port_read(ports, CLOCK_DATA, 1, &value) == OK && value == 0x5a,
	      "a wider write reaches both ports");
	check_ok(port_write(ports, CLOCK_DATA, 1, ~(word_t)0xff | 0x33), "what a write's width leaves out");
	check(port_read(ports, CLOCK_DATA, 1, &value) == OK && value == 0x33, "does not count");
}

static void rights(void)
{
	handle_t reads, writes;
	word_t value;

	require(build_derived(b, ports, RIGHT_PORT_READ, 0, &reads));
	require(build_derived(b, ports, RIGHT_PORT_WRITE, 0, &writes));
	check_error(port_write(reads, CLOCK_DATA, 1, 0), ERROR_NO_RIGHTS, "reading does not allow to write");
	check_ok(port_read(reads, CLOCK_DATA, 1, &value), "but to read");
	check_error(port_read(writes, CLOCK_DATA, 1, &value), ERROR_NO_RIGHTS, "writing does not allow to read");
	check_ok(port_write(writes, CLOCK_DATA, 1, 0), "but to write");
	check_error(object_call(ports, 99, 0, &(struct message){.tag = 0}), ERROR_BAD_ARGUMENT, "an unknown label is refused");
	require(space_revoke(PROGRAM_SPACE, ports));
	check(slot_empty(reads) && slot_empty(writes), "they can be revoked");
	check_error(port_read(reads, CLOCK_DATA, 1, &value), ERROR_BAD_HANDLE, "and are gone then");
	builder_put_slots(b, reads, 1);
	builder_put_slots(b, writes, 1);
	builder_release(b, ports);
}

static void console_ports(void)
{
	const void *tree = machine_tree(b);
	struct device_range range = {.size = 0};
	word_t value = 0;

	check(device_range(tree, device_console(tree), 0, &range) && range.space == DEVICE_PORTS && range.size == 8,
	      "the console's node tells its ports");
	check(port_write(MACHINE_CONSOLE, (word_t)range.start + SCRATCH, 1, 0x5c) == OK &&
		      port_read(MACHINE_CONSOLE, (word_t)range.start + SCRATCH, 1, &value) == OK && value == 0x5c,
	      "its scratch register keeps a byte");
}

void test_run(struct builder *builder)
{
	b = builder;
	ports = builder_take_slots(b, 1);
	slot = builder_take_slots(b, 1);
	bad_ranges();
	if (!has_ports()) {
		check_error(system_ports(PROGRAM_SYSTEM, 0, 1, slot), ERROR_WRONG_KIND, "a machine without ports says so");
		check(slot_empty(slot), "and the slot stays empty");
		return;
	}
	check_ok(system_ports(PROGRAM_SYSTEM, 0, PORTS_END, slot), "all ports are a range");
	check(slot_of(slot).kind == KIND_PORTS, "it is of the kind Ports");
	check_error(system_ports(PROGRAM_SYSTEM, 0, 1, slot), ERROR_WINDOW, "an occupied slot is refused");
	builder_release(b, slot);
	out_of_range();
	clock_memory();
	rights();
	console_ports();
}
