/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The local interrupt controller through its memory-mapped registers (SDM 3A, chapter 11; "xAPIC"), its
 * timer in one-shot mode, and the 8259 pair, which is moved out of the exceptions' way and masked.
 *
 * The timer counts at a frequency of its own. It is measured against hal_clock, and an interrupt that
 * comes before its deadline (rounding, or a deadline beyond 32 bits) only arms the timer again; so
 * core_timer is never called early. A deadline in the past is an interrupt that the core sends to itself.
 */
#include "local_apic.h"

#include "paging.h"
#include "processor.h"

enum {
	APIC_TASK_PRIORITY = 0x80,
	APIC_EOI = 0xb0,
	APIC_SPURIOUS = 0xf0,
	APIC_IN_SERVICE = 0x100, /* 32 vectors each, 16 bytes apart */
	APIC_COMMAND = 0x300,
	APIC_COMMAND_RECEIVER = 0x310,
	APIC_LVT_TIMER = 0x320,
	APIC_LVT_LINT0 = 0x350,
	APIC_LVT_ERROR = 0x370,
	APIC_TIMER_INITIAL = 0x380,
	APIC_TIMER_CURRENT = 0x390,
	APIC_TIMER_DIVIDE = 0x3e0,

	LVT_MASKED = 1 << 16,
	COMMAND_SELF = 1 << 18, /* interrupt of this core to itself, fixed, edge */
	COMMAND_PENDING = 1 << 12,
	RECEIVER_SHIFT = 24,
	SPURIOUS_ENABLE = 1 << 8,
	DIVIDE_BY_1 = 0xb,

	BASE_X2APIC = 1 << 10,
	BASE_ENABLE = 1 << 11,

	RATIO_SHIFT = 20, /* counts of the timer per tick of hal_clock, fixed point */
	SAMPLES = 16,
	MEASURE_DIVISOR = 128, /* the measurement takes 1/128 s */
};
#define DELTA_MAX (1ull << 40)

static volatile uint8_t *registers;
static uint64_t ratio;

static uint32_t apic_read(unsigned offset)
{
	return *(volatile uint32_t *)(registers + offset);
}

static void apic_write(unsigned offset, uint32_t value)
{
	*(volatile uint32_t *)(registers + offset) = value;
}

uint64_t apic_physical(void)
{
	return msr_read(MSR_APIC_BASE) & ((1ull << features.physical_bits) - 1) & ~(uint64_t)(PAGE_SIZE - 1);
}

void apic_acknowledge(void)
{
	apic_write(APIC_EOI, 0);
}

void apic_acknowledge_spurious(unsigned vector)
{
	if (apic_read(APIC_IN_SERVICE + vector / 32 * 16) >> vector % 32 & 1)
		apic_acknowledge();
}

void apic_send(uint32_t apic, uint32_t message)
{
	while (apic_read(APIC_COMMAND) & COMMAND_PENDING)
		hal_relax();
	apic_write(APIC_COMMAND_RECEIVER, apic << RECEIVER_SHIFT);
	apic_write(APIC_COMMAND, message);
}

/* The count and the clock at which it was read: the narrowest of several tries, since either may be delayed. */
static uint32_t timer_sample(uint64_t *clock)
{
	uint64_t width = UINT64_MAX;
	uint32_t count = 0;

	*clock = 0;
	for (unsigned i = 0; i < SAMPLES; i++) {
		uint64_t before = hal_clock();
		uint32_t now = apic_read(APIC_TIMER_CURRENT);
		uint64_t after = hal_clock();

		if (after - before < width) {
			width = after - before;
			*clock = before + width / 2;
			count = now;
		}
	}
	return count;
}

static void timer_measure(void)
{
	uint64_t start, end;
	uint32_t first, last;

	apic_write(APIC_TIMER_INITIAL, UINT32_MAX);
	first = timer_sample(&start);
	do {
		last = timer_sample(&end);
	} while (end - start < hal_clock_frequency() / MEASURE_DIVISOR);
	apic_write(APIC_TIMER_INITIAL, 0);
	ratio = ((uint64_t)(first - last) << RATIO_SHIFT) / (end - start);
	if (ratio == 0)
		core_fatal("the local interrupt controller's timer does not count", NULL);
}

static void timer_arm(void)
{
	uint64_t now = hal_clock(), deadline = core_here()->deadline, count = 0;

	if (deadline <= now) {
		apic_send(0, COMMAND_SELF | VECTOR_TIMER);
	} else if (deadline != UINT64_MAX) {
		uint64_t delta = deadline - now;

		count = ((delta > DELTA_MAX ? DELTA_MAX : delta) * ratio >> RATIO_SHIFT) + 1;
	}
	apic_write(APIC_TIMER_INITIAL, count > UINT32_MAX ? UINT32_MAX : (uint32_t)count); /* 0: off */
}

void hal_timer_set(uint64_t time)
{
	core_here()->deadline = time;
	timer_arm();
}

void apic_timer_expired(void)
{
	if (hal_clock() < core_here()->deadline) {
		timer_arm();
		return;
	}
	core_here()->deadline = UINT64_MAX;
	core_timer();
}

/* The 8259 pair (Intel 8259A data sheet): vectors 32..47 instead of the exceptions', every input masked. */
static void pic_disable(void)
{
	static const uint8_t initialisation[2][4] = {
		{0x11, VECTOR_EXTERNAL, 4, 1},
		{0x11, VECTOR_EXTERNAL + 8, 2, 1},
	};

	for (unsigned i = 0; i < 2; i++) {
		uint16_t port = i == 0 ? 0x20 : 0xa0;

		port_write8(port, initialisation[i][0]);
		for (unsigned word = 1; word < 4; word++)
			port_write8((uint16_t)(port + 1), initialisation[i][word]);
		port_write8((uint16_t)(port + 1), 0xff);
	}
}

void apic_core_init(void)
{
	core_here()->deadline = UINT64_MAX;
	msr_write(MSR_APIC_BASE, msr_read(MSR_APIC_BASE) | BASE_ENABLE);
	apic_write(APIC_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
	apic_write(APIC_TASK_PRIORITY, 0);
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
	apic_write(APIC_LVT_ERROR, LVT_MASKED);
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
}

void apic_init(void)
{
	pic_disable();
	if (msr_read(MSR_APIC_BASE) & BASE_X2APIC)
		core_fatal("firmware left the local interrupt controller in x2APIC mode", NULL);
	registers = paging_map_device(WINDOW_APIC, apic_physical());
	apic_core_init();
	timer_measure();
}

/* STI opens after the next instruction (SDM 2B, STI): HLT cannot miss an interrupt. */
void hal_core_idle(void)
{
	__asm__ volatile("sti; hlt; cli" : : : "memory");
}

void hal_preempt_window(void)
{
	__asm__ volatile("sti; nop; cli" : : : "memory");
}
