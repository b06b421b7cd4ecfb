/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine of a Power partition: Open Firmware, and a hypervisor under PAPR. */
#include "core.h"
#include "machine.h"
#include "openfirmware.h"
#include "papr.h"

extern char secondary_start[];

/* r3, r4: the archive, or 0; r5: the client interface. */
const char *machine_tree(const struct machine_entry *entry, void *buffer, size_t size)
{
	const struct openfirmware_archive archive = {entry->r3, entry->r4};

	return openfirmware_flatten(entry->r5, &archive, buffer, size);
}

void machine_init(const void *tree)
{
	papr_init(tree);
}

bool machine_core_init(void)
{
	papr_interrupts_open();
	return papr_interrupts_mapped();
}

bool machine_translate(uint64_t process_table, unsigned shift, uint64_t root)
{
	(void)root; /* the hypervisor finds it */
	return papr_register_process_table(process_table, shift);
}

bool machine_start_core(uint64_t server, unsigned number)
{
	return papr_start_core((uint32_t)server, (uint32_t)hal_physical_address(secondary_start), number);
}

void machine_interrupt_core(uint64_t server)
{
	papr_interrupt_core((uint32_t)server);
}

/* A doorbell, which nobody sends, ends by being taken. */
void machine_interrupt(unsigned vector)
{
	if (vector == VECTOR_EXTERNAL)
		papr_interrupt();
}

void machine_idle(void)
{
	papr_cede();
}

uint32_t papr_server(unsigned core)
{
	return (uint32_t)core_records[core].server;
}

uint32_t papr_this_server(void)
{
	return (uint32_t)this_core()->server;
}
