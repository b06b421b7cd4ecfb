/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simulated machine, for those who drive it: unit tests and fuzzers.
 *
 * One program plays all cores, one after the other: each entry into the kernel runs to the kernel's
 * exit, except that other cores get on when it waits for them, and may do something in each preemption
 * window. The clock moves only when it is told to, RAM is full of rubbish, and a TLB forgets nothing by
 * itself. "User level" is the caller: it says what the frame that the kernel resumed last on a core does
 * next. After each entry hosted.after() is called, if set, unless another core is in the middle of something.
 */
#ifndef HOSTED_H
#define HOSTED_H

#include "kernel/hal.h"

#define HOSTED_RAM_BASE 0x80000000u
#define HOSTED_RAM_SIZE (32u << 20)
#define HOSTED_KERNEL_SIZE (64u << 10) /* of RAM, from its start: what the kernel's image would take */
#define HOSTED_PHYSICAL_END ((uint64_t)1 << 40)

enum { HOSTED_FREQUENCY = 100000, HOSTED_CONSOLE = 8192, HOSTED_CORES = 4 };

/* Shapes of page tables. */
enum hosted_shape {
	SHAPE_USUAL,    /* four levels of 9 bits, three sizes of pages, ASIDs */
	SHAPE_BIG_ROOT, /* a root of 13 bits, no ASIDs; a flush reaches all cores */
	SHAPE_SMALL,    /* three levels of 4, 4 and 5 bits, few ASIDs: everything is near a border */
	SHAPES
};

/* How an entry into the kernel ended. */
enum hosted_end {
	END_RESUMED = 0, /* `running` goes on */
	END_IDLE = 1,    /* nobody is ready on that core */
	END_STOPPED = 2, /* hal_stop: hosted.how */
	END_WAITS = 3,   /* a secondary core waits for the boot core */
};

struct hosted_core {
	struct hal_frame *running; /* resumed last; NULL: none */
	enum hosted_end end;
	uint64_t timer;
	bool ipi;     /* it was sent an interrupt that it has not taken yet */
	bool started;
	bool inside;  /* it is in the kernel */
	bool open;    /* it is in a preemption window there */
};

struct hosted {
	enum hosted_shape shape;
	unsigned cores;         /* how many the machine has: set before boot (0: 1) */
	uint32_t cores_refused; /* bit n: firmware refuses to start core n; */
	uint32_t cores_lost;    /* says that it did, but it never comes */
	struct hosted_core core[HOSTED_CORES];
	enum power how;
	uint64_t clock;
	unsigned windows;      /* preemption windows since it was set to 0 */
	unsigned interrupt_at; /* the timer comes in the window in which `windows` reaches this; 0: never */
	bool interrupt_always; /* it comes in every window */
	bool general;          /* system calls take the general path */
	void (*window)(void);  /* called in each window of an entry that is not in another one's window: others may act */
	void (*after)(void);
	unsigned flushes;      /* counted for tests */
	unsigned fast;         /* system calls that took the fast path */
	unsigned console_used;
	char console[HOSTED_CONSOLE]; /* the last output, as a string */
};
extern struct hosted hosted;

/* The core that acts. */
static inline struct hosted_core *hosted_core(void)
{
	return &hosted.core[hosted_self];
}

/* ---- the machine's life ---- */

/* RAM of the machine, full of rubbish; once, before everything else. */
void hosted_power_on(void);

/* Boots the kernel; afterwards core 0 acts. Tree and archive must stay where they are; see images.h for making them. */
enum hosted_end hosted_boot(enum hosted_shape shape, const struct hal_boot *boot);

/* What the HAL tells the core: kernel image and RAM end; the tree lies at `tree` (`size` bytes readable there). */
struct hal_boot hosted_boot_facts(void *tree, size_t size);

/* Whole states of the machine: RAM, kernel, simulation. Slots 0 .. SNAPSHOTS - 1. */
enum { SNAPSHOTS = 8 };
void hosted_save(unsigned slot);
void hosted_restore(unsigned slot);

/* The console is printed and the program aborts: something that must not be. */
_Noreturn void hosted_abort(const char *why);

/* Forgets the console's output. */
void hosted_console_clear(void);

/* ---- what user level and devices do ---- */

/* Another core acts from now on. */
void hosted_act(unsigned core);

/* How many entries are in a window of another one: 0 or 1. */
unsigned hosted_depth(void);

/* The running frame traps with the registers that it has. */
enum hosted_end hosted_syscall(void);

/* The running frame faults. */
enum hosted_end hosted_page_fault(uintptr_t address, unsigned access);
enum hosted_end hosted_exception(enum exception kind, uintptr_t address, word_t raw);

/* A device raises an interrupt; the core that it is routed to takes it when it is unmasked. */
void hosted_raise(unsigned irq);

/* For machine.c: an interrupt that the core that acts could take; `take`: it does. */
bool hosted_claim(unsigned *irq, bool take);

/* The core that acts takes what is pending: its timer if the clock says so, and what other cores sent. */
enum hosted_end hosted_take(void);

/* The clock goes on, and every core takes what is pending, until nothing is. */
void hosted_pass(uint64_t ticks);

/* Time passes until the first timer of any core, and that comes. False: no timer is set. */
bool hosted_wait(void);

/* The running frame uses an address: through the TLB as a processor does. True: it has that access; *physical is where. */
bool hosted_touch(uintptr_t address, unsigned access, uint64_t *physical);

/* The two FP registers of the core that acts, if user level may use them there; else NULL. */
uint64_t *hosted_fpu(void);

/* ---- checks ---- */

/* Does what the TLBs hold agree with the page tables? NULL or what is wrong. */
const char *hosted_check_tlb(void);

/* RAM in which no kernel object lives may not be used from now on (by a kernel under the address sanitizer). */
void hosted_dead(uint64_t start, uint64_t end);
void hosted_all_alive(void);

#endif
