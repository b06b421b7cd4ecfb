/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls into firmware: one that does no harm on each machine (SBI base, PSCI version, a terminal's input ...), the range of functions that
 * a capability allows, and rights. What the calls do is the holder's authority: nobody else gets this capability.
 */
#include "device.h"
#include "support.h"

enum { REGISTERS = 8 };

/* How this machine's firmware is called. */
struct convention {
	const char *name;
	unsigned place; /* of the function number among the registers */
	word_t function;
	word_t registers[REGISTERS]; /* the rest of a harmless call */
	bool (*well)(const word_t r[REGISTERS]);
	word_t strange; /* a function that firmware does not know, and what it says then, in register 0 */
	word_t says;
};

static struct builder *b;
static handle_t firmware, slot;

/* No error, and a specification's version that is not 0 (SBI, chapter 4). */
static bool sbi_well(const word_t r[REGISTERS])
{
	return r[0] == 0 && r[1] != 0 && r[1] >> 31 == 0;
}

/* 0.2 at least (Arm DEN 0022). */
static bool psci_well(const word_t r[REGISTERS])
{
	return r[0] >> 31 == 0 && r[0] >= 2;
}

/* Success, with up to 16 bytes (PAPR 16.6). */
static bool papr_well(const word_t r[REGISTERS])
{
	return r[0] == 0 && r[1] <= 16;
}

/* There is (skiboot's doc/opal-api/opal-check-token). */
static bool opal_well(const word_t r[REGISTERS])
{
	return r[0] == 1;
}

static struct convention convention_of(const void *tree)
{
	static const char *const psci[] = {"arm,psci-1.0", "arm,psci-0.2", NULL}, *const terminals[] = {"hvterm1", NULL};
	static const char *const opal[] = {"ibm,opal-v3", NULL};
	struct convention none = {.name = "none", .function = 1};
	int terminal = device_find(tree, terminals, -1);
	uint32_t frequency;

	if (device_compatible(tree, 0, "cobnut,pc"))
		return none;
	if (terminal >= 0)
		return (struct convention){"PAPR", 0, 0x54, {[1] = device_value(tree, terminal, "reg", 0)}, papr_well, 0xeffc, (word_t)-2};
	if (device_find(tree, psci, -1) >= 0)
		return (struct convention){"PSCI", 0, 0x84000000, {0}, psci_well, 0x8400ffff, (word_t)-1};
	if (device_find(tree, opal, -1) >= 0) /* is there this very call? */
		return (struct convention){"OPAL", 0, 80, {[1] = 80}, opal_well, 0xffff, (word_t)-1};
	if (device_cell(tree, device_at(tree, "/cpus"), "timebase-frequency", 0, &frequency)) /* only trees for SBI have it there */
		return (struct convention){"SBI", 7, 0x10, {0}, sbi_well, 0x0effffff, (word_t)-2};
	return none;
}

static void bad_ranges(void)
{
	handle_t weak;

	require(build_derived(b, PROGRAM_SYSTEM, RIGHT_LOG, 0, &weak));
	check_error(system_firmware(weak, 1, 1, slot), ERROR_NO_RIGHTS, "it takes the right `power`");
	check_error(system_firmware(PROGRAM_SYSTEM, 2, 1, slot), ERROR_BAD_ARGUMENT, "a range that ends before it begins is refused");
	check_error(system_firmware(PROGRAM_SYSTEM, 1, (word_t)1 << 32, slot), ERROR_BAD_ARGUMENT, "numbers have 32 bits");
	check_error(system_firmware(PROGRAM_SYSTEM, 0, UINT32_MAX, slot), ERROR_BAD_ARGUMENT, "no range has all of them");
	check(slot_empty(slot), "a refused one leaves the slot empty");
	check_ok(system_firmware(PROGRAM_SYSTEM, 1, UINT32_MAX, slot), "it may have all but one");
	check(slot_of(slot).kind == KIND_FIRMWARE, "it is of the kind Firmware");
	check_error(system_firmware(PROGRAM_SYSTEM, 1, 1, slot), ERROR_WINDOW, "an occupied slot is refused");
	builder_release(b, slot);
	require(builder_take_slots(b, 1) == slot ? OK : ERROR_BUSY);
	builder_release(b, weak);
}

/* A call of `function`, the rest as for the harmless one; its registers come back in r. */
static enum error call(handle_t through, const struct convention *c, word_t function, word_t r[REGISTERS])
{
	for (unsigned i = 0; i < REGISTERS; i++)
		r[i] = c->registers[i];
	r[c->place] = function;
	return firmware_call(through, r);
}

static void ranges(const struct convention *c)
{
	word_t r[REGISTERS];
	handle_t weak;

	require(system_firmware(PROGRAM_SYSTEM, c->function, c->function, firmware));
	check(call(firmware, c, c->function, r) == OK && c->well(r), case_name(c->name, "a function in the range is called, and answers"));
	check_error(call(firmware, c, c->function + 1, r), ERROR_NO_RIGHTS, "the function behind the range is refused");
	check_error(call(firmware, c, c->function - 1, r), ERROR_NO_RIGHTS, "so is the one before it");
	check_error(call(firmware, c, c->function | (word_t)1 << 32, r), ERROR_NO_RIGHTS, "high bits count");
	check_error(call(firmware, c, ~(word_t)0, r), ERROR_NO_RIGHTS, "all of them");
	check_equal(r[c->place], ~(word_t)0, "a refused call changes no register");
	require(build_derived(b, firmware, 0, 0, &weak));
	check_error(call(weak, c, c->function, r), ERROR_NO_RIGHTS, "calling is a right");
	builder_release(b, weak);
	check_error(object_call(firmware, 99, 0, &(struct message){.tag = 0}), ERROR_BAD_ARGUMENT, "an unknown label is refused");
	builder_release(b, firmware);
	require(builder_take_slots(b, 1) == firmware ? OK : ERROR_BUSY);
	require(system_firmware(PROGRAM_SYSTEM, c->strange, c->strange, firmware));
	check(call(firmware, c, c->strange, r) == OK && r[0] == c->says, "what firmware does not know is its to refuse");
	builder_release(b, firmware);
}

/* ---- all of it is in registers ---- */

static volatile word_t bare_status;

static void call_bare(word_t unused)
{
	word_t tag = tag_make(FIRMWARE_CALL, 0, 0) | TAG_CALL, badge, w[MESSAGE_REGISTERS] = {0};

	(void)unused;
	bare_status = status_error(arch_ipc(slot, HANDLE_NONE, &tag, &badge, w));
	if (bare_status == OK)
		bare_status = tag_label(tag);
}

static void without_buffer(void)
{
	const struct thread_binding none = {.what = CONFIGURE_BUFFER, .buffer = HANDLE_NONE};
	struct worker worker;

	require(system_firmware(PROGRAM_SYSTEM, 1, UINT32_MAX, slot));
	require(worker_create(b, call_bare, 0, 150, &worker));
	require(thread_configure(worker.thread, &none));
	bare_status = ERROR_COUNT;
	require(worker_begin(&worker));
	check_equal(bare_status, ERROR_NO_RIGHTS, "a caller without a message buffer gets as far: function 0 is not in the range");
	worker_destroy(b, &worker);
	builder_release(b, slot);
}

void test_run(struct builder *builder)
{
	struct convention c;

	b = builder;
	c = convention_of(machine_tree(b));
	firmware = builder_take_slots(b, 1);
	slot = builder_take_slots(b, 1);
	bad_ranges();
	without_buffer();
	if (c.well != NULL) {
		ranges(&c);
	} else {
		word_t r[REGISTERS];

		require(system_firmware(PROGRAM_SYSTEM, c.function, c.function, firmware));
		check_error(call(firmware, &c, c.function, r), ERROR_WRONG_KIND, "a machine without firmware to call says so");
		builder_release(b, firmware);
	}
}
