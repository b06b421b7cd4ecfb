/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a program: from message to words. */
#include "ending.h"

#include "print.h"
#include "protocol.h"

bool ending_read(const struct message *m, struct ending *out)
{
	switch (tag_label(m->tag)) {
	case PROTOCOL_EXIT:
		*out = (struct ending){.kind = ENDING_EXIT, .status = m->w[0]};
		return true;
	case LABEL_PAGE_FAULT:
		*out = (struct ending){
			.kind = ENDING_PAGE_FAULT,
			.address = m->w[0],
			.access = m->w[1],
			.ip = m->w[2],
			.sp = m->w[3],
			.raw = m->w[4],
		};
		return true;
	case LABEL_EXCEPTION:
		*out = (struct ending){
			.kind = ENDING_EXCEPTION,
			.exception = (enum exception)m->w[0],
			.address = m->w[1],
			.ip = m->w[2],
			.sp = m->w[3],
			.raw = m->w[4],
		};
		return true;
	default:
		return false;
	}
}

static const char *access_text(word_t access)
{
	if ((access & RIGHT_EXECUTE) != 0)
		return "execute";
	return (access & RIGHT_WRITE) != 0 ? "write" : "read";
}

static const char *exception_text(enum exception kind)
{
	static const char *const text[EXCEPTION_COUNT] = {
		[0] = "none",
		[EXCEPTION_ILLEGAL] = "illegal instruction",
		[EXCEPTION_BREAKPOINT] = "breakpoint",
		[EXCEPTION_STEP] = "single step",
		[EXCEPTION_ALIGNMENT] = "misaligned access",
		[EXCEPTION_ARITHMETIC] = "arithmetic trap",
		[EXCEPTION_FPU] = "floating-point unit not available",
		[EXCEPTION_BUS] = "bus error",
		[EXCEPTION_NO_TIME] = "no time left",
		[EXCEPTION_RECALLED] = "recalled",
		[EXCEPTION_ADDRESS] = "address that can never be mapped",
		[EXCEPTION_OTHER] = "other exception",
	};

	return (unsigned)kind < EXCEPTION_COUNT ? text[kind] : "unknown exception";
}

void ending_text(const struct ending *ending, char *out, size_t size)
{
	switch (ending->kind) {
	case ENDING_EXIT:
		(void)text_format(out, size, "exit status %lu", ending->status);
		break;
	case ENDING_PAGE_FAULT:
		(void)text_format(out, size, "page fault: %s at 0x%lx, ip 0x%lx", access_text(ending->access),
				  ending->address, ending->ip);
		break;
	case ENDING_EXCEPTION:
		(void)text_format(out, size, "exception: %s, address 0x%lx, ip 0x%lx, code 0x%lx",
				  exception_text(ending->exception), ending->address, ending->ip, ending->raw);
		break;
	case ENDING_KILLED:
		(void)text_format(out, size, "killed");
		break;
	}
}
