/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of physical address ranges. */
#include "kernel/ranges.h"

#include <string.h>

static void delete_at(struct ranges *set, unsigned i)
{
	set->count--;
	memmove(&set->range[i], &set->range[i + 1], (set->count - i) * sizeof(set->range[0]));
}

static bool insert_at(struct ranges *set, unsigned i, uint64_t start, uint64_t end)
{
	if (set->count == RANGES_MAX)
		return false;
	memmove(&set->range[i + 1], &set->range[i], (set->count - i) * sizeof(set->range[0]));
	set->range[i] = (struct hal_range){start, end};
	set->count++;
	return true;
}

bool ranges_add(struct ranges *set, uint64_t start, uint64_t end)
{
	unsigned i = 0;

	if (start >= end)
		return true;
	while (i < set->count && set->range[i].end < start)
		i++;
	while (i < set->count && set->range[i].start <= end) {
		if (set->range[i].start < start)
			start = set->range[i].start;
		if (set->range[i].end > end)
			end = set->range[i].end;
		delete_at(set, i);
	}
	return insert_at(set, i, start, end);
}

bool ranges_remove(struct ranges *set, uint64_t start, uint64_t end)
{
	for (unsigned i = 0; start < end && i < set->count;) {
		struct hal_range r = set->range[i];

		if (r.end <= start || r.start >= end) {
			i++;
			continue;
		}
		delete_at(set, i);
		if (r.start < start && !insert_at(set, i++, r.start, start))
			return false;
		if (r.end > end && !insert_at(set, i++, end, r.end))
			return false;
	}
	return true;
}

bool ranges_contain(const struct ranges *set, uint64_t start, uint64_t end)
{
	for (unsigned i = 0; i < set->count; i++)
		if (set->range[i].start <= start && end <= set->range[i].end)
			return start < end;
	return false;
}
