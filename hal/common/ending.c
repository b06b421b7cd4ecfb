/* SPDX-License-Identifier: BSD-2-Clause */
/* The last line; see ending.h. */
#include "ending.h"

void ending_say(enum power how)
{
	static const char *const texts[] = { [POWER_OFF] = "is off", [POWER_REBOOT] = "restarts", [POWER_FAIL] = "failed" };
	const char *const parts[] = { "cobnut: the machine ", texts[how], "\r\n" };

	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		for (const char *c = parts[i]; *c; c++)
			hal_console_put(*c);
}
