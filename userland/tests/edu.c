/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's device edu (docs/specs/edu.txt), and as much of PCI (Local Bus Specification 3.0, chapter 6) as it takes. */
#include "edu.h"

#include <string.h>

#include "io.h"

enum {
	VENDOR_EDU = 0x11e81234,
	COMMAND = 0x04,
	BASE_ADDRESS_0 = 0x10,
	CAPABILITIES = 0x34,
	COMMAND_MEMORY = 1 << 1,
	COMMAND_MASTER = 1 << 2,
	COMMAND_NO_PIN = 1 << 10,

	CAPABILITY_MESSAGE = 5,
	MESSAGE_ENABLE = 1 << 16, /* in the first word of the capability */
	MESSAGE_64 = 1 << 23,
	CAPABILITIES_MAX = 48,
	BYTE = 0xff,

	DEVICES = 32,
	DEVICE_SHIFT = 3, /* of a device's number in a requester id */
	ECAM_SHIFT = 12,  /* of a requester id in an address */
	SERVICE_SHIFT = 8,

	EDU_IDENTITY = 0x010000ed,
	EDU_STATUS = 0x24 / 4,
	EDU_RAISE = 0x60 / 4,
	EDU_ACKNOWLEDGE = 0x64 / 4,
};

/* ---- configuration space: ECAM, or services of firmware ---- */

static volatile uint8_t *ecam; /* NULL: services */

/* A request to firmware's services (RTAS): big-endian words at a physical address. */
static struct {
	uint32_t read, write; /* numbers */
	uint32_t bus_high, bus_low;
	uint32_t *word;
	word_t physical;
} services;

/* Bytes in the other order: without the compiler's function for it, which not every processor has an instruction for. */
static uint32_t reversed(uint32_t value)
{
	return value << 24 | (value & 0xff00) << 8 | (value >> 8 & 0xff00) | value >> 24;
}

static uint32_t big(uint32_t value)
{
	const union {
		uint32_t word;
		uint8_t byte[4];
	} order = {.word = 1};

	return order.byte[0] ? reversed(value) : value;
}

/* Reading has four arguments and two results, writing five and one: the first is the status. Returns what was read. */
static uint32_t service(uint32_t number, uint32_t address, uint32_t arguments, uint32_t value)
{
	enum { RTAS = 0xf000, FIRST = 3, ALL = 6 };
	const uint32_t list[] = {address, services.bus_high, services.bus_low, sizeof(uint32_t), value};
	word_t registers[8] = {RTAS, services.physical};

	services.word[0] = big(number);
	services.word[1] = big(arguments);
	services.word[2] = big(ALL - arguments);
	for (uint32_t i = 0; i < arguments; i++)
		services.word[FIRST + i] = big(list[i]);
	if (firmware_call(MACHINE_CONFIGURATION, registers) != OK || services.word[FIRST + arguments] != 0)
		return UINT32_MAX;
	return big(services.word[FIRST + arguments + 1]);
}

static uint32_t read_word(uint32_t requester, unsigned at)
{
	if (ecam != NULL)
		return io_read32le(ecam + (requester << ECAM_SHIFT) + at);
	return service(services.read, requester << SERVICE_SHIFT | at, 4, 0);
}

static void write_word(uint32_t requester, unsigned at, uint32_t value)
{
	if (ecam != NULL)
		io_write32le(ecam + (requester << ECAM_SHIFT) + at, value);
	else
		(void)service(services.write, requester << SERVICE_SHIFT | at, 5, value);
}

/* Maps all of a Memory. NULL: it is not there. */
static volatile void *map_all(struct builder *b, handle_t memory)
{
	struct memory_state state;
	uintptr_t address;

	if (memory_query(memory, &state) != OK)
		return NULL;
	address = builder_take_addresses(b, state.size, PAGE_SIZE);
	return build_map(b->space, memory, address, RIGHT_READ | RIGHT_WRITE, 0, state.size) == OK ? (volatile void *)address : NULL;
}

static bool open_services(struct builder *b, const void *tree, int bridge)
{
	int node = device_at(tree, "/rtas");
	handle_t memory;
	void *address;

	services.read = device_value(tree, node, "ibm,read-pci-config", 0);
	services.write = device_value(tree, node, "ibm,write-pci-config", 0);
	if (services.read == 0 || services.write == 0 || !device_cell(tree, bridge, "reg", 0, &services.bus_high) ||
	    !device_cell(tree, bridge, "reg", 1, &services.bus_low) ||
	    build_mapped(b, PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &memory, &address) != OK)
		return false;
	services.word = address;
	return memory_physical(memory, &services.physical) == OK;
}

/* ---- the device ---- */

static bool find(struct edu *edu)
{
	for (uint32_t device = 0; device < DEVICES; device++) {
		edu->requester = device << DEVICE_SHIFT;
		if (read_word(edu->requester, 0) == VENDOR_EDU)
			return true;
	}
	return false;
}

static uint32_t read_register(const struct edu *edu, unsigned number)
{
	uint32_t value = edu->registers[number];

	arch_io_fence();
	return edu->swapped ? reversed(value) : value;
}

static void write_register(const struct edu *edu, unsigned number, uint32_t value)
{
	arch_io_fence();
	edu->registers[number] = edu->swapped ? reversed(value) : value;
	arch_io_fence();
}

/* At the start of the window that MACHINE_WINDOW is of. */
static bool place(struct builder *b, struct edu *edu)
{
	struct device_range window = {.start = 0};
	word_t physical;
	uint32_t flags;
	uint64_t child = 0;
	unsigned i = 0;

	if (memory_physical(MACHINE_WINDOW, &physical) != OK)
		return false;
	while (device_bus_window(machine_tree(b), edu->bridge, i++, &flags, &child, &window) && window.start != physical)
		;
	if (window.start != physical)
		return false;
	write_word(edu->requester, BASE_ADDRESS_0, (uint32_t)child);
	write_word(edu->requester, COMMAND, COMMAND_MEMORY | COMMAND_MASTER);
	edu->registers = map_all(b, MACHINE_WINDOW);
	if (edu->registers == NULL)
		return false;
	edu->swapped = edu->registers[0] == reversed(EDU_IDENTITY);
	return read_register(edu, 0) == EDU_IDENTITY;
}

static int find_bridge(struct builder *b)
{
	static const char *const bridges[] = {"pci-host-ecam-generic", "IBM,Logical_PHB", NULL};

	return device_find(machine_tree(b), bridges, -1);
}

bool edu_bridged(struct builder *b)
{
	return find_bridge(b) >= 0;
}

bool edu_open(struct builder *b, struct edu *edu)
{
	const void *tree = machine_tree(b);

	edu->bridge = find_bridge(b);
	if (edu->bridge < 0)
		return false;
	ecam = map_all(b, MACHINE_CONFIGURATION);
	return (ecam != NULL || open_services(b, tree, edu->bridge)) && find(edu) && place(b, edu);
}

/* Where its capability for messages is in configuration space; 0: it has none. */
static unsigned message_capability(const struct edu *edu)
{
	unsigned at = read_word(edu->requester, CAPABILITIES) & BYTE;

	for (unsigned i = 0; i < CAPABILITIES_MAX && at != 0; i++) {
		uint32_t word = read_word(edu->requester, at & ~3u);

		if ((word & BYTE) == CAPABILITY_MESSAGE)
			return at;
		at = word >> 8 & BYTE;
	}
	return 0;
}

void edu_use_pin(const struct edu *edu)
{
	unsigned at = message_capability(edu);

	if (at != 0)
		write_word(edu->requester, at, read_word(edu->requester, at) & ~(uint32_t)MESSAGE_ENABLE);
	write_word(edu->requester, COMMAND, COMMAND_MEMORY | COMMAND_MASTER);
}

bool edu_use_message(const struct edu *edu, uint64_t address, uint32_t data)
{
	unsigned at = message_capability(edu);
	uint32_t head = at != 0 ? read_word(edu->requester, at) : 0;

	if (at == 0)
		return false;
	write_word(edu->requester, at + 4, (uint32_t)address);
	if ((head & MESSAGE_64) != 0)
		write_word(edu->requester, at + 8, (uint32_t)(address >> 32));
	write_word(edu->requester, at + ((head & MESSAGE_64) != 0 ? 12 : 8), data);
	write_word(edu->requester, COMMAND, COMMAND_MEMORY | COMMAND_MASTER | COMMAND_NO_PIN);
	write_word(edu->requester, at, head | MESSAGE_ENABLE);
	return true;
}

void edu_raise(const struct edu *edu)
{
	write_register(edu, EDU_RAISE, 1);
}

void edu_lower(const struct edu *edu)
{
	write_register(edu, EDU_ACKNOWLEDGE, read_register(edu, EDU_STATUS));
}
