/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking into the processor: what the tests of registers, faults and privileges need that no C function can do.
 * Supplied by userland/lib/arch/<architecture>/probe.S and probe.c for each machine, in one shape.
 */
#ifndef PROBE_H
#define PROBE_H

#include <abi/types.h>
#include <registers.h> /* of this machine: REGISTER_IP, REGISTER_SP, REGISTER_THREAD_POINTER, REGISTERS_GENERAL_COUNT */

/* ---- registers ---- */

/* All registers of group REGISTERS_GENERAL. */
struct probe_registers {
	word_t r[REGISTERS_GENERAL_COUNT];
};

/* What a system call makes of a register. */
enum probe_role {
	PROBE_PRESERVED, /* keeps its value */
	PROBE_CONSTANT,  /* comes back as `value` */
	PROBE_IP,        /* comes back as the address behind the trap */
	PROBE_STATUS,    /* carries `to`, then the status */
	PROBE_BADGE,     /* carries `from`, then the badge */
	PROBE_TAG,
	PROBE_WORD,      /* carries word number `value` */
};

struct probe_register {
	const char *name;
	enum probe_role role;
	word_t value;
	word_t mask;  /* bits that user level may choose */
	word_t fixed; /* what the others read as */
};
extern const struct probe_register probe_register[REGISTERS_GENERAL_COUNT];

/* Number of the flags register, or -1: there is none; the flags that make the processor trap, to be left alone; all that the
   kernel may ever show in it. */
extern const int probe_flags;
extern const word_t probe_flags_trap, probe_flags_allowed;

/*
 * Each loads all registers from *in (not ip and sp: those are stored there, as they are at the instruction), executes one
 * instruction, and stores all registers in *out (ip: where it went on). The thread pointer must be in->r[...] already, and
 * must point to a word that holds its own address.
 *
 * probe_call: the trap. probe_spin: a jump to itself; only a change of ip leads out of it. probe_break: a breakpoint.
 * `..._end` is the address behind the instruction.
 */
void probe_call(struct probe_registers *in, struct probe_registers *out);
void probe_spin(struct probe_registers *in, struct probe_registers *out);
void probe_break(struct probe_registers *in, struct probe_registers *out);
extern const char probe_call_end[], probe_spin_end[], probe_break_end[];

/* The thread pointer, which must point to a word that holds its own address. */
word_t probe_thread_pointer(void);

/* Does to the thread pointer what user level can do to it without the kernel, if it can. */
void probe_disturb(void);

/*
 * Sets a reservation on *place, waits until *flag is not 0, tries to store to *place. 1: it stored. While it waits, ip is
 * from probe_reservation_held on and below probe_reservation_end.
 */
word_t probe_reservation(volatile word_t *place, const volatile word_t *flag);
extern const char probe_reservation_held[], probe_reservation_end[];
extern const bool probe_has_reservation;

/* ---- faults and exceptions ---- */

/* The first instruction of each reads or writes the word at the address. */
word_t probe_read(const volatile void *address);
void probe_write(volatile void *address, word_t value);

/* How far ip is behind the breakpoint instruction when that is reported, and the next instruction behind ip. */
extern const word_t probe_break_reported, probe_break_next;

/* Code that runs at any address and needs no stack: reads the word at the thread's argument and writes it back, then
   raises breakpoint for ever, at probe_landing. */
extern const char probe_snippet[], probe_landing[], probe_snippet_end[];

/* Code that runs at any address: a function that returns 42. */
extern const char probe_answer[], probe_answer_end[];

/* An instruction that user level must not get away with: the first of a function. */
struct probe_privileged {
	const char *name;
	void (*run)(void);
};
extern const struct probe_privileged probe_privileged[]; /* up to the first without a name */

/* Addresses that user level can never map, beside the first ones beyond user space. */
struct probe_address {
	const char *name;
	uintptr_t address;
	bool anonymous; /* the processor does not tell the address, and calls data accesses illegal instructions */
};
extern const struct probe_address probe_address[]; /* up to the first without a name */

#endif
