/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers and frames of x86_64: rbp points to the caller's rbp, the return address is above it. */
#include "frames.h"

#include <string.h>

const char *const frame_register_name[REGISTERS_GENERAL_COUNT] = {
	[REGISTER_IP] = "rip",     [REGISTER_SP] = "rsp",
	[REGISTER_FLAGS] = "flags", [REGISTER_THREAD_POINTER] = "fs",
	[REGISTER_RAX] = "rax",    [REGISTER_RBX] = "rbx",
	[REGISTER_RCX] = "rcx",    [REGISTER_RDX] = "rdx",
	[REGISTER_RSI] = "rsi",    [REGISTER_RDI] = "rdi",
	[REGISTER_RBP] = "rbp",    [REGISTER_R8] = "r8",
	[REGISTER_R9] = "r9",      [REGISTER_R10] = "r10",
	[REGISTER_R11] = "r11",    [REGISTER_R12] = "r12",
	[REGISTER_R13] = "r13",    [REGISTER_R14] = "r14",
	[REGISTER_R15] = "r15",
};

const struct frame_layout frame_layout = {
	.frame = REGISTER_RBP,
	.link = -1,
	.previous = 0,
	.address = 8,
	.leaf_previous = 0,
};

/* mov %rsp, %rbp makes it. */
bool frame_made(const uint8_t *code, size_t length)
{
	static const uint8_t make[] = {0x48, 0x89, 0xe5};

	for (size_t i = 0; i + sizeof make <= length; i++)
		if (memcmp(code + i, make, sizeof make) == 0)
			return true;
	return false;
}
