/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A QEMU TCG plugin that counts what happens between two markers: instructions, loads, stores, the distinct lines of
 * instructions and of data that were touched, changes between classes of code (user, kernel, ...), and events: instructions
 * that are recognised by their bytes, such as a write of the page-table root. Exact, and the same on every machine.
 *
 * Markers are stores, by code of the first class, to words of a place in the guest's user space:
 *   word 0  ends a region and writes one record; without effect if none is open
 *   word 1  begins one (again, if one is open: it is counted from the last begin on)
 *   word 2  the regions that follow belong to the next measurement; one that is open does not count
 *   word 3  ends the run if the option `quick` was given
 *   word 4  ends the run
 *   word 5  the regions of this measurement are added up: one record for all of them, written at its end, with their number,
 *           the sums of instructions, and how many regions took how many instructions
 * Neither the store that begins a region nor the one that ends it is counted.
 *
 * Options (numbers as in C):
 *   out=FILE                one JSON object per line
 *   mark=ADDRESS            where word 0 is; words are 8 bytes
 *   class=NAME:LOW-HIGH     code at these addresses, both included, is of that class; several, the first that matches. The
 *                           first class named is the one that marks. Code at other addresses is of class "other".
 *   event=NAME:VALUE:MASK   bytes in memory order as hex digits: an instruction that begins with VALUE where MASK is set.
 *                           Several for one name count together.
 *   line=BYTES              size of a line, a power of two (default 64)
 *   addresses=1             records have how often each address was executed
 *   trace=FILE              every instruction and access of the measurement `traced`, its last region only
 *   traced=N                0 is the first
 *   quick=1                 see word 3
 *   light=1                 nothing is counted; records have the nanoseconds of the host (sums: no costs)
 *
 * Not seen: page-table walks, and what the processor itself stores when it takes an exception. An instruction that faults is
 * counted, and again when it is tried again. Emulated processors run one at a time (thread=single); what several of them do is
 * added up.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "qemu_plugin.h"

PLUGIN_EXPORT int qemu_plugin_version = PLUGIN_VERSION;

enum { CLASSES = 8, RANGES = 16, EVENTS = 8, PATTERNS = 64, PATTERN_BYTES = 8, CORES = 64, BUCKETS = 1 << 16 };
enum mark { MARK_END, MARK_BEGIN, MARK_NEXT, MARK_QUICK, MARK_FINISH, MARK_SUM, MARKS };

/* ---- options ---- */

static struct {
	uint64_t low, high;
	unsigned class;
} range[RANGES];
static unsigned ranges, classes = 1, events, patterns;
static const char *class_name[CLASSES] = {"other"}, *event_name[EVENTS];
static struct pattern {
	uint8_t value[PATTERN_BYTES], mask[PATTERN_BYTES];
	size_t length;
	unsigned event;
} pattern[PATTERNS];
static uint64_t mark_address, traced;
static unsigned line_shift = 6;
static bool with_addresses, quick, light;
static FILE *out, *trace;

/* ---- sets of keys ---- */

/* A key is free while its value is 0; `used` lists the places that are taken, so that clearing is cheap. */
struct set {
	uint64_t *key, *value;
	size_t *used;
	size_t size, count;
};

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory)
		abort();
	return memory;
}

static size_t set_place(const struct set *s, uint64_t key)
{
	size_t at = (size_t)(key * 0x9e3779b97f4a7c15u >> 20) & (s->size - 1);

	while (s->value[at] && s->key[at] != key)
		at = (at + 1) & (s->size - 1);
	return at;
}

static void set_grow(struct set *s)
{
	struct set old = *s;

	s->size = old.size ? 2 * old.size : 4096;
	s->key = allocate(s->size, sizeof *s->key);
	s->value = allocate(s->size, sizeof *s->value);
	s->used = allocate(s->size, sizeof *s->used);
	for (size_t i = 0; i < old.count; i++) {
		size_t from = old.used[i], to = set_place(s, old.key[from]);

		s->key[to] = old.key[from];
		s->value[to] = old.value[from];
		s->used[i] = to;
	}
	free(old.key);
	free(old.value);
	free(old.used);
}

/* The value of a key, which the caller makes other than 0. */
static uint64_t *set_at(struct set *s, uint64_t key)
{
	size_t at;

	if (2 * s->count >= s->size)
		set_grow(s);
	at = set_place(s, key);
	if (!s->value[at]) {
		s->key[at] = key;
		s->used[s->count++] = at;
	}
	return &s->value[at];
}

static void set_clear(struct set *s)
{
	for (size_t i = 0; i < s->count; i++)
		s->value[s->used[i]] = 0;
	s->count = 0;
}

/* ---- what is counted ---- */

struct instruction {
	uint64_t address, line; /* line: of the host's memory, so that the same code at two addresses counts once */
	size_t size;
	unsigned class;
	uint32_t events; /* one bit each */
	char *text; /* for the trace */
	struct instruction *next;
};

/* Values of lines of data: what each class did there. */
#define READ_BY(class) (1u << (class))
#define WRITTEN_BY(class) (1u << (CLASSES + (class)))

static struct {
	uint64_t instructions[CLASSES], loads[CLASSES], stores[CLASSES], event[EVENTS], change[CLASSES][CLASSES];
	struct set code, data; /* lines */
	struct set addresses; /* executions */
} region;
/* Regions that are added up. Values of costs: how many regions had so many instructions. */
static struct {
	uint64_t instructions[CLASSES], regions, ns;
	struct set costs;
} sum;
static bool open, summing;
static uint64_t measurement, occurrence; /* of the open region, or of the next */
static struct timespec begun;
static uint64_t marking; /* address of the last marking store */

static uint64_t since_start[CLASSES]; /* instructions */
static uint64_t before_user[CLASSES];
static bool user_seen, kernel_seen;
static unsigned last_class[CORES];
static struct instruction *bucket[BUCKETS];

static uint64_t host_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)(now.tv_sec - begun.tv_sec) * 1000000000u + (uint64_t)now.tv_nsec - (uint64_t)begun.tv_nsec;
}

/* ---- records ---- */

static void write_counts(const char *name, const uint64_t *count, const char *const *names, unsigned number)
{
	fprintf(out, ",\"%s\":{", name);
	for (unsigned i = 0; i < number; i++)
		fprintf(out, "%s\"%s\":%" PRIu64, i ? "," : "", names[i], count[i]);
	fprintf(out, "}");
}

/* Lines of a set, in all and per class, of which a value has one of the bits of `by`. */
static void write_lines(const char *name, const struct set *s, unsigned shift_1, unsigned shift_2)
{
	uint64_t count[CLASSES] = {0}, all = 0;

	for (size_t i = 0; i < s->count; i++) {
		uint64_t value = s->value[s->used[i]], by = (value >> shift_1 | value >> shift_2) & ((1u << CLASSES) - 1);

		all += by != 0;
		for (unsigned c = 0; c < classes; c++)
			count[c] += by >> c & 1;
	}
	write_counts(name, count, class_name, classes);
	fprintf(out, ",\"%s_all\":%" PRIu64, name, all);
}

static void write_changes(void)
{
	const char *separator = "";

	fprintf(out, ",\"changes\":{");
	for (unsigned from = 0; from < classes; from++)
		for (unsigned to = 0; to < classes; to++)
			if (region.change[from][to]) {
				fprintf(out, "%s\"%s>%s\":%" PRIu64, separator, class_name[from], class_name[to],
					region.change[from][to]);
				separator = ",";
			}
	fprintf(out, "}");
}

static void write_addresses(void)
{
	fprintf(out, ",\"addresses\":{");
	for (size_t i = 0; i < region.addresses.count; i++) {
		size_t at = region.addresses.used[i];
		uint64_t address = region.addresses.key[at], count = region.addresses.value[at] - (address == marking);

		fprintf(out, "%s\"%" PRIx64 "\":%" PRIu64, i ? "," : "", address, count);
	}
	fprintf(out, "}");
}

static void add_to_sum(void)
{
	uint64_t cost = 0;

	sum.regions++;
	if (light) {
		sum.ns += host_time();
		return;
	}
	for (unsigned c = 0; c < classes; c++) {
		sum.instructions[c] += region.instructions[c];
		cost += region.instructions[c];
	}
	++*set_at(&sum.costs, cost);
}

/* Writes the sum, if there is one, and begins a new one. */
static void write_sum(void)
{
	if (!summing)
		return;
	fprintf(out, "{\"measurement\":%" PRIu64 ",\"regions\":%" PRIu64, measurement, sum.regions);
	if (light)
		fprintf(out, ",\"ns\":%" PRIu64, sum.ns);
	else
		write_counts("instructions", sum.instructions, class_name, classes);
	fprintf(out, ",\"costs\":{");
	for (size_t i = 0; i < sum.costs.count; i++)
		fprintf(out, "%s\"%" PRIu64 "\":%" PRIu64, i ? "," : "", sum.costs.key[sum.costs.used[i]], sum.costs.value[sum.costs.used[i]]);
	fprintf(out, "}}\n");
	set_clear(&sum.costs);
	memset(sum.instructions, 0, sizeof sum.instructions);
	sum.regions = sum.ns = 0;
	summing = false;
}

static void write_record(void)
{
	fprintf(out, "{\"measurement\":%" PRIu64 ",\"occurrence\":%" PRIu64, measurement, occurrence);
	if (light) {
		fprintf(out, ",\"ns\":%" PRIu64 "}\n", host_time());
		return;
	}
	write_counts("instructions", region.instructions, class_name, classes);
	write_counts("loads", region.loads, class_name, classes);
	write_counts("stores", region.stores, class_name, classes);
	write_counts("events", region.event, event_name, events);
	write_lines("code_lines", &region.code, 0, 0);
	write_lines("data_lines", &region.data, 0, CLASSES);
	write_lines("data_lines_written", &region.data, CLASSES, CLASSES);
	write_changes();
	if (with_addresses)
		write_addresses();
	fprintf(out, "}\n");
}

static void finish(bool complete)
{
	write_sum();
	fprintf(out, "{\"complete\":%s", complete ? "true" : "false");
	write_counts("since_start", since_start, class_name, classes);
	write_counts("before_user", before_user, class_name, classes);
	fprintf(out, "}\n");
	fclose(out);
	if (trace)
		fclose(trace);
}

/* ---- markers ---- */

static bool tracing(void)
{
	return trace && open && measurement == traced + 1;
}

static void begin(void)
{
	open = true;
	if (light) {
		clock_gettime(CLOCK_MONOTONIC, &begun);
		return;
	}
	set_clear(&region.code);
	set_clear(&region.data);
	set_clear(&region.addresses);
	memset(region.instructions, 0, sizeof region.instructions);
	memset(region.loads, 0, sizeof region.loads);
	memset(region.stores, 0, sizeof region.stores);
	memset(region.event, 0, sizeof region.event);
	memset(region.change, 0, sizeof region.change);
	if (tracing()) {
		rewind(trace);
		if (ftruncate(fileno(trace), 0) != 0)
			abort();
	}
}

static void marked(enum mark mark)
{
	if (mark == MARK_BEGIN) {
		begin();
	} else if (mark == MARK_END && open) {
		if (summing)
			add_to_sum();
		else
			write_record();
		occurrence++;
		open = false;
	} else if (mark == MARK_NEXT) {
		write_sum();
		measurement++;
		occurrence = 0;
		open = false;
	} else if (mark == MARK_FINISH || (mark == MARK_QUICK && quick)) {
		finish(true);
		_exit(0);
	} else if (mark == MARK_SUM) {
		summing = true;
	}
}

/* ---- what QEMU calls ---- */

static void count_region(const struct instruction *in, unsigned last)
{
	region.instructions[in->class]++;
	if (summing)
		return;
	if (last != in->class)
		region.change[last][in->class]++;
	for (unsigned i = 0; in->events >> i; i++)
		region.event[i] += in->events >> i & 1;
	*set_at(&region.code, in->line) |= READ_BY(in->class);
	if ((in->address & ((1u << line_shift) - 1)) + in->size > 1u << line_shift)
		*set_at(&region.code, in->line + 1) |= READ_BY(in->class);
	if (with_addresses)
		++*set_at(&region.addresses, in->address);
	if (tracing())
		fprintf(trace, "%s %" PRIx64 " %s\n", class_name[in->class], in->address, in->text);
}

/* The first time that the second class (the kernel) is left for the first one (user level). */
static void watch_boot(const struct instruction *in)
{
	kernel_seen |= in->class == 2;
	if (in->class == 1 && kernel_seen) {
		user_seen = true;
		memcpy(before_user, since_start, sizeof before_user);
	}
}

/* The instruction that ends a region or begins it is not counted, but this is called before it stores: see unmark(). */
static void on_execute(unsigned int core, void *data)
{
	const struct instruction *in = data;

	if (!user_seen)
		watch_boot(in);
	since_start[in->class]++;
	if (open)
		count_region(in, last_class[core % CORES]);
	last_class[core % CORES] = in->class;
}

/* The marking store itself was counted when it was executed. (A set cannot lose a key: its address stays, with one less.) */
static void unmark(const struct instruction *in)
{
	region.instructions[in->class]--;
	marking = in->address;
}

static void on_access(unsigned int core, qemu_plugin_meminfo_t info, uint64_t address, void *data)
{
	const struct instruction *in = data;
	bool store = qemu_plugin_mem_is_store(info);
	uint64_t physical = address, bytes = (uint64_t)1 << qemu_plugin_mem_size_shift(info);
	struct qemu_plugin_hwaddr *place;

	(void)core;
	if (store && in->class == 1 && address - mark_address < MARKS * 8) {
		unmark(in);
		marked((enum mark)((address - mark_address) / 8));
		return;
	}
	if (!open || light || summing)
		return;
	place = qemu_plugin_get_hwaddr(info, address);
	if (place)
		physical = qemu_plugin_hwaddr_phys_addr(place);
	for (uint64_t line = physical >> line_shift; line <= (physical + bytes - 1) >> line_shift; line++)
		*set_at(&region.data, line) |= store ? WRITTEN_BY(in->class) : READ_BY(in->class);
	(store ? region.stores : region.loads)[in->class]++;
	if (tracing())
		fprintf(trace, "    %s %" PRIx64 " (%" PRIx64 ") %" PRIu64 "\n", store ? "store" : "load", address, physical,
			bytes);
}

static unsigned classify(uint64_t address)
{
	for (unsigned i = 0; i < ranges; i++)
		if (address >= range[i].low && address <= range[i].high)
			return range[i].class;
	return 0;
}

static uint32_t find_events(const uint8_t *bytes, size_t size)
{
	uint32_t found = 0;

	for (const struct pattern *p = pattern; p < pattern + patterns; p++) {
		size_t i = 0;

		while (i < p->length && i < size && (bytes[i] & p->mask[i]) == p->value[i])
			i++;
		if (i == p->length)
			found |= 1u << p->event;
	}
	return found;
}

/* Instructions live for ever, since a block may run while it is translated again; one that comes again is found again. */
static struct instruction *instruction_of(struct qemu_plugin_insn *insn)
{
	uint64_t address = qemu_plugin_insn_vaddr(insn), host = (uint64_t)(uintptr_t)qemu_plugin_insn_haddr(insn);
	struct instruction **first = &bucket[(address >> 1 ^ address >> 17) % BUCKETS], *in;
	uint64_t line = (host ? host : address) >> line_shift;
	size_t size = qemu_plugin_insn_size(insn);
	uint32_t bits = find_events(qemu_plugin_insn_data(insn), size);

	for (in = *first; in; in = in->next)
		if (in->address == address && in->line == line && in->size == size && in->events == bits && !trace)
			return in;
	in = allocate(1, sizeof *in);
	*in = (struct instruction){
		.address = address, .line = line, .size = size, .class = classify(address), .events = bits, .next = *first};
	in->text = trace ? qemu_plugin_insn_disas(insn) : NULL;
	*first = in;
	return in;
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
	size_t count = qemu_plugin_tb_n_insns(block);

	(void)id;
	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);
		struct instruction *in = instruction_of(insn);

		if (!light)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_execute, QEMU_PLUGIN_CB_NO_REGS, in);
		if (!light || in->class == 1)
			qemu_plugin_register_vcpu_mem_cb(insn, on_access, QEMU_PLUGIN_CB_NO_REGS,
							 light ? QEMU_PLUGIN_MEM_W : QEMU_PLUGIN_MEM_RW, in);
	}
}

static void on_exit_of_qemu(qemu_plugin_id_t id, void *data)
{
	(void)id;
	(void)data;
	finish(false);
}

/* ---- start ---- */

/* The number of a name in a table that grows; `limit` if it is full. */
static unsigned number_of(const char *name, const char **names, unsigned *count, unsigned limit)
{
	unsigned i = 0;

	while (i < *count && strcmp(names[i], name) != 0)
		i++;
	if (i == *count && i < limit)
		names[(*count)++] = strdup(name);
	return i;
}

static bool add_class(char *text)
{
	char *low = strchr(text, ':'), *high = low ? strchr(low, '-') : NULL;

	if (!high || ranges == RANGES)
		return false;
	*low++ = '\0';
	range[ranges].class = number_of(text, class_name, &classes, CLASSES);
	range[ranges].low = strtoull(low, NULL, 0);
	range[ranges].high = strtoull(high + 1, NULL, 0);
	return range[ranges++].class < CLASSES;
}

static bool parse_bytes(const char *text, size_t length, uint8_t *bytes)
{
	for (size_t i = 0; i < length; i++)
		if (sscanf(text + 2 * i, "%2" SCNx8, &bytes[i]) != 1)
			return false;
	return true;
}

static bool add_event(char *text)
{
	struct pattern *p = &pattern[patterns];
	char *value = strchr(text, ':'), *mask = value ? strchr(value + 1, ':') : NULL;

	if (!mask || patterns == PATTERNS)
		return false;
	*value++ = '\0';
	*mask++ = '\0';
	p->length = strlen(value) / 2;
	p->event = number_of(text, event_name, &events, EVENTS);
	if (p->length > PATTERN_BYTES || strlen(mask) != 2 * p->length || p->event == EVENTS)
		return false;
	patterns++;
	return parse_bytes(value, p->length, p->value) && parse_bytes(mask, p->length, p->mask);
}

static bool set_option(const char *name, char *value)
{
	if (strcmp(name, "class") == 0)
		return add_class(value);
	if (strcmp(name, "event") == 0)
		return add_event(value);
	if (strcmp(name, "out") == 0)
		return (out = fopen(value, "w")) != NULL;
	if (strcmp(name, "trace") == 0)
		return (trace = fopen(value, "w")) != NULL;
	if (strcmp(name, "mark") == 0)
		mark_address = strtoull(value, NULL, 0);
	else if (strcmp(name, "traced") == 0)
		traced = strtoull(value, NULL, 0);
	else if (strcmp(name, "line") == 0)
		line_shift = (unsigned)__builtin_ctzll(strtoull(value, NULL, 0));
	else if (strcmp(name, "addresses") == 0)
		with_addresses = strtoul(value, NULL, 0) != 0;
	else if (strcmp(name, "quick") == 0)
		quick = strtoul(value, NULL, 0) != 0;
	else if (strcmp(name, "light") == 0)
		light = strtoul(value, NULL, 0) != 0;
	else
		return false;
	return true;
}

PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_plugin_info *info, int count, char **option)
{
	(void)info;
	for (int i = 0; i < count; i++) {
		char *value = strchr(option[i], '=');

		if (value)
			*value++ = '\0';
		if (!value || !set_option(option[i], value)) {
			fprintf(stderr, "count: option %s: unknown, or its value cannot be used\n", option[i]);
			return -1;
		}
	}
	if (!out || !mark_address) {
		fprintf(stderr, "count: the options out and mark are needed\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	qemu_plugin_register_atexit_cb(id, on_exit_of_qemu, NULL);
	return 0;
}
