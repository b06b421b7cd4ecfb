/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls to the hypervisor (PAPR chapter 14, Linux on Power Architecture Reference), and the firmware services that QEMU
 * and KVM take by a call of their own instead of through code in the partition's memory (H_RTAS 0xf000).
 */
#include <libfdt.h>
#include <kernel/hal.h>
#include "papr.h"

enum { H_SUCCESS = 0, H_BUSY = 1 };

enum call {
	H_PUT_TERM_CHAR = 0x58,
	H_EOI = 0x64,
	H_CPPR = 0x68,
	H_IPI = 0x6c,
	H_XIRR = 0x74,
	H_CEDE = 0xe0,
	H_SET_MODE = 0x31c,
	H_REGISTER_PROC_TBL = 0x37c,
	H_RTAS = 0xf000,
};

/* r3 = call, then status; r4.. = arguments, then results; r0, r3..r12, CTR, XER and some of CR change (PAPR 14.5.1). */
static int64_t hypervisor_value(enum call call, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t *value)
{
	register uint64_t r3 __asm__("r3") = call;
	register uint64_t r4 __asm__("r4") = a;
	register uint64_t r5 __asm__("r5") = b;
	register uint64_t r6 __asm__("r6") = c;
	register uint64_t r7 __asm__("r7") = d;

	__asm__ volatile("sc 1"
			 : "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7)
			 :
			 : "r0", "r8", "r9", "r10", "r11", "r12", "ctr", "xer", "cr0", "cr1", "cr5", "cr6", "cr7", "memory");
	*value = r4;
	return (int64_t)r3;
}

static int64_t hypervisor(enum call call, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	uint64_t value;

	return hypervisor_value(call, a, b, c, d, &value);
}

/* A request to firmware's services: 32-bit big-endian words, below 4 GiB. */
struct services_request {
	uint32_t token, arguments, results, word[6];
} __attribute__((aligned(64)));
static struct services_request requests[HAL_CORES_MAX]; /* one per core */

static const void *device_tree;

static uint64_t console; /* its unit address; 0 means the first one to QEMU */

/* Numbers of services. The tree names them; these are what QEMU has, for a machine that has to stop without a tree. */
static uint32_t token_start_cpu, token_set_xive, token_int_on, token_int_off;
static uint32_t token_power_off = 0x2003, token_reboot = 0x2004, token_terminate = 0x201f;

/* 0: there is no such service. */
static uint32_t token(const void *tree, const char *name)
{
	int node = fdt_path_offset(tree, "/rtas"), length;
	const fdt32_t *value = node < 0 ? NULL : fdt_getprop(tree, node, name, &length);

	return value && length == sizeof *value ? fdt32_ld(value) : 0;
}

void papr_init(const void *tree)
{
	int node = fdt_node_offset_by_compatible(tree, -1, "hvterm1"), length;
	const fdt32_t *unit = node < 0 ? NULL : fdt_getprop(tree, node, "reg", &length);

	if (unit && length == sizeof *unit)
		console = fdt32_ld(unit);
	token_power_off = token(tree, "power-off");
	token_reboot = token(tree, "system-reboot");
	token_terminate = token(tree, "ibm,os-term");
	token_start_cpu = token(tree, "start-cpu");
	token_set_xive = token(tree, "ibm,set-xive");
	token_int_on = token(tree, "ibm,int-on");
	token_int_off = token(tree, "ibm,int-off");
	device_tree = tree;
}

/* Characters go in the high bytes of two registers. Busy: the terminal takes no more yet. */
void hal_console_put(char c)
{
	while (hypervisor(H_PUT_TERM_CHAR, console, 1, (uint64_t)(unsigned char)c << 56, 0) == H_BUSY)
		;
}

/* Calls a service with `arguments` words, of which the rest are given. Returns its status; -1: there is no such service. */
static int32_t service(uint32_t number, uint32_t arguments, uint32_t first, uint32_t second, uint32_t third)
{
	struct services_request *request = &requests[hal_core_self()];

	if (!number)
		return -1;
	*request = (struct services_request){
		cpu_to_fdt32(number),
		cpu_to_fdt32(arguments),
		cpu_to_fdt32(1),
		{cpu_to_fdt32(first), cpu_to_fdt32(second), cpu_to_fdt32(third)},
	};
	if (hypervisor(H_RTAS, hal_physical_address(request), 0, 0, 0) != H_SUCCESS)
		return -1;
	return (int32_t)fdt32_to_cpu(request->word[arguments]);
}

_Noreturn void hal_stop(enum power how)
{
	static const char text[] = "Cobnut has stopped";

	if (how == POWER_FAIL) /* with -action panic=exit-failure QEMU's exit status is 1 */
		service(token_terminate, 1, (uint32_t)hal_physical_address(text), 0, 0);
	if (how == POWER_REBOOT)
		service(token_reboot, 0, 0, 0, 0);
	service(token_power_off, 2, UINT32_MAX, UINT32_MAX, 0); /* the masks: nothing turns it on again */
	for (;;)
		hypervisor(H_CEDE, 0, 0, 0, 0);
}

void papr_cede(void)
{
	hypervisor(H_CEDE, 0, 0, 0, 0);
}

bool papr_start_core(uint32_t server, uint32_t entry, unsigned number)
{
	return service(token_start_cpu, 3, server, entry, number) == 0;
}

/* ---- interrupts: XICS (PAPR 14.10). Priority 0 is the most favoured, 0xff the least ---- */

enum { PRIORITY_IPI = 4, PRIORITY_DEVICE = 5, PRIORITY_NONE = 0xff, SOURCE_MASK = 0xffffff, SOURCE_IPI = 2 };

void papr_interrupts_open(void)
{
	hypervisor(H_CPPR, PRIORITY_NONE, 0, 0, 0);
}

void papr_interrupt_core(uint32_t server)
{
	__asm__ volatile("sync" : : : "memory");
	hypervisor(H_IPI, server, PRIORITY_IPI, 0, 0);
}

/* Accepts and ends what is pending for this core, one after another. */
void papr_interrupt(void)
{
	uint64_t accepted;

	while (hypervisor_value(H_XIRR, 0, 0, 0, 0, &accepted) == H_SUCCESS && accepted & SOURCE_MASK) {
		uint32_t source = (uint32_t)accepted & SOURCE_MASK;

		if (source == SOURCE_IPI) {
			hypervisor(H_IPI, papr_this_server(), PRIORITY_NONE, 0, 0);
			hypervisor(H_EOI, accepted, 0, 0, 0);
			core_ipi();
			continue;
		}
		if (source - PAPR_IRQ_FIRST < HAL_IRQ_COUNT)
			core_interrupt(source - PAPR_IRQ_FIRST);
		hypervisor(H_EOI, accepted, 0, 0, 0);
	}
}

/* Two cells: the source, and 1 for level (PAPR B.6.9.1). */
bool hal_irq_translate(uint32_t controller, const uint32_t *cells, unsigned cell_count, unsigned *irq, enum hal_trigger *trigger)
{
	int node = device_tree ? fdt_node_offset_by_phandle(device_tree, controller) : -1;

	if (node < 0 || !fdt_getprop(device_tree, node, "interrupt-controller", NULL) || cell_count != 2)
		return false;
	if (cells[0] < PAPR_IRQ_FIRST || cells[0] - PAPR_IRQ_FIRST >= HAL_IRQ_COUNT || cells[1] > 1)
		return false;
	*irq = cells[0] - PAPR_IRQ_FIRST;
	*trigger = cells[1] ? HAL_TRIGGER_LEVEL_HIGH : HAL_TRIGGER_EDGE_RISING;
	return true;
}

void hal_irq_route(unsigned irq, unsigned core, enum hal_trigger trigger)
{
	(void)trigger; /* the source knows */
	service(token_set_xive, 3, irq + PAPR_IRQ_FIRST, papr_server(core), PRIORITY_DEVICE);
	hal_irq_mask(irq, true);
}

bool hal_irq_mask(unsigned irq, bool masked)
{
	return service(masked ? token_int_off : token_int_on, 1, irq + PAPR_IRQ_FIRST, 0, 0) == 0;
}

/* Messages of PCI devices are firmware's to give out (ibm,change-msi, per device): not offered. */
bool hal_irq_message(uint32_t bus, uint32_t requester, unsigned core, unsigned *irq, uint64_t *address, uint32_t *data)
{
	(void)bus, (void)requester, (void)core, (void)irq, (void)address, (void)data;
	return false;
}

void hal_irq_message_free(unsigned irq)
{
	(void)irq;
}

/* A hypervisor call: r3..r10 in and out. */
bool hal_firmware(word_t regs[8])
{
	register uint64_t r3 __asm__("r3") = regs[0];
	register uint64_t r4 __asm__("r4") = regs[1];
	register uint64_t r5 __asm__("r5") = regs[2];
	register uint64_t r6 __asm__("r6") = regs[3];
	register uint64_t r7 __asm__("r7") = regs[4];
	register uint64_t r8 __asm__("r8") = regs[5];
	register uint64_t r9 __asm__("r9") = regs[6];
	register uint64_t r10 __asm__("r10") = regs[7];

	__asm__ volatile("sc 1"
			 : "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7), "+r"(r8), "+r"(r9), "+r"(r10)
			 :
			 : "r0", "r11", "r12", "ctr", "xer", "cr0", "cr1", "cr5", "cr6", "cr7", "memory");
	regs[0] = r3;
	regs[1] = r4;
	regs[2] = r5;
	regs[3] = r6;
	regs[4] = r7;
	regs[5] = r8;
	regs[6] = r9;
	regs[7] = r10;
	return true;
}

/* PAPR 14.15.6. Resource 4 is the byte order of interrupts, of all cores; resource 3 the address translation mode on interrupt, value 3:
   at 0xc000000000004000, MMU on. */
bool papr_interrupts_mapped(void)
{
	enum { ORDER = 4, ORDER_BIG = 0, ORDER_LITTLE = 1, TRANSLATION = 3, TRANSLATION_ON = 3 };
	const uint64_t order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ORDER_LITTLE : ORDER_BIG;

	return hypervisor(H_SET_MODE, order, ORDER, 0, 0) == H_SUCCESS &&
	       hypervisor(H_SET_MODE, TRANSLATION_ON, TRANSLATION, 0, 0) == H_SUCCESS;
}

bool papr_register_process_table(uint64_t physical, unsigned shift)
{
	enum { NEW = 0x18, RADIX = 4, GUEST_TLBIE = 1 };

	return hypervisor(H_REGISTER_PROC_TBL, NEW | RADIX | GUEST_TLBIE, physical, 0, shift - 12) == H_SUCCESS;
}
