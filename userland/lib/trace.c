/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader's half of the ring: copies first, asks then whether the copy is good. */
#include "trace.h"

#include <string.h>

#include "print.h"

void trace_reader_init(struct trace_reader *r, const void *ring)
{
	*r = (struct trace_reader){.ring = ring};
}

/* Events before this one may be overwritten already, or just now. */
static uint64_t oldest(const struct trace_ring *ring)
{
	uint64_t head = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);

	return head < ring->capacity ? 0 : head - ring->capacity + 1;
}

/* Word by word, so that the copy is not repeated or split in a way that the order of the loads would not survive. */
static void copy(struct trace_event *out, const struct trace_event *in)
{
	uint64_t *to = (uint64_t *)(void *)out;
	const uint64_t *from = (const uint64_t *)(const void *)in;

	for (unsigned i = 0; i < sizeof *out / sizeof *to; i++)
		to[i] = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
}

bool trace_read(struct trace_reader *r, struct trace_event *out)
{
	while (r->next < __atomic_load_n(&r->ring->head, __ATOMIC_ACQUIRE)) {
		uint64_t first = oldest(r->ring);

		if (r->next < first) {
			r->lost += first - r->next;
			r->next = first;
			continue;
		}
		copy(out, &r->ring->event[r->next % r->ring->capacity]);
		if (r->next < oldest(r->ring))
			continue; /* lapped while it was copied */
		r->next++;
		return true;
	}
	return false;
}

void trace_print(struct trace_reader *r, uint64_t frequency)
{
	const uint16_t order = 1;
	struct trace_event e;
	unsigned core = r->ring->core;

	print("@trace %u time %lx %s\n", core, (unsigned long)frequency, *(const uint8_t *)&order == 1 ? "little" : "big");
	while (trace_read(r, &e))
		print("@trace %u event %lx %lx %x %x %lx %lx %lx %lx %lx\n", core, (unsigned long)e.number, (unsigned long)e.time, e.kind,
		      e.code, (unsigned long)e.name, (unsigned long)e.other, (unsigned long)e.ip, (unsigned long)e.a, (unsigned long)e.b);
	print("@trace %u end %lx\n", core, (unsigned long)r->lost);
}

uint64_t trace_name(const char *text)
{
	uint64_t name = 0;

	memcpy(&name, text, strnlen(text, sizeof name));
	return name;
}
