/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hal_clock is the time stamp counter, which user level reads with RDTSC. Its frequency is measured once,
 * against channel 2 of the interval timer (8254), which counts down at 1.193182 MHz.
 *
 * Each end of the measurement is the narrowest of 16 pairs of (latch the count, read the counter around
 * it), and the time between is read, not assumed: so it does no harm if the machine is interrupted (a
 * virtual one is), short of the 55 ms in which the count wraps, and then the attempt is repeated. The
 * result over 25 ms is good to 100 parts per million, and is rounded to whole MHz: the figure is the same
 * on each start unless the true one lies within 100 ppm of a half.
 */
#include "pc_clock.h"

#include "kernel/hal.h"
#include "x86.h"

enum {
	PIT_FREQUENCY = 1193182,
	PIT_CHANNEL2 = 0x42,
	PIT_COMMAND = 0x43,
	PIT_MODE0 = 0xb0, /* channel 2, low then high byte, mode 0: the output rises at zero and stays */
	PIT_READ_BACK = 0xc8, /* latch status and count of channel 2 */
	PIT_OUTPUT = 0x80, /* status: output */
	PIT_NULL_COUNT = 0x40, /* status: the count is not loaded yet */
	PIT_START = 0xffff,
	GATE_PORT = 0x61,
	GATE_ON = 1,
	GATE_SPEAKER = 2,

	INTERVAL = 30000, /* 25 ms */
	SAMPLES = 16,
	ATTEMPTS = 20,
	MHZ = 1000000,
};
#define CLOCK_MAX (1ull << 33) /* ticks: a count that stands still */

static uint64_t frequency;

uint64_t hal_clock(void)
{
	return counter_read();
}

uint64_t hal_clock_frequency(void)
{
	return frequency;
}

static void pit_start(void)
{
	port_write8(GATE_PORT, (uint8_t)((port_read8(GATE_PORT) & ~GATE_SPEAKER) | GATE_ON));
	port_write8(PIT_COMMAND, PIT_MODE0);
	port_write8(PIT_CHANNEL2, PIT_START & 0xff);
	port_write8(PIT_CHANNEL2, PIT_START >> 8);
}

/* Counts since the start and the clock at that time; false if the count wrapped or does not run. */
static bool pit_sample(uint32_t *elapsed, uint64_t *clock)
{
	uint64_t width = UINT64_MAX;

	*elapsed = 0;
	*clock = 0;
	for (unsigned i = 0; i < SAMPLES; i++) {
		uint64_t before = hal_clock(), after;
		unsigned status, count;

		port_write8(PIT_COMMAND, PIT_READ_BACK);
		after = hal_clock();
		status = port_read8(PIT_CHANNEL2);
		count = port_read8(PIT_CHANNEL2);
		count |= (unsigned)port_read8(PIT_CHANNEL2) << 8;
		if (status & PIT_OUTPUT)
			return false;
		if (!(status & PIT_NULL_COUNT) && after - before < width) {
			width = after - before;
			*clock = before + width / 2;
			*elapsed = PIT_START - count;
		}
	}
	return width != UINT64_MAX;
}

/* One measurement in Hz; 0 if it failed. */
static uint64_t measure(void)
{
	uint64_t clock_first, clock_last;
	uint32_t first, last;

	pit_start();
	if (!pit_sample(&first, &clock_first))
		return 0;
	do {
		if (!pit_sample(&last, &clock_last) || last < first || clock_last - clock_first > CLOCK_MAX)
			return 0;
	} while (last - first < INTERVAL);
	return (clock_last - clock_first) * PIT_FREQUENCY / (last - first);
}

void clock_init(void)
{
	for (unsigned i = 0; i < ATTEMPTS && frequency == 0; i++)
		frequency = (measure() + MHZ / 2) / MHZ * MHZ;
	if (frequency == 0)
		core_fatal("no interval timer to measure the clock with", NULL);
}
