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
	H_CPPR = 0x68,
	H_CEDE = 0xe0,
	H_SET_MODE = 0x31c,
	H_REGISTER_PROC_TBL = 0x37c,
	H_RTAS = 0xf000,
};

/* r3 = call, then status; r4.. = arguments, then results; r0, r3..r12, CTR, XER and some of CR change (PAPR 14.5.1). */
static int64_t hypervisor(enum call call, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
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
	return (int64_t)r3;
}

/* A request to firmware's services: 32-bit big-endian words, below 4 GiB. */
struct services_request {
	uint32_t token, arguments, results, word[4];
};
static struct services_request request __attribute__((aligned(64)));

static uint64_t console; /* its unit address; 0 means the first one to QEMU */

/* Numbers of services. The tree names them; these are what QEMU has, for a machine that has to stop without a tree. */
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
}

/* Characters go in the high bytes of two registers. Busy: the terminal takes no more yet. */
void hal_console_put(char c)
{
	while (hypervisor(H_PUT_TERM_CHAR, console, 1, (uint64_t)(unsigned char)c << 56, 0) == H_BUSY)
		;
}

static void service(uint32_t number, uint32_t arguments, uint32_t first, uint32_t second)
{
	if (!number)
		return;
	request = (struct services_request){
		cpu_to_fdt32(number), cpu_to_fdt32(arguments), cpu_to_fdt32(1), {cpu_to_fdt32(first), cpu_to_fdt32(second)}};
	hypervisor(H_RTAS, hal_physical_address(&request), 0, 0, 0);
}

_Noreturn void hal_stop(enum power how)
{
	static const char text[] = "Cobnut has stopped";

	if (how == POWER_FAIL) /* with -action panic=exit-failure QEMU's exit status is 1 */
		service(token_terminate, 1, (uint32_t)hal_physical_address(text), 0);
	if (how == POWER_REBOOT)
		service(token_reboot, 0, 0, 0);
	service(token_power_off, 2, UINT32_MAX, UINT32_MAX); /* the masks: nothing turns it on again */
	for (;;)
		hypervisor(H_CEDE, 0, 0, 0, 0);
}

void papr_cede(void)
{
	hypervisor(H_CEDE, 0, 0, 0, 0);
}

/* Priority 0, the most favoured: no interrupt is more so (PAPR 14.10, XICS). */
void papr_interrupts_mask(void)
{
	hypervisor(H_CPPR, 0, 0, 0, 0);
}

/* Resource 3 is the address translation mode on interrupt, value 3: at 0xc000000000004000, MMU on (PAPR 14.15.6). */
bool papr_interrupts_mapped(void)
{
	return hypervisor(H_SET_MODE, 3, 3, 0, 0) == H_SUCCESS;
}

bool papr_register_process_table(uint64_t physical, unsigned shift)
{
	enum { NEW = 0x18, RADIX = 4, GUEST_TLBIE = 1 };

	return hypervisor(H_REGISTER_PROC_TBL, NEW | RADIX | GUEST_TLBIE, physical, 0, shift - 12) == H_SUCCESS;
}
