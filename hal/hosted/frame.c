/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Register frames of the simulated machine, and the parts of a machine that it does not have, or has
 * in the simplest way: floating point, firmware, ports, interrupt controller.
 */
#include "hosted.h"

static void check_range(unsigned group, unsigned first, unsigned count)
{
	if (group != REGISTERS_GENERAL || first > REGISTERS_GENERAL_COUNT || count > REGISTERS_GENERAL_COUNT - first)
		hosted_abort("the core asks for registers that do not exist");
}

void hal_frame_init(struct hal_frame *f, word_t ip, word_t sp, word_t argument)
{
	*f = (struct hal_frame){.full = 1};
	f->reg[REGISTER_IP] = ip;
	f->reg[REGISTER_SP] = sp;
	f->reg[REGISTER_TO] = argument;
}

void hal_frame_set(struct hal_frame *f, word_t ip, word_t sp, word_t flags)
{
	(void)flags;
	f->reg[REGISTER_IP] = ip;
	f->reg[REGISTER_SP] = sp;
}

void hal_frame_set_thread_pointer(struct hal_frame *f, word_t value)
{
	f->reg[REGISTER_POINTER] = value;
}

unsigned hal_frame_registers(unsigned group)
{
	return group == REGISTERS_GENERAL ? REGISTERS_GENERAL_COUNT : 0;
}

void hal_frame_read(const struct hal_frame *f, unsigned group, unsigned first, unsigned count, word_t *registers)
{
	check_range(group, first, count);
	for (unsigned i = first; i < first + count; i++)
		registers[i - first] = i < REGISTER_IPC_COUNT || f->full ? f->reg[i] : 0;
}

void hal_frame_write(struct hal_frame *f, unsigned group, unsigned first, unsigned count, const word_t *registers)
{
	check_range(group, first, count);
	for (unsigned i = REGISTER_IPC_COUNT; !f->full && i < REGISTERS_GENERAL_COUNT; i++)
		f->reg[i] = 0;
	f->full = 1;
	for (unsigned i = first; i < first + count; i++)
		f->reg[i] = registers[i - first];
}

void hal_frame_dump(const struct hal_frame *f)
{
	for (unsigned i = 0; i < REGISTERS_GENERAL_COUNT; i++)
		kprintf("r%u=%lx%s", i, f->reg[i], i % 4 == 3 ? "\n" : " ");
}

bool hal_frame_step(struct hal_frame *f, bool on)
{
	(void)f;
	(void)on;
	return false;
}

enum error hal_debug_set(struct hal_frame *f, unsigned number, enum debug_kind kind, uintptr_t address, size_t length)
{
	(void)f;
	(void)number;
	(void)kind;
	(void)address;
	(void)length;
	return ERROR_WRONG_KIND;
}

void hal_thread_switch(const struct hal_frame *to)
{
	if (!to)
		hosted_abort("a switch to no thread");
}

/* ---- floating point: two words of state, kept per core ---- */

static uint64_t fpu[HOSTED_CORES][2];
static bool fpu_on[HOSTED_CORES];

uint64_t *hosted_fpu(void)
{
	return fpu_on[hosted_self] ? fpu[hosted_self] : NULL;
}

size_t hal_fpu_size(void)
{
	return sizeof(fpu[0]);
}

void hal_fpu_save(void *area)
{
	uint64_t *to = area;

	to[0] = fpu[hal_core_self()][0];
	to[1] = fpu[hal_core_self()][1];
}

void hal_fpu_load(const void *area)
{
	const uint64_t *from = area;

	fpu[hal_core_self()][0] = from[0];
	fpu[hal_core_self()][1] = from[1];
}

void hal_fpu_access(bool on)
{
	fpu_on[hal_core_self()] = on;
}

/* ---- firmware, ports, interrupts ---- */

/* Firmware that answers with the sum of its arguments. */
bool hal_firmware(word_t regs[8])
{
	for (unsigned i = 1; i < 8; i++)
		regs[0] += regs[i];
	return true;
}

/* Ports that keep what was written to them. */
bool hal_port(unsigned port, unsigned width, uint32_t *value, bool write)
{
	static uint32_t ports[16];

	if (width != 1 && width != 2 && width != 4 && (width || write)) /* 0: are there any? */
		hosted_abort("a port of no width");
	if (write)
		ports[port % 16] = *value;
	else
		*value = ports[port % 16];
	return true;
}

/* One controller, phandle 1, with one cell per interrupt; the last numbers are for messages, which cannot be masked. */
enum { IRQ_CONTROLLER = 1, IRQ_MESSAGES = HAL_IRQ_COUNT - 8 };

static struct {
	bool used; /* a message's number that was given out */
	bool pending, unmasked;
	unsigned core;
} irqs[HAL_IRQ_COUNT];

void hosted_raise(unsigned irq)
{
	irqs[irq].pending = true;
}

bool hosted_claim(unsigned *irq, bool take)
{
	for (*irq = 0; *irq < HAL_IRQ_COUNT; ++*irq) {
		if (!irqs[*irq].pending || irqs[*irq].core != hosted_self || (*irq < IRQ_MESSAGES && !irqs[*irq].unmasked))
			continue;
		irqs[*irq].pending = !take;
		return true;
	}
	return false;
}

bool hal_irq_translate(uint32_t controller, const uint32_t *cells, unsigned count, unsigned *irq, enum hal_trigger *trigger)
{
	if (controller != IRQ_CONTROLLER || count != 1 || !cells[0] || cells[0] >= IRQ_MESSAGES)
		return false;
	*irq = cells[0];
	*trigger = HAL_TRIGGER_LEVEL_HIGH;
	return true;
}

bool hal_irq_message(uint32_t bus, uint32_t requester, unsigned core, unsigned *irq, uint64_t *address, uint32_t *data)
{
	for (*irq = IRQ_MESSAGES; *irq < HAL_IRQ_COUNT && bus == IRQ_CONTROLLER; ++*irq) {
		if (irqs[*irq].used)
			continue;
		irqs[*irq].used = true;
		irqs[*irq].core = core;
		*address = 0x1fee00000 + core * 0x1000;
		*data = requester;
		return true;
	}
	return false;
}

void hal_irq_message_free(unsigned irq)
{
	irqs[irq].used = false;
}

void hal_irq_route(unsigned irq, unsigned core, enum hal_trigger trigger)
{
	(void)trigger;
	if (irq >= HAL_IRQ_COUNT || core >= hosted.cores)
		hosted_abort("an interrupt is routed to nowhere");
	irqs[irq].core = core;
}

bool hal_irq_mask(unsigned irq, bool masked)
{
	irqs[irq].unmasked = !masked;
	return irq < IRQ_MESSAGES;
}
