/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cores: which there are, starting them, and interrupts from one to another.
 *
 * A core's number is its place in the cores' memory (layout.h): 0 is the boot core, whichever hart that
 * is; the others are in the order of the tree. Other cores than the boot core need the firmware's
 * extensions HSM, IPI and RFENCE (all of SBI 0.3).
 */
#include "csr.h"
#include "internal.h"
#include "sbi.h"

_Static_assert(sizeof(struct hal_core) <= CORE_SIZE, "layout.h: CORE_SIZE");
_Static_assert(offsetof(struct hal_core, satp) == CORE_SATP, "layout.h: CORE_SATP");
_Static_assert(CORES_MAX == HAL_CORES_MAX, "layout.h: CORES_MAX");

extern char cores_memory[]; /* start.S */
extern const char secondary_start[];

_Noreturn void cores_secondary(void);

static unsigned count;
static bool others_started;
static unsigned stopping;

static struct hal_core *get_core(unsigned number)
{
	return (void *)(cores_memory + (number + 1) * CORE_STRIDE - CORE_SIZE);
}

/* ---- which there are ---- */

static void init_core(word_t hart)
{
	*get_core(count) = (struct hal_core){ .number = count, .hart = hart, .deadline = UINT64_MAX };
	count++;
}

void cores_init(word_t hart)
{
	init_core(hart);
}

void cores_add(word_t hart)
{
	if (cores_find(hart) == NULL && count < CORES_MAX && memory_map_core(cores_memory + count * CORE_STRIDE))
		init_core(hart);
}

const struct hal_core *cores_find(word_t hart)
{
	for (unsigned i = 0; i < count; i++)
		if (get_core(i)->hart == hart)
			return get_core(i);
	return NULL;
}

uint64_t cores_memory_end(void)
{
	return hal_physical_address(cores_memory) + count * CORE_STRIDE;
}

unsigned hal_core_count(void)
{
	return count;
}

/* ---- start ---- */

bool cores_alone(void)
{
	return !others_started;
}

bool hal_core_start(unsigned core)
{
	if (core == 0 || core >= count || !sbi_has_cores())
		return false;
	struct hal_core *c = get_core(core);
	c->satp = memory_kernel_satp();
	others_started = true;
	return sbi_start_hart(c->hart, hal_physical_address(secondary_start), (word_t)c);
}

/* From start.S: on the core's own stack, at the kernel's addresses, interrupts off. */
_Noreturn void cores_secondary(void)
{
	__asm__ volatile("sfence.vma\n\tfence.i" : : : "memory");
	boot_processor();
	trap_resume(core_secondary());
}

/* ---- interrupts to other cores ---- */

void hal_ipi(unsigned core)
{
	sbi_interrupt_hart(get_core(core)->hart);
}

/* Taken back first, so that one which comes from now on is not lost; the fence is for what its sender stored before. */
void cores_interrupt(void)
{
	csr_clear(sip, INTERRUPT_SOFTWARE);
	__asm__ volatile("fence" : : : "memory");
	if (__atomic_load_n(&stopping, __ATOMIC_RELAXED))
		cores_stop();
	core_ipi();
}

_Noreturn void cores_stop(void)
{
	if (!__atomic_exchange_n(&stopping, 1, __ATOMIC_SEQ_CST) && others_started)
		sbi_interrupt_all();
	csr_write(sie, 0);
	for (;;)
		__asm__ volatile("wfi");
}
