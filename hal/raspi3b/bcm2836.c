/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two interrupt controllers of BCM2836 and BCM2837. One belongs to the cores ("Quad-A7 core", Broadcom, QA7_rev3.4): each has its
 * timers' interrupts, mailboxes through which cores interrupt each other, and a bit for the other controller, whose output goes to
 * one core for all devices (BCM2835 ARM Peripherals, chapter 7).
 *
 * So an interrupt of a device comes to that core. If it is for another one, it is masked, noted for that core, and a mailbox says
 * so. Masked ones stay pending, since all are levels. An interrupt's number is bank * 32 + bit, as in its two cells.
 */
#include "arm64.h"
#include "drivers.h"
#include "io.h"

#include <libfdt.h>

/* Of the cores (QA7 chapter 4); those with a core's number are four bytes apart, mailboxes sixteen. */
enum {
	CONTROL = 0x00,
	PRESCALER = 0x08,
	DEVICES_ROUTE = 0x0c,
	TIMERS_ENABLE = 0x40,
	MAILBOXES_ENABLE = 0x50,
	PENDING = 0x60,
	MAILBOX_SET = 0x80,
	MAILBOX_CLEAR = 0xc0, /* read: what is set */
	MAILBOX_STRIDE = 16,
	TIMERS = 4, /* bits of PENDING: timers, four mailboxes, devices */
	PENDING_MAILBOX_0 = 1 << 4,
	PENDING_DEVICES = 1 << 8,
	CORES = 4,
};

#define PRESCALER_ONE 0x80000000u /* the counter goes with the crystal */

/* Of the devices (BCM2835 section 7.5). */
enum { BANKS = 3 };
static const struct bank {
	uint8_t pending, enable, disable, count;
} banks[BANKS] = { { 0x00, 0x18, 0x24, 8 }, { 0x04, 0x10, 0x1c, 32 }, { 0x08, 0x14, 0x20, 32 } };

enum { INTERRUPT_FORWARDED = 2 }; /* beside those of arm64.h: something is in `forwarded` */

static uint8_t *cores_registers, *devices_registers;
static uint32_t devices_phandle;
static unsigned lock; /* of the rest, and of enabling */
static uint32_t enabled[BANKS];
static uint32_t forwarded[HAL_CORES_MAX][BANKS];
static uint8_t target[BANKS * 32];

static void take_lock(void)
{
	while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE))
		hal_relax();
}

static void give_lock(void)
{
	__atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
}

/* The number that the hardware has for a core. */
static unsigned number_of(const struct core *core)
{
	return core->affinity & (CORES - 1);
}

static void send(const struct core *to, unsigned interrupt)
{
	io_write32le(cores_registers + MAILBOX_SET + MAILBOX_STRIDE * number_of(to), (uint32_t)1 << interrupt);
}

/* ---- set-up ---- */

static void *map_first(const void *tree, int node, struct hal_boot *boot)
{
	struct hal_range range;

	if (node < 0 || !tree_reg(tree, node, 0, &range))
		return NULL;
	keep_device(tree, node, boot);
	return kernel_map_device(range.start, range.end - range.start);
}

static const char *init(const void *tree, int node, struct hal_boot *boot)
{
	int devices = tree_find(tree, "brcm,bcm2836-armctrl-ic");

	cores_registers = map_first(tree, node, boot);
	devices_registers = map_first(tree, devices, boot);
	if (!cores_registers || !devices_registers)
		return "a BCM2836 without its interrupt controllers' registers in the device tree";
	devices_phandle = fdt_get_phandle(tree, devices);
	io_write32le(cores_registers + CONTROL, 0);
	io_write32le(cores_registers + PRESCALER, PRESCALER_ONE);
	io_write32le(cores_registers + DEVICES_ROUTE, READ_REGISTER(mpidr_el1) & (CORES - 1));
	for (unsigned core = 0; core < CORES; core++) /* now, since nobody has sent anything yet */
		io_write32le(cores_registers + MAILBOX_CLEAR + MAILBOX_STRIDE * core, UINT32_MAX);
	for (unsigned i = 0; i < BANKS; i++)
		io_write32le(devices_registers + banks[i].disable, UINT32_MAX);
	return NULL;
}

static bool add_core(const void *tree, int node, struct core *core)
{
	(void)tree;
	(void)node;
	return core->affinity < CORES;
}

static bool init_core(void)
{
	unsigned self = number_of(core_self());

	io_write32le(cores_registers + TIMERS_ENABLE + 4 * self, (uint32_t)1 << timer_interrupt());
	io_write32le(cores_registers + MAILBOXES_ENABLE + 4 * self, 1);
	return true;
}

/* The timer's number is its bit. */
static bool timer(const uint32_t *cells, unsigned count, unsigned *interrupt)
{
	if (count != 2 || cells[0] >= TIMERS)
		return false;
	*interrupt = cells[0];
	return true;
}

/* ---- delivery ---- */

/* The lock is held. */
static void set_enabled(unsigned irq, bool on)
{
	const struct bank *bank = &banks[irq / 32];
	uint32_t bit = (uint32_t)1 << irq % 32;

	enabled[irq / 32] = on ? enabled[irq / 32] | bit : enabled[irq / 32] & ~bit;
	io_write32le(devices_registers + (on ? bank->enable : bank->disable), bit);
}

/* One that was pending on this core, which gets them all: its target handles it. If it was masked meanwhile, by another core, it
   is nobody's. */
static void hand_over(unsigned irq)
{
	unsigned to;
	bool wanted;

	take_lock();
	wanted = enabled[irq / 32] >> irq % 32 & 1;
	to = target[irq];
	if (wanted && to != hal_core_self()) {
		set_enabled(irq, false);
		forwarded[to][irq / 32] |= (uint32_t)1 << irq % 32;
	}
	give_lock();
	if (wanted && to == hal_core_self())
		core_interrupt(irq);
	else if (wanted)
		send(&core_stacks[to].core, INTERRUPT_FORWARDED);
}

/* All that the bits say, from the lowest on. */
static void for_each(unsigned bank, uint32_t bits, void (*handle)(unsigned irq))
{
	for (; bits; bits &= bits - 1)
		handle(bank * 32 + (unsigned)__builtin_ctz(bits));
}

/* The first bank has bits that repeat some of the others. */
static void devices_pending(void)
{
	for (unsigned i = 0; i < BANKS; i++) {
		uint32_t all = banks[i].count == 32 ? UINT32_MAX : ((uint32_t)1 << banks[i].count) - 1;

		for_each(i, io_read32le(devices_registers + banks[i].pending) & all, hand_over);
	}
}

/* core_interrupt() belongs on the core of the interrupt's Notification: only this core, its target, can bind or mask it now. */
static void forwarded_pending(void)
{
	unsigned self = hal_core_self();

	for (unsigned i = 0; i < BANKS; i++) {
		uint32_t bits;

		take_lock();
		bits = forwarded[self][i];
		forwarded[self][i] = 0;
		give_lock();
		for_each(i, bits, core_interrupt);
	}
}

/* Taken back first, so that one which comes from now on is not lost. */
static void mailbox_pending(unsigned self)
{
	uint8_t *mailbox = cores_registers + MAILBOX_CLEAR + MAILBOX_STRIDE * self;
	uint32_t bits = io_read32le(mailbox);

	io_write32le(mailbox, bits);
	__asm__ volatile("dsb sy" : : : "memory");
	if (bits & 1 << INTERRUPT_STOP)
		core_park();
	if (bits & 1 << INTERRUPT_ATTENTION)
		core_ipi();
	if (bits & 1 << INTERRUPT_FORWARDED)
		forwarded_pending();
}

static void handle(void)
{
	unsigned self = number_of(core_self());
	uint32_t pending = io_read32le(cores_registers + PENDING + 4 * self);

	if (pending & (uint32_t)1 << timer_interrupt())
		timer_expired();
	if (pending & PENDING_MAILBOX_0)
		mailbox_pending(self);
	if (pending & PENDING_DEVICES)
		devices_pending();
}

/* ---- the contract ---- */

/* Bank and bit. */
static bool translate(uint32_t controller, const uint32_t *cells, unsigned count, unsigned *irq, enum hal_trigger *trigger)
{
	if (controller != devices_phandle || count != 2 || cells[0] >= BANKS || cells[1] >= banks[cells[0]].count)
		return false;
	*irq = cells[0] * 32 + cells[1];
	*trigger = HAL_TRIGGER_LEVEL_HIGH;
	return true;
}

/* What was noted for its core and not handled is still pending at the device. */
static void mask(unsigned irq, bool masked)
{
	take_lock();
	set_enabled(irq, !masked);
	if (masked)
		forwarded[target[irq]][irq / 32] &= ~((uint32_t)1 << irq % 32);
	give_lock();
}

static void route(unsigned irq, unsigned core, enum hal_trigger trigger)
{
	(void)trigger;
	mask(irq, true);
	take_lock();
	target[irq] = (uint8_t)core;
	give_lock();
}

CONTROLLER bcm2836 = { "brcm,bcm2836-l1-intc", init, add_core, init_core, send, handle, timer, translate, route, mask };
