/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contract between the core and the hardware: the whole of it.
 *
 * A HAL (hal/<target>/) supplies the types and inline functions of its hal_arch.h and the functions
 * declared here; it calls back into the core through the twelve entry points at the end. Includes go
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
 * A system call first tries core_ipc(): for that the HAL saves only what ipc preserves, and ip, and leaves w0..w7 in
 * registers that the C ABI preserves. If core_ipc() names a frame, the HAL loads what ipc preserves and the result from that one,
 * and leaves w0..w7 as they are. Else it saves w0..w7 too and calls core_syscall().
 * A frame of which only the first was saved is bare: until hal_message_store() its other registers count as zero.
 *
 * hal_arch.h supplies (as static inline functions where marked [i], they are on hot paths):
 *
 *   struct hal_frame            all registers of a user thread, without FP and vector state
 *   HAL_ELF_MACHINE             e_machine of its user programs
 *   [i] void *hal_kernel_address(uint64_t physical)         address in the direct map
 *   [i] uint64_t hal_physical_address(const void *kernel)   and back (direct map only)
 *   [i] void hal_message_load(const struct hal_frame *, struct hal_message *)
 *   [i] void hal_message_head(struct hal_frame *, word_t, word_t, word_t)  the three registers of a message besides its words: to, from, tag, or status,
 *           badge, tag
 *   hal_next_t                  what core_ipc() returns: a frame and one more word, both in registers. An integer of two words, since
 *           GCC makes no jump of the last call of a function that returns a structure
 *   [i] hal_next_t hal_next(uintptr_t, word_t)
 *   [i] word_t hal_message_received(struct hal_frame *, word_t badge, word_t tag)  result of core_ipc(); the status is "received, no
 *           error". Returns the word that goes with the frame
 *   [i] void hal_message_store(struct hal_frame *, word_t status, word_t badge, word_t tag, const word_t w[MESSAGE_REGISTERS])
 *           result of ipc; the frame stays partial, its constants (flags and the like) are set
 *   [i] bool hal_frame_plain(const struct hal_frame *)   of a thread that waits in ipc: core_ipc() may name it
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
 *   [i] uint64_t hal_translation(uint64_t root_physical, unsigned asid)  what the processor needs to translate through this root
 *   [i] void hal_space_switch(uint64_t translation)  user addresses translate so from now on; no flush if asid_bits > 0
 *   [i] void hal_thread_switch_plain(const struct hal_frame *from, const struct hal_frame *to)  hal_thread_switch() from a thread
 *           that sends to the one that receives, neither of them debugged
 *
 *   [i] unsigned hal_core_self(void)   number of the executing core; the boot core is 0
 *   [i] void *hal_core_data(void)      what hal_core_set_data() was told on this core
 *   [i] void hal_core_set_data(void *)
 *   [i] void hal_relax(void)           in a loop that waits for another core
 *   [i] void hal_rest(void)            the same where it lasts: may sleep until an interrupt (hal_ipi()) is pending, and takes none
 *   HAL_FIRMWARE_FUNCTION              which of the eight registers of hal_firmware() has the function number
 *   HAL_IRQ_COUNT                      interrupts are numbered 0 .. HAL_IRQ_COUNT - 1 (the HAL's numbers)
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

enum { HAL_CORES_MAX = 16 };

unsigned hal_core_self(void); /* may be inline: hal_arch.h */

/* Cores that the device tree has and that can run the kernel, at most HAL_CORES_MAX. Known when core_main() is called. */
unsigned hal_core_count(void);

/* Starts core 1 .. hal_core_count() - 1: it sets itself up (as the boot core did), and calls core_secondary() on its own kernel
   stack with interrupts off. False: the firmware refused. Returns without waiting for it. */
bool hal_core_start(unsigned core);

/* core_ipi() will be called on that core, at once or when it next opens interrupts. What was stored before is visible to it. */
void hal_ipi(unsigned core);

/* Opens interrupts and waits until at least one was handled; returns with interrupts off. May return early. */
void hal_core_idle(void);

/* ---- time ---- */

/* Monotonic counter, the one that user level can read, equal on all cores. */
uint64_t hal_clock(void);

/* Its frequency in Hz. */
uint64_t hal_clock_frequency(void);

/* core_timer() is called once hal_clock() >= deadline; in the past: at once; UINT64_MAX: off. One deadline per core. */
void hal_timer_set(uint64_t deadline);

/* ---- interrupts ---- */

/* Opens interrupts for a moment so that what is pending reaches core_timer(), core_ipi() and core_interrupt(); returns with
   interrupts off. */
void hal_preempt_window(void);

enum hal_trigger { HAL_TRIGGER_LEVEL_HIGH, HAL_TRIGGER_LEVEL_LOW, HAL_TRIGGER_EDGE_RISING, HAL_TRIGGER_EDGE_FALLING };

/* The interrupt that a device's node means with `cells` (as in its "interrupts", native byte order) at the controller with that
   phandle. False: no such controller, not one that the HAL drives, wrong number of cells, or one that the kernel uses itself. */
bool hal_irq_translate(uint32_t controller, const uint32_t *cells, unsigned count, unsigned *irq, enum hal_trigger *trigger);

/* An interrupt for messages of a device: `bus` is the phandle of its PCI host bridge (or MSI controller), `requester` its id there. It is routed
   to `core`; *address and *data are what the device must write. False: no MSI here, or no vector is left. */
bool hal_irq_message(uint32_t bus, uint32_t requester, unsigned core, unsigned *irq, uint64_t *address, uint32_t *data);
void hal_irq_message_free(unsigned irq);

/* The interrupt goes to `core` from now on; it stays masked. */
void hal_irq_route(unsigned irq, unsigned core, enum hal_trigger trigger);

/* Masked interrupts stay pending where the controller can remember them. False: this one cannot be masked (some MSIs). */
bool hal_irq_mask(unsigned irq, bool masked);

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
   frame (on some processors the thread pointer; debug points). */
void hal_thread_switch(const struct hal_frame *to);

/* Sets or clears single stepping: after one instruction at user level the frame raises EXCEPTION_STEP. False: not on this processor. */
bool hal_frame_step(struct hal_frame *f, bool on);

/* Sets debug point `number` of the frame's thread, DEBUG_NONE: takes it away. EXECUTE has length 0, the others 1, 2, 4 or 8, to which
   the address is aligned; it is one of user level. hal_thread_switch() loads the points, and takes away those of others. A hit
   raises EXCEPTION_BREAKPOINT with the address of the point. ERROR_WRONG_KIND: this processor has none; ERROR_BAD_ARGUMENT: not so many,
   or not there. */
enum error hal_debug_set(struct hal_frame *f, unsigned number, enum debug_kind kind, uintptr_t address, size_t length);

/* ---- floating point and vectors ---- */

/* Bytes of a thread's FP and vector state (all that user level can reach once access is on); alignment 64. Fixed after boot. */
size_t hal_fpu_size(void);

/* Stores and loads the whole state. A zeroed area is the initial state. Access is on while they are called, or they see to it. */
void hal_fpu_save(void *area);
void hal_fpu_load(const void *area);

/* User level may use the unit (else: EXCEPTION_FPU). Off at boot. */
void hal_fpu_access(bool on);

/* ---- firmware and ports ---- */

/* Calls firmware (SBI, SMC/HVC, PAPR hypercall, ...): regs as that convention has them, in and out. False: there is none. */
bool hal_firmware(word_t regs[8]);

/* Reads or writes an I/O port of 1, 2 or 4 bytes. False: this machine has no ports. */
bool hal_port(unsigned port, unsigned width, uint32_t *value, bool write);

/* ---- page tables and memory ---- */

enum { HAL_LEVELS_MAX = 5 };

/* Index bits of every table but the root, which has what is left below user_top. 9: tables of 4 KiB; a model of a machine may have less. */
#ifndef HAL_TABLE_BITS
#define HAL_TABLE_BITS 9
#endif

/* Shape of user page tables, fixed after boot. */
struct hal_pt {
	uint8_t levels;
	uint8_t leaf_levels;          /* bit n: level n may hold leaves (never the root's) */
	uint8_t asid_bits;            /* 0: none, hal_space_switch flushes; else more ids than cores, which would take them from each other for ever */
	uint32_t root_size;           /* bytes of the root table, a power of two and its alignment; other tables: 4 KiB */
	bool flush_reaches_all;       /* hal_tlb_flush and hal_tlb_flush_all work on all cores; else the core asks each one by hal_ipi */
	uintptr_t user_top;           /* first address that user level cannot map */
};
const struct hal_pt *hal_pt(void);

/* Fills a zeroed root table: copies the kernel's part where root tables hold one. */
void hal_root_init(uint64_t *root);

/* The ASID now names this root (0..2^asid_bits - 1; 0 is never given to a Space when asid_bits > 0). */
void hal_asid_bind(unsigned asid, uint64_t root_physical);

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

/* A system call was entered; f is saved (bare), w0..w7 are in registers; `core` is hal_core_data(). Returns the frame to resume, with
   hal_message_received(), and its result; w0..w7 are still in the registers. Or a frame with one of the bits below. */
hal_next_t core_ipc(word_t to, word_t from, word_t tag, struct hal_frame *f, void *core, word_t w0);
#define HAL_NOT_FAST 1
#define HAL_GENERAL 1 /* f: go on with core_syscall(); to, from and tag are in the frame */
#define HAL_DONE 3    /* f: goes on at once. The word is its status, badge and tag are zero. What a C function preserves, w0..w7 among it, may
                         stay as it was; all that one may have changed is made zero */
#define HAL_RESUME 5  /* resume this frame, of another thread perhaps, as it is */
#define HAL_REASON 7

/* A system call was entered that core_ipc() left alone; f is saved (partial). */
struct hal_frame *core_syscall(struct hal_frame *f);

/* A page fault of user level: translation or permission only; beyond user space it is told as EXCEPTION_ADDRESS. access: RIGHT_READ, RIGHT_WRITE or RIGHT_EXECUTE. f is saved (full). */
struct hal_frame *core_page_fault(struct hal_frame *f, uintptr_t address, unsigned access, word_t raw);

/* Any other exception that user level caused; address: where it makes sense, else 0. f is saved (full). */
struct hal_frame *core_exception(struct hal_frame *f, enum exception kind, uintptr_t address, word_t raw);

/* The timer's deadline passed. From user level and from open windows; records and wakes, never switches. */
void core_timer(void);

/* Another core asked for attention (hal_ipi). From user level and from open windows. */
void core_ipi(void);

/* A device's interrupt came; the HAL has claimed it and ends it at the controller after this returns. From user level and from
   open windows. Spurious ones and those that the kernel uses itself never get here. */
void core_interrupt(unsigned irq);

/* A secondary core is ready. Returns the first frame to resume. */
struct hal_frame *core_secondary(void);

/* After interrupts from user level were handled (frame saved full): which frame to resume. */
struct hal_frame *core_resume(void);

/* Something that cannot go on: prints text, place and registers (f may be NULL) and stops. */
_Noreturn void core_fatal(const char *text, const struct hal_frame *f);

/* Console output of the kernel: %s %c %d %u %x %lx %lu %p and %%. */
void kprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
