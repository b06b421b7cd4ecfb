/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simulated machine, for those who drive it: unit tests and fuzzers.
 *
 * There is one core, a clock that moves only when it is told to, RAM that is full of rubbish, and a TLB
 * that forgets nothing by itself. "User level" is the caller: it says what the frame that the kernel
 * resumed last does next. Each entry runs the kernel to its exit, then hosted.after() (if set).
 */
#ifndef HOSTED_H
#define HOSTED_H

#include "kernel/hal.h"

#define HOSTED_RAM_BASE 0x80000000u
#define HOSTED_RAM_SIZE (32u << 20)
#define HOSTED_KERNEL_SIZE (64u << 10) /* of RAM, from its start: what the kernel's image would take */
#define HOSTED_PHYSICAL_END ((uint64_t)1 << 40)

enum { HOSTED_FREQUENCY = 100000, HOSTED_CONSOLE = 8192 };

/* Shapes of page tables. */
enum hosted_shape {
	SHAPE_USUAL,    /* four levels of 9 bits, three sizes of pages, ASIDs */
	SHAPE_BIG_ROOT, /* a root of 13 bits, no ASIDs */
	SHAPE_SMALL,    /* three levels of 4, 4 and 5 bits, few ASIDs: everything is near a border */
	SHAPES
};

/* How the last entry into the kernel ended. */
enum hosted_end {
	END_RESUMED, /* hosted.running goes on */
	END_IDLE,    /* nobody is ready and no timer is set */
	END_STOPPED, /* hal_stop: hosted.how */
};

struct hosted {
	enum hosted_shape shape;
	struct hal_frame *running; /* resumed last; NULL: none */
	enum hosted_end end;
	enum power how;
	uint64_t clock, timer;
	unsigned windows;      /* preemption windows since it was set to 0 */
	unsigned interrupt_at; /* the timer comes in the window in which `windows` reaches this; 0: never */
	bool interrupt_always; /* it comes in every window */
	void (*after)(void);
	unsigned flushes;      /* counted for tests */
	unsigned console_used;
	char console[HOSTED_CONSOLE]; /* the last output, as a string */
};
extern struct hosted hosted;

/* ---- the machine's life ---- */

/* RAM of the machine, full of rubbish; once, before everything else. */
void hosted_power_on(void);

/* Boots the kernel. Tree and archive must lie in RAM or elsewhere for good; see images.h for making them. */
enum hosted_end hosted_boot(enum hosted_shape shape, const struct hal_boot *boot);

/* What the HAL tells the core: kernel image and RAM end; the tree lies at `tree` (`size` bytes readable there). */
struct hal_boot hosted_boot_facts(void *tree, size_t size);

/* Whole states of the machine: RAM, kernel, simulation. Slots 0 .. SNAPSHOTS - 1. */
enum { SNAPSHOTS = 4 };
void hosted_save(unsigned slot);
void hosted_restore(unsigned slot);

/* The console is printed and the program aborts: something that must not be. */
_Noreturn void hosted_abort(const char *why);

/* Forgets the console's output. */
void hosted_console_clear(void);

/* ---- what user level and devices do ---- */

/* The running frame traps (or does so again, being retried) with the registers that it has. */
enum hosted_end hosted_syscall(void);

/* Is the running frame about to execute its trap again? */
bool hosted_is_retried(void);

/* The running frame faults. */
enum hosted_end hosted_page_fault(uintptr_t address, unsigned access);
enum hosted_end hosted_exception(enum exception kind, uintptr_t address, word_t raw);

/* The clock goes on; if the timer was set for that time, it comes. Also leaves END_IDLE. */
enum hosted_end hosted_pass(uint64_t ticks);

/* The running frame uses an address: through the TLB as a processor does. True: it has that access; *physical is where. */
bool hosted_touch(uintptr_t address, unsigned access, uint64_t *physical);

/* ---- checks ---- */

/* Does what the TLB holds agree with the page tables? NULL or what is wrong. */
const char *hosted_check_tlb(void);

/* RAM in which no kernel object lives may not be used from now on (by a kernel under the address sanitizer). */
void hosted_dead(uint64_t physical, uint64_t length);
void hosted_all_alive(void);

#endif
