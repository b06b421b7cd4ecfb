/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of this HAL need of each other.
 */
#ifndef HAL_ARM64_H
#define HAL_ARM64_H

#include "kernel/hal.h"

/* System registers by name: macros, since the name is part of the instruction. */
#define READ_REGISTER(name)                                        \
	({                                                         \
		uint64_t value_;                                   \
		__asm__ volatile("mrs %0, " #name : "=r"(value_)); \
		value_;                                            \
	})
#define WRITE_REGISTER(name, value) __asm__ volatile("msr " #name ", %0" : : "r"((uint64_t)(value)) : "memory")

#define USER_TOP ((uintptr_t)1 << 48)

/* What a core has of its own; TPIDR_EL1 points to it. */
struct core {
	_Alignas(16) unsigned number; /* first: hal_core_self() */
	unsigned stepping;	      /* MDSCR_EL1.SS: `step` of the frame resumed last */
	void *data;		      /* hal_core_data() */
	uint64_t affinity;	      /* the fields Aff0..Aff3 of its MPIDR_EL1 */
	void *redistributor;	      /* GICv3 */
	unsigned points;	      /* `points` of the frame whose debug points are loaded */
	struct hal_frame fatal_frame; /* the kernel's registers where it failed */
};

static inline struct core *core_here(void)
{
	return (struct core *)READ_REGISTER(tpidr_el1);
}

/* A core's kernel stack. The guard is never mapped: an overflow faults. */
struct core_stack {
	uint8_t guard[PAGE_SIZE];
	uint8_t stack[CORE_STACK_SIZE - PAGE_SIZE - CORE_SIZE];
	struct core core; /* the stack grows down from here */
};

#define AFFINITY_MASK 0xff00ffffffu

/* SPSR_EL1.SS of a frame with `step`: an instruction is still to be executed before the exception. */
#define FLAG_STEP ((word_t)1 << 21)

/* ---- debug.c ---- */

/* Breakpoints and watchpoints are off, whatever they came up with. */
void debug_init(void);

/* Loads the points of a frame, and takes away those of the one before. */
void debug_load(const struct hal_frame *f);

/* The thread's watchpoint that an access to `address` has met. */
uintptr_t debug_watched(const struct hal_frame *f, uintptr_t address);

/* ---- kernel.ld ---- */

extern char image_start[], text_end[], rodata_end[], image_end[];

/* ---- start.S, entry.S ---- */

extern char vectors[];
extern char semihosting_trap[]; /* the instruction that asks for semihosting */
void semihosting_call(word_t operation, const void *argument);
extern char secondary_entry[]; /* where firmware starts a core: x0 = its struct core (physical) */

/* ---- fpu.S: V0-V31, FPSR, FPCR to and from 528 bytes ---- */

void fpu_store(void *area);
void fpu_load(const void *area);

/* ---- processor.c ---- */

#define CPACR_FPU   ((uint64_t)3 << 20) /* FPEN: not trapped; in CPACR_EL1 with */
#define CPACR_TRACE ((uint64_t)1 << 28) /* TTA: trace registers trapped; SVE and SME trapped by zeros */

/* Values for TCR_EL1 and SCTLR_EL1; these two run with the MMU off. */
uint64_t processor_translation_control(void);
uint64_t processor_system_control(void);

/* Sets every control register that decides what user level can do. */
void processor_init(void);

unsigned processor_physical_bits(void);
unsigned processor_asid_bits(void);

/* ---- kernel_map.c ---- */

/* Builds the tables that start.S switches on: the image and the device tree at `tree`. Runs with the MMU off. */
void kernel_map_init(uint64_t tree);

/* From now on the tables themselves are reached through the direct map. */
void kernel_map_enter(void);

/* The device tree that firmware gave, and how much is mapped there, writable; NULL: none. */
void *kernel_map_tree(size_t *limit);

/* Maps the registers of a device for the kernel; NULL: no room for tables. */
void *kernel_map_device(uint64_t physical, uint64_t size);

/* Physical address of the root table without entries, which TTBR0 has while no Space is active. */
uint64_t kernel_map_empty_root(void);

/* ---- tree.c ---- */

/* Entry `index` of the node's "reg" as the processor sees it. */
bool tree_reg(const void *tree, int node, unsigned index, struct hal_range *range);

/* Is it there to be used ("status")? */
bool tree_enabled(const void *tree, int node);

/* First enabled node that is compatible; negative: none. */
int tree_find(const void *tree, const char *compatible);

/* All ranges of the node's "reg" are the kernel's alone. */
void keep_device(const void *tree, int node, struct hal_boot *boot);

/* Cell `index` of a property that is a list of cells. */
bool tree_cell(const void *tree, int node, const char *name, unsigned index, uint32_t *value);

/* ---- cores.c ---- */

extern struct core_stack core_stacks[HAL_CORES_MAX];

static inline struct core *core_self(void)
{
	return (struct core *)(uintptr_t)READ_REGISTER(tpidr_el1);
}

/* Numbers the cores of the tree that can be started and that the interrupt controller serves. */
void cores_init(const void *tree);

/* What a core reads that starts with its MMU off: memory, past the caches. */
void clean_to_memory(const void *address);

/* Tells all other cores to stop at the next chance; does not wait. */
void cores_stop(void);

/* This core does nothing any more. */
_Noreturn void core_park(void);

/* ---- console.c, stop.c, firmware.c, timer.c, interrupt.c ---- */

/* These take what they need from the checked device tree; the text says what is missing. NULL: all well. */
const char *timer_init(const void *tree);
const char *interrupt_init(const void *tree, struct hal_boot *boot);

void console_init(const void *tree);
void console_enter(void);
void firmware_init(const void *tree);
void stop_init(const void *tree, struct hal_boot *boot);

/* Chooses the driver, which the functions below need; the text says why there is none. */
const char *interrupt_find(const void *tree);

/* The number at the controller of entry `index` of the timer's "interrupts". */
bool interrupt_of_timer(const void *tree, int node, unsigned index, unsigned *interrupt);

/* A further core, whose affinity is known. False: the controller does not serve it. */
bool interrupt_add_core(const void *tree, struct core *core);

/* On each core, for itself: its private interrupts that the kernel uses are on. False: it has no interface to the controller. */
bool interrupt_init_core(void);

/* Interrupts from core to core. */
enum { INTERRUPT_ATTENTION = 0, INTERRUPT_STOP = 1 };
void interrupt_send(const struct core *to, unsigned interrupt);

/* What is left of hal_stop() when semihosting turned out not to be there. */
_Noreturn void stop_without_semihosting(void);

/* The timer's interrupt at the controller. */
unsigned timer_interrupt(void);

/* The timer's interrupt came. */
void timer_expired(void);

/* ---- called by entry.S and start.S ---- */

struct hal_frame *kernel_main(void);
struct hal_frame *secondary_main(void);
struct hal_frame *exception_from_user(struct hal_frame *f);
_Noreturn void exception_fatal(struct hal_frame *f, unsigned vector);
void interrupt_handle(void);

#endif
