/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls into OPAL from C, and for user level. */
#include <libfdt.h>
#include <kernel/hal.h>
#include "opal.h"

struct opal_place opal_place;

void opal_init(uint64_t base, uint64_t entry)
{
	opal_place = (struct opal_place){base, entry};
}

bool opal_is_there(void)
{
	return opal_place.entry != 0;
}

int64_t opal(enum opal_token token, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	const uint64_t registers[8] = {token, a, b, c, d};

	return opal_is_there() ? opal_call(registers) : OPAL_HARDWARE;
}

uint64_t opal_events(void)
{
	fdt64_t events = 0;

	return opal(OPAL_POLL_EVENTS, hal_physical_address(&events), 0, 0, 0) == OPAL_SUCCESS ? fdt64_ld(&events) : 0;
}

/* The token, then the seven arguments; the status comes back in place of the token. */
bool hal_firmware(word_t regs[8])
{
	regs[0] = (word_t)opal_call(regs);
	return true;
}
