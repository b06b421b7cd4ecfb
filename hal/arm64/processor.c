/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control registers of one core (Arm ARM DDI 0487, section D19.2). Everything that user level could
 * see, keep or disturb beyond the registers of its frame is switched off here; README.md has the list.
 */
#include "arm64.h"

/* Field of four bits of an ID register. */
static unsigned id_field(uint64_t id, unsigned shift)
{
	return id >> shift & 0xf;
}

/* ID_AA64MMFR0_EL1.PARange; 52 bits would take another descriptor format. */
static unsigned physical_range(void)
{
	unsigned range = id_field(READ_REGISTER(id_aa64mmfr0_el1), 0);

	return range < 5 ? range : 5;
}

unsigned processor_physical_bits(void)
{
	static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48 };

	return bits[physical_range()];
}

unsigned processor_asid_bits(void)
{
	return id_field(READ_REGISTER(id_aa64mmfr0_el1), 4) == 2 ? 16 : 8;
}

static bool has_pan(void)
{
	return id_field(READ_REGISTER(id_aa64mmfr1_el1), 20) != 0;
}

uint64_t processor_translation_control(void)
{
	uint64_t half = 16		 /* T0SZ: 48 bits */
			| 1 << 8	 /* IRGN0, ORGN0: walks are write-back cacheable */
			| 1 << 10 | 3 << 12; /* SH0: inner shareable */
	uint64_t tcr = half | half << 16 | (uint64_t)2 << 30 /* TG1: 4 KiB, as TG0 = 0 */
		       | (uint64_t)physical_range() << 32;

	if (processor_asid_bits() == 16)
		tcr |= (uint64_t)1 << 36; /* AS */
	if (id_field(READ_REGISTER(S3_0_C0_C7_2), 60)) /* ID_AA64MMFR2_EL1.E0PD */
		tcr |= (uint64_t)1 << 56; /* E0PD1: user level's accesses to the kernel's half all fault alike */
	return tcr;
}

uint64_t processor_system_control(void)
{
	uint64_t sctlr = 1 << 0		  /* M */
			 | 1 << 2	  /* C */
			 | 3 << 3	  /* SA, SA0: sp must be aligned */
			 | 3 << 7	  /* ITD, SED: of AArch32 */
			 | 1 << 11	  /* EOS: exception return synchronises */
			 | 1 << 12	  /* I */
			 | 1 << 14	  /* DZE: user level may use dc zva */
			 | 1 << 15	  /* UCT: and read the cache's geometry */
			 | 1 << 16 | 1 << 18 /* nTWI, nTWE: and wait */
			 | 1 << 20	  /* TSCXT: SCXTNUM_EL0 is trapped */
			 | 1 << 22	  /* EIS: exception entry synchronises */
			 | 1 << 26	  /* UCI: user level may clean caches */
			 | 3 << 28;	  /* nTLSMD, LSMAOE: of AArch32 */

	if (!has_pan())
		sctlr |= 1 << 23; /* SPAN; 0: PSTATE.PAN is set on every entry */
	return sctlr;
}

/* Counters and debug registers that user level could otherwise read or hold state in. */
static void close_monitors(void)
{
	unsigned pmu = id_field(READ_REGISTER(id_aa64dfr0_el1), 8);

	if (pmu != 0 && pmu != 0xf)
		WRITE_REGISTER(pmuserenr_el0, 0);
	if (id_field(READ_REGISTER(id_aa64pfr0_el1), 44))
		WRITE_REGISTER(S3_3_C13_C2_3, 0); /* AMUSERENR_EL0 */
	WRITE_REGISTER(mdscr_el1, 1 << 12);	  /* TDCC: debug channel trapped; no breakpoints */
	debug_init();
	WRITE_REGISTER(oslar_el1, 0);		  /* the OS lock would hold single steps back */
}

void processor_init(void)
{
	WRITE_REGISTER(vbar_el1, (uintptr_t)vectors);
	WRITE_REGISTER(cpacr_el1, CPACR_TRACE);
	WRITE_REGISTER(cntkctl_el1, 1 << 1); /* user level reads the virtual counter, no more */
	WRITE_REGISTER(tpidr_el0, 0);
	WRITE_REGISTER(tpidrro_el0, 0);
	close_monitors();
	__asm__ volatile("isb");
	if (has_pan())
		__asm__ volatile(".inst 0xd500419f"); /* msr pan, #1 */
	__asm__ volatile("msr daifclr, #4"); /* SError: what firmware left behind shows here, not later */
}
