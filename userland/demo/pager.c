/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pager: gives clients memory at the moment when they touch it. A page fault arrives as a message that the
 * kernel sends in the client's name; the answer carries one page, which the kernel maps before the client goes on.
 * Each client has pages of its own, one for each page of its heap; a client that is started again gets them again.
 */
#include "build.h"
#include "demo.h"
#include "print.h"

enum { CLIENTS = COMPONENT_CLIENT_2 - COMPONENT_CLIENT_1 + 1 };

static handle_t memory;

/* The client's page of the heap goes to where it faulted. */
static void give_page(struct message *m)
{
	uintptr_t address = m->w[0];
	word_t window = ((word_t)1 << FAULT_WINDOW_SHIFT) - 1, client = m->badge - COMPONENT_CLIENT_1;
	word_t page = client * DEMO_HEAP_PAGES + (address - DEMO_HEAP) / PAGE_SIZE;

	print("%s of client-%lu at 0x%lx: gets page %lu\n", (m->w[1] & RIGHT_WRITE) != 0 ? "write" : "read", client + 1,
	      address, page);
	buffer_self()->item[0] = (struct item){
		.handle = memory,
		.control = RIGHT_READ | RIGHT_WRITE | ITEM_MAP,
		.offset = page * PAGE_SIZE,
		.length = PAGE_SIZE,
		.base = address & window & ~(word_t)(PAGE_SIZE - 1),
	};
	m->tag = tag_make(ANSWER_RETRY, 0, 1);
}

/* What it does not serve is told to the monitor, which destroys the program; nobody waits for the answer then. */
static void complain(struct message *m)
{
	struct message told = {.w = {m->badge, m->w[0], m->w[1], m->w[2], m->w[3], m->w[4]}};

	(void)object_call(PROGRAM_PARENT, MONITOR_FAULT, 6, &told);
	m->tag = tag_make(ANSWER_STOP, 0, 0);
}

/* Only faults of clients, in the heap, are served. */
static void serve(struct message *m)
{
	if (tag_label(m->tag) != LABEL_PAGE_FAULT || m->badge - COMPONENT_CLIENT_1 >= CLIENTS)
		m->tag = tag_make(ERROR_BAD_ARGUMENT, 0, 0);
	else if (m->w[0] - DEMO_HEAP < (word_t)DEMO_HEAP_PAGES * PAGE_SIZE && (m->w[1] & RIGHT_EXECUTE) == 0)
		give_page(m);
	else
		complain(m);
}

word_t program_main(const struct program_info *info)
{
	static struct builder b;
	struct message m;

	builder_init_program(&b, info);
	print_to_endpoint(DEMO_LOG);
	if (build_object(&b, KIND_MEMORY, CLIENTS * DEMO_HEAP_PAGES * PAGE_SIZE, &memory) != OK ||
	    !demo_receive(DEMO_SERVE, &m))
		return 1;
	for (;;) {
		serve(&m);
		if (!demo_answer_receive(DEMO_SERVE, &m))
			return 1;
	}
}
