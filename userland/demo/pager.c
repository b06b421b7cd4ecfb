/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pager: gives clients memory at the moment when they touch it. A page fault arrives as a message that the
 * kernel sends in the client's name; the answer carries one page, which the kernel maps before the client goes on.
 */
#include "build.h"
#include "demo.h"
#include "print.h"

static handle_t memory;
static word_t pages_used;

/* The next page goes to the address of the fault. */
static void give_page(struct message *m)
{
	uintptr_t address = m->w[0];
	word_t window = ((word_t)1 << FAULT_WINDOW_SHIFT) - 1;

	print("%s of client-%lu at 0x%lx: gets page %lu\n", (m->w[1] & RIGHT_WRITE) != 0 ? "write" : "read",
	      m->badge - COMPONENT_CLIENT_1 + 1, address, pages_used);
	buffer_self()->item[0] = (struct item){
		.handle = memory,
		.control = RIGHT_READ | RIGHT_WRITE | ITEM_MAP,
		.offset = pages_used++ * PAGE_SIZE,
		.length = PAGE_SIZE,
		.base = address & window & ~(word_t)(PAGE_SIZE - 1),
	};
	m->tag = tag_make(ANSWER_RETRY, 0, 1);
}

/* Only faults in the heap are served, and only as long as there is memory. */
static bool serves(const struct message *m)
{
	return tag_label(m->tag) == LABEL_PAGE_FAULT && m->w[0] - DEMO_HEAP < DEMO_HEAP_SIZE &&
	       pages_used < DEMO_HEAP_SIZE / PAGE_SIZE;
}

word_t program_main(const struct program_info *info)
{
	static struct builder b;
	struct message m;

	builder_init_program(&b, info);
	print_to_endpoint(DEMO_CONSOLE);
	if (build_object(&b, KIND_MEMORY, DEMO_HEAP_SIZE, &memory) != OK || message_receive(DEMO_SERVE, &m, 0) != OK)
		return 1;
	for (;;) {
		if (!serves(&m)) {
			print("cannot serve 0x%lx of component %lu\n", m.w[0], m.badge);
			return 1;
		}
		give_page(&m);
		if (message_answer_receive(DEMO_SERVE, &m) != OK)
			return 1;
	}
}
