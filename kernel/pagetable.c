/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walker. An entry changes only from absent to valid and back; it is never rewritten while valid,
 * so architectures that demand break before make are served. A freed table returns to the pool after a
 * flush that includes walk caches.
 */
#include "kernel/pagetable.h"
#include "kernel/debug.h"
#include "kernel/memory.h"
#include "kernel/trace.h"

/* What struct hal_pt says. */
static unsigned root_level, leaf_levels;
static uintptr_t user_top;

/* The path of a walk: tables from the root down to where it stopped, and the entry found there. */
struct walk {
	uint64_t *table[HAL_LEVELS_MAX];
	unsigned level;
	uint64_t pte; /* 0: absent, else a leaf */
};

void pagetable_init(void)
{
	const struct hal_pt *format = hal_pt();

	root_level = format->levels - 1u;
	leaf_levels = format->leaf_levels;
	user_top = format->user_top;
}

uintptr_t pagetable_top(void)
{
	return user_top;
}

/* The index of an entry, in the root table and in one below. */
static inline size_t root_entry(uintptr_t address)
{
	return address / pagetable_size(root_level);
}

static inline size_t entry_below(unsigned level, uintptr_t address)
{
	return address / pagetable_size(level) & (((size_t)1 << HAL_TABLE_BITS) - 1);
}

static inline size_t entry(unsigned level, uintptr_t address)
{
	return level == root_level ? root_entry(address) : entry_below(level, address);
}

/* The companion's word for an entry of a table below the root. */
static inline uintptr_t *companion(uint64_t *table, size_t index)
{
	return (uintptr_t *)(void *)((char *)table + PAGE_SIZE) + index;
}

static inline void walk_to(const struct space *space, uintptr_t address, struct walk *w)
{
	uint64_t *table = space->root, pte = hal_pte_read(&table[root_entry(address)]);
	unsigned level = root_level;

	w->table[level] = table;
	while (pte && !hal_pte_is_leaf(level, pte)) {
		table = hal_kernel_address(hal_pte_address(level--, pte));
		w->table[level] = table;
		pte = hal_pte_read(&table[entry_below(level, address)]);
	}
	w->level = level;
	w->pte = pte;
}

/* Where the last mapping was planned or entered, under the lock: the next one is often near, so its walk begins there. */
static struct {
	const struct space *space; /* NULL: nowhere */
	uintptr_t first, last; /* the addresses that lead to its table: from `first` on so many, less one */
	unsigned level;
	uint64_t *table, *entry;
	uintptr_t *used; /* where the number of used entries of the table is kept; NULL: it is not counted */
} here;

void pagetable_forget(void)
{
	here.space = NULL;
}

static inline void stand(unsigned level, uint64_t *table, uintptr_t *used, uintptr_t address)
{
	here.level = level;
	here.last = level == root_level ? UINTPTR_MAX : pagetable_size(level + 1) - 1;
	here.first = address & ~here.last;
	here.table = table;
	here.used = used;
	here.entry = &table[entry(level, address)];
}

/* The companion's word of the entry is the count of the table below. */
static void go_down(uintptr_t address, uint64_t *table)
{
	stand(here.level - 1, table, here.level == root_level ? NULL : companion(here.entry, 0), address);
}

/* Goes to the last table on the address's path. Returns the entry there: 0 (absent) or a leaf. */
static uint64_t go_to(const struct space *space, uintptr_t address)
{
	uint64_t pte;

	if (here.space == space && address - here.first <= here.last) {
		here.entry = &here.table[entry(here.level, address)];
	} else {
		here.space = space;
		stand(root_level, space->root, NULL, address);
	}
	for (;;) {
		pte = hal_pte_read(here.entry);
		if (!pte || hal_pte_is_leaf(here.level, pte))
			return pte;
		go_down(address, hal_kernel_address(hal_pte_address(here.level, pte)));
	}
}

/* Fills the absent entry at which go_to() ended. */
static inline void set_entry(uint64_t pte)
{
	hal_pte_write(here.entry, pte);
	if (here.used)
		++*here.used;
}

/* The largest level whose leaf starts here, fits, and is not larger than what is left. */
static inline unsigned leaf_level(const struct mapping *m, uint64_t done)
{
	uint64_t alignment = (m->address + done) | (m->physical + done), left = m->length - done;
	unsigned best = 0;

	for (unsigned level = 1; level < root_level && left >= pagetable_size(level) && !(alignment & (pagetable_size(level) - 1)); level++)
		if (leaf_levels >> level & 1)
			best = level;
	return best;
}

enum error pagetable_plan(const struct space *space, const struct mapping *m, bool replace, struct mapping_plan *plan)
{
	*plan = (struct mapping_plan){0};
	for (unsigned leaves = 0; leaves < LEAVES_PER_STEP && plan->length < m->length; leaves++) {
		uintptr_t address = m->address + plan->length;
		unsigned level = leaf_level(m, plan->length);

		if (go_to(space, address) || here.level < level) {
			if (!replace)
				return ERROR_BUSY;
			plan->occupied = true;
		}
		/* The table that a leaf lacks is counted with the first one in it. A larger leaf that is replaced lacks tables, too. */
		for (unsigned missing = here.level; missing > level; missing--)
			if (!plan->length || !(address & (pagetable_size(missing) - 1)))
				plan->blocks++;
		plan->length += pagetable_size(level);
	}
	return OK;
}

static void make_table(struct space *space, uintptr_t address)
{
	uint64_t *table = pool_take_block(&space->pool);

	set_entry(hal_pte_table(here.level, hal_physical_address(table)));
	go_down(address, table);
}

/* Enters the leaf of the mapping that begins `done` bytes from its start, where go_to() ended. */
static inline void enter(unsigned level, const struct mapping *m, uint64_t done, struct capability *record)
{
	*companion(here.entry, 0) = (uintptr_t)record;
	set_entry(hal_pte_leaf(level, m->physical + done, m->access, m->attribute));
}

bool pagetable_map_page(const struct space *space, const struct mapping *m, struct capability *record)
{
	if (go_to(space, m->address) || here.level)
		return false;
	enter(0, m, 0, record);
	trace(TRACE_MAP, m->access, core_self()->current, NULL, m->address, m->length);
	return true;
}

void pagetable_map(struct space *space, const struct mapping *m, struct capability *record)
{
	for (uint64_t done = 0; done < m->length; done += pagetable_size(here.level)) {
		uintptr_t address = m->address + done;
		unsigned level = leaf_level(m, done);
		uint64_t pte = go_to(space, address);

		ASSERT(!pte && here.level >= level);
		while (here.level > level)
			make_table(space, address);
		enter(level, m, done, record);
	}
	trace(TRACE_MAP, m->access, core_self()->current, NULL, m->address, m->length);
}

/* Where the number of used entries of a table of `level`, to which `above` points, is kept; NULL: that table is not counted. */
static inline uintptr_t *used_entries(uint64_t *above, unsigned level, uintptr_t address)
{
	return level + 1 >= root_level ? NULL : companion(above, entry(level + 1, address));
}

/* Empties the walk's entry; tables that become empty are unlinked and chained on `freed` through their companions
   (the tables themselves may still be read by a walker until the flush). */
static void remove_entry(struct walk *w, uintptr_t address, uint64_t **freed)
{
	for (unsigned level = w->level;; level++) {
		size_t index = entry(level, address);
		uintptr_t *used = used_entries(level < root_level ? w->table[level + 1] : NULL, level, address);

		hal_pte_write(&w->table[level][index], 0);
		if (level != root_level)
			*companion(w->table[level], index) = 0;
		if (!used || --*used)
			return;
		pagetable_forget();
		*companion(w->table[level], 0) = (uintptr_t)*freed;
		*freed = w->table[level];
	}
}

static void free_tables(struct pool *pool, uint64_t *table)
{
	while (table) {
		uint64_t *next = (uint64_t *)*companion(table, 0);

		pool_give_block(pool, table);
		table = next;
	}
}

/* Is the walk's leaf one of the record's? Others may lie where a mapping that is half made or half removed has none. */
static bool is_of(const struct walk *w, uintptr_t address, const struct capability *record)
{
	return w->pte && *companion(w->table[w->level], entry(w->level, address)) == (uintptr_t)record;
}

bool pagetable_unmap(const struct capability *record, uintptr_t last)
{
	struct space *space = record->map.space;
	uintptr_t at = mapped_address(record), end = at + memory_size(record), next;
	uint64_t *freed = NULL;
	unsigned removed = 0;
	struct walk w;

	for (; at < end; at = next) {
		walk_to(space, at, &w);
		next = (at | (pagetable_size(w.level) - 1)) + 1;
		if (!is_of(&w, at, record) || (at <= last && last < next))
			continue;
		if (removed == LEAVES_PER_STEP)
			break;
		remove_entry(&w, at, &freed);
		removed++;
	}
	walk_to(space, last, &w);
	if (at >= end && is_of(&w, last, record)) {
		remove_entry(&w, last, &freed);
		removed++;
	}
	if (removed)
		space_flush(space, mapped_address(record), memory_size(record), freed != NULL);
	free_tables(&space->pool, freed);
	trace(TRACE_UNMAP, removed, core_self()->current, NULL, mapped_address(record), memory_size(record));
	return at >= end;
}

/* Where the walk's table has its next present entry, or its end, or `end`. */
static uintptr_t next_entry(const struct walk *w, uintptr_t address, uintptr_t end)
{
	const uint64_t *table = w->table[w->level];
	const uintptr_t step = pagetable_size(w->level);
	size_t index = entry(w->level, address), last = w->level == root_level ? root_entry(user_top - 1) : entry_below(w->level, UINTPTR_MAX);

	address &= ~(step - 1);
	do
		address += step;
	while (index++ < last && address < end && !hal_pte_read(&table[index]));
	return address;
}

struct capability *pagetable_first(const struct space *space, uintptr_t *address, uintptr_t end)
{
	struct walk w;

	while (*address < end) {
		walk_to(space, *address, &w);
		if (w.pte)
			return (struct capability *)*companion(w.table[w.level], entry(w.level, *address));
		*address = next_entry(&w, *address, end);
	}
	return NULL;
}

unsigned pagetable_access(const struct space *space, uintptr_t address)
{
	struct walk w;

	walk_to(space, address, &w);
	return w.pte ? hal_pte_access(w.level, w.pte) : 0;
}
