/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contract between the core and the hardware: the whole of it.
 *
 * A HAL (hal/<target>/) supplies the types and inline functions of its hal_arch.h and the functions
 * declared here; it calls back into the core through the nine entry points at the end. Includes go
 * one way: abi <- this contract <- core. The core names no architecture.
 *
 * Execution model: one kernel stack per core. Kernel code runs with interrupts off and never blocks.
 * Interrupts are open only inside hal_preempt_window() and hal_core_idle().
 *
 * Entering the kernel from user level: the HAL saves the user's registers in the frame that it last
 * resumed (hal_resume's argument), runs on the core's kernel stack, calls one entry point, and
 * resumes the frame which that returns. A system call saves only what ipc preserves or reads and
 * marks the frame partial: its other registers then count as zero and are zero on the way back.
 *
 * hal_arch.h supplies (as static inline functions where marked [i], they are on hot paths):
 *
 *   struct hal_frame            all registers of a user thread, without FP and vector state
 *   HAL_NAME                    the target's name, for messages
 *   HAL_ELF_MACHINE             e_machine of its user programs
 *   [i] void *hal_kernel_address(uint64_t physical)         address in the direct map
 *   [i] uint64_t hal_physical_address(const void *kernel)   and back (direct map only)
 *   [i] void hal_message_load(const struct hal_frame *, struct hal_message *)
 *   [i] void hal_message_store(struct hal_frame *, word_t status, word_t badge, word_t tag, const word_t w[6])
 *           result of ipc; the frame stays partial, its constants (flags and the like) are set
 *   [i] void hal_frame_retry(struct hal_frame *)    the system call that was entered runs again when resumed
 *   [i] word_t hal_frame_ip(const struct hal_frame *), hal_frame_sp(const struct hal_frame *)
 *   [i] uint64_t hal_pte_leaf(unsigned level, uint64_t physical, unsigned access, unsigned attribute)
 *   [i] uint64_t hal_pte_table(unsigned level, uint64_t physical)  entry at `level` that points to a table of level - 1
 *   [i] uint64_t hal_pte_read(const uint64_t *)                 in the CPU's byte order; 0: absent
 *   [i] void hal_pte_write(uint64_t *, uint64_t)                visible to the walker on return
 *   [i] bool hal_pte_is_leaf(unsigned level, uint64_t pte)      of a present entry
 *   [i] uint64_t hal_pte_address(unsigned level, uint64_t pte)  physical address of leaf or table
 *   [i] unsigned hal_pte_access(unsigned level, uint64_t pte)   of a leaf: RIGHT_READ | RIGHT_WRITE | RIGHT_EXECUTE
 *
 * Levels count from 0 (tables whose leaves are 4 KiB) to hal_pt.levels - 1 (the root).
 */
#ifndef KERNEL_HAL_H
#define KERNEL_HAL_H

#include <abi/faults.h>
#include <abi/ipc.h>
#include <abi/objects.h>
#include <abi/types.h>

/* The arguments of a system call. */
struct hal_message {
	word_t to, from, tag;
	word_t w[MESSAGE_REGISTERS];
};

#include "hal_arch.h"

/* ---- console and end ---- */

/* Writes one byte to the firmware's or board's console, polled; works from the first instruction on. '\n' is
   sent as "\r\n" by the caller. */
void hal_console_put(char c);

/* Ends the machine. POWER_FAIL is visible to whoever started it where the machine has a way (see platforms). */
_Noreturn void hal_stop(enum power how);

/* ---- cores ---- */

/* Number of the executing core, 0 .. cores - 1; the boot core is 0. */
unsigned hal_core_self(void);

/* Opens interrupts and waits until at least one was handled; returns with interrupts off. May return early. */
void hal_core_idle(void);

/* ---- time ---- */

/* Monotonic counter, the one that user level can read. */
uint64_t hal_clock(void);

/* Its frequency in Hz. */
uint64_t hal_clock_frequency(void);

/* core_timer() is called once hal_clock() >= deadline; in the past: at once; UINT64_MAX: off. One deadline per core. */
void hal_timer_set(uint64_t deadline);

/* ---- interrupts ---- */

/* Opens interrupts for a moment so that what is pending reaches core_timer(); returns with interrupts off. */
void hal_preempt_window(void);

/* ---- frames ---- */

/* A full frame of user level with all registers zero but these; flags are the fixed user flags. */
void hal_frame_init(struct hal_frame *f, word_t ip, word_t sp, word_t argument);

/* SET: goes on at ip with sp and flags, the other registers as they are. Whatever user level chose is sanitised. */
void hal_frame_set(struct hal_frame *f, word_t ip, word_t sp, word_t flags);

/* The thread pointer (TLS register) of the frame. Sanitised. */
void hal_frame_set_thread_pointer(struct hal_frame *f, word_t value);

/* Number of registers in a group (0: the group does not exist here). Layout: abi/<architecture>/registers.h. */
unsigned hal_frame_registers(unsigned group);

/* Copies `count` registers from `first` on out of or into the frame. The caller has checked the range. A partial
   frame reads as zero in what ipc does not preserve; writing makes it full. Writes are sanitised. */
void hal_frame_read(const struct hal_frame *f, unsigned group, unsigned first, unsigned count, word_t *out);
void hal_frame_write(struct hal_frame *f, unsigned group, unsigned first, unsigned count, const word_t *in);

/* Prints the registers through kprintf, for core_fatal and dumps. */
void hal_frame_dump(const struct hal_frame *f);

/* Called before a frame is resumed that is not the one resumed last on this core: loads what lives outside of the
   frame (on some processors the thread pointer). */
void hal_thread_switch(const struct hal_frame *to);

/* ---- page tables and memory ---- */

enum { HAL_LEVELS_MAX = 5 };

/* Shape of user page tables, fixed after boot. */
struct hal_pt {
	uint8_t levels;
	uint8_t bits[HAL_LEVELS_MAX]; /* index bits per level */
	uint8_t leaf_levels;          /* bit n: level n may hold leaves (never the root's) */
	uint8_t asid_bits;            /* 0: none, hal_space_switch flushes */
	uint32_t root_size;           /* bytes of the root table, a power of two and its alignment; other tables: 4 KiB */
	uintptr_t user_top;           /* first address that user level cannot map */
};
const struct hal_pt *hal_pt(void);

/* Fills a zeroed root table: copies the kernel's part where root tables hold one. */
void hal_root_init(uint64_t *root);

/* The ASID now names this root (0..2^asid_bits - 1; 0 is never given to a Space when asid_bits > 0). */
void hal_asid_bind(unsigned asid, uint64_t root_physical);

/* User addresses translate through this root from now on. No flush if asid_bits > 0. */
void hal_space_switch(uint64_t root_physical, unsigned asid);

/* Leaves only the kernel's own mappings active: before the current root is freed. */
void hal_space_none(void);

/* Removes cached translations of [address, address + length) in the ASID; `tables`: walk caches too (a table is freed). */
void hal_tlb_flush(unsigned asid, uintptr_t address, size_t length, bool tables);

/* Removes all cached user translations (ASID generations roll over). */
void hal_tlb_flush_all(void);

/* Instructions written to this RAM through any mapping are fetched correctly afterwards. */
void hal_cache_code(const void *kernel_address, size_t length);

/* The RAM range becomes readable and writable (never executable) in the direct map. Boot only. False: the direct map
   does not reach there (the range then stays unused). */
bool hal_direct_map(uint64_t start, uint64_t end);

/* ---- what the HAL tells the core at boot ---- */

struct hal_range {
	uint64_t start, end; /* physical, end exclusive */
};

enum { HAL_RANGES_MAX = 16 };

struct hal_boot {
	void *tree;              /* flattened device tree, readable and writable now; may be anything: the core checks it */
	size_t tree_limit;       /* bytes readable there */
	struct hal_range tree_memory; /* physical bytes that it occupies outside of the kernel image; end 0: it lies inside */
	const char *firmware_error; /* not NULL: why there is no tree; the core prints it and stops */
	struct hal_range kernel; /* image with data and stacks; whole pages */
	struct hal_range ram_kept[HAL_RANGES_MAX]; /* other RAM that the HAL keeps (end 0: unused entry) */
	struct hal_range devices_kept[HAL_RANGES_MAX]; /* devices that the kernel drives: no device Untyped covers them */
	uint64_t physical_end;   /* first physical address that the processor cannot form */
};

/* ---- the core's entry points ---- */

/* Boot core, kernel mappings in place, interrupts off, on its kernel stack. Returns the first frame to resume. */
struct hal_frame *core_main(const struct hal_boot *boot);

/* A system call was entered; f is saved (partial). */
struct hal_frame *core_syscall(struct hal_frame *f);

/* A page fault of user level: translation or permission only. access: RIGHT_READ, RIGHT_WRITE or RIGHT_EXECUTE. f is saved (full). */
struct hal_frame *core_page_fault(struct hal_frame *f, uintptr_t address, unsigned access, word_t raw);

/* Any other exception that user level caused; address: where it makes sense, else 0. f is saved (full). */
struct hal_frame *core_exception(struct hal_frame *f, enum exception kind, uintptr_t address, word_t raw);

/* The timer's deadline passed. From user level and from open windows; records and wakes, never switches. */
void core_timer(void);

/* After interrupts from user level were handled (frame saved full): which frame to resume. */
struct hal_frame *core_resume(void);

/* Something that cannot go on: prints text, place and registers (f may be NULL) and stops. */
_Noreturn void core_fatal(const char *text, const struct hal_frame *f);

/* Console output of the kernel: %s %c %d %u %x %lx %lu %p and %%. */
void kprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
