/* SPDX-License-Identifier: BSD-2-Clause */
/* Files from QEMU; see fw_cfg.h. Selectors and ports: docs/specs/fw_cfg.rst. */
#include "fw_cfg.h"
#include "x86.h"

#include <string.h>

enum {
	PORT_SELECT = 0x510,
	PORT_DATA = 0x511,
	SELECT_SIGNATURE = 0x00,
	SELECT_DIRECTORY = 0x19,
	NAME_SIZE = 56,
	FILES_MAX = 1024, /* more are none that QEMU has */
};

/* A directory's entry; its numbers are big-endian. */
struct file {
	uint8_t size[4], select[2], reserved[2];
	char name[NAME_SIZE];
};
_Static_assert(sizeof(struct file) == 64, "fw_cfg.rst");

static uint32_t big(const uint8_t *bytes, unsigned count)
{
	uint32_t value = 0;

	while (count-- > 0)
		value = value << 8 | *bytes++;
	return value;
}

void fw_cfg_read(void *to, size_t length)
{
	for (uint8_t *byte = to; length > 0; length--)
		*byte++ = port_read8(PORT_DATA);
}

size_t fw_cfg_open(const char *name)
{
	uint8_t word[4];
	struct file file;

	port_write16(PORT_SELECT, SELECT_SIGNATURE);
	fw_cfg_read(word, sizeof(word));
	if (memcmp(word, "QEMU", sizeof(word)) != 0)
		return 0;
	port_write16(PORT_SELECT, SELECT_DIRECTORY);
	fw_cfg_read(word, sizeof(word));
	for (uint32_t n = big(word, 4); n > 0 && n <= FILES_MAX; n--) {
		fw_cfg_read(&file, sizeof(file));
		if (file.name[NAME_SIZE - 1] == '\0' && strcmp(file.name, name) == 0) {
			port_write16(PORT_SELECT, (uint16_t)big(file.select, 2));
			return big(file.size, 4);
		}
	}
	return 0;
}
